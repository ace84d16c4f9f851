"""``sync-numbering``: the issuers' ranges as providers and DIAN know them, on demand and on a schedule."""

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import SecretStr

from cauce import access, numbering, observability, wiring
from cauce.api import actions, listings, rest, web
from cauce.domain.errors import CauceError, IssuerSuspended, Unauthenticated
from cauce.domain.issuer import Issuer
from cauce.domain.time import bogota

api = rest.resolver()


@api.get("/numeraciones")
def list_ranges() -> Response[Any]:
    issuer = _issuer()
    return rest.answer(200, listings.ranges(numbering.ranges(wiring.gateway(), issuer)))


@api.post("/numeraciones/sincronizar")
def sync_ranges() -> Response[Any]:
    issuer = _issuer()
    reports = numbering.sync_all(wiring.gateway(), issuer)
    return rest.answer(200, listings.sync_reports(reports, bogota(datetime.now(UTC)).date()))


@api.post("/numeraciones")
def generate_range() -> Response[Any]:
    issuer = _issuer()
    wanted = actions.read(actions.NewRange, rest.Request(api.current_event).json())
    made = numbering.NewRange(wanted.prefijo, wanted.desde, wanted.hasta, wanted.tipo_documento)
    name, answer = numbering.generate(wiring.gateway(), issuer, wanted.proveedor, made)
    return rest.answer(201, {"ok": True, "proveedor": name, "mensaje": answer.message})


@api.put("/numeraciones/<prefix>/tipo-documento")
def assign_range_type(prefix: str) -> Response[Any]:
    issuer = _issuer()
    wanted = actions.read(actions.RangeType, rest.Request(api.current_event).json())
    name, answer = numbering.assign_type(
        wiring.gateway(),
        issuer,
        wanted.proveedor,
        prefix=prefix,
        resolution=wanted.resolucion,
        type=wanted.tipo_documento,
    )
    return rest.answer(200, {"ok": True, "proveedor": name, "mensaje": answer.message})


@api.get("/lookups/numbering-ranges")
def look_up_ranges() -> Response[Any]:
    """Answers, and fails, in the words of seed 004, which are not this contract's."""
    headers = rest.Request(api.current_event).headers
    factus_token = web.header(headers, "X-Factus-Token")
    try:
        issuer, _ = access.caller(wiring.gateway(), *web.bearer(headers))
    except (Unauthenticated, IssuerSuspended):
        return rest.answer(401, listings.NOT_AUTHENTICATED)
    if not factus_token:
        return rest.answer(401, listings.NOT_AUTHENTICATED)
    try:
        found = numbering.look_up(wiring.gateway(), issuer, SecretStr(factus_token))
    except CauceError as trouble:
        return rest.answer(400, listings.look_up_failed(trouble))
    return rest.answer(200, listings.looked_up(found))


def _issuer() -> Issuer:
    issuer, _ = access.caller(wiring.gateway(), *web.bearer(rest.Request(api.current_event).headers))
    return issuer


def sync_every_issuer() -> dict[str, int]:
    """One run of the numbering schedule. An issuer that fails is logged and does not stop the others."""
    gateway = wiring.gateway()
    counts = {"issuers": 0, "new": 0, "changed": 0, "vanished": 0, "failed": 0}
    for issuer in gateway.store.issuers():
        if not issuer.active:
            continue
        counts["issuers"] += 1
        try:
            reports = numbering.sync_all(gateway, issuer)
        except CauceError as trouble:
            counts["failed"] += 1
            observability.logger().warning(trouble.message, extra={"issuer": issuer.nit})
            continue
        for report in reports:
            counts["new"] += len(report.new)
            counts["changed"] += len(report.changed)
            counts["vanished"] += len(report.vanished)
            if report.error:
                counts["failed"] += 1
                observability.logger().warning(
                    report.error, extra={"issuer": issuer.nit, "provider": report.provider}
                )
    observability.logger().info("numbering synced", extra=counts)
    return counts


@observability.observed
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    if event.get("schedule") == "numbering":
        return sync_every_issuer()
    return api.resolve(event, context)
