"""What Factus can be asked for that it was once said not to take, over HTTP."""

from typing import Any

import pytest

from cauce.domain.time import bogota
from tests.documents import BUYER, invoice, support_document
from tests.flow.conftest import Clock
from tests.simulators.factus import FactusSimulator

LINE = {"codigo": "P1", "descripcion": "Producto", "cantidad": 1, "precio": 10000, "iva_pct": 19}
REASON = {"codigo": "1", "descripcion": "Rebaja del mes"}


@pytest.fixture
def settled(call: Any, drain: Any) -> Any:
    """POST a document and let the queue take it to Factus: what is then said of it."""

    def made(path: str, body: dict[str, Any]) -> Any:
        answer = call("POST", path, body, Prefer="respond-async")
        assert answer.status == 202, answer.text
        drain()
        return call("GET", f"/documentos/{answer.json['data']['tracking_id']}/consultar").json["documento"]

    return made


@pytest.mark.reads_the_date
def test_a_note_on_a_period_goes_with_customization_22(
    settled: Any, factus: FactusSimulator, clock: Clock
) -> None:
    first = f"{bogota(clock()):%Y-%m-01}"
    note = {
        "adquiriente": dict(BUYER),
        "lineas": [LINE],
        "motivo": REASON,
        "factura": {"operacion": "22"},
        "periodo": {"desde": first, "hasta": first},
    }

    found = settled("/notas-credito", note)

    assert found["estado"] == "aceptado"
    sent = factus.documents["credit-notes"][0].request
    assert (sent["customization_id"], sent["billing_period"]["end_date"]) == (22, first)
    assert "bill_id" not in sent


def test_a_seller_without_email_is_refused_before_factus_is_asked(call: Any, factus: FactusSimulator) -> None:
    body = support_document()
    del body["vendedor"]["email"]

    answer = call("POST", "/documentos-soporte", body)

    assert (answer.status, list(answer.json["errors"])) == (422, ["vendedor.email"])
    assert factus.documents_received == 0


def test_the_iva_that_seed_002_requires_may_stand_at_0_beside_other_taxes(
    settled: Any, factus: FactusSimulator
) -> None:
    line = {**LINE, "iva_pct": 0, "impuestos": [{"codigo": "04", "porcentaje": 8}]}

    found = settled("/documentos", invoice(lineas=[line]))

    assert (found["estado"], found["totales"]["iva"], found["totales"]["total"]) == ("aceptado", 0, 10800)
    assert factus.documents["bills"][0].request["items"][0]["tribute_id"] == 4


UNITS = ["AS", "4O", "1A", "2A", "PI", "SI", "EL", "5A", "MGM"]


@pytest.mark.parametrize(
    "dialect, field, said",
    [
        ("issuer", "unit_measure_id", [632, 123, 75, 89, 931, 639, 898, 131, 490]),
        ("v2", "unit_measure_code", ["COMO", "4º", "1ª", "2ª", "Pi", "SÍ", "ÉL", "5ª", "MGM"]),
    ],
    ids=["by their ids in v1", "as it spells them in v2"],
)
def test_units_that_its_table_spells_otherwise_go_through(
    request: Any, settled: Any, factus: FactusSimulator, dialect: str, field: str, said: list[object]
) -> None:
    request.getfixturevalue(dialect)

    found = settled("/documentos", invoice(lineas=[{**LINE, "unidad": unit} for unit in UNITS]))

    assert found["estado"] == "aceptado"
    assert [each[field] for each in factus.documents["bills"][0].request["items"]] == said


@pytest.mark.parametrize("path", ["/documentos", "/documentos?validar=solo"])
def test_a_unit_that_its_table_calls_by_anothers_code_is_refused_with_why(
    call: Any, factus: FactusSimulator, path: str
) -> None:
    refused = call("POST", path, invoice(lineas=[{**LINE, "unidad": "MHZ"}]))

    assert (refused.status, refused.json["codigo"]) == (422, "no_soportado")
    assert refused.json["errors"] == {
        "lineas.0.unidad": [
            "Factus no puede escribir la unidad MHZ: su tabla le da el código MGM, que es el de otra. Exprese la "
            "cantidad en otra unidad, o emítalo con otro proveedor. "
            "Lo admite: DIAN (directo), Facturatech, FacEPro Cloud."
        ]
    }
    assert refused.json["proveedores"] == ["dian", "facturatech", "facepro"]
    assert factus.documents_received == 0


def test_more_than_200_lines_are_no_fault_but_facepros(call: Any) -> None:
    answer = call("POST", "/documentos?validar=solo", invoice(lineas=[LINE] * 201))

    assert (answer.status, answer.json["data"]["totales"]["total"]) == (200, 201 * 11900)
