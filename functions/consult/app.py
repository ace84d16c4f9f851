"""``consult``: tells what became of a document; hands out looks at unfinished ones by schedule, and takes them;
pushes news to the issuers' endpoints."""

from cauce import starting  # isort: skip

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    SqsFifoPartialProcessor,
    process_partial_response,
)
from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from cauce import observability, wiring
from cauce.contracts.v1 import actions, documents, queries, render, rest, webhooks
from cauce.domain.endpoint import Endpoint
from cauce.domain.issuer import Issuer
from cauce.domain.record import Record
from cauce.emission import places
from cauce.exchange import consultation
from cauce.intake import acquirers, control
from cauce.numbering import quotas
from cauce.reading import delivery, listing, package
from cauce.reception import desk
from cauce.settling import decisions, looks, redriving
from cauce.telling import endpoints, push
from cauce.telling import lots as ended_lots

api = rest.resolver()

# Lots looked at in one run of the schedule; the next run goes on from there.
SWEEP_LIMIT = 100


class NotYet(Exception):
    """A message's turn has not come: it comes back, and its group waits behind it."""


@api.get("/health")
def get_health() -> rest.Reply:
    gateway = wiring.gateway()
    request = rest.Request(api.current_event)
    breakers = None
    if request.query.get("detalle") == "1":  # only issuers are told which providers are out
        desk.caller(request)
        breakers = gateway.open_breakers()
    return rest.answer(200, render.health(gateway.now(), breakers))


@api.get("/me")
def get_me() -> rest.Reply:
    gateway = wiring.gateway()
    issuer, token = desk.caller(rest.Request(api.current_event))
    now = gateway.now()
    used = gateway.new_records.used(issuer.nit, issuer.counted_by, now)
    return rest.answer(200, render.me(issuer, token, used, now))


@api.get("/preparacion")
def get_preparation() -> rest.Reply:
    from cauce.contracts.v1 import preparations
    from cauce.reading import preparation

    request = rest.Request(api.current_event)
    issuer, token = desk.caller(request)
    preparations.asked(request.query)
    found = preparation.of(wiring.gateway(), issuer, token)
    return rest.answer(200, preparations.answer(found, issuer))


@api.get("/documentos/<document_id>")
def get_document(document_id: str) -> rest.Reply:
    request = rest.Request(api.current_event)
    record = places.as_shown(wiring.gateway(), _record(request, document_id))
    return rest.answer(200, render.detail(record, request.base_url))


@api.get("/documentos/por-referencia/<reference>")
def get_document_by_reference(reference: str) -> rest.Reply:
    request = rest.Request(api.current_event)
    gateway = wiring.gateway()
    issuer, _ = desk.caller(request)
    found = listing.with_reference(gateway, issuer, documents.reference(reference))
    observability.note(document=found.document_id)
    return rest.answer(200, render.detail(places.as_shown(gateway, found), request.base_url))


@api.get("/documentos/<document_id>/consultar")
def consult_document(document_id: str) -> rest.Reply:
    request = rest.Request(api.current_event)
    gateway = wiring.gateway()
    record = consultation.ask(gateway, _record(request, document_id), is_waited_for=True)
    record = places.as_shown(gateway, record)
    observability.observe(record)
    return rest.answer(200, render.consultation(record, request.base_url))


@api.get("/documentos/<document_id>/xml")
def get_xml(document_id: str) -> rest.Reply:
    request = rest.Request(api.current_event)
    record = _record(request, document_id)
    if queries.wants_container(request.query):
        container = delivery.container(wiring.gateway(), record)
        return rest.file(container.xml, "application/xml", f"{container.stem}.xml")
    xml = delivery.signed_xml(wiring.gateway(), record)
    return rest.file(xml, "application/xml", f"{record.number}.xml")


