"""Pages and their files: who may have them, how they are held by a browser, and that nothing else is served."""

import base64
import gzip
import json
import re
from html import escape
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest

from cauce import wiring
from cauce.aws.settings import Settings
from cauce.contracts.v1 import contract, rest
from cauce.contracts.v1.described import openapi, problems
from cauce.domain.document import Kind
from cauce.reference import guide
from cauce.reference.examples import EXAMPLES
from cauce.reference.meanings import MEANINGS
from cauce.ubl import preflight
from cauce.ubl.preflight.rules import rules
from tests.flow.conftest import context
from tests.flow.handlers import function, http_event
from tests.stack import ROOT, template
from tests.unit.dian.builders import ISSUER

FACE = ROOT / "layers" / "face"
FILES = sorted(
    (folder, path.name)
    for folder in ("consola", "docs")
    for path in (FACE / folder).iterdir()
    if path.is_file() and not path.name.startswith(".")
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


# The reference


class Read(HTMLParser):
    """A page's language, headings, links, ids and tables' captions."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: list[str] = []
        self.tags: list[str] = []
        self.lang: str | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        self.tags.append(tag)
        self.links += [each for each in (said.get("href"), said.get("src")) if each]
        self.ids += [said["id"]] if said.get("id") else []
        self.lang = said.get("lang") or self.lang
        assert not {"style", "onclick", "onload"} & said.keys()


MAIN = ["/docs", "/docs/rutas", "/docs/campos", "/docs/errores", "/docs/reglas"]
ONES = ["/docs/errores/datos_invalidos", "/docs/reglas/FAK24", "/docs/reglas/DAN04", "/docs/reglas/90"]


@pytest.mark.parametrize("path", [*MAIN, *ONES])
def test_a_page_of_the_reference_is_whole_spanish_and_leads_to_pages_that_there_are(path):
    answer = get(path)
    read = Read(content(answer).decode())

    assert (answer["statusCode"], answer["headers"]["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert (read.lang, read.tags.count("h1"), read.tags.count("main")) == ("es", 1, 1)
    assert "script" not in read.tags
    assert "style" not in read.tags
    assert len(read.ids) == len(set(read.ids))
    leading = {
        urlsplit(urljoin(f"https://x{path}", each)) for each in read.links if not each.startswith("data:")
    }
    assert {each.netloc for each in leading} == {"x"}
    for each in sorted({each.path for each in leading} - {"/consola"}):
        assert get(each)["statusCode"] == 200, each
    own = {each.fragment for each in leading if each.path == path and each.fragment}
    assert own <= set(read.ids)


def test_every_code_has_a_page_with_what_to_do_and_so_has_every_rule():
    for code, explained in problems.EXPLAINED.items():
        text = content(get(f"/docs/errores/{code}")).decode()
        assert escape(explained.repeat.value, quote=False) in text, code
    for rule in (code for each in rules() for code in each.codes):
        assert get(f"/docs/reglas/{rule}")["statusCode"] == 200, rule


def test_the_page_of_a_rule_names_the_field_and_an_example_of_it():
    text = content(get("/docs/reglas/FAK24")).decode()

    assert 'href="../campos#Adquiriente.dv"' in text
    assert "Cómo arreglarlo" in text
    assert content(get("/docs/reglas/DAN04")).decode().count("FAN04")


def test_every_rule_is_told_in_plain_words():
    assert MEANINGS.keys() == {each.codes[0] for each in rules()}

    text = content(get("/docs/reglas/NSAU06")).decode()
    assert escape(MEANINGS["FAU06"].text, quote=False).split("«")[0] in text
    assert "Un ejemplo correcto" in text


@pytest.mark.parametrize("rule", [name for name, each in MEANINGS.items() if each.example])
def test_the_example_of_a_rule_is_one_that_the_contract_takes_and_that_breaks_no_rule(rule):
    changes = MEANINGS[rule].example
    body = {**guide.EXAMPLE, **changes}
    if "adquiriente" in changes:
        body["adquiriente"] = {**guide.EXAMPLE["adquiriente"], **changes["adquiriente"]}
    kind = Kind.CREDIT_NOTE if "motivo" in changes else Kind.INVOICE

    document = contract.document(kind, body)
    assert document.reference == "VENTA-0001"
    assert preflight.look_over(document, ISSUER) == ()


def test_every_route_and_every_field_is_in_the_reference():
    routes, fields = (content(get(path)).decode() for path in ("/docs/rutas", "/docs/campos"))

    for method, path in rest.SCOPES:
        assert f">{method}</b> <code>{path}</code>" in routes
    for name in ("Factura", "NotaCredito", "NotaDebito", "DocumentoSoporte", "NotaAjuste", "EventoRadian"):
        for field in openapi.schemas()[name]["properties"]:
            assert f'id="{name}.{field}"' in fields


@pytest.mark.parametrize(
    "path", ["/docs/errores/no_hay", "/docs/reglas/ZZZ99", "/docs/nada", "/docs/reglas/%3Cscript%3E"]
)
def test_a_page_that_there_is_not_is_a_404_and_a_page_to_a_browser(path):
    program, browser = get(path), get(path, Accept="text/html,application/xhtml+xml,*/*;q=0.8")

    assert (program["statusCode"], browser["statusCode"]) == (404, 404)
    assert program["headers"]["Content-Type"].startswith("application/problem+json")
    assert browser["headers"]["Content-Type"] == "text/html; charset=utf-8"
    assert "<h1>No se encontró</h1>" in content(browser).decode()


def test_the_first_sale_of_the_page_is_one_that_the_contract_takes():
    found = contract.document(Kind.INVOICE, dict(guide.EXAMPLE))

    assert found.reference == "VENTA-0001"


def test_the_first_page_shows_each_example_as_it_is_run_and_marks_those_that_never_were():
    text = content(get("/docs")).decode()

    assert [each.language for each in EXAMPLES] == ["curl", "Python", "JavaScript", "PHP", "Java", "C#"]
    for each in EXAMPLES:
        shown = (FACE / "docs" / "ejemplos" / each.file).read_text("utf-8")
        assert f"<code>{escape(shown, quote=False)}</code>" in text, each.language
    marked = re.findall(r">([^<>]+) <small>sin probar</small>", text)
    assert marked == [each.language for each in EXAMPLES if not each.is_tried]


def test_the_type_of_a_problem_is_the_address_of_its_page():
    answer = json.loads(get("/docs/no-hay.css")["body"])

    assert answer["type"] == "https://api.cauce.example/api/v1/docs/errores/no_encontrado"
