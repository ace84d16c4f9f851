"""The code lists of the contract: every coded field names its own, they are searched, and the code that was meant."""

import json
from typing import Any

import pytest

from cauce.contracts.v1 import catalogues, contract
from cauce.contracts.v1.catalogues import ABBREVIATED
from cauce.contracts.v1.errors import InvalidRequest
from cauce.contracts.v1.events import EventRequest
from cauce.contracts.v1.fields import CATALOG, Code
from cauce.contracts.v1.parties import CHECK_DIGIT, Responsibilities
from cauce.contracts.v1.requests import REQUESTS
from cauce.domain import catalogs
from cauce.domain.document import Kind
from cauce.domain.models import marked
from cauce.law import units
from tests.unit.contracts.examples import an_invoice
from tests.unit.contracts.test_declarations import SHAPES
from tests.unit.dian.builders import reference


def codes(name: str, wanted: str) -> list[str]:
    asked = catalogues.Search(wanted=wanted, per_page=5, page=1)
    return [row["codigo"] for row in catalogues.found_in(name, asked)["data"]]


def refused(change: dict[str, Any] | None = None, **line: Any) -> dict[str, list[str]]:
    body = an_invoice()
    body["lineas"][0] |= line
    body["adquiriente"] |= change or {}
    with pytest.raises(InvalidRequest) as error:
        contract.document(Kind.INVOICE, body)
    return error.value.fields


# The lists and the fields


@pytest.mark.parametrize("shape", SHAPES, ids=lambda each: f"{each.__module__}.{each.__name__}")
def test_every_coded_field_names_the_list_that_it_takes(shape: Any) -> None:
    for name, kind in marked(shape, Code).items():
        if kind is not CHECK_DIGIT:
            assert catalogues.known()[kind.catalog].codes == kind.codes, name
    for kind in marked(shape, Responsibilities).values():
        assert catalogues.known()[kind.catalog].codes == catalogs.RESPONSIBILITIES


def test_every_list_is_taken_by_a_field_and_says_by_which() -> None:
    listed = {row["nombre"]: row for row in catalogues.listed("https://api.example/v1")["data"]}

    assert all(row["campos"] and row["codigos"] and row["fuente"] for row in listed.values())
    assert sorted(listed["unidades"]["campos"]) == ["lineas[].impuestos[].unidad", "lineas[].unidad"]
    assert listed["unidades"]["vigente_desde"] == "2024-05-01"
    assert listed["reclamos"]["campos"] == ["encabezado.tipo_reclamo", "tipo_reclamo"]


def test_the_json_schema_of_a_coded_field_names_its_list() -> None:
    told = json.dumps([each.model_json_schema() for each in (*REQUESTS.values(), EventRequest)])

    assert all(f'"{CATALOG}": "{name}"' in told for name in catalogues.known())


# Searching


@pytest.mark.parametrize(
    ("name", "wanted", "first"),
    [
        ("unidades", "kgm", "KGM"),
        ("unidades", "KILOGRAMO", "KGM"),
        ("unidades", "kilo", "KGM"),
        ("monedas", "dólares", "USD"),
        ("municipios", "medellin", "05001"),
        ("municipios", "05001", "05001"),
        ("municipios", "bogotá", "11001"),
        ("municipios", "don matías", "05237"),
        ("medios-pago", "efectivo", "10"),
        ("paises", "espana", "ES"),
        ("monedas", "peso colombiano", "COP"),
    ],
)
def test_a_code_is_found_by_itself_or_by_its_name_whatever_its_accents_and_case(
    name: str, wanted: str, first: str
) -> None:
    assert codes(name, wanted)[:1] == [first]


def test_a_code_comes_before_names_and_a_whole_name_before_its_beginnings_and_words() -> None:
    ranked = codes("unidades", "litro")

    assert ranked[0] == "LTR"
    assert codes("municipios", "san vicente chucuri") == ["68689"]
    assert codes("municipios", "nada que exista") == []


def test_rows_come_in_pages_that_together_are_the_list() -> None:
    pages = [
        catalogues.found_in("municipios", catalogues.search({"per_page": "500", "page": str(page)}))
        for page in (1, 2, 3, 4)
    ]

    assert [len(page["data"]) for page in pages] == [500, 500, 123, 0]
    assert {page["meta"]["paginas"] for page in pages} == {3}
    assert pages[0]["data"][0] == {
        "codigo": "05001",
        "nombre": "Medellín",
        "codigo_departamento": "05",
        "departamento": "Antioquia",
    }


# What was meant


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("kilogramo", "«KGM» (Kilogramo)"),
        ("Kilogramos", "«KGM» (Kilogramo)"),
        ("kg", "«KGM» (Kilogramo)"),
        ("kgm", "«KGM» (Kilogramo)"),
        ("UND", "«94» (Unidad)"),
        ("kilogrmo", "«KGM» (Kilogramo)"),
    ],
)
def test_a_wrong_unit_is_answered_with_the_right_one_and_its_name(sent: str, meant: str) -> None:
    (sentence,) = refused(unidad=sent)["lineas.0.unidad"]

    assert sentence.endswith(f"; ¿quiso decir {meant}?")


