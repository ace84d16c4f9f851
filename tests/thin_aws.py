"""AWS in memory, as thin as it can be, with a bill: for what our own code costs, and for what it asks of AWS.

``tests.stack`` is moto behind botocore, and checks far more; nine tenths of a call's time there are theirs. Here a
client answers from a dictionary, and adds up what the real one would charge for (``Bill``). Only what the package calls
is here: DynamoDB's reads, writes, transactions and queries, S3's objects, a secret, and queues that nobody waits for.

Write units, as DynamoDB charges them: a write costs its item's kB, begun ones whole, the larger of before and after;
in a transaction twice that. An index that has keys only costs one unit for a new, changed or removed entry, and two
where the entry's own key changes; one whose entry stays as it was costs nothing. A read costs a unit for each 4 kB,
half of that where it need not be consistent.

Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
"""

import io
import json
import re
from bisect import bisect_left, bisect_right, insort
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from math import ceil
from types import SimpleNamespace
from typing import Any
from unittest import mock

import boto3
from botocore.exceptions import ClientError

from cauce import wiring
from cauce.aws.settings import Settings
from cauce.gateway import Gateway
from tests.stack import template

Item = dict[str, dict[str, Any]]
SETTINGS = Settings(
    table="cauce",
    bucket="cauce",
    queue_url="https://sqs.invalid/cauce.fifo",
    intake_url="https://sqs.invalid/cauce-intake",
    control_url="https://sqs.invalid/cauce-control",
    looks_url="https://sqs.invalid/cauce-looks.fifo",
    news_url="https://sqs.invalid/cauce-news.fifo",
    secret_prefix="cauce/test",
    table_key="cauce-table-key",
    stage="local",
    audit_log_group="cauce-audit",
)


@dataclass
class Bill:
    """What was asked of AWS since the bill began."""

    requests: Counter[str] = field(default_factory=Counter)
    """Calls, by service and operation: ``dynamodb.PutItem``."""
    table_units: int = 0
    plain_units: int = 0
    """``table_units`` as if no write were a transaction's: how much is written, not what it costs."""
    index_units: int = 0
    read_units: float = 0.0
    items_read: int = 0
    """Items and rows of indexes that reads and queries went through."""
    by_partition: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Write units by the index, ``""`` for the table, and the partition key that they went to."""
    log_bytes: int = 0
    """Of the events that were put in log groups."""

    def calls(self, service: str) -> int:
        return sum(count for name, count in self.requests.items() if name.startswith(f"{service}."))

    @property
    def write_units(self) -> int:
        """Of the table and its indexes together."""
        return self.table_units + self.index_units


class Aws:
    """The resources of one stack, and the clients of a session on them."""

    def __init__(self) -> None:
        self.bill = Bill()
        self.weighs = True
        """Whether units are added up, which takes longer than the rest; calls always are."""
        self.table = _Table()
        self.objects: dict[str, tuple[bytes, str, dict[str, str]]] = {}
        self.secrets = {"cauce-table-key": "5JqhGm8a" * 8}
        self.queues: defaultdict[str, list[str]] = defaultdict(list)
        """The bodies of messages, by the queue's URL."""
        self.events = SimpleNamespace(register_first=lambda *_, **__: None)

    @property
    def units(self) -> Bill | None:
        """The bill, where units are added up."""
        return self.bill if self.weighs else None

    def client(self, service: str, **_: object) -> Any:
        return _CLIENTS[service](self)

    def taken(self, queue_url: str) -> list[str]:
        """The bodies of a queue's messages, which leave it."""
        return self.queues.pop(queue_url, [])

    def begin(self) -> Bill:
        """A new bill, from now on."""
        self.bill = Bill()
        return self.bill

    def keep_credentials(self, nit: str, provider: str, credentials: Mapping[str, str]) -> None:
        self.secrets[f"{SETTINGS.secret_prefix}/{nit}/{provider}"] = json.dumps(dict(credentials))


@contextmanager
def connected(aws: Aws, clock: Callable[[], float], sleep: Callable[[float], None]) -> Iterator[Gateway]:
    """A gateway on these resources, which every handler gets while the context lasts."""
    with mock.patch.object(boto3, "Session", return_value=aws):
        made = wiring.connect(SETTINGS, clock, sleep)

        def gateway() -> Gateway:  # a mock's own call would take longer than a call of AWS here
            return made

        with mock.patch.object(wiring, "gateway", gateway):
            yield made


