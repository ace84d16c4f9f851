"""A blocked lane: Factus takes no document of a kind while it keeps one that DIAN has not validated (409)."""

from dataclasses import asdict

import httpx
import pytest

from cauce.domain.document import Kind
from cauce.domain.outcome import Message
from cauce.domain.record import State
from cauce.emission import sending
from cauce.providers.base import Blocker
from cauce.providers.factus.provider import Factus
from tests.documents import invoice
from tests.records import moved
from tests.simulators.factus.state import Outcome, Verdict

NIT = "901724254"
REJECTED = Outcome(Verdict.REJECTED, (("FAK24", "Regla: FAK24, Rechazo: No está informado el DV del NIT"),))


@pytest.fixture
def emit(gateway):
    """Deliver a record's message: ``emit(record)``."""
    return lambda record: sending.emit(gateway, gateway.records.read(NIT, record.document_id))


@pytest.fixture
def stranger(factus, monkeypatch):
    """A document that somebody else created in the account, without us: ``stranger("AJENA-1")``."""

    def made(reference: str) -> None:
        with httpx.Client(base_url=factus.base_url, headers={"Accept": "application/json"}) as http:
            form = {"grant_type": "password", **asdict(factus.credentials)}
            token = http.post("/oauth/token", data=form).json()["access_token"]
            body = _body(factus, reference)
            http.post("/v1/bills/validate", json=body, headers={"Authorization": f"Bearer {token}"})

    return made


def _body(factus, reference: str) -> dict:
    """What our own client would send, under another reference."""
    sent = next(seen.body for seen in factus.requests if seen.path == "/v1/bills/validate")
    return {**sent, "reference_code": reference}


def references(factus) -> list[str]:
    return [document.reference for document in factus.documents["bills"]]


def deleted(factus) -> list[str]:
    return [seen.path for seen in factus.requests if seen.method == "DELETE"]


def test_a_rejected_document_of_ours_is_deleted_and_the_next_one_goes_on(
    factus, accept, emit, now_at
) -> None:
    factus.reject_next("FAK24", "No está informado el DV del NIT")
    first, second = accept("V-1"), accept("V-2")
    assert emit(first).state is State.REJECTED

    blocked = emit(second)

    assert (blocked.state, blocked.steps[-1].what) == (State.RECEIVED, "lane cleared")
    assert blocked.due_at <= blocked.updated_at
    assert (now_at(first).state, now_at(first).stored_rejected) == (State.REJECTED, False)
    assert emit(second).state is State.ACCEPTED
    assert references(factus) == ["V-2"]
    assert deleted(factus) == ["/v1/bills/destroy/reference/V-1"]


def test_its_correction_afterwards_takes_the_same_reference(call, drain, factus, accept, emit) -> None:
    factus.reject_next("FAK24", "No está informado el DV del NIT")
    first, second = accept("V-1"), accept("V-2")
    emit(first)
    emit(second)
    emit(second)

    posted = call("POST", "/documentos", invoice(referencia="V-1", observaciones="corregida"))
    drain()

    assert call("GET", f"/documentos/{posted.json['data']['tracking_id']}").json["estado"] == "aceptado"
    assert sorted(references(factus)) == ["V-1", "V-2"]


def test_a_pending_document_of_ours_is_sent_again_in_its_time_and_never_deleted(
    gateway, factus, accept, emit, now_at, clock
) -> None:
    factus.pend_next(2)
    first, second = accept("V-1"), accept("V-2")
    assert emit(first).state is State.PENDING

    waiting = emit(second)
    assert (waiting.state, waiting.blocked, waiting.needs_person) == (State.RECEIVED, True, False)
    assert waiting.held_by == first.document_id
    assert "V-1" in waiting.last_error
    sent = [seen for seen in factus.requests if seen.path.endswith("/validate")]
    assert len(sent) == 2, "not before its time"

    for _ in range(4):
        clock.advance(minutes=3)
        emit(second)
    assert now_at(first).state is State.ACCEPTED
    assert now_at(second).state is State.ACCEPTED
    assert deleted(factus) == []
    assert references(factus) == ["V-1", "V-2"]


