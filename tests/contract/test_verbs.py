"""Every optional verb that a provider declares works against its simulator.

Each test returns at once where its verb is not declared; ``test_refusals`` tests that such verbs refuse.
"""

from typing import Any

import httpx
import pytest

from cauce.domain.document import Kind
from cauce.domain.errors import CauceError, Conflict, NotFound
from cauce.domain.outcome import Accepted, Blocked, Rejected
from cauce.providers.base import EmittedQuery, NumberedBy, Verb
from tests.contract.bench import RULE, TEXT, Coded, Live


def declares(live: Live, verb: Verb) -> bool:
    return verb in live.capabilities.verbs


def test_the_signed_xml_of_an_accepted_document_is_xml_and_names_it(live: Live) -> None:
    live.accepted()
    if not declares(live, Verb.XML):
        return

    xml = live.provider.xml(live.refs)

    assert xml.lstrip(b"\xef\xbb\xbf").lstrip().startswith(b"<")
    assert b"<html" not in xml.lower()
    assert (live.record.uuid or "").encode() in xml


def test_a_closed_provider_has_no_connection_and_its_next_call_opens_another(
    first: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[httpx.Client] = []

    class Noted(httpx.Client):
        def __init__(self, **options: Any) -> None:
            super().__init__(**options)
            made.append(self)

    first.accepted()
    monkeypatch.setattr(httpx, "Client", Noted)
    provider = first.bench.connected()

    for asked in (1, 2):
        assert type(provider.consult(first.refs)) is Accepted
        assert [client.is_closed for client in made] == [True] * (asked - 1) + [False]
        provider.close()
        assert all(client.is_closed for client in made)
    provider.close()  # closed already


@pytest.mark.parametrize("status", [200, 404, 500])
def test_a_page_of_html_is_never_taken_for_the_xml(live: Live, says: Any, status: int) -> None:
    live.accepted()
    if not declares(live, Verb.XML):
        return
    page = Coded(status, b"<!DOCTYPE html><html><body>En mantenimiento</body></html>", object, "text/html")

    with pytest.raises(CauceError):
        live.bench.connected(says(page)).xml(live.refs)


def test_the_graphic_representation_is_a_pdf(live: Live) -> None:
    live.accepted()
    if not declares(live, Verb.PDF):
        return
    if live.kind is Kind.EVENT:  # events have no PDF
        with pytest.raises(NotFound):
            live.provider.pdf(live.refs)
        return

    assert live.provider.pdf(live.refs).startswith(b"%PDF")


def test_what_was_emitted_is_listed(first: Live) -> None:
    if not declares(first, Verb.LIST_EMITTED):
        return
    first.accepted()

    page = first.provider.list_emitted(EmittedQuery(kind=None, filters=(), offset=0, limit=20))

    assert page.rows
    assert {row.shown_state for row in page.rows} <= {"aceptado", "rechazado", "pendiente", "fallido"}
    if first.kind is not Kind.EVENT:
        assert str(first.record.number) in {row.number for row in page.rows}


def test_the_pages_of_a_listing_have_each_document_once(first: Live) -> None:
    if not declares(first, Verb.LIST_EMITTED):
        return
    if first.kind is not Kind.EVENT:
        for _ in range(5):
            assert type(first.another()) is Accepted

    whole = first.provider.list_emitted(EmittedQuery(kind=None, filters=(), offset=0, limit=50)).rows
    seen: list[str | None] = []
    offset: int | None = 0
    while offset is not None:
        page = first.provider.list_emitted(EmittedQuery(kind=None, filters=(), offset=offset, limit=2))
        seen += [row.provider_id or row.number for row in page.rows]
        offset = page.next_offset
        assert len(seen) <= 100

    assert sorted(seen, key=str) == sorted((row.provider_id or row.number for row in whole), key=str)
    assert len(set(seen)) == len(seen) >= 5


def test_ranges_are_told_with_what_numbers_a_document(first: Live) -> None:
    if not declares(first, Verb.RANGES):
        return

    found = first.provider.ranges()

    assert len({row.key for row in found}) == len(found)
    assert {row.provider for row in found} == {first.provider.name}
    assert all(row.start <= row.end for row in found)
    assert {row.kind for row in found} >= first.capabilities.kinds - {Kind.EVENT}
    if first.capabilities.numbered_by is NumberedBy.PROVIDER:
        assert all(row.next is not None for row in found)
        taken = first.accepted().number
        assert taken is not None
        used = {(row.prefix, row.next) for row in found} - {
            (r.prefix, r.next) for r in first.provider.ranges()
        }
        assert used == {(taken.prefix, taken.consecutive)}


def test_ranges_are_the_same_however_often_they_are_asked_for(first: Live) -> None:
    if not declares(first, Verb.RANGES):
        return

    assert first.provider.ranges() == first.provider.ranges()


def test_a_range_is_made_once(first: Live) -> None:
    if not declares(first, Verb.GENERATE_RANGE):
        return

    made = first.provider.generate_range("NX", 1, 100, "NC")
    again = first.provider.generate_range("NX", 1, 100, "NC")

    assert made.done
    assert not again.done
    assert again.message
    assert "NX" in {row.prefix for row in first.provider.ranges()}


def test_a_range_is_told_its_type_once_and_for_ever(first: Live) -> None:
    if not declares(first, Verb.ASSIGN_RANGE_TYPE):
        return
    untyped = next(row for row in first.provider.ranges() if not row.provider_type)

    told = first.provider.assign_range_type(untyped.prefix, untyped.resolution or "", "DSE")
    again = first.provider.assign_range_type(untyped.prefix, untyped.resolution or "", "DSE")

    assert told.done
    assert not again.done
    typed = next(row for row in first.provider.ranges() if row.prefix == untyped.prefix)
    assert typed.kind is Kind.SUPPORT_DOCUMENT


def test_a_rejected_document_that_is_kept_is_discarded_before_its_correction(live: Live) -> None:
    live.bench.reject(RULE, TEXT)
    refused = live.emit()
    assert type(refused) is Rejected
    if refused.stored:
        assert declares(live, Verb.DISCARD)
        assert type(live.another()) is Blocked
        assert type(live.provider.consult(live.refs)) is Rejected
        live.provider.discard(live.refs)
        live.provider.discard(live.refs)  # discarding twice is no error
        with pytest.raises(NotFound):
            live.provider.consult(live.refs)

    corrected = live.provider.send(live.ready())

    assert type(corrected) is Accepted


def test_an_accepted_document_is_never_discarded(live: Live) -> None:
    live.accepted()
    if not declares(live, Verb.DISCARD):
        return

    with pytest.raises(Conflict):
        live.provider.discard(live.refs)

    assert type(live.consult()) is Accepted


def test_the_events_of_an_invoice_are_told_oldest_first(live: Live) -> None:
    if not declares(live, Verb.EVENTS):
        return
    if live.record.event is None:
        assert live.kind in live.capabilities.kinds
        return
    cufe = live.record.event.invoice_uuid
    before = [seen.code for seen in live.provider.events(cufe)]

    live.accepted()

    told = live.provider.events(cufe)
    assert [seen.code for seen in told] == [*before, live.code]
    assert told[-1].uuid == live.record.uuid
