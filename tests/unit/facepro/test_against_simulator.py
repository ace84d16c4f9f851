"""The adapter against the simulator, over real HTTP: which calls, in what order, and what each answer leads to."""

import logging
import traceback
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from cauce.domain.document import Document, Kind
from cauce.domain.errors import (
    CauceError,
    Conflict,
    CredentialsRejected,
    InvalidDocument,
    NotFound,
    NotSent,
    OutcomeUnknown,
    Unsupported,
)
from cauce.domain.outcome import Accepted, Number, Outcome, Pending, Rejected
from cauce.domain.record import Record
from cauce.domain.time import BOGOTA
from cauce.domain.totals import totals
from cauce.providers.base import EmittedQuery, Verb, refs
from cauce.providers.facepro.provider import FacEPro
from tests.simulators.facepro import FacEProSimulator
from tests.unit.facepro.builders import (
    NOW,
    TOKEN,
    facepro,
    invoice,
    knowing,
    line,
    note,
    party,
    record,
)

KINDS = [(invoice(), "SETP"), (note(), "NC"), (note(Kind.DEBIT_NOTE), "ND")]


@pytest.fixture
def simulator() -> Iterator[FacEProSimulator]:
    with FacEProSimulator(token=TOKEN, clock=lambda: NOW) as running:
        yield running


@pytest.fixture
def provider(simulator: FacEProSimulator) -> FacEPro:
    return facepro(simulator.api_url)


def emit(provider: FacEPro, kept: Record) -> Outcome:
    """What emission does with a provider, from the check to the answer."""
    provider.check(kept.document)
    provider.resolve(kept)
    return provider.send(provider.prepare(kept))


def posts(simulator: FacEProSimulator) -> int:
    return sum(seen.method == "POST" for seen in simulator.requests)


def calls(simulator: FacEProSimulator) -> list[str]:
    return [f"{seen.method} {seen.path.removeprefix('/api/v1')}" for seen in simulator.requests]


# Emission ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("document, prefix", KINDS, ids=[document.kind for document, _ in KINDS])
def test_an_accepted_document_is_numbered_dated_and_adds_up(provider, simulator, document, prefix):
    outcome = emit(provider, record(document))

    assert isinstance(outcome, Accepted)
    assert outcome.number is not None and outcome.number.prefix == prefix
    assert outcome.issued_at == NOW
    assert outcome.payable == totals(document).payable
    assert (simulator.documents_received, simulator.documents[0].unknown_fields) == (1, ())


EXACT = [
    invoice(counterparty=party(identification_type="31", check_digit="7", identification="901234567")),
    invoice(counterparty=party(email=None, address=None, municipality=None), notify=True),
    invoice(lines=(line(quantity="0.333", price="1234.56", discount_amount="0.07"),)),
    invoice(lines=tuple(line(code=f"P{n}") for n in range(200))),
    invoice(issue_date="2026-04-01", issue_time="00:00:00"),
]


@pytest.mark.parametrize("document", EXACT)
def test_whatever_passes_the_check_is_accepted_with_our_totals(provider, simulator, document: Document):
    outcome = emit(provider, record(document))

    assert isinstance(outcome, Accepted), outcome
    assert outcome.payable == totals(document).payable
    assert simulator.documents[0].unknown_fields == ()


def test_a_rejected_document_says_why_and_its_correction_takes_the_next_number(provider, simulator):
    kept = record(invoice())
    simulator.reject_next("FAK24", "No está informado el DV")

    refused = emit(provider, kept)

    assert isinstance(refused, Rejected)
    assert refused.rejections
    assert refused.stored is False
    corrected = emit(provider, knowing(kept, refused))
    assert isinstance(corrected, Accepted)
    assert corrected.number == Number(prefix="SETP", consecutive=990000012)


