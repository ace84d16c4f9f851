"""Quirks that can duplicate or lose a legal document and that no other test of the suite covers."""

from cauce.domain.document import Kind
from cauce.domain.errors import OutcomeUnknown
from cauce.domain.outcome import Accepted, Pending, Rejected
from cauce.providers.base import NumberedBy, Verb
from tests.contract.bench import RULE, TEXT, Live


def test_quirk_56_nothing_but_a_rejected_attempt_is_ever_discarded(first: Live) -> None:
    """No request deletes a document that is pending or accepted."""
    first.bench.delay()
    try:
        told = first.emit()
    except OutcomeUnknown:
        told = None  # the send had no outcome
    assert told is None or type(told) is Pending

    settled = first.settle()

    assert type(settled) is Accepted
    assert all(seen.method != "DELETE" for seen in first.asked)


def test_a_rejection_that_is_kept_can_be_discarded(first: Live) -> None:
    first.bench.reject(RULE, TEXT)

    refused = first.emit()

    assert type(refused) is Rejected
    assert not refused.stored or Verb.DISCARD in first.capabilities.verbs


def test_quirk_120_who_numbers_is_declared_and_held_to(live: Live) -> None:
    """A provider that numbers says the number in its answer; for the others Cauce's number is in the request."""
    before = live.record.number
    request = live.ready()

    outcome = live.provider.send(request)

    if live.kind is Kind.EVENT:
        assert before is None  # an event has no number
    elif live.capabilities.numbered_by is NumberedBy.PROVIDER:
        assert before is None
        assert outcome.number is not None
    else:
        assert before is not None
        assert outcome.number in (None, before)
