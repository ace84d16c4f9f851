"""Numbers under many callers, on an engine whose transactions are real: unique, gapless, one for each record."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from cauce.contracts.v1 import contract
from cauce.domain.document import Kind
from cauce.domain.errors import NumberingUnavailable, QuotaExceeded, ReferenceTaken
from cauce.domain.issuer import Quota
from cauce.domain.ranges import NumberingRange
from cauce.domain.record import Record
from tests.documents import invoice
from tests.e2e.conftest import World
from tests.records import noted

NIT = "900999001"
DOCUMENT = contract.document(Kind.INVOICE, invoice())


def a_range(world: World, start: int, end: int) -> NumberingRange:
    prefix = f"T{uuid.uuid4().hex[:6].upper()}X"
    found = NumberingRange(
        provider="facturatech",
        kind=Kind.INVOICE,
        prefix=prefix,
        resolution="1",
        start=start,
        end=end,
        next=start,
    )
    world.gateway.ranges.save(NIT, found)
    return found


def a_record(numbering_range: NumberingRange, reference: str | None = None) -> Record:
    now = datetime.now(UTC)
    record = Record(
        issuer=NIT,
        document_id=str(uuid.uuid4()),
        content=DOCUMENT.model_copy(update={"reference": reference}),
        content_hash="",
        provider=numbering_range.provider,
        range=numbering_range,
        issued_at=now,
        subtotal=Decimal(1),
        vat=Decimal(0),
        payable=Decimal(1),
        created_at=now,
        received_at=now,
        updated_at=now,
    )
    return noted(record, "received", now)


def test_many_callers_take_every_number_once_and_leave_no_gap(world: World):
    numbering_range = a_range(world, 990000000, 990009999)

    def take(_: int) -> int:
        accepted = world.gateway.new_records.take_in(a_record(numbering_range), numbered=True, quota=None)
        assert accepted.number is not None
        return accepted.number.consecutive

    with ThreadPoolExecutor(16) as callers:
        taken = list(callers.map(take, range(160)))

    assert sorted(taken) == list(range(990000000, 990000160))
    assert world.gateway.ranges.read(NIT, numbering_range.key).next == 990000160


def test_the_last_number_of_a_range_is_given_and_no_more(world: World):
    numbering_range = a_range(world, 1, 2)
    given = [
        world.gateway.new_records.take_in(a_record(numbering_range), numbered=True, quota=None).number
        for _ in range(2)
    ]

    with pytest.raises(NumberingUnavailable):
        world.gateway.new_records.take_in(a_record(numbering_range), numbered=True, quota=None)
    assert [number.consecutive for number in given if number] == [1, 2]


def test_the_same_reference_at_once_makes_one_record_and_takes_one_number(world: World):
    numbering_range = a_range(world, 1, 100)
    reference = f"V-{uuid.uuid4().hex[:8]}"

    def take(_: int) -> bool:
        try:
            world.gateway.new_records.take_in(a_record(numbering_range, reference), numbered=True, quota=None)
        except ReferenceTaken:
            return False
        return True

    with ThreadPoolExecutor(12) as callers:
        made = list(callers.map(take, range(12)))

    assert made.count(True) == 1
    assert world.gateway.ranges.read(NIT, numbering_range.key).next == 2


def test_a_quota_is_never_exceeded_however_many_ask_at_once(world: World):
    numbering_range = a_range(world, 1, 100)
    issuer = f"9{uuid.uuid4().int % 10**8:08d}"
    world.gateway.ranges.save(issuer, numbering_range)

    def take(_: int) -> bool:
        record = a_record(numbering_range).model_copy(update={"issuer": issuer})
        try:
            world.gateway.new_records.take_in(record, numbered=True, quota=Quota(limit=5))
        except QuotaExceeded:
            return False
        return True

    with ThreadPoolExecutor(10) as callers:
        made = list(callers.map(take, range(20)))

    assert made.count(True) == 5
    assert world.gateway.ranges.read(issuer, numbering_range.key).next == 6