def _refusal(name: str) -> type[ClientError]:
    return type(name, (ClientError,), {})


class _Exceptions:
    ConditionalCheckFailedException = _refusal("ConditionalCheckFailedException")
    TransactionCanceledException = _refusal("TransactionCanceledException")
    TransactionConflictException = _refusal("TransactionConflictException")
    ResourceExistsException = _refusal("ResourceExistsException")
    ResourceAlreadyExistsException = _refusal("ResourceAlreadyExistsException")


class _Client:
    exceptions = _Exceptions
    service = ""

    def __init__(self, aws: Aws) -> None:
        self.aws = aws

    def _asked(self, operation: str) -> None:
        self.aws.bill.requests[f"{self.service}.{operation}"] += 1


# DynamoDB


@dataclass(frozen=True)
class _Index:
    pk: str
    sk: str
    more: frozenset[str] | None = frozenset()
    """The attributes that it has besides the keys; ``None`` for all."""
    rows: dict[str, list[tuple[str, str, str]]] = field(default_factory=dict)
    """By partition: the sort key of each entry and its item's own two keys, in order."""

    @classmethod
    def described(cls, found: dict[str, Any]) -> "_Index":
        """An index as the template has it."""
        pk, sk = (key["AttributeName"] for key in found["KeySchema"])
        projection = found["Projection"]
        is_whole = projection["ProjectionType"] == "ALL"
        return cls(pk, sk, None if is_whole else frozenset(projection.get("NonKeyAttributes", ())))

    def place(self, item: Item | None) -> tuple[str, tuple[str, str, str]] | None:
        """The partition of an item, and its row there; ``None`` where it has none."""
        if item is None or self.pk not in item or self.sk not in item:
            return None
        return item[self.pk]["S"], (item[self.sk]["S"], item["pk"]["S"], item["sk"]["S"])

    def projected(self, item: Item) -> Item:
        if self.more is None:
            return item
        names = {"pk", "sk", self.pk, self.sk, *self.more}
        return {name: item[name] for name in names if name in item}

    def move(self, before: Item | None, after: Item | None) -> None:
        """Put an item's row where it belongs now."""
        was, now = self.place(before), self.place(after)
        if was == now:
            return
        if was is not None:
            rows = self.rows[was[0]]
            del rows[bisect_left(rows, was[1])]
        if now is not None:
            insort(self.rows.setdefault(now[0], []), now[1])

    def units(self, before: Item | None, after: Item | None) -> Iterator[tuple[str, int]]:
        """The write units of an item's change, with the partition that each part of them goes to."""
        was, now = self.place(before), self.place(after)
        left = _kilobytes(self.projected(before)) if before and was else 0
        new = _kilobytes(self.projected(after)) if after and now else 0
        if was != now:
            if was:
                yield was[0], left
            if now:
                yield now[0], new
        elif now and before and after and self.projected(before) != self.projected(after):
            yield now[0], max(left, new)


class _Table:
    def __init__(self) -> None:
        self.items: dict[tuple[str, str], Item] = {}
        self.partitions = _Index("pk", "sk", None)
        indexes = template()["Resources"]["Table"]["Properties"]["GlobalSecondaryIndexes"]
        self.indexes = {found["IndexName"]: _Index.described(found) for found in indexes}

    def write(self, bill: Bill | None, key: tuple[str, str], after: Item | None, times: int = 1) -> None:
        """Write an item in the place of the one that is there, or delete that."""
        before = self.items.get(key)
        if after is None:
            self.items.pop(key, None)
        else:
            self.items[key] = after
        for index in (self.partitions, *self.indexes.values()):
            index.move(before, after)
        if bill is not None:
            kilobytes = max(1, _kilobytes(before or {}), _kilobytes(after or {}))
            bill.table_units += times * kilobytes
            bill.plain_units += kilobytes
            bill.by_partition["", key[0]] += times * kilobytes
            for name, index in self.indexes.items():
                for partition, units in index.units(before, after):
                    bill.index_units += units
                    bill.by_partition[name, partition] += units


def _kilobytes(item: Item) -> int:
    return ceil(size(item) / 1024)


