"""Parties, in the contract's own words: the counterparty of a document, and the issuer.

Seed 002 field for field, and what Cauce adds to it, all of it optional.
"""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from cauce.contracts.v1.fields import Code, FieldKind, Text, To, refused, written
from cauce.contracts.v1.shapes import Shape
from cauce.domain import catalogs

IDENTIFICATION_TYPE = Code(catalogs.IDENTIFICATION_TYPES, integer=True)
IDENTIFICATION = Text(
    20, pattern=r"[A-Za-z0-9./-]+", like="admite letras sin tilde, dígitos, punto, guion y barra"
)
CHECK_DIGIT = Code(dict.fromkeys("0123456789", ""), integer=True, like="debe ser un dígito")
_MUNICIPALITY = Code(
    catalogs.municipalities, like="debe ser un código DANE (DIVIPOLA) de 5 dígitos que exista, como 05001"
)
_DEPARTMENT = Code(
    catalogs.departments, like="debe ser un código DANE (DIVIPOLA) de 2 dígitos que exista, como 05"
)
_COUNTRY = Code(catalogs.countries, like="debe ser un código ISO 3166-1 de dos letras mayúsculas, como CO")
_EMAIL = Text(
    254,
    pattern=r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+",
    like="debe ser una sola dirección de correo, como nombre@empresa.com",
)
_POSTAL_CODE = Text(10, pattern=r"[A-Za-z0-9 -]+", like="admite letras, dígitos y guion")
_ECONOMIC_ACTIVITY = Text(
    19,
    pattern=r"[0-9]{4}(;[0-9]{4}){0,3}",  # the RUT has room for four
    like="debe ser un código CIIU de 4 dígitos, como 4511, o hasta cuatro unidos con punto y coma",
)


@dataclass(frozen=True)
class Responsibilities(FieldKind):
    """``"O-13;O-15"`` or a list, each code once."""

    def read(self, value: object) -> tuple[str, ...]:
        codes = value.split(";") if isinstance(value, str) else value
        if not isinstance(codes, list | tuple):
            raise refused("debe ser un texto como O-13;O-15, o una lista de códigos")
        found = [written(item) for item in codes]
        if not found or any(item not in catalogs.RESPONSIBILITIES for item in found):
            raise refused(f"debe ser uno o varios de estos códigos: {', '.join(catalogs.RESPONSIBILITIES)}")
        return tuple(dict.fromkeys(found))


class Party(Shape):
    """The counterparty of a document."""

    tipo_persona: Annotated[str, Code(catalogs.PERSON_TYPES, integer=True), To("person_type")] = Field(
        title="El tipo de persona"
    )
    tipo_documento: Annotated[str, IDENTIFICATION_TYPE, To("identification_type")] = Field(
        title="El tipo de documento"
    )
    numero_documento: Annotated[str, IDENTIFICATION, To("identification", copied=False)] = Field(
        title="El número de documento"
    )
    dv: Annotated[str | None, CHECK_DIGIT, To("check_digit", copied=False)] = Field(
        None, title="El dígito de verificación"
    )
    razon_social: Annotated[str, Text(450), To("name")] = Field(title="La razón social")
    nombre_comercial: Annotated[str | None, Text(450), To("trade_name")] = Field(
        None, title="El nombre comercial"
    )
    nombres: Annotated[str | None, Text(150), To("given_names")] = Field(None, title="Los nombres")
    apellidos: Annotated[str | None, Text(150), To("family_names")] = Field(None, title="Los apellidos")
    tributo: Annotated[str | None, Code(catalogs.PARTY_TAX_SCHEMES), To("tax_scheme")] = Field(
        None, title="El tributo"
    )
    email: Annotated[str | None, _EMAIL, To("email")] = Field(None, title="El email")
    telefono: Annotated[str | None, Text(50), To("phone")] = Field(None, title="El teléfono")
    direccion: Annotated[str | None, Text(300), To("address")] = Field(None, title="La dirección")
    codigo_municipio: Annotated[str | None, _MUNICIPALITY, To("municipality")] = Field(
        None, title="El código de municipio"
    )
    # Only compared with the municipality's code, which begins with it.
    codigo_departamento: Annotated[str | None, _DEPARTMENT] = Field(None, title="El código de departamento")
    ciudad: Annotated[str | None, Text(100), To("city")] = Field(
        None, title="La ciudad", description="abroad"
    )
    region: Annotated[str | None, Text(100), To("region")] = Field(
        None, title="La región", description="abroad"
    )
    pais: Annotated[str | None, _COUNTRY, To("country")] = Field(None, title="El país")
    codigo_postal: Annotated[str | None, _POSTAL_CODE, To("postal_code")] = Field(
        None, title="El código postal"
    )
    matricula_mercantil: Annotated[str | None, Text(50), To("commercial_registration")] = Field(
        None, title="La matrícula mercantil"
    )
    actividad_economica: Annotated[str | None, _ECONOMIC_ACTIVITY, To("economic_activity")] = Field(
        None, title="La actividad económica"
    )


class Buyer(Party):
    """The buyer of an invoice or of the invoice a note corrects."""

    responsabilidad_fiscal: Annotated[tuple[str, ...], Responsibilities(), To("responsibilities")] = Field(
        title="La responsabilidad fiscal"
    )


class Seller(Party):
    """The seller in a support document, who is not obliged to invoice; resident where ``pais`` is CO."""

    responsabilidad_fiscal: Annotated[tuple[str, ...] | None, Responsibilities(), To("responsibilities")] = (
        Field(None, title="La responsabilidad fiscal")
    )


class IssuerParty(Buyer):
    """The issuer: the fields of a buyer, with address and municipality required (annex 1.9, FAJ09 to FAJ12)."""

    direccion: Annotated[str, Text(300), To("address")] = Field(title="La dirección")
    codigo_municipio: Annotated[str, _MUNICIPALITY, To("municipality")] = Field(
        title="El código de municipio"
    )
