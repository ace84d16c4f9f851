"""What is said of a document with the field names that its request used, since the contract has two names for some:
errors, findings, and what differs from another document.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from cauce.contracts.v1 import names
from cauce.contracts.v1.bodies import JsonObject
from cauce.domain.document import Document, Kind
from cauce.domain.errors import CauceError, InvalidDocument, ReferenceConflict
from cauce.domain.event import Event
from cauce.domain.outcome import Finding
from cauce.domain.sameness import canonical
from cauce.providers.base import EmittedQuery

# Most fields that are told: where all lines differ, the first ones are enough.
_MOST = 20

# Parts whose differing fields are told; of any other part only that it differs is told.
_LOOKED_INTO = tuple(
    (part,)
    for part in ("counterparty", "payment", "order_reference", "billing_reference", "reason", "period")
)
_LISTS = ("cargos", "descuentos")


@contextmanager
def named(kind: Kind, body: Mapping[str, object]) -> Iterator[None]:
    """Errors raised within get a request's own field names. ``body``: one that the contract could read."""
    try:
        yield
    except CauceError as error:
        raise as_sent(error, kind, body) from error.__cause__


@contextmanager
def filtered(query: EmittedQuery) -> Iterator[None]:
    """Errors raised within that are about filters get the names that the request used for them."""
    try:
        yield
    except CauceError as error:
        sent = {each.said for each in query.filters}
        said: dict[str, str] = {each.name: each.said for each in query.filters if each.name}
        fields = {
            name if name in sent else said.get(name, name): sentences
            for name, sentences in error.fields.items()
        }
        if fields.keys() <= sent:
            error.fields, error.fields_as_sent = fields, True
        raise


def as_sent(error: CauceError, kind: Kind, body: Mapping[str, object]) -> CauceError:
    ways = names.OfRequest(kind, body)
    if not error.fields_as_sent:
        error.fields = names.of_fields(error.fields, ways)
        error.fields_as_sent = True
    if isinstance(error, InvalidDocument):
        error.findings = tuple(finding(each, kind, body) for each in error.findings)
    if isinstance(error, ReferenceConflict) and error.other is not None and error.asked is not None:
        error.differing = between(error.other.content, error.asked, ways)
    return error


def finding(found: Finding, kind: Kind, body: Mapping[str, object]) -> Finding:
    return replace(found, field=names.told(found.field, names.OfRequest(kind, body)))


def said(path: str, content: Document, body: Mapping[str, object]) -> str | None:
    """The name that a request used for a path of the domain, where its content would tell another."""
    name = names.told(path, names.OfRequest(content.kind, body))
    return None if name == names.told(path, names.OfContent(content)) else name


def between(
    before: Document | Event, after: Document | Event, ways: names.Ways | None = None
) -> tuple[str, ...]:
    """The contract's names of the first twenty fields that differ. Values that are computed from others are left out,
    since they would differ too. ``ways``: the names that the request for ``after`` used."""
    if before.kind is not after.kind:
        return ("tipo",)
    paths = _differing(_content(before), _content(after), ())
    used = ways or names.OfContent(after)
    found = dict.fromkeys(_told(path, used) for path in paths)
    return tuple(found)[:_MOST]


def _content(of: Document | Event) -> JsonObject:
    content = canonical(of)
    parts = [content, *_objects(content.get("lines"))]
    for party in _objects([content.get("counterparty"), *(part.get("principal") for part in parts)]):
        party.pop("check_digit", None)
    for part in parts:
        for entry in _objects(part.pop("allowance_charges", None)):
            if "percent" in entry:
                entry.pop("amount"), entry.pop("base_amount", None)
            name = _LISTS[0] if entry["is_charge"] else _LISTS[1]
            part[name] = [*_objects(part.get(name)), entry]
    return content


def _objects(listed: object) -> list[JsonObject]:
    """The objects in a list of JSON; none where it is no list."""
    return [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []


def _differing(before: object, after: object, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The paths of what differs, as deep as both sides have values; within the lines only where both have as many."""
    if before == after:
        return
    is_looked_into = not path or path in _LOOKED_INTO or (path[0] == "lines" and len(path) == 2)
    if isinstance(before, dict) and isinstance(after, dict) and is_looked_into:
        for name in dict.fromkeys((*after, *before)):
            yield from _differing(before.get(name), after.get(name), (*path, name))
    elif path == ("lines",) and len(_objects(before)) == len(_objects(after)):
        for n, (one, other) in enumerate(zip(_objects(before), _objects(after), strict=True)):
            yield from _differing(one, other, (*path, str(n)))
    else:
        yield path


def _told(path: tuple[str, ...], ways: names.Ways) -> str:
    *owner, last = path
    if last not in _LISTS:
        return names.told(".".join(path), ways)
    return ".".join([names.told(".".join(owner), ways), last] if owner else [last])
