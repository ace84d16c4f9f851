"""Numbering: keeps our ranges as providers and DIAN tell them. No next number is lowered, no range deleted."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import date

from pydantic import SecretStr

from cauce import faults
from cauce.domain import notices
from cauce.domain.errors import CauceError, Conflict, CredentialsRejected, Unsupported
from cauce.domain.issuer import Issuer
from cauce.domain.outcome import is_prefix
from cauce.domain.ranges import NumberingRange
from cauce.domain.time import bogota
from cauce.gateway import Asking, Numbering, Syncing
from cauce.numbering.ranges import ToldRange, change, compare, handed_over
from cauce.providers.base import Connection, NumberedBy, RangeAnswer, Token, Verb
from cauce.providers.guard import Guarded, Unwatched
from cauce.providers.registry import offers, provider_class


@dataclass(frozen=True)
class SyncReport:
    """What one sync of an issuer's ranges with one provider found."""

    provider: str
    new: list[NumberingRange] = field(default_factory=list)
    changed: list[NumberingRange] = field(default_factory=list)
    vanished: list[NumberingRange] = field(default_factory=list)
    unchanged: list[NumberingRange] = field(default_factory=list)
    error: str | None = None

    def to_be_renewed(self, today: date) -> list[NumberingRange]:
        """The ranges, changed or not, that ended or are about to: by their last day or by their last number."""
        known = (*self.new, *self.changed, *self.unchanged)
        return [found for found in known if found.is_to_be_renewed(today)]


@dataclass(frozen=True)
class NewRange:
    """A range to make; ``type`` is the provider's own word for the kind of document."""

    prefix: str
    start: int
    end: int
    type: str


def sync_ranges(gateway: Syncing, issuer: Issuer, name: str) -> SyncReport:
    """Store an issuer's ranges as one provider tells them, and tell what changed. Idempotent.

    The news of a change is written before the change: who dies in between finds the change again, and tells it no
    second time.
    A range that another provider numbers stays with that provider, whoever takes the issuer's documents now. Raises
    Unsupported where the provider does not tell its ranges, and whatever the call raises.
    """
    provider = gateway.provider(issuer, name)
    told = [each for each in provider.ranges() if is_prefix(each.prefix)]  # no number can begin otherwise
    found = compare(name, told, gateway.ranges.all_with_keys(issuer.nit))
    counts_here = provider.capabilities.numbered_by is NumberedBy.GATEWAY
    today = bogota(gateway.now()).date()
    report = SyncReport(name)
    for each in found.told:
        following = _next_here(gateway, issuer, each) if counts_here else each.next_there()
        current = each.theirs.model_copy(update={"next": following, "held_by": each.holder(issuer, today)})
        if each.known == current:
            report.unchanged.append(current)
            continue
        # The same authorisation under its new type: it changed, and did not vanish.
        retyped = [found.gone.pop(before.key) for before in each.same if before.key in found.gone]
        before = retyped[0] if retyped else each.known
        _tell(gateway, issuer, current, change(before, current))
        gateway.ranges.save(issuer.nit, current)
        (report.new if before is None else report.changed).append(current)
        for former in retyped:
            gateway.ranges.save(issuer.nit, _gone(former))
    report.unchanged.extend(found.untold)
    for missing in map(_gone, found.gone.values()):
        _tell(gateway, issuer, missing, "gone")
        gateway.ranges.save(issuer.nit, missing)
        report.vanished.append(missing)
    return report


def _tell(gateway: Syncing, issuer: Issuer, found: NumberingRange, what: str | None) -> None:
    """Tell the issuer that a range changed, before it is stored."""
    if what is not None:
        now = gateway.now()
        gateway.news.notice(*notices.of_change(issuer, found, what, bogota(now).date(), now))


def _next_here(gateway: Numbering, issuer: Issuer, told: ToldRange) -> int:
    theirs = told.theirs
    last = gateway.numbers.last(issuer.nit, theirs.kind, theirs) if theirs.kind is not None else None
    return told.next_here(last)


def _gone(missing: NumberingRange) -> NumberingRange:
    """A range that its provider no longer tells; it is kept, since its numbers were used."""
    return missing.model_copy(update={"vanished": True})


def sync_all(gateway: Syncing, issuer: Issuer, only: str | None = None) -> list[SyncReport]:
    """Sync the ranges of an issuer's providers that tell them, or of one; one that fails is reported, the rest go
    on."""
    if only is not None:
        issuer.require(only)
    reports = []
    for name in issuer.connected if only is None else [only]:
        try:
            if offers(issuer, name, Verb.RANGES):
                reports.append(sync_ranges(gateway, issuer, name))
        except CauceError as trouble:
            reports.append(SyncReport(name, error=trouble.message))
    if not reports:
        raise Unsupported("Ningún proveedor del emisor permite consultar sus numeraciones.")
    _share_out(gateway, issuer, reports)
    gateway.ranges.seal_technical_keys(issuer.nit)
    return reports


