"""Counters: small whole numbers, each given once."""

from cauce.aws import keys
from cauce.aws.table import InTable


class Counters(InTable):
    def next(self, name: str) -> int:
        """1, 2, 3… for small public ids (issuers, tokens) and file names; gaps are harmless here, repeats are not."""
        counted = self._table.update(keys.counter(name), "ADD given :one", {":one": 1})
        assert counted is not None  # there is no condition
        return int(counted["given"])
