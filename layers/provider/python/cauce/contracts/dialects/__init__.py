"""Contracts of others that Cauce also speaks, each in a module."""
