"""DIAN is out: an invoice becomes one of type 04, good without DIAN, and DIAN has one document in the end."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

import httpx
import pytest
from pydantic import SecretStr

from cauce.aws import items, keys
from cauce.contracts.v1 import contract, render
from cauce.domain.document import Kind
from cauce.domain.errors import CredentialsRejected, Held, NotFound, OutcomeUnknown
from cauce.domain.issuer import Issuer
from cauce.domain.outage import Failure
from cauce.domain.outcome import Identity, Rejected
from cauce.domain.record import Record, State
from cauce.domain.time import bogota
from cauce.emission import sending
from cauce.exchange import consultation, contingency
from cauce.gateway import Gateway
from cauce.intake import documents
from cauce.providers import http
from cauce.providers.dian.provider import Dian
from cauce.reading import delivery
from cauce.ubl.certificate import enrolled
from cauce.verification.document import verify
from cauce.verification.identifier import Secrets
from cauce.verification.report import Verdict
from tests import dian_issuers, stack
from tests.dian_issuers import SUPPLIER
from tests.documents import invoice, note, support_document, ticket
from tests.flow.conftest import Clock
from tests.flow.killed import killed
from tests.quick_boto3 import own
from tests.records import noted
from tests.settling import settle_due
from tests.simulators.dian import DianSimulator
from tests.simulators.dian.accounts import TEST_KEY
from tests.simulators.dian.document import Document
from tests.simulators.dian.pki import trusted
from tests.stack import breaker_of
from tests.unit.contracts.examples import BASE_URL
from tests.unit.dian import builders
from tests.unit.dian.oracles import parsed, schema_errors, text, texts
from tests.unit.dian.talking import account

NIT = builders.ISSUER.nit


@pytest.fixture
def enrol(gateway: Gateway, dian: DianSimulator) -> Callable[..., Issuer]:
    """An issuer enrolled at DIAN, with more settings: ``enrol(contingency="off")``; again, to change them."""

    def made(**settings: str) -> Issuer:
        found = dian_issuers.issuer(dian, number=1)
        found = found.model_copy(update={"settings": {"dian": {**found.settings["dian"], **settings}}})
        gateway.issuers.save(found)
        return found

    return made


@pytest.fixture
def issuer(gateway: Gateway, dian: DianSimulator, enrol: Callable[..., Issuer]) -> Issuer:
    found = enrol()
    dian_issuers.connect(gateway, found)
    return found


@pytest.fixture
def in_contingency(issuer: Issuer, dian: DianSimulator, posted: Any, let_pass: Any) -> Record:
    """An invoice that was sent into an outage, which goes on."""
    dian.go_out(503)
    kept = let_pass(posted(), minutes=10)
    assert kept.in_contingency, kept.steps
    return kept


@pytest.fixture
def outlived(issuer: Issuer, dian: DianSimulator, posted: Any, let_pass: Any) -> Any:
    """POST an invoice that DIAN gets, and answers with an error; it goes out, and is back: the record as it was in doubt,
    and as it was issued meanwhile.
    """

    def made() -> tuple[Record, Record]:
        dian.answer_next(503, stored=True)
        doubtful = posted()
        dian.go_out(503)
        issued = let_pass(doubtful, minutes=10)
        assert issued.in_contingency, issued.steps
        dian.come_back()
        return doubtful, issued

    return made


def hold(gateway: Gateway) -> None:
    """Somebody else has just tried in vain, so nobody tries now: the breaker is open."""
    rules = gateway.provider(gateway.issuers.read(NIT), "dian").capabilities.contingency
    gateway.outages.failed("dian", NIT, failure=Failure.ERROR, rules=rules, now=gateway.now())
    breaker = breaker_of(gateway, NIT, "dian")
    with suppress(Held):
        while True:
            breaker.admit()
            with suppress(OutcomeUnknown), breaker.listening():
                raise OutcomeUnknown("503")


def assert_one_document(gateway: Gateway, dian: DianSimulator, kept: Record, type_code: str) -> None:
    """Accepted, and what DIAN has, of this type, is what is archived; its number was used once."""
    assert kept.state is State.ACCEPTED, kept.steps
    (verdict,) = [found for found in dian.documents if found.number == str(kept.number)]
    xml = gateway.archive.read(kept.signed_xml or "")
    document = Document(xml)
    assert xml == verdict.content
    assert dian_issuers.is_verified(xml)
    assert (document.type_code, document.uuid) == (type_code, kept.uuid)
    assert verdict.uuid == kept.uuid


def sent(dian: DianSimulator) -> list[Any]:
    """What DIAN was asked to take, oldest first."""
    return [seen for seen in dian.requests if "/Send" in seen.path]


# The same bytes


def test_what_is_proved_absent_goes_again_as_it_was_though_certificate_and_settings_changed(
    gateway, issuer, dian, posted, clock
):
    dian.lose_next_answer(stored=False)
    kept = posted()
    other = trusted().grant(NIT, "EMPRESA")
    certificate = enrolled(other.pkcs12("x"), SecretStr("x"), NIT, datetime.now(UTC))

    def renewed(found: Issuer, name: str) -> Dian:
        before = gateway.provider(found, name).connection
        party = found.party.model_copy(update={"address": "Calle 1 # 2-3"})
        return Dian(
            replace(
                before,
                issuer=found.model_copy(update={"party": party}),
                credentials={
                    **before.credentials,
                    "certificate": certificate,
                    "software_pin": SecretStr("9"),
                },
            )
        )

    container = replace(gateway, provider=renewed)
    for _ in range(8):
        clock.advance(minutes=2)
        kept = sending.emit(container, container.records.read(NIT, kept.document_id))

    first, second = dian_issuers.files_sent(dian)
    assert first == second
    assert_one_document(gateway, dian, kept, "01")


def test_what_dian_had_and_broke_down_on_goes_again_as_it_was(gateway, issuer, dian, posted, let_pass):
    dian.answer_next("PLGNS")
    kept = posted()
    party = issuer.party.model_copy(update={"address": "Calle 1 # 2-3"})
    gateway.issuers.save(issuer.model_copy(update={"party": party}))

    after = let_pass(kept, minutes=5)

    first, second = dian_issuers.files_sent(dian)
    assert (kept.state, after.state) == (State.RECEIVED, State.ACCEPTED)
    assert first == second


def test_what_never_arrived_is_made_anew(gateway, issuer, dian, posted, let_pass, monkeypatch):
    with refused():
        kept = posted()
    before = gateway.archive.sent_request(kept).body
    party = issuer.party.model_copy(update={"address": "Calle 1 # 2-3"})
    gateway.issuers.save(issuer.model_copy(update={"party": party}))

    after = let_pass(kept, minutes=5)

    assert kept.sent_as is None
    assert after.state is State.ACCEPTED
    assert gateway.archive.sent_request(after).body != before


@contextmanager
def refused() -> Iterator[None]:
    """Nobody connects: proof that nothing left."""

    def refuse(_: Any, request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("connection refused", request=request)

    with patch.object(httpx.HTTPTransport, "handle_request", refuse):
        yield


# Issued in contingency


def test_an_invoice_that_was_sent_into_an_outage_becomes_type_04_with_its_number_and_is_deliverable(
    gateway, issuer, dian, posted, let_pass, call
):
    dian.go_out(503)
    doubtful = posted()
    first_cufe = doubtful.uuid

    kept = let_pass(doubtful, minutes=10)

    answer = call("GET", f"/documentos/{kept.document_id}").json
    xml = call("GET", f"/documentos/{kept.document_id}/xml")
    document = Document(xml.text.encode())
    assert answer["estado"] == "pendiente"
    assert answer["contingencia"] == {
        "tipo": "04",
        "desde": kept.contingency.since.isoformat(),
        "limite": None,
        "cufe": kept.uuid,
        "cufe_ordinaria": first_cufe,
        "vigente": True,
    }
    assert "contingencia (tipo 04)" in answer["estado_detalle"]
    assert xml.status == 200
    assert (document.type_code, document.number) == ("04", str(doubtful.number))
    assert document.uuid == answer["cufe"] != first_cufe
    assert dian_issuers.is_verified(xml.text.encode())
    assert answer["fecha_emision"] == answer["contingencia"]["desde"]


@pytest.mark.parametrize("how", [403, 500, 503, 507, 508])
def test_every_error_of_the_annex_is_an_outage(how, issuer, dian, posted, let_pass):
    dian.go_out(how)

    assert let_pass(posted(), minutes=10).in_contingency


def test_dian_is_back_and_the_very_bytes_that_were_delivered_are_what_it_gets(
    gateway, dian, in_contingency, let_pass, call
):
    delivered = call("GET", f"/documentos/{in_contingency.document_id}/xml").text
    dian.come_back()

    kept = let_pass(in_contingency)

    assert_one_document(gateway, dian, kept, "04")
    assert dian.documents[0].content.decode() == delivered
    assert dian.documents_received == 1
    answer = call("GET", f"/documentos/{kept.document_id}").json
    assert answer["estado"] == "aceptado"
    back = datetime.fromisoformat(answer["contingencia"]["limite"]) - timedelta(hours=48)
    assert kept.contingency.since < back <= kept.updated_at


def test_while_dian_is_known_to_be_out_an_invoice_is_answered_in_contingency_at_once(
    gateway, dian, in_contingency, posted, let_pass
):
    tried = len(sent(dian))
    hold(gateway)

    kept = posted(body=invoice(referencia="V-2"))

    assert (kept.state, kept.in_contingency) == (State.RECEIVED, True)
    assert kept.contingency.ordinary_uuid is None
    assert len(sent(dian)) == tried
    dian.come_back()
    assert_one_document(gateway, dian, let_pass(kept), "04")
    assert kept.number.consecutive == in_contingency.number.consecutive + 1


def test_once_the_breaker_s_wait_is_over_a_post_that_leaves_the_trial_to_others_issues_nothing(
    gateway, dian, in_contingency, posted, let_pass, clock
):
    hold(gateway)
    dian.come_back()
    clock.advance(seconds=breaker_of(gateway, NIT, "dian").wait().seconds + 5)

    kept = posted(body=invoice(referencia="V-2"))

    assert (kept.state, kept.in_contingency) == (State.RECEIVED, False)
    assert_one_document(gateway, dian, let_pass(kept), "01")


def test_on_a_failure_of_some_time_ago_nothing_is_issued_because_dian_may_be_back(
    gateway, dian, in_contingency, posted, clock
):
    hold(gateway)
    clock.advance(minutes=4)
    breaker = breaker_of(gateway, NIT, "dian")
    with suppress(Held):
        breaker.admit()  # somebody tries, and has not heard yet

    assert posted(body=invoice(referencia="V-2")).contingency is None


OTHERS = ("900373115", "800197268", "860003020")


def meet_an_outage(gateway: Gateway, clock: Clock, *others: str) -> str:
    """Other issuers' calls fail with an error of the list, one every 40 s, one more than three; the name of the host."""
    provider = gateway.provider(gateway.issuers.read(NIT), "dian")
    rules, host = provider.capabilities.contingency, provider.host()
    for n in range(4):
        clock.advance(seconds=40)
        nit = others[n % len(others)]
        breaker = breaker_of(gateway, nit, "dian", host)
        breaker.admit()
        with suppress(OutcomeUnknown), breaker.listening():
            raise OutcomeUnknown("503", failure=Failure.ERROR)
        gateway.outages.failed("dian", nit, host, failure=Failure.ERROR, rules=rules, now=clock())
    return host


