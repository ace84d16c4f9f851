"""Numbering: keep our ranges as the providers and DIAN know them. Nothing is ever lowered or deleted."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from pydantic import SecretStr

from cauce.domain.errors import CauceError, Conflict, CredentialsRejected, Unsupported
from cauce.domain.issuer import Issuer
from cauce.domain.ranges import NumberingRange, RangeState
from cauce.domain.time import bogota
from cauce.gateway import Gateway
from cauce.providers.base import NumberedBy, RangeAnswer, Token, Verb


@dataclass(frozen=True)
class Report:
    """What one sync of an issuer's ranges with one provider found."""

    provider: str
    new: list[NumberingRange] = field(default_factory=list)
    changed: list[NumberingRange] = field(default_factory=list)
    vanished: list[NumberingRange] = field(default_factory=list)
    unchanged: list[NumberingRange] = field(default_factory=list)
    error: str | None = None


@dataclass(frozen=True)
class NewRange:
    """A range to make; ``type`` is the provider's own word for the kind of document."""

    prefix: str
    start: int
    end: int
    type: str


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
        if missing.vanished or missing.by_hand:
            report.unchanged.append(missing)
            continue
        gone = missing.model_copy(update={"vanished": True})
        gateway.store.save_range(issuer.nit, gone)
        report.vanished.append(gone)
    return report


def sync_all(gateway: Gateway, issuer: Issuer) -> list[Report]:
    """Every provider of an issuer that tells its ranges; one that fails is reported, the rest go on."""
    reports = []
    for name in issuer.connected:
        try:
            if Verb.RANGES in gateway.provider(issuer, name).capabilities.verbs:
                reports.append(sync(gateway, issuer, name))
        except CauceError as trouble:
            reports.append(Report(name, error=trouble.message))
    if not reports:
        raise Unsupported("Ningún proveedor del emisor permite consultar sus numeraciones.")
    return reports


def generate(gateway: Gateway, issuer: Issuer, name: str | None, wanted: NewRange) -> tuple[str, RangeAnswer]:
    """Make a range at a provider, for the kinds of document that need no resolution; then bring ours up to date.

    Raises Unsupported where the provider makes none, Conflict where it refuses.
    """
    name = name or _able(gateway, issuer, Verb.GENERATE_RANGE)
    provider = gateway.provider(issuer, name)
    answer = provider.generate_range(wanted.prefix, wanted.start, wanted.end, wanted.type)
    return name, _done(gateway, issuer, name, answer)


def assign_type(
    gateway: Gateway, issuer: Issuer, name: str | None, *, prefix: str, resolution: str, type: str
) -> tuple[str, RangeAnswer]:
    """Tell a provider what an authorised range is for: once, and for ever; then bring ours up to date."""
    name = name or _able(gateway, issuer, Verb.ASSIGN_RANGE_TYPE)
    answer = gateway.provider(issuer, name).assign_range_type(prefix, resolution, type)
    return name, _done(gateway, issuer, name, answer)


def _able(gateway: Gateway, issuer: Issuer, verb: Verb) -> str:
    """The one provider of an issuer that has a verb. Raises Unsupported where none or several have."""
    names = [name for name in issuer.connected if verb in gateway.provider(issuer, name).capabilities.verbs]
    if len(names) == 1:
        return names[0]
    if names:
        raise Unsupported(f"Indique uno en «proveedor»: {', '.join(names)}.", field="proveedor")
    raise Unsupported("Ningún proveedor del emisor ofrece esta operación.")


def _done(gateway: Gateway, issuer: Issuer, name: str, answer: RangeAnswer) -> RangeAnswer:
    if not answer.done:
        raise Conflict(f"El proveedor no lo hizo: {answer.message}")
    sync(gateway, issuer, name)
    return answer


def look_up(gateway: Gateway, issuer: Issuer, token: SecretStr) -> list[NumberingRange]:
    """Factus's ranges as one of its own access tokens sees them (seed 004). Nothing is stored.

    Raises CredentialsRejected where Factus refuses the token.
    """
    provider = gateway.provider(issuer, "factus")
    given = replace(provider.connection, tokens=_Given(token))
    return type(provider)(given).ranges()


class _Given:
    """A token that came with the request: it is used as it is, and never renewed."""

    def __init__(self, access: SecretStr):
        self._token = Token(access=access, refresh=None, expires_at=float("inf"))

    def get(self, _login: Callable[[Token | None], Token], *, rejected: Token | None = None) -> Token:
        if rejected is not None:  # a login would use credentials that are not the caller's
            raise CredentialsRejected("Invalid token")
        return self._token


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
