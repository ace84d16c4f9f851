"""Seed 002, row by row, from the ERP's request to FacEPro's own API: what one says is what the other is told."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from cauce.contracts.v1 import bodies, contract
from cauce.contracts.v1.errors import UnsupportedMediaType
from cauce.domain.document import Document, Kind
from cauce.domain.errors import InvalidDocument
from cauce.domain.outcome import Accepted
from cauce.providers.facepro.calls import BASE_URL
from cauce.providers.facepro.payload import PATHS
from tests.coverage_seeds.rows import CATALOGUES_002, REASONS_002
from tests.coverage_seeds.test_seed_002_contract_rows import CASES, body, path_of
from tests.simulators.facepro import FacEProSimulator
from tests.unit.facepro.builders import NOW, TOKEN, facepro, record

# The page's value is the very one that goes on, but for these. The e-mail goes because it is asked to.
_DEFAULTS = {"lineas[].unidad": "94"}
ROWS = [(kind, row, facts[1]) for kind, row, facts in CASES]
CODES = [(table, code) for table, codes in CATALOGUES_002.items() for code in codes]
REASONS = [(kind, code) for kind, codes in REASONS_002.items() for code in codes]


@pytest.fixture(scope="module")
def running() -> Iterator[FacEProSimulator]:
    with FacEProSimulator(token=TOKEN, clock=lambda: NOW) as simulator:
        yield simulator


@pytest.fixture
def simulator(running: FacEProSimulator) -> FacEProSimulator:
    running.reset()
    return running


def told(simulator: FacEProSimulator, kind: Kind, request: dict[str, Any]) -> Any:
    """What FacEPro receives, and takes, of an ERP's request."""
    document = contract.document(kind, {**request, "enviar_correo": "email" in request["adquiriente"]})
    provider = facepro(simulator.api_url)
    provider.check(document)
    sent = provider.prepare(record(document, issued_at=document.issued_at(NOW)))
    outcome = provider.send(sent)
    assert isinstance(outcome, Accepted), outcome
    assert simulator.documents[-1].unknown_fields == ()
    return json.loads(sent.body, parse_float=Decimal)


def at(written: Any, row: str) -> Any:
    for step in path_of(row):
        written = written[step]
    return written


@pytest.mark.parametrize("kind, row, value", ROWS, ids=[f"{kind.value} {row}" for kind, row, _ in ROWS])
def test_seed_002_row_reaches_facepro(simulator: FacEProSimulator, kind: Kind, row: str, value: Any) -> None:
    request = body(kind, row, value)

    written = told(simulator, kind, request)

    if row == "lineas[]":
        assert [line["codigo"] for line in written["lineas"]] == [line["codigo"] for line in value]
        return
    assert at(written, row) == (Decimal(str(value)) if isinstance(value, float) else at(request, row))


@pytest.mark.parametrize("table, code", CODES, ids=[f"{table} {code}" for table, code in CODES])
def test_seed_002_catalogue_code_reaches_facepro(simulator: FacEProSimulator, table: str, code: str) -> None:
    row = "lineas[].unidad" if table == "unidad" else f"adquiriente.{table}"
    request = body(Kind.INVOICE, row, code)
    if (table, code) == ("tipo_documento", "31"):
        request["adquiriente"] |= {"numero_documento": "900373115", "dv": "3"}
    if (table, code) == ("tipo_persona", "1"):
        request["adquiriente"]["razon_social"] = "EMPRESA SAS"

    written = told(simulator, Kind.INVOICE, request)

    if _DEFAULTS.get(row) == code:  # its own default goes unsaid
        assert "unidad" not in written["lineas"][0]
    else:
        assert at(written, row) == code


@pytest.mark.parametrize("kind, code", REASONS, ids=[f"{kind.value} {code}" for kind, code in REASONS])
def test_seed_002_reason_reaches_facepro(simulator: FacEProSimulator, kind: Kind, code: str) -> None:
    assert told(simulator, kind, body(kind, "motivo.codigo", code))["motivo"]["codigo"] == code


# Conventions ---------------------------------------------------------------------------------------------

LINE = "lineas[].precio"


def a_request(row: str, value: Any) -> Document:
    return contract.document(Kind.INVOICE, body(Kind.INVOICE, row, value))


def test_seed_002_convention_base_url(simulator: FacEProSimulator) -> None:
    assert BASE_URL == "https://facepro.cdpconsultores.com/api/v1"
    told(simulator, Kind.INVOICE, body(Kind.INVOICE, LINE, 1))

    assert simulator.requests[-1].path == f"/api/v1{PATHS[Kind.INVOICE]}"


def test_seed_002_convention_formato() -> None:
    written = '{"razon_social": "Ñandú & Cía"}'.encode()

    assert bodies.read_json(written.decode(), False, "application/json") == {"razon_social": "Ñandú & Cía"}
    document = a_request("adquiriente.razon_social", "Ñandú & Cía")
    assert "Ñandú & Cía".encode() in facepro().prepare(record(document)).body


def test_seed_002_convention_content_type(simulator: FacEProSimulator) -> None:
    with pytest.raises(UnsupportedMediaType):
        bodies.read_json("a=1", False, "application/x-www-form-urlencoded")
    told(simulator, Kind.INVOICE, body(Kind.INVOICE, LINE, 1))

    assert simulator.requests[-1].headers["content-type"] == "application/json"


def test_seed_002_convention_accept(simulator: FacEProSimulator) -> None:
    told(simulator, Kind.INVOICE, body(Kind.INVOICE, LINE, 1))

    assert simulator.requests[-1].headers["accept"] == "application/json"


def test_seed_002_convention_zona_horaria(simulator: FacEProSimulator) -> None:
    """What names no time is issued now, in Bogotá: 15:30 there, whatever the clock of the function says."""
    written = told(simulator, Kind.INVOICE, body(Kind.INVOICE, LINE, 1))

    assert written["factura"] == {"fecha": "2026-05-10", "hora": "15:30:00-05:00"}


def test_seed_002_convention_decimales(simulator: FacEProSimulator) -> None:
    with pytest.raises(InvalidDocument) as refusal:
        a_request(LINE, "19000,50")
    assert list(refusal.value.fields) == ["lineas.0.precio"]

    assert at(told(simulator, Kind.INVOICE, body(Kind.INVOICE, LINE, 19000.50)), LINE) == Decimal("19000.5")


def test_seed_002_convention_fechas(simulator: FacEProSimulator) -> None:
    with pytest.raises(InvalidDocument) as refusal:
        a_request("factura.fecha", "10-05-2026")
    assert list(refusal.value.fields) == ["factura.fecha"]

    written = told(simulator, Kind.INVOICE, body(Kind.INVOICE, "factura.fecha", "2026-05-10"))
    assert written["factura"]["fecha"] == "2026-05-10"
