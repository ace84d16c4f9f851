"""What the contract takes beyond an ordinary sale: each field reaches the document, and says when it may not."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from cauce.contracts.v1 import contract
from cauce.contracts.v1.names import OfContent, OfRequest, told
from cauce.domain.document import (
    AllowanceCharge,
    BillingPeriod,
    DeliveryTerms,
    Document,
    ExchangeRate,
    Kind,
    PaperInvoice,
    Prepayment,
    Principal,
    Purchase,
    ReferencePrice,
    Tax,
)
from cauce.domain.errors import InvalidDocument
from cauce.domain.extras import extras
from cauce.domain.totals import totals

from .examples import CUFE, EXAMPLES, REMOVED, an_invoice

RATE = {"moneda": "USD", "valor": "4000.50", "fecha": "2026-05-09"}
ABROAD = {
    "adquiriente__pais": "US",
    "adquiriente__codigo_municipio": REMOVED,
    "adquiriente__codigo_departamento": REMOVED,
}
WITHOUT_REFERENCE = {
    "factura_referencia": REMOVED,
    "periodo": {"desde": "2026-04-01", "hasta": "2026-04-30"},
    "motivo__codigo": "1",
}


def read(kind: Kind = Kind.INVOICE, **changes: Any) -> Document:
    return contract.document(kind, EXAMPLES[kind](**changes))


def refusal(kind: Kind = Kind.INVOICE, **changes: Any) -> dict[str, list[str]]:
    with pytest.raises(InvalidDocument) as raised:
        read(kind, **changes)
    return raised.value.fields


@pytest.mark.parametrize("kind", [Kind.CREDIT_NOTE, Kind.DEBIT_NOTE])
def test_a_note_without_reference_names_its_operation_and_the_period_it_corrects(kind):
    operation = "22" if kind is Kind.CREDIT_NOTE else "32"
    found = read(kind, **WITHOUT_REFERENCE, factura={"operacion": operation})

    assert found.billing_reference is None
    assert found.period == BillingPeriod(start=date(2026, 4, 1), end=date(2026, 4, 30))
    assert found.operation is None, "what it refers to says it"


@pytest.mark.parametrize(
    ("kind", "asked", "document"),
    [
        (Kind.INVOICE, {"operacion": "10"}, None),
        (Kind.INVOICE, {"operacion": "14"}, "14"),
        (Kind.CREDIT_NOTE, {"operacion": "20"}, None),
        (Kind.DEBIT_NOTE, {"operacion": "30"}, None),
        (Kind.SUPPORT_DOCUMENT, {"operacion": "10"}, None),
        (Kind.ADJUSTMENT_NOTE, {"operacion": "10"}, None),
    ],
)
def test_an_operation_is_kept_where_the_document_does_not_say_it_itself(kind, asked, document):
    assert read(kind, factura=asked).operation == document


def test_a_type_of_invoice_is_kept_unless_it_is_the_ordinary_one():
    assert read(factura={"tipo": "01"}).invoice_type is None
    assert read(factura={"tipo": "02"}).invoice_type == "02"


def test_a_transcribed_invoice_names_its_paper_one():
    found = read(factura={"tipo": "03"}, factura_papel={"numero": "T-17", "fecha": "2026-05-09"})

    assert found.paper_invoice == PaperInvoice(number="T-17", issue_date=date(2026, 5, 9))


def test_a_transcribed_invoice_may_be_due_before_it_is_transcribed():
    found = read(
        factura={"tipo": "03", "fecha": "2026-05-12"},
        factura_papel={"numero": "T-17", "fecha": "2026-05-09"},
        pago={"forma": "2", "vencimiento": "2026-05-11"},
    )

    assert found.payment.due_date == date(2026, 5, 11)


def test_a_document_abroad_has_a_rate_of_its_own_currency_and_one_in_pesos_chooses_it():
    rate = ExchangeRate(currency="USD", rate=Decimal("4000.5"), on=date(2026, 5, 9))

    assert read(moneda="USD", tasa_cambio=RATE).exchange_rate == rate
    assert read(moneda="USD", tasa_cambio={**RATE, "moneda": None}).exchange_rate == rate
    assert read(tasa_cambio=RATE).exchange_rate == rate


def test_prepayments_terms_of_delivery_and_period_reach_the_document():
    found = read(
        anticipos=[
            {"valor": "500.5", "fecha": "2026-05-01", "referencia": "RC-9", "descripcion": "Abono"},
            {"valor": 1, "fecha": "2026-05-02"},
        ],
        entrega={"incoterm": "FOB", "descripcion": "Puerto de Cartagena"},
        periodo={"desde": "2026-05-01", "hasta": "2026-05-01"},
    )

    paid = Prepayment(amount=Decimal("500.5"), received_date=date(2026, 5, 1), reference="RC-9", text="Abono")
    assert found.prepayments == (paid, Prepayment(amount=Decimal(1), received_date=date(2026, 5, 2)))
    assert found.delivery_terms == DeliveryTerms(incoterm="FOB", text="Puerto de Cartagena")
    assert found.period == BillingPeriod(start=date(2026, 5, 1), end=date(2026, 5, 1))
    assert totals(found).payable == totals(read()).payable


def test_charges_and_discounts_of_a_line_are_of_its_gross_and_change_what_is_taxed():
    found = read(
        lineas__0__cargos=[{"descripcion": "Empaque", "valor": 1000}],
        lineas__0__descuentos=[{"descripcion": "Cliente", "porcentaje": 10}],
    )

    charge, discount = found.lines[0].allowance_charges
    assert charge == AllowanceCharge(is_charge=True, reason_code="02", reason="Empaque", amount=Decimal(1000))
    assert (discount.reason_code, discount.amount, discount.base_amount) == ("00", 10000, 100000)
    first = totals(found).lines[0]
    assert (first.net, first.taxes[0].amount) == (91000, Decimal("17290.00"))


def test_what_is_given_for_free_has_a_reference_price():
    free = {"lineas__0__precio": 0, "lineas__0__precio_referencia": {"valor": 100, "tipo": "03"}}
    found = read(**free)

    assert found.lines[0].reference_price == ReferencePrice(amount=Decimal(100), type="03")
    assert read(lineas__0__precio=0, lineas__0__precio_referencia={"valor": 100}).lines[
        0
    ].reference_price == ReferencePrice(amount=Decimal(100))


def test_a_document_may_come_to_nothing_where_all_of_it_is_free():
    line = {"codigo": "A", "descripcion": "Muestra", "cantidad": 1, "precio": 0, "excluido": True}

    assert "mayor que 0" in refusal(lineas=[line])["lineas"][0]
    assert totals(read(lineas=[{**line, "precio_referencia": {"valor": 5}}])).payable == 0


def test_the_facts_of_a_line_reach_the_document():
    found = read(
        lineas__0__marca="Marca",
        lineas__0__modelo="X1",
        lineas__0__mandante={"tipo_documento": "31", "numero_documento": "900108281"},
        lineas__1__contrato_aiu="aseo de las sedes",
        lineas__1__iva_pct=REMOVED,
        lineas__1__impuestos=[
            {"codigo": "01", "porcentaje": 19, "base": 500},
            {"codigo": "ZZ", "porcentaje": 1, "nombre": "Tasa de prueba"},
        ],
    )

    first, second = found.lines
    assert (first.brand, first.model) == ("Marca", "X1")
    assert first.principal == Principal(identification_type="31", identification="900108281", check_digit="3")
    assert second.aiu_contract == "aseo de las sedes"
    assert second.taxes == (
        Tax(code="01", percent=Decimal(19), base=Decimal(500)),
        Tax(code="ZZ", percent=Decimal(1), name="Tasa de prueba"),
    )


def test_a_support_document_says_when_it_was_bought():
    found = read(
        Kind.SUPPORT_DOCUMENT,
        lineas__0__compra={"fecha": "2026-05-04", "forma": 2},
        lineas__1__compra={"fecha": "2026-05-04"},
    )

    assert [line.purchase for line in found.lines] == [
        Purchase(on=date(2026, 5, 4), form="2"),
        Purchase(on=date(2026, 5, 4)),
    ]


def test_the_other_party_says_its_names_its_place_abroad_and_its_register():
    found = read(
        **ABROAD,
        adquiriente__nombres="Lucía",
        adquiriente__apellidos="Ramírez",
        adquiriente__ciudad="Miami",
        adquiriente__region="Florida",
        adquiriente__matricula_mercantil="12345",
        adquiriente__actividad_economica="4511;4520",
    ).counterparty

    assert (found.given_names, found.family_names) == ("Lucía", "Ramírez")
    assert (found.city, found.region, found.country) == ("Miami", "Florida", "US")
    assert (found.commercial_registration, found.economic_activity) == ("12345", "4511;4520")


@pytest.mark.parametrize(
    ("change", "path", "words"),
    [
        (
            {"factura": {"tipo": "05"}},
            "factura.tipo",
            "El tipo de factura debe ser uno de estos códigos: 01,",
        ),
        ({"factura": {"tipo": 1}}, "factura.tipo", "ceros a la izquierda"),
        ({"factura": {"operacion": "20"}}, "factura.operacion", "El tipo de operación debe ser uno de estos"),
        ({"factura": {"tipo": "03"}}, "factura_papel", "es requerida en una factura de tipo 03"),
        ({"factura_papel": {"numero": "1", "fecha": "2026-05-01"}}, "factura_papel", "solo se informa"),
        (
            {
                "factura": {"tipo": "03", "fecha": "2026-05-01"},
                "factura_papel": {"numero": "1", "fecha": "2026-05-02"},
            },
            "factura_papel.fecha",
            "no puede ser posterior",
        ),
        ({"moneda": "USD"}, "tasa_cambio", "es requerida cuando la moneda no es COP"),
        ({"moneda": "EUR", "tasa_cambio": RATE}, "tasa_cambio.moneda", "debe ser de EUR"),
        ({"tasa_cambio": {**RATE, "moneda": None}}, "tasa_cambio.moneda", "es requerida"),
        ({"tasa_cambio": {**RATE, "moneda": "COP"}}, "tasa_cambio.moneda", "moneda extranjera"),
        ({"tasa_cambio": {**RATE, "moneda": "DOLAR"}}, "tasa_cambio.moneda", "ISO 4217"),
        ({"tasa_cambio": {**RATE, "valor": 0}}, "tasa_cambio.valor", "debe ser mayor que 0"),
        ({"tasa_cambio": {**RATE, "fecha": None}}, "tasa_cambio.fecha", "es requerida"),
        ({"anticipos": [{"valor": 0, "fecha": "2026-05-01"}]}, "anticipos.0.valor", "mayor que 0"),
        ({"anticipos": [{"valor": 1}]}, "anticipos.0.fecha", "La fecha del anticipo es requerida."),
        ({"anticipos": [{"valor": 1, "fecha": "2026-05-01"}] * 21}, "anticipos", "Los anticipos: máximo 20."),
        ({"entrega": {"incoterm": "XYZ"}}, "entrega.incoterm", "El incoterm debe ser uno de estos códigos"),
        ({"entrega": {"descripcion": "x"}}, "entrega.incoterm", "El incoterm es requerido."),
        (
            {"periodo": {"desde": "2026-05-02", "hasta": "2026-05-01"}},
            "periodo.hasta",
            "anterior a la inicial",
        ),
        ({"periodo": {"desde": "2026-05-02"}}, "periodo.hasta", "es requerida"),
        ({"lineas__0__cargos": [{"descripcion": "x"}]}, "lineas.0.cargos.0.valor", "uno de los dos"),
        ({"lineas__0__cargos": [{"valor": 1}]}, "lineas.0.cargos.0.descripcion", "es requerida"),
        (
            {"lineas__0__descuentos": [{"descripcion": "x", "codigo": "02", "valor": 1}]},
            "lineas.0.descuentos.0.codigo",
            "El código del descuento debe ser uno de estos códigos: 00, 01.",
        ),
        (
            {"lineas__0__descuentos": [{"descripcion": "x", "valor": 100001}]},
            "lineas.0.descuentos",
            "no puede superar el valor de la línea, 100000",
        ),
        ({"lineas__0__precio_referencia": {"valor": 1}}, "lineas.0.precio_referencia", "el precio es 0"),
        (
            {"lineas__0__precio": 0, "lineas__0__precio_referencia": {"valor": 0}},
            "lineas.0.precio_referencia.valor",
            "mayor que 0",
        ),
        (
            {
                "lineas__0__precio": 0,
                "lineas__0__cantidad": 10**9,
                "lineas__0__precio_referencia": {"valor": 10**9},
                "lineas__0__iva_pct": 0,
            },
            "lineas.0.precio_referencia.valor",
            "La base del impuesto debe ser menor que",
        ),
        (
            {"lineas__0__precio": 0, "lineas__0__precio_referencia": {"valor": 1, "tipo": "09"}},
            "lineas.0.precio_referencia.tipo",
            "01, 02, 03",
        ),
        ({"lineas__0__marca": "x" * 101}, "lineas.0.marca", "La marca admite máximo 100 caracteres."),
        (
            {"lineas__0__mandante": {"tipo_documento": "31"}},
            "lineas.0.mandante.numero_documento",
            "requerido",
        ),
        (
            {"lineas__0__mandante": {"tipo_documento": "31", "numero_documento": "900108281", "dv": "2"}},
            "lineas.0.mandante.dv",
            "debe ser 3",
        ),
        (
            {"lineas__0__compra": {"forma": "1"}},
            "lineas.0.compra.fecha",
            "La fecha de la compra es requerida.",
        ),
        ({"lineas__0__compra": {"fecha": "2026-05-01", "forma": "3"}}, "lineas.0.compra.forma", "1, 2"),
        ({"lineas__0__contrato_aiu": "x" * 4901}, "lineas.0.contrato_aiu", "admite máximo 4900 caracteres"),
        ({"factura": {"operacion": "09"}}, "factura.operacion", "necesita contrato_aiu"),
        ({"factura": {"operacion": "11"}}, "factura.operacion", "necesita mandante"),
        (
            {"factura": {"operacion": "10"}, "lineas__0__contrato_aiu": "aseo"},
            "factura.operacion",
            "sino del 09",
        ),
        (
            {
                "lineas__0__iva_pct": REMOVED,
                "lineas__0__impuestos": [{"codigo": "01", "porcentaje": 19, "nombre": "IVA"}],
            },
            "lineas.0.impuestos.0.nombre",
            "con el código ZZ",
        ),
        (
            {
                "lineas__0__iva_pct": REMOVED,
                "lineas__0__impuestos": [{"codigo": "01", "porcentaje": 19, "base": -1}],
            },
            "lineas.0.impuestos.0.base",
            "La base del impuesto no puede ser menor que 0",
        ),
        ({"adquiriente__ciudad": "Cali"}, "adquiriente.ciudad", "aquí va codigo_municipio"),
        ({"adquiriente__region": "Valle"}, "adquiriente.region", "cuando el país no es CO"),
        ({"adquiriente__apellidos": "Ramírez"}, "adquiriente.nombres", "Los nombres son requeridos."),
        (
            {"adquiriente__tipo_persona": "1", "adquiriente__nombres": "Lucía"},
            "adquiriente.nombres",
            "persona natural",
        ),
        ({"adquiriente__actividad_economica": "451"}, "adquiriente.actividad_economica", "CIIU"),
    ],
)
def test_an_invoice_is_refused_naming_the_field(change, path, words):
    assert words in " ".join(refusal(**change)[path])


@pytest.mark.parametrize(
    ("kind", "change", "path", "words"),
    [
        (Kind.CREDIT_NOTE, {"factura": {"tipo": "01"}}, "factura.tipo", "no existe"),
        (Kind.CREDIT_NOTE, {"anticipos": []}, "anticipos", "no existe"),
        (Kind.CREDIT_NOTE, {"factura": {"operacion": "30"}}, "factura.operacion", "20, 22"),
        (Kind.CREDIT_NOTE, WITHOUT_REFERENCE, "factura_referencia", "factura.operacion 22 y el periodo"),
        (
            Kind.DEBIT_NOTE,
            {**WITHOUT_REFERENCE, "factura": {"operacion": "30"}},
            "factura_referencia",
            "La factura de referencia es requerida.",
        ),
        (
            Kind.CREDIT_NOTE,
            {**WITHOUT_REFERENCE, "periodo": None, "factura": {"operacion": "22"}},
            "periodo",
            "El periodo es requerido",
        ),
        (
            Kind.CREDIT_NOTE,
            {**WITHOUT_REFERENCE, "motivo__codigo": "2", "factura": {"operacion": "22"}},
            "motivo.codigo",
            "anulación",
        ),
        (
            Kind.CREDIT_NOTE,
            {"factura": {"operacion": "22"}},
            "factura_referencia",
            "no se informa con el tipo de operación 22",
        ),
        (Kind.SUPPORT_DOCUMENT, {"factura": {"operacion": "11"}}, "factura.operacion", "debe ser 10"),
        (Kind.SUPPORT_DOCUMENT, {"entrega": {"incoterm": "FOB"}}, "entrega", "no existe"),
    ],
)
def test_the_other_kinds_are_refused_naming_the_field(kind, change, path, words):
    assert words in " ".join(refusal(kind, **change)[path])


EVERYTHING = {
    **ABROAD,
    "factura": {"tipo": "03", "operacion": "14"},
    "factura_papel": {"numero": "T-17", "fecha": "2026-05-09"},
    "tasa_cambio": RATE,
    "anticipos": [{"valor": 1, "fecha": "2026-05-01"}],
    "entrega": {"incoterm": "FOB"},
    "periodo": {"desde": "2026-05-01", "hasta": "2026-05-31"},
    "adquiriente__ciudad": "Miami",
    "adquiriente__region": "Florida",
    "adquiriente__matricula_mercantil": "1",
    "adquiriente__actividad_economica": "4511",
    "lineas__0__precio": 0,
    "lineas__0__precio_referencia": {"valor": 100},
    "lineas__0__marca": "Marca",
    "lineas__0__modelo": "X1",
    "lineas__0__mandante": {"tipo_documento": "31", "numero_documento": "900108281"},
    "lineas__0__compra": {"fecha": "2026-05-04"},
    "lineas__0__contrato_aiu": "aseo",
    "lineas__1__descuentos": [{"descripcion": "Cliente", "valor": 1}],
    "lineas__1__cargos": [{"descripcion": "Empaque", "valor": 1}],
    "lineas__1__iva_pct": REMOVED,
    "lineas__1__impuestos": [{"codigo": "ZZ", "porcentaje": 1, "nombre": "Tasa", "base": 5}],
}


def test_what_is_out_of_the_ordinary_is_told_by_the_path_that_asked_for_it():
    asked = an_invoice(**EVERYTHING)

    for feature, path in extras(contract.document(Kind.INVOICE, asked)):
        value: Any = asked
        for part in told(path, OfRequest(Kind.INVOICE, asked)).split("."):
            value = value[int(part)] if isinstance(value, list) else value[part]
        assert value, feature


def test_whoever_declares_nothing_out_of_the_ordinary_refuses_all_of_it():
    found = read(**EVERYTHING)

    assert {told(path, OfContent(found)) for _, path in extras(found)} == {
        "factura.tipo",
        "factura.operacion",
        "factura_papel",
        "tasa_cambio",
        "anticipos",
        "entrega",
        "periodo",
        *(f"adquiriente.{name}" for name in ("matricula_mercantil", "actividad_economica")),
        *(
            f"lineas.0.{name}"
            for name in ("precio_referencia", "marca", "modelo", "mandante", "compra", "contrato_aiu")
        ),
        "lineas.1.cargos",
        "lineas.1.impuestos.0.nombre",
        "lineas.1.impuestos.0.base",
    }


def an_issuer(**changes: Any) -> dict[str, Any]:
    return {
        "tipo_persona": "1",
        "tipo_documento": "31",
        "numero_documento": "900123456",
        "razon_social": "Ñandú & Cía. S.A.S.",
        "responsabilidad_fiscal": "O-13;O-15",
        "tributo": "01",
        "direccion": "Carrera 7 # 1-20",
        "codigo_municipio": "11001",
        "email": "recepcion@nandu.example",
        **changes,
    }


def test_a_line_of_others_income_may_stand_in_an_ordinary_sale():
    principal = {"tipo_documento": "31", "numero_documento": "900108281"}
    found = read(Kind.INVOICE, factura={"operacion": "10"}, lineas__0__mandante=principal)

    assert found.operation == "10"
    assert found.lines[0].principal is not None


def test_an_issuer_describes_itself_in_the_fields_of_a_buyer():
    found = contract.party(an_issuer(matricula_mercantil="12345"))

    assert (found.identification, found.check_digit, found.municipality) == ("900123456", "8", "11001")
    assert found.responsibilities == ("O-13", "O-15")
    assert found.commercial_registration == "12345"


@pytest.mark.parametrize(
    ("change", "path", "words"),
    [
        ({"direccion": None}, "direccion", "La dirección es requerida."),
        ({"codigo_municipio": ""}, "codigo_municipio", "El código de municipio es requerido."),
        ({"pais": "US", "codigo_municipio": "11001"}, "pais", "debe ser CO"),
        ({"tipo_documento": "13"}, "tipo_documento", "El emisor se identifica con NIT"),
        ({"dv": "1"}, "dv", "debe ser 8"),
        ({"responsabilidad_fiscal": None}, "responsabilidad_fiscal", "es requerida"),
        ({"direcion": "x"}, "direcion", "¿quiso decir «direccion»?"),
    ],
)
def test_an_issuer_is_refused_naming_the_field(change, path, words):
    with pytest.raises(InvalidDocument) as raised:
        contract.party(an_issuer(**change))

    assert words in " ".join(raised.value.fields[path])


def test_a_note_without_reference_has_the_cufe_of_none():
    found = read(Kind.CREDIT_NOTE, **WITHOUT_REFERENCE, factura={"operacion": "22"})

    assert CUFE not in found.model_dump_json()
