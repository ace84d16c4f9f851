"""GET /lookups/numbering-ranges answers, and fails, exactly as seed 004's page does."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import httpx
import pytest

from cauce.reception import access
from tests.simulators.factus import FactusSimulator
from tests.simulators.factus.ranges import NumberingRange

PATH = "/lookups/numbering-ranges"
SEEDS = Path(__file__).resolve().parents[3] / "shared" / "seeds"
FIELDS = {
    "id": int,
    "document": str,
    "prefix": str,
    "from": int,
    "to": int,
    "current": int,
    "resolution_number": str,
    "technical_key": str,
    "is_active": bool,
}


def factus_token(factus: FactusSimulator) -> str:
    """An access token of Factus's, as a client of the page gets one by itself."""
    form = {"grant_type": "password", **asdict(factus.credentials)}
    token: str = httpx.post(f"{factus.base_url}/oauth/token", data=form).json()["access_token"]
    return token


@pytest.fixture
def look(call: Any, factus: FactusSimulator, issuer: Any) -> Any:
    """The look-up with both headers, unless a test gives its own; the Factus token goes under its name."""

    def looked(token: str | None = None, **changes: Any) -> Any:
        return call("GET", PATH, **{"X_Factus_Token": token or factus_token(factus), **changes})

    return looked


def page() -> dict[str, Any]:
    """The JSON texts of seed 004, by the heading they stand under. Skips where it is absent."""
    found = next(iter(SEEDS.glob("004_*.txt")), None)
    if found is None:
        pytest.skip("the reference material is absent: seeds/004")
    text = found.read_text("utf-8")

    def after(heading: str) -> Any:
        start = text.index("{", text.index(heading))
        return json.JSONDecoder().raw_decode(text, start)[0]

    return {
        "200": after("200 - Success"),
        "400": after("400 - Bad Request"),
        "401": after("401 - Unauthorized"),
    }


def test_seed_004_answer_every_range_of_factus_in_the_pages_shape(look: Any, factus: FactusSimulator) -> None:
    answer = look()

    assert answer.status == 200
    assert list(answer.json) == ["success", "message", "data", "errors"]
    assert answer.json["success"] is True
    assert answer.json["message"] == "Rangos de numeración obtenidos exitosamente"
    assert answer.json["errors"] is None
    assert {row["id"] for row in answer.json["data"]} == set(factus.ranges)


@pytest.mark.parametrize("field", FIELDS)
def test_seed_004_field_has_the_type_and_the_value_of_the_range(
    look: Any, factus: FactusSimulator, field: str
) -> None:
    rows = {row["id"]: row for row in look().json["data"]}
    known = factus.ranges[8]
    expected = {
        "id": 8,
        "document": "Invoice",
        "prefix": known.prefix,
        "from": known.first,
        "to": known.last,
        "current": known.next_number,
        "resolution_number": known.resolution,
        "technical_key": known.technical_key,
        "is_active": True,
    }

    assert all(list(row) == list(FIELDS) for row in rows.values())
    assert rows[8][field] == expected[field]
    assert type(rows[8][field]) is FIELDS[field]


@pytest.mark.parametrize(
    ("type_code", "document"),
    [
        ("21", "Invoice"),
        ("22", "Credit Note"),
        ("23", "Debit Note"),
        ("24", "Support Document"),
        ("25", "Adjustment Note"),
    ],
)
def test_seed_004_document_is_named_in_english(
    look: Any, factus: FactusSimulator, type_code: str, document: str
) -> None:
    known = next(row for row in factus.ranges.values() if row.type_code == type_code)

    row = next(row for row in look().json["data"] if row["id"] == known.id)

    assert row["document"] == document


def test_seed_004_note_current_is_the_next_number_and_current_equal_to_to_has_one_left(
    look: Any, factus: FactusSimulator
) -> None:
    factus.ranges[90] = NumberingRange(90, "21", "FVOLD", 1, 1000, 1000, "18760000000", is_active=False)

    row = next(row for row in look().json["data"] if row["id"] == 90)

    assert (row["current"], row["to"], row["is_active"], row["technical_key"]) == (1000, 1000, False, None)


