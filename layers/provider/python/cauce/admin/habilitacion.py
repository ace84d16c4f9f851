"""Habilitación: emits the documents of a test set of DIAN's, as any others, and says what is still missing and why.

Each document's reference is made of the test set's id, so a repeated run only asks about documents that were sent,
sends rejected ones again under their numbers, and duplicates none. A document that DIAN never finishes is not waited
for: another one is sent in its place.
Source: Anexo Técnico 1.9, 13; the portal says how many documents a set asks for.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from cauce.contracts.v1 import contract
from cauce.contracts.v1.bodies import JsonObject
from cauce.domain.document import Kind
from cauce.domain.errors import Conflict, Unsupported
from cauce.domain.issuer import Environment, Issuer
from cauce.domain.record import Record, State
from cauce.domain.time import bogota
from cauce.emission import sending
from cauce.gateway import Gateway
from cauce.intake import documents
from cauce.numbering.sync import sync_ranges
from cauce.ubl.own_ranges import NAME, TEST_RANGE

_SETTING = "test_set_id"
OVER = "2"
"""DIAN's StatusCode for a document that was sent after its test set had been accepted."""
# A batch that is in process for longer never ends: its file did not enter the set.
STUCK_AFTER = timedelta(hours=1)
# Seconds between two questions: DIAN takes seconds to minutes over a document of a test set.
FIRST_PAUSE, _LONGEST_PAUSE = 3.0, 30.0
_CODES = {Kind.INVOICE: "FV", Kind.CREDIT_NOTE: "NC", Kind.DEBIT_NOTE: "ND"}
_FINAL_CONSUMER = {
    "tipo_persona": "2",
    "tipo_documento": "13",
    "numero_documento": "222222222222",
    "razon_social": "consumidor final",
    "responsabilidad_fiscal": "R-99-PN",
}
_LINE = {
    "codigo": "PRUEBA",
    "descripcion": "Producto de prueba",
    "cantidad": 1,
    "precio": 10000,
    "iva_pct": 19,
}
# The codes of a price adjustment and of a change of value: reasons that any invoice may be corrected for.
_REASONS = {Kind.CREDIT_NOTE: "4", Kind.DEBIT_NOTE: "3"}


Wanted = dict[Kind, int]
"""How many invoices, credit and debit notes a test set asks for."""


@dataclass(frozen=True)
class Planned:
    """One document of a test set: the third credit note, say."""

    kind: Kind
    position: int
    reference: str


Progress = dict[Planned, Record | None]
"""Every document of the set with its record, or ``None`` where it cannot be sent yet."""


def run(gateway: Gateway, issuer: Issuer, set_id: str | None, wanted: Wanted, seconds: float) -> Progress:
    """Send what is missing and wait for DIAN, ``seconds`` at most; every document of the set as it stands then.

    Raises Conflict or Unsupported where the issuer is not set up for it, and what a sync of its ranges raises.
    """
    issuer = _ready(gateway, issuer, set_id)
    deadline = gateway.now() + timedelta(seconds=seconds)
    found = _enough(gateway, issuer, wanted, (Kind.INVOICE,), None, deadline)
    corrected = next((r for r in found.values() if r is not None and r.state is State.ACCEPTED), None)
    found |= _enough(gateway, issuer, wanted, (Kind.CREDIT_NOTE, Kind.DEBIT_NOTE), corrected, deadline)
    if is_complete(found, wanted):
        _forget(gateway, gateway.issuers.read(issuer.nit))
    return found


def missing(found: Progress, wanted: Wanted) -> Counter[Kind]:
    """How many of each kind DIAN has yet to accept."""
    accepted = Counter(
        planned.kind
        for planned, record in found.items()
        if record is not None and record.state is State.ACCEPTED
    )
    return Counter(wanted) - accepted


def is_complete(found: Progress, wanted: Wanted) -> bool:
    """Whether the set is done: enough documents are accepted, or DIAN says that the set is."""
    is_over = any(record is not None and record.status_code == OVER for record in found.values())
    return is_over or not missing(found, wanted)


def is_stuck(record: Record | None, now: datetime) -> bool:
    """Whether DIAN has had a document in process for so long that it will never finish it."""
    if record is None or record.state is not State.PENDING:
        return False
    return now - (record.sent_at or record.received_at) >= STUCK_AFTER


def _ready(gateway: Gateway, issuer: Issuer, set_id: str | None) -> Issuer:
    """The issuer with its test set, able to emit what the set asks for."""
    if issuer.environment is not Environment.TEST:
        raise Conflict(f"El emisor {issuer.nit} está en producción, donde no hay sets de pruebas.")
    if any(issuer.providers.get(kind) != NAME for kind in _CODES):
        raise Unsupported(
            "El emisor no emite sus facturas y notas por la DIAN; "
            f"use «cauce issuer update {issuer.nit} --provider {NAME}»."
        )
    if issuer.party is None:
        raise Conflict(
            f"Faltan los datos del emisor; use «cauce issuer party {issuer.nit} --file EMISOR.json»."
        )
    own = issuer.settings.get(NAME, {})
    if set_id is None and _SETTING not in own:
        raise Conflict(
            "Indique con --set-id el identificador del set de pruebas; el portal de la DIAN lo muestra."
        )
    if set_id is not None and own.get(_SETTING) != set_id:
        settings = {**issuer.settings, NAME: {**own, _SETTING: set_id}}
        issuer = issuer.model_copy(update={"settings": settings})
        gateway.issuers.save(issuer)
    sync_ranges(gateway, issuer, NAME)
    return issuer


