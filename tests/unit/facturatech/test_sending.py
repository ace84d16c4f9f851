"""Facturatech's adapter against its simulator: emission from end to end, duplicates, lost answers, refusals."""

from decimal import Decimal
from typing import Any

import pytest

from cauce.domain.document import Document, Kind, Payment, Tax, Withholding
from cauce.domain.errors import Conflict, CredentialsRejected, NotFound, OutcomeUnknown
from cauce.domain.issuer import Environment
from cauce.domain.outcome import Accepted, AlreadyProcessed, Outcome, Pending, Rejected
from cauce.domain.record import Record
from cauce.providers.base import refs
from cauce.providers.facturatech import settings
from cauce.providers.facturatech.provider import Facturatech
from tests.simulators.facturatech import FacturatechSimulator
from tests.unit.facturatech.builders import (
    account,
    connected,
    demo_user,
    facturatech,
    invoice,
    line,
    note,
    numbering_range,
    of_kind,
    record,
    support_document,
)
from tests.unit.facturatech.conftest import Script

D = Decimal


def emit(provider: Facturatech, kept: Record) -> Outcome:
    """Check, prepare and send, as emission does."""
    provider.check(kept.document)
    return provider.send(provider.prepare(kept))


def accepted(provider: Facturatech, kept: Record) -> Accepted:
    outcome = emit(provider, kept)
    assert isinstance(outcome, Accepted), outcome
    return outcome


def after(kept: Record, outcome: Outcome) -> Record:
    """The record with the ids that the outcome tells."""
    return kept.model_copy(update={"provider_ids": {**kept.provider_ids, **outcome.provider_ids}})


# Accepted ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "document",
    [
        invoice(lines=(line(taxes=()), line(taxes=(Tax(code="01", percent=D(0)),)))),
        invoice(lines=(line(), line(taxes=(Tax(code="01", percent=D(5)),)), line())),
        invoice(lines=(line(taxes=(Tax(code="01", percent=D(19)), Tax(code="35", percent=D(20)))),)),
        invoice(lines=(line(quantity=D("2.3571"), price=D("1234.5678")),)),
        invoice(lines=(line(quantity=D("0.333333"), price=D("0.05")),)),
        invoice(lines=(line(discount_percent=D("12.5")),)),
        invoice(lines=(line(price=D("33.33"), discount_amount=D("16.67")),)),
        invoice(lines=(line(price=D("999999999.99"), discount_amount=D("123456789.01")),)),
        invoice(
            lines=(
                line(
                    withholdings=(
                        Withholding(code="05", percent=D(15)),
                        Withholding(code="06", percent=D("2.5")),
                    )
                ),
            )
        ),
        support_document(lines=(line(taxes=(), withholdings=(Withholding(code="06", percent=D("3.5")),)),)),
        note(Kind.CREDIT_NOTE, reason={"code": "3", "text": "Rebaja"}),
        note(Kind.DEBIT_NOTE, reason={"code": "4", "text": "Otros"}),
    ],
    ids=[
        "excluded and exempt",
        "two rates of one tax",
        "two taxes of one line",
        "fractions",
        "less than a cent",
        "discount by rate",
        "discount by amount",
        "discount of a large amount",
        "withholdings",
        "support document with withholding",
        "credit note of another reason",
        "debit note",
    ],
)
def test_its_arithmetic_is_ours(document: Document, simulator: FacturatechSimulator):
    accepted(connected(simulator), record(document))


def test_credit_with_its_due_date(simulator: FacturatechSimulator):
    payment = Payment.model_validate({"form": "2", "means": "47", "due_date": "2026-06-10"})

    accepted(connected(simulator), record(invoice(payment=payment)))


def test_a_support_document_of_a_seller_abroad(simulator: FacturatechSimulator):
    abroad = {
        "country": "US",
        "municipality": None,
        "identification_type": "50",
        "identification": "98-76543",
    }
    document = support_document()
    seller = document.counterparty.model_copy(update=abroad)

    accepted(connected(simulator), record(document.model_copy(update={"counterparty": seller})))


