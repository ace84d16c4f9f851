"""Checks of a request: of the domain's document, its issuer and its range."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from cauce.domain.document import Document, Kind
from cauce.domain.issuer import Issuer
from cauce.domain.ranges import NumberingRange
from cauce.domain.totals import Totals, totals
from cauce.ubl.facts import SALE

Fields = Callable[..., str]
"""From the name of a field to its path."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """A document about to be emitted, and who emits it."""

    document: Document
    issuer: Issuer

    @property
    def kind(self) -> Kind:
        return self.document.kind

    @property
    def is_support(self) -> bool:
        """Whether the issuer buys and the counterparty sells."""
        return self.kind.is_bought

    @property
    def invoice_type(self) -> str:
        return self.document.invoice_type or SALE

    @property
    def totals(self) -> Totals:
        return totals(self.document)


@dataclass(frozen=True, kw_only=True)
class Issue:
    """When a document is to be issued, and the range it would be numbered in, if that is known already."""

    range: NumberingRange | None
    at: datetime
    now: datetime | None
    """``None``: the date and time of issue are not compared with those of now."""
    other_dates: bool = False
    """A date of issue that is not the day of signing is only a notice."""
