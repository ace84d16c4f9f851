"""The health sector: seven operations, the extension that MinSalud reads, what it would refuse, and notes."""

from typing import Any

import pytest

from cauce.admin import options
from cauce.domain.document import Kind
from cauce.domain.errors import Unsupported
from cauce.domain.issuer import Issuer
from cauce.domain.time import bogota
from cauce.gateway import Gateway
from tests import dian_issuers, stack
from tests.documents import invoice, item, note
from tests.flow.conftest import Clock
from tests.simulators.dian import DianSimulator
from tests.unit.dian.oracles import parsed, schema_errors, texts

HEALTH: dict[str, Any] = {
    "codigo_prestador": "1100112345",
    "modalidad_pago": "04",
    "cobertura": "16",
    "contrato": "CT-2026-014",
}
PERIOD = {"desde": "2026-08-01", "hasta": "2026-08-31"}
COPAY = {"valor": 5000, "fecha": "2026-08-15", "concepto": "01"}
COLLECTED = ("SS-CUFE", "SS-CUDE", "SS-POS", "SS-SNum")
LINE = {
    "codigo": "890201",
    "descripcion": "Consulta de medicina general",
    "cantidad": 1,
    "precio": 60000,
    "excluido": True,
}


def service(operation: str, **changes: Any) -> dict[str, Any]:
    """An invoice of a consultation, of which its user paid a part where the operation credits that."""
    said: dict[str, Any] = {"factura": {"operacion": operation}, "lineas": [LINE]}
    if operation != "SS-Recaudo":
        said |= {"salud": HEALTH, "periodo": PERIOD}
    if operation in (*COLLECTED, "SS-Reporte"):
        said["anticipos"] = [COPAY]
    return invoice(**{**said, **changes})


@pytest.fixture
def issuer(gateway: Gateway, dian: DianSimulator) -> Issuer:
    return dian_issuers.enrolled(gateway, dian)


def signed(gateway: Gateway, data: dict[str, Any], nit: str) -> Any:
    record = gateway.records.read(nit, data["tracking_id"])
    assert record.signed_xml is not None
    raw = gateway.archive.read(record.signed_xml)
    assert schema_errors(raw) == []
    return parsed(raw)


def extension(tree: Any) -> list[tuple[str, str, str | None, str | None]]:
    """Name, value and list of each entry of the health sector's extension, which is the second of all."""
    contents = tree.findall("{*}UBLExtensions/{*}UBLExtension/{*}ExtensionContent")
    (sector,) = contents[1]
    assert sector.tag == f"{{{tree.nsmap[None]}}}CustomTagGeneral"
    assert sector.prefix is None
    return [
        (name.text, value.text or "", value.get("schemeID"), value.get("schemeName"))
        for name, value in sector.iter("{*}AdditionalInformation")
    ]


def findings(call: Any, body: dict[str, Any], path: str = "/documentos") -> dict[str, str]:
    """The rule of each finding, by its field."""
    answer = call("POST", f"{path}?validar=solo", body)
    assert answer.status == 200, answer.text
    assert all(each["severidad"] == "Notificación" for each in answer.json["data"]["hallazgos"])
    return {each["campo"]: each["regla"] for each in answer.json["data"]["hallazgos"]}


def refused(answer: Any) -> list[str]:
    assert answer.status == 422, answer.text
    return list(answer.json["errors"])


