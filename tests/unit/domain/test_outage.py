"""When failures amount to an outage, and when it is over."""

from datetime import UTC, datetime, timedelta

import pytest

from cauce.domain.outage import Attempts, Failure, Outage, OutageRules

NOW = datetime(2026, 5, 10, 20, 30, tzinfo=UTC)
RULES = OutageRules(
    after_error=Attempts(count=3, apart=timedelta(seconds=5)),
    after_silence=Attempts(count=5, apart=timedelta(minutes=2)),
    invoice_types=frozenset({"01"}),
    in_doubt=frozenset(),
    deliver_within=timedelta(hours=48),
)
ERROR, SILENCE = Failure.ERROR, Failure.SILENCE


def after(*failures: tuple[float, Failure]) -> tuple[Outage, datetime]:
    """The outage after failures, each so many seconds from the first; and when the last one was."""
    found, at = Outage(since=NOW, failed_at=NOW), NOW
    for seconds, failure in failures:
        at = NOW + timedelta(seconds=seconds)
        found = found.failed(failure, RULES, at)
    return found, at


def is_out(*failures: tuple[float, Failure]) -> bool:
    found, at = after(*failures)
    return found.is_established(RULES, at)


def test_three_attempts_after_an_error_five_seconds_apart_and_all_of_them_fail():
    errors = [(n * 5, ERROR) for n in range(4)]

    assert is_out(*errors)
    assert not is_out(*errors[:-1])


def test_five_attempts_after_silence_two_minutes_apart_and_nobody_answers():
    silences = [(n * 120, SILENCE) for n in range(6)]

    assert is_out(*silences)
    assert not is_out(*silences[:-1])


def test_failures_closer_together_are_the_same_attempt():
    assert not is_out(*[(n * 0.4, ERROR) for n in range(10)])
    assert not is_out(*[(n * 60, SILENCE) for n in range(9)])


def test_an_error_is_no_answer_either_so_both_sorts_together_come_to_the_longer_rule():
    assert is_out((0, SILENCE), (120, ERROR), (240, SILENCE), (360, ERROR), (480, SILENCE), (600, SILENCE))


def test_a_failure_that_is_told_late_is_one_of_its_own_time():
    found, _ = after((0, SILENCE), (240, SILENCE))

    late = found.failed(SILENCE, RULES, NOW + timedelta(seconds=120))

    assert (late.misses, late.failed_at) == (2, found.failed_at)
    back = found.over(NOW + timedelta(seconds=300))
    assert back.failed(SILENCE, RULES, NOW + timedelta(seconds=299)) == back


def test_silence_never_counts_as_an_error():
    assert not is_out((0, ERROR), (5, ERROR), (10, SILENCE), (15, SILENCE), (20, ERROR))


def test_a_document_that_is_answered_ends_it_and_the_next_failure_begins_another():
    found, at = after(*[(n * 5, ERROR) for n in range(4)])
    over = found.over(at + timedelta(seconds=1))
    again = over.failed(ERROR, RULES, at + timedelta(seconds=9))

    assert not over.is_established(RULES, at + timedelta(seconds=1))
    assert (again.errors, again.is_over, again.since) == (1, False, at + timedelta(seconds=9))
    assert again.recovered_after(NOW) == at + timedelta(seconds=1)


def test_what_failed_some_minutes_ago_does_not_say_that_it_is_out_now():
    found, at = after(*[(n * 5, ERROR) for n in range(4)])

    assert found.is_established(RULES, at + timedelta(minutes=3))
    assert not found.is_established(RULES, at + timedelta(minutes=3, seconds=1))
    assert found.failed(ERROR, RULES, at + timedelta(minutes=15)).is_established(
        RULES, at + timedelta(minutes=15)
    )


def test_failures_far_apart_are_not_of_one_outage():
    found, at = after(*[(n * 5, ERROR) for n in range(4)])

    assert found.failed(ERROR, RULES, at + timedelta(minutes=21)).errors == 1


@pytest.mark.parametrize("hours, back", [(0, 1), (1.5, 2), (2, None)])
def test_time_runs_from_the_first_recovery_after_the_issue(hours, back):
    found, _ = after((0, ERROR))
    found = found.over(NOW + timedelta(hours=1)).over(NOW + timedelta(hours=2))

    expected = NOW + timedelta(hours=back) if back else None
    assert found.recovered_after(NOW + timedelta(hours=hours)) == expected
