"""Invoices as an ERP posts them, of any number of lines, and all that DIAN's document is made of besides."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from itertools import cycle
from random import Random
from typing import Any

from cryptography import x509
from pydantic import SecretStr

from cauce.domain.issuer import Issuer
from cauce.domain.outcome import Number
from cauce.domain.ranges import NumberingRange
from cauce.ubl.certificate import Certificate, enrolled, loaded
from cauce.ubl.facts import Software
from tests.unit.dian import builders, certificates
from tests.unit.dian.builders import ISSUED_AT

NOW = ISSUED_AT
DUE = NOW.date() + timedelta(days=30)
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

# What is sold: words of descriptions, short enough that 2000 lines fit in the largest body.
_WHAT = "Tornillo Cable Pintura Cemento Lámina Bombillo Jabón Arandela Tubería Válvula Perfil Teja Cinta Broca Cerámica"
_WHICH = "galvanizado eléctrico acrílica gris «Álgebra» industrial cónica hidráulica de_latón de_1/2 n.º_12 blanca mate"
_UNITS = ("94", "94", "94", "MTR", "GLL", "LTR", "KGM", "HUR")
_EXEMPT, _EXCLUDED, _DISCOUNTED = 7, 8, 9


@cache
def _lines(count: int, nth: int) -> list[dict[str, Any]]:
    """Of ten lines seven have IVA of 19 %, one IVA of 0 %, one is excluded, and one has a discount too. The same ones
    in every run."""
    chance = Random(900_123_456 + nth)
    return [_line(n, chance) for n in range(count)]


def _buyer(nth: int) -> dict[str, Any]:
    if nth == 0:
        return BUYER
    return {
        **BUYER,
        "numero_documento": str(800_199_436 + 137 * nth),
        "razon_social": f"Distribuciones Ibagué {nth} S.A.S.",
        "nombre_comercial": f"Distribuciones {nth}",
        "email": f"facturas{nth}@distribuciones.example",
        "direccion": f"Carrera {nth} # 37-20, bodega 3",
    }


def _line(n: int, chance: Random) -> dict[str, Any]:
    place = n % 10
    words = (chance.choice(_WHAT.split()), *chance.sample(_WHICH.split(), 2))
    line: dict[str, Any] = {
        "codigo": f"P-{chance.randrange(10_000):04d}",
        "descripcion": " ".join(words).replace("_", " "),
        "cantidad": chance.randrange(1, 40) if n % 3 else chance.randrange(1, 4000) / 100,
        "unidad": chance.choice(_UNITS),
        "precio": chance.randrange(1_000, 900_000) if n % 2 else chance.randrange(100_000, 90_000_000) / 100,
    }
    if place == _EXCLUDED:
        line["excluido"] = True
    else:
        line["iva_pct"] = 0 if place == _EXEMPT else 19
    if place == _DISCOUNTED:
        line["descuento_pct"] = 7.5
    return line


def body(lines: int, due: date = DUE, nth: int = 0) -> dict[str, Any]:
    """The request for an invoice of so many lines, sold on credit; each ``nth`` is another one, to another buyer."""
    return {
        "factura": {"tipo": "01"},
        "pago": {"forma": "2", "medio": "47", "vencimiento": due.isoformat()},
        "observaciones": [f"Entregar en la bodega {nth} antes de las 4 p. m."],
        "orden": {"numero": f"OC-{20871 + nth}"},
        "adquiriente": _buyer(nth),
        "lineas": _lines(lines, nth),
    }


@cache
def text(lines: int, due: date = DUE, nth: int = 0) -> str:
    """The same as JSON, as its bytes come from API Gateway."""
    return json.dumps(body(lines, due, nth), ensure_ascii=False, separators=(",", ":"))


def others(lines: int, due: date = DUE) -> Iterator[str]:
    """Invoices of so many lines, one after another without end: dozens that differ, or a few large ones, so that
    nothing is measured that is only remembered from the one before."""
    return cycle([text(lines, due, nth) for nth in range(max(6, min(64, 6400 // lines)))])


ISSUER: Issuer = builders.ISSUER
SOFTWARE: Software = builders.SOFTWARE
TECHNICAL_KEY: SecretStr = builders.TECHNICAL_KEY
NUMBER = Number(prefix="SETP", consecutive=990_000_017)
RANGE: NumberingRange = builders.a_range(builders.Kind.INVOICE, "SETP")


@cache
def _made() -> tuple[certificates.Made, certificates.Made, certificates.Made]:
    root = certificates.authority("RAIZ DE PRUEBA")
    below = certificates.authority("SUBORDINADA DE PRUEBA", root)
    return certificates.signer(below), below, root


def chain() -> list[x509.Certificate]:
    """The issuer's certificate and the two above it."""
    return [each.certificate for each in _made()]


@cache
def signer() -> tuple[certificates.Made, Certificate]:
    """The issuer's key of 2048 bits, and its certificate as Cauce loads it, with the two above it."""
    return _made()[0], loaded(enrolled_signer())


@cache
def enrolled_signer() -> SecretStr:
    """The same as an operator's secret has it."""
    made, *above = _made()
    pkcs12 = certificates.pkcs12_of(made, *above)
    return enrolled(pkcs12, certificates.PASSWORD, certificates.NIT, ISSUED_AT)
