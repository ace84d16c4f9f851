"""A record's moves: what may follow what, what each sets and clears, and when the record is looked at next."""

import ast
import itertools
import os
from datetime import UTC, datetime, timedelta
from typing import Any, Unpack, get_type_hints

import pytest

from cauce.contracts.v1 import contract
from cauce.domain import life
from cauce.domain.document import Kind
from cauce.domain.errors import Held, NotSent
from cauce.domain.event import Event, EventCode
from cauce.domain.outage import Failure
from cauce.domain.outcome import Accepted, AlreadyProcessed, Message, Number, Pending, Rejected
from cauce.domain.record import MOVES, Record, State, WaitsFor
from cauce.domain.time import bogota
from cauce.domain.totals import NOTHING
from tests.documents import invoice
from tests.stack import ROOT
from tests.unit.contracts.examples import a_record

PACKAGE = ROOT / "layers" / "provider" / "python" / "cauce"
NOW = datetime(2026, 5, 10, 20, 30, tzinfo=UTC)
LATER = NOW + timedelta(days=6)


def record(state: State, **facts: Any) -> Record:
    return a_record(contract.document(Kind.INVOICE, invoice()), state=state, **facts)


def new(content: Any = None) -> Record:
    content = content or contract.document(Kind.INVOICE, invoice())
    return life.taken_in("d1", "800197268", content, "0" * 64, "factus", None, NOTHING, NOW)


def an_event() -> Event:
    return Event(code=EventCode.ACCEPTANCE, invoice_uuid="a" * 96)


# No other way

# Who makes a changed copy of something else.
OF_NO_RECORD = {
    "intake/alternatives.py",
    "admin/habilitacion.py",
    "admin/issuers.py",
    "admin/laws.py",  # a document, to ask what another day would say of it
    "aws/failures.py",
    "aws/lots.py",
    "aws/papers.py",  # a paper that its issuer has not changed, made while importing, when no schema is built yet
    "domain/document.py",  # likewise, the payment of who says none
    "domain/issuer.py",
    "domain/outage.py",
    "domain/outcome.py",
    "domain/ranges.py",
    "domain/record.py",  # the document of its invoice of type 04
    "numbering/ranges.py",
    "numbering/sync.py",
    "providers/base.py",  # a document whose mail we send
    "providers/factus/counted.py",
    "reception/access.py",
    "representation/known.py",  # the issuer
    "ubl/signed.py",  # a document of any maker, which would not pass as ours
    "ubl/signed_health.py",
    "ubl/signed_lines.py",
}


def test_nothing_but_the_moves_of_life_makes_a_changed_copy_of_a_record():
    copiers = _users_of("model_copy", "model_construct", "__dict__")

    assert copiers - {"domain/life.py"} == OF_NO_RECORD, (
        "a record is changed only by domain/life.py; who copies anything else is named here"
    )


def test_what_changes_a_record_takes_no_fact_but_those():
    assert get_type_hints(life._set)["facts"] == Unpack[life._Facts]


def _users_of(*attributes: str) -> set[str]:
    return {
        os.path.relpath(path, PACKAGE)
        for path in [*PACKAGE.rglob("*.py"), *ROOT.glob("functions/*/*.py")]
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in attributes
    }


def test_what_a_move_may_write_is_declared_as_the_record_declares_it():
    written, declared = get_type_hints(life._Facts), get_type_hints(Record)

    assert {name: declared[name] for name in written} == written
    fixed = {"issuer", "document_id", "provider", "created_at", "model_config"}
    assert set(Record.model_fields) - set(written) == fixed - {"model_config"}


def test_no_code_reads_the_words_of_a_trace():
    # Who writes it, who logs it, who shows it: to an operator, in a document's evidence, and in its history.
    shown = {
        "admin/documents.py",
        "contracts/v1/evidence.py",
        "contracts/v1/render.py",
        "reading/evidence.py",
    }
    assert _users_of("steps") == {"domain/life.py", "aws/records.py", *shown}


