"""The suite's promises through the real gateway: table, archive and queue in moto, with the provider behind."""

import threading
from datetime import timedelta
from typing import Any

import boto3
import pytest

from cauce.contracts.v1 import contract
from cauce.domain.document import Document, Kind, Payment
from cauce.domain.errors import (
    CauceError,
    Conflict,
    InvalidDocument,
    NumberingUnavailable,
    ReferenceConflict,
)
from cauce.domain.event import Event
from cauce.domain.issuer import Issuer
from cauce.domain.record import Record, State
from cauce.domain.time import bogota
from cauce.emission import sending
from cauce.gateway import Gateway
from cauce.intake import documents, events
from cauce.numbering.sync import sync_all, sync_ranges
from cauce.providers.base import NumberedBy, Resend, Verb
from cauce.providers.registry import NAMES, provider_class
from cauce.settling import decisions
from cauce.settling.decisions import Decision
from tests import stack
from tests.contract.bench import RULE, TEXT, Bench, Live
from tests.contract.benches import BENCHES
from tests.contract.benches.facepro import FacEProBench
from tests.contract.benches.facturatech import FacturatechBench
from tests.contract.benches.factus import FactusV1
from tests.contract.conftest import ALL, named
from tests.flow.conftest import Clock
from tests.quick_boto3 import own
from tests.records import noted
from tests.settling import settle_due
from tests.unit.facturatech import builders

NEVER = [case for case in ALL if case.bench.provider.declare(case.bench.variant).resend is Resend.NEVER]
INVOICES = [case for case in ALL if case.kind is Kind.INVOICE]


class Through:
    """A case, emitted through the gateway."""

    def __init__(self, live: Live, gateway: Gateway, clock: Clock):
        self.live = live
        self.gateway = gateway
        self.clock = clock
        self.issuer = enrolled(gateway, live.bench, {live.kind: live.provider.name})
        self._operation = live.ready().operation.removeprefix("POST ")
        self._asked = len(live.asked)

    def accept(self, **changes: Any) -> Record:
        """Accept the case's document or event as a POST does."""
        content = self.live.record.content.model_copy(update=changes)
        number = self.live.record.number
        if type(content) is Document and number is not None:
            content = content.model_copy(update={"prefix": number.prefix})
        digest = contract.content_hash(content)
        if type(content) is Event:
            return events.take_in(self.gateway, self.issuer, content, digest, None)[0]
        return documents.take_in(self.gateway, self.issuer, content, digest)[0]

    def emit(self, record: Record) -> Record:
        return sending.emit(self.gateway, self.gateway.records.read(record.issuer, record.document_id))

    def kept(self, record: Record) -> Record:
        return self.gateway.records.read(record.issuer, record.document_id)

    def let_pass(self, record: Record) -> Record:
        """Let time pass, with the schedule and the queue, until the record has nothing due or needs a person."""
        for _ in range(12):
            if record.due_at is None or record.needs_person:
                break
            self.clock.advance(minutes=11)
            settle_due(self.gateway)
            record = self.kept(record)
            if record.state is State.RECEIVED:
                record = self.emit(record)
        return record

    @property
    def sends(self) -> int:
        """How often the request that creates the document reached the provider."""
        asked = self.live.asked[self._asked :]
        return sum(seen.method == "POST" and seen.path.endswith(self._operation) for seen in asked)


def enrolled(gateway: Gateway, bench: Bench, providers: dict[Kind, str]) -> Issuer:
    """Save the bench's issuer, its credentials and its ranges in the gateway's stack."""
    name = bench.provider.name
    issuer = bench.issuer.model_copy(update={"providers": providers, "settings": {name: bench.settings()}})
    gateway.issuers.save(issuer)
    stack.keep_credentials(issuer.nit, bench.provider.name, bench.credentials)
    if Verb.RANGES in bench.provider.declare(bench.variant).verbs:
        sync_ranges(gateway, issuer, name)
    else:  # the provider does not tell its ranges, so an operator writes them
        for kind in set(providers) - {Kind.EVENT}:
            by_hand = bench.range(kind)
            if by_hand is not None:
                written = by_hand.model_copy(update={"next": by_hand.start, "by_hand": True})
                gateway.ranges.save(issuer.nit, written)
    return issuer


@pytest.fixture
def through(live: Live, gateway: Gateway, clock: Clock) -> Through:
    return Through(live, gateway, clock)


