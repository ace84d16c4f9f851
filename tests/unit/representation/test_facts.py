"""What each kind of document shows, read from the PDF by another library than the one that wrote it."""

from datetime import date
from decimal import Decimal

import pytest

from cauce.domain import catalogs
from cauce.domain.document import (
    AllowanceCharge,
    BillingPeriod,
    DeliveryTerms,
    ExchangeRate,
    Kind,
    OrderReference,
    PaperInvoice,
    Payment,
    Prepayment,
    Principal,
    Purchase,
    ReferencePrice,
    Tax,
    Withholding,
)
from cauce.domain.errors import NotFound
from cauce.domain.issuer import Environment, Issuer
from cauce.domain.outcome import Number
from cauce.domain.record import Contingency, State
from tests.unit.dian import builders
from tests.unit.dian.builders import CUFE, FOREIGNER, ISSUED_AT, a_document, a_line
from tests.unit.representation.drawn import accepted, drawn, shown
from tests.unit.representation.reading import symbols, words

PRODUCTION = "https://catalogo-vpfe.dian.gov.co/document/searchqr?documentkey="


def assert_says(pdf: bytes, *sentences: str) -> None:
    text = words(pdf)
    assert [sentence for sentence in sentences if sentence not in text] == []


def test_an_invoice_states_what_the_rule_asks_for() -> None:
    lines = (
        a_line(description="Repuesto motocicleta", quantity=Decimal("2")),
        a_line(
            code="SERV-010", description="Mano de obra", quantity=Decimal(1), price=Decimal(25000), unit="HUR",
            discount_percent=Decimal(10), withholdings=(Withholding(code="06", percent=Decimal("2.5")),),
        ),
        a_line(code="ARROZ", description="Arroz", quantity=Decimal(1), price=Decimal(1000), unit="KGM",
               taxes=(Tax(code="01", percent=Decimal(5)),)),
    )  # fmt: skip
    payment = Payment(form="2", means="47", due_date=date(2026, 6, 9))

    pdf = drawn(a_document(lines=lines, payment=payment, notes=("Entregar en portería.",)))

    assert_says(
        pdf,
        "Factura electrónica de venta",
        "SETP990000001",
        "Documento validado por la DIAN",
        # who sells, and in what quality
        "Ñandú & Cía. S.A.S.",
        "NIT 900.123.456-8",
        "O-13 Gran contribuyente · O-15 Autorretenedor",
        "Carrera 7 # 1-20, Bogotá, D.C.",
        # who buys
        "Compradora S.A.",
        "NIT 800.199.436-4",
        "O-47 Régimen simple de tributación",
        "Calle 50 # 30-20, Medellín, Antioquia",
        # when, and how it is paid
        "Fecha y hora de generación 2026-05-10 15:30:05",
        "Fecha y hora de validación 2026-05-10 15:30:09",
        "Forma de pago Crédito",
        "Fecha de vencimiento 2026-06-09",
        "COP · Peso colombiano",
        # the lines
        "PROD-001 Repuesto motocicleta 2 Unidad 50.000,00 IVA 19 % 19.000,00 100.000,00",
        "SERV-010 Mano de obra 1 Hora 25.000,00 10 % 2.500,00 IVA 19 % 4.275,00 22.500,00",
        "Kilogramo",
        "Número de líneas 3",
        # taxes apart by tribute and rate, then withholdings
        "IVA 19 % 122.500,00 23.275,00",
        "IVA 5 % 1.000,00 50,00",
        "ReteRenta 2,5 % 22.500,00 562,50",
        # the total, in figures and in words
        "Subtotal 123.500,00",
        "Total a pagar COP 146.825,00",
        "Retenciones (informativas) −562,50",
        "Neto después de retenciones 146.262,50",
        "Ciento cuarenta y seis mil ochocientos veinticinco pesos colombianos con 00/100",
        "Autorización de numeración DIAN n.º 18760000001, vigente del 2019-01-19 al 2030-01-19: prefijo SETP, "
        "del 990000000 al 995000000.",
        f"CUFE: {CUFE}",
        "Entregar en portería.",
        "Página 1 de 1",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "title", "number", "scheme"),
    [
        (Kind.CREDIT_NOTE, "Nota crédito de la factura electrónica de venta", "NC990000001", "CUDE"),
        (Kind.DEBIT_NOTE, "Nota débito de la factura electrónica de venta", "ND990000001", "CUDE"),
        (Kind.SUPPORT_DOCUMENT, "Documento soporte en adquisiciones efectuadas a sujetos no obligados a expedir "
         "factura de venta o documento equivalente", "SEDS984000001", "CUDS"),
        (Kind.ADJUSTMENT_NOTE, "Nota de ajuste del documento soporte en adquisiciones efectuadas a sujetos no "
         "obligados a expedir factura de venta o documento equivalente", "NA990000001", "CUDS"),
    ],
)  # fmt: skip
def test_every_kind_has_its_title_number_and_identifier(
    kind: Kind, title: str, number: str, scheme: str
) -> None:
    assert_says(drawn(a_document(kind)), title, number, f"{scheme}: {CUFE}")


