"""A line in the contract's own words: the good or service, its taxes, discounts and charges.

Seed 002 field for field, and what Cauce adds to it, all of it optional.
"""

from datetime import date
from decimal import Decimal

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
    listed,
    optional,
    required,
)
from cauce.contracts.v1.parties import CHECK_DIGIT, IDENTIFICATION, IDENTIFICATION_TYPE
from cauce.contracts.v1.shapes import ADJUSTS, Charge, Discount, Shape
from cauce.domain import catalogs

_UNIT = Code(catalogs.units, like="debe ser un código UN/ECE de la tabla 13.3.6 de la DIAN, como 94 o KGM")
# The line's note, made of DIAN's opening words and this text, has 5000 characters at most (FAV03).
_LONGEST_AIU_CONTRACT = 4900
_ON_A_LINE = "of a line, where they change the base of its taxes"


class Tax(Shape):
    """A tax of a line: a percentage of its base, or an amount for each unit."""

    codigo: str = required("El código del impuesto", Code(catalogs.TAXES), To("code"))
    nombre: str | None = optional("El nombre del impuesto", Text(50), To("name"), about="of ZZ")
    base: Decimal | None = optional(
        "La base del impuesto", Amount(), To("base"), about="where it is not the value of the line"
    )
    porcentaje: Decimal | None = optional(
        "El porcentaje del impuesto", Percent(), To("percent"), about="ICA per thousand"
    )
    valor_unitario: Decimal | None = optional(
        "El valor unitario del impuesto",
        Amount(),
        To("per_unit_amount"),
        about="or `porcentaje`; IBUA: per 100 ml",
    )
    unidades: Decimal | None = optional(
        "El número de unidades gravadas", Amount(), To("base_units"), about="with `valor_unitario`; IBUA: ml"
    )
    unidad: str | None = optional("La unidad gravada", _UNIT, To("unit", copied=False))


class Withholding(Shape):
    """A withholding on a line; it informs, and changes no total."""

    codigo: str = required("El código de la retención", Code(catalogs.WITHHOLDINGS), To("code"))
    porcentaje: Decimal = required("El porcentaje de la retención", Percent(), To("percent"))


class ReferencePrice(Shape):
    """Value of one unit that is given for free."""

    valor: Decimal = required("El valor de referencia", Amount(positive=True), To("amount"))
    tipo: str | None = optional(
        "El tipo del precio de referencia", Code(catalogs.REFERENCE_PRICES), To("type")
    )


class Principal(Shape):
    """The third party whose income the line is."""

    tipo_documento: str = required("El tipo de documento", IDENTIFICATION_TYPE, To("identification_type"))
    numero_documento: str = required(
        "El número de documento", IDENTIFICATION, To("identification", copied=False)
    )
    dv: str | None = optional("El dígito de verificación", CHECK_DIGIT, To("check_digit", copied=False))


class Purchase(Shape):
    """When a line of a support document was bought."""

    fecha: date = required("La fecha de la compra", Day(), To("on"))
    forma: str | None = optional(
        "La forma de la compra", Code(catalogs.PURCHASE_FORMS, integer=True), To("form")
    )


class LineRequest(Shape):
    """One good or service."""

    codigo: str = required("El código", Text(50), To("code"))
    descripcion: str = required("La descripción", Text(300, many_lines=True), To("description"))
    cantidad: Decimal = required("La cantidad", Amount(positive=True, below=QUANTITY_LIMIT), To("quantity"))
    unidad: str | None = optional("La unidad de medida", _UNIT, To("unit"))
    precio: Decimal = required("El precio", Amount(), To("price"))
    # A short way to say ``impuestos``, and the words of seed 002.
    iva_pct: Decimal | None = optional("El IVA %", Percent(), about="or `impuestos`")
    descuento_pct: Decimal | None = optional(
        "El descuento %", Percent(), To("discount_percent", copied=False)
    )
    descuento_valor: Decimal | None = optional(
        "El valor del descuento", Amount(), To("discount_amount", copied=False), about="or `descuento_pct`"
    )
    descuentos: Listed[Discount] = listed("Los descuentos", 10, ADJUSTS, about=_ON_A_LINE)
    cargos: Listed[Charge] = listed("Los cargos", 10, ADJUSTS, about=_ON_A_LINE)
    excluido: bool | None = optional("El campo excluido", Boolean(), about="no IVA")
    impuestos: Listed[Tax] = listed(
        "Los impuestos", 10, To("taxes", copied=False), about="taxes of the line, IVA among them"
    )
    retenciones: Listed[Withholding] = listed(
        "Las retenciones", 10, To("withholdings"), about="they change no total; ReteICA per thousand"
    )
    estandar: str | None = optional(
        "El estándar del código",
        Code(catalogs.ITEM_STANDARDS),
        To("standard"),
        about="of `codigo`: 999 own, 001 UNSPSC, 010 GTIN, 020 tariff heading",
    )
    nota: str | None = optional("La nota", Text(500, many_lines=True), To("note"))
    precio_referencia: ReferencePrice | None = optional(
        "El precio de referencia",
        To("reference_price"),
        about="the value of a line that is given for free (`precio` 0)",
    )
    marca: str | None = optional("La marca", Text(100), To("brand"))
    modelo: str | None = optional("El modelo", Text(100), To("model"))
    mandante: Principal | None = optional(
        "El mandante",
        To("principal", copied=False),
        about="the third party whose income the line is (operation 11)",
    )
    compra: Purchase | None = optional(
        "La compra", To("purchase"), about="when a support document's line was bought"
    )
    contrato_aiu: str | None = optional(
        "El objeto del contrato de AIU",
        Text(_LONGEST_AIU_CONTRACT),
        To("aiu_contract"),
        about="the object of an AIU contract, operation 09",
    )
