"""Listing: an issuer's own records and ranges, and what its provider says it emitted."""

from dataclasses import dataclass

from cauce.domain.document import Kind
from cauce.domain.errors import InvalidDocument, NotFound, Unsupported
from cauce.domain.issuer import Issuer
from cauce.domain.ranges import NumberingRange, RangeState
from cauce.domain.record import Listed, Record
from cauce.domain.search import Search
from cauce.domain.time import bogota
from cauce.gateway import Asking, Reading, Recording
from cauce.providers import registry
from cauce.providers.base import EmittedPage, EmittedQuery, Verb

# A page with a number is reached by reading all index rows before it; beyond this row a cursor is required.
DEEPEST_ROW = 10_000


@dataclass(frozen=True)
class RecordsQuery:
    """A page of what a search among an issuer's records finds; ``start`` is a previous page's ``next``."""

    search: Search
    per_page: int
    page: int
    start: str | None


def records(gateway: Reading, issuer: Issuer, query: RecordsQuery) -> tuple[list[Listed], str | None]:
    """The page's records, and where the next page starts.

    With a cursor the cost is the page; a page number costs the index rows before it as well.
    """
    start, asked = query.start, query.search.provider
    if asked is not None and asked not in registry.NAMES:
        raise InvalidDocument(f"Es uno de: {', '.join(registry.NAMES)}.", field="provider")
    if start is None and query.page > 1:
        if not gateway.listing.counts(query.search):
            raise InvalidDocument(
                "Con estos filtros no se salta a una página por su número; siga con «cursor».", field="page"
            )
        rows = (query.page - 1) * query.per_page
        if rows > DEEPEST_ROW:
            raise InvalidDocument(
                f"Con «page» se llega hasta la fila {DEEPEST_ROW}; siga con «cursor».", field="page"
            )
        start = gateway.listing.position_after(issuer.nit, query.search, rows=rows)
        if start is None:
            return [], None
    page = gateway.listing.page(issuer.nit, query.search, limit=query.per_page, start=start)
    return page.records, page.next


def with_reference(gateway: Recording, issuer: Issuer, reference: str) -> Record:
    """The record of an issuer that has a reference. Raises NotFound."""
    record = gateway.records.by_reference(issuer.nit, reference)
    if record is None or record.outline.reference != reference:  # events have names of their own there too
        raise NotFound("No hay un documento con esa referencia en tu empresa.")
    return record


def ranges(gateway: Asking, issuer: Issuer) -> list[tuple[NumberingRange, RangeState, str | None]]:
    """An issuer's ranges, with their state today and a warning in Spanish if there is one."""
    today = bogota(gateway.now()).date()
    return [(r, r.state(today), r.warning(today)) for r in gateway.ranges.all(issuer.nit)]


def emitted(
    gateway: Asking, issuer: Issuer, name: str | None, query: EmittedQuery
) -> tuple[str, EmittedPage]:
    """One page of a provider's own listing, and the provider's name.

    Without a name: the provider of the kind asked for, or the issuer's only one that lists.
    """
    chosen = name or _lister(issuer, query.kind)
    issuer.require(chosen)
    if not registry.offers(issuer, chosen, Verb.LIST_EMITTED):
        title = registry.provider_class(chosen).title
        raise Unsupported(f"{title} no ofrece la operación «{Verb.LIST_EMITTED.value}».", field="provider")
    return chosen, gateway.provider(issuer, chosen).list_emitted(query)


def _lister(issuer: Issuer, kind: Kind | None) -> str:
    if kind is not None and kind in issuer.providers:
        return issuer.providers[kind]
    listers = [name for name in issuer.connected if registry.offers(issuer, name, Verb.LIST_EMITTED)]
    if len(listers) == 1:
        return listers[0]
    if listers:
        raise InvalidDocument(f"Indique uno en «proveedor»: {', '.join(listers)}.", field="provider")
    raise Unsupported("Ningún proveedor del emisor permite listar lo emitido.")
