"""What is read of JSON that others wrote, whatever is in it."""

from decimal import Decimal
from typing import Any

import pytest

from cauce.domain.errors import OutcomeUnknown
from cauce.providers import loose


@pytest.mark.parametrize("body", [b"<html/>", b'{"a": 1', b"[1]", b"null", b"", b"\xff"])
def test_a_body_that_is_no_object_says_nothing(body: bytes):
    assert loose.payload(body) is None


def test_the_numbers_of_a_body_are_exact():
    assert loose.payload(b'{"a": 0.10}') == {"a": Decimal("0.10")}


@pytest.mark.parametrize("value", [None, True, [], {}, "", "x", "NaN", "Infinity", float("nan"), ["1"]])
def test_what_is_no_amount_is_none(value: Any):
    assert loose.amount(value) is None


@pytest.mark.parametrize("value", [5, "5.0", " 5 ", Decimal(5)])
def test_an_amount_is_a_number_or_its_text(value: Any):
    assert loose.amount(value) == 5


@pytest.mark.parametrize("value", ["1.5", "1E+9999999", 10**18, None, True])
def test_what_is_no_whole_number_of_eighteen_digits_is_none(value: Any):
    assert loose.whole(value) is None


@pytest.mark.parametrize("value", [None, True, "", "  ", [], {}, Decimal("1.5")])
def test_what_is_no_text_is_none(value: Any):
    assert loose.text(value) is None


@pytest.mark.parametrize("value", ["5", " 5 ", 5])
def test_a_text_is_stripped_and_may_be_a_whole_number(value: Any):
    assert loose.text(value) == "5"


def test_an_answer_that_is_no_object_leaves_the_outcome_unknown_and_is_kept():
    with pytest.raises(OutcomeUnknown, match="Ejemplo respondió") as doubt:
        loose.payload_of("Ejemplo", b"<html/>")

    assert doubt.value.raw == b"<html/>"
