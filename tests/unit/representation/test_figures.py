"""Figures as Colombians write them, from the exact Decimal."""

from decimal import Decimal

import pytest

from cauce.representation import figures


@pytest.mark.parametrize(
    ("write", "value", "written"),
    [
        (figures.money, "0", "0,00"),
        (figures.money, "1785000", "1.785.000,00"),
        (figures.money, "999999999999.99", "999.999.999.999,99"),
        (figures.price, "50000", "50.000,00"),
        (figures.price, "1850.125", "1.850,125"),
        (figures.price, "0.000001", "0,000001"),
        (figures.quantity, "1200", "1.200"),
        (figures.quantity, "12.250", "12,25"),
        (figures.quantity, "1E+3", "1.000"),
        (figures.quantity, "9999999999.999999", "9.999.999.999,999999"),
    ],
)
def test_an_amount_keeps_every_digit(write, value: str, written: str) -> None:
    assert write(Decimal(value)) == written


def test_a_rate_is_per_hundred_or_for_ica_per_thousand() -> None:
    assert figures.rate("01", Decimal("19.0000")) == "19\u00a0%"
    assert figures.rate("07", Decimal("9.66")) == "9,66\u00a0‰"


@pytest.mark.parametrize(
    ("facts", "written"),
    [
        (("31", "901724254", "1"), "901.724.254-1"),
        (("13", "71234567", None), "71.234.567"),
        (("13", "0071234567", None), "0071234567"),
        (("41", "AX 123456", None), "AX 123456"),
    ],
)
def test_an_identification_has_points_where_people_write_them(facts, written: str) -> None:
    assert figures.identification(*facts) == written
