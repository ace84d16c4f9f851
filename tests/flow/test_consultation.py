"""What asking does to a record: every state, every answer, every silence; and what it never does."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from cauce.contracts.v1 import contract
from cauce.domain.document import Document, Kind
from cauce.domain.errors import (
    Conflict,
    CredentialsRejected,
    InvalidDocument,
    NotFound,
    NotSent,
    OutcomeUnknown,
    Unsupported,
)
from cauce.domain.issuer import Issuer
from cauce.domain.life import GIVE_UP_AFTER, SENDING_FOR, backoff, settled, turned_away
from cauce.domain.outcome import Accepted, Blocked, Identity, Message, Number, Outcome, Pending, Rejected
from cauce.domain.ranges import NumberingRange
from cauce.domain.record import MOVES, Record, State
from cauce.emission import sending
from cauce.exchange import consultation
from cauce.gateway import Gateway
from cauce.intake import documents
from cauce.providers.base import (
    Capabilities,
    Connection,
    Lane,
    NumberedBy,
    Provider,
    RecoveredBy,
    Refs,
    Request,
    Resend,
    Verb,
)
from cauce.providers.guard import Guarded, Unwatched
from cauce.settling import decisions
from tests.documents import invoice
from tests.flow.conftest import Clock, Still
from tests.records import noted
from tests.settling import settle_due
from tests.simulators.factus.state import ACCEPTED as VALIDATED
from tests.unit.contracts.examples import CUFE, a_record

NIT = "901724254"
CAPABILITIES = Capabilities(
    kinds=frozenset(Kind),
    verbs=frozenset({Verb.XML}),
    numbered_by=NumberedBy.PROVIDER,
    recovered_by=RecoveredBy.REFERENCE,
    resend=Resend.SAME_REFERENCE,
    lane=Lane.NONE,
    pace=None,
    slow=False,
    quantity_scale=6,
    max_lines=None,
)
ACCEPTED = Accepted(uuid=CUFE, raw=b"accepted")
REJECTED = Rejected(rejections=(Message(text="No", rule="FAK24"),), raw=b"rejected")
PENDING = Pending(status_message="en proceso", raw=b"pending")
BLOCKED = Blocked(status_message="otro espera", raw=b"blocked")
SILENCES = (NotSent("no conecta"), OutcomeUnknown("no terminó"), CredentialsRejected("no entra"))


RANGE = NumberingRange(provider="otro", kind=Kind.INVOICE, prefix="FE", start=1, end=99, next=1)


@dataclass
class Scripted(Provider):
    """A provider that says what a test wrote down, in that order, and counts what it was asked."""

    said: list[Outcome | Exception] = field(default_factory=list)
    on_send: list[Outcome | Exception] = field(default_factory=list)
    can: Capabilities = CAPABILITIES
    signed: bytes | Exception = b"<Invoice/>"
    asked: int = 0
    sent: list[bytes] = field(default_factory=list)

    name = "otro"
    title = "Otro"
    # Its issuer sends no mail.
    connection: Any = field(default_factory=lambda: SimpleNamespace(issuer=SimpleNamespace(mail_from=None)))

    @classmethod
    def declare(cls, settings: dict[str, str]) -> Capabilities:
        return CAPABILITIES

    @property
    def capabilities(self) -> Capabilities:
        return self.can

    @classmethod
    def address(cls, connection: Connection) -> str:
        return "https://otro.example"

    def close(self) -> None: ...

    def check(self, document: Document) -> None: ...

    def prepare(self, record: Record) -> Request:
        return Request("POST /x", f"attempt {record.attempt}".encode())

    def send(self, request: Request) -> Outcome:
        self.sent.append(request.body)
        return _told(self.on_send.pop(0))

    def consult(self, refs: Refs) -> Outcome:
        self.asked += 1
        return _told(self.said.pop(0) if len(self.said) > 1 else self.said[0])

    def xml(self, refs: Refs) -> bytes:
        if isinstance(self.signed, Exception):
            raise self.signed
        return self.signed


def _told(said: Any) -> Any:
    if isinstance(said, Exception):
        raise said
    return said


def numbered_by_us(gateway: Gateway, issuer: Issuer, provider: Scripted) -> tuple[Gateway, Issuer, Scripted]:
    """The stack with a provider for whose documents we number, and that lists none; its issuer; the provider."""
    provider.can = replace(
        CAPABILITIES,
        numbered_by=NumberedBy.GATEWAY,
        recovered_by=RecoveredBy.NUMBER,
        resend=Resend.SAME_BYTES,
        verbs=frozenset({Verb.RANGES}),
    )
    here = replace(gateway, provider=lambda _issuer, _name: provider)
    whose = issuer.model_copy(update={"providers": {Kind.INVOICE: "otro"}})
    here.issuers.save(whose)
    here.ranges.save(issuer.nit, RANGE)
    return here, whose, provider


@pytest.fixture
def clock() -> Clock:
    return Still()


@pytest.fixture
def provider() -> Scripted:
    return Scripted()


@pytest.fixture
def here(gateway: Gateway, issuer: Any, provider: Scripted) -> Gateway:
    """The stack, with the scripted provider behind it."""
    return replace(gateway, provider=lambda _issuer, _name: Guarded(provider, Unwatched()))


@pytest.fixture
def keep(here: Gateway) -> Any:
    """A stored record: ``keep(State.PENDING, due_at=…)``; overdue unless told otherwise."""
    document = contract.document(Kind.INVOICE, invoice())

    def kept(state: State, **facts: Any) -> Record:
        now = here.now()
        record = a_record(
            document,
            **{
                "issuer": NIT, "provider": "otro", "state": state, "attempt": 1, "number": None, "uuid": None,
                "created_at": now, "received_at": now, "due_at": now - timedelta(seconds=1), **facts,
            },
        )  # fmt: skip
        here.archive.request(record, Request("POST /x", b"attempt 1"))
        return here.new_records.take_in(noted(record, "kept", now), numbered=False, quota=None)

    return kept


# The table: what an answer makes of a record that is asked about

ANSWERS: dict[str, Outcome | Exception] = {
    "accepted": ACCEPTED,
    "rejected": REJECTED,
    "pending": PENDING,
    "blocked": BLOCKED,
    "not_found": NotFound("no lo tiene"),
    "conflict": Conflict("no es el nuestro"),
    "not_sent": SILENCES[0],
    "outcome_unknown": SILENCES[1],
    "credentials": SILENCES[2],
}
BECOMES = {
    State.PENDING: {
        "accepted": State.ACCEPTED,
        "rejected": State.REJECTED,
        "pending": State.PENDING,
        "blocked": State.PENDING,
        "not_found": State.UNKNOWN,
        "conflict": State.UNKNOWN,
        "not_sent": State.PENDING,
        "outcome_unknown": State.PENDING,
        "credentials": State.PENDING,
    },
    State.UNKNOWN: {
        "accepted": State.ACCEPTED,
        "rejected": State.REJECTED,
        "pending": State.PENDING,
        "blocked": State.UNKNOWN,
        "not_found": State.UNKNOWN,
        "conflict": State.UNKNOWN,
        "not_sent": State.UNKNOWN,
        "outcome_unknown": State.UNKNOWN,
        "credentials": State.UNKNOWN,
    },
}
TROUBLES = ("blocked", "conflict", "not_sent", "outcome_unknown", "credentials")
# A sender that died leaves its record in doubt, and it is asked about at once.
BECOMES[State.SENDING] = BECOMES[State.UNKNOWN]


def test_the_table_has_every_answer():
    assert all(row.keys() == ANSWERS.keys() for row in BECOMES.values())


@pytest.mark.parametrize("state", BECOMES, ids=str)
def test_what_each_answer_makes_of_a_record(here, keep, provider, state):
    for answer, expected in BECOMES[state].items():
        due = here.now() + timedelta(minutes=1) if state is State.PENDING else here.now()
        record = keep(state, document_id=f"{state}-{answer}", due_at=due)
        provider.said = [ANSWERS[answer]]

        after = consultation.ask(here, record)

        assert after.state is expected, (state, answer)
        assert after == here.records.read(NIT, record.document_id)
        assert provider.sent == []
        assert after.needs_person is (answer == "conflict")
        assert (after.due_at is None) is (expected is State.REJECTED or after.signed_xml is not None)
        assert bool(after.last_error) is (
            answer in TROUBLES or (state, answer) == (State.SENDING, "not_found")
        )


@pytest.mark.parametrize("state", [State.RECEIVED, State.REJECTED, State.FAILED], ids=str)
def test_what_is_not_at_the_provider_or_is_settled_is_not_asked_about(here, keep, provider, state):
    record = keep(state)

    assert consultation.ask(here, record) == record
    assert (provider.asked, provider.sent) == (0, [])


def test_a_record_being_sent_is_left_alone_until_its_sender_must_have_died(here, keep, provider, clock):
    provider.said = [ACCEPTED]
    record = keep(State.SENDING, due_at=here.now() + SENDING_FOR)

    assert consultation.ask(here, record) == record
    assert provider.asked == 0

    clock.advance(seconds=SENDING_FOR.total_seconds() + 1)
    assert consultation.ask(here, record).state is State.ACCEPTED


# Accepted is for ever


def test_nothing_moves_an_accepted_record():
    assert MOVES[State.ACCEPTED] == frozenset()
    record = a_record(contract.document(Kind.INVOICE, invoice()))
    now = datetime.now().astimezone()
    for outcome in (REJECTED, PENDING, BLOCKED):
        with pytest.raises(ValueError, match="may not become"):
            settled(record, outcome, now, numbered_here=False, wants_file=True)


def test_an_accepted_record_is_not_asked_about_again(here, keep, provider):
    provider.said = [REJECTED]
    record = keep(State.ACCEPTED)

    after = consultation.ask(here, record)

    assert (after.state, provider.asked) == (State.ACCEPTED, 0)
    assert here.archive.read(after.signed_xml) == b"<Invoice/>"
    assert after.due_at is None


def test_late_news_of_a_record_that_was_accepted_meanwhile_is_dropped(here, keep, provider):
    read_before = keep(State.PENDING, due_at=here.now() + timedelta(hours=1))
    provider.said = [ACCEPTED]
    accepted = consultation.ask(here, read_before)

    for late in (REJECTED, NotFound("no"), Conflict("no"), *SILENCES, PENDING):
        provider.said = [late]
        assert consultation.ask(here, read_before) == accepted


def test_xml_that_is_not_there_yet_is_fetched_later_and_the_record_stays_accepted(
    here, keep, provider, clock
):
    for trouble in (*SILENCES, NotFound("aún no"), Unsupported("no hay")):
        provider.signed, provider.said = trouble, [ACCEPTED]
        record = keep(
            State.PENDING, document_id=f"d-{type(trouble).__name__}", due_at=here.now() + timedelta(1)
        )
        after = consultation.ask(here, record)
        assert (after.state, after.signed_xml) == (State.ACCEPTED, None)
        assert after.due_at is not None

        provider.signed = b"<Invoice/>"
        clock.advance(hours=1)
        settle_due(here)
        assert here.records.read(NIT, record.document_id).signed_xml


# What a verdict clears, and what it keeps


def test_a_verdict_ends_doubt_and_the_need_of_a_person(here, keep, provider):
    provider.said = [Conflict("no es el nuestro"), ACCEPTED]
    record = keep(State.UNKNOWN, absences=1, absent_at=here.now())

    stuck = consultation.ask(here, record)
    after = consultation.ask(here, stuck)

    assert stuck.needs_person
    assert (after.state, after.needs_person, after.last_error, after.absences) == (
        State.ACCEPTED, False, None, 0,
    )  # fmt: skip


def test_what_is_known_is_never_replaced_by_nothing(here, keep, provider):
    provider.said = [
        Pending(uuid=CUFE, number=Number(prefix="A", consecutive=1), provider_ids={"id": "1"}),
        PENDING,
    ]
    record = keep(State.UNKNOWN)

    first = consultation.ask(here, record)
    second = consultation.ask(here, first.model_copy(update={"due_at": here.now() + timedelta(1)}))

    assert (second.uuid, str(second.number), second.provider_ids) == (CUFE, "A1", {"id": "1"})


def test_a_total_that_is_not_ours_is_a_notice(here, keep, provider):
    provider.said = [replace(ACCEPTED, payable=Decimal("145775.01"))]

    after = consultation.ask(here, keep(State.UNKNOWN))

    assert after.state is State.ACCEPTED
    assert "145775.01" in after.notices[-1].text
    assert "145775.00" in after.notices[-1].text


# Absence


def test_absence_is_proved_by_looks_a_minute_apart_however_often_an_erp_asks(here, keep, provider, clock):
    provider.said = [NotFound("no lo tiene")]
    record = keep(State.UNKNOWN)
    for _ in range(20):
        record = consultation.ask(here, record)
        clock.advance(seconds=2)
    assert (record.state, record.absences) == (State.UNKNOWN, 1)

    clock.advance(seconds=60)
    record = consultation.ask(here, record)

    assert record.state is State.RECEIVED
    assert (record.absences, record.absent_at, record.sent_at, record.checks) == (0, None, None, 0)
    assert record.due_at <= here.now()


def test_absences_count_in_a_row_only(here, keep, provider, clock):
    provider.said = [NotFound("no"), OutcomeUnknown("?"), NotFound("no")]
    record = consultation.ask(here, keep(State.UNKNOWN))
    provider.said.insert(0, Pending())
    clock.advance(seconds=90)
    record = consultation.ask(here, record)
    assert (record.state, record.absences) == (State.PENDING, 0)


def test_a_provider_may_want_more_looks_than_two(here, keep, provider, clock):
    provider.can = replace(CAPABILITIES, absent_after=4)
    provider.said = [NotFound("no")]
    record = keep(State.UNKNOWN)

    states = []
    for _ in range(4):
        record = consultation.ask(here, record)
        states.append(record.state)
        clock.advance(minutes=11)

    assert states == [State.UNKNOWN] * 3 + [State.RECEIVED]


@pytest.mark.parametrize(
    "unsafe", [{"resend": Resend.NEVER}, {"recovered_by": RecoveredBy.NOTHING}], ids=lambda u: next(iter(u))
)
def test_where_a_second_send_could_make_a_second_document_a_person_decides(
    here, keep, provider, clock, unsafe
):
    provider.can = replace(CAPABILITIES, **unsafe)
    provider.said = [NotFound("no")]
    record = keep(State.UNKNOWN)
    for _ in range(5):
        record = consultation.ask(here, record)
        clock.advance(hours=2)

    assert (record.state, record.needs_person) == (State.UNKNOWN, True)
    assert "no es seguro" in record.last_error
    assert provider.sent == []


def test_a_pending_document_that_disappears_is_in_doubt_first_and_sent_anew_only_when_proved_absent(
    here, keep, provider, clock
):
    provider.said = [NotFound("no")]
    record = keep(State.PENDING)

    record = consultation.ask(here, record)
    assert (record.state, record.absences) == (State.UNKNOWN, 1)
    clock.advance(minutes=2)
    assert consultation.ask(here, record).state is State.RECEIVED


# Waiting


def test_the_wait_grows_and_ends_hourly():
    waits = [backoff(n).total_seconds() for n in range(40)]

    assert waits[:7] == [30, 60, 120, 300, 600, 600, 600]
    assert waits == sorted(waits)
    assert waits[29:32] == [600, 3600, 3600]


def test_each_look_that_was_due_waits_longer_for_the_next(here, keep, provider, clock):
    for answer in (OutcomeUnknown("?"), PENDING):
        provider.said, provider.can = [answer], replace(CAPABILITIES, resend=Resend.NEVER)
        record = keep(State.PENDING, document_id=f"d-{type(answer).__name__}")
        waits = []
        for _ in range(6):
            record = consultation.ask(here, record)
            waits.append((record.due_at - here.now()).total_seconds())
            clock.advance(seconds=waits[-1] + 1)

        assert waits == sorted(waits)
        assert (waits[0], waits[-1]) in {(30, 600), (60, 600)}


@pytest.mark.parametrize("state", [State.PENDING, State.UNKNOWN], ids=str)
def test_an_erp_that_asks_all_the_time_postpones_nothing(here, keep, provider, clock, state):
    """Else the schedule never finds it due, and what Factus must be sent again to settle never settles."""
    for answer in (PENDING, *SILENCES, BLOCKED, NotFound("no")):
        if state is State.UNKNOWN and answer is PENDING:
            continue  # that is news: it becomes pending
        if state is State.PENDING and isinstance(answer, NotFound):
            continue  # that too: it becomes doubtful
        provider.said = [answer]
        now, due = here.now(), here.now() + timedelta(minutes=2)
        name = f"d-{type(answer).__name__}"
        record = keep(state, document_id=name, checks=1, due_at=due, absences=1, absent_at=now)

        for _ in range(50):
            clock.advance(seconds=1)
            record = consultation.ask(here, record)

        assert record.state is state
        assert record.due_at <= due, type(answer)
        assert record.checks <= 2


def test_asking_all_the_time_does_not_push_the_beginning_out_of_the_trace(here, keep, provider):
    provider.said = [PENDING]
    record = keep(State.PENDING, due_at=here.now() + timedelta(hours=2))
    for _ in range(210):
        record = consultation.ask(here, record)

    assert record.steps[0].what == "kept"


# Sending the same again, which is how Factus is made to ask DIAN once more


def test_a_pending_document_that_is_due_is_sent_again_byte_for_byte(here, keep, provider):
    provider.said, provider.on_send = [PENDING], [ACCEPTED]

    after = consultation.ask(here, keep(State.PENDING))

    assert after.state is State.ACCEPTED
    assert provider.sent == [b"attempt 1"]


def test_one_that_is_not_due_or_may_not_be_repeated_is_only_asked_about(here, keep, provider):
    provider.said = [PENDING]
    consultation.ask(here, keep(State.PENDING, due_at=here.now() + timedelta(minutes=1), document_id="a"))
    for resend in (Resend.NEVER, Resend.SAME_BYTES):
        provider.can = replace(CAPABILITIES, resend=resend)
        consultation.ask(here, keep(State.PENDING, document_id=f"b-{resend}"))

    assert provider.sent == []


def test_what_waits_under_another_reference_is_no_reason_to_send_ours_again(here, keep, provider):
    record = keep(State.PENDING)
    provider.said, provider.on_send = [replace(PENDING, about=Identity(reference="otra"))], [ACCEPTED]

    after = consultation.ask(here, record)

    assert (after.state, after.needs_person) == (State.UNKNOWN, True)
    assert provider.sent == []


@pytest.mark.parametrize("age", [timedelta(minutes=5), GIVE_UP_AFTER + timedelta(hours=1)], ids=str)
def test_being_turned_away_when_repeating_proves_nothing_of_what_the_provider_has(here, keep, provider, age):
    """It has the document: it is neither ours alone again nor, after days, undelivered."""
    for n, answer in enumerate((NotSent("429", retry_after=90), CredentialsRejected("no entra"), BLOCKED)):
        provider.said, provider.on_send = [PENDING], [answer]
        record = keep(State.PENDING, document_id=f"d{n}", received_at=here.now() - age)

        after = consultation.ask(here, record)

        assert after.state is State.PENDING, answer
        assert after.last_error
        assert after.due_at >= here.now() + timedelta(seconds=30)
    assert after.shown_state == "pendiente"


def test_other_answers_to_a_repetition_mean_what_they_always_mean(here, keep, provider):
    for n, (answer, expected, needs_person) in enumerate(
        (
            (REJECTED, State.REJECTED, False),
            (PENDING, State.PENDING, False),
            (OutcomeUnknown("?"), State.UNKNOWN, False),
            (Conflict("otro"), State.UNKNOWN, True),
        )
    ):
        provider.said, provider.on_send = [PENDING], [answer]

        after = consultation.ask(here, keep(State.PENDING, document_id=f"d{n}"))

        assert (after.state, after.needs_person) == (expected, needs_person)


def test_what_merely_waits_for_dian_goes_on_by_itself_however_often_it_was_sent(here, keep, provider, clock):
    record = keep(State.PENDING)
    for answer in [PENDING] * 7 + [OutcomeUnknown("?")]:
        provider.said, provider.on_send = [PENDING], [answer]
        clock.advance(hours=2)
        record = consultation.ask(here, record)

    assert len(provider.sent) == 8
    assert (record.state, record.needs_person) == (State.UNKNOWN, False), "one send in a row proved nothing"


def test_a_person_is_called_once_the_answers_to_five_sends_in_a_row_were_lost(here, keep, provider, clock):
    record = keep(State.PENDING)
    called = []
    for _ in range(5):
        provider.said, provider.on_send = [PENDING], [OutcomeUnknown("?")]
        clock.advance(hours=2)
        record = consultation.ask(here, record)
        called.append(record.needs_person)
        if not record.needs_person:
            record = consultation.ask(here, record)  # it is there, and DIAN has not spoken

    assert called == [False, False, False, False, True]
    assert (record.state, len(provider.sent)) == (State.UNKNOWN, 5)


def test_two_who_find_it_due_at_once_send_it_once(here, keep, provider):
    record = keep(State.PENDING)
    provider.said, provider.on_send = [PENDING], [PENDING]
    first = consultation.ask(here, record)

    second = consultation.ask(here, record)  # with what it had read before

    assert first == second
    assert len(provider.sent) == 1


# Turned away at the door


def test_a_record_that_was_never_taken_fails_after_three_days_and_not_before(here, keep):
    now = here.now()
    for age, expected in (
        (GIVE_UP_AFTER, State.RECEIVED),
        (GIVE_UP_AFTER + timedelta(seconds=1), State.FAILED),
    ):
        record = keep(State.SENDING, document_id=f"d-{expected}", received_at=now - age)

        after = turned_away(record, now, NotSent("no conecta"))

        assert after.state is expected
        assert (after.due_at is None) is (expected is State.FAILED)


def test_a_provider_says_how_long_to_wait(here, keep):
    record = keep(State.SENDING)
    for asked, expected in ((None, 30), (5, 30), (90, 90)):
        after = turned_away(record, here.now(), NotSent("429", retry_after=asked))
        assert after.due_at - after.updated_at == timedelta(seconds=expected)


# The schedule


def test_a_sweep_counts_what_it_found(here, keep, provider, clock):
    provider.said = [ACCEPTED]
    keep(State.RECEIVED, document_id="a")
    keep(State.UNKNOWN, document_id="b", received_at=here.now() - timedelta(minutes=10))
    keep(State.PENDING, document_id="c", due_at=here.now() + timedelta(hours=1))

    found = settle_due(here)

    assert (found.queued, found.settled, found.waiting, found.failed) == (1, 1, 0, 0)
    assert found.oldest_seconds == 600


def test_a_record_that_cannot_be_handled_stops_neither_this_run_nor_the_next(here, keep, provider, gateway):
    """An issuer whose credentials are gone must not keep the others' records out of every run."""
    provider.said = [ACCEPTED]
    for n in range(24):
        keep(
            State.UNKNOWN,
            document_id=f"broken-{n}",
            provider="perdido",
            due_at=here.now() - timedelta(hours=1),
        )
    for n in range(8):
        keep(State.UNKNOWN, document_id=f"sound-{n}")

    def lost(_issuer: Any, name: str) -> Provider:
        if name == "perdido":
            raise CredentialsRejected("No hay credenciales.")
        return provider

    broken = replace(here, provider=lost)
    failed = settle_due(broken).failed

    assert failed == 24
    assert all(here.records.read(NIT, f"sound-{n}").state is State.ACCEPTED for n in range(8))
    assert here.records.read(NIT, "broken-0").state is State.UNKNOWN


