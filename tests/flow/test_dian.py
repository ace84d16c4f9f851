"""DIAN direct over the handlers: from a request in Spanish to what DIAN validated, with no provider between."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import SecretStr

from cauce import wiring
from cauce.domain.document import Kind
from cauce.domain.errors import Conflict
from cauce.domain.issuer import Issuer
from cauce.domain.outage import Failure
from cauce.domain.ranges import CONTINGENCY
from cauce.domain.record import Record, State
from cauce.domain.time import bogota
from cauce.emission import sending
from cauce.exchange import attempt
from cauce.gateway import Gateway
from cauce.numbering.sync import sync_ranges
from cauce.reading import delivery
from cauce.verification.document import verify
from cauce.verification.identifier import Secrets
from cauce.verification.report import Verdict
from tests import dian_issuers
from tests.dian_issuers import SUPPLIER
from tests.documents import invoice, note, note_on_ticket, support_document, ticket
from tests.flow.conftest import Clock
from tests.records import noted
from tests.settling import settle_due
from tests.simulators.dian import DianSimulator, asking, identifiers, results
from tests.simulators.dian.accounts import TEST_KEY
from tests.simulators.dian.document import Document
from tests.unit.dian import builders
from tests.unit.dian.oracles import parsed, schema_errors, text
from tests.unit.dian.talking import account, connected, emit, record

NIT = builders.ISSUER.nit


@pytest.fixture
def issuer(gateway: Gateway, dian: DianSimulator) -> Issuer:
    return dian_issuers.enrolled(gateway, dian)


@pytest.fixture
def posted(call: Any, drain: Any, gateway: Gateway) -> Any:
    """POST a document, which must be taken inline: its record."""

    def made(path: str, body: dict[str, Any]) -> Record:
        answer = call("POST", path, body)
        assert answer.status == 201, answer.text
        assert drain() == 0, "DIAN needs no queue"
        return gateway.records.read(NIT, answer.json["data"]["tracking_id"])

    return made


def assert_valid(gateway: Gateway, kept: Record) -> None:
    """Accepted; and its archived XML is signed by the issuer, says its number, and hashes to its identifier."""
    assert kept.state is State.ACCEPTED, kept.steps
    xml = gateway.archive.read(kept.signed_xml or "")
    document = Document(xml)
    assert dian_issuers.is_verified(xml)
    assert kept.uuid == document.uuid == identifiers.of(document, TEST_KEY, account(NIT).pin)
    if kept.number is not None:
        assert document.number == str(kept.number)


# Every kind


@pytest.mark.reads_the_date
def test_an_invoice_its_notes_and_a_purchase_with_its_adjustment_are_validated(posted, gateway, dian):
    sold = posted("/documentos", invoice())
    on_sold = (str(sold.number), sold.uuid)
    today = sold.issued_at.date().isoformat()
    credited = posted("/notas-credito", note(*on_sold, fecha=today))
    debited = posted("/notas-debito", note(*on_sold, fecha=today, codigo="3"))
    bought = posted("/documentos-soporte", support_document())
    adjusted = posted("/notas-ajuste", dian_issuers.adjustment(str(bought.number), bought.uuid, today))

    kinds = [Kind.INVOICE, Kind.CREDIT_NOTE, Kind.DEBIT_NOTE, Kind.SUPPORT_DOCUMENT, Kind.ADJUSTMENT_NOTE]
    emitted = [sold, credited, debited, bought, adjusted]
    assert [kept.kind for kept in emitted] == kinds
    for kept in emitted:
        assert_valid(gateway, kept)
    assert [str(kept.number) for kept in emitted] == ["SETP990000000", "NC1", "ND1", "SEDS984000000", "NA1"]
    assert (sold.payable, bought.payable) == (145775, 90000)
    assert dian.documents_received == 5


def test_an_event_is_declared_on_an_invoice_that_another_company_sold(posted, call, gateway, dian):
    cufe = dian_issuers.sold_on_credit(dian, SUPPLIER, NIT)

    declared = posted("/eventos", dian_issuers.acknowledgement(cufe))
    again = call("POST", "/eventos", dian_issuers.acknowledgement(cufe))

    assert_valid(gateway, declared)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert [event.code for event in dian.register.events[cufe]] == ["030"]


def test_numbers_are_taken_without_a_gap_and_file_names_are_counted_by_kind(posted, dian):
    sold = [posted("/documentos", invoice(referencia=f"V-{n}")) for n in range(3)]
    today = sold[0].issued_at.date()
    posted("/notas-credito", note(str(sold[0].number), sold[0].uuid, fecha=today.isoformat()))

    names = [verdict.file_name for verdict in dian.documents]
    assert [kept.number.consecutive for kept in sold] == [990_000_000, 990_000_001, 990_000_002]
    stem = f"0900123456000{today:%y}0000000"
    assert names == [f"fv{stem}1.xml", f"fv{stem}2.xml", f"fv{stem}3.xml", f"nc{stem}1.xml"]


@pytest.mark.reads_the_date
def test_an_event_that_is_declared_again_after_its_rejection_bears_its_own_date(
    posted, call, gateway, dian, clock
):
    """From the date of an event DIAN counts business days: that of its rejected first attempt is none of its."""
    cufe = dian_issuers.sold_on_credit(dian, SUPPLIER, NIT)
    dian.reject_next("AAH07", "El CUFE no existe")
    first = posted("/eventos", dian_issuers.acknowledgement(cufe))
    assert first.state is State.REJECTED
    clock.advance(days=6)

    again = posted("/eventos", dian_issuers.acknowledgement(cufe))

    assert (again.document_id, again.state) == (first.document_id, State.ACCEPTED), again.steps
    assert (again.issued_at - first.issued_at).days == 6
    assert f"<cbc:IssueDate>{again.issued_at:%Y-%m-%d}<".encode() in gateway.archive.read(again.signed_xml)


@pytest.mark.reads_the_date
def test_a_paper_invoice_is_transcribed_in_its_contingency_range(posted, call, gateway, issuer, dian):
    prefixes = {**issuer.settings["dian"], "contingency_prefixes": "CONT"}
    issuer = issuer.model_copy(update={"settings": {"dian": prefixes}})
    gateway.issuers.save(issuer)
    sync_ranges(gateway, issuer, "dian")
    paper = {"numero": "T-17", "fecha": bogota(gateway.now()).date().isoformat()}

    written = posted("/documentos", invoice(factura={"tipo": "03"}, factura_papel=paper))
    ordinary = posted("/documentos", invoice())

    assert (written.state, str(written.number)) == (State.ACCEPTED, "CONT1"), written.steps
    assert str(ordinary.number) == "SETP990000000"
    assert b'schemeName="CUDE-SHA384"' in gateway.archive.read(written.signed_xml or "")
    transcription = {"factura": {"tipo": "03"}, "factura_papel": paper}
    for wrong in ({"prefijo": "CONT"}, {"prefijo": "SETP", **transcription}):
        refused = call("POST", "/documentos", invoice(**wrong))
        assert (refused.status, list(refused.json["errors"])) == (422, ["prefijo"]), refused.text
    following = {(r.prefix, r.provider_type): r.next for r in gateway.ranges.all(NIT)}
    assert (following["CONT", CONTINGENCY], following["SETP", None]) == (2, 990_000_001)


@pytest.mark.reads_the_date
def test_a_paper_invoice_without_a_contingency_range_spends_no_ordinary_number(call, gateway, issuer, dian):
    paper = {"numero": "T-17", "fecha": bogota(gateway.now()).date().isoformat()}

    refused = call("POST", "/documentos", invoice(factura={"tipo": "03"}, factura_papel=paper))

    assert refused.status == 422
    assert "contingencia" in refused.json["errors"]["prefijo"][0]
    assert dian_issuers.files_sent(dian) == []
    assert one_range(gateway, "SETP").next == 990_000_000


def test_what_was_sent_is_in_the_archive_without_a_secret(posted, gateway):
    kept = posted("/documentos", invoice())

    request = gateway.archive.sent_request(kept)
    secrets = dian_issuers.credentials()
    assert request.operation == "SendBillSync"
    assert secrets["software_pin"].encode() not in request.body
    assert b"PRIVATE KEY" not in request.body
    assert "PRIVATE KEY" not in kept.model_dump_json()


# Its XML


def test_what_we_signed_and_dian_accepted_is_its_xml_whether_dian_publishes_it_or_not(
    posted, let_pass, call, gateway, dian
):
    at_once = posted("/documentos", invoice(referencia="V-1"))
    dian.lose_next_answer(stored=True)
    in_doubt = posted("/documentos", invoice(referencia="V-2"))
    settled = let_pass(in_doubt, every=5)

    for kept in (at_once, settled):
        assert_valid(gateway, kept)
        (has,) = [found for found in dian.documents if found.uuid == kept.uuid]
        assert call("GET", f"/documentos/{kept.document_id}/xml").text.encode() == has.content
    assert not [seen for seen in dian.requests if seen.path.endswith("GetXmlByDocumentKey")]


def test_a_correction_at_the_very_time_of_what_it_corrects_has_the_xml_that_dian_gives(
    posted, call, gateway, dian, clock
):
    """Both have one CUFE, which then says nothing of which of the two it is."""
    now = bogota(clock())
    issued = {"factura": {"fecha": f"{now:%Y-%m-%d}", "hora": f"{now:%H:%M:%S}"}}
    dian.reject_next("FAK24", "DV del NIT del adquiriente errado")
    rejected = posted("/documentos", invoice(referencia="V-1", **issued))

    kept = posted("/documentos", invoice(referencia="V-1", observaciones="corregida", **issued))

    assert_valid(gateway, kept)
    assert kept.uuid == rejected.uuid
    assert [seen for seen in dian.requests if seen.path.endswith("GetXmlByDocumentKey")]


def test_an_accepted_document_of_which_we_have_no_bytes_has_the_xml_that_dian_gives(
    posted, call, gateway, dian
):
    kept = posted("/documentos", invoice())
    gateway.records.save(noted(kept, "of before", gateway.now(), sent_as=None, signed_xml=None))

    answer = call("GET", f"/documentos/{kept.document_id}/xml")

    assert answer.text.encode() == dian.documents[0].content
    assert [seen for seen in dian.requests if seen.path.endswith("GetXmlByDocumentKey")]


# Events


def test_an_event_says_nothing_of_another_invoice_that_dian_gave_for_its_own(
    posted, let_pass, gateway, dian, monkeypatch
):
    cufe, other = (
        dian_issuers.sold_on_credit(dian, SUPPLIER, NIT, number) for number in (990_000_001, 990_000_002)
    )
    of_its_own = asking.xml
    asked = []

    def of_another(register, sender, track_id, now):
        asked.append(track_id)
        return of_its_own(register, sender, other if len(asked) == 1 else track_id, now)

    monkeypatch.setattr(asking, "xml", of_another)

    waiting = posted("/eventos", dian_issuers.acknowledgement(cufe))
    kept = let_pass(waiting, every=5)

    assert (waiting.state, waiting.attempt) == (State.RECEIVED, 1)
    assert "otra factura" in waiting.last_error
    assert asked[:2] == [cufe, cufe]
    assert_valid(gateway, kept)
    assert [event.code for event in dian.register.events[cufe]] == ["030"]
    assert other not in dian.register.events


def test_an_event_that_was_rejected_is_sent_as_corrected(posted, gateway, dian):
    cufe = dian_issuers.sold_on_credit(dian, SUPPLIER, NIT)
    dian.reject_next("AAB01", "Regla inventada")
    rejected = posted("/eventos", dian_issuers.acknowledgement(cufe))
    person = dian_issuers.acknowledgement(cufe)["quien_recibio_documento"]

    kept = posted(
        "/eventos",
        dian_issuers.acknowledgement(cufe, quien_recibio_documento={**person, "cargo": "Recepción"}),
    )

    first, second = dian_issuers.files_sent(dian)[-2:]
    assert (rejected.state, kept.document_id) == (State.REJECTED, rejected.document_id)
    assert kept.state is State.ACCEPTED
    assert first != second
    assert "Recepción".encode() in gateway.archive.read(kept.signed_xml or "")


# What the buyer receives


def test_an_accepted_document_is_delivered_with_dian_s_answer_in_one_signed_file(posted, call, gateway, dian):
    dian.accept_with_notices({"RUT01": "La validación del estado del RUT próximamente estará disponible."})
    sold = posted("/documentos", invoice())
    credited = posted(
        "/notas-credito", note(str(sold.number), sold.uuid, fecha=sold.issued_at.date().isoformat())
    )

    for n, kept in enumerate((sold, credited), start=1):
        path = f"/documentos/{kept.document_id}/xml"
        delivered = call("GET", f"{path}?contenedor=1")

        assert delivered.status == 200, delivered.text
        xml = delivered.text.encode()
        assert dian_issuers.is_verified(xml)
        assert schema_errors(xml) == []
        year = kept.issued_at.year % 100
        own_number = f"{year}0000000{n}"
        assert f'filename="ad0900123456000{own_number}.xml"' in delivered.headers["Content-Disposition"]
        report = verify(xml, Secrets(pin=SecretStr(account(NIT).pin), technical_key=SecretStr(TEST_KEY)))
        document, _ = report.enclosed
        assert document.is_right, document
        assert not any(check.verdict is Verdict.WRONG for part in report.sections for check in part.checks)
        tree = parsed(xml)
        enclosed = "/*/cac:Attachment/cac:ExternalReference/cbc:Description"
        assert text(tree, enclosed).encode() == call("GET", path).text.encode()
        assert text(tree, "/*/cbc:ID") == f"AD{own_number}"
        assert text(tree, "/*/cbc:ParentDocumentID") == str(kept.number)
        scheme = "CUFE-SHA384" if kept is sold else "CUDE-SHA384"
        reference = "/*/cac:ParentDocumentLineReference/cac:DocumentReference"
        assert text(tree, f"{reference}/cbc:UUID/@schemeName") == scheme
        assert text(tree, f"{reference}/cbc:UUID") == kept.uuid


def test_nothing_is_delivered_before_dian_validated_it_nor_to_whom_sells_without_invoicing(
    posted, call, dian
):
    dian.reject_next("FAK24", "DV del NIT del adquiriente errado")
    rejected = posted("/documentos", invoice())
    bought = posted("/documentos-soporte", support_document())

    none, unfit = (
        call("GET", f"/documentos/{kept.document_id}/xml?contenedor=1") for kept in (rejected, bought)
    )

    assert (none.status, unfit.status) == (404, 422)


def test_a_parameter_of_the_xml_that_is_none_is_refused_by_name(posted, call):
    sold = posted("/documentos", invoice())

    misspelt, other = (
        call("GET", f"/documentos/{sold.document_id}/xml?{query}")
        for query in ("contendor=1", "contenedor=si")
    )

    assert (misspelt.status, other.status) == (422, 422)
    said = "El parámetro «contendor» no existe; ¿quiso decir «contenedor»?"
    assert misspelt.json["errors"] == {"contendor": [said]}
    assert other.json["errors"] == {"contenedor": ["El parámetro «contenedor» debe ser uno de: 1."]}


def test_a_dian_that_does_not_answer_delivers_later(posted, call, dian):
    sold = posted("/documentos", invoice())
    dian.answer_next(503, operation="GetStatus")
    path = f"/documentos/{sold.document_id}/xml?contenedor=1"

    assert call("GET", path).status in (503, 504)
    assert call("GET", path).status == 200


# Answers that do not come


@pytest.mark.parametrize(
    "stored", [True, False], ids=["it has it: rule 90 says that it is ours", "it has it not"]
)
def test_what_dian_denies_having_is_sent_again_byte_for_byte(posted, let_pass, gateway, issuer, dian, stored):
    dian.lose_next_answer(stored=stored)
    doubtful = posted("/documentos", invoice())
    for _ in range(3 if stored else 0):
        dian.answer_next("66", operation="GetStatus")

    settled = let_pass(doubtful, every=5)

    assert_valid(gateway, settled)
    first, second = dian_issuers.files_sent(dian)
    assert first == second
    (verdict,) = dian.documents
    assert verdict.times_sent == 1 + stored
    assert str(settled.number) == verdict.number == "SETP990000000"
    assert one_range(gateway, "SETP").next == 990_000_001


def test_a_number_that_dian_has_with_another_cufe_needs_a_person_and_the_next_one_is_free(
    posted, let_pass, call, gateway, dian
):
    emit(connected(dian), record(builders.a_document(), 990_000_000))

    kept = let_pass(posted("/documentos", invoice(referencia="V-1")), every=5)

    assert (kept.state, kept.needs_person) == (State.UNKNOWN, True)
    assert "otro documento con ese número" in (kept.last_error or "")
    assert dian.documents_received == 1
    decision = {"accion": "descartar", "motivo": "El número es de otro software."}
    assert call("POST", f"/documentos/{kept.document_id}/resolver", decision).status == 200
    anew = posted("/documentos", invoice(referencia="V-1bis"))
    assert_valid(gateway, anew)
    assert str(anew.number) == "SETP990000001"


def test_a_rejected_document_is_corrected_with_its_number_and_another_cufe(posted, gateway, dian):
    dian.reject_next("FAK24", "DV del NIT del adquiriente errado")
    rejected = posted("/documentos", invoice(referencia="V-1"))

    corrected = posted("/documentos", invoice(referencia="V-1", observaciones="corregida"))
    following = posted("/documentos", invoice(referencia="V-2"))

    assert rejected.state is State.REJECTED and rejected.rejections[0].rule == "FAK24"
    assert corrected.number == rejected.number
    assert_valid(gateway, corrected)
    assert following.number.consecutive == corrected.number.consecutive + 1


def test_a_look_is_one_question_whether_dian_still_validates_or_has_validated(posted, gateway, dian, clock):
    """What 10,000 looks cost (test_turns) is counted so."""
    dian.slow_next(asks=1)
    pending = posted("/documentos", invoice())
    asked = []
    for _ in range(2):
        clock.advance(minutes=5)
        before = len(dian.requests)
        settle_due(gateway)
        asked.append(len(dian.requests) - before)

    assert gateway.records.read(NIT, pending.document_id).state is State.ACCEPTED
    assert asked == [1, 1]


def test_a_document_that_the_issuer_may_not_sign_is_refused_before_a_number_is_spent(
    call, gateway, issuer, dian
):
    gateway.issuers.save(issuer.model_copy(update={"party": None}))

    refused = call("POST", "/documentos", invoice())

    assert refused.status == 422
    assert "emisor" in refused.json["errors"]
    assert dian_issuers.files_sent(dian) == []
    assert one_range(gateway, "SETP").next == 990_000_000


def one_range(gateway: Gateway, prefix: str) -> Any:
    (found,) = [known for known in gateway.ranges.all(NIT) if known.prefix == prefix]
    return found


def test_what_we_signed_is_not_kept_as_the_xml_of_another_identifier(posted, gateway, issuer):
    """DIAN validated some document under this number, and the one that we have signed is not it."""
    kept = posted("/documentos", invoice())
    of_another = kept.model_copy(update={"uuid": "f" * 96, "signed_xml": None})

    after = attempt.own_xml_noted(gateway, gateway.provider(issuer, "dian"), of_another)

    assert after.signed_xml is None


@pytest.fixture
def dian_gives(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Whatever XML DIAN is asked for, it gives one in which this is something else."""

    def instead(ours: bytes, theirs: bytes) -> None:
        def told(code: str, message: str, content: bytes = b"", validated: str | None = None) -> str:
            return of_its_own(code, message, re.sub(ours, theirs, content), validated)

        of_its_own = results.event
        monkeypatch.setattr(results, "event", told)

    return instead


