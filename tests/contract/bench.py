"""A bench: one provider, in one dialect, with its strict simulator, and the faults that a test may order from it.

The tests use only these methods. How a provider words its answers, and how its simulator is told to fail, stays in
``benches``. A test may differ between providers only by what ``Capabilities`` declares.
"""

import time
import uuid
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar, Literal

import pytest
from pydantic import SecretStr

from cauce.domain.document import Document, Kind
from cauce.domain.event import Event
from cauce.domain.issuer import Issuer
from cauce.domain.outcome import Accepted, Number, Outcome, Pending
from cauce.domain.ranges import NumberingRange
from cauce.domain.record import Record
from cauce.domain.time import BOGOTA
from cauce.providers.base import (
    Capabilities,
    Connection,
    NumberedBy,
    Provider,
    Refs,
    Request,
    Resend,
    refs,
)
from tests.connections import Tokens
from tests.contract.documented import Table
from tests.records import a_record
from tests.simulators.server import Seen, Simulator

Broken = Literal["html", "truncated", "5xx"]
RULE, TEXT = "FAK24", "No está informado el DV del NIT"


@dataclass(frozen=True)
class Coded:
    """A documented answer: status, body, and the outcome or exception that the provider must make of it."""

    status: int
    body: bytes
    means: type
    content_type: str = "application/json"


class Bench:
    """What the suite needs of every provider. ``variant`` are the settings of a dialect."""

    provider: ClassVar[type[Provider]]
    variant: ClassVar[dict[str, str]] = {}
    where: dict[str, str] = {}
    """Which call of the simulator's a fault is ordered for, if it is not its next send."""

    def __init__(self) -> None:
        self.simulator = self.new_simulator()
        self.controls: Any = self.simulator  # by the names that all simulators have
        self.tokens = Tokens()
        self.counted: Counter[str] = Counter()

    # The company and its credentials ----------------------------------------------------------------

    def new_simulator(self) -> Simulator:
        raise NotImplementedError

    @property
    def issuer(self) -> Issuer:
        raise NotImplementedError

    @property
    def credentials(self) -> dict[str, str]:
        raise NotImplementedError

    @property
    def base_url(self) -> str:
        return self.simulator.base_url

    @property
    def secrets(self) -> list[str]:
        """All texts that may never be shown: the credentials and the tokens that were got with them."""
        return [*self.credentials.values(), *self.tokens.given]

    def settings(self, base_url: str | None = None) -> dict[str, str]:
        return {**self.variant, "base_url": base_url or self.base_url}

    def connected(
        self, base_url: str | None = None, credentials: dict[str, str] | None = None, **settings: str
    ) -> Provider:
        """The provider, connected to its simulator or to another address, with its credentials or others."""
        secrets = self.credentials if credentials is None else credentials
        return self.provider(
            Connection(
                issuer=self.issuer,
                settings={**self.settings(base_url), **settings},
                credentials={name: SecretStr(value) for name, value in secrets.items()},
                tokens=self.tokens,
                clock=time.time,
                count=self.count_of,
            )
        )

    def count_of(self, name: str) -> int:
        """The next number of a counter of the issuer's, as the table would give it."""
        self.counted[name] += 1
        return self.counted[name]

    def hurried(self, seconds: float, monkeypatch: pytest.MonkeyPatch) -> Provider:
        """The provider, which waits this many seconds for an answer at most."""
        return self.connected(read_seconds=str(seconds))

    # What is emitted --------------------------------------------------------------------------------

    def subject(self, live: "Live") -> Document | Event:
        """A valid document or event of the live case. Documents that it refers to are created at the provider."""
        raise NotImplementedError

    def unsayable(self, content: Document | Event) -> Document | Event | None:
        """The content with one more field, valid in itself, that the provider's request has no place for; None where the
        provider can say everything that a valid content may have.
        """
        raise NotImplementedError

    def range(self, kind: Kind) -> NumberingRange | None:
        """The range of documents of a kind, where Cauce numbers them or the request must name it; else None."""
        return None

    # Faults; each happens to the next send ----------------------------------------------------------

    def accept_with_notices(self, rule: str, text: str) -> None:
        raise NotImplementedError

    def reject(self, rule: str, text: str) -> None:
        self.controls.reject_next(rule, text)

    def delay(self) -> None:
        """The answer to the next send has no verdict; asking gives it."""
        raise NotImplementedError

    def lose(self, *, stored: bool) -> None:
        """The connection closes without an answer, after the document was stored or before."""
        self.controls.lose_next_answer(stored, **self.where)

    def stall(self, seconds: float) -> None:
        self.controls.stall(seconds, **self.where)

    def answer(self, what: Broken, *, stored: bool) -> None:
        """An answer that says nothing about the document; "truncated" only after storing."""
        self.controls.answer_next(500 if what == "5xx" else what, stored=stored, **self.where)

    def throttle(self) -> None:
        self.controls.answer_next(429, **self.where)

    def refuse_credentials(self) -> None:
        """The provider refuses the token or credential that it is called with; a new login, where there is one, works."""
        raise NotImplementedError

    def forbid(self) -> None:
        """The account is not allowed to do this (403)."""
        self.controls.answer_next(403, **self.where)

    def count(self) -> int:
        """How many documents, or events, the provider has."""
        received: int = self.controls.documents_received
        return received

    # The provider's documentation -------------------------------------------------------------------

    table: ClassVar[Table]
    """The provider's published table of answer codes."""
    documented: ClassVar[dict[str, Coded]] = {}
    """Every answer code of the provider's documentation, by name."""
    undocumented: ClassVar[tuple[Coded, ...]] = ()
    """Answers with codes that are not on any page of the provider."""