@pytest.mark.parametrize(
    "operation",
    [*COLLECTED, "SS-Reporte", "SS-SinAporte"],
)
def test_each_operation_is_issued_with_the_extension_that_minsalud_reads(
    call: Any, gateway: Gateway, issuer: Issuer, operation: str
) -> None:
    assert findings(call, service(operation)) == {}
    made = call("POST", "/documentos", service(operation)).json["data"]

    assert (made["estado"], made["notificaciones"]) == ("aceptado", [])
    tree = signed(gateway, made, issuer.nit)
    assert texts(tree, "/*/cbc:CustomizationID") == [operation]
    assert extension(tree) == [
        ("CODIGO_PRESTADOR", "1100112345", None, None),
        ("MODALIDAD_PAGO", "Pago por evento", "04", "salud_modalidad_pago.gc"),
        ("COBERTURA_PLAN_BENEFICIOS", "UPC Régimen Contributivo", "16", "salud_cobertura.gc"),
        ("NUMERO_CONTRATO", "CT-2026-014", None, None),
    ]
    assert texts(tree, "/*/cac:InvoicePeriod/cbc:StartDate") == ["2026-08-01"]
    paid = [] if operation == "SS-SinAporte" else ["01"]
    assert texts(tree, "/*/cac:PrepaidPayment/cbc:ID/@schemeID") == paid
    # What was paid before lowers no total (annex 1.9, FAU14).
    assert texts(tree, "//cac:LegalMonetaryTotal/cbc:PayableAmount") == ["60000.00"]


def test_the_extension_names_the_resolution_in_force(call: Any, gateway: Gateway, issuer: Issuer) -> None:
    made = call("POST", "/documentos", service("SS-SinAporte")).json["data"]

    sector = next(signed(gateway, made, issuer.nit).iter("{*}CustomTagGeneral"))
    assert [each.text for each in sector.findall("{*}Name")] == [
        "Responsable",
        "Tipo, identificador:año del acto administrativo",
    ]
    assert [each.text for each in sector.findall("{*}Value")] == [
        "url www.minSalud.gov.co",
        "Resolución 948:2026",
    ]


def test_the_receipt_of_a_users_payment_has_no_extension_and_says_whose_income_each_line_is(
    call: Any, gateway: Gateway, issuer: Issuer
) -> None:
    insurer = {"tipo_documento": "31", "numero_documento": "900108281"}
    body = service("SS-Recaudo", lineas=[LINE, {**LINE, "mandante": insurer}])

    assert findings(call, body) == {}
    tree = signed(gateway, call("POST", "/documentos", body).json["data"], issuer.nit)
    assert list(tree.iter("{*}CustomTagGeneral")) == []
    assert texts(tree, "//cac:InvoiceLine/cbc:ID/@schemeID") == ["0", "1"]


@pytest.mark.parametrize(
    "body, fields",
    [
        (service("SS-CUFE", salud=None), ["salud"]),
        (service("SS-Recaudo", salud=HEALTH), ["salud"]),
        (invoice(salud=HEALTH), ["factura.operacion"]),
        (invoice(anticipos=[COPAY]), ["anticipos.0.concepto"]),
        (service("SS-CUFE", salud={**HEALTH, "cobertura": "99"}), ["salud.cobertura"]),
        (service("SS-CUFE", salud={**HEALTH, "codigo_prestador": "12345"}), ["salud.codigo_prestador"]),
        (service("SS-CUFE", factura={"operacion": "ss-cufe"}), ["factura.operacion"]),
    ],
)
def test_what_cannot_be_written_is_refused_by_its_field_and_takes_no_number(
    call: Any, issuer: Issuer, dian: DianSimulator, body: dict[str, Any], fields: list[str]
) -> None:
    assert refused(call("POST", "/documentos", body)) == fields
    assert dian.documents_received == 0


