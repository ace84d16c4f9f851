"""A record's turn: its place in a lane, what is in its way, its sending."""
