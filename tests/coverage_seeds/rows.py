"""Every row of the tables of the five seeds, and the tests that cover it.

A row is named as its page names it and said in our own words otherwise. A test is a node id: of a function, which
stands for all its cases, or of one case.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cauce.domain.document import Kind
from tests.simulators.facturatech.numbering import CATALOGUE, PARAMETERS, STRUCTURES


@dataclass(frozen=True)
class Row:
    """One row of a table, with the tests that cover it."""

    seed: str
    table: str
    name: str
    tests: tuple[str, ...]


def _rows(seed: str, table: str, names: Iterable[str], *tests: str) -> Iterator[Row]:
    """Rows that the same tests cover; ``{}`` in a test stands for the row's name."""
    for name in names:
        yield Row(seed, table, name, tuple(test.replace("{}", name) for test in tests))


_FACTURATECH = "tests/unit/facturatech/test_seed_000_rows.py::"
# The simulator's tables, which ``test_coverage`` compares with the page, and the tests here with what is read.
TYPES = tuple(CATALOGUE)
PROPERTIES = {name: fields for name, fields in STRUCTURES.items() if not name.startswith("ArrayOf")}
# What our reading of each property is tested by, or of all those of a response.
_READ_000 = {
    "MsgError": "row_MsgError_without_a_list_is_facturatechs_refusal",
    "StatusCode": "row_StatusCode_that_counts_as_success_is_a_setting",
    "StatusDescription": "row_StatusCode_and_StatusDescription_are_dians_refusal",
    "RespNumeration": "row_RespNumeration_has_every_numberingRangelist",
    "ClaveTecnica": "row_ClaveTecnica_is_kept_as_a_secret",
    "DescripcionTipoDocumento": "row_DescripcionTipoDocumento_is_free_text_and_decides_nothing",
    "numberingRangelist": "row_numberingRangelist",
    "ResponseActTipoDoc": "rows_ResponseActTipoDoc_OperacionExitosa_and_Msg",
    "ResponseAltaNuneracion": "rows_ResponseAltaNuneracion_OperacionExitosa_and_Msg",
}
_RULES_000 = {
    "ConsultaNumeracion: productive user": "consulta_precondition_productive_user_so_it_never_leaves_for_an_issuer_under_test",
    "ConsultaNumeracion: client of type Webservice": "consulta_validation_the_client_type_must_be_webservice",
    "ConsultaNumeracion: a DEMO user becomes productive": "consulta_validation_a_demo_user_becomes_productive_at_that_moment",
    "ConsultaNumeracion: new resolutions at DIAN": "consulta_validation_new_resolutions_at_dian_are_synchronised",
    "ConsultaNumeracion: what a resolution is for": (
        "consulta_validation_a_resolution_is_factura_or_support_and_contingency_without_a_type"
    ),
    "ConsultaNumeracion: every stored range comes back": "consulta_returns_every_stored_range_and_not_only_the_new_ones",
    "ActualizarNumTipoDocumento: client of type Webservice": "actualizar_validation_the_client_type_must_be_webservice",
    "ActualizarNumTipoDocumento: productive user": "actualizar_validation_the_user_must_be_productive",
    "ActualizarNumTipoDocumento: DSE or INVOIC-C": (
        "actualizar_validation_any_class_but_DSE_and_INVOIC_C_is_refused_before_the_network"
    ),
    "ActualizarNumTipoDocumento: the range exists": "actualizar_validation_the_range_must_exist",
    "ActualizarNumTipoDocumento: not assigned before": "actualizar_validation_a_range_is_assigned_once",
    "ActualizarNumTipoDocumento: after ConsultaNumeracion": "actualizar_precondition_consulta_comes_first",
    "GenerarNumeracion: client of type Webservice": "generar_validation_the_client_type_must_be_webservice",
    "GenerarNumeracion: productive user": "generar_validation_the_user_must_be_productive",
    "GenerarNumeracion: not INVOICE, INVOIC-C, DSE": (
        "generar_validation_INVOICE_INVOIC_C_and_DSE_are_refused_and_INVOIC_with_them"
    ),
    "GenerarNumeracion: of the catalogue": "generar_validation_the_type_must_be_of_the_catalogue",
    "GenerarNumeracion: nothing twice": "generar_precondition_nothing_is_generated_twice",
}


