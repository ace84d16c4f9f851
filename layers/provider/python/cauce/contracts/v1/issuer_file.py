"""The file of an issuer, for work without a stack: the issuer, its software and its ranges, in the contract's words.

``{"emisor": {…}, "ambiente": "habilitacion", "software": {"id", "pin"}, "rangos": [{…}]}``; ``emisor`` has the
fields of ``adquiriente``.
"""

from dataclasses import dataclass
from datetime import date

from pydantic import SecretStr

from cauce.contracts.v1 import contract, sentences
from cauce.contracts.v1.bodies import JsonObject
from cauce.contracts.v1.errors import InvalidRequest
from cauce.contracts.v1.fields import (
    Code,
    Day,
    FieldKind,
    Listed,
    Text,
    Whole,
    listed,
    optional,
    refused,
    required,
)
from cauce.contracts.v1.shapes import Shape
from cauce.domain.document import Kind
from cauce.domain.errors import InvalidDocument
from cauce.domain.issuer import Environment, Issuer
from cauce.domain.nit import check_digit
from cauce.domain.ranges import NumberingRange

ENVIRONMENTS = {each.called: each for each in (Environment.TEST, Environment.PRODUCTION)}
KINDS = {
    "factura": Kind.INVOICE,
    "nota-credito": Kind.CREDIT_NOTE,
    "nota-debito": Kind.DEBIT_NOTE,
    "documento-soporte": Kind.SUPPORT_DOCUMENT,
    "nota-ajuste": Kind.ADJUSTMENT_NOTE,
    "documento-equivalente": Kind.EQUIVALENT_DOCUMENT,
    "nota-documento-equivalente": Kind.EQUIVALENT_NOTE,
}


@dataclass(frozen=True)
class Secret(FieldKind):
    """Text that is never shown."""

    def read(self, value: object) -> SecretStr:
        if not isinstance(value, str):
            raise refused("debe ser un texto entre comillas")
        return SecretStr(value.strip())


class _Software(Shape):
    id: str | None = optional(
        "El identificador del software",
        Text(50),
        example="56f2ae4e-9812-4fad-9255-08fcfcd5ccb0",
        rule=("FAB24a", "FAB24b", "FAB24c"),
    )
    pin: SecretStr | None = optional("El PIN del software", Secret(), example="12345", rule="FAB27b")
    nit: str | None = optional(
        "El NIT del dueño del software",
        Text(15, pattern="[0-9]+", like="debe tener solo dígitos, sin el DV"),
        example="52123987",
        rule=("FAB19a", "FAB19b"),
    )


class _Range(Shape):
    tipo: str | None = optional("El tipo de documento", Code(dict.fromkeys(KINDS, "")), example="factura")
    prefijo: str | None = optional(
        "El prefijo",
        Text(4, pattern="[A-Za-z0-9]+", like="admite letras sin tilde y dígitos"),
        example="SETP",
        rule=("FAB10b", "FAD05a"),
    )
    resolucion: str | None = optional(
        "La resolución", Text(30), example="18760000001", rule=("FAB05a", "FAB05b")
    )
    desde: int = required("El número inicial", Whole(), example=990000000, rule=("FAB11a", "FAB11b"))
    hasta: int = required("El número final", Whole(), example=995000000, rule=("FAB12a", "FAB12b"))
    valido_desde: date | None = optional(
        "La fecha inicial de vigencia", Day(), example="2019-01-19", rule=("FAB07a", "FAB07b")
    )
    valido_hasta: date | None = optional(
        "La fecha final de vigencia", Day(), example="2030-01-19", rule=("FAB08a", "FAB08b")
    )
    clave_tecnica: SecretStr | None = optional(
        "La clave técnica", Secret(), example="fc8eac422eba16e22ffd8c6f94b3f40a6e38162c", rule="FAD06"
    )


class IssuerFile(Shape):
    # ``contract.party`` reads it, with its own rules.
    emisor: JsonObject = required("El emisor")
    ambiente: str = required(
        "El ambiente", Code(dict.fromkeys(ENVIRONMENTS, "")), example="habilitacion", rule="FAD04"
    )
    software: _Software = optional("El software", default=_Software())
    rangos: Listed[_Range] = listed("Los rangos", 50)


class IssuerOnFile(Shape):
    """The file's content, in the domain's words. An operator is asked for ``software_id`` and ``pin`` where
    absent."""

    issuer: Issuer
    software_id: str | None
    pin: SecretStr | None
    owner_nit: str
    """NIT of the software's owner: the issuer's, unless the file names another."""
    ranges: tuple[NumberingRange, ...]


def read(body: JsonObject) -> IssuerOnFile:
    """The issuer in the body of a file. Raises InvalidDocument with every field to mend, as the contract does."""
    found = sentences.read(IssuerFile, body)
    try:
        party = contract.party(found.emisor)
    except InvalidDocument as wrong:
        fields = {f"emisor.{path}": said for path, said in wrong.fields.items()}
        raise InvalidRequest(fields) from None
    for n, each in enumerate(found.rangos):
        if each.hasta < each.desde:
            message = "El número final no puede ser menor que el inicial."
            raise InvalidRequest({f"rangos.{n}.hasta": [message]})
    nit = party.identification
    issuer = Issuer(
        nit=nit,
        check_digit=check_digit(nit),
        uuid="",
        number=0,
        name=party.name,
        environment=ENVIRONMENTS[found.ambiente],
        party=party,
    )
    return IssuerOnFile(
        issuer=issuer,
        software_id=found.software.id,
        pin=found.software.pin,
        owner_nit=found.software.nit or nit,
        ranges=tuple(_range(each) for each in found.rangos),
    )


def _range(found: _Range) -> NumberingRange:
    return NumberingRange(
        provider="dian",
        kind=KINDS[found.tipo or "factura"],
        prefix=found.prefijo or "",
        resolution=found.resolucion,
        start=found.desde,
        end=found.hasta,
        valid_from=found.valido_desde,
        valid_to=found.valido_hasta,
        technical_key=found.clave_tecnica,
    )