@api.get("/documentos/<document_id>/pdf")
def get_pdf(document_id: str) -> rest.Reply:
    request = rest.Request(api.current_event)
    record = _record(request, document_id)
    asked = queries.paper(request.query)
    if asked.is_providers:
        pdf = delivery.pdf_of_provider(wiring.gateway(), record)
    else:
        pdf = delivery.pdf(wiring.gateway(), record, is_roll=asked.is_roll)
    return rest.file(pdf, "application/pdf", f"{record.number}.pdf")


@api.get("/documentos/<document_id>/paquete")
def get_package(document_id: str) -> rest.Reply:
    record = _record(rest.Request(api.current_event), document_id)
    made = package.package(wiring.gateway(), record)
    return rest.file(made.zip, "application/zip", made.name)


@api.get("/documentos/<document_id>/evidencia")
def get_evidence(document_id: str) -> rest.Reply:
    from cauce.contracts.v1 import evidence as contract  # few ask for it
    from cauce.reading import evidence

    gateway = wiring.gateway()
    record = _record(rest.Request(api.current_event), document_id)
    body = evidence.zipped(contract.files(evidence.gathered(gateway, record)))
    name = f"evidencia-{record.number or record.document_id}.zip"
    if len(body) <= rest.MOST_BYTES:
        return rest.file(body, "application/zip", name)
    return rest.elsewhere(gateway.archive.lent(record, name, body, rest.LENT_SECONDS))


@api.get("/documentos/<document_id>/eventos")
def list_events(document_id: str) -> rest.Reply:
    from cauce.contracts.v1 import history as contract  # few ask for it
    from cauce.exchange import history

    request = rest.Request(api.current_event)
    record = _record(request, document_id)
    queries.nothing(request.query)
    return rest.answer(
        200, contract.answer(record, history.events(wiring.gateway(), record), request.base_url)
    )


@api.post("/documentos/<document_id>/resolver")
def decide(document_id: str) -> rest.Reply:
    gateway = wiring.gateway()
    request = rest.Request(api.current_event)
    issuer, token = desk.caller(request)
    decision = actions.read(actions.Decision, request.json())
    found = _found(issuer, document_id)
    record = decisions.decide(
        gateway,
        found,
        decisions.Decision(decision.accion),
        reason=decision.motivo,
        who=token.name,
        by=token.known_as,
        uuid=decision.cufe.lower() if decision.cufe else None,
    )
    return rest.answer(200, render.detail(record, request.base_url))


@api.get("/adquirientes/<identification_type>/<number>")
def get_acquirer(identification_type: str, number: str) -> rest.Reply:
    from cauce.contracts.v1 import acquirers as contract

    request = rest.Request(api.current_event)
    issuer, _ = desk.caller(request)
    queries.nothing(request.query)
    asked = contract.asked(identification_type, number)
    return rest.answer(200, contract.found(asked, acquirers.look_up(wiring.gateway(), issuer, *asked)))


@api.post("/documentos/<document_id>/reenviar-correo")
def resend_mail(document_id: str) -> rest.Reply:
    from cauce.mailing import post  # few ask for it

    gateway = wiring.gateway()
    request = rest.Request(api.current_event)
    issuer, token = desk.caller(request)
    asked = actions.read(actions.Resending, request.maybe_json())
    found = _found(issuer, document_id)
    record = post.again(gateway, found, asked.correo, by=token.known_as)
    return rest.answer(200, render.detail(record, request.base_url))


@api.post("/webhooks")
def create_webhook() -> rest.Reply:
    gateway = wiring.gateway()
    request = rest.Request(api.current_event)
    issuer, token = desk.caller(request)
    asked = webhooks.new(request.json(), local=gateway.local_endpoints)
    made, secret = endpoints.create(
        gateway, issuer.nit, asked.url, asked.tipos or (), asked.descripcion, by=token.known_as
    )
    return rest.answer(201, webhooks.with_secret(made, secret))


@api.get("/webhooks")
def list_webhooks() -> rest.Reply:
    issuer, _ = desk.caller(rest.Request(api.current_event))
    return rest.answer(200, webhooks.listed(wiring.gateway().endpoints.all(issuer.nit)))