def _seed_000() -> Iterator[Row]:
    yield Row(
        "000",
        "endpoint",
        "SincronizacionNumeracion.asmx",
        (f"{_FACTURATECH}test_the_address_broken_over_two_lines_is_joined_without_the_blank",),
    )
    for operation, names in PARAMETERS.items():
        yield from _rows(
            "000", f"{operation}, parameters", names, f"{_FACTURATECH}test_row_parameter[{operation}.{{}}]"
        )
    for response, names in PROPERTIES.items():
        for name in names:
            declared = f"{_FACTURATECH}test_row_response_property[{response}.{name}]"
            read = f"{_FACTURATECH}test_{_READ_000.get(name) or _READ_000[response]}"
            yield Row("000", f"{response}, properties", name, (declared, read))
    yield from _rows("000", "ClaveTipoDocumento", TYPES, f"{_FACTURATECH}test_row_ClaveTipoDocumento[{{}}]")
    yield from _rows(
        "000", "catalogue of types", TYPES, f"{_FACTURATECH}test_row_catalogue_description[{{}}]"
    )
    yield from _rows(
        "000",
        "ActualizarNumTipoDocumento, TipoDocumento",
        ("DSE", "INVOIC-C"),
        f"{_FACTURATECH}test_row_ActualizarNumTipoDocumento_TipoDocumento[{{}}]",
    )
    yield from _rows(
        "000",
        "GenerarNumeracion, TipoDocumento",
        [name for name in TYPES if name not in ("INVOIC", "INVOIC-C", "DSE")],
        f"{_FACTURATECH}test_row_GenerarNumeracion_TipoDocumento[{{}}]",
    )
    yield Row(
        "000",
        "Estatus",
        "activo",
        (f"{_FACTURATECH}test_row_Estatus_activo_past_its_last_day_is_expired_all_the_same",),
    )
    yield Row("000", "Estatus", "inactivo", (f"{_FACTURATECH}test_row_Estatus_inactivo",))
    for rule, test in _RULES_000.items():
        yield Row("000", "preconditions and validations", rule, (f"{_FACTURATECH}test_{test}",))


_OWN_001 = "tests/coverage_seeds/test_seed_001_rows.py::"
FIELDS_001 = (
    "reference_code",
    "numbering_range_id",
    "payment_method_code",
    "observation",
    "provider{}",
    "provider.identification_document_id",
    "provider.identification",
    "provider.dv",
    "provider.trade_name",
    "provider.names",
    "provider.address",
    "provider.email",
    "provider.phone",
    "provider.country_code",
    "provider.municipality_id",
    "items{}",
    "item.*.code_reference",
    "item.*.name",
    "item.*.quantity",
    "item.*.discount_rate",
    "item.*.price",
    "item.*.unit_measure_id",
    "item.*.standard_code_id",
    "items.*withholding_taxes[]",
    "items.*.withholding_taxes.*.code",
    "items.*.withholding_taxes.*.withhoding_tax_rate",
)
# Those whose limits our own check holds; the strict simulator holds the rest.
REFUSED_001 = (
    "observation",
    "provider.identification_document_id",
    "provider.address",
    "item.*.quantity",
)


