"""From the contract's words to the domain's: each field of seeds 001 and 002, and each addition."""

from datetime import date, time
from decimal import Decimal

import pytest

from cauce.contracts.v1 import contract
from cauce.contracts.v1.requests import REQUESTS
from cauce.domain.document import BillingReference, Kind, OrderReference, Payment, Reason, Tax, Withholding
from cauce.domain.errors import InvalidDocument
from cauce.domain.totals import totals

from .examples import (
    CUFE,
    EXAMPLES,
    REMOVED,
    a_credit_note,
    a_support_document,
    an_adjustment_note,
    an_invoice,
)


@pytest.mark.parametrize("kind", REQUESTS)
def test_every_kind_has_a_request_that_is_accepted(kind):
    assert contract.document(kind, EXAMPLES[kind]()).kind is kind


def test_seed_002s_invoice_becomes_a_document_field_by_field():
    found = contract.document(
        Kind.INVOICE, an_invoice(factura__fecha="2026-05-10", factura__hora="15:30:00-05:00")
    )

    assert (found.issue_date, found.issue_time) == (date(2026, 5, 10), time(15, 30))
    buyer = found.counterparty
    assert buyer.model_dump(exclude_defaults=True) == {
        "person_type": "2",
        "identification_type": "13",
        "identification": "52123987",
        "name": "Lucía Ramírez",
        "email": "lucia@example.com",
        "address": "Carrera 7 # 12-34",
        "municipality": "11001",
    }
    assert buyer.responsibilities == ("R-99-PN",)
    first, second = found.lines
    assert (first.code, first.description, first.quantity, first.price) == (
        "CAF-500",
        "Café molido 500 g",
        2,
        50000,
    )
    assert first.unit == "94"
    assert first.taxes == (Tax(code="01", percent=Decimal(19)),)
    assert second.discount_percent == 10


def test_seed_002s_example_adds_up_to_its_published_totals():
    found = totals(contract.document(Kind.INVOICE, an_invoice()))

    assert (found.line_extension, found.tax_of("01"), found.payable) == (122500, 23275, 145775)


def test_seed_001s_support_document_becomes_a_document_field_by_field():
    found = contract.document(Kind.SUPPORT_DOCUMENT, a_support_document())

    assert (found.reference, found.prefix) == ("REF0017", "SEDS")
    assert found.payment == Payment(form="1", means="10")
    assert found.notes == ()
    assert found.resident
    assert found.counterparty.model_dump(exclude_defaults=True) == {
        "person_type": "2",
        "identification_type": "31",
        "identification": "123456789",
        "check_digit": "6",
        "name": "Alan Turing",
        "phone": "1234567890",
        "address": "calle 1 # 2-68",
        "municipality": "68679",
    }
    first, second = found.lines
    assert first.discount_percent == 20
    assert first.withholdings == (Withholding(code="06", percent=Decimal("3.50")),)
    assert second.discount_percent is None
    assert first.taxes == second.taxes == ()
    assert totals(found).payable == Decimal("90000.00")


def test_a_seller_abroad_makes_the_document_non_resident():
    body = a_support_document(
        vendedor__pais="US",
        vendedor__codigo_municipio=REMOVED,
        vendedor__tipo_documento="42",
        vendedor__dv=REMOVED,
    )

    assert not contract.document(Kind.SUPPORT_DOCUMENT, body).resident


def test_a_note_names_the_invoice_it_corrects_and_why():
    found = contract.document(Kind.CREDIT_NOTE, a_credit_note(factura_referencia__cufe=CUFE.upper()))

    assert found.billing_reference == BillingReference(
        number="SETP990000011", uuid=CUFE, issue_date=date(2026, 5, 10)
    )
    assert found.reason == Reason(code="2", text="Anulación por error en el valor unitario")


@pytest.mark.parametrize("field", ["documento_referencia", "factura_referencia"])
@pytest.mark.parametrize("code", ["cuds", "cufe"])
def test_an_adjustment_note_names_its_support_document_in_either_style(field, code):
    body = an_adjustment_note(documento_referencia=REMOVED)
    body[field] = {"numero": "SEDS984000021", code: CUFE, "fecha": "2026-05-10"}

    found = contract.document(Kind.ADJUSTMENT_NOTE, body).billing_reference
    assert found is not None
    assert (found.number, found.uuid) == ("SEDS984000021", CUFE)


