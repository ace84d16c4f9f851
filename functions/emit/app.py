"""``emit``: takes documents in over HTTP, and takes queued ones to their provider."""

from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.batch import SqsFifoPartialProcessor, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from cauce import access, emission, observability, radian, wiring
from cauce.api import contract, events, queries, render, rest, web
from cauce.domain.document import Kind
from cauce.domain.record import Record, State, backoff
from cauce.domain.totals import totals

api = rest.resolver()


class NotYet(Exception):
    """The provider could not take the document now; its message comes back, its lane waiting behind it."""


@api.post("/documentos")
def post_invoice() -> Response[Any]:
    return _post(Kind.INVOICE)


@api.post("/notas-credito")
def post_credit_note() -> Response[Any]:
    return _post(Kind.CREDIT_NOTE)


@api.post("/notas-debito")
def post_debit_note() -> Response[Any]:
    return _post(Kind.DEBIT_NOTE)


@api.post("/documentos-soporte")
def post_support_document() -> Response[Any]:
    return _post(Kind.SUPPORT_DOCUMENT)


@api.post("/notas-ajuste")
def post_adjustment_note() -> Response[Any]:
    return _post(Kind.ADJUSTMENT_NOTE)


@api.post("/eventos")
def post_event() -> Response[Any]:
    gateway = wiring.gateway()
    request = rest.Request(api.current_event)
    issuer, _ = access.caller(gateway, *web.bearer(request.headers))
    event, received_on = events.event(request.json(), idempotency_key=web.idempotency_key(request.headers))
    record, replayed = radian.accept(gateway, issuer, event, contract.content_hash(event), received_on)
    return _offered(request, record, replayed=replayed)


def _post(kind: Kind) -> Response[Any]:
    gateway = wiring.gateway()
    request = rest.Request(api.current_event)
    issuer, _ = access.caller(gateway, *web.bearer(request.headers))
    document = contract.document(kind, request.json(), idempotency_key=web.idempotency_key(request.headers))
    if queries.only_validates(request.query):
        provider, _ = emission.checked(gateway, issuer, document)
        return rest.answer(200, render.validacion(document, totals(document), provider=provider.name))
    record, replayed = emission.accept(gateway, issuer, document, contract.content_hash(document))
    return _offered(request, record, replayed=replayed)


def _offered(request: rest.Request, record: Record, *, replayed: bool) -> Response[Any]:
    """Give an accepted record to its provider, and answer as far as it got."""
    gateway = wiring.gateway()
    deferred = web.responds_async(request.headers)
    if record.state is State.RECEIVED:
        record = emission.enqueue(gateway, record) if deferred else emission.offer(gateway, record)
    observability.observe(record)
    headers = {"Idempotency-Replayed": "true"} if replayed else {}
    return rest.answer(202 if deferred else 201, render.created(record, request.base_url), **headers)


def emit_queued(record: SQSRecord) -> Record:
    """One message: emit its record. Raises NotYet where it must come back later."""
    gateway = wiring.gateway()
    job = gateway.queue.job(record.body)
    emitted = emission.emit(gateway, job.issuer, job.document_id)
    observability.observe(emitted)
    if emitted.state is State.RECEIVED:
        gateway.queue.delay(record.receipt_handle, int(backoff(emitted.attempt - 1).total_seconds()))
        raise NotYet(emitted.last_error or emitted.document_id)
    return emitted


@observability.observed
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    if "Records" in event:
        processor = SqsFifoPartialProcessor()
        # A provider that is down is no failure of this function, and must not look like one to its alarm.
        processor.raise_on_entire_batch_failure = False
        return process_partial_response(
            event=event, record_handler=emit_queued, processor=processor, context=context
        )
    return api.resolve(event, context)
