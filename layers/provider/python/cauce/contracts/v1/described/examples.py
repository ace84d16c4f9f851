"""A request of each route that takes a document: the shortest that says something, to be copied."""

from cauce.contracts.v1.bodies import JsonObject
from cauce.contracts.v1.rest import Route

_BUYER: JsonObject = {
    "tipo_persona": "2",
    "tipo_documento": "13",
    "numero_documento": "52123987",
    "razon_social": "Lucía Ramírez",
    "responsabilidad_fiscal": "R-99-PN",
    "email": "lucia@correo.example",
}
_SELLER: JsonObject = {
    "tipo_persona": "2",
    "tipo_documento": "31",
    "numero_documento": "71234567",
    "dv": "7",
    "razon_social": "Juan Pérez",
    "responsabilidad_fiscal": "R-99-PN",
    "email": "juan@correo.example",
    "direccion": "Calle 50 # 30-20",
    "codigo_municipio": "05001",
}
_COFFEE: JsonObject = {
    "codigo": "CAF-500",
    "descripcion": "Café molido 500 g",
    "cantidad": 2,
    "precio": 18500,
    "iva_pct": 5,
}
_REPAIR: JsonObject = {
    "codigo": "ARR-01",
    "descripcion": "Arreglo de la estufa",
    "cantidad": 1,
    "precio": 120000,
}
_INVOICE: JsonObject = {"numero": "SETP990000001", "cufe": "ab" * 48, "fecha": "2026-05-10"}
_BOUGHT: JsonObject = {"numero": "SEDS984000001", "cuds": "ab" * 48, "fecha": "2026-05-10"}
_VOIDED: JsonObject = {"codigo": "2", "descripcion": "Anulación de la factura"}

BODIES: dict[Route, JsonObject | list[JsonObject]] = {
    ("POST", "/documentos"): {"referencia": "VENTA-1001", "adquiriente": _BUYER, "lineas": [_COFFEE]},
    ("POST", "/notas-credito"): {
        "referencia": "NOTA-1001",
        "factura_referencia": _INVOICE,
        "motivo": _VOIDED,
        "adquiriente": _BUYER,
        "lineas": [_COFFEE],
    },
    ("POST", "/notas-debito"): {
        "referencia": "NOTA-1002",
        "factura_referencia": _INVOICE,
        "motivo": {"codigo": "3", "descripcion": "Cambio del valor"},
        "adquiriente": _BUYER,
        "lineas": [_COFFEE],
    },
    ("POST", "/documentos-soporte"): {
        "referencia": "COMPRA-1001",
        "vendedor": _SELLER,
        "lineas": [_REPAIR],
    },
    ("POST", "/notas-ajuste"): {
        "referencia": "AJUSTE-1001",
        "documento_referencia": _BOUGHT,
        "motivo": {"codigo": "2", "descripcion": "Anulación del documento soporte"},
        "vendedor": _SELLER,
        "lineas": [_REPAIR],
    },
    ("POST", "/documentos-equivalentes"): {
        "referencia": "CAJA-1001",
        "caja": {
            "placa": "CAJA-0042",
            "ubicacion": "Almacén Centro, piso 1",
            "cajero": "Ana Díaz",
            "tipo": "Caja de apoyo",
            "codigo_venta": "743992",
        },
        "lineas": [_COFFEE],
    },
    ("POST", "/notas-documento-equivalente"): {
        "referencia": "NOTA-CAJA-1001",
        "documento_referencia": {"numero": "EPOS1", "cude": "ab" * 48, "fecha": "2026-05-10"},
        "motivo": {"codigo": "2", "descripcion": "El cliente devolvió todo"},
        "lineas": [_COFFEE],
    },
    ("POST", "/eventos"): {
        "referencia": "ACUSE-1001",
        "codigo": "030",
        "informacion_documento_referencia": {"cufe": "ab" * 48},
        "quien_recibio_documento": {
            "tipo_identificacion": 13,
            "identificacion": "52123987",
            "nombres": "Lucía",
            "apellidos": "Ramírez",
            "cargo": "Almacenista",
        },
    },
    ("POST", "/lotes"): [
        {"tipo": "factura", "referencia": f"VENTA-{number}", "adquiriente": _BUYER, "lineas": [_COFFEE]}
        for number in (2001, 2002)
    ],
}