@pytest.mark.parametrize("kind", [Kind.CREDIT_NOTE, Kind.DEBIT_NOTE, Kind.ADJUSTMENT_NOTE])
def test_a_note_says_what_it_corrects_and_why(kind: Kind) -> None:
    names = {
        Kind.CREDIT_NOTE: (
            "Factura de referencia",
            "CUFE de la factura",
            "3 · Rebaja o descuento parcial o total",
        ),
        Kind.DEBIT_NOTE: ("Factura de referencia", "CUFE de la factura", "3 · Cambio del valor"),
        Kind.ADJUSTMENT_NOTE: (
            "Documento soporte de referencia",
            "CUDS",
            "3 · Rebaja o descuento parcial o total",
        ),
    }
    document, identifier, concept = names[kind]

    pdf = drawn(a_document(kind))

    assert_says(
        pdf,
        f"{document} SETP990000001 del 2026-05-01",
        f"{identifier} {CUFE}",
        f"Concepto {concept}",
        "Motivo Rebaja",
        "Total de la nota",
    )


@pytest.mark.parametrize("code", ["5", "6"])
def test_a_concept_that_providers_read_in_two_ways_is_said_by_its_code_and_the_issuers_words(
    code: str,
) -> None:
    reason = a_document(Kind.CREDIT_NOTE).reason
    assert reason is not None
    document = a_document(Kind.CREDIT_NOTE, reason=reason.model_copy(update={"code": code}))

    assert_says(drawn(document), f"Concepto {code} Motivo Rebaja")


def test_a_note_without_an_invoice_says_its_period() -> None:
    period = BillingPeriod(start=date(2026, 4, 1), end=date(2026, 4, 30))

    assert_says(
        drawn(a_document(Kind.CREDIT_NOTE, billing_reference=None, period=period)), "2026-04-01 a 2026-04-30"
    )


def test_in_a_support_document_the_issuer_buys_and_the_other_side_sells() -> None:
    purchase = Purchase(on=date(2026, 5, 9), form="2")
    line = a_line(taxes=(), purchase=purchase, withholdings=(Withholding(code="06", percent=Decimal("3.5")),))

    sheet = shown(accepted(a_document(Kind.SUPPORT_DOCUMENT, lines=(line,))))
    pdf = drawn(a_document(Kind.SUPPORT_DOCUMENT, lines=(line,)))

    assert (sheet.issuer.role, sheet.counterparty.role) == ("Adquiriente", "Vendedor no obligado a facturar")
    assert_says(
        pdf, "Alan Turing", "Cédula de ciudadanía 8.355.990", "Compra del 2026-05-09 (acumulado semanal)",
        "ReteRenta 3,5 % 100.000,00 3.500,00",
    )  # fmt: skip