def test_not_even_a_defect_of_ours_with_one_record_stops_the_others(
    here, keep, provider, caplog, monkeypatch
):
    first, second = (keep(State.UNKNOWN, document_id=name) for name in ("one", "other"))
    provider.said[:] = [ACCEPTED]
    defects = [ValueError("a move that does not exist")]
    monkeypatch.setattr(
        type(here.archive), "answer", lambda *_, **__: _told(defects.pop() if defects else None)
    )

    found = settle_due(here)

    assert (found.failed, found.settled) == (1, 1)
    states = {here.records.read(NIT, each.document_id).state for each in (first, second)}
    assert states == {State.UNKNOWN, State.ACCEPTED}
    assert "a move that does not exist" in caplog.text
    assert here.records.due(here.now()) == []


def test_what_was_queued_again_is_left_to_the_queue_for_hours(here, keep, clock):
    record = keep(State.RECEIVED)
    assert settle_due(here).queued == 1
    clock.advance(hours=5)
    assert settle_due(here).queued == 0

    clock.advance(hours=1)
    assert settle_due(here).queued == 1
    assert here.records.read(NIT, record.document_id).state is State.RECEIVED


# Discard, then correct


@pytest.fixture
def rejected(call, drain, factus, monkeypatch) -> str:
    """A rejected invoice that Factus keeps, under VENTA-1; its tracking id."""
    factus.reject_next("FAK24", "No está informado el DV del NIT")
    posted = call("POST", "/documentos", invoice(referencia="VENTA-1"))
    drain()
    found = call("GET", f"/documentos/{posted.json['data']['tracking_id']}").json
    assert found["estado"] == "rechazado"
    return found["tracking_id"]


