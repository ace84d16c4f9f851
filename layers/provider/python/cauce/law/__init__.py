"""What no document may say, whichever provider it goes through."""

from collections.abc import Iterator

from cauce.domain.document import Document, Kind
from cauce.domain.errors import InvalidDocument
from cauce.law import identification

_BOUGHT = frozenset({Kind.SUPPORT_DOCUMENT, Kind.ADJUSTMENT_NOTE})


def check(document: Document) -> None:
    """Raise InvalidDocument, with every field at once, where the document says what cannot be."""
    fields: dict[str, list[str]] = {}
    for field, sentence in _breaches(document):
        fields.setdefault(field, []).append(sentence)
    if fields:
        raise InvalidDocument("Los datos del documento no son válidos.", fields=fields)


def _breaches(document: Document) -> Iterator[tuple[str, str]]:
    party, side = document.counterparty, "vendedor" if document.kind in _BOUGHT else "adquiriente"
    yield from identification.breaches(side, party.identification_type, party.identification)
    for n, line in enumerate(document.lines):
        if line.principal:
            whose = f"lineas.{n}.mandante"
            yield from identification.breaches(
                whose, line.principal.identification_type, line.principal.identification
            )
