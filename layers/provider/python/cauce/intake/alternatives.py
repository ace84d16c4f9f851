"""Which other providers could take a document that its provider cannot, by each adapter's own checks; nothing is
called."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from cauce.domain.document import Document, Party
from cauce.domain.errors import CauceError, Unsupported
from cauce.domain.issuer import Issuer
from cauce.providers.base import Connection, Provider, Token
from cauce.providers.registry import NAMES, provider_class

Fits = Callable[[Provider, Document], None]
"""Raises Unsupported or InvalidDocument where a provider cannot take a document exactly as it is."""


class _NoTokens:
    """The token cache of a provider that is never called."""

    def get(self, login: Callable[[Token | None], Token], *, rejected: Token | None = None) -> Token:  # noqa: ARG002
        raise LookupError("a provider that is only asked what it could take")


@contextmanager
def suggested(issuer: Issuer, document: Document, now: datetime, fits: Fits) -> Iterator[None]:
    """Around the checks of a document's provider: its refusal is raised with the providers that could take it."""
    try:
        yield
    except Unsupported as refusal:
        raise named(refusal, issuer, document, now, fits) from refusal.__cause__


def named(refusal: Unsupported, issuer: Issuer, document: Document, now: datetime, fits: Fits) -> Unsupported:
    """A provider's refusal, with the providers that could take this very document, the same one's other dialect
    included."""
    found = [(name, title) for name in NAMES if (title := _title(name, issuer, document, now, fits))]
    if not found:
        return refusal
    ways = f" Lo admite: {', '.join(title for _, title in found)}."
    error = Unsupported(f"{refusal.message}{ways}", providers=tuple(name for name, _ in found))
    error.fields = {path: [f"{each}{ways}" for each in said] for path, said in refusal.fields.items()}
    return error


def _title(name: str, issuer: Issuer, document: Document, now: datetime, fits: Fits) -> str | None:
    """The provider's title, with its dialect, where one of its variants takes the document; ``None`` where none
    does."""
    cls, own = provider_class(name), issuer.settings.get(name, {})
    for variant in cls.variants:
        connection = Connection(
            issuer=issuer if issuer.party else issuer.model_copy(update={"party": _described(issuer)}),
            settings={**own, **variant},
            credentials={},
            tokens=_NoTokens(),
            clock=now.timestamp,
        )
        try:
            provider = cls(connection)
            fits(provider, document)
            provider.check_today(document, now)
        except CauceError:
            continue
        dialect = variant.get("dialect")
        return f"{cls.title} {dialect}" if dialect else cls.title
    return None


def _described(issuer: Issuer) -> Party:
    """A made-up description of an issuer that lacks one, since that is a fault of the issuer's and not of the
    document."""
    return Party(
        person_type="1",
        identification_type="31",
        identification=issuer.nit,
        check_digit=issuer.check_digit,
        name=issuer.name,
        responsibilities=("R-99-PN",),
        tax_scheme="01",
        address="Calle 1",
        municipality="11001",
        email="correo@empresa.example",
        phone="6010000000",
    )
