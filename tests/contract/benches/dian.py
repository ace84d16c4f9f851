"""The bench of DIAN itself: our issuer, and the other company of the invoices on which it declares events."""

import dataclasses
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import ClassVar

import pytest
from pydantic import SecretStr

from cauce.domain.document import AUTHORISED, BillingReference, Document, Kind, Payment
from cauce.domain.errors import CredentialsRejected, NotSent, OutcomeUnknown
from cauce.domain.event import Event, EventCode
from cauce.domain.issuer import Issuer
from cauce.domain.nit import check_digit
from cauce.domain.outcome import Accepted, AlreadyProcessed, Pending, Rejected
from cauce.domain.ranges import NumberingRange
from cauce.domain.time import BOGOTA
from cauce.law.correction import CORRECTED
from cauce.providers.base import Connection, Provider
from cauce.providers.dian import soap as calls
from cauce.providers.dian.provider import Dian
from cauce.providers.dian.soap import SignerRefused
from cauce.ubl.certificate import enrolled
from tests.contract.bench import RULE, TEXT, Bench, Broken, Coded, Live
from tests.contract.documented import Table
from tests.simulators.dian import Account, DianSimulator, results
from tests.simulators.dian.accounts import account
from tests.simulators.dian.envelope import answer, fault
from tests.unit.dian import builders

_OURS, _THEIRS = builders.ISSUER.nit, "800199436"
_COMPANIES = {_OURS: builders.ISSUER.name, _THEIRS: "Compradora S.A."}
_BEFORE = {"030": (), "032": ("030",), "031": ("030", "032"), "033": ("030", "032"), "034": ("030", "032")}
_PREFIXES = {
    Kind.INVOICE: "SETP",
    Kind.CREDIT_NOTE: "NC",
    Kind.DEBIT_NOTE: "ND",
    Kind.SUPPORT_DOCUMENT: "SEDS",
    Kind.ADJUSTMENT_NOTE: "NA",
    Kind.EQUIVALENT_DOCUMENT: "EPOS",
    Kind.EQUIVALENT_NOTE: "NE",
}


def _coded(code: str, description: str, means: type, **fields: object) -> Coded:
    """A DianResponse to SendBillSync, the operation of the first case."""
    inside = results.one("SendBillSync", results.dian_response(code, description, **fields))  # type: ignore[arg-type]
    told = answer("SendBillSync", inside, datetime.now(UTC))
    return Coded(200, told.body, means, "application/soap+xml; charset=utf-8")


def _fault(status: int, code: str, subcode: str | None, means: type) -> Coded:
    return Coded(status, fault(status, code, subcode, "Reason").body, means, "application/soap+xml")


@cache
def _account(nit: str, name: str) -> Account:
    """A company's account, cached for all simulators of the run, because making RSA keys is slow."""
    return account(nit, name)


@cache
def _certificate(nit: str, name: str) -> str:
    """A company's certificate as Cauce stores it, cached because opening a PKCS#12 file is slow."""
    found = _account(nit, name)
    kept = enrolled(found.pkcs12(), SecretStr(found.password), nit, datetime.now(UTC))
    return kept.get_secret_value()


