"""Documents, records and connections for FacEPro, valid by default."""

import json
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from cauce.domain.document import BillingReference, Document, Kind, Reason
from cauce.domain.issuer import Environment, Issuer
from cauce.domain.outcome import Outcome
from cauce.domain.record import Record
from cauce.domain.time import BOGOTA
from cauce.providers.facepro.provider import FacEPro
from tests import content
from tests.connections import PUBLISHED, connection
from tests.records import a_record

SEEDS = PUBLISHED / "seeds"

NOW = datetime(2026, 5, 10, 15, 30, tzinfo=BOGOTA)
CUFE = "a1b2c3d4" * 12
TOKEN = "7|s3cr3t-0f-facepro"
DOCUMENT_ID = "0b7e4f0e-0000-4000-8000-000000000001"
NIT = "901234567"


def page_request() -> Any:
    """The request that seed 002 prints under «Emitir factura electrónica». Skips where the seed is absent."""
    for path in SEEDS.glob("002_*.txt"):
        text = path.read_text("utf-8")
        start = text.index("Ejemplo de request", text.index("Emitir factura electrónica"))
        return json.JSONDecoder(parse_float=Decimal).raw_decode(text, text.index("{", start))[0]
    pytest.skip("the reference material is absent: seed 002")


def facepro(
    base_url: str = "http://127.0.0.1:9/api/v1",
    *,
    token: str | None = TOKEN,
    nit: str = NIT,
    environment: Environment = Environment.TEST,
    now: datetime = NOW,
    **settings: str,
) -> FacEPro:
    issuer = Issuer(nit=nit, check_digit="7", uuid="u", number=1, name="Empresa SAS", environment=environment)
    secrets = {} if token is None else {"token": token}
    return FacEPro(connection(issuer, {"base_url": base_url, **settings}, secrets, now))


party = partial(content.party, email="juan@correo.com")
line = partial(content.line, description="Repuesto motocicleta XYZ")

labour = partial(
    line,
    code="SERV-010",
    description="Mano de obra instalación",
    quantity=Decimal(1),
    price=Decimal(25000),
    discount_percent=Decimal(10),
)
"""The second line of the page's invoice."""

invoice = partial(Document, kind=Kind.INVOICE, counterparty=party(), lines=(line(), labour()))
"""The page's invoice: 122500 and its 23275 of IVA."""


def note(kind: Kind = Kind.CREDIT_NOTE, **changes: Any) -> Document:
    facts: dict[str, Any] = {
        "kind": kind,
        "billing_reference": BillingReference(
            number="SETP990000011", uuid=CUFE, issue_date=date(2026, 5, 10)
        ),
        "reason": Reason(code="2", text="Anulación por error en valor unitario"),
    }
    return invoice(**{**facts, **changes})


def record(document: Document, **changes: Any) -> Record:
    return a_record(document, NOW, **{"issuer": NIT, "provider": "facepro", "sent_at": NOW, **changes})


def knowing(kept: Record, outcome: Outcome) -> Record:
    """The record with what an outcome taught, as settlement keeps it."""
    return kept.model_copy(update={"provider_ids": {**kept.provider_ids, **outcome.provider_ids}})


def body(document: Document, *, provider: FacEPro | None = None, **changes: Any) -> Any:
    """What ``prepare`` writes, read back with exact numbers."""
    written = (provider or facepro()).prepare(record(document, **changes)).body
    return json.loads(written, parse_float=Decimal)