def correct(call: Any, drain: Any, tracking_id: str) -> dict[str, Any]:
    again = call("POST", "/documentos", invoice(referencia="VENTA-1", observaciones="corregida"))
    assert again.status == 201, again.text
    drain()
    return call("GET", f"/documentos/{tracking_id}").json


def steps(gateway: Gateway, tracking_id: str) -> list[str]:
    return [step.what for step in gateway.records.read(NIT, tracking_id).steps]


def test_the_rejected_attempt_is_discarded_before_its_correction_goes(call, drain, factus, gateway, rejected):
    corrected = correct(call, drain, rejected)

    assert (corrected["estado"], corrected["rechazos"], corrected["ultimo_error"]) == ("aceptado", [], None)
    assert [document.draft.observation for document in factus.documents["bills"]] == ["corregida"]
    trace = steps(gateway, rejected)
    assert trace.index("rejected attempt discarded") < trace.index("accepted")


def test_a_discard_that_fails_is_tried_again_and_nothing_is_sent_before(
    call, drain, factus, gateway, rejected, clock
):
    for fault in ({"status": 429}, {"status": 500}, {"status": 403}):
        factus.answer_next(**fault, path="/destroy/", method="DELETE")
    corrected = correct(call, drain, rejected)
    assert corrected["estado"] == "pendiente"
    assert factus.documents_received == 1

    for _ in range(6):
        clock.advance(minutes=11)
        settle_due(gateway)
        drain()

    assert call("GET", f"/documentos/{rejected}").json["estado"] == "aceptado"
    assert factus.documents_received == 2


