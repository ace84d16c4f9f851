"""Inbound contracts, in which ERPs speak to us. ``v1``: the Spanish one of seed 002, with our additions."""
