"""News: what happens to an issuer's documents is told in order, once, and none is missed."""

import heapq
import itertools
import random
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from types import SimpleNamespace
from typing import Any
from unittest import mock

import botocore.endpoint
import pytest
from botocore.exceptions import ReadTimeoutError

from cauce import faults
from cauce.aws import keys, news, records
from cauce.aws.news import BEGINNING, Feed
from cauce.aws.table import Table
from cauce.contracts.v1 import contract
from cauce.contracts.v1.queries import encoded_cursor
from cauce.domain.document import Kind
from cauce.domain.record import Record, State, Step
from cauce.gateway import Gateway
from tests import stack
from tests.documents import invoice
from tests.flow.killed import killed
from tests.quick_boto3 import own
from tests.records import a_record
from tests.settling import settle_due
from tests.thin_aws import Aws, connected

HELD_BACK = news.HELD_BACK_SECONDS


@pytest.fixture
def told(call, clock):
    """The news of the feed from its beginning, once readers see it."""

    def read(query: str = "") -> list[dict[str, Any]]:
        clock.advance(seconds=HELD_BACK + 1)
        answer = call("GET", f"/novedades{query}")
        assert answer.status == 200, answer.text
        return answer.json["data"]

    return read


def kinds(found: list[dict[str, Any]]) -> list[str]:
    return [each["tipo"] for each in found]


def test_an_accepted_document_is_told_once_with_what_identifies_it(emitted, told, settle):
    record = emitted("A-1")
    settle()

    (one,) = told()
    assert one["tipo"] == "aceptado"
    assert one["documento"] | {"links": None} == {
        "tracking_id": record.document_id,
        "version": one["documento"]["version"],
        "tipo_documento": "factura",
        "numero_completo": str(record.number),
        "referencia": "A-1",
        "cufe": record.uuid,
        "tipo_codigo": "CUFE",
        "estado": "aceptado",
        "proveedor": "factus",
        "links": None,
    }
    assert one["documento"]["links"]["self"].endswith(f"/documentos/{record.document_id}")
    assert one["motivo"] is None


def test_each_rejection_of_a_document_is_told_with_its_reason_and_its_acceptance_after_them(
    call, drain, factus, told
):
    for total in ("RECHAZO 1", "RECHAZO 2"):
        factus.reject_next("FAB05c", f"{total}: no corresponde")
        call("POST", "/documentos", invoice(referencia="C-1", observaciones=total), Prefer="respond-async")
        drain()
    call("POST", "/documentos", invoice(referencia="C-1", observaciones="bien"), Prefer="respond-async")
    drain()

    found = told()
    assert kinds(found) == ["rechazo", "rechazo", "aceptado"]
    assert ["RECHAZO 1" in found[0]["motivo"], "RECHAZO 2" in found[1]["motivo"]] == [True, True]
    assert len({each["id"] for each in found}) == 3


def test_that_a_person_is_needed_is_told_once_and_again_only_for_another_time(gateway, issuer, accept, told):
    record = accept("P-1")
    for needed in (True, True, False, True):
        record = gateway.records.save(
            record.model_copy(update={"needs_person": needed, "last_error": "duda"})
        )

    found = told()
    assert kinds(found) == ["requiere_atencion"] * 2
    assert [each["motivo"] for each in found] == ["duda"] * 2


def test_no_news_is_seen_before_it_can_have_nothing_behind_it(call, emitted, clock):
    emitted("E-1")

    early = call("GET", "/novedades")
    clock.advance(seconds=HELD_BACK + 1)
    later = call("GET", f"/novedades?cursor={early.json['cursor']}")

    assert (early.json["data"], early.json["hay_mas"]) == ([], False)
    assert kinds(later.json["data"]) == ["aceptado"]
    assert call("GET", f"/novedades?cursor={later.json['cursor']}").json["data"] == []


def test_a_feed_is_read_page_by_page_and_by_its_links(gateway, issuer, accept, call, clock):
    for n in range(5):
        record = accept(f"L-{n}")
        gateway.records.save(record.model_copy(update={"needs_person": True}))
    clock.advance(seconds=HELD_BACK + 1)

    pages, path = [], "/novedades?per_page=2"
    for _ in range(4):
        answer = call("GET", path)
        pages.append([each["documento"]["referencia"] for each in answer.json["data"]])
        path = answer.json["links"]["siguiente"].partition("/v1")[2]

    assert pages == [["L-0", "L-1"], ["L-2", "L-3"], ["L-4"], []]


