"""What each answer to a document that was sent, or its absence, leads to."""

import json
from decimal import Decimal
from typing import Any

import pytest

from cauce.domain.errors import Conflict, OutcomeUnknown
from cauce.domain.outcome import Accepted, Blocked, Number, Rejected
from cauce.providers.factus.provider import Factus
from tests.content import CUFE
from tests.unit.factus.answers import CREATE, LIST, bill, page, prepared, row
from tests.unit.factus.builders import record, support_document
from tests.unit.factus.conftest import Script
from tests.unit.factus.test_answer import FIELD_ERRORS, NOTICE


def test_an_accepted_document_brings_its_number_uuid_and_total(script: Script, v1: Factus) -> None:
    script.answer(CREATE, 201, bill(errors=[NOTICE]))

    outcome = v1.send(prepared(v1))

    assert isinstance(outcome, Accepted)
    assert outcome.uuid == CUFE
    assert outcome.number == Number(prefix="SETP", consecutive=990000493)
    assert outcome.payable == Decimal(59500)
    assert len(outcome.notices) == 1
    assert json.loads(outcome.raw) == bill(errors=[NOTICE])


def test_another_document_under_our_reference_is_a_conflict(script: Script, v1: Factus) -> None:
    for changes in ({"total": "1.00"}, {"identification": "999"}, {"reference_code": "other"}):
        script.answer(CREATE, 200, bill(**changes))
        with pytest.raises(Conflict):
            v1.send(prepared(v1))


def test_another_documents_turn_blocks_this_one(script: Script, v1: Factus) -> None:
    script.answer(
        CREATE,
        409,
        {"status": "Conflict", "message": "Se encontró una factura pendiente por enviar a la DIAN"},
    )

    outcome = v1.send(prepared(v1))

    assert isinstance(outcome, Blocked)
    assert outcome.status_message == "Se encontró una factura pendiente por enviar a la DIAN"


def test_a_422_about_the_reference_is_believed_only_after_looking_it_up(script: Script, v1: Factus) -> None:
    taken = {"data": {"errors": {"reference_code": ["El código de referencia ya está en uso."]}}}
    script.answer(CREATE, 422, taken)
    script.answer(LIST, 200, page(row()))
    script.answer("GET /v1/bills/show/SETP990000493", 200, bill())

    assert isinstance(v1.send(prepared(v1)), Accepted)

    script.answer(CREATE, 422, taken)
    script.answer(LIST, 200, page())
    assert isinstance(v1.send(prepared(v1)), Rejected)

    script.answer(CREATE, 422, taken)
    script.answer(LIST, 429, {})
    with pytest.raises(OutcomeUnknown):
        v1.send(prepared(v1))


def test_seed_001s_422_reaches_the_erp_in_its_own_words(script: Script, v1: Factus) -> None:
    script.answer("POST /v1/support-documents/validate", 422, FIELD_ERRORS)
    script.answer("GET /v1/support-documents", 200, page())

    outcome = v1.send(v1.prepare(record(support_document())))

    assert isinstance(outcome, Rejected)
    assert {message.field for message in outcome.rejections} == {"reference", "counterparty.address"}


@pytest.mark.parametrize(
    ("status", "content"),
    [(500, {"message": "Server Error"}), (201, {"status": "Created", "data": []}), (422, b"<html>")],
)
def test_an_answer_without_a_verdict_is_unknown_and_the_document_not_sent_again(
    script: Script, v1: Factus, status: int, content: Any
) -> None:
    script.answer(CREATE, status, content)

    with pytest.raises(OutcomeUnknown):
        v1.send(prepared(v1))

    assert script.calls().count(CREATE) == 1


def test_a_refusal_of_the_request_as_such_left_nothing(script: Script, v1: Factus) -> None:
    script.answer(CREATE, 400, {"message": "Solicitud mal formada"})

    outcome = v1.send(prepared(v1))

    assert isinstance(outcome, Rejected)
    assert not outcome.stored
    assert outcome.rejections[0].text == "Solicitud mal formada"
