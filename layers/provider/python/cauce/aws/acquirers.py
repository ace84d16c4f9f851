"""Buyers that were looked up: sealed, for a day, each issuer's own; and how many an issuer looked up today."""

from datetime import datetime, timedelta

from cauce.aws import items, keys
from cauce.aws.sealed import DoesNotOpen, Seals
from cauce.aws.table import InTable, Table
from cauce.domain.acquirer import LookedUp
from cauce.domain.errors import QuotaExceeded
from cauce.domain.time import bogota

KEPT = timedelta(hours=24)
_SEALED = "sealed_acquirer"
# How long a day's count is kept after it, for containers with late clocks; DynamoDB's TTL then deletes it.
_COUNT_KEPT = timedelta(days=2)


class Acquirers(InTable):
    def __init__(self, table: Table, seals: Seals):
        super().__init__(table)
        self._seals = seals

    def read(self, nit: str, identification_type: str, identification: str, now: datetime) -> LookedUp | None:
        """What an issuer looked up less than a day ago. What does not open any more is as good as gone."""
        key = keys.acquirer(nit, identification_type, identification)
        kept = self._table.attributes(key)
        if not kept or int(kept["expires_at"]) <= now.timestamp():  # DynamoDB may delete it days later
            return None
        try:
            return LookedUp.model_validate_json(self._seals.open(kept[_SEALED], key, _SEALED))
        except DoesNotOpen:
            return None

    def keep(self, nit: str, identification_type: str, identification: str, found: LookedUp) -> None:
        key = keys.acquirer(nit, identification_type, identification)
        sealed = self._seals.seal(found.model_dump_json(), key, _SEALED)
        expires = int((found.at + KEPT).timestamp())
        self._table.put(items.pack({**key, _SEALED: sealed, "expires_at": expires}))

    def count(self, nit: str, limit: int, now: datetime) -> None:
        """Count a look-up of today, Bogotá. Raises QuotaExceeded beyond the issuer's limit."""
        here = bogota(now)
        midnight = (here + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        counted = None
        if limit > 0:
            counted = self._table.update(
                keys.acquirers_asked(nit, here.date().isoformat()),
                "ADD asked :one SET expires_at = :expires_at",
                {":one": 1, ":limit": limit, ":expires_at": int((midnight + _COUNT_KEPT).timestamp())},
                condition="attribute_not_exists(asked) OR asked < :limit",
            )
        if counted is None:
            raise QuotaExceeded(
                used=limit,
                limit=limit,
                period=here.date().isoformat(),
                retry_after=(midnight - here).total_seconds(),
                message=f"Hoy ya se consultaron los {limit} adquirientes que el emisor puede consultar en un día.",
            )