def test_whom_its_host_s_breaker_holds_is_issued_in_contingency_on_what_others_met_there(
    gateway, issuer, dian, posted, let_pass, clock
):
    """A hundred issuers share one probe at a time: none of them would ever meet an outage by itself."""
    dian.go_out(503)
    meet_an_outage(gateway, clock, *OTHERS)

    kept = posted()

    assert kept.in_contingency, kept.steps
    assert sent(dian) == []
    dian.come_back()
    assert_one_document(gateway, dian, let_pass(kept), "04")


def test_its_time_runs_from_the_first_document_of_anybody_s_that_its_host_answers(
    gateway, issuer, dian, posted, clock
):
    dian.go_out(503)
    host = meet_an_outage(gateway, clock, *OTHERS)
    kept = posted()
    clock.advance(minutes=10)
    back = clock()

    gateway.outages.answered("dian", OTHERS[0], host, now=back)
    after = contingency.watched(gateway, gateway.provider(issuer, "dian"), kept)

    assert after.contingency.limit == bogota(back) + timedelta(hours=48)


def test_what_one_other_issuer_meets_by_itself_is_no_outage_for_anybody_else(
    gateway, issuer, dian, posted, clock
):
    meet_an_outage(gateway, clock, OTHERS[0])
    dian.answer_next(503)

    kept = posted()

    assert sent(dian)
    assert kept.failure is Failure.ERROR
    assert kept.contingency is None


