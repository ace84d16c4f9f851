"""Every provider's answers become the same outcomes: accepted, with notices, rejected, pending."""

from dataclasses import replace
from datetime import datetime

from cauce.domain.document import Kind
from cauce.domain.errors import OutcomeUnknown
from cauce.domain.outcome import Accepted, Identity, Number, Pending, Rejected
from cauce.domain.time import BOGOTA
from cauce.providers import identity
from cauce.providers.base import NumberedBy, RecoveredBy
from tests.contract.bench import RULE, TEXT, Live

NOTICE, NOTICE_TEXT = "FAJ43b", "Nombre informado No corresponde al registrado en el RUT"


def test_an_accepted_document_is_known_by_all_that_finds_and_proves_it(live: Live) -> None:
    began = datetime.now(BOGOTA).replace(microsecond=0)

    outcome = live.accepted()

    assert live.stored == 1
    assert len(live.record.uuid or "") == 96
    if live.kind is not Kind.EVENT:
        assert outcome.payable in (None, live.record.payable)
        assert live.record.number is not None
    if live.capabilities.numbered_by is NumberedBy.PROVIDER:
        assert outcome.number == live.record.number
        assert outcome.payable == live.record.payable
        assert outcome.provider_ids or live.capabilities.recovered_by is not RecoveredBy.SEARCH
        assert outcome.issued_at is not None
        assert outcome.issued_at.tzinfo is not None
        assert began <= outcome.issued_at <= datetime.now(BOGOTA)
    else:
        assert outcome.number in (None, live.record.number)
    assert outcome.raw


def test_asking_about_an_accepted_document_says_the_same_and_creates_nothing(live: Live) -> None:
    said = live.accepted()

    asked = live.consult()

    assert type(asked) is Accepted
    assert (asked.uuid, asked.number, asked.payable) == (
        said.uuid,
        said.number,
        said.payable if asked.payable is not None else None,
    )
    assert live.stored == 1


def test_an_answer_says_which_document_it_is_about_and_contradicts_nothing_we_know(live: Live) -> None:
    sent = live.accepted()
    known = identity.known(live.refs, live.capabilities, live.bench.issuer.nit)

    for outcome in (sent, live.consult()):
        about = outcome.about
        assert about is not None and about != Identity()
        assert identity.contradiction(known, about, tolerance=identity.a_cent_a_line(live.record)) is None


def test_an_answer_about_one_document_is_not_taken_for_an_answer_about_another(live: Live) -> None:
    said = live.accepted()
    other = replace(
        live.refs,
        reference="OTRA",
        number=Number(prefix="OTRO", consecutive=7),
        uuid="b" * 96,
        provider_ids=dict.fromkeys(live.refs.provider_ids, "otro"),
    )

    known = identity.known(other, live.capabilities, live.bench.issuer.nit)

    assert said.about is not None
    assert identity.contradiction(known, said.about) is not None


def test_a_refusal_of_a_document_contradicts_nothing_we_know_of_it_either(live: Live) -> None:
    live.bench.reject(RULE, TEXT)

    about = live.emit().about

    known = identity.known(live.refs, live.capabilities, live.bench.issuer.nit)
    tolerance = identity.a_cent_a_line(live.record)
    assert about is None or identity.contradiction(known, about, tolerance=tolerance) is None


def test_a_rejected_document_names_the_rule_it_broke(live: Live) -> None:
    live.bench.reject(RULE, TEXT)

    outcome = live.emit()

    assert type(outcome) is Rejected
    assert [message.rule for message in outcome.rejections] == [RULE]
    assert TEXT in outcome.rejections[0].text
    assert outcome.raw


def test_notices_do_not_make_a_document_less_valid(live: Live) -> None:
    live.bench.accept_with_notices(NOTICE, NOTICE_TEXT)

    outcome = live.accepted()

    assert [message.rule for message in outcome.notices] == [NOTICE]
    assert live.stored == 1


def test_a_verdict_that_does_not_come_at_once_is_asked_for_until_it_does(live: Live) -> None:
    live.bench.delay()

    try:
        said = live.emit()
    except OutcomeUnknown:
        pass
    else:
        assert type(said) is Pending
    settled = live.settle()

    assert type(settled) is Accepted
    assert live.stored == 1