def test_a_rejected_attempt_that_turns_out_to_be_valid_is_not_replaced(
    call, drain, factus, gateway, rejected, clock
):
    factus.memory.settle(factus.documents["bills"][0], VALIDATED)

    corrected = correct(call, drain, rejected)
    assert corrected["estado"] == "pendiente"
    assert gateway.records.read(NIT, rejected).state is State.UNKNOWN

    clock.advance(minutes=5)
    settle_due(gateway)
    assert call("GET", f"/documentos/{rejected}").json["estado"] == "aceptado"
    assert factus.documents_received == 1


def test_a_refusal_found_after_the_discard_is_told_at_once(here, keep, provider, gateway, monkeypatch):
    """The record was written in between: what comes after must not be lost to its own earlier write."""
    monkeypatch.setattr(provider, "discard", lambda refs: None, raising=False)

    def resolve(record: Record) -> dict[str, str]:
        raise InvalidDocument("La factura no existe.", field="factura_referencia.numero")

    monkeypatch.setattr(provider, "resolve", resolve, raising=False)
    record = keep(State.RECEIVED, stored_rejected=True)

    after = sending.emit(here, here.records.read(NIT, record.document_id))

    assert (after.state, after.last_error) == (State.FAILED, "La factura no existe.")


def test_a_person_decides_on_what_only_a_person_can(here, keep, provider):
    stuck = keep(State.UNKNOWN, needs_person=True, document_id="a")

    again = decisions.decide(here, stuck, decisions.Decision.SEND_AGAIN, reason="no llegó", who="Ana")
    assert (again.state, again.needs_person) == (State.RECEIVED, False)
    with pytest.raises(Conflict):
        decisions.decide(here, again, decisions.Decision.DISCARD, reason="x", who="Ana")

    other = keep(State.UNKNOWN, needs_person=True, document_id="b")
    assert (
        decisions.decide(here, other, decisions.Decision.DISCARD, reason="x", who="Ana").state is State.FAILED
    )


