"""Factus's lists of documents and ranges, and its files."""

import base64
from typing import Any

import pytest

from cauce.contracts.v1 import listings
from cauce.domain.document import Kind
from cauce.domain.errors import InvalidDocument, NotFound, OutcomeUnknown, Unsupported
from cauce.domain.outcome import Number
from cauce.providers.base import EmittedQuery
from cauce.providers.factus.provider import Factus
from tests.unit.factus.answers import LIST, asking, page, row
from tests.unit.factus.builders import factus
from tests.unit.factus.conftest import Script
from tests.unit.factus.test_answer import REJECTION


def query(kind: Kind | None = None, *, offset: int = 0, limit: int = 10, **filters: str) -> EmittedQuery:
    return EmittedQuery(kind, listings.filters(filters), offset, limit)


def test_the_listing_goes_by_pages_of_ten(script: Script, v1: Factus) -> None:
    rows = [row(number=f"SETP{n}", id=n) for n in range(10)]
    script.answer(LIST, 200, page(*rows, last=3, total=25))

    found = v1.list_emitted(query(offset=13, limit=5, referencia="R"))

    assert [entry.number for entry in found.rows] == [f"SETP{n}" for n in range(3, 8)]
    assert found.next_offset == 18
    assert script.asked[-1].query == {"filter[reference_code]": "R", "page": "2"}
    assert found.rows[0].kind is Kind.INVOICE
    assert found.rows[0].shown_state == "aceptado"


def test_the_last_page_has_no_next(script: Script, v1: Factus) -> None:
    script.answer(LIST, 200, page(row(), total=1))
    script.answer(LIST, 200, page(total=1))

    assert v1.list_emitted(query()).next_offset is None
    assert v1.list_emitted(query(offset=20)).rows == ()


def test_states_are_told_apart_by_their_errors(script: Script, v1: Factus) -> None:
    for wanted in ("rechazado", "pendiente"):
        script.answer(LIST, 200, page(row(status=0, errors=[REJECTION]), row(status=0)))
        found = v1.list_emitted(query(estado=wanted))

        assert [entry.shown_state for entry in found.rows] == [wanted]
        assert script.asked[-1].query["filter[status]"] == "0"

    assert v1.list_emitted(query(estado="fallido")).rows == ()


def test_v2_takes_the_size_of_its_page_and_dates(script: Script) -> None:
    provider = factus("v2", base_url=script.url)
    script.answer("GET /v2/debit-notes", 200, page(total=0))

    provider.list_emitted(query(Kind.DEBIT_NOTE, offset=40, limit=20, desde="2026-05-01"))

    assert script.asked[-1].query == {
        "filter[created_at][start_date]": "2026-05-01",
        "filter[per_page]": "20",
        "page": "3",
    }


def test_filters_that_factus_has_not_are_refused(script: Script, v1: Factus) -> None:
    for name in ("desde", "hasta", "cualquiera"):
        with pytest.raises(Unsupported) as refusal:
            v1.list_emitted(query(**{name: "x"}))
        assert list(refusal.value.fields) == [name]
    with pytest.raises(InvalidDocument):
        v1.list_emitted(query(estado="x"))
    assert script.calls() == []


def test_seed_003s_search_options_are_factuss_where_it_has_them(script: Script) -> None:
    v2 = factus("v2", base_url=script.url)
    script.answer("GET /v2/bills", 200, page(total=0))
    asked = {
        "fecha_documento_desde": "2026-05-01",
        "fecha_recepcion_hasta": "2026-05-31",
        "prefijo": "SETP",
        "numero_documento": "990000203",
    }

    v2.list_emitted(query(Kind.INVOICE, **asked))

    assert script.asked[-1].query == {
        "filter[created_at][start_date]": "2026-05-01",
        "filter[created_at][end_date]": "2026-05-31",
        "filter[prefix]": "SETP",
        "filter[number]": "SETP990000203",
        "filter[per_page]": "10",
        "page": "1",
    }


def test_two_dates_for_its_one_are_refused(script: Script) -> None:
    v2 = factus("v2", base_url=script.url)
    asked = {"fecha_documento_desde": "2026-05-01", "fecha_recepcion_desde": "2026-05-02"}

    with pytest.raises(InvalidDocument) as refusal:
        v2.list_emitted(query(**asked))

    assert list(refusal.value.fields) == ["fecha_recepcion_desde"]
    assert script.calls() == []


def test_a_consecutive_without_its_prefix_is_refused(script: Script, v1: Factus) -> None:
    with pytest.raises(Unsupported) as refusal:
        v1.list_emitted(query(numero_documento="990000203"))

    assert list(refusal.value.fields) == ["numero_documento"]
    assert script.calls() == []


def test_ranges_come_from_every_page_and_deleted_ones_are_left_out(script: Script, v1: Factus) -> None:
    one = {"id": 1, "document": "Factura de Venta", "prefix": "A", "from": 1, "to": 9, "is_active": 1}
    script.answer("GET /v1/numbering-ranges", 200, page(one, last=2))
    script.answer(
        "GET /v1/numbering-ranges",
        200,
        page({**one, "id": 2, "deleted_at": "2024-09-10T15:30:26Z"}, {**one, "id": 3, "prefix": "B"}, last=2),
    )

    assert [(r.prefix, r.kind, r.provider_id) for r in v1.ranges()] == [
        ("A", Kind.INVOICE, "1"),
        ("B", Kind.INVOICE, "3"),
    ]


XML = b"<?xml version='1.0'?><Invoice/>"
NUMBERED = {"number": Number(prefix="SETP", consecutive=990000493)}


@pytest.mark.parametrize("key", ["xml_base_64_encoded", "pdf_base_64_encoded"])
def test_the_xml_is_decoded_under_either_of_its_names(script: Script, v1: Factus, key: str) -> None:
    encoded = base64.b64encode(XML).decode()
    script.answer("GET /v1/bills/download-xml/SETP990000493", 200, {"data": {"file_name": "f", key: encoded}})

    assert v1.xml(asking(**NUMBERED)) == XML


@pytest.mark.parametrize("content", ["%%%", "", None, base64.b64encode(b"%PDF-1.7").decode()])
def test_what_is_no_xml_is_not_handed_over(script: Script, v1: Factus, content: Any) -> None:
    script.answer("GET /v1/bills/download-xml/SETP990000493", 200, {"data": {"xml_base_64_encoded": content}})

    with pytest.raises(OutcomeUnknown):
        v1.xml(asking(**NUMBERED))


def test_the_pdf_of_a_document_whose_number_we_lost_is_found_by_reference(script: Script, v1: Factus) -> None:
    script.answer(LIST, 200, page(row()))
    script.answer(
        "GET /v1/bills/download-pdf/SETP990000493",
        200,
        {"data": {"pdf_base_64_encoded": base64.b64encode(b"%PDF-1.7 x").decode()}},
    )

    assert v1.pdf(asking()) == b"%PDF-1.7 x"


def test_a_file_that_is_not_there_is_not_found(script: Script, v1: Factus) -> None:
    script.answer("GET /v1/bills/download-xml/SETP990000493", 404, {"message": "m"})

    with pytest.raises(NotFound):
        v1.xml(asking(**NUMBERED))
