"""What both worlds must do: written once, run by test_journeys and test_journeys_with_iam."""

import json
import time
from datetime import datetime
from typing import Any

import httpx
import pytest

from cauce.domain.access_token import read_bearer
from cauce.domain.record import Record, State
from cauce.domain.time import BOGOTA
from tests.documents import invoice, note, support_document
from tests.e2e.conftest import World


def audit_lines(here: World) -> list[dict[str, Any]]:
    """All that is in the log group of who asked for what."""
    pages = here.stack.engine.client("logs").get_paginator("filter_log_events")
    found = pages.paginate(logGroupName=here.stack.audit_log_group)
    return [json.loads(event["message"]) for page in found for event in page["events"]]


class Journeys:
    """Whole ways of a document through the deployed API; a subclass says in which world."""

    @pytest.fixture
    def here(self, request: pytest.FixtureRequest) -> World:
        raise NotImplementedError

    def test_a_support_document_and_an_invoice_are_accepted(self, here: World):
        _, bearer = here.enrol()
        with here.client(bearer) as api:
            bought = api.post("/documentos-soporte", json=support_document(referencia="REF0017"))
            sold = api.post("/documentos", json=invoice(referencia="VENTA-1"))

            assert [bought.status_code, sold.status_code] == [201, 201]
            for answer in (bought, sold):
                data = answer.json()["data"]
                assert data["estado"] == "aceptado", data
                assert len(data["cufe"]) == 96
                assert api.get(f"/documentos/{data['tracking_id']}").json()["estado"] == "aceptado"
                xml = api.get(f"/documentos/{data['tracking_id']}/xml")
                assert xml.headers["Content-Type"] == "application/xml"
                assert data["numero_completo"].encode() in xml.content
                pdf = api.get(f"/documentos/{data['tracking_id']}/pdf")
                assert pdf.content[:5] == b"%PDF-"
            listed = api.get("/documentos", params={"estado": "aceptado"}).json()["data"]
            for name, value in (
                ("tipo_documento", "factura"),
                ("adquiriente", sold.json()["data"]["adquirente"]["documento"]),
                ("referencia", "VENTA-1"),
                ("numero", sold.json()["data"]["numero_completo"]),
                ("cufe", sold.json()["data"]["cufe"]),
                ("q", sold.json()["data"]["numero_completo"][:6]),
                ("q", sold.json()["data"]["adquirente"]["documento"][:4]),
            ):
                answer = api.get("/documentos", params={name: value})
                found = [row["referencia"] for row in answer.json().get("data", [])]
                assert found == ["VENTA-1"], (name, answer.text)
            by_reference = api.get("/documentos/por-referencia/VENTA-1").json()
            assert by_reference["tracking_id"] == sold.json()["data"]["tracking_id"]
            table = api.get("/documentos", headers={"Accept": "text/csv"})
            assert table.headers["Content-Type"].startswith("text/csv")
            assert table.text.count("\r\n") == 3

        assert here.factus.documents_received == 2
        assert {row["numero_completo"] for row in listed} == {
            bought.json()["data"]["numero_completo"],
            sold.json()["data"]["numero_completo"],
        }

    def test_a_credit_note_follows_its_invoice(self, here: World):
        _, bearer = here.enrol()
        with here.client(bearer) as api:
            sold = api.post("/documentos", json=invoice()).json()["data"]
            credited = api.post("/notas-credito", json=note(sold["numero_completo"], sold["cufe"]))

        assert credited.json()["data"]["estado"] == "aceptado", credited.text

    def test_a_repeated_reference_is_the_same_document(self, here: World):
        _, bearer = here.enrol()
        with here.client(bearer) as api:
            first = api.post("/documentos", json=invoice(referencia="V-1"))
            again = api.post("/documentos", json=invoice(referencia="V-1"))

        assert again.headers["Idempotency-Replayed"] == "true"
        assert again.json()["data"]["tracking_id"] == first.json()["data"]["tracking_id"]
        assert here.factus.documents_received == 1

    def test_health_me_and_ranges_answer(self, here: World):
        issuer, bearer = here.enrol()
        with here.client(bearer) as api:
            assert api.get("/health").json()["status"] == "ok"
            assert api.get("/me").json()["tenant"]["nit"] == issuer.nit
            ranges = api.get("/numeraciones").json()["data"]
            synced = api.post("/numeraciones/sincronizar").json()

        assert {"SETP", "SEDS"} <= {found["prefijo"] for found in ranges}
        assert synced["ok"] is True
        assert synced["data"][0]["nuevos"] == []

    def test_what_the_console_reads_answers_and_so_does_its_page(self, here: World):
        _, bearer = here.enrol()
        reads = ("documentos", f"cierre/{datetime.now(BOGOTA):%Y-%m}", "lotes", "novedades", "preparacion")
        with here.client(bearer) as api:
            api.post("/documentos", json=invoice()).raise_for_status()
            answers = {path: api.get(f"/{path}").status_code for path in reads}
            page = api.get("/consola")

        assert answers == dict.fromkeys(reads, 200)
        assert page.headers["Content-Type"].startswith("text/html")
        assert "script-src 'self'" in page.headers["Content-Security-Policy"]

    def test_every_function_keeps_a_line_of_whose_token_asked_for_what(self, here: World):
        issuer, bearer = here.enrol()
        with here.client(bearer) as api:
            document = api.post("/documentos", json=invoice()).json()["data"]["tracking_id"]
            api.get(f"/documentos/{document}")
            api.get("/documentos")
            api.get("/numeraciones")

        told = [line for line in audit_lines(here) if line["issuer"] == issuer.nit]
        assert {(line["method"], line["route"], line["document"], line["status"]) for line in told} == {
            ("POST", "/documentos", document, 201),
            ("GET", "/documentos/{id}", document, 200),
            ("GET", "/documentos", None, 200),
            ("GET", "/numeraciones", None, 200),
        }, told
        assert {line["token"] for line in told} == {read_bearer(bearer).id}

    def test_the_settling_schedule_settles_what_is_due(self, here: World):
        issuer, bearer = here.enrol()
        here.factus.lose_next_answer(stored=True)
        with here.client(bearer) as api:
            posted = api.post("/documentos", json=invoice(), headers={"Prefer": "respond-async"}).json()[
                "data"
            ]
            record = _until_unknown(here, issuer.nit, posted["tracking_id"])
            here.gateway.records.save(record.model_copy(update={"due_at": record.created_at}))
            here.stack.run_schedule("settle")

            assert verdict(api, posted["tracking_id"]) == "aceptado"
        assert here.factus.documents_received == 1


def verdict(api: httpx.Client, document_id: str) -> str:
    """What becomes of a document once the look that the schedule handed out has been taken."""
    for _ in range(200):
        estado = str(api.get(f"/documentos/{document_id}").json()["estado"])
        if estado != "pendiente":
            return estado
        time.sleep(0.2)
    raise AssertionError("nobody looked at it")


def _until_unknown(here: World, nit: str, document_id: str) -> Record:
    for _ in range(100):
        record = here.gateway.records.read(nit, document_id)
        if record.state is State.UNKNOWN:
            return record
        time.sleep(0.2)
    raise AssertionError(record.state)
