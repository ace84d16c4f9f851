"""Check digits against published NITs."""

import pytest

from cauce.domain.nit import check_digit


@pytest.mark.parametrize(
    "nit, digit",
    [
        ("800197268", "4"),  # DIAN
        ("901724254", "1"),  # Factus, seed 001
        ("123456789", "6"),  # seed 001's seller
        (
            "901234567",
            "7",
        ),  # by hand: 3·7+7·6+13·5+17·4+19·3+23·2+29·1+37·0+41·9 = 697, and 11 - 697 mod 11 = 7
        ("899999068", "1"),  # Ecopetrol
        ("890903938", "8"),  # Bancolombia
        ("860034313", "7"),  # Davivienda
        ("0", "0"),
        ("00800197268", "4"),
    ],
)
def test_the_digit_of_a_published_nit(nit, digit):
    assert check_digit(nit) == digit


def test_any_single_wrong_digit_and_any_two_swapped_are_seen():
    good = "800197268"
    right = check_digit(good)
    for place in range(len(good)):
        others = [good[:place] + digit + good[place + 1 :] for digit in "0123456789" if digit != good[place]]
        # Remainders 0 and 1 share their digits with none but 10 and 1, so a slip may hide once in eleven.
        assert sum(check_digit(other) == right for other in others) <= 1
    swapped = [good[:n] + good[n + 1] + good[n] + good[n + 2 :] for n in range(len(good) - 1)]
    assert all(check_digit(other) != right for other in swapped if other != good)


@pytest.mark.parametrize("nit", ["", "1" * 16, "90x", "９０１", "٩٠١", " 901", "-1", "901.724", "1\n"])
def test_what_is_not_digits_has_no_digit(nit):
    with pytest.raises(ValueError, match="1 to 15 digits"):
        check_digit(nit)
