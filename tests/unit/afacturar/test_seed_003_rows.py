"""Every row of seed 003's tables: inputs, search options, output fields, codes. A test's id names its row."""

import json
from decimal import Decimal
from typing import Any

import pytest

from cauce.contracts.v1 import names
from cauce.domain.document import Kind
from cauce.domain.errors import CredentialsRejected, InvalidDocument, NotSent, OutcomeUnknown
from cauce.domain.outcome import Rejected
from cauce.providers.afacturar.answer import MEANINGS
from cauce.providers.afacturar.provider import Afacturar
from cauce.providers.afacturar.values import SEARCH_OPTIONS
from cauce.providers.base import Emitted
from tests.simulators.afacturar import AfacturarSimulator, row
from tests.simulators.afacturar.rows import FIELDS
from tests.unit.afacturar.builders import afacturar, declared, event, query, seed, seed_json

LISTING = "transacciones_emitidas_v3"


def numbers(found: tuple[Emitted, ...]) -> list[str | None]:
    return [emitted.number for emitted in found]


# Headers and inputs -------------------------------------------------------------------------------------


def test_seed_003_headers_accept_and_bearer_token(provider: Afacturar, simulator: AfacturarSimulator) -> None:
    provider.list_emitted(query())

    asked = simulator.requests[0]
    assert asked.method == "POST"
    assert asked.path == "/api/v2/transacciones_emitidas_v3"
    assert asked.headers["accept"] == "application/json"
    assert asked.headers["authorization"] == "[redacted]"
    assert asked.headers["content-type"].startswith("multipart/form-data; boundary=")


@pytest.mark.parametrize(
    ("name", "asked", "sent"),
    [
        pytest.param("documento_obligado", query(), "11111111", id="input documento_obligado"),
        pytest.param("tipo_orden", query(tipo_orden="DESC"), "DESC", id="input tipo_orden DESC"),
        pytest.param("tipo_orden", query(), "ASC", id="input tipo_orden ASC"),
        pytest.param("ordenado_por", query(ordenado_por="fc"), "fc", id="input ordenado_por fc"),
        pytest.param("ordenado_por", query(), "uniqid", id="input ordenado_por uniqid"),
        pytest.param(
            "ordenado_por",
            query(ordenado_por="fecha_documento"),
            "fecha_documento",
            id="input ordenado_por fecha_documento",
        ),
        pytest.param("offset", query(), "0", id="input offset begins at 0"),
        pytest.param("offset", query(offset=4), "4", id="input offset"),
        pytest.param(
            "cantidad_filas_por_consulta", query(limit=1), "1", id="input cantidad_filas_por_consulta"
        ),
    ],
)
def test_seed_003_input(
    provider: Afacturar, simulator: AfacturarSimulator, name: str, asked: Any, sent: str
) -> None:
    provider.list_emitted(asked)

    assert simulator.calls[0].fields[name] == sent


def test_seed_003_input_opcion_busqueda_is_json_of_the_tables_ten_keys(
    provider: Afacturar, simulator: AfacturarSimulator
) -> None:
    provider.list_emitted(query())

    documented = seed_json("Json\n\nEspecificaciones")
    assert list(json.loads(simulator.calls[0].fields["opcion_busqueda"]).items()) == list(documented.items())
    assert tuple(documented) == tuple(SEARCH_OPTIONS.values())


@pytest.mark.parametrize("name", ["tipo_orden", "ordenado_por"])
def test_seed_003_input_of_another_value_is_refused_before_the_network(
    provider: Afacturar, simulator: AfacturarSimulator, name: str
) -> None:
    with pytest.raises(InvalidDocument) as refused:
        provider.list_emitted(query(**{name: "otro"}))

    assert list(refused.value.fields) == [name]
    assert simulator.requests == []


