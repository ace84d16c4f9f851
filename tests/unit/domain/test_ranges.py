"""Ranges: whether a number may be taken today, from which one, and what to warn of."""

from datetime import date, timedelta
from typing import Any

import pytest

from cauce.domain.document import Kind
from cauce.domain.errors import NumberingUnavailable
from cauce.domain.ranges import CONTINGENCY, NumberingRange, RangeState, choose

TODAY = date(2026, 5, 10)


def a_range(prefix: str = "SETP", **changes: Any) -> NumberingRange:
    facts = {
        "provider": "factus", "kind": Kind.INVOICE, "prefix": prefix, "resolution": "18760000001", "start": 1,
        "end": 1000, "next": 1, "valid_from": TODAY, "valid_to": TODAY + timedelta(days=365),
    }  # fmt: skip
    return NumberingRange(**{**facts, **changes})


@pytest.mark.parametrize(
    "changes, state",
    [
        ({}, RangeState.USABLE),
        ({"active": False}, RangeState.INACTIVE),
        ({"vanished": True}, RangeState.VANISHED),
        ({"valid_from": TODAY + timedelta(days=1)}, RangeState.NOT_YET),
        ({"valid_from": None, "valid_to": None}, RangeState.USABLE),
        ({"valid_to": TODAY}, RangeState.USABLE),
        ({"valid_to": TODAY - timedelta(days=1)}, RangeState.EXPIRED),
        ({"next": 1000}, RangeState.USABLE),
        ({"next": 1001}, RangeState.EXHAUSTED),
        ({"next": 5000}, RangeState.EXHAUSTED),
        ({"next": None}, RangeState.USABLE),
        ({"start": 7, "end": 7, "next": 7}, RangeState.USABLE),
        ({"vanished": True, "active": False, "next": 5000}, RangeState.VANISHED),
        ({"active": False, "valid_to": TODAY - timedelta(days=1)}, RangeState.INACTIVE),
    ],
    ids=str,
)
def test_the_state_of_a_range_today(changes, state):
    assert a_range(**changes).state(TODAY) is state


@pytest.mark.parametrize(
    "following, left", [(1, 1000), (1000, 1), (1001, 0), (2000, 0), (None, None)], ids=str
)
def test_what_is_left_counts_the_next_one(following, left):
    assert a_range(next=following).left == left


@pytest.mark.parametrize(
    "changes, warned",
    [
        ({}, None),
        ({"valid_to": TODAY + timedelta(days=31)}, None),
        ({"valid_to": TODAY + timedelta(days=30)}, "El rango vence en 30 días."),
        ({"valid_to": TODAY + timedelta(days=1)}, "El rango vence en 1 días."),
        ({"valid_to": TODAY}, "El rango vence hoy."),
        ({"next": 900}, None),
        ({"next": 901}, "Quedan 100 números."),
        ({"next": 1000}, "Queda un número."),
        ({"next": 1001}, "El rango está agotado."),
        ({"active": False}, "El rango está inactivo."),
        ({"valid_from": TODAY + timedelta(days=3)}, "El rango está por iniciar."),
        ({"next": None}, None),
    ],
    ids=str,
)
def test_what_an_accountant_is_told(changes, warned):
    assert a_range(**changes).warning(TODAY) == warned


def test_the_only_usable_range_of_the_kind_is_chosen():
    wanted = a_range()
    others = [
        a_range("NC", kind=Kind.CREDIT_NOTE),
        a_range("FTP", kind=None),
        a_range("VIEJ", valid_to=TODAY - timedelta(days=1)),
        a_range("PRON", valid_from=TODAY + timedelta(days=1)),
        a_range("FIN", next=1001),
    ]

    assert choose([*others, wanted], Kind.INVOICE, None, TODAY) == wanted
    assert choose([*others, wanted], Kind.INVOICE, "SETP", TODAY) == wanted


def test_a_contingency_range_numbers_what_comes_from_paper_and_nothing_else():
    ordinary, contingency = a_range(), a_range("CONT", provider_type=CONTINGENCY)
    ranges = [ordinary, contingency]

    assert choose(ranges, Kind.INVOICE, None, TODAY) == ordinary
    assert choose(ranges, Kind.INVOICE, None, TODAY, from_paper=True) == contingency
    for prefix, from_paper in (("CONT", False), ("SETP", True)):
        with pytest.raises(NumberingUnavailable, match=prefix):
            choose(ranges, Kind.INVOICE, prefix, TODAY, from_paper=from_paper)
    with pytest.raises(NumberingUnavailable, match="de contingencia"):
        choose([ordinary], Kind.INVOICE, None, TODAY, from_paper=True)


def test_a_successor_takes_over_when_its_predecessor_ends():
    old = a_range(resolution="1", valid_to=TODAY)
    new = a_range(resolution="2", valid_from=TODAY + timedelta(days=1))

    assert choose([old, new], Kind.INVOICE, None, TODAY) == old
    assert choose([old, new], Kind.INVOICE, None, TODAY + timedelta(days=1)) == new


@pytest.mark.parametrize(
    "ranges, prefix, said",
    [
        ([], None, "No hay rango de numeración para este tipo de documento; sincronice las numeraciones."),
        ([a_range()], "OTRO", "No hay rango de numeración con el prefijo OTRO para este tipo"),
        ([a_range(kind=Kind.DEBIT_NOTE)], None, "No hay rango"),
        ([a_range("B"), a_range("A")], None, "indique uno en «prefijo»: A, B."),
        ([a_range(active=False)], None, "Ningún rango de numeración se puede usar: SETP (inactivo)."),
        ([a_range(next=1001)], "SETP", "SETP (agotado)"),
        ([a_range(resolution="1"), a_range(resolution="2")], "SETP", "varios"),
    ],
)
def test_a_choice_that_cannot_be_made_names_the_field(ranges, prefix, said):
    with pytest.raises(NumberingUnavailable) as refused:
        choose(ranges, Kind.INVOICE, prefix, TODAY)

    assert said in refused.value.message
    assert list(refused.value.fields) == ["prefix"]


def test_a_range_is_told_apart_by_provider_type_prefix_and_resolution():
    keys = {
        a_range().key,
        a_range(provider="otro").key,
        a_range(kind=Kind.CREDIT_NOTE).key,
        a_range("X").key,
        a_range(resolution="2").key,
        a_range(resolution=None).key,
    }

    assert len(keys) == 6
    assert a_range(end=5, active=False, next=9).key == a_range().key


def test_a_technical_key_never_shows():
    assert "fc8eac" not in repr(a_range(technical_key="fc8eac422eba16e2"))