@pytest.fixture
def dian_has_no_xml(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """The documents that DIAN has, it has without their XML; once called, with it."""
    with_it = asking.xml
    monkeypatch.setattr(asking, "xml", lambda *_: results.event("206", "Su XML aún no está disponible."))
    return lambda: monkeypatch.setattr(asking, "xml", with_it)


# Rule 90


@pytest.fixture
def repeated(posted: Any, gateway: Gateway, dian: DianSimulator, clock: Clock) -> Any:
    """Our bytes again after DIAN denied having them: what DIAN then answers is rule 90."""

    def made(**answers: str) -> Record:
        dian.lose_next_answer(stored=True)
        doubtful = posted("/documentos", invoice())
        for _ in range(3):
            dian.answer_next("66", operation="GetStatus")
            clock.advance(minutes=5)
            settle_due(gateway)
        for operation, code in answers.items():
            dian.answer_next(code, operation=operation)
        return sending.emit(gateway, gateway.records.read(doubtful.issuer, doubtful.document_id))

    return made


def test_rule_90_is_accepted_once_dian_says_that_it_is_valid_and_gives_back_what_was_sent(repeated, gateway):
    assert_valid(gateway, repeated())


def test_rule_90_is_in_doubt_where_dian_does_not_say_that_it_is_valid(repeated, gateway, dian, clock):
    kept = repeated(GetStatus="66")

    assert (kept.state, kept.already_processed) == (State.UNKNOWN, True), kept.steps
    clock.advance(minutes=5)
    settle_due(gateway)
    assert_valid(gateway, gateway.records.read(kept.issuer, kept.document_id))


def test_rule_90_is_in_doubt_where_dian_does_not_give_the_document(repeated, gateway, dian_has_no_xml, clock):
    kept = repeated()

    assert (kept.state, kept.already_processed) == (State.UNKNOWN, True), kept.steps
    clock.advance(minutes=5)
    settle_due(gateway)
    assert gateway.records.read(kept.issuer, kept.document_id).state is State.UNKNOWN
    dian_has_no_xml()
    clock.advance(hours=2)
    settle_due(gateway)
    assert_valid(gateway, gateway.records.read(kept.issuer, kept.document_id))


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (rb">145775\.00<", b">145776.00<"),
        (rb"(<cbc:IssueTime>)..", rb"\g<1>24"),
        (rb"(<cbc:IssueDate>)....", rb"\g<1>2020"),
        (rb"(?s)(<cac:AccountingSupplierParty>.*?CompanyID[^>]*>)\d+", rb"\g<1>900999999"),
        (rb"(?s)(<cac:AccountingCustomerParty>.*?CompanyID[^>]*>)\d+", rb"\g<1>900999999"),
        (rb"(<cbc:UUID[^>]*>)[0-9a-f]{96}", rb"\g<1>" + b"f" * 96),
        (rb">SETP990000000<", b">SETP990000001<"),
    ],
    ids=["total", "time", "date", "seller", "buyer", "CUFE", "number"],
)
def test_rule_90_is_a_person_s_where_dian_gives_another_document(
    ours: bytes, theirs: bytes, repeated, gateway, dian_gives, clock
):
    dian_gives(ours, theirs)

    kept = repeated()
    clock.advance(minutes=5)
    settle_due(gateway)

    after = gateway.records.read(kept.issuer, kept.document_id)
    assert (after.state, after.needs_person, after.already_processed) == (State.UNKNOWN, True, True)


