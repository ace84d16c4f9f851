"""``emit``: takes documents in over HTTP, and takes queued ones to their provider."""

from cauce import starting  # isort: skip

import math
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    SqsFifoPartialProcessor,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from cauce import faults, observability, wiring
from cauce.contracts.v1 import contract, events, lot_answers, lots, queries, render, rest, sent, web
from cauce.contracts.v1.bodies import Body
from cauce.domain.document import Document, Kind
from cauce.domain.errors import Busy, CauceError, InvalidDocument, WrittenByNewer
from cauce.domain.issuer import Issuer
from cauce.domain.record import SETTLED, Record, State
from cauce.domain.totals import totals
from cauce.emission import lanes, places, sending, singles
from cauce.exchange import contingency
from cauce.intake import control, documents
from cauce.intake import events as intake_events
from cauce.intake import lots as intake_lots
from cauce.intake import queue as intake_queue
from cauce.reading import lots as reading_lots
from cauce.reception import desk
from cauce.settling import redriving

api = rest.resolver()


class NotYet(Exception):
    """The provider could not take the document now: its message comes back, and its lane waits behind it."""


# By the route that takes them.
_KINDS = {
    "/documentos": Kind.INVOICE,
    "/notas-credito": Kind.CREDIT_NOTE,
    "/notas-debito": Kind.DEBIT_NOTE,
    "/documentos-soporte": Kind.SUPPORT_DOCUMENT,
    "/notas-ajuste": Kind.ADJUSTMENT_NOTE,
    "/documentos-equivalentes": Kind.EQUIVALENT_DOCUMENT,
    "/notas-documento-equivalente": Kind.EQUIVALENT_NOTE,
}


def post_document() -> rest.Reply:
    gateway = wiring.gateway()
    request = rest.Request(api.current_event)
    issuer, token = desk.caller(request)
    kind = _KINDS[request.route[1]]
    body = request.text()
    document = contract.read(kind, body, idempotency_key=web.idempotency_key(request.headers))
    if queries.only_validates(request.query):
        return _validated(issuer, document, body, token.looks_up)
    with sent.named(kind, body):
        record, replayed = documents.take_in(
            gateway,
            issuer,
            document,
            contract.content_hash(document),
            by=token.known_as,
            said=partial(sent.said, content=document, body=body),
            looks_up=token.looks_up,
            at_once=not web.responds_async(request.headers),
        )
    return _offered(request, issuer, record, replayed=replayed)


for _path in _KINDS:
    api.post(_path)(post_document)


def _offered(request: rest.Request, issuer: Issuer, record: Record, *, replayed: bool) -> rest.Reply:
    """Give a record that was taken in to its provider, and answer with the record as it stands then."""
    gateway = wiring.gateway()
    observability.note(document=record.document_id)
    deferred = web.responds_async(request.headers)
    retry_after: dict[str, str] = {}
    before: places.Ahead | None = None
    try:
        if record.state is State.RECEIVED and deferred:
            record = sending.enqueue(gateway, record)
        elif record.state is State.RECEIVED:
            provider = gateway.provider(issuer, record.provider)
            record, before = sending.offer(gateway, record, provider, is_new=not replayed)
        if record.state not in SETTLED:
            record = places.as_shown(gateway, record, before)
            retry_after = {} if deferred else _asked_again(record, before)
    except (*faults.RAISED, Busy, WrittenByNewer) as trouble:
        # The record is in the table, and the schedule goes on with it. It is answered, because a caller without a
        # reference could only repeat the request as another document.
        will_pass = isinstance(trouble, (Busy, WrittenByNewer)) or faults.is_fault(trouble)
        if record.references or not will_pass:
            raise
        why = "a newer Cauce is needed" if isinstance(trouble, WrittenByNewer) else "AWS is busy"
        observability.logger().error(why, extra={"document_id": record.document_id})
    observability.observe(record)
    status, body = 202 if deferred else 201, render.created(record, request.base_url)
    return rest.answer(status, body, **_replayed(replayed), **retry_after)


def _asked_again(record: Record, before: places.Ahead | None) -> dict[str, str]:
    """The Retry-After header, in whole seconds, of a record without a verdict; empty for any other."""
    seconds = sending.asked_again_in(wiring.gateway(), record, before)
    return {} if seconds is None else {"Retry-After": str(max(1, math.ceil(seconds)))}


def _replayed(replayed: bool) -> dict[str, str]:
    return {"Idempotency-Replayed": "true"} if replayed else {}


def _validated(issuer: Issuer, document: Document, body: Body, looks_up: int | None) -> rest.Reply:
    """The answer to ``?validar=solo``: what would become of the document. Nothing is stored."""
    with sent.named(document.kind, body):
        hashed = contract.content_hash(document)
        found = documents.validated(wiring.gateway(), issuer, document, hashed, looks_up)
    with documents.own_faults_refused():
        answer = render.validation(
            document,
            totals(document),
            number=str(found.preview.number) if found.preview.number else None,
            uuid=found.preview.uuid,
            provider=found.provider,
            findings=tuple(sent.finding(each, document.kind, body) for each in found.findings),
            computed=found.computed,
        )
    return rest.answer(200, answer)


@api.post("/eventos")
def post_event() -> rest.Reply:
    gateway = wiring.gateway()
    request = rest.Request(api.current_event)
    issuer, token = desk.caller(request)
    body = request.json()
    event, received_on = events.event(body, idempotency_key=web.idempotency_key(request.headers))
    with sent.named(Kind.EVENT, body):
        record, replayed = intake_events.take_in(
            gateway, issuer, event, contract.content_hash(event), received_on, by=token.known_as
        )
    return _offered(request, issuer, record, replayed=replayed)