def size(item: Item) -> int:
    """The bytes of an item: its attributes' names and values."""
    return sum(len(name) + _value_size(value) for name, value in item.items())


def _value_size(typed: Mapping[str, Any]) -> int:
    ((kind, value),) = typed.items()
    if kind == "S":
        return len(value.encode())
    if kind == "N":
        return len(value) // 2 + 1
    if kind in ("BOOL", "NULL"):
        return 1
    if kind == "M":
        return 3 + sum(1 + len(name) + _value_size(inner) for name, inner in value.items())
    if kind == "L":
        return 3 + sum(1 + _value_size(inner) for inner in value)
    return len(value) if kind == "B" else sum(len(each) for each in value)


class _DynamoDB(_Client):
    service = "dynamodb"

    def get_item(self, *, Key: Item, ConsistentRead: bool = False, **_: object) -> dict[str, Any]:
        self._asked("GetItem")
        found = self.aws.table.items.get(_key(Key))
        self._read([found] if found else [], consistent=ConsistentRead)
        return {"Item": found} if found else {}

    def batch_get_item(self, *, RequestItems: dict[str, Any]) -> dict[str, Any]:
        self._asked("BatchGetItem")
        ((table, asked),) = RequestItems.items()
        held = (self.aws.table.items.get(_key(key)) for key in asked["Keys"])
        found = [item for item in held if item]
        self._read(found, consistent=asked.get("ConsistentRead", False))
        return {"Responses": {table: found}}

    def put_item(self, **put: Any) -> dict[str, Any]:
        self._asked("PutItem")
        self._check(put, _key(put["Item"]))
        self.aws.table.write(self.aws.units, _key(put["Item"]), put["Item"])
        return {}

    def update_item(self, *, ReturnValues: str = "NONE", **update: Any) -> dict[str, Any]:
        self._asked("UpdateItem")
        key = _key(update["Key"])
        self._check(update, key)
        after, touched = self._updated(update)
        self.aws.table.write(self.aws.units, key, after)
        whole = ReturnValues == "ALL_NEW"
        return {"Attributes": {name: it for name, it in after.items() if whole or name in touched}}

    def delete_item(self, **delete: Any) -> dict[str, Any]:
        self._asked("DeleteItem")
        self._check(delete, _key(delete["Key"]))
        self.aws.table.write(self.aws.units, _key(delete["Key"]), None)
        return {}

    def transact_write_items(self, *, TransactItems: list[dict[str, Any]], **_: object) -> dict[str, Any]:
        self._asked("TransactWriteItems")
        asked = [next(iter(each.items())) for each in TransactItems]
        keys = [_key(write.get("Key") or write["Item"]) for _, write in asked]
        reasons = [
            {"Code": "None" if self._holds(write, key) else "ConditionalCheckFailed"}
            for (_, write), key in zip(asked, keys, strict=True)
        ]
        if any(reason["Code"] != "None" for reason in reasons):
            answer: Any = {"Error": {"Code": "TransactionCanceledException"}, "CancellationReasons": reasons}
            raise self.exceptions.TransactionCanceledException(answer, "TransactWriteItems")
        for (operation, write), key in zip(asked, keys, strict=True):
            if operation == "ConditionCheck":
                self.aws.bill.table_units += 2
            else:
                self.aws.table.write(self.aws.units, key, self._after(operation, write), times=2)
        return {}

    def _after(self, operation: str, write: dict[str, Any]) -> Item | None:
        if operation == "Delete":
            return None
        return write["Item"] if operation == "Put" else self._updated(write)[0]

    def query(
        self,
        *,
        KeyConditionExpression: str,
        ExpressionAttributeValues: Item,
        IndexName: str | None = None,
        Limit: int | None = None,
        ScanIndexForward: bool = True,
        ExclusiveStartKey: Item | None = None,
        ConsistentRead: bool = False,
        **_: object,
    ) -> dict[str, Any]:
        self._asked("Query")
        table = self.aws.table
        index = table.indexes[IndexName] if IndexName else table.partitions
        name, partition, low, high = _range(KeyConditionExpression, ExpressionAttributeValues)
        assert name == index.pk, (name, index)
        rows = index.rows.get(partition, [])
        first, last = bisect_left(rows, (low,)), bisect_left(rows, (high,))
        if ExclusiveStartKey:
            start = (ExclusiveStartKey[index.sk]["S"], *_key(ExclusiveStartKey))
            if ScanIndexForward:
                first = max(first, bisect_right(rows, start))
            else:
                last = min(last, bisect_left(rows, start))
        more = Limit is not None and last - first > Limit
        if Limit is not None:
            first, last = (
                (first, min(last, first + Limit)) if ScanIndexForward else (max(first, last - Limit), last)
            )
        page = rows[first:last][:: 1 if ScanIndexForward else -1]
        held = [table.items[row[1:]] for row in page]
        shown = [index.projected(item) for item in held]
        self._read(shown, consistent=ConsistentRead, together=True)
        answer: dict[str, Any] = {"Items": shown, "Count": len(shown)}
        if more:
            answer["LastEvaluatedKey"] = {each: held[-1][each] for each in {"pk", "sk", index.pk, index.sk}}
        return answer

    def get_paginator(self, operation: str) -> Any:
        assert operation == "query"
        return SimpleNamespace(paginate=self._pages)

    def _pages(self, *, PaginationConfig: object = None, **asked: Any) -> Iterator[dict[str, Any]]:
        following: dict[str, Any] | None = {}
        while following is not None:
            answer = self.query(**asked, **following)
            yield answer
            last = answer.get("LastEvaluatedKey")
            following = {"ExclusiveStartKey": last} if last else None

    def _read(self, found: list[Item], *, consistent: bool, together: bool = False) -> None:
        bill = self.aws.units
        if bill is None:
            return
        bill.items_read += len(found)
        sizes = [sum(map(size, found))] if together else [size(item) for item in found]
        bill.read_units += sum(max(1, ceil(each / 4096)) for each in sizes) * (1.0 if consistent else 0.5)

    def _check(self, write: dict[str, Any], key: tuple[str, str]) -> None:
        if not self._holds(write, key):
            self.aws.bill.table_units += 1  # as much as any refused write, at least
            answer: Any = {"Error": {"Code": "ConditionalCheckFailedException"}}
            raise self.exceptions.ConditionalCheckFailedException(answer, "Write")

    def _holds(self, write: dict[str, Any], key: tuple[str, str]) -> bool:
        text = write.get("ConditionExpression")
        if text is None:
            return True
        return bool(_condition(text)(_Case(write, self.aws.table.items.get(key, {}))))

    def _updated(self, update: dict[str, Any]) -> tuple[Item, set[str]]:
        before = self.aws.table.items.get(_key(update["Key"]), update["Key"])
        case, after = _Case(update, before), dict(before)
        touched = {change(case, after) for change in _changes(update["UpdateExpression"])}
        return after, touched


