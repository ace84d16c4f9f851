"""How the services of providers failed, and which certificates they refused, as every container knows it."""

from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime

from cauce.aws import items, keys
from cauce.aws.items import Attributes, Item
from cauce.aws.table import InTable, Table
from cauce.domain.errors import WrittenByNewer
from cauce.domain.outage import Failure, Outage, OutageRules

# How old the refusals in memory may get. A certificate that was refused in that time may be tried once more: it is
# only refused again.
_MAX_AGE_SECONDS = 60
# How old may be what an admission read of the outages: failures of others that are noted during a slow call can make
# an outage in 15 s, which its answer must end.
_ADMITTED_LATELY_SECONDS = 5.0


class Outages(InTable):
    """The outages of every provider: ``domain.outage`` in the table.

    They are kept by issuer, as its own calls met them, and by host, as the calls of all issuers to it did: ``whose``
    is an issuer's NIT or the name of a host.
    """

    def __init__(self, table: Table):
        super().__init__(table)
        self._at_admission: dict[str, Item | None] = {}
        self._admitted_at = 0.0

    def at_admission(self, keys_asked: Collection[keys.Key], found: Mapping[str, Item], now: float) -> None:
        """Keep what was read of these keys together with the breakers, for the answer to the call that follows."""
        self._at_admission = {key["pk"]: found.get(key["pk"]) for key in keys_asked}
        self._admitted_at = now

    def read(self, provider: str, *whose: str) -> dict[str, Outage]:
        """The known outages, keyed by ``whose`` they are. One is missing where there was never a failure, or where a
        newer Cauce wrote it: that one is skipped, because settling must not stop for it."""
        return self._known(provider, whose, self._table.read(keys.outage(each, provider) for each in whose))

    def _known(self, provider: str, whose: Collection[str], found: Iterable[Item]) -> dict[str, Outage]:
        asked = {keys.outage(each, provider)["pk"]: each for each in whose}
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
        """The service answered a document that was sent: end any outage. What was read as the call was admitted, a
        moment ago, is not read again; a failure noted since then is ended by the next answer."""
        for each, known in self._at_answer(provider, whose, now).items():
            if known.is_over or self._write(each, provider, known.over(now)):
                continue
            newer = self.read(provider, each).get(each)  # a failure was noted meanwhile
            if newer is not None and not newer.is_over:
                self._write(each, provider, newer.over(now))

    def _at_answer(self, provider: str, whose: Collection[str], now: datetime) -> dict[str, Outage]:
        """The known outages as a call was admitted; read anew where that was not a moment ago."""
        asked = [keys.outage(each, provider)["pk"] for each in whose]
        admitted, self._at_admission = self._at_admission, {}
        is_late = not 0 <= now.timestamp() - self._admitted_at < _ADMITTED_LATELY_SECONDS
        if is_late or not admitted.keys() >= set(asked):
            return self.read(provider, *whose)
        return self._known(provider, whose, filter(None, (admitted[pk] for pk in asked)))

    def _write(self, whose: str, provider: str, outage: Outage) -> bool:
        """Write an outage if nobody has written it since it was read; whether it was written. A failure that was not
        is dropped, since the next call counts again."""
        following = outage.model_copy(update={"version": outage.version + 1})
        attributes = {
            **keys.outage(whose, provider),
            "version": following.version,
            "schema": items.SCHEMA,
            "data": following.model_dump_json(exclude_defaults=True),
        }
        return self._table.put(
            items.pack(attributes),
            "attribute_not_exists(pk) OR version = :read",
            {":read": outage.version},
        )


class SharedRefusals:
    """The certificates refused to one issuer at one provider: an item with an attribute for each fingerprint, since
    when."""

    def __init__(self, table: Table, nit: str, provider: str, clock: Callable[[], float]):
        self._table = table
        self._key = keys.certificates(nit, provider)
        self._clock = clock
        self._known: dict[str, datetime] = {}
        self._read_at: float | None = None

    def known(self) -> Mapping[str, datetime]:
        """As ``providers.base.Refusals`` says."""
        now = self._clock()
        if self._read_at is None or not 0 <= now - self._read_at < _MAX_AGE_SECONDS:
            refused = self._table.attributes(self._key)
            self._known = {
                name: datetime.fromisoformat(since)
                for name, since in refused.items()
                if name not in self._key
            }
            self._read_at = now
        return self._known

    def add(self, fingerprint: str) -> None:
        since = datetime.fromtimestamp(self._clock(), UTC)
        values = {":since": since.isoformat()}
        self._update("SET #it = if_not_exists(#it, :since)", fingerprint, values)
        self._known = {fingerprint: since, **self._known}

    def remove(self, fingerprint: str) -> None:
        self._update("REMOVE #it", fingerprint, {})
        self._known = {name: since for name, since in self._known.items() if name != fingerprint}

    def _update(self, update: str, fingerprint: str, values: Attributes) -> None:
        self._table.update(self._key, update, values, names={"#it": fingerprint})
