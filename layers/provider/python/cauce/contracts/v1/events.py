"""POST /eventos: seed 003's event, in its own field names, for any of the five codes.

The seed's page wraps one event in a list and adds ``generalidades``, about its transmission; both forms are read. Of
``generalidades`` only the transmission's id is used, as the reference; the rest is in the issuer's settings.
"""

from datetime import date
from typing import Annotated, Any

from pydantic import Field, ValidationError

from cauce.contracts.v1 import sentences, translation
from cauce.contracts.v1.errors import InvalidRequest
from cauce.contracts.v1.fields import code, day, text
from cauce.contracts.v1.requests import REFERENCE, REFERENCE_LIKE
from cauce.contracts.v1.shapes import Shape
from cauce.domain import catalogs
from cauce.domain.event import CLAIM_REASONS, Event, EventCode, EventPerson

_CUFE = text(96, pattern=r"[0-9A-Fa-f]{96}", like="debe tener 96 dígitos hexadecimales")
_REFERENCE = text(64, optional=True, pattern=REFERENCE, like=REFERENCE_LIKE)


class InvoiceReference(Shape):
    cufe: Annotated[str, _CUFE] = Field(title="El CUFE")


class Person(Shape):
    tipo_identificacion: Annotated[str, code(lambda: catalogs.IDENTIFICATION_TYPES, integer=True)] = Field(
        title="El tipo de identificación"
    )
    identificacion: Annotated[str, text(20)] = Field(title="La identificación")
    dv: Annotated[str | None, text(1, optional=True, pattern=r"[0-9]", like="debe ser un dígito")] = Field(
        None, title="El dígito de verificación"
    )
    nombres: Annotated[str, text(100)] = Field(title="Los nombres")
    apellidos: Annotated[str, text(100)] = Field(title="Los apellidos")
    cargo: Annotated[str | None, text(100, optional=True)] = Field(None, title="El cargo")
    area: Annotated[str | None, text(100, optional=True)] = Field(None, title="El área")


class Heading(Shape):
    tipo_reclamo: Annotated[str | None, code(lambda: CLAIM_REASONS, optional=True)] = Field(
        None, title="El tipo de reclamo"
    )


class EventRequest(Shape):
    """One event; ``codigo`` is 030 unless it says otherwise, as on the seed's page."""

    codigo: Annotated[str, code(lambda: {each.value: each.name for each in EventCode})] = Field(
        "030", title="El código del evento"
    )
    informacion_documento_referencia: InvoiceReference = Field(title="La factura")
    quien_recibio_documento: Person | None = Field(None, title="Quien recibió el documento")
    encabezado: Heading | None = Field(None, title="El encabezado")
    tipo_reclamo: Annotated[str | None, code(lambda: CLAIM_REASONS, optional=True)] = Field(
        None, title="El tipo de reclamo"
    )
    nota: Annotated[str | None, text(1000, optional=True)] = Field(None, title="La nota")
    fecha_recibo: Annotated[date | None, day(optional=True)] = Field(None, title="La fecha de recibo")
    referencia: Annotated[str | None, _REFERENCE] = Field(None, title="La referencia")


def event(body: dict[str, Any], *, idempotency_key: str | None = None) -> tuple[Event, date | None]:
    """The event that a body declares, and the day of the receipt, if it states that. Raises InvalidDocument."""
    try:
        request = EventRequest.model_validate(_unwrapped(body))
    except ValidationError as error:
        raise InvalidRequest(sentences.of(error, EventRequest)) from None
    claim = request.tipo_reclamo or (request.encabezado.tipo_reclamo if request.encabezado else None)
    wanted = EventCode(request.codigo)
    _check(request, wanted, claim)
    found = Event(
        code=wanted,
        invoice_uuid=request.informacion_documento_referencia.cufe.lower(),
        person=_person(request.quien_recibio_documento),
        claim_code=claim,
        sworn_note=request.nota,
        reference=request.referencia or idempotency_key,
    )
    return found, request.fecha_recibo


def _unwrapped(body: dict[str, Any]) -> dict[str, Any]:
    """The seed's ``{"evento": [{…}], "generalidades": {…}}`` as one event."""
    if "evento" not in body:
        return body
    listed = body["evento"]
    if not (isinstance(listed, list) and len(listed) == 1 and isinstance(listed[0], dict)):
        raise InvalidRequest({"evento": ["Debe ser una lista con un solo evento."]})
    rest = {name: value for name, value in body.items() if name not in ("evento", "generalidades")}
    transmission = body.get("generalidades")
    named = transmission.get("identificador_transmision") if isinstance(transmission, dict) else None
    return {"referencia": named, **rest, **listed[0]}


def _check(request: EventRequest, wanted: EventCode, claim: str | None) -> None:
    """Raise InvalidDocument where the event's code lacks a field that it needs, or has one of another code: the
    person who received, the reason of a claim, the issuer's oath."""
    wrong: dict[str, list[str]] = {}
    claimed = "encabezado.tipo_reclamo" if claim and not request.tipo_reclamo else "tipo_reclamo"
    signed = wanted in (EventCode.ACKNOWLEDGEMENT, EventCode.RECEIPT)
    if signed and request.quien_recibio_documento is None:
        wrong["quien_recibio_documento"] = [f"Es requerido en el evento {wanted}."]
    if wanted is EventCode.CLAIM and claim is None:
        wrong["tipo_reclamo"] = ["Es requerido en el evento 031."]
    if wanted is not EventCode.CLAIM and claim is not None:
        wrong[claimed] = ["Solo va en el evento 031."]
    if wanted is EventCode.TACIT_ACCEPTANCE and request.nota is None:
        wrong["nota"] = ["El evento 034 lleva la declaración juramentada del emisor."]
    if wanted is not EventCode.TACIT_ACCEPTANCE and request.nota is not None:
        wrong["nota"] = ["Solo va en el evento 034."]
    if wrong:
        raise InvalidRequest(wrong)


def _person(person: Person | None) -> EventPerson | None:
    if person is None:
        return None
    kind = person.tipo_identificacion
    number, digit = translation.identification(kind, person.identificacion)
    return EventPerson(
        identification_type=kind,
        identification=number,
        check_digit=person.dv or digit,
        names=person.nombres,
        last_names=person.apellidos,
        job=person.cargo,
        area=person.area,
    )