def _key(item: Item) -> tuple[str, str]:
    return item["pk"]["S"], item["sk"]["S"]


_BEGINS = re.compile(
    r"(\w+) = (:\w+)(?: AND (?:begins_with\((\w+), (:\w+)\)|(\w+) BETWEEN (:\w+) AND (:\w+)|(\w+) <= (:\w+)))?"
)
_LAST = "\U0010ffff"


def _range(condition: str, values: Item) -> tuple[str, str, str, str]:
    """The partition's attribute and value, and the sort keys between which a query reads: from, and up to but without."""
    found = _BEGINS.fullmatch(condition)
    assert found, condition
    told = {name: value["S"] for name, value in values.items()}
    partition = told[found[2]]
    if found[4]:
        return found[1], partition, told[found[4]], told[found[4]] + _LAST
    if found[6]:
        return found[1], partition, told[found[6]], told[found[7]] + "\0"
    if found[9]:
        return found[1], partition, "", told[found[9]] + "\0"
    return found[1], partition, "", _LAST


# Expressions, each read once


class _Case:
    """The names and values of an expression, and the item that it is about."""

    __slots__ = ("item", "names", "values")

    def __init__(self, write: dict[str, Any], item: Item) -> None:
        self.item = item
        self.names = write.get("ExpressionAttributeNames", {})
        self.values = write.get("ExpressionAttributeValues", {})

    def name(self, word: str) -> str:
        return str(self.names[word]) if word[0] == "#" else word


_Read = Callable[[_Case], Any]
_WORD = re.compile(r"\s*([#:]?\w+|<=|>=|<>|[=<>(),+-])")
_COMPARED: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda one, other: one == other,
    "<>": lambda one, other: one != other,
    "<": lambda one, other: one < other,
    "<=": lambda one, other: one <= other,
    ">": lambda one, other: one > other,
    ">=": lambda one, other: one >= other,
}


