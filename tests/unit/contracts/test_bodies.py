"""Reading a body so strictly that it can mean only one thing."""

import base64
import json
from decimal import Decimal

import pytest

from cauce.contracts.v1.bodies import MAX_BYTES, MAX_SENT_BYTES, read_bytes, read_json
from cauce.contracts.v1.errors import BadRequest, TooLarge, UnsupportedMediaType


def test_numbers_arrive_exactly_as_written():
    body = read_json('{"a": 0.1, "b": 19000.50, "c": 7, "d": 1e3}', False, "application/json")

    assert body == {"a": Decimal("0.1"), "b": Decimal("19000.50"), "c": 7, "d": Decimal(1000)}
    assert isinstance(body["c"], int)
    assert isinstance(body["b"], Decimal)


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        "application/json",
        "Application/JSON; charset=UTF-8",
        'application/json;charset="utf8"',
        "application/ld+json",
    ],
)
def test_json_is_welcome_under_its_names(content_type):
    assert read_json("{}", False, content_type) == {}


def test_base64_and_a_byte_order_mark_are_read_through():
    text = base64.b64encode(b'\xef\xbb\xbf{"raz\xc3\xb3n": "\xc3\xb1"}').decode()

    assert read_json(text, True, None) == {"razón": "ñ"}


def test_escaped_pairs_and_line_breaks_are_ordinary_text():
    assert read_json(r'{"a": "\ud83d\ude00\n\t"}', False, None) == {"a": "😀\n\t"}


def test_an_integer_of_any_length_is_a_number():
    assert read_json(f'{{"a": {"9" * 5000}}}', False, None)["a"] == Decimal("9" * 5000)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "vacío"),
        ("", "vacío"),
        (" \n", "vacío"),
        ("[]", "objeto JSON"),
        ('"a"', "objeto JSON"),
        ("null", "objeto JSON"),
        ("12", "objeto JSON"),
        ("{", "no es JSON válido (línea 1, columna 2)"),
        ('{"a": 01}', "no es JSON válido"),
        ("{'a': 1}", "no es JSON válido"),
        ('{"a": 1,}', "no es JSON válido"),
        ('{"a": NaN}', "«NaN»"),
        ('{"a": -Infinity}', "«-Infinity»"),
        ('{"a": 1e99999999999999999999}', "no se puede representar"),
        ('{"a": 1, "a": 1}', "«a» está repetida"),
        ('{"x": {"precio": 1, "precio": 2}}', "«precio» está repetida"),
        ('{"\\ud800": 1, "\\ud800": 2}', "está repetida"),
        ('{"a": "\\ud800"}', "Unicode"),
        ('{"\\udfff": 1}', "Unicode"),
        ('{"a": "\\u0000"}', "caracteres de control"),
        ('{"a": ["\\u0085"]}', "caracteres de control"),
        ('{"a": "\\uffff"}', "Unicode"),
        ('{"a": "\x01"}', "no es JSON válido"),
        ('{"a": "\ud800"}', "UTF-8"),
        ('{"a":' * 21 + "1" + "}" * 21, "anidación"),
        ("[" * 100_000, "anidación"),
        ('{"a":' * 40_000, "anidación"),
    ],
)
def test_what_is_not_one_plain_object_is_refused(text, words):
    with pytest.raises(BadRequest) as raised:
        read_json(text, False, None)

    assert words in raised.value.message
    assert raised.value.code == "json_invalido"


def test_a_refusal_names_where_the_text_is_wrong():
    with pytest.raises(BadRequest) as raised:
        read_json('{"lineas": [{"descripcion": "a\\u0007"}]}', False, None)

    assert list(raised.value.fields) == ["lineas.0.descripcion"]


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "utf-32", "cp037"])
def test_only_utf8_is_read(encoding):
    body = base64.b64encode('{"razon_social": "Muñoz"}'.encode(encoding)).decode()

    with pytest.raises(BadRequest, match="UTF-8"):
        read_json(body, True, None)


@pytest.mark.parametrize("text", ["%%%", "e30", "e30=\n=", "é"])
def test_broken_base64_is_refused(text):
    with pytest.raises(BadRequest):
        read_json(text, True, None)


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "json",
        "application/json; charset=latin1",
        ";",
        "\ud800",
    ],
)
def test_another_content_type_is_refused(content_type):
    with pytest.raises(UnsupportedMediaType):
        read_json("{}", False, content_type)


@pytest.mark.parametrize("is_base64", [True, False])
def test_five_megabytes_are_refused_and_the_largest_allowed_body_is_not(is_base64):
    def sent(length: int) -> str:
        text = json.dumps({"a": "x" * (length - 9)})
        return base64.b64encode(text.encode()).decode() if is_base64 else text

    assert read_json(sent(MAX_BYTES), is_base64, None)
    for length, limit in ((MAX_BYTES + 1, "256 KiB"), (5_000_000, "1024 KiB")):
        with pytest.raises(TooLarge, match=limit):
            read_json(sent(length), is_base64, None)


def test_the_limit_is_of_bytes_not_characters():
    with pytest.raises(TooLarge):
        read_json(json.dumps({"a": "ñ" * (MAX_BYTES // 2)}, ensure_ascii=False), False, None)


def test_the_limit_is_of_what_was_written_not_of_its_escapes():
    escaped = json.dumps({"a": "ñ" * (MAX_BYTES // 2 - 10)})
    assert MAX_BYTES < len(escaped) < MAX_SENT_BYTES

    assert read_json(escaped, False, None)
    with pytest.raises(TooLarge, match="256 KiB"):
        read_json(json.dumps({"a": "ñ" * (MAX_BYTES // 2)}), False, None)


@pytest.mark.parametrize(
    "text",
    [
        r'{"a": "\u00f1 \\u00f1 \\\u00f1"}',
        r'{"a": "\ud83d\ude00 \n\t\"\/"}',
        '{"a": "ñ😀"}',
    ],
)
def test_a_text_is_as_long_as_what_it_stands_for(text):
    meant = json.loads(text)["a"]
    # Written plainly, what only an escape can say counts as the one byte that it is.
    assert read_bytes(text) == len(meant.encode()) + len('{"a": ""}')
