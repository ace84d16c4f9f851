"""XML and PDF by the addresses of a row, and which addresses are never followed."""

import pytest

from cauce.domain.errors import NotFound, OutcomeUnknown, Unsupported
from cauce.providers.afacturar import calls
from tests.simulators.afacturar import AfacturarSimulator, row
from tests.unit.afacturar.builders import afacturar, opted, refs

BASE = "http://127.0.0.1:9101"


def test_a_file_is_asked_for_without_the_token_unless_told_to(simulator: AfacturarSimulator) -> None:
    afacturar(simulator.base_url).xml(refs())
    afacturar(simulator.base_url, artifact_token="si").xml(refs())

    fetched = [asked for asked in simulator.requests if asked.path.startswith("/archivos/")]
    assert ["authorization" in asked.headers for asked in fetched] == [False, True]


@pytest.mark.parametrize(
    ("file", "address", "trouble"),
    [
        ("xml", "", NotFound),
        ("pdf", "/archivos/nada", NotFound),
        ("pdf", "/archivos/x.xml", OutcomeUnknown),
    ],
    ids=["a row without its address yet", "a file that is gone", "no PDF"],
)
def test_what_an_address_has_not_is_no_file(file: str, address: str, trouble: type[Exception]) -> None:
    with (
        AfacturarSimulator(rows=[row(7, **{f"url_representacion_{file}": address})]) as simulator,
        pytest.raises(trouble),
    ):
        getattr(afacturar(simulator.base_url), file)(refs())


def test_a_web_page_is_no_xml(simulator: AfacturarSimulator) -> None:
    simulator.answer_next("html", path="/archivos/")

    with pytest.raises(OutcomeUnknown):
        afacturar(simulator.base_url).xml(refs())


@pytest.mark.parametrize(
    "url",
    [
        f"{BASE}/archivos/x.xml",
        "https://servicios.afacturar.com/x.xml",
        "https://servicios-pruebas.afacturar.com/x.xml?firma=1",
        "https://afacturar.com/x.xml",
        # Where the page of claims keeps the XML of its example.
        "https://afacturar.archivamos.com/310c4707/eventos/ar.xml",
    ],
)
def test_its_own_addresses_are_followed(url: str) -> None:
    assert str(calls.allowed(url, opted(base_url=BASE))) == url


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://servicios.afacturar.com/x.xml",
        "https://servicios.afacturar.com:8443/x.xml",
        "https://afacturar.com.example.org/x.xml",
        "https://noafacturar.com/x.xml",
        "https://servicios.afacturar.com@example.org/x.xml",
        "https://usuario:clave@servicios.afacturar.com/x.xml",
        "https://example.org/servicios.afacturar.com",
        "https://example.org\\.afacturar.com/x.xml",
        "https://otro.archivamos.com/x.xml",
        "http://127.0.0.1:9102/x.xml",
        "https://127.0.0.1:9101/x.xml",
        "file:///etc/passwd",
        "ftp://servicios.afacturar.com/x.xml",
        "//servicios.afacturar.com/x.xml",
        "/archivos/x.xml",
        "https://[::1]/x.xml",
        "https://",
        "no es una dirección",
        "https://servicios.afacturar.com:puerto/x.xml",
    ],
)
def test_any_other_address_is_never_followed(url: str) -> None:
    with pytest.raises(Unsupported):
        calls.allowed(url, opted(base_url=BASE))


def test_a_row_that_points_inside_is_not_followed(simulator: AfacturarSimulator) -> None:
    simulator.rows[0]["url_representacion_xml"] = "http://169.254.169.254/latest/meta-data/iam"

    with pytest.raises(Unsupported, match="artifact_hosts"):
        afacturar(simulator.base_url).xml(refs())

    assert [asked.path for asked in simulator.requests] == ["/api/v2/transacciones_emitidas_v3"]


def test_further_hosts_are_a_setting() -> None:
    options = opted(base_url=BASE, artifact_hosts="archivo.example.co, otro.example.co")

    assert calls.allowed("https://otro.example.co/x.pdf", options).host == "otro.example.co"
    with pytest.raises(Unsupported):
        calls.allowed("https://afacturar.archivamos.com/x.pdf", options)