def test_an_xml_that_is_asked_for_and_is_another_documents_is_neither_kept_nor_handed_out(
    posted, gateway, dian_gives
):
    kept = posted("/documentos", invoice())
    kept = gateway.records.save(noted(kept, "of before", gateway.now(), sent_as=None, signed_xml=None))
    dian_gives(kept.uuid.encode(), b"e" * 96)

    with pytest.raises(Conflict, match="otro documento"):
        delivery.signed_xml(gateway, kept)

    assert gateway.records.read(NIT, kept.document_id).signed_xml is None


@pytest.fixture
def doubtful_event(posted: Any, gateway: Gateway, dian: DianSimulator) -> Record:
    """An event of which DIAN said that it was processed before, and nobody has read yet whose that is."""
    cufe = dian_issuers.sold_on_credit(dian, SUPPLIER, NIT)
    known = posted("/eventos", dian_issuers.acknowledgement(cufe))
    facts = {"state": State.UNKNOWN, "already_processed": True, "due_at": gateway.now(), "signed_xml": None}
    kept: Record = gateway.records.save(noted(known, "already processed", gateway.now(), **facts))
    return kept


def test_an_event_of_rule_90_is_accepted_once_dian_gives_it_back(doubtful_event, gateway):
    settle_due(gateway)

    assert_valid(gateway, gateway.records.read(NIT, doubtful_event.document_id))


