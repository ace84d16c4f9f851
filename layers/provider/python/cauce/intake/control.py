"""The control queue: lots are read on, a few lines for each of its messages, at the pace of the lane they go to.

A message takes the lot's next few lines and queues another message behind those of other lots; a line becomes a
record under its own reference, so that taking it is idempotent. Where a message is lost, the schedule goes on.

One issuer's thousands do not delay another's single document: a lot puts no more in its lane than the lane emits in
fifteen seconds, and an issuer's lanes are few, so that it occupies few of the emission queue's workers.
"""

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from cauce import faults
from cauce.domain.errors import CauceError, Stale
from cauce.domain.issuer import Issuer
from cauce.domain.lot import Arrival, GoOn, Lot, LotLine, LotState, Message, Uploaded
from cauce.gateway import LotKeeping, TakingLots
from cauce.intake import lines

# Lines of a file, at most.
MOST_LINES = 10_000
# Lines taken by one message: about a second's work, which is how long it keeps other lots waiting.
CHUNK = 25
# Seconds that a line may take: the provider may be asked for the document that a note corrects.
_LINE_SECONDS = 20.0
# Lots of one issuer that are read at once: a lot of another issuer waits behind no more messages than that.
READ_AT_ONCE = 20
# A lot whose chain of messages broke (a worker died between two writes) is taken up again after this long.
RESUME_AFTER = timedelta(minutes=2)
# Seconds of work that a lot may have waiting in its lane, which is filled again before it is empty. A single document
# waits no longer behind them, and so within the time for which an ERP's request is kept waiting.
IN_LANE_SECONDS = 15
# Documents a second where a provider documents no limit.
UNLIMITED = 2.0

_ANOTHER_FILE = (
    "El archivo que llegó no es el anunciado: su tamaño o su SHA-256 son otros. "
    "Suba el anunciado, con exactamente los encabezados de la respuesta, o cree otro lote."
)


@dataclass(frozen=True)
class _Reached:
    """How far a lot has got: ``position``, ``offset`` and ``blank`` as its own."""

    position: int
    offset: int
    blank: int
    trouble: str | None = None
    """Why no more lines were taken, in Spanish."""
    is_held_up: bool = False
    """The next lines cannot be taken now: its lane is full, or there was trouble."""


def obey(gateway: TakingLots, message: Message, read: lines.ReadLine) -> None:
    """Do what a message of the control queue says. Idempotent."""
    match message:
        case Uploaded(lots):
            for nit, lot_id in lots:
                uploaded(gateway, nit, lot_id)
        case GoOn(nit, lot_id, position):
            go_on(gateway, nit, lot_id, position, read)


def uploaded(gateway: LotKeeping, nit: str, lot_id: str) -> None:
    """A lot's file has come: begin to read it, if it is the announced one. Idempotent.

    Any other file changes only the lot's ``last_error``: the announced one may still come.
    """
    lot = gateway.lots.find(nit, lot_id)
    if lot is None or lot.state not in (LotState.AWAITED, LotState.EXPIRED):
        return
    match gateway.lot_files.arrival(lot):
        case Arrival.ANNOUNCED:
            _begin(gateway, lot)
        case Arrival.ANOTHER:
            with suppress(Stale):  # another notification of it was handled first
                gateway.lots.change(lot, last_error=_ANOTHER_FILE)


def go_on(gateway: TakingLots, nit: str, lot_id: str, position: int, read: lines.ReadLine) -> None:
    """Take a lot's next lines, and queue a message for those after them. Idempotent, and safe for several workers at
    once.

    A message with a position that the lot has left does nothing; of several workers at one position, one goes on.
    """
    lot = gateway.lots.find(nit, lot_id)
    if lot is None or lot.state is not LotState.READING or lot.position != position:
        return
    issuer = gateway.issuers.read(nit)
    room = _room(gateway, issuer, lot) if issuer.active else 0
    _went_on(gateway, lot, _taken(gateway, issuer, lot, room, read))


def _taken(gateway: TakingLots, issuer: Issuer, lot: Lot, room: int, read: lines.ReadLine) -> _Reached:
    """Take a lot's next lines: a chunk, or as many as there is room and time for; how far that got."""
    reached = _Reached(lot.position, lot.offset, lot.blank)
    try:
        for text, after in gateway.lot_files.lines(lot, lot.offset):
            taken = reached.position - lot.position
            if taken == min(room, CHUNK) or (taken and faults.seconds_left() < _LINE_SECONDS):
                break
            if reached.position == MOST_LINES:
                why = f"Solo se leyeron las primeras {MOST_LINES} líneas del archivo."
                return replace(reached, offset=lot.size, trouble=why)
            is_blank = not text.strip()
            if not is_blank:
                _take_line(gateway, issuer, lot, reached.position + 1, text, read)
            # Counted in uploaded files alone: in an older posted lot's file a blank line is one that was refused on
            # arrival.
            blank = reached.blank + (is_blank and lot.total is None)
            reached = _Reached(reached.position + 1, after, blank)
    except CauceError as not_now:
        return replace(reached, trouble=not_now.message, is_held_up=True)
    return replace(reached, is_held_up=reached.position - lot.position == room)


