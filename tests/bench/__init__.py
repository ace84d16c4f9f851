"""Measurements, run by hand: their numbers depend on the machine, so no test waits for them."""