@pytest.mark.parametrize("then", ["accepted", "rejected"])
def test_a_pending_document_is_asked_about_until_dian_speaks(provider, simulator, then):
    rule = {"then_rule": "FAK24", "then_text": "DV"} if then == "rejected" else {"notices": ["Regla: FAJ43b"]}
    simulator.pend_next(2, **rule)
    kept = record(invoice())

    pending = emit(provider, kept)
    kept = knowing(kept, pending)
    still, settled = provider.consult(refs(kept)), provider.consult(refs(kept))

    assert isinstance(pending, Pending)
    assert isinstance(still, Pending)
    if then == "rejected":
        assert isinstance(settled, Rejected)
        assert [message.rule for message in settled.rejections] == ["FAK24"]
    else:
        assert isinstance(settled, Accepted)
        assert [message.rule for message in settled.notices] == ["FAJ43b"]
    assert (simulator.documents_received, simulator.documents[0].sent_to_dian, posts(simulator)) == (1, 1, 1)


def test_a_failed_document_is_asked_about_and_never_assumed_undelivered(provider, simulator):
    simulator.fail_next()
    kept = record(invoice())

    outcome = emit(provider, kept)

    assert isinstance(outcome, Pending)
    assert "fallido" in (outcome.status_message or "")
    assert isinstance(provider.consult(refs(knowing(kept, outcome))), Pending)
    assert posts(simulator) == 1


# Silence -----------------------------------------------------------------------------------------


def test_nothing_listening_is_not_sent_and_asked_of_nobody(simulator):
    url = simulator.api_url
    simulator.stop()

    for attempt in (lambda p, k: p.send(p.prepare(k)), lambda p, k: p.resolve(k)):
        with pytest.raises(NotSent):
            attempt(facepro(url), record(invoice()))

    assert simulator.requests == []


def test_an_answer_lost_after_storing_is_found_again_by_searching_and_never_sent_twice(provider, simulator):
    kept = record(invoice())
    emit(provider, record(note()))
    simulator.lose_next_answer(stored=True)

    with pytest.raises(OutcomeUnknown):
        emit(provider, kept)
    found = provider.consult(refs(kept))

    assert isinstance(found, Accepted)
    assert found.provider_ids["tracking_id"] == simulator.documents[1].tracking_id
    assert (simulator.documents_received, posts(simulator)) == (2, 2)
    assert provider.xml(refs(knowing(kept, found))).startswith(b"<?xml")


def test_an_answer_lost_before_storing_is_found_absent(provider, simulator):
    kept = record(invoice())
    simulator.lose_next_answer(stored=False)

    with pytest.raises(OutcomeUnknown):
        emit(provider, kept)
    with pytest.raises(NotFound):
        provider.consult(refs(kept))

    assert (simulator.documents_received, posts(simulator)) == (0, 1)


def test_a_lost_answer_among_documents_of_other_seconds_is_still_found(provider, simulator):
    sent = [record(invoice(), issued_at=NOW + timedelta(seconds=n)) for n in range(3)]
    for kept in sent:
        emit(provider, kept)

    outcome = provider.consult(refs(sent[1]))

    assert outcome.number == Number(prefix="SETP", consecutive=990000012)


def test_two_alike_in_everything_wait_for_a_person(provider, simulator):
    kept = record(invoice())
    emit(provider, kept)
    simulator.lose_next_answer(stored=True)
    with pytest.raises(OutcomeUnknown):
        emit(provider, kept)

    with pytest.raises(Conflict, match=r"2 candidatos.*SETP990000012.*SETP990000011"):
        provider.consult(refs(kept))


def test_a_lost_correction_is_not_mistaken_for_the_attempt_that_was_rejected(provider, simulator):
    kept = record(invoice())
    simulator.reject_next("FAK24", "DV")
    kept = knowing(kept, emit(provider, kept))
    simulator.lose_next_answer(stored=True)
    with pytest.raises(OutcomeUnknown):
        emit(provider, kept)

    found = provider.consult(refs(kept))

    assert isinstance(found, Accepted)
    assert found.number == Number(prefix="SETP", consecutive=990000012)


def test_a_lost_document_dated_in_the_past_is_found_by_its_own_date(provider, simulator):
    then = NOW - timedelta(days=20)
    kept = record(invoice(issue_date=then.date()), issued_at=then)
    simulator.lose_next_answer(stored=True)
    with pytest.raises(OutcomeUnknown):
        emit(provider, kept)

    assert isinstance(provider.consult(refs(kept)), Accepted)


