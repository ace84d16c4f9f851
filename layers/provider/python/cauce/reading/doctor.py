"""All that must hold before an issuer can emit, and for the next month, as an operator looks at it.

What ``preparation`` reads, and what it must not: a harmless call to each provider, the webhooks, the address that
mail leaves from. Nothing is written.
"""

from collections.abc import Iterator

from cauce.domain import preparation as points
from cauce.domain.document import Kind
from cauce.domain.errors import CauceError, Unsupported
from cauce.domain.issuer import Issuer
from cauce.domain.preparation import Point, Preparation, Standing, Subject
from cauce.gateway import Examining
from cauce.providers import registry
from cauce.providers.base import EmittedQuery, Provider, Verb
from cauce.reading import preparation

_ANY = EmittedQuery(kind=Kind.INVOICE, filters=(), offset=0, limit=1)


def of(gateway: Examining, issuer: Issuer) -> Preparation:
    """Every point of an issuer. A provider that cannot be connected is not called; it is a point already."""
    found = preparation.of(gateway, issuer)
    cut_off = {each.provider for each in found.points if _keeps_from_calling(each)}
    more = [
        *_trials(gateway, issuer, sorted(set(issuer.providers.values()) - cut_off)),
        *(points.of_webhook(issuer, each) for each in gateway.endpoints.all(issuer.nit)),
        _mail(gateway, issuer),
    ]
    return points.preparation(issuer, (*found.points, *more))


def _keeps_from_calling(point: Point) -> bool:
    return point.standing is Standing.MISSING and point.subject in (Subject.CREDENTIALS, Subject.CERTIFICATE)


def _trials(gateway: Examining, issuer: Issuer, names: list[str]) -> Iterator[Point]:
    for name in names:
        title = registry.provider_class(name).title
        try:
            _call(gateway.provider(issuer, name))
        except Unsupported:
            continue  # it has nothing that may be asked without a document
        except CauceError as trouble:
            yield points.of_trial(name, title, trouble)
        else:
            yield points.of_trial(name, title, None)


def _call(provider: Provider) -> None:
    """A call that changes nothing, and that a provider answers only to who may emit. Raises CauceError."""
    if Verb.RANGES in provider.capabilities.verbs:
        provider.ranges()
    else:
        provider.list_emitted(_ANY)


def _mail(gateway: Examining, issuer: Issuer) -> Point:
    is_set_up = gateway.mail.is_set_up
    asked = issuer.mail_from is not None and is_set_up
    verified = gateway.mail.is_verified(issuer.mail_from or "") if asked else None
    return points.of_mail(issuer, is_set_up=is_set_up, is_verified=verified)
