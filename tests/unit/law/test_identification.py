"""Numbers that are not what their type says are refused before anything is sent."""

import pytest

from cauce import law
from cauce.domain.document import Principal
from cauce.domain.errors import InvalidDocument
from cauce.domain.nit import check_digit
from tests.unit.factus.builders import invoice, line, party, seller, support_document

GLUED = "9003731153"


def refused(document) -> dict[str, list[str]]:
    with pytest.raises(InvalidDocument) as refusal:
        law.check(document)
    return refusal.value.fields


def as_nit(whose, number: str):
    return whose.model_copy(update={"identification_type": "31", "identification": number})


def test_a_buyers_nit_with_its_check_digit_glued_on_is_refused_with_what_to_send():
    fields = refused(invoice(counterparty=as_nit(party(), GLUED)))
    assert list(fields) == ["counterparty.identification"]
    assert "dígito de verificación 3: envíe 900373115" in fields["counterparty.identification"][0]


def test_a_sellers_is_refused_under_the_name_that_was_sent():
    assert list(refused(support_document(counterparty=as_nit(seller(), GLUED)))) == [
        "counterparty.identification"
    ]


def test_a_mandantes_is_refused_along_with_the_buyers():
    third = Principal(identification_type="31", identification=GLUED)
    document = invoice(counterparty=as_nit(party(), GLUED), lines=(line(), line(principal=third)))
    assert list(refused(document)) == ["counterparty.identification", "lines.1.principal.identification"]


def test_a_persons_ten_digits_that_begin_with_1_pass_even_if_the_last_is_a_check_digit():
    for nine in range(100_000_000, 100_001_000):
        law.check(invoice(counterparty=as_nit(party(), f"{nine}{check_digit(str(nine))}")))


@pytest.mark.parametrize("first", "0123456789")
def test_only_ten_digits_that_begin_with_8_or_9_are_a_companys_with_its_check_digit(first: str):
    nine = f"{first}00373115"
    document = invoice(counterparty=as_nit(party(), nine + check_digit(nine)))

    if first in "89":
        assert f"envíe {nine}, sin él" in str(refused(document))
    else:
        law.check(document)


def test_ten_digits_whose_last_is_no_check_digit_and_nine_digits_pass():
    law.check(invoice(counterparty=as_nit(party(), "9003731154")))
    law.check(invoice(counterparty=as_nit(party(), "900373115")))


def test_the_same_digits_of_another_type_of_document_pass():
    person = party().model_copy(update={"identification_type": "13", "identification": GLUED})
    law.check(invoice(counterparty=person))


def test_the_final_consumer_is_no_nit():
    fields = refused(invoice(counterparty=as_nit(party(), "222222222222")))
    assert list(fields) == ["counterparty.identification_type"]
    assert "tipo 13" in fields["counterparty.identification_type"][0]