def test_a_dian_that_nobody_reaches_is_out_after_five_attempts_two_minutes_apart(
    gateway, issuer, dian, posted, let_pass
):
    dian.declare_outage(hours=1)
    with refused():
        kept = let_pass(posted(), minutes=9)
        assert not kept.in_contingency
        kept = let_pass(kept, minutes=6)

    assert kept.in_contingency
    assert kept.contingency.ordinary_in_doubt is False
    assert_one_document(gateway, dian, let_pass(kept), "04")


def test_three_attempts_are_made_before_an_outage_is_one(issuer, dian, posted, let_pass):
    dian.go_out(503)

    kept = posted()
    while not kept.in_contingency:
        assert len(dian.requests) < 10
        kept = let_pass(kept, minutes=1)

    assert len([seen for seen in dian.requests if seen.status == 503]) == 4


def test_an_error_now_and_then_is_no_outage(issuer, dian, posted, let_pass):
    for n in range(8):
        dian.answer_next(503)
        kept = let_pass(posted(body=invoice(referencia=f"V-{n}")), minutes=6)
        assert kept.state is State.ACCEPTED
        assert kept.contingency is None


def test_what_is_no_outage_makes_no_contingency(issuer, dian, posted, let_pass):
    """A limiter, a page in place of an answer, a validator that breaks down, a certificate that is not trusted."""
    for n, how in enumerate((429, "html", "PLGNS", "untrusted", "500")):
        for _ in range(12):
            dian.answer_next(how)
        kept = let_pass(posted(body=invoice(referencia=f"V-{n}")), minutes=30, every=2)
        assert kept.contingency is None, how
        dian.faults.clear()


# Once, whatever DIAN had


def test_an_ordinary_invoice_that_had_arrived_after_all_is_the_document_and_no_other_is_sent(
    gateway, dian, let_pass, call, outlived
):
    doubtful, issued = outlived()

    kept = let_pass(issued)

    assert_one_document(gateway, dian, kept, "01")
    assert (kept.uuid, kept.issued_at) == (doubtful.uuid, doubtful.issued_at)
    assert len(sent(dian)) == 1
    assert not [seen for seen in dian.requests if seen.path.endswith("GetXmlByDocumentKey")]
    answer = call("GET", f"/documentos/{kept.document_id}").json
    assert answer["contingencia"] == {
        "tipo": "04",
        "desde": issued.contingency.since.isoformat(),
        "limite": None,
        "cufe": issued.uuid,
        "cufe_ordinaria": doubtful.uuid,
        "vigente": False,
    }
    assert issued.uuid in answer["notificaciones"][-1]["mensaje"]
    assert Document(call("GET", f"/documentos/{kept.document_id}/xml").text.encode()).uuid == doubtful.uuid


def test_where_dian_denies_the_ordinary_one_and_then_says_that_it_has_the_number_it_is_settled_as_that(
    gateway, dian, let_pass, outlived
):
    _, issued = outlived()
    for _ in range(3):
        dian.answer_next("66", operation="GetStatus")

    kept = let_pass(issued, minutes=30)

    assert [seen.path.rpartition("/")[2] for seen in sent(dian)].count("SendBillSync") == 2
    assert_one_document(gateway, dian, kept, "01")
    assert dian.documents_received == 1
    assert not kept.needs_person