def test_seed_004_headers_both_are_required(look: Any, call: Any, factus: FactusSimulator) -> None:
    asked = len(factus.requests)

    no_factus = call("GET", PATH)
    no_bearer = look("a-token", bearer=None)
    neither = call("GET", PATH, bearer=None)

    for refused in (no_factus, no_bearer, neither):
        assert refused.status == 401
        assert refused.json == {"detail": "Not authenticated"}
        assert refused.headers["Content-Type"].startswith("application/json")
    assert len(factus.requests) == asked


@pytest.mark.parametrize(
    "bearer",
    ["", "nobody", "1|equivocado-equivocado", "999|" + "a" * 40],
    ids=["empty", "no id", "wrong", "unknown"],
)
def test_seed_004_401_for_any_bearer_that_is_none_of_ours(look: Any, bearer: str) -> None:
    refused = look(bearer=bearer)

    assert (refused.status, refused.json) == (401, {"detail": "Not authenticated"})


def test_seed_004_401_for_a_revoked_token_and_a_suspended_issuer(
    look: Any, gateway: Any, issuer: Any
) -> None:
    token, bearer = access.grant(gateway, issuer.nit, name="otro", email="otro@empresa.example")
    access.revoke(gateway, issuer.nit, token.id)
    assert look(bearer=bearer).status == 401

    gateway.issuers.save(issuer.model_copy(update={"active": False}))
    suspended = look()

    assert (suspended.status, suspended.json) == (401, {"detail": "Not authenticated"})


def test_seed_004_400_where_factus_refuses_the_token(look: Any, factus: FactusSimulator) -> None:
    refused = look("none-of-factus")

    assert refused.status == 400
    assert refused.json == {"detail": "Error al obtener datos de Factus: Invalid token"}
    assert factus.requests[-1].status == 401


def test_a_refused_token_of_the_caller_is_never_replaced_by_a_login_of_ours(
    look: Any, factus: FactusSimulator
) -> None:
    logins = factus.tokens.logins

    look("none-of-factus")

    assert factus.tokens.logins == logins


@pytest.mark.parametrize("trouble", ["lost", 500, 503, 429, "html"])
def test_seed_004_400_for_every_trouble_with_factus(look: Any, factus: FactusSimulator, trouble: Any) -> None:
    token = factus_token(factus)
    if trouble == "lost":
        factus.lose_next_answer(path="numbering-ranges")
    else:
        factus.answer_next(trouble, path="numbering-ranges")

    failed = look(token)

    assert failed.status == 400
    assert list(failed.json) == ["detail"]
    assert failed.json["detail"].startswith("Error al obtener datos de Factus: ")
    assert token not in failed.text


def test_the_look_up_stores_nothing(look: Any, everything: Any, call: Any) -> None:
    before = everything()

    look()

    assert everything() == before


def test_a_token_is_all_that_the_caller_needs(look: Any, gateway: Any, factus: FactusSimulator) -> None:
    """The ranges are those that the token sees: credentials of ours have no part in it."""
    mine = {row["id"] for row in look().json["data"]}

    assert mine == set(factus.ranges)
    assert {seen.path for seen in factus.requests} >= {"/v1/numbering-ranges"}


def test_an_issuer_that_does_not_work_with_factus_needs_the_two_headers_and_no_more(
    look: Any, gateway: Any, issuer: Any, factus: FactusSimulator
) -> None:
    stranger = issuer.model_copy(update={"nit": "800197268", "number": 9, "providers": {}})
    gateway.issuers.save(stranger)
    bearer = access.grant(gateway, stranger.nit, name="otro", email="otro@empresa.example")[1]

    found = look(bearer=bearer)
    refused = look("none-of-factus", bearer=bearer)

    assert {row["id"] for row in found.json["data"]} == set(factus.ranges)
    assert (refused.status, refused.json["detail"]) == (
        400,
        "Error al obtener datos de Factus: Invalid token",
    )


def test_seed_004_examples_have_the_fields_and_the_errors_that_are_answered(
    look: Any, call: Any, factus: FactusSimulator
) -> None:
    published = page()
    answered = look().json

    assert list(published["200"]) == list(answered)
    assert published["200"]["message"] == answered["message"]
    for row in published["200"]["data"]:
        assert list(row) == list(answered["data"][0])
    assert published["401"] == call("GET", PATH).json
    assert published["400"] == look("none-of-factus").json
