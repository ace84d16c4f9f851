"""Translates a request's parts to the domain. Pure; ``rules`` has checked the request before.

What a request need not state (type 01, the operation that its lines imply) is left out of the document, so that a
request with it and one without it have the same content.
"""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal

from cauce.contracts.v1 import requests
from cauce.contracts.v1.lines import Line, Principal
from cauce.contracts.v1.parties import Buyer, Seller
from cauce.contracts.v1.requests import InvoiceRequest, Request, SaleRequest
from cauce.contracts.v1.shapes import Adjustment, Charge
from cauce.domain import catalogs, nit
from cauce.domain import document as domain
from cauce.domain.extras import ORDINARY_INVOICE
from cauce.domain.money import ZERO, rounded, share
from cauce.domain.totals import line_totals

HOME = "CO"
PESO = "COP"
AIU, STANDARD, MANDATE = "09", "10", "11"

# Reason codes where the request has none, by whether it is a charge: on the document a discount is conditional and a
# charge is not, on a line neither is (annex 1.9, 13.3.8).
_OF_DOCUMENT = {True: "02", False: "01"}
_OF_LINE = {True: "02", False: "00"}
# A citizen's and a minor's card, and the NIT, are digits alone; passports and foreign numbers are not.
DIGITS_ONLY = frozenset({"12", "13", catalogs.NIT})
_THOUSANDS = re.compile(r"[0-9]{1,3}(\.[0-9]{3})+")
_COMMERCIAL_VALUE = "01"
_EACH_OPERATION = "1"


def identification(kind: str, written: str) -> tuple[str, str | None]:
    """The number of an identification as it is kept, and the check digit that was written after it.

    A cédula may be written 1.023.456.789 and a NIT 900.373.115-3, as people do; others keep their signs.
    """
    if kind not in DIGITS_ONLY:
        return written, None
    digits, _, digit = written.partition("-") if kind == catalogs.NIT else (written, "", "")
    if _THOUSANDS.fullmatch(digits):
        digits = digits.replace(".", "")
    return (digits, digit) if digit else (written if "-" in written else digits, None)


def party(found: Buyer | Seller) -> domain.Party:
    number, _ = identification(found.tipo_documento, found.numero_documento)
    return domain.Party(
        person_type=found.tipo_persona,
        identification_type=found.tipo_documento,
        identification=number,
        check_digit=_check_digit(found.tipo_documento, number),
        name=found.razon_social,
        trade_name=found.nombre_comercial,
        responsibilities=found.responsabilidad_fiscal or ("R-99-PN",),
        tax_scheme=found.tributo or "ZZ",
        email=found.email,
        phone=found.telefono,
        address=found.direccion,
        municipality=found.codigo_municipio,
        country=found.pais or HOME,
        postal_code=found.codigo_postal,
        city=found.ciudad,
        region=found.region,
        given_names=found.nombres,
        family_names=found.apellidos,
        commercial_registration=found.matricula_mercantil,
        economic_activity=found.actividad_economica,
    )


def line(found: Line) -> domain.Line:
    gross = rounded(found.cantidad * found.precio)
    free, principal, purchase = found.precio_referencia, found.mandante, found.compra
    return domain.Line(
        code=found.codigo,
        description=found.descripcion,
        quantity=found.cantidad,
        unit=found.unidad or "94",
        price=found.precio,
        # A discount of 0 is none, so that an ERP may always send both fields.
        discount_percent=found.descuento_pct or None,
        discount_amount=found.descuento_valor or None,
        taxes=_taxes(found),
        withholdings=tuple(
            domain.Withholding(code=item.codigo, percent=item.porcentaje) for item in found.retenciones
        ),
        standard=found.estandar or "999",
        note=found.nota,
        allowance_charges=tuple(_adjustments((*found.cargos, *found.descuentos), gross, _OF_LINE)),
        reference_price=free
        and domain.ReferencePrice(amount=free.valor, type=free.tipo or _COMMERCIAL_VALUE),
        brand=found.marca,
        model=found.modelo,
        principal=principal and _principal(principal),
        purchase=purchase and domain.Purchase(on=purchase.fecha, form=purchase.forma or _EACH_OPERATION),
        aiu_contract=found.contrato_aiu,
    )


def _principal(found: Principal) -> domain.Principal:
    number, _ = identification(found.tipo_documento, found.numero_documento)
    return domain.Principal(
        identification_type=found.tipo_documento,
        identification=number,
        check_digit=_check_digit(found.tipo_documento, number),
    )


def allowance_charges(request: Request, lines: tuple[domain.Line, ...]) -> Iterator[domain.AllowanceCharge]:
    """Document-level charges and discounts; a percentage is of the sum of the lines before taxes."""
    base = sum((line_totals(found).net for found in lines), ZERO)
    return _adjustments((*request.cargos, *request.descuentos), base, _OF_DOCUMENT)