def test_dian_is_asked_first_and_what_it_has_is_never_issued_anew(issuer, dian, posted, let_pass):
    dian.answer_next(503, stored=True)
    doubtful = posted()
    dian.go_out(503, operation="Send")

    kept = let_pass(doubtful, minutes=10)

    assert kept.state is State.ACCEPTED
    assert kept.contingency is None


def test_where_dian_tells_but_takes_nothing_it_is_asked_tried_again_and_then_issued(
    gateway, issuer, dian, posted, let_pass
):
    dian.go_out(500, operation="Send")

    kept = let_pass(posted(), minutes=60)

    assert kept.in_contingency
    first, second = dian_issuers.files_sent(dian)[:2]
    assert first == second
    asked = [seen.path for seen in dian.requests if seen.path.endswith("GetStatus")]
    assert len(asked) >= 6
    dian.come_back()
    assert_one_document(gateway, dian, let_pass(kept), "04")


def test_what_was_met_with_silence_waits_until_dian_can_say_whether_it_arrived(
    gateway, issuer, dian, posted, let_pass
):
    dian.lose_next_answer(stored=True)
    kept = posted()
    dian.go_out("silent")

    waiting = let_pass(kept, minutes=60)
    hold(gateway)
    later = posted(body=invoice(referencia="V-2"))

    assert (waiting.state, waiting.contingency) == (State.UNKNOWN, None)
    assert later.in_contingency
    dian.come_back()
    assert_one_document(gateway, dian, let_pass(waiting, minutes=90, every=5), "01")


def test_silence_too_is_enough_where_the_issuer_follows_all_of_the_annex(
    gateway, issuer, dian, enrol, posted, let_pass
):
    enrol(contingency_in_doubt="error,silence")
    dian.go_out("silent")

    kept = let_pass(posted(), minutes=60)

    assert kept.in_contingency
    assert kept.contingency.ordinary_in_doubt
    dian.come_back()
    assert_one_document(gateway, dian, let_pass(kept, minutes=90, every=5), "04")


# A caller that waits for less than DIAN may take


@contextmanager
def impatient() -> Iterator[None]:
    """What does not answer is waited for no longer, as inside a request after 26 seconds."""
    with patch.object(http, "is_impatient", lambda: True):
        yield


def test_a_dian_that_takes_nothing_from_callers_who_wait_is_out_though_none_waits_for_a_minute(
    gateway, issuer, dian, posted, clock
):
    dian.go_out("silent", operation="Send")
    rules = gateway.provider(issuer, "dian").capabilities.contingency

    for n in range(6):
        with impatient():
            doubtful = posted(body=invoice(referencia=f"V-{n}"))
        clock.advance(minutes=1)
        known = gateway.outages.read("dian", NIT).get(NIT)
        assert known is None or not known.is_established(rules, gateway.now())
        asked = consultation.ask(gateway, doubtful)
        clock.advance(minutes=1)

    assert (doubtful.failure, asked.absences) == (Failure.CUT_SHORT, 1)
    assert gateway.outages.read("dian", NIT).get(NIT).is_established(rules, gateway.now())


def test_a_dian_that_is_slower_than_a_caller_waits_and_has_what_it_was_sent_is_not_out(
    gateway, issuer, dian, posted, clock
):
    for n in range(2):
        dian.lose_next_answer(stored=True)
        with impatient():
            doubtful = posted(body=invoice(referencia=f"V-{n}"))
        clock.advance(minutes=2)
        assert consultation.ask(gateway, doubtful).state is State.ACCEPTED

    assert gateway.outages.read("dian", NIT).get(NIT) is None


def test_one_sending_that_was_cut_short_is_one_silence_however_often_dian_says_that_it_lacks_it(
    gateway, issuer, dian, posted, clock
):
    dian.lose_next_answer(stored=False)
    with impatient():
        kept = doubtful = posted()

    for _ in range(3):
        clock.advance(minutes=3)
        kept = consultation.ask(gateway, kept)

    outage = gateway.outages.read("dian", NIT).get(NIT)
    assert (kept.state, outage.misses, outage.failed_at) == (State.RECEIVED, 1, doubtful.sent_at)


def test_a_dian_that_hangs_for_everything_is_noticed_through_a_document_whose_caller_did_not_wait(
    gateway, dian, issuer, enrol, posted, let_pass
):
    enrol(contingency_in_doubt="error,silence")
    dian.go_out("silent")
    with impatient():
        doubtful = posted()

    kept = let_pass(doubtful, minutes=60, every=2)

    assert kept.in_contingency, kept.steps
    dian.come_back()
    assert_one_document(gateway, dian, let_pass(kept, minutes=60, every=5), "04")


def test_an_ordinary_one_that_dian_had_rejected_leaves_its_number_to_the_one_in_contingency(
    gateway, dian, let_pass, outlived
):
    dian.reject_next("FAK24", "DV del NIT del adquiriente errado")
    _, issued = outlived()

    assert_one_document(gateway, dian, let_pass(issued), "04")


def test_a_rejection_of_another_document_leaves_the_ordinary_one_in_doubt_and_nothing_is_sent(
    dian, let_pass, monkeypatch, outlived
):
    _, issued = outlived()
    monkeypatch.setattr(Dian, "consult", lambda *_: Rejected(about=Identity(uuid="b" * 96)))

    after = let_pass(issued)

    assert (after.state, after.needs_person) == (State.UNKNOWN, True)
    assert after.contingency.ordinary_in_doubt
    assert len(sent(dian)) == 1


