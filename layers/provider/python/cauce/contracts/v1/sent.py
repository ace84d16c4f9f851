"""Errors with the field names that a request used, since the contract has two names for some fields."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from cauce.contracts.v1 import differences, names
from cauce.contracts.v1.bodies import JsonObject
from cauce.domain.document import Kind
from cauce.domain.errors import CauceError, InvalidDocument, ReferenceConflict
from cauce.domain.finding import Finding
from cauce.providers.base import EmittedQuery


@contextmanager
def named(kind: Kind, body: JsonObject) -> Iterator[None]:
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
        said: dict[str | None, str] = {each.name: each.said for each in query.filters}
        fields = {said.get(name, name): sentences for name, sentences in error.fields.items()}
        if fields.keys() <= {each.said for each in query.filters}:
            error.fields, error.fields_as_sent = fields, True
        raise


def as_sent(error: CauceError, kind: Kind, body: JsonObject) -> CauceError:
    ways = names.OfRequest(kind, body)
    if not error.fields_as_sent:
        error.fields = names.of_fields(error.fields, ways)
        error.fields_as_sent = True
    if isinstance(error, InvalidDocument):
        error.findings = tuple(finding(each, kind, body) for each in error.findings)
    if isinstance(error, ReferenceConflict) and error.other is not None and error.asked is not None:
        error.differing = differences.between(error.other.content, error.asked, ways)
    return error


def finding(found: Finding, kind: Kind, body: JsonObject) -> Finding:
    return replace(found, field=said(found.field, kind, body))


def said(path: str, kind: Kind, body: JsonObject) -> str:
    """The name that a request used for a path of the domain."""
    return names.told(path, names.OfRequest(kind, body))
