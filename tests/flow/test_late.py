"""Indexes that lag behind the table: nobody is told what is not so, nothing is done twice, nothing stands still."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from cauce.domain.document import Kind
from cauce.domain.lot import LotState
from cauce.domain.record import State
from cauce.emission import sending
from cauce.emission.sending import comes_back_in, keeps_its_place
from cauce.intake import control
from cauce.numbering.sync import sync_ranges
from cauce.reading.reconciliation import Reconciled, reconcile
from cauce.reading.series import Anomaly, What
from tests.documents import invoice, item
from tests.flow import queues
from tests.flow.conftest import ERP, context, taken_in
from tests.flow.handlers import named
from tests.flow.late import LateIndexes, at_random
from tests.flow.test_bulk import items, status
from tests.flow.test_bulk import lines as lines_of
from tests.flow.test_consultation import ACCEPTED, RANGE, Scripted, numbered_by_us
from tests.quick_boto3 import own
from tests.records import noted
from tests.settling import Sweep, settle_due

NIT = "901724254"


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control, "CHUNK", 4)


@pytest.fixture
def indexes(gateway, issuer) -> LateIndexes:
    """The indexes of the stack's table: they lag while they are ``standing``."""
    return LateIndexes(own("dynamodb"))


@pytest.fixture
def accept(gateway, issuer):
    """A received record: ``accept("V-1")``."""
    return lambda reference, here=None, whose=None: taken_in(here or gateway, whose or issuer, reference)


@pytest.fixture
def emit(gateway, accept):
    """A record after its one delivery: ``emit("V-1")``."""
    return lambda reference: sending.emit(gateway, gateway.records.read(NIT, accept(reference).document_id))


@pytest.fixture
def numbered(gateway, issuer):
    """A provider for whose documents we number, and that lists none: the stack, its issuer, itself."""
    return numbered_by_us(gateway, issuer, Scripted())


@pytest.fixture
def deliver(deliver, gateway, issuer):
    """Deliver what is to be taken in, none of which fails; the ERP's role speaks for the issuer."""
    gateway.issuers.save(issuer.model_copy(update={"senders": frozenset({ERP})}))

    def run() -> None:
        assert deliver() == []

    return run


def sweep(gateway: Any) -> Sweep:
    return settle_due(gateway)


def settle() -> dict[str, Any]:
    """One run of the schedule."""
    return named("consult").handler({"schedule": "settle"}, context(600))


# ── The schedule ──────────────────────────────────────────────────────────────────────────────────


def test_the_schedule_leaves_alone_what_is_no_longer_due(gateway, indexes, accept, clock):
    accept("V-1")
    clock.advance(minutes=4)
    with indexes.standing():
        assert [sweep(gateway).queued for _ in range(2)] == [1, 0]


def test_the_schedule_takes_nothing_from_a_worker_that_has_just_begun(numbered, indexes, accept, clock):
    """Its message would go back to wait for hours, and its lane behind it."""
    here, whose, provider = numbered
    record = accept("V-1", here, whose)
    provider.on_send = [ACCEPTED]
    prepare, sweeps = provider.prepare, []
    provider.prepare = lambda record: (sweeps.append(sweep(here)), prepare(record))[1]
    clock.advance(minutes=4)

    with indexes.standing():
        after = sending.emit(here, here.records.read(NIT, record.document_id))

    assert after.state is State.ACCEPTED
    assert [each.queued for each in sweeps] == [0]


def test_what_the_schedule_queues_again_while_a_worker_reads_it_does_not_wait_for_hours(
    numbered, accept, clock
):
    """The worker's message is the head of its lane, and the schedule's is behind it."""
    here, whose, provider = numbered
    record = accept("V-1", here, whose)
    provider.check = lambda _document: sweep(here)
    clock.advance(minutes=4)

    left = sending.emit(here, here.records.read(NIT, record.document_id))

    assert (left.state, keeps_its_place(here, left)) == (State.RECEIVED, True)
    assert comes_back_in(here, left) == timedelta(0)


