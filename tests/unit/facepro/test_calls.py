"""Which calls FacEPro gets, what only its answers say, its listing, and whose token it is."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from cauce.contracts.v1 import listings
from cauce.domain.document import Document, Kind
from cauce.domain.errors import Conflict, CredentialsRejected, NotFound, NotSent
from cauce.domain.outcome import Accepted, Outcome, Pending, Rejected
from cauce.domain.record import Record
from cauce.domain.time import BOGOTA
from cauce.domain.totals import totals
from cauce.providers.base import EmittedQuery, refs
from cauce.providers.facepro.calls import Session
from cauce.providers.facepro.provider import FacEPro
from tests.simulators.facepro import FacEProSimulator
from tests.unit.facepro.builders import NOW, TOKEN, facepro, invoice, knowing, line, note, party, record


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


EXACT = [
    invoice(counterparty=party(identification_type="31", check_digit="7", identification="901234567")),
    invoice(counterparty=party(email=None, address=None, municipality=None), notify=True),
    invoice(lines=(line(quantity="0.333", price="1234.56", discount_amount="0.07"),)),
    invoice(lines=tuple(line(code=f"P{n}") for n in range(200))),
    invoice(issue_date="2026-04-01", issue_time="00:00:00"),
    note(),
    note(Kind.DEBIT_NOTE),
]


@pytest.mark.parametrize("document", EXACT)
def test_whatever_passes_the_check_is_accepted_with_our_totals(provider, simulator, document: Document):
    outcome = emit(provider, record(document))

    assert isinstance(outcome, Accepted), outcome
    assert (outcome.payable, outcome.issued_at) == (totals(document).payable, NOW)
    assert simulator.documents[0].unknown_fields == ()


def test_a_pending_document_is_asked_about_until_dian_speaks(provider, simulator):
    simulator.pend_next(2, then_rule="FAK24", then_text="DV")
    kept = record(invoice())

    kept = knowing(kept, emit(provider, kept))
    still, settled = provider.consult(refs(kept)), provider.consult(refs(kept))

    assert isinstance(still, Pending)
    assert isinstance(settled, Rejected)
    assert [message.rule for message in settled.rejections] == ["FAK24"]
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


@pytest.mark.parametrize("options", [{"bare_list": True}, {"largest_page": 7}, {"wrapped_detail": True}])
def test_the_search_reads_every_page_and_leans_on_no_count_of_them(options):
    with FacEProSimulator(token=TOKEN, clock=lambda: NOW, **options) as simulator:
        provider = facepro(simulator.api_url)
        first = record(invoice())
        emit(provider, first)
        for n in range(1, 120 if "bare_list" in options else 20):
            emit(provider, record(invoice(), issued_at=NOW + timedelta(seconds=n)))

        assert isinstance(provider.consult(refs(first)), Accepted)


# Statuses ----------------------------------------------------------------------------------------


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


# Listing and files -------------------------------------------------------------------------------


def issue_three(provider: FacEPro) -> None:
    for document in (invoice(), note(), note(Kind.DEBIT_NOTE)):
        emit(provider, record(document))


def listed(
    provider: FacEPro, kind: Kind | None = None, offset: int = 0, limit: int = 20, **filters: str
) -> Any:
    return provider.list_emitted(
        EmittedQuery(kind=kind, filters=listings.filters(filters), offset=offset, limit=limit)
    )


def test_a_listed_row_says_what_every_provider_says(provider, simulator):
    emit(provider, record(invoice()))
    stored = simulator.documents[0]

    (row,) = listed(provider).rows

    assert (row.provider_id, row.kind, row.number) == (stored.tracking_id, Kind.INVOICE, "SETP990000011")
    assert (row.counterparty, row.counterparty_name, row.total) == ("71234567", "JUAN PEREZ", 145775)
    assert (row.issued_at, row.shown_state, row.uuid) == (NOW.isoformat(), "aceptado", stored.cufe)
    assert row.links["xml"].endswith(f"/documentos/{stored.tracking_id}/xml")
    assert row.messages == ("Procesado correctamente",)


def test_pages_follow_each_other_by_offset(provider, simulator):
    issue_three(provider)

    first = listed(provider, limit=2)
    second = listed(provider, offset=first.next_offset, limit=2)

    assert [row.kind for row in (*first.rows, *second.rows)] == [
        Kind.DEBIT_NOTE,
        Kind.CREDIT_NOTE,
        Kind.INVOICE,
    ]
    assert (first.next_offset, second.next_offset) == (2, None)
    assert [row.kind for row in listed(provider, offset=1, limit=2).rows] == [Kind.CREDIT_NOTE]


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


def test_the_xml_is_the_documents_own(provider, simulator):
    kept = record(note())
    outcome = emit(provider, kept)

    xml = provider.xml(refs(knowing(kept, outcome)))

    assert (outcome.uuid or "").encode() in xml
    with pytest.raises(NotFound):
        provider.xml(refs(kept))


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
    told = Session.document
    monkeypatch.setattr(Session, "document", lambda calls, path: told(calls, path.replace(mine, theirs)))

    with pytest.raises(Conflict, match="otro documento"):
        provider.consult(refs(asked))
