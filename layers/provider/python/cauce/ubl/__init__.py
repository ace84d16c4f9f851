"""A document of the domain as DIAN's UBL 2.1: its elements, in order, as a canonical tree. Pure.

``document`` writes each root with its elements in order; the other modules write, sign and check the parts. Source:
Anexo Técnico 1.9, Anexo DS 1.1, and the order of UBL's own schemas.
"""