@pytest.mark.parametrize("options", [{"bare_list": True}, {"largest_page": 7}, {"wrapped_detail": True}])
def test_the_search_reads_every_page_and_leans_on_no_count_of_them(options):
    with FacEProSimulator(token=TOKEN, clock=lambda: NOW, **options) as simulator:
        provider = facepro(simulator.api_url)
        first = record(invoice())
        emit(provider, first)
        for n in range(1, 120 if "bare_list" in options else 20):
            emit(provider, record(invoice(), issued_at=NOW + timedelta(seconds=n)))

        assert isinstance(provider.consult(refs(first)), Accepted)


def test_a_stalled_answer_is_given_up_on_and_found(simulator):
    provider = facepro(simulator.api_url, read_seconds="0.3")
    kept = record(invoice())
    simulator.stall(1.0)

    with pytest.raises(OutcomeUnknown):
        provider.send(provider.prepare(kept))
    simulator.stopping.wait(1.2)

    assert isinstance(provider.consult(refs(kept)), Accepted)
    assert simulator.documents_received == 1


# Statuses ----------------------------------------------------------------------------------------


def ordered(status: Any, **details: Any) -> Callable[[FacEProSimulator], None]:
    return lambda simulator: simulator.answer_next(status, **details)


UNKNOWN = [
    ("500", ordered(500), 0),
    ("500 after storing", ordered(500, stored=True), 1),
    ("502 of a proxy", ordered(502, stored=True), 1),
    ("503 of a proxy", ordered(503), 0),
    ("504 of a proxy", ordered(504, stored=True), 1),
    ("HTML with status 200", ordered("html"), 0),
    ("HTML with status 200 after storing", ordered("html", stored=True), 1),
    ("half a body", ordered("truncated"), 1),
]


@pytest.mark.parametrize("order, stored", [row[1:] for row in UNKNOWN], ids=[row[0] for row in UNKNOWN])
def test_what_does_not_say_what_happened_is_asked_about_once_and_for_all(provider, simulator, order, stored):
    kept = record(invoice())
    order(simulator)

    with pytest.raises(OutcomeUnknown) as doubt:
        emit(provider, kept)

    assert doubt.value.raw
    assert (simulator.documents_received, posts(simulator)) == (stored, 1)
    if stored:
        assert isinstance(provider.consult(refs(kept)), Accepted)
    else:
        with pytest.raises(NotFound):
            provider.consult(refs(kept))


def test_seed_002_status_401_is_the_operators_and_tried_once(provider, simulator):
    simulator.revoke_token()

    with pytest.raises(CredentialsRejected):
        provider.send(provider.prepare(record(invoice())))

    assert calls(simulator) == ["POST /documentos"]


@pytest.mark.parametrize(
    "document, permission",
    [
        (invoice(), "permite_facturas"),
        (note(), "permite_notas_credito"),
        (note(Kind.DEBIT_NOTE), "permite_notas_debito"),
    ],
)
def test_seed_002_status_403_names_the_permission_to_ask_for(provider, simulator, document, permission):
    simulator.set_permissions(())

    with pytest.raises(CredentialsRejected, match=permission):
        emit(provider, record(document))

    assert simulator.documents_received == 0


def test_seed_002_status_404_is_an_absence_only_of_a_document(provider, simulator):
    kept = record(invoice(), provider_ids={"tracking_id": "550e8400-e29b-41d4-a716-446655440000"})

    with pytest.raises(NotFound):
        provider.consult(refs(kept))
    misrouted = facepro(f"{simulator.base_url}/api/v2")
    with pytest.raises(CredentialsRejected, match="base_url"):
        misrouted.send(misrouted.prepare(kept))
    with pytest.raises(CredentialsRejected, match="base_url"):
        misrouted.consult(refs(record(invoice())))


