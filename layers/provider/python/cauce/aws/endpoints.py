"""Endpoints in the table, their secrets sealed; and the deliveries to each, which are its log and what is still to be
delivered."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta

from pydantic import SecretStr

from cauce.aws import items, keys
from cauce.aws.items import Attributes, Item
from cauce.aws.sealed import DoesNotOpen, Seals
from cauce.aws.table import MOST_READ, InTable, Table
from cauce.domain.endpoint import OVERLAP, Delivery, DeliveryState, Endpoint
from cauce.domain.errors import Conflict, NotFound
from cauce.domain.news import News

_SECRET, _FORMER = "sealed_secret", "sealed_former_secret"
# What is written by itself, and so stands beside ``data``.
_MOVING = ("version", "position", "failures", "failing_since", "rests_until")
_IS_THERE = f"attribute_exists({_SECRET})"
_IS_AS_READ = f"{_IS_THERE} AND (#version = :read OR attribute_not_exists(#version))"
_MISSING = "El webhook no existe o no pertenece a tu empresa."
_CHANGED = "El webhook cambió mientras tanto. Consúltelo y repita lo que quería cambiar."
# How long a delivery that ended is kept in the log.
KEPT_FOR = timedelta(days=30)


class Endpoints(InTable):
    def __init__(self, table: Table, seals: Seals):
        super().__init__(table)
        self._seals = seals

    def save(
        self,
        endpoint: Endpoint,
        secret: SecretStr | None = None,
        former: SecretStr | None = None,
        *,
        is_new: bool = False,
    ) -> None:
        """Write an endpoint, but for what moves by itself. With a ``secret`` the ones that it has are replaced,
        ``former`` being the one before. Raises NotFound where it was removed meanwhile, and Conflict where it was
        changed."""
        key = keys.endpoint(endpoint.issuer, endpoint.id)
        attributes: Attributes = {
            "schema": items.SCHEMA,
            "data": endpoint.model_dump_json(exclude_defaults=True, exclude=set(_MOVING)),
            "version": endpoint.version + 1,
        }
        gone: list[str] = []
        if endpoint.active:
            attributes |= {"list_pk": keys.ENDPOINTS, "list_sk": f"{endpoint.issuer}#{endpoint.id}"}
        else:
            gone += ["list_pk", "list_sk"]
        if secret is not None:
            attributes |= self._sealed(key, _SECRET, secret)
            gone += [] if former else [_FORMER]
            attributes |= self._sealed(key, _FORMER, former) if former else {}
        if is_new:
            attributes["position"] = endpoint.position
        written = self._table.set(
            key,
            attributes,
            gone,
            condition=None if is_new else _IS_AS_READ,
            values=None if is_new else {":read": endpoint.version},
        )
        if not written:
            self.read(endpoint.issuer, endpoint.id)
            raise Conflict(_CHANGED)

    def remove(self, endpoint: Endpoint, now: datetime) -> None:
        """Remove an endpoint; what was to be delivered to it is not. Its log ends as any other.

        Nothing of it is left but its key, until DynamoDB's TTL takes that: no function may delete.
        """
        gone = ("data", "schema", "list_pk", "list_sk", _SECRET, _FORMER, *_MOVING)
        key = keys.endpoint(endpoint.issuer, endpoint.id)
        self._table.set(key, {"expires_at": int(now.timestamp())}, gone)

    def all(self, nit: str) -> list[Endpoint]:
        """An issuer's endpoints, oldest first."""
        answer = self._table.client.query(
            TableName=self._table.name,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues=items.pack({":pk": keys.endpoints_of(nit)}),
            ConsistentRead=True,
        )
        found = [_endpoint(dict(item)) for item in answer["Items"] if "data" in item]
        return sorted(found, key=lambda each: each.created_at)

    def find(self, nit: str, endpoint_id: str) -> Endpoint | None:
        item = self._table.get(keys.endpoint(nit, endpoint_id)) if keys.is_id(endpoint_id) else None
        return _endpoint(item) if item and "data" in item else None

    def read(self, nit: str, endpoint_id: str) -> Endpoint:
        """An endpoint of an issuer. Raises NotFound, also for another issuer's."""
        found = self.find(nit, endpoint_id)
        if found is None:
            raise NotFound(_MISSING)
        return found

    def active(self) -> Iterator[tuple[str, str]]:
        """Every active endpoint: its issuer's NIT and its id. From an index, which lags."""
        for row in self._table.listed(keys.ENDPOINTS):
            nit, _, endpoint_id = row.partition("#")
            yield nit, endpoint_id

    def secrets(self, endpoint: Endpoint, now: datetime) -> list[SecretStr]:
        """The secrets that sign now: its own, and for a day after a rotation the former one; none where none
        opens."""
        key = keys.endpoint(endpoint.issuer, endpoint.id)
        attributes = self._table.attributes(key, _SECRET, _FORMER)
        overlaps = endpoint.rotated_at is not None and now - endpoint.rotated_at < OVERLAP
        names = [name for name in (_SECRET, _FORMER) if name in attributes and (name == _SECRET or overlaps)]
        found = []
        for name in names:
            try:
                found.append(SecretStr(self._seals.open(attributes[name], key, name)))
            except DoesNotOpen:
                continue
        return found

    def moved_on(self, endpoint: Endpoint, position: str) -> bool:
        """Note up to where deliveries were made; whether no one else had done so meanwhile."""
        return self._table.set(
            keys.endpoint(endpoint.issuer, endpoint.id),
            {"position": position},
            condition="#position = :read",
            values={":read": endpoint.position},
        )

    def failed(self, endpoint: Endpoint, now: datetime, rests_until: datetime | None) -> Endpoint | None:
        """Note a failed call; ``None`` where the endpoint was changed or removed meanwhile: as it is now it was not
        called."""
        rests = ", rests_until = :rests" if rests_until else ""
        written = self._table.update(
            keys.endpoint(endpoint.issuer, endpoint.id),
            f"SET failing_since = if_not_exists(failing_since, :now){rests} ADD failures :one",
            {
                ":now": now.isoformat(),
                ":one": 1,
                ":read": endpoint.version,
                **({":rests": rests_until.isoformat()} if rests_until else {}),
            },
            condition=_IS_AS_READ,
            names={"#version": "version"},
            whole=True,
        )
        return _of(written) if written else None

    def worked(self, endpoint: Endpoint) -> None:
        """Note a call that was answered well, where the calls before had failed."""
        if endpoint.failing_since is not None or endpoint.failures:
            self._table.set(
                keys.endpoint(endpoint.issuer, endpoint.id),
                {"failures": 0},
                ("failing_since", "rests_until"),
                condition=_IS_THERE,
            )

    def _sealed(self, key: keys.Key, name: str, secret: SecretStr) -> Attributes:
        return {name: self._seals.seal(secret.get_secret_value(), key, name)}


