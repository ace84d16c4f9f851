"""What the signature says, not whether it is valid. Rules ZE02, ZD06, DC24, and FAD09e about its day."""

import re
from collections.abc import Iterator

from cauce.ubl.preflight.catalogues import NOTHING, shown
from cauce.ubl.preflight.rules import Hit
from cauce.ubl.preflight.xml.file import File

# Digests of the policy v2, a PDF of 1 272 898 bytes: SHA-256, SHA-384 and SHA-512.
_POLICIES = frozenset(
    {
        "dMoMvtcG5aIzgYo0tIsSQeVJBDnUnfSOfBpxXrmor0Y=",
        "EQC0kiWPaAME6IsEZ7WuaTWJ97Zmf6hIO69rMCVURmQxBB9ebgLrjhL5BArQ0a0l",
        "Zcjw1Z9nGQn2j6NyGx8kAaLbOfJGd/fJxRTCeirlqAg7zRG27piJkJOpflGu7XACpMj9hC6dVMcCyzqHxxPZeQ==",
    }
)
_MOMENT = re.compile(
    r"(\d{4}-\d{2}-\d{2})T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]\d{2}:\d{2})?", re.ASCII
)


def check(file: File) -> Iterator[Hit]:
    if file.first(".//ds:Signature") is None:  # ``extensions`` finds that: FAC03
        return
    if not file.text(".//ds:Signature/ds:KeyInfo/ds:X509Data/ds:X509Certificate"):
        yield Hit("ZD06", "ds:KeyInfo/ds:X509Data/ds:X509Certificate", "el certificado", NOTHING)
    policy = file.text(".//xades:SigPolicyHash/ds:DigestValue")
    if policy not in _POLICIES:
        yield Hit("ZE02", "xades:SigPolicyHash/ds:DigestValue", "la huella de la política v2", shown(policy))
    # Of several signing times the first in the file counts.
    signed, issued = file.text(".//xades:SigningTime"), file.text("cbc:IssueDate")
    moment = _MOMENT.fullmatch(signed)
    if moment is None:
        yield Hit("DC24", "xades:SigningTime", "AAAA-MM-DDTHH:MM:SS-05:00", shown(signed))
    elif moment[1] != issued:
        yield Hit("FAD09e", "cbc:IssueDate", moment[1], shown(issued))