@pytest.mark.parametrize(
    "operation, changes, found",
    [
        ("SS-CUFE", {"periodo": None}, {"periodo": "MUV DND100"}),
        (
            "SS-CUFE",
            {"periodo": {"desde": "2024-09-30", "hasta": "2026-08-31"}},
            {"periodo.desde": "MUV RVG018"},
        ),
        ("SS-CUFE", {"anticipos": []}, {"anticipos": "MUV, Documento Técnico 2"}),
        (
            "SS-POS",
            {"anticipos": [{"valor": 5000, "fecha": "2026-08-15"}]},
            {"anticipos.0.concepto": "MUV DND104"},
        ),
        (
            "SS-Reporte",
            {"anticipos": [{"valor": 5000, "fecha": "2026-08-15"}]},
            {"anticipos.0.concepto": "MUV DND104"},
        ),
        ("SS-SinAporte", {"anticipos": [COPAY]}, {"anticipos": "MUV, Documento Técnico 2"}),
        (
            "SS-CUFE",
            {"salud": {**HEALTH, "sin_contrato": "01"}},
            {"salud.contrato": "MUV, Documento Técnico 2"},
        ),
        (
            "SS-CUFE",
            {"salud": {**HEALTH, "cobertura": "04"}},
            {"salud.poliza": "MUV, Documento Técnico 2"},
        ),
        (
            "SS-CUFE",
            {"salud": {**HEALTH, "poliza": "AT-1"}},
            {"salud.poliza": "MUV, Documento Técnico 2"},
        ),
        (
            "SS-SinAporte",
            {"salud": {**HEALTH, "cobertura": "15"}},
            {"salud.sin_contrato": "MUV, Documento Técnico 2"},
        ),
        (
            "SS-CUFE",
            {"salud": {**HEALTH, "cobertura": "01"}},
            {"salud.cobertura": "MUV, Documento Técnico 2"},
        ),
    ],
)
def test_what_minsalud_would_refuse_is_a_notice_that_names_its_rule_and_the_invoice_goes_out(
    call: Any, issuer: Issuer, operation: str, changes: dict[str, Any], found: dict[str, str]
) -> None:
    body = service(operation, **changes)

    assert findings(call, body) == found
    made = call("POST", "/documentos", body).json["data"]
    assert made["estado"] == "aceptado"
    assert {each["campo"]: each["regla"] for each in made["notificaciones"]} == found


def test_more_collected_than_invoiced_is_a_notice(call: Any, issuer: Issuer) -> None:
    paid = [{**COPAY, "valor": 35000}, {**COPAY, "valor": 25001, "concepto": "02"}]
    answer = call("POST", "/documentos?validar=solo", service("SS-CUFE", anticipos=paid))

    (found,) = answer.json["data"]["hallazgos"]
    assert (found["campo"], found["esperado"], found["encontrado"]) == (
        "anticipos",
        "60000 o menos",
        "60001",
    )


PROOF = {"numero": "FC-2041", "fecha": "2026-08-15", "cufe": "8bb918b1" * 12}
PROVEN = {"anticipos": [COPAY], "salud": {**HEALTH, "soportes": [PROOF]}}


@pytest.mark.parametrize(
    "operation, scheme, kind",
    [
        ("SS-CUFE", "CUFE-SHA384", ["01"]),
        ("SS-CUDE", "CUDE-SHA384", ["03"]),
        ("SS-POS", "CUDE-SHA384", ["20"]),
    ],
)
def test_what_proves_a_payment_is_named(
    call: Any, gateway: Gateway, issuer: Issuer, operation: str, scheme: str, kind: list[str]
) -> None:
    tree = signed(gateway, call("POST", "/documentos", service(operation, **PROVEN)).json["data"], issuer.nit)

    named = "/*/cac:AdditionalDocumentReference"
    assert texts(tree, f"{named}/cbc:ID") == ["FC-2041"]
    assert texts(tree, f"{named}/cbc:UUID/@schemeName") == [scheme]
    assert texts(tree, f"{named}/cbc:DocumentTypeCode") == kind
    elsewhere = service("SS-SinAporte", salud=PROVEN["salud"])
    assert refused(call("POST", "/documentos", elsewhere)) == ["salud.soportes"]


