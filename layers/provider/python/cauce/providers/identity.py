"""What an answer or a signed UBL document says of itself, and whether it is the one that a record means. Pure.

A provider may answer a number, a reference or an identifier with another document that has it: another system of the
same issuer may have used it first. So what an answer tells of itself must be as ours, as far as it tells
(``contradiction``); and where only a number found it, it is accepted only where its signed XML says the same number,
parties, total and date (``difference``).
"""

import re
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from cauce.domain.document import Kind
from cauce.domain.event import Event
from cauce.domain.money import CENT
from cauce.domain.outcome import Identity
from cauce.domain.record import Record
from cauce.domain.time import bogota
from cauce.providers.base import Capabilities, NumberedBy, RecoveredBy, Refs
from cauce.ubl import reading

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_MOST_DIGITS = 20


def of_refs(refs: Refs, *, issuer: str | None = None, is_dated: bool = True) -> Identity:
    """What a record knows of its document. ``is_dated``: its date of issue is ours to choose."""
    return Identity(
        number=str(refs.number) if refs.number else None,
        counterparty=refs.counterparty,
        payable=refs.payable,
        issued_on=bogota(refs.issued_at).date() if refs.issued_at and is_dated else None,
        issuer=issuer,
    )


def known(refs: Refs, capabilities: Capabilities, issuer: str) -> Identity:
    """What an answer about a record's document may say of it, and nothing else.

    What the provider gave it (number, CUFE, ids) counts where it cannot have changed: a refused attempt had its own,
    and what is found by its reference may have been made anew under another number.
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
    """What a signed UBL document says, alone or inside its AttachedDocument; ``None`` where it is none."""
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
        payable=amount(reading.text(root, total, "PayableAmount")),
        issued_on=day(reading.text(root, "IssueDate")),
        issuer=issuer,
        uuid=reading.text(root, "UUID").lower() or None,
        issued_at=reading.text(root, "IssueTime") or None,
    )


def is_event(raw: bytes, uuid: str, event: Event, issuer: str) -> bool:
    """Whether a signed ApplicationResponse is the event that a record means, under this CUDE, and declared by its
    issuer as far as it says by whom."""
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
    """The first thing in which they are not the same document, in words; ``None`` where they are.

    Whose the other one is is not told.
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
    """The first thing that an answer tells of itself and that is not ours, in words; ``None`` where there is none.

    What either does not say is not compared. Whose document it is instead is not told: it is nobody's business here.
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
    """How far two ways of rounding can put a document's totals apart."""
    return CENT * (1 if record.event else len(record.document.lines))


def amount(text: str) -> Decimal | None:
    try:
        found = Decimal(text)
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def _as_much(one: Decimal, other: Decimal, tolerance: Decimal) -> bool:
    # What has more digits than any total is not even to be subtracted: its exponent may be beyond arithmetic.
    return other.adjusted() < _MOST_DIGITS and abs(one - other) <= tolerance


def _same_party(one: str | None, other: str | None) -> bool:
    """Whether two ways of writing an identification may be one, as far as both say it: with marks or without, and
    with the check digit after a hyphen or without."""
    if not one or not other:
        return True
    shorter = [_plain(re.sub(r"-\d$", "", each.strip())) for each in (one, other)]
    return _plain(one) in (_plain(other), shorter[1]) or _plain(other) == shorter[0]


def _plain(identification: str) -> str:
    return re.sub(r"[^0-9A-Za-z]", "", identification).upper()


def _party(root: "Element", role: str) -> str:
    """The identification of a party: DIAN has it in its tax scheme, its legal entity or by itself."""
    places = (
        ("PartyTaxScheme", "CompanyID"),
        ("PartyLegalEntity", "CompanyID"),
        ("PartyIdentification", "ID"),
    )
    return next((found for place in places if (found := reading.text(root, role, "Party", *place))), "")