def _seed_001() -> Iterator[Row]:
    yield Row("001", "endpoint", "POST support-documents/validate", (f"{_OWN_001}test_seed_001_endpoint",))
    yield from _rows(
        "001", "headers", ("Content-Type", "Authorization", "Accept"), f"{_OWN_001}test_seed_001_header[{{}}]"
    )
    for name in FIELDS_001:
        refused = f"{_OWN_001}test_seed_001_field_of_another_value_is_refused_by_the_contracts_name[{name}]"
        besides = (refused,) if name in REFUSED_001 else ()
        yield Row("001", "body", name, (f"{_OWN_001}test_seed_001_field[{name}]", *besides))
    yield Row(
        "001",
        "examples",
        "request",
        (
            "tests/unit/factus/test_payload.py::test_the_support_document_of_seed_001_is_written_as_seed_001_writes_it",
            "tests/flow/test_seed_001.py::test_the_provider_receives_the_seeds_request",
        ),
    )
    yield Row(
        "001",
        "examples",
        "answer, validated with a notice",
        (
            "tests/unit/factus/test_answer.py::test_seed_001s_answer_is_accepted_with_its_notice",
            "tests/simulators/test_factus_examples.py::test_the_support_documents_page_is_answered_to_the_letter",
        ),
    )
    yield Row(
        "001",
        "examples",
        "Conflict",
        (
            "tests/unit/factus/test_sending.py::test_another_documents_turn_blocks_this_one",
            "tests/contract/test_codes.py::test_a_documented_code_means_what_its_page_says[factus v1: 409]",
        ),
    )
    yield Row(
        "001",
        "examples",
        "Validation error",
        ("tests/unit/factus/test_answer.py::test_seed_001s_field_errors_store_nothing_and_name_our_fields",),
    )


_OWN_002 = "tests/coverage_seeds/test_seed_002_contract_rows.py::"
_THROUGH_002 = "tests/coverage_seeds/test_seed_002_through_rows.py::"
_PAGE_002 = "tests/simulators/test_facepro_rows.py::"
_ADAPTER_002 = "tests/unit/facepro/"
FIELDS_002 = (
    "factura.fecha",
    "factura.hora",
    "adquiriente.tipo_persona",
    "adquiriente.tipo_documento",
    "adquiriente.numero_documento",
    "adquiriente.dv",
    "adquiriente.razon_social",
    "adquiriente.responsabilidad_fiscal",
    "adquiriente.email",
    "adquiriente.direccion",
    "adquiriente.codigo_municipio",
    "adquiriente.codigo_departamento",
    "lineas[]",
    "lineas[].codigo",
    "lineas[].descripcion",
    "lineas[].cantidad",
    "lineas[].unidad",
    "lineas[].precio",
    "lineas[].iva_pct",
    "lineas[].descuento_pct",
    "lineas[].descuento_valor",
)
NOTE_FIELDS_002 = (
    "factura_referencia.numero",
    "factura_referencia.cufe",
    "factura_referencia.fecha",
    "motivo.codigo",
    "motivo.descripcion",
)
CATALOGUES_002 = {
    "tipo_persona": ("1", "2"),
    "tipo_documento": ("11", "12", "13", "21", "22", "31", "41", "42", "50"),
    "responsabilidad_fiscal": ("O-13", "O-15", "O-23", "O-47", "R-99-PN"),
    "unidad": ("94", "EA", "KGM", "LTR", "MTR", "HUR"),
}
REASONS_002 = {Kind.CREDIT_NOTE: "123456", Kind.DEBIT_NOTE: "1234"}
ENDPOINTS_002 = {
    "GET /health": ("tests/unit/contracts/test_render.py::test_me_and_health_have_seed_002s_shapes",),
    "GET /me": (
        "tests/flow/test_access.py::test_me_tells_the_tokens_bearer_and_its_issuer_as_the_page_does",
        "tests/unit/facepro/test_calls.py::test_whose_token_it_is_is_asked_once_before_the_first_document",
    ),
    "POST /documentos": (
        "tests/unit/contracts/test_seeds.py::test_the_pages_request_is_taken_and_its_answer_has_our_fields_in_its_order",
        "tests/unit/facepro/test_payload.py::test_the_pages_request_is_written_as_it_is_printed_with_its_moment_of_issue_before",
    ),
    "GET /documentos": (
        "tests/flow/test_listing.py::test_newest_first_and_twenty_to_a_page",
        "tests/unit/facepro/test_calls.py::test_a_listed_row_says_what_every_provider_says",
    ),
    "GET /documentos/{uuid}": (
        "tests/unit/contracts/test_render.py::test_the_detail_has_the_documents_fields_at_its_root_and_what_happened_to_it",
        "tests/contract/test_silence.py::test_an_answer_lost_after_storing_is_found_by_what_recovers_it_and_nothing_else[facepro: invoice]",
    ),
    "GET /documentos/{uuid}/consultar": (
        "tests/flow/test_listing.py::test_a_documents_new_state_moves_it_from_one_list_to_the_other",
        "tests/unit/facepro/test_calls.py::test_a_pending_document_is_asked_about_until_dian_speaks",
    ),
    "GET /documentos/{uuid}/xml": (
        "tests/flow/test_emission.py::test_the_signed_xml_is_archived_and_served_byte_for_byte",
        "tests/unit/facepro/test_calls.py::test_the_xml_is_the_documents_own",
    ),
    "POST /notas-credito": (
        "tests/unit/contracts/test_seeds.py::test_the_pages_note_is_the_invoice_with_two_fields_more[credit_note]",
        "tests/unit/facepro/test_payload.py::test_each_kind_has_its_own_address[credit_note-POST /notas-credito]",
    ),
    "POST /notas-debito": (
        "tests/unit/contracts/test_seeds.py::test_the_pages_note_is_the_invoice_with_two_fields_more[debit_note]",
        "tests/unit/facepro/test_payload.py::test_each_kind_has_its_own_address[debit_note-POST /notas-debito]",
    ),
}
STATUSES_002 = {
    "200": "is_a_get_that_worked",
    "201": "is_a_document_created",
    "401": "is_a_token_wrong_or_absent",
    "403": "is_a_permission_not_granted",
    "404": "is_an_unknown_tracking_id_or_another_companys",
    "422": "names_every_wrong_field_at_once",
    "429": "is_the_quota_of_a_period",
    "500": "brings_the_detail_and_may_come_after_storing",
}


