"""Every row of seed 000's tables, by name: parameters, response properties, catalogues, preconditions, validations.

Over real SOAP: our WSDL through zeep, against the simulator or a scripted service.
"""

import io
from datetime import date
from typing import Any
from xml.etree import ElementTree

import pytest
import zeep

from cauce.domain.document import Kind
from cauce.domain.errors import CredentialsRejected, InvalidDocument, NumberingUnavailable, Unsupported
from cauce.domain.issuer import Environment
from cauce.domain.ranges import RangeState
from cauce.providers.facturatech import ranges, settings
from cauce.providers.facturatech.numbering import wsdl
from tests.simulators.facturatech import FacturatechSimulator
from tests.simulators.facturatech import numbering as simulated
from tests.unit.facturatech.builders import account, connected, demo_user, facturatech, published
from tests.unit.facturatech.conftest import Script

NS = "http://webservice.facturatech.co/"
XSD = "{http://www.w3.org/2001/XMLSchema}"
SEED = "seeds/000_*.txt"

CATALOGUE = {
    "INVOIC": "Factura",
    "INVOIC-C": "Factura de contingencia",
    "NC": "Nota de crédito",
    "ND": "Nota de debito",
    "DOCUMENTO_SOPORTE": "Documento soporte análogo",
    "NOMINA": "Nomina",
    "NOMINA_AJUSTE": "Nómina de ajuste",
    "SALUD": "Documento Salud",
    "INVOIC-C-POS": "Documento contingencia pos",
    "TITULO_VALOR": "Documento Titulo valor",
    "DSE": "Documento Soporte Electrónico",
    "DSE_AJUSTE": "Documento soporte ajuste",
    "RADIAN": "RADIAN",
}
GENERATED = [
    "NC",
    "ND",
    "DOCUMENTO_SOPORTE",
    "NOMINA",
    "NOMINA_AJUSTE",
    "SALUD",
    "INVOIC-C-POS",
    "TITULO_VALOR",
    "DSE_AJUSTE",
    "RADIAN",
]

PARAMETERS = [
    ("ConsultaNumeracion", "User", "string"),
    ("ConsultaNumeracion", "Pass", "string"),
    ("ActualizarNumTipoDocumento", "User", "string"),
    ("ActualizarNumTipoDocumento", "Pass", "string"),
    ("ActualizarNumTipoDocumento", "Prefijo", "string"),
    ("ActualizarNumTipoDocumento", "NumAutorizacion", "string"),
    ("ActualizarNumTipoDocumento", "TipoDocumento", "string"),
    ("GenerarNumeracion", "User", "string"),
    ("GenerarNumeracion", "Pass", "string"),
    ("GenerarNumeracion", "Prefijo", "string"),
    ("GenerarNumeracion", "NumeroInicial", "int"),
    ("GenerarNumeracion", "NumeroFinal", "int"),
    ("GenerarNumeracion", "TipoDocumento", "string"),
]
PROPERTIES = [
    ("ResponseNumberingQuery", "MsgError", "string"),
    ("ResponseNumberingQuery", "StatusCode", "int"),
    ("ResponseNumberingQuery", "StatusDescription", "string"),
    ("ResponseNumberingQuery", "RespNumeration", "ArrayOfNumberingRangelist"),
    ("ArrayOfNumberingRangelist", "numberingRangelist", "numberingRangelist"),
    ("numberingRangelist", "NumeroAutorizacion", "string"),
    ("numberingRangelist", "Prefijo", "string"),
    ("numberingRangelist", "NumeroInicial", "int"),
    ("numberingRangelist", "NumeroFinal", "int"),
    ("numberingRangelist", "FechaInicioAutorizacion", "string"),
    ("numberingRangelist", "FechaFinAutorizacion", "string"),
    ("numberingRangelist", "ClaveTecnica", "string"),
    ("numberingRangelist", "Estatus", "string"),
    ("numberingRangelist", "ClaveTipoDocumento", "string"),
    ("numberingRangelist", "DescripcionTipoDocumento", "string"),
    ("ResponseActTipoDoc", "OperacionExitosa", "boolean"),
    ("ResponseActTipoDoc", "Msg", "string"),
    ("ResponseAltaNuneracion", "OperacionExitosa", "boolean"),
    ("ResponseAltaNuneracion", "Msg", "string"),
]


