"""DIAN refuses the certificate that signs: the issuer's other one signs from then on, and nothing is lost or sent twice."""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest
from cryptography import x509
from pydantic import SecretStr

from cauce import wiring
from cauce.aws.failures import SharedRefusals
from cauce.aws.settings import Settings
from cauce.domain.issuer import Issuer
from cauce.domain.record import Record, State
from cauce.emission import sending
from cauce.gateway import Gateway
from cauce.numbering.sync import sync_ranges
from cauce.ubl.certificate import enrolled
from tests import dian_issuers, stack
from tests.documents import invoice
from tests.flow.conftest import Clock
from tests.simulators.dian import DianSimulator
from tests.simulators.dian.document import Document
from tests.simulators.dian.findings import Finding
from tests.simulators.dian.pki import Holder, trusted
from tests.simulators.dian.signature import certificate_of
from tests.simulators.faults import Fault
from tests.unit.dian import builders
from tests.unit.dian.talking import account

NIT = builders.ISSUER.nit


@cache
def other() -> Holder:
    """The issuer's other certificate: making one is slow."""
    return trusted().grant(NIT, "EMPRESA")


@cache
def other_kept() -> str:
    """It, as it is kept."""
    found = enrolled(other().pkcs12("x"), SecretStr("x"), NIT, datetime.now(UTC))
    return found.get_secret_value()


def first() -> Holder:
    """The one that signs until DIAN refuses it."""
    return account(NIT).holder


@pytest.fixture(autouse=True)
def _trusted_again() -> Iterator[None]:
    before = set(trusted().revoked)
    yield
    trusted().revoked.clear()
    trusted().revoked.update(before)


@pytest.fixture
def others() -> dict[str, str]:
    """What the issuer's secret has besides its first certificate."""
    return {"next_certificate": other_kept()}


@pytest.fixture
def issuer(gateway: Gateway, dian: DianSimulator, others: dict[str, str]) -> Issuer:
    """An issuer with two certificates, both in force; its ranges synced."""
    found = dian_issuers.issuer(dian, number=gateway.counters.next("issuer"))
    gateway.issuers.save(found)
    stack.keep_credentials(NIT, "dian", {**dian_issuers.credentials(), **others})
    sync_ranges(gateway, found, "dian")
    return found


def revoke(*holders: Holder) -> None:
    for holder in holders:
        trusted().revoke(holder.certificate)


@pytest.fixture
def posted(call: Any, gateway: Gateway) -> Any:
    def made(**changes: Any) -> Record:
        answer = call("POST", "/documentos", invoice(**changes))
        assert answer.status == 201, answer.text
        return gateway.records.read(NIT, answer.json["data"]["tracking_id"])

    return made


def assert_one_document(dian: DianSimulator, kept: Record, signer: Holder) -> None:
    """Accepted, once, under its number, and signed with this certificate."""
    assert kept.state is State.ACCEPTED, kept.steps
    (verdict,) = [found for found in dian.documents if found.number == str(kept.number)]
    assert verdict.uuid == kept.uuid
    assert signer_of(verdict.content) == signer.certificate
    assert kept.last_error is None


def signer_of(xml: bytes) -> x509.Certificate | None:
    return certificate_of(Document(xml))


def refused(dian: DianSimulator) -> list[str]:
    """The operations of which DIAN refused the envelope."""
    return [seen.path.rpartition("/")[2] for seen in dian.requests if seen.status == 500]


def sent(dian: DianSimulator) -> list[Any]:
    """What DIAN was asked to take and looked at."""
    return [seen for seen in dian.requests if "/Send" in seen.path and seen.status != 500]


@pytest.fixture
def another(resources: Settings, gateway: Gateway, clock: Clock) -> Any:
    """Another container of the same stack, each time."""
    return lambda: wiring.connect(resources, clock.seconds, clock.sleep)


def test_a_document_whose_envelope_dian_refuses_waits_and_goes_signed_with_the_other_certificate(
    gateway, issuer, dian, posted, let_pass
):
    revoke(first())

    kept = posted()
    settled = let_pass(kept, minutes=5)

    assert (kept.state, kept.sent_as) == (State.RECEIVED, None), kept.steps
    assert "ya no acepta el certificado" in (kept.last_error or "")
    assert_one_document(dian, settled, other())
    assert settled.number == kept.number
    assert refused(dian) == ["SendBillSync"]


def test_a_question_that_dian_refuses_is_asked_by_the_other_certificate_and_what_was_sent_stays_as_it_is(
    gateway, issuer, dian, posted, let_pass
):
    dian.slow_next(asks=1)
    pending = posted()
    revoke(first())

    settled = let_pass(pending, minutes=3)

    assert pending.state is State.PENDING
    assert_one_document(dian, settled, first())
    assert (refused(dian), len(sent(dian))) == (["GetStatus"], 1)


