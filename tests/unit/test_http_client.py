"""The client that every provider is called with: where a request may go, how long an answer may be and may take."""

import gzip
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import httpx
import pytest

from cauce.domain.errors import Held, NotSent, OutcomeUnknown
from cauce.domain.outage import Failure
from cauce.providers import http, soap
from cauce.providers.deadline import each_at_most, within
from cauce.providers.http import RETRY_AFTER_SECONDS, retry_after
from tests.answering import Asked, Told, answering


@pytest.fixture
def redirecting() -> Iterator[tuple[str, list[str]]]:
    """The address of a server that sends whoever asks for ``/documents`` elsewhere, and what was asked of it."""
    asked: list[str] = []

    def told(seen: Asked) -> Told:
        asked.append(f"{seen.method} {seen.path}")
        return 307 if seen.path == "/documents" else 200, b"", {"Location": "/elsewhere"}

    with answering(told) as url:
        yield url, asked


def test_a_redirect_is_not_followed_with_a_document_and_its_credential(
    redirecting: tuple[str, list[str]],
) -> None:
    address, asked = redirecting

    with http.client(address) as client:
        answer = http.exchange(
            client, "Factus", "POST", "/documents", content=b"{}", headers={"Authorization": "Bearer secret"}
        )

    assert answer.status_code == 307
    assert asked == ["POST /documents"]


# What has no end -----------------------------------------------------------------------------------


@contextmanager
def streaming(answer: Callable[[socket.socket, threading.Event], None]) -> Iterator[str]:
    """The address of a server that answers each request so, until the event is set."""
    over = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while not over.is_set():
            try:
                asked, _ = listener.accept()
            except OSError:
                return
            with asked:
                try:
                    _read_request(asked)
                    answer(asked, over)
                except OSError:  # the client has gone
                    continue

    threading.Thread(target=serve, daemon=True).start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    over.set()
    listener.close()


def _read_request(asked: socket.socket) -> None:
    """All of it: what is left unread when a connection is closed resets it, and the answer with it."""
    got = b""
    while b"\r\n\r\n" not in got:
        got += asked.recv(65_536)
    head, _, body = got.partition(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head.lower())
    left = (int(length[1]) if length else 0) - len(body)
    while left > 0:
        left -= len(asked.recv(65_536))


def dripping(head: bytes) -> Callable[[socket.socket, threading.Event], None]:
    """A byte now and then, each of them well within what one wait may last."""

    def drip(asked: socket.socket, over: threading.Event) -> None:
        asked.sendall(head)
        while not over.wait(0.05):
            asked.sendall(b"x")

    return drip


BODY = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n"
HEAD = b"HTTP/1.1 200 OK\r\nX-Drip: "


def asked_of(address: str, *, read_seconds: float, **options: int) -> bytes:
    with http.client(address, read_seconds=read_seconds) as client:
        return http.exchange(client, "Factus", "GET", "/", **options).content


@pytest.mark.parametrize("head", [BODY, HEAD], ids=["the body", "a header"])
def test_an_answer_that_drips_ends_with_its_call_and_is_no_answer(
    head: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "CONNECT_SECONDS", 0.3)

    with streaming(dripping(head)) as address, pytest.raises(OutcomeUnknown) as doubt:
        asked_of(address, read_seconds=0.3)

    assert doubt.value.failure is Failure.SILENCE


def given_up(head: bytes, waits: AbstractContextManager[None]) -> Failure | None:
    """How a call fails whose answer drips, and is waited for no longer than ``waits`` lets it."""
    with (
        streaming(dripping(head)) as address,
        http.client(address, read_seconds=60) as client,
        waits,
        pytest.raises(OutcomeUnknown) as doubt,
    ):
        http.exchange(client, "Factus", "GET", "/")
    return doubt.value.failure


@pytest.mark.parametrize("head", [BODY, HEAD, b""], ids=["the body", "a header", "everything"])
def test_who_waits_no_longer_ends_the_call_and_blames_nobody(
    head: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "LEAST_SECONDS", 0.0)

    assert given_up(head, within(0.5)) is Failure.CUT_SHORT


@pytest.mark.parametrize("head", [b"", b"HTTP/1.1 200 OK\r\n\r\n"], ids=["no head", "no end"])
def test_an_exchange_that_is_waited_for_less_than_others_is_silence(head: bytes) -> None:
    assert given_up(head, each_at_most(0.5)) is Failure.SILENCE


