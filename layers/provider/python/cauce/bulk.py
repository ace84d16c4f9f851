"""Bulk: many documents at once, taken in line by line, each exactly once, at the pace of the lane they go to.

A lot is a file and how far it has been read. A message of the control queue takes its next few lines and queues
another behind everybody else's; a line becomes a record under its own reference, so that any line may be taken
again. No line is refused for another's fault.

One issuer's thousands do not delay another's single document: a lot puts no more in its lane than the lane emits in
fifteen seconds, and its lanes are few, so that of the emission queue's workers it holds as few.
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

from cauce import emission, faults
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
from cauce.gateway import Gateway
from cauce.lot_progress import rate

# Lines of a file; more is another lot.
MOST_LINES = 10_000
# An upload that has not come by then needs another POST.
UPLOAD_WITHIN = timedelta(minutes=30)
# Lines taken by one message: about a second's work, which is how long it keeps other lots waiting.
CHUNK = 25
# What a line may take: its provider may be asked for what it corrects.
_LINE_SECONDS = 20.0
# Of one issuer's lots, how many are gone on with at once: another's is then behind so many messages, and no more.
READ_AT_ONCE = 20
# A lot whose chain of messages broke (a worker died between two writes) is taken up again after this long.
RESUME_AFTER = timedelta(minutes=2)
# How much of a lot waits in its lane, which is filled again before it is empty. A single document waits no longer,
# and so within the time for which an ERP's request is kept waiting.
_IN_LANE_SECONDS = 15
# Documents a second where a provider documents no limit.
_UNLIMITED = 2.0

_ANOTHER_FILE = (
    "El archivo que llegó no es el anunciado: su tamaño o su SHA-256 son otros. "
    "Suba el anunciado, con exactamente los encabezados de la respuesta, o cree otro lote."
)
# What is wrong with one line, and would be at every repetition; anything else is wrong with the moment.
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
# Of a refusal, as many as its lot shows, and more.
_MOST_FIELDS = 50
# Begins the line, in the file of a lot that came in a request, of what was refused then. No document begins so.
_KEPT_REFUSAL = b"!"
_NIT = re.compile(r"[0-9]{1,15}")
_NAMESPACE = uuid.UUID("6f0a7a52-5a0e-4f0e-9a39-0d9d7c1f2b11")

Read = Callable[[bytes, Kind | None], Asked]
"""Reads one line in the contract's words; the kind is that of a line which does not say its own."""


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
    """A lot of these lines, those of them that were refused when it came, and whether it was there before.

    ``key`` names the request: the same key with the same content is the same lot, and its refusals are those that
    it was answered with at first; with other content, ReferenceConflict. Dying on the way leaves at most a file
    that no lot has. ``by``: whose word it is, for the trace of its documents.
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
    """A lot whose file is to be uploaded, and whether it was there before. Raises ReferenceConflict as above."""
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
    """Where, with which headers and until when an awaited lot's file is uploaded.

    Raises ReferenceConflict where it came, or should have come, before.
    """
    if lot.state is not LotState.AWAITED or lot.due_at is None or lot.due_at <= gateway.now():
        raise ReferenceConflict("El archivo de este lote ya se recibió o venció; cree otro lote.", lot=lot)
    seconds = math.ceil((lot.due_at - gateway.now()).total_seconds())
    url, headers = gateway.lot_files.upload(lot, seconds)
    return url, headers, lot.due_at


def obey(gateway: Gateway, message: Message, read: Read) -> None:
    """Do what a message of the control queue says. Any number of times."""
    match message:
        case Uploaded(lots):
            for nit, lot_id in lots:
                uploaded(gateway, nit, lot_id)
        case GoOn(nit, lot_id, position):
            go_on(gateway, nit, lot_id, position, read)


def received(gateway: Gateway, body: str, envelope: Envelope, read: Read) -> None:
    """Take in a message of the intake queue: a document, whatever it looks like. Any number of times."""
    straight(gateway, envelope, read(body.encode("utf-8", "surrogatepass"), None))


def uploaded(gateway: Gateway, nit: str, lot_id: str) -> None:
    """A lot's file has come: begin to read it, if it is the announced one. Any number of times.

    Another one changes nothing but what the lot says of it: the announced one may still come.
    """
    lot = gateway.lots.find(nit, lot_id)
    if lot is None or lot.state not in (LotState.AWAITED, LotState.EXPIRED):
        return
    match gateway.lot_files.arrival(lot):
        case Arrival.ANNOUNCED:
            _begin(gateway, lot)
        case Arrival.ANOTHER:
            with suppress(Stale):  # its other notification was first
                gateway.lots.change(lot, last_error=_ANOTHER_FILE)


def go_on(gateway: Gateway, nit: str, lot_id: str, position: int, read: Read) -> None:
    """Take a lot's next lines, and queue those after them. Any number of times, by any number of workers.

    A message about a place that was left behind does nothing; of several workers at one place, one goes on.
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
            elif lot.total is None:  # in one that came in a request, it is a line that was refused then
                blank += 1
            position, offset = position + 1, after
    except CauceError as not_now:
        room, trouble = position - lot.position, not_now.message
    full = position - lot.position == room
    _went_on(gateway, lot, position, offset, blank, trouble, full=full)


