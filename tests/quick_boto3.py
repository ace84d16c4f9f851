"""boto3's clients, lent to one test after another: making one takes longer than most of its calls."""

import copy
from collections import Counter, defaultdict
from functools import cache
from typing import Any

from boto3.session import Session

from cauce import faults
from tests.flow.strict import refuse_as_dynamodb


class Lending(Session):
    """A session that lends its clients to one test after another, each as it was when it was made.

    A test that asks for two clients of one service gets two, as it would of another session. ``prepare`` is called with
    each new client.
    """

    def __init__(self, prepare: Any = None) -> None:
        super().__init__()
        self._prepare = prepare
        self._made: dict[Any, list[_Client]] = defaultdict(list)
        self._lent: Counter[Any] = Counter()
        self._configured: dict[str, Any] = {}
        self._promised: dict[str, Any] = {}

    def client(self, *args: Any, **options: Any) -> Any:
        if "config" in options and args[0] in self._promised:
            return self._promised.pop(args[0])
        asked = (args, tuple(sorted(options.items())))
        made, nth = self._made[asked], self._lent[asked]
        self._lent[asked] += 1
        if nth == len(made):
            new = super().client(*args, **options)
            if self._prepare is not None:
                self._prepare(new)
            made.append(_Client(new))
        if "config" in options:
            self._configured.setdefault(args[0], made[nth].client)
        return made[nth].restored()

    def configured(self, service: str) -> Any:
        """The first client of a service that this test is lent with a configuration, as only a gateway asks for it; one
        that it will be lent where it has not asked yet."""
        if service not in self._configured:
            self._promised[service] = self.client(service, config=faults.CONFIG)
        return self._configured[service]

    def give_back(self) -> None:
        """End the test: its clients may be lent again."""
        self._lent.clear()
        self._configured.clear()
        self._promised.clear()


@cache
def session() -> Lending:
    """The session of all tests, whose DynamoDB refuses what the real one does."""
    return Lending(_prepared)


def _prepared(client: Any) -> None:
    if client.meta.service_model.service_name == "dynamodb":
        refuse_as_dynamodb(client)


def own(service: str) -> Any:
    """The gateway's own client of a service: what a test registers with it or sets on it, the gateway meets."""
    return session().configured(service)


class _Client:
    """A client, and what it was when it was made."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self._attributes = dict(vars(client))
        self._events = client.meta.events._emitter
        self._seen = self._events._lookup_cache
        self._handlers = copy.copy(self._events._handlers)
        self._unique = dict(self._events._unique_id_handlers)

    def restored(self) -> Any:
        """The client, without what a test registered or set on it."""
        vars(self.client).clear()
        vars(self.client).update(self._attributes)
        # botocore forgets what it looked up whenever a handler is registered or taken away.
        if self._events._lookup_cache is not self._seen:
            self._events._handlers = copy.copy(self._handlers)
            self._events._unique_id_handlers = dict(self._unique)
            self._events._lookup_cache = self._seen
        return self.client
