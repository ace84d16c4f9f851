"""No answer, half an answer, or a page of something else: what is safe to do next, and how the document is found."""

import contextlib
import dataclasses
import math
import socket
from typing import Any

import httpx
import pytest

from cauce.domain.document import Kind
from cauce.domain.errors import CauceError, Conflict, NotFound, NotSent, OutcomeUnknown
from cauce.domain.outcome import Accepted, Rejected
from cauce.providers import identity
from cauce.providers.base import Pace, Provider, RecoveredBy, Refs, Resend
from tests.contract.bench import RULE, TEXT, Coded, Live
from tests.contract.conftest import FIRST, named
from tests.contract.test_refusals import CALLS

BROKEN = [("html", False), ("html", True), ("5xx", False), ("5xx", True), ("truncated", True)]


@pytest.fixture
def deaf() -> Any:
    """An address where nothing listens during the test: its port is bound but not listened on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


def test_where_nothing_listens_nothing_was_sent(live: Live, deaf: str) -> None:
    request, asked = live.ready(), len(live.asked)

    with pytest.raises(NotSent):
        live.bench.connected(deaf).send(request)
    with pytest.raises(NotSent):
        live.bench.connected(deaf).consult(live.lost)
    with contextlib.suppress(NotSent):  # a provider that needs no ids asks nobody for them
        live.bench.connected(deaf).resolve(live.record)

    assert len(live.asked) == asked
    assert live.stored == 0
    assert type(live.again()) is Accepted


def test_an_answer_lost_after_storing_is_found_by_what_recovers_it_and_nothing_else(live: Live) -> None:
    request = live.ready()
    live.bench.lose(stored=True)

    with pytest.raises(OutcomeUnknown):
        live.provider.send(request)

    assert live.stored == 1
    found = live.provider.consult(live.lost)
    assert type(found) is Accepted
    assert found.uuid
    assert live.stored == 1


def test_a_document_that_never_arrived_is_not_found_and_may_be_sent(live: Live) -> None:
    request = live.ready()
    live.bench.lose(stored=False)

    with pytest.raises(OutcomeUnknown):
        live.provider.send(request)
    assert live.stored == 0
    with pytest.raises(NotFound):
        live.provider.consult(live.lost)

    assert type(live.again()) is Accepted
    assert live.stored == 1


def test_another_handle_finds_nothing_of_ours(live: Live) -> None:
    live.accepted()

    with pytest.raises(NotFound):
        live.provider.consult(misled(live))


def test_a_lost_correction_is_found_and_not_the_attempt_that_was_refused(live: Live) -> None:
    live.bench.reject(RULE, TEXT)
    refused = live.emit()
    assert type(refused) is Rejected
    if refused.stored:
        live.provider.discard(live.refs)
    corrected = live.ready()
    live.bench.lose(stored=True)

    with pytest.raises(OutcomeUnknown):
        live.provider.send(corrected)

    assert type(live.provider.consult(live.refs)) is Accepted


@pytest.mark.parametrize("fact", ["counterparty", "payable"])
def test_what_has_our_handle_and_other_facts_is_no_verdict_on_ours(live: Live, fact: str) -> None:
    if live.kind is Kind.EVENT:
        assert live.record.event is not None  # an event has neither buyer nor total of its own
        return
    live.accepted()
    if live.capabilities.recovered_by is RecoveredBy.CUFE:
        assert live.refs.uuid  # a hash of these very facts
        return
    ours = {"counterparty": "987", "payable": live.record.payable + 10_000}

    assert says_nothing_of(dataclasses.replace(live.lost, **{fact: ours[fact]}), live, live.provider)


def test_what_is_told_of_another_when_ours_is_asked_about_is_no_verdict_on_ours(
    live: Live, says: Any
) -> None:
    if live.kind is Kind.EVENT:
        assert live.record.event is not None  # an invoice has each event once
        return
    live.accepted()
    theirs = live.consult().raw
    live.record = live.recorded(live.record.content)
    live.accepted()

    told = Coded(200, theirs, Accepted, live.bench.undocumented[0].content_type)

    assert says_nothing_of(live.refs, live, live.bench.connected(says(told)))


def says_nothing_of(ours: Refs, live: Live, provider: Provider) -> bool:
    """Whether asking about these refs gives no outcome, or one that tells that it is about another document."""
    try:
        about = provider.consult(ours).about
    except (Conflict, NotFound, OutcomeUnknown):
        return True
    known = identity.known(ours, live.capabilities, live.bench.issuer.nit)
    return about is not None and identity.contradiction(known, about) is not None


def test_the_same_bytes_again_make_no_second_document_where_that_is_declared(live: Live) -> None:
    first = live.accepted()
    return_to_the_same = live.consult() if live.capabilities.resend is Resend.NEVER else live.again()

    assert type(return_to_the_same) is Accepted
    assert return_to_the_same.uuid == first.uuid
    assert live.stored == 1


@pytest.mark.parametrize(("what", "stored"), BROKEN, ids=[f"{w}{', stored' * s}" for w, s in BROKEN])
def test_what_says_nothing_is_an_unknown_outcome_that_asking_settles(
    live: Live, what: Any, stored: bool
) -> None:
    request = live.ready()
    live.bench.answer(what, stored=stored)

    with pytest.raises(OutcomeUnknown) as unknown:
        live.provider.send(request)

    assert unknown.value.raw
    assert live.stored == int(stored)
    if stored:
        assert type(live.provider.consult(live.lost)) is Accepted
    else:
        with pytest.raises(NotFound):
            live.provider.consult(live.lost)


@pytest.mark.parametrize("case", FIRST, ids=lambda case: named(case.bench))
def test_a_stalled_answer_is_waited_for_no_longer_than_it_says(
    case: Any, alone: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = alone(case)
    request = live.ready()
    provider = live.bench.hurried(0.2, monkeypatch)
    provider.resolve(live.record)
    live.bench.stall(1.0)

    with pytest.raises(OutcomeUnknown):
        provider.send(request)


def test_every_wait_is_finite_and_shorter_than_the_function_that_waits(
    first: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[dict[str, float | None]] = []
    real = httpx.HTTPTransport.handle_request

    def watched(transport: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        waits.append(request.extensions["timeout"])
        return real(transport, request)

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", watched)
    first.accepted()
    first.consult()
    for verb in first.capabilities.verbs:
        with contextlib.suppress(CauceError):  # about the one document there is
            CALLS[verb](first)

    assert waits
    for wait in waits:
        assert set(wait) == {"connect", "read", "write", "pool"}
        assert all(seconds is not None and math.isfinite(seconds) for seconds in wait.values())
        assert 0 < (wait["connect"] or 0) <= 5
        assert 0 < (wait["read"] or 0) <= 75  # less than the function's 90 s


def test_a_pace_is_a_number_of_calls_in_a_time(first: Live) -> None:
    pace = first.capabilities.pace
    assert pace is None or (type(pace) is Pace and pace.calls > 0 and pace.seconds > 0)


def misled(live: Live) -> Refs:
    """The refs with the value that ``recovered_by`` names replaced by that of another document."""
    known = dataclasses.replace(live.lost)
    if live.kind is Kind.EVENT and live.refs.event is not None and live.refs.uuid is None:
        raise AssertionError("an accepted event has its CUDE")
    if live.refs.event is not None:
        other = live.refs.event.model_copy(update={"invoice_uuid": "ab" * 48})
        return dataclasses.replace(known, event=other, uuid="cd" * 48)
    match live.capabilities.recovered_by:
        case RecoveredBy.REFERENCE:
            return dataclasses.replace(known, reference="otra")
        case RecoveredBy.NUMBER:
            assert known.number is not None
            following = known.number.model_copy(update={"consecutive": known.number.consecutive + 1})
            return dataclasses.replace(known, number=following)
        case RecoveredBy.CUFE:
            return dataclasses.replace(known, uuid="cd" * 48)
        case RecoveredBy.SEARCH:
            return dataclasses.replace(known, payable=known.payable + 1000)
    raise AssertionError("nothing finds it again")
