"""The adapter against a DIAN that others could have written: what it sends is accepted, and read back."""

import io
import json
import zipfile
from typing import Any

import pytest
from pydantic import SecretStr

from cauce.contracts.v1 import bodies, contract
from cauce.domain import life
from cauce.domain.document import Kind, Tax
from cauce.domain.errors import (
    CredentialsRejected,
    InvalidDocument,
    NotFound,
    NumberingUnavailable,
    OutcomeUnknown,
    Unsupported,
)
from cauce.domain.issuer import Environment
from cauce.domain.outcome import Accepted, Pending, Rejected
from cauce.domain.ranges import CONTINGENCY, NumberingRange
from cauce.domain.record import Record
from cauce.law import rates
from cauce.providers.base import Lane, NumberedBy, RecoveredBy, Request, Resend, refs
from cauce.providers.dian.provider import Dian
from cauce.ubl import own_ranges
from tests.dian_issuers import is_verified
from tests.documents import invoice
from tests.simulators.dian import DianSimulator
from tests.unit.dian.builders import DOCUMENTS, ISSUER, TIP, a_document, a_line
from tests.unit.dian.oracles import parsed, schema_errors, text, texts
from tests.unit.dian.talking import account, asked_for, connected, emit, issuer, record, simulator

# What it says of itself ----------------------------------------------------------------------------


def test_it_is_declared_as_the_gateway_s_own_numbering_found_by_identifier_and_repeatable():
    found = Dian.declare({})

    assert found.kinds == frozenset(Kind)
    assert (found.numbered_by, found.recovered_by) == (NumberedBy.GATEWAY, RecoveredBy.CUFE)
    assert (found.resend, found.lane, found.slow) == (Resend.SAME_BYTES, Lane.NONE, False)
    assert found.event_codes == {"030", "031", "032", "033", "034"}
    assert Dian.declare({"sending": "async"}).slow


# Documents -----------------------------------------------------------------------------------------

# What needs another document first, a range of its own or an outage is tested apart.
ALONE = [
    name
    for name, document in DOCUMENTS.items()
    if document.billing_reference is None and document.invoice_type not in ("03", "04")
]


@pytest.mark.parametrize("name", ALONE)
def test_it_is_accepted(name: str, dian: DianSimulator, provider: Dian):
    kept = record(DOCUMENTS[name])

    outcome = emit(provider, kept)

    assert isinstance(outcome, Accepted), outcome
    assert outcome.notices == ()
    assert [(v.number, v.uuid) for v in dian.documents] == [(str(kept.number), outcome.uuid)]


@pytest.mark.parametrize("code", ["01", "04"])
def test_every_rate_that_the_law_has_is_accepted(code: str, provider: Dian):
    """DIAN's own examples have INC at 0.00."""
    taxed = (a_line(taxes=(Tax(code=code, percent=rate),)) for rate in sorted(rates.allowed(code) or ()))

    outcome = emit(provider, record(a_document(lines=tuple(taxed))))

    assert isinstance(outcome, Accepted), outcome


def test_a_note_on_a_document_that_dian_does_not_have_is_rejected(provider: Dian):
    outcome = emit(provider, record(DOCUMENTS["credit note"]))

    assert isinstance(outcome, Rejected)
    assert [m.rule for m in outcome.rejections] == ["CBG04a"]


def test_a_transcription_from_paper_goes_in_the_contingency_range_with_a_cude(
    dian: DianSimulator, provider: Dian
):
    granted = next(r for r in dian.accounts[ISSUER.nit].ranges if r.kind == "contingency")
    numbered_in = NumberingRange(
        provider="dian",
        kind=Kind.INVOICE,
        prefix=granted.prefix,
        resolution=granted.resolution,
        start=granted.start,
        end=granted.end,
        valid_from=granted.valid_from,
        valid_to=granted.valid_to,
    )
    number = {"prefix": granted.prefix, "consecutive": 17}

    outcome = emit(provider, record(DOCUMENTS["contingency from paper"], range=numbered_in, number=number))

    assert isinstance(outcome, Accepted), outcome


