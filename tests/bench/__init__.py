"""Measurements, run by hand: their numbers depend on the machine, so no test asserts them."""
