"""The FacEPro simulator by itself: the page's examples and advice, and the faults that a test can order."""

import hashlib
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import httpx
import pytest

from tests.simulators.facepro import FacEProSimulator, Tenant
from tests.simulators.facepro.app import BOGOTA
from tests.simulators.facepro_client import body, client, example, invoice, line, note

NOW = datetime(2026, 5, 10, 15, 30, tzinfo=BOGOTA)


@pytest.fixture
def facepro() -> Iterator[FacEProSimulator]:
    with FacEProSimulator(clock=lambda: NOW) as running:
        yield running


@pytest.fixture
def api(facepro: FacEProSimulator) -> Iterator[httpx.Client]:
    with client(facepro) as opened:
        yield opened


def created(api: httpx.Client, path: str = "/documentos", **changed: Any) -> dict[str, Any]:
    answer = api.post(path, json={**body(path), **changed})
    assert answer.status_code == 201, answer.text
    return answer.json()["data"]


def shape(value: Any) -> Any:
    return {key: shape(inner) for key, inner in value.items()} if isinstance(value, dict) else type(value)


# Examples ----------------------------------------------------------------------------------------


def test_the_pages_invoice_is_answered_to_the_letter(api, facepro):
    request = example("Ejemplo de request", after="Emitir factura electrónica")
    expected = example("Respuesta 201 Created")

    answer = api.post("/documentos", json=request).json()

    assert shape(answer) == shape(expected)
    assert list(answer["data"]) == list(expected["data"])
    own = {"tracking_id", "cufe", "zip_key", "links"}
    assert {key: value for key, value in answer["data"].items() if key not in own} == {
        key: value for key, value in expected["data"].items() if key not in own
    }
    assert len(answer["data"]["cufe"]) == 96


def test_the_pages_samples_of_health_and_me_have_the_same_fields(api):
    assert shape(api.get("/health").json()) == shape(example("Respuesta 200", after="Estado del servicio"))
    me = example("Respuesta 200", after="Información de la empresa autenticada")
    assert shape(api.get("/me").json()) == shape(me)


@pytest.mark.parametrize(
    "status, heading", [(422, "422 Validación"), (429, "429 Quota"), (403, "403 Permiso")]
)
def test_the_pages_errors_are_answered_to_the_letter(api, facepro, status, heading):
    expected = example(f"Ejemplo: {heading}")
    facepro.answer_next(status, permission="permite_notas_credito", errors=expected.get("errors"))

    answer = api.post("/documentos", json=invoice())

    assert (answer.status_code, answer.json()) == (status, expected)


def test_the_arithmetic_is_the_pages(api):
    lines = [line(), line(cantidad=1, precio=25000, descuento_pct=10)]

    assert created(api, lineas=lines)["totales"] == {"subtotal": 122500, "iva": 23275, "total": 145775}
    lines[1] = line(cantidad=1, precio=25000, descuento_valor=2500)
    assert created(api, lineas=lines)["totales"] == {"subtotal": 122500, "iva": 23275, "total": 145775}


def test_each_kind_has_numbers_of_its_own(api):
    assert created(api)["numero_completo"] == "SETP990000011"
    assert created(api)["numero_completo"] == "SETP990000012"
    first_note = created(api, "/notas-credito")
    assert (first_note["tipo_documento"], first_note["consecutivo"]) == ("nota_credito", 1)
    assert created(api, "/notas-debito")["tipo_documento"] == "nota_debito"


def test_health_asks_no_token():
    with FacEProSimulator() as facepro:
        answer = httpx.get(f"{facepro.api_url}/health")

    assert (answer.status_code, answer.json()["status"]) == (200, "ok")
    assert "ok" not in answer.json()


def test_detail_reads_as_the_pages_samples_do_or_wrapped(api, facepro):
    document = created(api)
    assert api.get(f"/documentos/{document['tracking_id']}").json() == document

    with FacEProSimulator(wrapped_detail=True) as other, client(other) as its:
        tracking_id = created(its)["tracking_id"]
        assert its.get(f"/documentos/{tracking_id}").json()["data"]["tracking_id"] == tracking_id


def test_the_xml_holds_the_cufe_and_the_lines(api):
    document = created(api, "/notas-credito")
    answer = api.get(f"/documentos/{document['tracking_id']}/xml")

    assert answer.headers["content-type"] == "application/xml"
    assert document["cufe"] in answer.text
    assert "<CreditNote " in answer.text
    assert "Café" in answer.text


def test_a_list_has_laravels_links_or_nothing_but_its_rows(api, facepro):
    created(api)
    answer = api.get("/documentos", params={"per_page": 1}).json()
    assert (answer["meta"]["total"], answer["links"]["next"]) == (1, None)

    with FacEProSimulator(bare_list=True) as other, client(other) as its:
        assert its.get("/documentos").json() == {"data": []}


