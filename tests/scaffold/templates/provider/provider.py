"""Ejemplo: its calls, in the order in which they happen. What they say is in the modules beside."""

from cauce.domain.document import Document, Kind
from cauce.domain.outcome import Outcome
from cauce.domain.record import Record
from cauce.providers.base import (
    Capabilities,
    Connection,
    Lane,
    NumberedBy,
    Provider,
    RecoveredBy,
    Refs,
    Request,
    Resend,
    Verb,
)
from cauce.providers.ejemplo import check, payload, settings
from cauce.providers.ejemplo.calls import Session


class Ejemplo(Provider):
    name = "ejemplo"
    title = settings.TITLE
    credential_fields = ("token",)

    def __init__(self, connection: Connection):
        super().__init__(connection)
        self._session = Session(connection)

    @classmethod
    def declare(cls, settings: dict[str, str]) -> Capabilities:  # noqa: ARG003 - it has no dialects
        # Not read from its page yet: each value is the one that risks least.
        return Capabilities(
            kinds=frozenset({Kind.INVOICE}),
            verbs=frozenset({Verb.XML}),
            numbered_by=NumberedBy.PROVIDER,
            recovered_by=RecoveredBy.REFERENCE,
            resend=Resend.NEVER,
            lane=Lane.ISSUER,
            pace=None,
            slow=True,
            quantity_scale=0,
            max_lines=None,
        )

    @classmethod
    def address(cls, connection: Connection) -> str:
        return settings.address(connection)

    def close(self) -> None:
        self._session.close()

    def check(self, document: Document) -> None:
        check.refuse(document)

    def prepare(self, record: Record) -> Request:
        return payload.request(record)

    def send(self, request: Request) -> Outcome:
        """Make the call, once; ``answer`` reads what comes back."""
        raise NotImplementedError("Ejemplo: provider.Ejemplo.send is not written yet")

    def consult(self, refs: Refs) -> Outcome:
        """Ask what became of a document, by what ``recovered_by`` names; creates nothing."""
        raise NotImplementedError("Ejemplo: provider.Ejemplo.consult is not written yet")

    def xml(self, refs: Refs) -> bytes:
        """The signed XML of an accepted document, and nothing else that may come back."""
        raise NotImplementedError("Ejemplo: provider.Ejemplo.xml is not written yet")
