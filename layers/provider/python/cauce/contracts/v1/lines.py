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
    Whole,
    listed,
    optional,
    required,
)
from cauce.contracts.v1.parties import CHECK_DIGIT, IDENTIFICATION, IDENTIFICATION_TYPE
from cauce.contracts.v1.shapes import ADJUSTS, BillingPeriod, Charge, Discount, Shape
from cauce.domain import catalogs

_UNIT = Code(
    catalogs.units,
    like="debe ser un código UN/ECE de la tabla 13.3.6 de la DIAN, como 94 o KGM",
    catalog="unidades",
)
# The line's note, made of DIAN's opening words and this text, has 5000 characters at most (FAV03).
_LONGEST_AIU_CONTRACT = 4900
# A sale has no line below 0 (VLR01): what to do with a return or a reduction inside one.
RETURN = "en una nota crédito sobre la factura en que se vendió (POST /notas-credito, motivo 1)"
_RETURNED = (
    f"lo que se devuelve va {RETURN}, y una rebaja de esta venta en descuento_valor de la línea rebajada"
)
_ON_A_LINE = "de la línea: cambian la base de sus impuestos"


class Tax(Shape):
    """A tax of a line: a percentage of its base, or an amount for each unit."""

    codigo: str = required(
        "El código del impuesto",
        Code(catalogs.TAXES, catalog="tributos"),
        To("code"),
        example="01",
        rule=("FAS16", "FAX01", "DSAY13"),
    )
    nombre: str | None = optional(
        "El nombre del impuesto",
        Text(50),
        To("name"),
        about="de un tributo ZZ",
        example="Contribución parafiscal",
        rule="FAS14",
    )
    base: Decimal | None = optional(
        "La base del impuesto",
        Amount(),
        To("base"),
        about="solo si no es el valor de la línea",
        example=90000,
        rule=("FAX07", "VLR01"),
    )
    porcentaje: Decimal | None = optional(
        "El porcentaje del impuesto",
        Percent(),
        To("percent"),
        about="ICA: por mil",
        example=19,
        rule=("FAX14", "DSAX14", "VLR01"),
    )
    valor_unitario: Decimal | None = optional(
        "El valor unitario del impuesto",
        Amount(),
        To("per_unit_amount"),
        about="o `porcentaje`; IBUA: por cada 100 ml",
        example=38,
        rule=("FAX09", "VLR01"),
    )
    unidades: Decimal | None = optional(
        "El número de unidades gravadas",
        Amount(),
        To("base_units"),
        about="con `valor_unitario`; IBUA: ml",
        example=500,
        rule=("FAX09", "VLR01"),
    )
    unidad: str | None = optional(
        "La unidad gravada", _UNIT, To("unit", copied=False), example="MLT", rule="FAX09"
    )


class Withholding(Shape):
    """A withholding on a line; it informs, and changes no total."""

    codigo: str = required(
        "El código de la retención",
        Code(catalogs.WITHHOLDINGS, catalog="retenciones"),
        To("code"),
        example="06",
        rule=("DSAY01", "DSAY13"),
    )
    porcentaje: Decimal = required(
        "El porcentaje de la retención",
        Percent(),
        To("percent"),
        example="2.50",
        rule=("FAY10", "DSAT10", "VLR01"),
    )
    base: Decimal | None = optional(
        "La base de la retención",
        Amount(),
        To("base"),
        about="solo si no es el valor de la línea o, en la ReteIVA, su IVA",
        example=80000,
        rule=("FAY07", "VLR01"),
    )


class ReferencePrice(Shape):
    """Value of one unit that is given for free."""

    valor: Decimal = required(
        "El valor de referencia", Amount(positive=True), To("amount"), example=12000, rule="FAW05"
    )
    tipo: str | None = optional(
        "El tipo del precio de referencia",
        Code(catalogs.REFERENCE_PRICES, catalog="precios-referencia"),
        To("type"),
        example="01",
        rule="FAW05",
    )


class Principal(Shape):
    """The third party whose income the line is."""

    tipo_documento: str = required(
        "El tipo de documento", IDENTIFICATION_TYPE, To("identification_type"), example="31"
    )
    numero_documento: str = required(
        "El número de documento", IDENTIFICATION, To("identification", copied=False), example="900373115"
    )
    dv: str | None = optional(
        "El dígito de verificación", CHECK_DIGIT, To("check_digit", copied=False), example="3"
    )
    nombre: str | None = optional("El nombre", Text(450), To("name"), example="FONDO DE VIVIENDA")


class Purchase(Shape):
    """When a line of a support document was bought."""

    fecha: date = required("La fecha de la compra", Day(), To("on"), example="2026-05-09")
    forma: str | None = optional(
        "La forma de la compra",
        Code(catalogs.PURCHASE_FORMS, integer=True, catalog="formas-compra"),
        To("form"),
        example="1",
    )


class Consignment(Shape):
    """The remesa of a line of freight transport."""

    radicado: str = required(
        "El radicado de la remesa",
        Text(30, pattern="[0-9]+", like="son los dígitos que da el RNDC"),
        To("filing"),
        example="13456",
        rule="Anexo 1.9, 13.5.2",
    )
    numero: str = required(
        "El número de la remesa",
        Text(30),
        To("number"),
        example="REM0001",
        rule="Anexo 1.9, 13.5.2",
    )
    flete: int = required(
        "El valor del flete",
        Whole(10**12 - 1),
        To("freight"),
        example=250000,
        rule="Anexo 1.9, 13.5.2",
    )
    cantidad: Decimal = required(
        "La cantidad de carga", Amount(positive=True, below=QUANTITY_LIMIT), To("quantity"), example=10
    )
    unidad: str = required(
        "La unidad de la carga",
        Code(catalogs.CONSIGNMENT_UNITS, catalog="unidades-remesa"),
        To("unit"),
        example="KGM",
        rule="Anexo 1.9, 13.5.2",
    )


