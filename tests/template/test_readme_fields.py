"""Every field of the contract has its name in the README."""

import re
from collections.abc import Iterator
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from cauce.contracts.v1 import events, requests
from tests.stack import ROOT

REQUESTS = [
    requests.InvoiceRequest,
    requests.CreditNoteRequest,
    requests.DebitNoteRequest,
    requests.SupportDocumentRequest,
    requests.AdjustmentNoteRequest,
    requests.EquivalentDocumentRequest,
    requests.EquivalentNoteRequest,
    events.EventRequest,
]


def fields(model: type[BaseModel], inside: str = "") -> Iterator[str]:
    """Paths of a model's fields, those of the models in it included."""
    for name, field in model.model_fields.items():
        path = f"{inside}{field.alias or name}"
        yield path
        for found in models(field.annotation):
            yield from fields(found, f"{path}.")


def models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from models(inner)


@pytest.mark.parametrize("request_type", REQUESTS, ids=lambda each: each.__name__)
def test_every_field_that_a_request_may_have_is_in_the_readme(request_type: type[BaseModel]) -> None:
    words = set(re.findall(r"\w+", (ROOT / "README.md").read_text("utf-8")))
    found = list(fields(request_type))

    assert len(found) > 5
    assert [path for path in found if path.rpartition(".")[2] not in words] == []