def test_no_code_of_ours_decides_by_the_words_of_a_message_or_an_error():
    """What a provider's words mean is read in its own room; from there on fields decide."""
    words = {"last_error", "detail", "what", "message", "status_message"}

    def reads(node: ast.AST) -> bool:
        is_asked = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        is_compared = isinstance(node, ast.Compare) and not any(
            isinstance(each, ast.Is | ast.IsNot) for each in node.ops
        )
        looked_at = [node.func.value] if is_asked else [node.left, *node.comparators] if is_compared else []
        return any(isinstance(each, ast.Attribute) and each.attr in words for each in looked_at)

    readers = {
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in [*PACKAGE.rglob("*.py"), *ROOT.glob("functions/*/*.py")]
        if not {"providers", "admin"} & set(path.parts)  # admin only shows
        for node in ast.walk(ast.parse(path.read_text()))
        if reads(node)
    }

    assert readers == set()


# What may follow what


@pytest.mark.parametrize("state, to", list(itertools.product(State, State)), ids=str)
def test_a_move_is_made_exactly_where_the_table_has_it(state, to):
    if to in MOVES[state]:
        assert life._moved(record(state), to, NOW).state is to
    else:
        with pytest.raises(ValueError, match="may not become"):
            life._moved(record(state), to, NOW)


def test_a_move_leaves_a_line_in_the_trace_and_the_version_to_the_store():
    before = record(State.SENDING, version=7)

    after = life.settled(
        before, Rejected(rejections=(Message(text="No"),)), NOW, numbered_here=True, wants_file=True
    )

    assert after.steps[-1].model_dump() == {"at": NOW, "what": "rejected", "detail": "No", "by": None}
    assert (after.updated_at, after.version) == (NOW, 7)
    assert before.state is State.SENDING


def test_a_trace_is_cut_before_it_is_too_long_to_store():
    found = record(State.PENDING)
    for n in range(500):
        found = life.decided(found, NOW, f"{n} " + "x" * 10_000)

    assert len(found.steps) == 200
    assert (found.steps[-1].detail or "").startswith("499 ")
    assert len(found.model_dump_json()) < 200_000


# One way to correct, for documents and events


@pytest.mark.parametrize("content", [None, an_event()], ids=["document", "event"])
@pytest.mark.parametrize("state", [State.REJECTED, State.FAILED], ids=str)
def test_what_is_corrected_is_issued_now_and_keeps_nothing_of_what_it_corrects(content, state):
    first = new(content)
    dirty = Record.model_validate(
        {
            **{name: getattr(first, name) for name in Record.model_fields},
            "state": state, "attempt": 3, "sent_as": 2, "signed_xml": "x", "needs_person": True, "absences": 1,
            "absent_at": NOW, "rejections": (Message(text="No"),), "notices": (Message(text="Ojo"),),
            "last_error": "…", "status_code": "99", "status_message": "No", "blocked": True, "held_by": "d0",
        }
    )  # fmt: skip

    after = life.corrected(dirty, first.content, "1" * 64, None, NOTHING, LATER)

    assert after.state is State.RECEIVED
    assert after.issued_at == bogota(LATER)
    assert after.steps[-1].detail == "corregido"
    assert (after.attempt, after.number, after.document_id) == (3, first.number, "d1")
    pristine = new(content)
    for name in (
        "sent_as", "signed_xml", "needs_person", "absences", "absent_at", "rejections", "notices", "last_error",
        "status_code", "status_message", "blocked", "held_by", "contingency", "failure",
    ):  # fmt: skip
        assert getattr(after, name) == getattr(pristine, name), name


def test_what_failed_in_doubt_goes_again_as_it_was():
    failed = record(State.FAILED, sent_as=2, uuid="a" * 96)

    after = life.retried(failed, LATER)

    assert (after.sent_as, after.uuid, after.issued_at) == (2, "a" * 96, failed.issued_at)
    assert (after.state, after.received_at) == (State.RECEIVED, LATER)


# When it is looked at next


def test_when_it_is_looked_at_next_follows_from_what_it_waits_for():
    received = new()
    assert received.due_at == NOW + timedelta(minutes=3)

    claimed = life.begun(received, NOW)
    sending = life.leaving(claimed, NOW)
    assert sending.due_at == NOW + timedelta(seconds=150)

    assert life.in_doubt(sending, NOW, "?").due_at == NOW + timedelta(seconds=30)
    assert life.for_a_person(sending, NOW, "?").due_at == NOW + timedelta(hours=1)
    assert life.turned_away(sending, NOW, NotSent("429", retry_after=200)).due_at == NOW + timedelta(
        seconds=200
    )
    assert life.held_back(claimed, NOW, Held("…", retry_after=7)).due_at == NOW + timedelta(seconds=7)