def test_seed_002_status_422_is_a_refusal_with_its_fields(provider, simulator):
    simulator.answer_next(422, errors={"lineas.0.iva_pct": ["El IVA % debe ser un número entre 0 y 100."]})

    outcome = emit(provider, record(invoice()))

    assert isinstance(outcome, Rejected)
    assert [message.field for message in outcome.rejections] == ["lines.0.taxes.0.percent"]
    assert outcome.stored is False
    assert simulator.documents_received == 0


@pytest.mark.parametrize(
    "period, until",
    [
        ("mensual", datetime(2026, 6, 1, tzinfo=BOGOTA)),
        ("anual", datetime(2027, 1, 1, tzinfo=BOGOTA)),
    ],
)
def test_seed_002_status_429_waits_for_the_next_period_and_says_so(provider, simulator, period, until):
    simulator.set_quota(0, period)

    with pytest.raises(NotSent, match=f"0 de 0 documentos, periodo {period}") as wait:
        emit(provider, record(invoice()))

    assert wait.value.retry_after == (until - NOW).total_seconds()
    assert (simulator.documents_received, posts(simulator)) == (0, 1)


# Whose token it is -------------------------------------------------------------------------------


def test_whose_token_it_is_is_asked_once_before_the_first_document(provider, simulator):
    emit(provider, record(invoice()))
    emit(provider, record(note()))

    assert calls(simulator) == ["GET /me", "POST /documentos", "POST /notas-credito"]


def test_another_companys_token_issues_nothing_in_its_name(simulator):
    with pytest.raises(CredentialsRejected, match=r"901234567.*800197268"):
        emit(facepro(simulator.api_url, nit="800197268"), record(invoice()))

    assert posts(simulator) == 0


def test_a_company_that_is_not_active_issues_nothing(provider, simulator):
    simulator.tenants[0].estado = "suspendido"

    with pytest.raises(CredentialsRejected, match="suspendido"):
        provider.check_credentials()


def test_a_missing_token_is_told_without_a_call(simulator):
    with pytest.raises(CredentialsRejected, match="token"):
        facepro(simulator.api_url, token=None).check_credentials()

    assert simulator.requests == []


# Listing and files -------------------------------------------------------------------------------


def issue_three(provider: FacEPro) -> None:
    for document in (invoice(), note(), note(Kind.DEBIT_NOTE)):
        emit(provider, record(document))


def listed(
    provider: FacEPro, kind: Kind | None = None, offset: int = 0, limit: int = 20, **filters: str
) -> Any:
    return provider.list_emitted(EmittedQuery(kind=kind, filters=filters, offset=offset, limit=limit))


def test_a_listed_row_says_what_every_provider_says(provider, simulator):
    emit(provider, record(invoice()))
    stored = simulator.documents[0]

    (row,) = listed(provider).rows

    assert (row.provider_id, row.kind, row.number) == (stored.tracking_id, "factura", "SETP990000011")
    assert (row.counterparty, row.counterparty_name, row.total) == ("71234567", "JUAN PEREZ", 145775)
    assert (row.issued_at, row.estado, row.uuid) == (NOW.isoformat(), "aceptado", stored.cufe)
    assert row.links["xml"].endswith(f"/documentos/{stored.tracking_id}/xml")
    assert row.messages == ("Procesado correctamente",)


def test_pages_follow_each_other_by_offset(provider, simulator):
    issue_three(provider)

    first = listed(provider, limit=2)
    second = listed(provider, offset=first.next_offset, limit=2)

    assert [row.kind for row in (*first.rows, *second.rows)] == ["nota_debito", "nota_credito", "factura"]
    assert (first.next_offset, second.next_offset) == (2, None)
    assert [row.kind for row in listed(provider, offset=1, limit=2).rows] == ["nota_credito"]


def test_a_kind_can_be_listed_alone(provider, simulator):
    issue_three(provider)

    assert [row.kind for row in listed(provider, Kind.CREDIT_NOTE).rows] == ["nota_credito"]


