"""Every row of the seeds and every starred quirk has its test; where the seeds stand beside the project, no row is
missing from the list."""

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from cauce.contracts.v1.requests import REQUESTS
from cauce.domain.document import Kind
from cauce.domain.models import model_at
from tests.contract.benches import BENCHES
from tests.coverage_seeds import rows
from tests.coverage_seeds.__main__ import TABLE, table
from tests.coverage_seeds.quirks import STARRED
from tests.stack import ROOT

SHARED = ROOT.parent / "shared"


@pytest.fixture(scope="module")
def collected(request: pytest.FixtureRequest) -> frozenset[str]:
    """Ids of tests and of their functions: those of this run, and where it has only some, all those in the files whose
    tests the rows name and it lacks."""
    found = with_functions(_plain(item) for item in request.session.items)
    named = {test for row in (*rows.ROWS, *STARRED) for test in row.tests}
    files = sorted({test.partition("::")[0] for test in named - found})
    if not files:
        return found
    listing = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", *files],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    ids = [line for line in listing.stdout.splitlines() if "::" in line and not line.startswith("ERROR")]
    assert ids, listing.stdout[-2000:] + listing.stderr[-2000:]
    return found | with_functions(ids)


def with_functions(ids: Iterable[str]) -> frozenset[str]:
    return frozenset(name for each in ids for name in (each, each.partition("[")[0]))


def _plain(item: pytest.Item) -> str:
    """An item's id without the group that pytest-xdist adds to it."""
    return item.nodeid.removesuffix("".join(f"@{mark.args[0]}" for mark in item.iter_markers("xdist_group")))


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        (Kind.INVOICE, rows.FIELDS_002),
        (Kind.CREDIT_NOTE, rows.NOTE_FIELDS_002),
        (Kind.DEBIT_NOTE, rows.NOTE_FIELDS_002),
    ],
)
def test_every_field_of_seed_002_is_declared_in_our_request(kind: Kind, names: tuple[str, ...]) -> None:
    for name in names:
        *inside, last = name.replace("[]", "").split(".")
        shape = model_at(REQUESTS[kind], tuple(inside))
        assert shape is not None and last in shape.model_fields, name


def test_every_row_has_a_test_that_exists(collected: frozenset[str]) -> None:
    missing = [
        f"{row.seed} · {row.table} · {row.name}: {test}"
        for row in (*rows.ROWS, *STARRED)
        for test in row.tests
        if test not in collected
    ]

    assert missing == []
    assert all(row.tests for row in (*rows.ROWS, *STARRED))


def test_a_row_is_listed_once() -> None:
    counted = Counter((row.seed, row.table, row.name) for row in rows.ROWS)

    assert [row for row, times in counted.items() if times > 1] == []
    assert {row.seed for row in rows.ROWS} == {"000", "001", "002", "003", "004"}


def test_the_table_is_up_to_date() -> None:
    assert TABLE.read_text("utf-8") == table(), "run: python -m tests.coverage_seeds"


# Against the seeds themselves


def seed(number: str) -> str:
    found: Path | None = next(iter(SHARED.glob(f"seeds/{number}_*.txt")), None)
    if found is None:
        pytest.skip(f"the reference material is absent: seeds/{number}")
    return found.read_text("utf-8")


def listed(number: str, *tables: str) -> set[str]:
    return {row.name for row in rows.ROWS if row.seed == number and (not tables or row.table in tables)}


def between(text: str, start: str, end: str) -> str:
    begin = text.index(start)
    return text[begin : text.index(end, begin + len(start))]


def test_seed_000_has_no_row_that_is_not_listed() -> None:
    page = seed("000")
    names = {
        name for tables in (rows.PARAMETERS, rows.PROPERTIES) for each in tables.values() for name in each
    }
    joined = re.sub(r"\s+", "", page)

    assert all(name in joined for name in names | set(rows.TYPES))
    # Types between quotes, the apostrophes of two kinds and one of them broken over two lines.
    quoted = {re.sub(r"\s", "", found) for found in re.findall(r"'([A-Z_\-\s]+)['’]", page)}
    assert quoted - {""} <= set(rows.TYPES)
    # Properties: a capital inside, followed by its type.
    typed = set(re.findall(r"\b([A-Z][a-z]+[A-Za-z]*) +(?:Requerido +)?(?:String|Integer|Boolean)\b", page))
    assert {name for name in typed if name != "Requerido"} <= names