def test_a_decision_on_what_somebody_else_just_settled_is_a_conflict(here, keep, provider):
    provider.said = [ACCEPTED]
    stuck = keep(State.UNKNOWN, needs_person=True)
    consultation.ask(here, stuck)

    with pytest.raises(Conflict):
        decisions.decide(here, stuck, decisions.Decision.SEND_AGAIN, reason="x", who="Ana")
    assert here.records.read(NIT, stuck.document_id).state is State.ACCEPTED


def test_a_number_that_a_provider_gave_to_one_document_is_no_other_s(here, keep, provider):
    number = Number(prefix="FE", consecutive=7)
    provider.said = [Accepted(uuid=each * 96, number=number, raw=b"accepted") for each in "ab"]
    first, second = (keep(State.UNKNOWN, document_id=name) for name in ("a", "b"))

    assert consultation.ask(here, first).state is State.ACCEPTED
    after = consultation.ask(here, second)

    assert (after.state, after.needs_person) == (State.UNKNOWN, True)
    assert "FE7" in (after.last_error or "")


@pytest.mark.parametrize(
    ("other", "is_alike"), [({}, True), ({"payable": 1}, False), ({"state": State.FAILED}, False)]
)
def test_what_a_search_found_may_be_of_another_in_doubt_just_like_it_and_only_then_a_person_says_whose(
    here, keep, provider, other, is_alike
):
    provider.can = replace(CAPABILITIES, recovered_by=RecoveredBy.SEARCH)
    provider.said = [replace(ACCEPTED, provider_ids={"id": "1"})]
    asked = keep(State.UNKNOWN, document_id="a")
    keep(**{"state": State.UNKNOWN, "document_id": "b", **other})

    after = consultation.ask(here, asked)

    assert (after.state, after.needs_person) == (
        (State.UNKNOWN, True) if is_alike else (State.ACCEPTED, False)
    )
    assert ("puede ser el de la referencia b" in (after.last_error or "")) is is_alike


