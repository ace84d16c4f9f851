"""Whose token a call carries, and what a token that is refused costs."""

from typing import Any

import pytest

from cauce.domain.errors import CauceError, CredentialsRejected, NotSent
from cauce.domain.outcome import Accepted
from cauce.providers.factus.provider import Factus
from tests.connections import Tokens
from tests.unit.factus.answers import CREATE, LOGIN, bill, prepared
from tests.unit.factus.builders import NOW, factus
from tests.unit.factus.conftest import TOKEN, Script


def test_the_login_is_a_form_and_the_token_is_used_until_it_is_about_to_expire(
    script: Script, v1: Factus
) -> None:
    script.answer(CREATE, 201, bill())
    script.answer(CREATE, 201, bill())

    v1.send(prepared(v1))
    v1.send(prepared(v1))

    assert script.calls() == [LOGIN, CREATE, CREATE]
    login, creation, _ = script.asked
    assert login.headers["content-type"] == "application/x-www-form-urlencoded"
    assert login.headers["accept"] == "application/json"
    assert "authorization" not in login.headers
    assert b"grant_type=password" in login.body
    assert creation.headers["authorization"] == "Bearer t0k3n-1"
    assert creation.headers["accept"] == creation.headers["content-type"] == "application/json"
    assert creation.body == prepared(v1).body


def test_a_token_expires_a_minute_before_it_says(script: Script) -> None:
    tokens = Tokens(NOW.timestamp)
    script.answer(CREATE, 201, bill())
    provider = factus(base_url=script.url, tokens=tokens)

    provider.send(prepared(provider))

    assert tokens.current is not None
    assert tokens.current.expires_at == NOW.timestamp() + 540


def test_a_refused_token_is_refreshed_and_the_call_repeated_once(script: Script, v1: Factus) -> None:
    script.answer(CREATE, 401, {"message": "Unauthenticated."})
    script.answer(CREATE, 201, bill())
    script.answer(LOGIN, 200, TOKEN)
    script.answer(LOGIN, 200, {**TOKEN, "access_token": "t0k3n-2"})

    assert isinstance(v1.send(prepared(v1)), Accepted)

    assert script.calls() == [LOGIN, CREATE, LOGIN, CREATE]
    assert b"grant_type=refresh_token" in script.asked[2].body
    assert b"refresh_token=r3fr35h-1" in script.asked[2].body
    assert b"password=" not in script.asked[2].body
    assert script.asked[3].headers["authorization"] == "Bearer t0k3n-2"


def test_where_the_refresh_is_refused_the_password_is_used(script: Script, v1: Factus) -> None:
    script.answer(CREATE, 401, {"message": "Unauthenticated."})
    script.answer(CREATE, 201, bill())
    script.answer(LOGIN, 200, TOKEN)
    script.answer(LOGIN, 401, {"error": "invalid_request"})
    script.answer(LOGIN, 200, {**TOKEN, "access_token": "t0k3n-2"})

    assert isinstance(v1.send(prepared(v1)), Accepted)

    assert script.calls() == [LOGIN, CREATE, LOGIN, LOGIN, CREATE]


def test_a_second_refusal_is_the_operators_matter(script: Script, v1: Factus) -> None:
    script.answer(CREATE, 401, {"message": "Unauthenticated."})
    script.answer(CREATE, 401, {"message": "Unauthenticated."})

    with pytest.raises(CredentialsRejected):
        v1.send(prepared(v1))

    assert script.calls().count(CREATE) == 2


@pytest.mark.parametrize(
    ("status", "content", "trouble"),
    [
        (400, {"error": "invalid_grant"}, CredentialsRejected),
        (401, {"error": "invalid_client"}, CredentialsRejected),
        (429, {"message": "Too Many Attempts."}, NotSent),
        (500, {"message": "Server Error"}, NotSent),
        (200, b"<html>", NotSent),
        (200, {"token_type": "Bearer"}, NotSent),
    ],
)
def test_a_login_that_fails_means_that_the_document_never_left(
    script: Script, v1: Factus, status: int, content: Any, trouble: type[CauceError]
) -> None:
    script.answer(LOGIN, status, content)

    with pytest.raises(trouble):
        v1.send(prepared(v1))

    assert CREATE not in script.calls()


def test_a_login_whose_answer_is_lost_means_that_the_document_never_left(script: Script, v1: Factus) -> None:
    script.drop(LOGIN)

    with pytest.raises(NotSent):
        v1.send(prepared(v1))


def test_missing_credentials_are_named(script: Script) -> None:
    provider = factus(base_url=script.url, secrets={"client_id": "x", "username": "y"})

    with pytest.raises(CredentialsRejected, match="client_secret, password"):
        provider.send(prepared(provider))
