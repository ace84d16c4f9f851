"""GET /documentos: what it asks for, and its pages."""

import hashlib
import re
from collections.abc import Mapping
from urllib.parse import unquote, urlencode

from pydantic_core import PydanticCustomError

from cauce.contracts.v1.bodies import JsonObject
from cauce.contracts.v1.fields import Text
from cauce.contracts.v1.parties import IDENTIFICATION
from cauce.contracts.v1.queries import (
    ESTADOS,
    MAX_PAGE,
    MAX_PER_PAGE,
    Parameters,
    Reader,
    decoded_cursor,
    encoded_cursor,
)
from cauce.contracts.v1.render import TIPO_DOCUMENTO, of_record, within
from cauce.contracts.v1.requests import REFERENCE_TEXT, UUID
from cauce.domain.document import Value
from cauce.domain.errors import NotFound
from cauce.domain.record import Listed
from cauce.domain.search import Search

KIND_OF = {name: kind for kind, name in TIPO_DOCUMENTO.items()}
FILTERS = (
    *("estado", "desde", "hasta", "tipo_documento", "proveedor", "adquiriente"),
    *("referencia", "numero", "cufe", "q"),
)
_PROVIDER = Text(30, pattern="[a-z]+", like="es el nombre de un proveedor, como factus")
_NUMBER = Text(
    38, pattern="[A-Za-z0-9 ._-]*[0-9]", like="une el prefijo y el consecutivo, como SETP990000011"
)
_BEGINNING = Text(
    38,
    pattern="[A-Za-z0-9 ._/-]+",
    like="es el comienzo de un número o de una identificación, tal como se escriben: letras sin tilde, dígitos y los "
    "signos . _ / -, sin comodines",
)
_ABOUT_CHANGES = (
    "no se puede usar: los documentos se buscan por su fecha de emisión («desde», «hasta»). Lo que cambió está, en "
    "orden, en GET /novedades, y lo que aún puede cambiar, en estado=pendiente"
)
_NOT_KEPT = ("cambio_desde", "cambio_hasta")
# What a cursor is of, and a position there.
_MARKED = re.compile("[0-9a-f]{8}[ -~]{1,140}")


class Listing(Value):
    """What GET /documentos asks for."""

    nit: str = ""
    asked: dict[str, str] = {}
    """The filters as they were sent."""
    search: Search = Search()
    per_page: int = 20
    page: int = 1
    start: str | None = None
    """Where the page starts, if a cursor came."""

    def cursor(self, position: str) -> str:
        """The cursor of a position in this listing."""
        return encoded_cursor(_mark(self.nit, self.asked) + position)


def listing(parameters: Parameters, nit: str) -> Listing:
    """The listing of an issuer's documents that a query string asks for. Raises InvalidDocument naming every wrong
    parameter."""
    reader = Reader(parameters)
    reader.refuse_unknown(*FILTERS, "per_page", "page", "cursor", *_NOT_KEPT)
    for name in _NOT_KEPT:
        if reader.text(name):
            reader.refuse(name, _ABOUT_CHANGES)
    search = Search(
        shown_state=reader.choice("estado", ESTADOS),
        since=reader.date("desde"),
        until=reader.date("hasta"),
        kind=KIND_OF.get(reader.choice("tipo_documento", tuple(KIND_OF)) or ""),
        provider=reader.like("proveedor", _PROVIDER),
        counterparty=reader.like("adquiriente", IDENTIFICATION),
        reference=reader.like("referencia", REFERENCE_TEXT),
        number=reader.like("numero", _NUMBER),
        uuid=reader.like("cufe", UUID),
        beginning=reader.like("q", _BEGINNING),
    )
    if search.since and search.until and search.until < search.since:
        reader.refuse("hasta", "no puede ser anterior a «desde»")
    per_page = reader.integer("per_page", 20, MAX_PER_PAGE)
    page = reader.integer("page", 1, MAX_PAGE)
    asked = {name: value for name in FILTERS if (value := reader.text(name))}
    cursor = reader.text("cursor")
    start = _position(cursor, nit, asked) if cursor else None
    if cursor and start is None:
        reader.refuse("cursor", "debe ser el cursor_siguiente de una página anterior, con los mismos filtros")
    reader.settle()
    return Listing(nit=nit, asked=asked, search=search, per_page=per_page, page=page, start=start)


def _position(cursor: str, nit: str, asked: Mapping[str, str]) -> str | None:
    """The position in a cursor; ``None`` where the cursor is not of the issuer's listing with these filters."""
    marked, mark = decoded_cursor(cursor, _MARKED) or "", _mark(nit, asked)
    return marked.removeprefix(mark) if marked.startswith(mark) else None


def _mark(nit: str, asked: Mapping[str, str]) -> str:
    """What the cursors of an issuer's listing with these filters begin with, and no others."""
    return hashlib.sha256(f"{nit}?{urlencode(asked)}".encode()).hexdigest()[:8]


def reference(text: str) -> str:
    """A reference in a path. Raises NotFound for a text that no document can have as its own."""
    try:
        return REFERENCE_TEXT.read(unquote(text))
    except PydanticCustomError:
        raise NotFound("No hay un documento con esa referencia en tu empresa.") from None


class Links(Value):
    """Of a page of a listing, the addresses of the others."""

    first: str
    prev: str | None
    next: str | None


def links(listing: Listing, base_url: str, following: str | None) -> Links:
    """``following``: where the next page starts."""

    def link(page: int, **extra: str) -> str:
        query = {**listing.asked, "per_page": str(listing.per_page), "page": str(page), **extra}
        return f"{path(base_url)}?{urlencode(query)}"

    number = listing.page
    return Links(
        first=link(1),
        prev=link(number - 1) if number > 1 else None,
        next=link(number + 1, cursor=listing.cursor(following)) if following else None,
    )


def path(base_url: str) -> str:
    return f"{base_url.rstrip('/')}/documentos"


def page(records: list[Listed], base_url: str, listing: Listing, following: str | None) -> JsonObject:
    """The answer of GET /documentos. ``following``: where the next page starts, as the listing said."""
    others = links(listing, base_url, following)
    before = (listing.page - 1) * listing.per_page
    return {
        "ok": True,
        "data": [within(len(records), of_record(record, base_url)) for record in records],
        "links": {
            "first": others.first,
            "last": None,  # counting an issuer's documents would cost reading them all
            "prev": others.prev,
            "next": others.next,
            "siguiente": others.next,
        },
        "meta": {
            "current_page": listing.page,
            "per_page": listing.per_page,
            "from": before + 1 if records else None,
            "to": before + len(records) if records else None,
            "path": path(base_url),
            "cursor_siguiente": listing.cursor(following) if following else None,
        },
    }
