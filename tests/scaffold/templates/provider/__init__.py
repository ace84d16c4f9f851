"""Ejemplo: which service this is, which page describes it, and what is peculiar to it.

``provider`` and ``calls`` talk; the rest translates, and is pure.
"""
