"""Every documented code has a meaning, every other is an unknown outcome, every transport failure is classified."""

from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from cauce.domain.errors import NotSent, OutcomeUnknown
from cauce.domain.outcome import Accepted, Blocked, Pending, Rejected
from cauce.providers import http
from cauce.providers.base import Token
from tests.contract.bench import Coded, Live
from tests.contract.conftest import FIRST, named

CODES = [(case, name, coded) for case in FIRST for name, coded in case.bench.documented.items()]
OTHERS = [(case, coded) for case in FIRST for coded in case.bench.undocumented]


def answered(live: Live, says: Any, coded: Coded) -> Any:
    """The outcome of a send that gets this answer, or the exception that it raises."""
    request = live.ready()
    live.bench.tokens.current = Token(SecretStr("a-token-in-force"), None, float("inf"))
    provider = live.bench.connected(says(coded))
    try:
        return provider.send(request)
    except Exception as raised:
        return raised


@pytest.mark.parametrize(
    ("case", "name", "coded"), CODES, ids=[f"{named(c.bench)}: {n}" for c, n, _ in CODES]
)
def test_a_documented_code_means_what_its_page_says(
    at_work: Any, says: Any, case: Any, name: str, coded: Coded
) -> None:
    found = answered(at_work(case), says, coded)

    assert type(found) is coded.means, found
    if coded.means in (NotSent, OutcomeUnknown, Rejected, Pending, Blocked, Accepted):
        assert found.raw or coded.status == 204
    if coded.means is Rejected:
        assert found.rejections


@pytest.mark.parametrize(
    ("case", "coded"), OTHERS, ids=[f"{named(c.bench)}: {o.status} {o.body[:40]!r}" for c, o in OTHERS]
)
def test_a_code_that_no_page_has_is_an_unknown_outcome(
    at_work: Any, says: Any, case: Any, coded: Coded
) -> None:
    assert type(answered(at_work(case), says, coded)) is OutcomeUnknown


@pytest.mark.parametrize("case", FIRST, ids=lambda case: named(case.bench))
def test_no_documented_code_is_left_without_a_meaning(case: Any) -> None:
    """The bench tries every code of the provider's published table."""
    table = case.bench.table
    tried = {name.partition(",")[0] for name in case.bench.documented}

    assert {code for code in table.codes if code not in tried} == set()


@pytest.mark.parametrize("case", FIRST, ids=lambda case: named(case.bench))
def test_some_codes_are_tried_that_no_page_has(case: Any) -> None:
    tried = {str(coded.status) for coded in case.bench.undocumented}

    assert tried, "its undocumented codes are not written yet"


# Transport failures


def subclasses(cls: type) -> set[type]:
    found = set(cls.__subclasses__())
    return found | {deeper for each in found for deeper in subclasses(each)}


MAY_HAVE_ARRIVED = {
    httpx.ReadError,
    httpx.ReadTimeout,
    httpx.WriteError,
    httpx.WriteTimeout,
    httpx.CloseError,
    httpx.RemoteProtocolError,
    httpx.LocalProtocolError,
    httpx.TimeoutException,
    httpx.NetworkError,
    httpx.ProtocolError,
}


def test_every_transport_failure_of_httpx_is_classified_once() -> None:
    never_left = set(http.NEVER_LEFT)

    assert subclasses(httpx.TransportError) - never_left - MAY_HAVE_ARRIVED == set()
    assert never_left & MAY_HAVE_ARRIVED == set()


@pytest.mark.parametrize("failure", sorted(subclasses(httpx.TransportError), key=lambda cls: cls.__name__))
def test_a_transport_failure_says_whether_to_repeat_or_to_ask(failure: Any) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise failure("synthetic", request=request)

    client = httpx.Client(base_url="http://provider.invalid", transport=httpx.MockTransport(fail))

    with pytest.raises((NotSent, OutcomeUnknown)) as raised:
        http.exchange(client, "Provider", "POST", "/")

    never_left = failure in http.NEVER_LEFT
    assert type(raised.value) is (NotSent if never_left else OutcomeUnknown)
    assert type(raised.value.__cause__) is failure


def test_an_answer_that_cannot_be_decoded_is_unknown() -> None:
    def garbled(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=httpx.ByteStream(b"not gzip"))

    client = httpx.Client(base_url="http://provider.invalid", transport=httpx.MockTransport(garbled))

    with pytest.raises(OutcomeUnknown):
        http.exchange(client, "Provider", "POST", "/")