def straight(gateway: Gateway, envelope: Envelope, asked: Asked) -> None:
    """Take a document that an ERP put in the intake queue itself.

    Raises Unauthenticated where its sender does not speak for the issuer, and what is wrong with the moment; the
    message then comes back, and at last goes where an operator finds it, to be taken in once that is mended.
    """
    issuer = spoken_for(gateway, envelope)
    asked = _unless_overtaken(gateway, envelope, asked)
    _take(gateway, issuer, envelope.line, asked, f"sender {envelope.sender}")


def spoken_for(gateway: Gateway, envelope: Envelope) -> Issuer:
    """The issuer whose document a message holds. Raises Unauthenticated where its sender does not speak for it."""
    nit = envelope.issuer or ""
    why = "El atributo «emisor» no es un NIT de esta instalación."
    if not _NIT.fullmatch(nit):  # no key of the table is as long as an attribute may be
        raise Unauthenticated(why)
    try:
        issuer = gateway.store.issuer(nit)
    except NotFound as nobody:
        raise Unauthenticated(why) from nobody
    if envelope.sender not in issuer.senders or not issuer.active:
        raise Unauthenticated(f"Quien envió el mensaje ({envelope.sender}) no habla por el emisor {nit}.")
    return issuer


def resume_due(gateway: Gateway, limit: int) -> int:
    """Queue lots that waited for room or were left behind, give up on files that never came; how many lots.

    Issuers take turns, and of each no more lots are queued than are read at once: what one has announced or uploaded
    keeps no other's waiting.
    """
    lots = gateway.lots.due(gateway.now(), limit)
    queued = Counter[str]()
    for lot in lots:
        with suppress(Stale):  # somebody else is at it
            if lot.state is not LotState.READING:
                _awaited_no_longer(gateway, lot)
            elif queued[lot.issuer] < READ_AT_ONCE:
                queued[lot.issuer] += 1
                gateway.control.go_on(gateway.lots.change(lot, due_at=gateway.now() + RESUME_AFTER))
    return len(lots)


def _awaited_no_longer(gateway: Gateway, lot: Lot) -> None:
    """A lot whose file should have come: begin to read it where it did and its notification did not."""
    arrival = gateway.lot_files.arrival(lot)
    if arrival is Arrival.ANNOUNCED:
        _begin(gateway, lot)
        return
    why = _ANOTHER_FILE if arrival is Arrival.ANOTHER else "El archivo no se subió a tiempo."
    gateway.lots.change(lot, state=LotState.EXPIRED, due_at=None, last_error=why)


def wake(gateway: Gateway, nit: str, lot_id: str) -> None:
    """Have the schedule's next run look at a lot, whatever its state. Any number of times."""
    lot = gateway.lots.find(nit, lot_id)
    if lot is None or lot.state is LotState.READ:
        return
    with suppress(Stale):  # somebody is at it
        gateway.lots.change(lot, due_at=gateway.now())


def _unless_overtaken(gateway: Gateway, envelope: Envelope, asked: Asked) -> Asked:
    """What a message asks for; ReferenceConflict where something else was asked for since under its reference.

    It may come days later, out of the dead letters, and is then no correction of what its ERP said last.
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
    return Asked(asked.reference, ReferenceConflict(why, field="referencia"))


def _take(gateway: Gateway, issuer: Issuer, line: Line, asked: Asked, by: str | None) -> None:
    """Give one line its record, queued, or keep why it has none of its own. Twice is once.

    What was wrong the first time may be right the second (a range, a quota): the first answer stands.
    """
    if gateway.lots.is_kept(issuer.nit, line):
        return
    if isinstance(asked.content, CauceError):
        gateway.lots.refuse(issuer.nit, _refusal(line, asked.reference, asked.content))
        return
    try:
        record, _ = emission.accept(
            gateway, issuer, asked.content, asked.content_hash, line, by=by, said=asked.said
        )
    except _FAULTS as fault:
        gateway.lots.refuse(issuer.nit, _refusal(line, asked.reference, asked.as_sent(fault)))
        return
    if record.line != line:
        gateway.lots.repeat(issuer.nit, Repetition(line=line, document_id=record.document_id))
    elif record.state is State.RECEIVED:
        emission.enqueue(gateway, record)


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
    """A new lot of these lines, its refusals, and its file, in which a refused line's place holds its refusal.

    Lot and refusals come into being as one: the lot names its file by the file's own content, so that of two
    requests with one key, or of the days before and after a change of the rules, none meets the other's refusals.
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
    """The lines of a lot that came in a request which were refused then, as its file holds them."""
    blank = {f"{n:06d}" for n in range(1, (lot.total or 0) + 1)}
    for n, (text, _) in enumerate(gateway.lot_files.lines(lot, 0), start=1):
        if text.startswith(_KEPT_REFUSAL):
            yield Refusal.model_validate_json(text[len(_KEPT_REFUSAL) :])
        if text.strip():
            blank.discard(f"{n:06d}")
    # In the file of a lot from before refusals stood there, a refused line's place is empty.
    yield from gateway.lots.refusals(lot, sorted(blank))


