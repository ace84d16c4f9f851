"""What cannot be written exactly is refused under the contract's own field, before a number is spent."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from cauce.domain.document import (
    AllowanceCharge,
    DeliveryTerms,
    Document,
    ExchangeRate,
    Kind,
    PaperInvoice,
    Payment,
    Prepayment,
    Principal,
    Purchase,
    Reason,
    ReferencePrice,
    Tax,
    Withholding,
)
from cauce.domain.errors import InvalidDocument, Unsupported
from cauce.domain.event import EventCode
from cauce.ubl import event
from cauce.ubl.canonical import declarations, document
from cauce.ubl.document import build
from cauce.ubl.refusals import refuse
from tests.unit.dian.builders import BUYER, DOCUMENTS, SELLER, a_document, a_line, an_event, numbered

INVOICE, CREDIT, DEBIT, SUPPORT, ADJUSTMENT = (
    Kind.INVOICE,
    Kind.CREDIT_NOTE,
    Kind.DEBIT_NOTE,
    Kind.SUPPORT_DOCUMENT,
    Kind.ADJUSTMENT_NOTE,
)
DOLLARS = ExchangeRate(currency="USD", rate=Decimal(3100), on=date(2026, 5, 10))
PAPER = PaperInvoice(number="T-1", issue_date=date(2026, 5, 9))
FREE = ReferencePrice(amount=Decimal(100))
RENTA = (Withholding(code="06", percent=Decimal("2.5")),)


def header(kind: Kind = INVOICE, **changes: Any) -> Callable[[], Document]:
    return lambda: a_document(kind, **changes)


def line(kind: Kind = INVOICE, **changes: Any) -> Callable[[], Document]:
    return lambda: a_document(kind, lines=(a_line(), a_line(**changes)))


def tax(kind: Kind = INVOICE, **facts: Any) -> Callable[[], Document]:
    return line(kind, taxes=(Tax(**facts),))


@pytest.mark.parametrize(
    "given, refusal, field",
    [
        (header(lines=()), InvalidDocument, "lineas"),
        (header(invoice_type="05"), InvalidDocument, "factura.tipo"),
        (header(CREDIT, invoice_type="01"), Unsupported, "factura.tipo"),
        (header(invoice_type="03"), InvalidDocument, "factura_papel"),
        (header(paper_invoice=PAPER), InvalidDocument, "factura_papel"),
        (header(operation="20"), InvalidDocument, "factura.operacion"),
        (header(operation="SS-CUFE"), InvalidDocument, "factura.operacion"),
        (header(CREDIT, operation="22"), InvalidDocument, "factura.operacion"),
        (header(delivery_terms=DeliveryTerms(incoterm="XXX")), InvalidDocument, "entrega.incoterm"),
        (header(SUPPORT, delivery_terms=DeliveryTerms(incoterm="FOB")), Unsupported, "entrega"),
        (header(currency="USD"), InvalidDocument, "tasa_cambio"),
        (header(currency="EUR", exchange_rate=DOLLARS), InvalidDocument, "tasa_cambio.moneda"),
        (
            header(exchange_rate=DOLLARS.model_copy(update={"currency": "COP"})),
            InvalidDocument,
            "tasa_cambio.moneda",
        ),
        (header(payment=Payment(form="2")), InvalidDocument, "pago.vencimiento"),
        (
            header(CREDIT, prepayments=(Prepayment(amount=Decimal(1), received_date=date(2026, 1, 1)),)),
            Unsupported,
            "anticipos",
        ),
        (header(CREDIT, reason=None), InvalidDocument, "motivo"),
        (header(CREDIT, billing_reference=None), InvalidDocument, "periodo"),
        (header(ADJUSTMENT, billing_reference=None), InvalidDocument, "documento_referencia"),
        (
            lambda: DOCUMENTS["credit note without reference"].model_copy(
                update={"reason": Reason(code="2", text="Anulación")}
            ),
            InvalidDocument,
            "factura_referencia",
        ),
        (
            header(counterparty=BUYER.model_copy(update={"identification": "800-1"})),
            InvalidDocument,
            "adquiriente.numero_documento",
        ),
        (
            header(counterparty=BUYER.model_copy(update={"municipality": "99999"})),
            InvalidDocument,
            "adquiriente.codigo_municipio",
        ),
        (
            header(counterparty=BUYER.model_copy(update={"country": "XX"})),
            InvalidDocument,
            "adquiriente.pais",
        ),
        (
            header(counterparty=BUYER.model_copy(update={"tax_scheme": "99"})),
            InvalidDocument,
            "adquiriente.tributo",
        ),
        (
            header(SUPPORT, counterparty=SELLER.model_copy(update={"address": None})),
            InvalidDocument,
            "vendedor.direccion",
        ),
        (
            header(SUPPORT, counterparty=SELLER.model_copy(update={"municipality": None})),
            InvalidDocument,
            "vendedor.codigo_municipio",
        ),
        (line(CREDIT, withholdings=RENTA), Unsupported, "lineas.1.retenciones"),
        (line(DEBIT, withholdings=RENTA), Unsupported, "lineas.1.retenciones"),
        (line(ADJUSTMENT, withholdings=RENTA), Unsupported, "lineas.1.retenciones"),
        (line(DEBIT, price=Decimal(0), reference_price=FREE), Unsupported, "lineas.1.precio_referencia"),
        (line(reference_price=FREE), InvalidDocument, "lineas.1.precio"),
        (
            line(price=Decimal(0), reference_price=ReferencePrice(amount=Decimal(1), type="09")),
            InvalidDocument,
            "lineas.1.precio_referencia.tipo",
        ),
        (line(purchase=Purchase(on=date(2026, 5, 1))), Unsupported, "lineas.1.compra"),
        (
            line(SUPPORT, purchase=Purchase(on=date(2026, 5, 1), form="3")),
            InvalidDocument,
            "lineas.1.compra.forma",
        ),
        (
            line(SUPPORT, principal=Principal(identification_type="31", identification="1")),
            Unsupported,
            "lineas.1.mandante",
        ),
        (line(CREDIT, aiu_contract="aseo de las sedes"), Unsupported, "lineas.1.contrato_aiu"),
        (line(standard="002"), InvalidDocument, "lineas.1.estandar"),
        (tax(code="01", percent=Decimal("19.125")), Unsupported, "lineas.1.impuestos.0.porcentaje"),
        (tax(code="99", percent=Decimal(1)), Unsupported, "lineas.1.impuestos.0.codigo"),
        (tax(code="ZZ", percent=Decimal(1)), InvalidDocument, "lineas.1.impuestos.0.nombre"),
        (
            tax(code="22", per_unit_amount=Decimal(1), base_units=Decimal(1)),
            InvalidDocument,
            "lineas.1.impuestos.0.unidad",
        ),
        (tax(SUPPORT, code="04", percent=Decimal(8)), Unsupported, "lineas.1.impuestos.0.codigo"),
        (
            line(SUPPORT, withholdings=(Withholding(code="07", percent=Decimal(1)),)),
            Unsupported,
            "lineas.1.retenciones.0.codigo",
        ),
        (
            line(withholdings=(Withholding(code="06", percent=Decimal("0.125")),)),
            Unsupported,
            "lineas.1.retenciones.0.porcentaje",
        ),
    ],
)
def test_it_is_refused_under_its_field(given: Callable[[], Document], refusal: type[Exception], field: str):
    with pytest.raises(refusal) as found:
        refuse(given())
    assert list(found.value.fields) == [field]


BELL = "\x07"


@pytest.mark.parametrize(
    "given, field",
    [
        (header(notes=("bien", BELL)), "observaciones.1"),
        (header(counterparty=BUYER.model_copy(update={"name": BELL})), "adquiriente.razon_social"),
        (header(SUPPORT, counterparty=SELLER.model_copy(update={"city": BELL})), "vendedor.ciudad"),
        (header(CREDIT, reason=Reason(code="3", text=BELL)), "motivo.descripcion"),
        (line(description=f"Cosa{BELL}"), "lineas.1.descripcion"),
        (line(brand=BELL), "lineas.1.marca"),
        (tax(code="ZZ", name=BELL, percent=Decimal(1)), "lineas.1.impuestos.0.nombre"),
        (
            header(
                allowance_charges=(
                    AllowanceCharge(is_charge=True, reason_code="02", reason="Flete", amount=Decimal(1)),
                    AllowanceCharge(is_charge=False, reason_code="00", reason=BELL, amount=Decimal(1)),
                )
            ),
            "descuentos.0.descripcion",
        ),
    ],
)
def test_a_text_that_xml_cannot_carry_is_refused_under_its_field(given: Callable[[], Document], field: str):
    with pytest.raises(InvalidDocument) as found:
        build(numbered(given()))
    assert list(found.value.fields) == [field]


def test_a_text_that_xml_cannot_carry_is_refused_in_an_event_too():
    received = an_event(EventCode.RECEIPT)
    person = received.event.person.model_copy(update={"names": BELL})
    with pytest.raises(InvalidDocument) as found:
        event.build(replace(received, event=received.event.model_copy(update={"person": person})))
    assert list(found.value.fields) == ["quien_recibio_documento.nombres"]

    with pytest.raises(InvalidDocument):
        event.build(an_event(EventCode.ACCEPTANCE, other=BUYER.model_copy(update={"name": BELL})))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_nothing_valid_is_refused(name: str):
    built = build(numbered(DOCUMENTS[name]))

    assert b"</cbc:UUID>" in document(built.root, declarations(built.namespaces))
