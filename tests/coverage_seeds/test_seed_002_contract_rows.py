"""Seed 002 as our own contract, row by row: each field taken, required or not, and refused by its name."""

import copy
from typing import Any

import pytest

from cauce.contracts.v1 import contract
from cauce.domain.document import Kind
from cauce.domain.errors import InvalidDocument
from tests.documents import BUYER

CUFE = "a1b2c3d4" * 12
LINE = {"codigo": "P1", "descripcion": "Producto", "cantidad": 2, "precio": 50000, "iva_pct": 19}
INVOICE: dict[str, Any] = {"adquiriente": BUYER, "lineas": [LINE]}
NOTE = {
    **INVOICE,
    "factura_referencia": {"numero": "SETP990000011", "cufe": CUFE, "fecha": "2026-05-10"},
    "motivo": {"codigo": "2", "descripcion": "Anulación"},
}
# Row → required, a value it takes, a value it does not. The seed's page asks for three more of a buyer: since Resolución
# 000202 of 2025 the identification suffices.
FIELDS: dict[str, tuple[bool, Any, Any]] = {
    "factura.fecha": (False, "2026-05-10", "10/05/2026"),
    "factura.hora": (False, "15:30:00-05:00", "3 p. m."),
    "adquiriente.tipo_persona": (False, "2", "3"),
    "adquiriente.tipo_documento": (True, "22", "99"),
    "adquiriente.numero_documento": (True, "71234567", ""),
    "adquiriente.dv": (False, "1", "x"),
    "adquiriente.razon_social": (False, "JUAN PEREZ", "J" * 451),
    "adquiriente.responsabilidad_fiscal": (False, "R-99-PN", "R-1"),
    "adquiriente.email": (False, "juan@correo.example", "juan"),
    "adquiriente.direccion": (False, "Calle 50 # 30-20", {}),
    "adquiriente.codigo_municipio": (False, "05001", "99999"),
    "adquiriente.codigo_departamento": (False, "05", "98"),
    "lineas[]": (True, [LINE] * 200, []),
    "lineas[].codigo": (True, "PROD-001", ""),
    "lineas[].descripcion": (True, "Repuesto", " "),
    "lineas[].cantidad": (True, 2.5, "dos"),
    "lineas[].unidad": (False, "KGM", "kilogramo"),
    "lineas[].precio": (True, 19000.5, "19000,50"),
    "lineas[].iva_pct": (True, 5, 101),
    "lineas[].descuento_pct": (False, 10, -1),
    "lineas[].descuento_valor": (False, 500, -1),
}
NOTE_FIELDS: dict[str, tuple[bool, Any, Any]] = {
    "factura_referencia.numero": (True, "SETP990000011", ""),
    "factura_referencia.cufe": (True, CUFE, CUFE[:95]),
    "factura_referencia.fecha": (True, "2026-05-10", "2026-02-30"),
    "motivo.codigo": (True, "1", "9"),
    "motivo.descripcion": (True, "Anulación", ""),
}
CASES = [(Kind.INVOICE, row, facts) for row, facts in FIELDS.items()] + [
    (kind, row, facts) for kind in (Kind.CREDIT_NOTE, Kind.DEBIT_NOTE) for row, facts in NOTE_FIELDS.items()
]
ROWS = pytest.mark.parametrize(
    "kind, row, facts", CASES, ids=[f"{kind.value} {row}" for kind, row, _ in CASES]
)
ABSENT = object()


def path_of(row: str) -> list[Any]:
    """``lineas[].precio`` → lineas, 0, precio."""
    return [0 if part == "#" else part for part in row.replace("[].", ".#.").replace("[]", "").split(".")]


def named(row: str) -> str:
    return ".".join(str(part) for part in path_of(row))


def body(kind: Kind, row: str, value: Any) -> dict[str, Any]:
    """A valid request with this value in this row, or without it. A check digit goes with a NIT that has it."""
    made: dict[str, Any] = copy.deepcopy(INVOICE if kind is Kind.INVOICE else NOTE)
    if row == "adquiriente.dv":
        made["adquiriente"] |= {"tipo_documento": "31", "numero_documento": "900373115"}
        value = "3" if value == "1" else value
    if row == "adquiriente.codigo_departamento" and value == "98":
        made["adquiriente"].pop("codigo_municipio")
    *inside, last = path_of(row)
    where: Any = made
    for step in inside:
        where = where.setdefault(step, {}) if isinstance(where, dict) else where[step]
    if value is ABSENT:
        where.pop(last, None)
    else:
        where[last] = value
    return made


@ROWS
def test_seed_002_contract_row_is_taken(kind: Kind, row: str, facts: tuple[bool, Any, Any]) -> None:
    assert contract.document(kind, body(kind, row, facts[1])).kind is kind


@ROWS
def test_seed_002_contract_row_is_required_or_not(kind: Kind, row: str, facts: tuple[bool, Any, Any]) -> None:
    without = body(kind, row, ABSENT)

    if not facts[0]:
        assert contract.document(kind, without).kind is kind
        return
    with pytest.raises(InvalidDocument) as refusal:
        contract.document(kind, without)
    # «Required»: of seed 002's own words, or what stands in its place where Cauce adds another way to say it.
    assert any(
        field.startswith((named(row), named(row).rpartition(".")[0])) for field in refusal.value.fields
    )


@ROWS
def test_seed_002_contract_row_is_refused_by_its_name(
    kind: Kind, row: str, facts: tuple[bool, Any, Any]
) -> None:
    with pytest.raises(InvalidDocument) as refusal:
        contract.document(kind, body(kind, row, facts[2]))

    assert named(row) in refusal.value.fields
