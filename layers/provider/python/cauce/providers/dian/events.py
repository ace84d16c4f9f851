"""Events: what must be known of the invoice to declare one, and the history that DIAN keeps of it. Pure."""

import hashlib
import re
from datetime import datetime
from typing import TYPE_CHECKING

from cauce.domain.document import Party
from cauce.domain.errors import InvalidDocument, OutcomeUnknown
from cauce.domain.event import EventCode
from cauce.domain.issuer import Issuer
from cauce.domain.nit import check_digit
from cauce.domain.record import Record
from cauce.providers import soap
from cauce.providers.base import EventSeen
from cauce.providers.dian import preflight
from cauce.providers.dian.answer import Reply
from cauce.providers.dian.ubl.event import NumberedEvent
from cauce.providers.dian.ubl.facts import SALE, Software

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

CODES = frozenset(code.value for code in EventCode)

_SOME, _NONE, _NOT_A_CUFE = "00", "67", "68"
HISTORY = frozenset({_SOME, _NONE, _NOT_A_CUFE})
"""StatusCodes with which GetStatusEvent tells."""

_NIT = "31"
_NUMBER_LENGTH = 20


def invoice_facts(xml: bytes, issuer: Issuer, code: EventCode) -> dict[str, str]:
    """What an event says of its invoice, beyond the CUFE: ids that ``numbered`` takes up.

    Raises InvalidDocument where the issuer is not the side of the invoice that declares this event, or where the
    invoice has no events.
    """
    root = soap.parsed(xml)
    if root is None or soap.local(root) != "Invoice":
        raise InvalidDocument("El CUFE no es de una factura.", field="cufe")
    seller, buyer = _side(root, "AccountingSupplierParty"), _side(root, "AccountingCustomerParty")
    mine, other = (seller, buyer) if code is EventCode.TACIT_ACCEPTANCE else (buyer, seller)
    if mine["identification"] != issuer.nit:
        whose = "emitió" if code is EventCode.TACIT_ACCEPTANCE else "recibió"
        raise InvalidDocument(f"El evento {code} lo declara quien {whose} la factura.", field="cufe")
    preflight.refuse(preflight.event_findings(root))
    return {
        "invoice_number": soap.text(root, "ID"),
        "invoice_type": soap.text(root, "InvoiceTypeCode") or SALE,
        **{f"other_{name}": text for name, text in other.items() if text},
    }


def is_invoice(xml: bytes, cufe: str) -> bool:
    """Whether what DIAN gives back under a CUFE has that CUFE, or none at all."""
    root = soap.parsed(xml)
    return root is None or soap.text(root, "UUID").lower() in ("", cufe)


def numbered(record: Record, issuer: Issuer, software: Software) -> NumberedEvent:
    """A record's event, ready to be written. Raises InvalidDocument where its invoice was not looked up."""
    event, ids = record.event, record.provider_ids
    assert event is not None
    if issuer.party is None:
        raise without_party()
    if "invoice_number" not in ids:
        raise InvalidDocument("No se conoce la factura del evento.", field="cufe")
    other = {name.removeprefix("other_"): text for name, text in ids.items() if name.startswith("other_")}
    return NumberedEvent(
        event=event,
        number=_number(record),
        issued_at=record.issued_at,
        issuer=issuer,
        party=issuer.party,
        software=software,
        invoice_number=ids["invoice_number"],
        invoice_type=ids["invoice_type"],
        other=Party.model_validate(other),
    )


def declared(xml: bytes) -> tuple[str, str]:
    """The code of an event that we wrote, and the CUFE of its invoice."""
    root = soap.parsed(xml)
    assert root is not None, "our own event"
    response = soap.child(root, "DocumentResponse")
    assert response is not None, "our own event"
    return soap.text(response, "Response", "ResponseCode"), soap.text(response, "DocumentReference", "UUID")


def without_party() -> InvalidDocument:
    return InvalidDocument(
        "Faltan los datos del emisor (dirección, responsabilidades, contacto) para emitir ante la DIAN.",
        field="emisor",
    )


def history(found: Reply, cufe: str) -> list[EventSeen]:
    """The events in a GetStatusEvent of an invoice. [inferred] that they come as one ApplicationResponse, a response
    for each, and that its key is the invoice's CUFE; one that names another invoice says nothing of this one.

    Raises InvalidDocument where the identifier is not an invoice's.
    """
    if found.identifier not in (None, cufe):
        raise OutcomeUnknown("La DIAN mostró los eventos de otra factura.", raw=found.raw)
    if found.code == _NONE:
        return []
    if found.code == _NOT_A_CUFE:
        raise InvalidDocument(found.said or "El identificador no es un CUFE.", field="cufe")
    root = soap.parsed(found.application_response)
    if found.code != _SOME or root is None or soap.local(root) != "ApplicationResponse":
        raise OutcomeUnknown("La DIAN no mostró los eventos de la factura.", raw=found.raw)
    return [_seen(each, cufe) for each in soap.children(root) if soap.local(each) == "DocumentResponse"]


def _seen(response: "Element", cufe: str) -> EventSeen:
    said, reference = ("Response",), ("DocumentReference",)
    return EventSeen(
        code=soap.text(response, *said, "ResponseCode"),
        uuid=_cude(soap.text(response, *reference, "UUID").lower(), cufe),
        number=soap.text(response, *reference, "ID") or None,
        description=soap.text(response, *said, "Description") or None,
        at=_moment(soap.text(response, *said, "EffectiveDate"), soap.text(response, *said, "EffectiveTime")),
        sender=soap.text(response, "IssuerParty", "PartyTaxScheme", "CompanyID") or None,
        receiver=soap.text(response, "RecipientParty", "PartyTaxScheme", "CompanyID") or None,
    )


def _cude(text: str, cufe: str) -> str | None:
    # In an event itself the reference is to the invoice: a history may repeat it so.
    return text if text != cufe and re.fullmatch(r"[0-9a-f]{96}", text) else None


def _moment(day: str, time: str) -> datetime | None:
    try:
        return datetime.fromisoformat(f"{day}T{time or '00:00:00-05:00'}")
    except ValueError:
        return None


def _number(record: Record) -> str:
    """The event's own number: what it was given, or letters and digits made of the record's id, which is unique."""
    if record.number is not None:
        return str(record.number)
    return ("EV" + hashlib.sha256(record.document_id.encode()).hexdigest().upper())[:_NUMBER_LENGTH]


def _side(root: "Element", name: str) -> dict[str, str]:
    scheme = soap.child(root, name, "Party", "PartyTaxScheme")
    company = soap.child(scheme, "CompanyID") if scheme is not None else None
    if scheme is None or company is None:
        raise InvalidDocument("La factura no dice quiénes son sus partes.", field="cufe")
    number, kind = (company.text or "").strip(), company.get("schemeName") or _NIT
    digit = check_digit(number) if kind == _NIT and number.isdigit() else ""
    return {
        "person_type": soap.text(root, name, "AdditionalAccountID"),
        "identification_type": kind,
        "identification": number,
        "check_digit": digit,
        "name": soap.text(scheme, "RegistrationName"),
        "tax_scheme": soap.text(scheme, "TaxScheme", "ID"),
    }
