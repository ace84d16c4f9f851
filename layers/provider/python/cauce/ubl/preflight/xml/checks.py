"""Every check of a file, in the order of its elements."""

from collections.abc import Iterator

from cauce.domain.document import Kind
from cauce.ubl.preflight.rules import Hit
from cauce.ubl.preflight.xml import (
    currency,
    event,
    extensions,
    header,
    items,
    lines,
    parties,
    signature,
    taxes,
    terms,
    totals,
)
from cauce.ubl.preflight.xml.file import File

_OF_ALL = (extensions.check, signature.check, header.check)
_OF_DOCUMENTS = (
    parties.check,
    terms.check,
    currency.check,
    taxes.check,
    totals.check,
    lines.check,
    items.check,
)


def check(file: File) -> Iterator[Hit]:
    own = (event.check,) if file.kind is Kind.EVENT else _OF_DOCUMENTS
    for group in (*_OF_ALL, *own):
        yield from group(file)
