"""Query parameters: how each kind is read, cursors, and a POST's switches. Every refusal names its parameter."""

import base64
import binascii
import re
from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from pydantic_core import PydanticCustomError

from cauce.contracts.v1.bodies import shown
from cauce.contracts.v1.errors import InvalidRequest
from cauce.contracts.v1.fields import Text, read_date
from cauce.domain.record import SHOWN_STATE

ESTADOS = tuple(dict.fromkeys(SHOWN_STATE.values()))
PAPERS = ("carta", "rollo")
MAX_PER_PAGE = 100
# A page that is asked for without a cursor is reached by reading all the pages before it.
MAX_PAGE = 1000

# A date and time of issue, and a record's id: the position in an issuer's list.
POSITION = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[0-9T:.+Z-]*#[0-9A-Za-z-]{1,64}")

Parameters = Mapping[str, str] | None


def only_validates(parameters: Parameters) -> bool:
    """Whether ``?validar=solo`` asks for a document to be validated and not emitted."""
    reader = Reader(parameters)
    value = reader.text("validar")
    if value not in (None, "solo"):
        reader.refuse("validar", "solo admite el valor «solo»")
    reader.refuse_unknown("validar")
    reader.settle()
    return value == "solo"


def provider(parameters: Parameters) -> str | None:
    """The provider that ``?proveedor=`` asks for; ``None`` for all of them."""
    reader = Reader(parameters)
    reader.refuse_unknown("proveedor")
    reader.settle()
    return reader.text("proveedor")


class Paper(NamedTuple):
    """Which PDF of a document is asked for."""

    is_providers: bool
    """``?origen=proveedor``: the provider's own."""
    is_roll: bool
    """``?papel=rollo``: for the 80 mm roll of a till."""


def paper(parameters: Parameters) -> Paper:
    """Which PDF the query string asks for. Raises InvalidDocument."""
    reader = Reader(parameters)
    origin, of = reader.choice("origen", ("cauce", "proveedor")), reader.choice("papel", PAPERS)
    reader.refuse_unknown("origen", "papel")
    found = Paper(is_providers=origin == "proveedor", is_roll=of == "rollo")
    if found.is_providers and found.is_roll:
        reader.refuse("papel", "solo se elige del PDF de Cauce; el del proveedor viene en el suyo")
    reader.settle()
    return found


def wants_container(parameters: Parameters) -> bool:
    """Whether ``?contenedor=1`` asks for the AttachedDocument."""
    reader = Reader(parameters)
    wanted = reader.choice("contenedor", ("1",))
    reader.refuse_unknown("contenedor")
    reader.settle()
    return wanted is not None


def nothing(parameters: Parameters) -> None:
    """Raise InvalidDocument for any parameter."""
    reader = Reader(parameters)
    reader.refuse_unknown()
    reader.settle()


def encoded_cursor(position: str) -> str:
    """A position as it travels in a link."""
    return base64.urlsafe_b64encode(position.encode()).decode().rstrip("=")


def decoded_cursor(cursor: str, shape: re.Pattern[str], longest: int = 200) -> str | None:
    """The position in a link's cursor; ``None`` where it does not have this shape."""
    if len(cursor) > longest or not re.fullmatch(r"[A-Za-z0-9_-]+", cursor):
        return None
    try:
        position = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return position if shape.fullmatch(position) else None


def is_within(position: str, since: date | None, until: date | None) -> bool:
    """Whether the date of issue that a position begins with is between these."""
    issued = position[:10]
    return (since is None or since.isoformat() <= issued) and (until is None or issued <= until.isoformat())


class Reader:
    """Reads parameters one by one; ``settle`` raises InvalidDocument for all that were wrong."""

    def __init__(self, parameters: Parameters):
        self._parameters = parameters or {}
        self._wrong: dict[str, list[str]] = {}

    def refuse(self, name: str, predicate: str) -> None:
        self._wrong.setdefault(name, []).append(f"El parámetro «{name}» {predicate}.")

    def refuse_unknown(self, *known: str) -> None:
        for name in list(self._parameters)[:20]:
            if name not in known:
                import difflib  # for whoever errs

                close = difflib.get_close_matches(name[:40], known, n=1)
                hint = f"; ¿quiso decir «{close[0]}»?" if close else "."
                self._wrong[shown(name)] = [f"El parámetro «{shown(name)}» no existe{hint}"]

    def text(self, name: str) -> str | None:
        return (self._parameters.get(name) or "").strip() or None

    def choice(self, name: str, among: tuple[str, ...]) -> str | None:
        value = self.text(name)
        if value is not None and value not in among:
            self.refuse(name, f"debe ser uno de: {', '.join(among)}")
        return value

    def like(self, name: str, kind: Text) -> str | None:
        value = self.text(name)
        if value is None:
            return None
        try:
            return kind.read(value)
        except PydanticCustomError as error:
            self.refuse(name, error.message())
            return None

    def date(self, name: str) -> date | None:
        value = self.text(name)
        if value is None:
            return None
        try:
            return read_date(value)
        except PydanticCustomError as error:
            self.refuse(name, error.message())
            return None

    def integer(self, name: str, absent: int, most: int) -> int:
        value = self.text(name)
        if value is None:
            return absent
        if re.fullmatch(r"[0-9]{1,6}", value) and 1 <= int(value) <= most:
            return int(value)
        self.refuse(name, f"debe ser un número entero entre 1 y {most}")
        return absent

    def settle(self) -> None:
        if self._wrong:
            raise InvalidRequest(self._wrong)
