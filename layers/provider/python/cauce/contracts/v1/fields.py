"""The kinds of field in the contract: plain data that reads one JSON value strictly, or says what it should be.

A field is declared once, in its request:
``marca: str | None = optional("La marca", Text(100), To("brand"), example="La Ladera", rule="FAZ04")``. It has its
name in messages, the kind of its values, the domain's field that it becomes, and what only its JSON Schema shows: an
example, and the rules of DIAN or of the law that ask for the field or bound it.

A refusal is a predicate («debe ser un número»); ``sentences`` puts the field's name before it. Text is
stripped; an empty optional field is an absent one. Numbers are ``Decimal`` from the first, without trailing
zeros, so that 50000, 50000.00 and "50000" are one value.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from typing import Annotated, Any, TypeVar, get_args

from pydantic import BeforeValidator, Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from cauce.contracts.v1.bodies import UNWRITABLE, JsonObject
from cauce.domain.money import plain, rounded

T = TypeVar("T")

Read = Callable[[object], object]
"""Reads one JSON value."""

REFUSED, REQUIRED = "cauce_refused", "cauce_required"
TOO_EXACT, KEPT = "cauce_too_exact", "kept"
"""What refuses a number with more decimals than its field has; and what it would be rounded to, as text."""
# What a program writes of a binary fraction has no more: 8403.361344537815, 0.30000000000000004.
_MOST_DIGITS = 17

RULES, CATALOG = "x-dian-rules", "x-catalogo"
"""The keys in a field's JSON Schema of its rules, and of the name of its code list (``catalogues``)."""

CODES = "x-codigos"
"""The key of the names of a field's codes there."""

# The limits of the domain's Amount and Percent, checked here too so that the refusal names the field.
AMOUNT_LIMIT = Decimal(10) ** 12
QUANTITY_LIMIT = Decimal(10) ** 10
AMOUNT_PLACES, PERCENT_PLACES = 6, 4

# What most quantities and rates are, made once.
_NUMBERS = tuple(map(Decimal, range(101)))
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
_COMMA = re.compile(r"[+-]?[0-9.]*,[0-9]+")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(r"([0-9]{2}:[0-9]{2}:[0-9]{2})(-05:00)?")
_FIRST_YEAR, _LAST_YEAR = 2000, 2100
_NULL: JsonObject = {"type": "null"}
# Longer tables are described in words.
_LONGEST_ENUM = 80


def refused(predicate: str) -> PydanticCustomError:
    return PydanticCustomError(REFUSED, "{predicate}", {"predicate": predicate})


@dataclass(frozen=True)
class To:
    """The domain's field that a field of a request becomes.

    ``copied``: its value as it is, and where it is absent the domain's default. Else ``translation`` says how.
    """

    field: str
    copied: bool = True


class FieldKind:
    """What values a field takes; an empty one is absent where the field's type has ``None``."""

    catalog: str = ""
    """The name of the code list (``catalogues``) whose codes it takes, if there is one."""

    def read(self, value: object) -> object:
        """The value of a field that is not empty."""
        raise NotImplementedError

    def empty(self, *, is_optional: bool) -> object:
        """The value of an absent or empty field."""
        if is_optional:
            return None
        raise PydanticCustomError(REQUIRED, "required")

    def reader(self, *, is_optional: bool) -> Read:
        """Reads the value of a field, be it empty or not."""
        read = self.read

        def checked(value: object) -> object:
            if value is None or (isinstance(value, str) and not value.strip()):
                return self.empty(is_optional=is_optional)
            return read(value)

        return checked

    def quick(self, read: Read) -> Read:
        """Reads what ``read`` reads, as ``read`` does, and the usual values sooner; ``read`` is asked for all others.

        It is for values of ``quick.decoded``.
        """
        return read

    def described(self) -> JsonObject:
        """The JSON Schema of a value, for the OpenAPI description; ``read`` also takes blanks around it."""
        return {"type": "string"}

    def __get_pydantic_core_schema__(self, annotation: object, _: GetCoreSchemaHandler) -> CoreSchema:
        is_optional = type(None) in get_args(annotation)
        return core_schema.no_info_plain_validator_function(
            self.reader(is_optional=is_optional), metadata={"nullable": is_optional}
        )

    def __get_pydantic_json_schema__(self, read: CoreSchema, _: GetJsonSchemaHandler) -> JsonObject:
        found = self.described()
        return _or_empty(found) if read["metadata"]["nullable"] else found


