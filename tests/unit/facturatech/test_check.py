"""What Facturatech cannot say exactly is refused, under the domain's path of the field, before anything leaves."""

from decimal import Decimal
from typing import Any

import pytest

from cauce.domain import extras
from cauce.domain.document import AllowanceCharge, Document, Kind, Payment, Tax, Withholding
from cauce.domain.errors import CauceError, InvalidDocument, Unsupported
from cauce.domain.issuer import Issuer
from cauce.providers.facturatech.provider import Facturatech
from tests.unit.facturatech.builders import (
    RANGES,
    facturatech,
    invoice,
    issuer,
    issuer_party,
    line,
    note,
    of_kind,
    party,
    seller,
    support_document,
)

D = Decimal
CHARGE = AllowanceCharge(is_charge=True, reason_code="03", reason="Propina", amount=D(5))
DISCOUNT = CHARGE.model_copy(update={"is_charge": False, "reason_code": "01"})


def refusal(document: Document, **provider: Any) -> CauceError:
    with pytest.raises((Unsupported, InvalidDocument)) as caught:
        facturatech(**provider).check(document)
    return caught.value


@pytest.mark.parametrize("kind", RANGES, ids=lambda kind: kind.value)
def test_an_ordinary_document_of_every_kind_passes(kind: Kind):
    facturatech().check(of_kind(kind))


def extended(document: Document, **changes: Any) -> Document:
    """The document with fields given as a request would have them."""
    return Document.model_validate({**document.model_dump(), **changes})


CASES: list[tuple[str, Document]] = [
    ("currency", invoice(currency="USD")),
    ("prefix", invoice(prefix="SETP1")),
    ("payment.means", invoice(payment=Payment(means="20"))),
    ("payment.due_date", invoice(payment=Payment(form="2"))),
    ("notes", invoice(notes=("Gracias por su compra",))),
    ("order_reference.number", extended(invoice(), order_reference={"number": "OC-1"})),
    ("totals.charge", invoice(allowance_charges=(CHARGE,))),
    ("totals.allowance", invoice(allowance_charges=(DISCOUNT,))),
    ("notify", support_document(notify=True)),
    ("counterparty.email", invoice(counterparty=party(email=None), notify=True)),
    ("counterparty.tax_scheme", invoice(counterparty=party(tax_scheme="04"))),
    ("counterparty.responsibilities", invoice(counterparty=party(responsibilities=("O-13", "O-15")))),
    ("counterparty.country", invoice(counterparty=party(country="US", municipality=None))),
    ("counterparty.municipality", invoice(counterparty=party(municipality=None))),
    ("counterparty.address", invoice(counterparty=party(address=None))),
    (
        "counterparty.address",
        support_document(counterparty=seller(address=None, municipality=None, postal_code=None)),
    ),
    ("counterparty.address", support_document(counterparty=seller(country="US", address=None))),
    ("counterparty.tax_scheme", support_document(counterparty=seller(tax_scheme="ZA"))),
    ("billing_reference.number", note(billing_reference=None)),
    ("billing_reference.number", note(Kind.ADJUSTMENT_NOTE, billing_reference=None)),
    ("reason.code", note(reason=None)),
    ("reason.code", note(reason={"code": "6", "text": "volumen"})),
    ("reason.code", note(Kind.DEBIT_NOTE, reason={"code": "5", "text": "x"})),
    ("lines.0.taxes", invoice(lines=(line(taxes=(Tax(code="03", percent=D(5)),)),))),
    (
        "lines.1.taxes",
        invoice(lines=(line(), line(taxes=(Tax(code="22", per_unit_amount=D(66), base_units=D(1)),)))),
    ),
    ("lines.0.taxes", support_document(lines=(line(taxes=(Tax(code="04", percent=D(8)),)),))),
    ("lines.0.withholdings", invoice(lines=(line(withholdings=(Withholding(code="07", percent=D(1)),)),))),
    ("lines.0.withholdings", note(lines=(line(withholdings=(Withholding(code="06", percent=D(1)),)),))),
    (
        "lines.0.withholdings",
        note(Kind.ADJUSTMENT_NOTE, lines=(line(withholdings=(Withholding(code="06", percent=D(1)),)),)),
    ),
    ("lines.0.note", invoice(lines=(line(note="frágil"),))),
    ("lines.0.allowance_charges", invoice(lines=(line(allowance_charges=(CHARGE,)),))),
    ("lines.0.brand", invoice(lines=(line(brand="ACME"),))),
]


