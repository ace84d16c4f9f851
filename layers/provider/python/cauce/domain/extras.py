"""What a document may say beyond an ordinary sale: each feature, with the domain's path of the field that says it.

A document with a feature is refused for every provider that does not declare it (``Capabilities.extras``). So a
feature that is added here is never dropped silently by an adapter that does not know it. A field is a feature where
its declaration says so (``document.Extra``); of the types of invoice each is one but the ordinary.
"""

from collections.abc import Iterator
from functools import cache

from pydantic import BaseModel

from cauce.domain.document import NOTES, Document, Extra
from cauce.domain.models import marked, model_in
from cauce.domain.survey import survey

ORDINARY_INVOICE = "01"
_INVOICE_TYPES = {
    "invoice type 02": "las facturas de exportación (tipo 02)",
    "invoice type 03": "las facturas transcritas de papel (tipo 03)",
    "invoice type 04": "las facturas de contingencia (tipo 04)",
}

_LONGEST = {
    "long description": ("una descripción de más de 300 caracteres", 300),
    "long note": ("una nota de línea de más de 500 caracteres", 500),
}
"""Of a text that only some providers take whole: what it is, and how many characters all of them take."""


def extras(document: Document) -> tuple[tuple[str, str], ...]:
    """(feature, domain's path) for everything out of the ordinary that the document says: looked for once."""
    return document.once(_extras)


def _extras(document: Document) -> tuple[tuple[str, str], ...]:
    return tuple(_of_document(document))


def _of_document(document: Document) -> Iterator[tuple[str, str]]:
    # Which documento equivalente it is, is no feature: who emits that kind takes each that there is.
    if document.invoice_type not in (None, ORDINARY_INVOICE) and not document.kind.is_equivalent:
        yield f"invoice type {document.invoice_type}", "invoice_type"
    yield from _said(document, "")
    yield from _long(document)


def _long(document: Document) -> Iterator[tuple[str, str]]:
    """Texts longer than every provider is known to take."""
    said = survey(document)
    if max(map(len, said.descriptions), default=0) > _LONGEST["long description"][1]:
        for n, description in enumerate(said.descriptions):
            if len(description) > _LONGEST["long description"][1]:
                yield "long description", f"lines.{n}.description"
    for n, line in said.unusual:
        if line.note and len(line.note) > _LONGEST["long note"][1]:
            yield "long note", f"lines.{n}.note"


def _said(value: BaseModel, path: str) -> Iterator[tuple[str, str]]:
    """The features that a part of a document says itself, and then those in its own parts.

    Ordinary lines are not looked at: no field of theirs that is ordinary is a feature.
    """
    for field, extra in declared(type(value)).items():
        if getattr(value, field) not in (None, "", ()):
            yield extra.feature or field, f"{path}{field}"
    for field in _parts(type(value)):
        inner = getattr(value, field)
        if isinstance(inner, BaseModel):
            yield from _said(inner, f"{path}{field}.")
        elif inner:
            if isinstance(value, Document) and field == "lines":
                said = survey(value).unusual
            else:
                said = tuple(enumerate(inner))
            for position, each in said:
                yield from _said(each, f"{path}{field}.{position}.")


@cache
def declared(model: type[BaseModel]) -> dict[str, Extra]:
    """The fields of a model that are features, in their order."""
    return marked(model, Extra)


@cache
def _parts(model: type[BaseModel]) -> dict[str, type[BaseModel]]:
    """The fields of a model in which there are features."""
    inner = {name: model_in(field.annotation) for name, field in model.model_fields.items()}
    return {name: part for name, part in inner.items() if part and (declared(part) or _parts(part))}


def _features(model: type[BaseModel]) -> Iterator[tuple[str, Extra]]:
    yield from ((extra.feature or field, extra) for field, extra in declared(model).items())
    for part in _parts(model).values():
        yield from _features(part)


_DECLARED = dict(_features(Document))

ALL = frozenset({*_INVOICE_TYPES, *_LONGEST, *_DECLARED})


def refusal(feature: str, document: Document, title: str, *, is_written: bool) -> str:
    """The Spanish sentence that refuses a feature: what it is, whose limit, and what to do.

    ``is_written``: the provider publishes no place for the feature. Else it does, and Cauce does not send it yet.
    """
    what = _called(feature)
    whose = (
        f"{title} no tiene dónde decir {what}" if is_written else f"Cauce todavía no envía {what} a {title}"
    )
    needed = _is_needed(feature, document)
    return f"{whose}: {'emítalo con otro proveedor' if needed else 'omítalo, o emítalo con otro proveedor'}."


def _called(feature: str) -> str:
    if feature in _LONGEST:
        return _LONGEST[feature][0]
    return _INVOICE_TYPES.get(feature) or _DECLARED[feature].called


def _is_needed(feature: str, document: Document) -> bool:
    match feature:
        case "period":  # a note without an invoice corrects this period
            return document.kind in NOTES and document.billing_reference is None
        case "exchange_rate":
            return document.currency != "COP"
        case _:
            return feature in _INVOICE_TYPES or (feature in _DECLARED and _DECLARED[feature].needed)