# Search options -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        pytest.param(
            {"fecha_recepcion_desde": "2026-05-11"},
            ["SETT10", "SETT11"],
            id="option fecha_recepcion_desde",
        ),
        pytest.param(
            {"fecha_recepcion_hasta": "2026-05-03"}, ["SETT1", "NC2"], id="option fecha_recepcion_hasta"
        ),
        pytest.param({"fecha_documento_desde": "2026-05-12"}, ["SETT11"], id="option fecha_documento_desde"),
        pytest.param({"fecha_documento_hasta": "2026-05-02"}, ["SETT1"], id="option fecha_documento_hasta"),
        pytest.param(
            {"tipo_factura_electronica": "2242"}, ["SETT1"], id="option tipo_factura_electronica 2242"
        ),
        pytest.param(
            {"tipo_factura_electronica": "VP", "prefijo": "NC"},
            ["NC2"],
            id="option tipo_factura_electronica VP",
        ),
        pytest.param({"entorno": "PRODUCCION"}, ["SETT10"], id="option entorno PRODUCCION"),
        pytest.param({"entorno": "HABILITACION", "prefijo": "ND"}, ["ND4"], id="option entorno HABILITACION"),
        pytest.param({"entorno": "DOCUMENTO_NO_VALIDO"}, ["SETT8"], id="option entorno DOCUMENTO_NO_VALIDO"),
        pytest.param(
            {"tipo_documento": "factura", "numero_documento": "7"},
            ["SETT7"],
            id="option tipo_documento factura",
        ),
        pytest.param(
            {"tipo_documento": "factura_mandato"}, ["SETT3"], id="option tipo_documento factura_mandato"
        ),
        pytest.param(
            {"tipo_documento": "factura_exportacion"},
            ["SETT9"],
            id="option tipo_documento factura_exportacion",
        ),
        pytest.param(
            {"tipo_documento": "factura_contingencia"},
            ["SETT1"],
            id="option tipo_documento factura_contingencia",
        ),
        pytest.param({"tipo_documento": "nota_credito"}, ["NC2"], id="option tipo_documento nota_credito"),
        pytest.param({"tipo_documento": "nota_debito"}, ["ND4"], id="option tipo_documento nota_debito"),
        pytest.param({"numero_documento": "5"}, ["SETT5"], id="option numero_documento"),
        pytest.param({"uniqid": "5ea991336d009"}, ["SETT9"], id="option uniqid"),
        pytest.param({"prefijo": "ND"}, ["ND4"], id="option prefijo"),
    ],
)
def test_seed_003_search_option(
    provider: Afacturar, simulator: AfacturarSimulator, filters: dict[str, str], found: list[str]
) -> None:
    page = provider.list_emitted(query(**filters))

    assert numbers(page.rows) == found
    sent = json.loads(simulator.calls[0].fields["opcion_busqueda"])
    assert {name: value for name, value in sent.items() if value} == filters


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("tipo_factura_electronica", "2243"),
        ("entorno", "PRUEBAS"),
        ("tipo_documento", "documento_soporte"),
        ("fecha_recepcion_desde", "ayer"),
        ("fecha_documento_hasta", "2026-02-30"),
    ],
)
def test_seed_003_search_option_of_another_value_is_refused_before_the_network(
    provider: Afacturar, simulator: AfacturarSimulator, name: str, value: str
) -> None:
    with pytest.raises(InvalidDocument) as refused:
        provider.list_emitted(query(**{name: value}))

    assert list(refused.value.fields) == [name]
    assert simulator.requests == []


def test_seed_003_option_tipo_documento_is_also_a_kind_of_ours(provider: Afacturar) -> None:
    page = provider.list_emitted(query(kind=Kind.DEBIT_NOTE))

    assert numbers(page.rows) == ["ND4"]


# Output fields ------------------------------------------------------------------------------------------

FULL = {name: f"<{name}>" for name in FIELDS} | {
    "fc": "2026-05-10 10:00:00",
    "fecha_documento": "2026-05-10",
    "valor_total": "119000.50",
    "consulta_doc_dian_estado": "EXITOSA",
    "cufe": "a" * 96,
    "correos_enviados": 3,
}

PLACES = {
    "fc": lambda shown: shown.received_at,
    "tipo_documento": lambda shown: shown.own_type,
    "uniqid": lambda shown: shown.provider_id,
    "prefijo": lambda shown: shown.number.removesuffix("<numero_documento>"),
    "numero_documento": lambda shown: shown.number.removeprefix("<prefijo>"),
    "adquiriente_nombre": lambda shown: shown.counterparty_name,
    "adquiriente_documento": lambda shown: shown.counterparty,
    "fecha_documento": lambda shown: shown.issued_at,
    "url_representacion_xml": lambda shown: shown.links["xml"],
    "url_representacion_pdf": lambda shown: shown.links["pdf"],
    "cufe": lambda shown: shown.uuid,
    "url_rta_envio_dian": lambda shown: shown.links["respuesta_envio_dian"],
    "consulta_doc_dian_url_rta": lambda shown: shown.links["respuesta_consulta_dian"],
    "url_representacion_qr_svg": lambda shown: shown.links["qr"],
    "valor_total": lambda shown: f"{shown.total}",
    "application_response_url": lambda shown: shown.links["application_response"],
    "attached_document_url": lambda shown: shown.links["attached_document"],
}


