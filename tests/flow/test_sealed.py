"""What is sealed in the table: only its own place opens it, with a key that is read once and can be changed."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from cauce import faults
from cauce.aws import keys
from cauce.aws.sealed import DoesNotOpen, Seals
from tests import stack
from tests.quick_boto3 import own

TOKEN = "eyJhbGciOiJSUzI1NiJ9.de-un-proveedor"
HERE = keys.provider_token("901724254", "factus")
SECRET = "cauce-table-key"


class Seconds:
    """Seconds since the epoch."""

    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A fresh stack's Secrets Manager; what it is asked stands in ``asked``."""
    with stack.in_moto(monkeypatch):
        client: Any = boto3.client("secretsmanager", region_name=stack.REGION)
        client.asked = []
        client.meta.events.register(
            "before-call.secretsmanager", lambda model, **_: client.asked.append(model.name)
        )
        yield client


@pytest.fixture
def container(aws: Any, seconds: Seconds) -> Any:
    """A new container's seals."""
    return lambda: Seals(aws, SECRET, seconds)


def keep(aws: Any, text: str) -> None:
    aws.put_secret_value(SecretId=SECRET, SecretString=text)


def test_what_is_sealed_shows_nothing_and_opens_in_any_container(container):
    sealed = container().seal(TOKEN, HERE, "access")

    assert sealed.startswith("v1:")
    assert TOKEN not in sealed
    assert container().open(sealed, HERE, "access") == TOKEN


def test_what_one_version_of_cauce_sealed_the_next_one_opens(container):
    """Made by hand from RFC 5869 and GCM, and not by our code: nothing that is in a table may become unreadable."""
    sealed = (
        "v1:bcd3c2f4:AAECAwQFBgcICQoLueyFidmy7KmuZsbv0GBcEflOmLmWHWz3YgBlfnxOiveJ7V1YmZXyf5TwqsvmjkHsSkNFlA=="
    )

    assert container().open(sealed, HERE, "access") == TOKEN


def test_a_text_is_never_sealed_twice_alike(container):
    seals = container()

    assert len({seals.seal(TOKEN, HERE, "access") for _ in range(50)}) == 50


@pytest.mark.parametrize(
    ("item", "attribute"),
    [
        (keys.provider_token("800197268", "factus"), "access"),
        (keys.provider_token("901724254", "facepro"), "access"),
        (HERE, "refresh"),
    ],
    ids=["another issuer's item", "another provider's item", "another attribute"],
)
def test_what_is_moved_to_another_place_does_not_open(container, item, attribute):
    seals = container()
    sealed = seals.seal(TOKEN, HERE, "access")

    with pytest.raises(DoesNotOpen):
        seals.open(sealed, item, attribute)


def test_what_was_changed_or_is_nothing_sealed_does_not_open(container):
    seals = container()
    version, name, text = seals.seal(TOKEN, HERE, "access").split(":")
    changed = ("B" if text[30] == "A" else "A").join([text[:30], text[31:]])

    for wrong in (
        f"{version}:{name}:{changed}",
        f"{version}:{name}:{text[:20]}",
        f"{version}:{name}:AAA",
        f"{version}:{name}:",
        f"v2:{name}:{text}",
        f"{version}:00000000:{text}",
        TOKEN,
        "",
    ):
        with pytest.raises(DoesNotOpen):
            seals.open(wrong, HERE, "access")


# The secret


def test_the_secret_is_read_once_a_container_however_much_is_sealed_and_opened(container, aws):
    seals = container()
    assert aws.asked == []

    for _ in range(10):
        assert seals.open(seals.seal(TOKEN, HERE, "access"), HERE, "access") == TOKEN

    assert aws.asked == ["GetSecretValue"]


def test_a_gateway_that_seals_and_opens_nothing_does_not_read_the_secret(gateway):
    asked: list[str] = []
    client = own("secretsmanager")
    client.meta.events.register("before-call.secretsmanager", lambda model, **_: asked.append(model.name))

    gateway.ranges.all("901724254")
    list(gateway.issuers.all())

    assert asked == []


def test_a_secret_that_is_not_told_for_a_moment_is_a_fault_and_is_told_the_next_time(
    container, aws, monkeypatch
):
    busy = ClientError({"Error": {"Code": "ThrottlingException", "Message": "x"}}, "GetSecretValue")
    answers: list[Any] = [busy, aws.get_secret_value(SecretId=SECRET)]

    def told(**_: Any) -> Any:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(aws, "get_secret_value", told)
    seals = container()

    with pytest.raises(ClientError) as raised:
        seals.seal(TOKEN, HERE, "access")

    assert faults.is_fault(raised.value)
    assert seals.open(seals.seal(TOKEN, HERE, "access"), HERE, "access") == TOKEN


@pytest.mark.parametrize("trouble", ["gone", "to be deleted", "empty"])
def test_a_secret_that_cannot_be_read_is_a_fault_of_aws_and_not_of_what_was_asked(container, aws, trouble):
    if trouble == "empty":
        keep(aws, " \n")
    else:
        aws.delete_secret(SecretId=SECRET, ForceDeleteWithoutRecovery=trouble == "gone")

    with pytest.raises(faults.KeyNotTold) as raised:
        container().seal(TOKEN, HERE, "access")

    assert faults.is_fault(raised.value)


# Rotation


def test_a_new_key_seals_and_those_before_open_what_they_sealed(container, aws):
    before = container().seal(TOKEN, HERE, "access")
    container().rotate()
    between = container().seal(TOKEN, HERE, "access")
    container().rotate()

    seals = container()
    now = seals.seal(TOKEN, HERE, "access")

    assert len({each.split(":")[1] for each in (before, between, now)}) == 3
    assert [seals.open(each, HERE, "access") for each in (before, between, now)] == [TOKEN] * 3
    assert [seals.is_current(each) for each in (before, between, now)] == [False, False, True]


def test_a_container_that_was_at_work_opens_what_a_newer_key_sealed(container, seconds, aws):
    at_work = container()
    at_work.ready()
    container().rotate()
    sealed = container().seal(TOKEN, HERE, "access")
    seconds.now += 60

    assert at_work.open(sealed, HERE, "access") == TOKEN
    assert at_work.is_current(sealed)


def test_a_key_that_is_nowhere_is_looked_for_once_a_minute(container, seconds, aws):
    sealed = container().seal(TOKEN, HERE, "access")
    keep(aws, "otra")
    seals = container()
    aws.asked.clear()

    for passed in (0, 59, 1, 30):
        seconds.now += passed
        with pytest.raises(DoesNotOpen):
            seals.open(sealed, HERE, "access")

    assert aws.asked == ["GetSecretValue"] * 2


def test_a_secret_that_was_put_back_opens_again(container, seconds, aws):
    sealed = container().seal(TOKEN, HERE, "access")
    keep(aws, "otra")
    at_work = container()
    at_work.ready()
    keep(aws, f"otra {'5JqhGm8a' * 8}")
    seconds.now += 60

    assert at_work.open(sealed, HERE, "access") == TOKEN


def test_of_two_rotations_at_once_one_is_refused_and_no_key_is_lost(container, aws, monkeypatch):
    sealed = []
    put = aws.put_secret_value

    def meanwhile(**asked: Any) -> Any:
        monkeypatch.setattr(aws, "put_secret_value", put)
        container().rotate()
        sealed.append(container().seal(TOKEN, HERE, "access"))
        return put(**asked)

    monkeypatch.setattr(aws, "put_secret_value", meanwhile)

    with pytest.raises(ClientError):
        container().rotate()

    assert container().open(sealed[0], HERE, "access") == TOKEN
