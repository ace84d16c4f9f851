"""Rates that do not exist are refused whoever carries the document; what is odd and may be right is a finding."""

import json
from datetime import date
from decimal import Decimal as D
from pathlib import Path

import pytest

from cauce import law
from cauce.domain.document import AllowanceCharge, Kind, ReferencePrice, Tax, Withholding
from cauce.domain.errors import InvalidDocument
from cauce.law import rates
from tests.unit.factus.builders import invoice, line, note, party

TODAY = date(2026, 5, 10)


def refused(document, **extra) -> dict[str, list[str]]:
    with pytest.raises(InvalidDocument) as refusal:
        law.check(document, **extra)
    return refusal.value.fields


def with_tax(code: str, percent: str | None, **changes):
    quantity = changes.pop("quantity", D(1))
    tax = Tax(code=code, percent=None if percent is None else D(percent), **changes)
    return invoice(lines=(line(quantity=quantity, taxes=(tax,)),))


def with_withholding(percent: str):
    return invoice(lines=(line(withholdings=(Withholding(code="05", percent=D(percent)),)),))


def found(document) -> list[tuple[str, str]]:
    return [(each.field, each.found) for each in law.findings(document, TODAY)]


@pytest.mark.parametrize("code, percents", [("01", "0 5 16 19"), ("04", "0 2 4 8 16")])
def test_the_rates_of_iva_and_inc_pass_on_any_day(code: str, percents: str):
    for percent in percents.split():
        law.check(with_tax(code, percent))


@pytest.mark.parametrize("percent", ["15", "100"])
def test_the_rates_of_reteiva_pass(percent: str):
    law.check(with_withholding(percent))


def test_a_note_of_today_on_a_sale_at_16_passes():
    law.check(note(Kind.CREDIT_NOTE, lines=(line(taxes=(Tax(code="01", percent=D(16)),)),)))


@pytest.mark.parametrize(
    "code, percent, sentence",
    [
        ("01", "0.19", "El IVA es 0, 5, 16 o 19 %; llegó 0.19. ¿19?"),
        ("01", "1.9", "El IVA es 0, 5, 16 o 19 %; llegó 1.9. ¿19?"),
        ("01", "8", "El IVA es 0, 5, 16 o 19 %; llegó 8. El 8 % es INC: va en impuestos, con el código 04."),
        ("01", "10", "El IVA es 0, 5, 16 o 19 %; llegó 10."),
        ("04", "0.08", "El INC es 0, 2, 4, 8 o 16 %; llegó 0.08. ¿8?"),
        (
            "04",
            "19",
            "El INC es 0, 2, 4, 8 o 16 %; llegó 19. El 19 % es IVA: va en impuestos, con el código 01.",
        ),
    ],
)
def test_a_rate_that_does_not_exist_is_refused_and_what_was_meant_is_asked(code, percent, sentence):
    assert refused(with_tax(code, percent)) == {"lines.0.taxes.0.percent": [sentence]}


def test_reteiva_at_19_is_refused_because_it_is_15_or_100():
    assert refused(with_withholding("19")) == {
        "lines.0.withholdings.0.percent": ["La ReteIVA es 15 o 100 %; llegó 19."]
    }


def test_taxes_without_a_closed_list_have_any_rate():
    for code, percent in (("03", "9.66"), ("35", "20"), ("36", "25"), ("ZZ", "3")):
        law.check(with_tax(code, percent))


def test_an_issuers_setting_adds_a_rate_and_takes_none_away():
    extra = {"01": (D("12.5"),)}

    law.check(with_tax("01", "12.5"), extra)
    law.check(with_tax("01", "19"), extra)

    assert "0, 5, 12.5, 16 o 19 %" in str(refused(with_tax("01", "13"), extra_rates=extra))