def _seed_002() -> Iterator[Row]:
    for name, tests in ENDPOINTS_002.items():
        yield Row("002", "endpoints", name, tests)
    for name in FIELDS_002:
        yield Row(
            "002",
            "POST /documentos, body",
            name,
            (
                *(f"{_OWN_002}{test}[invoice {name}]" for test in _CONTRACT_TESTS),
                f"{_THROUGH_002}test_seed_002_row_reaches_facepro[invoice {name}]",
                f"{_PAGE_002}test_seed_002_field_is_taken_as_its_row_says[/documentos {name}]",
            ),
        )
    for kind, path in (("credit_note", "/notas-credito"), ("debit_note", "/notas-debito")):
        for name in NOTE_FIELDS_002:
            yield Row(
                "002",
                f"POST {path}, additional fields",
                name,
                (
                    *(f"{_OWN_002}{test}[{kind} {name}]" for test in _CONTRACT_TESTS),
                    f"{_THROUGH_002}test_seed_002_row_reaches_facepro[{kind} {name}]",
                    f"{_PAGE_002}test_seed_002_field_is_taken_as_its_row_says[{path} {name}]",
                ),
            )
    for table, codes in CATALOGUES_002.items():
        field = "lineas.0.unidad" if table == "unidad" else f"adquiriente.{table}"
        yield from _rows(
            "002",
            table,
            codes,
            f"{_THROUGH_002}test_seed_002_catalogue_code_reaches_facepro[{table} {{}}]",
            f"{_PAGE_002}test_seed_002_catalogue_code_is_taken[{field}-{{}}]",
        )
    for kind_of, path in ((Kind.CREDIT_NOTE, "/notas-credito"), (Kind.DEBIT_NOTE, "/notas-debito")):
        yield from _rows(
            "002",
            f"motivo.codigo of {path}",
            REASONS_002[kind_of],
            f"{_THROUGH_002}test_seed_002_reason_reaches_facepro[{kind_of.value} {{}}]",
            f"{_PAGE_002}test_seed_002_reason_code_is_taken[{path}-{{}}]",
        )
    yield from _parameters_002()
    for status, says in STATUSES_002.items():
        yield Row(
            "002",
            "error codes",
            status,
            (
                f"{_PAGE_002}test_seed_002_status_{status}_{says}",
                f"tests/contract/test_codes.py::test_a_documented_code_means_what_its_page_says[facepro: {status}]",
                f"{_ADAPTER_002}test_answer.py::test_seed_002_status_has_a_meaning[{status}]",
            ),
        )
    for name, says in _CONVENTIONS_002.items():
        ours = f"{_THROUGH_002}test_seed_002_convention_{re.sub('[- ]', '_', name.lower())}"
        yield Row("002", "conventions", name, (ours, f"{_PAGE_002}test_seed_002_convention_{says}"))
    for name, test in _EXAMPLES_002.items():
        yield Row("002", "examples", name, (test,))


