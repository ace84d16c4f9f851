"""What Facturatech's answers mean. HTTP is always 200, and its own code is not enough: the text decides.

201 is success and also «this number was used before»; 404 is a rejection, wrong credentials and «no such
thing»; 409 is set-up and numbering, not a duplicate. The tables are the catalogue of Facturatech's manual, without
accents and in lower case; the first line that fits an answer decides.
"""

import re
from enum import StrEnum

from cauce.domain.texts import folded


class Meaning(StrEnum):
    """What an answer says about a call."""

    AUTHORISED = "authorised"
    PROCESSED = "processed"
    DUPLICATE_PROCESSING = "duplicate_processing"
    DUPLICATE_SIGNED = "duplicate_signed"
    DONE = "done"
    REJECTED = "rejected"
    ABSENT = "absent"
    CREDENTIALS = "credentials"
    NUMBERING = "numbering"
    MISROUTED = "misrouted"
    UNKNOWN = "unknown"


# The manual says «200 or 201»; the service for support documents also answers 100.
SUCCESS = frozenset({"100", "200", "201"})
_REFUSED, _SETUP, _METHOD = frozenset({"404"}), frozenset({"409"}), frozenset({"405"})

_ANY = ""
_WHO = (
    (_REFUSED, r"parametro (username|password|usuario)", Meaning.CREDENTIALS),
    (_REFUSED, r"datos de acceso|credencial", Meaning.CREDENTIALS),
    (_REFUSED, r"usuario (sin|no)", Meaning.CREDENTIALS),
    (_REFUSED, r"sin (mapeo|modo de trabajo|proveedor)", Meaning.CREDENTIALS),
)
UPLOAD = (
    # Before the other successes: a duplicate has the code of one.
    (SUCCESS, r"ya existe un documento firmado", Meaning.DUPLICATE_SIGNED),
    (SUCCESS, r"ya existe un documento", Meaning.DUPLICATE_PROCESSING),
    (SUCCESS, r"ha sido autorizad[ao]", Meaning.AUTHORISED),
    (SUCCESS, _ANY, Meaning.PROCESSED),
    # Before the credentials' lines: a rule's text may speak of users and suppliers.
    (_REFUSED, r"^\W*rechazo", Meaning.REJECTED),
    (_REFUSED, r"elementos (esperados|inesperados)", Meaning.REJECTED),
    *_WHO,
    (_REFUSED, r"limite de folios", Meaning.CREDENTIALS),
    (_REFUSED, _ANY, Meaning.REJECTED),
    (_SETUP, r"no coincide|fuera de(l)? rango", Meaning.NUMBERING),
    (_SETUP, _ANY, Meaning.CREDENTIALS),
    (_METHOD, _ANY, Meaning.MISROUTED),
)
_OF_A_LOOK = (
    *_WHO,
    (_REFUSED, _ANY, Meaning.ABSENT),
    (_SETUP, _ANY, Meaning.CREDENTIALS),
    (_METHOD, _ANY, Meaning.MISROUTED),
)
STATUS = ((SUCCESS, _ANY, Meaning.DONE), (_REFUSED, r"transaccion", Meaning.ABSENT), *_OF_A_LOOK)
DOWNLOAD = ((SUCCESS, _ANY, Meaning.DONE), *_OF_A_LOOK)

Catalogue = tuple[tuple[frozenset[str], str, Meaning], ...]


def meaning(catalogue: Catalogue, code: str, text: str) -> Meaning:
    """The meaning of a code with its text; UNKNOWN for a code that is on no page."""
    plain = folded(text)
    for codes, pattern, found in catalogue:
        if code in codes and re.search(pattern, plain):
            return found
    return Meaning.UNKNOWN
