"""Parties, in the contract's own words: the counterparty of a document, and the issuer.

Seed 002 field for field, and what Cauce adds to it, all of it optional.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from typing import Any

from cauce.contracts.v1.bodies import JsonObject
from cauce.contracts.v1.fields import (
    CATALOG,
    Clock,
    Code,
    Day,
    FieldKind,
    Listed,
    Percent,
    Read,
    Text,
    To,
    listed,
    optional,
    refused,
    required,
    whole,
    written,
)
from cauce.contracts.v1.shapes import Shape
from cauce.domain import catalogs
from cauce.domain.acquirer import EMAIL

IDENTIFICATION_TYPE = Code(catalogs.IDENTIFICATION_TYPES, integer=True, catalog="tipos-documento")
IDENTIFICATION = Text(
    20, pattern=r"[A-Za-z0-9./-]+", like="admite letras sin tilde, dígitos, punto, guion y barra"
)
CHECK_DIGIT = Code(dict.fromkeys("0123456789", ""), integer=True, like="debe ser un dígito")
_MUNICIPALITY = Code(
    catalogs.municipalities,
    like="debe ser un código DANE (DIVIPOLA) de 5 dígitos que exista, como 05001",
    catalog="municipios",
)
_DEPARTMENT = Code(
    catalogs.departments,
    like="debe ser un código DANE (DIVIPOLA) de 2 dígitos que exista, como 05",
    catalog="departamentos",
)
_COUNTRY = Code(
    catalogs.countries,
    like="debe ser un código ISO 3166-1 de dos letras mayúsculas, como CO",
    catalog="paises",
)
AN_EMAIL = Text(
    254,
    pattern=EMAIL.pattern,
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

    catalog: str = "responsabilidades"

    def read(self, value: object) -> tuple[str, ...]:
        codes = value.split(";") if isinstance(value, str) else value
        if not isinstance(codes, list | tuple):
            raise refused("debe ser un texto como O-13;O-15, o una lista de códigos")
        found = [written(item) for item in codes]
        if not found or any(item not in catalogs.RESPONSIBILITIES for item in found):
            raise refused(f"debe ser uno o varios de estos códigos: {', '.join(catalogs.RESPONSIBILITIES)}")
        return tuple(dict.fromkeys(found))

    def quick(self, read: Read) -> Read:
        def usual(value: object) -> object:
            codes = value.split(";") if type(value) is str else []
            is_known = codes and all(map(catalogs.RESPONSIBILITIES.__contains__, codes))
            return tuple(dict.fromkeys(codes)) if is_known else read(value)

        return usual

    def described(self) -> JsonObject:
        codes = list(catalogs.RESPONSIBILITIES)
        one = f"({'|'.join(codes)})"
        listed = {"type": "array", "items": {"type": "string", "enum": codes}, "minItems": 1}
        either = [{"type": "string", "pattern": whole(f"{one}(; ?{one})*")}, listed]
        return {"anyOf": either, CATALOG: self.catalog}


def _person_type(declare: Callable[..., Any], about: str | None = None) -> Any:
    code = Code(catalogs.PERSON_TYPES, integer=True, catalog="tipos-persona")
    more = {"about": about} if about else {}
    rule = ("FAJ02", "FAK02")
    return declare(
        "El tipo de persona", code, To("person_type", copied=False), example="2", rule=rule, **more
    )


def _name(declare: Callable[..., Any], about: str | None = None) -> Any:
    more = {"about": about} if about else {}
    rule = ("FAJ43a", "FAJ43b", "E.T. 617")
    return declare(
        "La razón social", Text(450), To("name", copied=False), example="Lucía Ramírez", rule=rule, **more
    )


def _responsibilities(declare: Callable[..., Any], *rule: str) -> Any:
    return declare(
        "La responsabilidad fiscal",
        Responsibilities(),
        To("responsibilities"),
        example="R-99-PN",
        rule=rule,
    )


class Address(Shape):
    """An address: in Colombia with its municipality, abroad with its city."""

    direccion: str = required("La dirección", Text(300), To("address"), example="Carrera 7 # 12-34")
    codigo_municipio: str | None = optional(
        "El código de municipio", _MUNICIPALITY, To("municipality"), example="11001"
    )
    ciudad: str | None = optional("La ciudad", Text(100), To("city"), about="en el exterior", example="Quito")
    region: str | None = optional(
        "La región", Text(100), To("region"), about="en el exterior", example="Pichincha"
    )
    pais: str | None = optional("El país", _COUNTRY, To("country"), example="CO")
    codigo_postal: str | None = optional(
        "El código postal", _POSTAL_CODE, To("postal_code"), example="110111", rule=("FAJ73", "FAK73")
    )


class Named(Shape):
    """Who somebody is that a document names: a carrier, who may download it."""

    tipo_documento: str = required(
        "El tipo de documento", IDENTIFICATION_TYPE, To("identification_type"), example="31"
    )
    numero_documento: str = required(
        "El número de documento", IDENTIFICATION, To("identification", copied=False), example="900373115"
    )
    dv: str | None = optional(
        "El dígito de verificación", CHECK_DIGIT, To("check_digit", copied=False), example="3"
    )
    nombre: str = required("El nombre", Text(450), To("name"), example="Transportes La Vía SAS")


class Participant(Named):
    """A member of a consorcio or unión temporal."""

    porcentaje: Decimal = required("El porcentaje de participación", Percent(), To("percent"), example=100)
    responsabilidad_fiscal: tuple[str, ...] | None = _responsibilities(optional, "FAJ62")
    tributo: str | None = optional(
        "El tributo",
        Code(catalogs.PARTY_TAX_SCHEMES, catalog="tributos-persona"),
        To("tax_scheme"),
        example="ZZ",
    )


class Delivery(Shape):
    """The delivery of the goods or the service, any part of it."""

    fecha: date | None = optional("La fecha de entrega", Day(), To("on"), example="2026-05-12")
    hora: time | None = optional("La hora de entrega", Clock(), To("at"), example="15:30:00-05:00")
    direccion: Address | None = optional("La dirección de entrega", To("address"))
    transportador: Named | None = optional("El transportador", To("carrier", copied=False))


class Party(Shape):
    """The counterparty of a document. Of a buyer the identification suffices (Resolución 000202 of 2025)."""

    tipo_persona: str | None = _person_type(optional, "ausente: según la identificación")
    tipo_documento: str = required(
        "El tipo de documento",
        IDENTIFICATION_TYPE,
        To("identification_type"),
        example="31",
        rule=("FAJ25", "FAK25"),
    )
    numero_documento: str = required(
        "El número de documento",
        IDENTIFICATION,
        To("identification", copied=False),
        example="52123987",
        rule=("FAJ44a", "FAJ44b", "FAK61", "E.T. 617"),
    )
    dv: str | None = optional(
        "El dígito de verificación",
        CHECK_DIGIT,
        To("check_digit", copied=False),
        example="1",
        rule=("FAJ21", "FAJ24", "FAJ44", "FAJ47", "FAK21", "FAK24", "FAK44", "FAK47"),
    )
    razon_social: str | None = _name(optional, "ausente: se busca por la identificación")
    nombre_comercial: str | None = optional(
        "El nombre comercial", Text(450), To("trade_name"), example="Tienda La Esquina"
    )
    nombres: str | None = optional("Los nombres", Text(150), To("given_names"), example="Lucía")
    apellidos: str | None = optional("Los apellidos", Text(150), To("family_names"), example="Ramírez")
    tributo: str | None = optional(
        "El tributo",
        Code(catalogs.PARTY_TAX_SCHEMES, catalog="tributos-persona"),
        To("tax_scheme"),
        example="ZZ",
        rule=("FAJ40", "FAK40"),
    )
    email: str | None = optional("El email", AN_EMAIL, To("email"), example="lucia@example.com")
    telefono: str | None = optional("El teléfono", Text(50), To("phone"), example="6015550123")
    direccion: str | None = optional("La dirección", Text(300), To("address"), example="Carrera 7 # 12-34")
    codigo_municipio: str | None = optional(
        "El código de municipio", _MUNICIPALITY, To("municipality"), example="11001"
    )
    # Only compared with the municipality's code, which begins with it.
    codigo_departamento: str | None = optional("El código de departamento", _DEPARTMENT, example="11")
    ciudad: str | None = optional("La ciudad", Text(100), To("city"), about="en el exterior", example="Quito")
    region: str | None = optional(
        "La región", Text(100), To("region"), about="en el exterior", example="Pichincha"
    )
    pais: str | None = optional("El país", _COUNTRY, To("country"), example="CO")
    codigo_postal: str | None = optional(
        "El código postal", _POSTAL_CODE, To("postal_code"), example="110111", rule=("FAJ73", "FAK73")
    )
    matricula_mercantil: str | None = optional(
        "La matrícula mercantil", Text(50), To("commercial_registration"), example="0123456789"
    )
    actividad_economica: str | None = optional(
        "La actividad económica", _ECONOMIC_ACTIVITY, To("economic_activity"), example="4711"
    )
    contacto: str | None = optional(
        "El contacto", Text(150), To("contact"), about="por quién preguntar", example="Lucía Ramírez"
    )
    direccion_fiscal: Address | None = optional(
        "La dirección fiscal",
        To("fiscal_address"),
        about="la del RUT, si `direccion` es la de un establecimiento",
    )
    participantes: Listed[Participant] = listed(
        "Los participantes",
        50,
        To("participants", copied=False),
        about="de un consorcio o unión temporal; sus porcentajes suman 100",
        rule="FAJ57",
    )


class Buyer(Party):
    """The buyer of an invoice or of the invoice a note corrects."""

    responsabilidad_fiscal: tuple[str, ...] | None = _responsibilities(optional, "FAJ26", "FAK26")


class Seller(Party):
    """The seller in a support document, who is not obliged to invoice; resident where ``pais`` is CO."""

    tipo_persona: str = _person_type(required)
    razon_social: str = _name(required)
    responsabilidad_fiscal: tuple[str, ...] | None = _responsibilities(optional, "FAJ26")


class IssuerParty(Buyer):
    """The issuer: the fields of a buyer, with address and municipality required."""

    tipo_persona: str = _person_type(required)
    razon_social: str = _name(required)
    responsabilidad_fiscal: tuple[str, ...] = _responsibilities(required, "FAJ26", "FAK26")
    email: str | None = optional(
        "El email", AN_EMAIL, To("email"), example="facturacion@example.com", rule="FAJ71"
    )
    pais: str | None = optional("El país", _COUNTRY, To("country"), example="CO", rule="FAJ16")
    direccion: str = required("La dirección", Text(300), To("address"), example="Carrera 7 # 12-34")
    codigo_municipio: str = required(
        "El código de municipio",
        _MUNICIPALITY,
        To("municipality"),
        example="11001",
        rule=("FAJ09", "FAJ10", "FAJ11", "FAJ12"),
    )
