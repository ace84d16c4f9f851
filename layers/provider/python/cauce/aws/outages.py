"""Failures of the providers' services, shared by every container: ``domain.outage`` in the table.

They are kept by issuer, as its own calls met them, and by host, as the calls of all issuers to it did.
"""

from contextlib import suppress
from datetime import datetime

from cauce.aws import items, keys
from cauce.aws.table import InTable
from cauce.domain.errors import WrittenByNewer
from cauce.domain.outage import Failure, Outage, OutageRules


class Outages(InTable):
    """The outages of every provider. ``whose`` is an issuer's NIT or the name of a host."""

    def read(self, provider: str, *whose: str) -> dict[str, Outage]:
        """The known outages, keyed by ``whose`` they are. One is missing where there was never a failure, or where a
        newer Cauce wrote it: that one is skipped, because settling must not stop for it."""
        asked = {keys.outage(each, provider)["pk"]: each for each in whose}
        found = self._table.read(keys.outage(each, provider) for each in whose)
        known: dict[str, Outage] = {}
        for item in found:
            # Logged; ``_write`` leaves the item as it is, since its version is another.
            with suppress(WrittenByNewer):
                known[asked[item["pk"]["S"]]] = items.value(item, Outage)
        return known

    def failed(self, provider: str, *whose: str, failure: Failure, rules: OutageRules, now: datetime) -> None:
        """Count a failure. Of two written at the same moment one is lost, which changes nothing: only failures some
        time apart count."""
        known = self.read(provider, *whose)
        for each in whose:
            before = known.get(each) or Outage(since=now, failed_at=now)
            self._write(each, provider, before.failed(failure, rules, now))

    def answered(self, provider: str, *whose: str, now: datetime) -> None:
        """The service answered a document that was sent: end any outage."""
        for each, known in self.read(provider, *whose).items():
            if not known.is_over:
                self._write(each, provider, known.over(now))

    def _write(self, whose: str, provider: str, outage: Outage) -> None:
        """Write an outage if nobody has written it since it was read; otherwise drop this one, since the next call
        counts again."""
        following = outage.model_copy(update={"version": outage.version + 1})
        attributes = {
            **keys.outage(whose, provider),
            "version": following.version,
            "schema": items.SCHEMA,
            "data": following.model_dump_json(exclude_defaults=True),
        }
        self._table.put(
            items.pack(attributes),
            "attribute_not_exists(pk) OR version = :read",
            {":read": outage.version},
        )