def test_an_invoice_of_type_04_is_good_only_while_dian_says_that_it_was_out(
    dian: DianSimulator, provider: Dian
):
    refused = emit(provider, record(DOCUMENTS["contingency of DIAN"]))
    dian.declare_outage()
    accepted = emit(provider, record(DOCUMENTS["contingency of DIAN"]))

    assert isinstance(refused, Rejected) and refused.rejections[0].rule == "CTG01"
    assert isinstance(accepted, Accepted)


def test_production_is_another_environment_with_its_own_key():
    key = "a" * 40
    with simulator(environment="1") as dian:
        granted = dian.accounts[ISSUER.nit].ranges[0]
        dian.accounts[ISSUER.nit].ranges[0] = type(granted)(
            "FE", 1, 5000, "18764012345678", technical_key=key
        )
        provider = connected(dian, environment=Environment.PRODUCTION)
        (found,) = [r for r in provider.ranges() if r.kind is Kind.INVOICE]

        outcome = emit(provider, record(a_document(), range=found, number={"prefix": "FE", "consecutive": 1}))

    assert found.technical_key == SecretStr(key)
    assert isinstance(outcome, Accepted), outcome


def test_a_document_for_the_other_environment_is_rejected():
    with simulator(environment="1") as dian:
        outcome = emit(connected(dian), record(a_document()))

    assert isinstance(outcome, Rejected)
    assert "FAD04" in [m.rule for m in outcome.rejections]


# Requests ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "prefix"),
    [
        (Kind.INVOICE, "fv"),
        (Kind.CREDIT_NOTE, "nc"),
        (Kind.DEBIT_NOTE, "nd"),
        (Kind.SUPPORT_DOCUMENT, "ds"),
        (Kind.ADJUSTMENT_NOTE, "nas"),
        (Kind.EQUIVALENT_DOCUMENT, "ds"),
        (Kind.EQUIVALENT_NOTE, "ncs"),
    ],
)
@pytest.mark.reads_the_date
def test_a_zip_holds_one_xml_named_by_kind_nit_year_and_count(kind: Kind, prefix: str, provider: Dian):
    first = uncounted(kind)
    year = first.issued_at.year % 100

    names = [named(provider, first), *(named(provider, uncounted(kind)) for _ in range(16))]

    assert names[0] == f"{prefix}0900123456000{year}00000001.xml"
    assert names[16] == f"{prefix}0900123456000{year}00000011.xml"


@pytest.mark.reads_the_date
def test_a_record_s_file_is_counted_once_and_again_in_another_year(provider: Dian):
    kept = uncounted(Kind.INVOICE)
    counted = kept.model_copy(update={"provider_ids": provider.resolve(kept)})
    later = counted.model_copy(update={"issued_at": counted.issued_at.replace(year=2030, day=1)})

    assert counted.provider_ids[f"file_{counted.issued_at.year}"] == "1"
    assert set(provider.resolve(counted)) == {"signed_at", "signer"}
    assert provider.resolve(later)["file_2030"] == "1"


def uncounted(kind: Kind) -> Record:
    """A record that was never offered to the provider."""
    return record(a_document(kind)).model_copy(update={"provider_ids": {}})


def named(provider: Dian, kept: Record) -> str:
    """How the file of a record is named once it is counted."""
    kept = kept.model_copy(update={"provider_ids": provider.resolve(kept)})
    (name,) = zipfile.ZipFile(io.BytesIO(provider.prepare(kept).body)).namelist()
    return name


def test_neither_pin_nor_key_nor_certificate_is_in_a_request(provider: Dian):
    body = provider.prepare(record(a_document())).body

    xml = zipfile.ZipFile(io.BytesIO(body)).read(zipfile.ZipFile(io.BytesIO(body)).namelist()[0])
    assert b"PRIVATE KEY" not in xml
    assert f">{account().pin}<".encode() not in xml
    assert own_ranges.TEST_KEY.get_secret_value().encode() not in xml