class _Words:
    def __init__(self, text: str) -> None:
        self.left = _WORD.findall(text)[::-1]

    def take(self, word: str | None = None) -> str:
        found = self.left.pop()
        assert word in (None, found), (word, found)
        return str(found)

    def next(self) -> str:
        return str(self.left[-1]) if self.left else ""


@lru_cache(maxsize=4096)
def _condition(text: str) -> _Read:
    words = _Words(text)
    found = _either(words)
    assert not words.left, text
    return found


def _either(words: _Words) -> _Read:
    one = _both(words)
    while words.next() == "OR":
        words.take()
        one = _or(one, _both(words))
    return one


def _both(words: _Words) -> _Read:
    one = _term(words)
    while words.next() == "AND":
        words.take()
        one = _and(one, _term(words))
    return one


def _or(one: _Read, other: _Read) -> _Read:
    return lambda case: one(case) or other(case)


def _and(one: _Read, other: _Read) -> _Read:
    return lambda case: one(case) and other(case)


def _term(words: _Words) -> _Read:
    if words.next() == "(":
        words.take()
        found = _either(words)
        words.take(")")
        return found
    if words.next() in ("attribute_exists", "attribute_not_exists"):
        is_there = words.take() == "attribute_exists"
        words.take("(")
        name = words.take()
        words.take(")")
        return lambda case: (case.name(name) in case.item) is is_there
    if words.next() == "contains":
        words.take()
        words.take("(")
        whole = _operand(words)
        words.take(",")
        part = _operand(words)
        words.take(")")
        return lambda case: part(case) in (whole(case) or ())
    left = _operand(words)
    compared = _COMPARED[words.take()]
    right = _operand(words)

    def holds(case: _Case) -> bool:
        one, other = left(case), right(case)
        return one is not None and other is not None and compared(one, other)

    return holds


def _operand(words: _Words) -> _Read:
    word = words.take()
    if word == "size":
        words.take("(")
        of = _operand(words)
        words.take(")")
        return lambda case: len(of(case) or ())
    if word[0] == ":":
        return lambda case: _plain(case.values[word])
    return lambda case: _plain(case.item.get(case.name(word)))


def _plain(typed: Mapping[str, Any] | None) -> Any:
    if typed is None:
        return None
    ((kind, value),) = typed.items()
    return Decimal(value) if kind == "N" else value


_Change = Callable[[_Case, Item], str]


@lru_cache(maxsize=4096)
def _changes(text: str) -> tuple[_Change, ...]:
    words, found, clause = _Words(text), list[_Change](), ""
    while words.left:
        if words.next() in ("SET", "REMOVE", "ADD", "DELETE"):
            clause = words.take()
        else:
            words.take(",")
        found.append(_CLAUSES[clause](words))
    return tuple(found)


def _set(words: _Words) -> _Change:
    name = words.take()
    words.take("=")
    value = _assigned(words)
    while words.next() in ("+", "-"):
        value = _sum(value, words.take() == "+", _assigned(words))

    def change(case: _Case, after: Item) -> str:
        found = case.name(name)
        after[found] = value(case)
        return found

    return change


def _assigned(words: _Words) -> _Read:
    word = words.take()
    if word == "if_not_exists":
        words.take("(")
        name = words.take()
        words.take(",")
        other = _assigned(words)
        words.take(")")
        return lambda case: case.item[case.name(name)] if case.name(name) in case.item else other(case)
    if word[0] == ":":
        return lambda case: case.values[word]
    return lambda case: case.item[case.name(word)]


def _sum(one: _Read, plus: bool, other: _Read) -> _Read:
    def added(case: _Case) -> dict[str, str]:
        left, right = Decimal(one(case)["N"]), Decimal(other(case)["N"])
        return {"N": f"{left + right if plus else left - right:f}"}

    return added


def _remove(words: _Words) -> _Change:
    name = words.take()

    def change(case: _Case, after: Item) -> str:
        after.pop(case.name(name), None)
        return case.name(name)

    return change


