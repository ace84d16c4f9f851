"""A document of the domain as DIAN's UBL 2.1: its elements, in order, as a canonical tree. Pure.

``document`` has the order of each root; the other modules have its parts. Source: Anexo Técnico 1.9, Anexo DS
1.1, and the order of UBL's own schemas.
"""
