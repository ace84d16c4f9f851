"""Places in a lane: what the table keeps of who waits there, and for how long."""

from typing import Any

import pytest

from cauce.aws import places as places_of
from cauce.domain.lane import place
from cauce.domain.record import Record
from cauce.emission import sending
from cauce.providers.base import Lane


def waiting(gateway: Any, record: Record) -> list[str]:
    return [each.document_id for each in gateway.places.stored(record, Lane.KIND).waiting]


def test_who_comes_twice_waits_once_and_in_the_order_in_which_it_was_asked_for(gateway, accept) -> None:
    first, second = accept("V-1"), accept("V-2")

    for record in (second, first, second):
        gateway.places.come(record, Lane.KIND, gateway.now())

    assert waiting(gateway, first) == [first.document_id, second.document_id]


def test_a_lane_of_an_issuer_is_one_for_all_kinds_and_one_of_a_kind_is_not(gateway, accept) -> None:
    record = accept("V-1")

    gateway.places.come(record, Lane.ISSUER, gateway.now())

    assert waiting(gateway, record) == []
    assert len(gateway.places.stored(record, Lane.ISSUER).waiting) == 1


@pytest.mark.parametrize(("days", "kept"), [(13, True), (15, False)])
def test_who_waited_through_an_outage_is_before_who_came_after_while_its_message_can_be_left(
    gateway, accept, clock, days, kept
) -> None:
    old = accept("V-1")
    gateway.places.come(old, Lane.KIND, gateway.now())
    clock.advance(days=days)
    new = accept("V-2")

    gateway.places.come(new, Lane.KIND, gateway.now())

    assert waiting(gateway, new) == [*[old.document_id] * kept, new.document_id]


def test_a_lane_that_is_full_takes_no_more_places_and_what_came_too_late_is_queued_all_the_same(
    gateway, accept, drain, monkeypatch
) -> None:
    monkeypatch.setattr(places_of, "MOST", 1)
    first, second = accept("V-1"), accept("V-2")

    for record in (first, second):
        sending.enqueue(gateway, record)

    assert waiting(gateway, first) == [first.document_id]
    assert drain() == 2
    assert waiting(gateway, first) == []


def test_nothing_is_written_where_nobody_waited(gateway, accept, everything) -> None:
    record = accept("V-1")
    before = everything()

    gateway.places.left(record, Lane.KIND, place(record))
    gateway.places.release(record, Lane.KIND)

    assert not gateway.places.tried(record, Lane.KIND, place(record))
    assert everything() == before


def test_whoever_holds_a_lane_is_released_by_itself_alone(gateway, accept) -> None:
    first, second = accept("V-1"), accept("V-2")
    gateway.places.hold(first, Lane.KIND, gateway.now())

    gateway.places.release(second, Lane.KIND)
    assert gateway.places.stored(second, Lane.KIND).holder == first.document_id

    gateway.places.release(first, Lane.KIND)
    assert gateway.places.stored(second, Lane.KIND).holder is None
