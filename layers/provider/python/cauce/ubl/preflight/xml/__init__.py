"""Checks of a UBL file, whoever wrote it. Elements are named as in the annex."""

from collections.abc import Iterator

from cauce.domain.document import Kind
from cauce.ubl.preflight.rules import Hit
from cauce.ubl.preflight.xml import amounts, event, header, lines, parties, terms
from cauce.ubl.preflight.xml.file import File


def check(file: File) -> Iterator[Hit]:
    """Every check of a file, in the order of its elements."""
    own = (event,) if file.kind is Kind.EVENT else (parties, terms, amounts, lines)
    for group in (header, *own):
        yield from group.check(file)