def test_an_invoice_without_technical_key_is_not_prepared(provider: Dian):
    kept = record(a_document())
    assert kept.range is not None
    other = kept.range.model_copy(update={"resolution": "18764012345678"})

    with pytest.raises(NumberingUnavailable):
        provider.prepare(kept.model_copy(update={"range": other}))


@pytest.mark.parametrize("more", [{}, {"descuento_pct": 1}, {"descripcion": '"' * 300}], ids=str)
def test_the_xml_of_the_longest_body_there_may_be_fits_an_answer(provider: Dian, more: dict[str, Any]):
    """A Lambda answers 6 MB at most, as JSON; what a line takes of a body is measured against what it comes to."""
    line = {"codigo": "P", "descripcion": "P", "cantidad": 1, "precio": 1000, "iva_pct": 19, **more}

    def answered(lines: int) -> int:
        document = contract.document(Kind.INVOICE, invoice(lineas=[line] * lines))
        return len(json.dumps(provider.prepare(record(document)).signed_xml.decode()))

    most_lines = bodies.MAX_BYTES // len(json.dumps(line, separators=(",", ":")))
    of_a_line = (answered(20) - answered(10)) / 10
    assert answered(10) + of_a_line * most_lines < 5_500_000


def test_a_document_without_number_is_not_prepared(provider: Dian):
    with pytest.raises(NumberingUnavailable):
        provider.prepare(record(a_document(), number=None))


def test_what_ubl_cannot_say_is_refused_before_anything_is_asked(dian: DianSimulator, provider: Dian):
    with pytest.raises((InvalidDocument, Unsupported)):
        provider.check(a_document(lines=()))
    with pytest.raises((InvalidDocument, Unsupported)):
        provider.check(a_document(Kind.DEBIT_NOTE, reason=None))

    assert dian.requests == []


def test_a_mail_to_the_buyer_is_refused_because_nobody_would_send_it(provider: Dian):
    provider.check(a_document(notify=False))

    with pytest.raises(Unsupported) as refused:
        provider.check(a_document(notify=True))

    assert "notify" in refused.value.fields


def test_an_issuer_that_is_not_described_cannot_emit(provider: Dian, dian: DianSimulator):
    connection = provider.connection
    undescribed = Dian(type(connection)(**{**vars(connection), "issuer": issuer(party=None)}))

    with pytest.raises(InvalidDocument, match="emisor"):
        undescribed.check(a_document())


@pytest.mark.parametrize("missing", ["software_id", "software_pin", "certificate"])
def test_a_credential_that_is_missing_is_named(missing: str, dian: DianSimulator):
    with pytest.raises(CredentialsRejected, match=missing):
        connected(dian, secrets={missing: ""}).prepare(record(a_document()))


# Asynchronous sending and test sets ----------------------------------------------------------------


def test_an_asynchronous_sending_is_asked_about_by_its_key(dian: DianSimulator):
    provider, kept = connected(dian, sending="async"), record(a_document())

    sent = emit(provider, kept)
    assert isinstance(sent, Pending) and sent.provider_ids["zip_uuid"] == sent.uuid

    known = kept.model_copy(update={"uuid": sent.uuid, "provider_ids": sent.provider_ids})
    assert isinstance(provider.consult(refs(known)), Pending)
    assert isinstance(provider.consult(refs(known)), Accepted)


def test_a_batch_of_an_earlier_attempt_does_not_settle_a_correction(dian: DianSimulator):
    provider = connected(dian, sending="async")
    dian.reject_next("FAJ44a", "NIT")
    refused = emit(provider, record(a_document()))
    corrected = record(a_document(allowance_charges=(TIP,)), provider_ids=refused.provider_ids)
    dian.lose_next_answer(stored=True)
    with pytest.raises(OutcomeUnknown):
        emit(provider, corrected)
    asked = asked_for(provider, corrected)
    provider.consult(asked)

    assert isinstance(provider.consult(asked), Accepted)


