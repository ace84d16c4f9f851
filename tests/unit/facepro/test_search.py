"""Finding a document by what was sent: one is ours for certain, or a person decides, or there is none."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from cauce.domain.document import Kind
from cauce.domain.errors import Conflict, NotFound
from cauce.providers.base import REFUSED, Refs, refs
from cauce.providers.facepro import search
from cauce.providers.facepro.answer import Facts, facts
from tests.unit.facepro.builders import NOW, invoice, note, record
from tests.unit.facepro.test_answer import shown


def sought(**changes: Any) -> Refs:
    return refs(record(invoice(), **changes))


def row(tracking_id: str = "t1", **changes: Any) -> Facts:
    return facts(b"", shown(tracking_id=tracking_id, **changes))


def at(minutes: float) -> str:
    return (NOW + timedelta(minutes=minutes)).isoformat()


def test_the_buyer_the_total_the_kind_and_the_second_of_issue_find_it():
    strangers = [
        row("other buyer", adquirente={"documento": "1"}),
        row("other total", totales={"total": 1}),
        row("other kind", tipo_documento="nota_credito"),
        row("long before", fecha_emision=at(-60)),
    ]

    assert search.ours(sought(), [*strangers, row("ours")]).tracking_id == "ours"
    with pytest.raises(NotFound):
        search.ours(sought(), strangers)


@pytest.mark.parametrize("name", ["nota_credito", "Nota Crédito", "nota-credito", "NC"])
def test_a_note_is_known_by_any_spelling_of_its_kind(name):
    found = row(tipo_documento=name)

    assert search.ours(refs(record(note())), [found]) == found


def test_among_like_documents_the_second_decides():
    found = [row("sooner", fecha_emision=at(-1)), row("ours"), row("later", fecha_emision=at(1))]

    assert search.ours(sought(), found).tracking_id == "ours"


def test_two_of_the_same_second_are_for_a_person_to_tell_apart():
    with pytest.raises(Conflict, match=r"2 candidatos.*SETP990000011") as conflict:
        search.ours(sought(), [row("t1"), row("t2")])

    assert "(t1)" in conflict.value.message
    assert "(t2)" in conflict.value.message


@pytest.mark.parametrize(
    "facts_missing",
    [
        {"fecha_emision": at(3)},
        {"fecha_emision": "2026-05-10"},
        {"fecha_emision": None},
        {"tipo_documento": "documento"},
        {"adquirente": {}},
        {"totales": {}},
    ],
)
def test_one_that_may_be_ours_for_all_we_know_is_neither_adopted_nor_ignored(facts_missing):
    with pytest.raises(Conflict, match="1 candidatos"):
        search.ours(sought(), [row(**facts_missing)])


@pytest.mark.parametrize("minutes, possible", [(-6, False), (-5, True), (15, True), (16, False)])
def test_another_second_may_be_ours_only_while_ours_was_being_sent(minutes, possible):
    with pytest.raises(Conflict if possible else NotFound):
        search.ours(sought(), [row(fecha_emision=at(minutes))])


def test_a_document_issued_in_the_past_is_found_by_its_own_date_not_by_todays():
    then = NOW - timedelta(days=9)
    refs_then = sought(issued_at=then)

    assert search.ours(refs_then, [row(fecha_emision=then.isoformat())]).tracking_id == "t1"
    assert search.windows(refs_then) == [
        (date(2026, 4, 30), date(2026, 5, 2)),
        (date(2026, 5, 9), date(2026, 5, 11)),
    ]


def test_the_days_around_are_asked_for_at_once_where_they_meet():
    assert search.windows(sought()) == [(date(2026, 5, 9), date(2026, 5, 11))]
    assert search.windows(sought(issued_at=NOW - timedelta(days=2))) == [
        (date(2026, 5, 7), date(2026, 5, 11))
    ]


def test_earlier_attempts_that_were_rejected_are_not_candidates():
    refs_known = sought(provider_ids={"tracking_id": "t1", "rejected:t1": "SETP1", "rejected:t2": "SETP2"})

    assert search.ours(refs_known, [row("t1"), row("t2"), row("t3")]).tracking_id == "t3"


def test_a_row_listed_twice_is_one_candidate_and_cents_of_rounding_do_not_hide_it():
    cents = row(totales={"total": Decimal("145775.04")})

    assert search.ours(sought(), [cents, cents]).tracking_id == "t1"


def test_the_marks_in_an_identification_do_not_count():
    refs_marked = refs(record(invoice()))

    assert search.ours(refs_marked, [row(adquirente={"documento": "71.234.567"})]).tracking_id == "t1"
    assert refs_marked.kind is Kind.INVOICE


def test_a_cufe_finds_its_row_whatever_else_is_alike_and_never_an_attempt_that_was_refused():
    ours, like_it = row("ours", cufe="A" * 96), row("like it", cufe="b" * 96)
    named = replace(sought(), uuid="a" * 96)

    assert search.of_uuid(named, [row("no cufe", cufe=None), like_it, ours]).tracking_id == "ours"
    with pytest.raises(NotFound):
        search.of_uuid(replace(named, provider_ids={f"{REFUSED}ours": ""}), [like_it, ours])
    with pytest.raises(NotFound):
        search.of_uuid(sought(), [row("no cufe", cufe=None)])
