"""The contract page itself, where the reference material stands beside the project."""

import itertools
import json
from pathlib import Path
from typing import Any

import pytest

from cauce.contracts.v1 import contract, render
from cauce.contracts.v1.bodies import read_json
from cauce.contracts.v1.requests import REQUESTS
from cauce.domain import catalogs
from cauce.domain.document import Kind, reasons_of
from cauce.domain.models import model_at
from cauce.domain.totals import totals

from .examples import BASE_URL, CUFE, a_record

SEEDS = Path(__file__).parents[4] / "shared" / "seeds"


def seed(number: str) -> str:
    for path in SEEDS.glob(f"{number}_*.txt"):
        return path.read_text("utf-8")
    pytest.skip(f"seed {number} is not beside the project: its examples, in our words, are in test_contract")


def objects(text: str, start: str) -> dict[str, Any]:
    """The first JSON object after a heading."""
    begin = text.index("{", text.index(start))
    return json.JSONDecoder().raw_decode(text[begin:])[0]


def test_the_pages_request_is_taken_and_its_answer_has_our_fields_in_its_order():
    page = seed("002")
    request, published = objects(page, "Ejemplo de request"), objects(page, "Respuesta 201 Created")

    found = contract.document(Kind.INVOICE, read_json(json.dumps(request), False, "application/json"))
    computed = totals(found)
    record = a_record(
        found, subtotal=computed.line_extension, vat=computed.tax_of("01"), payable=computed.payable
    )
    answer = json.loads(render.dump(render.created(record, BASE_URL)))

    def shape(value: Any) -> Any:
        return {k: shape(v) for k, v in value.items()} if isinstance(value, dict) else type(value)

    ours = {key: answer["data"][key] for key in list(answer["data"])[: len(published["data"])]}
    ours["zip_key"] = ""  # where the provider has one
    # What the page's three need to add up stands after them, and so do links to what else there is.
    ours["totales"] = dict(list(ours["totales"].items())[: len(published["data"]["totales"])])
    ours["links"] = dict(list(ours["links"].items())[: len(published["data"]["links"])])
    assert list(answer) == list(published)
    assert list(ours) == list(published["data"])
    assert shape(ours) == shape(published["data"])
    for key in ("totales", "adquirente", "numero_completo", "fecha_emision", "tipo_documento", "estado"):
        assert ours[key] == published["data"][key]


def rows(text: str, heading: str) -> list[str]:
    """The first column of the table after a heading."""
    lines = iter(text[text.index(f"\n{heading}") :].splitlines())
    for line in lines:
        if line.startswith("|---"):
            break
    return [
        line.split(" |")[0].strip("`| ") for line in itertools.takewhile(lambda line: " | " in line, lines)
    ]


def test_every_field_of_the_pages_table_is_in_the_request():
    paths = rows(seed("002"), "Cuerpo del request")

    assert len(paths) == 21
    for path in paths:
        *inside, name = path.replace("[]", "").split(".")
        assert name in model_at(REQUESTS[Kind.INVOICE], tuple(inside)).model_fields


def test_every_code_of_the_pages_tables_is_taken():
    tables = {
        "Tipo de persona": catalogs.PERSON_TYPES,
        "Tipo de documento": catalogs.IDENTIFICATION_TYPES,
        "Responsabilidad fiscal": catalogs.RESPONSIBILITIES,
        "Motivo nota crédito": reasons_of(Kind.CREDIT_NOTE),
        "Motivo nota débito": reasons_of(Kind.DEBIT_NOTE),
        "Unidad de medida": catalogs.units(),
    }
    for heading, table in tables.items():
        codes = rows(seed("002"), heading)
        assert len(codes) >= 2
        assert set(codes) <= set(table), heading


@pytest.mark.parametrize("kind", [Kind.CREDIT_NOTE, Kind.DEBIT_NOTE])
def test_the_pages_note_is_the_invoice_with_two_fields_more(kind):
    invoice = objects(seed("002"), "Ejemplo de request")
    note = {
        **invoice,
        "factura_referencia": {"numero": "SETP990000011", "cufe": CUFE, "fecha": "2026-05-10"},
        "motivo": {"codigo": "2", "descripcion": "Anulación por error en valor unitario"},
    }

    assert contract.document(kind, note).reason is not None


def test_seed_001s_request_said_in_our_words_comes_to_its_published_total():
    page = seed("001")
    theirs, published = objects(page, "Ejemplo de Solicitud"), objects(page, "Ejemplo de respuesta")
    provider = theirs["provider"]

    ours = {
        "referencia": theirs["reference_code"],
        "pago": {"medio": theirs["payment_method_code"]},
        "observaciones": theirs["observation"],
        "vendedor": {
            "tipo_persona": "2",
            "tipo_documento": "31",
            "numero_documento": provider["identification"],
            "dv": provider["dv"],
            "nombre_comercial": provider["trade_name"],
            "razon_social": provider["names"],
            "direccion": provider["address"],
            "telefono": provider["phone"],
            "pais": provider["country_code"],
            "codigo_municipio": "68679",
        },
        "lineas": [
            {
                "codigo": item["code_reference"],
                "descripcion": item["name"],
                "cantidad": item["quantity"],
                "descuento_pct": item["discount_rate"],
                "precio": item["price"],
                "retenciones": [
                    {"codigo": tax["code"], "porcentaje": tax["withholding_tax_rate"]}
                    for tax in item.get("withholding_taxes", [])
                ],
            }
            for item in theirs["items"]
        ],
    }
    found = totals(contract.document(Kind.SUPPORT_DOCUMENT, ours))
    assert f"{found.payable:.2f}" == published["data"]["support_document"]["total"]
    assert f"{found.withholdings[0].amount:.2f}" == published["data"]["withholding_taxes"][0]["value"]
