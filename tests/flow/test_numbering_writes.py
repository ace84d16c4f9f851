"""POST /numeraciones and PUT /numeraciones/{prefijo}/tipo-documento, through Facturatech's numbering service."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cauce.domain.access_token import read_bearer
from cauce.domain.document import Kind
from cauce.domain.issuer import Environment, Issuer
from cauce.providers.facturatech.provider import Facturatech
from cauce.reception import access
from tests import stack
from tests.flow.killed import Killed
from tests.simulators.facturatech import FacturatechSimulator
from tests.unit.facturatech import builders

NIT = builders.NIT
GENERATED = {"prefijo": "NX", "desde": 1, "hasta": 500, "tipo_documento": "NC"}
TYPED = {"resolucion": "18764000012", "tipo_documento": "DSE"}


@pytest.fixture
def facturatech() -> Iterator[FacturatechSimulator]:
    with FacturatechSimulator() as simulator:
        yield simulator


@pytest.fixture
def company(gateway: Any, facturatech: FacturatechSimulator) -> Issuer:
    found = builders.issuer(
        providers={Kind.INVOICE: "facturatech"},
        settings={"facturatech": {"base_url": facturatech.base_url}},
    )
    gateway.issuers.save(found)
    stack.keep_credentials(NIT, "facturatech", builders.SECRETS)
    return found


@pytest.fixture
def bearer(gateway: Any, company: Issuer) -> str:
    return access.grant(gateway, company.nit, name="ERP", email="erp@empresa.example")[1]


@pytest.fixture
def ask(call: Any, bearer: str) -> Any:
    def asked(method: str, path: str, body: Any = None, **options: Any) -> Any:
        return call(method, path, body, **{"bearer": bearer, **options})

    return asked


def listed(ask: Any, prefix: str) -> dict[str, Any] | None:
    rows: list[dict[str, Any]] = ask("GET", "/numeraciones").json["data"]
    return next((row for row in rows if row["prefijo"] == prefix), None)


def operations(facturatech: FacturatechSimulator) -> list[str]:
    return [seen.path.rpartition("#")[2] for seen in facturatech.requests]


def test_a_range_is_generated_and_ours_are_brought_up_to_date(
    ask: Any, facturatech: FacturatechSimulator
) -> None:
    made = ask("POST", "/numeraciones", GENERATED)

    assert made.status == 201
    assert made.json["ok"] is True
    assert made.json["proveedor"] == "facturatech"
    assert made.json["mensaje"]
    row = listed(ask, "NX")
    assert row is not None
    assert (row["tipo_documento"], row["desde"], row["hasta"], row["siguiente"]) == (
        "nota_credito",
        1,
        500,
        1,
    )
    assert operations(facturatech) == ["GenerarNumeracion", "ConsultaNumeracion"]


def test_what_was_done_is_told_as_done_though_it_could_not_be_read_again(
    ask: Any, facturatech: FacturatechSimulator
) -> None:
    """An error would have it asked for again, and refused as a repetition."""
    ask("POST", "/numeraciones/sincronizar")
    facturatech.lose_next_answer(operation="ConsultaNumeracion")
    made = ask("POST", "/numeraciones", GENERATED)
    facturatech.lose_next_answer(operation="ConsultaNumeracion")
    told = ask("PUT", "/numeraciones/CDS/tipo-documento", TYPED)

    assert (made.status, made.json["ok"]) == (201, True)
    assert "Falta sincronizarlo" in made.json["mensaje"]
    assert (told.status, told.json["ok"]) == (200, True)
    assert listed(ask, "NX") is None
    ask("POST", "/numeraciones/sincronizar")
    assert listed(ask, "NX") is not None


def test_what_was_done_is_told_as_done_though_aws_was_out_when_it_was_to_be_kept(
    ask: Any, gateway: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A 503 would have it asked for again."""

    def busy(*_: Any) -> None:
        raise ClientError({"Error": {"Code": "ThrottlingException", "Message": "x"}}, "UpdateItem")

    monkeypatch.setattr(type(gateway.ranges), "save", busy)

    made = ask("POST", "/numeraciones", GENERATED)

    assert (made.status, made.json["ok"]) == (201, True)
    assert "Falta sincronizarlo" in made.json["mensaje"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [("POST", "/numeraciones", GENERATED), ("PUT", "/numeraciones/CDS/tipo-documento", TYPED)],
)
def test_who_asked_is_kept_before_the_provider_acts_so_that_a_function_that_dies_hides_nobody(
    ask: Any, bearer: str, kept: Any, monkeypatch: pytest.MonkeyPatch, method: str, path: str, body: Any
) -> None:
    """No document's trace would tell: what is done here has no record."""

    def dies(*_: Any) -> None:
        raise Killed

    for act in ("generate_range", "assign_range_type"):
        monkeypatch.setattr(Facturatech, act, dies)

    with pytest.raises(Killed):
        ask(method, path, body)

    (line,) = kept()
    assert (line["token"], line["issuer"], line["status"]) == (read_bearer(bearer).id, NIT, None)
    assert line["method"] == method and line["route"].startswith("/numeraciones")


def test_a_request_to_make_a_range_that_says_nothing_sensible_has_one_line_as_any_other(
    ask: Any, kept: Any
) -> None:
    ask("POST", "/numeraciones", {})
    ask("POST", "/numeraciones", GENERATED)

    assert [line["status"] for line in kept()] == [422, None, 201]


