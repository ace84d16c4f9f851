"""GET /emitidos: each search option of seed 003 means the same at every provider that lists, or is refused by name."""

from typing import Any

import pytest

from cauce.domain.errors import CauceError, InvalidDocument, Unsupported
from cauce.providers.afacturar.names import SEARCH_OPTIONS
from cauce.providers.base import Emitted, EmittedQuery, Verb
from tests.contract.bench import Live

VALUES = {
    "tipo_factura_electronica": "VP",
    "entorno": "HABILITACION",
    "tipo_documento": "factura_exportacion",
    "numero_documento": "1",
    "uniqid": "5ea991336d007",
    "prefijo": "NADA",
}
"""Values that no document of a bench has. For options without one here a date is used."""


def found(live: Live, **filters: str) -> tuple[Emitted, ...]:
    return live.provider.list_emitted(EmittedQuery(kind=None, filters=filters, offset=0, limit=50)).rows


@pytest.mark.parametrize("option", SEARCH_OPTIONS)
def test_an_option_of_the_search_is_taken_or_refused_by_its_name(first: Live, option: str) -> None:
    value = VALUES.get(option, "2026-05-01")
    refusal: CauceError | None = None

    try:
        found(first, **{option: value})
    except (Unsupported, InvalidDocument) as refused:
        refusal = refused

    if Verb.LIST_EMITTED not in first.capabilities.verbs:
        assert type(refusal) is Unsupported
    elif refusal is not None:
        assert list(refusal.fields) == [option]
    assert (first.asked == []) is (refusal is not None)


@pytest.mark.parametrize(
    ("option", "day"), [("fecha_documento_desde", "2099-01-01"), ("fecha_documento_hasta", "2000-01-01")]
)
def test_days_of_issue_that_no_document_has_find_none(first: Live, option: str, day: str) -> None:
    first.accepted()

    rows = listed_or_refused(first, option, day)

    assert rows in ((), None)


def test_a_number_finds_its_document_alone(first: Live) -> None:
    first.accepted()
    number = first.record.number
    if number is None:  # an event has no number
        return

    prefix = {"prefijo": number.prefix}
    rows = listed_or_refused(first, "numero_documento", str(number.consecutive), **prefix)

    assert rows is None or [row.number for row in rows] == [str(number)]


def listed_or_refused(live: Live, option: str, value: str, **besides: str) -> Any:
    """The rows of a search; None where the provider does not list, or does not have this option."""
    asked = len(live.asked)
    try:
        return found(live, **{option: value, **besides})
    except Unsupported:
        assert len(live.asked) == asked
        return None