def test_notes_must_say_what_they_correct_and_why(api):
    told = api.post("/notas-credito", json=invoice()).json()["errors"]

    assert {name.split(".")[0] for name in told} == {"factura_referencia", "motivo"}


def test_fields_nobody_reads_are_told_to_the_test_and_not_to_the_client(api, facepro):
    created(api, pago={"forma": "2"}, lineas=[line(excluido=True)])

    assert facepro.documents[0].unknown_fields == ("lineas.0.excluido", "pago")


# Mejores prácticas -------------------------------------------------------------------------------


def test_practice_1_tracking_id_and_cufe_never_change(api, facepro):
    facepro.pend_next(1)
    document = created(api)
    consulted = api.get(f"/documentos/{document['tracking_id']}/consultar").json()["documento"]

    assert (consulted["estado"], document["estado"]) == ("aceptado", "pendiente")
    assert [consulted[key] for key in ("tracking_id", "cufe", "numero_completo")] == [
        document[key] for key in ("tracking_id", "cufe", "numero_completo")
    ]


@pytest.mark.parametrize(
    "order, estado",
    [
        (lambda facepro: facepro.reject_next("FAK24", "DV"), "rechazado"),
        (lambda facepro: facepro.pend_next(), "pendiente"),
        (lambda facepro: facepro.fail_next(), "fallido"),
    ],
)
def test_practice_2_every_state_comes_with_201_and_its_last_error(
    api, facepro, order: Callable[[FacEProSimulator], None], estado
):
    order(facepro)
    document = created(api)

    assert document["estado"] == estado
    assert document["ultimo_error"]
    assert "ultimo_error" not in created(api)


def test_practice_3_consulting_asks_again_and_sends_nothing(api, facepro):
    facepro.pend_next(2, then_rule="FAK24", then_text="No está informado el DV")
    tracking_id = created(api)["tracking_id"]

    first = api.get(f"/documentos/{tracking_id}/consultar").json()
    second = api.get(f"/documentos/{tracking_id}/consultar").json()

    assert (first["ok"], first["documento"]["estado"]) == (True, "pendiente")
    assert second["documento"]["estado"] == "rechazado"
    assert second["dian"]["is_valid"] is False
    assert second["dian"]["errors"] == ["Regla: FAK24, Rechazo: No está informado el DV"]
    assert (facepro.documents_received, facepro.documents[0].sent_to_dian) == (1, 1)


def test_practice_4_two_equal_posts_are_two_documents(api, facepro):
    assert created(api)["numero_completo"] != created(api)["numero_completo"]
    assert facepro.documents_received == 2


def test_practice_5_a_quota_lasts_its_whole_period_and_can_be_lifted(api, facepro):
    facepro.set_quota(1)
    created(api)
    assert api.post("/documentos", json=invoice()).status_code == 429
    assert api.post("/documentos", json=invoice()).status_code == 429

    facepro.set_quota(2)

    created(api)


def test_a_quota_starts_again_with_its_period():
    months = iter([datetime(2026, 5, 31, 23, tzinfo=BOGOTA)] * 3 + [datetime(2026, 6, 1, tzinfo=BOGOTA)] * 9)
    with FacEProSimulator(clock=lambda: next(months)) as facepro, client(facepro) as api:
        facepro.set_quota(1)
        created(api)
        assert api.post("/documentos", json=invoice()).status_code == 429
        created(api)


# Tokens and faults -------------------------------------------------------------------------------


def test_tokens_are_kept_as_hashes_and_can_be_revoked(api, facepro):
    secret = facepro.token.partition("|")[2]
    assert secret not in repr(vars(facepro.tokens))
    assert hashlib.sha256(secret.encode()).hexdigest() in repr(vars(facepro.tokens))

    facepro.revoke_token()

    assert api.get("/me").status_code == 401


def test_the_control_plane_sets_quotas_and_companies_and_shows_what_is_stored(api, facepro):
    control = f"{facepro.base_url}/_simulator"
    orders = [
        {"fault": "reject_next", "rule": "FAK24", "text": "DV"},
        {"fault": "set_quota", "limit": 1},
        {"fault": "add_tenant", "token": "9|otra", "nit": "800197268"},
    ]
    assert httpx.post(f"{control}/faults", json=orders).status_code == 200
    created(api)

    state = httpx.get(f"{control}/state").json()

    assert state["documents"][0]["estado"] == "rechazado"
    assert facepro.token not in str(state)
    assert api.post("/documentos", json=invoice()).status_code == 429
    httpx.post(f"{control}/reset")
    created(api, "/notas-debito", **note())


def test_a_company_of_ones_own():
    with FacEProSimulator(tenants=[Tenant(nit="800197268", dv="4")]) as facepro, client(facepro) as api:
        assert api.get("/me").json()["tenant"]["nit"] == "800197268"
