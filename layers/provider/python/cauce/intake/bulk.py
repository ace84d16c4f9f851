"""Lots: many documents at once, taken in line by line, each exactly once, at the pace of the lane they go to.

A lot is a file and how far it has been read. A message of the control queue takes the lot's next few lines and queues
another message behind those of other lots; a line becomes a record under its own reference, so that taking it is
idempotent. No line is refused for another's fault.

One issuer's thousands do not delay another's single document: a lot puts no more in its lane than the lane emits in
fifteen seconds, and an issuer's lanes are few, so that it occupies few of the emission queue's workers.
"""

import hashlib
import math
import re
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from cauce import faults
from cauce.domain.document import Kind
from cauce.domain.errors import (
    CauceError,
    DocumentTooLarge,
    InvalidDocument,
    InvoicePending,
    NotFound,
    NumberingUnavailable,
    PermissionDenied,
    QuotaExceeded,
    ReferenceConflict,
    Stale,
    Unauthenticated,
    Unsupported,
)
from cauce.domain.issuer import Issuer
from cauce.domain.lot import (
    Arrival,
    Asked,
    Envelope,
    GoOn,
    Line,
    Lot,
    LotState,
    Message,
    Refusal,
    Repetition,
    Uploaded,
)
from cauce.domain.record import State
from cauce.emission import sending
from cauce.gateway import Gateway
from cauce.intake import documents
from cauce.reading.lot_progress import rate

# Lines of a file, at most.
MOST_LINES = 10_000
# An upload that has not come by then needs another POST.
UPLOAD_WITHIN = timedelta(minutes=30)
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
_IN_LANE_SECONDS = 15
# Documents a second where a provider documents no limit.
_UNLIMITED = 2.0

_ANOTHER_FILE = (
    "El archivo que llegó no es el anunciado: su tamaño o su SHA-256 son otros. "
    "Suba el anunciado, con exactamente los encabezados de la respuesta, o cree otro lote."
)
# Errors of a line itself, which every repetition would meet; after any other error the line is tried again.
_FAULTS = (
    InvalidDocument,
    InvoicePending,
    Unsupported,
    PermissionDenied,
    NumberingUnavailable,
    QuotaExceeded,
    ReferenceConflict,
    DocumentTooLarge,
)
# Faulty fields that a refusal keeps: more than its lot shows.
_MOST_FIELDS = 50
# Begins a line that holds a refusal, in the file of a lot that came in a request. No document begins so.
_KEPT_REFUSAL = b"!"
_NIT = re.compile(r"[0-9]{1,15}")
_NAMESPACE = uuid.UUID("6f0a7a52-5a0e-4f0e-9a39-0d9d7c1f2b11")

Read = Callable[[bytes, Kind | None], Asked]
"""Reads one line by the contract; the kind is for a line that does not say its own."""


def take_in(
    gateway: Gateway,
    issuer: Issuer,
    lines: list[bytes],
    kind: Kind | None,
    key: str | None,
    read: Read,
    *,
    by: str | None = None,
) -> tuple[Lot, list[Refusal], bool]:
    """A lot of these lines, the refusals of lines that were refused when it came, and whether it existed before.

    ``key`` names the request: the same key with the same content is the same lot, with the refusals of its first
    answer; with other content, ReferenceConflict. Dying on the way leaves at most a file without a lot. ``by``: who
    asked, for the trace of its documents.
    """
    lot_id, sha256 = _lot_id(issuer, key), hashlib.sha256(b"\n".join(lines)).hexdigest()
    existing = gateway.lots.find(issuer.nit, lot_id)
    made = None
    if existing is None:
        made, refusals, body = _judged(gateway, issuer, lot_id, lines, kind, read, sha256, by)
        gateway.lot_files.write(made, body)
        existing = gateway.lots.create(made)
    _refuse_another(
        existing,
        tipo=existing.kind == kind,
        subir=existing.total is not None,
        documentos=existing.sha256 == sha256 and existing.total in (None, len(lines)),
    )
    if existing is made:
        for refusal in refusals:
            gateway.lots.refuse(issuer.nit, refusal)
    else:
        refusals = list(_refused_at_first(gateway, existing))
    if existing.state is LotState.READING and _has_a_turn(gateway, issuer.nit):
        gateway.control.go_on(existing)
    return existing, refusals, existing is not made


