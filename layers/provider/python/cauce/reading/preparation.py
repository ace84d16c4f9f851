"""What an issuer still needs to emit: read from what is stored, at no provider's cost.

Beside the issuer and its token: one query of its ranges, one reading of its counts and, of each of its providers, its
credentials, which a container keeps for some minutes, and its breakers.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from cauce.domain import preparation
from cauce.domain.access_token import AccessToken
from cauce.domain.document import Kind
from cauce.domain.errors import CauceError, CredentialsRejected
from cauce.domain.issuer import Issuer
from cauce.domain.preparation import Actor, Point, Preparation, Use
from cauce.domain.ranges import NumberingRange
from cauce.domain.time import bogota
from cauce.gateway import Preparing
from cauce.providers import registry
from cauce.providers.base import NumberedBy


def of(gateway: Preparing, issuer: Issuer, token: AccessToken | None = None) -> Preparation:
    """Every point of an issuer, and of the token that asks. A provider that cannot be connected is a point too."""
    now = gateway.now()
    today = bogota(now).date()
    months = [f"{today.replace(day=1) - timedelta(days=1):%Y-%m}", f"{today:%Y-%m}"]
    counted = issuer.counted_by.name_at(now)
    periods = [*months, counted]
    own = gateway.new_records.counted(issuer.nit, periods)
    ranges = gateway.ranges.all_counted(issuer.nit, periods)
    used = own[-1] + sum(counts[-1] for _, counts in ranges)

    points = [preparation.of_kinds(issuer), preparation.of_environment(issuer)]
    if token is not None:
        points.append(preparation.of_token(issuer, token, now))
    points.append(preparation.of_quota(issuer, used, now))
    for name in sorted(set(issuer.providers.values())):
        points += _of_provider(gateway, issuer, name, today, ranges, own)
    return preparation.preparation(issuer, points)


def _of_provider(
    gateway: Preparing,
    issuer: Issuer,
    name: str,
    today: date,
    ranges: list[tuple[NumberingRange, tuple[int, ...]]],
    own: tuple[int, ...],
) -> Iterator[Point]:
    try:
        cls = registry.provider_class(name)
        capabilities = cls.declare(issuer.settings.get(name, {}))
        provider = gateway.provider(issuer, name)
    except CredentialsRejected:
        enrols = cls.enrolled_by.format(nit=issuer.nit, provider=name)
        yield preparation.of_credentials(name, cls.title, cls.credential_fields, enrols)
        return
    except CauceError as error:
        yield preparation.unconnected(name, error.message)
        return
    yield from provider.readiness(gateway.now())
    yield preparation.of_service(
        name, cls.title, Actor.DIAN if cls.is_dian else Actor.PROVIDER, is_out=not provider.wait().is_sure
    )
    in_range = issuer.quota is None and capabilities.numbered_by is NumberedBy.GATEWAY
    uses = {found.key: Use.of(counts, own, in_range=in_range) for found, counts in ranges}
    for kind in Kind:
        if issuer.providers.get(kind) != name:
            continue
        if kind not in capabilities.kinds:
            yield preparation.of_kind(issuer, name, cls.title, kind)
        elif kind is not Kind.EVENT and capabilities.numbers_in_ranges:
            known = [found for found, _ in ranges]
            yield from preparation.of_numbering(name, kind, known, uses, today)
