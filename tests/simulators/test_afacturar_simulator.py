"""The Afacturar simulator by itself, called with plain forms: what it accepts, what it refuses, its faults."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.simulators.__main__ import simulator_class
from tests.simulators.afacturar import NIT, TOKEN, AfacturarSimulator, row

LISTING = "/api/v2/transacciones_emitidas_v3"
ACKNOWLEDGE = "/api/radian/acuse_recibo_fev"
RECEIVE = "/api/radian/recibo_bien_servicio"
CLAIM = "/api/radian/reclamo"
ACCEPT = "/api/radian/aceptacion_expresa"
HISTORY = "/api/radian/historico_eventos"
CUFE = "c" * 96
SEARCH = {
    "documento_obligado": NIT,
    "offset": "0",
    "cantidad_filas_por_consulta": "30",
    "ordenado_por": "uniqid",
    "opcion_busqueda": "0,0,0,0,0,0,0,0",
    "tipo_orden": "ASC",
}


@pytest.fixture
def afacturar() -> Iterator[AfacturarSimulator]:
    with AfacturarSimulator() as simulator:
        yield simulator


def post(
    simulator: AfacturarSimulator, path: str, fields: dict[str, str], token: str = TOKEN
) -> httpx.Response:
    """A multipart form, as the page's curl sends it."""
    return httpx.post(
        f"{simulator.base_url}{path}",
        files={name: (None, value) for name, value in fields.items()},
        headers={"Authorization": f"Bearer {token}", "Accept": "application/json"},
    )


def without(name: str, **changes: str) -> dict[str, str]:
    return {key: value for key, value in {**SEARCH, **changes}.items() if key != name}


def package(transmission: str = "20220913_122843", **changes: Any) -> dict[str, Any]:
    person = {"tipo_identificacion": 13, "identificacion": "1", "nombres": "Ana", "apellidos": "Mora"}
    event = {
        "informacion_documento_referencia": {"cufe": CUFE},
        "quien_recibio_documento": person,
        **changes,
    }
    general = {
        "tipo_ambiente_dian": 2,
        "identificador_transmision": transmission,
        "integrador": {"nombre": "WEB", "tipo": "WEB"},
    }
    return {"evento": [event], "generalidades": general}


def declare(
    simulator: AfacturarSimulator, path: str, data: dict[str, Any] | None = None, nit: str = NIT
) -> dict[str, Any]:
    asked = package(f"transmision {path}") if data is None else data
    return post(simulator, path, {"data": json.dumps(asked), "documento_obligado": nit}).json()


# Encodings ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("encoding", "options"),
    [
        ("multipart", {"files": {name: (None, value) for name, value in SEARCH.items()}}),
        ("urlencoded", {"data": SEARCH}),
        ("json", {"json": SEARCH}),
        ("json", {"json": {**SEARCH, "offset": 0, "opcion_busqueda": {"prefijo": "NC"}}}),
    ],
)
def test_each_documented_encoding_is_taken_and_recorded(afacturar, encoding, options):
    answer = httpx.post(
        f"{afacturar.base_url}{LISTING}", headers={"Authorization": f"Bearer {TOKEN}"}, **options
    )

    assert answer.json()["codigo_error"] == 0
    assert [call.encoding for call in afacturar.calls] == [encoding]


@pytest.mark.parametrize(
    ("content_type", "body", "code"),
    [
        ("text/xml", b"<a/>", 415),
        ("", b"a", 415),
        ("application/json", b"[1]", 400),
        ("application/json", b"{", 400),
        ("multipart/form-data", b"x", 400),
    ],
)
def test_any_other_encoding_is_refused(afacturar, content_type, body, code):
    answer = httpx.post(
        f"{afacturar.base_url}{LISTING}",
        content=body,
        headers={"Authorization": f"Bearer {TOKEN}", "Content-Type": content_type},
    )

    assert (answer.status_code, answer.json()["codigo_error"]) == (code, code)
    assert afacturar.calls == []


# Tokens ------------------------------------------------------------------------------------------------


def test_a_token_nobody_has_is_refused(afacturar):
    answer = post(afacturar, LISTING, SEARCH, token="otro")

    assert (answer.status_code, answer.json()["descripcion_error"]) == (401, "No autorizado")


def test_a_token_serves_its_own_issuer_only(afacturar):
    listing = post(afacturar, LISTING, {**SEARCH, "documento_obligado": "22222222"}).json()
    event = declare(afacturar, ACKNOWLEDGE, nit="22222222")

    for answer in (listing, event):
        assert answer["codigo_error"] == 11
        assert answer["descripcion_error"] == "El token no esta asociado al documento del obligado"
        assert "resultado" not in answer