@pytest.fixture
def a_note(call: Any, clock: Clock) -> Any:
    """What a note of today on a number and a CUFE is told: status, and the fields that are refused."""

    def made(number: str, uuid: str) -> tuple[int, list[str]]:
        body = note(number, uuid, fecha=bogota(clock()).date().isoformat(), codigo="1")
        body["factura_referencia"]["fecha"] = "2020-02-29"
        answer = call("POST", "/notas-credito?validar=solo", body)
        return answer.status, list(answer.json.get("errors") or {})

    return made


@pytest.mark.reads_the_date
def test_a_note_on_what_waits_in_contingency_is_held_to_its_number_by_its_cufe(in_contingency, a_note):
    assert a_note(str(in_contingency.number), in_contingency.uuid) == (200, [])
    assert a_note("OTRA1", in_contingency.uuid) == (422, ["factura_referencia.numero"])


def test_a_note_on_what_waits_in_contingency_waits_with_it_and_both_go_when_dian_is_back(
    gateway, dian, in_contingency, posted, let_pass
):
    today = bogota(in_contingency.issued_at).date().isoformat()
    written = note(str(in_contingency.number), in_contingency.uuid, fecha=today, codigo="1")

    waiting = let_pass(posted("/notas-credito", written), minutes=10)
    dian.come_back()
    kept = let_pass(waiting, minutes=60, every=3)

    assert waiting.state in (State.RECEIVED, State.UNKNOWN)
    sold = gateway.records.read(NIT, in_contingency.document_id)
    assert (sold.state, kept.state) == (State.ACCEPTED, State.ACCEPTED), kept.steps


@pytest.mark.reads_the_date
def test_of_the_two_cufes_of_an_ordinary_invoice_that_had_arrived_after_all_the_void_one_has_no_note(
    let_pass, a_note, outlived
):
    doubtful, issued = outlived()
    kept = let_pass(issued)
    assert (kept.state, kept.uuid) == (State.ACCEPTED, doubtful.uuid)

    assert a_note("OTRA1", issued.uuid) == (422, ["factura_referencia.cufe"])
    assert a_note("OTRA1", kept.uuid) == (422, ["factura_referencia.numero"])
    assert a_note(str(kept.number), kept.uuid) == (200, [])


def test_two_workers_issue_it_once_and_what_is_archived_is_what_the_record_says(
    gateway, dian, in_contingency, let_pass, monkeypatch
):
    """The other comes in while the first has archived its own and not yet written it down."""
    record = documents.take_in(
        gateway, gateway.issuers.read(NIT), contract.document(Kind.INVOICE, invoice()), "h"
    )[0]
    archive_request, others = type(gateway.archive).request, []

    def beside(archive: Any, kept: Record, request: Any) -> None:
        archive_request(archive, kept, request)
        if not others:
            others.append(None)
            others[0] = sending.emit(gateway, gateway.records.read(NIT, record.document_id))

    monkeypatch.setattr(type(gateway.archive), "request", beside)
    hold(gateway)

    mine = sending.emit(gateway, gateway.records.read(NIT, record.document_id))

    now = gateway.records.read(NIT, record.document_id)
    assert others[0].in_contingency
    assert mine == now == others[0]
    assert Document(gateway.archive.read(now.signed_xml)).uuid == now.uuid
    dian.come_back()
    assert_one_document(gateway, dian, let_pass(now), "04")


def test_what_waits_keeps_its_bytes_though_nobody_can_be_called_for_a_while(
    gateway, issuer, dian, in_contingency, posted, let_pass
):
    """Turned away before it was sent, as by a secret that is missing, it is what was delivered still."""
    hold(gateway)
    issued = posted(body=invoice(referencia="V-2"))
    delivered = gateway.archive.read(issued.signed_xml)
    broken = replace(gateway, provider=refusing)

    turned_away = sending.emit(broken, broken.records.read(NIT, issued.document_id))
    party = issuer.party.model_copy(update={"address": "Calle 1 # 2-3"})
    gateway.issuers.save(issuer.model_copy(update={"party": party}))

    assert (turned_away.state, turned_away.sent_as) == (State.RECEIVED, issued.sent_as)
    dian.come_back()
    kept = let_pass(issued)
    assert_one_document(gateway, dian, kept, "04")
    assert delivered in [found.content for found in dian.documents]


def refusing(_: Issuer, __: str) -> Dian:
    raise CredentialsRejected("Falta la credencial de la DIAN: certificate.")


def test_in_the_second_of_the_ordinary_one_nothing_is_issued_as_both_would_have_one_cufe(
    gateway, in_contingency, clock
):
    rules = gateway.provider(gateway.issuers.read(NIT), "dian").capabilities.contingency
    ordinary = in_contingency.model_copy(
        update={"contingency": None, "issued_at": bogota(clock()), "failure": Failure.ERROR, "checks": 1}
    )

    assert not contingency.may_be_issued(ordinary, rules, ordinary.issued_at)
    assert contingency.may_be_issued(ordinary, rules, ordinary.issued_at + timedelta(seconds=1))


# A person decides


@pytest.fixture
def late(gateway: Gateway, dian: DianSimulator, posted: Any, let_pass: Any, clock: Clock) -> Any:
    """Nearly at its deadline, the ordinary one in doubt still, so that a person was called."""

    def made(kept: Record) -> Record:
        dian.come_back()
        clock.advance(minutes=15)
        posted(body=invoice(referencia="back"))
        dian.go_out(503)
        clock.advance(hours=37)
        kept = let_pass(kept, minutes=4, every=2)
        assert (kept.state, kept.needs_person) == (State.UNKNOWN, True), kept.steps
        return kept

    return made


