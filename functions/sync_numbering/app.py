"""``sync-numbering``: the issuers' ranges as providers and DIAN know them, on demand and on a schedule."""

from cauce import starting  # isort: skip

import random
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import SecretStr

from cauce import faults, observability, wiring
from cauce.contracts.dialects import factus
from cauce.contracts.v1 import actions, listings, queries, rest, web
from cauce.contracts.v1.errors import RepeatedHeader
from cauce.domain.errors import CauceError, IssuerSuspended, Unauthenticated
from cauce.domain.issuer import Issuer
from cauce.domain.ranges import NumberingRange
from cauce.domain.time import bogota
from cauce.numbering import notices, sync
from cauce.reading import listing
from cauce.reception import desk

# No issuer is begun with fewer seconds left: it may have several providers, each at its slowest.
_ONE_ISSUER_SECONDS = 90.0
_TO_ACT_ON = ("vanished", "to_renew")

api = rest.resolver()


@api.get("/numeraciones")
def list_ranges() -> rest.Reply:
    issuer = _issuer()
    return rest.answer(200, listings.ranges(listing.ranges(wiring.gateway(), issuer)))


@api.post("/numeraciones/sincronizar")
def sync_ranges() -> rest.Reply:
    issuer = _issuer()
    only = queries.provider(rest.Request(api.current_event).query)
    gateway = wiring.gateway()
    reports = sync.sync_all(gateway, issuer, only)
    return rest.answer(200, listings.sync_reports(reports, bogota(gateway.now()).date()))


@api.post("/numeraciones")
def generate_range() -> rest.Reply:
    issuer = _issuer()
    wanted = actions.read(actions.NewRange, rest.Request(api.current_event).json())
    made = sync.NewRange(wanted.prefijo, wanted.desde, wanted.hasta, wanted.tipo_documento)
    desk.begun(api.current_event.raw_event)
    name, answer = sync.generate(wiring.gateway(), issuer, wanted.proveedor, made)
    return rest.answer(201, {"ok": True, "proveedor": name, "mensaje": answer.message})


@api.put("/numeraciones/<prefix>/tipo-documento")
def assign_range_type(prefix: str) -> rest.Reply:
    issuer = _issuer()
    wanted = actions.read(actions.RangeType, rest.Request(api.current_event).json())
    desk.begun(api.current_event.raw_event)
    name, answer = sync.assign_type(
        wiring.gateway(),
        issuer,
        wanted.proveedor,
        prefix=actions.prefix(prefix),
        resolution=wanted.resolucion,
        type=wanted.tipo_documento,
    )
    return rest.answer(200, {"ok": True, "proveedor": name, "mensaje": answer.message})


@api.get("/lookups/numbering-ranges")
def look_up_ranges() -> rest.Reply:
    """Answers, and fails, in the words of seed 004, which are not this contract's."""
    request = rest.Request(api.current_event)
    try:
        issuer, _ = desk.caller(request)
        factus_token = web.header(request.headers, "X-Factus-Token")
    except (Unauthenticated, IssuerSuspended, RepeatedHeader):
        return _look_up_failed(401, factus.NOT_AUTHENTICATED)
    if not (factus_token and factus.may_be_a_token(factus_token)):
        return _look_up_failed(401, factus.NOT_AUTHENTICATED)
    try:
        found = sync.look_up(wiring.gateway(), issuer, SecretStr(factus_token))
    except CauceError as trouble:
        return _look_up_failed(400, factus.look_up_failed(trouble))
    return rest.answer(200, factus.looked_up(found))


def _look_up_failed(status: int, body: dict[str, str]) -> rest.Reply:
    """A failure in the words of seed 004, whose bodies have no room for the request's id: it stands in a header."""
    return rest.answer(status, body, **{"X-Request-Id": rest.request_id(api.current_event)})


def _issuer() -> Issuer:
    issuer, _ = desk.caller(rest.Request(api.current_event))
    return issuer


