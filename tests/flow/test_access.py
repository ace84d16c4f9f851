"""Tokens, permissions and quota: what seed 002 answers to each, field for field."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from cauce import wiring
from cauce.domain.access_token import Scope
from cauce.domain.document import Kind
from cauce.domain.errors import NotFound
from cauce.domain.issuer import Environment, Period, Permission, Quota
from cauce.reception import access
from tests.documents import invoice, note, note_on_ticket, support_document, ticket
from tests.flow.conftest import enrol

SEEDS = Path(__file__).parents[3] / "shared" / "seeds"
# What an error adds to seed 002's fields: RFC 9457's.
PROBLEM = {"type", "title", "status", "detail", "instance", "request_id"}


@pytest.fixture
def change(gateway, issuer) -> Any:
    """Change the issuer, as an operator does."""
    return lambda **changes: gateway.issuers.save(issuer.model_copy(update=changes))


@pytest.fixture
def at(gateway, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Set the stack's clock: ``at("2026-11-30T23:59:59-05:00")``."""

    def to(moment: str) -> None:
        fixed = replace(gateway, now=lambda: datetime.fromisoformat(moment).astimezone(UTC))
        monkeypatch.setattr(wiring, "gateway", lambda: fixed)

    return to


def fields_of_the_page(body: dict[str, Any]) -> dict[str, Any]:
    """The answer without what problem details, and the id of its request, add to it."""
    assert body.keys() >= PROBLEM
    return {name: value for name, value in body.items() if name not in PROBLEM}


def published(heading: str) -> dict[str, Any]:
    for path in SEEDS.glob("002_*.txt"):
        page = path.read_text("utf-8")
        return json.JSONDecoder().raw_decode(page[page.index("{", page.index(heading)) :])[0]
    pytest.skip("seed 002 is not beside the project: its answers, in our words, are in the other tests")


# 401, 404, 422


@pytest.mark.parametrize("bearer", [None, "", "1|" + "x" * 40, "999|" + "x" * 40, "x"])
def test_401_without_a_token_of_ours(call, bearer):
    answer = call("GET", "/me", bearer=bearer)

    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.headers["Content-Type"] == "application/problem+json; charset=utf-8"
    shown = fields_of_the_page(answer.json)
    assert shown.keys() == {"ok", "error", "codigo"}
    assert (shown["ok"], shown["codigo"]) == (False, "no_autenticado")


def test_404_for_a_document_that_does_not_exist(call):
    answer = call("GET", "/documentos/550e8400-e29b-41d4-a716-446655440000")

    assert answer.status == 404
    assert fields_of_the_page(answer.json) == {
        "ok": False,
        "error": "El documento no existe o no pertenece a tu empresa.",
        "codigo": "no_encontrado",
    }
    assert answer.json["instance"] == "/v1/documentos/550e8400-e29b-41d4-a716-446655440000"


def test_422_is_the_pages_own(call):
    body = invoice()
    del body["adquiriente"]["numero_documento"]
    body["lineas"][0]["iva_pct"] = -1

    answer = call("POST", "/documentos", body).json

    expected = published("Ejemplo: 422 Validación")
    assert {name: answer[name] for name in expected} == expected


# 403


@pytest.mark.parametrize(
    "permission, path, body",
    [
        (Permission.INVOICES, "/documentos", invoice()),
        (Permission.CREDIT_NOTES, "/notas-credito", note("SETP1", "a" * 96)),
        (
            Permission.DEBIT_NOTES,
            "/notas-debito",
            note("SETP1", "a" * 96, motivo={"codigo": "1", "descripcion": "x"}),
        ),
        (Permission.SUPPORT_DOCUMENTS, "/documentos-soporte", support_document()),
        (
            Permission.ADJUSTMENT_NOTES,
            "/notas-ajuste",
            support_document(
                documento_referencia={"numero": "S1", "cuds": "a" * 96, "fecha": "2026-05-10"},
                motivo={"codigo": "2", "descripcion": "x"},
            ),
        ),
        (Permission.EQUIVALENT_DOCUMENTS, "/documentos-equivalentes", ticket()),
        (
            Permission.EQUIVALENT_NOTES,
            "/notas-documento-equivalente",
            note_on_ticket("EPOS1", "a" * 96),
        ),
    ],
)
def test_403_names_the_permission_that_is_missing(call, change, everything, factus, permission, path, body):
    change(permissions=frozenset(Permission) - {permission})
    before = everything()

    answer = call("POST", path, body)

    assert answer.status == 403
    assert fields_of_the_page(answer.json) == {
        "ok": False,
        "error": "Tu empresa no tiene permitido emitir este tipo de documento.",
        "codigo": "permiso_no_concedido",
        "permiso": permission.value,
    }
    assert everything() == before
    assert call("POST", f"{path}?validar=solo", body).status == 403
    assert call("GET", "/documentos").status == 200


