"""One login for all containers: no stampede, no container left behind by one that died; and no token in clear."""

import threading
import time
from typing import Any

import boto3
import pytest
from pydantic import SecretStr

from cauce import faults
from cauce.aws import items, keys
from cauce.aws.sealed import Seals
from cauce.aws.table import Table
from cauce.aws.tokens import SharedToken
from cauce.domain.errors import CredentialsRejected, NotSent
from cauce.providers.base import Token
from tests import stack

NOW = 1_800_000_000.0


class Seconds:
    """Seconds since the epoch; a container that sleeps lets them pass."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now

    def sleep(self, pause: float) -> None:
        """Time passes for the other containers, which are threads."""
        time.sleep(pause)


class Died(BaseException):
    """The process is gone: nothing after it runs."""


class Serial:
    """A client whose calls happen one at a time, as DynamoDB's do on one item and moto's do not."""

    def __init__(self, client: Any):
        self._client = client
        self._one = threading.Lock()
        self.died = False
        """The process that uses it is gone: none of its calls arrives."""
        self.after: dict[str, Any] = {}
        """What happens right after the next call of an operation: another container's doings."""

    @property
    def exceptions(self) -> Any:
        return self._client.exceptions

    def __getattr__(self, operation: str) -> Any:
        def called(**arguments: Any) -> Any:
            if self.died:
                raise Died
            with self._one:
                answer = getattr(self._client, operation)(**arguments)
            happening = self.after.pop(operation, None)
            if happening:
                happening()
            return answer

        return called


class Login:
    """The provider's login: each gives another token; it may fail, or take its time."""

    def __init__(self, seconds: Seconds):
        self.clock = seconds
        self.olds: list[str | None] = []
        self.trouble: BaseException | None = None
        self.seconds = 0.0

    def __call__(self, old: Token | None) -> Token:
        self.olds.append(old.access.get_secret_value() if old else None)
        time.sleep(self.seconds)
        if self.trouble:
            raise self.trouble
        return Token(SecretStr(f"access-{len(self.olds)}"), SecretStr("refresh"), self.clock() + 600)


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def login(seconds: Seconds) -> Login:
    return Login(seconds)


@pytest.fixture
def table(gateway: Any) -> Serial:
    return Serial(boto3.client("dynamodb", region_name=stack.REGION))


