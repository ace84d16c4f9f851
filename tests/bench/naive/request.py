"""The contract's request for an invoice in pydantic models: every field that it may have, and its checks."""

import re
from datetime import date, time
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from cauce.domain import catalogs


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


def _one_of(table: Any) -> Any:
    """A code of a table of a few."""
    return StrEnum("Code", {f"C{n}": code for n, code in enumerate(table)})


def _listed(table: Any) -> Any:
    """A code of a table of hundreds."""
    codes = frozenset(table())

    def check(code: str) -> str:
        if code not in codes:
            raise ValueError("no es un código de la tabla")
        return code

    return Annotated[str, AfterValidator(check)]


def _text(longest: int, pattern: str | None = None) -> Any:
    return Annotated[str, StringConstraints(min_length=1, max_length=longest, pattern=pattern)]


_Amount = Annotated[Decimal, Field(ge=0, lt=10**12, decimal_places=6)]
_Positive = Annotated[Decimal, Field(gt=0, lt=10**12, decimal_places=6)]
_Percent = Annotated[Decimal, Field(ge=0, le=100, decimal_places=3)]
_Money = Annotated[Decimal, Field(ge=0, lt=10**12, decimal_places=2)]
_Unit, _Municipality, _Country = map(_listed, (catalogs.units, catalogs.municipalities, catalogs.countries))
_Currency = _listed(catalogs.currencies)
_IdentificationType = _one_of(catalogs.IDENTIFICATION_TYPES)
_Identification = _text(20, r"^[A-Za-z0-9./-]+$")
_CheckDigit = _text(1, r"^[0-9]$")


def _split(value: object) -> object:
    return value.split(";") if isinstance(value, str) else value


def _paragraphs(value: object) -> object:
    return [value] if isinstance(value, str) else value


class Party(_Model):
    tipo_persona: _one_of(catalogs.PERSON_TYPES)
    tipo_documento: _IdentificationType
    numero_documento: _Identification
    dv: _CheckDigit | None = None
    razon_social: _text(450)
    nombre_comercial: _text(450) | None = None
    nombres: _text(150) | None = None
    apellidos: _text(150) | None = None
    tributo: _one_of(catalogs.PARTY_TAX_SCHEMES) | None = None
    email: _text(254, r"^[^@ ]+@[^@ ]+\.[^@ ]+$") | None = None
    telefono: _text(50) | None = None
    direccion: _text(300) | None = None
    codigo_municipio: _Municipality | None = None
    codigo_departamento: _listed(catalogs.departments) | None = None
    ciudad: _text(100) | None = None
    region: _text(100) | None = None
    pais: _Country | None = None
    codigo_postal: _text(10, r"^[A-Za-z0-9 -]+$") | None = None
    matricula_mercantil: _text(50) | None = None
    actividad_economica: _text(19, r"^[0-9]{4}(;[0-9]{4}){0,3}$") | None = None
    responsabilidad_fiscal: Annotated[
        tuple[_one_of(catalogs.RESPONSIBILITIES), ...], BeforeValidator(_split), Field(min_length=1)
    ]

    @model_validator(mode="after")
    def _coherent(self) -> "Party":
        if (
            self.tipo_documento == "31"
            and self.dv is not None
            and self.dv != check_digit(self.numero_documento)
        ):
            raise ValueError("el dígito de verificación no es el del NIT")
        if self.codigo_departamento and not (self.codigo_municipio or "").startswith(
            self.codigo_departamento
        ):
            raise ValueError("el municipio no es del departamento")
        return self


def check_digit(nit: str) -> str:
    if not re.fullmatch(r"[0-9]{1,15}", nit):
        raise ValueError("el NIT no es válido")
    weights = (3, 7, 13, 17, 19, 23, 29, 37, 41, 43, 47, 53, 59, 67, 71)
    rest = sum(int(digit) * weight for digit, weight in zip(reversed(nit), weights, strict=False)) % 11
    return str(rest if rest < 2 else 11 - rest)


class Tax(_Model):
    codigo: _one_of(catalogs.TAXES)
    nombre: _text(50) | None = None
    base: _Amount | None = None
    porcentaje: _Percent | None = None
    valor_unitario: _Amount | None = None
    unidades: _Amount | None = None
    unidad: _Unit | None = None


class Withholding(_Model):
    codigo: _one_of(catalogs.WITHHOLDINGS)
    porcentaje: _Percent


