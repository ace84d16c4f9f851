"""Lots: many documents asked for at once, in a request or in a file that is uploaded after it.

A lot is a file and how far it has been read (``control``). No line is refused for another's fault.
"""

import hashlib
import math
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta

from cauce.domain.acquirer import is_nameless
from cauce.domain.document import Kind
from cauce.domain.errors import CauceError, ReferenceConflict
from cauce.domain.issuer import Issuer
from cauce.domain.lot import Asked, Lot, LotLine, LotState, Refusal
from cauce.gateway import Asking, LotKeeping, TakingLots
from cauce.intake import acquirers, control, documents, lines

# An upload that has not come by then needs another POST.
UPLOAD_WITHIN = timedelta(minutes=30)
_NAMESPACE = uuid.UUID("6f0a7a52-5a0e-4f0e-9a39-0d9d7c1f2b11")


def take_in(
    gateway: TakingLots,
    issuer: Issuer,
    texts: list[bytes],
    kind: Kind | None,
    key: str | None,
    read: lines.ReadLine,
    *,
    by: str | None = None,
    looks_up: int | None = None,
) -> tuple[Lot, list[Refusal], bool]:
    """A lot of these lines, the refusals of lines that were refused when it came, and whether it existed before.

    ``key`` names the request: the same key with the same content is the same lot, with the refusals of its first
    answer; with other content, ReferenceConflict. Dying on the way leaves at most a file without a lot. ``by``: who
    asked, for the trace of its documents. ``looks_up``: as in ``Lot``.
    """
    lot_id, sha256 = id_of(issuer, key), hashlib.sha256(b"\n".join(texts)).hexdigest()
    existing = gateway.lots.find(issuer.nit, lot_id)
    made = None
    if existing is None:
        made, refusals, body = _judged(gateway, issuer, lot_id, texts, kind, read, sha256, by, looks_up)
        gateway.lot_files.write(made, body)
        existing = gateway.lots.create(made)
    _refuse_another(
        existing,
        tipo=existing.kind == kind,
        subir=existing.total is not None,
        documentos=existing.sha256 == sha256 and existing.total in (None, len(texts)),
    )
    if existing is made:
        for refusal in refusals:
            gateway.lots.refuse(issuer.nit, refusal)
    else:
        refusals = list(_refused_at_first(gateway, existing))
    if existing.state is LotState.READING and control.has_a_turn(gateway, issuer.nit):
        gateway.control.go_on(existing)
    return existing, refusals, existing is not made


def await_upload(
    gateway: LotKeeping,
    issuer: Issuer,
    size: int,
    sha256: str,
    kind: Kind | None,
    key: str | None,
    *,
    by: str | None = None,
    looks_up: int | None = None,
) -> tuple[Lot, bool]:
    """A lot whose file is to be uploaded, and whether it existed before. Raises ReferenceConflict as ``take_in``."""
    now = gateway.now()
    lot = Lot(
        issuer=issuer.nit,
        lot_id=id_of(issuer, key),
        state=LotState.AWAITED,
        kind=kind,
        size=size,
        sha256=sha256,
        by=by,
        looks_up=looks_up,
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


def upload_link(gateway: LotKeeping, lot: Lot) -> tuple[str, dict[str, str], datetime]:
    """The URL, the headers and the deadline of the upload of an awaited lot's file.

    Raises ReferenceConflict where the file has come already, or its deadline is over.
    """
    if lot.state is not LotState.AWAITED or lot.due_at is None or lot.due_at <= gateway.now():
        raise ReferenceConflict("El archivo de este lote ya se recibió o venció; cree otro lote.", lot=lot)
    seconds = math.ceil((lot.due_at - gateway.now()).total_seconds())
    url, headers = gateway.lot_files.upload(lot, seconds)
    return url, headers, lot.due_at


def _judged(
    gateway: Asking,
    issuer: Issuer,
    lot_id: str,
    texts: list[bytes],
    kind: Kind | None,
    read: lines.ReadLine,
    sha256: str,
    by: str | None,
    looks_up: int | None,
) -> tuple[Lot, list[Refusal], bytes]:
    """A new lot of these lines, its refusals, and its file, in which each refused line's place holds its refusal.

    The lot names its file by the SHA-256 of the file, refusals included: a second request with the same key, or one
    that was judged by changed rules, writes another file and never changes what the lot refused.
    """
    refusals = list(_refused(gateway, issuer, lot_id, [read(text, kind) for text in texts], looks_up))
    refused = {int(refusal.line.place): lines.refused_text(refusal) for refusal in refusals}
    body = b"\n".join(refused.get(n, text) for n, text in enumerate(texts, start=1))
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
        looks_up=looks_up,
        total=len(texts),
        created_at=now,
        due_at=now + control.RESUME_AFTER,
    )
    return lot, refusals, body


def _refused_at_first(gateway: LotKeeping, lot: Lot) -> Iterator[Refusal]:
    """The refusals with which a lot that came in a request was answered, as its file holds them."""
    blank = {f"{n:06d}" for n in range(1, (lot.total or 0) + 1)}
    for n, (text, _) in enumerate(gateway.lot_files.lines(lot, 0), start=1):
        refusal = lines.refusal_in(text)
        if refusal is not None:
            yield refusal
        if text.strip():
            blank.discard(f"{n:06d}")
    # In an older lot's file a refused line is blank, and its refusal is in the table.
    yield from gateway.lots.refusals(lot, sorted(blank))


def _refused(
    gateway: Asking, issuer: Issuer, lot_id: str, asked_for: list[Asked], looks_up: int | None
) -> Iterator[Refusal]:
    """The refusals of those documents that can be judged without reading the table. One whose buyer is to be looked
    up is judged in its turn, when it has a name."""
    places: dict[str | None, int] = {}
    for n, asked in enumerate(asked_for, start=1):
        line = LotLine(lot=lot_id, place=f"{n:06d}")
        if isinstance(asked.content, CauceError):
            yield lines.refusal(line, asked.reference, asked.content)
            continue
        try:
            first = places.setdefault(asked.reference, n)
            if first != n:
                why = f"La referencia {asked.reference} ya está en el documento {first} del lote."
                raise ReferenceConflict(why, field="reference")
            acquirers.refuse_without_a_name(asked.content, looks_up)
            if not is_nameless(asked.content):
                documents.taker(gateway, issuer, asked.content)
        except lines.FAULTS as fault:
            yield lines.refusal(line, asked.reference, asked.as_sent(fault))


def id_of(issuer: Issuer, key: str | None) -> str:
    """The id of an issuer's lot: always the same for a key, new where there is none."""
    return str(uuid.uuid5(_NAMESPACE, f"{issuer.nit}#{key}") if key else uuid.uuid4())


def _refuse_another(existing: Lot, **same: bool) -> None:
    """Raise ReferenceConflict where the lot of a key differs in any of these fields of the request."""
    differing = tuple(name for name, is_same in same.items() if not is_same)
    if differing:
        why = f"La clave ya identifica otro lote ({existing.lot_id}), con otro contenido; use otra clave."
        raise ReferenceConflict(why, field="Idempotency-Key", lot=existing, differing=differing)
