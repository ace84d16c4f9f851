"""The real template on one machine: an engine that plays AWS on loopback, and the stack deployed on it."""
