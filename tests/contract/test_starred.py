"""Quirks that can duplicate or lose a legal document, where no other test of the suite is about them."""

from cauce.domain.document import Kind
from cauce.domain.errors import OutcomeUnknown
from cauce.domain.outcome import Accepted, Pending, Rejected
from cauce.providers.base import NumberedBy, Verb
from tests.contract.bench import RULE, TEXT, Live


def test_quirk_56_nothing_but_a_rejected_attempt_is_ever_discarded(first: Live) -> None:
    """What is discarded was rejected and is kept: no other outcome says so of itself."""
    first.bench.delay()
    try:
        told = first.emit()
    except OutcomeUnknown:
        told = None  # nothing is known of it, and nothing is discarded
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
    """A provider that numbers gives the number with its answer; one that does not takes ours, in its request."""
    before = live.record.number
    request = live.ready()

    outcome = live.provider.send(request)

    if live.kind is Kind.EVENT:
        assert before is None  # an event has no number of a range
    elif live.capabilities.numbered_by is NumberedBy.PROVIDER:
        assert before is None
        assert outcome.number is not None
    else:
        assert before is not None
        assert outcome.number in (None, before)