@pytest.mark.parametrize("name", FIELDS, ids=lambda name: f"output {name}")
def test_seed_003_output_field_is_kept(name: str) -> None:
    with AfacturarSimulator(rows=[FULL]) as simulator:
        shown = afacturar(simulator.base_url).list_emitted(query()).rows[0]

    place = PLACES.get(name, lambda shown: shown.extra[name])
    assert place(shown) == FULL[name]


def test_seed_003_output_fields_are_those_of_the_simulator() -> None:
    documented = seed_json("Salida Exitosa")["resultado"][0]

    assert tuple(documented) == FIELDS
    # What the example writes as null or as a number, the simulator never writes as text.
    nulls = {name for name, value in documented.items() if value is None}
    assert {name for name in FIELDS if row(1)[name] is None} == nulls
    assert {name for name in FIELDS if isinstance(row(1)[name], int)} == {"correos_enviados"}


def test_seed_003_output_example_row_is_read_as_it_is() -> None:
    with AfacturarSimulator(rows=[seed_json("Salida Exitosa")["resultado"][0]]) as simulator:
        shown = afacturar(simulator.base_url).list_emitted(query()).rows[0]

    # EXITOSA without a CUFE is not yet a valid document.
    assert (shown.shown_state, shown.uuid, shown.number, shown.total, shown.links) == (
        "pendiente",
        None,
        None,
        None,
        {},
    )


# Codes --------------------------------------------------------------------------------------------------

CREDENTIALS, UNKNOWN, REFUSED = CredentialsRejected, OutcomeUnknown, Rejected
CODES = {
    15: REFUSED,
    28: UNKNOWN,
    400: REFUSED,
    401: CREDENTIALS,
    403: CREDENTIALS,
    404: CREDENTIALS,
    405: CREDENTIALS,
    409: CREDENTIALS,
    415: CREDENTIALS,
    422: REFUSED,
    429: NotSent,
    500: UNKNOWN,
    503: UNKNOWN,
}


def outcome_of(provider: Afacturar) -> type:
    try:
        return type(declared(provider, event(), "20260510_1"))
    except (CredentialsRejected, NotSent, OutcomeUnknown) as trouble:
        return type(trouble)


@pytest.mark.parametrize("as_text", [False, True], ids=["number", "text"])
@pytest.mark.parametrize("statuses", [True, False], ids=["own status", "status 200"])
@pytest.mark.parametrize("code", CODES, ids=lambda code: f"code {code}")
def test_seed_003_code(code: int, statuses: bool, as_text: bool) -> None:
    with AfacturarSimulator(statuses=statuses) as simulator:
        simulator.answer_next(code, as_text=as_text)

        found = outcome_of(afacturar(simulator.base_url))

        assert found is CODES[code]
        assert simulator.events == {}
        assert len(simulator.requests) == 1


def test_seed_003_code_11_example_with_a_list(provider: Afacturar, simulator: AfacturarSimulator) -> None:
    said = seed_json("errores de semantica")["descripcion_error"]
    simulator.answer_next(11, description=said)

    with pytest.raises(InvalidDocument) as refused:
        provider.list_emitted(query())

    assert names.of_error(refused.value) == {"ordenado_por": [said[0]], "tipo_orden": [said[1]]}


def test_seed_003_code_11_example_with_a_text_is_about_the_token(
    provider: Afacturar, simulator: AfacturarSimulator
) -> None:
    simulator.answer_next(11, description=seed_json("errores de datos")["descripcion_error"])

    with pytest.raises(CredentialsRejected, match="no esta asociado al documento del obligado"):
        provider.list_emitted(query())


def test_every_code_of_the_seeds_table_is_mapped() -> None:
    table = seed().split("Tabla de Errores")[1].split("Ejemplo 1")[0]
    codes = {int(line.split()[0]) for line in table.splitlines() if line[:1].isdigit()}

    assert codes == set(CODES)
    assert codes | {0, 11} <= set(MEANINGS)


def test_amounts_are_exact() -> None:
    with AfacturarSimulator(rows=[FULL]) as simulator:
        assert afacturar(simulator.base_url).list_emitted(query()).rows[0].total == Decimal("119000.50")
