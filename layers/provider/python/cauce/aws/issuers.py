"""The issuers of the stack, and the counters that number them, their tokens and their files."""

from collections.abc import Iterator
from itertools import islice

from cauce.aws import items, keys
from cauce.aws.table import MOST_READ, InTable, Table
from cauce.domain.errors import NotFound
from cauce.domain.issuer import Issuer


class Issuers(InTable):
    def __init__(self, table: Table):
        super().__init__(table)
        self._known = items.Known[Issuer]("schema", "data")

    def save(self, issuer: Issuer) -> None:
        attributes = {
            **keys.issuer(issuer.nit),
            "list_pk": keys.ISSUERS,
            "list_sk": issuer.nit,
            "schema": items.SCHEMA,
            "data": issuer.model_dump_json(),
        }
        self._table.put(items.pack(attributes))

    def read(self, nit: str) -> Issuer:
        """An issuer. Raises NotFound."""
        item = self._table.get(keys.issuer(nit)) if keys.is_id(nit) else None
        if item is None:
            raise NotFound(f"No hay emisor con NIT {nit[:20]}.")
        return self._known.of(item) or self._known.keep(item, items.value(item, Issuer))

    def all(self) -> Iterator[Issuer]:
        nits = self._table.listed(keys.ISSUERS)
        while page := [keys.issuer(nit) for nit in islice(nits, MOST_READ)]:
            for item in self._table.read(page):
                yield self._known.of(item) or self._known.keep(item, items.value(item, Issuer))


# How many numbers a container takes at once for its file names. Of those that it does not use nobody knows.
_BLOCK = 20


class Counters(InTable):
    """Small whole numbers, each given once. Gaps are harmless here, repeats are not."""

    def __init__(self, table: Table):
        super().__init__(table)
        self._blocks: dict[str, Iterator[int]] = {}

    def next(self, name: str) -> int:
        """1, 2, 3… for small public ids (issuers, tokens)."""
        return self._taken(name, 1)[-1]

    def next_of_block(self, name: str) -> int:
        """The next number for a file name, of those that this container has taken: one write for many."""
        number = next(self._blocks.get(name, iter(())), None)
        if number is None:
            self._blocks[name] = block = iter(self._taken(name, _BLOCK))
            number = next(block)
        return number

    def _taken(self, name: str, many: int) -> range:
        counted = self._table.update(keys.counter(name), "ADD given :many", {":many": many})
        assert counted is not None  # there is no condition
        last = int(counted["given"])
        return range(last - many + 1, last + 1)