def await_upload(
    gateway: Gateway,
    issuer: Issuer,
    size: int,
    sha256: str,
    kind: Kind | None,
    key: str | None,
    *,
    by: str | None = None,
) -> tuple[Lot, bool]:
    """A lot whose file is to be uploaded, and whether it existed before. Raises ReferenceConflict as ``take_in``."""
    now = gateway.now()
    lot = Lot(
        issuer=issuer.nit,
        lot_id=_lot_id(issuer, key),
        state=LotState.AWAITED,
        kind=kind,
        size=size,
        sha256=sha256,
        by=by,
        created_at=now,
        due_at=now + UPLOAD_WITHIN,
    )
    existing = gateway.lots.create(lot)
    _refuse_another(
        existing,
        tipo=existing.kind == kind,
        subir=existing.total is None,
        bytes=existing.size == size,
        sha256=existing.sha256 == sha256,
    )
    return existing, existing is not lot


def upload(gateway: Gateway, lot: Lot) -> tuple[str, dict[str, str], datetime]:
    """The URL, the headers and the deadline of the upload of an awaited lot's file.

    Raises ReferenceConflict where the file has come already, or its deadline is over.
    """
    if lot.state is not LotState.AWAITED or lot.due_at is None or lot.due_at <= gateway.now():
        raise ReferenceConflict("El archivo de este lote ya se recibió o venció; cree otro lote.", lot=lot)
    seconds = math.ceil((lot.due_at - gateway.now()).total_seconds())
    url, headers = gateway.lot_files.upload(lot, seconds)
    return url, headers, lot.due_at


def obey(gateway: Gateway, message: Message, read: Read) -> None:
    """Do what a message of the control queue says. Idempotent."""
    match message:
        case Uploaded(lots):
            for nit, lot_id in lots:
                uploaded(gateway, nit, lot_id)
        case GoOn(nit, lot_id, position):
            go_on(gateway, nit, lot_id, position, read)


def received(gateway: Gateway, body: str, envelope: Envelope, read: Read) -> None:
    """Take in a message of the intake queue, whose body is judged as a document whatever it is. Idempotent."""
    straight(gateway, envelope, read(body.encode("utf-8", "surrogatepass"), None))


def uploaded(gateway: Gateway, nit: str, lot_id: str) -> None:
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


def go_on(gateway: Gateway, nit: str, lot_id: str, position: int, read: Read) -> None:
    """Take a lot's next lines, and queue a message for those after them. Idempotent, and safe for several workers at
    once.

    A message with a position that the lot has left does nothing; of several workers at one position, one goes on.
    """
    lot = gateway.lots.find(nit, lot_id)
    if lot is None or lot.state is not LotState.READING or lot.position != position:
        return
    issuer = gateway.store.issuer(nit)
    room = _room(gateway, issuer, lot) if issuer.active else 0
    offset, blank, trouble = lot.offset, lot.blank, None
    try:
        for text, after in gateway.lot_files.lines(lot, lot.offset):
            taken = position - lot.position
            if taken == min(room, CHUNK) or (taken and faults.seconds_left() < _LINE_SECONDS):
                break
            if position == MOST_LINES:
                offset, trouble = lot.size, f"Solo se leyeron las primeras {MOST_LINES} líneas del archivo."
                break
            if lot.total is not None and text.startswith(_KEPT_REFUSAL):
                gateway.lots.refuse(nit, Refusal.model_validate_json(text[len(_KEPT_REFUSAL) :]))
            elif text.strip():
                line = Line(lot=lot_id, place=f"{position + 1:06d}")
                _take(gateway, issuer, line, read(text, lot.kind), lot.by)
            elif lot.total is None:  # in a lot that came in a request, a blank line was refused then
                blank += 1
            position, offset = position + 1, after
    except CauceError as not_now:
        room, trouble = position - lot.position, not_now.message
    full = position - lot.position == room
    _went_on(gateway, lot, position, offset, blank, trouble, full=full)


def straight(gateway: Gateway, envelope: Envelope, asked: Asked) -> None:
    """Take in a document that an ERP put in the intake queue itself.

    Raises Unauthenticated where its sender does not speak for the issuer, and errors that may pass. SQS then delivers
    the message again, and at last moves it to the dead letters, from where an operator can have it taken in.
    """
    issuer = spoken_for(gateway, envelope)
    asked = _unless_overtaken(gateway, envelope, asked)
    _take(gateway, issuer, envelope.line, asked, f"sender {envelope.sender}")


def spoken_for(gateway: Gateway, envelope: Envelope) -> Issuer:
    """The issuer of the document in a message. Raises Unauthenticated where its sender does not speak for that
    issuer."""
    nit = envelope.issuer or ""
    why = "El atributo «emisor» no es un NIT de esta instalación."
    if not _NIT.fullmatch(nit):  # an attribute may be longer than a key of the table
        raise Unauthenticated(why)
    try:
        issuer = gateway.store.issuer(nit)
    except NotFound as nobody:
        raise Unauthenticated(why) from nobody
    if envelope.sender not in issuer.senders or not issuer.active:
        raise Unauthenticated(f"Quien envió el mensaje ({envelope.sender}) no habla por el emisor {nit}.")
    return issuer