def test_a_repeated_range_is_the_providers_refusal_and_changes_nothing(ask: Any, everything: Any) -> None:
    ask("POST", "/numeraciones", GENERATED)
    before = everything()

    again = ask("POST", "/numeraciones", GENERATED)

    assert (again.status, again.json["codigo"]) == (409, "conflicto")
    assert everything() == before


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"prefijo": ""}, "prefijo"),
        ({"prefijo": "Ñ1"}, "prefijo"),
        ({"prefijo": None}, "prefijo"),
        ({"desde": 0}, "desde"),
        ({"desde": "1"}, "desde"),
        ({"desde": True}, "desde"),
        ({"hasta": 1.5}, "hasta"),
        ({"desde": 10, "hasta": 9}, "hasta"),
        ({"tipo_documento": None}, "tipo_documento"),
        ({"sobra": 1}, "sobra"),
    ],
)
def test_what_is_wrong_with_a_range_is_named(
    ask: Any, facturatech: FacturatechSimulator, change: dict[str, Any], field: str
) -> None:
    refused = ask("POST", "/numeraciones", {**GENERATED, **change})

    assert refused.status == 422, refused.text
    assert field in refused.json["errors"]
    assert facturatech.requests == []


def test_an_authorised_range_is_told_what_it_is_for_once_and_for_ever(
    ask: Any, facturatech: FacturatechSimulator
) -> None:
    ask("POST", "/numeraciones/sincronizar")
    untyped = listed(ask, "CDS")
    assert untyped is not None
    assert untyped["tipo_documento"] is None

    told = ask("PUT", "/numeraciones/CDS/tipo-documento", TYPED)
    again = ask("PUT", "/numeraciones/CDS/tipo-documento", TYPED)

    assert (told.status, told.json["ok"], told.json["proveedor"]) == (200, True, "facturatech")
    assert (again.status, again.json["codigo"]) == (409, "conflicto")
    typed = [row for row in ask("GET", "/numeraciones").json["data"] if row["prefijo"] == "CDS"]
    assert "documento_soporte" in {row["tipo_documento"] for row in typed}
    assert [row["estado"] for row in typed if row["tipo_documento"] is None] in ([], ["ausente"])


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        *(
            ("POST", "/numeraciones", {**GENERATED, "tipo_documento": of_a_resolution})
            for of_a_resolution in ("INVOIC", "INVOICE", "INVOIC-C", "DSE", "OTRA")
        ),
        *(
            ("PUT", "/numeraciones/CDS/tipo-documento", {**TYPED, **change})
            for change in ({"tipo_documento": "NC"}, {"tipo_documento": "INVOIC"}, {"resolucion": ""})
        ),
    ],
)
def test_a_type_that_cannot_be_made_or_told_is_refused_before_the_network(
    ask: Any, facturatech: FacturatechSimulator, method: str, path: str, body: dict[str, Any]
) -> None:
    refused = ask(method, path, body)

    assert refused.status == 422, refused.text
    assert facturatech.requests == []


def test_a_range_that_the_provider_does_not_have_is_its_refusal(ask: Any) -> None:
    refused = ask("PUT", "/numeraciones/NADA/tipo-documento", TYPED)

    assert (refused.status, refused.json["codigo"]) == (409, "conflicto")


@pytest.mark.parametrize("prefix", ["\x00", "C DS", "CDS!", "Ñ", "x" * 3_000])
def test_a_prefix_that_no_range_can_have_is_not_found_and_asked_of_nobody(
    ask: Any, facturatech: FacturatechSimulator, prefix: str
) -> None:
    refused = ask("PUT", f"/numeraciones/{prefix}/tipo-documento", TYPED)

    assert (refused.status, refused.json["codigo"]) == (404, "no_encontrado")
    assert facturatech.requests == []


@pytest.mark.parametrize("stored", [True, False], ids=["done", "not done"])
def test_a_lost_answer_says_that_nothing_is_known_and_a_sync_tells(
    ask: Any, facturatech: FacturatechSimulator, stored: bool
) -> None:
    facturatech.lose_next_answer(stored, operation="GenerarNumeracion")

    lost = ask("POST", "/numeraciones", GENERATED)
    ask("POST", "/numeraciones/sincronizar")

    assert (lost.status, lost.json["codigo"]) == (504, "resultado_desconocido")
    assert (listed(ask, "NX") is not None) is stored


def test_a_provider_that_makes_none_says_so(call: Any, factus: Any, issuer: Any) -> None:
    refused = call("POST", "/numeraciones", GENERATED)
    named = call("POST", "/numeraciones", {**GENERATED, "proveedor": "factus"})
    typed = call("PUT", "/numeraciones/SETP/tipo-documento", TYPED)

    assert [(answer.status, answer.json["codigo"]) for answer in (refused, named, typed)] == [
        (422, "no_soportado")
    ] * 3


def test_a_provider_that_is_not_the_issuers_is_not_asked(ask: Any, facturatech: FacturatechSimulator) -> None:
    for name in ("factus", "otro"):
        refused = ask("POST", "/numeraciones", {**GENERATED, "proveedor": name})
        assert (refused.status, refused.json["codigo"]) == (422, "no_soportado")
    assert facturatech.requests == []


def test_a_demo_user_is_never_made_productive_by_these(
    ask: Any, gateway: Any, company: Issuer, facturatech: FacturatechSimulator
) -> None:
    """Quirk 3: neither making, nor typing, nor the sync that follows them promotes an issuer under test."""
    gateway.issuers.save(company.model_copy(update={"environment": Environment.TEST}))
    own = access.grant(gateway, company.nit, name="ERP", email="erp@empresa.example")[1]  # of that world

    ask("POST", "/numeraciones", GENERATED, bearer=own)
    ask("PUT", "/numeraciones/CDS/tipo-documento", TYPED, bearer=own)
    synced = ask("POST", "/numeraciones/sincronizar", bearer=own)

    assert facturatech.promotions == 0
    assert "ConsultaNumeracion" not in operations(facturatech)
    assert synced.json["ok"] is False
    assert "DEMO" in synced.json["data"][0]["error"]