@pytest.mark.parametrize(
    "written", [50000, "50000", "50000.00", Decimal("50000.000"), Decimal("5E+4"), 50000.0]
)
def test_money_is_a_number_or_text_and_always_the_same_decimal(written):
    found = contract.document(Kind.INVOICE, an_invoice(lineas__0__precio=written))

    assert str(found.lines[0].price) == "50000"


def test_codes_without_leading_zeros_may_be_numbers():
    body = a_credit_note(
        adquiriente__tipo_persona=2,
        adquiriente__tipo_documento=13,
        motivo__codigo=2,
        pago={"forma": 1, "medio": 47},
    )

    found = contract.document(Kind.CREDIT_NOTE, body)
    assert found.counterparty.identification_type == "13"
    assert found.payment.means == "47"


def test_zero_vat_is_exempt_and_an_excluded_line_has_no_tax_at_all():
    exempt, excluded = (
        contract.document(Kind.INVOICE, an_invoice(**change)).lines[0].taxes
        for change in ({"lineas__0__iva_pct": 0}, {"lineas__0__iva_pct": 0, "lineas__0__excluido": True})
    )

    assert exempt == (Tax(code="01", percent=Decimal(0)),)
    assert excluded == ()


def test_other_taxes_are_listed_instead_of_the_vat_percentage():
    body = an_invoice(
        lineas__0__iva_pct=REMOVED,
        lineas__0__impuestos=[
            {"codigo": "01", "porcentaje": 19},
            {"codigo": "34", "valor_unitario": 55, "unidades": 500, "unidad": "MLT"},
        ],
    )

    vat, sweetened = contract.document(Kind.INVOICE, body).lines[0].taxes
    assert vat == Tax(code="01", percent=Decimal(19))
    assert sweetened == Tax(code="34", per_unit_amount=Decimal(55), base_units=Decimal(500), unit="MLT")


def test_everything_that_cauce_adds_reaches_the_document():
    body = an_invoice(
        referencia="PEDIDO/2026-17",
        prefijo="SETP",
        factura={"fecha": "2026-05-10"},
        pago={"forma": "2", "medio": "47", "vencimiento": "2026-06-10"},
        moneda="USD",
        tasa_cambio={"valor": "4000.50", "fecha": "2026-05-09"},
        orden={"numero": "OC-9", "fecha": "2026-05-01"},
        observaciones=["Entregar en portería", " "],
        enviar_correo=False,
        adquiriente__responsabilidad_fiscal="O-13;O-15",
        adquiriente__nombre_comercial="Tienda Lucía",
        adquiriente__telefono="601 555 0000",
        adquiriente__codigo_postal="110111",
        adquiriente__tributo="01",
        lineas__0__nota="Lote 7",
        lineas__0__retenciones=[{"codigo": "05", "porcentaje": 15}],
    )

    found = contract.document(Kind.INVOICE, body)
    assert (found.reference, found.prefix, found.currency) == ("PEDIDO/2026-17", "SETP", "USD")
    assert found.payment == Payment(form="2", means="47", due_date=date(2026, 6, 10))
    assert found.order_reference == OrderReference(number="OC-9", issue_date=date(2026, 5, 1))
    assert found.notes == ("Entregar en portería",)
    assert found.notify is False
    buyer = found.counterparty
    assert buyer.responsibilities == ("O-13", "O-15")
    assert buyer.tax_scheme == "01"
    assert (buyer.trade_name, buyer.phone, buyer.postal_code) == ("Tienda Lucía", "601 555 0000", "110111")
    assert found.lines[0].note == "Lote 7"
    assert found.lines[0].withholdings[0].code == "05"


def test_a_percentage_on_the_document_is_of_the_lines_before_taxes():
    body = an_invoice(
        cargos=[{"descripcion": "Propina", "codigo": "03", "porcentaje": 10}],
        descuentos=[{"descripcion": "Pronto pago", "valor": "2500.50"}],
    )

    found = contract.document(Kind.INVOICE, body)
    tip, discount = found.allowance_charges
    assert (tip.is_charge, tip.reason_code, tip.amount, tip.base_amount) == (True, "03", 12250, 122500)
    assert (discount.is_charge, discount.reason_code, discount.amount) == (False, "01", Decimal("2500.5"))
    assert totals(found).payable == Decimal("155524.50")


