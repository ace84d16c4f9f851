"""Bodies and tokens that nobody honest sends: always an answer of 4xx, in Spanish, naming the field."""

import itertools
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from cauce.contracts.v1 import contract, web
from cauce.contracts.v1.bodies import read_json
from cauce.contracts.v1.requests import REQUESTS
from cauce.domain.document import Kind
from cauce.domain.errors import CauceError, Unauthenticated
from cauce.domain.issuer import Environment

from .examples import BASE_URL, EXAMPLES, a_credit_note, a_support_document, an_invoice, changed, put

# Where a request has a value, and so where a wrong one can be put.
FULL = changed(
    an_invoice(),
    {
        "referencia": "R-1",
        "prefijo": "SETP",
        "factura": {"fecha": "2026-05-10", "hora": "15:30:00-05:00"},
        "pago": {"forma": "2", "medio": "47", "vencimiento": "2026-06-10"},
        "orden": {"numero": "OC-9", "fecha": "2026-05-01"},
        "moneda": "COP",
        "enviar_correo": True,
        "cargos": [{"codigo": "02", "descripcion": "Flete", "valor": 100}],
        "descuentos": [{"codigo": "01", "descripcion": "Pronto pago", "porcentaje": 1}],
        "lineas__0__retenciones": [{"codigo": "06", "porcentaje": "2.5"}],
        "lineas__0__excluido": False,
        "factura__tipo": "03",
        "factura__operacion": "14",
        "factura_papel": {"numero": "T-17", "fecha": "2026-05-09"},
        "tasa_cambio": {"moneda": "USD", "valor": "4000.5", "fecha": "2026-05-10"},
        "anticipos": [{"valor": 1, "fecha": "2026-05-01", "referencia": "RC-9", "descripcion": "Abono"}],
        "entrega": {"incoterm": "FOB", "descripcion": "Cartagena"},
        "periodo": {"desde": "2026-05-01", "hasta": "2026-05-31"},
        "adquiriente__nombres": "Lucía",
        "adquiriente__apellidos": "Ramírez",
        "adquiriente__matricula_mercantil": "12345",
        "adquiriente__actividad_economica": "4511",
        "lineas__0__marca": "Marca",
        "lineas__0__modelo": "X1",
        "lineas__0__mandante": {"tipo_documento": "31", "numero_documento": "900108281", "dv": "3"},
        "lineas__0__compra": {"fecha": "2026-05-04", "forma": "1"},
        "lineas__0__contrato_aiu": "aseo de las sedes",
        "lineas__0__cargos": [{"codigo": "02", "descripcion": "Empaque", "valor": 5}],
        "lineas__0__descuentos": [{"codigo": "00", "descripcion": "Cliente", "porcentaje": 1}],
        "lineas__1__precio": 0,
        "lineas__1__descuento_pct": 0,
        "lineas__1__precio_referencia": {"valor": 100, "tipo": "01"},
    },
)
# No field takes any of these; text fields take the strings that are left out here.
NOWHERE_RIGHT: list[Any] = [
    10**40,
    -1,
    1e308,
    Decimal("1E+999999"),
    Decimal("0." + "1" * 300),
    float("nan"),
    "\x00",
    "\ud800",
    "x" * 6000,
    {"a": {"b": []}},
    [[[]]],
    [True],
    object,
]


