"""Taking a lot apart: whatever JSON a list holds, its elements come out as they were written."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cauce.contracts.v1 import lots
from cauce.contracts.v1.errors import BadRequest, TooLarge
from cauce.domain.document import Document, Kind
from cauce.domain.errors import CauceError, InvalidDocument
from tests.documents import invoice

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def elements(body: str, content_type: str | None = None) -> list[str]:
    texts = lots.posted(body, False, content_type)
    assert isinstance(texts, list)
    return texts


@given(st.lists(VALUES, min_size=1, max_size=20), st.sampled_from([None, 0, 3]), st.booleans())
def test_a_list_s_elements_come_out_as_they_went_in(values: list[Any], indent: int | None, ascii_only: bool):
    body = json.dumps(values, indent=indent, ensure_ascii=ascii_only)
    if "\ud800" <= max(body, default="") <= "\udfff" or any("\ud800" <= c <= "\udfff" for c in body):
        return

    texts = elements(body, "application/json")

    assert [json.loads(text) for text in texts] == values
    assert not any("\n" in text for text in texts)


@given(st.lists(VALUES, min_size=1, max_size=20))
def test_ndjson_s_lines_come_out_as_they_went_in(values: list[Any]):
    body = "\r\n".join(json.dumps(value) for value in values)

    texts = elements(body, "application/x-ndjson")

    assert [json.loads(text) for text in texts] == values


@given(st.text())
def test_a_text_that_is_no_list_is_refused_and_never_breaks(text: str):
    for content_type in ("application/json", "application/x-ndjson"):
        try:
            found = lots.posted(text, False, content_type)
        except CauceError:
            continue
        assert found


@given(st.binary(max_size=200))
def test_a_line_of_any_bytes_is_a_document_or_an_error(line: bytes):
    assert isinstance(lots.asked(line).content, Document | CauceError)


def test_a_number_keeps_every_digit_it_was_written_with():
    text = json.dumps({"tipo": "factura", **invoice(referencia="V-1")}).replace("50000", "0.123456", 1)

    found = lots.asked(elements(f"[{text}]")[0].encode()).content

    assert isinstance(found, Document)
    assert found.lines[0].price == Decimal("0.123456")


@pytest.mark.parametrize(
    "body", ["[", "[1,", "[1,]", "[,1]", "[1 2]", "[1]]", "[1]x", '["\n"]', "[1}", "[NaN"]
)
def test_a_list_that_does_not_end_as_one_is_refused(body: str):
    with pytest.raises(BadRequest, match="JSON válido"):
        lots.posted(body, False, None)


def test_an_integer_longer_than_python_reads_is_only_its_document_s_fault():
    (text,) = elements(f"[{'9' * 5000}]")

    assert isinstance(lots.asked(text.encode()).content, CauceError)


def test_the_reference_of_a_wrong_document_is_told_where_it_can_be_read():
    asked = lots.asked(json.dumps({"tipo": "factura", "referencia": "V-1", "sobra": 1}).encode())

    assert asked.reference == "V-1"
    assert isinstance(asked.content, InvalidDocument)


def test_a_document_says_what_it_is_over_what_the_lot_says():
    line = json.dumps({"tipo": "factura", **invoice(referencia="V-1")}).encode()
    found = lots.asked(line, Kind.SUPPORT_DOCUMENT).content

    assert isinstance(found, Document)
    assert found.kind is Kind.INVOICE


def test_five_hundred_are_a_lot_and_one_more_is_a_file():
    assert len(elements(json.dumps([1] * 500))) == 500
    with pytest.raises(TooLarge, match="subir"):
        lots.posted(json.dumps([1] * 501), False, None)