class Live:
    """A case of the suite being played: a provider, a record of the case's kind, and what was learnt about it so far."""

    def __init__(self, bench: Bench, kind: Kind, code: str | None):
        self.bench = bench
        self.kind = kind
        self.code = code
        self.provider = bench.connected()
        self._made = 0
        content = bench.subject(self)
        self.before = bench.count()
        self.asked_before = len(bench.simulator.requests)
        self.record = self.recorded(content)
        self.request: Request | None = None

    @property
    def capabilities(self) -> Capabilities:
        return self.provider.capabilities

    @property
    def stored(self) -> int:
        """How many documents the provider got since the case began."""
        return self.bench.count() - self.before

    @property
    def asked(self) -> list[Seen]:
        """The requests that the provider got since the case began."""
        return self.bench.simulator.requests[self.asked_before :]

    @property
    def refs(self) -> Refs:
        return refs(self.record)

    def recorded(self, content: Document | Event) -> Record:
        """A record as emission makes it, with a number where Cauce numbers."""
        document = content if type(content) is Document else None
        numbering = self.bench.range(content.kind) if document else None
        number = None
        self._made += 1
        if numbering and self.capabilities.numbered_by is NumberedBy.GATEWAY:
            number = Number(prefix=numbering.prefix, consecutive=numbering.start + self._made)
        return a_record(
            content,
            datetime.now(BOGOTA).replace(microsecond=0),
            issuer=self.bench.issuer.nit,
            document_id=str(uuid.uuid4()),
            provider=self.provider.name,
            attempt=1,
            range=numbering,
            number=number,
        )

    def ready(self, provider: Provider | None = None) -> Request:
        """Make the record's request as emission does, without sending it."""
        provider = provider or self.provider
        check(provider, self.record.content)
        ids = provider.resolve(self.record)
        known = {**self.record.provider_ids, **ids}
        self.record = self.record.model_copy(update={"provider_ids": known})
        self.request = provider.prepare(self.record)
        facts = {"uuid": self.request.uuid or self.record.uuid, "sent_at": datetime.now(BOGOTA)}
        self.record = self.record.model_copy(update=facts)
        return self.request

    def emit(self) -> Outcome:
        """Make the request and send it; the record takes over what the outcome says, as in settlement."""
        return self.learn(self.provider.send(self.ready()))

    def again(self) -> Outcome:
        """Send the very same bytes once more."""
        assert self.request is not None
        return self.learn(self.provider.send(self.request))

    def another(self) -> Outcome:
        """Send a document of the same content that has a record of its own."""
        record = self.recorded(self.record.content)
        record = record.model_copy(update={"provider_ids": self.provider.resolve(record)})
        return self.provider.send(self.provider.prepare(record))

    def consult(self) -> Outcome:
        return self.learn(self.provider.consult(self.refs))

    def settle(self) -> Outcome:
        """Ask until there is a verdict, as consultation does; with SAME_REFERENCE it also sends again."""
        for _ in range(5):
            outcome = self.consult()
            if type(outcome) is not Pending:
                return outcome
            if self.capabilities.resend is Resend.SAME_REFERENCE:
                outcome = self.again()
                if type(outcome) is not Pending:
                    return outcome
        return outcome

    def accepted(self) -> Accepted:
        """Emit the document and settle it; it must be accepted."""
        outcome = self.emit()
        if type(outcome) is Pending:
            outcome = self.settle()
        assert type(outcome) is Accepted, outcome
        return outcome

    def learn(self, outcome: Outcome) -> Outcome:
        known = {
            "number": self.record.number or outcome.number,
            "uuid": outcome.uuid or self.record.uuid,
            "provider_ids": {**self.record.provider_ids, **outcome.provider_ids},
        }
        self.record = self.record.model_copy(update=known)
        return outcome

    @property
    def lost(self) -> Refs:
        """What is known of a document whose answer never came: only what ``recovered_by`` names."""
        return self.with_only(self.capabilities.recovered_by)

    def with_only(self, handle: str) -> Refs:
        """The refs with only one of the values by which a provider may find the document: "reference", "number" or
        "cufe".
        """
        known = self.refs
        bare: dict[str, Any] = {"provider_ids": {}}
        if handle != "reference":
            bare["reference"] = "otra-referencia"
        if handle != "number":
            bare["number"] = None
        if handle != "cufe":
            bare["uuid"] = None
        return replace(known, **bare)


def check(provider: Provider, content: Document | Event) -> None:
    if type(content) is Event:
        provider.check_event(content)
    else:
        provider.check(content)
