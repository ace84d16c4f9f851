"""What the README says is so."""

import re
import tomllib
from importlib.metadata import requires

from cauce.contracts.v1.rest import SCOPES
from tests.stack import ROOT
from tests.template.readme import README, fields, matrix, written


def test_the_provider_matrix_is_what_the_adapters_declare():
    assert written("provider matrix") == matrix(), "run: python -m tests.template.readme"


def test_the_fields_of_documents_are_what_the_requests_declare():
    assert written("fields") == fields(), "run: python -m tests.template.readme"


def test_its_first_two_commands_are_those_of_the_makefile():
    commands = re.findall(r"^(make \w+)", README.read_text(encoding="utf-8"), re.MULTILINE)
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")

    assert commands[:2] == ["make run", "make test"]
    assert all(re.search(rf"^{command.split()[1]}:", makefile, re.MULTILINE) for command in commands)


def test_its_first_page_is_in_spanish_and_names_only_routes_and_sections_that_there_are():
    text = README.read_text(encoding="utf-8")
    page = text.partition("\n---\n")[0]
    known = {re.sub(r"\{.*?\}", "{}", path) for _, path in SCOPES}
    told = {re.sub(r"\{.*?\}", "{}", path) for path in re.findall(r"`(?:GET |POST )?(/[\w/{}-]+)`", page)}
    headings = {
        re.sub(r"[^\w -]", "", each.lower()).replace(" ", "-") for each in re.findall(r"(?m)^#+ (.*)", text)
    }

    assert re.findall(r"\b(the|and|with|which|is|are)\b", re.sub(r"\(.*?\)", "", page)) == []
    assert {"/documentos", "/preparacion", "/docs"} <= told
    assert {path for path in told if path not in known and f"/documentos/{{}}{path}" not in known} == set()
    assert set(re.findall(r"\(#([\w-]+)\)", text)) <= headings
    assert len(page.splitlines()) < 80


def test_every_dependency_that_no_other_one_brings_is_explained():
    pinned = (ROOT / "layers/dependencies/requirements.txt").read_text(encoding="utf-8")
    names = set(re.findall(r"^([A-Za-z0-9_.-]+)==", pinned, re.MULTILINE))
    brought = {
        re.split(r"[ ;<>=!\[~(]", wanted)[0].replace("_", "-").lower()
        for name in names
        for wanted in requires(name) or []
        if "extra ==" not in wanted
    }
    text = README.read_text(encoding="utf-8")

    ours = {name for name in names if name.replace("_", "-").lower() not in brought}
    assert {"httpx", "pydantic", "zeep"} <= ours
    assert sorted(name for name in ours if f"`{name}`" not in text) == []


# The other documents


def test_the_first_heading_of_the_changelog_is_of_the_package_s_version():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    first = re.search(r"(?m)^## (.*)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))

    assert first is not None
    assert re.fullmatch(
        rf"{re.escape(project['version'])} \((unreleased|\d{{4}}-\d{{2}}-\d{{2}})\)", first[1]
    )


def test_no_document_is_named_that_is_not_here():
    documents = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("events/*.md")]
    code = [
        *ROOT.glob("layers/provider/python/**/*.py"),
        *ROOT.glob("functions/*/*.py"),
        ROOT / "template.yaml",
    ]
    known = {file.name for file in (*documents, *ROOT.glob("tests/*/*.md"))}
    missing = []
    for file in (*documents, *code):
        text = file.read_text(encoding="utf-8")
        links = re.findall(r"\]\(([^)#\s:]+)\)", text) if file in documents else []
        missing += [(file.name, link) for link in links if not (file.parent / link).exists()]
        missing += [(file.name, name) for name in re.findall(r"[\w-]+\.md\b", text) if name not in known]

    assert missing == []