@pytest.mark.parametrize("stored", [True, False], ids=["stored", "not stored"])
def test_a_lost_answer_is_settled_without_a_second_document(through: Through, stored: bool) -> None:
    posted = through.accept()
    through.live.bench.lose(stored=stored)

    doubtful = through.emit(posted)
    assert doubtful.state is State.UNKNOWN
    record = through.let_pass(doubtful)

    if stored:
        assert record.state is State.ACCEPTED, record.steps
        assert (through.live.stored, through.sends) == (1, 1)
    elif through.live.capabilities.resend is Resend.NEVER:
        assert (record.state, record.needs_person) == (State.UNKNOWN, True)
        assert (through.live.stored, through.sends) == (0, 1)
    else:
        assert record.state is State.ACCEPTED, record.steps
        assert (through.live.stored, through.sends) == (1, 2)


def test_two_workers_with_the_same_record_make_one_document_and_its_trail_holds_no_secret(
    through: Through, monkeypatch: pytest.MonkeyPatch
) -> None:
    posted = through.accept()
    one_at_a_time(through.gateway, monkeypatch)
    start, troubles = threading.Barrier(2), []

    def work() -> None:
        start.wait()
        try:
            through.emit(posted)
        except CauceError as trouble:
            troubles.append(trouble)

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    record = through.kept(posted)
    if record.state is not State.ACCEPTED:
        record = through.let_pass(record)
    again = through.emit(record)  # the queue delivers the message once more

    assert troubles == []
    assert record.state is again.state is State.ACCEPTED, record.steps
    assert (through.live.stored, through.sends) == (1, 1)
    assert len(record.uuid or "") == 96
    if Verb.XML in through.live.capabilities.verbs:
        assert record.signed_xml
    kept = everything_kept()
    assert record.document_id in kept
    for secret in through.live.bench.secrets:
        assert secret not in kept


@pytest.mark.reads_the_date
@pytest.mark.parametrize("case", INVOICES, ids=str)
@pytest.mark.parametrize("days_back", [None, 3], ids=["of today", "dated three days back"])
def test_what_was_due_yesterday_is_refused_for_that_alone_and_no_provider_is_asked(
    case: Any, at_work: Any, gateway: Gateway, clock: Clock, days_back: int | None
) -> None:
    live = at_work(case)
    issuer = enrolled(gateway, live.bench, {live.kind: live.provider.name})
    asked, today = len(live.asked), bogota(clock()).date()
    document = live.record.document.model_copy(
        update={
            "issue_date": today - timedelta(days=days_back) if days_back else None,
            "payment": Payment(form="2", due_date=today - timedelta(days=1)),
        }
    )

    for judged in (
        documents.validated,  # what ``?validar=solo`` calls
        documents.take_in,
    ):
        with pytest.raises(InvalidDocument) as refusal:
            judged(gateway, issuer, document, contract.content_hash(document))
        assert list(refusal.value.fields) == ["payment.due_date"]
    assert len(live.asked) == asked


@pytest.mark.parametrize("case", NEVER, ids=str)
@pytest.mark.parametrize("decision", [Decision.SEND_AGAIN, Decision.DISCARD], ids=["reenviar", "descartar"])
def test_what_only_a_person_may_decide_is_decided_once_and_the_trace_says_by_whom(
    case: Any, decision: Decision, at_work: Any, gateway: Gateway, clock: Clock
) -> None:
    through = Through(at_work(case), gateway, clock)
    posted = through.accept()
    with pytest.raises(Conflict):
        decisions.decide(gateway, posted, decision, reason="apuro", who="ana")
    through.live.bench.lose(stored=False)
    waiting = through.let_pass(through.emit(posted))
    assert waiting.needs_person

    decided = decisions.decide(gateway, waiting, decision, reason="no llegó", who="ana")

    assert "ana: no llegó" in (decided.steps[-1].detail or "")
    assert not decided.needs_person
    with pytest.raises(Conflict):
        decisions.decide(gateway, decided, Decision.SEND_AGAIN, reason="otra vez", who="luis")
    record = through.let_pass(decided)
    if decision is Decision.SEND_AGAIN:
        assert record.state is State.ACCEPTED
        assert (through.live.stored, through.sends) == (1, 2)
    else:
        assert (record.state, record.last_error) == (State.FAILED, "no llegó")
        assert (through.live.stored, through.sends) == (0, 1)


