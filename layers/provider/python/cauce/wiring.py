"""The parts put together, once per container and only when first used."""

import time
from datetime import UTC, datetime
from functools import cache

import boto3
from botocore.config import Config

from cauce.aws.archive import Archive
from cauce.aws.queue import Queue
from cauce.aws.secrets import Secrets
from cauce.aws.settings import Settings, from_environment
from cauce.aws.store import Store
from cauce.aws.tokens import SharedToken
from cauce.domain.issuer import Issuer
from cauce.gateway import Gateway
from cauce.providers.base import Connection, Provider
from cauce.providers.registry import provider_class

_AWS = Config(connect_timeout=2, read_timeout=10, retries={"mode": "standard", "max_attempts": 4})


@cache
def gateway() -> Gateway:
    """The gateway of the stack that this function belongs to."""
    return connect(from_environment())


def connect(settings: Settings) -> Gateway:
    """A gateway on a stack's resources. One boto3 session serves every client: it is slow to make."""
    session = boto3.Session()
    dynamodb = session.client("dynamodb", config=_AWS)
    secrets = secrets_of(session, settings)
    held: dict[tuple[str, str], Provider] = {}

    def provider(issuer: Issuer, name: str) -> Provider:
        """Kept from call to call, so that its connections stay open, until its settings change."""
        credentials = secrets.credentials(issuer.nit, name)
        key = (issuer.nit, name)
        current = held.get(key)
        if (
            current is None
            or current.connection.issuer != issuer
            or current.connection.credentials != credentials
        ):
            tokens = SharedToken(dynamodb, settings.table, issuer.nit, name, time.time)
            connection = Connection(
                issuer=issuer,
                settings=issuer.settings.get(name, {}),
                credentials=credentials,
                tokens=tokens,
                clock=time.time,
            )
            current = held[key] = provider_class(name)(connection)
        return current

    return Gateway(
        store=Store(dynamodb, settings.table),
        archive=Archive(session.client("s3", config=_AWS), settings.bucket),
        queue=Queue(session.client("sqs", config=_AWS), settings.queue_url),
        provider=provider,
        now=lambda: datetime.now(UTC),
    )


def secrets_of(session: boto3.Session, settings: Settings) -> Secrets:
    return Secrets(session.client("secretsmanager", config=_AWS), settings.secret_prefix)
