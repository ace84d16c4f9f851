"""The certificates that a provider refused, remembered for every container of a credential."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from cauce.aws import keys
from cauce.aws.items import Attributes
from cauce.aws.table import Table

# How old the list in memory may get. A certificate that was refused in that time may be tried once more: it is only
# refused again.
_MAX_AGE_SECONDS = 60


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
