"""Pages and their files: who may have them, how they are held by a browser, and that nothing else is served."""

import base64
import gzip
import json
from typing import Any

import pytest

from cauce import wiring
from cauce.aws.settings import Settings
from cauce.contracts.v1 import rest
from cauce.contracts.v1.described import openapi
from tests.flow.conftest import context
from tests.flow.handlers import function, http_event
from tests.stack import ROOT, template

FACE = ROOT / "layers" / "face"
FILES = sorted(
    (folder, path.name)
    for folder in ("consola", "docs")
    for path in (FACE / folder).iterdir()
    if not path.name.startswith(".")
)


@pytest.fixture(autouse=True)
def _nothing_is_asked_of_aws(resources: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the table, nor the log of who asked."""

    def asked() -> None:
        raise AssertionError("a page needs no gateway")

    monkeypatch.setattr(wiring, "gateway", asked)


def get(path: str, **headers: str) -> dict[str, Any]:
    event = http_event("GET", path, bearer=None, headers=headers)
    answer = function("GET", path).handler(event, context())
    answer["headers"] = {name: values[0] for name, values in answer["multiValueHeaders"].items()}
    return answer


def content(answer: dict[str, Any]) -> bytes:
    found = base64.b64decode(answer["body"]) if answer["isBase64Encoded"] else answer["body"].encode()
    return gzip.decompress(found) if answer["headers"].get("Content-Encoding") == "gzip" else found


@pytest.mark.parametrize(("folder", "name"), FILES)
def test_a_file_comes_byte_for_byte_to_who_shows_no_token(folder, name):
    plain, packed = (
        get(f"/{folder}/{name}"),
        get(f"/{folder}/{name}", Accept_Encoding="br, gzip"),
    )

    assert plain["statusCode"] == packed["statusCode"] == 200
    assert content(plain) == content(packed) == (FACE / folder / name).read_bytes()


def test_a_browser_is_told_to_run_and_load_nothing_that_is_not_ours():
    headers = get("/docs")["headers"]

    rules = dict(each.split(" ", 1) for each in headers["Content-Security-Policy"].split("; "))
    assert rules["default-src"] == rules["frame-ancestors"] == rules["base-uri"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == rules["connect-src"] == "'self'"
    assert "unsafe" not in str(rules)
    assert "http" not in str(rules)
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert (headers["X-Content-Type-Options"], headers["Referrer-Policy"]) == ("nosniff", "no-referrer")


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_what_a_browser_has_already_is_not_sent_again(encoding):
    first = get("/docs", Accept_Encoding=encoding)
    tag = first["headers"]["ETag"]

    for kept in (tag, f'"other", W/{tag}', "*"):
        again = get("/docs", Accept_Encoding=encoding, If_None_Match=kept)
        assert (again["statusCode"], again["body"], again["headers"]["ETag"]) == (304, "", tag)
    assert get("/docs", Accept_Encoding=encoding, If_None_Match='"other"')["statusCode"] == 200


@pytest.mark.parametrize(
    "name",
    [
        "no-hay.css",
        "Makefile",
        ".gitkeep",
        "..",
        "%2e%2e",
        "..%2fMakefile",
        "..\\Makefile",
        "index",
        "x" * 300,
    ],
)
@pytest.mark.parametrize("folder", ["docs", "consola"])
def test_only_what_the_layer_lists_is_served(folder, name):
    answer = get(f"/{folder}/{name}")

    assert answer["statusCode"] == 404
    assert json.loads(answer["body"])["codigo"] == "no_encontrado"
    assert answer["headers"]["Content-Type"] == "application/problem+json; charset=utf-8"


def test_only_the_function_that_serves_the_pages_has_their_layer():
    having = {
        name
        for name, each in template()["Resources"].items()
        if each["Type"] == "AWS::Serverless::Function"
        and "FaceLayer" in str(each["Properties"].get("Layers"))
    }

    assert having == {"ListEmittedFunction"}
    assert {function(method, path).__name__ for method, path in rest.PAGES} == {"function_list_emitted"}


def test_the_openapi_document_is_of_the_address_that_was_asked():
    answer = get("/openapi.json", Accept_Encoding="gzip")

    document = json.loads(content(answer))
    assert content(get("/openapi.json")) == content(answer)
    assert answer["headers"]["Content-Type"] == "application/vnd.oai.openapi+json; charset=utf-8"
    assert [server["url"] for server in document["servers"]] == ["https://api.cauce.example/api/v1"]
    assert document == openapi.document("https://api.cauce.example/api/v1")
