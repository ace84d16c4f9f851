"""The description of the contract: every route and every error has its own, in Spanish, and the whole is OpenAPI."""

import importlib
import json
import pkgutil
import re
import tomllib
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import openapi_spec_validator
import pytest

import cauce
from cauce.contracts.v1 import rest, web
from cauce.contracts.v1.described import every, examples, openapi, problems
from cauce.contracts.v1.described.model import COMPONENTS
from cauce.domain.access_token import Scope
from tests.stack import ROOT

DOCUMENT: Any = openapi.document("https://api.cauce.example/api/v1")
OPERATIONS = {
    (method.upper(), path): operation
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
}
GATEWAY = re.findall(r'"codigo":"(\w+)".*?"title":"([^"]*)","status":(\d+)', re.sub(r"\n\s*", "", (ROOT / "template.yaml").read_text()))  # fmt: skip


def parts(found: Any) -> Iterator[Any]:
    if isinstance(found, dict):
        yield found
        for inner in found.values():
            yield from parts(inner)
    elif isinstance(found, list):
        for inner in found:
            yield from parts(inner)


def test_the_document_is_openapi_3_1() -> None:
    openapi_spec_validator.OpenAPIV31SpecValidator(DOCUMENT).validate()
    assert json.loads(json.dumps(DOCUMENT)) == DOCUMENT
    assert DOCUMENT["servers"] == [{"url": "https://api.cauce.example/api/v1", "description": "Esta API"}]


def test_its_version_is_the_package_s() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    assert DOCUMENT["info"]["version"] == project["version"]


def test_every_route_is_described() -> None:
    assert every.OPERATIONS.keys() == rest.SCOPES.keys()
    assert OPERATIONS.keys() == rest.SCOPES.keys()


_WITHOUT_BODY = {
    ("POST", "/numeraciones/sincronizar"),
    ("DELETE", "/webhooks/{id}"),
    ("POST", "/webhooks/{id}/secreto"),
    ("POST", "/webhooks/{id}/probar"),
}


@pytest.mark.parametrize("route", rest.SCOPES, ids=" ".join)
def test_a_route_says_what_it_is_for_which_token_it_asks_for_and_its_parameters(route: Any) -> None:
    operation = OPERATIONS[route]
    parameters = operation.get("parameters", [])

    assert operation["summary"]
    assert operation["description"]
    assert (operation.get("security") == []) is (route in rest.PAGES)
    scope = rest.SCOPES[route]
    assert operation.get("x-alcance") == (scope and scope.value)
    assert {each["name"] for each in parameters if each["in"] == "path"} == set(
        re.findall(r"{(\w+)}", route[1])
    )
    assert ("requestBody" in operation) is (route[0] != "GET" and route not in _WITHOUT_BODY)
    names = [(each["in"], each["name"]) for each in parameters]
    assert len(names) == len(set(names))


def test_operations_have_names_of_their_own() -> None:
    names = [each["operationId"] for each in OPERATIONS.values()]

    assert len(names) == len(set(names))


def test_every_component_is_used_and_no_other_is_named() -> None:
    named = {each["$ref"].removeprefix(COMPONENTS) for each in parts(DOCUMENT) if "$ref" in each}
    named = {each for each in named if not each.startswith("#")}

    assert named == DOCUMENT["components"]["schemas"].keys()


def test_no_component_takes_the_name_of_another() -> None:
    assert openapi._requests().keys() & every.schemas().keys() == set()
    assert len(set(openapi._CALLED.values())) == len(openapi._CALLED)


def test_whatever_a_reader_sees_has_a_description_or_a_title() -> None:
    bare = [
        (name, field)
        for name, schema in DOCUMENT["components"]["schemas"].items()
        for field, each in schema.get("properties", {}).items()
        if not ({"title", "description"} & each.keys() or "$ref" in each)
    ]

    assert bare == []


@pytest.mark.parametrize("route", examples.BODIES, ids=" ".join)
def test_the_example_of_a_body_is_one_that_the_route_takes(route: Any) -> None:
    content = OPERATIONS[route]["requestBody"]["content"]["application/json"]
    value = content["examples"]["sencillo"]["value"]
    schema = {**content["schema"], "components": DOCUMENT["components"]}

    assert jsonschema_rs.is_valid(schema, value), value


def test_every_route_that_takes_a_document_has_an_example_of_one() -> None:
    emit = {route for route in rest.SCOPES if route[0] == "POST" and rest.SCOPES[route] is Scope.EMIT}

    assert examples.BODIES.keys() == emit - {("POST", "/documentos/{id}/reenviar-correo")}


def test_what_is_no_text_is_described_as_what_it_is() -> None:
    def schema(path: str, media_type: str) -> Any:
        return OPERATIONS["GET", path]["responses"]["200"]["content"][media_type]["schema"]

    assert schema("/documentos/{id}/pdf", "application/pdf") == {"type": "string", "format": "binary"}
    assert schema("/consola/{archivo}", "font/woff2") == {"type": "string", "format": "binary"}
    assert schema("/documentos/{id}/xml", "application/xml") == {"type": "string"}
    assert schema("/openapi.json", "application/vnd.oai.openapi+json") == {"type": "object"}


# Errors


def test_every_code_is_explained_and_no_other() -> None:
    for module in pkgutil.walk_packages(cauce.__path__, "cauce."):
        if ".contracts." in module.name or ".domain." in module.name:
            importlib.import_module(module.name)

    codes = {error.code for error in web.PROBLEMS} | {code for code, _, _ in GATEWAY}
    assert problems.EXPLAINED.keys() == codes
    assert set(DOCUMENT["components"]["examples"]) == codes


def test_what_api_gateway_answers_itself_is_explained_with_its_status_and_title() -> None:
    told = problems.told()

    assert len(GATEWAY) > 8
    for code, title, status in GATEWAY:
        assert int(status) in problems.EXPLAINED[code].of_gateway, code
        assert told[code][1] == title, code
    assert {code for code, each in problems.EXPLAINED.items() if each.of_gateway} == {
        code for code, *_ in GATEWAY
    }


def test_a_code_may_be_answered_by_some_route_and_has_an_example_that_fits() -> None:
    answered = {
        code
        for operation in OPERATIONS.values()
        for each in operation["responses"].values()
        for code in each.get(openapi.CODES, ())
    }

    assert answered | {"ruta_no_encontrada"} == problems.EXPLAINED.keys()
    for code in problems.EXPLAINED:
        said = openapi.example(code)
        assert said.keys() <= DOCUMENT["components"]["schemas"]["Problema"]["properties"].keys()


@pytest.mark.parametrize("code", problems.EXPLAINED)
def test_an_explanation_is_in_whole_sentences(code: str) -> None:
    explained = problems.EXPLAINED[code]

    for sentence in (explained.meaning, explained.mend):
        assert sentence[0].isupper()
        assert sentence.endswith(".")


def test_the_codes_and_statuses_that_the_readme_tells_are_those() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    paragraph = text[text.index("Errors, those of API Gateway itself too") : text.index("**How often**")]
    told, found = problems.told(), re.findall(r"\b([45]\d\d) `(\w+)`((?:, `\w+`)*)", paragraph)

    assert len(found) > 6
    for status, first, more in found:
        for code in (first, *re.findall(r"\w+", more)):
            assert int(status) in told[code][0], code
