"""A path of the domain has one name in the contract: the one that was sent."""

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel

from cauce.contracts.v1 import contract
from cauce.contracts.v1.events import EventRequest
from cauce.contracts.v1.names import UNKNOWN, OfContent, OfRequest, told
from cauce.contracts.v1.requests import REQUESTS
from cauce.domain.document import Document, Kind, Value
from cauce.domain.event import Event, EventCode
from cauce.domain.models import model_at
from tests.documents import invoice
from tests.unit.contracts.examples import EXAMPLES

CUDS = {"numero": "DS1", "cuds": "a" * 96, "fecha": "2026-05-10"}
CUFE = {"numero": "DS1", "cufe": "a" * 96, "fecha": "2026-05-10"}
# What a request says by where it is.
APART = ("kind", "is_charge")
# What is noted of a request when it is read.
NOTED = "rounded"
TWO = [{"valor": 1, "descripcion": "x"}, {"valor": 2, "descripcion": "y"}]


def paths(model: type[BaseModel]) -> Iterator[str]:
    """Of every field, what is in a list at its first place."""
    for name, field in model.model_fields.items():
        inner = model_at(model, (name,))
        many = "[" in str(field.annotation) and inner is not None and "tuple" in str(field.annotation)
        yield name
        if inner is not None and issubclass(inner, Value):
            yield from (f"{name}.0.{each}" if many else f"{name}.{each}" for each in paths(inner))


def has(request: type[BaseModel], path: str) -> bool:
    *owners, last = [step for step in path.split(".") if not step.isdigit()]
    shape = model_at(request, tuple(owners))
    return shape is not None and last in shape.model_fields


@pytest.mark.parametrize(
    "path",
    [each for each in paths(Document) if each.rpartition(".")[2] not in APART and not each.startswith(NOTED)],
)
def test_every_field_of_a_document_has_a_name_that_some_request_takes(path: str) -> None:
    assert any(has(request, told(path, OfRequest(kind, {}))) for kind, request in REQUESTS.items())


@pytest.mark.parametrize("path", list(paths(Event)))
def test_every_field_of_an_event_has_a_name_that_its_request_takes(path: str) -> None:
    assert has(EventRequest, told(path, OfRequest(Kind.EVENT, {})))


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("lines.3.price", "lineas.3.precio"),
        ("lines.3", "lineas.3"),
        ("lines", "lineas"),
        ("counterparty.email", "adquiriente.email"),
        ("payment.due_date", "pago.vencimiento"),
        ("prepayments.1.received_date", "anticipos.1.fecha"),
        ("lines.0.withholdings.1.percent", "lineas.0.retenciones.1.porcentaje"),
        ("issuer.municipality", "emisor.codigo_municipio"),
        ("issuer", "emisor"),
        ("provider", "proveedor"),
        ("totals.charge", "cargos"),
    ],
)
def test_a_path_is_told_in_the_contracts_words(path: str, name: str) -> None:
    assert told(path, UNKNOWN) == name


@pytest.mark.parametrize(
    "path",
    [
        "lineas.0.precio",
        "lineas.1.iva_pct",
        "adquiriente.email",
        "vendedor.pais",
        "factura.fecha",
        "pago.vencimiento",
        "documento_referencia.cuds",
        "cargos.0.valor",
        "Idempotency-Key",
        "cac:InvoiceLine[2]/cbc:ID",
        "lines.0.color",
        "payment.0.due_date.x",
        "estado",
        "",
    ],
)
@pytest.mark.parametrize("kind", list(Kind))
def test_what_is_no_path_of_the_domain_is_told_as_it_is(path: str, kind: Kind) -> None:
    """Records of before have the contract's names in them."""
    assert told(path, OfRequest(kind, {})) == path


def test_the_other_side_and_what_a_note_corrects_have_the_names_of_its_kind() -> None:
    for kind, side, reference in (
        (Kind.DEBIT_NOTE, "adquiriente", "factura_referencia.cufe"),
        (Kind.ADJUSTMENT_NOTE, "vendedor", "documento_referencia.cuds"),
    ):
        for ways in (OfRequest(kind, {}), OfContent(contract.document(kind, EXAMPLES[kind]()))):
            assert told("counterparty.name", ways) == f"{side}.razon_social"
            assert told("billing_reference.uuid", ways) == reference


def with_line(**changes: Any) -> dict[str, Any]:
    body = invoice()
    body["lineas"][0] = {**body["lineas"][0], **changes}
    return body


@pytest.mark.parametrize("path", ["lines.0.taxes", "lines.0.taxes.0", "lines.0.taxes.0.percent"])
def test_the_only_tax_of_a_line_is_called_as_it_was_sent(path: str) -> None:
    tax = [{"codigo": "01", "porcentaje": 8}]
    listed = path.replace("lines.0.taxes", "lineas.0.impuestos").replace("percent", "porcentaje")

    assert told(path, OfRequest(Kind.INVOICE, with_line(iva_pct=8))) == "lineas.0.iva_pct"
    assert told(path, OfRequest(Kind.INVOICE, with_line(iva_pct=0, impuestos=tax))) == listed
    assert told(path, OfRequest(Kind.INVOICE, with_line(excluido=True, iva_pct=0))) == "lineas.0.excluido"


