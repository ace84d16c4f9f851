"""Paths of a document's fields, by the domain's names: ``lines.0.price``."""

from collections.abc import Iterator

from pydantic import BaseModel

from cauce.domain.document import Document
from cauce.ubl.canonical import UNWRITABLE


def path(*steps: str | int) -> str:
    """``"lines", 0, "price"`` is ``lines.0.price``."""
    return ".".join(map(str, steps))


def unwritable_field(document: Document) -> str | None:
    """The path of the first text that XML cannot carry, if there is one."""
    if _writable(document):
        return None
    return next((path(*steps) for steps, text in _texts(document, ()) if UNWRITABLE.search(text)), None)


def _writable(value: object) -> bool:
    """Whether XML can carry every text in a value: it nearly always can, and then no path need be made."""
    if isinstance(value, str):
        return not UNWRITABLE.search(value)
    if isinstance(value, BaseModel):
        return all(map(_writable, vars(value).values()))
    return all(map(_writable, value)) if isinstance(value, tuple) else True


def _texts(value: object, steps: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if isinstance(value, str):
        yield steps, value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _texts(getattr(value, name), (*steps, name))
    elif isinstance(value, tuple):
        for index, inner in enumerate(value):
            yield from _texts(inner, (*steps, index))