def row(**changes: str) -> str:
    """A numberingRangelist as the service writes one."""
    fields = {
        "NumeroAutorizacion": "18760000001",
        "Prefijo": "SETP",
        "NumeroInicial": "990000000",
        "NumeroFinal": "995000000",
        "FechaInicioAutorizacion": "2019-01-19",
        "FechaFinAutorizacion": "2030-01-19",
        "ClaveTecnica": "abc123",
        "Estatus": "activo",
        "ClaveTipoDocumento": "INVOIC",
        "DescripcionTipoDocumento": "Factura",
        **changes,
    }
    inside = "".join(f"<{name}>{value}</{name}>" for name, value in fields.items())
    return f"<numberingRangelist>{inside}</numberingRangelist>"


def listing(*rows: str, error: str = "", status: str = "100", description: str = "") -> str:
    return (
        f"<MsgError>{error}</MsgError><StatusCode>{status}</StatusCode>"
        f"<StatusDescription>{description}</StatusDescription><RespNumeration>{''.join(rows)}</RespNumeration>"
    )


def read(script: Script, *rows: str, **changes: str) -> Any:
    """The ranges that the provider makes of an answer."""
    script.asmx("ConsultaNumeracion", listing(*rows, **changes))
    return facturatech(script.url).ranges()


def sent(script: Script) -> dict[str, str]:
    """The parameters of the last request, by name."""
    root = ElementTree.fromstring(script.asked[-1].body)  # noqa: S314
    return {each.tag.partition("}")[2]: each.text or "" for each in root[-1][0]}


def of_wsdl(name: str, *, element: bool) -> dict[str, str]:
    """The fields that our WSDL gives an operation or a type, with their XSD types."""
    root = ElementTree.fromstring(wsdl())  # noqa: S314
    path = f".//{XSD}{'element' if element else 'complexType'}[@name='{name}']//{XSD}element"
    return {field.attrib["name"]: field.attrib["type"].partition(":")[2] for field in root.iterfind(path)}


# The service and its address ---------------------------------------------------------------------


def test_the_address_broken_over_two_lines_is_joined_without_the_blank():
    assert "https://webservice.facturatech.co/v2/BETA/" in published(SEED)

    found = settings.read({}, Environment.TEST).numbering_url
    assert found.endswith("/v2/BETA/SincronizacionNumeracion.asmx")


def test_every_name_of_the_wsdl_is_spelt_as_the_seed_spells_it():
    seed = published(SEED)
    names = {name for row in (*PARAMETERS, *PROPERTIES) for name in row[:2]} - {"ArrayOfNumberingRangelist"}

    broken = {"DescripcionTipoDocumento": "DescripcionTipoDo\ncumento"}  # a table's cell is narrow
    assert [name for name in sorted(names) if broken.get(name, name) not in seed] == []
    assert "ResponseAltaNuneracion" in names


# Parameters and response properties --------------------------------------------------------------


CALLS: dict[str, tuple[Any, dict[str, str]]] = {
    "ConsultaNumeracion": (lambda provider: provider.ranges(), {}),
    "ActualizarNumTipoDocumento": (
        lambda provider: provider.assign_range_type("CDS", "18764000012", "INVOIC-C"),
        {"Prefijo": "CDS", "NumAutorizacion": "18764000012", "TipoDocumento": "INVOIC-C"},
    ),
    "GenerarNumeracion": (
        lambda provider: provider.generate_range("NOM", 1, 500, "NOMINA"),
        {"Prefijo": "NOM", "NumeroInicial": "1", "NumeroFinal": "500", "TipoDocumento": "NOMINA"},
    ),
}