def test_the_file_of_rates_says_where_they_are_from():
    file = json.loads((Path(rates.__file__).parent / "rates.json").read_text("utf-8"))

    assert "13.3.11" in file["source"]
    assert rates.codes() == tuple(file["percent"]) == ("01", "04", "05")
    assert rates.allowed("08") is None


def test_an_operation_that_nobody_writes_yet_is_refused_by_its_name():
    fields = refused(invoice(operation="14"))

    assert list(fields) == ["operation"]
    assert "14 (Notarios)" in fields["operation"][0]


@pytest.mark.parametrize("code", ["01", "03", "04"])
def test_iva_ica_and_inc_are_never_an_amount_for_each_unit(code: str):
    document = with_tax(code, None, per_unit_amount=D(100), base_units=D(1), unit="94")
    assert list(refused(document)) == ["lines.0.taxes.0.per_unit_amount"]


def test_the_tax_on_bags_is_never_a_percentage():
    assert list(refused(with_tax("22", "10"))) == ["lines.0.taxes.0.percent"]


def test_as_many_bags_are_taxed_as_the_line_has():
    bags = {"per_unit_amount": D(73), "unit": "94", "quantity": D(3)}

    law.check(with_tax("22", None, base_units=D(3), **bags))

    assert list(refused(with_tax("22", None, base_units=D(1), **bags))) == ["lines.0.taxes.0.base_units"]


def test_what_is_given_for_free_without_its_value_is_a_finding():
    free = line(price=D(0))
    valued = line(price=D(0), reference_price=ReferencePrice(amount=D(100)))

    assert found(invoice(lines=(line(), free))) == [("lines.1.reference_price", "nada")]
    assert found(invoice(lines=(line(), valued))) == []


def test_a_line_of_price_0_that_bears_a_charge_is_not_said_to_be_given_for_free():
    delivery = AllowanceCharge(is_charge=True, reason_code="02", reason="Flete", amount=D("5000.00"))
    charged = line(price=D(0), allowance_charges=(delivery,))
    of_nothing = delivery.model_copy(update={"amount": D(0), "percent": D(10), "base_amount": D(0)})
    valued = charged.model_copy(update={"reference_price": ReferencePrice(amount=D(100))})

    assert found(invoice(lines=(line(), charged))) == [("lines.1.price", "0, con cargos por 5000")]
    assert found(invoice(lines=(line(price=D(0), allowance_charges=(of_nothing,)),))) == [
        ("lines.0.reference_price", "nada")
    ]
    assert found(invoice(lines=(valued,))) == []


def test_reteiva_on_a_line_without_iva_is_a_finding():
    held = (Withholding(code="06", percent=D(4)), Withholding(code="05", percent=D(15)))

    assert found(invoice(lines=(line(taxes=(), withholdings=held),))) == [
        ("lines.0.withholdings.1", "una sin IVA")
    ]
    assert found(invoice(lines=(line(withholdings=held),))) == []


def test_an_export_to_a_colombian_with_iva_is_a_finding():
    at_home = invoice(invoice_type="02")
    abroad = invoice(invoice_type="02", counterparty=party(country="US", municipality=None))

    assert found(at_home) == [("invoice_type", "exportación a un comprador en CO con IVA 19")]
    assert found(abroad) == found(invoice()) == []


def test_a_gtin_with_letters_is_a_finding():
    assert found(invoice(lines=(line(standard="010", code="77O1234567890"),))) == [
        ("lines.0.code", "77O1234567890")
    ]
    assert found(invoice(lines=(line(standard="010", code="7701234567897"),))) == []
    assert found(invoice(lines=(line(code="ABC"),))) == []


def test_the_final_consumer_under_another_name_is_a_finding():
    anybody = {"identification": "222222222222", "name": "Juan Pérez"}

    assert found(invoice(counterparty=party(**anybody))) == [("counterparty.name", "Juan Pérez")]
    for name in ("consumidor final", "CONSUMIDOR  FINAL"):
        assert found(invoice(counterparty=party(**{**anybody, "name": name}))) == []
