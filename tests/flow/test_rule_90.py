"""DIAN's rule 90, «Documento procesado anteriormente», through Factus: never a rejection, since the document may be valid.

How its answers are read is tested in ``tests/unit/test_recorded_answers.py``.
"""

from typing import Any

import pytest

from cauce.domain.outcome import Message
from cauce.domain.record import Record, State
from tests.flow.killed import killed
from tests.flow.test_blocked import deleted, references
from tests.records import noted
from tests.simulators.factus.state import ACCEPTED as VALIDATED

NIT = "901724254"


# What becomes of the document


@pytest.fixture
def doubtful(factus: Any, emitted: Any) -> Record:
    factus.reject_next("90", "Documento procesado anteriormente.")
    record = emitted("V-1")
    assert (record.state, record.already_processed) == (State.UNKNOWN, True), record.steps
    return record


def test_it_is_in_doubt_and_its_erp_is_not_told_that_it_is_void(call: Any, doubtful: Record) -> None:
    told = call("GET", f"/documentos/{doubtful.document_id}").json

    assert (told["estado"], told["rechazos"]) == ("pendiente", [])
    assert "puede" in told["ultimo_error"].lower() and "regla 90" in told["ultimo_error"]


def test_found_validated_it_is_accepted_and_was_sent_once(
    factus: Any, asked: Any, doubtful: Record, gateway: Any
) -> None:
    factus.memory.settle(factus.documents["bills"][0], VALIDATED)

    accepted = asked(doubtful)

    assert (accepted.state, accepted.already_processed) == (State.ACCEPTED, False)
    assert factus.documents_received == 1


def test_it_is_never_deleted_to_let_the_next_one_through(
    factus: Any, emitted: Any, asked: Any, doubtful: Record, drain: Any
) -> None:
    emitted("V-2")
    asked(doubtful)
    drain()

    assert deleted(factus) == []
    assert references(factus) == ["V-1"]


def test_where_asking_proves_nothing_a_person_is_called_and_it_is_not_sent_again(
    factus: Any, asked: Any, doubtful: Record
) -> None:
    after = asked(doubtful)

    assert (after.state, after.needs_person, after.already_processed) == (State.UNKNOWN, True, True)
    for _ in range(5):
        after = asked(after)
    assert (after.state, factus.documents_received) == (State.UNKNOWN, 1)
    assert sum(seen.path.endswith("/bills/validate") for seen in factus.requests) == 1


@pytest.fixture
def waiting(asked: Any, doubtful: Record) -> Record:
    """It waits for a person."""
    return asked(doubtful)


def decision(call: Any, record: Record, accion: str, **more: str) -> Any:
    body = {"accion": accion, "motivo": "Lo dice el portal", **more}
    return call("POST", f"/documentos/{record.document_id}/resolver", body)


@pytest.mark.parametrize("accion", ["descartar", "reenviar"])
def test_while_rule_90_stands_it_is_neither_discarded_nor_sent_again(
    call: Any, factus: Any, gateway: Any, waiting: Record, accion: str
) -> None:
    refused = decision(call, waiting, accion)

    assert refused.status == 409
    assert "aceptar" in refused.json["error"]
    assert gateway.records.read(NIT, waiting.document_id).state is State.UNKNOWN


def test_it_is_discarded_once_its_absence_is_proved(
    call: Any, factus: Any, asked: Any, waiting: Record
) -> None:
    factus.memory.remove(factus.documents["bills"][0])
    for _ in range(3):
        waiting = asked(waiting)
    assert (waiting.state, waiting.needs_person) == (State.UNKNOWN, True)

    assert decision(call, waiting, "reenviar").status == 409, "DIAN would answer rule 90 again"
    assert decision(call, waiting, "descartar").json["estado"] == "fallido"


def test_a_person_who_has_its_cufe_accepts_it_once_it_was_read(
    call: Any, factus: Any, gateway: Any, waiting: Record
) -> None:
    bill = factus.documents["bills"][0]
    factus.memory.settle(bill, VALIDATED)

    accepted = decision(call, waiting, "aceptar", cufe=bill.uuid.upper())

    assert (accepted.status, accepted.json["estado"], accepted.json["cufe"]) == (200, "aceptado", bill.uuid)
    record = gateway.records.read(NIT, waiting.document_id)
    assert record.signed_xml is not None and not record.already_processed
    assert any("Lo dice el portal" in (step.detail or "") for step in record.steps)