@pytest.mark.parametrize(
    ("operation", "name", "xsd_type"), PARAMETERS, ids=[f"{row[0]}.{row[1]}" for row in PARAMETERS]
)
def test_row_parameter(operation: str, name: str, xsd_type: str, script: Script):
    """In our WSDL with its type, in what goes out with its value and in its place, and known to the simulator."""
    call, given = CALLS[operation]
    script.asmx(operation, f"{listing()}<OperacionExitosa>true</OperacionExitosa><Msg>Listo</Msg>")
    provider = facturatech(script.url)
    call(provider)

    expected = {
        "User": "900123456",
        "Pass": settings.access(provider.connection.credentials).hashed(),
        **given,
    }
    assert script.asked[-1].headers["soapaction"].strip('"') == f"{NS}{operation}"
    assert sent(script)[name] == expected[name]
    assert list(sent(script)) == [row[1] for row in PARAMETERS if row[0] == operation]
    assert of_wsdl(operation, element=True)[name] == xsd_type
    assert tuple(sent(script)) == simulated.PARAMETERS[operation]


@pytest.mark.parametrize(
    ("owner", "name", "xsd_type"), PROPERTIES, ids=[f"{row[0]}.{row[1]}" for row in PROPERTIES]
)
def test_row_response_property(owner: str, name: str, xsd_type: str):
    assert of_wsdl(owner, element=False)[name] == xsd_type


def test_row_MsgError_without_a_list_is_facturatechs_refusal(script: Script):
    with pytest.raises(CredentialsRejected, match="cliente no es Webservice"):
        read(script, error="El tipo de cliente no es Webservice")


def test_row_MsgError_beside_a_list_does_not_hide_the_list(script: Script):
    assert len(read(script, row(), error="No hay resoluciones nuevas")) == 1


@pytest.mark.parametrize("status", ["0", "100", "200", "201"])
def test_row_StatusCode_that_other_services_call_success_is_success(status: str, script: Script):
    assert len(read(script, row(), status=status)) == 1


def test_row_StatusCode_and_StatusDescription_are_dians_refusal(script: Script):
    with pytest.raises(NumberingUnavailable, match=r"\(89\): «NIT no autorizado»"):
        read(script, status="89", description="NIT no autorizado")


def test_row_StatusCode_that_counts_as_success_is_a_setting(script: Script):
    script.asmx("ConsultaNumeracion", listing(row(), status="1"))

    assert len(facturatech(script.url, numbering_ok_codes="1").ranges()) == 1


def test_row_RespNumeration_may_be_empty(script: Script):
    assert read(script) == []


def test_row_RespNumeration_has_every_numberingRangelist(script: Script):
    assert [found.prefix for found in read(script, row(), row(Prefijo="FEVA"))] == ["SETP", "FEVA"]


