"""Requests that real users of such systems stumbled over, each with what is expected of it: ``../shared/cases``.

Its README says how they are posted: as they stand, with a reference of their own, at noon of 28 November 2026.
"""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest

from cauce.domain.issuer import Issuer
from cauce.gateway import Gateway
from cauce.reception import access
from tests import dian_issuers
from tests.documents import invoice
from tests.flow.conftest import Clock, enrol
from tests.simulators.dian import DianSimulator
from tests.simulators.factus import FactusSimulator
from tests.stack import ROOT
from tests.unit.dian.talking import simulator

CASES = ROOT.parent / "shared" / "cases"
NOON = datetime.fromisoformat("2026-11-28T12:00:00-05:00")
NIT = dian_issuers.ISSUER.nit

Check = Callable[[Any, Any], None]
"""Of the answer to the POST, and of that to ``?validar=solo``; either may be an answer or its absence."""


def refused(field: str, *words: str) -> Check:
    def check(posted: Any, validated: Any) -> None:
        for answer in (posted, validated):
            assert answer.status == 422, answer.text
            assert list(answer.json["errors"]) == [field]
            said = " ".join(answer.json["errors"][field])
            assert [word for word in words if word not in said] == [], said

    return check


def noticed(field: str, found: str) -> Check:
    def check(posted: Any, validated: Any) -> None:
        assert (posted.status, validated.status) == (201, 200), posted.text
        assert posted.json["data"]["estado"] == "aceptado"
        told = {each["campo"]: each for each in posted.json["data"]["notificaciones"]}
        assert told[field]["origen"] == "cauce" and found in told[field]["mensaje"]
        assert (
            found
            in {each["campo"]: each for each in validated.json["data"]["hallazgos"]}[field]["encontrado"]
        )

    return check


def taken(total: int | None = None) -> Check:
    def check(posted: Any, validated: Any) -> None:
        assert (posted.status, validated.status) == (201, 200), posted.text
        assert posted.json["data"]["estado"] == "aceptado"
        for answer in (posted, validated):
            assert total is None or answer.json["data"]["totales"]["total"] == total

    return check


def taken_or_told_the_way(posted: Any, validated: Any) -> None:
    for answer in (posted, validated):
        assert answer.status in (200, 201) or (
            answer.status == 422 and (answer.json.get("proveedores") or "precio" in answer.text)
        ), answer.text


EXPECTED: dict[str, Check] = {
    "consumer_final_as_nit": refused("adquiriente.tipo_documento", "consumidor final", "13"),
    "ds_of_15_days_ago": refused("factura.fecha", "DSAD09e", "lineas[].compra.fecha"),
    "due_date_in_the_past": refused("pago.vencimiento"),
    "export_to_a_colombian_with_iva": noticed("factura.tipo", "exportación a un comprador en CO con IVA 19"),
    "foreign_city_blocks_factus_v2": taken(),
    "gift_without_reference_price": noticed("lineas.1.precio_referencia", "nada"),
    "lines_201_dian": taken(),
    "nit_with_dv_glued": refused(
        "adquiriente.numero_documento", "incluir el dígito de verificación 3", "900373115"
    ),
    "note22_factus_said_impossible": taken(),
    "note22_two_months": refused("periodo", "CAE02", "CAE04"),
    "note_number_and_cufe_disagree": refused("factura_referencia.cufe"),
    "pos_price_with_iva_6dec_factus_v2": taken(30000),
    "prepayment_factus_v2_said_impossible": taken(),
    "price_50_cents_factus_v1": taken_or_told_the_way,
    "rate_error_names_unsent_field": refused("lineas.0.iva_pct"),
    "rate_iva_8_is_inc": refused("lineas.0.iva_pct", "INC", "impuestos", "código 04"),
    "rate_reteiva_19": refused("lineas.0.retenciones.0.porcentaje", "ReteIVA es 15 o 100"),
}
# What goes out, where the case says that too: fields of the provider's request.
SENT = {
    "note22_factus_said_impossible": ("credit-notes", {"customization_id", "billing_period"}),
    "prepayment_factus_v2_said_impossible": ("bills", {"prepayment_details"}),
}
# By the name of a provider in a case.
DIALECTS = {"factus": "v1", "factus_v1": "v1", "factus_v2": "v2"}


def case(name: str) -> dict[str, Any]:
    path = CASES / f"{name}.json"
    if not path.exists():
        pytest.skip(f"the reference material is absent: cases/{name}.json")
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


def _tried() -> Iterator[Any]:
    """Each case at each provider that it was tried with."""
    for name in EXPECTED:
        path = CASES / f"{name}.json"
        providers = json.loads(path.read_text("utf-8"))["_provider"] if path.exists() else "absent"
        for provider in providers.split(", "):
            yield pytest.param(name, provider, id=f"{name}-{provider}")


@pytest.fixture
def dian(clock: Clock) -> Iterator[DianSimulator]:
    with simulator(NIT, clock=clock) as running:
        yield running


@pytest.fixture
def factus(clock: Clock) -> Iterator[FactusSimulator]:
    with FactusSimulator(clock=clock) as running:
        yield running


@pytest.fixture
def issuer(request: pytest.FixtureRequest, gateway: Gateway) -> Issuer:
    """One whose documents go through the provider that the test names."""
    provider = request.getfixturevalue("provider")
    if provider in DIALECTS:
        running = request.getfixturevalue("factus")
        settings = {"factus": {"base_url": running.base_url, "dialect": DIALECTS[provider]}}
        return enrol(gateway, running, "901724254", settings=settings)
    return dian_issuers.enrolled(gateway, request.getfixturevalue("dian"))


@pytest.fixture
def token(gateway: Gateway, issuer: Issuer) -> str:
    return access.grant(gateway, issuer.nit, name="ERP", email="erp@empresa.example")[1]


@pytest.mark.parametrize("begins_at", [NOON], indirect=True, ids=["noon"])
@pytest.mark.parametrize("name, provider", list(_tried()))
def test_a_case_gets_what_it_expects(
    name: str, provider: str, call, drain, request, gateway, issuer, monkeypatch
):
    read = case(name)
    path = read["_request"].removeprefix("POST ")
    body = {**read["body"], "referencia": f"CASO-{name}"[:64]}
    if "_needs" in read:
        body |= _of_two_invoices(call)
    before = {each.key: each.next for each in gateway.ranges.all(issuer.nit)}

    validated = call("POST", f"{path}?validar=solo", body)
    posted = call("POST", path, body)
    if drain():
        posted.json["data"] = call("GET", f"/documentos/{posted.json['data']['tracking_id']}").json

    EXPECTED[name](posted, validated)
    if posted.status == 422:
        assert {each.key: each.next for each in gateway.ranges.all(issuer.nit)} == before
    if name in SENT:
        sort, fields = SENT[name]
        (kept,) = request.getfixturevalue("factus").documents[sort]
        assert fields <= set(kept.request)


def test_every_case_has_its_expectation():
    if not CASES.exists():
        pytest.skip("the reference material is absent: cases")
    assert {path.stem for path in CASES.glob("*.json")} == set(EXPECTED)


def _of_two_invoices(call: Any) -> dict[str, Any]:
    """The reference of a note that has the number of one accepted invoice and the CUFE of another."""
    one, other = (call("POST", "/documentos", invoice(referencia=f"V-{n}")).json["data"] for n in (1, 2))
    assert (one["estado"], other["estado"]) == ("aceptado", "aceptado")
    day = one["fecha_emision"][:10]
    return {"factura_referencia": {"numero": other["numero_completo"], "cufe": one["cufe"], "fecha": day}}