def paths(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    if path:
        yield path
    entries = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, inner in entries:
        yield from paths(inner, (*path, str(key)))


def test_what_the_wrong_values_are_put_into_is_right():
    contract.document(Kind.INVOICE, FULL)


def refused(kind: Kind, body: Any, path: tuple[str, ...]) -> None:
    """Assert that the contract refuses the body, naming the field at the path or one inside or around it."""
    with pytest.raises(CauceError) as raised:
        contract.document(kind, body)
    status, _, text = web.problem(raised.value, "/v1/documentos", "r-1", BASE_URL)
    assert status == 422
    answered(text)
    named, wanted = list(json.loads(text)["errors"]), ".".join(path)
    assert any(f"{name}.".startswith(f"{wanted}.") for name in named), (named, wanted)


def answered(text: str) -> None:
    """Assert that an answer is JSON in Spanish, and no longer than it needs to be."""
    text.encode("utf-8")
    body = json.loads(text)
    sentences = [body["error"], body["detail"], *itertools.chain(*body.get("errors", {}).values())]
    for sentence in sentences:
        assert sentence
        assert not any(english in sentence for english in ("Input", "should", "valid ", "Field")), sentence
        # A return is answered with the note that it should be, ready to be sent.
        assert len(sentence) < (2400 if "POST /notas-credito {" in sentence else 400)
    assert len(text) < 20_000


@pytest.mark.parametrize("path", list(paths(FULL)), ids=".".join)
@pytest.mark.parametrize("value", NOWHERE_RIGHT, ids=lambda value: repr(value)[:20])
def test_a_value_that_fits_nowhere_is_refused_wherever_it_is_put(path, value):
    body = changed(FULL, {})
    put(body, list(path), value)

    refused(Kind.INVOICE, body, path)


@pytest.mark.parametrize("kind", REQUESTS)
@pytest.mark.parametrize("value", [True, False, 0, 1.5, "", "texto", [], [1], {}, None], ids=repr)
def test_the_parts_of_a_request_are_objects_and_lists_of_objects(kind, value):
    example = EXAMPLES[kind]()
    for field in example.keys() & {"adquiriente", "vendedor", "lineas", "motivo", "factura_referencia"}:
        body = {**example, field: value}

        refused(kind, body, (field,))


@pytest.mark.parametrize("kind", REQUESTS)
@pytest.mark.parametrize(
    "body", [None, [], "x", 3, {}, {"": ""}, {"\ud800": 1}, {"a" * 100_000: 1}], ids=lambda b: repr(b)[:12]
)
def test_a_body_of_another_kind_altogether_is_refused(kind, body):
    with pytest.raises(CauceError) as raised:
        contract.document(kind, body)

    answered(web.problem(raised.value, "/", "r-1", BASE_URL)[2])


@pytest.mark.parametrize("field", ["cantidad", "precio", "iva_pct", "descuento_pct", "descuento_valor"])
@pytest.mark.parametrize(
    "value",
    [True, "", "1,5", "1.500,25", "1e5", "0x10", "١٢", "１２", "--1", "1.", ".5", "NaN", "Infinity", "1 000",
     10**5000, Decimal("1E-400"), Decimal("1E+400"), Decimal("-0.01"), [], {}, "1" * 10_000],
    ids=lambda value: repr(value)[:12] if not isinstance(value, int) or value < 100 else "huge",
)  # fmt: skip
def test_no_number_is_guessed(field, value):
    body = an_invoice(**{f"lineas__0__{field}": value})
    if value == "" and field.startswith("descuento"):
        contract.document(Kind.INVOICE, body)  # optional: blank is absent
        return

    refused(Kind.INVOICE, body, ("lineas", "0", field))


@pytest.mark.parametrize("digits", range(19, 60, 4))
def test_a_tail_that_no_float_has_is_refused_and_never_rounded(digits):
    text = json.dumps(an_invoice()).replace("50000", "0." + "3" * digits, 1)

    refused(Kind.INVOICE, read_json(text, False, None), ("lineas", "0", "precio"))


def test_the_smallest_amount_is_taken_and_a_product_of_the_largest_is_refused_by_name():
    smallest = contract.document(Kind.SUPPORT_DOCUMENT, a_support_document(lineas__0__precio="0.000001"))
    assert smallest.lines[0].price == Decimal("0.000001")

    largest = an_invoice(lineas__0__precio="999999999999.999999", lineas__0__cantidad="9999999999.999999")
    refused(Kind.INVOICE, largest, ("lineas", "0", "precio"))


def hostile_texts() -> Iterator[str]:
    good = json.dumps(a_credit_note(), ensure_ascii=False)
    for cut in range(0, len(good) - 1, 40):
        yield good[:cut]
    yield from (good * 2, f"[{good}]", f"{good}x", good.replace(":", "=", 1), good.replace('"', "'"))
    yield from (f'{{"lineas": {"[" * n}{"]" * n}}}' for n in (20, 100, 10_000))
    yield from (
        good.replace("50000", token, 1)
        for token in ("NaN", "Infinity", "0x1", "1_0", "+5", "05", "1e400000000000000000000")
    )
    yield from (good.replace("Café", escape, 1) for escape in ("\\u0000", "\\ud800", "\\x41", "\x00", "\x1b"))
    yield good[:-1] + ', "motivo": {}}'
    yield json.dumps({"relleno": "x" * 5_000_000})
    yield json.dumps({f"campo_{n}": n for n in range(10_000)})
    yield json.dumps({"lineas": [{}] * 50_000})
    yield '{"lineas": [' + ",".join(["0"] * 100_000) + "]}"


@pytest.mark.parametrize("text", list(hostile_texts()), ids=lambda text: text[:8] + str(len(text)))
def test_a_hostile_text_is_refused_in_spanish(text):
    with pytest.raises(CauceError) as raised:
        contract.document(Kind.CREDIT_NOTE, read_json(text, False, "application/json"))

    status, _, answer = web.problem(raised.value, "/v1/notas-credito", "r-1", BASE_URL)
    assert 400 <= status < 500
    answered(answer)


SECRET = "aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789-_xy"


def test_an_honest_token_is_read_whatever_the_case_of_its_header():
    for name, scheme in (
        ("Authorization", "Bearer"),
        ("authorization", "bearer"),
        ("AUTHORIZATION", "BEARER  "),
    ):
        for written, world in (
            ("7", None),
            ("cauce_hab_7", Environment.TEST),
            ("cauce_prod_7", Environment.PRODUCTION),
        ):
            shown = web.bearer({name: f"{scheme} {written}|{SECRET}"})
            assert (shown.id, shown.secret.get_secret_value(), shown.world) == (7, SECRET, world)
            assert SECRET not in repr(shown)


def hostile_tokens() -> Iterator[str]:
    good = f"Bearer 7|{SECRET}"
    yield from (
        "",
        " ",
        "Bearer",
        "Bearer ",
        "Basic Nzp4",
        SECRET,
        f"7|{SECRET}",
        f"Token 7|{SECRET}",
        f"Bearer7|{SECRET}",
        f"Bearer cauce_7|{SECRET}",
        f"Bearer cauce_dev_7|{SECRET}",
        f"Bearer CAUCE_HAB_7|{SECRET}",
        f"Bearer cauce_hab_|{SECRET}",
        f"Bearer cauce_hab_07|{SECRET}",
        f"Bearer cauce_hab_cauce_hab_7|{SECRET}",
        f"Bearer 7|cauce_hab_7|{SECRET}",
    )
    identifiers = (
        "", "0", "-7", "+7", "07", "7.0", "7e1", "７", "٧", "x", "7 ", " 7 ", "0x7", "9" * 13, "9" * 5000,
        "null", "true", "../7", "7'--", "7\x00", "*", "ISSUER#1", "7,8", "７7", "²",
    )  # fmt: skip
    yield from (f"Bearer {token_id}|{SECRET}" for token_id in identifiers)
    secrets = (
        "",
        "a",
        "a" * 15,
        "a" * 129,
        "a" * 100_000,
        SECRET + "=",
        SECRET + "|",
        SECRET + " x",
        "ñ" * 40,
        "😀" * 40,
    )
    yield from (f"Bearer 7|{secret}" for secret in secrets)
    # One wrong character, in each place of an honest token.
    for position in range(len(good)):
        for character in ("\x00", "\n", "ñ", "\ud800"):
            yield good[:position] + character + good[position + 1 :]
    yield from (
        good + "\n",
        good + ", " + good,
        good.replace("|", ":"),
        good.replace("|", "||"),
        good.replace(" ", "\t"),
    )


def test_there_are_enough_hostile_tokens():
    assert len(set(hostile_tokens())) >= 200


@pytest.mark.parametrize(
    "value",
    [token for token in hostile_tokens() if token != f"Bearer 7|{SECRET}"],
    ids=lambda t: None,
)
def test_a_hostile_token_is_nobodys(value):
    with pytest.raises(Unauthenticated) as raised:
        web.bearer({"Authorization": value})

    status, headers, text = web.problem(raised.value, "/v1/me", "r-1", BASE_URL)
    assert status == 401
    assert headers["WWW-Authenticate"] == "Bearer"
    assert json.loads(text)["codigo"] == "no_autenticado"
    assert SECRET not in text


@pytest.mark.parametrize(
    "headers",
    [
        None,
        {},
        {"X": "y"},
        {"Authorization": ""},
        {"Authorization": f"Bearer 7|{SECRET}", "authorization": f"Bearer 8|{SECRET}"},
    ],
)
def test_no_token_or_two_are_nobodys(headers):
    with pytest.raises(Unauthenticated):
        web.bearer(headers)