class Adjustment(_Model):
    codigo: _one_of(catalogs.CHARGE_REASONS) | None = None
    descripcion: _text(300)
    valor: _Positive | None = None
    porcentaje: _Percent | None = None


class ReferencePrice(_Model):
    valor: _Positive
    tipo: _one_of(catalogs.REFERENCE_PRICES) | None = None


class Principal(_Model):
    tipo_documento: _IdentificationType
    numero_documento: _Identification
    dv: _CheckDigit | None = None


class Line(_Model):
    codigo: _text(50)
    descripcion: _text(300)
    cantidad: _Positive
    unidad: _Unit = "94"
    precio: _Amount
    iva_pct: _Percent | None = None
    descuento_pct: _Percent | None = None
    descuento_valor: _Amount | None = None
    descuentos: Annotated[tuple[Adjustment, ...], Field(max_length=10)] = ()
    cargos: Annotated[tuple[Adjustment, ...], Field(max_length=10)] = ()
    excluido: bool = False
    impuestos: Annotated[tuple[Tax, ...], Field(max_length=10)] = ()
    retenciones: Annotated[tuple[Withholding, ...], Field(max_length=10)] = ()
    estandar: _one_of(catalogs.ITEM_STANDARDS) | None = None
    nota: _text(500) | None = None
    precio_referencia: ReferencePrice | None = None
    marca: _text(100) | None = None
    modelo: _text(100) | None = None
    mandante: Principal | None = None
    contrato_aiu: _text(4900) | None = None

    @model_validator(mode="after")
    def _coherent(self) -> "Line":
        if self.excluido and (self.iva_pct or self.impuestos):
            raise ValueError("un bien excluido no tiene IVA")
        if self.iva_pct is not None and self.iva_pct not in (0, 5, 16, 19):
            raise ValueError("no hay IVA de ese porcentaje")
        if self.descuento_pct is not None and self.descuento_valor is not None:
            raise ValueError("el descuento es un porcentaje o un valor")
        return self


class Issue(_Model):
    fecha: date | None = None
    hora: time | None = None
    operacion: _one_of(catalogs.INVOICE_OPERATIONS) | None = None
    tipo: _one_of(catalogs.INVOICE_TYPES) | None = None


class Payment(_Model):
    forma: _one_of(catalogs.PAYMENT_FORMS) = "1"
    medio: _listed(catalogs.payment_means) | None = None
    vencimiento: date | None = None

    @model_validator(mode="after")
    def _coherent(self) -> "Payment":
        if self.forma == "2" and self.vencimiento is None:
            raise ValueError("un pago a crédito tiene vencimiento")
        return self


class Order(_Model):
    numero: _text(60)
    fecha: date | None = None


class ExchangeRate(_Model):
    moneda: _Currency | None = None
    valor: _Positive
    fecha: date


class Period(_Model):
    desde: date
    hasta: date


class Expected(_Model):
    subtotal: _Money | None = None
    iva: _Money | None = None
    total: _Money | None = None


class Prepayment(_Model):
    valor: _Positive
    fecha: date
    referencia: _text(60) | None = None
    descripcion: _text(300) | None = None


class Delivery(_Model):
    incoterm: _one_of(catalogs.INCOTERMS)
    descripcion: _text(300) | None = None


class Invoice(_Model):
    factura: Issue | None = None
    adquiriente: Party
    lineas: Annotated[tuple[Line, ...], Field(min_length=1, max_length=5000)]
    referencia: _text(64, r"^[A-Za-z0-9._:/-]{1,64}$") | None = None
    prefijo: _text(10, r"^[A-Za-z0-9]+$") | None = None
    pago: Payment = Payment()
    moneda: _Currency = "COP"
    tasa_cambio: ExchangeRate | None = None
    orden: Order | None = None
    observaciones: Annotated[tuple[_text(5000), ...], BeforeValidator(_paragraphs), Field(max_length=20)] = ()
    cargos: Annotated[tuple[Adjustment, ...], Field(max_length=20)] = ()
    descuentos: Annotated[tuple[Adjustment, ...], Field(max_length=20)] = ()
    periodo: Period | None = None
    totales_esperados: Expected | None = None
    enviar_correo: bool | None = None
    entrega: Delivery | None = None
    anticipos: Annotated[tuple[Prepayment, ...], Field(max_length=20)] = ()

    @model_validator(mode="after")
    def _coherent(self) -> "Invoice":
        if (self.moneda != "COP") != (self.tasa_cambio is not None):
            raise ValueError("una moneda extranjera tiene tasa de cambio")
        return self