def _endpoint(item: Item) -> Endpoint:
    return _of(items.read(item))


def _of(attributes: Attributes) -> Endpoint:
    moving = {name: attributes[name] for name in _MOVING if name in attributes}
    counts = {name: int(moving.get(name, 0)) for name in ("version", "failures")}
    return Endpoint.model_validate({**json.loads(attributes["data"]), **moving, **counts})


class Deliveries(InTable):
    """The deliveries to an endpoint, in the order of its feed. A pending one is in the index ``open`` too."""

    def begin(self, endpoint: Endpoint, position: str, news: News, now: datetime) -> None:
        """Write a new delivery, unless there is one of this news already."""
        delivery = Delivery(endpoint=endpoint.id, position=position, news=news, next_at=now)
        self._table.put(_item(endpoint.issuer, delivery), "attribute_not_exists(pk)")

    def save(self, nit: str, delivery: Delivery) -> None:
        self._table.put(_item(nit, delivery))

    def find(self, nit: str, endpoint_id: str, position: str) -> Delivery | None:
        item = self._table.get(keys.delivery(nit, endpoint_id, position))
        return items.value(item, Delivery) if item else None

    def pending(self, nit: str, endpoint_id: str, most: int) -> list[tuple[str, str]]:
        """Pending deliveries, longest due first: the position of each, and when it is due as ``items.instant`` writes
        it. From an index, which lags."""
        partition = keys.deliveries_to(nit, endpoint_id)
        answer = self._table.query(keys.OPEN, "open_pk = :pk", {":pk": partition}, Limit=most)
        return [(row["sk"]["S"], row["open_sk"]["S"]) for row in answer["Items"]]

    def forget(self, nit: str, endpoint_id: str, now: datetime) -> None:
        """Let the pending deliveries of an endpoint that was removed end as its log does."""
        while pending := self.pending(nit, endpoint_id, MOST_READ):
            ended = [
                self._table.set(
                    keys.delivery(nit, endpoint_id, position),
                    {"expires_at": int((now + KEPT_FOR).timestamp())},
                    ("open_pk", "open_sk"),
                    condition="open_sk = :read",
                    values={":read": read},
                )
                for position, read in pending
            ]
            if not any(ended):
                return

    def put_off(self, nit: str, endpoint_id: str, position: str, read: str, until: datetime) -> bool:
        """Move a pending delivery to a later place among those that are due; whether it had the place that was
        read."""
        written = self._table.update(
            keys.delivery(nit, endpoint_id, position),
            "SET open_sk = :until",
            {":until": items.instant(until), ":read": read},
            condition="open_sk = :read",
        )
        return written is not None

    def log(
        self, nit: str, endpoint_id: str, start: str | None, most: int
    ) -> tuple[list[Delivery], str | None]:
        """A page of the deliveries to an endpoint, newest first, and where the next one starts."""
        return self._page(nit, endpoint_id, "0", start, most, forward=False)

    def since(
        self, nit: str, endpoint_id: str, since: str, start: str | None, most: int
    ) -> tuple[list[Delivery], str | None]:
        """A page of the deliveries to an endpoint from a place in the feed on, oldest first, and where the next one
        starts."""
        return self._page(nit, endpoint_id, since, start, most, forward=True)

    def _page(
        self, nit: str, endpoint_id: str, since: str, start: str | None, most: int, *, forward: bool
    ) -> tuple[list[Delivery], str | None]:
        partition = keys.deliveries_to(nit, endpoint_id)
        after: Attributes = {}
        if start is not None:
            after["ExclusiveStartKey"] = items.pack({"pk": partition, "sk": start})
        answer = self._table.client.query(
            TableName=self._table.name,
            KeyConditionExpression="pk = :pk AND sk BETWEEN :since AND :until",
            ExpressionAttributeValues=items.pack({":pk": partition, ":since": since, ":until": "~"}),
            ScanIndexForward=forward,
            Limit=most,
            **after,
        )
        last = answer.get("LastEvaluatedKey")
        return [items.value(dict(item), Delivery) for item in answer["Items"]], last["sk"][
            "S"
        ] if last else None


def _item(nit: str, delivery: Delivery) -> Item:
    key = keys.delivery(nit, delivery.endpoint, delivery.position)
    attributes: Attributes = {
        **key,
        "schema": items.SCHEMA,
        "data": delivery.model_dump_json(exclude_defaults=True),
    }
    if delivery.state is DeliveryState.PENDING:
        attributes |= {"open_pk": key["pk"], "open_sk": items.instant(delivery.next_at)}
    else:
        last = delivery.tries[-1].at if delivery.tries else delivery.next_at
        attributes["expires_at"] = int((last + KEPT_FOR).timestamp())
    return items.pack(attributes)