@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_at_any_side_effect_of_aceptar_it_is_accepted_once_the_person_repeats_it(
    call: Any, factus: Any, gateway: Any, emitted: Any, asked: Any, when: str
) -> None:
    """The audit line of the request is among the side effects, and the XML that is fetched."""
    kills = 0
    for at in range(1, 20):
        factus.reject_next("90", "Documento procesado anteriormente.")
        record = asked(emitted(f"K-{at}"))
        bill = factus.documents["bills"][-1]
        factus.memory.settle(bill, VALIDATED)
        with killed(at, when) as effects:
            decision(call, record, "aceptar", cufe=bill.uuid)
        told = gateway.records.read(NIT, record.document_id)
        if told.state is not State.ACCEPTED:
            assert (told.state, told.needs_person) == (State.UNKNOWN, True), at
            assert decision(call, record, "aceptar", cufe=bill.uuid).status == 200
        kept = asked(told)
        assert (kept.state, kept.uuid, kept.signed_xml is not None) == (State.ACCEPTED, bill.uuid, True), at
        if "dead" not in effects:
            break
        kills += 1

    assert kills >= 5
    assert len(set(references(factus))) == len(references(factus)) == kills + 1


def test_another_document_s_cufe_is_not_accepted(
    call: Any, factus: Any, gateway: Any, waiting: Record
) -> None:
    factus.memory.settle(factus.documents["bills"][0], VALIDATED)

    refused = decision(call, waiting, "aceptar", cufe="b" * 96)

    assert refused.status == 409
    assert gateway.records.read(NIT, waiting.document_id).state is State.UNKNOWN


@pytest.mark.parametrize(
    ("accion", "more"), [("aceptar", {}), ("aceptar", {"cufe": "zz"}), ("descartar", {"cufe": "b" * 96})]
)
def test_a_cufe_goes_with_aceptar_and_with_nothing_else(
    call: Any, waiting: Record, accion: str, more: dict[str, str]
) -> None:
    refused = decision(call, waiting, accion, **more)

    assert (refused.status, list(refused.json["errors"])) == (422, ["cufe"])


# What was stored as rejected by it, before it was read as a doubt


@pytest.fixture
def of_before(gateway: Any, waiting: Record) -> Record:
    stored = noted(
        waiting,
        "rejected",
        gateway.now(),
        state=State.REJECTED,
        already_processed=False,
        needs_person=False,
        stored_rejected=True,
        rejections=(Message(text="Rechazo: Documento procesado anteriormente.", rule="90"),),
        due_at=None,
        waits_for=None,
    )
    kept: Record = gateway.records.save(stored)
    return kept


def test_one_that_was_stored_as_rejected_is_in_doubt_once_it_is_asked_about(
    call: Any, factus: Any, of_before: Record
) -> None:
    call("GET", f"/documentos/{of_before.document_id}/consultar")

    assert call("GET", f"/documentos/{of_before.document_id}").json["estado"] == "pendiente"
    assert deleted(factus) == []


def test_one_that_was_stored_as_rejected_is_accepted_where_it_turns_out_to_be_valid(
    call: Any, factus: Any, of_before: Record
) -> None:
    factus.memory.settle(factus.documents["bills"][0], VALIDATED)

    call("GET", f"/documentos/{of_before.document_id}/consultar")

    assert call("GET", f"/documentos/{of_before.document_id}").json["estado"] == "aceptado"
    assert factus.documents_received == 1


def test_a_person_accepts_one_that_was_stored_as_rejected_and_cannot_discard_it(
    call: Any, factus: Any, of_before: Record
) -> None:
    bill = factus.documents["bills"][0]
    factus.memory.settle(bill, VALIDATED)

    assert decision(call, of_before, "descartar").status == 409
    assert decision(call, of_before, "aceptar", cufe=bill.uuid).json["estado"] == "aceptado"
