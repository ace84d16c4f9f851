"""Tells an issuer that a lot came to its end: each of its lines is settled, was refused, or was asked for before.

The schedule decides it, minute after minute, of the lots that were read to their end; no line costs anything for it.
While any record is unsettled that is one entry of an index; then its lines are counted, once. A line that waits for a
person is unsettled, so that its lot is not told before the person has decided.
"""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta

from cauce.domain.errors import Stale
from cauce.domain.lot import Lot
from cauce.domain.news import News, NewsType, OfLot
from cauce.gateway import Ending

# How long until a lot is looked at again, by its age: an old one waits for a provider's or a person's decision.
_AGAIN = (
    (timedelta(hours=3), timedelta(minutes=1)),
    (timedelta(days=1), timedelta(minutes=10)),
    (timedelta.max, timedelta(hours=1)),
)


def tell_ended(gateway: Ending, limit: int) -> int:
    """Tell the end of each lot that has come to it; how many. At most ``limit`` lots are looked at, issuers in turn.

    The news is written once, under the lot's id; who dies before the lot is no longer due comes here again.
    """
    told = 0
    for lot in gateway.lots.read_to_their_end(gateway.now(), limit):
        with suppress(Stale):  # another run was first
            told += _told(gateway, lot)
    return told


def _told(gateway: Ending, lot: Lot) -> bool:
    counts = _counts_at_its_end(gateway, lot)
    if counts is None:
        gateway.lots.change(lot, due_at=gateway.now() + _wait(lot, gateway.now()))
        return False
    is_new = gateway.news.notice(f"lot#{lot.lot_id}#ended", _news(lot, counts, gateway.now()))
    gateway.lots.change(lot, due_at=None)
    return is_new


def _counts_at_its_end(gateway: Ending, lot: Lot) -> Mapping[str, int] | None:
    """How its lines ended; ``None`` where one has not, or is not in the index yet, which lags."""
    if gateway.lots.is_unfinished(lot.issuer, lot.lot_id):
        return None
    counts = gateway.lots.counts(lot.issuer, lot.lot_id)
    return None if counts["pendiente"] or counts.total() < lot.taken else counts


def _wait(lot: Lot, now: datetime) -> timedelta:
    age = now - lot.created_at
    return next(wait for limit, wait in _AGAIN if age < limit)


def _news(lot: Lot, counts: Mapping[str, int], now: datetime) -> News:
    about = OfLot(lot_id=lot.lot_id, came_at=lot.created_at, counts=dict(counts))
    return News(id="", type=NewsType.LOT_ENDED, issuer=lot.issuer, at=now, why=lot.last_error, lot=about)