def resume_due(gateway: Gateway, limit: int) -> int:
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


def _awaited_no_longer(gateway: Gateway, lot: Lot) -> None:
    """A lot whose file is overdue: begin to read it where only its notification was lost, else expire the lot."""
    arrival = gateway.lot_files.arrival(lot)
    if arrival is Arrival.ANNOUNCED:
        _begin(gateway, lot)
        return
    why = _ANOTHER_FILE if arrival is Arrival.ANOTHER else "El archivo no se subió a tiempo."
    gateway.lots.change(lot, state=LotState.EXPIRED, due_at=None, last_error=why)


def wake(gateway: Gateway, nit: str, lot_id: str) -> None:
    """Have the schedule's next run look at a lot, unless it was read to its end. Idempotent."""
    lot = gateway.lots.find(nit, lot_id)
    if lot is None or lot.state is LotState.READ:
        return
    with suppress(Stale):  # a worker is reading it
        gateway.lots.change(lot, due_at=gateway.now())


def _unless_overtaken(gateway: Gateway, envelope: Envelope, asked: Asked) -> Asked:
    """What a message asks for, or a ReferenceConflict where something else was asked for under its reference since.

    A message may come days late, out of the dead letters, and must not correct what its ERP asked for last.
    """
    earlier = gateway.store.by_reference(envelope.issuer or "", asked.reference) if asked.reference else None
    if (
        earlier is None
        or envelope.sent_at >= earlier.received_at
        or asked.content_hash == earlier.content_hash
        or envelope.line in (earlier.line, *earlier.former_lines)
        or isinstance(asked.content, CauceError)
    ):
        return asked
    why = f"Con la referencia {asked.reference} se pidió después otro documento; este no lo corrige."
    return Asked(asked.reference, asked.as_sent(ReferenceConflict(why, field="reference")))


def _take(gateway: Gateway, issuer: Issuer, line: Line, asked: Asked, by: str | None) -> None:
    """Give one line its record, queued, or keep why it has none of its own. Idempotent.

    A refused line stays refused, though what it lacked the first time (a range, a quota) may be there by now.
    """
    if gateway.lots.is_kept(issuer.nit, line):
        return
    if isinstance(asked.content, CauceError):
        gateway.lots.refuse(issuer.nit, _refusal(line, asked.reference, asked.content))
        return
    try:
        record, _ = documents.take_in(
            gateway, issuer, asked.content, asked.content_hash, line, by=by, said=asked.said
        )
    except _FAULTS as fault:
        gateway.lots.refuse(issuer.nit, _refusal(line, asked.reference, asked.as_sent(fault)))
        return
    if record.line != line:
        gateway.lots.repeat(issuer.nit, Repetition(line=line, document_id=record.document_id))
    elif record.state is State.RECEIVED:
        sending.enqueue(gateway, record)


def _judged(
    gateway: Gateway,
    issuer: Issuer,
    lot_id: str,
    lines: list[bytes],
    kind: Kind | None,
    read: Read,
    sha256: str,
    by: str | None,
) -> tuple[Lot, list[Refusal], bytes]:
    """A new lot of these lines, its refusals, and its file, in which each refused line's place holds its refusal.

    The lot names its file by the SHA-256 of the file, refusals included: a second request with the same key, or one
    that was judged by changed rules, writes another file and never changes what the lot refused.
    """
    refusals = list(_refused(gateway, issuer, lot_id, [read(line, kind) for line in lines]))
    kept = {
        int(refusal.line.place): _KEPT_REFUSAL + refusal.model_dump_json().encode() for refusal in refusals
    }
    body = b"\n".join(kept.get(n, line) for n, line in enumerate(lines, start=1))
    now = gateway.now()
    lot = Lot(
        issuer=issuer.nit,
        lot_id=lot_id,
        state=LotState.READING,
        kind=kind,
        size=len(body),
        sha256=sha256,
        file_sha256=hashlib.sha256(body).hexdigest(),
        by=by,
        total=len(lines),
        created_at=now,
        due_at=now + RESUME_AFTER,
    )
    return lot, refusals, body


