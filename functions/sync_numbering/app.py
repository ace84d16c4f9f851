"""``sync-numbering``: the issuers' ranges as providers and DIAN know them, on demand and on a schedule."""

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from cauce import access, numbering, observability, wiring
from cauce.api import listings, rest, web
from cauce.domain.errors import CauceError
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
