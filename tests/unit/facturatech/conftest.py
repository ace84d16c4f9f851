"""The simulator, and a server that gives the answers of a test's script, both over real HTTP."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from tests.answering import CLOSED, Asked, Told, answering
from tests.simulators.facturatech import FacturatechSimulator

SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/"


@dataclass
class Script:
    """Gives its answers in order, whatever is asked; after the last one it closes the connection."""

    url: str
    asked: list[Asked] = field(default_factory=list)
    answers: list[Told] = field(default_factory=list)

    def next(self, asked: Asked) -> Told:
        self.asked.append(asked)
        status, raw, extra = self.answers.pop(0) if self.answers else CLOSED
        return status, raw, {"Content-Type": "text/xml; charset=utf-8", **extra}

    def raw(self, content: bytes, status: int = 200, **headers: str) -> None:
        self.answers.append(
            (status, content, {name.replace("_", "-"): text for name, text in headers.items()})
        )

    def rpc(self, operation: str, **fields: str) -> None:
        """An answer of the emission services, as in the figures of the manual."""
        inside = "".join(f"<{name}>{value}</{name}>" for name, value in fields.items())
        self.raw(
            f'<e:Envelope xmlns:e="{SOAP_11}"><e:Body><ns1:{operation}Response xmlns:ns1="{SOAP_11}">'
            f"<return>{inside}</return></ns1:{operation}Response></e:Body></e:Envelope>".encode()
        )

    def asmx(self, operation: str, inside: str, namespace: str = "http://webservice.facturatech.co/") -> None:
        """An answer of the numbering service."""
        self.raw(
            f'<s:Envelope xmlns:s="{SOAP_11}"><s:Body><{operation}Response xmlns="{namespace}">'
            f"<{operation}Result>{inside}</{operation}Result></{operation}Response></s:Body></s:Envelope>".encode()
        )


@pytest.fixture
def simulator() -> Iterator[FacturatechSimulator]:
    with FacturatechSimulator() as running:
        yield running


@pytest.fixture
def script() -> Iterator[Script]:
    told = Script("")
    with answering(told.next) as told.url:
        yield told
