"""GET /preparacion: what is missing to emit, who must act, and how long what there is will last; nobody is called."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from cauce.domain.access_token import Scope
from cauce.domain.breaker import OPENS_AFTER
from cauce.domain.document import Kind
from cauce.domain.errors import NotSent
from cauce.domain.issuer import Environment, Issuer, Permission, Quota
from cauce.domain.time import bogota
from cauce.gateway import Gateway
from cauce.numbering.sync import sync_ranges
from cauce.reception import access
from cauce.ubl.certificate import enrolled
from tests import dian_issuers, stack
from tests.documents import invoice
from tests.quick_boto3 import own
from tests.simulators.dian import DianSimulator
from tests.simulators.dian.pki import trusted

NIT = dian_issuers.ISSUER.nit

Rows = dict[tuple[str, str | None], dict[str, Any]]


@pytest.fixture
def issuer(gateway: Gateway, dian: DianSimulator) -> Issuer:
    """Complete: with its certificate, its party and its ranges."""
    return dian_issuers.enrolled(gateway, dian)


@pytest.fixture
def prepared(call: Any) -> Any:
    """The answer, and its rows by what they are about and the type of document."""

    def asked(**how: Any) -> tuple[dict[str, Any], Rows]:
        answer = call("GET", "/preparacion", **how)
        assert answer.status == 200, answer.text
        return answer.json, {(row["punto"], row["tipo_documento"]): row for row in answer.json["puntos"]}

    return asked


def change(gateway: Gateway, issuer: Issuer, **changes: Any) -> None:
    gateway.issuers.save(issuer.model_copy(update=changes))


def test_an_issuer_that_is_complete_can_emit_every_kind_and_knows_how_long(prepared, gateway, issuer):
    permissions = frozenset(Permission)
    change(gateway, issuer, environment=Environment.PRODUCTION, permissions=permissions)
    _, bearer = access.grant(gateway, NIT, name="ERP", email="erp@empresa.example")

    answer, rows = prepared(bearer=bearer)

    assert (answer["estado"], answer["resumen"]) == ("listo", "Todo está listo para emitir.")
    assert set(answer["emite"].values()) == {True}
    assert {row["estado"] for row in rows.values()} == {"listo"}
    assert {row["responsable"] for row in rows.values()} == {None}
    assert rows["certificado", None]["dias_restantes"] > 30
    numbers = rows["numeracion", "factura"]
    assert numbers["vence"] == "2030-01-19"
    assert numbers["dias_restantes"] > 30
    assert numbers["quedan"] > 1000


def test_an_issuer_with_nothing_is_told_each_thing_that_is_missing_who_gives_it_and_what_to_do(
    prepared, gateway
):
    found = Issuer(
        nit="900555666",
        check_digit="1",
        uuid="6a2f1c4e-0000-4000-8000-000900555666",
        number=9,
        name="NUEVA SAS",
    )
    gateway.issuers.save(found)
    _, bearer = access.grant(gateway, found.nit, name="ERP", email="erp@empresa.example")

    nobody, rows = prepared(bearer=bearer)

    assert (nobody["estado"], nobody["emite"]) == ("falta", {})
    assert rows["tipos", None]["responsable"] == "operador"

    change(gateway, found, providers=dict.fromkeys(Kind, "dian"))
    nothing, rows = prepared(bearer=bearer)

    assert nothing["estado"] == "falta"
    assert set(nothing["emite"].values()) == {False}
    assert {name for name, row in rows.items() if row["estado"] == "falta"} >= {("credenciales", None)}
    assert rows["credenciales", None]["que_hacer"].startswith("Guárdelas: cauce dian enrol 900555666")

    stack.keep_credentials(found.nit, "dian", {"software_id": "x", "software_pin": ""})
    partly, rows = prepared(bearer=bearer)

    missing = {row["punto"] for row in rows.values() if row["estado"] == "falta"}
    assert missing == {"credenciales", "datos_emisor", "numeracion"}
    assert rows["numeracion", "factura"]["responsable"] == "emisor"
    assert rows["numeracion", "nota_credito"]["responsable"] == "operador"
    assert "software_pin, certificate" in rows["credenciales", None]["mensaje"]
    assert all(row["que_hacer"] for row in rows.values() if row["estado"] != "listo")
    assert set(partly["emite"].values()) == {False}


def test_one_whose_certificate_range_quota_and_token_end_soon_can_emit_and_is_told_of_each(
    prepared, call, gateway, dian, clock
):
    now, nit = clock(), dian_issuers.SUPPLIER
    holder = trusted().grant(nit, "EMPRESA", valid_to=now + timedelta(days=20, hours=1))
    kept = enrolled(holder.pkcs12("x"), SecretStr("x"), nit, now).get_secret_value()
    found = dian_issuers.issuer(dian, nit, number=2, quota=Quota(limit=5))
    gateway.issuers.save(found)
    stack.keep_credentials(nit, "dian", {**dian_issuers.credentials(nit), "certificate": kept})
    sync_ranges(gateway, found, "dian")
    ends = now + timedelta(days=5, hours=1)
    _, bearer = access.grant(gateway, nit, name="ERP", email="erp@empresa.example", expires_at=ends)
    for n in range(4):
        assert call("POST", "/documentos", invoice(referencia=f"V-{n}"), bearer=bearer).status == 201
    for known in gateway.ranges.all_with_keys(nit):
        if known.kind is Kind.INVOICE:
            changes = {"valid_to": bogota(now).date() + timedelta(days=10), "next": known.end - 399}
            gateway.ranges.save(nit, known.model_copy(update=changes))

    answer, rows = prepared(bearer=bearer)

    assert answer["estado"] == "atencion"
    assert answer["emite"]["factura"] is True
    soon = {row["punto"]: row for row in rows.values() if row["estado"] == "atencion"}
    days = {name: row["dias_restantes"] for name, row in soon.items()}
    assert {"certificado": 20, "numeracion": 10, "token": 5}.items() <= days.items()
    assert (soon["numeracion"]["quedan"], soon["cuota"]["quedan"]) == (400, 1)
    acts = {name: row["responsable"] for name, row in soon.items()}
    assert acts == {
        "ambiente": "operador",
        "certificado": "emisor",
        "cuota": "operador",
        "numeracion": "emisor",
        "token": "integrador",
    }


def test_a_used_up_quota_stops_every_kind(prepared, posted, gateway, issuer):
    change(gateway, issuer, quota=Quota(limit=1))
    posted()

    answer, rows = prepared()

    assert (answer["estado"], rows["cuota", None]["estado"]) == ("falta", "falta")
    assert rows["cuota", None]["quedan"] == 0
    assert set(answer["emite"].values()) == {False}


def test_the_numbers_that_were_used_set_the_pace_of_their_range_alone(prepared, posted):
    for _ in range(3):
        posted()

    _, rows = prepared()

    assert rows["numeracion", "factura"]["por_dia"] >= 1
    assert rows["numeracion", "nota_credito"]["por_dia"] is None


def test_a_provider_that_is_out_is_a_point_and_does_not_say_that_nothing_can_be_emitted(
    prepared, gateway, issuer
):
    breaker = stack.breaker_of(gateway, NIT, "dian")
    for _ in range(OPENS_AFTER):
        breaker.admit()
        with pytest.raises(NotSent), breaker.listening():
            raise NotSent("no conecta")

    answer, rows = prepared()

    assert (rows["servicio", None]["estado"], rows["servicio", None]["responsable"]) == ("atencion", "dian")
    assert answer["emite"]["factura"] is True


def test_a_test_set_that_is_not_finished_a_test_token_in_production_and_a_token_that_only_reads_are_told(
    prepared, gateway, issuer
):
    settings = {"dian": {**issuer.settings["dian"], "test_set_id": "358f9538"}}
    change(gateway, issuer, settings=settings)
    _, bearer = access.grant(
        gateway, NIT, name="Contador", email="contador@empresa.example", scopes=[Scope.READ]
    )
    answer, testing = prepared(bearer=bearer)
    change(gateway, issuer, environment=Environment.PRODUCTION)
    _, elsewhere = prepared()

    assert answer["ambiente"] == "habilitacion"
    assert testing["set_pruebas", None]["responsable"] == "operador"
    assert "no tiene ese alcance" in testing["token", None]["mensaje"]
    assert "es del otro ambiente" in elsewhere["token", None]["mensaje"]
    assert ("set_pruebas", None) not in elsewhere


def test_it_calls_no_provider_and_asks_aws_for_little(call, dian, gateway, issuer, everything):
    call("GET", "/preparacion")  # the container reads the credentials once
    heard, before, asked = len(dian.requests), everything(), Counter[str]()
    own("dynamodb").meta.events.register(
        "before-call.dynamodb", lambda model, **_: asked.update([model.name])
    )

    call("GET", "/preparacion")

    assert len(dian.requests) == heard
    assert everything() == before
    # Who asks: the token, its issuer and the count of its requests. Then the counts and the breakers; the ranges.
    assert asked == {"GetItem": 2, "UpdateItem": 1, "BatchGetItem": 2, "Query": 1}


def test_a_parameter_is_refused_by_its_name(call):
    answer = call("GET", "/preparacion?proveedor=dian")

    assert answer.status == 422
    assert "proveedor" in answer.json["errors"]


def test_the_operator_sees_the_same_points(cauce, issuer):
    shown = cauce("issuer", "check", NIT)

    assert shown.exit_code == 0, shown.output
    assert "Puede emitir: hay 1 punto por atender." in shown.output
    assert "✔ certificado dian: El certificado de firma está vigente." in shown.output
    assert "! ambiente: Está en habilitación" in shown.output
    assert "operador: Terminadas las pruebas" in shown.output
    assert " token:" not in shown.output, "nobody asks with one"
