"""A client that was written for a version goes on working with the next: the document of each is kept."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cauce.contracts.v1.described import openapi

from .older import PUBLISHED, Pair

KEPT = sorted(PUBLISHED.glob("openapi-*.json"))
NOW: Any = openapi.document("https://api.ejemplo.co/api/v1")
EMIT = NOW["paths"]["/documentos"]["post"]


def schema(document: Any, name: str) -> Any:
    return document["components"]["schemas"][name]


@pytest.mark.parametrize("path", KEPT, ids=lambda path: path.stem)
def test_this_version_breaks_no_client_of(path: Path) -> None:
    older = json.loads(path.read_text(encoding="utf-8"))

    assert [*Pair(older, NOW).breaks()] == [], "a client of that version would fail"


def test_some_version_is_kept() -> None:
    assert KEPT


def renamed(document: Any, name: str, other: str) -> None:
    """Give a component another name, wherever it is named."""
    text = json.dumps(document).replace(f'/{name}"', f'/{other}"').replace(f'"{name}":', f'"{other}":')
    document.update(json.loads(text))


BREAKS: dict[str, Callable[[Any], Any]] = {
    "GET /novedades is gone": lambda new: new["paths"].pop("/novedades"),
    "component Linea is gone": lambda new: renamed(new, "Linea", "Renglon"),
    "GET /me: operationId is yo": lambda new: new["paths"]["/me"]["get"].update(operationId="yo"),
    "POST /documentos: tags is": lambda new: new["paths"]["/documentos"]["post"].update(tags=["otro"]),
    "parameter validar is gone": lambda new: new["paths"]["/documentos"]["post"]["parameters"].pop(0),
    "parameter nuevo is required": lambda new: new["paths"]["/documentos"]["post"]["parameters"].append(
        {"name": "nuevo", "in": "query", "required": True, "schema": {"type": "string"}}
    ),
    "POST /documentos: no 202": lambda new: new["paths"]["/documentos"]["post"]["responses"].pop("202"),
    "POST /lotes: application/x-ndjson is not taken": lambda new: new["paths"]["/lotes"]["post"]["requestBody"][
        "content"
    ].pop("application/x-ndjson"),
    ".prefijo is required": lambda new: schema(new, "Factura")["required"].append("prefijo"),
    ".orden is gone": lambda new: schema(new, "Factura")["properties"].pop("orden"),
    "['02'] is not taken": lambda new: schema(new, "DatosDeFactura")["properties"]["tipo"]["anyOf"][0]["enum"].remove("02"),
    "maxLength 10": lambda new: schema(new, "Linea")["properties"]["descripcion"].update(maxLength=10),
    "string is not taken": lambda new: schema(new, "Linea")["properties"]["precio"].update(type="number"),
    ".cufe is gone": lambda new: schema(new, "Documento")["properties"].pop("cufe"),
    ".estado may be integer": lambda new: schema(new, "Documento")["properties"]["estado"].update(type="integer"),
    ".total may be null": lambda new: schema(new, "Totales")["properties"]["total"].update(type=["number", "null"]),
    ".links may be absent": lambda new: schema(new, "Documento")["required"].remove("links"),
}  # fmt: skip


@pytest.mark.parametrize("said", BREAKS)
def test_what_would_break_an_older_client_is_found(said: str) -> None:
    new = copy.deepcopy(NOW)
    BREAKS[said](new)

    found = [*Pair(NOW, new).breaks()]
    assert any(said in each for each in found), found


def test_what_only_adds_breaks_nobody() -> None:
    new = copy.deepcopy(NOW)
    new["paths"]["/nueva"] = {"get": EMIT}
    schema(new, "Factura")["properties"]["nuevo"] = {"type": "string"}
    schema(new, "Documento")["properties"]["nuevo"] = {"type": "string"}
    schema(new, "Documento")["required"].append("nuevo")
    schema(new, "Linea")["properties"]["descripcion"]["maxLength"] += 1
    schema(new, "Novedad")["properties"]["tipo"]["enum"].append("nueva")

    assert [*Pair(NOW, new).breaks()] == []