def test_one_that_a_listing_calls_rejected_is_not_deleted_before_its_own_answer_does(
    factus, accept, emit, now_at, monkeypatch
) -> None:
    factus.pend_next(3)
    first, second = accept("V-1"), accept("V-2")
    assert emit(first).state is State.PENDING
    listed = [Blocker(reference="V-1", number=None, rejected=True)]
    monkeypatch.setattr(Factus, "blockers", lambda _provider, _kind: listed)

    waiting = emit(second)

    assert deleted(factus) == []
    assert (now_at(first).state, waiting.state) == (State.PENDING, State.RECEIVED)


def test_one_whose_answer_was_lost_is_found_and_settled(factus, accept, emit, now_at) -> None:
    factus.answer_next(status=500, stored=True)
    factus.reject_next("FAK24", "No está informado el DV del NIT")
    first, second = accept("V-1"), accept("V-2")
    assert emit(first).state is State.UNKNOWN

    emit(second)

    assert now_at(first).state is State.REJECTED
    assert now_at(first).rejections[0].rule == "FAK24"
    assert emit(second).state is State.ACCEPTED


def test_one_that_was_believed_absent_does_not_lock_its_own_lane(
    gateway, factus, accept, emit, now_at, clock
) -> None:
    """It is to be sent again and waits behind the very document that it blocks."""
    factus.answer_next(status=500, stored=True)
    factus.pend_next(1)
    first, second = accept("V-1"), accept("V-2")
    doubtful = emit(first)
    gateway.records.save(moved(doubtful, State.RECEIVED, clock(), "proved absent", due_at=clock()))

    emit(second)
    assert now_at(first).state in (State.PENDING, State.ACCEPTED)
    for _ in range(4):
        clock.advance(minutes=3)
        emit(second)

    assert (now_at(first).state, now_at(second).state) == (State.ACCEPTED, State.ACCEPTED)
    assert references(factus) == ["V-1", "V-2"]


def test_one_that_blocks_itself_is_asked_about(gateway, factus, accept, emit, now_at, clock) -> None:
    factus.reject_next("FAK24", "x")
    record = accept("V-1")
    rejected = emit(record)
    renewed = moved(rejected, State.RECEIVED, clock(), "corrected", stored_rejected=False, due_at=clock())
    gateway.records.save(renewed)

    assert emit(record).steps[-1].what == "lane cleared"

    assert emit(record).state is State.ACCEPTED
    assert references(factus) == ["V-1"]


@pytest.mark.parametrize(("verdict", "said"), [(REJECTED, "rechazado"), (None, "sin veredicto")])
def test_a_stranger_s_is_left_alone_and_a_person_is_told_what_it_is(
    factus, accept, emit, now_at, stranger, verdict, said
) -> None:
    emit(accept("V-1"))
    if verdict is None:
        factus.pend_next(99)
    else:
        factus.reject_next("FAK24", "No está informado el DV del NIT")
    stranger("AJENA-1")
    number = factus.documents["bills"][-1].number
    record = accept("V-2")

    told = emit(record)

    assert (told.state, told.needs_person, told.blocked) == (State.RECEIVED, True, True)
    assert number in told.last_error
    assert "AJENA-1" in told.last_error
    assert said in told.last_error
    assert deleted(factus) == []
    sent = [seen.body["reference_code"] for seen in factus.requests if seen.path.endswith("/validate")]
    assert sent.count("AJENA-1") == 1


def test_once_the_person_has_cleared_it_the_document_goes_by_itself(
    factus, accept, emit, now_at, stranger, clock
) -> None:
    emit(accept("V-1"))
    factus.reject_next("FAK24", "x")
    stranger("AJENA-1")
    record = accept("V-2")
    assert emit(record).needs_person

    factus.memory.remove(factus.documents["bills"][-1])
    after = emit(record)

    assert (after.state, after.needs_person, after.blocked) == (State.ACCEPTED, False, False)


def test_a_record_of_another_kind_under_its_reference_is_a_stranger_too(
    gateway, factus, accept, emit, stranger
) -> None:
    emit(accept("V-1"))
    accept("DS-1", Kind.SUPPORT_DOCUMENT)
    factus.reject_next("FAK24", "x")
    stranger("DS-1")

    assert emit(accept("V-2")).needs_person
    assert deleted(factus) == []


