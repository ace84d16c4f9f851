"""The features of a document are those that its fields' declarations name, with their sentences and in their order."""

from datetime import date
from decimal import Decimal
from typing import Any

from cauce.domain import extras
from cauce.domain.document import (
    AllowanceCharge,
    BillingPeriod,
    DeliveryTerms,
    Document,
    ExchangeRate,
    Kind,
    Line,
    PaperInvoice,
    Party,
    Prepayment,
    Principal,
    Purchase,
    ReferencePrice,
    Tax,
)

DAY = date(2026, 5, 10)
BUYER: dict[str, Any] = {
    "person_type": "2",
    "identification_type": "13",
    "identification": "71234567",
    "name": "JUAN PEREZ",
}
LINE: dict[str, Any] = {"code": "P1", "description": "Producto", "quantity": 1, "price": 1}
PLAIN = Document(kind=Kind.INVOICE, counterparty=Party(**BUYER), lines=(Line(**LINE),))
CHARGE = AllowanceCharge(is_charge=True, reason_code="02", reason="x", amount=Decimal(1))
RICH = Document(
    kind=Kind.INVOICE,
    invoice_type="02",
    operation="09",
    exchange_rate=ExchangeRate(currency="USD", rate=Decimal(4000), on=DAY),
    prepayments=(Prepayment(amount=Decimal(1), received_date=DAY),),
    delivery_terms=DeliveryTerms(incoterm="FOB"),
    period=BillingPeriod(start=DAY, end=DAY),
    paper_invoice=PaperInvoice(number="1", issue_date=DAY),
    counterparty=Party(**BUYER, commercial_registration="1", economic_activity="4511"),
    lines=(
        Line(
            **LINE,
            reference_price=ReferencePrice(amount=Decimal(1)),
            brand="x",
            model="x",
            principal=Principal(identification_type="31", identification="900108281"),
            purchase=Purchase(on=DAY),
            aiu_contract="x",
            allowance_charges=(CHARGE,),
            taxes=(Tax(code="01"), Tax(code="ZZ", base=Decimal(0), name="x")),
        ),
        Line(**LINE, brand="x"),
    ),
)
# Whether it can be left out, and what it is in its refusal.
CALLED = {
    "invoice type 02": (False, "las facturas de exportación (tipo 02)"),
    "invoice type 03": (False, "las facturas transcritas de papel (tipo 03)"),
    "invoice type 04": (False, "las facturas de contingencia (tipo 04)"),
    "operation": (False, "este tipo de operación"),
    "exchange_rate": (True, "la tasa de cambio"),
    "prepayments": (True, "los anticipos"),
    "delivery_terms": (True, "los términos de entrega"),
    "period": (True, "el periodo"),
    "paper_invoice": (False, "la factura de papel"),
    "commercial_registration": (True, "la matrícula mercantil"),
    "economic_activity": (True, "la actividad económica"),
    "reference_price": (True, "el precio de referencia de lo que se entrega gratis"),
    "brand": (True, "la marca de una línea"),
    "model": (True, "el modelo de una línea"),
    "principal": (False, "el mandante de una línea"),
    "purchase": (True, "la fecha de compra de una línea"),
    "aiu_contract": (True, "el objeto de un contrato AIU"),
    "allowance_charges": (False, "varios cargos o descuentos en una línea"),
    "tax base": (False, "un impuesto sobre otra base que el valor de la línea"),
    "tax name": (False, "el nombre de un impuesto"),
}


def test_an_ordinary_sale_has_no_feature() -> None:
    assert list(extras.extras(PLAIN)) == []
    assert list(extras.extras(PLAIN.model_copy(update={"invoice_type": "01"}))) == []


def test_every_feature_is_told_once_for_each_place_document_first_then_party_then_lines() -> None:
    assert list(extras.extras(RICH)) == [
        ("invoice type 02", "invoice_type"),
        ("operation", "operation"),
        ("exchange_rate", "exchange_rate"),
        ("prepayments", "prepayments"),
        ("delivery_terms", "delivery_terms"),
        ("period", "period"),
        ("paper_invoice", "paper_invoice"),
        ("commercial_registration", "counterparty.commercial_registration"),
        ("economic_activity", "counterparty.economic_activity"),
        ("reference_price", "lines.0.reference_price"),
        ("brand", "lines.0.brand"),
        ("model", "lines.0.model"),
        ("principal", "lines.0.principal"),
        ("purchase", "lines.0.purchase"),
        ("aiu_contract", "lines.0.aiu_contract"),
        ("allowance_charges", "lines.0.allowance_charges"),
        ("tax base", "lines.0.taxes.1.base"),
        ("tax name", "lines.0.taxes.1.name"),
        ("brand", "lines.1.brand"),
    ]


def test_a_feature_is_found_in_a_line_that_is_ordinary_but_for_it() -> None:
    (said, *_), (tax, named) = RICH.lines, RICH.lines[0].taxes
    # A text, where the document above does not say the feature: one that is declared tomorrow is found too.
    alone = [
        (extra.feature or name, {name: getattr(said, name) or "x"})
        for name, extra in extras.declared(Line).items()
    ]
    for name, extra in extras.declared(Tax).items():
        taxes = (tax.model_copy(update={"percent": Decimal(19), name: getattr(named, name)}),)
        alone.append((extra.feature or name, {"taxes": taxes}))

    for feature, facts in alone:
        lines = (*PLAIN.lines, PLAIN.lines[0].model_copy(update=facts))
        found = extras.extras(PLAIN.model_copy(update={"lines": lines}))
        assert [name for name, path in found if path.startswith("lines.1.")] == [feature]


def test_every_feature_has_its_sentence() -> None:
    for feature, (may_be_left_out, what) in CALLED.items():
        todo = "omítalo, o emítalo" if may_be_left_out else "emítalo"
        assert extras.refusal(feature, PLAIN, "Factus", is_written=True) == (
            f"Factus no tiene dónde decir {what}: {todo} con otro proveedor."
        )
        assert extras.refusal(feature, PLAIN, "Factus", is_written=False) == (
            f"Cauce todavía no envía {what} a Factus: {todo} con otro proveedor."
        )


def test_no_feature_is_lost_and_none_has_two_meanings() -> None:
    assert CALLED.keys() <= extras.ALL

    declared = [each for model in (Document, Party, Line, Tax) for each in extras.declared(model).items()]
    names = [extra.feature or field for field, extra in declared]
    assert len(names) == len(set(names)) and set(names) <= extras.ALL
    assert all(extra.called for _, extra in declared)