@pytest.mark.parametrize(("field", "document"), CASES, ids=[f"{n}-{case[0]}" for n, case in enumerate(CASES)])
def test_what_it_cannot_say_is_refused_by_name(field: str, document: Document):
    assert list(refusal(document).fields) == [field]


def test_mail_that_nobody_sends_is_refused_with_what_to_do():
    assert "quite «enviar_correo»" in refusal(support_document(notify=True)).message


def test_several_responsibilities_pass_where_they_are_joined():
    facturatech(responsibilities="joined").check(
        invoice(counterparty=party(responsibilities=("O-13", "O-15")))
    )


@pytest.mark.parametrize("means", ["10", "42", "47", "48", "49", "ZZZ"])
def test_row_MEP_1_the_means_of_its_table_pass(means: str):
    facturatech().check(invoice(payment=Payment(means=means)))


@pytest.mark.parametrize("code", ["1", "2", "3", "4", "5"])
def test_quirk_30_reason_5_travels_and_6_has_no_equal(code: str):
    facturatech().check(note(reason={"code": code, "text": "x"}))


@pytest.mark.parametrize(
    "by",
    [
        issuer(party=None),
        issuer(party=issuer_party(address=None)),
        issuer(party=issuer_party(municipality=None)),
        issuer(party=issuer_party(tax_scheme="04")),
        issuer(party=issuer_party(responsibilities=("O-13", "O-15"))),
    ],
    ids=["party", "address", "municipality", "scheme", "responsibilities"],
)
def test_an_issuer_of_whom_too_little_is_known_is_refused(by: Issuer):
    assert "emisor" in refusal(invoice(), by=by).message


def test_every_fact_of_a_document_is_written_refused_or_left_out_on_purpose():
    """A field that the domain gains must be looked at here before it can be lost in silence; a feature that Facturatech
    does not declare is refused before."""
    looked_at = {
        Document: {
            "kind", "reference", "prefix", "issue_date", "issue_time", "counterparty", "lines", "allowance_charges",
            "payment", "currency", "order_reference", "billing_reference", "reason", "notes", "notify",
            "invoice_type", "operation", "exchange_rate", "prepayments", "delivery_terms", "period", "paper_invoice",
            "expected", "rounded",
        },
        type(line()): {
            "code", "description", "quantity", "unit", "price", "discount_percent", "discount_amount", "taxes",
            "withholdings", "standard", "note", "allowance_charges", "reference_price", "brand", "model",
            "principal", "purchase", "aiu_contract", "paid",
        },
        Tax: {"code", "name", "base", "percent", "per_unit_amount", "base_units", "unit"},
        type(party()): {
            "person_type", "identification_type", "identification", "check_digit", "name", "trade_name",
            "responsibilities", "tax_scheme", "email", "phone", "address", "municipality", "country", "postal_code",
            # Left out on purpose: names apart say nothing that the name does not; the rest is for foreign
            # addresses, where it is written, and for what no table of Facturatech's has.
            "given_names", "family_names", "city", "region", "commercial_registration", "economic_activity",
        },
    }  # fmt: skip

    refused = extras.ALL - Facturatech.declare({}).extras
    assert {
        model.__name__: set(model.model_fields)
        - known
        - {field for field, extra in extras.declared(model).items() if (extra.feature or field) in refused}
        for model, known in looked_at.items()
    } == {model.__name__: set() for model in looked_at}
