"""Finding a document again, the invoice of a credit note, and discarding what was rejected."""

from typing import Any

import pytest

from cauce.domain.acquirer import Acquirer
from cauce.domain.document import Kind
from cauce.domain.errors import (
    Conflict,
    CredentialsRejected,
    InvalidDocument,
    NotFound,
    NotSent,
    OutcomeUnknown,
)
from cauce.domain.outcome import Accepted, Pending, Rejected
from cauce.providers.factus.provider import Factus
from tests.content import CUFE
from tests.unit.factus.answers import DOCUMENT_ID, LIST, LOGIN, asking, bill, page, row
from tests.unit.factus.builders import factus, invoice, note, record
from tests.unit.factus.conftest import Script
from tests.unit.factus.test_answer import NOTICE, REJECTION


def test_a_document_is_found_by_its_exact_reference_among_all_the_pages(script: Script, v1: Factus) -> None:
    script.answer(LIST, 200, page(row(reference_code=f"{DOCUMENT_ID}-2"), last=2, total=11))
    script.answer(LIST, 200, page(row(), last=2, total=11))
    script.answer("GET /v1/bills/show/SETP990000493", 200, bill())

    outcome = v1.consult(asking())

    assert isinstance(outcome, Accepted)
    assert outcome.uuid == CUFE
    lists = [asked for asked in script.asked if asked.path == "/v1/bills"]
    assert [asked.query for asked in lists] == [
        {"filter[reference_code]": DOCUMENT_ID, "page": "1"},
        {"filter[reference_code]": DOCUMENT_ID, "page": "2"},
    ]
    assert not [asked for asked in script.asked if asked.method == "POST" and asked.path != "/oauth/token"]


def test_a_reference_that_only_resembles_ours_is_not_ours(script: Script, v1: Factus) -> None:
    script.answer(LIST, 200, page(row(reference_code=f"{DOCUMENT_ID}-2")))

    with pytest.raises(NotFound):
        v1.consult(asking())


def test_what_is_listed_and_not_shown_is_not_absent(script: Script, v1: Factus) -> None:
    script.answer(LIST, 200, page(row()))
    script.answer("GET /v1/bills/show/SETP990000493", 404, {"message": "m"})

    with pytest.raises(OutcomeUnknown):
        v1.consult(asking())


@pytest.mark.parametrize(
    ("errors", "expected"), [([REJECTION], Rejected), ([], Pending), ([NOTICE], Pending)]
)
def test_the_list_is_enough_for_what_is_not_validated(
    script: Script, v1: Factus, errors: list[str], expected: type
) -> None:
    script.answer(LIST, 200, page(row(status=0, errors=errors)))

    assert isinstance(v1.consult(asking()), expected)
    assert script.calls() == [LOGIN, LIST]


@pytest.mark.parametrize("changes", [{"identification": "999"}, {"total": "1.00"}])
def test_somebody_elses_document_under_our_reference_is_a_conflict(
    script: Script, v1: Factus, changes: dict[str, Any]
) -> None:
    script.answer(LIST, 200, page(row(**changes, status=0)))

    with pytest.raises(Conflict):
        v1.consult(asking())


def test_asking_through_trouble_raises_the_trouble(script: Script, v1: Factus) -> None:
    for status, trouble in ((500, OutcomeUnknown), (403, CredentialsRejected), (429, NotSent)):
        script.answer(LIST, status, {"message": "m"})
        with pytest.raises(trouble):
            v1.consult(asking())


SHOW = "GET /v1/bills/show/SETP990000302"


def test_a_credit_note_of_v1_learns_the_internal_id_of_its_bill(script: Script, v1: Factus) -> None:
    script.answer(SHOW, 200, bill(id=514, number="SETP990000302"))

    assert v1.resolve(record(note())) == {"bill_id": "514"}


@pytest.mark.parametrize(
    ("status", "content", "field"),
    [
        (404, {"message": "No se encontró la ruta o recurso solicitado"}, "number"),
        (200, bill(cufe="0" * 96), "uuid"),
    ],
    ids=["none of that number", "another of that number"],
)
def test_a_bill_that_factus_has_not_is_the_requests_fault(
    script: Script, v1: Factus, status: int, content: Any, field: str
) -> None:
    script.answer(SHOW, status, content)

    with pytest.raises(InvalidDocument) as refusal:
        v1.resolve(record(note()))

    assert list(refusal.value.fields) == [f"billing_reference.{field}"]


def test_nothing_else_needs_looking_up(script: Script, v1: Factus) -> None:
    v2 = factus("v2", base_url=script.url)

    assert v1.resolve(record(invoice())) == v1.resolve(record(note(Kind.ADJUSTMENT_NOTE))) == {}
    assert v2.resolve(record(note())) == {}
    assert script.calls() == []


DELETE = f"DELETE /v1/bills/destroy/reference/{DOCUMENT_ID}"


@pytest.mark.parametrize("status", [200, 204, 404])
def test_what_is_deleted_or_was_already_gone_is_fine(script: Script, v1: Factus, status: int) -> None:
    script.answer(DELETE, status, b"" if status == 204 else {"message": "eliminado con éxito"})

    v1.discard(asking())

    assert script.calls() == [LOGIN, DELETE]


@pytest.mark.parametrize("status", [400, 409, 422])
def test_what_factus_will_not_delete_is_validated_and_a_conflict(
    script: Script, v1: Factus, status: int
) -> None:
    script.answer(DELETE, status, {"message": "La factura ya fue validada por la DIAN"})

    with pytest.raises(Conflict, match="ya fue validada"):
        v1.discard(asking())


def test_a_deletion_without_an_answer_is_unknown(script: Script, v1: Factus) -> None:
    script.drop(DELETE)

    with pytest.raises(OutcomeUnknown):
        v1.discard(asking())


# A buyer's name


def test_a_buyer_is_asked_for_by_v1_with_factus_s_id_of_the_type_and_by_v2_with_the_code(
    script: Script, v1: Factus
) -> None:
    """The answer is the one of Factus's page."""
    told = {
        "data": {"name": "Nombre Cédula de ciudadanía 5", "email": "Mail_Cédula de ciudadanía_5@mail.com"}
    }
    script.answer("GET /v1/dian/acquirer", 200, told)
    script.answer("GET /v2/dian/acquirer", 200, {"data": {"name": "Ana Ruiz", "email": "ana@example.com"}})

    v2 = factus(base_url=script.url, dialect="v2")

    # Its e-mail is none.
    assert v1.acquirer("13", "1399995") == Acquirer(name="Nombre Cédula de ciudadanía 5")
    assert v2.acquirer("13", "1399995") == Acquirer(name="Ana Ruiz", email="ana@example.com")
    assert [asked.query for asked in script.asked if asked.path.endswith("acquirer")] == [
        {"identification_document_id": "3", "identification_number": "1399995"},
        {"identification_document_code": "13", "identification_number": "1399995"},
    ]


def test_a_buyer_whom_factus_does_not_name_is_not_found(script: Script) -> None:
    v2 = factus(base_url=script.url, dialect="v2")
    script.answer("GET /v2/dian/acquirer", 200, {"data": {"name": " ", "email": ""}})
    script.answer("GET /v2/dian/acquirer", 404, {"message": "m"})

    for _ in range(2):
        with pytest.raises(NotFound):
            v2.acquirer("13", "1399995")
    with pytest.raises(NotFound):
        v2.acquirer("10", "1399995")