@pytest.mark.parametrize("waits_for", WaitsFor, ids=str)
def test_every_wait_ends(waits_for):
    waiting = life._waiting(record(State.PENDING), waits_for, NOW)

    assert waiting.due_at == life.next_look(waiting)
    assert NOW <= waiting.due_at <= NOW + timedelta(hours=6)


def test_a_message_that_comes_back_by_itself_puts_the_schedule_off():
    held = life.held_back(life.begun(new(), NOW), NOW, Held("…", retry_after=7))

    after = life.comes_back(held, NOW + timedelta(seconds=7))

    assert after.due_at == NOW + timedelta(seconds=7, minutes=3)
    assert after.waits_for is WaitsFor.TURN


def test_a_record_of_before_waits_were_kept_is_looked_at_when_it_says():
    old = record(State.PENDING, due_at=LATER)

    assert life.next_look(old) == LATER
    assert life.comes_back(old, NOW).due_at == NOW + timedelta(minutes=3)


def test_nothing_is_waited_for_once_it_is_settled():
    rejected = life.settled(life.leaving(new(), NOW), Rejected(), NOW, numbered_here=True, wants_file=True)

    assert (rejected.waits_for, rejected.due_at, life.next_look(rejected)) == (None, None, None)


# Sends that prove nothing


def sent(found: Record) -> Record:
    return life.leaving(life.begun(found, NOW), NOW)


def test_a_person_is_called_after_five_sends_in_a_row_that_prove_nothing():
    found = new()
    for _ in range(4):
        found = life.in_doubt(sent(found), NOW, "?")
        assert not found.needs_person
        found = life.settled(found, Pending(), LATER, numbered_here=True, wants_file=True)

    found = life.in_doubt(life.leaving(found, LATER), LATER, "?")

    assert (found.needs_person, found.state) == (True, State.UNKNOWN)
    assert "5 veces" in (found.last_error or "")


@pytest.mark.parametrize(
    "trouble, counts",
    [
        (NotSent("no conecta"), 4),
        (NotSent("429", retry_after=60), 0),
        (NotSent("503", arrived=True), 0),
        (Held("su turno", retry_after=60), 4),
    ],
    ids=["never left", "told to wait", "told that it was not processed", "kept back by us"],
)
def test_what_never_left_is_no_such_send_and_what_was_not_processed_ends_the_row(trouble, counts):
    found = record(State.SENDING, unproved_sends=5, received_at=NOW)

    assert life.turned_away(found, NOW, trouble).unproved_sends == counts


def test_a_service_that_says_that_it_is_out_ends_the_row_and_calls_nobody():
    """A status of ``contingency_statuses``: what was sent is in doubt, and DIAN did not process it."""
    found = record(State.SENDING, unproved_sends=life.MOST_UNPROVED_SENDS)

    after = life.in_doubt(found, NOW, "HTTP 503", Failure.ERROR)

    assert (after.state, after.needs_person, after.unproved_sends) == (State.UNKNOWN, False, 0)
    assert life.in_doubt(found, NOW, "?", Failure.SILENCE).needs_person


def test_proved_absence_and_an_answer_that_can_be_read_end_the_row():
    doubtful = record(State.UNKNOWN, unproved_sends=4)

    assert life.proved_absent(doubtful, NOW).unproved_sends == 0
    assert life.answered(doubtful).unproved_sends == 0
    assert life.sent_again(doubtful, NOW, "Ana: sí").unproved_sends == 0


def test_an_accepted_record_says_which_number_is_its_own():
    """Where we number, what a provider says of it never replaces ours."""
    ours = record(State.SENDING)

    theirs = Accepted(number=Number(prefix="X", consecutive=9))
    assert life.settled(ours, theirs, NOW, numbered_here=True, wants_file=False).number == ours.number
    assert life.settled(ours, theirs, NOW, numbered_here=False, wants_file=False).number == theirs.number


# What may be valid


