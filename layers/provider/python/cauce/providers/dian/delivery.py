"""What an accepted document is delivered in: itself, DIAN's answer, and who sends it to whom. Pure.

Source: Anexo Técnico 1.9, section on the AttachedDocument.
"""

from datetime import date, datetime

from cauce.domain.document import Kind
from cauce.domain.errors import NotFound, OutcomeUnknown, Unsupported
from cauce.domain.issuer import Environment, Issuer
from cauce.domain.record import Record
from cauce.domain.time import bogota
from cauce.providers.dian.answer import Reply
from cauce.ubl import declaring, files, reading
from cauce.ubl.attached import Delivery, Validation

# What a buyer receives. Who sells on a support document receives none, and an event is told by DIAN.
_DELIVERED = frozenset({Kind.INVOICE, Kind.CREDIT_NOTE, Kind.DEBIT_NOTE})
_VALIDATED = "02"


def refuse(record: Record) -> None:
    """Raise Unsupported for a kind that nobody receives."""
    if record.kind not in _DELIVERED:
        raise Unsupported("Solo las facturas y sus notas se entregan al adquiriente en un contenedor.")


def delivery(
    record: Record, issuer: Issuer, signed_xml: bytes, validation: Validation | None, now: datetime
) -> Delivery:
    """The contents of a container that is made now."""
    if issuer.party is None:
        raise declaring.without_party()
    document = reading.parsed(signed_xml)
    uuid = reading.child(document, "UUID") if document is not None else None
    if document is None or uuid is None:
        raise NotFound("El XML firmado del documento no se puede leer.")
    sender = {"identification": issuer.nit, "check_digit": issuer.check_digit}
    return Delivery(
        number=reading.text(document, "ID"),
        identifier=(uuid.text or "").strip(),
        identifier_scheme=str(uuid.get("schemeName")),
        issue_date=date.fromisoformat(reading.text(document, "IssueDate")),
        sender=issuer.party.model_copy(update=sender),
        receiver=record.document.counterparty,
        # The document's own, which the issuer may have left behind since.
        environment=Environment(reading.text(document, "ProfileExecutionID")),
        issued_at=now,
        signed_xml=signed_xml,
        validation=validation,
    )


def validation(found: Reply) -> Validation:
    """DIAN's signed answer in what it says of an accepted document.

    Raises NotFound while there is none, OutcomeUnknown where it is not a validation.
    """
    if not found.application_response:
        raise NotFound("La DIAN todavía no entrega su respuesta firmada sobre el documento.")
    answer = reading.parsed(found.application_response)
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


def file_name(record: Record, nit: str) -> str:
    """The container's: numbered as the file of the document in it."""
    year = bogota(record.issued_at).year
    number = int(record.provider_ids[files.number_id(year)])
    return files.xml_name(files.stem(files.ATTACHED_DOCUMENT_PREFIX, nit, year, number))
