"""Requests and records that are right by default, so that a test says only what it is about."""

import copy
from datetime import datetime
from decimal import Decimal
from typing import Any

from cauce.domain.document import Document, Kind
from cauce.domain.outcome import Number
from cauce.domain.record import Record, State
from cauce.domain.time import BOGOTA
from tests.documents import note_on_ticket, ticket

BASE_URL = "https://api.example.com/api/v1"
CUFE = "ab12" * 24


def an_invoice(**changes: Any) -> dict[str, Any]:
    """A request in the shape of seed 002's example: two lines, one with a discount."""
    body = {
        "adquiriente": {
            "tipo_persona": "2",
            "tipo_documento": "13",
            "numero_documento": "52123987",
            "razon_social": "Lucía Ramírez",
            "responsabilidad_fiscal": "R-99-PN",
            "email": "lucia@example.com",
            "direccion": "Carrera 7 # 12-34",
            "codigo_municipio": "11001",
            "codigo_departamento": "11",
        },
        "lineas": [
            {
                "codigo": "CAF-500",
                "descripcion": "Café molido 500 g",
                "cantidad": 2,
                "precio": 50000,
                "iva_pct": 19,
            },
            {
                "codigo": "ENV-1",
                "descripcion": "Envío urbano",
                "cantidad": 1,
                "precio": 25000,
                "iva_pct": 19,
                "descuento_pct": 10,
            },
        ],
    }
    return changed(body, changes)


def a_credit_note(**changes: Any) -> dict[str, Any]:
    body = an_invoice(
        factura_referencia={"numero": "SETP990000011", "cufe": CUFE, "fecha": "2026-05-10"},
        motivo={"codigo": "2", "descripcion": "Anulación por error en el valor unitario"},
    )
    return changed(body, changes)


def a_support_document(**changes: Any) -> dict[str, Any]:
    """Seed 001's request, said in this contract."""
    body = {
        "referencia": "REF0017",
        "prefijo": "SEDS",
        "pago": {"medio": "10"},
        "observaciones": "",
        "vendedor": {
            "tipo_persona": "2",
            "tipo_documento": "31",
            "numero_documento": "123456789",
            "dv": 6,
            "nombre_comercial": "",
            "razon_social": "Alan Turing",
            "direccion": "calle 1 # 2-68",
            "telefono": "1234567890",
            "pais": "CO",
            "codigo_municipio": "68679",
        },
        "lineas": [
            {
                "codigo": "12345",
                "descripcion": "producto de prueba",
                "cantidad": 1,
                "descuento_pct": 20,
                "precio": 50000,
                "unidad": "94",
                "estandar": "999",
                "retenciones": [{"codigo": "06", "porcentaje": "3.50"}],
            },
            {
                "codigo": "54321",
                "descripcion": "producto de prueba 2",
                "cantidad": 1,
                "descuento_pct": 0,
                "precio": 50000,
                "unidad": "94",
                "estandar": "999",
            },
        ],
    }
    return changed(body, changes)


def an_adjustment_note(**changes: Any) -> dict[str, Any]:
    body = a_support_document(
        documento_referencia={"numero": "SEDS984000021", "cuds": CUFE, "fecha": "2026-05-10"},
        motivo={"codigo": "2", "descripcion": "Anulación del documento soporte"},
    )
    return changed(body, changes)


def a_ticket(**changes: Any) -> dict[str, Any]:
    return changed({"referencia": "CAJA-42-743992", "prefijo": "EPOS", **ticket()}, changes)


def a_note_on_a_ticket(**changes: Any) -> dict[str, Any]:
    return changed({"referencia": "NOTA-743992", **note_on_ticket("EPOS1", CUFE)}, changes)


EXAMPLES = {
    Kind.INVOICE: an_invoice,
    Kind.CREDIT_NOTE: a_credit_note,
    Kind.DEBIT_NOTE: a_credit_note,
    Kind.SUPPORT_DOCUMENT: a_support_document,
    Kind.ADJUSTMENT_NOTE: an_adjustment_note,
    Kind.EQUIVALENT_DOCUMENT: a_ticket,
    Kind.EQUIVALENT_NOTE: a_note_on_a_ticket,
}


def changed(body: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """The body with values at dotted paths, written with two underscores: ``lineas__0__precio=3``."""
    found = copy.deepcopy(body)
    for path, value in changes.items():
        put(found, path.split("__"), value)
    return found


REMOVED = object()


def put(body: Any, path: list[str], value: Any) -> None:
    """Set, or with REMOVED take away, the value at a path; objects on the way are made."""
    for part in path[:-1]:
        body = body[int(part)] if isinstance(body, list) else body.setdefault(part, {})
    last: Any = int(path[-1]) if isinstance(body, list) else path[-1]
    if value is REMOVED:
        del body[last]
    else:
        body[last] = value


def a_record(document: Document, **facts: Any) -> Record:
    """An accepted record, as it stands after its provider answered."""
    now = datetime(2026, 5, 10, 15, 30, tzinfo=BOGOTA)
    return Record(
        **{
            "issuer": "800197268",
            "document_id": "550e8400-e29b-41d4-a716-446655440000",
            "document": document,
            "content_hash": "0" * 64,
            "provider": "factus",
            "state": State.ACCEPTED,
            "number": Number(prefix="SETP", consecutive=990000011),
            "uuid": CUFE,
            "issued_at": now,
            "subtotal": Decimal("122500.00"),
            "vat": Decimal("23275.00"),
            "payable": Decimal("145775.00"),
            "status_code": "00",
            "status_message": "Procesado correctamente",
            "created_at": now,
            "received_at": now,
            "updated_at": now,
            **facts,
        }
    )