@pytest.mark.parametrize(
    "parameter, value, rows",
    [
        ("estado", "aceptado", 3),
        ("estado", "rechazado", 0),
        ("desde", "2026-05-10", 3),
        ("desde", "2026-05-11", 0),
        ("hasta", "2026-05-10", 3),
        ("hasta", "2026-05-09", 0),
        ("fecha_documento_desde", "2026-05-11", 0),
        ("fecha_documento_hasta", "2026-05-10", 3),
        ("fecha_documento_hasta", "2026-05-09", 0),
    ],
)
def test_seed_002_parameter_filters_the_listing(provider, simulator, parameter, value, rows):
    issue_three(provider)

    assert len(listed(provider, **{parameter: value}).rows) == rows


def test_a_filter_it_does_not_have_is_refused_without_a_call(provider, simulator):
    with pytest.raises(Unsupported) as refusal:
        listed(provider, numero_completo="SETP1")
    with pytest.raises(InvalidDocument):
        listed(provider, estado="otro")

    assert list(refusal.value.fields) == ["numero_completo"]
    assert simulator.requests == []


def test_the_xml_is_the_documents_own(provider, simulator):
    kept = record(note())
    outcome = emit(provider, kept)

    xml = provider.xml(refs(knowing(kept, outcome)))

    assert (outcome.uuid or "").encode() in xml
    with pytest.raises(NotFound):
        provider.xml(refs(kept))


@pytest.mark.parametrize("status", ["html", 404, 500])
def test_what_is_no_xml_is_never_kept_as_one(provider, simulator, status):
    kept = record(invoice())
    kept = knowing(kept, emit(provider, kept))
    simulator.answer_next(status, path="/xml")

    with pytest.raises((OutcomeUnknown, NotFound)):
        provider.xml(refs(kept))


@pytest.mark.parametrize("verb", sorted(Verb))
def test_a_verb_is_declared_or_refused_without_a_call(provider, simulator, verb):
    found = refs(record(invoice()))
    undeclared = {
        Verb.PDF: lambda: provider.pdf(found),
        Verb.RANGES: provider.ranges,
        Verb.DISCARD: lambda: provider.discard(found),
        Verb.UUID_OF: lambda: provider.uuid_of(Kind.INVOICE, "SETP1"),
    }
    if verb in undeclared:
        with pytest.raises(Unsupported):
            undeclared[verb]()
    assert (verb in provider.capabilities.verbs) is (verb in (Verb.LIST_EMITTED, Verb.XML))
    assert simulator.requests == []


# Secrets -----------------------------------------------------------------------------------------


def test_the_token_is_in_no_message_no_log_and_no_archive(provider, simulator, caplog):
    secret = TOKEN.partition("|")[2]
    caplog.set_level(logging.DEBUG)
    troubles: list[CauceError] = []
    for status in (401, 403, 429, 500, "html"):
        simulator.answer_next(status)
        with pytest.raises(CauceError) as trouble:
            provider.send(provider.prepare(record(invoice())))
        troubles.append(trouble.value)
    simulator.lose_next_answer()
    with pytest.raises(CauceError) as lost:
        provider.send(provider.prepare(record(invoice())))

    for trouble in (*troubles, lost.value):
        assert secret not in "".join(traceback.format_exception(trouble))
        assert secret.encode() not in getattr(trouble, "raw", b"")
    assert secret not in caplog.text
    assert secret not in repr(provider.connection)
    assert secret not in str(simulator.requests)


# Whose document it is told about -----------------------------------------------------------------


@pytest.mark.parametrize(
    "other",
    [
        invoice(),
        invoice(lines=(line(price="999"),)),
        invoice(counterparty=party(identification="52987654")),
    ],
    ids=["another alike", "another total", "another buyer"],
)
def test_an_answer_about_another_document_is_nobody_s_verdict(provider, simulator, monkeypatch, other):
    """Asked about one id, the service tells of another's document: it is neither accepted nor rejected with that."""
    asked = knowing(record(invoice()), emit(provider, record(invoice())))
    mine = refs(asked).provider_ids["tracking_id"]
    theirs = refs(knowing(record(other), emit(provider, record(other)))).provider_ids["tracking_id"]
    told = provider._calls.document
    monkeypatch.setattr(provider._calls, "document", lambda path: told(path.replace(mine, theirs)))

    with pytest.raises(Conflict, match="otro documento"):
        provider.consult(refs(asked))