def test_a_test_set_counts_what_it_is_sent_and_then_takes_no_more(dian: DianSimulator):
    test_set = dian.accounts[ISSUER.nit].test_set
    test_set.wanted = {"invoice": 1}
    provider = connected(dian, test_set_id=test_set.id)

    def settled(consecutive: int) -> Any:
        kept = record(a_document(), consecutive)
        sent = emit(provider, kept)
        known = refs(kept.model_copy(update={"uuid": sent.uuid, "provider_ids": sent.provider_ids}))
        provider.consult(known)
        return provider.consult(known)

    assert isinstance(settled(990_000_001), Accepted)
    assert test_set.missing() == {}
    late = settled(990_000_002)
    assert isinstance(late, Rejected) and "test_set_id" in late.rejections[0].text


def test_what_was_sent_once_the_set_was_over_is_not_judged_by_its_batch(dian: DianSimulator):
    test_set = dian.accounts[ISSUER.nit].test_set
    test_set.wanted = {}
    late = emit(connected(dian, test_set_id=test_set.id), record(a_document()))
    ids = late.provider_ids
    over = {"uuid": late.uuid, "provider_ids": ids}
    provider = connected(dian)
    provider.consult(refs(record(a_document()).model_copy(update=over)))
    assert isinstance(provider.consult(refs(record(a_document()).model_copy(update=over))), Rejected)

    anew = record(a_document(allowance_charges=(TIP,)), provider_ids=ids)
    dian.lose_next_answer(stored=True)
    with pytest.raises(OutcomeUnknown):
        emit(provider, anew)

    assert isinstance(provider.consult(asked_for(provider, anew)), Accepted)


def test_a_test_set_that_dian_does_not_know_is_the_operator_s_to_mend(dian: DianSimulator):
    with pytest.raises(CredentialsRejected, match="Set de prueba"):
        emit(connected(dian, test_set_id="otro"), record(a_document()))


def test_support_documents_have_no_test_set_and_production_has_none(dian: DianSimulator):
    provider = connected(dian, test_set_id="x")
    production = connected(dian, environment=Environment.PRODUCTION, test_set_id="x")

    assert provider.prepare(record(a_document())).operation == "SendTestSetAsync"
    assert provider.prepare(record(a_document(Kind.SUPPORT_DOCUMENT))).operation == "SendBillSync"
    assert production.prepare(record(a_document())).operation == "SendBillSync"


def test_equivalent_documents_have_a_test_set_of_their_own(dian: DianSimulator):
    account = dian.accounts[ISSUER.nit]
    both = {
        "test_set_id": account.test_set.id,
        "equivalent_test_set_id": account.equivalent_test_set.id,
    }
    ticket, bill = record(a_document(Kind.EQUIVALENT_DOCUMENT)), record(a_document())

    assert connected(dian, test_set_id=both["test_set_id"]).prepare(ticket).operation == "SendBillSync"
    for kept in (ticket, bill):
        assert isinstance(emit(connected(dian, **both), kept), Pending)
    assert account.test_set.accepted == {"invoice": 1}
    assert account.equivalent_test_set.accepted == {"equivalent_document": 1}
    with pytest.raises(CredentialsRejected, match="Set de prueba"):
        emit(
            connected(dian, equivalent_test_set_id=account.test_set.id), record(ticket.document, 990_000_002)
        )


def test_equivalent_documents_may_have_software_of_their_own(dian: DianSimulator):
    dian.accounts[ISSUER.nit].equivalent_software = ("c1f0a7de-0000-4000-8000-000000000001", "98765")
    own = {
        "equivalent_software_id": "c1f0a7de-0000-4000-8000-000000000001",
        "equivalent_software_pin": "98765",
    }
    ticket = record(a_document(Kind.EQUIVALENT_DOCUMENT))

    refused = emit(connected(dian), ticket)
    provider = connected(dian, secrets=own)

    assert isinstance(refused, Rejected)
    assert {"DEAB24b", "DEAB27b", "DEAD06"} <= {each.rule for each in refused.rejections}
    assert isinstance(emit(provider, ticket), Accepted)
    assert isinstance(emit(provider, record(a_document())), Accepted)


