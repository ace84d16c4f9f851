"""What an operator is told of a test set: what DIAN has accepted, what is missing or stuck, and why."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from cauce.admin import words
from cauce.admin.habilitacion import OVER, Planned, Progress, Wanted, is_complete, is_stuck, missing
from cauce.domain.document import Kind
from cauce.domain.record import Record, State

_SEVERAL = {Kind.INVOICE: "facturas", Kind.CREDIT_NOTE: "notas crédito", Kind.DEBIT_NOTE: "notas débito"}


@dataclass(frozen=True)
class Row:
    """One document of the set."""

    name: str
    number: str
    estado: str
    why: str


def rows(found: Progress, now: datetime) -> list[Row]:
    return [_row(planned, record, now) for planned, record in found.items()]


def sentences(found: Progress, wanted: Wanted, nit: str) -> list[str]:
    """Where the whole set stands, and what to do next."""
    if is_complete(found, wanted):
        return [
            "El set de pruebas está aceptado.",
            "Sigue en el portal de la DIAN: confirmar la habilitación y asociar los prefijos al software. Después: "
            f"«cauce issuer update {nit} --environment produccion» y «cauce range sync {nit}».",
        ]
    counted = ", ".join(
        f"{count} {(words.KINDS if count == 1 else _SEVERAL)[kind]}"
        for kind, count in missing(found, wanted).items()
    )
    return [
        f"Falta que la DIAN acepte: {counted}.",
        "Repita el comando: sigue donde quedó y no duplica nada.",
    ]


def _row(planned: Planned, record: Record | None, now: datetime) -> Row:
    name = f"{words.KINDS[planned.kind]} {planned.position}"
    if record is not None:
        return Row(name, str(record.number or ""), record.shown_state, _why(record, now))
    if planned.kind is Kind.INVOICE:
        return Row(name, "", "sin enviar", "Se envía cuando pasen las anteriores.")
    return Row(name, "", "sin enviar", "Espera una factura aceptada.")


def _why(record: Record, now: datetime) -> str:
    match record.state:
        case State.ACCEPTED:
            return ""
        case State.REJECTED if record.status_code == OVER:
            return "El set ya estaba aceptado y no recibe más."
        case State.REJECTED:
            texts = "; ".join(message.text for message in record.rejections)
            return f"{texts} Corrija los datos del emisor y repita: conserva su número."
        case State.FAILED | State.RECEIVED:
            return f"No se envió: {record.last_error or 'espera su turno.'}"
    if record.needs_person:
        return f"{record.last_error} Decida con POST /documentos/{record.document_id}/resolver."
    return _slow(now - (record.sent_at or record.received_at), is_stuck=is_stuck(record, now))


def _slow(waited: timedelta, *, is_stuck: bool) -> str:
    minutes = int(waited.total_seconds() // 60)
    if not is_stuck:
        return f"La DIAN lo tiene en proceso desde hace {minutes} min; en habilitación tarda minutos."
    return (
        f"Lleva {minutes} min en proceso: está atascado, y otro se envía en su lugar. Si el portal muestra "
        "«Recibidos 0», el archivo no entró en el set: compruebe su identificador, y que el software y el "
        "certificado sean del emisor."
    )
