"""CUFE, CUDE and CUDS: what identifies a document at DIAN, each the SHA-384 of its key facts, in lowercase hex.

Amounts enter with exactly two decimals, truncated, never rounded; identifications without check digit; time with
its offset, ``10:53:10-05:00``. Source: Anexo Técnico 1.9, 11.2 to 11.4; Anexo DS 1.1; Anexo RADIAN, 14.1.8.
Golden: the annexes' own examples, tests/unit/dian/test_identifiers.py.
"""

import hashlib
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from pydantic import SecretStr

from cauce.domain.issuer import Environment
from cauce.domain.money import truncated
from cauce.domain.time import bogota

_CATALOGUE = {
    Environment.PRODUCTION: "https://catalogo-vpfe.dian.gov.co",
    Environment.TEST: "https://catalogo-vpfe-hab.dian.gov.co",
}


class KeyFacts(NamedTuple):
    """The facts that enter a document's identifier. ``counterparty``: the buyer, or a support document's seller."""

    number: str
    issued_at: datetime
    line_extension: Decimal
    vat: Decimal
    consumption: Decimal
    """INC, tax 04."""
    commerce: Decimal
    """ICA, tax 03."""
    payable: Decimal
    issuer: str
    counterparty: str
    environment: Environment


def cufe(facts: KeyFacts, technical_key: SecretStr) -> str:
    """The CUFE of an invoice, types 01, 02 and 04; the key is the one of its range."""
    return _sha384(
        facts.number,
        *_moment(facts.issued_at),
        amount(facts.line_extension),
        # These three taxes always, in this order, 03 last; no other tax has a place here.
        "01" + amount(facts.vat),
        "04" + amount(facts.consumption),
        "03" + amount(facts.commerce),
        amount(facts.payable),
        facts.issuer,
        facts.counterparty,
        technical_key.get_secret_value(),
        facts.environment,
    )


def cude(facts: KeyFacts, software_pin: SecretStr) -> str:
    """The CUDE of a note or of an invoice of type 03: a CUFE with the software's PIN for a key."""
    return cufe(facts, software_pin)


def cuds(facts: KeyFacts, software_pin: SecretStr) -> str:
    """The CUDS of a support document or its adjustment note: one tax only, and the seller before the issuer."""
    return _sha384(
        facts.number,
        *_moment(facts.issued_at),
        amount(facts.line_extension),
        # The whole of the header's first tax. DIAN's own example hashed only its first subtotal, and is wrong.
        "01" + amount(facts.vat),
        amount(facts.payable),
        facts.counterparty,
        facts.issuer,
        software_pin.get_secret_value(),
        facts.environment,
    )


def event_cude(
    *,
    number: str,
    issued_at: datetime,
    sender: str,
    receiver: str,
    code: str,
    referenced_number: str,
    referenced_type: str,
    software_pin: SecretStr,
) -> str:
    """The CUDE of an event on an invoice: no amounts and, unlike all the others, no environment."""
    return _sha384(
        number,
        *_moment(issued_at),
        sender,
        receiver,
        code,
        referenced_number,
        referenced_type,
        software_pin.get_secret_value(),
    )


def software_security_code(software_id: str, software_pin: SecretStr, number: str) -> str:
    """The code that proves that the document was issued with this software: it takes the software's PIN."""
    return _sha384(software_id, software_pin.get_secret_value(), number)


def qr_url(identifier: str, environment: Environment) -> str:
    """The address at which anybody may look a document up; an event's is that of its invoice."""
    return f"{_CATALOGUE[environment]}/document/searchqr?documentkey={identifier}"


def issue_date(issued_at: datetime) -> str:
    return _moment(issued_at)[0]


def issue_time(issued_at: datetime) -> str:
    """``10:53:10-05:00``, 14 characters (rule FAD10)."""
    return _moment(issued_at)[1]


@lru_cache(maxsize=16)
def _moment(issued_at: datetime) -> tuple[str, str]:
    here = bogota(issued_at).isoformat()  # 2026-05-10T10:53:10-05:00
    return here[:10], here[11:]


def amount(value: Decimal) -> str:
    """As an amount enters an identifier: two decimals, cut and not rounded."""
    said = str(value)
    return said if said[-3:-2] == "." else f"{truncated(value):f}"


def _sha384(*parts: str) -> str:
    return hashlib.sha384("".join(parts).encode()).hexdigest()