@pytest.mark.parametrize(
    "state, sent_as, trouble, kept",
    [
        (State.SENDING, 3, NotSent("no salió"), None),
        (State.SENDING, 3, NotSent("se averió", arrived=True), 3),
        (State.SENDING, 2, NotSent("no salió"), 2),
        (State.RECEIVED, 3, NotSent("no conecta"), 3),
    ],
    ids=["this one never arrived", "this one did", "an earlier one may have", "nothing was sent now"],
)
def test_the_bytes_that_may_have_arrived_go_again_and_no_others(state, sent_as, trouble, kept):
    before = record(state, attempt=3, sent_as=sent_as)

    assert life.turned_away(before, NOW, trouble).sent_as == kept


@pytest.mark.parametrize(
    "told", [Rejected(rejections=(Message(text="No"),)), AlreadyProcessed()], ids=["rejected", "again"]
)
def test_under_rule_90_a_refusal_settles_nothing_and_calls_a_person(told):
    before = record(State.UNKNOWN, already_processed=True)

    after = life.settled(before, told, NOW, numbered_here=True, wants_file=True)

    assert (after.state, after.already_processed, after.needs_person) == (State.UNKNOWN, True, True)


def test_what_was_not_found_before_rule_90_proves_nothing_of_what_dian_then_says_that_it_has():
    missing = record(State.UNKNOWN, absences=1, absent_at=NOW)

    after = life.settled(missing, AlreadyProcessed(), LATER, numbered_here=True, wants_file=True)

    assert (after.already_processed, after.absences, after.absent_at) == (True, 0, None)


def test_under_rule_90_what_is_still_being_validated_after_an_hour_of_questions_calls_a_person():
    doubtful = record(State.UNKNOWN, already_processed=True, checks=life.MOST_VAIN_CHECKS - 1)

    for checks, is_called in ((0, False), (1, True)):
        asked = doubtful.model_copy(update={"checks": doubtful.checks + checks})
        after = life.settled(asked, Pending(), NOW, numbered_here=True, wants_file=True)

        assert (after.state, after.already_processed, after.needs_person) == (State.UNKNOWN, True, is_called)


@pytest.mark.parametrize(
    "trouble, state",
    [(NotSent("no conecta"), State.FAILED), (Held("espera", retry_after=60), State.RECEIVED)],
)
def test_what_is_turned_away_for_days_fails_and_what_we_hold_back_does_not(trouble, state):
    before = record(State.RECEIVED, received_at=NOW - timedelta(days=4))

    assert life.turned_away(before, NOW, trouble).state is state


def test_what_its_buyer_holds_is_never_failed_for_its_age():
    claimed = life.claimed_for_contingency(record(State.RECEIVED, received_at=NOW - timedelta(days=4)), NOW)

    after = life.turned_away(life.made_anew(claimed, NOW), NOW, NotSent("no conecta"))

    assert (after.state, after.in_contingency) == (State.RECEIVED, True)


def test_an_ordinary_invoice_that_dian_has_is_the_one_that_counts():
    ordinary = record(State.UNKNOWN, attempt=3, sent_as=3, uuid="a" * 96, issued_at=bogota(NOW))
    anew = life.made_anew(life.claimed_for_contingency(ordinary, LATER), LATER)
    issued = life.prepared(anew, "b" * 96, keeps_bytes=True)
    assert (issued.uuid, issued.sent_as, issued.issued_at) == ("b" * 96, 4, bogota(LATER))

    after = life.void(issued)

    assert (after.uuid, after.sent_as, after.issued_at) == ("a" * 96, 3, bogota(NOW))
    assert after.contingency is not None
    assert (after.contingency.void_uuid, after.in_contingency) == ("b" * 96, False)


def test_what_is_turned_away_before_any_attempt_waits_for_an_operator_and_not_for_seconds():
    """Its issuer's credentials are gone: at every half minute its message would soon be given up."""
    after = life.turned_away(new(), NOW, NotSent("No hay credenciales."))

    assert after.due_at == NOW + timedelta(minutes=10)


def test_who_held_its_lane_is_forgotten_once_something_else_turns_it_away():
    held = life.lane_held(life.begun(new(), NOW), NOW, "espera a V-1", "d0")

    assert life.turned_away(held, NOW, NotSent("…"), blocked=True).held_by == "d0"
    assert life.turned_away(held, NOW, NotSent("no conecta")).held_by is None
