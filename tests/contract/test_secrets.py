"""No secret is shown in a log, an exception, an archived request or an archived answer."""

import logging
import traceback
from collections.abc import Iterator
from typing import Any

import pytest

from cauce.domain.errors import CauceError
from tests.answering import Asked, Told, answering
from tests.contract.bench import Live

TROUBLES: dict[str, Any] = {
    "lost": lambda bench: bench.lose(stored=True),
    "html": lambda bench: bench.answer("html", stored=False),
    "5xx": lambda bench: bench.answer("5xx", stored=False),
    "throttled": lambda bench: bench.throttle(),
    "forbidden": lambda bench: bench.forbid(),
    "refused": lambda bench: bench.refuse_credentials(),
    "rejected": lambda bench: bench.reject("FAK24", "No está informado el DV"),
}


def chain(raised: BaseException) -> str:
    """Every text of an exception and of the exceptions that caused it."""
    shown: list[str] = []
    at: BaseException | None = raised
    while at is not None:
        shown += [str(at), repr(at), repr(at.args), repr(vars(at))]
        at = at.__cause__ or at.__context__
    return "\n".join([*shown, *traceback.format_exception(raised)])


@pytest.mark.parametrize("trouble", TROUBLES)
def test_no_trouble_shows_a_secret(first: Live, trouble: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    request = first.ready()
    TROUBLES[trouble](first.bench)
    seen = [
        repr(request),
        repr(first.provider),
        repr(first.provider.connection),
        repr(first.provider.capabilities),
    ]

    try:
        seen.append(repr(first.provider.send(request)))
    except CauceError as raised:
        seen.append(chain(raised))
        seen.append(repr(getattr(raised, "raw", b"")))
    seen.append(caplog.text)
    seen.append("\n".join(str(vars(record)) for record in caplog.records))

    secrets = first.bench.secrets
    assert secrets
    for secret in secrets:
        assert not any(secret in text for text in seen)


def test_the_request_that_is_kept_holds_no_secret(live: Live) -> None:
    request = live.ready()
    live.provider.send(request)

    for secret in live.bench.secrets:
        assert secret.encode() not in request.body
        assert secret not in request.operation
        assert secret not in live.record.model_dump_json()


@pytest.fixture
def echo() -> Iterator[str]:
    """A service in debug mode: it answers 500 with everything that it was sent."""

    def told(asked: Asked) -> Told:
        return 500, f"<html>{asked.method} {asked.headers}\n".encode() + asked.body + b"</html>", {}

    with answering(told) as url:
        yield url


def test_a_service_that_repeats_what_it_was_sent_does_not_get_a_secret_archived(
    first: Live, echo: str
) -> None:
    request = first.ready()
    first.provider.send(request)  # so that a provider with a login has a token

    with pytest.raises(CauceError) as raised:
        first.bench.connected(echo).send(request)

    for secret in first.bench.secrets:
        assert secret not in chain(raised.value)
        assert secret.encode() not in getattr(raised.value, "raw", b"")
