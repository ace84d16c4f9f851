"""Factus (Halltec): REST over OAuth, in two dialects: v1 is seed 001's, v2 its successor.

``provider`` and ``calls`` talk; the rest translates, and is pure.
"""
