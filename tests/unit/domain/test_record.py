"""A record's moves: the one table, read as a whole."""

from datetime import UTC, datetime, timedelta

from cauce.contracts.v1 import contract
from cauce.domain.document import Kind
from cauce.domain.record import MOVES, SETTLED, SHOWN_STATE, Record, State
from tests.documents import invoice
from tests.unit.contracts.examples import a_record

NOW = datetime(2026, 5, 10, 20, 30, tzinfo=UTC)
# Where its document may exist at the provider, or be about to.
OUT = {State.SENDING, State.PENDING, State.UNKNOWN}


def record(state: State, **facts: object) -> Record:
    return a_record(contract.document(Kind.INVOICE, invoice()), state=state, **facts)


def test_every_state_has_its_moves_and_its_word_in_the_contract():
    assert MOVES.keys() == SHOWN_STATE.keys() == set(State)
    assert set(SHOWN_STATE.values()) == {"aceptado", "rechazado", "pendiente", "fallido"}
    assert [state for state in State if SHOWN_STATE[state] == "aceptado"] == [State.ACCEPTED]


def test_accepted_is_for_ever():
    assert MOVES[State.ACCEPTED] == frozenset()


def test_what_was_refused_or_never_delivered_moves_only_to_be_sent_anew_or_back_into_doubt():
    assert {state: MOVES[state] for state in SETTLED - {State.ACCEPTED}} == {
        State.REJECTED: frozenset({State.RECEIVED, State.UNKNOWN}),
        State.FAILED: frozenset({State.RECEIVED}),
    }


def test_only_what_is_being_sent_or_asked_about_is_ever_accepted_or_rejected():
    for verdict in (State.ACCEPTED, State.REJECTED):
        assert {state for state in State if verdict in MOVES[state]} == OUT


def test_nothing_that_may_be_at_the_provider_is_sent_but_what_is_pending_there():
    """Unknown must be proved absent, and be received again, first."""
    assert {state for state in State if State.SENDING in MOVES[state]} == {State.RECEIVED, State.PENDING}


def test_what_is_pending_at_the_provider_never_fails_nor_becomes_ours_alone_at_once():
    assert not MOVES[State.PENDING] & {State.FAILED, State.RECEIVED}


def test_every_state_can_end():
    ends = dict.fromkeys(SETTLED, True)
    while more := {s: True for s in State if s not in ends and MOVES[s] & ends.keys()}:
        ends |= more

    assert ends.keys() == set(State)


def test_a_look_is_early_until_its_moment_comes():
    assert record(State.PENDING, due_at=NOW).early(NOW - timedelta(seconds=1))
    assert not record(State.PENDING, due_at=NOW).early(NOW)
    assert not record(State.PENDING, due_at=None).early(NOW)


def test_its_reference_is_the_erps_or_its_own_id():
    named = a_record(contract.document(Kind.INVOICE, invoice(referencia="V-1")))

    assert named.reference == "V-1"
    assert record(State.PENDING).reference == record(State.PENDING).document_id