def test_a_rejected_document_is_corrected_under_its_reference(through: Through) -> None:
    through.live.bench.reject(RULE, TEXT)
    rejected = through.emit(through.accept(reference="VENTA-1"))
    assert rejected.state is State.REJECTED
    assert [message.rule for message in rejected.rejections] == [RULE]

    corrected = through.emit(through.accept(reference="VENTA-1", **mended(through.live)))
    if corrected.state is not State.ACCEPTED:
        corrected = through.let_pass(corrected)

    assert corrected.document_id == rejected.document_id
    assert corrected.state is State.ACCEPTED, corrected.steps
    if through.live.capabilities.numbered_by is NumberedBy.GATEWAY:
        assert corrected.number == rejected.number


def mended(live: Live) -> dict[str, Any]:
    """The fields that a correction changes; an event is declared again unchanged."""
    if type(live.record.content) is Event:
        return {}
    line = live.record.content.lines[0].model_copy(update={"description": "corregida"})
    return {"lines": (line,)}


# One issuer, several providers


@pytest.fixture
def three(at_work: Any, gateway: Gateway) -> Any:
    """An issuer whose invoices go through Factus, credit notes through Facturatech and debit notes through FacEPro."""
    benches = {bench.provider.name: bench() for bench in (FactusV1, FacturatechBench, FacEProBench)}
    for bench in benches.values():
        bench.simulator.start()
    nit = builders.NIT
    benches["facepro"].simulator.add_tenant(benches["facepro"].simulator.token, nit)  # type: ignore[attr-defined]
    issuer = builders.issuer(
        providers={
            Kind.INVOICE: "factus",
            Kind.CREDIT_NOTE: "facturatech",
            Kind.DEBIT_NOTE: "facepro",
        },
        # Factus's simulator is of the test environment, and tells so in its QR.
        settings={name: bench.settings() for name, bench in benches.items()},
    )
    gateway.issuers.save(issuer)
    for bench in benches.values():
        stack.keep_credentials(issuer.nit, bench.provider.name, bench.credentials)
    for name in ("factus", "facturatech"):
        sync_ranges(gateway, issuer, name)
    yield issuer, benches
    for bench in benches.values():
        bench.simulator.stop()


def posted(gateway: Gateway, issuer: Issuer, document: Any) -> Record:
    record, _ = documents.take_in(gateway, issuer, document, contract.content_hash(document))
    return sending.emit(gateway, gateway.records.read(issuer.nit, record.document_id))


def test_each_kind_goes_to_its_provider(three: Any, gateway: Gateway) -> None:
    issuer, benches = three

    went = {
        kind: posted(gateway, issuer, builders.of_kind(kind).model_copy(update={"prefix": None}))
        for kind in (Kind.CREDIT_NOTE, Kind.DEBIT_NOTE)
    }

    assert {kind: record.provider for kind, record in went.items()} == {
        Kind.CREDIT_NOTE: "facturatech",
        Kind.DEBIT_NOTE: "facepro",
    }
    assert {record.state for record in went.values()} == {State.ACCEPTED}
    assert {name: bench.count() for name, bench in benches.items()} == {
        "factus": 0,
        "facturatech": 1,
        "facepro": 1,
    }


def test_another_map_moves_no_range_and_no_record_of_the_provider_that_had_them(
    three: Any, gateway: Gateway
) -> None:
    """Factus and Facturatech both list the range SETP. Factus numbers it, so it stays Factus's when the map changes."""
    issuer, benches = three
    before = ranges_of(gateway, issuer, "factus")
    waiting, _ = documents.take_in(gateway, issuer, builders.invoice(reference="ANTES"), "h1")
    moved = issuer.model_copy(update={"providers": {**issuer.providers, Kind.INVOICE: "facturatech"}})
    gateway.issuers.save(moved)

    with pytest.raises(NumberingUnavailable, match="en otro proveedor"):
        documents.take_in(gateway, moved, builders.invoice(reference="DOBLE", prefix="SETP"), "h2")
    sync_all(gateway, moved)
    with pytest.raises(NumberingUnavailable, match="en otro proveedor"):
        documents.take_in(gateway, moved, builders.invoice(reference="DOBLE", prefix="SETP"), "h2")
    here = posted(gateway, moved, builders.invoice(reference="DESPUES", prefix="FEVA"))
    sending.emit(gateway, gateway.records.read(moved.nit, waiting.document_id))

    kept = gateway.records.read(moved.nit, waiting.document_id)
    assert (here.provider, here.state, str(here.number)) == ("facturatech", State.ACCEPTED, "FEVA1")
    assert kept.provider == "factus"
    assert kept.range is not None
    assert (kept.range.provider, kept.range.prefix) == ("factus", "SETP")
    assert benches["facturatech"].count() == 1
    assert ranges_of(gateway, moved, "factus") == before
    gateway.issuers.save(issuer)
    again, _ = documents.take_in(gateway, issuer, builders.invoice(reference="VUELTA", prefix="SETP"), "h3")
    assert again.range is not None
    assert again.range.provider == "factus"