def test_an_export_states_its_currency_its_rate_its_pesos_and_its_terms() -> None:
    rate = ExchangeRate(currency="USD", rate=Decimal("4012.35"), on=date(2026, 5, 10))
    line = a_line(
        quantity=Decimal(1250), price=Decimal("7.85"), unit="KGM", brand="Sierra", model="Excelso",
        taxes=(Tax(code="01", percent=Decimal(0)),),
    )  # fmt: skip
    terms = DeliveryTerms(incoterm="FOB", text="Cartagena")
    document = a_document(
        invoice_type="02", counterparty=FOREIGNER, currency="USD", exchange_rate=rate, delivery_terms=terms,
        lines=(line,),
    )  # fmt: skip

    assert_says(
        drawn(document),
        "Exportación",
        "NIT de otro país US-99-1234567",
        "1 Main Street, Miami, Florida, Estados Unidos",
        "1 USD = 4.012,35 COP, del 2026-05-10",
        "FOB Franco a bordo · Cartagena",
        "Marca: Sierra · Modelo: Excelso",
        "Total a pagar USD 9.812,50",
        "Equivale a COP 39.371.184,38",
        "Nueve mil ochocientos doce dólares estadounidenses con 50/100",
        "IVA 0 % 9.812,50 0,00",
    )


def test_a_document_in_pesos_may_state_its_total_in_another_currency_too() -> None:
    rate = ExchangeRate(currency="USD", rate=Decimal(4000), on=date(2026, 5, 10))

    assert_says(drawn(a_document(exchange_rate=rate)), "Total a pagar COP 119.000,00 Equivale a USD 29,75")


def test_what_is_transcribed_from_paper_names_the_paper_and_has_a_cude() -> None:
    paper = PaperInvoice(number="T-17", issue_date=date(2026, 5, 8))

    assert_says(
        drawn(a_document(invoice_type="03", paper_invoice=paper)),
        "Contingencia del facturador: transcripción de factura de talonario o de papel",
        "Factura de papel T-17 del 2026-05-08",
        f"CUDE: {CUFE}",
    )


def test_one_issued_in_contingency_says_so_and_whether_dian_has_validated_it() -> None:
    legend = "Factura expedida en contingencia por inconvenientes tecnológicos de la DIAN (tipo 04)."
    contingency = Contingency(since=ISSUED_AT, ordinary_issued_at=ISSUED_AT)

    before = drawn(a_document(), state=State.RECEIVED, contingency=contingency, validated_at=None)
    after = drawn(a_document(), contingency=contingency)
    overtaken = drawn(a_document(), contingency=contingency.model_copy(update={"void_uuid": "0" * 96}))

    assert_says(before, legend, "Se transmitirá a la DIAN para su validación", "Pendiente de validación")
    assert "validado por la DIAN" not in words(before)
    assert_says(after, legend, "Documento validado por la DIAN")
    assert "contingencia" not in words(overtaken)


def test_discounts_charges_and_prepayments_of_the_whole_document_are_apart_from_its_taxes() -> None:
    document = a_document(
        allowance_charges=(
            AllowanceCharge(is_charge=False, reason_code="01", reason="Pronto pago", amount=Decimal(10000),
                            base_amount=Decimal(100000), percent=Decimal(10)),
            AllowanceCharge(is_charge=True, reason_code="03", reason="Servicio", amount=Decimal(5000)),
        ),
        prepayments=(Prepayment(amount=Decimal(50000), received_date=date(2026, 5, 1), reference="RC-99"),),
    )  # fmt: skip

    assert_says(
        drawn(document),
        "Descuento condicionado:",
        "10 % 100.000,00 −10.000,00",
        "Descuentos −10.000,00",
        "Cargos 5.000,00",
        "Total con impuestos 119.000,00",
        "Total a pagar COP 114.000,00",
        "RC-99 2026-05-01 50.000,00",
    )


def test_whatever_else_a_line_says_stands_under_its_description() -> None:
    charge = AllowanceCharge(is_charge=True, reason_code="02", reason="Flete", amount=Decimal(1500))
    lines = (
        a_line(standard="010", code="7702011111111", note="Caja x 12", allowance_charges=(charge,)),
        a_line(price=Decimal(0), reference_price=ReferencePrice(amount=Decimal(12000))),
        a_line(principal=Principal(identification_type="31", identification="800199436", check_digit="4")),
        a_line(aiu_contract="aseo"),
        a_line(taxes=(Tax(code="34", per_unit_amount=Decimal(65), base_units=Decimal(9600), unit="MLT"),)),
    )

    assert_says(
        drawn(a_document(lines=lines)),
        "Código GTIN",
        "Caja x 12",
        "Cargo: Flete: 1.500,00",
        "Sin costo. Valor comercial: 12.000,00 por unidad",
        "Ingreso recibido para el mandante NIT",
        "800.199.436-4",
        "Contrato de servicios AIU por concepto de: aseo",
        "IBUA: 65,00 por 100",
        "6.240,00",
    )