def _refused(gateway: Gateway, issuer: Issuer, lot_id: str, lines: list[Asked]) -> Iterator[Refusal]:
    """The lines that can be refused without reading the table."""
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
                raise ReferenceConflict(why, field="referencia")
            emission.taker(gateway, issuer, asked.content)
        except _FAULTS as fault:
            yield _refusal(line, asked.reference, asked.as_sent(fault))


def _refusal(line: Line, reference: str | None, error: CauceError) -> Refusal:
    """A document of thousands of lines may be wrong in each of them, and its refusal is one item of the table."""
    fields = dict(islice(error.fields.items(), _MOST_FIELDS))
    return Refusal(line=line, reference=reference, code=error.code, message=error.message, fields=fields)


def _lot_id(issuer: Issuer, key: str | None) -> str:
    return str(uuid.uuid5(_NAMESPACE, f"{issuer.nit}#{key}") if key else uuid.uuid4())


def _refuse_another(existing: Lot, **same: bool) -> None:
    """Raise ReferenceConflict where a key names a lot that is another in any of these fields of the request."""
    differing = tuple(name for name, is_same in same.items() if not is_same)
    if differing:
        why = f"La clave ya identifica otro lote ({existing.lot_id}), con otro contenido; use otra clave."
        raise ReferenceConflict(why, field="Idempotency-Key", lot=existing, differing=differing)


def _begin(gateway: Gateway, lot: Lot) -> None:
    """Read a lot from now on; where its issuer has enough that are being read, once the schedule gives it a turn."""
    has_a_turn = _has_a_turn(gateway, lot.issuer)
    due = gateway.now() + RESUME_AFTER if has_a_turn else gateway.now()
    try:
        begun = gateway.lots.change(lot, state=LotState.READING, due_at=due, last_error=None)
    except Stale:  # its other notification, or the schedule, was first
        return
    if has_a_turn:
        gateway.control.go_on(begun)


def _has_a_turn(gateway: Gateway, nit: str) -> bool:
    """Whether an issuer may have another lot read now; else the schedule gives it its turn."""
    return gateway.lots.being_read(nit, READ_AT_ONCE) < READ_AT_ONCE


def _went_on(
    gateway: Gateway, lot: Lot, position: int, offset: int, blank: int, trouble: str | None, *, full: bool
) -> None:
    """Write down how far a lot has got, and queue what follows; with its lane full, for when half of that is gone,
    and the schedule brings what then was lost."""
    far: dict[str, Any] = {"position": position, "offset": offset, "blank": blank, "last_error": trouble}
    now = gateway.now()
    try:
        if offset >= lot.size:
            # Those that were refused at the end have left no line behind.
            far["position"] = lot.total or position
            gateway.lots.change(lot, **far, state=LotState.READ, due_at=None)
        elif full:
            waiting = gateway.lots.change(lot, **far, due_at=now)
            if position > lot.position:  # where nothing moves, the schedule alone looks again
                gateway.control.go_on(waiting, in_seconds=_IN_LANE_SECONDS // 2)
        else:
            gateway.control.go_on(gateway.lots.change(lot, **far, due_at=now + RESUME_AFTER))
    except Stale:  # another worker took the same lines, and goes on from there
        return


def _room(gateway: Gateway, issuer: Issuer, lot: Lot) -> int:
    """How many more of a lot's documents its lane may hold; several lots of an issuer share it."""
    whole = int((rate(gateway, issuer, lot.kind) or _UNLIMITED) * _IN_LANE_SECONDS)
    share = max(1, whole // max(1, gateway.lots.being_read(issuer.nit, READ_AT_ONCE)))
    return share - gateway.lots.waiting(issuer.nit, lot.lot_id, share)