@pytest.mark.parametrize("kind", [Kind.SUPPORT_DOCUMENT, Kind.ADJUSTMENT_NOTE])
def test_quirk_25_support_documents_through_the_invoices_service_where_so_set(
    kind: Kind, simulator: FacturatechSimulator
):
    provider, kept = connected(simulator, support_service="invoices"), record(of_kind(kind))

    outcome = accepted(provider, kept)
    assert {seen.path.partition("#")[0] for seen in simulator.requests} == {"/v2/pro/index.php"}
    assert isinstance(provider.consult(refs(after(kept, outcome))), Accepted)


def test_an_issuer_under_test_talks_to_the_demo_services(simulator: FacturatechSimulator):
    provider = demo_user(simulator)

    assert isinstance(emit(provider, record(invoice())), Accepted)
    assert isinstance(emit(provider, record(support_document())), Accepted)
    assert {seen.path.partition("#")[0] for seen in simulator.requests} == {"/v2/demo/index.php", "/v1/demo/"}


def test_authorised_with_empty_brackets_has_no_notices(simulator: FacturatechSimulator):
    simulator.authorise_next()

    assert accepted(connected(simulator), record(invoice())).notices == ()


def test_quirk_21_warnings_under_201_are_notices_and_no_rejection(simulator: FacturatechSimulator):
    simulator.warn_next(["Falta el correo"])

    assert [notice.text for notice in accepted(connected(simulator), record(invoice())).notices] == [
        "Falta el correo"
    ]


# Pending -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("operation", ["Status", "getCUFE", "downloadXML"])
@pytest.mark.parametrize("fault", ["lose", "html", "fault", "truncated", 500])
def test_once_it_is_uploaded_no_failed_look_makes_it_less_than_pending(
    operation: str, fault: Any, simulator: FacturatechSimulator
):
    if fault == "lose":
        simulator.lose_next_answer(operation=operation)
    else:
        simulator.answer_next(fault, operation=operation)
    provider, kept = connected(simulator), record(invoice())

    outcome = emit(provider, kept)
    assert isinstance(outcome, Pending)
    assert isinstance(provider.consult(refs(after(kept, outcome))), Accepted)
    assert simulator.documents_received == 1


def test_a_transaction_it_does_not_know_is_looked_up_by_number(simulator: FacturatechSimulator):
    provider, kept = connected(simulator), record(invoice())
    accepted(provider, kept)

    stale = kept.model_copy(update={"provider_ids": {"transaccionID": "abcdef0123"}})
    assert isinstance(provider.consult(refs(stale)), Accepted)


# ★ quirk 19: duplicates come as success ------------------------------------------------------------


@pytest.mark.parametrize(
    ("what", "changes"),
    [
        ("total", {"total": "119000.01"}),
        ("otra parte", {"party": "800999888"}),
        ("fecha", {"issued": "2026-05-09"}),
    ],
)
def test_quirk_19_a_number_that_another_system_used_is_a_conflict_and_never_accepted(
    what: str, changes: dict[str, str], simulator: FacturatechSimulator
):
    provider, kept = connected(simulator), record(invoice())
    ours = {"party": "71234567", "total": "119000.00", "issued": "2026-05-10"}
    simulator.take_number("SETP", 990000001, **{**ours, **changes})

    with pytest.raises(Conflict, match=what):
        emit(provider, kept)
    with pytest.raises(Conflict, match=what):
        provider.consult(refs(kept))


def test_quirk_19_a_repeated_upload_in_process_is_pending_under_the_first_ones_transaction(
    simulator: FacturatechSimulator,
):
    simulator.process_for(4)
    provider, kept = connected(simulator), record(invoice())
    emit(provider, kept)

    again = emit(provider, kept)
    assert isinstance(again, Pending)
    assert again.provider_ids == {"transaccionID": simulator.documents[0].transaction}
    assert simulator.documents_received == 1


