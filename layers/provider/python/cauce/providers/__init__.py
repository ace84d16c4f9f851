"""Whoever takes the document: one package for each technology provider, and DIAN."""
