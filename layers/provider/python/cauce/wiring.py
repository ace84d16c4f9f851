"""The parts put together, once per container and only when first used."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from functools import cache
from threading import Lock
from typing import TypeVar, cast

import boto3
from botocore.config import Config
from pydantic import SecretStr

from cauce import faults
from cauce.aws import audit_log, breaker, keys, mail, pace
from cauce.aws.access_tokens import AccessTokens, RequestCounts
from cauce.aws.acquirers import Acquirers
from cauce.aws.archive import Archive
from cauce.aws.audit_log import AuditLog
from cauce.aws.breaker import Breaker
from cauce.aws.dead_letters import DeadLetters
from cauce.aws.endpoints import Deliveries, Endpoints
from cauce.aws.failures import Outages, SharedRefusals
from cauce.aws.issuers import Counters, Issuers
from cauce.aws.ledger import Ledger
from cauce.aws.listing import Listing, Numbers
from cauce.aws.lot_files import LotFiles
from cauce.aws.lots import Lots
from cauce.aws.mail import Mail
from cauce.aws.new_records import NewRecords
from cauce.aws.news import Feed
from cauce.aws.papers import Papers
from cauce.aws.places import Places
from cauce.aws.queues import Control, Intake, Looks, Pushes, Queue
from cauce.aws.ranges import Ranges
from cauce.aws.records import Records
from cauce.aws.sealed import Seals
from cauce.aws.secrets import Secrets
from cauce.aws.settings import Settings, from_environment
from cauce.aws.table import Table
from cauce.aws.tokens import SharedToken
from cauce.domain.issuer import Issuer, RequestLimit
from cauce.domain.record import Due
from cauce.gateway import Gateway
from cauce.providers.base import Connection, Pace, Provider, Turns, Unpaced, host_of
from cauce.providers.deadline import within
from cauce.providers.guard import Guarded
from cauce.providers.registry import NAMES, provider_class

C = TypeVar("C")

# Signature version 4: presigned URLs of the older one do not sign an upload's headers, its size and checksum among
# them.
_S3 = faults.CONFIG.merge(Config(signature_version="s3v4"))


def within_a_request() -> AbstractContextManager[None]:
    """Around the work of a request: calls to providers end in time for its answer, for which API Gateway waits 29
    s."""
    return within(REQUEST_SECONDS)


REQUEST_SECONDS = 26.0
"""Seconds that calls to providers may take in a request; the rest is for starting, reading and writing."""
MOST_HELD = 50
"""Providers of issuers that a container keeps, each with a connection or two; Lambda allows it 1,024 open files."""

PATIENCE_SECONDS = 20.0
"""Seconds that a request waits for its record to settle in the queue."""


@cache
def gateway() -> Gateway:
    """The gateway of the stack that this function belongs to."""
    return connect(from_environment())


def connect(
    settings: Settings,
    clock: Callable[[], float] = time.time,
    sleep: Callable[[float], None] = time.sleep,
    patience: float = PATIENCE_SECONDS,
) -> Gateway:
    """A gateway on a stack's resources. One boto3 session serves every client: it is slow to make."""
    session = boto3.Session()
    session.events.register_first("before-send", faults.give_up_in_time, unique_id="give-up-in-time")
    dynamodb = _on_use(lambda: session.client("dynamodb", config=faults.CONFIG))
    secretsmanager = _on_use(lambda: session.client("secretsmanager", config=faults.CONFIG))
    s3 = _on_use(lambda: session.client("s3", config=_S3))
    sqs = _on_use(lambda: session.client("sqs", config=faults.CONFIG))
    kms = _on_use(lambda: session.client("kms", config=faults.CONFIG))
    secrets = Secrets(secretsmanager, settings.secret_prefix)
    seals = Seals(secretsmanager, settings.table_key, clock)
    table = Table(dynamodb, settings.table, sleep)
    counters, ranges, outages = Counters(table), Ranges(table, seals), Outages(table)
    held: dict[tuple[str, str], Provider] = {}  # least recently used first
    breakers: dict[tuple[str, str], Breaker] = {}

    def turns(issuer: Issuer, name: str) -> Turns:
        allowed = _allowed(issuer, name)
        if allowed is None:
            return Unpaced()
        return pace.SharedTurns(table, issuer.nit, name, allowed, clock, sleep)

    def provider(issuer: Issuer, name: str) -> Provider:
        """The named provider for an issuer, kept with its open connections until the issuer or the credentials
        change, or until ``MOST_HELD`` others were asked for since."""
        credentials = secrets.credentials(issuer.nit, name)
        key = (issuer.nit, name)
        current = held.pop(key, None)
        if current is not None and not _is_of(current.connection, issuer, credentials):
            current.close()
            current = None
        held[key] = current = current or connected(issuer, name, credentials)
        if len(held) > MOST_HELD:
            oldest = next(iter(held))
            held.pop(oldest).close()
            breakers.pop(oldest)
        return current

    def connected(issuer: Issuer, name: str, credentials: dict[str, SecretStr]) -> Provider:
        connection = Connection(
            issuer=issuer,
            settings=issuer.settings.get(name, {}),
            credentials=credentials,
            tokens=SharedToken(table, seals, issuer.nit, name, clock, sleep),
            clock=clock,
            turns=turns(issuer, name),
            count=lambda what: counters.next_of_block(f"{name}#{issuer.nit}#{what}"),
            refusals=SharedRefusals(table, issuer.nit, name, clock),
        )
        host = host_of(provider_class(name).address(connection))
        has_outages = provider_class(name).declare(connection.settings).contingency is not None
        watched = Breaker(
            table,
            issuer.nit,
            name,
            host,
            _allowed(issuer, name),
            clock,
            outages=outages if has_outages else None,
        )
        breakers[issuer.nit, name] = watched
        return Guarded(provider_class(name)(connection), watched)

    def ahead(due: Due) -> AbstractContextManager[None]:
        key = (due.issuer, due.provider)
        known = breakers[key].keys() if key in breakers else []
        own = (keys.record(due.issuer, due.document_id), keys.content(due.issuer, due.document_id))
        return table.ahead([*own, keys.issuer(due.issuer), *known])

    return Gateway(
        records=Records(table, clock),
        news=Feed(table, clock),
        endpoints=Endpoints(table, seals),
        deliveries=Deliveries(table),
        local_endpoints=settings.local_endpoints,
        pushes=Pushes(sqs, settings.news_url),
        new_records=NewRecords(table, ranges, clock, sleep),
        listing=Listing(table),
        papers=Papers(table),
        numbers=Numbers(table),
        issuers=Issuers(table),
        ranges=ranges,
        access_tokens=AccessTokens(table),
        acquirers=Acquirers(table, seals),
        counters=counters,
        archive=Archive(s3, settings.bucket),
        queue=Queue(sqs, settings.queue_url),
        places=Places(table),
        ledger=Ledger(table, s3, settings.bucket, kms, settings.ledger_key),
        mail=Mail(
            _on_use(lambda: session.client("sesv2", config=mail.CONFIG)),
            settings.mail_set,
            settings.mail_events_url,
        ),
        lots=Lots(table),
        lot_files=LotFiles(s3, settings.bucket),
        intake=Intake(settings.intake_url),
        control=Control(sqs, settings.control_url),
        looks=Looks(sqs, settings.looks_url),
        provider=provider,
        outages=outages,
        ahead=ahead,
        open_breakers=lambda: dict.fromkeys(NAMES, 0) | breaker.open_breakers(table),
        dead_letters=DeadLetters(sqs, settings.queue_url),
        intake_dead_letters=DeadLetters(sqs, settings.intake_url),
        audit_log=AuditLog(
            lambda: session.client("logs", config=audit_log.CONFIG), settings.audit_log_group, clock
        ),
        control_dead_letters=DeadLetters(sqs, settings.control_url),
        request_counts=RequestCounts(table),
        request_limit=RequestLimit.parsed(settings.request_limit),
        documents_a_second=_documents_a_second,
        now=lambda: datetime.fromtimestamp(clock(), UTC),
        sleep=sleep,
        patience=patience,
    )