# Files and ranges ----------------------------------------------------------------------------------


def test_what_was_issued_while_dian_is_out_is_delivered_without_its_answer(
    dian: DianSimulator, provider: Dian
):
    kept = record(a_document(invoice_type="04"))
    invoice = provider.prepare(kept).signed_xml
    assert invoice is not None

    container = provider.container(life.identified(kept, provider.container_number(kept)), invoice)

    assert schema_errors(container.xml) == []
    assert is_verified(container.xml)
    tree = parsed(container.xml)
    assert text(tree, "/*/cac:Attachment//cbc:Description").encode() == invoice
    assert texts(tree, "/*/cac:ParentDocumentLineReference") == []
    assert dian.requests == []


def test_the_xml_of_a_document_that_dian_does_not_have_is_not_found(provider: Dian):
    with pytest.raises(NotFound):
        provider.xml(asked_for(provider, record(a_document())))


def test_ranges_are_dian_s_and_the_internal_ones_of_notes(provider: Dian):
    found = {(r.kind, r.prefix): r for r in provider.ranges()}

    assert set(found) == {
        (Kind.INVOICE, "SETP"),
        (Kind.SUPPORT_DOCUMENT, "SEDS"),
        (None, "CONT"),
        (Kind.CREDIT_NOTE, "NC"),
        (Kind.DEBIT_NOTE, "ND"),
        (Kind.ADJUSTMENT_NOTE, "NA"),
        (Kind.EQUIVALENT_DOCUMENT, "EPOS"),
        (Kind.EQUIVALENT_NOTE, "NE"),
    }
    assert found[(Kind.INVOICE, "SETP")] == own_ranges.TEST_RANGE
    assert found[(Kind.CREDIT_NOTE, "NC")].resolution is None


def test_prefixes_of_notes_are_the_issuer_s_choice(dian: DianSimulator):
    found = connected(dian, credit_note_prefix="DEV").ranges()

    assert "DEV" in [r.prefix for r in found if r.kind is Kind.CREDIT_NOTE]


def test_an_operator_says_which_prefix_is_for_paper_invoices(dian: DianSimulator):
    (found,) = [r for r in connected(dian, contingency_prefixes="CONT").ranges() if r.prefix == "CONT"]

    assert (found.kind, found.provider_type) == (Kind.INVOICE, CONTINGENCY)


@pytest.mark.parametrize("environment", list(Environment))
def test_without_ranges_habilitacion_has_the_public_one_and_production_none(
    environment: Environment, dian: DianSimulator
):
    dian.accounts[ISSUER.nit].ranges.clear()
    provider = connected(dian, environment=environment)

    if environment is Environment.PRODUCTION:
        with pytest.raises(NumberingUnavailable):
            provider.ranges()
    else:
        assert own_ranges.TEST_RANGE in provider.ranges()


def test_in_habilitacion_other_ranges_do_not_take_the_public_one_s_place(dian: DianSimulator):
    listed = dian.accounts[ISSUER.nit].ranges
    listed[:] = [each for each in listed if each.prefix != "SETP"]

    found = connected(dian, contingency_prefixes="CONT").ranges()

    assert [r.prefix for r in found if r.kind is Kind.INVOICE] == ["SETP", "CONT"]
    listed.clear()
    assert [r.prefix for r in connected(dian).ranges() if r.kind is Kind.INVOICE] == ["SETP"]


def test_software_that_is_not_the_issuer_s_gets_no_ranges(dian: DianSimulator):
    with pytest.raises(CredentialsRejected, match="software"):
        connected(dian, secrets={"software_id": "otro"}).ranges()


def test_a_request_remade_from_the_archive_is_the_same_send(dian: DianSimulator, provider: Dian):
    made = provider.prepare(record(a_document()))

    outcome = provider.send(Request(made.operation, made.body, made.content_type))

    assert (made.operation, made.content_type) == ("SendBillSync", "application/zip")
    assert isinstance(outcome, Accepted)
    assert outcome.uuid == made.uuid