def test_403_is_the_pages_own(call, change):
    change(permissions=frozenset({Permission.INVOICES}))

    answer = call("POST", "/notas-credito", note("SETP1", "a" * 96)).json

    expected = published("Ejemplo: 403 Permiso")
    assert {name: answer[name] for name in expected} == expected


def test_every_kind_of_document_has_its_permission(call):
    assert len(Permission) >= len(Kind)


# 429


def test_429_says_how_many_of_how_many_in_which_period(call, change, everything, factus):
    change(quota=Quota(limit=2))
    assert [call("POST", "/documentos", invoice()).status for _ in range(2)] == [201, 201]
    before = everything()

    answer = call("POST", "/documentos", invoice())

    assert answer.status == 429
    assert fields_of_the_page(answer.json) == {
        "ok": False,
        "error": "Cuota excedida para el periodo.",
        "codigo": "quota_excedida",
        "consumidos": 2,
        "limite": 2,
        "periodo": "mensual",
    }
    assert everything() == before


def test_429_is_the_pages_own(call, change):
    expected = published("Ejemplo: 429 Quota")
    change(quota=Quota(limit=1))
    call("POST", "/documentos", invoice())

    answer = call("POST", "/documentos", invoice()).json

    assert {name: answer[name] for name in expected} == {**expected, "consumidos": 1, "limite": 1}


def test_only_what_was_taken_counts(call, change, drain, factus):
    change(quota=Quota(limit=1))
    for body in (invoice(lineas=[]), {}, invoice(moneda="USD"), invoice(prefijo="NADA")):
        assert call("POST", "/documentos", body).status == 422
    assert call("POST", "/documentos?validar=solo", invoice()).status == 200
    assert call("POST", "/documentos", "{").status == 400

    assert call("POST", "/documentos", invoice()).status == 201
    assert call("POST", "/documentos", invoice()).status == 429


def test_a_replay_costs_nothing_and_answers_after_the_quota_is_spent(call, change):
    change(quota=Quota(limit=1))
    first = call("POST", "/documentos", invoice(referencia="V-1"))
    assert call("POST", "/documentos", invoice(referencia="V-2")).status == 429

    for _ in range(3):
        again = call("POST", "/documentos", invoice(referencia="V-1"))
        assert (again.status, again.headers["Idempotency-Replayed"]) == (201, "true")
        assert again.json["data"]["tracking_id"] == first.json["data"]["tracking_id"]


def test_a_reference_refused_for_its_quota_is_free_in_the_next_period(call, change, at):
    change(quota=Quota(limit=1))
    at("2026-10-15T12:00:00-05:00")
    call("POST", "/documentos", invoice())
    assert call("POST", "/documentos", invoice(referencia="V-1")).status == 429

    at("2026-11-15T12:00:00-05:00")
    taken = call("POST", "/documentos", invoice(referencia="V-1"))

    assert taken.status == 201
    assert "Idempotency-Replayed" not in taken.headers


def test_a_correction_costs_nothing(call, change, drain, factus):
    change(quota=Quota(limit=1))
    factus.reject_next("FAK24", "No está informado el DV del NIT")
    rejected = call("POST", "/documentos", invoice(referencia="V-1")).json["data"]
    drain()

    corrected = call("POST", "/documentos", invoice(referencia="V-1", observaciones="corregida"))

    assert corrected.status == 201
    assert corrected.json["data"]["tracking_id"] == rejected["tracking_id"]


