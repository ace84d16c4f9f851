"""What a token is for, until when, and in which world."""

import re
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cauce.contracts.v1 import rest
from cauce.domain.access_token import ACTS, USUAL, AccessToken, Scope, read_bearer, secret_hash
from cauce.domain.issuer import Environment
from cauce.reception import access
from tests.documents import invoice
from tests.flow.handlers import named
from tests.quick_boto3 import own
from tests.stack import template

FUNCTIONS = ("emit", "consult", "list_emitted", "sync_numbering")
SECRET = "aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789abcd"
SCOPED = [(*route, scope) for route, scope in rest.SCOPES.items() if scope is not None]


@pytest.fixture
def granted(gateway: Any, issuer: Any) -> Any:
    """A new token of the issuer's, its bearer: ``granted({Scope.EMIT})``."""
    return lambda scopes=USUAL, **more: access.grant(
        gateway, issuer.nit, name="caja", email="", scopes=scopes, **more
    )[1]


def filled(path: str) -> str:
    return re.sub(r"\{\w+\}", "x", path)


# Scopes


def test_every_route_of_the_four_functions_declares_its_scope():
    served = chain.from_iterable(
        [*named(name).api._static_routes, *named(name).api._dynamic_routes] for name in FUNCTIONS
    )
    declared = {(method, re.sub(r"\{\w+\}", "{}", path)) for method, path in rest.SCOPES}
    in_the_template = {
        (event["Properties"]["Method"].upper(), event["Properties"]["Path"].removeprefix("/v1"))
        for resource in template()["Resources"].values()
        if resource["Type"] == "AWS::Serverless::Function"
        for event in resource["Properties"]["Events"].values()
        if event["Type"] == "Api"
    }

    assert {(route.method, re.sub(r"<\w+>", "{}", route.path)) for route in served} == declared
    assert set(rest.SCOPES) == in_the_template


@pytest.mark.parametrize(("method", "path", "scope"), SCOPED)
def test_a_token_with_every_scope_but_the_routes_own_is_told_which_it_lacks(
    call, granted, everything, method, path, scope
):
    bearer = granted(set(Scope) - {scope})
    before = everything()

    answer = call(method, filled(path), {} if method != "GET" else None, bearer=bearer)

    assert answer.status == 403
    assert answer.headers["Content-Type"] == "application/problem+json; charset=utf-8"
    assert (answer.json["ok"], answer.json["codigo"], answer.json["alcance"]) == (
        False,
        "alcance_insuficiente",
        scope.value,
    )
    assert f"no tiene el alcance «{scope.value}»" in answer.json["error"]
    assert answer.headers["WWW-Authenticate"] == f'Bearer error="insufficient_scope", scope="{scope.value}"'
    assert everything() == before


@pytest.mark.parametrize(("method", "path", "scope"), SCOPED)
def test_the_routes_own_scope_is_all_that_it_asks_for(call, granted, method, path, scope):
    answer = call(method, filled(path), {} if method != "GET" else None, bearer=granted({scope}))

    assert (answer.json or {}).get("codigo") != "alcance_insuficiente"


def test_a_cash_register_s_token_emits_and_sees_its_own_and_nothing_else(call, granted):
    bearer = granted({Scope.EMIT, Scope.CONSULT})

    posted = call("POST", "/documentos", invoice(), bearer=bearer)
    shown = call("GET", f"/documentos/{posted.json['data']['tracking_id']}", bearer=bearer)

    assert (posted.status, shown.status) == (201, 200)
    for method, path in (
        ("GET", "/documentos"),
        ("GET", "/numeraciones"),
        ("POST", "/documentos/x/resolver"),
    ):
        assert call(method, path, {} if method == "POST" else None, bearer=bearer).status == 403


def test_any_token_says_who_it_speaks_for(call, granted, issuer):
    for scope in Scope:
        assert call("GET", "/me", bearer=granted({scope})).json["tenant"]["nit"] == issuer.nit


# Old ones


