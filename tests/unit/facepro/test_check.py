"""What FacEPro cannot say is refused beforehand, under the domain's path of the field."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from cauce.domain.document import (
    AllowanceCharge,
    Document,
    Kind,
    OrderReference,
    Payment,
    Reason,
    Tax,
    Withholding,
)
from cauce.domain.errors import InvalidDocument, Unsupported
from tests.unit.facepro.builders import facepro, invoice, line, note, party

D = Decimal
IVA = Tax(code="01", percent=D(19))


def charge(is_charge: bool) -> AllowanceCharge:
    return AllowanceCharge(is_charge=is_charge, reason_code="02", reason="x", amount=D(1))


def of(**changes: Any) -> Document:
    return invoice(lines=(line(), line(**changes)))


UNSAYABLE: list[tuple[str, Document]] = [
    ("prefix", invoice(prefix="SETP")),
    ("currency", invoice(currency="USD")),
    ("order_reference.number", invoice(order_reference=OrderReference(number="1"))),
    ("notes", invoice(notes=("Gracias",))),
    ("totals.charge", invoice(allowance_charges=(charge(True),))),
    ("totals.allowance", invoice(allowance_charges=(charge(False),))),
    ("payment.form", invoice(payment=Payment(form="2", due_date=date(2026, 6, 1)))),
    ("payment.means", invoice(payment=Payment(means="47"))),
    ("payment.due_date", invoice(payment=Payment(due_date=date(2026, 6, 1)))),
    *[
        ("counterparty.identification_type", invoice(counterparty=party(identification_type=code)))
        for code in ("10", "47", "48", "91")
    ],
    ("counterparty.responsibilities", invoice(counterparty=party(responsibilities=("O-13", "O-15")))),
    ("counterparty.responsibilities", invoice(counterparty=party(responsibilities=()))),
    ("counterparty.tax_scheme", invoice(counterparty=party(tax_scheme="01"))),
    ("counterparty.country", invoice(counterparty=party(country="US", municipality=None))),
    ("lines.1.taxes", of(taxes=())),
    ("lines.1.taxes", of(taxes=(Tax(code="04", percent=D(8)),))),
    ("lines.1.taxes", of(taxes=(IVA, Tax(code="04", percent=D(8))))),
    ("lines.1.taxes", of(taxes=(Tax(code="01", per_unit_amount=D(5), base_units=D(1)),))),
    ("lines.1.withholdings", of(withholdings=(Withholding(code="06", percent=D("2.5")),))),
    ("lines.1.standard", of(standard="001")),
    ("lines.1.note", of(note="x")),
    ("lines.1.discount_amount", of(discount_percent=D(1), discount_amount=D(1))),
    ("lines.1.price", of(price=D("123456789012.123456"))),
    ("lines.1.discount_amount", of(discount_amount=D("123456789012.123457"))),
]


@pytest.mark.parametrize("field, document", UNSAYABLE, ids=[field for field, _ in UNSAYABLE])
def test_what_would_be_lost_or_bent_is_refused_by_name(field, document):
    with pytest.raises(Unsupported) as refusal:
        facepro().check(document)

    assert list(refusal.value.fields) == [field]


@pytest.mark.parametrize(
    "document",
    [
        invoice(),
        note(),
        note(Kind.DEBIT_NOTE),
        invoice(issue_date=date(2026, 5, 1)),
        invoice(counterparty=party(trade_name="Juancho", phone="3001234567", postal_code="050010")),
        invoice(counterparty=party(email=None, address=None, municipality=None)),
        of(quantity=D("0.000001"), price=D("0.01"), unit="KGM"),
        of(taxes=(Tax(code="01", percent=D("0")),)),
        of(taxes=(Tax(code="01", percent=D("16")),)),
    ],
)
def test_what_it_can_say_passes(document):
    facepro().check(document)


@pytest.mark.parametrize("code", ["11", "12", "13", "21", "22", "31", "41", "42", "50"])
def test_seed_002_tipo_documento_passes(code):
    facepro().check(invoice(counterparty=party(identification_type=code)))


@pytest.mark.parametrize("code", ["O-13", "O-15", "O-23", "O-47", "R-99-PN"])
def test_seed_002_responsabilidad_fiscal_passes(code):
    facepro().check(invoice(counterparty=party(responsibilities=(code,))))


@pytest.mark.parametrize("unit", ["94", "EA", "KGM", "LTR", "MTR", "HUR"])
def test_seed_002_unidad_passes(unit):
    facepro().check(of(unit=unit))


@pytest.mark.parametrize(
    "field, document",
    [
        ("reason.code", note(Kind.DEBIT_NOTE, reason=Reason(code="5", text="x"))),
        ("reason.code", note(reason=None)),
        ("billing_reference.number", note(billing_reference=None)),
    ],
)
def test_a_note_says_what_it_corrects_and_why(field, document):
    with pytest.raises(InvalidDocument) as refusal:
        facepro().check(document)

    assert list(refusal.value.fields) == [field]
