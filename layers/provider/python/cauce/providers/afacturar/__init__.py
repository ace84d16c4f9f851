"""Afacturar (Teleinte): REST under a fixed token; the list of what an issuer emitted, and RADIAN events.

``provider`` and ``calls`` talk; the rest translates, and is pure.
"""
