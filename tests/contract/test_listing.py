"""GET /emitidos: each search option of seed 003 means the same at every provider that lists, or is refused by name."""

from typing import Any

import pytest

from cauce.contracts.v1 import listings
from cauce.domain.document import Kind
from cauce.domain.errors import CauceError, InvalidDocument, Unsupported
from cauce.providers.afacturar.values import SEARCH_OPTIONS
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
    return live.provider.list_emitted(
        EmittedQuery(kind=None, filters=listings.filters(filters), offset=0, limit=50)
    ).rows


@pytest.mark.parametrize("option", SEARCH_OPTIONS.values())
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


@pytest.mark.parametrize(("option", "value"), [("opcion", "x"), ("estado", "otro")])
def test_what_no_search_has_is_refused_by_its_name_and_nobody_is_asked(
    first: Live, option: str, value: str
) -> None:
    with pytest.raises((Unsupported, InvalidDocument)) as refusal:
        found(first, **{option: value})

    if Verb.LIST_EMITTED in first.capabilities.verbs:
        assert list(refusal.value.fields) == [option]
    assert first.asked == []


def test_a_kind_is_listed_alone(first: Live) -> None:
    first.accepted()
    if Verb.LIST_EMITTED not in first.capabilities.verbs or first.record.number is None:
        return

    for kind in first.capabilities.kinds - {Kind.EVENT}:
        rows = first.provider.list_emitted(EmittedQuery(kind=kind, filters=(), offset=0, limit=50)).rows
        assert (str(first.record.number) in {row.number for row in rows}) is (kind is first.kind)


def test_a_number_finds_its_document_alone(first: Live) -> None:
    first.accepted()
    number = first.record.number
    if number is None:  # an event has no number
        return

    prefix = {"prefijo": number.prefix}
    rows = listed_or_refused(first, "numero_documento", str(number.consecutive), **prefix)

    assert rows is None or [row.number for row in rows] == [str(number)]
    part = listed_or_refused(first, "numero_documento", str(number.consecutive)[:-1], **prefix)
    assert not part


def listed_or_refused(live: Live, option: str, value: str, **besides: str) -> Any:
    """The rows of a search; None where the provider does not list, or does not have this option."""
    asked = len(live.asked)
    try:
        return found(live, **{option: value, **besides})
    except Unsupported:
        assert len(live.asked) == asked
        return None
