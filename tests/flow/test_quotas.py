"""That most of a quota, or all of it, is used is told within minutes, and no emission pays for it."""

from collections.abc import Callable
from typing import Any

import pytest

from cauce.domain.issuer import Issuer, Period, Quota
from cauce.numbering import quotas
from tests.documents import invoice
from tests.flow.conftest import taken_in
from tests.flow.killed import killed


@pytest.fixture
def company(gateway: Any, issuer: Issuer) -> Issuer:
    """The issuer, with a quota of five documents a month."""
    limited = issuer.model_copy(update={"quota": Quota(limit=5)})
    gateway.issuers.save(limited)
    return limited


@pytest.fixture
def told(call: Any, clock: Any) -> Callable[[], list[str]]:
    def found() -> list[str]:
        clock.advance(seconds=11)
        return [row["tipo"] for row in call("GET", "/novedades?tipos=cuota.*").json["data"]]

    return found


def emitted(gateway: Any, company: Issuer, many: int, name: str = "Q") -> None:
    for n in range(many):
        taken_in(gateway, company, f"{name}-{n}")


def test_each_threshold_is_told_within_five_minutes_and_once(gateway, company, call, settle, clock, told):
    found = []
    for n in range(5):
        assert call("POST", "/documentos", invoice(referencia=f"Q-{n}")).status == 201
        for _ in range(quotas.EVERY_MINUTES):
            clock.advance(minutes=1)
            settle()
        found.append(told())

    assert found == [[], [], [], ["cuota.80"], ["cuota.80", "cuota.100"]]


def test_what_was_used_before_there_was_a_quota_counts(gateway, issuer, told):
    emitted(gateway, issuer, 4)
    gateway.issuers.save(issuer.model_copy(update={"quota": Quota(limit=5, period=Period.YEARLY)}))

    assert quotas.tell_used(gateway) == 1
    assert told() == ["cuota.80"]


def test_of_an_issuer_that_emitted_nothing_since_only_its_count_is_read(gateway, company, monkeypatch):
    emitted(gateway, company, 2)
    asked, counted = [], gateway.ranges.counted
    monkeypatch.setattr(gateway.ranges, "counted", lambda *of: asked.append(of) or counted(*of))
    for _ in range(3):
        quotas.tell_used(gateway)
    before = len(asked)
    emitted(gateway, company, 1, "R")
    asked.clear()
    quotas.tell_used(gateway)

    assert (before, len(asked)) == (1, 1)


def test_a_run_that_dies_anywhere_loses_no_threshold_and_tells_none_twice(gateway, company, told):
    emitted(gateway, company, 5)
    for at in range(1, 10):
        for when in ("before", "after"):
            with killed(at, when) as effects:
                quotas.tell_used(gateway)
        if len(effects) < at:
            break

    assert sorted(told()) == ["cuota.100", "cuota.80"]


def test_a_suspended_issuer_is_told_nothing(gateway, company, told):
    emitted(gateway, company, 5)
    gateway.issuers.save(company.model_copy(update={"active": False}))

    assert quotas.tell_used(gateway) == 0


def test_more_issuers_than_one_reading_has_are_all_looked_at(gateway, company, monkeypatch):
    monkeypatch.setattr("cauce.aws.new_records.MOST_READ", 2)
    monkeypatch.setattr("cauce.aws.issuers.MOST_READ", 2)
    nits = {company.nit, "1", "2", "3", "4"}
    for nit in nits:
        gateway.issuers.save(company.model_copy(update={"nit": nit}))

    found = list(gateway.new_records.newly_used(gateway.issuers.all(), gateway.now()))

    assert {(each.nit, used) for each, used in found} == {(nit, 0) for nit in nits}