def test_the_final_consumer_is_named_as_the_rule_wants() -> None:
    consumer = builders.PERSON.model_copy(
        update={"name": "Consumidor final", "identification": catalogs.FINAL_CONSUMER}
    )

    assert_says(drawn(a_document(counterparty=consumer)), "Consumidor final 222222222222")


def test_an_order_is_shown_with_its_date() -> None:
    order = OrderReference(number="OC-7781", issue_date=date(2026, 5, 2))

    assert_says(drawn(a_document(order_reference=order)), "Orden de compra OC-7781 del 2026-05-02")


def test_a_trial_document_says_that_it_is_none() -> None:
    trial, real = drawn(a_document(), Environment.TEST), drawn(a_document())

    assert_says(
        trial, "Documento de prueba, emitido en el ambiente de habilitación de la DIAN: no tiene validez."
    )
    assert "prueba" not in words(real)


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.EVENT])
def test_the_qr_says_the_key_facts_and_where_dian_shows_the_document(kind: Kind) -> None:
    tax = () if kind in (Kind.SUPPORT_DOCUMENT, Kind.ADJUSTMENT_NOTE) else (
        Tax(code="01", percent=Decimal(19)), Tax(code="04", percent=Decimal(8)),
    )  # fmt: skip
    kept = accepted(a_document(kind, lines=(a_line(taxes=tax),)))

    ((symbol,),) = symbols(drawn(kept.document))

    if tax:
        expected = [
            f"NumFac: {kept.number}", "FecFac: 2026-05-10", "HorFac: 15:30:05-05:00", "NitFac: 900123456",
            "DocAdq: 800199436", "ValFac: 100000.00", "ValIva: 19000.00", "ValOtroIm: 8000.00",
            "ValTolFac: 127000.00", f"{'CUFE' if kind is Kind.INVOICE else 'CUDE'}: {CUFE}",
        ]  # fmt: skip
    else:
        expected = [
            f"NumDS: {kept.number}", "FecDS: 2026-05-10", "HorDS: 15:30:05-05:00", "NumSNO: 8355990",
            "NITABS: 900123456", "ValDS: 100000.00", "ValIva: 0.00", "ValTolDS: 100000.00", f"CUDS: {CUFE}",
        ]  # fmt: skip
    assert symbol.text == "\n".join([*expected, PRODUCTION + CUFE])


def test_a_trials_qr_leads_to_where_trials_are_shown() -> None:
    ((symbol,),) = symbols(drawn(a_document(), Environment.TEST))

    assert symbol.text.endswith(f"https://catalogo-vpfe-hab.dian.gov.co/document/searchqr?documentkey={CUFE}")


def test_an_issuer_that_nobody_described_is_known_by_its_name_and_nit() -> None:
    undescribed = Issuer(nit="901724254", check_digit="1", uuid="u", number=1, name="MI EMPRESA SAS")

    sheet = shown(accepted(a_document(), range=None), undescribed)

    assert (sheet.issuer.name, sheet.issuer.identification, sheet.issuer.lines) == (
        "MI EMPRESA SAS",
        "NIT 901.724.254-1",
        (),
    )
    assert sheet.numbering is None


@pytest.mark.parametrize("missing", ["number", "uuid"])
def test_without_a_number_or_an_identifier_there_is_nothing_to_show(missing: str) -> None:
    kept = accepted(a_document()).model_copy(update={missing: None})

    with pytest.raises(NotFound):
        shown(kept)


def test_a_number_without_a_prefix_is_a_number_all_the_same() -> None:
    kept = accepted(a_document(), number=Number(prefix="", consecutive=17))

    assert shown(kept).number == "17"
