"""Inbound contracts: what an ERP may speak. ``v1`` is the Spanish one of seed 002, and what extends it."""
