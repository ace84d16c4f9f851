"""Factus's bench, in both dialects."""

from dataclasses import asdict
from decimal import Decimal
from typing import Any, ClassVar

from cauce.domain.document import AllowanceCharge, BillingReference, Document, Kind
from cauce.domain.errors import CredentialsRejected, NotSent, OutcomeUnknown
from cauce.domain.event import Event
from cauce.domain.issuer import Issuer
from cauce.domain.outcome import Blocked, Rejected
from cauce.domain.ranges import NumberingRange
from cauce.providers.factus.provider import Factus
from tests.contract.bench import Bench, Coded, Live
from tests.contract.documented import Table
from tests.simulators.factus import FactusSimulator
from tests.unit.factus import builders

_TYPES = {
    Kind.INVOICE: "21",
    Kind.CREDIT_NOTE: "22",
    Kind.DEBIT_NOTE: "23",
    Kind.SUPPORT_DOCUMENT: "24",
    Kind.ADJUSTMENT_NOTE: "25",
}
_SAID = b'{"status":"Error","message":"Mensaje"}'
_OPERATOR = {code: Coded(code, _SAID, CredentialsRejected) for code in (401, 402, 403, 404, 405, 406, 415)}
_REFUSED = {code: Coded(code, _SAID, Rejected) for code in (400, 413)}
_UNKNOWN = {code: Coded(code, _SAID, OutcomeUnknown) for code in (200, 201, 204, 500, 503)}
_FIELDS = (
    b'{"status":"Validation error","data":{"errors":{"items.0.price":["El campo precio es obligatorio."]}}}'
)


class FactusBench(Bench):
    provider = Factus
    simulator: FactusSimulator
    table = Table(
        frozenset(
            ["200", "201", "204", "400", "401", "402", "403", "404", "409", "422", "429", "500", "503"]
        ),
        "providers/factus.md",
        ("Codes listed officially", "[docs-v2 respuestas-del-api]"),
        r"\b\d{3}\b",
    )
    documented: ClassVar[dict[str, Coded]] = {
        **{str(code): coded for code, coded in {**_OPERATOR, **_REFUSED, **_UNKNOWN}.items()},
        "409": Coded(409, _SAID, Blocked),
        "422": Coded(422, _FIELDS, Rejected),
        "429": Coded(429, _SAID, NotSent),
    }
    undocumented = tuple(Coded(code, _SAID, OutcomeUnknown) for code in (202, 302, 418, 451, 502, 504, 599))

    def new_simulator(self) -> FactusSimulator:
        return FactusSimulator()

    @property
    def issuer(self) -> Issuer:
        return builders.issuer()

    @property
    def credentials(self) -> dict[str, str]:
        return asdict(self.simulator.credentials)

    def subject(self, live: Live) -> Document | Event:
        match live.kind:
            case Kind.INVOICE:
                return builders.invoice()
            case Kind.SUPPORT_DOCUMENT:
                return builders.support_document(counterparty=builders.seller(), reference=None)
            case Kind.ADJUSTMENT_NOTE:
                corrected = self._emitted(live, builders.support_document(counterparty=builders.seller()))
                lines = (builders.line(taxes=()), builders.line())
                return builders.note(live.kind, billing_reference=corrected, lines=lines)
            case _:
                return builders.note(live.kind, billing_reference=self._emitted(live, builders.invoice()))

    def _emitted(self, live: Live, document: Document) -> BillingReference:
        """Emit the document that a note corrects."""
        provider = live.provider
        outcome: Any = provider.send(provider.prepare(live.recorded(document)))
        return BillingReference(
            number=str(outcome.number), uuid=outcome.uuid, issue_date=outcome.issued_at.date()
        )

    def range(self, kind: Kind) -> NumberingRange:
        code = _TYPES[kind]
        chosen = next(
            row for row in self.simulator.ranges.values() if row.type_code == code and row.is_active
        )
        return NumberingRange(
            provider="factus",
            kind=kind,
            prefix=chosen.prefix,
            start=chosen.first,
            end=chosen.last,
            provider_id=str(chosen.id),
        )

    def unsayable(self, content: Document | Event) -> Document | Event | None:
        """The content with an allowance or charge other than a tip, the only one that Factus takes."""
        assert type(content) is Document
        freight = AllowanceCharge(is_charge=True, reason_code="04", reason="Flete", amount=Decimal(1000))
        return content.model_copy(update={"allowance_charges": (freight,)})

    def accept_with_notices(self, rule: str, text: str) -> None:
        self.simulator.accept_with_notices({rule: text})

    def delay(self) -> None:
        self.simulator.pend_next(1)

    def stall(self, seconds: float) -> None:
        self.simulator.stall(seconds, path="/validate")

    def throttle(self) -> None:
        self.simulator.answer_next(429, retry_after=23)

    def refuse_credentials(self) -> None:
        self.simulator.revoke_tokens(refresh=True)


class FactusV1(FactusBench):
    variant: ClassVar[dict[str, str]] = {"dialect": "v1"}


class FactusV2(FactusBench):
    variant: ClassVar[dict[str, str]] = {"dialect": "v2"}


BENCHES = (FactusV1, FactusV2)