@pytest.mark.parametrize(
    ("field", "sent", "meant"),
    [
        ("codigo_municipio", "Medellín", "«05001» (Medellín, Antioquia)"),
        ("codigo_municipio", "5001", "«05001» (Medellín, Antioquia)"),
        ("codigo_municipio", "BOGOTA", "«11001» (Bogotá, D.C.)"),
        ("codigo_municipio", "Rionegro", "«05615» (Rionegro, Antioquia) o «68615» (Rionegro, Santander)"),
        ("codigo_departamento", 5, "«05» (Antioquia)"),
        ("pais", "colombia", "«CO» (Colombia)"),
        ("pais", "EE.UU.", "«US» (Estados Unidos)"),
        ("tipo_documento", "C.C.", "«13» (Cédula de ciudadanía)"),
        ("responsabilidad_fiscal", "R99PN", "«R-99-PN» (No aplica)"),
        ("tipo_documento", "cédula de ciudadanía", "«13» (Cédula de ciudadanía)"),
        ("responsabilidad_fiscal", "R-99-PN;o-13", "«O-13» (Gran contribuyente)"),
    ],
)
def test_a_name_in_place_of_a_code_is_answered_with_the_code(field: str, sent: object, meant: str) -> None:
    (sentence,) = refused({field: sent})[f"adquiriente.{field}"]

    assert sentence.endswith(f"; ¿quiso decir {meant}?")


@pytest.mark.parametrize("sent", ["zzzzzz", "💥", "x" * 100, " ", "<script>", 3.5, True, [], {}])
def test_where_nothing_is_like_it_nothing_is_suggested_nor_repeated(sent: object) -> None:
    body = an_invoice()
    body["lineas"][0]["unidad"] = sent
    try:
        contract.document(Kind.INVOICE, body)
    except InvalidRequest as error:
        (sentence,) = error.fields["lineas.0.unidad"]
        assert "¿" not in sentence
        assert str(sent) not in sentence or not str(sent).strip()


@pytest.mark.parametrize(
    ("name", "written"), [(name, each) for name, known in ABBREVIATED.items() for each in known]
)
def test_what_people_write_is_answered_with_a_code_that_there_is(name: str, written: str) -> None:
    code = ABBREVIATED[name][written]

    assert f"«{code}» ({catalogues.known()[name].codes[code]})" in catalogues.meant(name, written)
    assert codes(name, written)[0] == code


def test_units_that_nobody_means_and_those_that_are_meant_are_in_the_list() -> None:
    assert {*units.MEANT, *units.MEANT.values()} <= set(catalogs.units())


# DIAN's own lists

OFFICIAL = {
    "tipos-documento": "identification_types",
    "tipos-persona": "organization_types",
    "responsabilidades": "tax_responsibilities",
    "tributos-persona": "party_tax_schemes",
    "departamentos": "departments",
    "paises": "countries",
    "monedas": "currencies",
    "formas-pago": "payment_forms",
    "medios-pago": "payment_means",
    "precios-referencia": "reference_price_types",
    "incoterms": "incoterms",
    "operaciones-nota-credito": "operation_types_credit_note",
    "operaciones-nota-debito": "operation_types_debit_note",
    "operaciones-documento-soporte": "ds_operation_types",
    "motivos-nota-credito": "credit_note_reasons",
    "motivos-nota-debito": "debit_note_reasons",
    "motivos-nota-ajuste": "ds_adjust_reasons",
    "formas-compra": "ds_transmission_forms",
    "reclamos": "claim_reasons",
}


@pytest.mark.parametrize("name", OFFICIAL)
def test_a_list_has_the_codes_of_dians_own(name: str) -> None:
    rows = json.loads(reference("codelists", f"{OFFICIAL[name]}.json").read_text("utf-8"))["items"]

    assert set(catalogues.known()[name].codes) == {row["code"] for row in rows}


def test_the_operations_of_an_invoice_are_dians_two_lists_the_health_sectors_among_them() -> None:
    lists = ("operation_types_invoice", "operation_types_health")
    rows = [
        row
        for name in lists
        for row in json.loads(reference("codelists", f"{name}.json").read_text("utf-8"))["items"]
    ]

    assert set(catalogues.known()["operaciones-factura"].codes) == {row["code"] for row in rows}


def test_taxes_and_withholdings_together_are_dians_list() -> None:
    rows = json.loads(reference("codelists", "taxes.json").read_text("utf-8"))["items"]
    ours = {**catalogues.known()["tributos"].codes, **catalogues.known()["retenciones"].codes}

    assert set(ours) == {row["code"] for row in rows}
