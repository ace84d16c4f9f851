"""How the papers of the issuers look."""

from cauce.aws import items, keys
from cauce.aws.table import InTable
from cauce.domain.paper import Paper

_PLAIN = Paper.model_construct()


class Papers(InTable):
    def save(self, nit: str, paper: Paper) -> None:
        data = paper.model_dump_json(exclude_defaults=True)
        self._table.put(items.pack({**keys.paper(nit), "schema": items.SCHEMA, "data": data}))

    def read(self, nit: str) -> Paper:
        """What an issuer chose; where it chose nothing, a paper like everybody's."""
        item = self._table.get(keys.paper(nit))
        return items.value(item, Paper) if item is not None else _PLAIN
