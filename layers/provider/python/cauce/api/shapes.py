"""The parts of a request in the contract's own words: parties, lines, taxes, payment.

Seed 002 field for field, and what Cauce adds to it, all of it optional. A field's title is how messages name
it. What one field can say alone is checked here; what takes two is in ``rules``.
"""

from datetime import date, time
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from cauce.api.fields import (
    QUANTITY_LIMIT,
    amount,
    boolean,
    clock,
    code,
    day,
    listed,
    percent,
    reading,
    refused,
    text,
    written,
)
from cauce.domain import catalogs

_UNIT_LIKE = "debe ser un código UN/ECE de la tabla 13.3.6 de la DIAN, como 94 o KGM"


class Shape(BaseModel):
    """An object of the request: frozen, and closed to fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


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


class Issue(Shape):
    """When the document is issued; now, unless it says otherwise."""

    fecha: Annotated[date | None, day(optional=True)] = Field(None, title="La fecha")
    hora: Annotated[time | None, clock(optional=True)] = Field(None, title="La hora")


class Party(Shape):
    """Who is on the other side."""

    tipo_persona: Annotated[str, code(lambda: catalogs.PERSON_TYPES, integer=True)] = Field(
        title="El tipo de persona"
    )
    tipo_documento: Annotated[str, code(lambda: catalogs.IDENTIFICATION_TYPES, integer=True)] = Field(
        title="El tipo de documento"
    )
    numero_documento: Annotated[
        str,
        text(20, pattern=r"[A-Za-z0-9./-]+", like="admite letras sin tilde, dígitos, punto, guion y barra"),
    ] = Field(title="El número de documento")
    dv: Annotated[
        str | None,
        code(lambda: dict.fromkeys("0123456789", ""), optional=True, integer=True, like="debe ser un dígito"),
    ] = Field(None, title="El dígito de verificación")
    razon_social: Annotated[str, text(450)] = Field(title="La razón social")
    nombre_comercial: Annotated[str | None, text(450, optional=True)] = Field(
        None, title="El nombre comercial"
    )
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
    codigo_municipio: Annotated[
        str | None,
        code(
            catalogs.municipalities,
            optional=True,
            like="debe ser un código DANE (DIVIPOLA) de 5 dígitos que exista, como 05001",
        ),
    ] = Field(None, title="El código de municipio")
    codigo_departamento: Annotated[
        str | None,
        code(
            catalogs.departments,
            optional=True,
            like="debe ser un código DANE (DIVIPOLA) de 2 dígitos que exista, como 05",
        ),
    ] = Field(None, title="El código de departamento")
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


class Tax(Shape):
    """A tax of a line: a percentage of its value, or an amount for each unit."""

    codigo: Annotated[str, code(lambda: catalogs.TAXES)] = Field(title="El código del impuesto")
    porcentaje: Annotated[Decimal | None, percent(optional=True)] = Field(
        None, title="El porcentaje del impuesto"
    )
    valor_unitario: Annotated[Decimal | None, amount(optional=True)] = Field(
        None, title="El valor unitario del impuesto"
    )
    unidades: Annotated[Decimal | None, amount(optional=True)] = Field(
        None, title="El número de unidades gravadas"
    )
    unidad: Annotated[
        str | None,
        code(catalogs.units, optional=True, like=_UNIT_LIKE),
    ] = Field(None, title="La unidad gravada")


class Withholding(Shape):
    """A withholding on a line; it informs, and changes no total."""

    codigo: Annotated[str, code(lambda: catalogs.WITHHOLDINGS)] = Field(title="El código de la retención")
    porcentaje: Annotated[Decimal, percent()] = Field(title="El porcentaje de la retención")


class Line(Shape):
    """One good or service."""

    codigo: Annotated[str, text(50)] = Field(title="El código")
    descripcion: Annotated[str, text(300, many_lines=True)] = Field(title="La descripción")
    cantidad: Annotated[Decimal, amount(positive=True, below=QUANTITY_LIMIT)] = Field(title="La cantidad")
    unidad: Annotated[
        str | None,
        code(catalogs.units, optional=True, like=_UNIT_LIKE),
    ] = Field(None, title="La unidad de medida")
    precio: Annotated[Decimal, amount()] = Field(title="El precio")
    iva_pct: Annotated[Decimal | None, percent(optional=True)] = Field(None, title="El IVA %")
    descuento_pct: Annotated[Decimal | None, percent(optional=True)] = Field(None, title="El descuento %")
    descuento_valor: Annotated[Decimal | None, amount(optional=True)] = Field(
        None, title="El valor del descuento"
    )
    excluido: Annotated[bool | None, boolean(optional=True)] = Field(None, title="El campo excluido")
    impuestos: Annotated[tuple[Tax, ...], BeforeValidator(listed)] = Field(
        (), max_length=10, title="Los impuestos"
    )
    retenciones: Annotated[tuple[Withholding, ...], BeforeValidator(listed)] = Field(
        (), max_length=10, title="Las retenciones"
    )
    estandar: Annotated[str | None, code(lambda: catalogs.ITEM_STANDARDS, optional=True)] = Field(
        None, title="El estándar del código"
    )
    nota: Annotated[str | None, text(500, optional=True, many_lines=True)] = Field(None, title="La nota")


class Payment(Shape):
    """How it is paid."""

    forma: Annotated[str | None, code(lambda: catalogs.PAYMENT_FORMS, optional=True, integer=True)] = Field(
        None, title="La forma de pago"
    )
    medio: Annotated[
        str | None,
        code(
            catalogs.payment_means,
            optional=True,
            integer=True,
            like="debe ser un código de la tabla de medios de pago de la DIAN, como 10 o 47",
        ),
    ] = Field(None, title="El medio de pago")
    vencimiento: Annotated[date | None, day(optional=True)] = Field(None, title="La fecha de vencimiento")


class Order(Shape):
    """The buyer's purchase order."""

    numero: Annotated[str, text(60)] = Field(title="El número de la orden")
    fecha: Annotated[date | None, day(optional=True)] = Field(None, title="La fecha de la orden")


class Adjustment(Shape):
    """An amount on the whole document, or a percentage of the sum of its lines."""

    codigo: str | None = None
    descripcion: Annotated[str, text(300)] = Field(title="La descripción")
    valor: Annotated[Decimal | None, amount(optional=True, positive=True)] = Field(None, title="El valor")
    porcentaje: Annotated[Decimal | None, percent(optional=True)] = Field(None, title="El porcentaje")


class Charge(Adjustment):
    """A charge on the whole document."""

    codigo: Annotated[
        str | None,
        code(
            lambda: {c: name for c, name in catalogs.CHARGE_REASONS.items() if c in catalogs.CHARGES},
            optional=True,
        ),
    ] = Field(None, title="El código del cargo")


class Discount(Adjustment):
    """A discount on the whole document; it does not lower the taxes."""

    codigo: Annotated[
        str | None,
        code(
            lambda: {c: name for c, name in catalogs.CHARGE_REASONS.items() if c not in catalogs.CHARGES},
            optional=True,
        ),
    ] = Field(None, title="El código del descuento")
