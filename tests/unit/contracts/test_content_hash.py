"""The hash of a document's content: what makes it another, and what does not."""

import pytest

from cauce.contracts.v1 import contract
from cauce.domain.document import Kind

from .examples import REMOVED, an_invoice


def hashed(kind: Kind = Kind.INVOICE, **changes: object) -> str:
    return contract.content_hash(contract.document(kind, an_invoice(**changes)))


def test_the_hash_is_stable_from_release_to_release():
    # Records keep it for years: were it another, repeated requests would be taken for new content.
    assert hashed() == "2:61f9e1f6cae169e4303961eda6c741a9fc170cba32b6dba712638aed8ab3772d"


@pytest.mark.parametrize(
    "change",
    [
        {"referencia": "REF-1"},
        {"lineas__0__precio": "50000.00"},
        {"lineas__0__unidad": "94"},
        {"lineas__0__descuento_valor": 0},
        {"adquiriente__tipo_persona": 2},
        {"adquiriente__razon_social": " Lucía Ramírez "},
        {"adquiriente__pais": "CO"},
        {"adquiriente__codigo_departamento": REMOVED},
        {"pago": {"forma": 1, "medio": "10"}},
        {"observaciones": ""},
        {"factura": {"tipo": "01", "operacion": "10"}},
        {"anticipos": [], "lineas__0__descuentos": None, "lineas__0__contrato_aiu": " "},
    ],
)
def test_another_way_of_saying_the_same_has_the_same_hash(change):
    assert hashed(**change) == hashed()


@pytest.mark.parametrize(
    "change",
    [
        {"lineas__0__precio": "50000.01"},
        {"lineas__0__cantidad": 3},
        {"lineas__0__iva_pct": 5},
        {"lineas__0__excluido": True, "lineas__0__iva_pct": 0},
        {"adquiriente__razon_social": "Lucia Ramírez"},
        {"factura": {"fecha": "2026-05-10"}},
        {"prefijo": "SETP"},
        {"enviar_correo": True},
        {"observaciones": "otra"},
        {"factura": {"tipo": "04"}},
        {"factura": {"operacion": "14"}},
        {"tasa_cambio": {"moneda": "USD", "valor": 4000, "fecha": "2026-05-10"}},
        {"anticipos": [{"valor": 1, "fecha": "2026-05-01"}]},
        {"lineas__0__marca": "Marca"},
        {"adquiriente__nombres": "Lucía"},
    ],
)
def test_another_content_has_another_hash(change):
    assert hashed(**change) != hashed()


def test_an_exempt_line_is_not_an_excluded_one():
    assert hashed(lineas__0__iva_pct=0) != hashed(lineas__0__iva_pct=0, lineas__0__excluido=True)
