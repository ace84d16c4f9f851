"""What a signed UBL document says of itself, and whether it is the one that a record means. Pure.

A provider may answer a number, a reference or an identifier with another document that has it: another system of the
same issuer may have used it first. So what is found so is accepted only where its signed XML says the same number,
parties, total and date as ours.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from cauce.domain.document import Kind
from cauce.domain.money import CENT
from cauce.domain.record import Record
from cauce.domain.time import bogota
from cauce.providers import soap
from cauce.providers.base import Refs

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_BOUGHT = frozenset({Kind.SUPPORT_DOCUMENT, Kind.ADJUSTMENT_NOTE})


@dataclass(frozen=True, kw_only=True)
class Identity:
    """What tells one document from another. Absent facts are ``None``, and not compared."""

    number: str | None
    counterparty: str
    payable: Decimal | None
    issued_on: date | None
    issuer: str | None = None
    uuid: str | None = None
    issued_at: str | None = None
    """Time of issue as the document has it, with its offset."""


def of_refs(refs: Refs, *, issuer: str | None = None, is_dated: bool = True) -> Identity:
    """What a record knows of its document. ``is_dated``: its date of issue is ours to choose."""
    return Identity(
        number=str(refs.number) if refs.number else None,
        counterparty=refs.counterparty,
        payable=refs.payable,
        issued_on=bogota(refs.issued_at).date() if refs.issued_at and is_dated else None,
        issuer=issuer,
    )


def of_signed(raw: bytes, kind: Kind) -> Identity | None:
    """What a signed UBL document says, alone or inside its AttachedDocument; ``None`` where it is none."""
    root = soap.parsed(raw)
    if root is not None and soap.local(root) == "AttachedDocument":
        inner = soap.text(root, "Attachment", "ExternalReference", "Description")
        root = soap.parsed(inner.encode())
    if root is None or soap.local(root) not in ("Invoice", "CreditNote", "DebitNote"):
        return None
    seller, buyer = _party(root, "AccountingSupplierParty"), _party(root, "AccountingCustomerParty")
    issuer, other = (buyer, seller) if kind in _BOUGHT else (seller, buyer)
    total = "RequestedMonetaryTotal" if soap.local(root) == "DebitNote" else "LegalMonetaryTotal"
    return Identity(
        number=soap.text(root, "ID"),
        counterparty=other,
        payable=amount(soap.text(root, total, "PayableAmount")),
        issued_on=day(soap.text(root, "IssueDate")),
        issuer=issuer,
        uuid=soap.text(root, "UUID").lower() or None,
        issued_at=soap.text(root, "IssueTime") or None,
    )


def difference(ours: Identity, theirs: Identity, *, tolerance: Decimal = Decimal(0)) -> str | None:
    """The first thing in which they are not the same document, in words; ``None`` where they are."""
    compared = {
        "el emisor": (ours.issuer, theirs.issuer),
        "el número": (ours.number, theirs.number),
        "la otra parte": (ours.counterparty, theirs.counterparty),
        "la fecha": (ours.issued_on, theirs.issued_on),
    }
    for what, (one, other) in compared.items():
        if one is not None and one != other:
            return f"{what} es {other}, no {one}"
    if ours.payable is not None and (
        theirs.payable is None or abs(ours.payable - theirs.payable) > tolerance
    ):
        return f"el total es {theirs.payable}, no {ours.payable}"
    return None


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


def _party(root: "Element", role: str) -> str:
    """The identification of a party: DIAN has it in its tax scheme, its legal entity or by itself."""
    places = (
        ("PartyTaxScheme", "CompanyID"),
        ("PartyLegalEntity", "CompanyID"),
        ("PartyIdentification", "ID"),
    )
    return next((found for place in places if (found := soap.text(root, role, "Party", *place))), "")
