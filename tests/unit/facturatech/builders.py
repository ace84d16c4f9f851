"""Documents, records and connections for Facturatech, valid by default, and where its reference page is."""

from datetime import date, datetime
from functools import partial
from typing import Any

import pytest

from cauce.domain.document import Document, Kind, Party
from cauce.domain.issuer import Environment, Issuer
from cauce.domain.nit import check_digit
from cauce.domain.outcome import Number
from cauce.domain.ranges import NumberingRange
from cauce.domain.record import Record
from cauce.domain.time import BOGOTA
from cauce.providers.facturatech.provider import Facturatech
from tests import content
from tests.connections import PUBLISHED, connection
from tests.content import noted
from tests.records import a_record
from tests.simulators.facturatech import Account, FacturatechSimulator

NIT = "900123456"
NOW = datetime(2026, 5, 10, 15, 30, 12, tzinfo=BOGOTA)
SECRETS = {"username": NIT, "password": "servicio-web-7"}

_END = date(2030, 1, 19)
# The simulator's ranges, by kind: type, prefix, start, end, resolution, validity.
RANGES: dict[Kind, tuple[str, str, int, int, str | None, date | None, date | None]] = {
    Kind.INVOICE: ("INVOIC", "SETP", 990000000, 995000000, "18760000001", date(2019, 1, 19), _END),
    Kind.CREDIT_NOTE: ("NC", "NC", 1, 5_000_000, None, None, None),
    Kind.DEBIT_NOTE: ("ND", "ND", 1, 5_000_000, None, None, None),
    Kind.SUPPORT_DOCUMENT: ("DSE", "SEDS", 984000000, 985000000, "18760000002", date(2022, 1, 1), _END),
    Kind.ADJUSTMENT_NOTE: ("DSE_AJUSTE", "NADS", 1, 5_000_000, None, None, None),
}


def published(name: str) -> str:
    """A reference page. Skips where the material is absent."""
    path = next(PUBLISHED.glob(name), None) if PUBLISHED.exists() else None
    if path is None:
        pytest.skip(f"the reference material is absent: {name}")
    return path.read_text("utf-8")


party = partial(content.party, name="Juan Pérez & Cía", postal_code="050001", phone="6041234567")

issuer_party = partial(
    Party,
    person_type="1",
    identification_type="31",
    identification=NIT,
    check_digit=check_digit(NIT),
    name="Comercial del Cauce S.A.S.",
    responsibilities=("O-47",),
    tax_scheme="01",
    address="Carrera 7 # 71-21",
    municipality="11001",
    postal_code="110231",
    email="facturas@cauce.example",
    phone="6017654321",
)


def issuer(environment: Environment = Environment.PRODUCTION, **changes: Any) -> Issuer:
    facts: dict[str, Any] = {
        "nit": NIT,
        "check_digit": check_digit(NIT),
        "uuid": "u",
        "number": 1,
        "name": "Comercial del Cauce S.A.S.",
        "environment": environment,
        "party": issuer_party(),
    }
    return Issuer(**{**facts, **changes})


def facturatech(
    base_url: str = "http://127.0.0.1:9",
    *,
    environment: Environment = Environment.PRODUCTION,
    secrets: dict[str, str] = SECRETS,
    by: Issuer | None = None,
    **settings: str,
) -> Facturatech:
    return Facturatech(
        connection(by or issuer(environment), {"base_url": base_url, **settings}, secrets, NOW)
    )


def connected(simulator: FacturatechSimulator, **changes: Any) -> Facturatech:
    return facturatech(simulator.base_url, **changes)


def demo_user(simulator: FacturatechSimulator, **changes: Any) -> Facturatech:
    """An issuer under test, with the simulator's DEMO account."""
    secrets = {"username": "demo", "password": "servicio-demo-8"}
    return facturatech(simulator.base_url, environment=Environment.TEST, secrets=secrets, **changes)


def account(simulator: FacturatechSimulator, username: str = NIT) -> Account:
    return simulator.accounts[username]


line = partial(content.line, description="Repuesto <motocicleta>")

invoice = partial(Document, kind=Kind.INVOICE, counterparty=party(), lines=(line(),), reference="REF-1")


def note(kind: Kind = Kind.CREDIT_NOTE, **changes: Any) -> Document:
    sold = {"counterparty": seller() if kind is Kind.ADJUSTMENT_NOTE else party(), "lines": (line(),)}
    return noted(kind, "SETP990000302", date(2026, 5, 1), **{**sold, **changes})


seller = partial(party, identification_type="31", identification="79123456")

support_document = partial(Document, kind=Kind.SUPPORT_DOCUMENT, counterparty=seller(), lines=(line(),))


def of_kind(kind: Kind) -> Document:
    match kind:
        case Kind.INVOICE:
            return invoice()
        case Kind.SUPPORT_DOCUMENT:
            return support_document()
        case _:
            return note(kind)


def numbering_range(kind: Kind = Kind.INVOICE, **changes: Any) -> NumberingRange:
    type_name, prefix, start, end, resolution, valid_from, valid_to = RANGES[kind]
    facts: dict[str, Any] = {
        "provider": "facturatech",
        "kind": kind,
        "prefix": prefix,
        "resolution": resolution,
        "start": start,
        "end": end,
        "valid_from": valid_from,
        "valid_to": valid_to,
        "provider_type": type_name,
    }
    return NumberingRange(**{**facts, **changes})


def record(document: Document, *, folio: int = 1, **changes: Any) -> Record:
    """A record numbered in the simulator's range for its kind, ``folio`` numbers after its start."""
    numbering = changes.pop("range", numbering_range(document.kind))
    facts: dict[str, Any] = {
        "issuer": NIT,
        "provider": "facturatech",
        "range": numbering,
        "number": Number(prefix=numbering.prefix, consecutive=numbering.start + folio),
    }
    return a_record(document, NOW, **{**facts, **changes})
