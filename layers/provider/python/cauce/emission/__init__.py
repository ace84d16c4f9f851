"""From a stored record to its provider: its place in a lane, its request, its sending."""
