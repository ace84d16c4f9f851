"""POST /eventos: seed 003's event, in its own field names, for any of the five codes.

The seed's page wraps one event in a list and adds ``generalidades``, about its transmission; both forms are read. Of
``generalidades`` only the transmission's id is used, as the reference; the rest is in the issuer's settings.
"""

from datetime import date

from cauce.contracts.v1 import sentences, translation
from cauce.contracts.v1.bodies import JsonObject
from cauce.contracts.v1.errors import InvalidRequest
from cauce.contracts.v1.fields import Code, Day, Text, To, optional, required
from cauce.contracts.v1.requests import A_CUFE, REFERENCE_TEXT, UUID
from cauce.contracts.v1.shapes import Shape
from cauce.domain import catalogs
from cauce.domain.event import CLAIM_REASONS, Event, EventCode, EventPerson


class InvoiceReference(Shape):
    cufe: str = required(
        "El CUFE", UUID, To("invoice_uuid", copied=False), example=A_CUFE, rule=("AAH07", "LGC62")
    )


class Person(Shape):
    tipo_identificacion: str = required(
        "El tipo de identificación",
        Code(catalogs.IDENTIFICATION_TYPES, integer=True, catalog="tipos-documento"),
        To("identification_type"),
        example="13",
    )
    identificacion: str = required(
        "La identificación", Text(20), To("identification", copied=False), example="52123987"
    )
    dv: str | None = optional(
        "El dígito de verificación",
        Text(1, pattern=r"[0-9]", like="debe ser un dígito"),
        To("check_digit", copied=False),
        example="1",
    )
    nombres: str = required("Los nombres", Text(100), To("names"), example="Lucía")
    apellidos: str = required("Los apellidos", Text(100), To("last_names"), example="Ramírez")
    cargo: str | None = optional("El cargo", Text(100), To("job"), example="Auxiliar de bodega")
    area: str | None = optional("El área", Text(100), To("area"), example="Almacén")


class Heading(Shape):
    # The other name of the event's own field.
    tipo_reclamo: str | None = optional(
        "El tipo de reclamo", Code(CLAIM_REASONS, catalog="reclamos"), example="01"
    )


class EventRequest(Shape):
    """One event; ``codigo`` is 030 unless it says otherwise, as on the seed's page."""

    codigo: str = optional(
        "El código del evento",
        Code(catalogs.EVENTS, catalog="eventos"),
        To("code"),
        default="030",
        example="030",
        rule="AAH03",
    )
    informacion_documento_referencia: InvoiceReference = required("La factura")
    quien_recibio_documento: Person | None = optional(
        "Quien recibió el documento",
        To("person", copied=False),
        rule=("AAH11", "AAH12", "AAH13", "AAH14", "AAH15"),
    )
    encabezado: Heading | None = optional("El encabezado")
    tipo_reclamo: str | None = optional(
        "El tipo de reclamo",
        Code(CLAIM_REASONS, catalog="reclamos"),
        To("claim_code", copied=False),
        example="01",
    )
    nota: str | None = optional(
        "La nota",
        Text(1000),
        To("sworn_note"),
        example="Manifiesto bajo la gravedad de juramento que el adquiriente no reclamó ni aceptó la factura.",
        rule="AAD11a",
    )
    fecha_recibo: date | None = optional("La fecha de recibo", Day(), example="2026-05-04", rule="LGC14")
    referencia: str | None = optional(
        "La referencia", REFERENCE_TEXT, To("reference", copied=False), example="ACUSE-1024"
    )


def event(body: JsonObject, *, idempotency_key: str | None = None) -> tuple[Event, date | None]:
    """The event that a body declares, and the day of the receipt, if it states that. Raises InvalidDocument."""
    request = sentences.read(EventRequest, _unwrapped(body))
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


def _unwrapped(body: JsonObject) -> JsonObject:
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
    claimed = "encabezado.tipo_reclamo" if claim and not request.tipo_reclamo else "tipo_reclamo"
    signed = wanted in (EventCode.ACKNOWLEDGEMENT, EventCode.RECEIPT)
    claims, swears = wanted is EventCode.CLAIM, wanted is EventCode.TACIT_ACCEPTANCE
    no_person, note = request.quien_recibio_documento is None, request.nota
    rules = (
        ("quien_recibio_documento", signed and no_person, f"Es requerido en el evento {wanted}."),
        ("tipo_reclamo", claims and claim is None, "Es requerido en el evento 031."),
        (claimed, not claims and claim is not None, "Solo va en el evento 031."),
        ("nota", swears and note is None, "El evento 034 lleva la declaración juramentada del emisor."),
        ("nota", not swears and note is not None, "Solo va en el evento 034."),
    )
    wrong = {field: [sentence] for field, is_wrong, sentence in rules if is_wrong}
    if wrong:
        raise InvalidRequest(wrong)


def _person(person: Person | None) -> EventPerson | None:
    if person is None:
        return None
    number, digit = translation.identification(person.tipo_identificacion, person.identificacion)
    apart = {"identification": number, "check_digit": person.dv or digit}
    return EventPerson.model_validate({**translation.copied(person, EventPerson), **apart})