_CONTRACT_TESTS = (
    "test_seed_002_contract_row_is_taken",
    "test_seed_002_contract_row_is_required_or_not",
    "test_seed_002_contract_row_is_refused_by_its_name",
)
_LISTING = "tests/flow/test_listing.py::"
_FILTERS = f"{_LISTING}test_filters_are_by_state_and_by_the_day_of_issue_in_bogota"
_LISTED = f"{_ADAPTER_002}test_calls.py::test_seed_002_parameter_filters_the_listing"
_CONVENTIONS_002 = {
    "Base URL": "base_url_ends_in_api_v1",
    "Formato": "requests_are_json[Formato]",
    "Content-Type": "requests_are_json[Content-Type]",
    "Accept": "answers_are_json",
    "Zona horaria": "time_is_bogotas",
    "Decimales": "decimals_take_a_point",
    "Fechas": "dates_are_year_month_day",
}
_EXAMPLES_002 = {
    "request and 201": "tests/unit/contracts/test_seeds.py::test_the_pages_request_is_taken_and_its_answer_has_our_fields_in_its_order",
    "credit note": "tests/unit/contracts/test_seeds.py::test_the_pages_note_is_the_invoice_with_two_fields_more[credit_note]",
    "debit note": "tests/unit/contracts/test_seeds.py::test_the_pages_note_is_the_invoice_with_two_fields_more[debit_note]",
    "422": "tests/unit/contracts/test_refusals.py::test_seed_002s_own_example_of_a_refusal",
    "403 and 429": "tests/unit/contracts/test_web.py::test_seed_002s_error_bodies_are_inside_the_problems",
}


def _parameters_002() -> Iterator[Row]:
    table = "GET /documentos, query"
    ours = {
        "estado": (
            f"{_FILTERS}[?estado=aceptado-da]",
            f"{_LISTED}[estado-rechazado-0]",
            f"{_PAGE_002}test_seed_002_parameter_estado",
        ),
        "desde": (
            f"{_FILTERS}[?desde=2026-05-11-dcb]",
            f"{_LISTED}[desde-2026-05-11-0]",
            f"{_PAGE_002}test_seed_002_parameter_desde_is_inclusive_and_of_the_date_of_issue",
        ),
        "hasta": (
            f"{_FILTERS}[?hasta=2026-05-11-cba]",
            f"{_LISTED}[hasta-2026-05-09-0]",
            f"{_PAGE_002}test_seed_002_parameter_hasta_is_inclusive_and_of_the_date_of_issue",
        ),
        "per_page": (
            f"{_LISTING}test_newest_first_and_twenty_to_a_page",
            f"{_ADAPTER_002}test_calls.py::test_pages_follow_each_other_by_offset",
            f"{_PAGE_002}test_seed_002_parameter_per_page_is_20_unless_said_and_100_at_most",
        ),
        "page": (
            f"{_LISTING}test_a_page_number_and_its_cursor_are_the_same_page",
            f"{_ADAPTER_002}test_calls.py::test_pages_follow_each_other_by_offset",
            f"{_PAGE_002}test_seed_002_parameter_page",
        ),
    }
    for name, tests in ours.items():
        yield Row("002", table, name, tests)