def _refused_at_first(gateway: Gateway, lot: Lot) -> Iterator[Refusal]:
    """The refusals with which a lot that came in a request was answered, as its file holds them."""
    blank = {f"{n:06d}" for n in range(1, (lot.total or 0) + 1)}
    for n, (text, _) in enumerate(gateway.lot_files.lines(lot, 0), start=1):
        if text.startswith(_KEPT_REFUSAL):
            yield Refusal.model_validate_json(text[len(_KEPT_REFUSAL) :])
        if text.strip():
            blank.discard(f"{n:06d}")
    # In an older lot's file a refused line is blank, and its refusal is in the table.
    yield from gateway.lots.refusals(lot, sorted(blank))


def _refused(gateway: Gateway, issuer: Issuer, lot_id: str, lines: list[Asked]) -> Iterator[Refusal]:
    """The refusals of those lines that can be judged without reading the table."""
    places: dict[str | None, int] = {}
    for n, asked in enumerate(lines, start=1):
        line = Line(lot=lot_id, place=f"{n:06d}")
        if isinstance(asked.content, CauceError):
            yield _refusal(line, asked.reference, asked.content)
            continue
        try:
            first = places.setdefault(asked.reference, n)
            if first != n:
                why = f"La referencia {asked.reference} ya está en el documento {first} del lote."
                raise ReferenceConflict(why, field="reference")
            documents.taker(gateway, issuer, asked.content)
        except _FAULTS as fault:
            yield _refusal(line, asked.reference, asked.as_sent(fault))


def _refusal(line: Line, reference: str | None, error: CauceError) -> Refusal:
    """A line's refusal, with no more than ``_MOST_FIELDS`` of its faulty fields: it must fit in one item of the
    table."""
    fields = dict(islice(error.fields.items(), _MOST_FIELDS))
    return Refusal(line=line, reference=reference, code=error.code, message=error.message, fields=fields)


def _lot_id(issuer: Issuer, key: str | None) -> str:
    return str(uuid.uuid5(_NAMESPACE, f"{issuer.nit}#{key}") if key else uuid.uuid4())


def _refuse_another(existing: Lot, **same: bool) -> None:
    """Raise ReferenceConflict where the lot of a key differs in any of these fields of the request."""
    differing = tuple(name for name, is_same in same.items() if not is_same)
    if differing:
        why = f"La clave ya identifica otro lote ({existing.lot_id}), con otro contenido; use otra clave."
        raise ReferenceConflict(why, field="Idempotency-Key", lot=existing, differing=differing)


def _begin(gateway: Gateway, lot: Lot) -> None:
    """Begin to read a lot: now or, where enough lots of its issuer are being read, when the schedule gives it a
    turn."""
    has_a_turn = _has_a_turn(gateway, lot.issuer)
    due = gateway.now() + RESUME_AFTER if has_a_turn else gateway.now()
    try:
        begun = gateway.lots.change(lot, state=LotState.READING, due_at=due, last_error=None)
    except Stale:  # another notification, or the schedule, was first
        return
    if has_a_turn:
        gateway.control.go_on(begun)


def _has_a_turn(gateway: Gateway, nit: str) -> bool:
    """Whether an issuer may have another lot read now; else the schedule gives it its turn."""
    return gateway.lots.being_read(nit, READ_AT_ONCE) < READ_AT_ONCE


def _went_on(
    gateway: Gateway, lot: Lot, position: int, offset: int, blank: int, trouble: str | None, *, full: bool
) -> None:
    """Store how far a lot has got, and queue a message for what follows: with its lane full, delayed until half of
    the lane is emitted. A message that is lost is replaced by the schedule."""
    far: dict[str, Any] = {"position": position, "offset": offset, "blank": blank, "last_error": trouble}
    now = gateway.now()
    try:
        if offset >= lot.size:
            # The file does not yield the blank lines at its end, which were refused on arrival.
            far["position"] = lot.total or position
            gateway.lots.change(lot, **far, state=LotState.READ, due_at=None)
        elif full:
            waiting = gateway.lots.change(lot, **far, due_at=now)
            if position > lot.position:  # without progress, only the schedule looks again
                gateway.control.go_on(waiting, in_seconds=_IN_LANE_SECONDS // 2)
        else:
            gateway.control.go_on(gateway.lots.change(lot, **far, due_at=now + RESUME_AFTER))
    except Stale:  # another worker took the same lines, and goes on
        return


def _room(gateway: Gateway, issuer: Issuer, lot: Lot) -> int:
    """How many more of a lot's documents its lane may hold; several lots of an issuer share it."""
    whole = int((rate(gateway, issuer, lot.kind) or _UNLIMITED) * _IN_LANE_SECONDS)
    share = max(1, whole // max(1, gateway.lots.being_read(issuer.nit, READ_AT_ONCE)))
    return share - gateway.lots.waiting(issuer.nit, lot.lot_id, share)
