"""A person's decisions: on a record that cannot be settled by asking, and to have one tried again now."""

from dataclasses import replace
from enum import StrEnum

from cauce.domain import life
from cauce.domain.errors import CauceError, Conflict, Stale
from cauce.domain.outcome import Accepted, Number
from cauce.domain.record import Record, State
from cauce.exchange.attempt import settle
from cauce.gateway import Deciding, Filing, Placing
from cauce.providers import identity
from cauce.providers.base import NumberedBy, Provider, refs


class Decision(StrEnum):
    """What a person may decide on a record that cannot be settled by asking."""

    SEND_AGAIN = "reenviar"
    DISCARD = "descartar"
    ACCEPT = "aceptar"


def decide(
    gateway: Deciding,
    record: Record,
    decision: Decision,
    *,
    reason: str,
    who: str,
    uuid: str | None = None,
    by: str | None = None,
) -> Record:
    """Carry out a person's decision on a record that cannot be settled by asking; the trace keeps who, why, and whose
    token (``by``).

    Sending again may make a second document, which is why only a person may choose it. While DIAN says that it has a
    document of this number (rule 90), it may be this one, and valid: the record is not sent again, and is discarded
    only if its absence at the provider is proved. ``uuid``: the document to accept, which is read and compared first.
    Raises Conflict where the record is not waiting for a person, or the decision is not allowed now.
    """
    if record.is_doubtful_rejection:
        record = life.already_processed(record, gateway.now())
    elif not (record.needs_person and record.state is State.UNKNOWN):
        raise Conflict("El documento no espera la decisión de una persona.")
    provider = gateway.provider_of(record)
    if decision is Decision.ACCEPT:
        return _accepted_by(gateway, provider, record, uuid or "", f"aceptado por {who}: {reason}", by)
    absent = record.absences >= provider.capabilities.absent_after
    if record.already_processed and (decision is Decision.SEND_AGAIN or not absent):
        raise Conflict(
            "La DIAN responde que ya procesó un documento con este número (regla 90): puede ser este, y ser "
            "válido. Consúltelo en la DIAN y, si es este, use «aceptar» con su CUFE. No se envía de nuevo, y solo "
            "se descarta cuando el proveedor haya respondido varias veces que no lo tiene."
        )
    if decision is Decision.SEND_AGAIN:
        decided = life.sent_again(record, gateway.now(), f"{who}: {reason}", by=by)
    else:
        decided = life.discarded(record, gateway.now(), who, reason, by=by)
    try:
        decided = gateway.records.save(decided)
    except Stale as lost:
        raise Conflict("El documento acaba de cambiar; consúltelo antes de decidir.") from lost
    if decision is Decision.SEND_AGAIN:
        gateway.queue.put(decided, provider.capabilities.lane)
    return decided


def _accepted_by(
    gateway: Filing, provider: Provider, record: Record, uuid: str, why: str, by: str | None
) -> Record:
    """The record accepted, after the document of that identifier was read and compared with it.

    Raises Conflict where it is another document, or cannot be read.
    """
    known = replace(refs(record), uuid=uuid)
    try:
        provider.admit()
        found = provider.found_by_uuid(known)
        ids = found.provider_ids if found is not None else {}
        xml = provider.xml(replace(known, provider_ids={**known.provider_ids, **ids}))
    except CauceError as trouble:
        raise Conflict(
            f"No se pudo leer el documento, y sin leerlo no se acepta: {trouble.message}"
        ) from trouble
    number, different = _read(provider, record, uuid, xml)
    if different:
        raise Conflict(f"El documento de ese CUFE no es este: {different}.")
    told = found.number if found is not None else None
    accepted = Accepted(uuid=uuid, number=record.number or told or number, provider_ids=ids, raw=xml)
    after = settle(gateway, provider, life.decided(record, gateway.now(), why, by=by), accepted)
    if after.state is not State.ACCEPTED:  # its number is another's, or the record has changed meanwhile
        raise Conflict(after.last_error or "El documento acaba de cambiar; consúltelo antes de decidir.")
    return after


def _read(provider: Provider, record: Record, uuid: str, xml: bytes) -> tuple[Number | None, str | None]:
    """The number in a document that was read, and in Spanish how the document differs from the record's, if it does.

    Raises Conflict where the document has another identifier.
    """
    if record.event is not None:
        is_same = identity.is_event(xml, uuid, record.event, record.issuer)
        return None, None if is_same else "es otro evento, de otra factura o de otro emisor"
    known, theirs = refs(record), identity.of_signed(xml, record.kind)
    if theirs is None or theirs.uuid != uuid:
        raise Conflict(f"{provider.title} no entregó el documento de ese CUFE.")
    is_dated = provider.capabilities.numbered_by is NumberedBy.GATEWAY
    ours = identity.of_refs(known, issuer=record.issuer, is_dated=is_dated)
    different = identity.difference(ours, theirs, tolerance=identity.a_cent_a_line(record))
    return _number_of(record, theirs.number), different


def _number_of(record: Record, text: str | None) -> Number | None:
    """A document's number from its text, split after the prefix of the record's range, else before its last digits.
    The record needs it: a claimed number keeps another record from taking the same document."""
    whole, known = text or "", record.range.prefix if record.range is not None else ""
    prefix = known if known and whole.startswith(known) else whole.rstrip("0123456789")
    digits = whole.removeprefix(prefix)
    try:
        return Number(prefix=prefix, consecutive=int(digits)) if digits.isascii() else None
    except ValueError:
        return None


def retry(gateway: Placing, record: Record) -> Record:
    """Make a received or failed record due and queue it, whatever it waits for: an operator wants it tried now.

    Raises Conflict in any other state: what may have arrived is only asked about, a rejected document is corrected.
    """
    if record.state not in (State.RECEIVED, State.FAILED):
        raise Conflict(
            f"Solo se reintenta un documento que espera o que falló; este está en «{record.state}»."
        )
    try:
        wanted = gateway.records.save(life.retried_by_operator(record, gateway.now()))
    except Stale as lost:
        raise Conflict("El documento acaba de cambiar; consúltelo antes de reintentarlo.") from lost
    gateway.queue.put(wanted, gateway.provider_of(wanted).capabilities.lane)
    return wanted
