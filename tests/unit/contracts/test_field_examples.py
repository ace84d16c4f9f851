"""A field's declaration has an example of it, which fits those of the fields around it, and the rules about it."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from pydantic import BaseModel

from cauce import law
from cauce.contracts.v1 import actions, contract, events, issuer_file, names
from cauce.contracts.v1.actions import Decision, NewRange, RangeType
from cauce.contracts.v1.events import EventRequest
from cauce.contracts.v1.fields import RULES, FieldKind
from cauce.contracts.v1.issuer_file import IssuerFile
from cauce.contracts.v1.lots import Announced
from cauce.contracts.v1.parties import IssuerParty
from cauce.contracts.v1.requests import REQUESTS
from cauce.contracts.v1.shapes import ExpectedTotals
from cauce.domain.document import Kind
from cauce.domain.expected import differences
from cauce.domain.models import marked, model_in
from cauce.domain.totals import amounts_of, totals
from cauce.ubl import preflight
from cauce.ubl.preflight.rules import rule_of
from tests.unit.dian.builders import ISSUED_AT, ISSUER, a_document, a_line
from tests.unit.dian.test_preflight import CASES, Case

from .test_declarations import shapes
from .test_schema import fits

ROOTS: list[type[BaseModel]] = [
    *REQUESTS.values(), EventRequest, Decision, NewRange, RangeType, Announced, IssuerParty, IssuerFile,
]  # fmt: skip
SHAPES = list(dict.fromkeys(each for root in ROOTS for each in shapes(root)))
# Places of the law and of the annexes whose rules have no code here.
SOURCES = {
    "Anexo 1.9, 13.3.5",
    "Anexo 1.9, 13.3.13",
    "Anexo 1.9, 13.5.1",
    "Anexo 1.9, 13.5.2",
    "Anexo 1.9, 18.3",
    "Anexo DS 1.1",
    "CAE02",
    "CAE04",
    "Documento Técnico 2",
    "E.T. 421",
    "E.T. 424",
    "E.T. 476",
    "E.T. 617",
}

# What a request needs besides its required fields: one of several that say the same, in the shortest way.
NEEDED = {
    Kind.INVOICE: {"lineas.iva_pct"},
    Kind.CREDIT_NOTE: {"lineas.iva_pct", "factura_referencia"},
    Kind.DEBIT_NOTE: {"lineas.iva_pct", "factura_referencia"},
    Kind.SUPPORT_DOCUMENT: set[str](),
    Kind.ADJUSTMENT_NOTE: {"documento_referencia", "documento_referencia.cuds"},
    Kind.EQUIVALENT_DOCUMENT: {"lineas.iva_pct"},
    Kind.EQUIVALENT_NOTE: {"lineas.iva_pct"},
}
# What goes only with other values than the examples', of all that a request may have.
APART = {
    "lineas.iva_pct",
    "lineas.excluido",
    "lineas.descuento_valor",
    "lineas.descuentos.valor",
    "lineas.cargos.valor",
    "lineas.impuestos.nombre",
    "lineas.impuestos.valor_unitario",
    "lineas.impuestos.unidades",
    "lineas.impuestos.unidad",
    "lineas.precio_referencia",
    "lineas.contrato_aiu",
    "lineas.remesa",
    "lineas.codigo_estandar",
    "debida_diligencia",
    "salud",
    "anticipos.concepto",
    "descuentos.porcentaje",
    "cargos.porcentaje",
    "factura_papel",
    "pagos",
    "facturas_referencia",
    "envio.direccion.ciudad",
    "envio.direccion.region",
    *(
        f"{who}.direccion_fiscal.{name}"
        for who in ("adquiriente", "vendedor")
        for name in ("ciudad", "region")
    ),
    "vendedor.contacto",
    "vendedor.direccion_fiscal",
    "vendedor.participantes",
    "adquiriente.ciudad",
    "adquiriente.region",
    "vendedor.ciudad",
    "vendedor.region",
}


@cache
def schema_of(shape: type[BaseModel]) -> dict[str, Any]:
    return shape.model_json_schema()


def body_of(shape: type[BaseModel], more: set[str], inside: str = "") -> dict[str, Any]:
    """A request put together from the examples of its required fields, and of ``more``."""
    found: dict[str, Any] = {}
    for name, field in shape.model_fields.items():
        path = f"{inside}{name}"
        if not field.is_required() and path not in more:
            continue
        if inner := model_in(field.annotation):
            value = body_of(inner, more, f"{path}.")
            found[name] = [value] if "tuple" in str(field.annotation) else value
        elif field.examples:
            found[name] = field.examples[0]
    return found


def paths(shape: type[BaseModel], inside: str = "") -> Iterator[str]:
    for name, field in shape.model_fields.items():
        yield f"{inside}{name}"
        if inner := model_in(field.annotation):
            yield from paths(inner, f"{inside}{name}.")


def everything(shape: type[BaseModel], *apart: str) -> dict[str, Any]:
    return body_of(shape, {*paths(shape)} - {*apart})


@pytest.mark.parametrize("shape", SHAPES, ids=lambda each: f"{each.__module__}.{each.__name__}")
def test_the_contract_and_the_schema_take_the_example_of_every_field(shape: type[BaseModel]) -> None:
    kinds, schema = marked(shape, FieldKind), schema_of(shape)

    for name, kind in kinds.items():
        described = schema["properties"][name]
        (example,) = described["examples"]
        kind.read(example)
        assert fits(example, described, schema), name
    assert not any(field.examples for name, field in shape.model_fields.items() if name not in kinds)


@pytest.mark.parametrize("whole", [False, True], ids=["shortest", "whole"])
@pytest.mark.parametrize("kind", REQUESTS)
def test_the_examples_together_are_a_document_that_dian_would_take(kind: Kind, whole: bool) -> None:
    alternative = {"factura_referencia"} if kind is Kind.ADJUSTMENT_NOTE else set[str]()
    body = (
        everything(REQUESTS[kind], *APART, *alternative) if whole else body_of(REQUESTS[kind], NEEDED[kind])
    )
    found = contract.document(kind, body)

    law.check(found)
    assert law.findings(found, ISSUED_AT.date()) == ()
    assert preflight.findings(found, ISSUER, None, issued_at=ISSUED_AT, now=ISSUED_AT) == []
    assert (found.lines[0].brand is not None) is whole


def test_the_expected_totals_are_those_of_the_shortest_invoice() -> None:
    more = {"totales_esperados", *(f"totales_esperados.{name}" for name in ExpectedTotals.model_fields)}
    found = contract.document(Kind.INVOICE, body_of(REQUESTS[Kind.INVOICE], NEEDED[Kind.INVOICE] | more))

    assert found.expected is not None
    assert differences(found.expected, amounts_of(totals(found))) == {}


def test_the_examples_of_the_other_requests_are_requests() -> None:
    said = "encabezado", "tipo_reclamo", "nota"  # of other events than the example's, 030
    event, _ = events.event(everything(EventRequest, *said))
    file = issuer_file.read(
        {
            **everything(IssuerFile),
            "emisor": everything(
                IssuerParty, "ciudad", "region", "direccion_fiscal.ciudad", "direccion_fiscal.region"
            ),
        }
    )

    assert event.person is not None
    assert file.issuer.nit == file.owner_nit
    for shape in (Decision, NewRange, RangeType, Announced):
        actions.read(shape, everything(shape))


def rules_of(shape: type[BaseModel], name: str) -> list[str]:
    found: list[str] = schema_of(shape)["properties"][name].get(RULES, [])
    return found


@pytest.mark.parametrize("shape", SHAPES, ids=lambda each: f"{each.__module__}.{each.__name__}")
def test_the_rules_of_a_field_are_known(shape: type[BaseModel]) -> None:
    for name in shape.model_fields:
        assert [each for each in rules_of(shape, name) if not rule_of(each) and each not in SOURCES] == [], (
            name
        )


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.kind}-{case.code}-{case.path}")
def test_a_field_that_a_check_before_dian_names_declares_the_rule_that_it_breaks(case: Case) -> None:
    document = a_document(case.kind, **{"lines": (a_line(), a_line(**case.line)), **case.breaks})
    place: type[BaseModel] | None = IssuerParty if case.path.startswith("issuer") else REQUESTS[case.kind]
    declared: list[str] = []

    for step in names.told(case.path, names.OfContent(document)).split("."):
        if place is not None and step in place.model_fields:
            declared += rules_of(place, step)
            place = model_in(place.model_fields[step].annotation)

    assert rule_of(case.code) in map(rule_of, declared)