def test_when_an_earlier_call_had_to_end_says_nothing_of_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "LEAST_SECONDS", 0.0)
    given_up(BODY, within(0.1))
    answered = httpx.MockTransport(lambda _: httpx.Response(200, content=b"<e/>"))

    with httpx.Client(transport=answered, base_url="https://provider.example") as client:
        assert http.exchange(client, "Factus", "GET", "/").content == b"<e/>"


def test_with_no_time_left_nothing_is_sent() -> None:
    asked: list[bool] = []

    with streaming(lambda _, __: asked.append(True)) as address, within(0.5), pytest.raises(Held):
        asked_of(address, read_seconds=60)

    assert asked == []


def test_what_is_waited_for_inside_is_never_longer_than_outside() -> None:
    with within(0.5), within(60), pytest.raises(Held):
        asked_of("http://127.0.0.1:9", read_seconds=60)

    with within(60), pytest.raises(NotSent) as unreachable:
        asked_of("http://127.0.0.1:9", read_seconds=60)
    assert not isinstance(unreachable.value, Held)


def whole(content: bytes, *headers: bytes) -> Callable[[socket.socket, threading.Event], None]:
    lines = [b"HTTP/1.1 200 OK", b"Content-Length: %d" % len(content), *headers, b"", content]
    return lambda asked, _: asked.sendall(b"\r\n".join(lines))


def test_an_answer_longer_than_any_is_no_answer_and_its_beginning_is_kept() -> None:
    with streaming(whole(b"a" * 200_001)) as address:
        assert len(asked_of(address, read_seconds=60, most_bytes=200_001)) == 200_001
        with pytest.raises(OutcomeUnknown) as doubt:
            asked_of(address, read_seconds=60, most_bytes=200_000)

    assert 0 < len(doubt.value.raw) <= 65_536
    assert set(doubt.value.raw) == {ord("a")}


def test_an_answer_is_measured_as_it_is_read_and_not_as_it_travelled() -> None:
    packed = gzip.compress(b"a" * 3_000_000)
    assert len(packed) < 100_000

    with streaming(whole(packed, b"Content-Encoding: gzip")) as address:
        assert asked_of(address, read_seconds=60) == b"a" * 3_000_000
        with pytest.raises(OutcomeUnknown):
            asked_of(address, read_seconds=60, most_bytes=2_000_000)


def test_an_answer_without_length_that_never_ends_is_no_answer() -> None:
    def endless(asked: socket.socket, over: threading.Event) -> None:
        asked.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while not over.is_set():
            asked.sendall(b"a" * 65_536)

    with streaming(endless) as address, pytest.raises(OutcomeUnknown):
        asked_of(address, read_seconds=60)


def test_a_listing_may_be_8_mib_and_what_holds_a_document_16() -> None:
    assert (http.MOST_BYTES, http.MOST_XML_BYTES) == (8_388_608, 16_777_216)

    with streaming(whole(b"a" * (http.MOST_BYTES + 1))) as address, http.client(address) as client:
        with pytest.raises(OutcomeUnknown):
            http.exchange(client, "Factus", "GET", "/")
        response = soap.respond(client, "la DIAN", address, b"<e/>", {}, read_seconds=60)
        assert len(response.content) == http.MOST_BYTES + 1


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7),
        ({"Retry-After": "1.5"}, 1.5),
        ({"Retry-After": "-3"}, 0),
        ({"Retry-After": "inf"}, RETRY_AFTER_SECONDS),
        ({"Retry-After": "nan"}, RETRY_AFTER_SECONDS),
        ({"Retry-After": "999999999"}, 86_400),
        ({"Retry-After": "Sun, 10 May 2026 15:00:30 GMT", "Date": "Sun, 10 May 2026 15:00:00 GMT"}, 30),
        ({"Retry-After": "Sun, 10 May 2026 14:00:00 GMT", "Date": "Sun, 10 May 2026 15:00:00 GMT"}, 0),
        ({"Retry-After": "Sun, 10 May 2026 15:00:30 GMT"}, RETRY_AFTER_SECONDS),
        ({"Retry-After": "soon", "Date": "yesterday"}, RETRY_AFTER_SECONDS),
        ({}, RETRY_AFTER_SECONDS),
    ],
)
def test_how_long_an_answer_asks_to_wait_is_read_from_the_answer_alone(
    headers: dict[str, str], seconds: float
) -> None:
    assert retry_after(httpx.Response(429, headers=headers)) == seconds
