"""A note on what Factus does not hold is refused when it is posted, and is no «fallido» afterwards."""

from typing import Any

import pytest

from cauce.gateway import Gateway
from tests.documents import invoice, note, support_document
from tests.simulators.factus import FactusSimulator

PATHS = pytest.mark.parametrize("path", ["/notas-credito", "/notas-credito?validar=solo"])


@pytest.fixture(params=["v1", "v2"])
def dialect(request: Any, gateway: Gateway, factus: FactusSimulator, call: Any) -> str:
    """What the issuer's Factus speaks."""
    issuer = gateway.issuers.read("901724254")
    settings = {"factus": {"base_url": factus.base_url, "dialect": request.param}}
    gateway.issuers.save(issuer.model_copy(update={"settings": settings}))
    return str(request.param)


@pytest.fixture
def billed(call: Any, drain: Any, dialect: str) -> dict[str, Any]:
    posted = call("POST", "/documentos", invoice()).json["data"]
    drain()
    found: dict[str, Any] = call("GET", f"/documentos/{posted['tracking_id']}").json
    return found


@PATHS
def test_a_note_on_an_invoice_that_factus_does_not_hold_is_refused_and_nothing_is_kept(
    call: Any, factus: FactusSimulator, everything: Any, billed: dict[str, Any], path: str
) -> None:
    before, received = everything(), factus.documents_received

    refused = call("POST", path, note("SETP990009999", "ab" * 48))

    assert (refused.status, list(refused.json["errors"])) == (422, ["factura_referencia.numero"])
    assert "Factus no tiene la factura SETP990009999" in refused.json["detail"]
    assert factus.documents_received == received
    assert everything() == before


@PATHS
def test_a_note_with_the_cufe_of_another_invoice_is_refused(
    call: Any, billed: dict[str, Any], path: str
) -> None:
    refused = call("POST", path, note(billed["numero_completo"], "0" * 96))

    assert (refused.status, list(refused.json["errors"])) == (422, ["factura_referencia.cufe"])


def test_a_note_on_an_invoice_that_factus_holds_is_accepted(
    call: Any, drain: Any, billed: dict[str, Any]
) -> None:
    posted = call("POST", "/notas-credito", note(billed["numero_completo"], billed["cufe"].upper()))
    assert posted.status == 201, posted.text
    drain()

    assert call("GET", f"/documentos/{posted.json['data']['tracking_id']}").json["estado"] == "aceptado"


@pytest.mark.usefixtures("dialect")
def test_an_adjustment_of_a_support_document_that_factus_does_not_hold_is_refused(call: Any) -> None:
    body = support_document(
        documento_referencia={"numero": "SEDS984000999", "cuds": "0" * 96, "fecha": "2026-05-10"},
        motivo={"codigo": "2", "descripcion": "Anulación"},
    )

    refused = call("POST", "/notas-ajuste", body)

    assert (refused.status, list(refused.json["errors"])) == (422, ["documento_referencia.numero"])


@pytest.mark.usefixtures("dialect")
def test_a_note_is_taken_in_while_factus_cannot_be_asked_and_is_looked_up_when_it_is_sent(
    call: Any, drain: Any, factus: FactusSimulator
) -> None:
    factus.answer_next(503, method="GET")

    posted = call("POST", "/notas-credito", note("SETP990009999", "ab" * 48))
    drain()

    assert (posted.status, posted.json["data"]["estado"]) == (201, "pendiente")
    found = call("GET", f"/documentos/{posted.json['data']['tracking_id']}").json
    assert found["estado"] in ("fallido", "rechazado")


def test_a_note_on_an_invoice_that_went_through_cauce_asks_factus_nothing_more(
    call: Any, factus: FactusSimulator, billed: dict[str, Any]
) -> None:
    asked = len(factus.requests)

    posted = call("POST", "/notas-credito", note(billed["numero_completo"], billed["cufe"]))

    assert posted.status == 201, posted.text
    assert len(factus.requests) == asked


def test_a_line_of_a_lot_that_corrects_what_factus_does_not_hold_is_refused_and_not_a_failed_document(
    call: Any, deliver: Any, drain: Any, factus: FactusSimulator, billed: dict[str, Any]
) -> None:
    stray = note("SETP990009999", "ab" * 48, referencia="N-1")
    good = note(billed["numero_completo"], billed["cufe"], referencia="N-2")
    received = factus.documents_received

    lines = [{"tipo": "nota_credito", **each} for each in (stray, good)]
    lot = call("POST", "/lotes", lines).json["data"]["lote_id"]
    deliver()
    drain()

    rows = call("GET", f"/lotes/{lot}?per_page=100").json["documentos"]
    assert {(row["posicion"], row.get("codigo"), row["estado"]) for row in rows} == {
        (1, "datos_invalidos", "invalido"),
        (2, None, "aceptado"),
    }
    assert factus.documents_received == received + 1