def test_null_and_blank_optional_fields_are_absent_ones():
    blank = an_invoice(
        factura=None,
        pago=None,
        cargos=None,
        observaciones=None,
        lineas__0__impuestos=None,
        adquiriente__dv=" ",
    )

    assert contract.document(Kind.INVOICE, blank) == contract.document(Kind.INVOICE, an_invoice())


def test_text_is_stripped():
    found = contract.document(Kind.INVOICE, an_invoice(adquiriente__razon_social="  Lucía Ramírez \n"))

    assert found.counterparty.name == "Lucía Ramírez"


def test_a_missing_check_digit_is_computed():
    body = an_invoice(adquiriente__tipo_documento="31", adquiriente__numero_documento="800197268")

    assert contract.document(Kind.INVOICE, body).counterparty.check_digit == "4"


@pytest.mark.parametrize(
    "kind, written, number, digit",
    [
        ("31", "800197268-4", "800197268", "4"),
        ("31", "800.197.268-4", "800197268", "4"),
        ("31", "800.197.268", "800197268", "4"),
        ("13", "1.023.456.789", "1023456789", None),
        ("13", "52.123", "52123", None),
        ("41", "AB-1.234", "AB-1.234", None),
    ],
)
def test_a_number_written_as_people_write_it_is_read_as_what_it_is(kind, written, number, digit):
    body = an_invoice(
        adquiriente__tipo_documento=kind,
        adquiriente__numero_documento=written,
        lineas__0__mandante={"tipo_documento": kind, "numero_documento": written},
    )

    found = contract.document(Kind.INVOICE, body)
    party, principal = found.counterparty, found.lines[0].principal

    assert (party.identification, party.check_digit) == (number, digit)
    assert principal is not None
    assert (principal.identification, principal.check_digit) == (number, digit)


@pytest.mark.parametrize(
    ("in_body", "in_header"), [("REF-1", None), (None, "REF-1"), ("REF-1", "REF-1"), (None, '"REF-1"')]
)
def test_the_reference_comes_from_the_body_or_the_header(in_body, in_header):
    found = contract.document(Kind.INVOICE, an_invoice(referencia=in_body), idempotency_key=in_header)

    assert found.reference == "REF-1"


# Of a buyer the identification suffices


@pytest.mark.parametrize(
    ("kind", "number", "person_type"),
    [
        ("13", "52123987", "2"),
        ("31", "900373115", "1"),
        ("31", "52123987", "2"),
        ("31", "1023456789", "2"),
        ("41", "AB123", "2"),
        ("50", "US-1", "1"),
    ],
)
def test_what_a_buyer_does_not_say_is_what_the_law_has_for_it(kind, number, person_type):
    party = {"tipo_documento": kind, "numero_documento": number}
    found = contract.document(Kind.INVOICE, an_invoice(adquiriente=party)).counterparty

    assert (found.person_type, found.responsibilities, found.tax_scheme) == (person_type, ("R-99-PN",), "ZZ")
    assert (found.name, found.email) == ("", None)


def test_the_final_consumer_is_known_by_number_and_is_the_same_document_as_with_its_name():
    said = {"tipo_documento": "13", "numero_documento": "222222222222"}
    whole = {
        **said,
        "tipo_persona": "2",
        "razon_social": "consumidor final",
        "responsabilidad_fiscal": "R-99-PN",
    }
    short, long = (contract.document(Kind.INVOICE, an_invoice(adquiriente=each)) for each in (said, whole))

    assert contract.content_hash(short) == contract.content_hash(long)


def test_names_and_surnames_that_were_typed_are_a_name():
    party = {
        "tipo_documento": "13",
        "numero_documento": "52123987",
        "nombres": "Lucía",
        "apellidos": "Ramírez",
    }

    found = contract.document(Kind.INVOICE, an_invoice(adquiriente=party)).counterparty

    assert found.name == "Lucía Ramírez"


def test_a_seller_says_all_of_itself():
    body = {
        **EXAMPLES[Kind.SUPPORT_DOCUMENT](),
        "vendedor": {"tipo_documento": "13", "numero_documento": "1"},
    }

    with pytest.raises(InvalidDocument) as refused:
        contract.document(Kind.SUPPORT_DOCUMENT, body)

    assert set(refused.value.fields) == {"vendedor.tipo_persona", "vendedor.razon_social"}
