"""The parts of a route's description, and the short words in which answers' schemas are written.

A schema of an answer says every field that there is. In the published document it is open, since later versions may
add fields, and clients must not mind; ``tests/flow/answers.py`` closes it and holds every answer against it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from pydantic import BaseModel

from cauce.contracts.v1.bodies import JsonObject

Schema = JsonObject

COMPONENTS = "#/components/schemas/"

CALL_ERRORS = (
    "credenciales_rechazadas",
    "proveedor_no_disponible",
    "proveedor_en_espera",
    "resultado_desconocido",
)
"""Of a route that calls a provider."""


class Token(Enum):
    """Whether a route asks for a token."""

    NONE = "none"
    OPTIONAL = "optional"
    REQUIRED = "required"


@dataclass(frozen=True)
class Parameter:
    """A parameter of the path, of the query, or in a header."""

    name: str
    about: str
    schema: Schema
    place: str = "query"
    required: bool = False


@dataclass(frozen=True)
class Body:
    """The body of a request. ``form``: its declaration, or, where it has several, the name of its component."""

    form: type[BaseModel] | str
    about: str
    media_types: tuple[str, ...] = ("application/json",)


@dataclass(frozen=True)
class Answer:
    """An answer that is no error. ``schema``: the name of its component in JSON; files and pages have none."""

    status: int
    about: str
    schema: str | None = None
    media_types: tuple[str, ...] = ("application/json",)
    headers: Mapping[str, str] = field(default_factory=dict)
    """What each header says, besides those of every answer."""


@dataclass(frozen=True)
class Operation:
    """One route. ``errors``: the codes that it may answer with, besides those of every route of its sort
    (``described.every``)."""

    group: str
    summary: str
    about: str
    answers: tuple[Answer, ...]
    errors: tuple[str, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    body: Body | None = None
    token: Token = Token.REQUIRED
    own_errors: bool = False
    """Whether it fails in words that are not this contract's."""


def text(
    about: str,
    example: str | None = None,
    *,
    among: Iterable[str] = (),
    form: str | None = None,
    optional: bool = False,
) -> Schema:
    """``form``: JSON Schema's format, such as date. ``optional``: it may be null."""
    found: Schema = {"type": "string", "description": about}
    if form:
        found["format"] = form
    if among:
        found["enum"] = [*among]
    return _told(found, example, optional=optional)


def integer(about: str, example: int | None = None, *, optional: bool = False) -> Schema:
    return _told({"type": "integer", "description": about}, example, optional=optional)


def number(about: str, example: float | None = None, *, optional: bool = False) -> Schema:
    """An amount, with all its decimals."""
    return _told({"type": "number", "description": about}, example, optional=optional)


def flag(about: str, example: bool | None = None, *, optional: bool = False) -> Schema:
    return _told({"type": "boolean", "description": about}, example, optional=optional)


def day(about: str, example: str = "2026-05-10", *, optional: bool = False) -> Schema:
    return text(about, example, form="date", optional=optional)


def moment(about: str, example: str = "2026-05-10T15:30:00-05:00", *, optional: bool = False) -> Schema:
    return text(about, example, form="date-time", optional=optional)


def link(about: str, path: str, *, optional: bool = False) -> Schema:
    return text(about, f"https://api.ejemplo.co/api/v1{path}", form="uri", optional=optional)


def named(component: str, about: str | None = None, *, optional: bool = False) -> Schema:
    """A component, by its name."""
    found: Schema = {"$ref": COMPONENTS + component}
    if optional:
        found = {"anyOf": [found, {"type": "null"}]}
    return {**found, "description": about} if about else found


def listed(items: Schema, about: str, example: list[object] | None = None) -> Schema:
    return _told({"type": "array", "description": about, "items": items}, example)


def table(values: Schema, about: str, example: JsonObject | None = None) -> Schema:
    """An object whose names are not the contract's."""
    return _told({"type": "object", "description": about, "additionalProperties": values}, example)


def record(
    about: str, fields: Mapping[str, Schema], *, maybe: Iterable[str] = (), optional: bool = False
) -> Schema:
    """An object with these fields. ``maybe``: those that are absent sometimes."""
    found: Schema = {
        "type": "object",
        "description": about,
        "properties": dict(fields),
        "required": [name for name in fields if name not in {*maybe}],
    }
    return _told(found, None, optional=optional)


def always(value: object, about: str) -> Schema:
    """A field with one value."""
    return {"const": value, "description": about}


def _told(found: Schema, example: object, *, optional: bool = False) -> Schema:
    if example is not None:
        found["examples"] = [example]
    if optional and "enum" in found:
        # A generated client then has one type for the codes, and not one for each type that a value may have.
        codes = {"type": found.pop("type"), "enum": found.pop("enum")}
        found["anyOf"] = [codes, {"type": "null"}]
    elif optional:
        found["type"] = [found["type"], "null"]
    return found


def query(name: str, about: str, schema: Schema) -> Parameter:
    return Parameter(name, about, schema)


def whole(most: int, absent: int) -> Schema:
    """A whole number from 1, as a parameter."""
    return {"type": "integer", "minimum": 1, "maximum": most, "default": absent}


def choice(*among: str) -> Schema:
    return {"type": "string", "enum": [*among]}
