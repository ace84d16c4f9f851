"""A document → FacEPro's body: the page's own example, and each row of its field tables."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from cauce.domain.document import Document, Kind, Reason, Tax
from cauce.domain.issuer import Environment
from tests.unit.facepro.builders import (
    CUFE,
    NOW,
    body,
    facepro,
    invoice,
    labour,
    line,
    note,
    page_request,
    party,
    record,
)

D = Decimal
ISSUE = {"fecha": "2026-05-10", "hora": "15:30:00-05:00"}


def test_the_pages_request_is_written_as_it_is_printed_with_its_moment_of_issue_before():
    written = facepro().prepare(record(invoice(notify=True))).body.decode()

    expected = json.dumps({"factura": ISSUE, **page_request()}, ensure_ascii=False, separators=(",", ":"))

    assert written == expected


def test_a_note_is_an_invoice_with_what_it_corrects_and_why():
    written = body(note(notify=True))

    assert written == {
        "factura_referencia": {"numero": "SETP990000011", "cufe": CUFE, "fecha": "2026-05-10"},
        "motivo": {"codigo": "2", "descripcion": "Anulación por error en valor unitario"},
        **body(invoice(notify=True)),
    }


@pytest.mark.parametrize(
    "kind, operation",
    [
        (Kind.INVOICE, "POST /documentos"),
        (Kind.CREDIT_NOTE, "POST /notas-credito"),
        (Kind.DEBIT_NOTE, "POST /notas-debito"),
    ],
)
def test_each_kind_has_its_own_address(kind, operation):
    document = invoice() if kind is Kind.INVOICE else note(kind)

    assert facepro().prepare(record(document)).operation == operation


A_NIT = party(person_type="1", identification_type="31", identification="901234567", check_digit="7")
ROWS: list[tuple[str, Document, Any]] = [
    ("factura.fecha", invoice(), "2026-05-10"),
    ("factura.hora", invoice(), "15:30:00-05:00"),
    ("adquiriente.tipo_persona", invoice(counterparty=A_NIT), "1"),
    ("adquiriente.tipo_documento", invoice(counterparty=A_NIT), "31"),
    ("adquiriente.numero_documento", invoice(counterparty=A_NIT), "901234567"),
    ("adquiriente.dv", invoice(counterparty=A_NIT), "7"),
    ("adquiriente.dv", invoice(counterparty=party(check_digit="7")), None),
    ("adquiriente.razon_social", invoice(counterparty=party(name="Ñandú & Cía")), "Ñandú & Cía"),
    ("adquiriente.responsabilidad_fiscal", invoice(counterparty=party(responsibilities=("O-47",))), "O-47"),
    ("adquiriente.email", invoice(notify=True), "juan@correo.com"),
    ("adquiriente.direccion", invoice(), "Calle 50 # 30-20"),
    ("adquiriente.codigo_municipio", invoice(), "05001"),
    ("adquiriente.codigo_departamento", invoice(), "05"),
    ("adquiriente.codigo_departamento", invoice(counterparty=party(municipality=None)), None),
    ("lineas[].codigo", invoice(), "PROD-001"),
    ("lineas[].descripcion", invoice(), "Repuesto motocicleta XYZ"),
    ("lineas[].cantidad", invoice(lines=(line(quantity=D("2.500")),)), D("2.5")),
    ("lineas[].unidad", invoice(lines=(line(unit="KGM"),)), "KGM"),
    ("lineas[].unidad", invoice(), None),
    ("lineas[].precio", invoice(lines=(line(price=D("19000.50")),)), D("19000.5")),
    ("lineas[].iva_pct", invoice(lines=(line(taxes=(Tax(code="01", percent=D(5)),)),)), 5),
    ("lineas[].iva_pct", invoice(lines=(line(taxes=(Tax(code="01", percent=D(0)),)),)), 0),
    ("lineas[].descuento_pct", invoice(lines=(labour(),)), 10),
    ("lineas[].descuento_valor", invoice(lines=(line(discount_amount=D("0.1")),)), D("0.1")),
    ("factura_referencia.numero", note(), "SETP990000011"),
    ("factura_referencia.cufe", note(), CUFE),
    ("factura_referencia.fecha", note(), "2026-05-10"),
    ("motivo.codigo", note(), "2"),
    ("motivo.descripcion", note(), "Anulación por error en valor unitario"),
]


@pytest.mark.parametrize("row, document, expected", ROWS, ids=[row for row, _, _ in ROWS])
def test_seed_002_field_is_written(row, document, expected):
    value = body(document)
    for name in row.replace("[]", ".0").split("."):
        value = value[int(name)] if name.isdigit() else value.get(name)

    assert (value, type(value)) == (expected, type(expected))


@pytest.mark.parametrize("kind, codes", [(Kind.CREDIT_NOTE, "123456"), (Kind.DEBIT_NOTE, "1234")])
def test_seed_002_reason_codes_travel_as_the_erp_sent_them(kind, codes):
    for code in codes:
        document = note(kind, reason=Reason(code=code, text="Otros"))
        facepro().check(document)
        assert body(document)["motivo"]["codigo"] == code


def test_seed_002_lineas_keep_their_order():
    assert [found["codigo"] for found in body(invoice())["lineas"]] == ["PROD-001", "SERV-010"]


def test_the_moment_of_issue_is_the_records_in_bogota_and_never_absent():
    late = datetime(2026, 5, 11, 3, 4, 5, 678, tzinfo=UTC)

    assert body(invoice(), issued_at=late)["factura"] == {"fecha": "2026-05-10", "hora": "22:04:05-05:00"}
    assert body(note(), issued_at=late)["factura"] == {"fecha": "2026-05-10", "hora": "22:04:05-05:00"}


@pytest.mark.parametrize("days", [-30, -1, 1])
def test_another_day_of_issue_that_is_asked_for_goes(days):
    asked = invoice(issue_date=(NOW + timedelta(days=days)).date())

    facepro().check(asked)
    facepro().check_today(asked, NOW)

    assert body(asked, issued_at=asked.issued_at(NOW))["factura"]["fecha"] == str(asked.issue_date)


@pytest.mark.parametrize(
    "environment, notify, mailed",
    [
        (Environment.TEST, None, False),
        (Environment.TEST, True, True),
        (Environment.PRODUCTION, None, True),
        (Environment.PRODUCTION, False, False),
    ],
)
def test_the_buyers_address_goes_only_where_the_buyer_is_to_be_mailed(environment, notify, mailed):
    written = body(invoice(notify=notify), provider=facepro(environment=environment))

    assert ("email" in written["adquiriente"]) is mailed


def test_amounts_are_json_numbers_without_noise():
    odd = line(quantity=D("0.1"), price=D("1234567.89"), discount_amount=D("0.3"))

    written = facepro().prepare(record(invoice(lines=(odd,)))).body.decode()

    assert '"cantidad":0.1,"precio":1234567.89,"iva_pct":19,"descuento_valor":0.3' in written