@api.get("/webhooks/<webhook_id>")
def get_webhook(webhook_id: str) -> rest.Reply:
    return rest.answer(200, webhooks.answer(_webhook(webhook_id)))


@api.patch("/webhooks/<webhook_id>")
def change_webhook(webhook_id: str) -> rest.Reply:
    gateway, found = wiring.gateway(), _webhook(webhook_id)
    asked = webhooks.change(rest.Request(api.current_event).json(), local=gateway.local_endpoints)
    changed = endpoints.change(
        gateway,
        found,
        url=asked.url,
        types=asked.tipos,
        description=asked.descripcion,
        active=asked.active,
    )
    return rest.answer(200, webhooks.answer(changed))


@api.delete("/webhooks/<webhook_id>")
def remove_webhook(webhook_id: str) -> rest.Reply:
    found = _webhook(webhook_id)
    endpoints.remove(wiring.gateway(), found)
    return rest.answer(200, {"ok": True})


@api.post("/webhooks/<webhook_id>/secreto")
def replace_secret(webhook_id: str) -> rest.Reply:
    return rest.answer(200, webhooks.with_secret(*endpoints.rotate(wiring.gateway(), _webhook(webhook_id))))


@api.post("/webhooks/<webhook_id>/probar")
def test_webhook(webhook_id: str) -> rest.Reply:
    tried = endpoints.test(wiring.gateway(), _webhook(webhook_id), webhooks.sent)
    return rest.answer(200, webhooks.tried(tried))


@api.post("/webhooks/<webhook_id>/repetir")
def deliver_again(webhook_id: str) -> rest.Reply:
    gateway, found = wiring.gateway(), _webhook(webhook_id)
    position, since, failed = webhooks.again(rest.Request(api.current_event).json())
    count, more_since = 1, None
    if since is not None:
        count, more_since = endpoints.deliver_again_since(gateway, found, since, failed=failed)
    else:
        endpoints.deliver_again(gateway, found, position or "")
    return rest.answer(202, webhooks.repeated(count, more_since))


@api.get("/webhooks/<webhook_id>/entregas")
def list_deliveries(webhook_id: str) -> rest.Reply:
    found = _webhook(webhook_id)
    asked = webhooks.log_query(rest.Request(api.current_event).query)
    log = wiring.gateway().deliveries.log(found.issuer, found.id, asked.start, asked.per_page)
    return rest.answer(200, webhooks.log(*log))


def _webhook(webhook_id: str) -> Endpoint:
    issuer, _ = desk.caller(rest.Request(api.current_event))
    return wiring.gateway().endpoints.read(issuer.nit, webhook_id)


def _record(request: rest.Request, document_id: str) -> Record:
    issuer, _ = desk.caller(request)
    return _found(issuer, document_id)


def _found(issuer: Issuer, document_id: str) -> Record:
    """An issuer's record, which the request's audit line names."""
    found = wiring.gateway().records.read(issuer.nit, document_id)
    observability.note(document=found.document_id)
    return found


def settle() -> dict[str, float]:
    """One run of the settling schedule; its counts."""
    gateway = wiring.gateway()
    counts: dict[str, float] = {
        "looks": looks.hand_out(gateway),
        "lots": control.resume_due(gateway, SWEEP_LIMIT),
        "open_breakers": sum(gateway.open_breakers().values()),
        "dead_letters": redriving.explain(gateway),
        "rounds": push.hand_out(gateway),
        "ended_lots": ended_lots.tell_ended(gateway, SWEEP_LIMIT),
    }
    # Each look reports how long its record has waited. Publish 0 so that the alarm has data when no look runs.
    observability.gauge_seconds("OldestUnsettledSeconds", 0.0)
    if quotas.is_time(gateway.now()):
        counts["quotas"] = quotas.tell_used(gateway)
    observability.count("OpenBreakers", int(counts["open_breakers"]))
    observability.logger().info("handed out what was due", extra=counts)
    return counts