def test_what_was_discarded_in_doubt_may_be_asked_for_again_though_it_would_be_refused_today(
    here, issuer, keep, provider
):
    """It was sent before the rule was ours, and its provider may have it."""
    buyer = {**invoice()["adquiriente"], "tipo_documento": "31", "numero_documento": "9003731153"}
    document = contract.document(Kind.INVOICE, invoice(referencia="V-1", adquiriente=buyer))
    with pytest.raises(InvalidDocument):
        documents.take_in(here, issuer, document, "x")
    known = contract.content_hash(document)
    now = here.now()
    sent = a_record(
        document,
        issuer=NIT,
        provider="otro",
        state=State.FAILED,
        attempt=1,
        number=None,
        content_hash=known,
        sent_as=1,
        created_at=now,
        received_at=now,
    )
    here.new_records.take_in(noted(sent, "kept", now), numbered=False, quota=None)

    again, replayed = documents.take_in(here, issuer, document, known)

    assert (again.state, again.sent_as, replayed) == (State.RECEIVED, 1, True)


def test_the_archive_has_each_answer_as_it_came_whatever_was_made_of_it(here, keep, provider, s3):
    book = b"y" * 600_000
    provider.on_send = [OutcomeUnknown("?", raw=b"half an ans")]
    provider.said = [
        OutcomeUnknown("?", raw=b"<html>"),
        replace(PENDING, status_message=book.decode(), raw=book),
        replace(ACCEPTED, about=Identity(reference="otra"), raw=b"of another"),
    ]
    record = sending.emit(here, here.records.read(NIT, keep(State.RECEIVED).document_id))
    before = record
    for _ in range(3):
        record = consultation.ask(here, noted(record, "due", here.now(), due_at=here.now()))

    def kept(name: str) -> bytes:
        found = [each["Key"] for each in s3.list_objects_v2(Bucket="cauce")["Contents"]]
        (key,) = [each for each in found if each.endswith(f"/{before.document_id}/{name}")]
        return here.archive.read(key)

    assert kept(f"answer-{before.attempt:03d}") == b"half an ans"
    asked = [kept(f"answer-{before.attempt:03d}-consult-{checks:03d}") for checks in range(3)]
    assert asked == [b"<html>", book, b"of another"]