def test_types_are_chosen_by_name_or_by_family_and_reading_them_is_bounded(
    gateway, issuer, accept, call, clock
):
    for n in range(8):
        record = accept(f"T-{n}")
        changes = {"needs_person": True} if n < 7 else {"state": State.REJECTED}
        gateway.records.save(record.model_copy(update=changes))
    clock.advance(seconds=HELD_BACK + 1)

    first = call("GET", "/novedades?tipos=rechazo,contingencia.*&per_page=1")
    second = call("GET", f"/novedades?tipos=rechazo&per_page=1&cursor={first.json['cursor']}")

    assert (first.json["data"], first.json["hay_mas"]) == ([], True)
    assert kinds(second.json["data"]) == ["rechazo"]


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("tipos=otro", "tipos"),
        ("cursor=zzz", "cursor"),
        (f"cursor={encoded_cursor('NEWS')}", "cursor"),
        ("per_page=101", "per_page"),
        ("pagina=1", "pagina"),
    ],
)
def test_a_wrong_parameter_is_refused_by_its_name(call, query, named):
    answer = call("GET", f"/novedades?{query}")

    assert (answer.status, list(answer.json["errors"])) == (422, [named])


def test_another_issuer_s_news_is_in_no_cursor_s_reach(call, emitted, gateway, clock, told):
    """The issuer is part of the key, and no part of a cursor."""
    emitted("I-1")
    (own_news,) = told()
    (item, *_) = _stored(own_news["documento"]["tracking_id"])

    assert item["pk"]["S"] == "NEWS#901724254"
    assert "901724254" not in item["sk"]["S"]


def test_news_is_kept_for_half_a_year(emitted, clock):
    record = emitted("T-1")

    (item,) = _stored(record.document_id)
    days = (int(item["expires_at"]["N"]) - clock.seconds()) / 86400
    assert 179 < days <= 180


def test_a_lost_answer_writes_the_news_again_with_a_new_moment_and_tells_it_once(
    gateway, accept, monkeypatch, told
):
    """The first try is carried out and its answer lost; a second would leave too late for its moment."""
    record = accept("R-1")
    ticks = [1000.0]
    stopped = SimpleNamespace(monotonic=lambda: ticks[0])
    monkeypatch.setattr(botocore.endpoint, "time", SimpleNamespace(sleep=lambda _: None))
    monkeypatch.setattr(faults, "time", stopped)
    monkeypatch.setattr(records, "time", stopped)

    def lose(**_: Any) -> None:
        if ticks[0] == 1000.0:
            ticks[0] += news.WRITTEN_WITHIN_SECONDS + 1
            raise ReadTimeoutError(endpoint_url="https://aws.example")

    own("dynamodb").meta.events.register_last("before-send.dynamodb.TransactWriteItems", lose)

    saved = gateway.records.save(record.model_copy(update={"needs_person": True}))

    assert ticks[0] > 1000.0
    assert gateway.records.read(record.issuer, record.document_id) == saved
    assert kinds(told()) == ["requiere_atencion"]


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_function_that_dies_at_any_line_loses_no_news(call, drain, gateway, clock, told, everything, when):
    """Whatever is settled is told, and what is told is settled: they are one write."""
    for at in itertools.count(1):
        with killed(at, when) as seen:
            call("POST", "/documentos", invoice(referencia=f"K-{at}"), Prefer="respond-async")
            drain()
        if "dead" not in seen:
            break
        clock.advance(minutes=20)
        drain()
        for _ in range(4):
            settle_due(gateway)
            drain()
            clock.advance(minutes=20)

    settled = {
        record.document_id: record
        for pk, sk in everything()
        if sk == "RECORD" and (record := gateway.records.read(*keys.of_record(pk))).state is State.ACCEPTED
    }
    found = told()
    assert at > 5
    assert len(settled) >= 3
    assert sorted(each["documento"]["tracking_id"] for each in found) == sorted(settled)
    assert set(kinds(found)) == {"aceptado"}


def _stored(document_id: str) -> list[dict[str, Any]]:
    pages = stack.client("dynamodb").get_paginator("scan").paginate(TableName="cauce")
    found = [item for page in pages for item in page["Items"] if item["pk"]["S"].startswith("NEWS#")]
    return [item for item in found if document_id in item["sk"]["S"]]


# Many writers at once


WRITERS, ITEMS = 64, 10_000
NIT = "901724254"
# The longest that a write takes from its moment until it is in the table, and the most that a clock is wrong.
LONGEST = news.WRITTEN_WITHIN_SECONDS + faults.LONGEST_TRY_SECONDS
WRONG = 1.4