def _or_empty(schema: JsonObject) -> JsonObject:
    """The JSON Schema of a field that may be empty: it takes null and the empty text too.

    It stays one schema with several types where it can, because generated clients make a class of each ``anyOf``.
    """
    if "format" in schema:
        return {"anyOf": [schema, {"type": "string", "enum": [""]}, _NULL]}
    if "enum" in schema:
        return {"anyOf": [_or_blank(schema), _NULL]}
    ways = schema.get("anyOf")
    if isinstance(ways, list):
        return {
            **schema,
            "anyOf": [*(_or_blank(way) if way["type"] == "string" else way for way in ways), _NULL],
        }
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if "string" not in types:
        return {**schema, "type": [*types, "string", "null"], "maxLength": 0}
    return {**_or_blank(schema), "type": [*types, "null"]}


def _or_blank(text: JsonObject) -> JsonObject:
    found = {name: value for name, value in text.items() if name != "minLength"}
    codes, pattern = found.get("enum"), found.get("pattern")
    if isinstance(codes, list):
        found["enum"] = [*codes, ""]
    if isinstance(pattern, str):
        found["pattern"] = f"{pattern.removesuffix('$')}?$"
    return found


def whole(pattern: str) -> str:
    """A pattern of JSON Schema, which is looked for in a text, for one that a whole text matches."""
    return f"^(?:{pattern})$"


@dataclass(frozen=True)
class Text(FieldKind):
    """Text of at most ``longest`` characters; ``like`` is the predicate when ``pattern`` does not match."""

    longest: int
    pattern: str | None = None
    like: str = ""
    many_lines: bool = False

    def read(self, value: object) -> str:
        found = written(value, many_lines=self.many_lines)
        if len(found) > self.longest:
            raise refused(f"admite máximo {self.longest} caracteres")
        if self.pattern and not re.fullmatch(self.pattern, found):
            raise refused(self.like)
        return found

    def quick(self, read: Read) -> Read:
        longest, matches = self.longest, re.compile(self.pattern or "").fullmatch

        def usual(value: object) -> object:
            # What is printable has no control characters, no line ends, and no blanks but spaces.
            if type(value) is str and value.isprintable():
                found = value.strip()
                if found and len(found) <= longest:
                    return found
            return read(value)

        def usual_like(value: object) -> object:
            found = usual(value)
            is_found = type(found) is str and found is value and matches(found)
            return found if is_found else read(value)

        return usual_like if self.pattern else usual

    def described(self) -> JsonObject:
        like = {"pattern": whole(self.pattern)} if self.pattern else {}
        return {"type": "string", "minLength": 1, "maxLength": self.longest, **like}


def written(value: object, *, many_lines: bool = False) -> str:
    """A string that XML can carry, stripped."""
    if not isinstance(value, str):
        raise refused("debe ser un texto entre comillas")
    found = value.strip()
    if UNWRITABLE.search(found):
        raise refused("contiene caracteres de control o que no son Unicode válido")
    if many_lines:
        return found.replace("\r\n", "\n").replace("\r", "\n")
    if not found.isprintable() and re.search(r"[\t\n\r\v\f\u2028\u2029]", found):
        raise refused("no admite saltos de línea ni tabulaciones")
    return found


