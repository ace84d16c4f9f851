"""Facturatech's bench: an account in production, which emission needs."""

import hashlib
from typing import ClassVar

import pytest

from cauce.domain.document import Document, Kind
from cauce.domain.errors import CredentialsRejected, OutcomeUnknown
from cauce.domain.event import Event
from cauce.domain.issuer import Issuer
from cauce.domain.outcome import Pending, Rejected
from cauce.domain.ranges import NumberingRange
from cauce.providers.base import Provider
from cauce.providers.facturatech import provider as adapter
from cauce.providers.facturatech.provider import Facturatech
from tests.contract.bench import Bench, Coded, Live
from tests.contract.documented import Table
from tests.simulators.facturatech import FacturatechSimulator
from tests.unit.facturatech import builders

_SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
_XML = "text/xml; charset=utf-8"


def _coded(code: str, said: str, means: type) -> Coded:
    body = (
        f'<e:Envelope xmlns:e="{_SOAP}"><e:Body><r xmlns="{_SOAP}"><return><code>{code}</code>'
        f"<success></success><transaccionID></transaccionID><error>{said}</error></return></r></e:Body></e:Envelope>"
    )
    return Coded(200, body.encode(), means, _XML)


class FacturatechBench(Bench):
    provider = Facturatech
    simulator: FacturatechSimulator
    # The code alone decides little; tests/unit/facturatech/test_texts.py has every text of the manual.
    table = Table(
        # The manual says beside the table that 100 and 200 mean success too.
        frozenset(["100", "200", "201", "404", "405", "409"]),
        "providers/facturatech.md",
        ("| op | code |", "Manual says success"),
        r"(?m)^\|[^|]*\|[ *]*(\d{3})",
        besides=frozenset({"100", "200"}),
    )
    documented: ClassVar[dict[str, Coded]] = {
        "100": _coded("100", "Procesado correctamente", Pending),
        "200": _coded("200", "Procesado correctamente", Pending),
        "201": _coded("201", "Procesado correctamente", Pending),
        "201, repeated": _coded("201", "Ya existe un documento firmado con este folio", Pending),
        "404, a rejection": _coded("404", "Rechazo datos incorrectos, Errores: [FAK24]", Rejected),
        "404, who we are": _coded("404", "Datos de acceso incorrectos", CredentialsRejected),
        "404, the document": _coded("404", "Parámetro XML inválido", Rejected),
        "405": _coded("405", "Método no soportado", CredentialsRejected),
        "409, numbering": _coded("409", "El número de autorización no coincide", CredentialsRejected),
        "409, the account": _coded("409", "La cuenta se encuentra sin folios", CredentialsRejected),
    }
    undocumented = (
        _coded("500", "Error interno", OutcomeUnknown),
        _coded("", "", OutcomeUnknown),
        _coded("x", "", OutcomeUnknown),
        Coded(200, b"{}", OutcomeUnknown),
        Coded(302, b"", OutcomeUnknown, _XML),
    )

    def new_simulator(self) -> FacturatechSimulator:
        return FacturatechSimulator()

    @property
    def issuer(self) -> Issuer:
        return builders.issuer()

    @property
    def credentials(self) -> dict[str, str]:
        return builders.SECRETS

    @property
    def secrets(self) -> list[str]:
        password = builders.SECRETS["password"]
        return [password, hashlib.sha256(password.encode()).hexdigest()]

    def hurried(self, seconds: float, monkeypatch: pytest.MonkeyPatch) -> Provider:
        monkeypatch.setattr(adapter, "UPLOAD_SECONDS", seconds)
        return self.connected()

    def subject(self, live: Live) -> Document | Event:
        return builders.of_kind(live.kind)

    def range(self, kind: Kind) -> NumberingRange:
        return builders.numbering_range(kind)

    def unsayable(self, content: Document | Event) -> Document | Event | None:
        """The content in another currency: Facturatech's amounts are in pesos."""
        return content.model_copy(update={"currency": "USD"})

    def accept_with_notices(self, rule: str, text: str) -> None:
        self.simulator.authorise_next([f"Regla: {rule}, Notificación: {text}"])

    def reject(self, rule: str, text: str) -> None:
        said = f"Rechazo datos incorrectos, Errores: [Regla: {rule}, Rechazo: {text}], advertencias: []"
        self.simulator.refuse_next("404", said)

    def delay(self) -> None:
        self.simulator.process_for(2)

    def refuse_credentials(self) -> None:
        for account in self.simulator.accounts.values():
            account.password = "otra"

    def forbid(self) -> None:
        self.simulator.answer_next("waf")


BENCHES = (FacturatechBench,)