def test_a_range_that_factus_let_go_is_numbered_on_from_where_factus_was(
    three: Any, gateway: Gateway
) -> None:
    issuer, benches = three
    setp = next(row for row in benches["factus"].simulator.ranges.values() if row.prefix == "SETP")
    setp.is_active = False
    moved = issuer.model_copy(update={"providers": {**issuer.providers, Kind.INVOICE: "facturatech"}})
    gateway.issuers.save(moved)
    for _ in range(
        2
    ):  # twice: Facturatech may be asked before Factus, and then takes SETP over only in the next run
        sync_all(gateway, moved)

    here = posted(gateway, moved, builders.invoice(reference="DESPUES", prefix="SETP"))

    assert (here.provider, here.state) == ("facturatech", State.ACCEPTED)
    assert str(here.number) == f"SETP{setp.next_number}"


def ranges_of(gateway: Gateway, issuer: Issuer, name: str) -> dict[str, Any]:
    return {r.key: r for r in gateway.ranges.all(issuer.nit) if r.provider == name}


def test_a_correction_stays_with_the_provider_that_has_the_rejected_document(
    three: Any, gateway: Gateway
) -> None:
    issuer, benches = three
    document = builders.note(Kind.CREDIT_NOTE, reference="NOTA-1")
    benches["facturatech"].reject(RULE, TEXT)
    assert posted(gateway, issuer, document).state is State.REJECTED
    moved = issuer.model_copy(update={"providers": {**issuer.providers, Kind.CREDIT_NOTE: "facepro"}})
    gateway.issuers.save(moved)

    for judged in (documents.validated, documents.take_in):
        with pytest.raises(ReferenceConflict):
            judged(gateway, moved, document, "corregida")

    assert benches["facepro"].count() == 0


# Helpers


def everything_kept() -> str:
    """Everything in the table and the bucket, as text, without the shared provider tokens, which are encrypted there and
    expire.
    """
    table = boto3.client("dynamodb", region_name=stack.REGION)
    pages = table.get_paginator("scan").paginate(TableName="cauce")
    items = [item for page in pages for item in page["Items"]]
    texts = [str(item) for item in items if not item["pk"]["S"].startswith("PROVIDER_TOKEN")]
    bucket = boto3.client("s3", region_name=stack.REGION)
    for found in bucket.list_objects_v2(Bucket="cauce").get("Contents", []):
        body = bucket.get_object(Bucket="cauce", Key=found["Key"])["Body"].read()
        texts += [found["Key"], body.decode("utf-8", "replace")]
    return "\n".join(texts)


def one_at_a_time(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    """DynamoDB checks conditions one write at a time; moto does not when two threads call it, so calls take a lock."""
    lock, client = threading.RLock(), own("dynamodb")
    real = client._make_api_call

    def locked(*arguments: Any) -> Any:
        with lock:
            return real(*arguments)

    monkeypatch.setattr(client, "_make_api_call", locked)


def test_every_provider_has_a_bench_for_each_of_its_dialects() -> None:
    benches = {(bench.provider.name, *bench.variant.items()) for bench in BENCHES}

    assert benches == {
        (name, *settings.items())
        for name in NAMES
        for settings in (*provider_class(name).variants, *provider_class(name).on_request)
    }
    assert len({str(case) for case in ALL}) == len(ALL)
    assert len({named(bench) for bench in BENCHES}) == len(BENCHES)


@pytest.mark.parametrize("case", ALL, ids=str)
def test_what_rule_90_left_in_doubt_a_person_accepts_once_it_was_read_and_nothing_else(
    case: Any, at_work: Any, gateway: Gateway, clock: Clock
) -> None:
    through = Through(at_work(case), gateway, clock)
    record = through.let_pass(through.emit(through.accept()))
    assert record.state is State.ACCEPTED, record.steps
    facts = {"state": State.UNKNOWN, "already_processed": True, "needs_person": True, "signed_xml": None}
    kept = gateway.records.save(noted(record, "needs a person", gateway.now(), **facts))

    def accepted(uuid: str) -> Record:
        return decisions.decide(
            gateway, kept, Decision.ACCEPT, reason="está en el portal", who="ana", uuid=uuid
        )

    with pytest.raises(Conflict):
        accepted("b" * 96)
    found = accepted(record.uuid or "")

    assert (found.state, found.uuid, found.number) == (State.ACCEPTED, record.uuid, record.number)