_AFACTURAR = "tests/unit/afacturar/test_seed_003_rows.py::"
_EVENT = "tests/flow/test_events_radian.py::test_seed_003_event_is_taken_as_its_page_prints_it_and_declared_field_by_field"
_WRITTEN = "tests/unit/afacturar/test_seed_003_requests.py::test_the_first_event_of_the_page_is_made_exactly"
OPTIONS_003 = {
    "fecha_recepcion_desde": ("",),
    "fecha_recepcion_hasta": ("",),
    "fecha_documento_desde": ("",),
    "fecha_documento_hasta": ("",),
    "tipo_factura_electronica": ("VP", "2242"),
    "entorno": ("PRODUCCION", "HABILITACION", "DOCUMENTO_NO_VALIDO"),
    "tipo_documento": (
        "factura",
        "factura_mandato",
        "factura_exportacion",
        "factura_contingencia",
        "nota_credito",
        "nota_debito",
    ),
    "numero_documento": ("",),
    "uniqid": ("",),
    "prefijo": ("",),
}
OUTPUT_003 = (
    "fc",
    "ip",
    "milseg_ejecucion",
    "tipo_documento",
    "uniqid",
    "prefijo",
    "numero_documento",
    "adquiriente_nombre",
    "adquiriente_documento",
    "fecha_documento",
    "url_representacion_xml",
    "url_representacion_pdf",
    "correo_adquiriente",
    "cufe",
    "url_rta_envio_dian",
    "consulta_doc_dian_estado",
    "consulta_doc_dian_url_rta",
    "aceptacion_rechazo_fecha",
    "aceptacion_rechazo_ip",
    "aceptacion_rechazo_estado",
    "aceptacion_rechazo_observaciones",
    "acuse_recibo",
    "acuse_recibo_fecha",
    "acuse_recibo_ip",
    "correos_enviados",
    "entorno",
    "tipo_factura_electronica",
    "url_representacion_qr_svg",
    "valor_total",
    "rta_ws_dian_response",
    "application_response_url",
    "attached_document_url",
)
CODES_003 = ("15", "28", "400", "401", "403", "404", "405", "409", "415", "422", "429", "500", "503")


def _seed_003() -> Iterator[Row]:
    yield from _rows(
        "003",
        "headers",
        ("Accept", "Authorization"),
        f"{_AFACTURAR}test_seed_003_headers_accept_and_bearer_token",
    )
    inputs = {
        "documento_obligado": ("",),
        "tipo_orden": ("ASC", "DESC"),
        "ordenado_por": ("fc", "uniqid", "fecha_documento"),
        "offset": ("", "begins at 0"),
        "cantidad_filas_por_consulta": ("",),
    }
    for name, values in inputs.items():
        for value in values:
            full = f"{name} {value}".strip()
            yield Row("003", "body", full, (f"{_AFACTURAR}test_seed_003_input[input {full}]",))
    yield Row(
        "003",
        "body",
        "opcion_busqueda",
        (
            f"{_AFACTURAR}test_seed_003_input_opcion_busqueda_is_json_of_the_tables_ten_keys",
            "tests/unit/afacturar/test_seed_003_requests.py::test_the_curl_of_the_page_is_sent_field_for_field",
        ),
    )
    for name, values in OPTIONS_003.items():
        for value in values:
            full = f"{name} {value}".strip()
            yield Row(
                "003", "opcion_busqueda", full, (f"{_AFACTURAR}test_seed_003_search_option[option {full}]",)
            )
    yield from _rows(
        "003", "row of the answer", OUTPUT_003, f"{_AFACTURAR}test_seed_003_output_field_is_kept[output {{}}]"
    )
    for code in CODES_003:
        yield Row(
            "003",
            "error codes",
            code,
            (
                f"{_AFACTURAR}test_seed_003_code[code {code}-own status-number]",
                f"tests/contract/test_codes.py::test_a_documented_code_means_what_its_page_says[afacturar: {code}]",
            ),
        )
    yield Row(
        "003",
        "error codes",
        "11 with a list",
        (
            f"{_AFACTURAR}test_seed_003_code_11_example_with_a_list",
            "tests/contract/test_codes.py::test_a_documented_code_means_what_its_page_says[afacturar: 11, a list]",
        ),
    )
    yield Row(
        "003",
        "error codes",
        "11 with a text",
        (
            f"{_AFACTURAR}test_seed_003_code_11_example_with_a_text_is_about_the_token",
            "tests/contract/test_codes.py::test_a_documented_code_means_what_its_page_says[afacturar: 11, a text]",
        ),
    )
    for name in EVENT_003:
        yield Row("003", "event", name, (_EVENT, _WRITTEN))


