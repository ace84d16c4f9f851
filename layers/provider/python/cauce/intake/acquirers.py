"""Buyers by their identification: who they are, as DIAN or a provider tells, and the documents that need it.

Every look-up is for a token that may make it (Ley 1581 of 2012): the name is told to nobody else, what is kept is the
issuer's alone, and an audit line has the token. No line has the buyer.
"""

from cauce.domain import acquirer
from cauce.domain.acquirer import Acquirer, LookedUp
from cauce.domain.catalogs import FINAL_CONSUMER
from cauce.domain.document import Document, Kind
from cauce.domain.errors import (
    CauceError,
    CredentialsRejected,
    InvalidDocument,
    NotFound,
    NotSent,
    OutcomeUnknown,
    QuotaExceeded,
    Unsupported,
)
from cauce.domain.issuer import Issuer
from cauce.gateway import Acquiring
from cauce.providers import registry
from cauce.providers.base import Verb

_DIAN = "dian"
_AGAIN_SECONDS = 5.0
# What a look-up may meet that is no fault of the document's, and yet leaves it without a name.
_NO_NAME = (CredentialsRejected, NotFound, NotSent, QuotaExceeded, Unsupported)


def look_up(gateway: Acquiring, issuer: Issuer, identification_type: str, identification: str) -> LookedUp:
    """The buyer with an identification: what the issuer looked up less than a day ago, or what is told now.

    Raises NotFound where nobody is told, QuotaExceeded beyond the issuer's daily limit, Unsupported where none of its
    providers is asked, CredentialsRejected, and NotSent where no answer came in time. A look-up is counted before it
    is made.
    """
    now = gateway.now()
    if identification == FINAL_CONSUMER:
        return LookedUp(acquirer=Acquirer(name=acquirer.ANYBODY), source=None, at=now)
    kept = gateway.acquirers.read(issuer.nit, identification_type, identification, now)
    if kept is not None:
        return kept
    name = _source(issuer)
    provider = gateway.provider(issuer, name)
    gateway.acquirers.count(issuer.nit, issuer.acquirers_a_day, now)
    try:
        found = provider.acquirer(identification_type, identification)
    except (NotSent, OutcomeUnknown) as silence:
        why = f"{provider.title} no respondió a tiempo la consulta del adquiriente."
        raise NotSent(why, retry_after=getattr(silence, "retry_after", None) or _AGAIN_SECONDS) from silence
    looked_up = LookedUp(acquirer=found, source=name, at=now)
    gateway.acquirers.keep(issuer.nit, identification_type, identification, looked_up)
    return looked_up


def completed(
    gateway: Acquiring, issuer: Issuer, document: Document, token: int | None, lot: str | None = None
) -> Document:
    """The document with its buyer's name, which is looked up where it has none, for the token that asks for it.

    ``token``: its id; ``None`` where it may look nobody up, or there is no token. Raises InvalidDocument where no
    name is told: none is made up.
    """
    if not acquirer.is_nameless(document):
        return document
    refuse_without_a_name(document, token)
    party = document.counterparty
    code: str | None = CauceError.code
    try:
        found = look_up(gateway, issuer, party.identification_type, party.identification)
        code = None
    except _NO_NAME as trouble:
        code = trouble.code
        raise _nameless(trouble) from trouble
    finally:
        _keep_line(gateway, issuer, token, lot, code)
    return acquirer.named(document, found.acquirer)


def refuse_without_a_name(document: Document, token: int | None) -> None:
    """Raise InvalidDocument for a document without its buyer's name that comes with no token that may look it up."""
    if acquirer.is_nameless(document) and token is None:
        raise InvalidDocument(
            "El nombre o la razón social es requerido: solo se averigua con un token que tenga el alcance "
            "«adquirientes».",
            field="counterparty.name",
        )


def _nameless(trouble: CauceError) -> InvalidDocument:
    return InvalidDocument(
        f"{trouble.message} Envíe el nombre o la razón social; no se inventa ninguno.",
        field="counterparty.name",
    )


def _source(issuer: Issuer) -> str:
    """Who is asked: DIAN, or the provider of the issuer's invoices, or another one."""
    first = [_DIAN, issuer.providers.get(Kind.INVOICE)]
    able = [name for name in issuer.connected if registry.offers(issuer, name, Verb.ACQUIRER)]
    if not able:
        raise Unsupported("Ningún proveedor del emisor dice quién es un adquiriente.")
    return min(able, key=lambda name: first.index(name) if name in first else len(first))


def _keep_line(
    gateway: Acquiring, issuer: Issuer, token: int | None, lot: str | None, code: str | None
) -> None:
    """The audit line of a look-up for a document, which its request's line does not tell: a lot's lines are taken
    long after their request."""
    gateway.audit_log.write(
        {
            "time": gateway.now().isoformat(timespec="milliseconds"),
            "request_id": None,
            "method": None,
            "route": "adquirientes",
            "token": token,
            "issuer": issuer.nit,
            "document": None,
            "lot": lot,
            "codigo": code,
            "status": None,
        }
    )
