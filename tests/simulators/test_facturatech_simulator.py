"""The Facturatech simulator by itself, called with envelopes written here: it refuses what is documented as wrong."""

import base64
import hashlib
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest

from cauce.domain.document import Kind
from tests.simulators.facturatech import FacturatechSimulator
from tests.unit.facturatech.builders import facturatech, note, of_kind, record

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
NS = "http://webservice.facturatech.co/"
HASHED = hashlib.sha256(b"servicio-web-7").hexdigest()
WHO = {"username": "900123456", "password": HASHED}
EMISSION, SUPPORT = "/v2/pro/index.php", "/v1/pro/"
NUMBERING = "/v2/BETA/SincronizacionNumeracion.asmx"


@pytest.fixture
def simulator() -> Iterator[FacturatechSimulator]:
    with FacturatechSimulator() as running:
        yield running


def rpc(
    simulator: FacturatechSimulator, operation: str, path: str = EMISSION, **parameters: str
) -> dict[str, str]:
    """A call as the certified client writes it; returns the fields of its answer."""
    inside = "".join(f"<{name}>{value}</{name}>" for name, value in {**WHO, **parameters}.items())
    body = (
        f'<soap:Envelope xmlns:soap="{SOAP}"><soap:Body><{operation}Request>{inside}</{operation}Request>'
        "</soap:Body></soap:Envelope>"
    )
    response = httpx.post(f"{simulator.base_url}{path}", content=body, headers={"Content-Type": "text/xml"})
    assert response.status_code == 200, response.text
    return {each.tag: each.text or "" for each in ElementTree.fromstring(response.content).find(".//return")}  # noqa: S314


def upload(simulator: FacturatechSimulator, xml: bytes, **parameters: str) -> dict[str, str]:
    encoded = base64.b64encode(xml).decode()
    return rpc(simulator, "FtechAction.uploadInvoiceFile", xmlBase64=encoded, **parameters)


def sheet(kind: Kind = Kind.INVOICE, **replaced: str) -> bytes:
    """The XML of a valid document, with the text of some fields replaced."""
    root = ElementTree.fromstring(facturatech().prepare(record(of_kind(kind))).body)  # noqa: S314
    for name, value in replaced.items():
        found = next(each for each in root.iter(name))
        found.text = value
    return ElementTree.tostring(root)


def asmx(simulator: FacturatechSimulator, operation: str, **changes: Any) -> httpx.Response:
    namespace = changes.pop("namespace", NS)
    action = changes.pop("action", f"{NS}{operation}")
    parameters = {"User": "900123456", "Pass": HASHED, **changes}
    inside = "".join(f"<{name}>{value}</{name}>" for name, value in parameters.items())
    body = (
        f'<s:Envelope xmlns:s="{SOAP}"><s:Body><{operation} xmlns="{namespace}">{inside}</{operation}>'
        "</s:Body></s:Envelope>"
    )
    headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{action}"'}
    return httpx.post(f"{simulator.base_url}{NUMBERING}", content=body, headers=headers)


# Emission ----------------------------------------------------------------------------------------


def test_a_number_is_processed_then_signed_and_its_files_are_there(simulator: FacturatechSimulator):
    answer = upload(simulator, sheet())
    assert (answer["code"], answer["error"]) == ("201", "Procesado correctamente")

    status = rpc(simulator, "FtechAction.documentStatusFile", transaccionID=answer["transaccionID"])
    assert (status["code"], status["status"]) == ("201", "SIGNED_XML")
    cufe = rpc(simulator, "FtechAction.getCUFEFile", prefijo="SETP", folio="990000001")
    assert len(base64.b64decode(cufe["resourceData"])) == 96


def test_the_services_of_support_documents_use_other_names(simulator: FacturatechSimulator):
    xml = base64.b64encode(sheet(Kind.SUPPORT_DOCUMENT)).decode()
    answer = rpc(simulator, "uploadDocument", SUPPORT, xmlBase64=xml)
    assert answer["code"] == "201"

    found = rpc(simulator, "downloadCUDS", SUPPORT, prefix="SEDS", number="984000001")
    assert len(base64.b64decode(found["documentBase64"])) == 96
    refused = rpc(simulator, "downloadCUDS", SUPPORT, prefix="SEDS", number="x")
    assert refused["code"] == "404"


