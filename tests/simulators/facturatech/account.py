"""An account: its user, whether it is productive, its ranges, and its documents by number."""

import hashlib
from dataclasses import dataclass, field
from datetime import date
from xml.etree.ElementTree import Element


@dataclass
class NumberRange:
    """A range as the platform stores it. One without type waits for ActualizarNumTipoDocumento."""

    prefix: str
    start: int
    end: int
    type_name: str
    resolution: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    technical_key: str = ""
    status: str = "activo"


@dataclass
class Stored:
    """A document under its number. ``polls``: how many more questions find it in process."""

    prefix: str
    folio: int
    transaction: str
    fields: dict[str, str]
    uuid: str
    polls: int = 0
    uploads: int = 1
    root: Element = field(default_factory=lambda: Element("FACTURA"))
    """The XML_SIMPLIFICADO that it was sent as; empty for what somebody else sent."""

    @property
    def number(self) -> str:
        return f"{self.prefix}{self.folio}"


@dataclass
class Account:
    """A user. ``password`` is the web service's, in clear; requests have its SHA-256."""

    username: str = "900123456"
    password: str = "servicio-web-7"
    nit: str = "900123456"
    productive: bool = True
    web_service: bool = True
    folios: int = 10_000
    ranges: list[NumberRange] = field(default_factory=list)
    at_dian: list[NumberRange] = field(default_factory=list)
    """Ranges that DIAN has authorised and ConsultaNumeracion has not imported yet."""
    documents: dict[tuple[str, int], Stored] = field(default_factory=dict)
    promotions: int = 0
    """How often ConsultaNumeracion made it productive: 0 or 1, because nothing undoes it."""

    def accepts(self, password: str) -> bool:
        return password == hashlib.sha256(self.password.encode()).hexdigest()


def default_ranges() -> list[NumberRange]:
    """One range for each kind of document, and one that has expired and is still active."""
    return [
        NumberRange(
            "SETP",
            990000000,
            995000000,
            "INVOIC",
            "18760000001",
            date(2019, 1, 19),
            date(2030, 1, 19),
            technical_key(1),
        ),
        NumberRange(
            "VIEJ", 1, 1000, "INVOIC", "18760000009", date(2019, 1, 19), date(2021, 1, 19), technical_key(9)
        ),
        NumberRange("SEDS", 984000000, 985000000, "DSE", "18760000002", date(2022, 1, 1), date(2030, 1, 19)),
        NumberRange("NC", 1, 5_000_000, "NC"),
        NumberRange("ND", 1, 5_000_000, "ND"),
        NumberRange("NADS", 1, 5_000_000, "DSE_AJUSTE"),
    ]


def ranges_at_dian() -> list[NumberRange]:
    """Two new resolutions: a range for invoices, and one that may be for support documents or for contingency."""
    return [
        NumberRange(
            "FEVA", 1, 1000, "INVOIC", "18764000011", date(2026, 1, 1), date(2036, 1, 1), technical_key(11)
        ),
        NumberRange("CDS", 1, 500, "", "18764000012", date(2026, 1, 1), date(2036, 1, 1)),
    ]


def technical_key(seed: int) -> str:
    """Invented: 40 hexadecimal digits."""
    return hashlib.sha1(f"invented technical key {seed}".encode(), usedforsecurity=False).hexdigest()


def default_accounts() -> list[Account]:
    productive = Account(ranges=default_ranges(), at_dian=ranges_at_dian())
    demo = Account(
        username="demo",
        password="servicio-demo-8",
        productive=False,
        ranges=default_ranges(),
        at_dian=ranges_at_dian(),
    )
    return [productive, demo]
