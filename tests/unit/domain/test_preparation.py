"""How long what an issuer emits with will last, and whether it can emit each kind."""

from datetime import UTC, date, datetime

import pytest

from cauce.domain import preparation
from cauce.domain.document import Kind
from cauce.domain.issuer import Environment, Issuer, Period, Permission, Quota
from cauce.domain.preparation import Actor, Point, Standing, Subject, Use
from cauce.domain.ranges import CONTINGENCY, NumberingRange

TODAY = date(2026, 9, 16)
NOON = datetime(2026, 9, 16, 17, tzinfo=UTC)


def issuer(**changes: object) -> Issuer:
    facts = {
        "nit": "901724254",
        "check_digit": "1",
        "uuid": "6a2f1c4e-0000-4000-8000-000000000001",
        "number": 1,
        "name": "MI EMPRESA SAS",
        "providers": {Kind.INVOICE: "dian", Kind.CREDIT_NOTE: "factus"},
    }
    return Issuer.model_validate({**facts, **changes})


def numbers(**changes: object) -> NumberingRange:
    facts = {"provider": "dian", "kind": Kind.INVOICE, "prefix": "SETP", "start": 1, "end": 1000, "next": 1}
    return NumberingRange.model_validate({**facts, **changes})


def of(*ranges: NumberingRange, **uses: Use) -> list[Point]:
    by_key = {each.key: uses[each.prefix] for each in ranges if each.prefix in uses}
    return preparation.of_numbering("dian", Kind.INVOICE, ranges, by_key, TODAY)


@pytest.mark.parametrize(
    "use, a_day, days",
    [
        (Use(0, 0), None, None),
        (Use(0, 16), 1, 470),  # sixteen days of September
        (Use(310, 160), 10, 47),  # of thirty-one days of August too: 470 in 47 days
        (Use(0, 1), 1, 7520),
    ],
)
def test_numbers_last_as_at_the_pace_of_this_month_and_the_last(use, a_day, days):
    assert (use.a_day(TODAY), use.days_for(470, TODAY)) == (a_day, days)


def test_a_range_that_lasts_is_ready_and_says_how_long_by_date_or_pace_whichever_comes_first():
    (by_date,) = of(numbers(valid_to=date(2026, 12, 16), next=501), SETP=Use(0, 16))
    (by_pace,) = of(numbers(valid_to=date(2030, 1, 1), next=501), SETP=Use(0, 160))

    assert (by_date.standing, by_date.days_left, by_date.ends_on) == (Standing.READY, 91, date(2026, 12, 16))
    assert (by_pace.standing, by_pace.days_left, by_pace.left, by_pace.a_day) == (Standing.READY, 50, 500, 10)


@pytest.mark.parametrize(
    "found, use, days, says",
    [
        ({"valid_to": date(2026, 9, 26)}, Use(0, 0), 10, "El rango vence en 10 días."),
        ({"next": 951}, Use(0, 0), None, "Quedan 50 números."),
        (
            {"next": 501},
            Use(0, 800),
            10,
            "Al ritmo reciente los 500 números que quedan se acaban en 10 días.",
        ),
    ],
)
def test_one_that_ends_soon_by_date_by_numbers_or_by_pace_needs_attention_of_its_issuer(
    found, use, days, says
):
    (point,) = of(numbers(**found), SETP=use)

    assert (point.standing, point.who, point.days_left) == (Standing.ATTENTION, Actor.ISSUER, days)
    assert point.says == says
    assert "DIAN" in (point.fix or "")


def test_without_a_range_that_can_be_used_it_says_why_of_each():
    (ended,) = of(numbers(valid_to=date(2026, 9, 15)), numbers(prefix="FE", active=False))
    (none,) = of(
        numbers(provider="factus"), numbers(kind=Kind.CREDIT_NOTE), numbers(provider_type=CONTINGENCY)
    )

    assert ended.standing is none.standing is Standing.MISSING
    assert "SETP: El rango está vencido." in ended.says
    assert "FE: El rango está inactivo." in ended.says
    assert none.says == "No hay rango de numeración para este tipo de documento."


def missing(**about: object) -> Point:
    facts = {"subject": Subject.RANGE, "standing": Standing.MISSING, "says": "Falta."}
    return Point(**{**facts, **about})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "points, kinds, standing",
    [
        ([], (True, True), Standing.READY),
        ([missing(provider="dian")], (False, True), Standing.ATTENTION),
        ([missing(provider="factus", kind=Kind.CREDIT_NOTE)], (True, False), Standing.ATTENTION),
        ([missing(provider="factus", kind=Kind.INVOICE)], (True, True), Standing.ATTENTION),
        ([missing()], (False, False), Standing.MISSING),
    ],
)
def test_a_point_stops_what_it_is_about_and_all_is_missing_only_where_nothing_can_be_emitted(
    points, kinds, standing
):
    found = preparation.preparation(issuer(), points)

    assert tuple(found.kinds.values()) == kinds
    assert found.standing is standing


def test_a_kind_that_is_not_permitted_cannot_be_emitted():
    permissions = frozenset(Permission) - {Permission.CREDIT_NOTES}

    found = preparation.preparation(issuer(permissions=permissions), [])

    assert found.kinds == {Kind.INVOICE: True, Kind.CREDIT_NOTE: False}


@pytest.mark.parametrize(
    "used, standing, days",
    [
        (0, Standing.READY, 14),
        (79, Standing.READY, 4),  # 21 left at 79 in 16 days
        (80, Standing.ATTENTION, 4),
        (100, Standing.MISSING, 0),
        (120, Standing.MISSING, 0),
    ],
)
def test_a_quota_warns_from_eighty_per_cent_and_ends_with_its_period_or_at_its_pace(used, standing, days):
    point = preparation.of_quota(issuer(quota=Quota(limit=100)), used, NOON)

    assert (point.standing, point.days_left, point.ends_on) == (standing, days, date(2026, 9, 30))


def test_a_yearly_quota_ends_with_the_year_and_none_never():
    yearly = preparation.of_quota(issuer(quota=Quota(limit=1000, period=Period.YEARLY)), 1, NOON)
    none = preparation.of_quota(issuer(), 10_000, NOON)

    assert (yearly.ends_on, yearly.days_left) == (date(2026, 12, 31), 106)
    assert (none.standing, none.ends_on, none.days_left) == (Standing.READY, None, None)


def test_habilitacion_needs_attention_and_production_none():
    test = preparation.of_environment(issuer())
    production = preparation.of_environment(issuer(environment=Environment.PRODUCTION))

    assert (test.standing, test.who) == (Standing.ATTENTION, Actor.OPERATOR)
    assert (production.standing, production.who) == (Standing.READY, None)