@dataclass(frozen=True)
class Code(FieldKind):
    """A code of a DIAN table, or of one that is loaded on first use; ``like``: the predicate for any other value.

    ``integer``: codes without leading zeros may also come as a JSON number. ``catalog``: as in ``FieldKind``.
    """

    table: dict[str, str] | Callable[[], dict[str, str]]
    integer: bool = False
    like: str = ""
    catalog: str = ""

    @property
    def codes(self) -> dict[str, str]:
        return self.table if isinstance(self.table, dict) else self.table()

    def read(self, value: object) -> str:
        known = self.codes
        if self.integer and isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1000:
            value = str(value)
        if isinstance(value, str):
            found = value.strip()
            if found in known:
                return found
        elif not self.integer:
            raise refused("debe ser un texto entre comillas, para conservar los ceros a la izquierda")
        raise refused(self.like or f"debe ser uno de estos códigos: {', '.join(known)}")

    def quick(self, read: Read) -> Read:
        return _Known(read).__getitem__

    def described(self) -> JsonObject:
        known = self.codes
        named = {CATALOG: self.catalog} if self.catalog else {}
        if len(known) > _LONGEST_ENUM:
            longest = max(map(len, known))
            return {"type": "string", "maxLength": longest, "description": self.like, **named}
        numbers = [number for number in range(1000) if self.integer and str(number) in known]
        codes = {CODES: dict(known)} if all(known.values()) else {}
        texts: JsonObject = {"type": "string", "enum": [*known]}
        if numbers:
            return {"anyOf": [texts, {"type": "integer", "enum": numbers}], **codes, **named}
        return {**texts, **codes, **named}


class _Known(dict[object, object]):
    """The texts that ``read`` took before as they are: at most all codes of a table."""

    def __init__(self, read: Read):
        self._read = read

    def __missing__(self, value: object) -> object:
        found = self._read(value)
        if type(value) is str and found == value:
            self[value] = found
        return found


@dataclass(frozen=True)
class Amount(FieldKind):
    """A quantity or an amount of money, as a JSON number or as text with a decimal point."""

    positive: bool = False
    below: Decimal = AMOUNT_LIMIT
    places: int = AMOUNT_PLACES
    instead: str = ""
    """What to do, where a number below 0 is what somebody meant."""

    def read(self, value: object) -> Decimal:
        number = decimal(value, "debe ser un número")
        if number < 0 or (self.positive and number == 0):
            instead = f": {self.instead}" if number < 0 and self.instead else ""
            raise refused(
                f"{'debe ser mayor que 0' if self.positive else 'no puede ser menor que 0'}{instead}"
            )
        if number >= self.below:
            raise refused(f"debe ser menor que {self.below:f}")
        return _exact(number, self.places)

    def quick(self, read: Read) -> Read:
        digits = self.below.adjusted()
        return _quick_number(read, int(self.positive), 10**digits - 1, digits, self.places)

    def described(self) -> JsonObject:
        above, not_0 = ("exclusiveMinimum", "(?=.*[1-9])") if self.positive else ("minimum", "")
        # No ``multipleOf``: to a validator that reads numbers as binary floats 1.1 is no multiple of 0.000001.
        like = whole(rf"{not_0}\+?0*[0-9]{{1,{self.below.adjusted()}}}(\.[0-9]{{1,{self.places}}}0*)?")
        return {"type": ["number", "string"], above: 0, "exclusiveMaximum": int(self.below), "pattern": like}


@dataclass(frozen=True)
class Rounding(FieldKind):
    """What a total is rounded by, up or down, to the cent."""

    most: int = 500

    def read(self, value: object) -> Decimal:
        number = decimal(value, "debe ser un número")
        if abs(number) > self.most:
            raise refused(f"debe estar entre -{self.most} y {self.most}; una rebaja va en descuentos")
        return _exact(number, 2)

    def described(self) -> JsonObject:
        like = whole(r"[+-]?0*[0-9]{1,3}(\.[0-9]{1,2}0*)?")
        return {"type": ["number", "string"], "minimum": -self.most, "maximum": self.most, "pattern": like}


