"""The guard: every call to a provider goes through here, whoever makes it. ``wiring`` hands out no other provider.

A contact is one call, or several for one document. Before it, the breakers of the credential and of the host are
asked; after each call they are told whether the provider answered. Each call has a limit of time. An error of our own
code at an answer that it did not foresee becomes OutcomeUnknown, so that a document that was sent is in doubt and is
asked about. Pure functions (checks, the request, the preview) pass through.
"""

import logging
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from cauce import faults
from cauce.domain.acquirer import Acquirer
from cauce.domain.document import Document, Kind
from cauce.domain.errors import CauceError, OutcomeUnknown
from cauce.domain.event import Event
from cauce.domain.outcome import Accepted, AlreadyProcessed, Finding, Outcome
from cauce.domain.ranges import NumberingRange
from cauce.domain.record import Record
from cauce.providers.base import (
    Blocker,
    Capabilities,
    Computed,
    Connection,
    Container,
    EmittedPage,
    EmittedQuery,
    EventSeen,
    Preview,
    Provider,
    RangeAnswer,
    Refs,
    Request,
    Wait,
)
from cauce.providers.deadline import at_most, each_at_most, patience, within

if TYPE_CHECKING:
    from cauce.domain.preparation import Point

_log = logging.getLogger("cauce")

ACQUIRER_SECONDS = 1.8
"""Limit of a look-up of a buyer: its POST is answered within 2 s."""
LOOK_UP_SECONDS = 6.0
"""Limit of a look-up for which an ERP waits before its document is taken in."""
CALL_SECONDS = 65.0
"""Limit of a call, however many exchanges it takes; less where its caller has less time."""
QUESTION_SECONDS = 20.0
"""Limit of each exchange of a question, which is answered at once or not at all, while other records wait to be asked
about. Also the limit of the whole question, except at a slow provider, whose search takes many exchanges."""


class Breaker(Protocol):
    """``aws.breaker.Breaker`` or ``Unwatched``."""

    def admit(self, *, is_patient: bool) -> None: ...

    def wait(self) -> Wait: ...

    def listening(self) -> AbstractContextManager[None]: ...


class Unwatched:
    """No breaker: for credentials that are not stored, but came with a request or are being tried."""

    def admit(self, *, is_patient: bool) -> None:  # noqa: ARG002
        return

    def wait(self) -> Wait:
        return Wait(0.0)

    @contextmanager
    def listening(self) -> Iterator[None]:
        yield