class _OnUse:
    """An AWS client that is made when it is first used: making one takes 5 to 50 ms of a cold start."""

    _making = Lock()  # a session is for one thread at a time

    def __init__(self, make: Callable[[], object]):
        self._make = cache(make)
        self._client: object = None

    def __getattr__(self, name: str) -> object:
        if self._client is None:
            with self._making:
                self._client = self._make()
        return getattr(self._client, name)


def _is_of(connection: Connection, issuer: Issuer, credentials: dict[str, SecretStr]) -> bool:
    is_same = connection.issuer is issuer or connection.issuer == issuer
    return is_same and connection.credentials == credentials


def _on_use(make: Callable[[], C]) -> C:
    return cast(C, _OnUse(make))


def _allowed(issuer: Issuer, name: str) -> Pace | None:
    """The provider's pace, or the one that the issuer agreed with it."""
    own = issuer.settings.get(name, {})
    return pace.parsed(own["pace"]) if "pace" in own else provider_class(name).declare(own).pace


def _documents_a_second(issuer: Issuer, name: str) -> float | None:
    allowed = _allowed(issuer, name)
    if allowed is None:
        return None
    return (
        1000 / pace.gap_ms(allowed) / provider_class(name).declare(issuer.settings.get(name, {})).calls_each
    )


def secrets_of(session: boto3.Session, settings: Settings) -> Secrets:
    return Secrets(session.client("secretsmanager", config=faults.CONFIG), settings.secret_prefix)