@pytest.mark.parametrize(
    "period, last, first",
    [
        (Period.MONTHLY, "2026-11-30T23:59:59-05:00", "2026-12-01T00:00:00-05:00"),
        (Period.MONTHLY, "2026-12-31T23:59:59-05:00", "2027-01-01T00:00:00-05:00"),
        (Period.MONTHLY, "2028-02-29T23:59:59-05:00", "2028-03-01T00:00:00-05:00"),
        (Period.YEARLY, "2026-12-31T23:59:59-05:00", "2027-01-01T00:00:00-05:00"),
    ],
)
def test_a_period_ends_at_midnight_in_bogota(call, change, at, period, last, first):
    change(quota=Quota(limit=1, period=period))
    at(last)
    assert call("POST", "/documentos", invoice()).status == 201
    spent = call("POST", "/documentos", invoice())
    assert (spent.status, spent.json["periodo"]) == (429, period.value)

    at(first)
    assert call("POST", "/documentos", invoice()).status == 201


@pytest.mark.parametrize(
    "period, moment",
    [(Period.MONTHLY, "2026-11-30T23:00:00-05:00"), (Period.YEARLY, "2026-03-01T00:00:00-05:00")],
)
def test_a_period_does_not_end_at_midnight_in_greenwich_nor_a_year_with_a_month(
    call, change, at, period, moment
):
    change(quota=Quota(limit=1, period=period))
    before = datetime.fromisoformat(moment) - timedelta(hours=5)
    at(before.isoformat())
    assert call("POST", "/documentos", invoice()).status == 201

    at(moment)
    assert call("POST", "/documentos", invoice()).status == 429


def test_a_quota_lowered_below_what_was_used_says_both(call, change):
    change(quota=Quota(limit=3))
    for _ in range(3):
        call("POST", "/documentos", invoice())
    change(quota=Quota(limit=1))

    answer = call("POST", "/documentos", invoice())

    assert (answer.json["consumidos"], answer.json["limite"]) == (3, 1)


@pytest.mark.parametrize(
    "quota", [Quota(limit=2), Quota(limit=2, period=Period.YEARLY)], ids=lambda quota: quota.period
)
def test_a_quota_counts_what_was_accepted_before_it_was_set(call, change, quota):
    for _ in range(2):
        call("POST", "/documentos", invoice())

    change(quota=quota)
    answer = call("POST", "/documentos", invoice())

    assert (answer.status, answer.json["consumidos"], answer.json["limite"]) == (429, 2, 2)


def test_a_quota_of_another_period_counts_what_was_accepted_under_the_one_before(call, change, at):
    at("2026-10-15T12:00:00-05:00")
    change(quota=Quota(limit=5))
    call("POST", "/documentos", invoice())
    at("2026-11-15T12:00:00-05:00")
    call("POST", "/documentos", invoice())

    change(quota=Quota(limit=2, period=Period.YEARLY))
    assert call("POST", "/documentos", invoice()).json["consumidos"] == 2
    change(quota=Quota(limit=1))
    assert call("POST", "/documentos", invoice()).json["consumidos"] == 1


@pytest.mark.parametrize(
    "period, moment, seconds",
    [
        (Period.MONTHLY, "2026-11-30T23:59:59-05:00", "1"),
        (Period.MONTHLY, "2028-02-29T00:00:00-05:00", "86400"),
        (Period.YEARLY, "2026-12-30T00:00:00-05:00", "172800"),
    ],
)
def test_429_says_when_the_period_ends(call, change, at, period, moment, seconds):
    change(quota=Quota(limit=1, period=period))
    at(moment)
    call("POST", "/documentos", invoice())

    answer = call("POST", "/documentos", invoice())

    assert (answer.status, answer.headers["Retry-After"]) == (429, seconds)


@pytest.mark.parametrize("limit", [0, -1])
def test_a_quota_is_at_least_one_document(limit):
    """None at all is a suspended issuer, not a quota: a counter that does not exist yet admits its first."""
    with pytest.raises(ValidationError):
        Quota(limit=limit)