EVENT_003 = (
    "informacion_documento_referencia.cufe",
    "quien_recibio_documento.tipo_identificacion",
    "quien_recibio_documento.identificacion",
    "quien_recibio_documento.nombres",
    "quien_recibio_documento.apellidos",
    "quien_recibio_documento.cargo",
    "quien_recibio_documento.area",
    "generalidades.tipo_ambiente_dian",
    "generalidades.identificador_transmision",
    "generalidades.integrador.nombre",
    "generalidades.integrador.tipo",
)
_LOOKUPS = "tests/flow/test_lookups.py::"
FIELDS_004 = (
    "id",
    "document",
    "prefix",
    "from",
    "to",
    "current",
    "resolution_number",
    "technical_key",
    "is_active",
)


def _seed_004() -> Iterator[Row]:
    yield from _rows(
        "004",
        "headers",
        ("Authorization", "X-Factus-Token"),
        f"{_LOOKUPS}test_seed_004_headers_both_are_required",
    )
    yield from _rows(
        "004",
        "answer",
        ("success", "message", "data", "errors"),
        f"{_LOOKUPS}test_seed_004_answer_every_range_of_factus_in_the_pages_shape",
    )
    yield from _rows(
        "004",
        "range",
        FIELDS_004,
        f"{_LOOKUPS}test_seed_004_field_has_the_type_and_the_value_of_the_range[{{}}]",
    )
    yield from _rows(
        "004", "error codes", ("400",), f"{_LOOKUPS}test_seed_004_400_where_factus_refuses_the_token"
    )
    yield from _rows("004", "error codes", ("401",), f"{_LOOKUPS}test_seed_004_headers_both_are_required")
    yield Row(
        "004",
        "usage notes",
        "only active ranges are used",
        (
            "tests/flow/test_numbering.py::test_an_expired_absent_or_second_range_is_told_before_anything_is_stored",
        ),
    )
    yield Row(
        "004",
        "usage notes",
        "each range has its resolution",
        (f"{_LOOKUPS}test_seed_004_field_has_the_type_and_the_value_of_the_range[resolution_number]",),
    )
    yield Row(
        "004",
        "usage notes",
        "past its limit another range is needed",
        (
            "tests/flow/test_numbering.py::test_numbers_of_ours_are_taken_in_order_and_the_last_one_is_the_last",
        ),
    )
    yield Row(
        "004",
        "usage notes",
        "current is the next number",
        (f"{_LOOKUPS}test_seed_004_note_current_is_the_next_number_and_current_equal_to_to_has_one_left",),
    )
    yield Row(
        "004",
        "examples",
        "200, 400 and 401",
        (f"{_LOOKUPS}test_seed_004_examples_have_the_fields_and_the_errors_that_are_answered",),
    )


ROWS: tuple[Row, ...] = (*_seed_000(), *_seed_001(), *_seed_002(), *_seed_003(), *_seed_004())
