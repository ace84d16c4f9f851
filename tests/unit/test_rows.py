"""Lists: a row of a record's head alone tells what its whole record tells, or its content is read too."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from cauce.aws import items
from cauce.contracts.v1 import contract, render
from cauce.domain.document import Document, Kind
from cauce.domain.event import Event, EventCode
from cauce.domain.outcome import Message
from cauce.domain.record import Contingency, Record, Row, State
from cauce.domain.time import BOGOTA
from tests.unit.contracts.examples import BASE_URL, CUFE, EXAMPLES, a_record
from tests.unit.contracts.test_names import paths

AMOUNTS = {"tax": Decimal(1), "allowance": Decimal(0), "charge": Decimal(0), "content_at": 0}
TWO_NAMES = ("taxes", "discount_amount", "allowance_charges")
DOCUMENTS: dict[Kind, Document | Event] = {
    **{kind: contract.document(kind, example()) for kind, example in EXAMPLES.items()},
    Kind.EVENT: Event(code=EventCode.CLAIM, invoice_uuid="a" * 96, claim_code="01", reference="E-1"),
}
NOON = datetime(2026, 5, 10, 12, tzinfo=BOGOTA)
CONTINGENCY = Contingency(since=NOON, ordinary_uuid=CUFE, ordinary_issued_at=NOON)


def _row(record: Record) -> Row:
    head = items.head_item(record)
    assert not items.needs_content(head)
    row = items.listed(head, None)
    assert isinstance(row, Row)
    return row


def _about(path: str, content: Document | Event) -> Record:
    return a_record(content, findings=(Message(text="x", field=path),), **AMOUNTS)


@pytest.mark.parametrize("kind", DOCUMENTS)
@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"state": State.FAILED, "last_error": "no entra", "number": None, "uuid": None},
        {"state": State.REJECTED, "rejections": (Message(text="No", rule="FAK24"),), "needs_person": True},
        {"state": State.RECEIVED, "contingency": CONTINGENCY, "provider_ids": {"zip_key": "z"}},
    ],
    ids=["accepted", "failed", "rejected", "in contingency"],
)
def test_a_row_is_what_its_whole_record_is_shown_as(kind: Kind, facts: dict[str, Any]) -> None:
    record = a_record(DOCUMENTS[kind], **AMOUNTS, **facts)

    assert render.of_record(_row(record), BASE_URL) == render.of_record(record, BASE_URL)


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_a_row_names_the_fields_of_its_messages_as_its_record_does_or_its_content_is_read(kind: Kind) -> None:
    content = DOCUMENTS[kind]
    for path in paths(type(content)):
        record = _about(path, content)
        if any(name in path for name in TWO_NAMES):
            assert items.needs_content(items.head_item(record))
        else:
            assert render.of_record(_row(record), BASE_URL) == render.of_record(record, BASE_URL)


def test_a_name_of_the_requests_own_needs_no_content() -> None:
    said = Message(text="x", field="lines.0.taxes", said="lineas.0.impuestos")
    record = a_record(DOCUMENTS[Kind.INVOICE], findings=(said,), **AMOUNTS)

    assert render.of_record(_row(record), BASE_URL) == render.of_record(record, BASE_URL)


def test_a_record_that_is_older_than_some_of_its_amounts_is_read_with_its_content() -> None:
    record = a_record(DOCUMENTS[Kind.INVOICE], content_at=0)

    head, content = items.head_item(record), items.content_item(record)

    assert items.needs_content(head)
    assert items.listed(head, content) == record
