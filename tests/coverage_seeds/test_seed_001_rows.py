"""Seed 001, row by row: every field of its table is written as its page writes it, and the strict simulator takes it."""

import dataclasses
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from cauce.contracts.v1.names import OfContent, told
from cauce.domain.document import Document
from cauce.domain.errors import InvalidDocument, Unsupported
from cauce.domain.outcome import Accepted
from cauce.providers.factus.provider import Factus
from tests.simulators.factus import FactusSimulator
from tests.unit.factus import builders

# Row of the table → where the value is in what is sent, and the value.
ROWS: dict[str, tuple[tuple[Any, ...], Any]] = {
    "reference_code": (("reference_code",), "REF0017"),
    "numbering_range_id": (("numbering_range_id",), 148),
    "payment_method_code": (("payment_method_code",), "10"),
    "observation": (("observation",), "Compra de prueba"),
    "provider{}": (("provider", "names"), "Alan Turing"),
    "provider.identification_document_id": (("provider", "identification_document_id"), 6),
    "provider.identification": (("provider", "identification"), "123456789"),
    "provider.dv": (("provider", "dv"), 6),
    "provider.trade_name": (("provider", "trade_name"), "Turing"),
    "provider.names": (("provider", "names"), "Alan Turing"),
    "provider.address": (("provider", "address"), "calle 1 # 2-68"),
    "provider.email": (("provider", "email"), "alan@correo.example"),
    "provider.phone": (("provider", "phone"), "1234567890"),
    "provider.country_code": (("provider", "country_code"), "CO"),
    "provider.municipality_id": (("provider", "municipality_id"), 980),
    "items{}": (("items", 1, "code_reference"), "54321"),
    "item.*.code_reference": (("items", 0, "code_reference"), "12345"),
    "item.*.name": (("items", 0, "name"), "producto de prueba"),
    "item.*.quantity": (("items", 0, "quantity"), 1),
    "item.*.discount_rate": (("items", 0, "discount_rate"), 20),
    "item.*.price": (("items", 0, "price"), 50000),
    "item.*.unit_measure_id": (("items", 0, "unit_measure_id"), 70),
    "item.*.standard_code_id": (("items", 0, "standard_code_id"), 1),
    "items.*withholding_taxes[]": (("items", 0, "withholding_taxes", 0, "code"), "06"),
    "items.*.withholding_taxes.*.code": (("items", 0, "withholding_taxes", 0, "code"), "06"),
    # sic: the table lacks a letter that the example has; the example is what is sent.
    "items.*.withholding_taxes.*.withhoding_tax_rate": (
        ("items", 0, "withholding_taxes", 0, "withholding_tax_rate"),
        "3.50",
    ),
}
HEADERS = {"Content-Type": "application/json", "Authorization": "[redacted]", "Accept": "application/json"}


@pytest.fixture(scope="module")
def factus() -> Iterator[FactusSimulator]:
    with FactusSimulator() as simulator:
        yield simulator


@pytest.fixture(scope="module")
def sent(factus: FactusSimulator) -> Any:
    """The request of a support document that uses every row, as the simulator received and accepted it."""
    provider: Factus = builders.factus(
        base_url=factus.base_url, secrets=dataclasses.asdict(factus.credentials)
    )
    document = builders.support_document(
        counterparty=builders.seller(name="Alan Turing", trade_name="Turing"), notes=("Compra de prueba",)
    )
    request = provider.prepare(builders.record(document, range_id="148"))
    outcome = provider.send(request)
    assert isinstance(outcome, Accepted), outcome
    assert outcome.payable == Decimal("90000.00")
    assert factus.documents["support-documents"][0].unknown_fields == ()
    return factus.requests[-1], json.loads(request.body)


@pytest.mark.parametrize("row", ROWS)
def test_seed_001_field(sent: Any, row: str) -> None:
    path, expected = ROWS[row]

    found = sent[1]
    for step in path:
        found = found[step]

    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize("header", HEADERS)
def test_seed_001_header(sent: Any, header: str) -> None:
    assert sent[0].headers[header.lower()] == HEADERS[header]


def test_seed_001_endpoint(sent: Any) -> None:
    assert (sent[0].method, sent[0].path) == ("POST", "/v1/support-documents/validate")


def a_document(**changes: Any) -> Document:
    seller = changes.pop("counterparty", builders.seller())
    line = builders.support_document().lines[0].model_copy(update=changes.pop("line", {}))
    return builders.support_document(counterparty=seller, lines=(line,), **changes)


# Row → a document with what the row does not take, and the contract's name of it.
NOT_TAKEN: dict[str, tuple[Document, str]] = {
    "observation": (a_document(notes=("x" * 251,)), "observaciones"),
    "provider.identification_document_id": (
        a_document(counterparty=builders.seller(identification_type="11", check_digit=None)),
        "vendedor.tipo_documento",
    ),
    "provider.address": (a_document(counterparty=builders.seller(address=None)), "vendedor.direccion"),
    "item.*.quantity": (a_document(line={"quantity": Decimal("1.5")}), "lineas.0.cantidad"),
}


@pytest.mark.parametrize("row", NOT_TAKEN)
def test_seed_001_field_of_another_value_is_refused_by_the_contracts_name(
    factus: FactusSimulator, row: str
) -> None:
    document, field = NOT_TAKEN[row]
    asked = len(factus.requests)

    with pytest.raises((InvalidDocument, Unsupported)) as refusal:
        builders.factus(base_url=factus.base_url).check(document)

    assert [told(path, OfContent(document)) for path in refusal.value.fields] == [field]
    assert len(factus.requests) == asked


def test_seed_001_field_provider_municipality_id_goes_for_colombia_alone() -> None:
    abroad = builders.seller(identification_type="41", check_digit=None, country="US", municipality=None)

    provider = json.loads(
        builders.factus().prepare(builders.record(a_document(counterparty=abroad), range_id="148")).body
    )["provider"]

    assert provider["country_code"] == "US"
    assert not {"municipality_id", "dv"} & set(provider)
