"""``consult``: says what became of a document, and settles on a schedule what is unfinished."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from cauce import bulk, consultation, dead_letters, delivery, observability, reception, wiring
from cauce.api import actions, render, rest
from cauce.domain.record import Record

api = rest.resolver()

# Records looked at per shard in one run of the schedule, and lots; the next run goes on from there.
SWEEP_LIMIT = 100


@api.get("/health")
def get_health() -> Response[Any]:
    request = rest.Request(api.current_event)
    breakers = None
    if request.query.get("detalle") == "1":  # which providers are out is for those who emit through them
        reception.caller(request)
        breakers = wiring.gateway().open_breakers()
    return rest.answer(200, render.health(datetime.now(UTC), breakers))


@api.get("/me")
def get_me() -> Response[Any]:
    gateway = wiring.gateway()
    issuer, token = reception.caller(rest.Request(api.current_event))
    now = gateway.now()
    used = gateway.store.used(issuer.nit, issuer.counted_by, now)
    return rest.answer(200, render.me(issuer, token, used, now))


@api.get("/documentos/<document_id>")
def get_document(document_id: str) -> Response[Any]:
    request = rest.Request(api.current_event)
    return rest.answer(200, render.detalle(_record(request, document_id), request.base_url))


@api.get("/documentos/<document_id>/consultar")
def consult_document(document_id: str) -> Response[Any]:
    request = rest.Request(api.current_event)
    record = consultation.ask(wiring.gateway(), _record(request, document_id))
    observability.observe(record)
    return rest.answer(200, render.consulta(record, request.base_url))


@api.get("/documentos/<document_id>/xml")
def get_xml(document_id: str) -> Response[Any]:
    request = rest.Request(api.current_event)
    record = _record(request, document_id)
    if request.query.get("contenedor") == "1":
        container = delivery.container(wiring.gateway(), record)
        return rest.file(container.xml, "application/xml", container.name)
    xml = delivery.signed_xml(wiring.gateway(), record)
    return rest.file(xml, "application/xml", f"{record.number}.xml")


@api.get("/documentos/<document_id>/pdf")
def get_pdf(document_id: str) -> Response[Any]:
    record = _record(rest.Request(api.current_event), document_id)
    pdf = delivery.pdf(wiring.gateway(), record)
    return rest.file(pdf, "application/pdf", f"{record.number}.pdf")


@api.post("/documentos/<document_id>/resolver")
def decide(document_id: str) -> Response[Any]:
    gateway = wiring.gateway()
    request = rest.Request(api.current_event)
    issuer, token = reception.caller(request)
    decision = actions.read(actions.Decision, request.json())
    found = gateway.store.record(issuer.nit, document_id)
    observability.note(document=found.document_id)
    record = consultation.decide(
        gateway,
        found,
        consultation.Decision(decision.accion),
        reason=decision.motivo,
        who=token.name,
        by=token.known_as,
        uuid=decision.cufe.lower() if decision.cufe else None,
    )
    return rest.answer(200, render.detalle(record, request.base_url))


def _record(request: rest.Request, document_id: str) -> Record:
    issuer, _ = reception.caller(request)
    found = wiring.gateway().store.record(issuer.nit, document_id)
    observability.note(document=found.document_id)
    return found


def settle(context: LambdaContext) -> dict[str, float]:
    """One run of the settling schedule; its counts."""
    gateway = wiring.gateway()
    lots = bulk.resume_due(
        gateway, SWEEP_LIMIT
    )  # first: it is short, and asking providers may take all the time
    sweep = consultation.settle_due(
        gateway,
        limit=SWEEP_LIMIT,
        seconds_left=lambda: context.get_remaining_time_in_millis() / 1000,
    )
    breakers = wiring.gateway().open_breakers()
    counts = asdict(sweep) | {
        "lots": lots,
        "open_breakers": sum(breakers.values()),
        "dead_letters": dead_letters.explain(wiring.gateway()),
    }
    observability.gauge_seconds("OldestUnsettledSeconds", sweep.oldest_seconds)
    observability.count("OpenBreakers", counts["open_breakers"])
    observability.count("ContingenciesLate", counts["contingencies_late"])
    observability.logger().info("settled what was due", extra=counts)
    return counts


@observability.observed
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    if event.get("schedule") == "settle":
        return settle(context)
    return reception.answered(api, event, context)
