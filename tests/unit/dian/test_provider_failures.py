"""What is safe when DIAN does not answer, answers late, or does not know who calls."""

import base64
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from pydantic import SecretStr

from cauce.domain.errors import CauceError, Conflict, CredentialsRejected, NotFound, NotSent, OutcomeUnknown
from cauce.domain.outcome import Accepted, Pending, Rejected
from cauce.providers.base import refs
from cauce.providers.dian.provider import Dian
from cauce.ubl.certificate import enrolled
from tests.simulators.dian import DianSimulator, pki
from tests.unit.dian.builders import ISSUER, TIP, a_document
from tests.unit.dian.talking import asked_for, connected, emit, record

# Lost answers --------------------------------------------------------------------------------------


def test_another_document_under_the_same_number_is_a_collision(dian: DianSimulator, provider: Dian):
    emit(provider, record(a_document()))

    with pytest.raises(Conflict):
        emit(provider, record(a_document(allowance_charges=(TIP,))))

    assert dian.documents_received == 1


def test_a_rejection_whose_answer_was_lost_is_found_by_asking(dian: DianSimulator, provider: Dian):
    kept = record(a_document())
    dian.reject_next("FAJ44a", "NIT")
    dian.lose_next_answer(stored=True)
    with pytest.raises(OutcomeUnknown):
        emit(provider, kept)

    outcome = provider.consult(asked_for(provider, kept))

    assert isinstance(outcome, Rejected)


def test_slow_validation_is_pending_then_absent_then_pending_then_accepted(
    dian: DianSimulator, provider: Dian
):
    kept = record(a_document())
    dian.slow_next(absences=1, asks=1)

    assert isinstance(emit(provider, kept), Pending)
    with pytest.raises(NotFound):
        provider.consult(asked_for(provider, kept))
    assert isinstance(provider.consult(asked_for(provider, kept)), Pending)
    assert isinstance(provider.consult(asked_for(provider, kept)), Accepted)


def test_without_the_identifier_nothing_can_be_asked(dian: DianSimulator, provider: Dian):
    with pytest.raises(OutcomeUnknown):
        provider.consult(refs(record(a_document())))
    with pytest.raises(NotFound):
        provider.xml(refs(record(a_document())))

    assert dian.requests == []


# No answer -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "raised"),
    [
        ("untrusted", CredentialsRejected),
        ("66", NotFound),
        ("89", CredentialsRejected),
        ("500", NotSent),
    ],
)
def test_what_is_no_answer_to_a_question(
    status: Any, raised: type[CauceError], dian: DianSimulator, provider: Dian
):
    kept = record(a_document())
    emit(provider, kept)
    dian.answer_next(status, operation="GetStatus")

    with pytest.raises(raised):
        provider.consult(asked_for(provider, kept))


# Who calls -----------------------------------------------------------------------------------------


def test_a_certificate_of_an_authority_that_dian_does_not_know_is_refused(dian: DianSimulator):
    stranger = pki.Authority("Otra Entidad").grant(ISSUER.nit, "EMPRESA")
    pem = enrolled(stranger.pkcs12("c"), SecretStr("c"), ISSUER.nit, datetime.now(UTC))

    with pytest.raises(CredentialsRejected, match="certificado"):
        emit(connected(dian, secrets={"certificate": pem.get_secret_value()}), record(a_document()))

    assert dian.documents_received == 0


def test_a_nit_that_is_not_authorised_to_send_is_refused(dian: DianSimulator, provider: Dian):
    del dian.accounts[ISSUER.nit]

    with pytest.raises(CredentialsRejected, match="NIT"):
        emit(provider, record(a_document()))


def test_a_clock_that_is_wrong_is_refused_and_never_looped_on(dian: DianSimulator, provider: Dian):
    connection = provider.connection
    early = Dian(type(connection)(**{**vars(connection), "clock": lambda: time.time() + 3600}))

    with pytest.raises(CredentialsRejected, match="reloj"):
        early.consult(asked_for(provider, record(a_document())))


def test_a_successor_does_not_sign_while_the_one_in_force_does(dian: DianSimulator):
    now = datetime.now(UTC)
    newer = pki.trusted().grant(ISSUER.nit, "EMPRESA", valid_to=now + timedelta(days=1500))
    pem = enrolled(newer.pkcs12("c"), SecretStr("c"), ISSUER.nit, now)
    provider = connected(dian, secrets={"next_certificate": pem.get_secret_value()})

    assert isinstance(emit(provider, record(a_document())), Accepted)

    der = newer.certificate.public_bytes(Encoding.DER)
    assert base64.b64encode(der) not in dian.documents[0].content