def test_an_event_of_rule_90_is_a_person_s_where_dian_gives_another_event(
    doubtful_event, gateway, dian_gives
):
    dian_gives(b"ResponseCode>030<", b"ResponseCode>032<")

    settle_due(gateway)

    after = gateway.records.read(NIT, doubtful_event.document_id)
    assert (after.state, after.needs_person) == (State.UNKNOWN, True)


def test_a_person_is_called_for_an_event_of_rule_90_that_dian_never_gives_back(
    doubtful_event, gateway, dian_has_no_xml, clock
):
    for _ in range(12):
        settle_due(gateway)
        clock.advance(minutes=11)

    after = gateway.records.read(NIT, doubtful_event.document_id)
    assert (after.state, after.needs_person, after.already_processed) == (State.UNKNOWN, True, True)


@pytest.fixture
def waiting(posted: Any, gateway: Gateway, dian: DianSimulator) -> Any:
    """A document or event of a kind that DIAN validated, and that waits for a person after rule 90."""

    def made(kind: Kind) -> Record:
        def on(sold: Record) -> dict[str, Any]:
            return note(
                str(sold.number), sold.uuid or "", fecha=sold.issued_at.date().isoformat(), codigo="3"
            )

        match kind:
            case Kind.INVOICE:
                known = posted("/documentos", invoice())
            case Kind.CREDIT_NOTE:
                known = posted("/notas-credito", on(posted("/documentos", invoice())))
            case Kind.DEBIT_NOTE:
                known = posted("/notas-debito", on(posted("/documentos", invoice())))
            case Kind.SUPPORT_DOCUMENT:
                known = posted("/documentos-soporte", support_document())
            case Kind.ADJUSTMENT_NOTE:
                bought = posted("/documentos-soporte", support_document())
                day = bought.issued_at.date().isoformat()
                known = posted(
                    "/notas-ajuste", dian_issuers.adjustment(str(bought.number), bought.uuid or "", day)
                )
            case Kind.EQUIVALENT_DOCUMENT:
                known = posted("/documentos-equivalentes", ticket())
            case Kind.EQUIVALENT_NOTE:
                sold = posted("/documentos-equivalentes", ticket())
                day = sold.issued_at.date().isoformat()
                body = note_on_ticket(str(sold.number), sold.uuid or "", fecha=day)
                known = posted("/notas-documento-equivalente", body)
            case Kind.EVENT:
                cufe = dian_issuers.sold_on_credit(dian, SUPPLIER, NIT)
                known = posted("/eventos", dian_issuers.acknowledgement(cufe))
        facts = {"state": State.UNKNOWN, "already_processed": True, "needs_person": True, "signed_xml": None}
        kept: Record = gateway.records.save(noted(known, "needs a person", gateway.now(), **facts))
        return kept

    return made


