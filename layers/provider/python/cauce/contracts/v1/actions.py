"""Requests that are not documents: a person's decision on a record, and making or typing a range."""

import re
from typing import TypeVar

from cauce.contracts.v1 import sentences
from cauce.contracts.v1.bodies import JsonObject
from cauce.contracts.v1.errors import InvalidRequest
from cauce.contracts.v1.fields import Code, Text, Whole, optional, required
from cauce.contracts.v1.parties import AN_EMAIL
from cauce.contracts.v1.requests import A_CUFE
from cauce.contracts.v1.shapes import Shape
from cauce.domain.errors import NotFound

S = TypeVar("S", bound=Shape)

_ACTIONS = {
    "reenviar": "Enviarlo otra vez",
    "descartar": "Darlo por no emitido",
    "aceptar": "Es el documento de este CUFE",
}


_UUID = Text(96, pattern=r"[0-9A-Fa-f]{96}", like="son 96 dígitos hexadecimales")


class Decision(Shape):
    """POST /documentos/{id}/resolver."""

    accion: str = required("La acción", Code(_ACTIONS), example="aceptar")
    motivo: str = required("El motivo", Text(500), example="La DIAN lo muestra como aceptado")
    cufe: str | None = optional("El CUFE", _UUID, example=A_CUFE)


class Resending(Shape):
    """POST /documentos/{id}/reenviar-correo: to its buyer, or once to another address."""

    correo: str | None = optional("El correo", AN_EMAIL, example="compras@example.com")


_PREFIX_SHAPE = r"[A-Za-z0-9]+"
_PREFIX = Text(10, pattern=_PREFIX_SHAPE, like="admite letras sin tilde y dígitos")
_PROVIDER = Text(20, pattern=r"[a-z]+", like="admite letras minúsculas")


class NewRange(Shape):
    """POST /numeraciones: a range for a kind of document that needs no DIAN resolution."""

    prefijo: str = required("El prefijo", _PREFIX, example="NC")
    desde: int = required("El número inicial", Whole(), example=1)
    hasta: int = required("El número final", Whole(), example=5000)
    tipo_documento: str = required("El tipo de documento", Text(30), example="NC")
    proveedor: str | None = optional("El proveedor", _PROVIDER, example="facturatech")


class RangeType(Shape):
    """PUT /numeraciones/{prefijo}/tipo-documento: what an authorised range is for."""

    resolucion: str = required("La resolución", Text(30), example="18764000012", rule="FAB05a")
    tipo_documento: str = required("El tipo de documento", Text(30), example="DSE")
    proveedor: str | None = optional("El proveedor", _PROVIDER, example="facturatech")


def prefix(path: str) -> str:
    """The prefix that a path names. Raises NotFound where no range can have it."""
    if len(path) > 10 or not re.fullmatch(_PREFIX_SHAPE, path):
        raise NotFound("No hay un rango con ese prefijo.")
    return path


def read(shape: type[S], body: JsonObject) -> S:
    """The action a body asks for. Raises InvalidDocument with every field to mend."""
    found = sentences.read(shape, body)
    if isinstance(found, Decision) and (found.accion == "aceptar") is not bool(found.cufe):
        only = "El CUFE solo acompaña a «aceptar»."
        missing = "Diga el CUFE del documento que es este: se lee y se compara."
        raise InvalidRequest({"cufe": [only if found.cufe else missing]})
    if isinstance(found, NewRange) and found.hasta < found.desde:
        message = "El número final no puede ser menor que el inicial."
        raise InvalidRequest({"hasta": [message]})
    return found
