"""Texts of requests, honest ones and others, made from what the requests declare: a new field is in them by itself."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any, get_origin

from pydantic import BaseModel

from cauce.contracts.v1.fields import (
    Amount,
    Boolean,
    Clock,
    Code,
    Day,
    FieldKind,
    Percent,
    Rounding,
    Text,
    Whole,
)
from cauce.contracts.v1.lines import LineRequest
from cauce.contracts.v1.parties import Party, Responsibilities
from cauce.contracts.v1.requests import REQUESTS, Paragraphs, Request
from cauce.contracts.v1.shapes import Adjustment
from cauce.domain import nit
from cauce.domain.document import Kind
from cauce.domain.models import marked, model_in
from tests.unit.contracts.examples import EXAMPLES


class Token(str):
    """A JSON value as it is written."""

    __slots__ = ()


# Honest requests

# Fields that would contradict others if they came at random; ``_agreed`` puts some of them in.
_APART = {
    LineRequest: {
        "iva_pct", "excluido", "impuestos", "descuento_pct", "descuento_valor", "precio_referencia", "mandante",
        "contrato_aiu", "remesa", "codigo_estandar", "periodo",
    },
    Party: {
        "tipo_documento", "numero_documento", "dv", "nombres", "apellidos", "ciudad", "region", "pais",
        "codigo_departamento", "codigo_municipio",
    },
    Adjustment: {"valor", "porcentaje"},
    Request: {
        "factura", "referencia", "pago", "moneda", "tasa_cambio", "periodo", "totales_esperados", "factura_papel",
        "factura_referencia", "documento_referencia", "motivo", "pagos", "debida_diligencia", "salud",
    },
}  # fmt: skip
_LETTERS = "abcdefgh ABCD 0123456789-/.,()&'<>ñáéíóúÑÁ°º«»€😀"


def a_request(kind: Kind, random: Random) -> dict[str, Any]:
    """A request for a document of this kind, usually a right one."""
    body = _filled(REQUESTS[kind], random, chance=0.25)
    example = EXAMPLES[kind]()
    body["lineas"] = [a_line(kind, random) for _ in range(random.choice((1, 1, 2, 3, 6)))]
    for name in ("motivo", "factura_referencia", "documento_referencia"):
        if name in example:
            body[name] = example[name]
    if random.random() < 0.5:
        body["factura"] = {
            "fecha": "2026-05-11",
            **({"hora": "15:30:00-05:00"} if random.random() < 0.5 else {}),
        }
    if random.random() < 0.5:
        body["pago"] = random.choice(
            ({"forma": "1"}, {"forma": "2", "medio": "47", "vencimiento": "2026-06-09"}, {"medio": 10})
        )
    if random.random() < 0.2:
        body |= {"moneda": "USD", "tasa_cambio": {"valor": Token("4012.50"), "fecha": "2026-05-10"}}
    if random.random() < 0.5:
        body["referencia"] = f"V-{random.randrange(1000)}"
    return body


def a_line(kind: Kind, random: Random) -> dict[str, Any]:
    line = _filled(LineRequest, random, chance=random.choice((0, 0.1, 0.3)))
    line |= random.choice(_TAXED)(random) if not kind.is_bought or random.random() < 0.3 else {}
    line |= random.choice(_REDUCED)(random)
    if random.random() < 0.05:
        line |= {"precio": 0, "precio_referencia": {"valor": 1200, "tipo": "01"}, "descuento_pct": 0}
    return line


_TAXED: tuple[Callable[[Random], dict[str, Any]], ...] = (
    lambda random: {"iva_pct": random.choice((0, 5, 19, Token("19.0"), "19", Token("5.5")))},
    lambda random: {"iva_pct": 19},
    lambda random: {"iva_pct": 19, "excluido": False, "impuestos": []},
    lambda random: {"excluido": True} | ({"iva_pct": 0} if random.random() < 0.3 else {}),
    lambda random: {
        "impuestos": [{"codigo": "01", "porcentaje": 19}, {"codigo": "04", "porcentaje": Token("8.00")}]
    },
    lambda random: {
        "impuestos": [{"codigo": "22", "valor_unitario": 60, "unidades": Token("3.5"), "unidad": "94"}]
    },
)
_REDUCED: tuple[Callable[[Random], dict[str, Any]], ...] = (
    lambda random: {},
    lambda random: {},
    lambda random: {"descuento_pct": random.choice((0, 10, Token("7.5")))},
    lambda random: {"descuento_pct": 0, "descuento_valor": 0},
    lambda random: {"descuento_valor": random.choice((Token("0.01"), 0))},
)


def _filled(shape: type[BaseModel], random: Random, *, chance: float) -> dict[str, Any]:
    """What a part must have, and each of its other fields by chance."""
    apart = {name for whole, names in _APART.items() if issubclass(shape, whole) for name in names}
    kinds = marked(shape, FieldKind)
    found: dict[str, Any] = {}
    for name, field in shape.model_fields.items():
        if name in apart or not (field.is_required() or random.random() < chance):
            continue
        part = model_in(field.annotation)
        if name in kinds:
            found[name] = _value(kinds[name], random)
        elif part is not None and get_origin(field.annotation) is tuple:
            listed = [_filled(part, random, chance=chance) for _ in range(random.choice((0, 1, 1, 2)))]
            found[name] = list({each.get("codigo"): each for each in listed}.values())
        elif part is not None:
            found[name] = _filled(part, random, chance=chance)
    if issubclass(shape, Adjustment):
        found |= random.choice(({"valor": Token("1.5")}, {"porcentaje": 2}))
    if issubclass(shape, Party):
        found |= _identified(random)
    return dict(random.sample(list(found.items()), len(found)))


def _identified(random: Random) -> dict[str, Any]:
    number = str(random.randrange(1, 10**9))
    return random.choice(
        (
            {"tipo_documento": "13", "numero_documento": number, "codigo_municipio": "11001"},
            {"tipo_documento": 31, "numero_documento": number, "dv": nit.check_digit(number), "pais": "CO"},
            {"tipo_documento": "31", "numero_documento": f"{number}-{nit.check_digit(number)}"},
            {
                "tipo_documento": "41",
                "numero_documento": "AB-12",
                "pais": "US",
                "ciudad": "Miami",
                "region": "FL",
            },
        )
    )


def _value(kind: FieldKind, random: Random) -> object:
    """A value that a field takes."""
    match kind:
        case Text(pattern=None):
            text = (
                "".join(random.choices(_LETTERS, k=random.randint(1, min(kind.longest, 20)))).strip() or "x"
            )
            return random.choice((text, text, text, f" {text}\n" if kind.many_lines else f" {text} "))
        case Text():
            return next(
                text
                for text in ("a@b.co", "nota_debito", "4511", "05001", "0" * 10, "0" * 64, "0" * 96, "A1")
                if _takes(kind, text)
            )
        case Code():
            code = random.choice(list(kind.codes))
            return (
                int(code)
                if kind.integer and code.isdecimal() and code == str(int(code)) and random.random() < 0.3
                else code
            )
        case Amount() | Percent() | Rounding():
            return _number(random, 2)
        case Whole():
            return random.randint(1, kind.most)
        case Day():
            return (date(2026, 5, 1) + timedelta(random.randrange(9))).isoformat()
        case Clock():
            return "10:20:30"
        case Boolean():
            return random.random() < 0.5
        case Responsibilities():
            return random.choice(("R-99-PN", "O-13;O-15", "O-13; O-15", ["O-13", "O-15"]))
        case Paragraphs():
            return random.choice(("", "Uno", ["Uno", "Dos\nTres"], [None, ""]))
    raise AssertionError(kind)


def _takes(kind: FieldKind, value: object) -> bool:
    try:
        kind.read(value)
    except ValueError:
        return False
    return True


def _number(random: Random, digits: int) -> object:
    """A number above 0 in one of the ways in which programs write them."""
    number = random.randint(1, 10**digits - 1)
    decimals = random.choice(("5", "25", "125", "50", "00", "0", "000001", "333333"))
    return random.choice((number, number, Token(f"{number}.{decimals}"), f"{number}.{decimals}", str(number)))


# Any others

# Values that are JSON: somewhere one of them is right, and elsewhere wrong.
ODD = tuple(
    map(
        Token,
        (
            '"1_0"', '"١٢"', '"１２"', "1e400", "1E2", "1.5e3", "1.0e0", "-0", "-0.0", "0.0", "true", "false", "null", '""',
            '" "', '"\\t"', "[]", "{}", "[[]]", "[{}]", '{"a":1}', '{"":""}', "[null]", '"\\ud800"', '"\\udc00\\ud800"',
            '"\\ud83d\\ude00"', '"\\u0000"', '"\\u001c"', '"\\u001cx"', '"x\\u0085"', '"x\x7f"', '"\\u2028"',
            '"a\\u00a0b"', '"\u00a0x"', '"\ufeffx"', '"\ufffe"', '"a\\nb"', '"a\\r\\nb"', '" x "', "1e-7", "0.0000001",
            "123456789012.123456", "999999999999.999999", "9999999999.999999", "1000000000000", "10000000000",
            "99999999999999999999", "9" * 31, "9" * 5000, "-1", "0.1000000000000000000001", "1.500000",
            "1.50000000000000000000000000000", "100.0001", "100", "101", '"1,5"', '"1.50"', '"+1.50"', '" 7 "', '"007.10"',
            '"1."', '"1e5"', '"-0.0"', '"0.00"', "1" + "0" * 12 + ".5", "2", "[" * 25 + "]" * 25, '"2026-02-30"',
            '"2026-05-10"', '"01"', '"1"', '"31"', '"ZZ"', '"CO"', '"COP"', '"O-13;O-15"', '"\\u0030\\u0031"', "1.0",
            "19.0", "5.50", "19", "0", "1e999999999999999999999999",
        ),
    )
)  # fmt: skip
NO_JSON = tuple(
    map(Token, ("00", "01", "1.", ".5", "+1", "NaN", "Infinity", "-Infinity", "1_0", "x", '"', "", "[", "}"))
)


def changed(body: dict[str, Any], random: Random) -> str:
    """The text of a request after some changes, to its values or to the text itself."""
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        _change(random.choice(list(_holders(body))), random)
    text = written(body, random)
    return random.choice(_TEXTUAL)(text, random) if random.random() < 0.1 else text


def _holders(value: Any) -> Any:
    if isinstance(value, dict | list):
        yield value
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _holders(inner)


def _change(holder: Any, random: Random) -> None:
    if isinstance(holder, list):
        holder.insert(random.randint(0, len(holder)), random.choice(ODD))
        return
    name = random.choice(list(holder) or ["x"])
    escaped = Token('"' + "".join(f"\\u{ord(letter):04x}" for letter in name) + '"')
    match random.randrange(12):
        case 0:
            holder.pop(name, None)
        case 1:  # the same name a second time
            holder[random.choice((Token(json.dumps(name)), escaped))] = holder.get(name, random.choice(ODD))
        case 2:
            holder[escaped] = holder.pop(name, 1)
        case 3:
            holder[random.choice(_NAMES)] = random.choice(ODD)
        case 4:
            holder[name] = [holder.get(name)]
        case 5:
            holder[name] = random.choice(NO_JSON)
        case 6 | 7 | 8:
            holder[name] = random.choice(ODD)
        case _:
            holder[name] = _otherwise(holder.get(name), random)


def _otherwise(value: Any, random: Random) -> Any:
    """The same value as other programs write it, or nearly the same."""
    if isinstance(value, Token) or (isinstance(value, int) and not isinstance(value, bool)):
        ways = (
            "{}.0",
            "{}e0",
            '"{}"',
            "{}.00000000000000000000000000",
            "-{}",
            '" {} "',
            '"0{}"',
            "{}0",
            "{}e-1",
            '"{}.0"',
        )
        return Token(random.choice(ways).format(value))
    if isinstance(value, str):
        return random.choice(
            (f" {value} ", f"{value}\n", f"\u2003{value}", f"{value}\x1c", value.lower(), f"{value};{value}")
        )
    return random.choice(ODD)


_NAMES = sorted(
    {name for request in REQUESTS.values() for name in request.model_fields}
    | set(LineRequest.model_fields)
    | set(Party.model_fields)
    | {"color", "\ud800", "tipo", ""}
)
_TEXTUAL: tuple[Callable[[str, Random], str], ...] = (
    lambda text, random: "\ufeff" + text,
    lambda text, random: text[: random.randrange(len(text))],
    lambda text, random: text + random.choice((",", "}", "x", " ", "\n{}", "\x00")),
    lambda text, random: f"[{text}]",
    lambda text, random: text.replace('"', random.choice(("'", '"x')), random.randrange(1, 9)),
    lambda text, random: _put(
        text, random, random.choice('{}[]",:\\0123456789.eE-+\x00\x1f\x7f\u0085\ud800 \n')
    ),
    lambda text, random: "\n\t " + text + "\r\n",
)


def _put(text: str, random: Random, what: str) -> str:
    at = random.randrange(len(text))
    return text[:at] + what + text[at + random.randrange(2) :]


def written(value: Any, random: Random) -> str:
    """A body as JSON, its tokens as they are, in one of the ways in which programs write it."""
    ascii_only, blank = random.random() < 0.5, random.choice(("", " ", "\n  "))

    def text(value: Any) -> str:
        if isinstance(value, Token):
            return str(value)
        if isinstance(value, dict):
            pairs = (f"{text(name)}:{blank}{text(inner)}" for name, inner in value.items())
            return "{" + f",{blank}".join(pairs) + "}"
        if isinstance(value, list):
            return "[" + f",{blank}".join(map(text, value)) + "]"
        return str(value) if isinstance(value, Decimal) else json.dumps(value, ensure_ascii=ascii_only)

    return text(value)