@api.post("/lotes")
def post_lot() -> rest.Reply:
    gateway = wiring.gateway()
    request = rest.Request(api.current_event)
    issuer, token = desk.caller(request)
    kind = lots.default_kind(request.query)
    key = contract.own_name(web.idempotency_key(request.headers))
    posted = lots.posted(*request.body())
    if isinstance(posted, lots.Announced):
        lot, replayed = intake_lots.await_upload(
            gateway,
            issuer,
            posted.bytes,
            posted.sha256.lower(),
            kind,
            key,
            by=token.known_as,
            looks_up=token.looks_up,
        )
        observability.note(lot=lot.lot_id)
        answer = lot_answers.to_upload(lot, *intake_lots.upload_link(gateway, lot), request.base_url)
    else:
        lines = [line.encode() for line in posted]
        lot, refusals, replayed = intake_lots.take_in(
            gateway,
            issuer,
            lines,
            kind,
            key,
            lots.asked,
            by=token.known_as,
            looks_up=token.looks_up,
        )
        observability.note(lot=lot.lot_id)
        answer = lot_answers.taken_in(lot, refusals, request.base_url)
    return rest.answer(202, answer, **_replayed(replayed))


@api.get("/lotes/<lot_id>")
def get_lot(lot_id: str) -> rest.Reply:
    gateway = wiring.gateway()
    request = rest.Request(api.current_event)
    issuer, _ = desk.caller(request)
    query = lot_answers.page_query(request.query)
    found = reading_lots.progress(gateway, issuer, lot_id)
    observability.note(lot=lot_id)
    rows, following = reading_lots.lines(
        gateway, issuer, lot_id, shown_state=query.estado, limit=query.per_page, start=query.start
    )
    return rest.answer(
        200, lot_answers.status(found, rows, following, query, gateway.now(), request.base_url)
    )


def emit_queued(record: SQSRecord) -> Record:
    """One message: emit its record. Raises NotYet where it must come back later."""
    gateway = wiring.gateway()
    job = gateway.queue.job(record.body)
    found = gateway.records.read(job.issuer, job.document_id)
    deliveries = int(record.attributes.approximate_receive_count or 1)
    if gateway.dead_letters.is_last(deliveries):
        return _ended(found, record)
    turn = singles.first(gateway, found)
    for single in turn.emitted:
        _observe(single)
    if turn.wait is not None:
        if turn.is_held:
            observability.count("LaneHeld")
        gateway.queue.delay(record.receipt_handle, turn.wait)
        raise NotYet(job.document_id)
    emitted = sending.emit(gateway, found)
    _observe(emitted)
    if sending.keeps_its_place(gateway, emitted) and not lanes.gives_way(gateway, emitted):
        if places.kept(gateway, emitted):
            observability.count("LaneHeld")
        gateway.queue.delay(record.receipt_handle, sending.comes_back_in(gateway, emitted))
        raise NotYet(emitted.last_error or emitted.document_id)
    places.left(gateway, emitted, may_hold=deliveries > 1)
    return emitted


def _observe(emitted: Record) -> None:
    observability.observe(emitted)
    # Looks count the late contingency invoices that they find; this record came by the emission queue.
    if contingency.is_late(emitted, wiring.gateway().now()):
        observability.count("ContingenciesLate")


def _ended(found: Record, record: SQSRecord) -> Record:
    """The last delivery of a message emits nothing, and only notes on the record that the message is given up: what
    ended the earlier deliveries, a crash say, would end this one too, before the note. Raises NotYet where the
    message is to become a dead letter."""
    gateway = wiring.gateway()
    found = redriving.give_up(gateway, found, record.message_id)
    places.left(gateway, found, may_hold=True)
    if sending.keeps_its_place(gateway, found):
        gateway.queue.delay(record.receipt_handle, timedelta())  # given up at once: its lane goes on
        raise NotYet(found.last_error or found.document_id)
    return found


def obey(record: SQSRecord) -> None:
    """One message of the control queue. One that cannot be read is dropped; where an error is raised it comes back
    later."""
    gateway = wiring.gateway()
    try:
        message = gateway.control.message(record.body)
    except InvalidDocument as senseless:
        observability.logger().error(senseless.message, extra={"message_id": record.message_id})
        return
    try:
        control.obey(gateway, message, lots.asked)
    except CauceError as trouble:
        observability.logger().warning(
            trouble.message, extra={"message_id": record.message_id, "codigo": trouble.code}
        )
        raise


def take_in(record: SQSRecord) -> None:
    """One message of the intake queue. A faulty document's refusal is kept; where an error is raised it comes back
    later."""
    attribute = record.message_attributes["emisor"]
    gateway = wiring.gateway()
    envelope = gateway.intake.envelope(
        record.message_id,
        record.attributes.sender_id,
        record.attributes.sent_timestamp,
        attribute.string_value if attribute else None,
    )
    try:
        intake_queue.take_in(gateway, record.body, envelope, lots.asked)
    except CauceError as trouble:
        observability.logger().warning(
            trouble.message, extra={"message_id": record.message_id, "codigo": trouble.code}
        )
        raise


@observability.observed
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    if "Records" not in event:
        return desk.answered(api, event, context)
    queue = event["Records"][0].get("eventSourceARN", "").rpartition(":")[2]
    processor: BatchProcessor = SqsFifoPartialProcessor()
    handle: Callable[[SQSRecord], object] = emit_queued
    if queue == wiring.gateway().intake.name:
        processor, handle = BatchProcessor(EventType.SQS), take_in
    elif queue == wiring.gateway().control.name:
        processor, handle = BatchProcessor(EventType.SQS), obey
    # A provider that is down is no failure of this function, and must not look like one to its alarm.
    processor.raise_on_entire_batch_failure = False
    return process_partial_response(event=event, record_handler=handle, processor=processor, context=context)


starting.done()
