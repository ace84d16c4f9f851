"""Checks of a request: of the domain's document, its issuer and its range."""

from collections.abc import Iterator

from cauce.ubl.preflight.document import header, lines
from cauce.ubl.preflight.document.case import Case
from cauce.ubl.preflight.rules import Hit


def check(case: Case) -> Iterator[Hit]:
    yield from header.check(case)
    yield from lines.check(case)