# Tokens


def test_a_token_is_shown_once_and_only_its_hash_is_kept(gateway, issuer, everything):
    token, bearer = access.grant(gateway, issuer.nit, name="ERP", email="erp@empresa.example")
    secret = bearer.partition("|")[2]

    assert len(secret) == 40
    assert secret not in repr(everything())
    assert secret not in repr(token)
    assert token.secret_hash in repr(everything())


def test_me_tells_the_tokens_bearer_and_its_issuer_as_the_page_does(call, issuer):
    answer = call("GET", "/me")

    assert answer.status == 200
    assert answer.json == {
        "user": {"id": 1, "name": "ERP", "email": "erp@empresa.example"},
        "tenant": {
            "id": issuer.number,
            "uuid": issuer.uuid,
            "nit": issuer.nit,
            "dv": issuer.check_digit,
            "razon_social": "MI EMPRESA SAS",
            "estado": "activo",
        },
        "ambiente": "habilitacion",
        "token": {
            "alcances": [scope.value for scope in Scope],
            "ambiente": "habilitacion",
            "vence": None,
        },
        "cuota": {
            "consumidos": 0,
            "limite": None,
            "periodo": "mensual",
            "termina": answer.json["cuota"]["termina"],
        },
    }


@pytest.mark.parametrize(
    "quota, period, ends",
    [
        (None, "mensual", "2026-12-01T00:00:00-05:00"),
        (Quota(limit=3), "mensual", "2026-12-01T00:00:00-05:00"),
        (Quota(limit=3, period=Period.YEARLY), "anual", "2027-01-01T00:00:00-05:00"),
    ],
)
def test_me_shows_what_was_used_of_how_many_until_when_and_in_which_world(
    call, change, at, quota, period, ends
):
    at("2026-11-30T23:59:59-05:00")
    change(quota=quota)
    for _ in range(2):
        assert call("POST", "/documentos", invoice()).status == 201

    answer = call("GET", "/me").json

    assert answer["cuota"] == {
        "consumidos": 2,
        "limite": quota and quota.limit,
        "periodo": period,
        "termina": ends,
    }
    assert answer["ambiente"] == "habilitacion"
    change(environment=Environment.PRODUCTION)
    assert call("GET", "/me").json["ambiente"] == "produccion"


def test_me_tells_what_its_token_is_for_in_which_world_and_until_when(call, gateway, issuer, change):
    ends = datetime.fromisoformat("2099-02-01T00:00:00-05:00")
    _, bearer = access.grant(
        gateway, issuer.nit, name="Caja", email="", scopes=[Scope.CONSULT, Scope.EMIT], expires_at=ends
    )
    change(environment=Environment.PRODUCTION)

    answer = call("GET", "/me", bearer=bearer).json

    assert answer["token"] == {
        "alcances": ["emitir", "consultar"],
        "ambiente": "habilitacion",
        "vence": "2099-02-01T00:00:00-05:00",
    }
    assert answer["ambiente"] == "produccion"


def test_health_tells_the_stack_s_time(call, at):
    at("2026-11-30T23:59:59-05:00")

    assert call("GET", "/health", bearer=None).json["time"] == "2026-11-30T23:59:59-05:00"


def test_revoking_twice_keeps_the_first_time(gateway, issuer, token, clock):
    first = access.revoke(gateway, issuer.nit, 1)
    clock.advance(hours=1)

    assert access.revoke(gateway, issuer.nit, 1) == first
    with pytest.raises(NotFound):
        access.revoke(gateway, issuer.nit, 2)


def test_nobody_revokes_a_token_of_another_issuer(call, gateway, issuer, factus):
    other = enrol(gateway, factus, "800197268")
    theirs, bearer = access.grant(gateway, other.nit, name="Otro", email="")

    with pytest.raises(NotFound):
        access.revoke(gateway, issuer.nit, theirs.id)

    assert call("GET", "/me", bearer=bearer).status == 200


def test_nobody_gets_a_token_for_an_issuer_that_does_not_exist(gateway):
    with pytest.raises(NotFound):
        access.grant(gateway, "1", name="", email="")
