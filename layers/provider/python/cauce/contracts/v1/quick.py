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
from types import NoneType
from typing import Any, TypeVar, get_args, get_origin

from annotated_types import MaxLen
from pydantic.fields import FieldInfo

from cauce.contracts.v1 import rules, translation
from cauce.contracts.v1.bodies import UNWRITABLE
from cauce.contracts.v1.fields import FieldKind, Read, To
from cauce.contracts.v1.lines import LineRequest
from cauce.contracts.v1.requests import MAX_LINES, REQUESTS, AnyRequest
from cauce.contracts.v1.shapes import Shape
from cauce.domain import document as domain
from cauce.domain.document import Kind
from cauce.domain.models import Fields, blank, maker, marked, model_in, trusted_all

S = TypeVar("S", bound=Shape)

Entry = LineRequest | domain.Line
"""A line as it was asked for; or, where it is a plain one (``_plain``), the domain's at once."""


class Odd(Exception):
    """Something that the long way has to look at."""


REFUSALS = (Odd, ArithmeticError, LookupError, RecursionError, TypeError, ValueError)
"""What fails at text that is no JSON, at a number without bounds, at an unknown or a missing name, at a value."""


def decoded(text: str) -> Fields:
    """The object that a text is, its fields not read yet."""
    return _object(_decode(text))


def request(kind: Kind, said: Fields) -> tuple[AnyRequest, list[Entry]]:
    """What an object of ``decoded`` asks for, and its lines; ``lineas`` has only those that are LineRequests."""
    shape = REQUESTS[kind]
    lines = said.pop("lineas")
    if type(lines) is not list or not 1 <= len(lines) <= MAX_LINES:
        raise Odd
    fields = _fields(shape)
    values = {name: fields[name](value) for name, value in said.items()}
    # Where prices have their taxes within, no line is a plain one.
    entries: list[Entry]
    if values.get("precios_incluyen_impuestos"):
        entries = [*map(reader(LineRequest), lines)]
    else:
        entries = _lines(lines, vat_optional=kind.is_bought)
    values["lineas"] = tuple([each for each in entries if type(each) is LineRequest])
    return _maker(shape)(values), entries


def _refuse(_: object) -> object:
    raise Odd


_decode = json.JSONDecoder(object_pairs_hook=tuple, parse_float=Decimal, parse_constant=_refuse).decode


def _object(value: object) -> Fields:
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
    made: Callable[[Fields], S] = _maker(shape)

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
def _maker(shape: type[S]) -> Callable[[Fields], S]:
    """Makes a part of a request of its fields' values, if all are there that it must have."""
    required = tuple(name for name, field in shape.model_fields.items() if field.is_required())
    make: Callable[[Fields], S] = maker(shape)

    def made(said: Fields) -> S:
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
    filled: list[Fields] = []
    others: dict[int, LineRequest] = {}
    for n, value in enumerate(found):
        try:
            filled.append(plain(value))
        except REFUSALS:
            others[n] = whole(value)
    made = trusted_all(domain.Line, filled)
    if not others:
        return [*made]
    following = iter(made)
    return [others.get(n) or next(following) for n in range(len(found))]


@cache
def _plain(vat_optional: bool) -> Callable[[object], Fields]:
    """Reads a line in which hardly anything must agree with anything else, as the fields of the domain's line: words,
    numbers, one way to say its taxes, one discount, withholdings. Raises one of ``REFUSALS`` at any other line.
    """
    fields, new = _plain_fields(), blank(domain.Line).copy
    bits = {name: bit for name, (_, bit, _) in fields.items()}
    needed = sum(bits[name] for name in fields if LineRequest.model_fields[name].is_required())
    excluded, taxed = bits["excluido"], bits["iva_pct"] | bits["impuestos"]
    right = {bits["iva_pct"], bits["impuestos"], *([0] if vat_optional else [])}
    discounts = bits["descuento_pct"] | bits["descuento_valor"]

    def plain(value: object) -> Fields:
        if type(value) is not tuple:
            raise Odd
        line, seen = new(), 0
        for name, inner in value:
            field, bit, read = fields[name]
            line[field] = read(inner)
            seen |= bit
        if seen.bit_count() != len(value) or seen & needed != needed:
            raise Odd
        if seen & taxed not in (_UNTAXED if seen & excluded and line.pop("excluido") else right):
            raise Odd
        if seen & discounts == discounts and line["discount_percent"] and line["discount_amount"]:
            raise Odd
        return line

    return plain


_UNTAXED = {0}
# The fields of a plain line that are copied. No rule of ``rules`` may compare them with another field; one that is so
# compared is not of a plain line.
_COPIED = ("codigo", "descripcion", "cantidad", "unidad", "precio", "estandar", "nota", "marca", "modelo")


@cache
def _plain_fields() -> dict[str, tuple[str, int, Read]]:
    """What each field of a plain line becomes, a bit of its own, and what reads it as the domain has it."""
    kinds, becomes = marked(LineRequest, FieldKind), marked(LineRequest, To)
    reads = _fields(LineRequest)
    found: dict[str, tuple[str, Read]] = {
        "iva_pct": ("taxes", _vat(reads["iva_pct"])),
        "impuestos": ("taxes", _taxes(reads["impuestos"])),
        "excluido": ("excluido", reads["excluido"]),
        "retenciones": ("withholdings", _withholdings(reads["retenciones"])),
    }
    for name in ("descuento_pct", "descuento_valor"):
        found[name] = (becomes[name].field, _or(None, reads[name]))
    for name in _COPIED:
        field = becomes[name].field
        optional = not LineRequest.model_fields[name].is_required()
        read = _strictly(kinds[name].reader(is_optional=optional))
        default = domain.Line.model_fields[field].default
        found[name] = (field, kinds[name].quick(_or(default, read) if optional else read))
    return {name: (field, 1 << n, read) for n, (name, (field, read)) in enumerate(found.items())}


def _or(default: object, read: Read) -> Read:
    """Reads nothing, and a number of 0, as ``default``."""
    return lambda value: read(value) or default


def _taxes(read: Read) -> Read:
    def taxes(value: object) -> tuple[domain.Tax, ...]:
        listed: Any = read(value)
        if not listed or any(rules.taxes(listed)):
            raise Odd
        return translation.taxes(listed)

    return taxes


def _withholdings(read: Read) -> Read:
    def withholdings(value: object) -> tuple[domain.Withholding, ...]:
        listed: Any = read(value)
        if any(rules.withholdings(listed)):
            raise Odd
        return translation.withholdings(listed)

    return withholdings


def _vat(rate: Read) -> Read:
    """Reads a rate of IVA as the taxes of a line."""
    known: dict[int, tuple[domain.Tax, ...]] = {}

    def taxes(value: object) -> tuple[domain.Tax, ...]:
        if type(value) is int and value in known:
            return known[value]
        found = rate(value)
        if not isinstance(found, Decimal):
            raise Odd
        of_rate = translation.vat(found)
        if type(value) is int:
            known[value] = of_rate
        return of_rate

    return taxes
