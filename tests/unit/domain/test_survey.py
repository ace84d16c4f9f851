"""Which lines are ordinary, so that most rules need not look at them."""

from decimal import Decimal

import pytest

from cauce.domain.document import Document, Line, Principal, Purchase, ReferencePrice, Tax, Withholding
from cauce.domain.survey import survey
from tests import content

PLAIN = content.line()
DISCOUNTED = content.line(
    unit="KGM",
    discount_percent=Decimal(5),
    discount_amount=Decimal(1),
    taxes=(),
    withholdings=(Withholding(code="06", percent=Decimal("2.5")),),
)
PER_BAG = Tax(code="22", per_unit_amount=Decimal(66), base_units=Decimal(2), unit="94")


def document(*lines: Line) -> Document:
    return Document(kind="invoice", counterparty=content.party(), lines=lines)


@pytest.mark.parametrize(
    "facts",
    [
        {"standard": "001"},
        {"note": "x"},
        {"reference_price": ReferencePrice(amount=Decimal(1))},
        {"brand": "x"},
        {"model": "x"},
        {"principal": Principal(identification_type="13", identification="1")},
        {"purchase": Purchase(on="2026-05-10")},
        {"aiu_contract": "x"},
        {"allowance_charges": ({"is_charge": True, "reason_code": "", "reason": "x", "amount": 1},)},
        {"taxes": (*PLAIN.taxes, PER_BAG)},
        *(
            {"taxes": (PLAIN.taxes[0].model_copy(update={name: Decimal(1)}),)}
            for name in ("base", "base_units")
        ),
        {"taxes": (PLAIN.taxes[0].model_copy(update={"percent": None}),)},
        {"taxes": (PLAIN.taxes[0].model_copy(update={"name": "x"}),)},
    ],
)
def test_a_line_is_unusual_that_says_anything_but_what_every_sale_does(facts):
    unusual = content.line(**facts)

    found = survey(document(PLAIN, unusual, DISCOUNTED))

    assert found.unusual == ((1, unusual),)
    assert (found.units, found.has_blank, found.is_printable) == ({"94", "KGM"}, False, True)


@pytest.mark.parametrize(
    "text, blank, printable", [(" ", True, True), ("a\u200b", False, False), ("", True, True)]
)
@pytest.mark.parametrize("name", ["code", "description"])
def test_blank_texts_and_those_that_cannot_be_printed_are_told(name, text, blank, printable):
    found = survey(document(PLAIN, content.line(**{name: text})))

    assert (found.unusual, found.has_blank, found.is_printable) == ((), blank, printable)


def test_a_document_without_lines_has_a_survey_too():
    assert survey(document()) == ((), (), (), frozenset())
