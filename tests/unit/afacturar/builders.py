"""Events, look-ups and connections for Afacturar, valid by default, and the page they come from."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from cauce.contracts.v1 import listings
from cauce.domain.document import Document, Kind
from cauce.domain.event import Event, EventPerson
from cauce.domain.issuer import Environment, Issuer
from cauce.domain.outcome import Number, Outcome
from cauce.domain.ranges import NumberingRange
from cauce.providers.afacturar.options import Options, options
from cauce.providers.afacturar.provider import Afacturar
from cauce.providers.base import EmittedQuery, Refs
from tests import content
from tests.connections import PUBLISHED, connection
from tests.records import a_record

NOW = datetime(2026, 5, 10, 20, 30, tzinfo=UTC)
NIT = "11111111"
TOKEN = "token_obligado"
CUFE = "f46111923e8a010b647ed4192de51987ada7c2d18d136ab0184d66838c4ae9f5e9ca302f8e0d41fc0e5883357c2423a4"
TRANSMISSION = "20220913_122843"


def seed() -> str:
    """The page that `transacciones_emitidas_v3` and the acuse share. Skips where it is absent."""
    pages = sorted((PUBLISHED / "seeds").glob("003_*.txt"))
    if not pages:
        pytest.skip("the reference material is absent: seeds/003")
    return pages[0].read_text("utf-8")


def seed_json(start: str) -> Any:
    """The JSON value of the page that follows a heading or a piece of text."""
    text = seed()
    return json.JSONDecoder().raw_decode(text, text.index("{", text.index(start)))[0]


def issuer(environment: Environment = Environment.TEST, nit: str = NIT) -> Issuer:
    return Issuer(
        nit=nit, check_digit="1", uuid="u", number=1, name="OBLIGADO S.A.S.", environment=environment
    )


def afacturar(
    base_url: str = "http://127.0.0.1:9",
    *,
    environment: Environment = Environment.TEST,
    nit: str = NIT,
    token: str | None = TOKEN,
    **settings: str,
) -> Afacturar:
    secrets = {} if token is None else {"token": token}
    return Afacturar(connection(issuer(environment, nit), {"base_url": base_url, **settings}, secrets, NOW))


def declared(provider: Afacturar, event: Event, transmission: str) -> Outcome:
    """What the provider answers to an event, taken the way of every record."""
    provider.check_event(event)
    record = a_record(event, NOW, issuer=NIT, document_id=transmission, provider="afacturar", attempt=1)
    return provider.send(provider.prepare(record))


def opted(environment: Environment = Environment.TEST, **settings: str) -> Options:
    return options(settings, environment)


def query(*, kind: Kind | None = None, offset: int = 0, limit: int = 100, **filters: str) -> EmittedQuery:
    return EmittedQuery(kind=kind, filters=listings.filters(filters), offset=offset, limit=limit)


def numbering_range() -> NumberingRange:
    """A range that its operator wrote by hand: Afacturar tells none."""
    return NumberingRange(
        provider="afacturar", kind=Kind.INVOICE, prefix="SETT", resolution="18760000001", start=1000, end=9000
    )


def invoice(**changes: Any) -> Document:
    """50000 and its 9500 of IVA, to a buyer of whom everything is known."""
    lines = (content.line(code="P1", quantity=Decimal(1)),)
    buyer = content.party(phone="3001234567")
    return Document(**{"kind": Kind.INVOICE, "counterparty": buyer, "lines": lines, **changes})


refs = partial(
    Refs,
    kind=Kind.INVOICE,
    reference="REF-7",
    number=Number(prefix="SETT", consecutive=7),
    uuid=None,
    provider_ids={},
    counterparty="71234567",
    payable=Decimal("59500.00"),
    sent_at=NOW,
)
"""What is known of the simulator's first invoice, SETT7."""

person = partial(
    EventPerson,
    identification_type="13",
    identification="1111111",
    names="Prueba",
    last_names="Acuse de recibo",
    job="Cargo de la empresa",
    area="Area a la que pertenece el cargo",
)
"""Who receives in the page's example."""


def event(code: str = "030", **changes: Any) -> Event:
    facts: dict[str, Any] = {
        "code": code,
        "invoice_uuid": CUFE,
        "person": person(),
        "claim_code": "02" if code == "031" else None,
        "sworn_note": "Manifiesto bajo la gravedad de juramento…" if code == "034" else None,
    }
    return Event(**{**facts, **changes})
