"""Query parameters, each refusal naming its own."""

from datetime import date

import pytest

from cauce.contracts.v1.queries import Listing, encoded_cursor, listing, only_validates
from cauce.domain.errors import InvalidDocument
from cauce.domain.record import SHOWN_STATE

POSITION = "2026-05-10T15:30:00-05:00#550e8400-e29b-41d4-a716-446655440000"


def test_a_listing_has_seed_002s_defaults():
    assert listing(None) == listing({}) == Listing(per_page=20, page=1)


def test_a_listing_reads_every_parameter():
    found = listing(
        {"estado": "aceptado", "desde": "2026-05-01", "hasta": "2026-05-31", "per_page": "100", "page": "3"}
    )

    assert found == Listing(
        estado="aceptado", since=date(2026, 5, 1), until=date(2026, 5, 31), per_page=100, page=3
    )


def test_a_cursor_comes_back_as_the_position_it_was():
    assert listing({"cursor": encoded_cursor(POSITION)}).start == POSITION


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
        ("estdo", "aceptado"),
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
    assert [listing({"estado": estado}).estado for estado in SHOWN_STATE.values()] == list(
        SHOWN_STATE.values()
    )