def test_a_token_of_before_goes_on_as_seed_002_writes_it_with_the_usual_scopes_and_in_both_worlds(
    call, gateway, issuer
):
    old = AccessToken(
        id=7,
        issuer=issuer.nit,
        name="ERP",
        email="",
        secret_hash=secret_hash(SECRET),
        created_at=gateway.now(),
    )
    stored = old.model_dump_json(exclude={"world", "expires_at", "scopes"})
    gateway.access_tokens.save(AccessToken.model_validate_json(stored))

    for environment in (Environment.TEST, Environment.PRODUCTION):
        gateway.issuers.save(issuer.model_copy(update={"environment": environment}))
        for method, path, scope in SCOPED:
            answer = call(
                method,
                filled(path),
                {} if method != "GET" else None,
                bearer=f"7|{SECRET}",
                X_Factus_Token="none-of-factus",
            )
            assert (answer.status in (401, 403)) == (scope not in USUAL), (method, path, answer.text)


def test_what_is_kept_of_a_token_with_the_usual_scopes_does_not_list_them(gateway, granted, everything):
    """Scopes that come later are its own too, as they are of those made before there were any."""
    granted()

    kept = next(item for key, item in everything().items() if key[0].startswith("TOKEN#"))
    assert "scopes" not in kept["data"]["S"]


# Ends


def test_a_token_serves_until_its_last_moment_and_then_says_that_it_ended(call, granted, clock):
    bearer = granted(expires_at=clock() + timedelta(hours=1))
    assert call("GET", "/me", bearer=bearer).status == 200

    clock.advance(hours=1, seconds=1)
    ended = call("GET", "/me", bearer=bearer)

    assert (ended.status, ended.json["codigo"]) == (401, "no_autenticado")
    assert ended.headers["WWW-Authenticate"] == "Bearer"
    assert re.fullmatch(
        r"El token venció el \d{4}-\d{2}-\d{2} a las \d{2}:\d{2}; pida uno nuevo al operador\.",
        ended.json["error"],
    )


def test_only_whoever_has_the_secret_is_told_that_a_token_ended(call, granted, clock):
    bearer = granted(expires_at=clock() + timedelta(hours=1))
    clock.advance(hours=2)

    guessed = call("GET", "/me", bearer=f"{bearer.partition('|')[0]}|{SECRET}")

    assert (guessed.status, guessed.json["error"]) == (401, "El token es inválido o fue revocado.")


def test_a_revoked_token_is_no_more_than_that_after_its_end(call, gateway, issuer, granted, clock):
    bearer = granted(expires_at=clock() + timedelta(hours=1))
    access.revoke(gateway, issuer.nit, read_bearer(bearer).id)
    clock.advance(hours=2)

    assert call("GET", "/me", bearer=bearer).json["error"] == "El token es inválido o fue revocado."


def test_the_end_of_a_token_is_said_in_bogotas_time(gateway, issuer, granted, call, monkeypatch, clock):
    bearer = granted(expires_at=datetime.fromisoformat("2026-11-01T05:00:00+00:00"))
    monkeypatch.setattr(
        type(clock), "__call__", lambda _: datetime.fromisoformat("2027-01-01T00:00:00+00:00")
    )

    assert "venció el 2026-11-01 a las 00:00" in call("GET", "/me", bearer=bearer).json["error"]


# Worlds


@pytest.mark.parametrize(
    ("made_in", "moved_to", "said"),
    [
        (
            Environment.TEST,
            Environment.PRODUCTION,
            "El token es de habilitacion y el emisor está en produccion",
        ),
        (
            Environment.PRODUCTION,
            Environment.TEST,
            "El token es de produccion y el emisor está en habilitacion",
        ),
    ],
)
def test_a_token_acts_in_its_own_world_only_and_reads_in_both(
    call, gateway, issuer, everything, factus, made_in, moved_to, said
):
    gateway.issuers.save(issuer.model_copy(update={"environment": made_in}))
    bearer = access.grant(gateway, issuer.nit, name="ERP", email="", scopes=Scope)[1]
    gateway.issuers.save(issuer.model_copy(update={"environment": moved_to}))
    before = everything()

    for method, path, scope in SCOPED:
        answer = call(method, filled(path), {} if method != "GET" else None, bearer=bearer)
        if scope in ACTS:
            assert (answer.status, answer.json["codigo"]) == (403, "token_de_otro_ambiente"), path
            assert said in answer.json["error"]
        else:
            assert answer.status not in (401, 403), path
    assert call("POST", "/documentos", invoice(), bearer=bearer).status == 403
    assert everything() == before
    assert factus.documents_received == 0


# Last use