@dataclass(frozen=True)
class Whole(FieldKind):
    """A whole number, from 1 unless another is the least."""

    most: int = 10**10 - 1
    least: int = 1

    def read(self, value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not self.least <= value <= self.most:
            raise refused(f"debe ser un número entero entre {self.least} y {self.most}")
        return value

    def described(self) -> JsonObject:
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


@dataclass(frozen=True)
class Percent(FieldKind):
    """A percentage from 0 to 100, 19 meaning 19 %."""

    def read(self, value: object) -> Decimal:
        like = "debe ser un número entre 0 y 100"
        number = decimal(value, like)
        if not 0 <= number <= 100:
            raise refused(like)
        return _exact(number, PERCENT_PLACES)

    def quick(self, read: Read) -> Read:
        return _quick_number(read, 0, 100, 2, PERCENT_PLACES)

    def described(self) -> JsonObject:
        like = whole(rf"\+?0*(100(\.0+)?|[0-9]{{1,2}}(\.[0-9]{{1,{PERCENT_PLACES}}}0*)?)")
        return {"type": ["number", "string"], "minimum": 0, "maximum": 100, "pattern": like}


def _quick_number(read: Read, least: int, most: int, digits: int, places: int) -> Read:
    """``read``, and sooner what is from ``least`` to ``most`` and has at most so many digits and decimal places;
    zeros after the last decimal are left out."""
    integer, decimals = f"[0-9]{{1,{digits}}}", rf"\.[0-9]{{0,{places - 1}}}[1-9]"
    is_exact = re.compile(integer + decimals).fullmatch
    few = min(len(_NUMBERS), most + 1)
    match = re.compile(f"({integer}{decimals})0{{0,20}}|({integer})(?:\\.0{{1,20}})?").fullmatch

    def usual(value: object) -> object:
        if type(value) is int:
            if least <= value < few:
                return _NUMBERS[value]
            if least <= value <= most:
                return Decimal(value)
        elif type(value) is Decimal and is_exact(str(value)):
            return value
        elif type(value) is str or type(value) is Decimal:
            found = match(str(value))
            number = Decimal(found[found.lastindex or 0]) if found else -1
            if number >= least:
                return number
        return read(value)

    return usual


def decimal(value: object, like: str) -> Decimal:
    """The number as written, whatever its size; ``like``: the predicate for a value that is no number."""
    if isinstance(value, str):
        written_number = value.strip()
        if _COMMA.fullmatch(written_number):
            raise refused("usa coma decimal: escriba 19000.50, con punto y sin separador de miles")
        if not _NUMBER.fullmatch(written_number):
            raise refused(like)
        return Decimal(written_number)
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise refused(like)
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not number.is_finite():
        raise refused(like)
    return number


def _exact(number: Decimal, places: int) -> Decimal:
    """The same number without zeros after its last digit; refused as ``TOO_EXACT`` where it has more decimals than
    ``places``.

    Digit by digit, because Decimal's own arithmetic would round a long tail to 28 digits.
    """
    digits = number.as_tuple().digits
    exponent = number.adjusted() - len(digits) + 1
    zeros = 0
    while zeros < len(digits) - 1 and digits[-1 - zeros] == 0:
        zeros += 1
    if not any(digits):
        return Decimal(0)
    if exponent + zeros < -places:
        raise _too_exact(number, places)
    significant = Decimal((number.is_signed(), digits[: len(digits) - zeros], exponent + zeros))
    return Decimal(f"{significant:f}")


def _too_exact(number: Decimal, places: int) -> PydanticCustomError:
    """The refusal of a number with too many decimals; it tells what would be kept, where that is not nothing."""
    predicate = f"admite máximo {places} decimales"
    kept = rounded(number, places)
    if not kept or len(number.as_tuple().digits) > _MOST_DIGITS:
        return refused(predicate)
    return PydanticCustomError(TOO_EXACT, "{predicate}", {"predicate": predicate, KEPT: plain(kept)})


@dataclass(frozen=True)
class Day(FieldKind):
    """A date, YYYY-MM-DD."""

    def read(self, value: object) -> date:
        return read_date(value)

    def quick(self, read: Read) -> Read:
        return lambda value: (
            read_date(value) if type(value) is str and _DATE.fullmatch(value) else read(value)
        )

    def described(self) -> JsonObject:
        return {"type": "string", "format": "date"}


def read_date(value: object) -> date:
    if not isinstance(value, str) or not _DATE.fullmatch(value.strip()):
        raise refused("debe tener el formato AAAA-MM-DD, como 2026-05-10")
    try:
        found = date.fromisoformat(value.strip())
    except ValueError:
        raise refused("no existe en el calendario") from None
    if not _FIRST_YEAR <= found.year < _LAST_YEAR:
        raise refused(f"debe estar entre los años {_FIRST_YEAR} y {_LAST_YEAR - 1}")
    return found


@dataclass(frozen=True)
class Clock(FieldKind):
    """A time of day in Bogotá, HH:mm:ss-05:00; the offset may be left out."""

    def read(self, value: object) -> time:
        found = _TIME.fullmatch(value.strip()) if isinstance(value, str) else None
        try:
            if found:
                return time.fromisoformat(found[1])
        except ValueError:
            pass
        raise refused("debe tener el formato HH:mm:ss-05:00, en la hora de Bogotá")

    def described(self) -> JsonObject:
        return {"type": "string", "pattern": whole(_TIME.pattern)}


@dataclass(frozen=True)
class Boolean(FieldKind):
    """true or false."""

    def read(self, value: object) -> bool:
        if not isinstance(value, bool):
            raise refused("debe ser true o false")
        return value

    def described(self) -> JsonObject:
        return {"type": "boolean"}


class _Nullable:
    def __get_pydantic_json_schema__(self, read: CoreSchema, handler: GetJsonSchemaHandler) -> JsonObject:
        return {"anyOf": [handler(read), {"type": "null"}]}


Listed = Annotated[tuple[T, ...], BeforeValidator(lambda value: () if value is None else value), _Nullable()]
"""An optional list: null is an empty one."""


Example = str | int | bool
Rule = str | tuple[str, ...]


def required(title: str, *marks: FieldKind | To, example: Example | None = None, rule: Rule = ()) -> Any:
    """The declaration of a field that a request must have.

    ``title``: its name in messages. ``example``: a value that fits the examples of the fields around it; a field of
    objects has none, since their fields have. ``rule``: the code, or codes, of DIAN's rules that ask for the field or
    bound it, as invoices have them (FAV05), or where the law or the annex does (E.T. 617).
    """
    return _declared(Field(title=title, examples=_examples(example), json_schema_extra=_rules(rule)), marks)


def optional(
    title: str,
    *marks: FieldKind | To,
    default: object = None,
    about: str | None = None,
    example: Example | None = None,
    rule: Rule = (),
) -> Any:
    """As ``required``, of a field that may be absent or empty. ``about``: what it means, if its name does not say."""
    shown, rules = _examples(example), _rules(rule)
    field = Field(default, title=title, description=about, examples=shown, json_schema_extra=rules)
    return _declared(field, marks)


def listed(title: str, most: int, *marks: To, about: str | None = None, rule: Rule = ()) -> Any:
    """As ``optional``, of a ``Listed`` field with at most ``most`` elements, which are objects."""
    field = Field((), max_length=most, title=title, description=about, json_schema_extra=_rules(rule))
    return _declared(field, marks)


def _examples(example: Example | None) -> list[Any] | None:
    return None if example is None else [example]


def _rules(rule: Rule) -> dict[str, Any] | None:
    return {RULES: [rule] if isinstance(rule, str) else [*rule]} if rule else None


def _declared(field: Any, marks: tuple[FieldKind | To, ...]) -> Any:
    field.metadata.extend(marks)
    return field
