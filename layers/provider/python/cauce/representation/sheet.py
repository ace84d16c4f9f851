"""The contents of a graphic representation, already formatted as text; nothing about how it is drawn."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Fact:
    """A value with its label."""

    label: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Block:
    """A party: seller or buyer, its name, its identification, and what else is known of it, one sentence each."""

    role: str
    name: str
    identification: str
    lines: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Item:
    """A line of the document. ``details``: whatever it says beyond its columns."""

    position: str
    code: str
    description: str
    details: tuple[str, ...]
    quantity: str
    unit: str
    price: str
    discount: tuple[str, ...]
    """Its amount and, where it is a percentage, that."""
    taxes: tuple[tuple[str, str], ...]
    """Of each tax, its name with the rate, and its amount."""
    total: str


@dataclass(frozen=True)
class Table:
    """A small table: its first column is text, the others are figures."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """Everything that is shown of a document."""

    title: str
    variant: str | None
    """The sort of invoice, where it is not an ordinary sale."""
    number: str
    issued: str
    status: str
    marks: tuple[str, ...]
    """Words across each page of what is no validated document: a trial, pending, in contingency."""
    legends: tuple[str, ...]
    """Warnings, in a band on each page: a test document, an invoice in contingency."""
    issuer: Block
    counterparty: Block
    facts: tuple[Fact, ...]
    references: tuple[Fact, ...]
    items: tuple[Item, ...]
    count: int
    """How many lines the document has."""
    tables: tuple[Table, ...]
    totals: tuple[Fact, ...]
    payable: Fact
    after: tuple[Fact, ...]
    """Below the payable amount: in the other currency, and what is left of it after withholdings."""
    words: str
    notes: tuple[str, ...]
    numbering: str | None
    identifier: Fact
    """CUFE, CUDE or CUDS."""
    qr: str
    software: str
    """What made the document, who makes that, and the technology provider, if there is one."""
    colophon: str