def test_seed_001_has_no_row_that_is_not_listed() -> None:
    page = between(seed("001"), "ID/Valor | Descripción", "Ejemplo de Solicitud")
    found = [line.partition(" | ")[0] for line in page.splitlines()[2:] if " | " in line]

    assert found == list(rows.FIELDS_001)
    headers = between(seed("001"), "Encabezado | Valor", "Nota:")
    assert {line.partition(" | ")[0] for line in headers.splitlines()[2:] if " | " in line} == listed(
        "001", "headers"
    )


def first_column(text: str) -> list[str]:
    return [line.partition(" |")[0].strip("`| ") for line in text.splitlines() if " | " in line][1:]


def test_seed_002_has_no_row_that_is_not_listed() -> None:
    page = seed("002")

    assert first_column(between(page, "Cuerpo del request", "Ejemplo de request")) == list(rows.FIELDS_002)
    assert first_column(between(page, "Campos adicionales", "Ejemplo de request")) == list(
        rows.NOTE_FIELDS_002
    )
    assert first_column(between(page, "Query params", "curl")) == [
        row.name for row in rows.ROWS if (row.seed, row.table) == ("002", "GET /documentos, query")
    ]
    assert first_column(between(page, "Códigos de error", "Ejemplo: 422")) == list(rows.STATUSES_002)
    headings = {
        "tipo_persona": ("Tipo de persona tipo_persona", "Tipo de documento tipo_documento"),
        "tipo_documento": (
            "Tipo de documento tipo_documento",
            "Responsabilidad fiscal responsabilidad_fiscal",
        ),
        "responsabilidad_fiscal": ("Responsabilidad fiscal responsabilidad_fiscal", "Motivo nota crédito"),
        "unidad": ("Unidad de medida unidad", "Catálogo completo"),
    }
    for name, (start, end) in headings.items():
        assert first_column(between(page, start, end)) == list(rows.CATALOGUES_002[name])


def test_seed_003_has_no_row_that_is_not_listed() -> None:
    page = seed("003")

    options = json.loads("{" + between(page, '{ "fecha_recepcion_desde"', "}").lstrip("{") + "}")
    assert list(options) == list(rows.OPTIONS_003)
    answer = json.loads(between(page, '{\n\t"codigo_error": 0', "Salida con errores de semantica").strip())
    assert list(answer["resultado"][0]) == list(rows.OUTPUT_003)
    assert set(re.findall(r"(?m)^(\d{2,3}) ", between(page, "Tabla de Errores", "Ejemplo 1."))) == set(
        rows.CODES_003
    )
    event = json.JSONDecoder().raw_decode(page, page.index("{", page.index("Ejemplo 1.")))[0]
    leaves = [
        *leaves_of(event["evento"][0]),
        *(f"generalidades.{leaf}" for leaf in leaves_of(event["generalidades"])),
    ]
    assert leaves == list(rows.EVENT_003)
    for name in ("documento_obligado", "tipo_orden", "ordenado_por", "offset", "cantidad_filas_por_consulta"):
        assert any(row.startswith(name) for row in listed("003", "body"))


def leaves_of(value: dict[str, object], inside: str = "") -> list[str]:
    found: list[str] = []
    for name, held in value.items():
        found += leaves_of(held, f"{inside}{name}.") if isinstance(held, dict) else [f"{inside}{name}"]
    return found


def test_seed_004_has_no_row_that_is_not_listed() -> None:
    page = seed("004")
    example = json.JSONDecoder().raw_decode(page, page.index("{", page.index("200 - Success")))[0]

    assert list(example["data"][0]) == list(rows.FIELDS_004)
    assert set(example) == listed("004", "answer")
    assert listed("004", "error codes") == {"400", "401"}


TABLES = {bench.provider.name: bench.table for bench in BENCHES}


@pytest.mark.parametrize("provider", TABLES)
def test_the_table_of_codes_of_the_conformance_suite_is_the_published_one(provider: str) -> None:
    table = TABLES[provider]
    published = table.published()
    if published is None:
        pytest.skip(f"the reference material is absent: {table.page}")

    assert published == table.codes - table.besides


def test_every_starred_quirk_of_the_reference_is_held() -> None:
    page = SHARED / "providers" / "quirks.md"
    if not page.exists():
        pytest.skip("the reference material is absent: providers/quirks.md")
    starred = re.findall(r"(?m)^(\d+)\..*★", page.read_text("utf-8"))

    assert starred == [row.table for row in STARRED]
