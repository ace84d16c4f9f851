"""The formulas that UBL's optional facts added: line charges, free goods, bases of their own, prepayments."""

from datetime import date
from decimal import Decimal

from cauce.domain.document import AllowanceCharge, Document, Prepayment, ReferencePrice, Tax, Withholding
from cauce.domain.totals import line_totals, totals
from tests.unit.dian.builders import VAT_19, a_document, a_line


def an_entry(*, is_charge: bool, amount: str) -> AllowanceCharge:
    return AllowanceCharge(is_charge=is_charge, reason_code="00", reason="-", amount=Decimal(amount))


def test_a_lines_charges_and_discounts_change_the_base_of_its_taxes():
    line = a_line(
        discount_percent=Decimal(10),
        allowance_charges=(an_entry(is_charge=True, amount="5000"), an_entry(is_charge=False, amount="1000")),
        withholdings=(Withholding(code="06", percent=Decimal("2.5")),),
    )

    sums = line_totals(line)
    assert (sums.gross, sums.discount, sums.charge, sums.net) == (100000, 11000, 5000, 94000)
    assert sums.taxes[0].amount == Decimal("17860.00")
    assert sums.withholdings[0].amount == Decimal("2350.00")


def test_a_free_line_is_taxed_on_its_reference_price_or_on_the_base_it_states():
    free = {"price": Decimal(0), "reference_price": ReferencePrice(amount=Decimal(100))}
    stated = Tax(code="01", percent=Decimal(16), base=Decimal("187.50"))

    assert line_totals(a_line(**free)).taxes[0].amount == Decimal("38.00")
    sums = line_totals(a_line(**free, taxes=(stated,)))
    assert (sums.net, sums.taxes[0].base, sums.taxes[0].amount) == (0, Decimal("187.50"), Decimal("30.00"))


def test_nominal_taxes_of_one_rate_add_up_their_units_and_of_two_rates_stay_apart():
    def bags(count: int, value: int) -> Tax:
        return Tax(code="22", per_unit_amount=Decimal(value), base_units=Decimal(count), unit="94")

    lines = tuple(a_line(taxes=(VAT_19, tax)) for tax in (bags(2, 60), bags(3, 60), bags(1, 66)))
    sums = totals(a_document(lines=lines))

    found = [(tax.per_unit_amount, tax.base_units, tax.amount) for tax in sums.taxes if tax.code == "22"]
    assert found == [(60, 5, 300), (66, 1, 66)]


def test_a_tax_on_units_alone_has_no_taxable_amount():
    """As in DIAN's example of the health taxes: two lines of 310,000, one of them taxed by its millilitres alone."""
    by_volume = Tax(code="34", per_unit_amount=Decimal(18), base_units=Decimal(10000), unit="MLT")
    lines = tuple(
        a_line(quantity=Decimal(1), price=Decimal(310000), taxes=taxes) for taxes in ((VAT_19,), (by_volume,))
    )

    sums = totals(a_document(lines=lines))

    assert (sums.line_extension, sums.tax_exclusive) == (Decimal("620000.00"), Decimal("310000.00"))
    assert sums.payable == Decimal("620000.00") + Decimal("58900.00") + Decimal("1800.00")


def test_a_prepayment_is_told_and_not_taken_off():
    paid = Prepayment(amount=Decimal("1000.005"), received_date=date(2026, 5, 1))
    sums = totals(a_document(prepayments=(paid, paid)))

    assert sums.prepaid == Decimal("2000.00")
    assert sums.payable == Decimal("119000.00")


def test_a_document_stored_before_these_facts_existed_is_read_as_it_was():
    stored = (
        '{"kind":"invoice","counterparty":{"person_type":"2","identification_type":"13","identification":"1",'
        '"name":"X"},"lines":[{"code":"A","description":"B","quantity":"1","price":"10"}]}'
    )

    assert totals(Document.model_validate_json(stored)).payable == Decimal("10.00")