def test_a_paper_invoice_that_proves_a_payment_has_no_identifier(
    call: Any, gateway: Gateway, issuer: Issuer
) -> None:
    with_cufe = service("SS-SNum", **PROVEN)
    paper = {name: value for name, value in PROOF.items() if name != "cufe"}
    tree = signed(
        gateway,
        call("POST", "/documentos", service("SS-SNum", salud={**HEALTH, "soportes": [paper]})).json["data"],
        issuer.nit,
    )

    assert refused(call("POST", "/documentos", with_cufe)) == ["salud.soportes.0.cufe"]
    named = "/*/cac:AdditionalDocumentReference"
    assert texts(tree, f"{named}/cbc:ID") == ["FC-2041"]
    assert texts(tree, f"{named}/cbc:UUID | {named}/cbc:DocumentTypeCode") == []


def settled(gateway: Gateway, issuer: Issuer, **changes: str) -> None:
    """The operator sets how the extension is written."""
    own = {**issuer.settings["dian"], **changes}
    gateway.issuers.save(issuer.model_copy(update={"settings": {"dian": own}}))


@pytest.mark.parametrize(
    "setting, value, written",
    [
        ("health_provider_digits", "10", [("CODIGO_PRESTADOR", "1100112345", None, None)]),
        ("health_provider_digits", "12", [("CODIGO_PRESTADOR", "110011234501", None, None)]),
        ("health_no_contract", "code", [("FACTURA_SIN_CONTRATO", "01", None, None)]),
        ("health_no_contract", "list", [("FACTURA_SIN_CONTRATO", "Atención de urgencias", "01", None)]),
        ("health_collections", "prepaid", []),
        (
            "health_collections",
            "both",
            [
                ("COPAGO", "5000.00", None, None),
                ("CUOTA_MODERADORA", "0.00", None, None),
                ("PAGOS_COMPARTIDOS", "0.00", None, None),
                ("ANTICIPO", "0.00", None, None),
            ],
        ),
    ],
)
def test_what_minsalud_leaves_open_is_a_setting(
    call: Any,
    gateway: Gateway,
    issuer: Issuer,
    setting: str,
    value: str,
    written: list[tuple[str, str, str | None, str | None]],
) -> None:
    settled(gateway, issuer, **{setting: value})
    urgent = {**HEALTH, "codigo_prestador": "110011234501", "contrato": None, "sin_contrato": "01"}
    of_it = {
        "health_provider_digits": ("CODIGO_PRESTADOR",),
        "health_no_contract": ("FACTURA_SIN_CONTRATO",),
        "health_collections": ("COPAGO", "CUOTA_MODERADORA", "PAGOS_COMPARTIDOS", "ANTICIPO"),
    }

    made = call("POST", "/documentos", service("SS-CUFE", salud=urgent)).json["data"]

    rows = extension(signed(gateway, made, issuer.nit))
    assert [row for row in rows if row[0] in of_it[setting]] == written
    assert ("NUMERO_CONTRATO", "", None, None) in rows


def test_the_act_can_be_another_or_left_out_and_the_proofs_be_billing_references(
    call: Any, gateway: Gateway, issuer: Issuer
) -> None:
    settled(gateway, issuer, health_act="Resolución 1:2027", health_proofs="billing")
    another = signed(
        gateway, call("POST", "/documentos", service("SS-CUFE", **PROVEN)).json["data"], issuer.nit
    )
    settled(gateway, issuer, health_act="none")
    without = signed(gateway, call("POST", "/documentos", service("SS-CUFE")).json["data"], issuer.nit)

    assert next(another.iter("{*}CustomTagGeneral")).findall("{*}Value")[1].text == "Resolución 1:2027"
    assert next(without.iter("{*}CustomTagGeneral")).findall("{*}Value") == []
    proven = "/*/cac:BillingReference/cac:InvoiceDocumentReference"
    assert texts(another, f"{proven}/cbc:ID") == ["FC-2041"]
    assert texts(another, f"{proven}/cbc:UUID/@schemeName") == ["CUFE-SHA384"]
    assert texts(another, "/*/cac:AdditionalDocumentReference") == []