@pytest.fixture
def last_use(gateway: Any, token: str) -> Any:
    return lambda: gateway.access_tokens.read(read_bearer(token).id).last_used_at


@pytest.fixture
def writes(gateway: Any, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The updates of a token that DynamoDB was asked for since."""
    asked: list[str] = []

    def seen(params: dict[str, Any], **_: Any) -> None:
        if params["Key"]["pk"]["S"].startswith("TOKEN#"):
            asked.append(params["UpdateExpression"])

    own("dynamodb").meta.events.register("provide-client-params.dynamodb.UpdateItem", seen)
    return asked


def test_the_last_use_of_a_token_is_told_and_written_at_most_hourly(call, last_use, writes, clock):
    assert last_use() is None

    before = clock()
    call("GET", "/me")
    first = last_use()
    assert before <= first <= clock()

    writes.clear()
    clock.advance(minutes=59)
    call("GET", "/me")
    assert (last_use(), writes) == (first, [])

    clock.advance(minutes=2)
    call("GET", "/me")
    assert last_use() - first > timedelta(hours=1)
    assert writes == ["SET last_used = :now"]


def test_of_two_containers_that_use_a_token_at_once_one_tells(gateway, token, last_use, clock):
    read = gateway.access_tokens.read(read_bearer(token).id)
    first, second = clock(), clock() + timedelta(seconds=1)

    gateway.access_tokens.used(read, first)
    gateway.access_tokens.used(read, second)
    assert last_use() == first

    read = gateway.access_tokens.read(read.id)
    gateway.access_tokens.used(read, first + timedelta(hours=2))
    gateway.access_tokens.used(read, first + timedelta(hours=3))
    assert last_use() == first + timedelta(hours=2)


def test_a_use_that_cannot_be_written_fails_no_request(call, gateway, last_use):
    def refuse(params: dict[str, Any], **_: Any) -> None:
        if params["UpdateExpression"] == "SET last_used = :now":
            raise ClientError({"Error": {"Code": "ThrottlingException", "Message": "x"}}, "UpdateItem")

    own("dynamodb").meta.events.register("provide-client-params.dynamodb.UpdateItem", refuse)

    assert call("GET", "/me").status == 200
    assert last_use() is None


def test_a_use_revives_no_token_and_a_revocation_forgets_no_use(
    call, gateway, issuer, token, last_use, clock
):
    call("GET", "/me")
    used = last_use()
    read = gateway.access_tokens.read(read_bearer(token).id)

    access.revoke(gateway, issuer.nit, read.id)
    gateway.access_tokens.used(read, clock() + timedelta(hours=2))

    assert gateway.access_tokens.read(read.id).revoked_at is not None
    assert call("GET", "/me").status == 401
    assert last_use() > used


def test_nobodys_token_is_not_used(call, last_use, token):
    call("GET", "/me", bearer=f"{token.partition('|')[0]}|{SECRET}")

    assert last_use() is None


# The trace


@pytest.fixture
def steps(gateway: Any, issuer: Any) -> Any:
    """``(what, detail, by)`` of each step of a document that names whose doing it was."""

    def named_in(document_id: str) -> list[tuple[str, str | None, str]]:
        record = gateway.records.read(issuer.nit, document_id)
        return [(step.what, step.detail, step.by) for step in record.steps if step.by]

    return named_in


def test_the_trace_names_the_token_that_asked_for_a_document_and_the_one_that_corrected_it(
    call, granted, steps, drain, factus
):
    first, second = granted(), granted()
    factus.reject_next("FAK24", "No está informado el DV del NIT")
    posted = call("POST", "/documentos", invoice(referencia="V-1"), bearer=first).json["data"]
    drain()
    call("POST", "/documentos", invoice(referencia="V-1", observaciones="otra"), bearer=second)

    assert steps(posted["tracking_id"]) == [
        ("received", None, f"token {read_bearer(first).id}"),
        ("received", "corregido", f"token {read_bearer(second).id}"),
    ]


def test_a_repetition_of_what_is_there_is_nobodys_doing(call, granted, steps):
    first, second = granted(), granted()
    posted = call("POST", "/documentos", invoice(referencia="V-1"), bearer=first).json["data"]
    call("POST", "/documentos", invoice(referencia="V-1"), bearer=second)

    assert [by for _, _, by in steps(posted["tracking_id"])] == [f"token {read_bearer(first).id}"]