def _add(words: _Words) -> _Change:
    name, value = words.take(), words.take()

    def change(case: _Case, after: Item) -> str:
        found, typed = case.name(name), case.values[value]
        ((kind, given),) = typed.items()
        before = after.get(found)
        if kind == "N":
            after[found] = {"N": f"{Decimal(given) + Decimal(before['N'] if before else 0):f}"}
        else:
            after[found] = {kind: sorted({*given, *(before[kind] if before else ())})}
        return found

    return change


def _delete(words: _Words) -> _Change:
    name, value = words.take(), words.take()

    def change(case: _Case, after: Item) -> str:
        found = case.name(name)
        ((kind, given),) = case.values[value].items()
        left = sorted({*after.get(found, {kind: ()})[kind]} - {*given})
        if left:
            after[found] = {kind: left}
        else:
            after.pop(found, None)
        return found

    return change


_CLAUSES: dict[str, Callable[[_Words], _Change]] = {
    "SET": _set,
    "REMOVE": _remove,
    "ADD": _add,
    "DELETE": _delete,
}


# The other services


class _Body(io.BytesIO):
    """An object's bytes, as they come from S3."""

    def iter_chunks(self, size: int) -> Iterator[bytes]:
        while block := self.read(size):
            yield block


class _S3(_Client):
    service = "s3"

    def put_object(
        self,
        *,
        Key: str,
        Body: bytes,
        ContentType: str = "",
        Metadata: dict[str, str] | None = None,
        **_: object,
    ) -> dict[str, Any]:
        self._asked("PutObject")
        self.aws.objects[Key] = bytes(Body), ContentType, Metadata or {}
        return {}

    def get_object(self, *, Key: str, Range: str = "bytes=0-", **_: object) -> dict[str, Any]:
        self._asked("GetObject")
        body, content_type, metadata = self.aws.objects[Key]
        first = int(Range.removeprefix("bytes=").removesuffix("-"))
        return {"Body": _Body(body[first:]), "ContentType": content_type, "Metadata": metadata}


class _Secrets(_Client):
    service = "secretsmanager"

    def get_secret_value(self, *, SecretId: str, **_: object) -> dict[str, Any]:
        self._asked("GetSecretValue")
        return {"SecretString": self.aws.secrets[SecretId]}


class _Sqs(_Client):
    """Queues that keep what is put in them until ``Aws.taken``. Dead letters there are none."""

    service = "sqs"

    def send_message(self, *, QueueUrl: str, MessageBody: str, **_: object) -> dict[str, Any]:
        self._asked("SendMessage")
        self.aws.queues[QueueUrl].append(MessageBody)
        return {}

    def send_message_batch(self, *, QueueUrl: str, Entries: list[dict[str, Any]]) -> dict[str, Any]:
        self._asked("SendMessageBatch")
        self.aws.queues[QueueUrl] += [entry["MessageBody"] for entry in Entries]
        return {}

    def change_message_visibility(self, **_: object) -> None:
        self._asked("ChangeMessageVisibility")

    def receive_message(self, **_: object) -> dict[str, Any]:
        self._asked("ReceiveMessage")
        return {}

    def get_queue_url(self, *, QueueName: str) -> dict[str, Any]:
        self._asked("GetQueueUrl")
        return {"QueueUrl": f"https://sqs.invalid/{QueueName}"}

    def get_queue_attributes(self, *, QueueUrl: str, **_: object) -> dict[str, Any]:
        self._asked("GetQueueAttributes")
        policy = {
            "deadLetterTargetArn": f"arn:aws:sqs:::{QueueUrl.rpartition('/')[2]}-dead",
            "maxReceiveCount": 5,
        }
        counts = dict.fromkeys(("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"), "0")
        return {"Attributes": {"RedrivePolicy": json.dumps(policy), **counts}}


class _Logs(_Client):
    service = "logs"

    def create_log_stream(self, **_: object) -> None:
        self._asked("CreateLogStream")

    def put_log_events(self, *, logEvents: list[dict[str, Any]], **_: object) -> dict[str, Any]:
        self._asked("PutLogEvents")
        self.aws.bill.log_bytes += sum(len(event["message"].encode()) for event in logEvents)
        return {}


_CLIENTS: dict[str, type[_Client]] = {
    "dynamodb": _DynamoDB,
    "s3": _S3,
    "secretsmanager": _Secrets,
    "sqs": _Sqs,
    "logs": _Logs,
}
