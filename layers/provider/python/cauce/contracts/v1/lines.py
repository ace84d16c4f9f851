"""A line in the contract's own words: the good or service, its taxes, discounts and charges.

Seed 002 field for field, and what Cauce adds to it, all of it optional.
"""

from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, Field

from cauce.contracts.v1.fields import QUANTITY_LIMIT, amount, boolean, code, day, listed, percent, text
from cauce.contracts.v1.parties import CHECK_DIGIT, IDENTIFICATION, IDENTIFICATION_TYPE
from cauce.contracts.v1.shapes import Charge, Discount, Shape
from cauce.domain import catalogs

_UNIT = code(
    catalogs.units,
    optional=True,
    like="debe ser un código UN/ECE de la tabla 13.3.6 de la DIAN, como 94 o KGM",
)
# The line's note, made of DIAN's opening words and this text, has 5000 characters at most (FAV03).
_LONGEST_AIU_CONTRACT = 4900


class Tax(Shape):
    """A tax of a line: a percentage of its base, or an amount for each unit."""

    codigo: Annotated[str, code(lambda: catalogs.TAXES)] = Field(title="El código del impuesto")
    nombre: Annotated[str | None, text(50, optional=True)] = Field(None, title="El nombre del impuesto")
    base: Annotated[Decimal | None, amount(optional=True)] = Field(None, title="La base del impuesto")
    porcentaje: Annotated[Decimal | None, percent(optional=True)] = Field(
        None, title="El porcentaje del impuesto"
    )
    valor_unitario: Annotated[Decimal | None, amount(optional=True)] = Field(
        None, title="El valor unitario del impuesto"
    )
    unidades: Annotated[Decimal | None, amount(optional=True)] = Field(
        None, title="El número de unidades gravadas"
    )
    unidad: Annotated[str | None, _UNIT] = Field(None, title="La unidad gravada")


class Withholding(Shape):
    """A withholding on a line; it informs, and changes no total."""

    codigo: Annotated[str, code(lambda: catalogs.WITHHOLDINGS)] = Field(title="El código de la retención")
    porcentaje: Annotated[Decimal, percent()] = Field(title="El porcentaje de la retención")


class ReferencePrice(Shape):
    """Value of one unit that is given for free."""

    valor: Annotated[Decimal, amount(positive=True)] = Field(title="El valor de referencia")
    tipo: Annotated[str | None, code(lambda: catalogs.REFERENCE_PRICES, optional=True)] = Field(
        None, title="El tipo del precio de referencia"
    )


class Principal(Shape):
    """The third party whose income the line is."""

    tipo_documento: Annotated[str, IDENTIFICATION_TYPE] = Field(title="El tipo de documento")
    numero_documento: Annotated[str, IDENTIFICATION] = Field(title="El número de documento")
    dv: Annotated[str | None, CHECK_DIGIT] = Field(None, title="El dígito de verificación")


class Purchase(Shape):
    """When a line of a support document was bought."""

    fecha: Annotated[date, day()] = Field(title="La fecha de la compra")
    forma: Annotated[str | None, code(lambda: catalogs.PURCHASE_FORMS, optional=True, integer=True)] = Field(
        None, title="La forma de la compra"
    )


class Line(Shape):
    """One good or service."""

    codigo: Annotated[str, text(50)] = Field(title="El código")
    descripcion: Annotated[str, text(300, many_lines=True)] = Field(title="La descripción")
    cantidad: Annotated[Decimal, amount(positive=True, below=QUANTITY_LIMIT)] = Field(title="La cantidad")
    unidad: Annotated[str | None, _UNIT] = Field(None, title="La unidad de medida")
    precio: Annotated[Decimal, amount()] = Field(title="El precio")
    iva_pct: Annotated[Decimal | None, percent(optional=True)] = Field(None, title="El IVA %")
    descuento_pct: Annotated[Decimal | None, percent(optional=True)] = Field(None, title="El descuento %")
    descuento_valor: Annotated[Decimal | None, amount(optional=True)] = Field(
        None, title="El valor del descuento"
    )
    descuentos: Annotated[tuple[Discount, ...], BeforeValidator(listed)] = Field(
        (), max_length=10, title="Los descuentos"
    )
    cargos: Annotated[tuple[Charge, ...], BeforeValidator(listed)] = Field(
        (), max_length=10, title="Los cargos"
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
    precio_referencia: ReferencePrice | None = Field(None, title="El precio de referencia")
    marca: Annotated[str | None, text(100, optional=True)] = Field(None, title="La marca")
    modelo: Annotated[str | None, text(100, optional=True)] = Field(None, title="El modelo")
    mandante: Principal | None = Field(None, title="El mandante")
    compra: Purchase | None = Field(None, title="La compra")
    contrato_aiu: Annotated[str | None, text(_LONGEST_AIU_CONTRACT, optional=True)] = Field(
        None, title="El objeto del contrato de AIU"
    )