def test_what_is_settled_is_no_old_unfinished_work(gateway, indexes, accept, factus, clock):
    record = accept("V-1")
    clock.advance(minutes=4)
    factus.reject_next("FAK24", "No está informado el DV del NIT")
    with indexes.standing():
        assert sending.emit(gateway, gateway.records.read(NIT, record.document_id)).state is State.REJECTED
        found = sweep(gateway)

    assert (found.settled, found.waiting, found.oldest_seconds) == (0, 0, 0.0)


def test_a_record_that_an_index_has_twice_stops_no_schedule(gateway, indexes, accept, clock):
    record = accept("V-1")
    clock.advance(minutes=4)
    with indexes.doubled():
        due = gateway.now() - timedelta(seconds=1)
        gateway.records.save(noted(record, "moved on", gateway.now(), due_at=due))

        assert sweep(gateway).queued == 1


# ── Numbers ───────────────────────────────────────────────────────────────────────────────────────


def test_a_number_that_is_taken_already_is_passed_over(numbered, indexes, accept):
    """The range was told anew before the last numbers were in the index that says where it goes on."""
    here, whose, provider = numbered
    told = RANGE.model_copy(update={"resolution": "18760", "next": None})
    provider.ranges = lambda: [told]
    accept("V-1", here, whose)
    with indexes.standing():
        for n in (2, 3, 4):
            accept(f"V-{n}", here, whose)
        sync_ranges(here, whose, "otro")
    here.ranges.save(NIT, RANGE.model_copy(update={"active": False}))
    assert here.ranges.read(NIT, told.key).next == 2

    assert [str(accept(f"V-{n}", here, whose).number) for n in (5, 6)] == ["FE5", "FE6"]


# ── The audit ─────────────────────────────────────────────────────────────────────────────────────


def audited(gateway: Any, issuer: Any, name: str) -> Reconciled:
    (found,) = (each for each in reconcile(gateway, issuer, name) if each.kind is Kind.INVOICE)
    return found


def test_what_the_index_of_numbers_lacks_is_no_stranger(gateway, issuer, indexes, emit):
    emit("V-1")
    with indexes.standing():
        emit("V-2")
        emit("V-3")
        found = audited(gateway, issuer, "factus")

    assert (found.ours, found.theirs, found.anomalies) == (3, 3, [])


@pytest.fixture
def five(numbered, accept):
    """FE1 to FE5, which their provider all has: the stack, its issuer, the provider."""
    here, whose, provider = numbered
    provider.on_send = [replace(ACCEPTED, uuid=str(n) * 96) for n in range(1, 6)]
    for n in range(1, 6):
        sending.emit(here, here.records.read(NIT, accept(f"V-{n}", here, whose).document_id))
    provider.consult = lambda refs: replace(ACCEPTED, uuid=str(refs.number.consecutive) * 96)
    return here, whose, provider


def test_a_number_that_the_index_lacks_between_others_is_no_gap(five, indexes):
    here, whose, _ = five
    with indexes.lacking("FE#000000000000003#"):
        found = audited(here, whose, "otro")

    assert (found.ours, found.theirs, found.anomalies) == (5, 5, [])


def test_what_another_provider_has_of_a_series_is_no_gap_in_it(five):
    here, whose, _ = five
    moved = here.records.by_reference(NIT, "V-3")
    here.records.save(moved.model_copy(update={"provider": "factus"}))

    assert audited(here, whose, "otro").anomalies == []


def test_what_moves_on_while_the_provider_is_asked_is_left_to_the_next_audit(five, accept):
    here, whose, provider = five
    late = accept("V-6", here, whose)

    def consult(refs: Any) -> Any:
        record = here.records.read(NIT, late.document_id)
        if record.state is State.RECEIVED:
            provider.on_send = [replace(ACCEPTED, uuid="6" * 96)]
            sending.emit(here, here.records.read(NIT, record.document_id))
        return replace(ACCEPTED, uuid=str(refs.number.consecutive) * 96)

    provider.consult = consult

    assert audited(here, whose, "otro").anomalies == []
    assert audited(here, whose, "otro").theirs == 6