def _take_line(
    gateway: TakingLots, issuer: Issuer, lot: Lot, n: int, text: bytes, read: lines.ReadLine
) -> None:
    refusal = lines.refusal_in(text) if lot.total is not None else None
    if refusal is not None:
        gateway.lots.refuse(lot.issuer, refusal)
        return
    line = LotLine(lot=lot.lot_id, place=f"{n:06d}")
    lines.take_in(gateway, issuer, line, read(text, lot.kind), lot.by, lot.looks_up)


def _went_on(gateway: LotKeeping, lot: Lot, reached: _Reached) -> None:
    """Store how far a lot has got, and queue a message for what follows: with its lane full, delayed until half of
    the lane is emitted. A message that is lost is replaced by the schedule."""
    now = gateway.now()
    try:
        if reached.offset >= lot.size:
            # Blank lines at the end of an older posted lot's file are not read: they are lines refused on arrival.
            reached = replace(reached, position=lot.total or reached.position)
            # Due until it is told that all of its lines are settled (``telling.lots``).
            _store(gateway, lot, reached, LotState.READ, now)
        elif reached.is_held_up:
            waiting = _store(gateway, lot, reached, lot.state, now)
            if reached.position > lot.position:  # without progress, only the schedule looks again
                gateway.control.go_on(waiting, in_seconds=IN_LANE_SECONDS // 2)
        else:
            gateway.control.go_on(_store(gateway, lot, reached, lot.state, now + RESUME_AFTER))
    except Stale:  # another worker took the same lines, and goes on
        return


def _store(gateway: LotKeeping, lot: Lot, reached: _Reached, state: LotState, due: datetime | None) -> Lot:
    return gateway.lots.change(
        lot,
        position=reached.position,
        offset=reached.offset,
        blank=reached.blank,
        last_error=reached.trouble,
        state=state,
        due_at=due,
    )


def _room(gateway: LotKeeping, issuer: Issuer, lot: Lot) -> int:
    """How many more of a lot's documents its lane may hold; several lots of an issuer share it."""
    whole = int((gateway.rate(issuer, lot.kind) or UNLIMITED) * IN_LANE_SECONDS)
    share = max(1, whole // max(1, gateway.lots.being_read(issuer.nit, READ_AT_ONCE)))
    return share - gateway.lots.waiting(issuer.nit, lot.lot_id, share)


def resume_due(gateway: LotKeeping, limit: int) -> int:
    """Queue lots that waited for room or whose messages were lost; expire lots whose file never came; how many lots.

    Issuers take turns, and of each no more lots are queued than are read at once, so that no issuer's lots delay
    those of another.
    """
    lots = gateway.lots.due(gateway.now(), limit)
    queued = Counter[str]()
    for lot in lots:
        with suppress(Stale):  # another worker was first
            if lot.state is not LotState.READING:
                _awaited_no_longer(gateway, lot)
            elif queued[lot.issuer] < READ_AT_ONCE:
                queued[lot.issuer] += 1
                gateway.control.go_on(gateway.lots.change(lot, due_at=gateway.now() + RESUME_AFTER))
    return len(lots)


def _awaited_no_longer(gateway: LotKeeping, lot: Lot) -> None:
    """A lot whose file is overdue: begin to read it where only its notification was lost, else expire the lot."""
    arrival = gateway.lot_files.arrival(lot)
    if arrival is Arrival.ANNOUNCED:
        _begin(gateway, lot)
        return
    why = _ANOTHER_FILE if arrival is Arrival.ANOTHER else "El archivo no se subió a tiempo."
    gateway.lots.change(lot, state=LotState.EXPIRED, due_at=None, last_error=why)


def _begin(gateway: LotKeeping, lot: Lot) -> None:
    """Begin to read a lot: now or, where enough lots of its issuer are being read, when the schedule gives it a
    turn."""
    now_is_its_turn = has_a_turn(gateway, lot.issuer)
    due = gateway.now() + RESUME_AFTER if now_is_its_turn else gateway.now()
    try:
        begun = gateway.lots.change(lot, state=LotState.READING, due_at=due, last_error=None)
    except Stale:  # another notification, or the schedule, was first
        return
    if now_is_its_turn:
        gateway.control.go_on(begun)


def has_a_turn(gateway: LotKeeping, nit: str) -> bool:
    """Whether an issuer may have another lot read now; else the schedule gives it its turn."""
    return gateway.lots.being_read(nit, READ_AT_ONCE) < READ_AT_ONCE


def wake(gateway: LotKeeping, nit: str, lot_id: str) -> None:
    """Have the schedule's next run look at a lot, unless it was read to its end. Idempotent."""
    lot = gateway.lots.find(nit, lot_id)
    if lot is None or lot.state is LotState.READ:
        return
    with suppress(Stale):  # a worker is reading it
        gateway.lots.change(lot, due_at=gateway.now())
