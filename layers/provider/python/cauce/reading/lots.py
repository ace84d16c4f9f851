"""How far a lot has got, and when it will end."""

import math
from dataclasses import dataclass
from datetime import datetime

from cauce.domain.errors import NotFound
from cauce.domain.issuer import Issuer
from cauce.domain.lot import Lot, LotState, Refusal, Repetition, is_of_a_day
from cauce.domain.record import Listed
from cauce.gateway import LotKeeping, Paced

LotRow = Listed | Refusal | tuple[Repetition, Listed]
"""A line: its record, its refusal, or its repetition with the record that existed before."""


@dataclass(frozen=True)
class Progress:
    """A lot, its lines by ``shown_state``, and how long the rest takes where that can be told."""

    lot: Lot
    counts: dict[str, int]
    lines: int | None
    """How many lines it has, estimated by its bytes until they are all read; ``None`` for a day's lot."""
    done: int
    seconds_left: float | None


def progress(gateway: LotKeeping, issuer: Issuer, lot_id: str) -> Progress:
    """How far a lot has got. Raises NotFound.

    The lot is read before the index of its lines, and lines that were taken but are not in the index yet count as
    pending: a lot that is said to be finished shows every one of them.
    """
    if is_of_a_day(lot_id):
        lot, counts = _day(issuer, lot_id), gateway.lots.counts(issuer.nit, lot_id)
        if not counts:
            raise NotFound(
                "No se conoce ningún documento de la cola de ese día; los recién recibidos tardan unos segundos."
            )
    else:
        lot, counts = gateway.lots.lot(issuer.nit, lot_id), gateway.lots.counts(issuer.nit, lot_id)
        counts["pendiente"] += max(0, lot.taken - counts.total())
    pending, lines = counts.get("pendiente", 0), _lines(lot)
    done = sum(counts.values()) - pending
    unread = (lines or 0) - lot.taken if lot.state is LotState.READING else 0
    return Progress(lot, counts, lines, done, _seconds(gateway, issuer, lot, done, pending + unread))


def latest(
    gateway: LotKeeping, issuer: Issuer, limit: int, start: str | None
) -> tuple[list[Lot], str | None]:
    """A page of an issuer's lots, and where the next one starts."""
    return gateway.lots.latest(issuer.nit, limit, start)


def lines(
    gateway: LotKeeping,
    issuer: Issuer,
    lot_id: str,
    *,
    shown_state: str | None,
    limit: int,
    start: str | None,
) -> tuple[list[LotRow], str | None]:
    """A page of a lot's lines as they stand, and where the next one starts."""
    page = gateway.lots.page(issuer.nit, lot_id, shown_state=shown_state, limit=limit, start=start)
    return page.rows, page.next


def _lines(lot: Lot) -> int | None:
    if is_of_a_day(lot.lot_id):
        return None
    if lot.state is LotState.READ:
        return lot.taken
    if lot.total is not None:
        return lot.total
    return math.ceil(lot.position * lot.size / lot.offset) if lot.offset else None


def _seconds(gateway: Paced, issuer: Issuer, lot: Lot, done: int, left: int) -> float | None:
    """How long ``left`` documents take at the provider's pace; where it has none, at the speed of the lot so far."""
    if left == 0:
        return 0.0 if lot.state is LotState.READ else None
    pace = gateway.rate(issuer, lot.kind)
    if pace is None:
        passed = (gateway.now() - lot.created_at).total_seconds()
        pace = done / passed if passed > 0 else 0.0
    return left / pace if pace else None


def _day(issuer: Issuer, lot_id: str) -> Lot:
    """The lot of the documents that ERPs put in the intake queue in a day: only its lines are stored."""
    day = datetime.fromisoformat(f"{lot_id.removeprefix('cola-')}T00:00:00-05:00")
    return Lot(issuer=issuer.nit, lot_id=lot_id, state=LotState.READ, size=0, sha256="", created_at=day)
