"""A client written by others: zeep, which knows of Facturatech's services only what their WSDLs say."""

import base64
import hashlib
import urllib.request
from collections.abc import Iterator

import pytest
import zeep

from cauce.domain.document import Kind
from tests.simulators.facturatech import Account, FacturatechSimulator
from tests.simulators.facturatech.app import NUMBERING_PATH
from tests.unit.facturatech.builders import facturatech, of_kind, record

HASHED = hashlib.sha256(Account.password.encode()).hexdigest()
WHO = {"username": Account.username, "password": HASHED}
EMISSION = ["/v2/demo/index.php", "/v2/pro/index.php", "/v1/demo/", "/v1/pro/"]


@pytest.fixture
def simulator() -> Iterator[FacturatechSimulator]:
    with FacturatechSimulator() as running:
        yield running


def client(simulator: FacturatechSimulator, path: str, query: str = "wsdl") -> zeep.Client:
    return zeep.Client(f"{simulator.base_url}{path}?{query}")


@pytest.mark.parametrize("path", [*EMISSION, NUMBERING_PATH])
@pytest.mark.parametrize("query", ["wsdl", "WSDL"])
def test_each_service_describes_itself_and_says_where_it_is(
    simulator: FacturatechSimulator, path: str, query: str
) -> None:
    reads = client(simulator, path, query)

    assert reads.service._binding_options["address"] == f"{simulator.base_url}{path}"


@pytest.mark.parametrize(
    ("path", "kind", "upload", "status", "download", "resource", "parts"),
    [
        (
            "/v2/pro/index.php", Kind.INVOICE, "FtechAction.uploadInvoiceFile", "FtechAction.documentStatusFile",
            "FtechAction.getCUFEFile", "resourceData", ("prefijo", "folio"),
        ),
        (
            "/v1/pro/", Kind.SUPPORT_DOCUMENT, "uploadDocument", "documentStatus", "downloadCUDS",
            "documentBase64", ("prefix", "number"),
        ),
    ],
    ids=["invoices", "support documents"],
)  # fmt: skip
def test_by_the_description_of_the_emission_a_document_is_sent_asked_about_and_fetched(
    simulator: FacturatechSimulator,
    path: str,
    kind: Kind,
    upload: str,
    status: str,
    download: str,
    resource: str,
    parts: tuple[str, str],
) -> None:
    service = client(simulator, path).service
    xml = base64.b64encode(facturatech().prepare(record(of_kind(kind))).body).decode()

    sent = service[upload](**WHO, xmlBase64=xml)
    asked = service[status](**WHO, transaccionID=sent["transaccionID"])
    (stored,) = simulator.documents
    fetched = service[download](**WHO, **dict(zip(parts, (stored.prefix, stored.folio), strict=True)))

    assert (sent["code"], sent["error"]) == ("201", "Procesado correctamente")
    assert (asked["code"], asked["status"]) == ("201", "SIGNED_XML")
    assert base64.b64decode(fetched[resource]).decode() == stored.uuid


def test_a_refusal_has_the_fields_that_the_description_names(simulator: FacturatechSimulator) -> None:
    service = client(simulator, "/v2/pro/index.php").service

    refused = service["FtechAction.documentStatusFile"](**WHO, transaccionID="ffffff")

    assert (refused["code"], refused["status"]) == ("404", None)
    assert refused["error"] == "No existe documento con este transaccionid"


@pytest.mark.parametrize("port", ["SincronizacionNumeracionSoap", "SincronizacionNumeracionSoap12"])
def test_by_the_description_of_the_numbering_ranges_are_read_and_generated(
    simulator: FacturatechSimulator, port: str
) -> None:
    service = client(simulator, NUMBERING_PATH).bind("SincronizacionNumeracion", port)
    who = {"User": Account.username, "Pass": HASHED}

    made = service.GenerarNumeracion(**who, Prefijo="NZ", NumeroInicial=1, NumeroFinal=50, TipoDocumento="ND")
    read = service.ConsultaNumeracion(**who)
    refused = service.ActualizarNumTipoDocumento(
        **who, Prefijo="NZ", NumAutorizacion="1", TipoDocumento="DSE"
    )

    assert (made.OperacionExitosa, made.Msg) == (True, "Numeración generada correctamente.")
    rows = read.RespNumeration.numberingRangelist
    assert ("NZ", 1, 50, "ND") in [
        (row.Prefijo, row.NumeroInicial, row.NumeroFinal, row.ClaveTipoDocumento) for row in rows
    ]
    assert (refused.OperacionExitosa, refused.Msg) == (False, "La numeración no existe.")


def test_another_address_has_no_description(simulator: FacturatechSimulator) -> None:
    with pytest.raises(urllib.error.HTTPError) as absent:
        urllib.request.urlopen(f"{simulator.base_url}/v3/pro/index.php?wsdl")

    assert absent.value.code == 404