@pytest.mark.parametrize(
    "state, facts, answer, is_kept",
    [
        (State.PENDING, {}, PENDING, False),
        (State.UNKNOWN, {}, PENDING, True),
        (State.PENDING, {"last_error": "no conecta"}, PENDING, True),
        (State.PENDING, {}, replace(PENDING, status_message="otra cosa"), True),
        (State.PENDING, {}, replace(PENDING, uuid=CUFE), True),
        (State.PENDING, {}, replace(PENDING, notices=(Message(text="Ojo", rule="FAK24"),)), True),
        (State.PENDING, {}, replace(PENDING, about=Identity(reference="otra")), True),
        (State.PENDING, {}, ACCEPTED, True),
        (State.PENDING, {}, REJECTED, True),
        (State.PENDING, {}, BLOCKED, True),
    ],
)  # fmt: skip
def test_only_an_answer_that_says_again_what_is_known_is_not_archived_and_the_trace_has_it(
    here, keep, provider, s3, state, facts, answer, is_kept
):
    provider.can, provider.said = replace(CAPABILITIES, resend=Resend.NEVER), [answer]
    record = keep(state, status_message=PENDING.status_message, **facts)

    after = consultation.ask(here, record)

    kept = [each["Key"].rpartition("/")[2] for each in s3.list_objects_v2(Bucket="cauce")["Contents"]]
    assert ("answer-001-consult-000" in kept) is is_kept
    assert len(after.steps) > len(record.steps)
    if not is_kept:
        assert (after.steps[-1].what, after.steps[-1].detail) == ("still pending", PENDING.status_message)
        assert after.checks == record.checks + 1