@pytest.fixture
def sleeps(seconds: Seconds, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Sleeping costs the test nothing, and the clock what was slept."""
    slept: list[float] = []

    def sleep(pause: float) -> None:
        slept.append(pause)
        seconds.now += pause

    monkeypatch.setattr(seconds, "sleep", sleep)
    return slept


@pytest.fixture
def secret(gateway: Any) -> Any:
    """Secrets Manager, where the table's key is."""
    return boto3.client("secretsmanager", region_name=stack.REGION)


@pytest.fixture
def container(table: Serial, secret: Any, seconds: Seconds) -> Any:
    """A new container of an issuer: ``container()`` or ``container("800197268")``."""

    def made(nit: str = "901724254", provider: str = "factus") -> SharedToken:
        seals = Seals(secret, "cauce-table-key", seconds)
        return shared(table, seals, nit, provider, seconds)

    return made


def shared(table: Any, seals: Seals, nit: str, provider: str, seconds: Seconds) -> SharedToken:
    def sleep(pause: float) -> None:
        seconds.sleep(pause)

    return SharedToken(Table(table, "cauce", sleep), seals, nit, provider, seconds, sleep)


def access(token: Token) -> str:
    return token.access.get_secret_value()


def test_a_login_serves_every_container_until_it_expires(container, login, seconds):
    first, second = container(), container()
    assert [access(each.get(login)) for each in (first, second, container(), first)] == ["access-1"] * 4

    seconds.now += 601
    assert [access(each.get(login)) for each in (first, second, container())] == ["access-2"] * 3
    assert login.olds == [None, "access-1"]


def test_issuers_and_providers_have_tokens_of_their_own(container, login):
    assert access(container().get(login)) == "access-1"
    assert access(container("800197268").get(login)) == "access-2"
    assert access(container("901724254", "otro").get(login)) == "access-3"
    assert access(container().get(login)) == "access-1"


def test_a_refused_token_is_renewed_once_for_all_who_were_refused(container, login):
    containers = [container() for _ in range(4)]
    old, *_ = [each.get(login) for each in containers]

    assert [access(each.get(login, rejected=old)) for each in containers] == ["access-2"] * 4
    assert login.olds == [None, "access-1"]


@pytest.mark.parametrize("everyone", [4, 16])
def test_many_cold_starts_at_once_are_one_login(container, login, everyone):
    login.seconds = 0.3
    barrier, found = threading.Barrier(everyone), []

    def start() -> None:
        mine = container()
        barrier.wait()
        found.append(access(mine.get(login)))

    threads = [threading.Thread(target=start) for _ in range(everyone)]
    for thread in threads:
        thread.start()
    for thread in threads:
        # The clock stands still, so a container that waits does so for as long as it takes.
        thread.join(timeout=20)

    assert found == ["access-1"] * everyone
    assert login.olds == [None]


def test_a_token_stored_between_a_look_and_its_lease_is_used(container, login, table):
    """The other container looked, logged in and gave up its lease after our look, before our lease."""
    mine, other = container(), container()
    table.after["get_item"] = lambda: other.get(login)

    assert access(mine.get(login)) == "access-1"
    assert login.olds == [None]
    assert access(container().get(login)) == "access-1"


def test_the_lease_of_a_container_that_died_ends_and_another_logs_in(
    container, login, seconds, sleeps, table
):
    def dies(_: Token | None) -> Token:
        table.died = True
        raise Died

    with pytest.raises(Died):
        container().get(dies)

    table.died = False
    assert access(container().get(login)) == "access-1"
    assert 14 <= seconds.now - NOW <= 17


def test_who_waits_for_a_login_that_never_ends_is_told_to_come_back(container, login, seconds, sleeps, table):
    leased = {**keys.provider_token("901724254", "factus"), "leased_until": int(seconds.now) + 3600}
    table.put_item(TableName="cauce", Item=items.pack(leased))

    with pytest.raises(NotSent) as busy:
        container().get(login)

    assert busy.value.retry_after == 15
    assert 30 <= seconds.now - NOW <= 31
    assert login.olds == []


def test_a_login_that_fails_leaves_the_way_free_and_nothing_behind(container, login, sleeps):
    for trouble in (CredentialsRejected("no entra"), NotSent("no conecta"), KeyboardInterrupt()):
        login.trouble = trouble
        with pytest.raises(type(trouble)):
            container().get(login)
    login.trouble = None

    assert access(container().get(login)) == "access-4"
    assert sleeps == []


def test_a_token_without_refresh_is_kept_too(container, seconds):
    made = Token(SecretStr("alone"), None, seconds() + 60)

    assert container().get(lambda _old: made) == made
    assert container().get(lambda _old: pytest.fail("it was stored")) == made


def test_a_stored_token_says_when_it_may_be_forgotten(container, login, seconds):
    container().get(login)

    pages = boto3.client("dynamodb", region_name=stack.REGION).scan(TableName="cauce")["Items"]
    item = next(item for item in pages if item["pk"]["S"].startswith("PROVIDER_TOKEN"))
    assert int(item["expires_at"]["N"]) == int(NOW) + 600 + 86_400
    assert "leased_until" not in item


def test_no_token_shows_in_a_repr(container, login):
    token = container().get(login)

    assert "access-1" not in repr(token)
    assert "refresh" not in repr(token).replace("refresh=", "")


# Sealed


def stored(nit: str = "901724254") -> dict[str, Any]:
    """An issuer's item as it stands in the table."""
    key = items.pack(dict(keys.provider_token(nit, "factus")))
    found = boto3.client("dynamodb", region_name=stack.REGION).get_item(TableName="cauce", Key=key)
    return items.unpack(found["Item"]) if "Item" in found else {}


def store(attributes: dict[str, Any], nit: str = "901724254") -> None:
    item = {**attributes, **keys.provider_token(nit, "factus")}
    boto3.client("dynamodb", region_name=stack.REGION).put_item(TableName="cauce", Item=items.pack(item))


def test_the_table_holds_no_trace_of_a_token(container, login):
    container().get(login)

    assert {"sealed_access", "sealed_refresh"} <= stored().keys()
    assert "access-1" not in str(stored())
    assert "refresh" not in str(stored()).replace("sealed_refresh", "")


def test_a_token_written_in_clear_before_is_read_and_its_next_one_is_sealed(container, login, seconds):
    store({"access": "de-antes", "refresh": "otro", "token_expires_at": str(NOW + 60), "expires_at": 1})

    assert access(container().get(login)) == "de-antes"
    assert login.olds == []

    seconds.now += 61
    assert access(container().get(login)) == "access-1"
    assert login.olds == ["de-antes"]
    assert "de-antes" not in str(stored())
    assert stored().keys().isdisjoint({"access", "refresh"})


def test_a_token_that_was_put_in_another_issuers_item_is_none(container, login):
    container("800197268").get(login)
    store(stored("800197268"))

    assert access(container().get(login)) == "access-2"
    assert login.olds == [None, None]


def test_a_token_that_was_sealed_with_a_key_which_is_gone_is_none_and_a_login_replaces_it(
    container, login, secret
):
    container().get(login)
    secret.put_secret_value(SecretId="cauce-table-key", SecretString="otra llave")

    assert access(container().get(login)) == "access-2"
    assert access(container().get(login)) == "access-2"
    assert login.olds == [None, None]


@pytest.mark.parametrize(
    "before", [{}, {"access": "a", "token_expires_at": "1", "expires_at": 1}], ids=["none", "ended"]
)
def test_without_the_key_nobody_logs_in_and_nothing_is_written_in_clear(container, login, secret, before):
    if before:
        store(before)
    kept = secret.get_secret_value(SecretId="cauce-table-key")["SecretString"]
    secret.put_secret_value(SecretId="cauce-table-key", SecretString=" ")

    with pytest.raises(faults.KeyNotTold):
        container().get(login)
    assert login.olds == []
    assert stored().keys() <= {"pk", "sk"}

    secret.put_secret_value(SecretId="cauce-table-key", SecretString=kept)
    assert access(container().get(login)) == "access-1"
