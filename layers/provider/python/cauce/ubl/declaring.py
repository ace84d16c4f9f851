"""Events: the facts of an invoice that an event about it needs, and which party may declare it. Pure."""

import hashlib
from typing import TYPE_CHECKING

from cauce.domain.document import Party
from cauce.domain.errors import InvalidDocument
from cauce.domain.event import EventCode
from cauce.domain.issuer import Issuer
from cauce.domain.nit import check_digit
from cauce.domain.record import Record
from cauce.ubl import preflight, reading
from cauce.ubl.event import NumberedEvent
from cauce.ubl.facts import SALE, Software

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_NIT = "31"
_NUMBER_LENGTH = 20


def invoice_facts(xml: bytes, issuer: Issuer, code: EventCode) -> dict[str, str]:
    """The facts of an invoice that its event states beside the CUFE, as ids of the record that ``numbered`` reads.

    Raises InvalidDocument where the issuer is not the party of the invoice that declares this event, or where the
    invoice can have no events.
    """
    root = reading.parsed(xml)
    if root is None or reading.local(root) != "Invoice":
        raise InvalidDocument("El CUFE no es de una factura.", field="uuid")
    seller, buyer = _side(root, "AccountingSupplierParty"), _side(root, "AccountingCustomerParty")
    mine, other = (seller, buyer) if code is EventCode.TACIT_ACCEPTANCE else (buyer, seller)
    if mine["identification"] != issuer.nit:
        whose = "emitió" if code is EventCode.TACIT_ACCEPTANCE else "recibió"
        raise InvalidDocument(f"El evento {code} lo declara quien {whose} la factura.", field="uuid")
    preflight.refuse(preflight.event_findings(root))
    return {
        "invoice_number": reading.text(root, "ID"),
        "invoice_type": reading.text(root, "InvoiceTypeCode") or SALE,
        **{f"other_{name}": text for name, text in other.items() if text},
    }


def is_invoice(xml: bytes, cufe: str) -> bool:
    """Whether the XML that DIAN returned for a CUFE has that CUFE, or none at all."""
    root = reading.parsed(xml)
    return root is None or reading.text(root, "UUID").lower() in ("", cufe)


def numbered(record: Record, issuer: Issuer, software: Software) -> NumberedEvent:
    """A record's event, ready to be written. Raises InvalidDocument where its invoice was not looked up, or the
    issuer is not described as a party."""
    event, ids = record.event, record.provider_ids
    assert event is not None
    if "invoice_number" not in ids:
        raise InvalidDocument("No se conoce la factura del evento.", field="uuid")
    other = {name.removeprefix("other_"): text for name, text in ids.items() if name.startswith("other_")}
    return NumberedEvent(
        event=event,
        number=_number(record),
        issued_at=record.issued_at,
        issuer=issuer,
        party=party_of(issuer),
        software=software,
        invoice_number=ids["invoice_number"],
        invoice_type=ids["invoice_type"],
        other=Party.model_validate(other),
    )


def declared(xml: bytes) -> tuple[str, str]:
    """The code of an event that we wrote, and the CUFE of its invoice."""
    root = reading.parsed(xml)
    assert root is not None, "our own event"
    response = reading.child(root, "DocumentResponse")
    assert response is not None, "our own event"
    return reading.text(response, "Response", "ResponseCode"), reading.text(
        response, "DocumentReference", "UUID"
    )


def party_of(issuer: Issuer) -> Party:
    """The issuer as a party. Raises InvalidDocument where it is not described as one."""
    found = issuer.as_party
    if found is None:
        raise InvalidDocument(
            "Faltan los datos del emisor (dirección, responsabilidades, contacto) para emitir ante la DIAN.",
            field="issuer",
        )
    return found


def _number(record: Record) -> str:
    """The event's own number: its record's or, without one, letters and digits made of the record's unique id."""
    if record.number is not None:
        return str(record.number)
    return ("EV" + hashlib.sha256(record.document_id.encode()).hexdigest().upper())[:_NUMBER_LENGTH]


def _side(root: "Element", name: str) -> dict[str, str]:
    scheme = reading.child(root, name, "Party", "PartyTaxScheme")
    company = reading.child(scheme, "CompanyID") if scheme is not None else None
    if scheme is None or company is None:
        raise InvalidDocument("La factura no dice quiénes son sus partes.", field="uuid")
    number, kind = (company.text or "").strip(), company.get("schemeName") or _NIT
    digit = check_digit(number) if kind == _NIT and number.isdigit() else ""
    return {
        "person_type": reading.text(root, name, "AdditionalAccountID"),
        "identification_type": kind,
        "identification": number,
        "check_digit": digit,
        "name": reading.text(scheme, "RegistrationName"),
        "tax_scheme": reading.text(scheme, "TaxScheme", "ID"),
    }
