"""Money against arithmetic that does not round: fractions."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cauce.domain.money import half_up, plain, rounded, scale, share, truncated

amounts = st.decimals(min_value=0, max_value=10**12, places=6)
percents = st.decimals(min_value=0, max_value=100, places=4)


@pytest.mark.parametrize(
    "amount, even, up, cut",
    [
        ("0.005", "0.00", "0.01", "0.00"),
        ("0.015", "0.02", "0.02", "0.01"),
        ("0.025", "0.02", "0.03", "0.02"),
        ("0.0250000001", "0.03", "0.03", "0.02"),
        ("2.675", "2.68", "2.68", "2.67"),
        ("1.994", "1.99", "1.99", "1.99"),
        ("1.996", "2.00", "2.00", "1.99"),
        ("999999999999.995", "1000000000000.00", "1000000000000.00", "999999999999.99"),
        ("7", "7.00", "7.00", "7.00"),
        ("1E+3", "1000.00", "1000.00", "1000.00"),
        ("-0.001", "0.00", "0.00", "0.00"),
        ("-0", "0.00", "0.00", "0.00"),
        ("-0.015", "-0.02", "-0.02", "-0.01"),
    ],
)
def test_a_tie_goes_to_the_even_digit_and_a_cufe_is_cut(amount, even, up, cut):
    found = Decimal(amount)

    assert [str(rounded(found)), str(half_up(found)), str(truncated(found))] == [even, up, cut]


def test_no_part_of_less_than_0_is_0_without_a_sign():
    assert str(share(Decimal("-0.01"), Decimal(0))) == "0.00"


@given(amounts)
def test_rounding_is_never_further_than_half_a_cent_and_cutting_never_above(amount):
    exact = Fraction(amount)

    assert abs(Fraction(rounded(amount)) - exact) <= Fraction(1, 200)
    assert 0 <= exact - Fraction(truncated(amount)) < Fraction(1, 100)
    assert rounded(rounded(amount)) == rounded(amount)


@given(amounts, percents)
def test_a_share_is_the_exact_percentage_rounded_once(amount, percent):
    exact = Fraction(amount) * Fraction(percent) / 100

    assert abs(Fraction(share(amount, percent)) - exact) <= Fraction(1, 200)


@pytest.mark.parametrize(
    "amount, text, decimals",
    [
        ("50000", "50000", 0),
        ("50000.00", "50000", 0),
        ("0.50", "0.5", 1),
        ("12.250", "12.25", 2),
        ("1E+3", "1000", 0),
        ("1E-6", "0.000001", 6),
        ("0", "0", 0),
        ("0.000", "0", 0),
        ("100", "100", 0),
    ],
)
def test_an_amount_is_written_in_plain_digits(amount, text, decimals):
    assert plain(Decimal(amount)) == text
    assert scale(Decimal(amount)) == decimals


@given(amounts)
def test_what_is_written_is_what_was_meant(amount):
    assert Decimal(plain(amount)) == amount