def test_quirk_19_a_duplicate_whose_xml_cannot_be_read_yet_is_pending(simulator: FacturatechSimulator):
    provider, kept = connected(simulator), record(invoice())
    accepted(provider, kept)
    simulator.answer_next("html", operation="downloadXML")

    assert isinstance(emit(provider, kept), Pending)


# Lost answers --------------------------------------------------------------------------------------


def test_not_found_is_no_proof_so_the_same_bytes_are_the_question_that_settles_it(
    simulator: FacturatechSimulator,
):
    """The lost document is stored but in process, so its number is not found; sending it again shows that it is there."""
    simulator.process_for(5)
    simulator.lose_next_answer()
    provider, kept = connected(simulator), record(invoice())

    with pytest.raises(OutcomeUnknown):
        emit(provider, kept)
    with pytest.raises(NotFound):
        provider.consult(refs(kept))
    assert isinstance(emit(provider, kept), Pending)
    assert simulator.documents_received == 1


@pytest.mark.parametrize("what", ["waf", "fault"])
@pytest.mark.parametrize("stored", [True, False])
def test_quirk_33_pages_faults_and_halves_are_unknown_outcomes(
    what: Any, stored: bool, simulator: FacturatechSimulator
):
    simulator.answer_next(what, stored=stored)

    with pytest.raises(OutcomeUnknown):
        emit(connected(simulator), record(invoice()))


# Refusals ------------------------------------------------------------------------------------------


def test_quirk_20_a_404_with_a_rule_is_a_rejection_and_keeps_the_number(simulator: FacturatechSimulator):
    provider, kept = connected(simulator), record(invoice())
    said = (
        "Rechazo datos incorrectos, Errores: [Regla: FAD09c, Rechazo: ENC_7 muy antigua], advertencias: [Ojo]"
    )
    simulator.refuse_next("404", said)

    outcome = emit(provider, kept)
    assert isinstance(outcome, Rejected)
    assert not outcome.stored
    assert [(why.rule, why.field) for why in outcome.rejections] == [("FAD09c", "issue_date")]
    assert [notice.text for notice in outcome.notices] == ["Ojo"]
    assert isinstance(emit(provider, kept), Accepted)


def test_quirk_20_a_404_about_access_is_a_matter_of_credentials(simulator: FacturatechSimulator):
    provider = connected(simulator, secrets={"username": "900123456", "password": "otra"})

    with pytest.raises(CredentialsRejected, match="Datos de acceso incorrectos"):
        emit(provider, record(invoice()))
    with pytest.raises(CredentialsRejected):
        provider.consult(refs(record(invoice())))


def test_quirk_20_409_is_set_up_and_consumes_nothing(simulator: FacturatechSimulator):
    account(simulator).folios = 0
    provider, kept = connected(simulator), record(invoice())

    with pytest.raises(CredentialsRejected, match="folios"):
        emit(provider, kept)
    account(simulator).folios = 1
    assert isinstance(emit(provider, kept), Accepted)