def invoice_type(request: Request) -> str | None:
    asked = request.factura.tipo if isinstance(request, InvoiceRequest) and request.factura else None
    return None if asked == ORDINARY_INVOICE else asked


def operation(request: Request) -> str | None:
    """An invoice's type of operation, where its lines do not imply it; ``None`` for any other kind."""
    asked = request.factura.operacion if isinstance(request, InvoiceRequest) and request.factura else None
    return None if asked == _of_its_facts(request) else asked


def _of_its_facts(request: Request) -> str:
    if any(found.contrato_aiu for found in request.lineas):
        return AIU
    return MANDATE if any(found.mandante for found in request.lineas) else STANDARD


def payment(request: Request) -> domain.Payment:
    asked = request.pago
    if asked is None:
        return domain.Payment()
    return domain.Payment(form=asked.forma or "1", means=asked.medio or "10", due_date=asked.vencimiento)


def order(request: Request) -> domain.OrderReference | None:
    found = request.orden
    return domain.OrderReference(number=found.numero, issue_date=found.fecha) if found else None


def exchange_rate(request: Request) -> domain.ExchangeRate | None:
    found = request.tasa_cambio
    currency = found and (found.moneda or request.moneda)
    if found is None or currency is None:
        return None  # refused by ``rules`` before
    return domain.ExchangeRate(currency=currency, rate=found.valor, on=found.fecha)


def prepayments(request: Request) -> tuple[domain.Prepayment, ...]:
    if not isinstance(request, InvoiceRequest):
        return ()
    return tuple(
        domain.Prepayment(
            amount=found.valor, received_date=found.fecha, reference=found.referencia, text=found.descripcion
        )
        for found in request.anticipos
    )


def delivery_terms(request: Request) -> domain.DeliveryTerms | None:
    found = request.entrega if isinstance(request, SaleRequest) else None
    return domain.DeliveryTerms(incoterm=found.incoterm, text=found.descripcion) if found else None


def period(request: Request) -> domain.BillingPeriod | None:
    found = request.periodo
    return domain.BillingPeriod(start=found.desde, end=found.hasta) if found else None


def paper_invoice(request: Request) -> domain.PaperInvoice | None:
    found = request.factura_papel if isinstance(request, InvoiceRequest) else None
    return domain.PaperInvoice(number=found.numero, issue_date=found.fecha) if found else None


def expected(request: Request) -> domain.ExpectedTotals | None:
    found = request.totales_esperados
    if found is None:
        return None
    return domain.ExpectedTotals(subtotal=found.subtotal, vat=found.iva, payable=found.total)


def billing_reference(request: Request) -> domain.BillingReference | None:
    if isinstance(request, requests.AdjustmentNoteRequest):
        adjusted = request.documento_referencia or request.factura_referencia
        uuid = (adjusted.cuds or adjusted.cufe) if adjusted else None
        if adjusted is None or uuid is None:
            return None  # refused by ``rules`` before
        return domain.BillingReference(number=adjusted.numero, uuid=uuid.lower(), issue_date=adjusted.fecha)
    if isinstance(request, requests.CreditNoteRequest | requests.DebitNoteRequest):
        corrected = request.factura_referencia
        if corrected is None:
            return None
        return domain.BillingReference(
            number=corrected.numero, uuid=corrected.cufe.lower(), issue_date=corrected.fecha
        )
    return None


def reason(request: Request) -> domain.Reason | None:
    if isinstance(
        request,
        requests.AdjustmentNoteRequest | requests.CreditNoteRequest | requests.DebitNoteRequest,
    ):
        return domain.Reason(code=request.motivo.codigo, text=request.motivo.descripcion)
    return None


def _check_digit(kind: str, number: str) -> str | None:
    return nit.check_digit(number) if kind == catalogs.NIT else None


def _taxes(found: Line) -> tuple[domain.Tax, ...]:
    if found.iva_pct is not None and not found.excluido and not found.impuestos:
        return (domain.Tax(code=catalogs.VAT, percent=found.iva_pct),)
    return tuple(
        domain.Tax(
            code=tax.codigo,
            name=tax.nombre,
            base=tax.base,
            percent=tax.porcentaje,
            per_unit_amount=tax.valor_unitario,
            base_units=tax.unidades,
            unit=(tax.unidad or "94") if tax.valor_unitario is not None else None,
        )
        for tax in found.impuestos
    )


def _adjustments(
    entries: Iterable[Adjustment], base: Decimal, codes: dict[bool, str]
) -> Iterator[domain.AllowanceCharge]:
    """Charges and discounts; percentages are of ``base``."""
    for entry in entries:
        is_charge = isinstance(entry, Charge)
        percent = entry.porcentaje
        yield domain.AllowanceCharge(
            is_charge=is_charge,
            reason_code=entry.codigo or codes[is_charge],
            reason=entry.descripcion,
            amount=(entry.valor or ZERO) if percent is None else share(base, percent),
            base_amount=None if percent is None else base,
            percent=percent,
        )