def test_an_invoice_is_none_of_the_support_services(simulator: FacturatechSimulator):
    xml = base64.b64encode(sheet()).decode()

    assert rpc(simulator, "uploadDocument", SUPPORT, xmlBase64=xml)["error"] == "Parámetro XML inválido"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"password": "servicio-web-7"}, "Parámetro password inválido"),
        ({"password": HASHED.upper()}, "Parámetro password inválido"),
        ({"password": hashlib.sha256(HASHED.encode()).hexdigest()}, "Datos de acceso incorrectos"),
        ({"password": ""}, "Parámetro password inválido"),
        ({"username": "otro"}, "Datos de acceso incorrectos"),
        ({"xmlBase64": "%%%"}, "Base64 inválido en el parámetro xmlBase64"),
        ({"xmlBase64": base64.b64encode(b"<FACTURA>").decode()}, "Parámetro XML inválido"),
        ({"xmlBase64": base64.b64encode(b"<OTRO/>").decode()}, "Parámetro XML inválido"),
    ],
    ids=["plain", "upper case", "hashed twice", "empty", "user", "base64", "broken", "root"],
)
def test_wrong_parameters_are_404_at_http_200(
    changes: dict[str, str], said: str, simulator: FacturatechSimulator
):
    valid = {"xmlBase64": base64.b64encode(sheet()).decode()}
    answer = rpc(simulator, "FtechAction.uploadInvoiceFile", **{**valid, **changes})

    assert (answer["code"], answer["error"]) == ("404", said)
    assert simulator.documents_received == 0