def test_an_answer_for_which_a_document_is_sent_again_is_archived(here, keep, provider, s3):
    provider.said, provider.on_send = [PENDING], [ACCEPTED]
    record = keep(State.PENDING, status_message=PENDING.status_message)

    consultation.ask(here, record)

    assert provider.sent
    kept = [each["Key"].rpartition("/")[2] for each in s3.list_objects_v2(Bucket="cauce")["Contents"]]
    assert "answer-001-consult-000" in kept


def test_whatever_an_answer_makes_us_raise_the_document_is_in_doubt(here, keep, provider, caplog):
    """It may have arrived: an answer that nobody foresaw proves nothing, and is never sent after by itself."""
    provider.on_send, provider.said = [ValueError("900 123 456")], [ACCEPTED]
    record = keep(State.RECEIVED)

    after = sending.emit(here, here.records.read(NIT, record.document_id))

    assert after.state is State.UNKNOWN
    assert "900 123 456" not in caplog.text + (after.last_error or "")
    assert sending.emit(here, here.records.read(NIT, record.document_id)).state is State.ACCEPTED
    assert len(provider.sent) == 1


@pytest.mark.parametrize(
    "surprise", [InvalidDocument("x"), Unsupported("x"), NotFound("x")], ids=lambda each: type(each).__name__
)
def test_an_error_of_ours_that_no_send_should_raise_leaves_the_document_in_doubt_too(
    here, keep, provider, surprise
):
    provider.on_send, provider.said = [surprise], [ACCEPTED]
    record = keep(State.RECEIVED)

    assert sending.emit(here, here.records.read(NIT, record.document_id)).state is State.UNKNOWN
    assert sending.emit(here, here.records.read(NIT, record.document_id)).state is State.ACCEPTED
    assert len(provider.sent) == 1