class OtherCode(Shape):
    """A further code of the item."""

    estandar: str = required("El nombre del código", Text(30), To("scheme"), example="EAN13")
    codigo: str = required("El código", Text(50), To("code"), example="7702004003508")


class LineRequest(Shape):
    """One good or service."""

    codigo: str = required(
        "El código", Text(50), To("code"), example="CAF-500", rule=("FAZ09", "FAZ10", "Anexo 1.9, 13.3.5")
    )
    descripcion: str = required(
        "La descripción",
        Text(900, many_lines=True),
        To("description"),
        example="Café molido 500 g",
        rule=("FAZ02", "E.T. 617"),
    )
    cantidad: Decimal = required(
        "La cantidad",
        Amount(positive=True, below=QUANTITY_LIMIT, instead=_RETURNED),
        To("quantity"),
        example=2,
        rule=("FAV04a", "FAV04b"),
    )
    unidad: str | None = optional(
        "La unidad de medida", _UNIT, To("unit"), example="94", rule=("FAV05", "FBB04")
    )
    precio: Decimal = required(
        "El precio", Amount(instead=_RETURNED), To("price"), example=50000, rule=("FBB02", "VLR01")
    )
    precios_incluyen_impuestos: bool | None = optional(
        "El campo precios_incluyen_impuestos",
        Boolean(),
        To("paid", copied=False),
        about="si `precio` y los descuentos de la línea traen los impuestos; ausente: lo que diga el documento",
        example=True,
    )
    # A short way to say ``impuestos``, and the words of seed 002.
    iva_pct: Decimal | None = optional(
        "El IVA %",
        Percent(),
        about="o `impuestos`",
        example=19,
        rule=("FAX14", "DSAX14", "VLR01", "E.T. 617"),
    )
    descuento_pct: Decimal | None = optional(
        "El descuento %", Percent(), To("discount_percent", copied=False), example=10, rule=("FAQ06", "VLR01")
    )
    descuento_valor: Decimal | None = optional(
        "El valor del descuento",
        Amount(),
        To("discount_amount", copied=False),
        about="o `descuento_pct`",
        example=5000,
        rule=("FBE09", "VLR01"),
    )
    descuentos: Listed[Discount] = listed("Los descuentos", 10, ADJUSTS, about=_ON_A_LINE)
    cargos: Listed[Charge] = listed("Los cargos", 10, ADJUSTS, about=_ON_A_LINE)
    excluido: bool | None = optional(
        "El campo excluido", Boolean(), about="sin IVA", example=True, rule=("E.T. 424", "E.T. 476")
    )
    impuestos: Listed[Tax] = listed(
        "Los impuestos",
        10,
        To("taxes", copied=False),
        about="los impuestos de la línea, el IVA entre ellos",
        rule="FAX01",
    )
    retenciones: Listed[Withholding] = listed(
        "Las retenciones", 10, To("withholdings"), about="no cambian ningún total; ReteICA: por mil"
    )
    estandar: str | None = optional(
        "El estándar del código",
        Code(catalogs.ITEM_STANDARDS, catalog="estandares"),
        To("standard"),
        about="el de `codigo`: 999 propio, 001 UNSPSC, 010 GTIN, 020 partida arancelaria",
        example="999",
        rule=("FAZ10", "FAZ12", "Anexo 1.9, 13.3.5"),
    )
    codigo_estandar: str | None = optional(
        "El código del estándar",
        Text(50),
        To("standard_code"),
        about="el de `estandar`, si es otro que `codigo`",
        example="52150000",
        rule=("FAZ10", "Anexo 1.9, 13.3.5"),
    )
    otros_codigos: Listed[OtherCode] = listed(
        "Los otros códigos", 5, To("other_codes"), about="los que tenga además, como el EAN de la caja"
    )
    periodo: BillingPeriod | None = optional(
        "El periodo de la línea",
        To("period"),
        about="de cuándo es lo que se cobra, como un consumo o un arriendo",
    )
    remesa: Consignment | None = optional(
        "La remesa",
        To("consignment"),
        about="la del RNDC que se cobra, en transporte de carga (operación 12)",
        rule="Anexo 1.9, 13.5.1",
    )
    nota: str | None = optional("La nota", Text(5000, many_lines=True), To("note"), example="Tueste medio")
    precio_referencia: ReferencePrice | None = optional(
        "El precio de referencia",
        To("reference_price"),
        about="el valor de una línea que se regala (`precio` 0)",
        rule=("FAW05", "E.T. 421"),
    )
    marca: str | None = optional("La marca", Text(100), To("brand"), example="La Ladera", rule="FAZ04")
    modelo: str | None = optional("El modelo", Text(100), To("model"), example="Origen Huila", rule="FAZ05")
    mandante: Principal | None = optional(
        "El mandante",
        To("principal", copied=False),
        about="el tercero de quien es el ingreso de la línea (operación 11)",
        rule="Anexo 1.9, 13.3.13",
    )
    compra: Purchase | None = optional(
        "La compra",
        To("purchase"),
        about="cuándo se compró la línea de un documento soporte",
        rule="Anexo DS 1.1",
    )
    contrato_aiu: str | None = optional(
        "El objeto del contrato de AIU",
        Text(_LONGEST_AIU_CONTRACT),
        To("aiu_contract"),
        about="el objeto de un contrato AIU (operación 09)",
        example="aseo de las sedes",
        rule="FAV03",
    )
