"""The guard around a provider's calls."""

import ast
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from cauce.domain.document import Kind
from cauce.domain.errors import Held, NotFound, OutcomeUnknown
from cauce.providers import deadline, registry
from cauce.providers.base import EmittedQuery, Provider, Request
from cauce.providers.guard import ACQUIRER_SECONDS, CALL_SECONDS, LOOK_UP_SECONDS, QUESTION_SECONDS, Guarded
from tests.stack import ROOT
from tests.unit.factus import builders

PACKAGE = ROOT / "layers" / "provider" / "python" / "cauce"
# What reaches a provider's service; everything else is pure.
CALLS: dict[str, tuple[Any, ...]] = {
    "send": (Request("POST /x", b""),),
    "consult": (None,),
    "resolve": (None,),
    "discard": (None,),
    "blockers": (Kind.INVOICE,),
    "list_emitted": (EmittedQuery(kind=None, filters=(), offset=0, limit=1),),
    "ranges": (),
    "generate_range": ("P", 1, 2, "x"),
    "assign_range_type": ("P", "1", "x"),
    "xml": (None,),
    "pdf": (None,),
    "container": (None, b""),
    "events": ("a" * 96,),
    "uuid_of": (Kind.INVOICE, "SETP1"),
    "acquirer": ("13", "52123987"),
    "found_by_uuid": (None,),
}
PURE = {
    "host", "wait", "check", "check_event", "check_whole", "check_today", "check_range", "computed", "findings", "preview", "prepare",
    "issued_at", "signed_in", "close", "mailed_by_cauce", "wants_mail", "container_number", "readiness",
}  # fmt: skip
# Those of a contact that somebody else had admitted.
ADMITTED_BEFORE = {"send", "discard", "blockers", "xml"}
# Those that are none of most providers.
PERHAPS = {"resolve", "container", "found_by_uuid"}
# Whose failures say nothing of the service that takes documents.
UNHEARD = {"acquirer"}


class Watch:
    """A breaker that writes down what it is asked and what it hears."""

    def __init__(self, *, is_open: bool = False):
        self.heard: list[str] = []
        self._is_open = is_open

    def admit(self, *, is_patient: bool) -> None:
        self.heard.append("admit")
        self.was_patient = is_patient
        if self._is_open:
            raise Held("fuera", retry_after=60)

    @contextmanager
    def listening(self) -> Iterator[None]:
        try:
            yield
        except Exception as fault:
            self.heard.append(type(fault).__name__)
            raise
        self.heard.append("answered")


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Provider:
    made = builders.factus()
    for call in CALLS:
        monkeypatch.setattr(made, call, lambda *_: None)
    return made


def test_the_guard_has_every_method_of_a_provider():
    """What it did not have would be the base class's answer, not the provider's."""
    public = {name for name in vars(Provider) if not name.startswith("_")}
    described = {name for name in public if not callable(getattr(Provider, name))}
    declared = {
        "capabilities", "credential_fields", "optional_credential_fields", "variants", "on_request",
        "company", "enrolled_by", "is_dian", "needs_party",
    }  # fmt: skip

    assert described <= declared
    assert public - set(vars(Guarded)) == declared - {"capabilities"}
    asked = {name for name in public if callable(getattr(Provider, name))} - {"declare", "address", "admit"}
    assert asked - declared == CALLS.keys() | PURE, "each is one of these tests' calls, or reaches nobody"


def test_wiring_hands_out_nothing_but_guarded_providers():
    """And nobody else makes one, but those two that bring a credential of their own."""
    calls = {
        path.relative_to(PACKAGE).as_posix(): [
            node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)
        ]
        for path in PACKAGE.rglob("*.py")
    }
    classes = {registry.provider_class(name).__name__ for name in registry.NAMES}
    makers = {
        (module, call)
        for module, found in calls.items()
        for call in found
        if getattr(call.func, "id", "") in classes
        or (isinstance(call.func, ast.Call) and getattr(call.func.func, "id", "") == "provider_class")
    }
    guarded = {
        (module, call.args[0])
        for module, found in calls.items()
        for call in found
        if getattr(call.func, "id", "") == "Guarded"
    }

    assert {module for module, _ in makers} == {"wiring.py", "numbering/sync.py", "admin/dian.py"}
    assert makers <= guarded


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_the_breaker_hears_every_call(provider, call):
    watch = Watch()

    getattr(Guarded(provider, watch), call)(*CALLS[call])

    if call in PERHAPS:
        assert watch.heard == []
    elif call in UNHEARD:
        assert watch.heard == ["admit"]
    else:
        assert watch.heard == (["answered"] if call in ADMITTED_BEFORE else ["admit", "answered"])


@pytest.mark.parametrize("slow", [False, True], ids=["quick", "slow"])
@pytest.mark.parametrize("call", CALLS, ids=str)
def test_every_call_ends_within_its_own_time(provider, monkeypatch, call, slow):
    """A question to who answers at once or not at all is the shortest: many wait behind it."""
    given: list[float] = []
    monkeypatch.setattr(deadline, "time", SimpleNamespace(monotonic=lambda: 1000.0))
    monkeypatch.setattr(provider, call, lambda *_: given.append(deadline.until() - 1000.0))
    monkeypatch.setattr(Guarded, "capabilities", replace(provider.capabilities, slow=slow))

    getattr(Guarded(provider, Watch()), call)(*CALLS[call])

    times = {
        "consult": CALL_SECONDS if slow else QUESTION_SECONDS,
        "uuid_of": LOOK_UP_SECONDS,
        "acquirer": ACQUIRER_SECONDS,
    }
    assert given == [pytest.approx(times.get(call, CALL_SECONDS))]


