"""The short way from a request's text to what it asks for: the same declarations, read once and without detours.

It takes what nearly every request says, and then gives exactly what the long way gives (``bodies.parsed``, then
``sentences.read``). It raises one of ``REFUSALS`` at anything else, be it wrong or only unusual, and leaves it to the
long way, which finds every fault and has the sentences.

Within, an object of JSON is a tuple of its names and values, so that a repeated name can be seen; an array is a list.
"""

import json
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from operator import itemgetter
from types import NoneType
from typing import TypeVar, get_args, get_origin

from annotated_types import MaxLen
from pydantic.fields import FieldInfo

from cauce.contracts.v1 import translation
from cauce.contracts.v1.bodies import UNWRITABLE
from cauce.contracts.v1.fields import FieldKind, Read, To
from cauce.contracts.v1.lines import LineRequest
from cauce.contracts.v1.requests import MAX_LINES, REQUESTS, AnyRequest
from cauce.contracts.v1.shapes import Shape
from cauce.domain import document as domain
from cauce.domain.document import Kind
from cauce.domain.models import maker, marked, model_in

S = TypeVar("S", bound=Shape)

Entry = LineRequest | domain.Line
"""A line as it was asked for; or, where nothing in it must agree with anything else, the domain's at once."""


class Odd(Exception):
    """Something that the long way has to look at."""


REFUSALS = (Odd, ArithmeticError, LookupError, RecursionError, TypeError, ValueError)
"""What fails at text that is no JSON, at a number without bounds, at an unknown or a missing name, at a value."""


def decoded(text: str) -> dict[str, object]:
    """The object that a text is, its fields not read yet."""
    return _object(_decode(text))


def request(kind: Kind, said: dict[str, object]) -> tuple[AnyRequest, list[Entry]]:
    """What an object of ``decoded`` asks for, and its lines; ``lineas`` has only those that are LineRequests."""
    shape = REQUESTS[kind]
    lines = said.pop("lineas")
    if type(lines) is not list or not 1 <= len(lines) <= MAX_LINES:
        raise Odd
    entries = _lines(lines, vat_optional=kind.is_bought)
    fields = _fields(shape)
    values = {name: fields[name](value) for name, value in said.items()}
    values["lineas"] = tuple([each for each in entries if type(each) is LineRequest])
    return _maker(shape)(values), entries


def _refuse(_: object) -> object:
    raise Odd


_decode = json.JSONDecoder(object_pairs_hook=tuple, parse_float=Decimal, parse_constant=_refuse).decode


def _object(value: object) -> dict[str, object]:
    if type(value) is not tuple:
        raise Odd
    found = dict(value)
    if len(found) != len(value):
        raise Odd
    return found


# One part


@cache
def reader(shape: type[S]) -> Callable[[object], S]:
    """Reads an object as a part of a request."""
    fields = _fields(shape)
    made: Callable[[dict[str, object]], S] = _maker(shape)

    def read(value: object) -> S:
        if type(value) is not tuple:
            raise Odd
        said = {}
        for name, inner in value:
            said[name] = fields[name](inner)
        if len(said) != len(value):
            raise Odd
        return made(said)

    return read


@cache
def _maker(shape: type[S]) -> Callable[[dict[str, object]], S]:
    """Makes a part of a request of its fields' values, if all are there that it must have."""
    required = tuple(name for name, field in shape.model_fields.items() if field.is_required())
    make: Callable[[dict[str, object]], S] = maker(shape)

    def made(said: dict[str, object]) -> S:
        for name in required:
            said[name]
        return make(said)

    return made


@cache
def _fields(shape: type[Shape]) -> dict[str, Read]:
    """What reads each field of a part, a null too."""
    return {name: _field(field) for name, field in shape.model_fields.items()}