# The listing -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "sentences"),
    [
        (without("tipo_orden"), ["The tipo orden field is required."]),
        (without("documento_obligado"), ["The documento obligado field is required."]),
        (
            without("tipo_orden", ordenado_por="abc"),
            ["The tipo orden field is required.", "The ordenado por must be at least 5 characters."],
        ),
        ({**SEARCH, "ordenado_por": "prefijo"}, ["The selected ordenado por is invalid."]),
        ({**SEARCH, "tipo_orden": "asc"}, ["The selected tipo orden is invalid."]),
        ({**SEARCH, "offset": "-1"}, ["The offset must be a number."]),
        (
            {**SEARCH, "cantidad_filas_por_consulta": "0"},
            ["The cantidad filas por consulta must be at least 1."],
        ),
        ({**SEARCH, "documento_obligado": "11-1"}, ["The documento obligado must be a number."]),
        ({**SEARCH, "opcion_busqueda": "0,0"}, ["The opcion busqueda must be a valid JSON string."]),
        ({**SEARCH, "opcion_busqueda": "[]"}, ["The opcion busqueda must be a valid JSON string."]),
        ({**SEARCH, "opcion_busqueda": '{"estado": ""}'}, ["The opcion busqueda.estado is not allowed."]),
        (
            {**SEARCH, "opcion_busqueda": '{"entorno": "PRUEBAS"}'},
            ["The selected opcion busqueda.entorno is invalid."],
        ),
    ],
)
def test_wrong_input_is_code_11_with_a_list_of_english_sentences(afacturar, fields, sentences):
    answer = post(afacturar, LISTING, fields)

    assert answer.status_code == 200
    assert answer.json()["codigo_error"] == 11
    assert answer.json()["descripcion_error"] == sentences


@pytest.mark.parametrize("search", ["", "0,0,0,0,0,0,0,0", "{}", '{"prefijo": "", "uniqid": ""}'])
def test_an_empty_search_in_either_shape_finds_everything(afacturar, search):
    answer = post(afacturar, LISTING, {**SEARCH, "opcion_busqueda": search})

    assert len(answer.json()["resultado"]) == len(afacturar.rows) == 11


def test_the_search_is_optional(afacturar):
    assert len(post(afacturar, LISTING, without("opcion_busqueda")).json()["resultado"]) == 11


@pytest.mark.parametrize("order", ["fc", "uniqid", "fecha_documento"])
@pytest.mark.parametrize("direction", ["ASC", "DESC"])
def test_rows_are_ordered_and_then_cut_by_row_offset(afacturar, order, direction):
    asked = {**SEARCH, "ordenado_por": order, "tipo_orden": direction}
    whole = post(afacturar, LISTING, asked).json()["resultado"]
    part = post(afacturar, LISTING, {**asked, "offset": "4", "cantidad_filas_por_consulta": "3"}).json()

    values = [shown[order] for shown in whole]
    assert values == sorted(values, reverse=direction == "DESC")
    assert part["resultado"] == whole[4:7]
    assert set(part) == {"codigo_error", "descripcion_error", "tiempo_ejecucion", "transaccion", "resultado"}


def test_a_document_emitted_between_two_pages_is_in_the_second(afacturar):
    afacturar.emit_after_next_listing(row(12))

    counts = [len(post(afacturar, LISTING, SEARCH).json()["resultado"]) for _ in range(2)]

    assert counts == [11, 12]


def test_files_are_served_where_the_rows_say(afacturar):
    shown = post(afacturar, LISTING, SEARCH).json()["resultado"][0]

    assert httpx.get(shown["url_representacion_xml"]).content.startswith(b"<?xml")
    assert httpx.get(shown["url_representacion_pdf"]).content.startswith(b"%PDF")
    assert httpx.get(f"{afacturar.base_url}/archivos/x").status_code == 404


# Events ------------------------------------------------------------------------------------------------


def test_events_go_in_dians_order_and_their_history_tells_them(afacturar):
    answers = [declare(afacturar, path) for path in (ACKNOWLEDGE, RECEIVE, ACCEPT)]
    history = post(afacturar, HISTORY, {"cufe": CUFE}).json()

    assert [answer["codigo_error"] for answer in answers] == [0, 0, 0]
    assert set(answers[0]["resultado"]) == {"cude", "numero_evento", "url_representacion_xml"}
    assert answers[0]["entorno"] == "Este documento se envia al entorno: DOCUMENTO_NO_VALIDO"
    assert answers[0]["ErrorMessage_DIAN"] == ""
    assert [seen["codigo"] for seen in history["resultado"]] == ["030", "032", "033"]
    assert [seen["cude"] for seen in history["resultado"]] == [
        answer["resultado"]["cude"] for answer in answers
    ]


@pytest.mark.parametrize("path", [RECEIVE, ACCEPT])
def test_an_event_before_its_turn_is_dians_refusal(afacturar, path):
    answer = declare(afacturar, path)

    assert answer["codigo_error"] == 15
    assert "Rechazo" in answer["descripcion_error"]
    assert afacturar.events == {}


