"""A field is described once: its declaration in the contract says what it reads, and what it becomes in the domain."""

from collections.abc import Iterator
from typing import Any, get_args, get_origin

import pytest
from pydantic import BaseModel

from cauce.contracts.v1 import contract
from cauce.contracts.v1.events import EventRequest, Heading
from cauce.contracts.v1.fields import FieldKind, Text, To
from cauce.contracts.v1.lines import LineRequest
from cauce.contracts.v1.names import declared
from cauce.contracts.v1.parties import Party
from cauce.contracts.v1.requests import REQUESTS
from cauce.domain import document as domain
from cauce.domain.document import Document, Kind
from cauce.domain.event import Event
from cauce.domain.models import marked, model_in
from tests.unit.contracts.examples import an_invoice

ROOTS = [*((request, Document) for request in REQUESTS.values()), (EventRequest, Event)]
# Fields that become nothing by themselves: short or second names of others, and what is only compared.
APART = {
    "iva_pct",
    "excluido",
    "codigo_departamento",
    "encabezado",
    "precios_incluyen_impuestos",
    "fecha_recibo",
    # Parts that only group fields of what is around them.
    "factura",
    "informacion_documento_referencia",
}


def shapes(shape: type[BaseModel]) -> Iterator[type[BaseModel]]:
    yield shape
    for field in shape.model_fields.values():
        if inner := model_in(field.annotation):
            yield from shapes(inner)


SHAPES = list(dict.fromkeys(each for request, _ in ROOTS for each in shapes(request)))


@pytest.mark.parametrize(("request_type", "root"), ROOTS, ids=lambda each: each.__name__)
def test_every_field_becomes_one_that_the_domain_has(request_type: Any, root: Any) -> None:
    found = list(declared(request_type, root))

    assert len(found) > 5
    assert [(model.__name__, field) for model, field, _ in found if field not in model.model_fields] == []


@pytest.mark.parametrize("shape", SHAPES, ids=lambda each: f"{each.__module__}.{each.__name__}")
def test_every_field_says_what_it_reads_and_what_it_becomes(shape: type[BaseModel]) -> None:
    becomes, reads = marked(shape, To), marked(shape, FieldKind)

    for name, field in shape.model_fields.items():
        assert field.title, name
        assert name in reads or model_in(field.annotation), name
        assert name in becomes or name in APART or shape is Heading, name
        # The type checker does not compare a declaration with its field's type.
        can_be_none = type(None) in get_args(field.annotation)
        assert can_be_none if not field.is_required() and field.default is None else True, name
        assert get_origin(field.annotation) is tuple if field.default == () else True, name


@pytest.mark.parametrize(
    ("shape", "of", "put"),
    [
        (
            LineRequest,
            lambda document: document.lines[0],
            lambda body, name: body["lineas"][0].update({name: "00"}),
        ),
        (
            Party,
            lambda document: document.counterparty,
            lambda body, name: body["adquiriente"].update({name: "00"}),
        ),
    ],
    ids=["LineRequest", "Party"],
)
def test_a_text_that_is_copied_needs_no_more_than_its_declaration(shape: Any, of: Any, put: Any) -> None:
    texts = [name for name, kind in marked(shape, Text).items() if kind.pattern is None]
    copied = {name: to.field for name, to in marked(shape, To).items() if name in texts and to.copied}

    assert copied
    for name, field in copied.items():
        body = an_invoice()
        if name in ("ciudad", "region"):  # these are of an address abroad
            body["adquiriente"] |= {"pais": "US", "codigo_municipio": None, "codigo_departamento": None}
        if name == "apellidos":
            body["adquiriente"]["nombres"] = "Lucía"
        if name == "codigo_estandar":
            body["lineas"][0]["estandar"] = "020"
        put(body, name)
        assert getattr(of(contract.document(Kind.INVOICE, body)), field) == "00", name


def test_an_absent_field_leaves_the_domain_its_default() -> None:
    found = contract.document(Kind.INVOICE, an_invoice())

    assert (found.currency, found.payment) == ("COP", domain.Payment())
    assert (found.lines[0].unit, found.lines[0].standard) == ("94", "999")
    assert (found.counterparty.country, found.counterparty.tax_scheme) == ("CO", "ZZ")
