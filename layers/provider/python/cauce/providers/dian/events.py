"""The history of an invoice's events that DIAN keeps. Pure."""

import re
from datetime import datetime
from typing import TYPE_CHECKING

from cauce.domain.errors import InvalidDocument, OutcomeUnknown
from cauce.domain.event import EventCode
from cauce.providers.base import EventSeen
from cauce.providers.dian.answer import Reply
from cauce.ubl import reading

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

CODES = frozenset(code.value for code in EventCode)

_SOME, _NONE, _NOT_A_CUFE = "00", "67", "68"
HISTORY = frozenset({_SOME, _NONE, _NOT_A_CUFE})
"""StatusCodes with which GetStatusEvent answers about an invoice's history."""


def history(found: Reply, cufe: str) -> list[EventSeen]:
    """The events in a GetStatusEvent of an invoice. [inferred] that they come as one ApplicationResponse with a
    response for each, and that the answer's key is the invoice's CUFE.

    Raises InvalidDocument where the identifier is not an invoice's, OutcomeUnknown where the answer is about another
    invoice.
    """
    if found.identifier not in (None, cufe):
        raise OutcomeUnknown("La DIAN mostró los eventos de otra factura.", raw=found.raw)
    if found.code == _NONE:
        return []
    if found.code == _NOT_A_CUFE:
        raise InvalidDocument(found.said or "El identificador no es un CUFE.", field="uuid")
    root = found.signed_answer
    if found.code != _SOME or root is None or reading.local(root) != "ApplicationResponse":
        raise OutcomeUnknown("La DIAN no mostró los eventos de la factura.", raw=found.raw)
    return [_seen(each, cufe) for each in reading.children(root) if reading.local(each) == "DocumentResponse"]


def _seen(response: "Element", cufe: str) -> EventSeen:
    said, reference = ("Response",), ("DocumentReference",)
    return EventSeen(
        code=reading.text(response, *said, "ResponseCode"),
        uuid=_cude(reading.text(response, *reference, "UUID").lower(), cufe),
        number=reading.text(response, *reference, "ID") or None,
        description=reading.text(response, *said, "Description") or None,
        at=_moment(
            reading.text(response, *said, "EffectiveDate"), reading.text(response, *said, "EffectiveTime")
        ),
        sender=reading.text(response, "IssuerParty", "PartyTaxScheme", "CompanyID") or None,
        receiver=reading.text(response, "RecipientParty", "PartyTaxScheme", "CompanyID") or None,
    )


def _cude(text: str, cufe: str) -> str | None:
    # An event's XML has its invoice's CUFE here, and a history may copy that: it is not the event's CUDE.
    return text if text != cufe and re.fullmatch(r"[0-9a-f]{96}", text) else None


def _moment(day: str, time: str) -> datetime | None:
    try:
        return datetime.fromisoformat(f"{day}T{time or '00:00:00-05:00'}")
    except ValueError:
        return None
