"""The issuers that may send: their software, certificate, ranges and test set."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone

from tests.simulators.dian.pki import Holder, trusted

BOGOTA = timezone(timedelta(hours=-5))
TEST_RESOLUTION = "18760000001"
TEST_KEY = "fc8eac422eba16e22ffd8c6f94b3f40a6e38162c"


@dataclass(frozen=True)
class Range:
    """An authorised range. ``associated``: the issuer tied its prefix to the software in the portal."""

    prefix: str
    start: int
    end: int
    resolution: str = TEST_RESOLUTION
    valid_from: date = date(2019, 1, 19)
    valid_to: date = date(2030, 1, 19)
    technical_key: str = TEST_KEY
    associated: bool = True
    kind: str = "invoice"
    """invoice, support_document, equivalent_document or contingency (type 03)."""


@dataclass(frozen=True)
class Acquirer:
    """What the RUT says of somebody who buys."""

    name: str
    email: str | None = None


@dataclass
class TestSet:
    """A test set: how many documents of each kind DIAN wants accepted, and how many it has accepted."""

    __test__ = False  # pytest would collect it by its name

    id: str
    wanted: dict[str, int] = field(default_factory=lambda: {"invoice": 8, "credit_note": 1, "debit_note": 1})
    accepted: dict[str, int] = field(default_factory=dict)

    @property
    def is_over(self) -> bool:
        return all(self.accepted.get(kind, 0) >= count for kind, count in self.wanted.items())

    def missing(self) -> dict[str, int]:
        return {
            kind: count - self.accepted.get(kind, 0)
            for kind, count in self.wanted.items()
            if self.accepted.get(kind, 0) < count
        }


@dataclass
class Account:
    """An issuer with its own software, and the certificate that the simulator's authority gave it."""

    nit: str
    name: str
    software_id: str
    pin: str
    holder: Holder = field(repr=False)
    ranges: list[Range]
    test_set: TestSet
    email: str = ""
    equivalent_test_set: TestSet = field(default_factory=lambda: TestSet("", {}))
    """That of documentos equivalentes."""
    equivalent_software: tuple[str, str] | None = None
    """Id and PIN of the software that it registered for documentos equivalentes, if that is another."""

    @property
    def password(self) -> str:
        """The password of its PKCS#12 file."""
        return f"clave-{self.nit}"

    def pkcs12(self) -> bytes:
        return self.holder.pkcs12(self.password)

    def software_of(self, kind: str) -> tuple[str, str]:
        """Id and PIN of the software that sends this kind of document."""
        own = (self.software_id, self.pin)
        return (self.equivalent_software or own) if kind.startswith("equivalent") else own

    def range_of(self, prefix: str, resolution: str) -> Range | None:
        return next((r for r in self.ranges if (r.prefix, r.resolution) == (prefix, resolution)), None)


def account(nit: str, name: str) -> Account:
    """An issuer as the portal has it once its software is registered."""
    tail = nit.zfill(12)[-12:]
    return Account(
        nit=nit,
        name=name,
        software_id=f"56f2ae4e-9812-4fad-9255-{tail}",
        pin="20191",
        holder=trusted().grant(nit, name),
        ranges=default_ranges(),
        test_set=TestSet(f"358f9538-1f80-4ed5-a3f6-{tail}"),
        email=f"recepcion@{nit}.example",
        equivalent_test_set=TestSet(
            f"7c1d2a90-55b3-4c0e-9f41-{tail}", {"equivalent_document": 2, "equivalent_note": 1}
        ),
    )


def default_ranges() -> list[Range]:
    """The public test range, ranges for support documents and for POS tickets, and one for contingency."""
    today = datetime.now(BOGOTA).date()
    authorised = {"valid_from": today - timedelta(days=30), "valid_to": today + timedelta(days=335)}
    return [
        Range("SETP", 990_000_000, 995_000_000),
        Range("SEDS", 984_000_000, 985_000_000, technical_key="", kind="support_document"),
        # As in the official examples; how big a test set of documentos equivalentes is, nobody tells.
        Range("EPOS", 1, 1000, technical_key="", kind="equivalent_document"),
        Range("CONT", 1, 500, "18764000002", technical_key="", kind="contingency", **authorised),
    ]
