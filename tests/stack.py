"""The template's resources in moto: table and redrive policies are read from the template, never copied here."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml
from boto3.session import Session
from moto import mock_aws

from cauce.aws import keys
from cauce.aws.breaker import Breaker
from cauce.aws.settings import Settings
from cauce.aws.table import Table
from cauce.gateway import Gateway
from cauce.providers.base import Pace
from tests import quick_boto3, quick_dynamodb, quick_moto

ROOT = Path(__file__).resolve().parents[1]
REGION = "us-east-1"
AUDIT_LOG = "cauce-audit"

_made: dict[str, tuple[Settings, bytes]] = {}
"""The stack as it was made in an hour of the tests' clock: what moto writes down of the time stays true."""


class _Loader(yaml.SafeLoader):
    """A YAML loader that leaves CloudFormation's short tags as text."""


_Loader.add_multi_constructor("!", lambda loader, suffix, node: f"!{suffix} {getattr(node, 'value', '')}")


@cache
def template() -> dict[str, Any]:
    """The template, read once; callers must not change it."""
    loaded: dict[str, Any] = yaml.load((ROOT / "template.yaml").read_text(), Loader=_Loader)  # noqa: S506
    return loaded


@cache
def client(service: Any) -> Any:
    """A client for what a test does itself, made once: making one takes longer than most calls. The functions' clients
    are their own."""
    return Session().client(service, region_name=REGION)


@cache
def queue_url(name: str) -> str:
    """Where a queue of the stack is, asked once: moto gives every stack's the same address."""
    found: str = client("sqs").get_queue_url(QueueName=name)["QueueUrl"]
    return found


@contextmanager
def in_moto(monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """A fresh stack in moto, whose gateways are lent their clients."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setattr(boto3, "Session", quick_boto3.session)
    with mock_aws():
        yield create()
    quick_boto3.session().give_back()


def create() -> Settings:
    """Create the resources that the functions use; call it inside moto's mock."""
    quick_dynamodb.install()
    hour = f"{datetime.now(UTC):%Y-%m-%d %H}"
    if not quick_moto.empty():
        return _create()
    if hour in _made:
        settings, kept = _made[hour]
        quick_moto.put_back(kept)
        return settings
    settings = _create()
    _made[hour] = settings, quick_moto.keep()
    return settings


def _create() -> Settings:
    table = template()["Resources"]["Table"]["Properties"]
    client("dynamodb").create_table(
        TableName="cauce",
        **{
            k: table[k]
            for k in ("BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")
        },
    )
    client("s3").create_bucket(Bucket="cauce")
    sqs = client("sqs")
    sqs.create_queue(QueueName="cauce-dead.fifo", Attributes={"FifoQueue": "true"})
    sqs.create_queue(QueueName="cauce-intake-dead")
    sqs.create_queue(QueueName="cauce-control-dead")
    queue = sqs.create_queue(
        QueueName="cauce.fifo",
        Attributes={"FifoQueue": "true", **_redrive_policy("EmissionQueue", "cauce-dead.fifo")},
    )
    intake = sqs.create_queue(
        QueueName="cauce-intake", Attributes=_redrive_policy("IntakeQueue", "cauce-intake-dead")
    )
    key = client("secretsmanager").create_secret(Name="cauce-table-key", SecretString="5JqhGm8a" * 8)
    client("logs").create_log_group(logGroupName=AUDIT_LOG)
    control = sqs.create_queue(
        QueueName="cauce-control", Attributes=_redrive_policy("ControlQueue", "cauce-control-dead")
    )
    looks = sqs.create_queue(QueueName="cauce-looks.fifo", Attributes={"FifoQueue": "true"})
    news = sqs.create_queue(QueueName="cauce-news.fifo", Attributes={"FifoQueue": "true"})
    return Settings(
        table="cauce",
        bucket="cauce",
        queue_url=queue["QueueUrl"],
        intake_url=intake["QueueUrl"],
        control_url=control["QueueUrl"],
        looks_url=looks["QueueUrl"],
        mail_events_url=sqs.create_queue(QueueName="cauce-mails")["QueueUrl"],
        news_url=news["QueueUrl"],
        secret_prefix="cauce/test",
        table_key=key["ARN"],
        stage="local",
        audit_log_group=AUDIT_LOG,
    )


def keep_credentials(nit: str, provider: str, credentials: Mapping[str, str]) -> None:
    """Put an issuer's credentials of a provider where a gateway reads them, in the place of those that are there."""
    secrets, name = client("secretsmanager"), f"cauce/test/{nit}/{provider}"
    try:
        secrets.create_secret(Name=name, SecretString=json.dumps(credentials))
    except secrets.exceptions.ResourceExistsException:
        secrets.put_secret_value(SecretId=name, SecretString=json.dumps(credentials))


def ledger_key() -> str:
    """A key as the template's, for ``Settings.ledger_key``: making one takes longer than most tests, which have none."""
    properties = template()["Resources"]["LedgerKey"]["Properties"]
    what = {each: properties[each] for each in ("KeyUsage", "KeySpec")}
    return str(client("kms").create_key(**what)["KeyMetadata"]["Arn"])


def _redrive_policy(queue: str, dead: str) -> dict[Any, str]:
    """A queue's redrive policy: the template's number of deliveries, and this dead-letter queue."""
    policy = template()["Resources"][queue]["Properties"]["RedrivePolicy"]
    arn = f"arn:aws:sqs:{REGION}:123456789012:{dead}"
    return {
        "RedrivePolicy": json.dumps(
            {"deadLetterTargetArn": arn, "maxReceiveCount": policy["maxReceiveCount"]}
        )
    }


def table(sleep: Callable[[float], None] = time.sleep) -> Table:
    """The stack's table, as another container has it."""
    return Table(client("dynamodb"), "cauce", sleep)


def forget_news(nit: str) -> None:
    """Delete an issuer's news, as where a test begins with an issuer that has been there for long."""
    dynamodb, news = client("dynamodb"), {":pk": {"S": keys.news_of(nit)}}
    found = dynamodb.query(
        TableName="cauce", KeyConditionExpression="pk = :pk", ExpressionAttributeValues=news
    )
    for item in found["Items"]:
        dynamodb.delete_item(TableName="cauce", Key={"pk": item["pk"], "sk": item["sk"]})


def breaker_of(
    gateway: Gateway,
    nit: str,
    name: str,
    host: str = "127.0.0.1",
    pace: Pace | None = None,
    *,
    client: Any = None,
) -> Breaker:
    """The breakers of an issuer's calls, of its credential and of the simulators' host, as another container sees
    them. ``client``: of DynamoDB, where it is not the gateway's own.
    """
    own = Table(client or quick_boto3.own("dynamodb"), "cauce", time.sleep)
    return Breaker(own, nit, name, host, pace, lambda: gateway.now().timestamp())