def test_once_refused_every_container_and_every_document_after_it_uses_the_other_certificate(
    issuer, dian, posted, let_pass, another
):
    revoke(first())
    let_pass(posted(referencia="V-1"), minutes=5)

    settled = posted(referencia="V-2")
    anew = another()
    ranges = anew.provider(issuer, "dian").ranges()

    assert_one_document(dian, settled, other())
    assert ranges
    assert refused(dian) == ["SendBillSync"]


def test_what_may_have_arrived_keeps_its_bytes_and_is_settled_by_asking_with_the_other_certificate(
    gateway, issuer, dian, posted, let_pass
):
    dian.lose_next_answer(stored=True)
    doubtful = posted()
    revoke(first())

    settled = let_pass(doubtful, minutes=5)

    assert doubtful.state is State.UNKNOWN
    assert_one_document(dian, settled, first())
    assert len(sent(dian)) == 1
    assert gateway.archive.read(settled.signed_xml) == dian.documents[0].content


def test_what_dian_proves_not_to_have_goes_again_as_it_was_and_is_signed_anew_once_dian_refuses_that(
    gateway, issuer, dian, posted, let_pass
):
    dian.lose_next_answer(stored=False)
    doubtful = posted()
    revoke(first())

    settled = let_pass(doubtful, minutes=12, every=2)

    lost, again, anew = dian_issuers.files_sent(dian)
    assert lost == again != anew
    assert_one_document(dian, settled, other())
    assert (settled.number, dian.documents_received) == (doubtful.number, 1)
    assert settled.uuid != doubtful.uuid


def test_what_dian_took_and_denied_is_the_document_though_its_certificate_is_rejected_when_it_goes_again(
    issuer, dian, posted, let_pass
):
    dian.lose_next_answer(stored=True)
    doubtful = posted()
    for _ in range(3):
        dian.answer_next("66", operation="GetStatus")
    dian.register.numbers.clear()  # a DIAN that looks at who signed before it looks at the number
    dian.reject_next("ZD04", "Certificado revocado.")

    settled = let_pass(doubtful, minutes=12, every=2)

    assert len(sent(dian)) == 2
    assert_one_document(dian, settled, first())
    assert (settled.uuid, dian.documents_received) == (doubtful.uuid, 1)


def test_where_dian_cannot_say_whether_it_has_what_it_rejects_for_its_certificate_it_is_asked_first(
    issuer, dian, posted, let_pass
):
    dian.reject_next("ZD04", "Certificado revocado.")
    dian.answer_next("html", operation="GetStatus")

    kept = posted()

    assert (kept.state, len(sent(dian))) == (State.UNKNOWN, 1)
    assert_one_document(dian, let_pass(kept, minutes=10, every=2), other())


def test_a_document_rejected_for_its_certificate_alone_is_no_matter_of_its_erp_s(
    issuer, dian, posted, let_pass, call
):
    dian.reject_next("ZD05", "Cadena de confianza del certificado digital no es válida.")

    kept = posted()
    told = call("GET", f"/documentos/{kept.document_id}").json

    assert (kept.state, kept.sent_as, kept.rejections) == (State.RECEIVED, None, ()), kept.steps
    assert told["estado"] == "pendiente"
    assert "ZD05" in told["ultimo_error"]
    settled = let_pass(kept, minutes=5)
    assert_one_document(dian, settled, other())
    assert settled.number == kept.number


@pytest.mark.parametrize("sending", ["pending", "in doubt"])
def test_a_rejection_for_its_certificate_that_is_told_later_is_the_same(
    issuer, dian, posted, let_pass, sending: str
):
    dian.reject_next("ZD04", "Certificado revocado.")
    if sending == "pending":
        dian.slow_next(asks=1)
    else:
        dian.lose_next_answer(stored=True)

    settled = let_pass(posted(), minutes=10, every=2)

    assert_one_document(dian, settled, other())
    assert len(sent(dian)) == 2


def test_a_document_with_more_wrong_than_its_certificate_is_rejected_and_the_next_is_signed_by_the_other(
    issuer, dian, posted
):
    findings = [
        Finding("ZD04", "Certificado revocado."),
        Finding("FAK24", "DV del NIT del adquiriente errado"),
    ]
    dian.faults.add(Fault("finding", {"findings": findings}, "Send", "POST"))

    wrong, following = posted(referencia="V-1"), posted(referencia="V-2")

    assert wrong.state is State.REJECTED
    assert {message.rule for message in wrong.rejections} == {"ZD04", "FAK24"}
    assert_one_document(dian, following, other())


