"""Whether the document that Facturatech keeps under a number is the one we sent. Pure.

It answers a repeated number with success, whoever used it first: another system of the same issuer may have.
So nothing found under a number is accepted before its signed XML says the same number, other party, total and
date as ours.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from cauce.domain.document import Kind
from cauce.domain.outcome import Number
from cauce.domain.time import bogota
from cauce.providers import soap
from cauce.providers.base import Refs
from cauce.providers.facturatech.catalogs import SUPPORT_KINDS

if TYPE_CHECKING:
    from lxml.etree import _Element as Element


@dataclass(frozen=True, kw_only=True)
class Identity:
    """What tells one document from another under the same number. Absent facts are ``None``."""

    number: str
    counterparty: str
    payable: Decimal | None
    issued_on: date | None
    uuid: str | None = None


def of_refs(refs: Refs) -> Identity:
    """What a record knows of its document."""
    return Identity(
        number=str(refs.number),
        counterparty=refs.counterparty,
        payable=refs.payable,
        issued_on=bogota(refs.issued_at).date() if refs.issued_at else None,
    )


def of_sheet(body: bytes) -> tuple[Kind, Number, Identity]:
    """What an XML_SIMPLIFICADO of ours says, read back from the bytes that go out."""
    root = soap.parsed(body)
    assert root is not None, "our own XML is well formed"
    kind = _kind(root)
    joined, prefix = soap.text(root, "ENC", "ENC_6"), soap.text(root, "DRF", "DRF_4")
    party = ("PRO", "PRO_2") if kind in SUPPORT_KINDS else ("ADQ", "ADQ_2")
    identity = Identity(
        number=joined,
        counterparty=soap.text(root, *party),
        payable=_amount(soap.text(root, "TOT", "TOT_5")),
        issued_on=_day(soap.text(root, "ENC", "ENC_7")),
    )
    return kind, Number(prefix=prefix, consecutive=int(joined.removeprefix(prefix))), identity


def of_signed(raw: bytes, kind: Kind) -> Identity | None:
    """What a signed UBL document says, alone or inside its AttachedDocument; ``None`` where it is none."""
    root = soap.parsed(raw)
    if root is not None and soap.local(root) == "AttachedDocument":
        inner = soap.text(root, "Attachment", "ExternalReference", "Description")
        root = soap.parsed(inner.encode())
    if root is None or soap.local(root) not in ("Invoice", "CreditNote", "DebitNote"):
        return None
    role = "AccountingSupplierParty" if kind in SUPPORT_KINDS else "AccountingCustomerParty"
    total = "RequestedMonetaryTotal" if soap.local(root) == "DebitNote" else "LegalMonetaryTotal"
    return Identity(
        number=soap.text(root, "ID"),
        counterparty=_party(root, role),
        payable=_amount(soap.text(root, total, "PayableAmount")),
        issued_on=_day(soap.text(root, "IssueDate")),
        uuid=soap.text(root, "UUID").lower() or None,
    )


def difference(ours: Identity, theirs: Identity) -> str | None:
    """The first thing in which they are not the same document, in words; ``None`` where they are."""
    compared = {
        "el número": (ours.number, theirs.number),
        "la otra parte": (ours.counterparty, theirs.counterparty),
        "el total": (ours.payable, theirs.payable),
        "la fecha": (ours.issued_on, theirs.issued_on),
    }
    for what, (one, other) in compared.items():
        if one is not None and one != other:
            return f"{what} es {other}, no {one}"
    return None


def _kind(root: "Element") -> Kind:
    codes = {
        "01": Kind.INVOICE,
        "91": Kind.CREDIT_NOTE,
        "92": Kind.DEBIT_NOTE,
        "05": Kind.SUPPORT_DOCUMENT,
        "95": Kind.ADJUSTMENT_NOTE,
    }
    return codes[soap.text(root, "ENC", "ENC_9")]


def _party(root: "Element", role: str) -> str:
    """The identification of a party: DIAN has it in its tax scheme, its legal entity or by itself."""
    places = (
        ("PartyTaxScheme", "CompanyID"),
        ("PartyLegalEntity", "CompanyID"),
        ("PartyIdentification", "ID"),
    )
    return next((found for place in places if (found := soap.text(root, role, "Party", *place))), "")


def _amount(text: str) -> Decimal | None:
    try:
        found = Decimal(text)
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None