@pytest.mark.parametrize(
    ("name", "fact", "value"),
    [
        ("NumeroAutorizacion", "resolution", "18760000001"),
        ("Prefijo", "prefix", "SETP"),
        ("NumeroInicial", "start", 990000000),
        ("NumeroFinal", "end", 995000000),
        ("FechaInicioAutorizacion", "valid_from", date(2019, 1, 19)),
        ("FechaFinAutorizacion", "valid_to", date(2030, 1, 19)),
        ("Estatus", "active", True),
        ("ClaveTipoDocumento", "provider_type", "INVOIC"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_row_numberingRangelist(name: str, fact: str, value: object, script: Script):
    (found,) = read(script, row())

    assert getattr(found, fact) == value


def test_row_ClaveTecnica_is_kept_as_a_secret(script: Script):
    (found,) = read(script, row(ClaveTecnica="0123456789abcdef"))

    assert found.technical_key.get_secret_value() == "0123456789abcdef"
    assert "0123456789abcdef" not in repr(found)


def test_row_Estatus_inactivo(script: Script):
    (found,) = read(script, row(Estatus="inactivo"))

    assert found.state(date(2026, 1, 1)) is RangeState.INACTIVE


def test_row_Estatus_activo_past_its_last_day_is_expired_all_the_same(script: Script):
    (found,) = read(script, row(FechaFinAutorizacion="2021-01-19"))

    assert found.active
    assert found.state(date(2021, 1, 19)) is RangeState.USABLE
    assert found.state(date(2021, 1, 20)) is RangeState.EXPIRED


def test_row_DescripcionTipoDocumento_is_free_text_and_decides_nothing(script: Script):
    (found,) = read(script, row(DescripcionTipoDocumento="Nota de crédito"))

    assert found.kind is Kind.INVOICE


@pytest.mark.parametrize("flag", ["true", "false"])
def test_rows_ResponseActTipoDoc_OperacionExitosa_and_Msg(flag: str, script: Script):
    script.asmx(
        "ActualizarNumTipoDocumento", f"<OperacionExitosa>{flag}</OperacionExitosa><Msg>Porque sí</Msg>"
    )

    answer = facturatech(script.url).assign_range_type("CDS", "1", "DSE")
    assert (answer.done, answer.message) == (flag == "true", "Porque sí")


@pytest.mark.parametrize("flag", ["true", "false"])
def test_rows_ResponseAltaNuneracion_OperacionExitosa_and_Msg(flag: str, script: Script):
    script.asmx("GenerarNumeracion", f"<OperacionExitosa>{flag}</OperacionExitosa><Msg>Porque sí</Msg>")

    answer = facturatech(script.url).generate_range("NC", 1, 2, "NC")
    assert (answer.done, answer.message) == (flag == "true", "Porque sí")


# Catalogues --------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", CATALOGUE)
def test_row_ClaveTipoDocumento(key: str, script: Script):
    kinds = {
        "INVOIC": Kind.INVOICE,
        "NC": Kind.CREDIT_NOTE,
        "ND": Kind.DEBIT_NOTE,
        "DSE": Kind.SUPPORT_DOCUMENT,
        "DSE_AJUSTE": Kind.ADJUSTMENT_NOTE,
    }

    (found,) = read(script, row(ClaveTipoDocumento=key))
    assert (found.provider_type, found.kind) == (key, kinds.get(key))
    assert key in ranges.RANGE_TYPES


def test_row_ClaveTipoDocumento_empty_awaits_assignment(script: Script):
    (found,) = read(script, row(ClaveTipoDocumento=""))

    assert (found.kind, found.provider_type) == (None, None)


@pytest.mark.parametrize(("key", "description"), CATALOGUE.items(), ids=CATALOGUE)
def test_row_catalogue_description(key: str, description: str):
    assert ranges.RANGE_TYPES[key] == description


@pytest.mark.parametrize("key", ["DSE", "INVOIC-C"])
def test_row_ActualizarNumTipoDocumento_TipoDocumento(key: str, simulator: FacturatechSimulator):
    provider = connected(simulator)
    provider.ranges()

    assert provider.assign_range_type("CDS", "18764000012", key).done
    assert {found.provider_type for found in provider.ranges() if found.prefix == "CDS"} == {key}


@pytest.mark.parametrize("key", GENERATED)
def test_row_GenerarNumeracion_TipoDocumento(key: str, simulator: FacturatechSimulator):
    assert connected(simulator).generate_range("NUEVO", 1, 100, key).done

    assert account(simulator).ranges[-1].type_name == key


def test_the_three_lists_are_three_and_not_one():
    assert [*ranges.RANGE_TYPES] == [*CATALOGUE]
    assert {*ranges.ASSIGNABLE} == {"DSE", "INVOIC-C"}
    assert [*ranges.GENERATABLE] == GENERATED
    assert {*ranges.RANGE_TYPES} - {*ranges.GENERATABLE} == {"INVOIC", "INVOIC-C", "DSE"}


def test_the_seed_has_every_key_and_description_of_the_catalogue():
    seed = published(SEED)
    table = seed[seed.rindex("Parámetro Tipo de Dato") :]

    for key, description in CATALOGUE.items():
        assert f"{key} {description}" in table or key == description == "RADIAN"


# Preconditions and validations -------------------------------------------------------------------


def test_consulta_validation_the_client_type_must_be_webservice(simulator: FacturatechSimulator):
    account(simulator).web_service = False

    with pytest.raises(CredentialsRejected, match="Webservice"):
        connected(simulator).ranges()


def test_consulta_validation_a_demo_user_becomes_productive_at_that_moment(simulator: FacturatechSimulator):
    demo_user(simulator, allow_promote="true").ranges()

    assert account(simulator, "demo").productive
    assert simulator.promotions == 1


def test_consulta_precondition_productive_user_so_it_never_leaves_for_an_issuer_under_test(
    simulator: FacturatechSimulator,
):
    with pytest.raises(Unsupported, match="allow_promote"):
        demo_user(simulator).ranges()

    assert simulator.requests == []
    assert not account(simulator, "demo").productive


def test_consulta_validation_new_resolutions_at_dian_are_synchronised(simulator: FacturatechSimulator):
    provider = connected(simulator)
    first = provider.ranges()

    assert "FEVA" in {found.prefix for found in first}
    assert provider.ranges() == first


def test_consulta_validation_a_resolution_is_factura_or_support_and_contingency_without_a_type(
    simulator: FacturatechSimulator,
):
    found = {each.prefix: each for each in connected(simulator).ranges()}

    assert found["FEVA"].kind is Kind.INVOICE
    assert (found["CDS"].kind, found["CDS"].provider_type) == (None, None)


def test_consulta_returns_every_stored_range_and_not_only_the_new_ones(simulator: FacturatechSimulator):
    found = {each.prefix for each in connected(simulator).ranges()}

    assert found == {"SETP", "VIEJ", "SEDS", "NC", "ND", "NADS", "FEVA", "CDS"}


def test_actualizar_validation_the_client_type_must_be_webservice(simulator: FacturatechSimulator):
    account(simulator).web_service = False

    answer = connected(simulator).assign_range_type("CDS", "18764000012", "DSE")
    assert (answer.done, "Webservice" in answer.message) == (False, True)


def test_actualizar_validation_the_user_must_be_productive(simulator: FacturatechSimulator):
    answer = demo_user(simulator).assign_range_type("CDS", "18764000012", "DSE")

    assert (answer.done, "productivo" in answer.message) == (False, True)
    assert simulator.promotions == 0


@pytest.mark.parametrize("key", [key for key in CATALOGUE if key not in ("DSE", "INVOIC-C")])
def test_actualizar_validation_any_class_but_DSE_and_INVOIC_C_is_refused_before_the_network(
    key: str, simulator: FacturatechSimulator
):
    with pytest.raises(InvalidDocument) as refusal:
        connected(simulator).assign_range_type("CDS", "18764000012", key)

    assert list(refusal.value.fields) == ["kind"]
    assert simulator.requests == []


def test_actualizar_validation_the_range_must_exist(simulator: FacturatechSimulator):
    answer = connected(simulator).assign_range_type("NADA", "1", "DSE")

    assert not answer.done


def test_actualizar_precondition_consulta_comes_first(simulator: FacturatechSimulator):
    provider = connected(simulator)

    assert not provider.assign_range_type("CDS", "18764000012", "DSE").done
    provider.ranges()
    assert provider.assign_range_type("CDS", "18764000012", "DSE").done


def test_actualizar_validation_a_range_is_assigned_once(simulator: FacturatechSimulator):
    provider = connected(simulator)
    provider.ranges()
    provider.assign_range_type("CDS", "18764000012", "DSE")

    again = provider.assign_range_type("CDS", "18764000012", "INVOIC-C")
    assert not again.done
    assert {found.provider_type for found in provider.ranges() if found.prefix == "CDS"} == {"DSE"}


def test_generar_validation_the_client_type_must_be_webservice(simulator: FacturatechSimulator):
    account(simulator).web_service = False

    assert not connected(simulator).generate_range("NUEVO", 1, 100, "NC").done


def test_generar_validation_the_user_must_be_productive(simulator: FacturatechSimulator):
    assert not demo_user(simulator).generate_range("NUEVO", 1, 100, "NC").done
    assert simulator.promotions == 0


@pytest.mark.parametrize("key", ["INVOICE", "INVOIC", "INVOIC-C", "DSE"])
def test_generar_validation_INVOICE_INVOIC_C_and_DSE_are_refused_and_INVOIC_with_them(
    key: str, simulator: FacturatechSimulator
):
    with pytest.raises(InvalidDocument) as refusal:
        connected(simulator).generate_range("NUEVO", 1, 100, key)

    assert list(refusal.value.fields) == ["kind"]
    assert simulator.requests == []


def test_generar_validation_the_type_must_be_of_the_catalogue(simulator: FacturatechSimulator):
    with pytest.raises(InvalidDocument):
        connected(simulator).generate_range("NUEVO", 1, 100, "FACTURA")

    assert simulator.requests == []


def test_generar_precondition_nothing_is_generated_twice(simulator: FacturatechSimulator):
    provider = connected(simulator)
    assert provider.generate_range("NUEVO", 1, 100, "NC").done

    again = provider.generate_range("NUEVO", 1, 100, "NC")
    assert (again.done, again.message) == (False, "La numeración ya existe.")


@pytest.mark.parametrize(
    ("prefix", "start", "end"),
    [("NC1", 1, 2), ("", 1, 2), ("NC", 0, 2), ("NC", 3, 2), ("NC", 1, 5_000_000_000)],
)
def test_generar_rows_Prefijo_NumeroInicial_NumeroFinal_out_of_their_type_never_leave(
    prefix: str, start: int, end: int, simulator: FacturatechSimulator
):
    with pytest.raises(InvalidDocument):
        connected(simulator).generate_range(prefix, start, end, "NC")

    assert simulator.requests == []


# Our WSDL, read by zeep as anybody would --------------------------------------------------------


@pytest.fixture
def typed(simulator: FacturatechSimulator) -> Any:
    """zeep's own reading of the answers, types and all, without anything of ours but the WSDL."""
    client = zeep.Client(io.BytesIO(wsdl()))
    address = f"{simulator.base_url}/v2/BETA/SincronizacionNumeracion.asmx"
    return client.create_service(f"{{{NS}}}SincronizacionNumeracionSoap", address)


def test_zeep_reads_the_simulators_answers_with_our_wsdl_alone(typed: Any):
    password = settings.access(facturatech().connection.credentials).hashed()
    who = {"User": "900123456", "Pass": password}

    found = typed.ConsultaNumeracion(**who)
    assert (found.MsgError, found.StatusCode) == (None, 100)
    first = found.RespNumeration.numberingRangelist[0]
    assert (first.Prefijo, first.NumeroInicial, first.Estatus) == ("SETP", 990000000, "activo")

    made = typed.GenerarNumeracion(
        **who, Prefijo="POS", NumeroInicial=1, NumeroFinal=10, TipoDocumento="INVOIC-C-POS"
    )
    assert made.OperacionExitosa is True

    changed = typed.ActualizarNumTipoDocumento(
        **who, Prefijo="CDS", NumAutorizacion="18764000012", TipoDocumento="DSE"
    )
    assert (changed.OperacionExitosa, changed.Msg) == (True, "Numeración actualizada correctamente.")
