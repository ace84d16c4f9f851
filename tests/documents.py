"""Requests that are valid by default, so that a test names only the field it is about."""

from typing import Any

BUYER = {
    "tipo_persona": "2",
    "tipo_documento": "13",
    "numero_documento": "71234567",
    "razon_social": "JUAN PEREZ",
    "responsabilidad_fiscal": "R-99-PN",
    "email": "juan@correo.example",
    "direccion": "Calle 50 # 30-20",
    "codigo_municipio": "05001",
    "codigo_departamento": "05",
}


PARTY = {
    "tipo_persona": "1",
    "tipo_documento": "31",
    "numero_documento": "901724254",
    "razon_social": "MI EMPRESA SAS",
    "responsabilidad_fiscal": "O-13;O-15",
    "tributo": "01",
    "email": "recepcion@empresa.example",
    "telefono": "6011234567",
    "direccion": "Carrera 7 # 1-20",
    "codigo_municipio": "11001",
}
"""The issuer's own data for its documents (``cauce issuer party``)."""


def invoice(**changes: Any) -> dict[str, Any]:
    """Two lines, those of seed 002's example, so that the totals are known: 122500 + 23275 = 145775."""
    lines = [
        {
            "codigo": "PROD-001",
            "descripcion": "Repuesto motocicleta",
            "cantidad": 2,
            "precio": 50000,
            "iva_pct": 19,
        },
        {
            "codigo": "SERV-010",
            "descripcion": "Mano de obra",
            "cantidad": 1,
            "precio": 25000,
            "iva_pct": 19,
            "descuento_pct": 10,
        },
    ]
    return {"adquiriente": dict(BUYER), "lineas": lines, **changes}


def item(reference: str, **changes: Any) -> dict[str, Any]:
    """An invoice as a lot or a queue brings it."""
    return {"tipo": "factura", **invoice(referencia=reference, **changes)}


def support_document(**changes: Any) -> dict[str, Any]:
    """What seed 001's example buys: 50000 less 20 % with a withholding of 3.5 %, and 50000: 90000."""
    seller = {
        "tipo_persona": "2",
        "tipo_documento": "31",
        "numero_documento": "123456789",
        "dv": "6",
        "razon_social": "Alan Turing",
        "responsabilidad_fiscal": "R-99-PN",
        "direccion": "calle 1 # 2-68",
        "email": "alan@correo.example",
        "telefono": "1234567890",
        "codigo_municipio": "68679",
    }
    lines = [
        {
            "codigo": "12345",
            "descripcion": "producto de prueba",
            "cantidad": 1,
            "precio": 50000,
            "descuento_pct": 20,
            "retenciones": [{"codigo": "06", "porcentaje": "3.50"}],
        },
        {"codigo": "54321", "descripcion": "producto de prueba 2", "cantidad": 1, "precio": 50000},
    ]
    return {"vendedor": seller, "lineas": lines, **changes}


def note(
    invoice_number: str, cufe: str, *, fecha: str = "2026-05-10", codigo: str = "2", **changes: Any
) -> dict[str, Any]:
    """A credit or debit note on an invoice, for one unit of its first line."""
    lines = [
        {
            "codigo": "PROD-001",
            "descripcion": "Repuesto motocicleta",
            "cantidad": 1,
            "precio": 50000,
            "iva_pct": 19,
        }
    ]
    return {
        "factura_referencia": {"numero": invoice_number, "cufe": cufe, "fecha": fecha},
        "motivo": {"codigo": codigo, "descripcion": "Anulación por error en valor unitario"},
        "adquiriente": dict(BUYER),
        "lineas": lines,
        **changes,
    }


def ticket(**changes: Any) -> dict[str, Any]:
    """A POS ticket to the final consumer: shoes, and a bag on a line of its own: 100100 + 19000 + 73 = 119173."""
    till = {
        "placa": "CAJA-0042",
        "ubicacion": "Almacén Centro, piso 1",
        "cajero": "Lucía Ramírez",
        "tipo": "Caja de apoyo",
        "codigo_venta": "743992",
    }
    lines = [
        {"codigo": "XGH124", "descripcion": "Zapatos", "cantidad": 1, "precio": 100000, "iva_pct": 19},
        {
            "codigo": "BOLSA",
            "descripcion": "Bolsa",
            "cantidad": 1,
            "precio": 100,
            "impuestos": [{"codigo": "22", "valor_unitario": 73, "unidades": 1}],
        },
    ]
    return {"caja": till, "lineas": lines, **changes}


def note_on_ticket(number: str, cude: str, *, fecha: str = "2026-05-10", **changes: Any) -> dict[str, Any]:
    """A note that annuls a POS ticket of ``ticket``."""
    return {
        "documento_referencia": {"numero": number, "cude": cude, "fecha": fecha},
        "motivo": {"codigo": "2", "descripcion": "El cliente devolvió todo"},
        "lineas": ticket()["lineas"],
        **changes,
    }