def test_of_a_question_no_exchange_is_waited_for_as_long_as_a_send(provider, monkeypatch):
    """Behind one that hangs many wait to be asked about, however many exchanges a search may take."""
    given: list[float] = []
    monkeypatch.setattr(provider, "consult", lambda *_: given.append(deadline.longest_exchange()))
    monkeypatch.setattr(provider, "send", lambda *_: given.append(deadline.longest_exchange()))
    monkeypatch.setattr(Guarded, "capabilities", replace(provider.capabilities, slow=True))

    for call in ("consult", "send"):
        getattr(Guarded(provider, Watch()), call)(*CALLS[call])

    assert given == [QUESTION_SECONDS, math.inf]


@pytest.mark.parametrize(
    ("call", "seconds", "is_patient"),
    [
        ("consult", math.inf, True),
        ("ranges", math.inf, True),
        ("uuid_of", math.inf, False),  # a look-up is cut short whoever makes it
        ("ranges", CALL_SECONDS - 1, False),
        ("consult", QUESTION_SECONDS + 1, True),
        ("consult", QUESTION_SECONDS - 1, False),
    ],
)
def test_the_breaker_is_told_whether_the_caller_waits_as_long_as_the_call_may_take(
    provider, monkeypatch, call, seconds, is_patient
):
    watch = Watch()
    monkeypatch.setattr(Guarded, "capabilities", replace(provider.capabilities, slow=False))

    with deadline.within(seconds):
        getattr(Guarded(provider, watch), call)(*CALLS[call])

    assert watch.was_patient is is_patient


def test_before_a_send_too_the_breaker_is_told_whether_its_caller_waits_for_it(provider):
    watch = Watch()

    with deadline.within(CALL_SECONDS - 1):
        Guarded(provider, watch).admit()

    assert not watch.was_patient


@pytest.mark.parametrize("call", sorted(CALLS.keys() - ADMITTED_BEFORE - PERHAPS), ids=str)
def test_nothing_begins_while_the_breaker_is_open(provider, monkeypatch, call):
    monkeypatch.setattr(provider, call, lambda *_: pytest.fail("it was called"))

    with pytest.raises(Held):
        getattr(Guarded(provider, Watch(is_open=True)), call)(*CALLS[call])


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_what_our_code_raises_at_an_answer_is_no_answer_and_is_never_told(
    provider, monkeypatch, call, caplog
):
    def raises(*_: Any) -> None:
        raise ValueError("Ana Pérez, 900 123 456")

    monkeypatch.setattr(provider, call, raises)

    with pytest.raises(OutcomeUnknown) as unknown:
        getattr(Guarded(provider, Watch()), call)(*CALLS[call])

    assert "900 123 456" not in caplog.text + unknown.value.message


@pytest.mark.parametrize("call", sorted(PERHAPS))
def test_a_failure_of_what_is_a_call_or_none_is_heard(provider, monkeypatch, call):
    def raises(*_: Any) -> None:
        raise OutcomeUnknown("no terminó de responder")

    monkeypatch.setattr(provider, call, raises)
    watch = Watch()

    with pytest.raises(OutcomeUnknown, match="no terminó"):
        getattr(Guarded(provider, watch), call)(*CALLS[call])

    assert watch.heard == ["OutcomeUnknown"]


def test_what_a_provider_says_passes_as_it_is(provider, monkeypatch):
    def raises(*_: Any) -> None:
        raise NotFound("no lo tiene")

    monkeypatch.setattr(provider, "consult", raises)

    with pytest.raises(NotFound, match="no lo tiene"):
        Guarded(provider, Watch()).consult(None)  # type: ignore[arg-type]


# Closing -------------------------------------------------------------------------------------------


@pytest.fixture
def closed(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the guarded provider was told, in order."""
    told: list[str] = []
    monkeypatch.setattr(provider, "close", lambda: told.append("close"))
    return told


def test_a_provider_is_closed_at_once_where_no_call_is_under_way(provider, closed):
    Guarded(provider, Watch()).close()

    assert closed == ["close"]


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_a_call_that_is_under_way_goes_on_with_its_connections(provider, monkeypatch, closed, call):
    guarded = Guarded(provider, Watch())

    def calls(*_: Any) -> None:
        guarded.close()
        closed.append("answered")

    monkeypatch.setattr(provider, call, calls)
    getattr(guarded, call)(*CALLS[call])

    assert closed == ["answered", "close"]


def test_who_still_has_a_closed_provider_may_call_and_leaves_no_connection_open(provider, closed):
    guarded = Guarded(provider, Watch())
    guarded.close()

    guarded.consult(None)
    guarded.send(Request("POST /x", b""))

    assert closed == ["close"] * 3
