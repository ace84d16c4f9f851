"""Checks of a request: of the domain's document, its issuer and its range."""

from collections.abc import Callable
from datetime import date, datetime
from typing import NamedTuple

from cauce.domain.document import Document, Kind
from cauce.domain.issuer import Issuer
from cauce.domain.ranges import NumberingRange
from cauce.domain.totals import Totals, totals
from cauce.ubl.facts import usual_type

Fields = Callable[..., str]
"""From the name of a field to its path."""


class Case(NamedTuple):
    """A document about to be emitted, and who emits it."""

    document: Document
    issuer: Issuer
    kind: Kind
    is_support: bool
    """Whether the issuer buys and the counterparty sells."""
    invoice_type: str
    totals: Totals


def case_of(document: Document, issuer: Issuer) -> Case:
    kind = document.kind
    return Case(
        document=document,
        issuer=issuer,
        kind=kind,
        is_support=kind.is_bought,
        invoice_type=usual_type(document),
        totals=totals(document),
    )


class Issue(NamedTuple):
    """When a document is to be issued, and the range it would be numbered in, if that is known already."""

    range: NumberingRange | None
    at: datetime
    day: date
    """Of ``at``, in Bogotá."""
    now: datetime | None
    """``None``: the date and time of issue are not compared with those of now."""
    other_dates: bool = False
    """A date of issue that is not the day of signing is only a notice."""
