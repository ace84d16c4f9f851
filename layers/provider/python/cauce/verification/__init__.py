"""Verifies a document of DIAN's offline, whoever made it: its signature, its identifier, its sums, DIAN's rules.

Begin at ``document.verify``. What cannot be known without network, root certificates or secrets is said to be
unknown, and never assumed.
"""
