"""The issuers of the stack, and the counters that number them, their tokens and their files."""

from collections.abc import Iterator

from cauce.aws import items, keys
from cauce.aws.table import InTable
from cauce.domain.errors import NotFound
from cauce.domain.issuer import Issuer


class Issuers(InTable):
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
        return items.value(item, Issuer)

    def all(self) -> Iterator[Issuer]:
        for nit in self._table.listed(keys.ISSUERS):
            yield self.read(nit)


class Counters(InTable):
    """Small whole numbers, each given once."""

    def next(self, name: str) -> int:
        """1, 2, 3… for small public ids (issuers, tokens) and file names; gaps are harmless here, repeats are not."""
        counted = self._table.update(keys.counter(name), "ADD given :one", {":one": 1})
        assert counted is not None  # there is no condition
        return int(counted["given"])