@pytest.mark.parametrize(
    "setting",
    ["health_act", "health_provider_digits", "health_no_contract", "health_collections", "health_proofs"],
)
def test_a_wrong_value_of_such_a_setting_is_refused_when_it_is_set(setting: str) -> None:
    with pytest.raises(Unsupported, match=f"dian.{setting}"):
        options.settings({}, [f"dian.{setting}=si"])


@pytest.mark.reads_the_date
@pytest.mark.parametrize("path", ["/notas-credito", "/notas-debito"])
def test_a_note_repeats_the_block_of_its_invoice_and_one_without_it_is_told(
    call: Any, gateway: Gateway, issuer: Issuer, clock: Clock, path: str
) -> None:
    sold = call("POST", "/documentos", service("SS-CUFE", **PROVEN)).json["data"]
    body = note(
        sold["numero_completo"],
        sold["cufe"],
        fecha=bogota(clock()).date().isoformat(),
        codigo="3",
        lineas=[LINE],
    )

    assert findings(call, body, path) == {"salud": "Cauce"}
    assert findings(call, {**body, "salud": {**HEALTH, "cobertura": "17"}}, path) == {"salud": "Cauce"}
    assert findings(call, {**body, "salud": HEALTH}, path) == {}
    assert refused(call("POST", path, {**body, "salud": PROVEN["salud"]})) == ["salud.soportes"]
    made = call("POST", path, {**body, "salud": HEALTH}).json["data"]
    assert made["estado"] == "aceptado"
    tree = signed(gateway, made, issuer.nit)
    assert next(name for name, *_ in extension(tree)) == "CODIGO_PRESTADOR"
    assert texts(tree, "//cac:PrepaidPayment") == []


def test_a_note_of_health_that_names_no_invoice_is_told_that_minsalud_does_not_take_it(
    call: Any, issuer: Issuer
) -> None:
    body = note(
        "X", "Y", codigo="3", lineas=[LINE], salud=HEALTH, factura={"operacion": "22"}, periodo=PERIOD
    )
    del body["factura_referencia"]

    assert findings(call, body, "/notas-credito")["factura.operacion"] == "MUV, Documento Técnico 2"


def test_a_lot_takes_them_and_refuses_only_the_line_that_is_wrong(
    call: Any, issuer: Issuer, settle: Any, deliver: Any, drain: Any, clock: Clock
) -> None:
    lines = [
        {**item("SS-1"), **service("SS-CUFE")},
        {**item("SS-2"), **service("SS-CUFE", salud=None)},
        {**item("SS-3"), **service("SS-SinAporte")},
    ]

    data = call("POST", "/lotes", lines, Idempotency_Key="lote-de-salud").json["data"]
    for work in (drain, deliver, lambda: clock.advance(minutes=3), settle, deliver, drain):
        work()

    rows = call("GET", f"/lotes/{data['lote_id']}?per_page=100").json["documentos"]
    states = {row["referencia"]: row["estado"] for row in rows}
    assert states == {"SS-1": "aceptado", "SS-2": "invalido", "SS-3": "aceptado"}


@pytest.mark.parametrize(
    "provider, settings, credentials",
    [
        ("facepro", {}, {"token": "7|x"}),
        (
            "factus",
            {"dialect": "v2"},
            {"client_id": "x", "client_secret": "x", "username": "x", "password": "x"},
        ),
    ],
)
def test_a_provider_that_cannot_say_it_names_who_can(
    call: Any,
    gateway: Gateway,
    issuer: Issuer,
    provider: str,
    settings: dict[str, str],
    credentials: dict[str, str],
) -> None:
    sent_by = {"providers": {Kind.INVOICE: provider}, "settings": {**issuer.settings, provider: settings}}
    gateway.issuers.save(issuer.model_copy(update=sent_by))
    stack.keep_credentials(issuer.nit, provider, credentials)

    answer = call("POST", "/documentos?validar=solo", service("SS-SinAporte"))

    assert refused(answer) == ["factura.operacion"]
    assert (answer.json["codigo"], answer.json["proveedores"]) == ("no_soportado", ["dian"])