def test_reenviar_sends_the_one_in_contingency_and_from_then_on_that_is_asked_about(
    gateway, issuer, dian, posted, late, let_pass, call, drain
):
    """DIAN is slow to decide on it, and had rejected the ordinary one: the two are not mistaken for each other."""
    dian.reject_next("FAK24", "DV del NIT del adquiriente errado")
    dian.answer_next(503, stored=True)
    doubtful = posted()
    dian.go_out(503)
    kept = late(let_pass(doubtful, minutes=10))
    dian.come_back()
    decision = {"accion": "reenviar", "motivo": "La DIAN ya volvió."}
    assert call("POST", f"/documentos/{kept.document_id}/resolver", decision).status == 200
    closed = "REMOVE failures, failed_at, open_until, opened, list_pk, list_sk"
    stack.table().update(keys.calls(NIT, "dian"), closed, {})
    dian.slow_next(asks=2)
    drain()
    pending = gateway.records.read(NIT, kept.document_id)

    assert pending.state is State.PENDING
    assert pending.doubtful_uuid == pending.uuid == kept.uuid
    assert_one_document(gateway, dian, let_pass(kept), "04")


@pytest.mark.parametrize("had", ["04", "01", "nothing"])
def test_what_was_discarded_in_doubt_and_is_asked_for_again_goes_as_it_was_delivered(
    gateway, issuer, dian, posted, late, let_pass, call, had
):
    """Whichever DIAN turns out to have, it is known by the record that asks for it."""
    dian.answer_next(503, stored=had == "01")
    doubtful = posted(body=invoice(referencia="V-1"))
    dian.go_out(503)
    kept = let_pass(doubtful, minutes=10)
    if had == "04":
        dian.come_back()
        gateway.provider(issuer, "dian").send(gateway.archive.sent_request(kept, kept.sent_as))
        dian.go_out(503)
    kept = kept if had != "nothing" else late(kept)
    kept = gateway.records.save(noted(kept, "deadline near", gateway.now(), needs_person=True))
    decision = {"accion": "descartar", "motivo": "Se factura en otra parte."}
    assert call("POST", f"/documentos/{kept.document_id}/resolver", decision).json["estado"] == "fallido"
    assert call("GET", f"/documentos/{kept.document_id}/xml").status == 404
    dian.come_back()

    again = call("POST", "/documentos", invoice(referencia="V-1"))

    assert again.json["data"]["tracking_id"] == kept.document_id
    settled = let_pass(kept)
    assert_one_document(gateway, dian, settled, "01" if had == "01" else "04")
    assert settled.uuid == (doubtful.uuid if had == "01" else kept.uuid)


# What the buyer receives


def test_while_it_waits_the_buyer_receives_it_in_a_container_without_dians_answer(
    gateway, dian, in_contingency, let_pass, call
):
    path = f"/documentos/{in_contingency.document_id}/xml"
    heard = len(dian.requests)

    delivered = call("GET", f"{path}?contenedor=1")

    assert delivered.status == 200
    assert len(dian.requests) == heard
    container = delivered.text.encode()
    assert dian_issuers.is_verified(container)
    assert schema_errors(container) == []
    enclosed = "/*/cac:Attachment/cac:ExternalReference/cbc:Description"
    answer = f"/*/cac:ParentDocumentLineReference/cac:DocumentReference{enclosed.removeprefix('/*')}"
    assert text(parsed(container), enclosed) == call("GET", path).text
    assert texts(parsed(container), answer) == []
    secrets = Secrets(pin=SecretStr(account(NIT).pin), technical_key=SecretStr(TEST_KEY))
    report = verify(container, secrets)
    assert [document.is_right for document in report.enclosed] == [True]
    assert not any(check.verdict is Verdict.WRONG for part in report.sections for check in part.checks)
    dian.come_back()
    let_pass(in_contingency)
    validated = verify(call("GET", f"{path}?contenedor=1").text.encode(), secrets)
    assert len(validated.enclosed) == 2


# Killed anywhere


def established(gateway: Gateway, dian: DianSimulator, clock: Clock) -> None:
    """DIAN is out, and known to be."""
    dian.go_out(503)
    rules = gateway.provider(gateway.issuers.read(NIT), "dian").capabilities.contingency
    for _ in range(4):
        clock.advance(seconds=6)
        gateway.outages.failed("dian", NIT, failure=Failure.ERROR, rules=rules, now=clock())


@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_at_any_side_effect_of_issuing_it_one_document_comes_of_it(
    gateway, issuer, dian, let_pass, clock, when
):
    """From a record in doubt, asked about in vain: claim, archive twice, write down."""
    kills = 0
    for at in range(1, 20):
        dian.come_back()
        dian.answer_next(503)
        document = contract.document(Kind.INVOICE, invoice(referencia=f"K-{when}-{at}"))
        record = documents.take_in(gateway, issuer, document, "h")[0]
        record = sending.emit(gateway, gateway.records.read(NIT, record.document_id))
        assert record.state is State.UNKNOWN
        established(gateway, dian, clock)
        clock.advance(seconds=40)
        with killed(at, when) as effects:
            consultation.ask(gateway, record)
        told = gateway.records.read(NIT, record.document_id)
        kept = let_pass(told, minutes=3)
        assert kept.in_contingency, (at, kept.steps)
        if told.in_contingency:
            assert kept.uuid == told.uuid
        dian.come_back()
        assert_one_document(gateway, dian, let_pass(kept, minutes=12), "04")
        if "dead" not in effects:
            break
        kills += 1

    assert kills >= 5


