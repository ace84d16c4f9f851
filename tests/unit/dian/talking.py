"""A provider connected to a simulated DIAN, and records as emission would hand them over."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from pydantic import SecretStr

from cauce.domain.document import BillingReference, Document, Kind, Payment
from cauce.domain.event import Event
from cauce.domain.issuer import Environment, Issuer
from cauce.domain.nit import check_digit
from cauce.domain.outcome import Number, Outcome
from cauce.domain.record import Record
from cauce.domain.time import bogota
from cauce.providers.base import Connection, Refs, refs
from cauce.providers.dian.provider import Dian
from cauce.ubl import files, own_ranges
from cauce.ubl.certificate import enrolled
from tests.connections import NoTokens
from tests.records import a_record
from tests.simulators.dian import Account, DianSimulator, accounts
from tests.unit.dian.builders import ISSUER, ISSUER_PARTY

SETTINGS = {"support_prefixes": "SEDS", "equivalent_prefixes": "EPOS"}


def issuer(nit: str = ISSUER.nit, **changes: Any) -> Issuer:
    digit = check_digit(nit)
    party = ISSUER_PARTY.model_copy(update={"identification": nit, "check_digit": digit})
    return ISSUER.model_copy(update={"nit": nit, "check_digit": digit, "party": party, **changes})


@cache
def account(nit: str = ISSUER.nit) -> Account:
    """One key for each NIT in the whole run: making them is slow."""
    return accounts.account(nit, "EMPRESA")


def simulator(*nits: str, **options: Any) -> DianSimulator:
    """A simulator that knows these issuers, each as the portal leaves it."""
    made = DianSimulator(**options)
    for nit in nits or (ISSUER.nit,):
        kept = account(nit)
        made.accounts[nit] = fresh(kept)
    return made


def fresh(kept: Account) -> Account:
    return Account(
        nit=kept.nit,
        name=kept.name,
        software_id=kept.software_id,
        pin=kept.pin,
        holder=kept.holder,
        ranges=accounts.default_ranges(),
        test_set=accounts.TestSet(kept.test_set.id),
        email=kept.email,
        equivalent_test_set=replace(kept.equivalent_test_set, accepted={}),
    )


def connected(
    running: DianSimulator | str,
    nit: str = ISSUER.nit,
    environment: Environment = Environment.TEST,
    secrets: dict[str, str] | None = None,
    **settings: str,
) -> Dian:
    """The adapter of an issuer, with what an operator enrols for it."""
    kept = account(nit)
    base_url = running if isinstance(running, str) else running.base_url
    credentials = {
        "software_id": SecretStr(kept.software_id),
        "software_pin": SecretStr(kept.pin),
        "certificate": certificate_of(nit),
    }
    credentials.update({name: SecretStr(text) for name, text in (secrets or {}).items()})
    return Dian(
        Connection(
            issuer=issuer(nit, environment=environment),
            settings={**SETTINGS, "base_url": base_url, **settings},
            credentials=credentials,
            tokens=NoTokens(),
            clock=time.time,
            count=counter(),
        )
    )


def counter() -> Callable[[str], int]:
    """The counts of an issuer, as the table would keep them."""
    numbers: Counter[str] = Counter()

    def following(name: str) -> int:
        numbers[name] += 1
        return numbers[name]

    return following


@cache
def certificate_of(nit: str) -> SecretStr:
    kept = account(nit)
    return enrolled(kept.pkcs12(), SecretStr(kept.password), nit, datetime.now(UTC))


def record(content: Document | Event, consecutive: int = 990_000_001, **changes: Any) -> Record:
    """A record that is about to be sent, in the range that its kind has; issued just now, its file counted."""
    now = datetime.now(UTC)
    issued_at = bogota(now) - timedelta(seconds=1)
    facts: dict[str, Any] = {
        "issuer": ISSUER.nit,
        "document_id": f"0198f9b0-0000-7000-8000-{consecutive:012d}",
        "provider": "dian",
        "issued_at": issued_at,
    }
    if isinstance(content, Document):
        facts |= _numbered(content.kind, consecutive)
    facts |= changes
    counted = {files.number_id(facts["issued_at"].year): str(consecutive)}
    facts["provider_ids"] = {**counted, **facts.get("provider_ids", {})}
    return a_record(content, now, **facts)


def _numbered(kind: Kind, consecutive: int) -> dict[str, Any]:
    known = {found.kind: found for found in own_ranges.internal({})}
    known[Kind.INVOICE] = own_ranges.TEST_RANGE.model_copy(update={"technical_key": None})
    known[Kind.SUPPORT_DOCUMENT] = own_ranges.TEST_RANGE.model_copy(
        update={
            "kind": Kind.SUPPORT_DOCUMENT,
            "prefix": "SEDS",
            "start": 984_000_000,
            "end": 985_000_000,
            "technical_key": None,
        }
    )
    known[Kind.EQUIVALENT_DOCUMENT] = own_ranges.TEST_RANGE.model_copy(
        update={
            "kind": Kind.EQUIVALENT_DOCUMENT,
            "prefix": "EPOS",
            "start": 1,
            "end": 1000,
            "technical_key": None,
        }
    )
    chosen = known[kind]
    if kind is Kind.SUPPORT_DOCUMENT:
        consecutive -= 6_000_000
    if kind is Kind.EQUIVALENT_DOCUMENT:
        consecutive -= 990_000_000
    return {"range": chosen, "number": Number(prefix=chosen.prefix, consecutive=consecutive)}


def emit(provider: Dian, kept: Record) -> Outcome:
    """What emission does with a provider, from the check to the answer."""
    if kept.event is not None:
        provider.check_event(kept.event)
    else:
        provider.check(kept.document)
    found = provider.resolve(kept)
    kept = kept.model_copy(update={"provider_ids": {**kept.provider_ids, **found}})
    return provider.send(provider.prepare(kept))


def asked_for(provider: Dian, kept: Record) -> Refs:
    """What is known of a record after its send, as emission keeps it."""
    return refs(kept.model_copy(update={"uuid": provider.prepare(kept).uuid}))


def corrects(kept: Record, uuid: str) -> BillingReference:
    return BillingReference(number=str(kept.number), uuid=uuid, issue_date=kept.issued_at.date())


def on_credit() -> Payment:
    return Payment(form="2", means="1", due_date=bogota(datetime.now(UTC)).date() + timedelta(days=30))
