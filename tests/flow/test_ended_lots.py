"""The end of a lot is told once, when its last line is settled, with how its lines ended."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from cauce.domain.lot import Lot, LotState
from cauce.domain.record import State
from cauce.telling import lots
from tests.documents import item
from tests.flow.killed import killed

WRONG = {**item("T-2"), "lineas": []}
LINES = [item("T-1"), WRONG, item("T-3")]


@pytest.fixture
def minute(settle: Any, clock: Any) -> Callable[..., None]:
    """A minute, and what the schedule does in it."""

    def passes(**more: float) -> None:
        clock.advance(**(more or {"minutes": 1}))
        settle()

    return passes


@pytest.fixture
def ends(call: Any, clock: Any) -> Callable[[], list[dict[str, Any]]]:
    """The ends of lots that were told so far."""

    def told() -> list[dict[str, Any]]:
        clock.advance(seconds=11)
        return list(call("GET", "/novedades?tipos=lote.terminado").json["data"])

    return told


@pytest.fixture
def lot(call: Any, deliver: Any) -> Any:
    """A lot of three lines, one of them wrong, read to its end; nothing is emitted yet."""
    posted = call("POST", "/lotes", LINES, Idempotency_Key="L-1").json["data"]
    deliver()
    return posted


def test_a_lot_is_told_once_when_its_last_line_is_settled_with_how_its_lines_ended(
    lot, drain, factus, minute, ends, call, deliver
):
    minute()
    before = ends()
    factus.reject_next("FAB05c", "No corresponde")
    drain()
    minute()
    (told,) = ends()
    for _ in range(3):
        minute()

    assert before == []
    counts = {"aceptado": 1, "rechazado": 1, "fallido": 0, "invalido": 1, "repetido": 0}
    assert told["lote"]["conteo"] == counts
    assert (told["lote"]["lote_id"], told["lote"]["documentos"]) == (lot["lote_id"], 3)
    assert told["lote"]["fecha_recepcion"] == lot["fecha_recepcion"]
    assert told["lote"]["links"]["self"].endswith(f"/lotes/{lot['lote_id']}")
    assert call("GET", f"/lotes/{lot['lote_id']}").json["data"]["estado"] == "terminado"
    assert ends() == [told]


def test_a_lot_of_refused_lines_and_of_repeated_ones_ends_too(lot, call, drain, deliver, minute, ends):
    drain()
    again = call("POST", "/lotes", [*LINES, WRONG], Idempotency_Key="L-2").json["data"]
    deliver()
    minute()

    found = {each["lote"]["lote_id"]: each["lote"]["conteo"] for each in ends()}

    assert found[again["lote_id"]] == {
        "aceptado": 0, "rechazado": 0, "fallido": 0, "invalido": 2, "repetido": 2
    }  # fmt: skip


def test_a_lot_that_waits_for_a_person_has_not_ended_until_that_person_has_decided(
    lot, drain, gateway, issuer, minute, ends, call
):
    drain()
    waiting = gateway.records.by_reference(issuer.nit, "T-1")
    changes = {"state": State.UNKNOWN, "needs_person": True, "last_error": "Decida una persona."}
    stuck = gateway.records.save(waiting.model_copy(update=changes))
    for _ in range(3):
        minute()
    while_waiting = ends()
    body = {"accion": "descartar", "motivo": "No llegó"}
    decided = call("POST", f"/documentos/{stuck.document_id}/resolver", body)
    minute(hours=2)
    minute(hours=2)

    assert while_waiting == []
    assert decided.status == 200, decided.text
    assert [each["lote"]["conteo"]["fallido"] for each in ends()] == [1]


def test_a_run_that_dies_anywhere_loses_no_end_and_tells_none_twice(lot, drain, gateway, clock, ends):
    drain()
    clock.advance(minutes=1)
    for at in range(1, 10):
        for when in ("before", "after"):
            with killed(at, when) as effects:
                lots.tell_ended(gateway, 10)
            if len(effects) < at:
                break
        clock.advance(minutes=1)

    assert len(ends()) == 1
    assert gateway.lots.read_to_their_end(clock() + timedelta(days=400), 10) == []


def test_of_two_runs_at_once_one_tells_the_end(lot, drain, gateway, clock, ends, monkeypatch):
    drain()
    clock.advance(minutes=1)
    found = gateway.lots.read_to_their_end(clock(), 10)
    monkeypatch.setattr(gateway.lots, "read_to_their_end", lambda _now, _limit: found)

    assert lots.tell_ended(gateway, 10) + lots.tell_ended(gateway, 10) == 1
    assert len(ends()) == 1


def test_a_line_that_the_index_has_not_yet_delays_the_end(lot, drain, gateway, clock, ends, monkeypatch):
    drain()
    clock.advance(minutes=1)
    counts = gateway.lots.counts
    with monkeypatch.context() as late:
        late.setattr(gateway.lots, "counts", lambda nit, lot_id: counts(nit, lot_id) - Counter(aceptado=1))
        lots.tell_ended(gateway, 10)
    early = ends()
    clock.advance(minutes=1)
    lots.tell_ended(gateway, 10)

    assert early == []
    assert len(ends()) == 1


def test_an_old_lot_that_has_not_ended_is_looked_at_seldom(lot, gateway, issuer, clock):
    looks = []
    for age in (timedelta(minutes=1), timedelta(hours=4), timedelta(days=2)):
        clock.advance(seconds=age.total_seconds())
        lots.tell_ended(gateway, 10)
        looks.append(round((due(gateway, issuer, lot) - clock()).total_seconds() / 60))

    assert looks == [1, 10, 60]


def due(gateway: Any, issuer: Any, lot: dict[str, Any]) -> Any:
    return gateway.lots.lot(issuer.nit, lot["lote_id"]).due_at


def test_lots_that_wait_for_their_end_delay_none_that_is_being_read(gateway, issuer, clock):
    now = clock()
    for n, state in enumerate((LotState.READ, LotState.READ, LotState.READING)):
        gateway.lots.create(
            Lot(
                issuer=issuer.nit, lot_id=f"lote-{n}", state=state, size=9, sha256="a" * 64, created_at=now,
                due_at=now - timedelta(minutes=3 - n),
            )
        )  # fmt: skip

    assert [each.lot_id for each in gateway.lots.due(now, 1)] == ["lote-2"]
    assert [each.lot_id for each in gateway.lots.read_to_their_end(now, 10)] == ["lote-0", "lote-1"]
