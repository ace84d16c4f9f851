"""Invoices as an ERP posts them, of any number of lines, and all that DIAN's document is made of besides."""

import json
from functools import cache
from typing import Any

from pydantic import SecretStr

from cauce.domain.issuer import Issuer
from cauce.domain.outcome import Number
from cauce.domain.ranges import NumberingRange
from cauce.ubl.certificate import Certificate, enrolled, loaded
from cauce.ubl.facts import Software
from tests.unit.dian import builders, certificates
from tests.unit.dian.builders import ISSUED_AT

LINES = (1, 10, 200, 2000)
"""The sizes that are measured."""

BUYER = {
    "tipo_persona": "1",
    "tipo_documento": "31",
    "numero_documento": "800199436",
    "razon_social": "Distribuciones Ibagué y Compañía S.A.S.",
    "nombre_comercial": "Distribuciones Ibagué",
    "responsabilidad_fiscal": "O-13;O-15",
    "tributo": "01",
    "email": "facturas@distribuciones.example",
    "telefono": "6082611234",
    "direccion": "Carrera 5 # 37-20, bodega 3",
    "codigo_municipio": "73001",
    "codigo_departamento": "73",
    "codigo_postal": "730001",
    "pais": "CO",
}

# What is sold, its unit and its price; short enough that 2000 of them fit in the largest body.
_GOODS: tuple[tuple[str, str, float], ...] = (
    ("Tornillo galvanizado 3/8", "94", 350.5),
    ("Cable eléctrico N.º 12", "MTR", 4200),
    ("Pintura acrílica blanca", "GLL", 78900),
    ("Cemento gris 50 kg", "94", 32500),
    ("Lámina de drywall 1/2", "94", 41250.75),
    ("Bombillo LED 9 W", "94", 8990),
    ("Jabón industrial", "LTR", 12300.4),
    ("Libro «Álgebra»", "94", 65000),
    ("Arroz a granel", "KGM", 3875.25),
    ("Mano de obra, montaje", "HUR", 48000),
)
_EXEMPT, _EXCLUDED, _DISCOUNTED = 7, 8, 9


def _line(n: int) -> dict[str, Any]:
    """Of ten lines seven have IVA of 19 %, one IVA of 0 %, one is excluded, and one has a discount too."""
    place = n % len(_GOODS)
    description, unit, price = _GOODS[place]
    line: dict[str, Any] = {
        "codigo": f"P-{n:04d}",
        "descripcion": description,
        "cantidad": (n % 7) + 1 if n % 3 else (n % 5) + 0.25,
        "unidad": unit,
        "precio": price,
    }
    if place == _EXCLUDED:
        line["excluido"] = True
    else:
        line["iva_pct"] = 0 if place == _EXEMPT else 19
    if place == _DISCOUNTED:
        line["descuento_pct"] = 7.5
    return line


def body(lines: int) -> dict[str, Any]:
    """The request for an invoice of so many lines."""
    return {
        "factura": {"tipo": "01"},
        "pago": {"forma": "2", "medio": "47", "vencimiento": "2026-06-09"},
        "observaciones": ["Entregar en la bodega antes de las 4 p. m."],
        "orden": {"numero": "OC-20871"},
        "adquiriente": BUYER,
        "lineas": [_line(n) for n in range(lines)],
    }


@cache
def text(lines: int) -> str:
    """The same as JSON, as its bytes come from API Gateway."""
    return json.dumps(body(lines), ensure_ascii=False, separators=(",", ":"))


ISSUER: Issuer = builders.ISSUER
SOFTWARE: Software = builders.SOFTWARE
TECHNICAL_KEY: SecretStr = builders.TECHNICAL_KEY
NUMBER = Number(prefix="SETP", consecutive=990_000_017)
RANGE: NumberingRange = builders.a_range(builders.Kind.INVOICE, "SETP")
NOW = ISSUED_AT


@cache
def signer() -> tuple[certificates.Made, Certificate]:
    """The issuer's key of 2048 bits, and its certificate as Cauce loads it, with the two above it."""
    root = certificates.authority("RAIZ DE PRUEBA")
    below = certificates.authority("SUBORDINADA DE PRUEBA", root)
    made = certificates.signer(below)
    kept = enrolled(
        certificates.pkcs12_of(made, below, root), certificates.PASSWORD, certificates.NIT, ISSUED_AT
    )
    return made, loaded(kept)
