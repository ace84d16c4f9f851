"""Chooses the dialect in which a stored document is shown."""

from typing import Any

from tests.simulators.factus import shape_v1, shape_v2
from tests.simulators.factus.catalogs import ADJUSTMENT_NOTES
from tests.simulators.factus.state import Document, State


def rendered(document: Document, state: State, dialect: str, *, shown: bool = False) -> dict[str, Any]:
    """`data` of a create answer, or of a show answer if `shown`; v1 shows adjustment notes in the v2 format."""
    if dialect == "v2" or document.kind is ADJUSTMENT_NOTES:
        return shape_v2.document(document, state)
    return shape_v1.document(document, state, shown=shown)


def row(document: Document, state: State, dialect: str) -> dict[str, Any]:
    """The document as a row of a list."""
    if dialect == "v2" or document.kind is ADJUSTMENT_NOTES:
        return shape_v2.row(document, state)
    return shape_v1.row(document, state)


def message(document: Document) -> str:
    """The documented sentence of a create answer; that for a document which is not validated is invented."""
    ending = (
        "registrado y validado con éxito" if document.is_validated else "registrado sin validar por la DIAN"
    )
    return f"Documento con el código de referencia {document.reference} {ending}"
