"""A value that is made without validation is the one that validation makes."""

import copy
import pickle
from decimal import Decimal
from typing import Any

import pytest
from pydantic import BaseModel

from cauce.contracts.v1 import contract
from cauce.contracts.v1.requests import REQUESTS
from cauce.domain.document import Document, Kind, Line, Party, Payment, Tax
from cauce.domain.models import trusted
from tests.unit.contracts.examples import EXAMPLES
from tests.unit.contracts.test_hostile import FULL

VAT = {"code": "01", "percent": Decimal(19)}
LINE = {"code": "A", "description": "Café", "quantity": Decimal(2), "price": Decimal("1.5")}
PARTY = {"person_type": "1", "identification_type": "31", "identification": "900", "name": "X"}
VALUES: list[tuple[type[BaseModel], dict[str, Any]]] = [
    (Tax, VAT),
    (Payment, {}),
    (Line, {**LINE, "taxes": (Tax(**VAT),), "note": None}),
    (Line, {"price": Decimal(1), "quantity": Decimal(1), "description": "otro orden", "code": "B"}),
    (Document, {"kind": Kind.INVOICE, "counterparty": Party(**PARTY), "lines": (Line(**LINE),)}),
]


@pytest.mark.parametrize(("model", "said"), VALUES, ids=lambda each: getattr(each, "__name__", "said"))
def test_it_cannot_be_told_from_a_validated_one(model, said):
    made, validated = trusted(model, said), model(**said)

    assert made == validated and validated == made
    assert hash(made) == hash(validated)
    assert repr(made) == repr(validated)
    for options in ({}, {"exclude_defaults": True}, {"exclude_none": True}, {"mode": "json"}):
        assert list(made.model_dump(**options).items()) == list(validated.model_dump(**options).items())
    assert made.model_dump_json() == validated.model_dump_json()
    assert model.model_validate(made) is made
    assert model.model_validate_json(made.model_dump_json()) == made


@pytest.mark.parametrize(("model", "said"), VALUES, ids=lambda each: getattr(each, "__name__", "said"))
def test_its_copies_are_its_equals_and_change_nothing_of_it(model, said):
    made = trusted(model, said)

    for other in (copy.copy(made), copy.deepcopy(made), made.model_copy(), pickle.loads(pickle.dumps(made))):  # noqa: S301
        assert other == made and type(other) is model
    name = next(iter(model.model_fields))
    changed = made.model_copy(update={name: "x"})
    assert getattr(changed, name) == "x" and made == model(**said) == trusted(model, said)


def test_it_is_frozen():
    with pytest.raises(ValueError, match="frozen"):
        trusted(Tax, VAT).code = "04"


@pytest.mark.parametrize("kind", REQUESTS)
def test_the_document_of_a_request_is_one_that_the_domain_would_make(kind):
    body = FULL if kind is Kind.INVOICE else EXAMPLES[kind]()
    found = contract.document(kind, body)

    again = Document.model_validate(found.model_dump())
    assert (again, repr(again), hash(again)) == (found, repr(found), hash(found))