def test_of_what_is_being_sent_nothing_is_said(five, accept):
    here, whose, provider = five
    record, seen = accept("V-6", here, whose), []

    def send(_request: Any) -> Any:
        seen.append(audited(here, whose, "otro"))
        return replace(ACCEPTED, uuid="6" * 96)

    provider.send = send
    sending.emit(here, here.records.read(NIT, record.document_id))

    assert [(found.ours, found.theirs, found.anomalies) for found in seen] == [(6, 6, [])]


def test_an_answer_that_is_on_its_way_makes_no_stranger(gateway, issuer, factus, accept, monkeypatch):
    record = accept("V-1")
    seen: list[Any] = []
    settle = sending.send.__globals__["settle"]
    monkeypatch.setitem(
        sending.send.__globals__,
        "settle",
        lambda *arguments: (seen.append(audited(gateway, issuer, "factus")), settle(*arguments))[1],
    )

    assert sending.emit(gateway, gateway.records.read(NIT, record.document_id)).state is State.ACCEPTED
    assert [(found.theirs, found.anomalies) for found in seen] == [(1, [])]


# ── Lots ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_lot_that_was_read_is_not_read_again(gateway, indexes, call, deliver, clock, monkeypatch):
    monkeypatch.setattr(control, "MOST_LINES", 2)
    lot_id = call("POST", "/lotes", items(3)).json["data"]["lote_id"]
    clock.advance(minutes=3)
    with indexes.standing():
        deliver()
        read = gateway.lots.lot(NIT, lot_id)
        settle()

    assert read.state is LotState.READ
    assert "primeras 2 líneas" in read.last_error
    assert gateway.lots.lot(NIT, lot_id) == read


def test_a_line_that_is_where_it_was_and_where_it_is_counts_once(indexes, call, deliver, drain):
    lot_id = call("POST", "/lotes", items(3)).json["data"]["lote_id"]
    deliver()
    with indexes.doubled():
        drain()
        during = status(call, lot_id)

    assert (during["estado"], during["conteo"]["pendiente"], during["terminados"]) == ("en_proceso", 3, 0)
    assert sum(during["conteo"].values()) == 3
    assert status(call, lot_id)["conteo"]["aceptado"] == 3


def test_a_page_of_a_lot_shows_no_line_where_it_is_no_more(indexes, call, deliver, drain, factus):
    factus.reject_next("FAK24", "No está informado el DV del NIT")
    first = call("POST", "/lotes", items(2)).json["data"]["lote_id"]
    deliver()
    drain()
    with indexes.standing():
        call("POST", "/lotes", [item("V-9"), item("V-1", observaciones="corregida")])
        deliver()
        drain()
        during = lines_of(call, first)
        rejected = lines_of(call, first, "?estado=rechazado")

    assert [(row["posicion"], row["referencia"]) for row in during] == [(2, "V-2")]
    assert rejected == []


# ── Listings ──────────────────────────────────────────────────────────────────────────────────────


def listed(call: Any, query: str) -> list[tuple[str, str]]:
    answer = call("GET", f"/documentos{query}")
    assert answer.status == 200, answer.text
    return [(row["referencia"], row["estado"]) for row in answer.json["data"]]


def test_a_listing_by_state_has_every_document_in_the_state_that_its_index_knows(
    indexes, call, accept, gateway, clock
):
    records = []
    for n in range(4):
        records.append(accept(f"V-{n}"))
        clock.advance(seconds=1)
    with indexes.standing():
        for record in records[2:]:
            assert (
                sending.emit(gateway, gateway.records.read(NIT, record.document_id)).state is State.ACCEPTED
            )

        assert listed(call, "?estado=pendiente&per_page=1") == [("V-3", "pendiente")]
        assert listed(call, "?estado=pendiente") == [(f"V-{n}", "pendiente") for n in (3, 2, 1, 0)]
        assert listed(call, "?estado=aceptado") == []
        assert listed(call, "") == [(f"V-{n}", "pendiente") for n in (3, 2, 1, 0)]
        for kind in ("factura&estado=aceptado", "nota_credito"):
            assert listed(call, f"?tipo_documento={kind}") == []
        by_kind = listed(call, "?tipo_documento=factura")
        assert by_kind[:2] == [("V-3", "aceptado"), ("V-2", "aceptado")]  # read by key

    assert listed(call, "?estado=pendiente") == [("V-1", "pendiente"), ("V-0", "pendiente")]
    assert sorted(listed(call, "?estado=aceptado")) == [("V-2", "aceptado"), ("V-3", "aceptado")]


