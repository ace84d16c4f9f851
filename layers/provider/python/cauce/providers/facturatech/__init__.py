"""Facturatech: SOAP. Emission over rpc envelopes with its own simplified XML; numbering over ASMX (seed 000).

``provider``, ``wire`` and ``numbering`` talk; the rest translates, and is pure.
"""