def _forget(gateway: Gateway, issuer: Issuer) -> None:
    """Forget an accepted test set: from now on the issuer's documents in habilitación go by SendBillSync."""
    own = {name: value for name, value in issuer.settings.get(NAME, {}).items() if name != _SETTING}
    gateway.issuers.save(issuer.model_copy(update={"settings": {**issuer.settings, NAME: own}}))


def _planned(issuer: Issuer, kind: Kind, count: int) -> list[Planned]:
    stem = f"HAB-{issuer.settings[NAME][_SETTING]}-{_CODES[kind]}"
    return [Planned(kind, position, f"{stem}-{position}") for position in range(1, count + 1)]


def _enough(
    gateway: Gateway,
    issuer: Issuer,
    wanted: Wanted,
    kinds: tuple[Kind, ...],
    corrected: Record | None,
    deadline: datetime,
) -> Progress:
    """Send as many of these kinds as the set asks for, and one more for each that is stuck."""
    extra: Counter[Kind] = Counter()
    while True:
        planned = [each for kind in kinds for each in _planned(issuer, kind, wanted[kind] + extra[kind])]
        found = _round(gateway, issuer, planned, corrected, deadline)
        stuck = Counter(each.kind for each, record in found.items() if is_stuck(record, gateway.now()))
        if stuck <= extra:
            return found
        extra = stuck


def _round(
    gateway: Gateway, issuer: Issuer, planned: list[Planned], corrected: Record | None, deadline: datetime
) -> Progress:
    """Send the planned documents and wait for their verdicts. Notes are sent only where there is an invoice to
    correct."""
    found: Progress = {}
    is_turned_away = False  # nothing was sent: the others would not be either
    for each in planned:
        earlier = gateway.records.by_reference(issuer.nit, each.reference)
        if is_turned_away or (each.kind is not Kind.INVOICE and corrected is None):
            found[each] = earlier
            continue
        found[each] = sent = _sent(gateway, issuer, each, corrected, earlier)
        is_turned_away = sent.state is State.RECEIVED
    pause = FIRST_PAUSE
    while any(_waits(gateway, each) for each in found.values()):
        if gateway.now() + timedelta(seconds=pause) > deadline:
            break
        gateway.sleep(pause)
        pause = min(pause * 2, _LONGEST_PAUSE)
        for each, record in found.items():
            if record is not None and _waits(gateway, record):
                found[each] = sending.emit(gateway, gateway.records.read(record.issuer, record.document_id))
    return found


def _sent(
    gateway: Gateway, issuer: Issuer, planned: Planned, corrected: Record | None, earlier: Record | None
) -> Record:
    """The record of a document of the set; made, corrected or only asked about."""
    if earlier is not None and not _is_sent_again(earlier):
        return sending.emit(gateway, gateway.records.read(earlier.issuer, earlier.document_id))
    attempt = earlier.attempt + 1 if earlier else 1
    document = contract.document(planned.kind, _body(gateway, issuer, planned, corrected, attempt))
    record, _ = documents.take_in(gateway, issuer, document, contract.content_hash(document))
    return sending.emit(gateway, gateway.records.read(record.issuer, record.document_id))


def _is_sent_again(record: Record) -> bool:
    return record.state is State.FAILED or (record.state is State.REJECTED and record.status_code != OVER)


def _waits(gateway: Gateway, record: Record | None) -> bool:
    """Whether a verdict may still come soon without anybody's doing."""
    if record is None or record.needs_person or is_stuck(record, gateway.now()):
        return False
    return record.state in (State.SENDING, State.PENDING, State.UNKNOWN)


def _body(
    gateway: Gateway, issuer: Issuer, planned: Planned, corrected: Record | None, attempt: int
) -> JsonObject:
    body: JsonObject = {
        "referencia": planned.reference,
        "adquiriente": _FINAL_CONSUMER,
        "lineas": [_LINE],
        # Another attempt must have another content, or it would be the same document.
        "observaciones": f"Set de pruebas de habilitación, intento {attempt}",
    }
    if corrected is None:
        prefixes = {known.prefix for known in gateway.ranges.all(issuer.nit) if known.kind is Kind.INVOICE}
        return {**body, "prefijo": TEST_RANGE.prefix} if TEST_RANGE.prefix in prefixes else body
    return {
        **body,
        "factura_referencia": {
            "numero": str(corrected.number),
            "cufe": corrected.uuid,
            "fecha": bogota(corrected.issued_at).date().isoformat(),
        },
        "motivo": {"codigo": _REASONS[planned.kind], "descripcion": "Prueba de habilitación"},
    }