def _field(field: FieldInfo) -> Read:
    is_optional = NoneType in get_args(field.annotation)
    for mark in field.metadata:
        if isinstance(mark, FieldKind):
            return mark.quick(_strictly(mark.reader(is_optional=is_optional)))
    part = model_in(field.annotation)
    if part is None or not issubclass(part, Shape):
        return _refuse
    read = reader(part)
    if get_origin(field.annotation) is tuple:
        most = next(mark.max_length for mark in field.metadata if isinstance(mark, MaxLen))
        return lambda value: () if value is None else _each(value, read, most)
    return (lambda value: None if value is None else read(value)) if is_optional else read


def _each(value: object, read: Read, most: int) -> tuple[object, ...]:
    if type(value) is not list or len(value) > most:
        raise Odd
    return tuple(map(read, value))


def _strictly(read: Read) -> Read:
    """Reads any value as ``read`` does, but for those that no request may have anywhere, and objects."""

    def strictly(value: object) -> object:
        texts = value if isinstance(value, list) else [value]
        if any(
            isinstance(text, tuple) or (isinstance(text, str) and UNWRITABLE.search(text)) for text in texts
        ):
            raise Odd
        return read(value)

    return strictly


# Lines


def _lines(found: list[object], *, vat_optional: bool) -> list[Entry]:
    plain, whole = _plain(vat_optional), reader(LineRequest)
    entries: list[Entry] = []
    for value in found:
        try:
            entries.append(plain(value))
        except REFUSALS:
            entries.append(whole(value))
    return entries


# The fields of a plain line, which have nothing to agree on with each other, and are copied.
_PLAIN = ("codigo", "descripcion", "cantidad", "unidad", "precio", "estandar", "nota", "marca", "modelo")


@cache
def _plain(vat_optional: bool) -> Callable[[object], domain.Line]:
    """Reads a line that has only ``_PLAIN``, its IVA and one discount."""
    fields = _plain_fields()
    make: Callable[[dict[str, object]], domain.Line] = maker(domain.Line)
    needed = ["code", "description", "quantity", "price", *([] if vat_optional else ["taxes"])]
    has_needed = itemgetter(*needed)

    def plain(value: object) -> domain.Line:
        if type(value) is not tuple:
            raise Odd
        said = {}
        for name, inner in value:
            field, read = fields[name]
            said[field] = read(inner)
        has_needed(said)
        if len(said) != len(value) or (
            "discount_amount" in said and said["discount_amount"] and said.get("discount_percent")
        ):
            raise Odd
        return make(said)

    return plain


def _plain_fields() -> dict[str, tuple[str, Read]]:
    """What the fields of a plain line become, each by itself, and what reads it so."""
    becomes = marked(LineRequest, To)
    kinds = marked(LineRequest, FieldKind)
    fields = {}
    for name in _PLAIN:
        field, kind = becomes[name].field, kinds[name]
        default = domain.Line.model_fields[field]
        is_optional = not default.is_required()
        read = _strictly(kind.reader(is_optional=is_optional))
        fields[name] = (field, kind.quick(_or_default(read, default.default) if is_optional else read))
    apart = _fields(LineRequest)
    percent, amount, rate = apart["descuento_pct"], apart["descuento_valor"], apart["iva_pct"]

    known: dict[int, tuple[domain.Tax, ...]] = {}

    def vat(value: object) -> tuple[domain.Tax, ...]:
        if type(value) is int and value in known:
            return known[value]
        found = rate(value)
        if not isinstance(found, Decimal):
            raise Odd
        taxes = translation.vat(found)
        if type(value) is int:
            known[value] = taxes
        return taxes

    def excluded(value: object) -> tuple[domain.Tax, ...]:
        if value is not True:
            raise Odd
        return ()

    fields["descuento_pct"] = ("discount_percent", lambda value: percent(value) or None)
    fields["descuento_valor"] = ("discount_amount", lambda value: amount(value) or None)
    fields["iva_pct"] = ("taxes", vat)
    fields["excluido"] = ("taxes", excluded)
    return fields


def _or_default(read: Read, default: object) -> Read:
    def or_default(value: object) -> object:
        found = read(value)
        return default if found is None else found

    return or_default
