"""A file as the checks read it: elements by path, texts stripped, and numbers, 0 where a text is no number."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from cauce.domain.catalogs import EQUIVALENT_TYPES
from cauce.domain.document import Kind
from cauce.domain.event import EventCode
from cauce.domain.money import ZERO
from cauce.ubl.document import NAMESPACES
from cauce.ubl.preflight.rules import LETTERS

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

NUMBER = re.compile(r"[+-]?\d{1,24}(\.\d{1,12})?", re.ASCII)


@dataclass(frozen=True)
class Shape:
    """The names of the lines, the quantities and the totals below a root."""

    line: str
    quantity: str
    total: str = "cac:LegalMonetaryTotal"


_SHAPES = {
    "Invoice": Shape("cac:InvoiceLine", "cbc:InvoicedQuantity"),
    "CreditNote": Shape("cac:CreditNoteLine", "cbc:CreditedQuantity"),
    "DebitNote": Shape("cac:DebitNoteLine", "cbc:DebitedQuantity", "cac:RequestedMonetaryTotal"),
    "ApplicationResponse": Shape("cac:DocumentResponse", ""),
}


@dataclass(frozen=True)
class File:
    """A document or event. Paths are ElementPath, with the prefixes of NAMESPACES."""

    root: "Element"
    kind: Kind
    shape: Shape

    @property
    def letters(self) -> str:
        """How the codes of the rules for its kind begin."""
        return LETTERS[self.kind]

    @property
    def type_code(self) -> str:
        return self.text("cbc:InvoiceTypeCode")

    def all(self, path: str, within: "Element | None" = None) -> list["Element"]:
        found: list[Element] = (self.root if within is None else within).findall(path, NAMESPACES)
        return found

    def first(self, path: str, within: "Element | None" = None) -> "Element | None":
        found: Element | None = (self.root if within is None else within).find(path, NAMESPACES)
        return found

    def text(self, path: str, within: "Element | None" = None) -> str:
        """The text of the first element at a path, stripped; empty where there is none."""
        return text_of(self.first(path, within))

    def attribute(self, path: str, name: str, within: "Element | None" = None) -> str:
        found = self.first(path, within)
        return "" if found is None else (found.get(name) or "").strip()

    def number(self, path: str, within: "Element | None" = None) -> Decimal:
        """The number in the first element at a path; 0 where there is none, or none that is a number (rule ZB01)."""
        return number_of(self.first(path, within))

    def lines(self) -> list[tuple[str, "Element"]]:
        """Each line with its path."""
        tag = self.shape.line
        return [(f"{tag}[{n}]", line) for n, line in enumerate(self.all(tag), start=1)]


def text_of(element: "Element | None") -> str:
    return (element.text or "").strip() if element is not None else ""


def number_of(element: "Element | None") -> Decimal:
    text = text_of(element)
    return Decimal(text) if NUMBER.fullmatch(text) else ZERO


def read(root: "Element") -> File | None:
    """The file under a root; ``None`` where it is not a document or an event that DIAN validates."""
    name = root.tag.rpartition("}")[2] if isinstance(root.tag, str) else ""
    shape = _SHAPES.get(name)
    if shape is None:
        return None
    kind = {
        "Invoice": Kind.INVOICE,
        "CreditNote": Kind.CREDIT_NOTE,
        "DebitNote": Kind.DEBIT_NOTE,
        "ApplicationResponse": Kind.EVENT,
    }[name]
    found = File(root, kind, shape)
    if kind is Kind.EVENT and found.text("cac:DocumentResponse/cac:Response/cbc:ResponseCode") in _ANSWERS:
        return None
    code = found.type_code or found.text("cbc:CreditNoteTypeCode")
    return File(root, _OTHERS.get((name, code), kind), shape)


_OTHERS = {
    ("Invoice", "05"): Kind.SUPPORT_DOCUMENT,
    ("CreditNote", "95"): Kind.ADJUSTMENT_NOTE,
    ("CreditNote", "94"): Kind.EQUIVALENT_NOTE,
    **{("Invoice", code): Kind.EQUIVALENT_DOCUMENT for code in EQUIVALENT_TYPES},
}
"""By root and type what is neither an invoice nor a note on one."""


# Codes of DIAN's own answers: validated, rejected.
_ANSWERS = frozenset({"02", "04"})
EVENTS = frozenset(code.value for code in EventCode)