def _share_out(gateway: Asking, issuer: Issuer, reports: list[SyncReport]) -> None:
    """Where two providers listed one new range in this run, give it to the one that the issuer uses for that kind."""
    changes = handed_over(issuer, [found for report in reports for found in report.new])
    for current in changes.values():
        gateway.ranges.save(issuer.nit, current)
    for report in reports:
        report.new[:] = [changes.get(found.key, found) for found in report.new]


def generate(gateway: Syncing, issuer: Issuer, name: str | None, wanted: NewRange) -> tuple[str, RangeAnswer]:
    """Make a range at a provider, for the kinds of document that need no resolution; then sync."""
    name = _with_verb(issuer, name, Verb.GENERATE_RANGE)
    provider = gateway.provider(issuer, name)
    answer = provider.generate_range(wanted.prefix, wanted.start, wanted.end, wanted.type)
    return name, _synced(gateway, issuer, name, answer)


def assign_type(
    gateway: Syncing, issuer: Issuer, name: str | None, *, prefix: str, resolution: str, type: str
) -> tuple[str, RangeAnswer]:
    """Tell a provider the kind of document of an authorised range, which it never changes again; then sync."""
    name = _with_verb(issuer, name, Verb.ASSIGN_RANGE_TYPE)
    answer = gateway.provider(issuer, name).assign_range_type(prefix, resolution, type)
    return name, _synced(gateway, issuer, name, answer)


def _with_verb(issuer: Issuer, name: str | None, verb: Verb) -> str:
    """The provider of that name; without a name, the issuer's only one that has the verb.

    Raises Unsupported where the named one lacks the verb or is not the issuer's, and where none or several have it.
    """
    if name is not None:
        title = provider_class(name).title
        if name not in issuer.connected:
            raise Unsupported(f"La empresa no usa {title}.", field="provider")
        if not offers(issuer, name, verb):
            raise Unsupported(f"{title} no ofrece la operación «{verb.value}».", field="provider")
        return name
    names = [name for name in issuer.connected if offers(issuer, name, verb)]
    if len(names) == 1:
        return names[0]
    if names:
        raise Unsupported(f"Indique uno en «proveedor»: {', '.join(names)}.", field="provider")
    raise Unsupported("Ningún proveedor del emisor ofrece esta operación.")


def _synced(gateway: Syncing, issuer: Issuer, name: str, answer: RangeAnswer) -> RangeAnswer:
    if not answer.done:
        raise Conflict(f"El proveedor no lo hizo: {answer.message}")
    try:
        sync_ranges(gateway, issuer, name)
    except CauceError as trouble:  # the provider did it all the same: it must not be asked for again
        return replace(answer, message=f"{answer.message} Falta sincronizarlo: {trouble.message}")
    except faults.RAISED as fault:
        if not faults.is_fault(fault):
            raise
        return replace(answer, message=f"{answer.message} Falta sincronizarlo: el servicio está ocupado.")
    return answer


def look_up(gateway: Asking, issuer: Issuer, token: SecretStr) -> list[NumberingRange]:
    """Factus's ranges as one of its own access tokens sees them (seed 004). Nothing is stored, and the issuer needs
    no credentials: the token alone says whose ranges they are.

    Raises CredentialsRejected where Factus refuses the token.
    """
    try:
        known = gateway.provider(issuer, _FACTUS).connection
        given = replace(known, tokens=_Given(token))
    except CredentialsRejected:  # an issuer without credentials at Factus
        given = Connection(
            issuer=issuer,
            settings=issuer.settings.get(_FACTUS, {}),
            credentials={},
            tokens=_Given(token),
            clock=lambda: gateway.now().timestamp(),
        )
    with closing(Guarded(provider_class(_FACTUS)(given), Unwatched())) as provider:
        return provider.ranges()


_FACTUS = "factus"


class _Given:
    """A token that came with the request: it is used as it is, and never renewed."""

    def __init__(self, access: SecretStr):
        self._token = Token(access=access, refresh=None, expires_at=float("inf"))

    def get(self, _login: Callable[[Token | None], Token], *, rejected: Token | None = None) -> Token:
        if rejected is not None:  # a login would use credentials that are not the caller's
            raise CredentialsRejected("Invalid token")
        return self._token
