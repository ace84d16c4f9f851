"""A line in the contract's own words: the good or service, its taxes, discounts and charges.

Seed 002 field for field, and what Cauce adds to it, all of it optional.
"""

from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from cauce.contracts.v1.fields import (
    QUANTITY_LIMIT,
    Amount,
    Boolean,
    Code,
    Day,
    Listed,
    Percent,
    Text,
    To,
)
from cauce.contracts.v1.parties import CHECK_DIGIT, IDENTIFICATION, IDENTIFICATION_TYPE
from cauce.contracts.v1.shapes import Charge, Discount, Shape
from cauce.domain import catalogs

_UNIT = Code(catalogs.units, like="debe ser un código UN/ECE de la tabla 13.3.6 de la DIAN, como 94 o KGM")
# The line's note, made of DIAN's opening words and this text, has 5000 characters at most (FAV03).
_LONGEST_AIU_CONTRACT = 4900


class Tax(Shape):
    """A tax of a line: a percentage of its base, or an amount for each unit."""

    codigo: Annotated[str, Code(catalogs.TAXES), To("code")] = Field(title="El código del impuesto")
    nombre: Annotated[str | None, Text(50), To("name")] = Field(
        None, title="El nombre del impuesto", description="of ZZ"
    )
    base: Annotated[Decimal | None, Amount(), To("base")] = Field(
        None, title="La base del impuesto", description="where it is not the value of the line"
    )
    porcentaje: Annotated[Decimal | None, Percent(), To("percent")] = Field(
        None, title="El porcentaje del impuesto", description="ICA per thousand"
    )
    valor_unitario: Annotated[Decimal | None, Amount(), To("per_unit_amount")] = Field(
        None, title="El valor unitario del impuesto", description="or `porcentaje`; IBUA: per 100 ml"
    )
    unidades: Annotated[Decimal | None, Amount(), To("base_units")] = Field(
        None, title="El número de unidades gravadas", description="with `valor_unitario`; IBUA: ml"
    )
    unidad: Annotated[str | None, _UNIT, To("unit", copied=False)] = Field(None, title="La unidad gravada")


class Withholding(Shape):
    """A withholding on a line; it informs, and changes no total."""

    codigo: Annotated[str, Code(catalogs.WITHHOLDINGS), To("code")] = Field(title="El código de la retención")
    porcentaje: Annotated[Decimal, Percent(), To("percent")] = Field(title="El porcentaje de la retención")


class ReferencePrice(Shape):
    """Value of one unit that is given for free."""

    valor: Annotated[Decimal, Amount(positive=True), To("amount")] = Field(title="El valor de referencia")
    tipo: Annotated[str | None, Code(catalogs.REFERENCE_PRICES), To("type")] = Field(
        None, title="El tipo del precio de referencia"
    )


class Principal(Shape):
    """The third party whose income the line is."""

    tipo_documento: Annotated[str, IDENTIFICATION_TYPE, To("identification_type")] = Field(
        title="El tipo de documento"
    )
    numero_documento: Annotated[str, IDENTIFICATION, To("identification", copied=False)] = Field(
        title="El número de documento"
    )
    dv: Annotated[str | None, CHECK_DIGIT, To("check_digit", copied=False)] = Field(
        None, title="El dígito de verificación"
    )


class Purchase(Shape):
    """When a line of a support document was bought."""

    fecha: Annotated[date, Day(), To("on")] = Field(title="La fecha de la compra")
    forma: Annotated[str | None, Code(catalogs.PURCHASE_FORMS, integer=True), To("form")] = Field(
        None, title="La forma de la compra"
    )


class Line(Shape):
    """One good or service."""

    codigo: Annotated[str, Text(50), To("code")] = Field(title="El código")
    descripcion: Annotated[str, Text(300, many_lines=True), To("description")] = Field(title="La descripción")
    cantidad: Annotated[Decimal, Amount(positive=True, below=QUANTITY_LIMIT), To("quantity")] = Field(
        title="La cantidad"
    )
    unidad: Annotated[str | None, _UNIT, To("unit")] = Field(None, title="La unidad de medida")
    precio: Annotated[Decimal, Amount(), To("price")] = Field(title="El precio")
    # A short way to say ``impuestos``, and the words of seed 002.
    iva_pct: Annotated[Decimal | None, Percent()] = Field(
        None, title="El IVA %", description="or `impuestos`"
    )
    descuento_pct: Annotated[Decimal | None, Percent(), To("discount_percent", copied=False)] = Field(
        None, title="El descuento %"
    )
    descuento_valor: Annotated[Decimal | None, Amount(), To("discount_amount", copied=False)] = Field(
        None, title="El valor del descuento", description="or `descuento_pct`"
    )
    descuentos: Annotated[Listed[Discount], To("allowance_charges", copied=False)] = Field(
        (),
        max_length=10,
        title="Los descuentos",
        description="of a line, where they change the base of its taxes",
    )
    cargos: Annotated[Listed[Charge], To("allowance_charges", copied=False)] = Field(
        (),
        max_length=10,
        title="Los cargos",
        description="of a line, where they change the base of its taxes",
    )
    excluido: Annotated[bool | None, Boolean()] = Field(None, title="El campo excluido", description="no IVA")
    impuestos: Annotated[Listed[Tax], To("taxes", copied=False)] = Field(
        (), max_length=10, title="Los impuestos", description="taxes of the line, IVA among them"
    )
    retenciones: Annotated[Listed[Withholding], To("withholdings")] = Field(
        (), max_length=10, title="Las retenciones", description="they change no total; ReteICA per thousand"
    )
    estandar: Annotated[str | None, Code(catalogs.ITEM_STANDARDS), To("standard")] = Field(
        None,
        title="El estándar del código",
        description="of `codigo`: 999 own, 001 UNSPSC, 010 GTIN, 020 tariff heading",
    )
    nota: Annotated[str | None, Text(500, many_lines=True), To("note")] = Field(None, title="La nota")
    precio_referencia: Annotated[ReferencePrice | None, To("reference_price")] = Field(
        None,
        title="El precio de referencia",
        description="the value of a line that is given for free (`precio` 0)",
    )
    marca: Annotated[str | None, Text(100), To("brand")] = Field(None, title="La marca")
    modelo: Annotated[str | None, Text(100), To("model")] = Field(None, title="El modelo")
    mandante: Annotated[Principal | None, To("principal", copied=False)] = Field(
        None, title="El mandante", description="the third party whose income the line is (operation 11)"
    )
    compra: Annotated[Purchase | None, To("purchase")] = Field(
        None, title="La compra", description="when a support document's line was bought"
    )
    contrato_aiu: Annotated[str | None, Text(_LONGEST_AIU_CONTRACT), To("aiu_contract")] = Field(
        None,
        title="El objeto del contrato de AIU",
        description="the object of an AIU contract, operation 09",
    )
