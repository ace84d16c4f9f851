"""Parties, in the contract's own words: the counterparty of a document, and the issuer.

Seed 002 field for field, and what Cauce adds to it, all of it optional.
"""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from cauce.contracts.v1.fields import code, reading, refused, text, written
from cauce.contracts.v1.shapes import Shape
from cauce.domain import catalogs

IDENTIFICATION_TYPE = code(lambda: catalogs.IDENTIFICATION_TYPES, integer=True)
IDENTIFICATION = text(
    20, pattern=r"[A-Za-z0-9./-]+", like="admite letras sin tilde, dígitos, punto, guion y barra"
)
CHECK_DIGIT = code(
    lambda: dict.fromkeys("0123456789", ""), optional=True, integer=True, like="debe ser un dígito"
)


def _responsibilities(*, optional: bool) -> BeforeValidator:
    """``"O-13;O-15"`` or a list, each code once."""

    def read(value: Any) -> tuple[str, ...]:
        codes = value.split(";") if isinstance(value, str) else value
        if not isinstance(codes, list | tuple):
            raise refused("debe ser un texto como O-13;O-15, o una lista de códigos")
        found = [written(item) for item in codes]
        if not found or any(item not in catalogs.RESPONSIBILITIES for item in found):
            raise refused(f"debe ser uno o varios de estos códigos: {', '.join(catalogs.RESPONSIBILITIES)}")
        return tuple(dict.fromkeys(found))

    return reading(read, optional=optional)


def _municipality(*, optional: bool) -> BeforeValidator:
    return code(
        catalogs.municipalities,
        optional=optional,
        like="debe ser un código DANE (DIVIPOLA) de 5 dígitos que exista, como 05001",
    )


class Party(Shape):
    """The counterparty of a document."""

    tipo_persona: Annotated[str, code(lambda: catalogs.PERSON_TYPES, integer=True)] = Field(
        title="El tipo de persona"
    )
    tipo_documento: Annotated[str, IDENTIFICATION_TYPE] = Field(title="El tipo de documento")
    numero_documento: Annotated[str, IDENTIFICATION] = Field(title="El número de documento")
    dv: Annotated[str | None, CHECK_DIGIT] = Field(None, title="El dígito de verificación")
    razon_social: Annotated[str, text(450)] = Field(title="La razón social")
    nombre_comercial: Annotated[str | None, text(450, optional=True)] = Field(
        None, title="El nombre comercial"
    )
    nombres: Annotated[str | None, text(150, optional=True)] = Field(None, title="Los nombres")
    apellidos: Annotated[str | None, text(150, optional=True)] = Field(None, title="Los apellidos")
    tributo: Annotated[str | None, code(lambda: catalogs.PARTY_TAX_SCHEMES, optional=True)] = Field(
        None, title="El tributo"
    )
    email: Annotated[
        str | None,
        text(
            254,
            optional=True,
            pattern=r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+",
            like="debe ser una sola dirección de correo, como nombre@empresa.com",
        ),
    ] = Field(None, title="El email")
    telefono: Annotated[str | None, text(50, optional=True)] = Field(None, title="El teléfono")
    direccion: Annotated[str | None, text(300, optional=True)] = Field(None, title="La dirección")
    codigo_municipio: Annotated[str | None, _municipality(optional=True)] = Field(
        None, title="El código de municipio"
    )
    codigo_departamento: Annotated[
        str | None,
        code(
            catalogs.departments,
            optional=True,
            like="debe ser un código DANE (DIVIPOLA) de 2 dígitos que exista, como 05",
        ),
    ] = Field(None, title="El código de departamento")
    ciudad: Annotated[str | None, text(100, optional=True)] = Field(None, title="La ciudad")
    region: Annotated[str | None, text(100, optional=True)] = Field(None, title="La región")
    pais: Annotated[
        str | None,
        code(
            catalogs.countries,
            optional=True,
            like="debe ser un código ISO 3166-1 de dos letras mayúsculas, como CO",
        ),
    ] = Field(None, title="El país")
    codigo_postal: Annotated[
        str | None, text(10, optional=True, pattern=r"[A-Za-z0-9 -]+", like="admite letras, dígitos y guion")
    ] = Field(None, title="El código postal")
    matricula_mercantil: Annotated[str | None, text(50, optional=True)] = Field(
        None, title="La matrícula mercantil"
    )
    actividad_economica: Annotated[
        str | None,
        text(
            19,
            optional=True,
            pattern=r"[0-9]{4}(;[0-9]{4}){0,3}",  # the RUT has room for four
            like="debe ser un código CIIU de 4 dígitos, como 4511, o hasta cuatro unidos con punto y coma",
        ),
    ] = Field(None, title="La actividad económica")


class Buyer(Party):
    """The buyer of an invoice or of the invoice a note corrects."""

    responsabilidad_fiscal: Annotated[tuple[str, ...], _responsibilities(optional=False)] = Field(
        title="La responsabilidad fiscal"
    )


class Seller(Party):
    """The seller in a support document, who is not obliged to invoice; resident where ``pais`` is CO."""

    responsabilidad_fiscal: Annotated[tuple[str, ...] | None, _responsibilities(optional=True)] = Field(
        None, title="La responsabilidad fiscal"
    )


class IssuerParty(Buyer):
    """The issuer: the fields of a buyer, with address and municipality required (annex 1.9, FAJ09 to FAJ12)."""

    direccion: Annotated[str | None, text(300)] = Field(title="La dirección")
    codigo_municipio: Annotated[str | None, _municipality(optional=False)] = Field(
        title="El código de municipio"
    )
