"""The file of an issuer, for work without a stack: the issuer, its software and its ranges, in the contract's words.

``{"emisor": {…}, "ambiente": "habilitacion", "software": {"id", "pin"}, "rangos": [{…}]}``; ``emisor`` has the
fields of ``adquiriente``.
"""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from pydantic import Field, SecretStr, ValidationError

from cauce.contracts.v1 import contract, sentences
from cauce.contracts.v1.bodies import JsonObject
from cauce.contracts.v1.errors import InvalidRequest
from cauce.contracts.v1.fields import Code, Day, FieldKind, Listed, Text, Whole, refused
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
}


@dataclass(frozen=True)
class Secret(FieldKind):
    """Text that is never shown."""

    def read(self, value: object) -> SecretStr:
        if not isinstance(value, str):
            raise refused("debe ser un texto entre comillas")
        return SecretStr(value.strip())


class _Software(Shape):
    id: Annotated[str | None, Text(50)] = Field(None, title="El identificador del software")
    pin: Annotated[SecretStr | None, Secret()] = Field(None, title="El PIN del software")
    nit: Annotated[str | None, Text(15, pattern="[0-9]+", like="debe tener solo dígitos, sin el DV")] = Field(
        None, title="El NIT del dueño del software"
    )


class _Range(Shape):
    tipo: Annotated[str | None, Code(dict.fromkeys(KINDS, ""))] = Field(None, title="El tipo de documento")
    prefijo: Annotated[
        str | None, Text(4, pattern="[A-Za-z0-9]+", like="admite letras sin tilde y dígitos")
    ] = Field(None, title="El prefijo")
    resolucion: Annotated[str | None, Text(30)] = Field(None, title="La resolución")
    desde: Annotated[int, Whole()] = Field(title="El número inicial")
    hasta: Annotated[int, Whole()] = Field(title="El número final")
    valido_desde: Annotated[date | None, Day()] = Field(None, title="La fecha inicial de vigencia")
    valido_hasta: Annotated[date | None, Day()] = Field(None, title="La fecha final de vigencia")
    clave_tecnica: Annotated[SecretStr | None, Secret()] = Field(None, title="La clave técnica")


class _IssuerFile(Shape):
    # ``contract.party`` reads it, with its own rules.
    emisor: JsonObject = Field(title="El emisor")
    ambiente: Annotated[str, Code(dict.fromkeys(ENVIRONMENTS, ""))] = Field(title="El ambiente")
    software: _Software = Field(_Software(), title="El software")
    rangos: Listed[_Range] = Field((), max_length=50, title="Los rangos")


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
    try:
        found = _IssuerFile.model_validate(body)
    except ValidationError as error:
        raise InvalidRequest(sentences.of(error, _IssuerFile)) from None
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
