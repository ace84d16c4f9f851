"""What an answer or a signed UBL document says about itself, and whether that is a record's document. Pure.

Asked by number, reference or identifier, a provider may answer about another document, since another system of the
same issuer may have used it first. So what an answer says about itself must not differ from the record's facts
(``contradiction``). A document that only its number found is accepted only if its signed XML has the record's number,
parties, total and date (``difference``).
"""

import re
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from cauce.domain.document import Kind
from cauce.domain.event import Event
from cauce.domain.money import CENT
from cauce.domain.outcome import Identity
from cauce.domain.record import Record
from cauce.domain.time import bogota
from cauce.providers import loose
from cauce.providers.base import Capabilities, NumberedBy, RecoveredBy, Refs
from cauce.ubl import reading

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_MOST_DIGITS = 20


def of_refs(refs: Refs, *, issuer: str | None = None, is_dated: bool = True) -> Identity:
    """The facts by which a record knows its document. ``is_dated``: we chose its date of issue."""
    return Identity(
        number=str(refs.number) if refs.number else None,
        counterparty=refs.counterparty,
        payable=refs.payable,
        issued_on=bogota(refs.issued_at).date() if refs.issued_at and is_dated else None,
        issuer=issuer,
    )


def known(refs: Refs, capabilities: Capabilities, issuer: str) -> Identity:
    """The facts from which an answer about a record's document may not differ.

    A number or CUFE that the provider gave is among them only where it cannot have changed: a refused attempt had
    others, and a document found by its reference may have been made anew under another number.
    """
    is_ours = capabilities.numbered_by is NumberedBy.GATEWAY
    given_stays = not refs.refused and capabilities.recovered_by is not RecoveredBy.REFERENCE
    return Identity(
        number=str(refs.number) if refs.number and (is_ours or given_stays) else None,
        counterparty=refs.counterparty,
        payable=refs.payable if refs.event is None else None,
        issued_on=bogota(refs.issued_at).date() if refs.issued_at and is_ours else None,
        issuer=issuer,
        uuid=refs.uuid if given_stays or capabilities.recovered_by is RecoveredBy.CUFE else None,
        kind=refs.kind,
        reference=refs.reference,
        ids={name: each for name, each in refs.provider_ids.items() if each not in refs.refused},
    )


def of_signed(raw: bytes, kind: Kind) -> Identity | None:
    """What a signed UBL document, alone or in an AttachedDocument, says about itself; ``None`` for other bytes."""
    root = reading.parsed(raw)
    if root is not None and reading.local(root) == "AttachedDocument":
        inner = reading.text(root, "Attachment", "ExternalReference", "Description")
        root = reading.parsed(inner.encode())
    if root is None or reading.local(root) not in ("Invoice", "CreditNote", "DebitNote"):
        return None
    seller, buyer = _party(root, "AccountingSupplierParty"), _party(root, "AccountingCustomerParty")
    issuer, other = (buyer, seller) if kind.is_bought else (seller, buyer)
    total = "RequestedMonetaryTotal" if reading.local(root) == "DebitNote" else "LegalMonetaryTotal"
    return Identity(
        number=reading.text(root, "ID"),
        counterparty=other,
        payable=loose.amount(reading.text(root, total, "PayableAmount")),
        issued_on=day(reading.text(root, "IssueDate")),
        issuer=issuer,
        uuid=reading.text(root, "UUID").lower() or None,
        issued_at=reading.text(root, "IssueTime") or None,
    )


def is_event(raw: bytes, uuid: str, event: Event, issuer: str) -> bool:
    """Whether a signed ApplicationResponse is a record's event, has this CUDE, and names the record's issuer as its
    sender, if it names one."""
    root = reading.parsed(raw)
    response = reading.child(root, "DocumentResponse") if root is not None else None
    if root is None or response is None or reading.text(root, "UUID").lower() != uuid:
        return False
    code, cufe = (
        reading.text(response, "Response", "ResponseCode"),
        reading.text(response, "DocumentReference", "UUID"),
    )
    sender = reading.text(root, "SenderParty", "PartyTaxScheme", "CompanyID")
    return (code, cufe.lower()) == (event.code.value, event.invoice_uuid) and _same_party(issuer, sender)


def difference(ours: Identity, theirs: Identity, *, tolerance: Decimal = Decimal(0)) -> str | None:
    """The first of our facts that the other document does not share, in Spanish; ``None`` where it shares them all.

    The other document's issuer and counterparty are not named.
    """
    if ours.issuer is not None and ours.issuer != theirs.issuer:
        return "es de otro emisor"
    if ours.counterparty is not None and ours.counterparty != theirs.counterparty:
        return "la otra parte es otra"
    compared = {"el número": (ours.number, theirs.number), "la fecha": (ours.issued_on, theirs.issued_on)}
    for what, (one, other) in compared.items():
        if one is not None and one != other:
            return f"{what} es {other}, no {one}"
    if ours.payable is not None and (
        theirs.payable is None or not _as_much(ours.payable, theirs.payable, tolerance)
    ):
        return f"el total es {theirs.payable}, no {ours.payable}"
    return None


def contradiction(ours: Identity, told: Identity, *, tolerance: Decimal = Decimal(0)) -> str | None:
    """The first fact in an answer that differs from ours, in Spanish; ``None`` where none does.

    A fact that either side lacks is not compared. The other document's issuer and counterparty are not named.
    """
    compared = {
        "el tipo de documento": (ours.kind, told.kind),
        "la referencia": (ours.reference, told.reference),
        "el número": (ours.number, told.number),
        "el CUFE": (ours.uuid, told.uuid),
        "la fecha": (ours.issued_on, told.issued_on),
        **{f"su {name}": (ours.ids.get(name), told.ids[name]) for name in told.ids},
    }
    for what, (one, other) in compared.items():
        if one is not None and other is not None and one != other:
            return f"{what} es {other}, no {one}"
    if not _same_party(ours.issuer, told.issuer):
        return "es de otro emisor"
    if not _same_party(ours.counterparty, told.counterparty):
        return "es de otro tercero"
    if ours.payable is None or told.payable is None or _as_much(ours.payable, told.payable, tolerance):
        return None
    return f"el total es {told.payable}, no {ours.payable}"


def a_cent_a_line(record: Record) -> Decimal:
    """The most by which two ways of rounding can make a document's totals differ."""
    return CENT * (1 if record.event else len(record.document.lines))


def day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def _as_much(one: Decimal, other: Decimal, tolerance: Decimal) -> bool:
    # A number with more digits than any total is not subtracted: its exponent may be too large for that.
    return other.adjusted() < _MOST_DIGITS and abs(one - other) <= tolerance


def _same_party(one: str | None, other: str | None) -> bool:
    """Whether two texts may be one identification: marks do not count, nor a check digit after a hyphen. True where
    one is missing."""
    if not one or not other:
        return True
    shorter = [plain(re.sub(r"-\d$", "", each.strip())) for each in (one, other)]
    return plain(one) in (plain(other), shorter[1]) or plain(other) == shorter[0]


def plain(identification: str) -> str:
    """The identification without the marks that people put in it."""
    return re.sub(r"[^0-9A-Za-z]", "", identification).upper()


def _party(root: "Element", role: str) -> str:
    """A party's identification: it stands in the tax scheme, in the legal entity or by itself."""
    places = (
        ("PartyTaxScheme", "CompanyID"),
        ("PartyLegalEntity", "CompanyID"),
        ("PartyIdentification", "ID"),
    )
    return next((found for place in places if (found := reading.text(root, role, "Party", *place))), "")