def test_a_repeated_event_is_dians_refusal_under_another_transmission(afacturar):
    declare(afacturar, ACKNOWLEDGE, package("transmision 1"))

    again = declare(afacturar, ACKNOWLEDGE, package("transmision 2"))

    assert again["codigo_error"] == 15
    assert "procesado anteriormente" in again["descripcion_error"]
    assert afacturar.events == {CUFE: ["030"]}


def test_a_claim_excludes_an_acceptance(afacturar):
    for path in (ACKNOWLEDGE, RECEIVE):
        declare(afacturar, path)
    claimed = declare(afacturar, CLAIM, package("reclamo 1", encabezado={"tipo_reclamo": "01"}))

    assert claimed["codigo_error"] == 0
    assert declare(afacturar, ACCEPT)["codigo_error"] == 15


@pytest.mark.parametrize(
    ("path", "data", "sentence"),
    [
        (ACKNOWLEDGE, {}, "The evento must contain 1 items."),
        (ACKNOWLEDGE, {**package(), "evento": package()["evento"] * 2}, "The evento must contain 1 items."),
        (CLAIM, package(), "The selected evento.0.encabezado.tipo reclamo is invalid."),
        (
            CLAIM,
            package(encabezado={"tipo_reclamo": "05"}),
            "The selected evento.0.encabezado.tipo reclamo is invalid.",
        ),
        (
            ACKNOWLEDGE,
            package("1234"),
            "The generalidades.identificador transmision must be at least 5 characters.",
        ),
        (
            ACKNOWLEDGE,
            package(informacion_documento_referencia={"cufe": "c" * 95}),
            "The evento.0.informacion documento referencia.cufe format is invalid.",
        ),
    ],
)
def test_an_event_that_is_not_as_its_table_says_is_refused(afacturar, path, data, sentence):
    answer = declare(afacturar, path, data)

    assert answer["codigo_error"] == 11
    assert sentence in answer["descripcion_error"]


@pytest.mark.parametrize(
    ("changes", "attribute"),
    [
        ({"tipo_identificacion": "13"}, "tipo identificacion"),
        ({"tipo_identificacion": 48}, "tipo identificacion"),
        ({"identificacion": 1}, "identificacion"),
        ({"nombres": "Al"}, "nombres"),
        ({"apellidos": ""}, "apellidos"),
        ({"cargo": 5}, "cargo"),
    ],
)
def test_the_person_of_an_event_is_checked_field_by_field(afacturar, changes, attribute):
    known = package()["evento"][0]["quien_recibio_documento"]

    answer = declare(afacturar, ACKNOWLEDGE, package(quien_recibio_documento={**known, **changes}))

    assert len(answer["descripcion_error"]) == 1
    assert f"quien recibio documento.{attribute}" in answer["descripcion_error"][0]


def test_the_payloads_environment_must_be_the_hosts():
    production = package()
    production["generalidades"]["tipo_ambiente_dian"] = 1
    with AfacturarSimulator() as tests, AfacturarSimulator(stage="PRODUCCION") as real:
        refused, taken = declare(tests, ACKNOWLEDGE, production), declare(real, ACKNOWLEDGE, production)

    assert refused["codigo_error"] == 400
    assert taken["entorno"] == "Este documento se envia al entorno: PRODUCCION"


# Faults ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("processed", [True, False])
def test_code_28_comes_whether_dian_went_on_or_not(afacturar, processed):
    afacturar.time_out_next(processed)

    answer = declare(afacturar, ACKNOWLEDGE)

    assert answer["codigo_error"] == 28
    assert afacturar.events == ({CUFE: ["030"]} if processed else {})


def test_the_121st_call_of_a_minute_is_turned_away(afacturar):
    afacturar.throttle(2)

    codes = [post(afacturar, LISTING, SEARCH).json()["codigo_error"] for _ in range(3)]

    assert codes == [0, 0, 429]


def test_a_reset_brings_everything_back(afacturar):
    declare(afacturar, ACKNOWLEDGE)
    afacturar.revoke_tokens()
    afacturar.emit_after_next_listing(row(12))

    httpx.post(f"{afacturar.base_url}/_simulator/reset")

    assert len(post(afacturar, LISTING, SEARCH).json()["resultado"]) == 11
    assert (len(afacturar.rows), afacturar.events) == (11, {})


def test_it_runs_by_its_name_and_logs_no_token():
    said: list[str] = []
    with simulator_class("afacturar")(say=said.append) as simulator:
        post(simulator, LISTING, SEARCH)

    assert "POST   /api/v2/transacciones_emitidas_v3  200" in said[0]
    assert TOKEN not in " ".join(said)
    assert simulator.requests[0].headers["authorization"] == "[redacted]"
