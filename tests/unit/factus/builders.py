"""Documents, records and connections for Factus, valid by default, and where its published examples are."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from cauce.domain.document import AllowanceCharge, Document, Kind, Payment, Tax, Withholding
from cauce.domain.issuer import Environment, Issuer
from cauce.domain.ranges import NumberingRange
from cauce.domain.record import Record
from cauce.providers.factus.provider import Factus
from tests import content
from tests.connections import PUBLISHED, Tokens, connection
from tests.content import noted
from tests.records import a_record

NOW = datetime(2026, 5, 10, 20, 30, tzinfo=UTC)  # 15:30 in Bogotá
TODAY = date(2026, 5, 10)
SECRETS = {
    "client_id": "cl13nt",
    "client_secret": "s3cr3t-0f-cl13nt",
    "username": "u53r",
    "password": "p455w0rd",
}


def published(name: str) -> Any:
    """A published example of Factus's. Skips where the reference material is absent."""
    path = PUBLISHED / "factus" / name
    if not path.exists():
        pytest.skip(f"the reference material is absent: factus/{name}")
    return json.loads(path.read_text("utf-8"), parse_float=Decimal)


def published_raw(name: str) -> bytes:
    published(name)
    return (PUBLISHED / "factus" / name).read_bytes()


def issuer(environment: Environment = Environment.TEST) -> Issuer:
    return Issuer(
        nit="901724254", check_digit="1", uuid="u", number=1, name="FACTUS S.A.S.", environment=environment
    )


def factus(
    dialect: str = "v1",
    *,
    base_url: str = "http://127.0.0.1:9",
    environment: Environment = Environment.TEST,
    tokens: Tokens | None = None,
    secrets: dict[str, str] = SECRETS,
    now: datetime = NOW,
    **settings: str,
) -> Factus:
    told = {"dialect": dialect, "base_url": base_url, **settings}
    return Factus(connection(issuer(environment), told, secrets, now, tokens or Tokens(NOW.timestamp)))


party = partial(
    content.party,
    identification="123456789",
    name="Alan Turing",
    address="calle 1 # 2-68",
    email="alan@correo.example",
    phone="1234567890",
    municipality="68679",
)

seller = partial(party, identification_type="31", check_digit="6")


line = partial(content.line, code="12345", description="producto de prueba", quantity=Decimal(1))

invoice = partial(Document, kind=Kind.INVOICE, counterparty=party(), lines=(line(),))


def note(kind: Kind = Kind.CREDIT_NOTE, **changes: Any) -> Document:
    sold = {"counterparty": seller() if kind is Kind.ADJUSTMENT_NOTE else party(), "lines": (line(),)}
    return noted(kind, "SETP990000302", TODAY, **{**sold, **changes})


support_document = partial(
    Document,
    kind=Kind.SUPPORT_DOCUMENT,
    reference="REF0017",
    counterparty=seller(),
    lines=(
        line(
            discount_percent=Decimal(20),
            taxes=(),
            withholdings=(Withholding(code="06", percent=Decimal("3.50")),),
        ),
        line(code="54321", description="producto de prueba 2", taxes=()),
    ),
)
"""Seed 001's request, as the domain has it; its example has no e-mail, which its own table requires."""

advanced_invoice = partial(
    invoice,
    reference="fact0022025",
    lines=(
        line(discount_percent=Decimal(20), price=Decimal("42016.81")),
        line(
            code="54321",
            description="producto de prueba 2",
            price=Decimal("47619.05"),
            taxes=(Tax(code="01", percent=Decimal(5)),),
        ),
    ),
    allowance_charges=(
        AllowanceCharge(
            is_charge=True,
            reason_code="03",
            reason="Propina",
            amount=Decimal(9000),
            base_amount=Decimal(90000),
        ),
    ),
)
"""v1's «factura avanzada», its prices of 50000 without their taxes, and without withholdings."""

v2_invoice = partial(
    invoice,
    reference="FACT-2026-0124",
    counterparty=party(
        identification_type="31",
        person_type="1",
        check_digit="6",
        name="Alan company name",
        trade_name="Alan trade name",
        address="calle 1 # 1-1",
        email="alan.company@email.com",
    ),
    lines=(
        line(code="PROD-000A", description="Producto A", price=Decimal(10000)),
        line(code="PROD-000B", description="Producto B", quantity=Decimal(3), price=Decimal(20000)),
    ),
    payment=Payment(means="42"),
    notes=("Observación de prueba",),
)
"""v2's first example."""


def numbering_range(kind: Kind = Kind.INVOICE, provider_id: str = "4") -> NumberingRange:
    return NumberingRange(
        provider="factus", kind=kind, prefix="SETP", start=1, end=1000, provider_id=provider_id
    )


def record(document: Document, *, range_id: str | None = "4", **changes: Any) -> Record:
    facts: dict[str, Any] = {
        "issuer": "901724254",
        "provider": "factus",
        "range": numbering_range(document.kind, range_id) if range_id else None,
    }
    return a_record(document, NOW, **{**facts, **changes})


def body(provider: Factus, document: Document, **changes: Any) -> Any:
    """What ``prepare`` writes, read back with exact numbers."""
    return json.loads(provider.prepare(record(document, **changes)).body, parse_float=Decimal)
