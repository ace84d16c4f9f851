"""Query parameters, each refusal naming its own."""

from datetime import date
from urllib.parse import parse_qsl, urlsplit

import pytest

from cauce.contracts.v1 import documents
from cauce.contracts.v1.documents import Listing
from cauce.contracts.v1.queries import encoded_cursor, only_validates
from cauce.domain.document import Kind
from cauce.domain.errors import InvalidDocument
from cauce.domain.record import SHOWN_STATE
from cauce.domain.search import Search

from .examples import a_record
from .test_render import BASE_URL, INVOICE

NIT = "800197268"
POSITION = "2026-05-10T15:30:00-05:00#550e8400-e29b-41d4-a716-446655440000"


def listing(parameters: dict[str, str] | None) -> Listing:
    return documents.listing(parameters, NIT)


def test_a_listing_has_seed_002s_defaults():
    assert listing(None) == listing({}) == Listing(nit=NIT, per_page=20, page=1)


def test_a_listing_reads_every_parameter():
    filters = {
        "estado": "aceptado", "desde": "2026-05-01", "hasta": "2026-05-31", "tipo_documento": "nota_credito",
        "proveedor": "factus", "adquiriente": "900.1-K", "referencia": "V:1/a", "numero": "SETP 1",
        "cufe": "aB" * 48, "q": "SETP 9",
    }  # fmt: skip

    found = listing({**filters, "per_page": "100", "page": "3"})

    assert (found.asked, found.per_page, found.page, found.start) == (filters, 100, 3, None)
    assert found.search == Search(
        shown_state="aceptado", since=date(2026, 5, 1), until=date(2026, 5, 31), kind=Kind.CREDIT_NOTE,
        provider="factus", counterparty="900.1-K", reference="V:1/a", number="SETP 1", uuid="aB" * 48,
        beginning="SETP 9",
    )  # fmt: skip


def test_a_cursor_comes_back_as_the_position_it_was():
    cursor = listing({"estado": "aceptado"}).cursor(POSITION)

    assert listing({"estado": "aceptado", "per_page": "7", "cursor": cursor}).start == POSITION


@pytest.mark.parametrize("changed", [{}, {"estado": "rechazado"}, {"estado": "aceptado", "q": "S"}])
def test_a_cursor_is_of_its_filters_alone(changed):
    cursor = listing({"estado": "aceptado"}).cursor(POSITION)

    with pytest.raises(InvalidDocument) as raised:
        listing({**changed, "cursor": cursor})

    assert list(raised.value.fields) == ["cursor"]


def test_a_cursor_is_of_its_issuer_alone():
    theirs = documents.listing({}, "901724254").cursor(POSITION)

    with pytest.raises(InvalidDocument) as raised:
        listing({"cursor": theirs})

    assert list(raised.value.fields) == ["cursor"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("estado", "ACEPTADO"),
        ("estado", "accepted"),
        ("desde", "ayer"),
        ("desde", "2026-02-30"),
        ("hasta", "31/05/2026"),
        ("per_page", "0"),
        ("per_page", "101"),
        ("per_page", "-1"),
        ("per_page", "1e2"),
        ("per_page", "٣"),
        ("page", "0"),
        ("page", "9" * 5000),
        ("page", "uno"),
        ("cursor", "x"),
        ("cursor", "%"),
        ("cursor", "a" * 201),
        ("cursor", encoded_cursor("RECORDS#900#1")),
        ("cursor", encoded_cursor("2026-05-10#a\nb")),
        ("cursor", "ñ"),
        ("cursor", encoded_cursor(POSITION)),
        ("estdo", "aceptado"),
        ("tipo_documento", "invoice"),
        ("proveedor", "factus; DROP"),
        ("adquiriente", "9001*"),
        ("adquiriente", "9" * 21),
        ("adquiriente", "9001#2026"),
        ("referencia", "V 1"),
        ("referencia", "x" * 65),
        ("numero", "SETP"),
        ("numero", "S%1"),
        ("cufe", "a" * 95),
        ("cufe", "g" * 96),
        ("q", "SETP*"),
        ("q", "%"),
        ("q", "_?"),
        ("q", "ñ"),
        ("q", "٣"),
        ("q", "S" * 39),
        ("q", "S" * 100_000),
        ("q", "A#1"),
        ("q", "\x00"),
        ("cambio_desde", "2026-05-01"),
        ("cambio_hasta", "2026-05-01"),
        ("orden", "asc"),
    ],
)
def test_a_wrong_parameter_is_refused_by_its_name(name, value):
    with pytest.raises(InvalidDocument) as raised:
        listing({name: value})

    assert list(raised.value.fields) == [name]
    assert f"«{name}»" in raised.value.fields[name][0]


def test_a_range_of_dates_runs_forward():
    with pytest.raises(InvalidDocument, match="Datos invalidos") as raised:
        listing({"desde": "2026-05-31", "hasta": "2026-05-01"})

    assert list(raised.value.fields) == ["hasta"]


def test_a_misspelt_parameter_is_told_the_right_one():
    with pytest.raises(InvalidDocument) as raised:
        listing({"estados": "aceptado"})

    assert "¿quiso decir «estado»?" in raised.value.fields["estados"][0]


def test_validar_is_solo_or_absent():
    assert only_validates({"validar": "solo"})
    assert not only_validates(None)
    with pytest.raises(InvalidDocument) as raised:
        only_validates({"validar": "si"})
    assert list(raised.value.fields) == ["validar"]


def test_every_state_a_document_can_be_told_in_can_be_asked_for():
    assert [listing({"estado": estado}).search.shown_state for estado in SHOWN_STATE.values()] == list(
        SHOWN_STATE.values()
    )


def test_a_page_links_to_the_next_one_keeping_its_filters():
    asked = listing({"estado": "aceptado", "desde": "2026-05-01", "per_page": "50"})

    page = documents.page([a_record(INVOICE)], BASE_URL, asked, POSITION)

    assert list(page) == ["ok", "data", "links", "meta"]
    assert page["meta"]["current_page"] == 1
    assert page["meta"]["per_page"] == 50
    query = dict(parse_qsl(urlsplit(page["links"]["next"]).query))
    assert listing(query) == asked.model_copy(update={"page": 2, "start": POSITION})
    assert query["cursor"] == page["meta"]["cursor_siguiente"]


def test_the_last_page_leads_nowhere():
    page = documents.page([], BASE_URL, Listing(page=3), None)

    assert page["links"]["next"] is page["meta"]["cursor_siguiente"] is page["meta"]["from"] is None
    assert page["links"]["prev"].endswith("page=2")
