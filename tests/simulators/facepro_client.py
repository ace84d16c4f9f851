"""For the FacEPro simulator's own tests: a client with a token, and requests that are valid by default."""

import copy
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.simulators.facepro import FacEProSimulator

SEEDS = Path(__file__).resolve().parents[2].parent / "shared" / "seeds"
CUFE = "a1b2c3d4" * 12
PATHS = ("/documentos", "/notas-credito", "/notas-debito")


def page() -> str:
    """FacEPro's page. Skips the test where the page is not at hand."""
    for found in SEEDS.glob("002_*.txt"):
        return found.read_text("utf-8")
    pytest.skip("the reference material is absent: seed 002")


def example(heading: str, *, after: str = "") -> Any:
    """The JSON printed after a heading of the page, without comments and dots."""
    text = page()
    start = text.index(heading, text.index(after))
    return json.JSONDecoder().raw_decode(text, text.index("{", start))[0]


def table(heading: str) -> list[list[str]]:
    """The rows of the first table after a heading, without its header and without backquotes."""
    lines = iter(page()[page().index(heading) :].splitlines())
    for line in lines:
        if line.startswith("|---"):
            break
    rows = []
    for line in lines:
        if " |" not in line:
            break
        rows.append([cell.strip().strip("`") for cell in line.strip("|").split("|")])
    return rows


def client(facepro: FacEProSimulator, token: str | None = None) -> httpx.Client:
    return httpx.Client(
        base_url=facepro.api_url,
        headers={"Authorization": f"Bearer {token or facepro.token}", "Accept": "application/json"},
        timeout=10,
        verify=False,  # noqa: S501 - loopback over http:// only, and a context is slow to make
    )


def buyer(**changed: Any) -> dict[str, Any]:
    return {
        "tipo_persona": "2",
        "tipo_documento": "13",
        "numero_documento": "71234567",
        "razon_social": "Ana Pérez",
        "responsabilidad_fiscal": "R-99-PN",
        **changed,
    }


def line(**changed: Any) -> dict[str, Any]:
    return {
        "codigo": "P1",
        "descripcion": "Café",
        "cantidad": 2,
        "precio": 50000,
        "iva_pct": 19,
        **changed,
    }


def invoice(**changed: Any) -> dict[str, Any]:
    return {"adquiriente": buyer(), "lineas": [line()], **changed}


def note(**changed: Any) -> dict[str, Any]:
    return {
        "factura_referencia": {"numero": "SETP990000011", "cufe": CUFE, "fecha": "2026-05-10"},
        "motivo": {"codigo": "2", "descripcion": "Anulación"},
        **invoice(),
        **changed,
    }


def body(path: str) -> dict[str, Any]:
    return invoice() if path == "/documentos" else note()


def but(original: dict[str, Any], path: str, value: Any = ...) -> dict[str, Any]:
    """A copy with the field at a dotted path changed, or removed if no value is given."""
    changed = copy.deepcopy(original)
    *parents, last = path.split(".")
    inside: Any = changed
    for part in parents:
        inside = inside[int(part)] if part.isdigit() else inside.setdefault(part, {})
    if value is ...:
        inside.pop(last, None)
    else:
        inside[last] = value
    return changed