def sync_every_issuer(seconds_left: Callable[[], float]) -> dict[str, int]:
    """One run of the numbering schedule. An issuer that fails is logged and does not stop the others.

    Issuers come in random order, so that not always the same ones are left out when the time is over.
    """
    gateway = wiring.gateway()
    certificate_days: list[int] = []
    counts = dict.fromkeys(
        ("issuers", "new", "changed", "vanished", "to_renew", "told", "certificates", "failed", "left"), 0
    )
    issuers = [issuer for issuer in gateway.issuers.all() if issuer.active]
    random.shuffle(issuers)
    for done, issuer in enumerate(issuers):
        if seconds_left() < _ONE_ISSUER_SECONDS:
            counts["left"] = len(issuers) - done
            break
        counts["issuers"] += 1
        try:
            reports, refused = _synced(issuer)
            certificate_days += _noticed(issuer, counts)
            if refused is not None:
                raise refused
        except CauceError as trouble:
            counts["failed"] += 1
            observability.logger().warning(trouble.message, extra={"issuer": issuer.nit})
            continue
        except faults.RAISED as trouble:
            if not faults.is_fault(trouble):
                raise
            counts["failed"] += 1
            observability.logger().warning("AWS is busy", extra={"issuer": issuer.nit})
            continue
        for report in reports:
            for name, amount in _told(issuer, report, bogota(gateway.now()).date()).items():
                counts[name] += amount
    observability.logger().info("numbering synced", extra=counts)
    # Each run reports both, zero too, so that an alarm sees that the schedule runs.
    observability.count("IssuersSynced", counts["issuers"])
    observability.count("RangesToRenew", counts["to_renew"])
    observability.count("LawValuesMissing", notices.values_missing(gateway.now()))
    observability.count("CertificatesEnding", counts["certificates"])
    if certificate_days:
        observability.count("CertificateDaysLeft", min(certificate_days))
    return counts


def _synced(issuer: Issuer) -> tuple[list[sync.SyncReport], CauceError | None]:
    """The reports of a sync; or, with none, why it was refused: what else is noticed of the issuer is told all the
    same."""
    try:
        return sync.sync_all(wiring.gateway(), issuer), None
    except CauceError as refused:
        return [], refused


def _noticed(issuer: Issuer, counts: dict[str, int]) -> list[int]:
    """Tell an issuer what is noticed of it, and count that; the days until its certificate ends, if it has one."""
    gateway = wiring.gateway()
    found = notices.tell(gateway, issuer)
    counts["told"] += found.told
    counts["certificates"] += found.certificates_told
    counts["to_renew"] += len(found.running_out)
    _say("to_renew", issuer, found.running_out, bogota(gateway.now()).date())
    return [] if found.certificate_days is None else [found.certificate_days]


def _told(issuer: Issuer, report: sync.SyncReport, today: date) -> dict[str, int]:
    """The counts of a sync's report. Each range is logged in a line of its own."""
    found = {
        "new": report.new,
        "changed": report.changed,
        "vanished": report.vanished,
        "to_renew": report.to_be_renewed(today),
    }
    for name, ranges in found.items():
        _say(name, issuer, ranges, today)
    if report.error:
        observability.logger().warning(
            report.error, extra={"issuer": issuer.nit, "provider": report.provider}
        )
    return {**{name: len(ranges) for name, ranges in found.items()}, "failed": int(bool(report.error))}


def _say(name: str, issuer: Issuer, ranges: Iterable[NumberingRange], today: date) -> None:
    say = observability.logger().warning if name in _TO_ACT_ON else observability.logger().info
    for each in ranges:
        facts = {"issuer": issuer.nit, "provider": each.provider, "prefix": each.prefix}
        say(
            f"range {name}",
            extra={**facts, "resolution": each.resolution, "warning": each.warning(today)},
        )


@observability.observed
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    if event.get("schedule") == "numbering":
        return sync_every_issuer(lambda: context.get_remaining_time_in_millis() / 1000)
    return desk.answered(api, event, context)


starting.done()
