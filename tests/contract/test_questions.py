"""Questions to a provider: what no answer to them means, and that nothing is asked without credentials."""

import logging
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import SecretStr

from cauce.domain.errors import CauceError, CredentialsRejected, NotSent, OutcomeUnknown
from cauce.providers.base import Provider, Token, Verb
from tests.contract.bench import Coded, Live
from tests.contract.test_refusals import CALLS
from tests.contract.test_secrets import chain, echo
from tests.contract.test_silence import deaf

__all__ = ["deaf", "echo"]  # fixtures

CONSULT = "consult"
# Files have addresses of their own (test_verbs); what is discarded needs no answer but its status.
QUESTION = pytest.mark.parametrize(
    "question", [CONSULT, *(verb for verb in Verb if verb not in (Verb.XML, Verb.PDF, Verb.DISCARD))]
)
NO_ANSWER = {
    "lost": Coded(0, b"", OutcomeUnknown),
    "a web page": Coded(200, b"<!DOCTYPE html><html><body>En mantenimiento</body></html>", OutcomeUnknown),
    "half": Coded(200, b'{"ok": tr', OutcomeUnknown),
    "500": Coded(500, b"<html>Error</html>", OutcomeUnknown),
    "503": Coded(503, b"<html>Error</html>", OutcomeUnknown),
    "throttled": Coded(429, b"{}", NotSent),
}


def asking(live: Live, question: str, provider: Callable[[], Provider]) -> Callable[[], object] | None:
    """The call of a question, with an accepted document to ask about; None where the verb is not declared."""
    if question != CONSULT and question not in live.capabilities.verbs:
        return None
    live.accepted()
    live.bench.tokens.current = Token(SecretStr("a-token-in-force"), None, float("inf"))
    live.provider = provider()
    if question == CONSULT:
        return lambda: live.provider.consult(live.refs)
    return lambda: CALLS[Verb(question)](live)


@QUESTION
def test_where_nothing_listens_nothing_was_asked(first: Live, question: str, deaf: str) -> None:
    ask = asking(first, question, lambda: first.bench.connected(deaf))
    if ask:
        with pytest.raises(NotSent):
            ask()


@QUESTION
@pytest.mark.parametrize("said", NO_ANSWER)
def test_no_answer_is_told_as_an_answer(first: Live, question: str, said: str, says: Any) -> None:
    coded = NO_ANSWER[said]
    ask = asking(first, question, lambda: first.bench.connected(says(coded)))
    if ask:
        with pytest.raises(coded.means) as trouble:
            ask()
        assert coded.means is not NotSent or getattr(trouble.value, "retry_after", 0) > 0
        shown = chain(trouble.value)
        assert not any(secret in shown for secret in first.bench.secrets)


@QUESTION
def test_a_service_that_repeats_what_it_was_asked_gets_no_secret_told(
    first: Live, question: str, echo: str, caplog: pytest.LogCaptureFixture
) -> None:
    ask = asking(first, question, lambda: first.bench.connected(echo))
    caplog.set_level(logging.DEBUG)
    for token in (first.bench.tokens.current, None) if ask else ():  # without one, who logs in does it there
        first.bench.tokens.current = token
        with pytest.raises(CauceError) as told:
            ask()

        shown = chain(told.value) + repr(getattr(told.value, "raw", b"")) + caplog.text
        assert not any(secret in shown for secret in ("a-token-in-force", *first.bench.secrets))


@QUESTION
def test_without_credentials_nothing_is_asked(first: Live, question: str) -> None:
    ask = asking(first, question, lambda: first.bench.connected(credentials={}))
    if ask:
        asked = len(first.asked)
        first.bench.tokens.current = None

        with pytest.raises(CredentialsRejected):
            ask()

        assert len(first.asked) == asked


def test_without_credentials_nothing_is_sent(first: Live) -> None:
    request, asked = first.ready(), len(first.asked)
    first.bench.tokens.current = None

    with pytest.raises(CredentialsRejected):
        first.bench.connected(credentials={}).send(request)

    assert len(first.asked) == asked