def test_what_we_gave_up_and_lives_on_there_needs_a_person(gateway, factus, accept, emit, clock) -> None:
    factus.pend_next(99)
    first, second = accept("V-1"), accept("V-2")
    pending = emit(first)
    doubtful = gateway.records.save(moved(pending, State.UNKNOWN, clock()))
    gateway.records.save(moved(doubtful, State.FAILED, clock(), "discarded", due_at=None))

    assert emit(second).needs_person
    assert deleted(factus) == []


def test_lanes_of_other_kinds_are_not_blocked(factus, accept, emit) -> None:
    factus.pend_next(99)
    emit(accept("V-1"))

    assert emit(accept("DS-1", Kind.SUPPORT_DOCUMENT)).state is State.ACCEPTED


def test_a_look_that_fails_leaves_everything_for_the_next_attempt(factus, accept, emit, now_at) -> None:
    factus.reject_next("FAK24", "x")
    first, second = accept("V-1"), accept("V-2")
    emit(first)
    factus.answer_next(status=500, path="/v1/bills", method="GET")

    assert (emit(second).state, now_at(second).needs_person) == (State.RECEIVED, False)
    assert emit(second).steps[-1].what == "lane cleared"
    assert emit(second).state is State.ACCEPTED


@pytest.mark.parametrize("variant", Factus.variants, ids=lambda variant: variant["dialect"])
def test_blockers_are_the_unvalidated_and_say_which_were_rejected(
    gateway, issuer, factus, accept, emit, variant
) -> None:
    changed = issuer.model_copy(update={"settings": {"factus": {"base_url": factus.base_url, **variant}}})
    gateway.issuers.save(changed)
    provider = gateway.provider(changed, "factus")
    assert provider.blockers(Kind.INVOICE) == []
    emit(accept("V-1"))
    factus.reject_next("FAK24", "x")
    emit(accept("V-2"))

    found = provider.blockers(Kind.INVOICE)

    assert [(each.reference, each.rejected) for each in found] == [("V-2", True)]
    assert found[0].number == factus.documents["bills"][-1].number
    assert provider.blockers(Kind.SUPPORT_DOCUMENT) == []


def test_a_blocker_that_dian_refused_by_rule_90_is_none_that_was_rejected(
    gateway, issuer, factus, accept, emit
) -> None:
    """It may be valid: nobody is told that it may be deleted."""
    factus.reject_next("90", "Documento procesado anteriormente.")
    emit(accept("V-1"))

    (found,) = gateway.provider(issuer, "factus").blockers(Kind.INVOICE)

    assert (found.reference, found.rejected) == ("V-1", False)


def test_what_was_stored_as_rejected_by_rule_90_is_not_deleted_whatever_a_listing_calls_it(
    gateway, factus, accept, emit, clock, monkeypatch
) -> None:
    """It was written before rule 90 was read as a doubt, and DIAN may have it."""
    factus.reject_next("90", "Documento procesado anteriormente.")
    first, second = accept("V-1"), accept("V-2")
    said = (Message(text="Rechazo: Documento procesado anteriormente.", rule="90"),)
    facts = {"already_processed": False, "needs_person": False, "stored_rejected": True, "rejections": said}
    gateway.records.save(moved(emit(first), State.REJECTED, clock(), **facts))
    listed = [Blocker(reference="V-1", number=None, rejected=True)]
    monkeypatch.setattr(Factus, "blockers", lambda _provider, _kind: listed)

    told = emit(second)

    assert (told.state, told.needs_person) == (State.RECEIVED, True)
    assert deleted(factus) == []
    assert references(factus) == ["V-1"]


def test_the_queue_brings_a_cleared_document_back_at_once(call, drain, factus) -> None:
    factus.reject_next("FAK24", "x")
    call("POST", "/documentos", invoice(referencia="V-1"))
    second = call("POST", "/documentos", invoice(referencia="V-2"))

    assert drain() == 3

    told = call("GET", f"/documentos/{second.json['data']['tracking_id']}").json
    assert told["estado"] == "aceptado"
