"""Sends refused before the document was processed (429, token, permission), and content refused before any call."""

import contextlib
import dataclasses
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from cauce.domain.document import Document, Kind, Line
from cauce.domain.errors import (
    CredentialsRejected,
    InvalidDocument,
    NotFound,
    NotSent,
    OutcomeUnknown,
    Unsupported,
)
from cauce.domain.event import Event, EventCode
from cauce.domain.outcome import Accepted
from cauce.providers.base import EmittedQuery, Provider, Verb
from tests.contract.bench import Live, check
from tests.unit.dian import builders as whole


def test_a_limiter_is_waited_for_and_nothing_was_sent(live: Live) -> None:
    request = live.ready()
    live.bench.throttle()

    with pytest.raises(NotSent) as limited:
        live.provider.send(request)

    assert limited.value.retry_after is not None
    assert limited.value.retry_after > 0
    assert live.stored == 0
    assert type(live.again()) is Accepted


def test_a_refused_token_is_renewed_once_and_a_fixed_credential_is_the_operators_matter(live: Live) -> None:
    request, tokens = live.ready(), live.bench.tokens
    provider = live.provider
    with contextlib.suppress(NotFound):  # providers that log in do so on their first call
        provider.consult(live.refs)
    logins, asked = tokens.logins, len(live.asked)
    live.bench.refuse_credentials()

    if logins:
        assert type(provider.send(request)) is Accepted
        assert tokens.logins == logins + 1
        assert [seen.path for seen in live.asked[asked:]].count(live.asked[-1].path) == 2
        assert live.stored == 1
    else:
        with pytest.raises(CredentialsRejected):
            provider.send(request)
        assert len(live.asked) == asked + 1
        assert live.stored == 0


def test_a_closed_door_is_no_verdict_on_the_document(live: Live) -> None:
    """A provider's own 403 concerns the account; a firewall's page says nothing about the document, so it is asked
    about.
    """
    request = live.ready()
    live.bench.forbid()

    with pytest.raises((CredentialsRejected, OutcomeUnknown)) as closed:
        live.provider.send(request)

    assert live.stored == 0
    if type(closed.value) is OutcomeUnknown:
        with pytest.raises(NotFound):
            live.provider.consult(live.lost)
    assert type(live.again()) is Accepted


def test_what_is_not_declared_is_refused_before_the_network(first: Live) -> None:
    provider, capabilities = first.provider, first.capabilities

    for kind in set(Kind) - {Kind.EVENT} - capabilities.kinds:
        with pytest.raises((Unsupported, InvalidDocument)):
            provider.check(whole.a_document(kind))
    for code in set(EventCode) - capabilities.event_codes:
        with pytest.raises(Unsupported):
            provider.check_event(whole.an_event(code).event)
    assert bool(capabilities.event_codes) is (Kind.EVENT in capabilities.kinds)
    assert first.asked == []


@pytest.mark.parametrize("verb", Verb)
def test_a_verb_that_is_not_declared_raises_unsupported_and_asks_nothing(first: Live, verb: Verb) -> None:
    if verb in first.capabilities.verbs:
        # A declared verb must have a method of the provider's own, not the one of Provider that refuses.
        name = METHODS[verb]
        assert getattr(type(first.provider), name) is not getattr(Provider, name)
        return

    with pytest.raises(Unsupported) as refusal:
        CALLS[verb](first)

    assert first.provider.title in refusal.value.message
    assert first.asked == []


def test_what_cannot_be_said_exactly_is_refused_before_the_network(live: Live) -> None:
    wrong = live.bench.unsayable(live.record.content)
    if wrong is None:
        check(live.provider, live.record.content)
        return

    with pytest.raises((Unsupported, InvalidDocument)) as refusal:
        check(live.provider, wrong)

    assert refusal.value.fields
    assert live.asked == []


def test_quantities_go_as_fine_as_is_declared_and_no_finer(live: Live) -> None:
    content = live.record.content
    if type(content) is Event:
        assert live.kind is Kind.EVENT  # an event has no quantities
        return
    scale = live.capabilities.quantity_scale
    finest = Decimal(2) + Decimal(1).scaleb(-scale)

    check(live.provider, with_line(content, quantity=finest, price=Decimal(10**scale)))
    # Finer than six decimals the domain itself refuses.
    with pytest.raises((Unsupported, InvalidDocument, ValidationError)):
        check(live.provider, with_line(content, quantity=finest + Decimal(1).scaleb(-scale - 1)))
    assert live.asked == []


def test_the_request_never_changes_for_the_same_record(live: Live) -> None:
    made = live.ready()

    again = live.provider.prepare(live.record)
    elsewhere = live.bench.connected().prepare(live.record)

    assert (again, elsewhere) == (made, made)


METHODS = {
    Verb.LIST_EMITTED: "list_emitted",
    Verb.RANGES: "ranges",
    Verb.GENERATE_RANGE: "generate_range",
    Verb.ASSIGN_RANGE_TYPE: "assign_range_type",
    Verb.XML: "xml",
    Verb.PDF: "pdf",
    Verb.DISCARD: "discard",
    Verb.UUID_OF: "uuid_of",
    Verb.EVENTS: "events",
    Verb.ACQUIRER: "acquirer",
}
CALLS: dict[Verb, Any] = {
    Verb.LIST_EMITTED: lambda live: live.provider.list_emitted(
        EmittedQuery(kind=None, filters=(), offset=0, limit=10)
    ),
    Verb.RANGES: lambda live: live.provider.ranges(),
    Verb.GENERATE_RANGE: lambda live: live.provider.generate_range("NX", 1, 100, "NC"),
    Verb.ASSIGN_RANGE_TYPE: lambda live: live.provider.assign_range_type("CDS", "18764000012", "DSE"),
    Verb.XML: lambda live: live.provider.xml(live.refs),
    Verb.PDF: lambda live: live.provider.pdf(live.refs),
    Verb.DISCARD: lambda live: live.provider.discard(live.refs),
    Verb.EVENTS: lambda live: live.provider.events("ab" * 48),
    Verb.UUID_OF: lambda live: live.provider.uuid_of(Kind.INVOICE, "SETP1"),
    Verb.ACQUIRER: lambda live: live.provider.acquirer("13", "52123987"),
}


def with_line(document: Document, **changes: Any) -> Document:
    """The document with only its first line, changed and validated again."""
    line = Line.model_validate({**document.lines[0].model_dump(), **changes})
    return document.model_copy(update={"lines": (line,)})


def test_every_verb_has_its_call() -> None:
    assert set(METHODS) == set(CALLS) == set(Verb)
    assert {field.name for field in dataclasses.fields(EmittedQuery)} == {
        "kind",
        "filters",
        "offset",
        "limit",
    }