@pytest.mark.parametrize(
    "changes",
    [
        {"resolution": "18760000099"},
        {"valid_from": "2019-01-20"},
        {"valid_to": "2030-01-20"},
        {"end": 995000001},
        {"start": 990000001},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_quirk_27_a_range_that_differs_by_a_day_is_refused_and_says_what_to_do(
    changes: dict[str, Any], simulator: FacturatechSimulator
):
    ours = numbering_range().model_dump() | changes

    with pytest.raises(CredentialsRejected, match="Sincronice") as refusal:
        emit(connected(simulator), record(invoice(), range=type(numbering_range()).model_validate(ours)))
    assert list(refusal.value.fields) == ["prefix"]
    assert simulator.documents_received == 0


def test_quirk_32_the_nit_must_be_the_accounts(simulator: FacturatechSimulator):
    account(simulator).nit = "800197268"

    with pytest.raises(CredentialsRejected, match="NIT"):
        emit(connected(simulator), record(invoice()))


def test_quirk_28_the_operation_of_a_credit_note_follows_the_setting(simulator: FacturatechSimulator):
    document = note(reason={"code": "3", "text": "Rebaja"})

    assert isinstance(emit(connected(simulator), record(document)), Accepted)
    outcome = emit(connected(simulator, credit_operation="by_reference"), record(document, folio=2))
    assert isinstance(outcome, Rejected)
    assert "ENC_21=20" in outcome.rejections[0].text


def test_the_wrong_stage_is_a_matter_of_set_up(simulator: FacturatechSimulator):
    with pytest.raises(CredentialsRejected, match="fase de pruebas"):
        emit(connected(simulator, environment=Environment.TEST), record(invoice()))


def test_a_method_it_does_not_have_is_a_matter_of_set_up(script: Script):
    script.rpc("x", code="405", error="método no permitido")

    with pytest.raises(CredentialsRejected, match="Revise las direcciones"):
        emit(facturatech(script.url), record(invoice()))


@pytest.mark.parametrize("code", ["404", "201"])
def test_rule_90_is_in_doubt_whatever_code_passes_it_on(code: str, script: Script):
    rule = "Regla: 90, Rechazo: Documento procesado anteriormente."
    script.rpc(
        "FtechAction.uploadInvoiceFile", code=code, error=f"Rechazo, Errores:[{rule}], Advertencias:[]"
    )

    assert isinstance(emit(facturatech(script.url), record(invoice())), AlreadyProcessed)
    assert len(script.asked) == 1


def test_what_is_told_of_another_transaction_says_nothing_of_ours(script: Script):
    kept = record(invoice(), provider_ids={"transaccionID": "ab12cd"})
    script.rpc("x", code="201", status="SIGNED_XML", transaccionID="ef34ab", error="")

    with pytest.raises(Conflict, match="ab12cd"):
        facturatech(script.url).consult(refs(kept))


def test_quirk_23_the_answers_wrapper_may_be_in_any_namespace(script: Script):
    script.rpc("FtechAction.uploadInvoiceFile", code="200", success="true", transaccionID="ab12cd", error="")

    outcome = emit(facturatech(script.url), record(invoice()))
    assert isinstance(outcome, Pending)
    assert outcome.provider_ids == {"transaccionID": "ab12cd"}


def test_an_xml_bomb_in_an_answer_is_an_unknown_outcome(script: Script):
    script.raw(
        b'<!DOCTYPE b [<!ENTITY a "aaaaaaaaaa"><!ENTITY c "&a;&a;&a;&a;&a;&a;">]>'
        b'<e:Envelope xmlns:e="x"><e:Body><r><return><code>&c;</code></return></r></e:Body></e:Envelope>'
    )

    with pytest.raises(OutcomeUnknown):
        emit(facturatech(script.url), record(invoice()))


# Secrets -------------------------------------------------------------------------------------------


def test_quirk_129_a_service_that_repeats_the_password_does_not_get_it_archived(script: Script):
    provider = facturatech(script.url)
    hashed = settings.access(provider.connection.credentials).hashed()
    script.rpc("x", code="404", error=f"Rechazo de {hashed}")

    outcome = emit(provider, record(invoice()))
    assert hashed.encode() not in outcome.raw
    assert hashed not in repr(outcome)


def test_quirk_34_mail_goes_out_in_production_or_where_asked_and_never_otherwise():
    def mailed(environment: Environment, notify: bool | None) -> bool:
        provider = facturatech(environment=environment)
        return b"<CDA_4>" in provider.prepare(record(invoice(notify=notify))).body

    assert [mailed(Environment.PRODUCTION, notify) for notify in (None, True, False)] == [True, True, False]
    assert [mailed(Environment.TEST, notify) for notify in (None, True, False)] == [False, True, False]