def extend_ledgers() -> dict[str, int]:
    """One run of the ledgers' schedule; how many entries were written, and how many ledgers could not be extended."""
    from cauce.ledger import chain  # no other event needs it

    counts = chain.extend_all(wiring.gateway())._asdict()
    observability.count("LedgersStuck", counts["stuck"])
    observability.logger().info("extended the ledgers", extra=counts)
    return counts


def look(record: SQSRecord) -> looks.Look:
    """One message of the queue of looks. Raises NotYet where it must come back later."""
    gateway = wiring.gateway()
    due = gateway.looks.due(record.body)
    came_back = int(record.attributes.approximate_receive_count or 1) > 1
    seen = looks.take(gateway, due, came_back=came_back)
    observability.gauge_seconds("OldestUnsettledSeconds", seen.age_seconds)
    observability.count("ContingenciesLate", int(seen.is_late))
    observability.count(f"Look{seen.seen.name.title().replace('_', '')}")
    if seen.comes_back_in is not None:
        gateway.looks.delay(record.receipt_handle, seen.comes_back_in)
        raise NotYet(due.document_id)
    return seen


def push_news(record: SQSRecord) -> push.Pushed | None:
    """One message of the queue of news: a round of an endpoint, or a delivery. Raises NotYet where it must come back
    later."""
    gateway = wiring.gateway()
    asked = gateway.pushes.push(record.body)
    pushed = None
    if asked.position is None:
        sent_at = datetime.fromtimestamp(int(record.attributes.sent_timestamp or 0) / 1000, UTC)
        comes_back_in = push.round_of(gateway, asked.issuer, asked.endpoint, sent_at)
    else:
        pushed = push.deliver(gateway, asked.issuer, asked.endpoint, asked.position, webhooks.sent)
        comes_back_in = pushed.comes_back_in
        observability.count("NewsDelivered", int(pushed.result is push.Result.DELIVERED))
        observability.count("NewsNotDelivered", int(pushed.result in push.FAILED))
        observability.count("NewsDisabled", int(pushed.result is push.Result.DISABLED))
    if comes_back_in is not None:
        gateway.pushes.delay(record.receipt_handle, comes_back_in)
        raise NotYet(asked.endpoint)
    return pushed


def _delivered(event: dict[str, Any], context: LambdaContext) -> Any:
    """A batch of one of the three queues."""
    gateway, queue = wiring.gateway(), event["Records"][0].get("eventSourceARN", "").rpartition(":")[2]
    if queue == gateway.mail.events:
        return _mails_told(event, context)
    return _taken(event, context, push_news if queue == gateway.pushes.name else look)


def _taken(event: dict[str, Any], context: LambdaContext, handle: Callable[[SQSRecord], object]) -> Any:
    """A batch of looks or of news. A message that comes back (NotYet) is no failure in this function's alarm; any
    other error is."""
    processor = SqsFifoPartialProcessor()
    processor.raise_on_entire_batch_failure = False
    answer = process_partial_response(event, handle, processor, context)
    failed = [each for each in processor.exceptions if each[0] is not NotYet]
    if failed:
        raise BatchProcessingError("a message failed", child_exceptions=failed)
    return answer


def mail_told(record: SQSRecord) -> None:
    """One message of the queue of SES's news."""
    from cauce.mailing import post  # few come back

    post.told(wiring.gateway(), record.body)


def _mails_told(event: dict[str, Any], context: LambdaContext) -> Any:
    processor = BatchProcessor(EventType.SQS)
    processor.raise_on_entire_batch_failure = False
    return process_partial_response(event, mail_told, processor, context)


@observability.observed
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    if event.get("schedule") == "settle":
        return settle()
    if event.get("schedule") == "ledger":
        return extend_ledgers()
    if "Records" in event:
        return _delivered(event, context)
    return desk.answered(api, event, context)


starting.done()
