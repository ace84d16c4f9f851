"""Invoices through Afacturar, where an operator says where: off otherwise, exact, and believed of the listing alone."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from cauce.domain.document import AllowanceCharge, Document, Kind, Line, Payment, Tax, Withholding
from cauce.domain.errors import Conflict, InvalidDocument, NotFound, NumberingUnavailable, Unsupported
from cauce.domain.outcome import Accepted, Number, Pending, Rejected
from cauce.domain.record import Record
from cauce.providers import registry
from cauce.providers.afacturar.provider import Afacturar
from cauce.providers.base import refs
from tests.records import a_record
from tests.simulators.afacturar import AfacturarSimulator, emission, row
from tests.unit.afacturar.builders import NIT, NOW, afacturar, invoice, numbering_range


@pytest.fixture
def emitter(simulator: AfacturarSimulator) -> Afacturar:
    return afacturar(simulator.base_url, emission_path=emission.PATH)


def record(document: Document, consecutive: int | None = 1001, **changes: Any) -> Record:
    facts: dict[str, Any] = {
        "issuer": NIT,
        "provider": "afacturar",
        "attempt": 1,
        "range": numbering_range(),
        "number": Number(prefix="SETT", consecutive=consecutive) if consecutive else None,
    }
    return a_record(document, NOW, **{**facts, **changes})


def emitted(provider: Afacturar, document: Document, consecutive: int = 1001) -> Any:
    provider.check(document)
    return provider.send(provider.prepare(record(document, consecutive)))


def line(**changes: Any) -> Line:
    return Line.model_validate({**invoice().lines[0].model_dump(), **changes})


def test_without_its_address_no_document_is_taken(provider: Afacturar, simulator: AfacturarSimulator) -> None:
    assert Afacturar.declare({}).kinds == Afacturar.declare({"emission_path": ""}).kinds == {Kind.EVENT}
    assert "afacturar" not in registry.able(Kind.INVOICE)
    with pytest.raises(Unsupported, match=r"afacturar\.emission_path"):
        provider.check(invoice())
    with pytest.raises(Unsupported):
        provider.prepare(record(invoice()))

    assert simulator.requests == []


def test_with_its_address_it_takes_invoices_and_nothing_else_more() -> None:
    assert Afacturar.declare({"emission_path": "/x"}).kinds == {Kind.EVENT, Kind.INVOICE}


def test_the_body_is_the_models_field_by_field(emitter: Afacturar) -> None:
    document = invoice(payment=Payment(form="2", means="42", due_date=date(2026, 6, 10)))

    request = emitter.prepare(record(document))

    assert (request.operation, request.content_type) == ("POST /emision", "application/json")
    body = json.loads(request.body)
    assert body["documento_obligado"] == NIT
    assert body["data"]["generalidades"] == {
        "tipo_ambiente_dian": 2,
        "identificador_transmision": "0b7e4f0e-0000-4000-8000-000000000001",
        "integrador": {"nombre": "WEB", "tipo": "WEB"},
    }
    (made,) = body["data"]["facturas"]
    assert made["encabezado"] == {
        "id_factura": "1001",
        "fecha": "2026-05-10",
        "hora": "15:30:00",
        "moneda": "COP",
        "metodo_de_pago": "42",
        "fecha_vencimiento": "2026-06-10",
        "nota": [],
        "tipo_factura": 1,
        "tipo_de_pago": "2",
        "numero_orden": "",
        "numero_resolucion_facturacion": "18760000001",
        "prefijo": "SETT",
    }
    assert made["informacion_adquiriente"] == {
        "tipo_contribuyente": 2,
        "tipo_regimen": 49,
        "tipo_identificacion": 13,
        "identificacion": "71234567",
        "correo_electronico": "juan@correo.example",
        "numero_movil": "3001234567",
        "nombre": {"razon_social": "JUAN PEREZ", "primer_nombre": "", "segundo_nombre": "", "apellido": ""},
        "pais": "CO",
        "departamento": "05",
        "ciudad": "05001",
        "zona": "",
        "direccion": "Calle 50 # 30-20",
        "RUT": {"resp_calidades_atributos": ["R-99-PN"], "usuario_aduanero": []},
    }
    assert made["detalle_factura"] == [
        {
            "numero_linea": 1,
            "cantidad": 1,
            "unidad_de_cantidad": "94",
            "valor_unitario": "50000.00",
            "descripcion": "Repuesto",
            "impuestos_detalle": {
                "codigo_impuesto": 1,
                "porcentaje_impuesto": "19.00",
                "valor_base_impuesto": "50000.00",
                "valor_impuesto": "9500.00",
            },
            "valor_total_detalle": "50000.00",
        }
    ]
    assert made["impuestos"] == [
        {
            "codigo_impuesto": 1,
            "porcentaje_impuesto": "19.00",
            "valor_base_calculo_impuesto": "50000.00",
            "valor_total_impuesto": "9500.00",
        }
    ]
    assert {name: value for name, value in made["valor_factura"].items() if value != "0.00"} == {
        "valor_base": "50000.00",
        "valor_base_calculo_impuestos": "50000.00",
        "valor_base_mas_impuestos": "59500.00",
        "valor_total_impuesto_1": "9500.00",
        "total_factura": "59500.00",
        "valor_total_a_pagar": "59500.00",
    }


FREIGHT = AllowanceCharge(is_charge=True, reason_code="04", reason="Flete", amount=Decimal(1000))
UNSAYABLE = [
    ("currency", invoice(currency="USD")),
    ("notes", invoice(notes=("Gracias",))),
    ("totals.charge", invoice(allowance_charges=(FREIGHT,))),
    ("notify", invoice(notify=True)),
    ("counterparty.email", invoice(counterparty=invoice().counterparty.model_copy(update={"email": None}))),
    ("counterparty.phone", invoice(counterparty=invoice().counterparty.model_copy(update={"phone": None}))),
    ("lines.0.quantity", invoice(lines=(line(quantity=Decimal("1.5")),))),
    ("lines.0.price", invoice(lines=(line(price=Decimal("0.123")),))),
    ("lines.0.taxes", invoice(lines=(line(taxes=()),))),
    ("lines.0.taxes", invoice(lines=(line(taxes=(Tax(code="04", percent=Decimal(8)),)),))),
    (
        "lines.0.withholdings",
        invoice(lines=(line(withholdings=(Withholding(code="06", percent=Decimal(2)),)),)),
    ),
    ("lines.0.discount_percent", invoice(lines=(line(discount_percent=Decimal(10)),))),
]


@pytest.mark.parametrize(("field", "document"), UNSAYABLE)
def test_what_the_model_has_no_certain_place_for_is_refused_by_its_name(
    emitter: Afacturar, simulator: AfacturarSimulator, field: str, document: Document
) -> None:
    with pytest.raises((Unsupported, InvalidDocument)) as refusal:
        emitter.check(document)

    assert list(refusal.value.fields) == [field]
    assert simulator.requests == []


def test_an_invoice_is_never_made_without_its_number(emitter: Afacturar) -> None:
    with pytest.raises(NumberingUnavailable):
        emitter.prepare(record(invoice(), consecutive=None))


def test_it_is_accepted_when_the_listing_says_so_and_pending_until_then(
    emitter: Afacturar, simulator: AfacturarSimulator
) -> None:
    outcome = emitted(emitter, invoice())

    assert isinstance(outcome, Accepted)
    assert (outcome.payable, len(outcome.uuid)) == (Decimal("59500.00"), 96)
    simulator.answer_next(503, path="transacciones_emitidas")
    assert isinstance(emitted(emitter, invoice(), 1002), Pending)


def test_a_number_that_dian_has_already_is_looked_for(
    emitter: Afacturar, simulator: AfacturarSimulator
) -> None:
    emitted(emitter, invoice())

    again = emitted(emitter, invoice())

    assert isinstance(again, Accepted)
    assert simulator.documents_received == 1


def test_the_row_of_a_refused_attempt_is_not_taken_for_its_correction(
    emitter: Afacturar, simulator: AfacturarSimulator
) -> None:
    refused = row(
        50,
        numero_documento="1001",
        consulta_doc_dian_estado="FALLIDA",
        rta_ws_dian_response="Regla: FAK24, Rechazo: No está informado el DV del NIT",
    )
    simulator.rows.append(refused)
    sent = record(invoice())
    first = emitter.consult(refs(sent))
    assert isinstance(first, Rejected)
    # As a record keeps them: the CUFE too is that of the attempt that was refused.
    correction = sent.model_copy(update={"provider_ids": first.provider_ids, "uuid": first.uuid or "b" * 96})

    with pytest.raises(NotFound):
        emitter.consult(refs(correction))
    simulator.rows.append(row(51, numero_documento="1001"))
    assert isinstance(emitter.consult(refs(correction)), Accepted)


def test_a_number_that_another_invoice_has_is_a_conflict(
    emitter: Afacturar, simulator: AfacturarSimulator
) -> None:
    simulator.rows.append(row(50, numero_documento="1001", valor_total="1.00"))

    with pytest.raises(Conflict, match=r"su total es 1\.00"):
        emitted(emitter, invoice())