class Writers:
    """64 writers in simulated time, each of one record. What one writes is in the table up to seven seconds after its
    moment, and the clock that it reads may be wrong."""

    def __init__(self, aws: Aws, gateway: Gateway, now: list[float], dice: random.Random) -> None:
        self.written: list[tuple[str, int]] = []
        self._gateway, self._now, self._dice = gateway, now, dice
        self._agenda: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._client = type(aws.client("dynamodb"))
        self._carry_out = self._client.transact_write_items
        self._left: list[tuple[Any, dict[str, Any]]] = []
        document = contract.document(Kind.INVOICE, invoice())
        for n in range(WRITERS):
            record = a_record(document, _moment(now[0]), document_id=f"d{n}", issuer=NIT, provider="dian")
            taken = gateway.new_records.take_in(_touched(record), numbered=False, quota=None)
            self.later(dice.random(), partial(self._write, taken))

    def later(self, seconds: float, act: Callable[[], None]) -> None:
        heapq.heappush(self._agenda, (self._now[0] + seconds, next(self._order), act))

    def run(self) -> None:
        def leaves(client: Any, **asked: Any) -> dict[str, Any]:
            self._left.append((client, asked))
            return {}

        with mock.patch.object(self._client, "transact_write_items", leaves):
            while self._agenda:
                self._now[0], _, act = heapq.heappop(self._agenda)
                act()

    def _write(self, record: Record) -> None:
        true = self._now[0]
        self._now[0] += self._dice.uniform(-WRONG, WRONG)
        saved = self._gateway.records.save(_with_news(record))
        self._now[0] = true
        self.written.append((saved.document_id, saved.version))
        took = self._dice.choice((0.01, self._dice.uniform(0, LONGEST)))
        self.later(took, partial(self._carried_out, saved, *self._left.pop()))

    def _carried_out(self, saved: Record, client: Any, asked: dict[str, Any]) -> None:
        self._carry_out(client, **asked)
        if len(self.written) < ITEMS:
            self.later(self._dice.uniform(0, 0.5), partial(self._write, saved))


class Reader:
    """Polls until it has seen all that was written, or would have."""

    def __init__(self, feed: Feed, writers: Writers, dice: random.Random) -> None:
        self.seen: list[tuple[str, int]] = []
        self._feed, self._writers, self._dice = feed, writers, dice
        self._at, self._idle = BEGINNING, 0
        self._poll()

    def _poll(self) -> None:
        page = self._feed.page(NIT, self._at, 100)
        for _, told in page.rows:
            assert told.record is not None
            self.seen.append((told.record.document_id, told.record.version))
        self._at, self._idle = page.next, 0 if page.rows else self._idle + 1
        if self._idle < 100:
            self._writers.later(self._dice.uniform(0.01, 0.4), self._poll)


def test_64_writers_and_a_polling_reader_none_is_missed_or_seen_twice_and_each_record_s_are_in_order():
    """Another reader, which does not hold back, misses some: else this would show nothing."""
    dice, aws, now = random.Random(12), Aws(), [1_800_000_000.0]
    aws.weighs = False
    with connected(aws, lambda: now[0], lambda _: None) as gateway:
        writers = Writers(aws, gateway, now, dice)
        patient = Reader(gateway.news, writers, dice)
        hasty = Reader(
            Feed(Table(aws.client("dynamodb"), "cauce", abs), lambda: now[0] + HELD_BACK), writers, dice
        )
        writers.run()

    assert len(writers.written) >= ITEMS
    assert sorted(patient.seen) == sorted(writers.written)
    for n in range(WRITERS):
        versions = [version for document, version in patient.seen if document == f"d{n}"]
        assert versions == sorted(versions)
    assert len(hasty.seen) < len(writers.written)


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _with_news(record: Record) -> Record:
    """The record with news that it did not have before."""
    was_rejected = record.state is State.REJECTED
    changes = {"state": State.RECEIVED if was_rejected else State.REJECTED, "needs_person": was_rejected}
    return record.model_copy(update=changes)


def _touched(record: Record) -> Record:
    return record.model_copy(update={"steps": (Step(at=record.updated_at, what="received"),)})


def test_for_people_the_newest_is_first_and_its_pages_lead_back_to_the_beginning(emitted, told, call):
    for n in range(5):
        emitted(f"V-{n}")
    oldest_first = [each["id"] for each in told()]

    pages, query = [], "orden=recientes&per_page=2"
    while query:
        page = call("GET", f"/novedades?{query}").json
        pages.append([each["id"] for each in page["data"]])
        query = page["links"]["siguiente"].partition("?")[2] if page["hay_mas"] else ""

    assert [each for page in pages for each in page] == oldest_first[::-1]
    assert max(map(len, pages)) == 2