@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_at_any_side_effect_of_transmitting_it_one_document_comes_of_it(
    gateway, issuer, dian, posted, let_pass, clock, when
):
    kills = 0
    for at in range(1, 20):
        document = contract.document(Kind.INVOICE, invoice(referencia=f"T-{when}-{at}"))
        record = documents.take_in(gateway, issuer, document, "h")[0]
        established(gateway, dian, clock)
        while not record.in_contingency:
            record = let_pass(record, minutes=1)
        dian.come_back()
        clock.advance(minutes=15)
        with killed(at, when) as effects:
            for _ in range(8):
                clock.advance(minutes=2)
                sending.emit(gateway, gateway.records.read(NIT, record.document_id))
        kept = let_pass(record, minutes=20)
        assert_one_document(gateway, dian, kept, "04")
        assert kept.uuid == record.uuid
        if "dead" not in effects:
            break
        kills += 1

    assert kills >= 5


# What only waits


def test_notes_support_documents_tickets_and_events_wait_and_go_as_they_are_when_dian_is_back(
    gateway, issuer, dian, posted, let_pass
):
    sold = posted()
    cufe = dian_issuers.sold_on_credit(dian, SUPPLIER, NIT)
    today = sold.issued_at.date().isoformat()
    dian.go_out(503)
    let_pass(posted(body=invoice(referencia="V-2")), minutes=10)

    waiting = [
        posted("/notas-credito", note(str(sold.number), sold.uuid, fecha=today)),
        posted("/notas-debito", note(str(sold.number), sold.uuid, fecha=today, codigo="3")),
        posted("/documentos-soporte", support_document()),
        posted("/eventos", dian_issuers.acknowledgement(cufe)),
        posted("/documentos-equivalentes", ticket()),
    ]
    let_pass(waiting[0], minutes=30, every=2)
    still = [gateway.records.read(NIT, kept.document_id) for kept in waiting]
    dian.come_back()
    let_pass(waiting[0], minutes=60, every=3)

    assert {kept.state for kept in still} <= {State.RECEIVED, State.UNKNOWN}
    assert all(kept.contingency is None for kept in still)
    after = [gateway.records.read(NIT, kept.document_id) for kept in waiting]
    assert {kept.state for kept in after} == {State.ACCEPTED}
    with pytest.raises(NotFound):
        delivery.signed_xml(gateway, still[0])


@pytest.mark.reads_the_date
def test_an_export_and_an_invoice_of_a_day_of_its_own_wait_too(gateway, in_contingency, enrol, posted, clock):
    enrol(other_dates="allow")
    hold(gateway)
    yesterday = (bogota(clock()) - timedelta(days=1)).date().isoformat()
    today = bogota(clock()).date().isoformat()

    assert not posted(body=invoice(factura={"tipo": "02"})).contingency
    assert not posted(body=invoice(factura={"fecha": yesterday})).contingency
    assert posted(body=invoice(factura={"fecha": today})).in_contingency


def test_switched_off_everything_waits(gateway, issuer, dian, enrol, posted, let_pass):
    enrol(contingency="off")
    dian.go_out(503)
    kept = let_pass(posted(), minutes=30, every=2)

    assert (kept.state, kept.contingency) == (State.UNKNOWN, None)
    dian.come_back()
    assert_one_document(gateway, dian, let_pass(kept, minutes=60, every=3), "01")


@pytest.fixture
def switched_off(in_contingency: Record, enrol: Callable[..., Issuer]) -> None:
    """While one waits."""
    enrol(contingency="off")


def test_switched_off_while_one_waits_it_has_its_deadline_and_goes_out(
    gateway, dian, in_contingency, switched_off, answered_once, let_pass
):
    before, after = answered_once

    kept = let_pass(in_contingency, minutes=15)

    assert kept.state in (State.UNKNOWN, State.RECEIVED)
    assert before <= kept.contingency.limit - timedelta(hours=48) <= after
    dian.come_back()
    assert_one_document(gateway, dian, let_pass(kept, minutes=60, every=3), "04")


def test_thresholds_are_the_issuers_settings(gateway, issuer, dian, enrol, posted, let_pass):
    enrol(contingency_error_attempts="1/5", contingency_statuses="502,503")
    dian.go_out(503)

    kept = let_pass(posted(), minutes=2)

    assert kept.in_contingency
    enrol(contingency_statuses="502")
    assert not let_pass(posted(body=invoice(referencia="V-2")), minutes=1).contingency


@pytest.mark.parametrize("is_out", [False, True])
def test_an_outage_that_a_newer_cauce_wrote_keeps_no_document_from_its_verdict_and_is_left_as_it_is(
    gateway, issuer, dian, posted, let_pass, is_out
):
    """Answered with a 503 after the document was sent, a caller without a reference would post it anew."""
    host = gateway.provider(issuer, "dian").host()
    schema = items.SCHEMA + 1
    written = [
        items.pack({**keys.outage(whose, "dian"), "version": 7, "schema": schema, "data": "of a newer form"})
        for whose in (NIT, host)
    ]
    client = own("dynamodb")
    for item in written:
        client.put_item(TableName="cauce", Item=item)
    if is_out:
        dian.go_out(503)

    record = let_pass(posted(), minutes=10) if is_out else posted()

    assert record.contingency is None
    assert (record.state is State.ACCEPTED) is not is_out
    for item in written:
        key = {"pk": item["pk"], "sk": item["sk"]}
        assert client.get_item(TableName="cauce", Key=key)["Item"] == item