@pytest.mark.parametrize("kind", Kind)
def test_a_person_accepts_what_rule_90_left_in_doubt_whatever_its_kind_once_it_was_read(
    kind: Kind, waiting, call, gateway
):
    doubtful = waiting(kind)

    def accept(cufe: str) -> Any:
        body = {"accion": "aceptar", "motivo": "Está en el portal de la DIAN", "cufe": cufe}
        return call("POST", f"/documentos/{doubtful.document_id}/resolver", body)

    other = waiting(kind).uuid if kind is not Kind.EVENT else None
    assert [accept(cufe).status for cufe in (other, "b" * 96) if cufe] in ([409, 409], [409])
    accepted = accept(doubtful.uuid)

    assert (accepted.status, accepted.json["estado"]) == (200, "aceptado"), accepted.text
    assert_valid(gateway, gateway.records.read(NIT, doubtful.document_id))


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (rb"ResponseCode>030<", b"ResponseCode>032<"),
        (rb"(?s)(<cac:SenderParty>.*?>)" + NIT.encode(), rb"\g<1>900999999"),
    ],
    ids=["of another code", "of another issuer"],
)
def test_a_person_accepts_no_event_but_this_one(
    ours: bytes, theirs: bytes, waiting, call, gateway, dian_gives
):
    doubtful = waiting(Kind.EVENT)
    dian_gives(ours, theirs)

    body = {"accion": "aceptar", "motivo": "Está en el portal de la DIAN", "cufe": doubtful.uuid}
    refused = call("POST", f"/documentos/{doubtful.document_id}/resolver", body)

    assert refused.status == 409 and "otro evento" in refused.json["error"]
    assert gateway.records.read(NIT, doubtful.document_id).state is State.UNKNOWN


def test_a_request_is_answered_while_its_caller_waits_and_its_document_is_found_afterwards(
    posted, gateway, dian, let_pass, monkeypatch
):
    monkeypatch.setattr(wiring, "REQUEST_SECONDS", 6.0)
    dian.stall(60)  # a simulator that stops lets go of it

    kept = posted("/documentos", invoice())

    assert (kept.state, kept.failure) == (State.UNKNOWN, Failure.CUT_SHORT), kept.steps
    assert gateway.outages.read("dian", NIT).get(NIT) is None  # it was not DIAN that was short of time
    assert_valid(gateway, let_pass(kept, minutes=40, every=5))