def test_of_a_record_the_taxes_of_a_line_are_called_shortly_where_that_says_it_all() -> None:
    other = contract.document(
        Kind.INVOICE, with_line(iva_pct=0, impuestos=[{"codigo": "04", "porcentaje": 8}])
    )

    assert told("lines.0.taxes.0.percent", OfContent(contract.document(Kind.INVOICE, invoice()))) == (
        "lineas.0.iva_pct"
    )
    assert told("lines.0.taxes.0.percent", OfContent(other)) == "lineas.0.impuestos.0.porcentaje"
    assert told("lines.99.taxes.0.percent", OfContent(other)) == "lineas.99.impuestos.0.porcentaje"


def test_charges_and_discounts_have_positions_of_their_own() -> None:
    body = with_line(cargos=TWO, descuentos=TWO)
    body |= {"cargos": TWO[:1], "descuentos": TWO}

    for ways in (OfRequest(Kind.INVOICE, body), OfContent(contract.document(Kind.INVOICE, body))):
        assert told("allowance_charges", ways) == "cargos"
        assert told("allowance_charges.0.amount", ways) == "cargos.0.valor"
        assert told("allowance_charges.1.reason_code", ways) == "descuentos.0.codigo"
        assert told("allowance_charges.2", ways) == "descuentos.1"
        assert told("lines.0.allowance_charges.1.percent", ways) == "lineas.0.cargos.1.porcentaje"
        assert told("lines.0.allowance_charges.2.reason", ways) == "lineas.0.descuentos.0.descripcion"
        assert told("lines.1.allowance_charges", ways) == "lineas.1.descuentos"


@pytest.mark.parametrize("none", [None, "", " ", 0, "0", "0.00"])
def test_a_percentage_of_0_is_not_the_discount_that_was_sent(none: Any) -> None:
    ways = OfRequest(Kind.INVOICE, with_line(descuento_pct=none, descuento_valor=5))

    assert told("lines.0.discount_amount", ways) == "lineas.0.descuento_valor"


@pytest.mark.parametrize(
    ("rate", "name"),
    [(None, "impuestos"), ("", "impuestos"), (" ", "impuestos"), (0, "iva_pct"), ("0", "iva_pct")],
)
def test_a_blank_rate_was_not_sent_and_a_rate_of_0_was(rate: Any, name: str) -> None:
    ways = OfRequest(Kind.SUPPORT_DOCUMENT, with_line(iva_pct=rate))

    assert told("lines.0.taxes", ways) == f"lineas.0.{name}"


def test_a_line_of_a_record_that_has_no_taxes_is_one_that_was_sent_as_excluded() -> None:
    sold = contract.document(Kind.INVOICE, with_line(iva_pct=None, excluido=True))
    support = EXAMPLES[Kind.SUPPORT_DOCUMENT]()
    support["lineas"][0].pop("iva_pct", None)
    bought = contract.document(Kind.SUPPORT_DOCUMENT, support)

    assert told("lines.0.taxes", OfContent(sold)) == "lineas.0.excluido"
    assert bought.lines[0].taxes == ()
    assert told("lines.0.taxes", OfContent(bought)) == "lineas.0.impuestos"


def test_the_cufe_that_an_event_is_about_is_called_as_it_was_sent() -> None:
    acceptance = Event(code=EventCode.ACCEPTANCE, invoice_uuid="a" * 96)

    for ways in (OfRequest(Kind.EVENT, {}), OfContent(acceptance)):
        assert told("uuid", ways) == "informacion_documento_referencia.cufe"
    assert told("uuid", UNKNOWN) == "cufe"


def test_a_claim_is_called_as_it_was_sent() -> None:
    inside = {"encabezado": {"tipo_reclamo": "01"}}
    beside = {"encabezado": {"tipo_reclamo": None}, "tipo_reclamo": "01"}

    assert told("claim_code", OfRequest(Kind.EVENT, beside)) == "tipo_reclamo"

    assert told("claim_code", OfRequest(Kind.EVENT, {"tipo_reclamo": "01"})) == "tipo_reclamo"
    assert told("claim_code", OfRequest(Kind.EVENT, {"evento": [inside]})) == "encabezado.tipo_reclamo"


def test_what_an_adjustment_note_adjusts_is_called_as_it_was_sent() -> None:
    for body, name in (
        ({"factura_referencia": CUFE}, "factura_referencia.cufe"),
        ({"factura_referencia": CUDS}, "factura_referencia.cuds"),
        ({"documento_referencia": CUDS}, "documento_referencia.cuds"),
    ):
        assert told("billing_reference.uuid", OfRequest(Kind.ADJUSTMENT_NOTE, body)) == name