class DianBench(Bench):
    provider = Dian
    simulator: DianSimulator
    table = Table(
        # 67 and 68 answer only questions about events (tests/unit/dian/test_events.py); 500 has a row of its own.
        frozenset(["00", "2", "66", "67", "68", "89", "90", "98", "99", "500"]),
        "dian/SPEC.md",
        ("| Outcome | Meaning | Action |", "| GetNumberingRange"),
        r"(?m)^\| (?:IsValid true, |Rule )?(\d{1,3})\b",
        besides=frozenset({"68"}),
    )
    documented: ClassVar[dict[str, Coded]] = {
        "00": _coded("00", "Procesado Correctamente.", Accepted, is_valid=True),
        "2": _coded("2", "Set de prueba se encuentra Aceptado.", Rejected),
        "66": _coded("66", "TrackId no existe en los registros de la DIAN.", OutcomeUnknown),
        "67": _coded("67", "La factura no tiene eventos asociados.", OutcomeUnknown),
        "68": _coded("68", "El trackId no corresponde a un CUFE.", OutcomeUnknown),
        "89": _coded("89", "NIT no autorizado a enviar documentos.", CredentialsRejected),
        "90, without its document": _coded(
            "99",
            "Validación",
            AlreadyProcessed,
            errors=["Regla: 90, Rechazo: Documento procesado anteriormente."],
        ),
        "98": _coded("98", "En Proceso", Pending),
        "99": _coded("99", "Validación", Rejected, errors=[f"Regla: {RULE}, Rechazo: {TEXT}"]),
        "99, its validator broke": _coded(
            "99", "Validación", NotSent, errors=["Regla: SIGNPLGNS, Rechazo: x"]
        ),
        "500": _coded("500", "Ha ocurrido un error. Por favor inténtelo de nuevo.", NotSent),
        "without a code": _coded("", "Batch en proceso de validación.", Pending),
        "fault of security": _fault(500, "Sender", "a:InvalidSecurity", SignerRefused),
        "fault of the service": _fault(500, "Receiver", "a:InternalServiceFault", OutcomeUnknown),
    }
    undocumented = (
        _coded("77", "Nadie lo ha visto.", OutcomeUnknown),
        _coded("", "Nadie lo ha visto.", OutcomeUnknown),
        Coded(503, b"<html>", OutcomeUnknown, "text/html"),
        Coded(302, b"", OutcomeUnknown, "text/html"),
    )

    def new_simulator(self, **options: Callable[[], datetime]) -> DianSimulator:
        made = DianSimulator(**options)
        made.accounts |= {nit: _account(nit, name) for nit, name in _COMPANIES.items()}
        return made

    @property
    def issuer(self) -> Issuer:
        return builders.ISSUER

    @property
    def credentials(self) -> dict[str, str]:
        return _credentials(_OURS)

    @property
    def secrets(self) -> list[str]:
        given = self.credentials
        return [given["software_pin"], *given["certificate"].split("-----")[2].split()]

    def settings(self, base_url: str | None = None) -> dict[str, str]:
        return {**super().settings(base_url), "support_prefixes": "SEDS", "equivalent_prefixes": "EPOS"}

    def hurried(self, seconds: float, monkeypatch: pytest.MonkeyPatch) -> Provider:
        monkeypatch.setattr(calls, "SEND_SECONDS", seconds)
        return self.connected()

    def subject(self, live: Live) -> Document | Event:
        if live.code is not None:
            return self._event(live)
        document = builders.a_document(live.kind)
        if document.billing_reference is None:
            return document
        corrected = CORRECTED[live.kind]
        return document.model_copy(
            update={"billing_reference": self._emitted(live, live.provider, corrected)}
        )

    def range(self, kind: Kind) -> NumberingRange:
        authorised = {"resolution": "18760000001", "start": 990_000_000, "end": 995_000_000}
        if kind is Kind.SUPPORT_DOCUMENT:
            authorised |= {"start": 984_000_000, "end": 985_000_000}
        if kind is Kind.EQUIVALENT_DOCUMENT:
            authorised |= {"start": 1, "end": 1000}
        if kind not in AUTHORISED:
            authorised = {"start": 1, "end": 999_999_999}
        ranged = builders.a_range(kind, _PREFIXES[kind])
        bare = (
            {"resolution": None, "valid_from": None, "valid_to": None}
            if "resolution" not in authorised
            else {}
        )
        return ranged.model_copy(update={**bare, **authorised})

    def unsayable(self, content: Document | Event) -> Document | Event | None:
        """A document in dollars without exchange rate. Every valid event can be said."""
        if type(content) is Event:
            return None
        return content.model_copy(update={"currency": "USD"})

    def accept_with_notices(self, rule: str, text: str) -> None:
        self.simulator.accept_with_notices({rule: text})

    def delay(self) -> None:
        self.simulator.slow_next(1)

    def answer(self, what: Broken, *, stored: bool) -> None:
        self.simulator.answer_next(503 if what == "5xx" else what, stored=stored)

    def throttle(self) -> None:
        self.simulator.answer_next(429, retry_after=30)

    def refuse_credentials(self) -> None:
        self.simulator.answer_next("untrusted")

    def _event(self, live: Live) -> Event:
        """An event on an invoice that the other company sold us; a tacit acceptance is about one that we sold."""
        assert live.code is not None
        tacit = live.code == EventCode.TACIT_ACCEPTANCE
        supplier, customer = (_OURS, _THEIRS) if tacit else (_THEIRS, _OURS)
        sold = self._emitted(live, self._as(supplier), Kind.INVOICE, buyer=customer)
        for before in _BEFORE[live.code]:
            self._declare(live, self._as(customer), builders.an_event(EventCode(before)).event, sold.uuid)
        if tacit:
            long_ago = datetime.now(BOGOTA).date() - timedelta(days=30)
            known = self.simulator.register.events[sold.uuid]
            known[:] = [dataclasses.replace(event, on=long_ago) for event in known]
        event = builders.an_event(EventCode(live.code)).event
        return event.model_copy(update={"invoice_uuid": sold.uuid})

    def _declare(self, live: Live, provider: Provider, event: Event, cufe: str) -> None:
        record = live.recorded(event.model_copy(update={"invoice_uuid": cufe}))
        record = record.model_copy(update={"provider_ids": provider.resolve(record)})
        outcome = provider.send(provider.prepare(record))
        assert type(outcome) is Accepted, outcome

    def _emitted(
        self, live: Live, provider: Provider, kind: Kind, buyer: str | None = None
    ) -> BillingReference:
        in_a_month = datetime.now(BOGOTA).date() + timedelta(days=30)
        document = builders.a_document(kind, payment=Payment(form="2", means="1", due_date=in_a_month))
        if buyer is not None:
            found = document.counterparty.model_copy(update={"identification": buyer})
            document = document.model_copy(update={"counterparty": found})
        record = live.recorded(document)
        record = record.model_copy(update={"provider_ids": provider.resolve(record)})
        outcome = provider.send(provider.prepare(record))
        assert type(outcome) is Accepted, outcome
        assert outcome.uuid
        return BillingReference(
            number=str(record.number), uuid=outcome.uuid, issue_date=record.issued_at.date()
        )

    def _as(self, nit: str) -> Provider:
        """DIAN's adapter, connected as this company."""
        if nit == _OURS:
            return self.connected()
        party = builders.ISSUER_PARTY.model_copy(
            update={"identification": nit, "check_digit": check_digit(nit), "name": _COMPANIES[nit]}
        )
        issuer = builders.ISSUER.model_copy(
            update={"nit": nit, "check_digit": check_digit(nit), "party": party}
        )
        return self.provider(
            Connection(
                issuer=issuer,
                settings=self.settings(),
                credentials={k: SecretStr(v) for k, v in _credentials(nit).items()},
                tokens=self.tokens,
                clock=time.time,
                count=self.count_of,
            )
        )


def _credentials(nit: str) -> dict[str, str]:
    found = _account(nit, _COMPANIES[nit])
    return {
        "software_id": found.software_id,
        "software_pin": found.pin,
        "certificate": _certificate(nit, _COMPANIES[nit]),
    }


BENCHES = (DianBench,)
