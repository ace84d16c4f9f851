"""Numbering: keep our ranges as the providers and DIAN know them. Nothing is ever lowered or deleted."""

from dataclasses import dataclass, field

from cauce.domain.errors import CauceError, Unsupported
from cauce.domain.issuer import Issuer
from cauce.domain.ranges import NumberingRange, RangeState
from cauce.domain.time import bogota
from cauce.gateway import Gateway
from cauce.providers.base import NumberedBy, Verb


@dataclass(frozen=True)
class Report:
    """What one sync of an issuer's ranges with one provider found."""

    provider: str
    new: list[NumberingRange] = field(default_factory=list)
    changed: list[NumberingRange] = field(default_factory=list)
    vanished: list[NumberingRange] = field(default_factory=list)
    unchanged: list[NumberingRange] = field(default_factory=list)
    error: str | None = None


def sync(gateway: Gateway, issuer: Issuer, name: str) -> Report:
    """Bring an issuer's ranges in line with one provider. Running it twice changes nothing more.

    Raises Unsupported where the provider does not tell its ranges, and whatever the call raises.
    """
    provider = gateway.provider(issuer, name)
    ours = {r.key: r for r in gateway.store.ranges(issuer.nit) if r.provider == name}
    counts_here = provider.capabilities.numbered_by is NumberedBy.GATEWAY
    report = Report(name)
    for theirs in provider.ranges():
        known = ours.pop(theirs.key, None)
        following = _following(known, theirs, counts_here)
        current = theirs.model_copy(update={"next": following})
        if known == current:
            report.unchanged.append(current)
            continue
        gateway.store.save_range(issuer.nit, current)
        (report.changed if known else report.new).append(current)
    for missing in ours.values():
        if missing.vanished:
            report.unchanged.append(missing)
            continue
        gone = missing.model_copy(update={"vanished": True})
        gateway.store.save_range(issuer.nit, gone)
        report.vanished.append(gone)
    return report


def sync_all(gateway: Gateway, issuer: Issuer) -> list[Report]:
    """Every provider of an issuer that tells its ranges; one that fails is reported, the rest go on."""
    reports = []
    for name in sorted(set(issuer.providers.values())):
        try:
            if Verb.RANGES in gateway.provider(issuer, name).capabilities.verbs:
                reports.append(sync(gateway, issuer, name))
        except CauceError as trouble:
            reports.append(Report(name, error=trouble.message))
    if not reports:
        raise Unsupported("Ningún proveedor del emisor permite consultar sus numeraciones.")
    return reports


def ranges(gateway: Gateway, issuer: Issuer) -> list[tuple[NumberingRange, RangeState, str | None]]:
    """An issuer's ranges with their state today and what to be warned of."""
    today = bogota(gateway.now()).date()
    return [(r, r.state(today), r.warning(today)) for r in gateway.store.ranges(issuer.nit)]


def _following(known: NumberingRange | None, theirs: NumberingRange, counts_here: bool) -> int | None:
    """The next number after a sync: never lower than ours; a new range that we count starts at its start."""
    candidates = [n for n in (known.next if known else None, theirs.next) if n is not None]
    if candidates:
        return max(candidates)
    return theirs.start if counts_here else None
