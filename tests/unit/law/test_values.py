"""What is not in force on the day of the sale is a notice that names the right value, and never a refusal."""

from datetime import date
from decimal import Decimal as D

import pytest

from cauce import law
from cauce.domain.document import Kind, PaperInvoice, Tax, Withholding
from cauce.law import values
from tests.unit.factus.builders import invoice, line, note

TODAY = date(2026, 5, 10)
UNITS = {"22": "94", "33": "GRM", "34": "MLT", "32": "94"}


def sold(code: str, value: str, **changes):
    tax = (
        Tax(code=code, per_unit_amount=D(value), base_units=D(1), unit=UNITS[code])
        if code in UNITS
        else Tax(code=code, percent=D(value))
    )
    return invoice(lines=(line(quantity=D(1)), line(quantity=D(1), taxes=(tax,))), **changes)


def said(document, today: date = TODAY) -> list[tuple[str, str, str]]:
    law.check(document)
    return [(each.field, each.expected, each.found) for each in values.findings(document, today)]


@pytest.mark.parametrize(
    "day, value",
    [
        *(
            ("2017-07-01", "20"),
            ("2018-03-01", "30"),
            ("2019-03-01", "40"),
            ("2020-03-01", "50"),
            ("2021-03-01", "51"),
        ),
        *(
            ("2022-12-31", "53"),
            ("2023-01-01", "60"),
            ("2024-03-01", "66"),
            ("2025-12-31", "70"),
            ("2026-01-01", "73"),
        ),
    ],
)
def test_the_tax_on_bags_is_each_years(day: str, value: str):
    assert not said(sold("22", value, issue_date=date.fromisoformat(day)))


@pytest.mark.parametrize("share", ["0", "18.25", "36.5", "54.75"])
def test_a_bag_with_an_environmental_solution_owes_a_part(share: str):
    assert not said(sold("22", share))


def test_a_bag_at_last_years_value_is_noticed_with_this_years():
    assert said(sold("22", "70")) == [
        (
            "lines.1.taxes.0.per_unit_amount",
            "73 por bolsa (con solución ambiental, 0, 25, 50 o 75 % de él)",
            "70, que es de 2025",
        )
    ]


def test_the_last_second_of_a_year_and_the_first_of_the_next_have_their_own_value():
    assert said(sold("22", "70"), date(2026, 1, 1))
    assert not said(sold("22", "70"), date(2025, 12, 31))


@pytest.mark.parametrize(
    "code, day, right, wrong",
    [
        ("34", "2023-12-01", "0 18 35", "28"),
        ("34", "2024-12-01", "0 28 55", "35"),
        ("34", "2025-12-01", "0 38 65", "55"),
        ("34", "2026-12-01", "0 40 68", "65"),
        ("33", "2026-12-01", "2.6187 2.62", "2.49"),
        ("35", "2023-12-01", "10", "15"),
        ("35", "2024-12-01", "15", "10"),
        ("35", "2026-12-01", "20", "15"),
        ("36", "2026-12-01", "20 25", "19"),
        ("32", "2026-12-01", "359 245 718 95.5", "295"),
    ],
)
def test_each_taxs_values_pass_on_their_day_and_others_are_noticed(
    code: str, day: str, right: str, wrong: str
):
    issued = date.fromisoformat(day)
    for value in right.split():
        assert not said(sold(code, value, issue_date=issued)), value
    [(_, expected, found)] = said(sold(code, wrong, issue_date=issued))
    assert right.split()[0] in expected
    assert wrong in found


def test_a_year_without_its_row_says_nothing_of_a_document():
    assert not said(sold("22", "73", issue_date=date(2090, 1, 1)), date(2090, 1, 1))


def test_iva_at_16_is_noticed_and_passes():
    [(field, expected, found)] = said(sold("01", "16"))
    assert (field, found) == ("lines.1.taxes.0.percent", "16 %")
    assert expected.startswith("0, 5 o 19 % (16 % solo en contratos con el Estado")


def test_a_note_is_judged_by_the_day_of_what_it_corrects():
    old = Tax(code="22", per_unit_amount=D(66), base_units=D(1), unit="94")
    corrected = note(Kind.CREDIT_NOTE, lines=(line(quantity=D(1), taxes=(old,)),))
    of_2024 = corrected.billing_reference.model_copy(update={"issue_date": date(2024, 6, 1)})
    assert not said(corrected.model_copy(update={"billing_reference": of_2024}))
    assert said(corrected.model_copy(update={"billing_reference": None, "period": None}))


def test_a_transcription_is_judged_by_the_day_of_its_paper_invoice():
    paper = PaperInvoice(number="P1", issue_date=date(2025, 12, 30))
    assert not said(sold("22", "70", invoice_type="03", paper_invoice=paper), date(2026, 1, 2))


def test_an_unusual_withholding_is_noticed():
    held = invoice(lines=(line(withholdings=(Withholding(code="06", percent=D("2.4")),)),))
    [(field, expected, found)] = said(held)
    assert (field, found) == ("lines.0.withholdings.0.percent", "2.4 %")
    assert "2, 2.5, 3, 3.5" in expected
    assert not said(invoice(lines=(line(withholdings=(Withholding(code="06", percent=D("2.5")),)),)))


def test_the_inpp_is_its_part_of_the_uvt():
    [inpp] = (table for table in values._file().tables if table.code == "33")
    for row in inpp.rows:
        assert row.values[0] == values.uvt(row.start) * D("0.00005")


def test_the_first_days_of_december_miss_the_next_years_rows():
    last = max(row.start.year for row in values._file().uvt)
    assert values.missing(date(last, 11, 30)) == ()
    assert values.missing(date(last, 12, 1)) == ("UVT", "INC de bolsas plásticas", "IBUA", "INPP", "ICL")
    assert values.missing(date(last + 1, 1, 1)) == values.missing(date(last, 12, 31))


def test_rows_are_in_order_of_their_days():
    for table in values._file().tables:
        starts = [row.start for row in table.rows]
        assert starts == sorted(set(starts))
