"""The look-up of Factus's numbering ranges in the words of seed 004: its names are Factus's, some of its sentences
English."""

import re

from cauce.contracts.v1.bodies import JsonObject
from cauce.domain.document import Kind
from cauce.domain.errors import CauceError
from cauce.domain.ranges import NumberingRange

# What a header can carry. Factus's tokens are JWTs of a thousand characters.
_TOKEN = re.compile(r"[\x21-\x7e]{1,8192}")

NOT_AUTHENTICATED = {"detail": "Not authenticated"}
_DOCUMENT = {
    Kind.INVOICE: "Invoice",
    Kind.CREDIT_NOTE: "Credit Note",
    Kind.DEBIT_NOTE: "Debit Note",
    Kind.SUPPORT_DOCUMENT: "Support Document",
    Kind.ADJUSTMENT_NOTE: "Adjustment Note",
    Kind.EQUIVALENT_DOCUMENT: "Equivalent Document",
    Kind.EQUIVALENT_NOTE: "Equivalent Document Note",
    Kind.EVENT: "Event",
}


def may_be_a_token(text: str) -> bool:
    """Whether a text can be sent on as a bearer token; one that cannot is no token."""
    return _TOKEN.fullmatch(text) is not None


def looked_up(found: list[NumberingRange]) -> JsonObject:
    """The answer of GET /lookups/numbering-ranges, technical key included, as seed 004 has it."""
    rows = [
        {
            "id": int(r.provider_id) if r.provider_id and r.provider_id.isdigit() else r.provider_id,
            "document": _DOCUMENT[r.kind] if r.kind else r.provider_type,
            "prefix": r.prefix,
            "from": r.start,
            "to": r.end,
            "current": r.next,
            "resolution_number": r.resolution,
            "technical_key": r.technical_key.get_secret_value() if r.technical_key else None,
            "is_active": r.active,
        }
        for r in found
    ]
    return {
        "success": True,
        "message": "Rangos de numeración obtenidos exitosamente",
        "data": rows,
        "errors": None,
    }


def look_up_failed(trouble: CauceError) -> dict[str, str]:
    return {"detail": f"Error al obtener datos de Factus: {trouble.message}"}
