"""What both worlds must do: written once, run by test_journeys and test_journeys_with_iam."""

import time

import pytest

from cauce.domain.record import Record, State
from tests.documents import invoice, note, support_document
from tests.e2e.conftest import World


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

    def test_the_settling_schedule_settles_what_is_due(self, here: World):
        issuer, bearer = here.enrol()
        here.factus.lose_next_answer(stored=True)
        with here.client(bearer) as api:
            posted = api.post("/documentos", json=invoice(), headers={"Prefer": "respond-async"}).json()[
                "data"
            ]
            record = _until_unknown(here, issuer.nit, posted["tracking_id"])
            here.gateway.store.save(record.model_copy(update={"due_at": record.created_at}))
            here.stack.run_schedule("settle")

            assert api.get(f"/documentos/{posted['tracking_id']}").json()["estado"] == "aceptado"
        assert here.factus.documents_received == 1


def _until_unknown(here: World, nit: str, document_id: str) -> Record:
    for _ in range(100):
        record = here.gateway.store.record(nit, document_id)
        if record.state is State.UNKNOWN:
            return record
        time.sleep(0.2)
    raise AssertionError(record.state)
