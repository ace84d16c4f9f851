"""Places in a lane: which single documents wait in it, in the order they came, and which document holds it.

The FIFO queue makes a lane serial; this item, one for each lane, only tells who is in it. A document whose place is
lost loses no more than its precedence. A place that is left over is recognised by its document's record when its turn
comes, and is removed after ``_KEPT`` at the latest.
"""

from datetime import datetime, timedelta

from cauce.aws import keys
from cauce.aws.items import Attributes
from cauce.aws.table import InTable
from cauce.domain.lane import Place, StoredLane, asked_at, place
from cauce.domain.record import Record
from cauce.providers.base import Lane

# As long as the queue keeps a message: a place that is older was left over. With a shorter time, a document that
# waited through a long outage would be passed by those that came after it.
_KEPT = timedelta(days=14)
# The most places of a lane: minutes of its work. Documents beyond them are emitted when their own messages come. Each
# write costs the whole item, 6 kB when it is full.
MOST = 100


class Places(InTable):
    """The lanes of every issuer. ``lane`` is what the record's provider declares, and not ``Lane.NONE``."""

    def come(self, record: Record, lane: Lane, now: datetime) -> None:
        """Add a single document to its lane, in the order of ``received_at``, and remove places left over.
        Idempotent."""
        written = self._update(
            record,
            lane,
            "ADD singles :place SET expires_at = :until",
            {":place": {place(record).name}, ":until": _until(now), ":most": MOST},
            condition="attribute_not_exists(singles) OR size(singles) < :most",
        )
        present = self.stored(record, lane) if written is None else _lane(written)
        long_ago = asked_at(now - _KEPT)
        for each in present.waiting:
            if each.name < long_ago:
                self.left(record, lane, each)

    def stored(self, record: Record, lane: Lane) -> StoredLane:
        """The lane of a record."""
        return _lane(self._table.attributes(_key(record, lane)))

    def tried(self, record: Record, lane: Lane, place: Place) -> bool:
        """Mark a place before its document is emitted in another message's turn; ``False`` where it does not wait any
        more."""
        condition = "contains(singles, :name)"
        values = {":place": {place.name}, ":name": place.name}
        return self._update(record, lane, "ADD tried :place", values, condition=condition) is not None

    def left(self, record: Record, lane: Lane, place: Place) -> None:
        """Remove a place from the lane of a record."""
        update = "DELETE singles :place, tried :place"
        self._update(record, lane, update, {":place": {place.name}}, condition="attribute_exists(pk)")

    def hold(self, record: Record, lane: Lane, now: datetime) -> None:
        """Make a record the holder of its lane: no other document is emitted before it."""
        values = {":own": record.document_id, ":until": _until(now)}
        self._update(record, lane, "SET holder = :own, expires_at = :until", values)

    def release(self, record: Record, lane: Lane) -> None:
        """Make a record the holder no more; nothing changes where it is not."""
        values = {":own": record.document_id}
        self._update(record, lane, "REMOVE holder", values, condition="holder = :own")

    def _update(
        self, record: Record, lane: Lane, update: str, values: Attributes, *, condition: str | None = None
    ) -> Attributes | None:
        """The lane's attributes afterwards; ``None`` where the condition did not hold."""
        return self._table.update(_key(record, lane), update, values, condition=condition, whole=True)


def _lane(found: Attributes) -> StoredLane:
    tried = found.get("tried", set())
    waiting = (Place(name, is_tried=name in tried) for name in sorted(found.get("singles", set())))
    return StoredLane(tuple(waiting), found.get("holder"))


def _until(now: datetime) -> int:
    return int((now + _KEPT).timestamp())


def _key(record: Record, lane: Lane) -> keys.Key:
    kind = record.kind.value if lane is Lane.KIND else None
    return keys.lane(record.issuer, record.provider, kind)