@pytest.mark.parametrize("others", [{}])
def test_an_only_certificate_that_dian_rejects_is_told_as_any_rejection(issuer, dian, posted):
    dian.reject_next("ZD04", "Certificado revocado.")

    kept = posted()

    assert (kept.state, kept.rejections[0].rule) == (State.REJECTED, "ZD04")


def test_where_dian_takes_neither_certificate_the_first_goes_on_and_nothing_is_remembered(
    gateway, issuer, dian, posted, let_pass
):
    """As when our clock is wrong: then it is not the certificate that is refused."""
    revoke(first(), other())
    kept = let_pass(posted(), minutes=3)
    assert kept.state is State.RECEIVED
    assert gateway.provider(issuer, "dian").connection.refusals.known() == {}

    trusted().revoked.discard(first().certificate.serial_number)

    assert_one_document(dian, let_pass(kept, minutes=15, every=5), first())


def test_when_both_were_refused_one_after_the_other_nothing_is_sent_over_and_over(
    issuer, dian, posted, let_pass
):
    for _ in range(6):
        dian.reject_next("ZD04", "Certificado revocado.")

    kept = let_pass(posted(), minutes=20, every=4)

    assert kept.state is State.REJECTED
    assert len(sent(dian)) == 2


def test_a_dian_that_does_not_answer_the_trial_changes_nothing(gateway, issuer, dian, posted, let_pass):
    revoke(first())
    dian.answer_next(503, operation="GetNumberingRange")

    kept = posted()

    assert kept.state is State.RECEIVED
    assert gateway.provider(issuer, "dian").connection.refusals.known() == {}
    assert_one_document(dian, let_pass(kept, minutes=5), other())


def test_two_workers_that_are_refused_at_once_send_each_document_once(
    gateway, issuer, dian, posted, clock, another
):
    """The second has read that nothing is refused before the first says that it is."""
    second = another()
    assert second.provider(issuer, "dian").connection.refusals.known() == {}
    revoke(first())
    kept = posted(referencia="V-1")
    dian.go_out("silent", operation="Send")
    waiting = posted(referencia="V-2")
    dian.come_back()

    for _ in range(12):
        clock.advance(minutes=1)
        for record in (kept, waiting):
            sending.emit(second, second.records.read(NIT, record.document_id))

    for record in (kept, waiting):
        assert_one_document(dian, gateway.records.read(NIT, record.document_id), other())
    assert dian.documents_received == 2


@pytest.mark.parametrize("is_remembered", [False, True])
def test_a_worker_that_dies_as_it_changes_certificates_leaves_nothing_lost_or_sent_twice(
    gateway, issuer, dian, posted, let_pass, monkeypatch, is_remembered: bool
):
    revoke(first())
    add = SharedRefusals.add

    def dies(self: SharedRefusals, fingerprint: str) -> None:
        if is_remembered:
            add(self, fingerprint)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(SharedRefusals, "add", dies)
        with pytest.raises(KeyboardInterrupt):
            posted(referencia="V-1")
    kept = gateway.records.by_reference(NIT, "V-1")
    assert kept.state is State.SENDING

    settled = let_pass(kept, minutes=20, every=4)

    assert_one_document(dian, settled, other())
    assert dian.documents_received == 1


def test_what_another_container_refused_is_read_again_after_a_minute_and_after_a_clock_that_jumped(
    issuer, clock, another
):
    here, there = (another().provider(issuer, "dian").connection for _ in range(2))
    known = here.refusals.known()
    there.refusals.add("a" * 64)
    at_once = here.refusals.known()
    clock.advance(minutes=1)
    later = here.refusals.known()
    there.refusals.remove("a" * 64)
    clock.advance(hours=-2)

    assert (dict(known), dict(at_once), list(later)) == ({}, {}, ["a" * 64])
    assert dict(here.refusals.known()) == {}


def test_since_when_a_certificate_is_refused_is_kept_from_the_first_time(gateway, issuer, clock):
    refusals = gateway.provider(issuer, "dian").connection.refusals
    refusals.add("a" * 64)
    since = refusals.known()["a" * 64]
    clock.advance(minutes=10)

    refusals.add("a" * 64)

    assert refusals.known() == {"a" * 64: since}


def test_what_was_issued_in_contingency_is_not_signed_anew_for_its_buyer_has_it(
    issuer, dian, posted, let_pass
):
    dian.go_out(503)
    issued = let_pass(posted(), minutes=10)
    assert issued.in_contingency
    dian.come_back()
    dian.reject_next("ZD04", "Certificado revocado.")

    kept = let_pass(issued, minutes=30, every=5)

    assert (kept.state, kept.rejections[0].rule) == (State.REJECTED, "ZD04"), kept.steps