class Guarded(Provider):
    """A provider whose calls are guarded: each returns an answer, or raises a CauceError or a fault of AWS's."""

    def __init__(self, provider: Provider, breaker: Breaker):
        super().__init__(provider.connection)
        self._provider = provider
        self._breaker = breaker
        self._under_way = 0
        self._is_closed = False
        self.name, self.title = provider.name, provider.title

    @classmethod
    def declare(cls, settings: dict[str, str]) -> Capabilities:
        raise NotImplementedError("the class of the provider declares them; see ``capabilities``")

    @cached_property
    def capabilities(self) -> Capabilities:
        return self._provider.capabilities

    @classmethod
    def address(cls, connection: Connection) -> str:
        raise NotImplementedError("the class of the provider knows it; see ``host``")

    def host(self) -> str:
        return self._provider.host()

    def close(self) -> None:
        """Close the provider's connections: now, or when the call under way ends. Whoever still has this provider may
        go on calling: each call then closes what it opened."""
        self._is_closed = True
        if not self._under_way:
            self._provider.close()

    # Calls that begin a contact

    def admit(self) -> None:
        self._admit(CALL_SECONDS)

    def consult(self, refs: Refs) -> Outcome:
        seconds = CALL_SECONDS if self.capabilities.slow else QUESTION_SECONDS
        with self._contact(seconds), at_most(seconds), each_at_most(QUESTION_SECONDS):
            return self._provider.consult(refs)

    def uuid_of(self, kind: Kind, number: str) -> str | None:
        with within(LOOK_UP_SECONDS), self._contact():
            return self._provider.uuid_of(kind, number)

    def list_emitted(self, query: EmittedQuery) -> EmittedPage:
        with self._contact():
            return self._provider.list_emitted(query)

    def ranges(self) -> list[NumberingRange]:
        with self._contact():
            return self._provider.ranges()

    def generate_range(self, prefix: str, start: int, end: int, type: str) -> RangeAnswer:
        with self._contact():
            return self._provider.generate_range(prefix, start, end, type)

    def assign_range_type(self, prefix: str, resolution: str, type: str) -> RangeAnswer:
        with self._contact():
            return self._provider.assign_range_type(prefix, resolution, type)

    def pdf(self, refs: Refs) -> bytes:
        with self._contact():
            return self._provider.pdf(refs)

    def events(self, cufe: str) -> list[EventSeen]:
        with self._contact():
            return self._provider.events(cufe)

    def acquirer(self, identification_type: str, identification: str) -> Acquirer:
        # The breaker is not told: that nobody answers for buyers must not keep documents from being sent.
        with within(ACQUIRER_SECONDS):
            self._admit(CALL_SECONDS)
            with self._read():
                return self._provider.acquirer(identification_type, identification)

    # Calls within a contact that was admitted

    def send(self, request: Request) -> Outcome:
        with self._call():
            return self._provider.send(request)

    def resolve(self, record: Record) -> dict[str, str]:
        with self._perhaps():
            return self._provider.resolve(record)

    def mailed_by_cauce(self, document: Document) -> bool:
        return self._provider.mailed_by_cauce(document)

    def wants_mail(self, record: Record) -> bool:
        return self._provider.wants_mail(record)

    def container_number(self, record: Record) -> dict[str, str]:
        return self._provider.container_number(record)

    def container(self, record: Record, signed_xml: bytes) -> Container:
        with self._perhaps():
            return self._provider.container(record, signed_xml)

    def found_by_uuid(self, refs: Refs) -> Accepted | AlreadyProcessed | None:
        with self._perhaps():
            return self._provider.found_by_uuid(refs)

    def discard(self, refs: Refs) -> None:
        with self._call():
            self._provider.discard(refs)

    def blockers(self, kind: Kind) -> list[Blocker]:
        with self._call():
            return self._provider.blockers(kind)

    def xml(self, refs: Refs) -> bytes:
        with self._call():
            return self._provider.xml(refs)

    # No calls

    def readiness(self, now: datetime) -> "tuple[Point, ...]":
        return self._provider.readiness(now)

    def wait(self) -> Wait:
        return self._breaker.wait()

    def check(self, document: Document) -> None:
        self._provider.check(document)

    def check_whole(self, content: Document | Event) -> None:
        self._provider.check_whole(content)

    def check_event(self, event: Event) -> None:
        self._provider.check_event(event)

    def check_today(self, document: Document, now: datetime) -> None:
        self._provider.check_today(document, now)

    def issued_at(self, record: Record) -> datetime:
        return self._provider.issued_at(record)

    def check_range(self, document: Document, numbering_range: NumberingRange) -> None:
        self._provider.check_range(document, numbering_range)

    def computed(self, document: Document) -> Computed:
        return self._provider.computed(document)

    def findings(
        self, document: Document, numbering_range: NumberingRange | None, now: datetime
    ) -> tuple[Finding, ...]:
        return self._provider.findings(document, numbering_range, now)

    def preview(self, document: Document, numbering_range: NumberingRange | None, now: datetime) -> Preview:
        return self._provider.preview(document, numbering_range, now)

    def prepare(self, record: Record) -> Request:
        return self._provider.prepare(record)

    def signed_in(self, request: Request) -> tuple[str, bytes] | None:
        return self._provider.signed_in(request)

    # Inside

    def _admit(self, seconds: float) -> None:
        """Begin a contact that may take so many seconds. A caller that waits less long than that cannot prove that
        the provider is silent, so an open breaker's trial call is left to others."""
        self._breaker.admit(is_patient=patience() >= seconds)

    @contextmanager
    def _contact(self, seconds: float = CALL_SECONDS) -> Iterator[None]:
        self._admit(seconds)
        with self._call():
            yield

    @contextmanager
    def _perhaps(self) -> Iterator[None]:
        """Around code that may make a call or none: on a failure the breakers are told, on a success they are not,
        since perhaps no call was made."""
        try:
            with self._limited():
                yield
        except Exception as trouble:
            with self._call():
                raise trouble from None

    @contextmanager
    def _call(self) -> Iterator[None]:
        with self._read(), self._breaker.listening():
            yield

    @contextmanager
    def _read(self) -> Iterator[None]:
        """Around a call: it is limited, and what our own code raises at its answer is no answer."""
        try:
            with self._limited():
                yield
        except (CauceError, *faults.RAISED):  # AWS failed at a token, a turn or the breaker
            raise
        except Exception as fault:
            _log.error(  # the class alone: the message may quote the answer
                "an answer could not be read", extra={"provider": self.name, "error": type(fault).__name__}
            )
            raise OutcomeUnknown(f"La respuesta de {self.title} no se pudo leer.") from fault

    @contextmanager
    def _limited(self) -> Iterator[None]:
        """Around a call: it has a limit of time and, once this provider is closed, leaves no connection open."""
        self._under_way += 1
        try:
            with at_most(CALL_SECONDS):
                yield
        finally:
            self._under_way -= 1
            if self._is_closed and not self._under_way:
                self._provider.close()
