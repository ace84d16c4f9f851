"""Cauce: one gateway through which cloud ERPs emit Colombian electronic documents."""