def test_a_document_that_an_index_has_twice_is_listed_once(indexes, call, accept, gateway):
    record = accept("V-1")
    with indexes.doubled():
        later = record.issued_at + timedelta(seconds=1)
        gateway.records.save(noted(record, "dated anew", gateway.now(), issued_at=later))

        assert listed(call, "") == [("V-1", "pendiente")]


# ── All of it ─────────────────────────────────────────────────────────────────────────────────────


REFERENCES = [f"A-{n}" for n in range(8)] + [f"{lot}-{n}" for lot in "BC" for n in range(1, 6)] + ["D-1"]


def _is_so(anomaly: Anomaly) -> bool:
    """The number that the rejected one spent, and one of ours in doubt, that the provider has."""
    return anomaly.what is What.MISSING or (anomaly.what is What.STRANGER and anomaly.document_id is not None)


@pytest.mark.parametrize("seed", [1])
def test_a_day_under_indexes_that_lag_at_random_ends_as_any_other(
    gateway, issuer, factus, token, call, deliver, drain, clock, seed
):
    """Documents, lots and straight messages; one rejected and corrected, one without a verdict, one in doubt; the
    schedule all along. What is said on the way is so, and at the end each has its one document and number."""
    indexes = LateIndexes(own("dynamodb"), at_random(seed))
    factus.reject_next("FAK24", "No está informado el DV del NIT")
    for n in range(3):
        call("POST", "/documentos", invoice(referencia=f"A-{n}"))
    factus.answer_next(status=500, stored=True)
    call("POST", "/documentos", invoice(referencia="A-3"), Prefer="respond-async")
    lots = [call("POST", "/lotes", [*items(5, prefix), 5]).json["data"]["lote_id"] for prefix in "BC"]
    queues.to_intake(item("D-1"), NIT)

    def said() -> None:
        for lot_id in lots:
            told = status(call, lot_id)
            assert sum(told["conteo"].values()) == told["leidos"]
            assert told["estado"] != "terminado" or told["terminados"] == 6
        for estado in ("pendiente", "aceptado", "rechazado"):
            assert all(row[1] == estado for row in listed(call, f"?estado={estado}&per_page=5"))
        found = [each for one in reconcile(gateway, issuer, "factus") for each in one.anomalies]
        assert [each for each in found if not _is_so(each)] == []

    for n in range(4, 8):
        call("POST", "/documentos", invoice(referencia=f"A-{n}"))
        for step in (deliver, drain, settle):
            step()
            said()
        sync_ranges(gateway, issuer, "factus")
        clock.advance(minutes=4)
    call("POST", "/documentos", invoice(referencia="A-0", observaciones="corregida"))
    for _ in range(3):
        drain()
        settle()
        clock.advance(minutes=4)

    records = [gateway.records.by_reference(NIT, each) for each in REFERENCES]
    assert {record.state for record in records} == {State.ACCEPTED}
    assert len({str(record.number) for record in records}) == len(records)
    assert sorted(bill.reference for bill in factus.documents["bills"]) == sorted(REFERENCES)
    assert indexes.lagged > 15
    with indexes.caught_up():
        assert [status(call, lot_id)["estado"] for lot_id in lots] == ["terminado"] * 2
        assert sorted(listed(call, "?per_page=100")) == sorted((each, "aceptado") for each in REFERENCES)
