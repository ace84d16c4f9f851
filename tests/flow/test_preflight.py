"""DIAN directly: what it would reject is refused before a number is spent, and ``?validar=solo`` shows the rest."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from cauce.domain.document import Kind
from cauce.domain.issuer import Issuer
from cauce.gateway import Gateway
from cauce.reception import access
from tests import dian_issuers
from tests.simulators.dian import DianSimulator
from tests.unit.dian import talking

SALES = (Kind.INVOICE, Kind.CREDIT_NOTE, Kind.DEBIT_NOTE)


@pytest.fixture
def dian() -> Iterator[DianSimulator]:
    with talking.simulator() as running:
        yield running


@pytest.fixture
def issuer(gateway: Gateway, dian: DianSimulator) -> Issuer:
    """An issuer that needs no provider."""
    made = talking.issuer(
        providers=dict.fromkeys(SALES, "dian"), settings={"dian": {"base_url": dian.base_url}}
    ).model_copy(update={"number": gateway.counters.next("issuer")})
    gateway.issuers.save(made)
    dian_issuers.connect(gateway, made)
    return made


@pytest.fixture
def token(gateway: Gateway, issuer: Issuer) -> str:
    return access.grant(gateway, issuer.nit, name="ERP", email="erp@empresa.example")[1]


def invoice(**changes: Any) -> dict[str, Any]:
    return {
        "prefijo": "SETP",
        "adquiriente": {
            "tipo_persona": "1",
            "tipo_documento": "31",
            "numero_documento": "800199436",
            "razon_social": "Compradora S.A.",
            "responsabilidad_fiscal": "O-47",
            "direccion": "Calle 50 # 30-20",
            "codigo_municipio": "05001",
            "email": "compras@compradora.example",
        },
        "lineas": [
            {"codigo": "P-1", "descripcion": "Repuesto", "cantidad": 2, "precio": 50000, "iva_pct": 19}
        ],
        **changes,
    }


def test_only_validating_foresees_number_and_code_and_spends_neither(call, dian, gateway, issuer):
    checked = call("POST", "/documentos?validar=solo", invoice())
    assert checked.status == 200, checked.text
    data = checked.json["data"]
    again = call("POST", "/documentos?validar=solo", invoice()).json["data"]
    posted = call("POST", "/documentos", invoice()).json["data"]

    assert data["hallazgos"] == []
    assert data["numero_completo"] == again["numero_completo"] == posted["numero_completo"]
    assert len(data["cufe"]) == 96
    assert posted["estado"] == "aceptado"
    assert dian.documents_received == 1


def test_notices_are_shown_and_block_nothing(call, issuer):
    notified = invoice()
    notified["adquiriente"]["codigo_postal"] = "999999"

    checked = call("POST", "/documentos?validar=solo", notified)

    assert checked.status == 200, checked.text
    (hallazgo,) = checked.json["data"]["hallazgos"]
    assert (hallazgo["regla"], hallazgo["severidad"]) == ("FAK73", "Notificación")
    assert (hallazgo["campo"], hallazgo["encontrado"]) == ("adquiriente.codigo_postal", "999999")
    assert hallazgo["arreglo"] and hallazgo["fix_en"] and hallazgo["esperado"]
    assert call("POST", "/documentos", notified).json["data"]["estado"] == "aceptado"


def test_what_we_foresee_stands_in_the_posts_notices_and_dian_is_never_said_to_have_said_it(call, issuer):
    notified = invoice()
    notified["adquiriente"]["codigo_postal"] = "999999"
    (hallazgo,) = call("POST", "/documentos?validar=solo", notified).json["data"]["hallazgos"]

    posted = call("POST", "/documentos", notified).json["data"]

    (notice,) = posted["notificaciones"]
    assert (notice["regla"], notice["campo"]) == ("FAK73", "adquiriente.codigo_postal")
    assert notice["origen"] == hallazgo["origen"] == "cauce"
    assert hallazgo["arreglo"] in notice["mensaje"]
    assert (posted["estado"], posted["estado_detalle"]) == ("aceptado", "Validado por la DIAN.")
    asked = call("GET", f"/documentos/{posted['tracking_id']}/consultar").json
    assert asked["dian"]["errors"] == []
    assert asked["documento"]["notificaciones"] == [notice]


@pytest.mark.parametrize(
    "field, line, buyer",
    [
        ("lineas.0.codigo", {"estandar": "010", "codigo": "77O1234567890"}, {}),
        ("lineas.0.retenciones.0", {"iva_pct": 0, "retenciones": [{"codigo": "05", "porcentaje": 15}]}, {}),
        ("lineas.0.precio_referencia", {"precio": 0}, {}),
        (
            "adquiriente.razon_social",
            {},
            {"tipo_persona": "2", "tipo_documento": "13", "numero_documento": "222222222222"},
        ),
    ],
    ids=["GTIN with letters", "ReteIVA without IVA", "gift", "final consumer by another name"],
)
def test_what_is_odd_and_may_be_right_is_accepted_by_dian_and_told(call, issuer, field, line, buyer):
    body = invoice()
    body["lineas"] = [{**body["lineas"][0], **line}, body["lineas"][0]]
    body["adquiriente"] |= buyer

    checked = call("POST", "/documentos?validar=solo", body).json["data"]["hallazgos"]
    posted = call("POST", "/documentos", body).json["data"]

    assert [each["campo"] for each in checked] == [field]
    assert [each["campo"] for each in posted["notificaciones"] if each["origen"] == "cauce"] == [field]
    assert posted["estado"] == "aceptado"


def test_what_was_foreseen_of_a_document_is_not_said_of_its_correction_which_has_its_own(
    call, gateway, issuer, dian
):
    notified = invoice(referencia="REF-1")
    notified["adquiriente"]["codigo_postal"] = "999999"
    dian.reject_next("FAK20", "El adquiriente no existe")
    assert call("POST", "/documentos", notified).json["data"]["estado"] == "rechazado"

    dian.reject_next("FAK20", "El adquiriente no existe")
    corrected = call("POST", "/documentos", invoice(referencia="REF-1")).json["data"]
    again = call("POST", "/documentos", notified).json["data"]

    assert (corrected["estado"], corrected["notificaciones"]) == ("rechazado", [])
    assert again["estado"] == "aceptado"
    assert [each["campo"] for each in again["notificaciones"]] == ["adquiriente.codigo_postal"]


@pytest.mark.parametrize("path", ["/documentos", "/documentos?validar=solo"])
def test_what_dian_would_reject_is_refused_and_spends_no_number(path, call, dian, gateway, issuer):
    before = {r.key: r.next for r in gateway.ranges.all(issuer.nit)}
    wrong = invoice()
    wrong["lineas"][0]["estandar"] = "001"
    wrong["factura"] = {"tipo": "02"}

    refused = call("POST", path, wrong)

    assert refused.status == 422
    assert set(refused.json["errors"]) == {"lineas.0.codigo"}
    assert [each["regla"] for each in refused.json["hallazgos"]] == ["FAZ10", "FAZ04", "FAZ05"]
    assert dian.documents_received == 0
    assert {r.key: r.next for r in gateway.ranges.all(issuer.nit)} == before


def test_a_rate_that_the_issuers_setting_adds_is_none_that_dian_is_foreseen_to_reject(call, gateway, issuer):
    body = invoice()
    body["lineas"][0]["iva_pct"] = 12
    assert list(call("POST", "/documentos?validar=solo", body).json["errors"]) == ["lineas.0.iva_pct"]

    gateway.issuers.save(issuer.model_copy(update={"extra_rates": {"01": (Decimal(12),)}}))

    checked = call("POST", "/documentos?validar=solo", body)
    assert (checked.status, checked.json["data"]["hallazgos"]) == (200, [])


def test_units_a_municipality_and_an_ordinary_sale_for_a_third_that_were_once_refused_are_accepted(
    call, issuer
):
    body = invoice(factura={"operacion": "10"})
    body["adquiriente"]["codigo_municipio"] = "27086"
    (line,) = body["lineas"]
    body["lineas"] = [
        {**line, "unidad": unit} for unit in ["AS", "4O", "1A", "2A", "PI", "SI", "EL", "5A", "MGM"]
    ]
    body["lineas"][0]["mandante"] = {"tipo_documento": "31", "numero_documento": "900108281"}

    posted = call("POST", "/documentos", body)

    assert posted.status == 201, posted.text
    assert (posted.json["data"]["estado"], posted.json["data"]["notificaciones"]) == ("aceptado", [])


@pytest.mark.parametrize("unit", ["COMO", "SÍ", "ÉL", "1ª"])
def test_what_a_translator_made_of_a_unit_is_none(call, issuer, unit):
    body = invoice()
    body["lineas"][0]["unidad"] = unit

    assert list(call("POST", "/documentos?validar=solo", body).json["errors"]) == ["lineas.0.unidad"]


def test_a_nit_with_its_check_digit_glued_on_is_refused_when_posted_and_when_only_validated(call, dian):
    body = invoice()
    body["adquiriente"]["numero_documento"] = "9003731153"
    for path in ("/documentos", "/documentos?validar=solo"):
        answer = call("POST", path, body)
        assert answer.status == 422, answer.text
        assert "adquiriente.numero_documento" in answer.text


@pytest.mark.parametrize("dv", ["3", "4"], ids=["the company's", "of the ten digits"])
def test_a_nit_with_its_check_digit_glued_on_and_beside_it_is_refused_with_what_to_send(call, dv):
    body = invoice()
    body["adquiriente"] |= {"numero_documento": "9003731153", "dv": dv}

    errors = call("POST", "/documentos?validar=solo", body).json["errors"]

    assert list(errors) == ["adquiriente.numero_documento"]
    assert "envíe 900373115" in errors["adquiriente.numero_documento"][0]