@pytest.mark.parametrize(
    ("replaced", "said"),
    [
        ({"ENC_9": "02"}, "ENC_1 y ENC_9"),
        ({"ENC_8": "10:00:00"}, "ENC_8"),
        ({"ENC_15": "2"}, "ENC_15"),
        ({"ENC_21": "20"}, "ENC_21"),
        ({"EMI_22": "0"}, "EMI_22"),
        ({"ADQ_23": ""}, "ADQ_23 no informado"),
        ({"TCR_1": "O-99"}, "TCR_1"),
        ({"MEP_1": "20"}, "MEP_1"),
        ({"MEP_2": "2"}, "MEP_3"),
        ({"ITE_5": "100000"}, "ITE_5 no es un valor"),
        ({"ITE_5": "100000.01"}, "ITE_5 no es ITE_27 por ITE_7"),
        ({"ITE_21": "119000.01"}, "ITE_21"),
        ({"IIM_2": "19000.01"}, "IIM_2"),
        ({"TOT_1": "1.00"}, "TOT_1"),
        ({"TOT_3": "1.00"}, "TOT_3"),
        ({"TOT_5": "1.00"}, "TOT_5"),
        ({"TOT_7": "1.00"}, "TOT_7"),
        ({"IMP_4": "1.00"}, "TIM_2"),
        ({"IMP_6": "5.00"}, "TIM no es la suma"),
        ({"ENC_6": "SETPX1"}, "ENC_6"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_document_that_breaks_a_documented_rule_is_404_and_keeps_its_number(
    replaced: dict[str, str], said: str, simulator: FacturatechSimulator
):
    answer = upload(simulator, sheet(**replaced))

    assert answer["code"] == "404"
    assert said in answer["error"]
    assert simulator.documents_received == 0
    assert upload(simulator, sheet())["code"] == "201"


def test_blocks_out_of_order_or_unknown_are_named(simulator: FacturatechSimulator):
    root = ElementTree.fromstring(sheet())  # noqa: S314
    root.append(root[0])
    assert "Elementos esperados" in upload(simulator, ElementTree.tostring(root))["error"]

    root = ElementTree.fromstring(sheet())  # noqa: S314
    ElementTree.SubElement(root[0], "ENC_99").text = "x"
    assert "ENC_99 inesperado" in upload(simulator, ElementTree.tostring(root))["error"]


def test_an_adjustment_note_carries_no_purchase_and_a_note_no_withholding(simulator: FacturatechSimulator):
    root = ElementTree.fromstring(sheet(Kind.ADJUSTMENT_NOTE))  # noqa: S314
    item = root.find("ITE")
    assert item is not None
    purchase = ElementTree.fromstring("<IBS><IBS_1>2026-05-10</IBS_1><IBS_2>1</IBS_2><IBS_3>x</IBS_3></IBS>")  # noqa: S314
    item.insert([each.tag for each in item].index("IAE") + 1, purchase)

    assert "IBS" in upload(simulator, ElementTree.tostring(root))["error"]


@pytest.mark.parametrize(
    "replaced",
    [{"DRF_1": "1"}, {"DRF_2": "2019-01-20"}, {"DRF_3": "2030-01-20"}, {"DRF_5": "1"}, {"DRF_6": "1"}],
    ids=lambda value: next(iter(value)),
)
def test_drf_must_equal_the_platforms_range_or_409(replaced: dict[str, str], simulator: FacturatechSimulator):
    answer = upload(simulator, sheet(**replaced))

    assert answer["code"] == "409"
    assert "no coincide" in answer["error"]


def test_a_folio_out_of_its_range_is_409(simulator: FacturatechSimulator):
    answer = upload(simulator, sheet(ENC_6="SETP995000001"))

    assert (answer["code"], "fuera del rango" in answer["error"]) == ("409", True)


def test_a_repeated_number_is_201_whatever_is_in_it(simulator: FacturatechSimulator):
    upload(simulator, sheet())

    again = upload(simulator, sheet(ADQ_6="Otra persona"))
    assert (again["code"], again["success"]) == ("201", "true")
    assert again["error"].startswith("Ya existe un documento firmado con este folio")
    assert simulator.documents_received == 1


def test_a_number_may_be_uploaded_so_often_and_no_more(simulator: FacturatechSimulator):
    codes = [upload(simulator, sheet())["code"] for _ in range(22)]

    assert codes == ["201"] * 20 + ["409", "409"]


def test_a_document_in_process_is_not_found_by_number(simulator: FacturatechSimulator):
    simulator.process_for(1)
    upload(simulator, sheet())
    number = {"prefijo": "SETP", "folio": "990000001"}

    first = rpc(simulator, "FtechAction.getCUFEFile", **number)
    second = rpc(simulator, "FtechAction.getCUFEFile", **number)
    assert (first["code"], first["error"], second["code"]) == (
        "404",
        "No existe el recurso solicitado",
        "201",
    )


def test_the_answers_wrapper_is_bound_to_the_envelopes_namespace(simulator: FacturatechSimulator):
    body = f'<s:Envelope xmlns:s="{SOAP}"><s:Body><FtechAction.getCUFEFile/></s:Body></s:Envelope>'
    root = ElementTree.fromstring(httpx.post(f"{simulator.base_url}{EMISSION}", content=body).content)  # noqa: S314

    assert root.find(f".//{{{SOAP}}}FtechAction.getCUFEFileResponse/return/code") is not None


@pytest.mark.parametrize("body", [b"", b"{}", b"<a/>", b"<!DOCTYPE a><a/>"])
@pytest.mark.parametrize("path", [EMISSION, SUPPORT, NUMBERING])
def test_what_is_no_envelope_is_a_fault(path: str, body: bytes, simulator: FacturatechSimulator):
    response = httpx.post(f"{simulator.base_url}{path}", content=body)

    assert response.status_code == 500
    assert b"Fault" in response.content


def test_a_demo_user_works_on_demo_only(simulator: FacturatechSimulator):
    demo = {"username": "demo", "password": hashlib.sha256(b"servicio-demo-8").hexdigest()}
    encoded = base64.b64encode(sheet()).decode()

    on_pro = rpc(simulator, "FtechAction.uploadInvoiceFile", **demo, xmlBase64=encoded)
    on_demo = rpc(simulator, "FtechAction.uploadInvoiceFile", "/v2/demo/index.php", **demo, xmlBase64=encoded)
    assert (on_pro["code"], on_demo["code"]) == ("409", "201")


# Numbering ---------------------------------------------------------------------------------------


def test_quirk_3_asking_promotes_a_demo_user_once_and_it_shows(simulator: FacturatechSimulator):
    demo = {"User": "demo", "Pass": hashlib.sha256(b"servicio-demo-8").hexdigest()}
    for _ in range(2):
        assert asmx(simulator, "ConsultaNumeracion", **demo).status_code == 200

    assert simulator.accounts["demo"].productive
    assert simulator.state()["promotions"] == 1


def test_quirk_5_the_simulator_refuses_INVOIC_where_the_seed_says_INVOICE(simulator: FacturatechSimulator):
    for type_name in ("INVOICE", "INVOIC", "INVOIC-C", "DSE"):
        answer = asmx(
            simulator,
            "GenerarNumeracion",
            Prefijo="A",
            NumeroInicial="1",
            NumeroFinal="2",
            TipoDocumento=type_name,
        )
        assert b"<OperacionExitosa>false</OperacionExitosa>" in answer.content


@pytest.mark.parametrize(
    "changes",
    [
        {"namespace": "http://tempuri.org/"},
        {"action": "http://webservice.facturatech.co/GenerarNumeracion"},
        {"Otro": "x"},
    ],
    ids=["namespace", "action", "parameter"],
)
def test_asmx_faults_on_what_it_does_not_know(changes: dict[str, str], simulator: FacturatechSimulator):
    response = asmx(simulator, "ConsultaNumeracion", **changes)

    assert response.status_code == 500
    assert b"Fault" in response.content


def test_wrong_credentials_are_a_msgerror_at_http_200_and_promote_nobody(simulator: FacturatechSimulator):
    response = asmx(simulator, "ConsultaNumeracion", User="demo")

    assert response.status_code == 200
    assert "Usuario o contraseña incorrectos" in response.text
    assert simulator.promotions == 0


# Control plane -----------------------------------------------------------------------------------


def test_a_limit_turns_away_what_is_beyond_it_until_its_window_has_passed(
    simulator: FacturatechSimulator, monkeypatch: pytest.MonkeyPatch
):
    now = 1000.0
    monkeypatch.setattr("tests.simulators.facturatech.app.time", SimpleNamespace(monotonic=lambda: now))

    def asked() -> int:
        return httpx.post(f"{simulator.base_url}/v2/pro/index.php", content=b"<x/>").status_code

    within = asked()
    simulator.throttle(calls=2, seconds=10)
    codes = [asked() for _ in range(3)]
    now += 10

    assert codes == [within, within, 429]
    assert asked() == within


def test_reset_forgets_documents_and_promotions(simulator: FacturatechSimulator):
    upload(simulator, sheet())
    asmx(simulator, "ConsultaNumeracion", User="demo", Pass=hashlib.sha256(b"servicio-demo-8").hexdigest())
    simulator.reset()

    assert (simulator.documents_received, simulator.promotions, simulator.requests) == (0, 0, [])
    assert not simulator.accounts["demo"].productive


def test_an_unknown_path_is_a_page(simulator: FacturatechSimulator):
    response = httpx.post(f"{simulator.base_url}/otro")

    assert (response.status_code, response.headers["content-type"]) == (404, "text/html; charset=UTF-8")


def test_credit_notes_tie_enc_21_to_their_reason(simulator: FacturatechSimulator):
    other = record(note(reason={"code": "3", "text": "x"}))
    wrong = facturatech(credit_operation="by_reference").prepare(other).body

    assert "ENC_21=20" in upload(simulator, wrong)["error"]
    assert upload(simulator, facturatech().prepare(other).body)["code"] == "201"
