"""The contents of the container that a buyer receives: document, DIAN's answer, sender and receiver. Pure.

Source: Anexo Técnico 1.9, section on the AttachedDocument.
"""

from datetime import date, datetime

from cauce.domain.errors import NotFound, OutcomeUnknown, Unsupported
from cauce.domain.issuer import Environment, Issuer
from cauce.domain.record import Record
from cauce.domain.time import bogota
from cauce.providers.dian.answer import Reply
from cauce.ubl import declaring, files, reading
from cauce.ubl.attached import Delivery, Validation

_VALIDATED = "02"


def refuse(record: Record) -> None:
    """Raise Unsupported for a kind that is delivered to nobody."""
    # The seller on a support document receives none, and DIAN itself tells of events.
    if not record.kind.is_handed_over:
        raise Unsupported("Solo las facturas y sus notas se entregan al adquiriente en un contenedor.")


def delivery(
    record: Record, issuer: Issuer, signed_xml: bytes, validation: Validation | None, now: datetime
) -> Delivery:
    """The contents of a container that is made now."""
    sender = declaring.party_of(issuer)
    document = reading.parsed(signed_xml)
    uuid = reading.child(document, "UUID") if document is not None else None
    if document is None or uuid is None:
        raise NotFound("El XML firmado del documento no se puede leer.")
    return Delivery(
        own_number=f"AD{record.provider_ids[files.CONTAINER_ID]}",
        number=reading.text(document, "ID"),
        identifier=(uuid.text or "").strip(),
        identifier_scheme=str(uuid.get("schemeName")),
        issue_date=date.fromisoformat(reading.text(document, "IssueDate")),
        sender=sender,
        receiver=record.document.counterparty,
        # The document's own environment: the issuer may be in the other one by now.
        environment=Environment(reading.text(document, "ProfileExecutionID")),
        issued_at=now,
        signed_xml=signed_xml,
        validation=validation,
    )


def validation(found: Reply) -> Validation:
    """DIAN's validation in its reply about an accepted document: its signed answer, and when it gave that.

    Raises NotFound while the reply has no signed answer, OutcomeUnknown where that is not a validation.
    """
    if not found.application_response:
        raise NotFound("La DIAN todavía no entrega su respuesta firmada sobre el documento.")
    answer = found.signed_answer
    code = reading.text(answer, "DocumentResponse", "Response", "ResponseCode") if answer is not None else ""
    if answer is None or code != _VALIDATED:
        raise OutcomeUnknown("La respuesta firmada de la DIAN no valida el documento.", raw=found.raw)
    moment = f"{reading.text(answer, 'IssueDate')}T{reading.text(answer, 'IssueTime')}"
    try:
        at = bogota(datetime.fromisoformat(moment))
    except ValueError:
        raise OutcomeUnknown(
            "La respuesta firmada de la DIAN no dice cuándo validó.", raw=found.raw
        ) from None
    return Validation(application_response=found.application_response, at=at)


def file_stem(record: Record, nit: str) -> str:
    """The name of the container's file, without extension, which ends with its number."""
    return files.container_stem(nit, record.provider_ids[files.CONTAINER_ID])
