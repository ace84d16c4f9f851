"""Keeps the ledgers: chains of what became of each issuer's documents, written after the fact."""
