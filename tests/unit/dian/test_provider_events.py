"""RADIAN events declared to DIAN directly, by either side of an invoice."""

import re
from typing import Any

import pytest

from cauce.domain.document import Kind
from cauce.domain.errors import InvalidDocument, NotFound, NotSent, OutcomeUnknown
from cauce.domain.event import Event, EventCode, EventPerson
from cauce.domain.outcome import Accepted, Rejected
from cauce.providers.dian.provider import Dian
from cauce.providers.dian.soap import Service
from tests.simulators.dian import DianSimulator
from tests.unit.dian.builders import BUYER, CUFE, ISSUER, a_document
from tests.unit.dian.talking import connected, emit, on_credit, record

# Events --------------------------------------------------------------------------------------------

PERSON = EventPerson(identification_type="13", identification="71234567", names="Ana", last_names="Díaz")


def event(code: str, cufe: str) -> Event:
    return Event(
        code=EventCode(code),
        invoice_uuid=cufe,
        person=PERSON if code in ("030", "032") else None,
        claim_code="02" if code == "031" else None,
        sworn_note="Bajo juramento: no hubo respuesta." if code == "034" else None,
    )


@pytest.fixture
def cufe(provider: Dian) -> str:
    """Of an invoice on credit that the buyer has received."""
    outcome = emit(provider, record(a_document(payment=on_credit())))
    assert isinstance(outcome, Accepted) and outcome.uuid
    return outcome.uuid


@pytest.fixture
def buyer(dian: DianSimulator) -> Dian:
    return connected(dian, BUYER.identification)


def declare(provider: Dian, code: str, cufe: str, consecutive: int = 1, **changes: Any) -> Any:
    return emit(provider, record(event(code, cufe), consecutive, **changes))


@pytest.mark.parametrize("last", ["033", "031"])
def test_the_buyer_declares_030_032_and_then_accepts_or_claims(last: str, cufe: str, buyer: Dian):
    outcomes = [declare(buyer, code, cufe, n) for n, code in enumerate(("030", "032", last), 1)]

    assert all(isinstance(outcome, Accepted) for outcome in outcomes), outcomes
    seen = buyer.events(cufe)
    assert [(each.code, each.uuid) for each in seen] == [
        (code, outcome.uuid) for code, outcome in zip(("030", "032", last), outcomes, strict=True)
    ]
    assert {(each.sender, each.receiver) for each in seen} == {(BUYER.identification, ISSUER.nit)}


@pytest.mark.reads_the_date
def test_the_issuer_declares_tacit_acceptance_once_the_days_have_passed(
    cufe: str, buyer: Dian, provider: Dian, dian: DianSimulator
):
    declare(buyer, "030", cufe, 1)
    declare(buyer, "032", cufe, 2)
    early = declare(provider, "034", cufe, 3)
    dian.age_events(days=9)

    late = declare(provider, "034", cufe, 4)

    assert isinstance(early, Rejected) and early.rejections[0].rule == "LGC14"
    assert isinstance(late, Accepted), late


def test_an_event_out_of_order_is_rejected(cufe: str, buyer: Dian):
    outcome = declare(buyer, "033", cufe)

    assert isinstance(outcome, Rejected)
    assert {m.rule for m in outcome.rejections} == {"LGC12", "LGC13"}


def test_an_event_on_a_cash_invoice_is_refused_before_it_is_sent(
    provider: Dian, buyer: Dian, dian: DianSimulator
):
    paid = emit(provider, record(a_document()))
    assert paid.uuid

    with pytest.raises(InvalidDocument, match="LGC62"):
        declare(buyer, "030", paid.uuid)
    assert dian.documents_received == 1


def test_an_event_that_dian_has_already_is_done(cufe: str, buyer: Dian):
    first = declare(buyer, "030", cufe, 1)
    again = declare(buyer, "030", cufe, 2)

    assert isinstance(again, Accepted)
    assert again.uuid == first.uuid


def test_of_an_event_that_dian_has_already_the_history_of_another_invoice_tells_nothing(
    cufe: str, buyer: Dian, provider: Dian, monkeypatch: pytest.MonkeyPatch
):
    other = emit(provider, record(a_document(payment=on_credit()), 990_000_002))
    assert other.uuid
    declare(buyer, "030", cufe, 1)
    declare(buyer, "030", other.uuid, 2)
    ask = Service.ask

    def of_the_other(self: Service, operation: str, arguments: dict[str, str]) -> Any:
        asked = {"trackId": other.uuid} if operation == "GetStatusEvent" else arguments
        return ask(self, operation, asked)

    monkeypatch.setattr(Service, "ask", of_the_other)

    with pytest.raises(OutcomeUnknown, match="otra factura"):
        declare(buyer, "030", cufe, 3)


def test_only_the_buyer_declares_what_is_the_buyer_s(cufe: str, provider: Dian):
    with pytest.raises(InvalidDocument, match="recibió"):
        declare(provider, "030", cufe)


def test_an_event_on_an_invoice_that_dian_does_not_have_is_refused_before_it_is_sent(
    buyer: Dian, dian: DianSimulator
):
    with pytest.raises(InvalidDocument):
        declare(buyer, "030", CUFE)

    assert [seen.path.rpartition("/")[2] for seen in dian.requests] == ["GetXmlByDocumentKey"]


def test_an_event_waits_for_an_invoice_whose_file_dian_has_not_published(
    cufe: str, buyer: Dian, dian: DianSimulator
):
    dian.answer_next("206", operation="GetXmlByDocumentKey")

    with pytest.raises(NotSent):
        declare(buyer, "030", cufe)

    assert isinstance(declare(buyer, "030", cufe), Accepted)


def test_the_history_of_something_else_is_refused(provider: Dian, dian: DianSimulator):
    found = emit(provider, record(a_document(Kind.SUPPORT_DOCUMENT)))
    assert found.uuid

    with pytest.raises(InvalidDocument):
        provider.events(found.uuid)
    with pytest.raises(NotFound):
        provider.events(CUFE)


def test_an_event_s_number_is_letters_and_digits_and_its_own(cufe: str, buyer: Dian, dian: DianSimulator):
    declare(buyer, "030", cufe, 1)
    declare(buyer, "032", cufe, 2)

    numbers = [v.number for v in dian.documents if v.kind == "event"]
    assert len(set(numbers)) == 2
    assert all(re.fullmatch("[A-Z0-9]{1,20}", number) for number in numbers)