# The clock


@pytest.fixture
def answered_once(
    dian: DianSimulator, in_contingency: Record, posted: Any, clock: Clock
) -> tuple[datetime, datetime]:
    """DIAN was back for one invoice, and is out again: the moments between which it answered."""
    dian.come_back()
    clock.advance(minutes=15)
    before = clock().replace(microsecond=0)  # as deadlines are kept
    assert posted(body=invoice(referencia="V-2")).state is State.ACCEPTED
    after = clock()
    dian.go_out(503)
    return before, after


def test_the_deadline_runs_from_dians_return_and_is_on_the_record_of_who_still_waits(
    in_contingency, answered_once, let_pass
):
    before, after = answered_once

    kept = let_pass(in_contingency, minutes=15)

    assert kept.state in (State.UNKNOWN, State.RECEIVED)
    assert before <= kept.contingency.limit - timedelta(hours=48) <= after
    shown = render.of_record(kept, BASE_URL)["contingencia"]["limite"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d-05:00", shown)


def test_a_deadline_that_comes_near_calls_a_person_and_one_that_is_missed_is_not_given_up(
    gateway, dian, in_contingency, answered_once, let_pass, clock, call
):
    kept = let_pass(in_contingency, minutes=15)
    assert not kept.needs_person

    clock.advance(hours=37)
    kept = let_pass(kept, minutes=4, every=2)
    assert kept.needs_person
    assert "una persona" in call("GET", f"/documentos/{kept.document_id}").json["estado_detalle"]

    clock.advance(hours=60)
    kept = let_pass(kept, minutes=4, every=2)
    assert contingency.is_late(kept, clock())
    assert kept.state in (State.UNKNOWN, State.RECEIVED)
    dian.come_back()
    settled = let_pass(kept, minutes=130, every=10)
    assert_one_document(gateway, dian, settled, "04")
    assert not settled.needs_person


def test_what_was_delivered_is_never_given_up_however_long_nobody_is_reached(
    gateway, dian, in_contingency, posted, let_pass, clock
):
    hold(gateway)
    kept = posted(body=invoice(referencia="V-2"))
    clock.advance(days=5)
    with refused():
        kept = sending.emit(gateway, gateway.records.read(NIT, kept.document_id))
    dian.come_back()

    assert (kept.state, kept.in_contingency) == (State.RECEIVED, True)
    assert kept.steps[-1].detail == "No se pudo conectar con la DIAN."
    assert_one_document(gateway, dian, let_pass(kept, minutes=60, every=3), "04")


@pytest.mark.reads_the_date
def test_the_schedule_says_how_many_are_late(gateway, in_contingency, answered_once, clock):
    clock.advance(hours=40)

    sweep = settle_due(gateway)

    assert sweep.contingencies_late == 1


def test_the_queue_says_it_too_of_those_that_it_holds_back(
    gateway, dian, in_contingency, posted, clock, drain, capsys
):
    hold(gateway)
    posted(body=invoice(referencia="V-2"))
    dian.come_back()
    clock.advance(minutes=15)
    posted(body=invoice(referencia="V-3"))
    clock.advance(hours=40)
    hold(gateway)
    settle_due(gateway)
    capsys.readouterr()

    drain()

    assert '"ContingenciesLate":[1.0]' in capsys.readouterr().out


# DIAN does not count it as an outage


def test_what_dian_does_not_call_an_outage_is_rejected_and_goes_as_ordinary_when_asked_again(
    gateway, issuer, dian, posted, let_pass, call
):
    dian.go_out(503, is_declared=False)
    issued = let_pass(posted(body=invoice(referencia="V-1")), minutes=10)
    dian.come_back()
    rejected = let_pass(issued)
    answer = call("GET", f"/documentos/{rejected.document_id}").json

    assert issued.in_contingency
    assert (answer["estado"], answer["rechazos"][0]["regla"]) == ("rechazado", "CTG01")
    assert answer["contingencia"]["vigente"] is False
    assert call("GET", f"/documentos/{rejected.document_id}/xml").status == 404

    again = posted(body=invoice(referencia="V-1"))

    assert again.document_id == issued.document_id
    assert again.number == issued.number
    assert again.contingency is None
    assert_one_document(gateway, dian, again, "01")


# Many at once


def test_all_that_was_issued_goes_out_by_itself_when_dian_is_back(
    gateway, dian, in_contingency, posted, let_pass, monkeypatch
):
    hold(gateway)
    issued = [posted(body=invoice(referencia=f"M-{n}")) for n in range(12)]
    assert all(kept.in_contingency for kept in issued)
    let_pass(in_contingency)
    dian.come_back()
    heard = len(dian.requests)

    let_pass(in_contingency, minutes=45)

    after = [gateway.records.read(NIT, kept.document_id) for kept in (in_contingency, *issued)]
    for kept in after:
        assert_one_document(gateway, dian, kept, "04")
    numbers = sorted(kept.number.consecutive for kept in after)
    assert numbers == list(range(numbers[0], numbers[0] + 13))
    assert dian.documents_received == 13
    assert len(dian.requests) - heard < 40
