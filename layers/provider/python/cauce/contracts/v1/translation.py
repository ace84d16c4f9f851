"""Translates a request's parts to the domain. Pure; ``rules`` has checked the request before.

What the contract takes is valid in the domain too (its limits are the domain's or narrower), so that values are made
of it without being validated again (``models.trusted``).

A field whose declaration says that it is copied (``fields.To``) is translated by ``copied``, and by nothing else.
What a request need not state (type 01, the operation that its lines imply) is left out of the document, so that a
request with it and one without it have the same content.
"""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import cache, lru_cache

from pydantic import BaseModel

from cauce.contracts.v1 import requests
from cauce.contracts.v1.bodies import JsonObject
from cauce.contracts.v1.fields import AMOUNT_PLACES, To
from cauce.contracts.v1.lines import LineRequest, Principal, Tax, Withholding
from cauce.contracts.v1.parties import Buyer, Delivery, Named, Party, Seller
from cauce.contracts.v1.requests import EquivalentDocumentRequest, InvoiceRequest, Request
from cauce.contracts.v1.shapes import Adjustment, Charge, PaymentPart, Shape
from cauce.domain import catalogs, nit
from cauce.domain import document as domain
from cauce.domain.acquirer import ANYBODY, usual_person_type
from cauce.domain.document import Kind
from cauce.domain.extras import ORDINARY_INVOICE
from cauce.domain.models import changed, marked, model_at, model_in, trusted
from cauce.domain.money import ZERO, rounded, share
from cauce.domain.totals import line_totals, without_taxes

HOME = "CO"
PESO = "COP"
CREDIT = "2"
AIU, STANDARD, MANDATE, FREIGHT = "09", "10", "11", "12"

# Reason codes where the request has none, by whether it is a charge: on the document a discount is conditional and a
# charge is not, on a line neither is (annex 1.9, 13.3.8).
_OF_DOCUMENT = {True: "02", False: "01"}
_OF_LINE = {True: "02", False: "00"}
# A citizen's and a minor's card, and the NIT, are digits alone; passports and foreign numbers are not.
DIGITS_ONLY = frozenset({"12", "13", catalogs.NIT})
_THOUSANDS = re.compile(r"[0-9]{1,3}(\.[0-9]{3})+")


def document(
    kind: Kind,
    request: Request,
    other: Buyer | Seller | None,
    lines: tuple[domain.Line, ...],
    reference: str | None,
) -> domain.Document:
    """The document that a request asks for. ``other``: its buyer or seller, ``None`` for the final consumer;
    ``lines``: its lines, translated."""
    return trusted(
        domain.Document,
        {
            "kind": kind,
            **copied(request, domain.Document),
            **(copied(request.factura, domain.Document) if request.factura else {}),
            "reference": reference,
            "counterparty": _counterparty(kind, other),
            "lines": lines,
            "allowance_charges": tuple(allowance_charges(request, lines)),
            "billing_reference": billing_reference(request),
            **_rare(request),
            "invoice_type": invoice_type(request),
            "operation": operation(request),
            "exchange_rate": exchange_rate(request),
        },
    )


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


def copied(part: Shape, model: type[BaseModel]) -> JsonObject:
    """The fields of a domain's model that a part of a request says as they are; an absent one is left to its default
    there."""
    said = vars(part)
    return {
        field: value if inner is None else _parts(value, inner)
        for name, field, inner in _copies(type(part), model)
        if (value := said[name]) is not None
    }


@cache
def _copies(
    shape: type[Shape], model: type[BaseModel]
) -> tuple[tuple[str, str, type[BaseModel] | None], ...]:
    """The fields of a shape that are copied: the name here, the name there, and the model there of a part."""
    return tuple(
        (
            name,
            to.field,
            model_at(model, (to.field,)) if model_in(shape.model_fields[name].annotation) else None,
        )
        for name, to in marked(shape, To).items()
        if to.copied
    )


def _parts(found: object, model: type[BaseModel]) -> object:
    """A part of a request, or each of several, as the domain has it."""
    if isinstance(found, tuple):
        return tuple(_parts(each, model) for each in found)
    return trusted(model, copied(found, model)) if isinstance(found, Shape) else found


def _rare(request: Request) -> JsonObject:
    """What few documents say of their payment, of what they name and of their delivery; only what is there."""
    said: JsonObject = {}
    if request.pagos:
        said |= {"payments": _payments(request.pagos), "payment": _payment_of(request.pagos)}
    if not isinstance(request, requests.SaleRequest):
        return said
    if request.envio:
        said["delivery"] = _delivery(request.envio)
    if request.autorizado_descarga:
        said["downloader"] = _person(request.autorizado_descarga)
    if isinstance(request, InvoiceRequest) and request.notas_referencia:
        said["note_references"] = tuple(map(_note_reference, request.notas_referencia))
    if isinstance(request, requests.CreditNoteRequest | requests.DebitNoteRequest):
        several = (_reference(each, each.cufe) for each in request.facturas_referencia)
        said["more_billing_references"] = tuple(filter(None, several))
    return said


def _payments(parts: Iterable[PaymentPart]) -> tuple[domain.PaymentPart, ...]:
    return tuple([trusted(domain.PaymentPart, copied(part, domain.PaymentPart)) for part in parts])


def _payment_of(parts: Iterable[PaymentPart]) -> domain.Payment:
    """Several payments as one: on credit where one of them is, until the last is due, by the first's means."""
    made = _payments(parts)
    credits = [part.due_date for part in made if part.form == CREDIT and part.due_date]
    said: JsonObject = {"means": made[0].means, "form": max(part.form for part in made)}
    return trusted(domain.Payment, said | ({"due_date": max(credits)} if credits else {}))


def _delivery(found: Delivery) -> domain.Delivery:
    said = copied(found, domain.Delivery)
    if found.transportador:
        said["carrier"] = _person(found.transportador)
    return trusted(domain.Delivery, said)


def _person(found: Named) -> domain.Identified:
    return trusted(domain.Identified, {**copied(found, domain.Identified), **_identified(found)})


def _note_reference(found: requests.NoteReference) -> domain.NoteReference:
    said = copied(found, domain.NoteReference)
    return trusted(
        domain.NoteReference, {**said, "uuid": found.cude.lower(), "kind": _NOTES[found.tipo_documento]}
    )


def _counterparty(kind: Kind, found: Buyer | Seller | None) -> domain.Party:
    """The other party; where nobody is named, and of a documento equivalente always, the final consumer is as the
    annex of those has it."""
    if found is None:
        return NOBODY
    made = party(found)
    if not kind.is_equivalent or made.identification != catalogs.FINAL_CONSUMER:
        return made
    named = {} if found.razon_social else {"name": NOBODY.name}
    return changed(made, {"tax_scheme": NOBODY.tax_scheme, **named})


NOBODY = trusted(
    domain.Party,
    {
        "person_type": "2",
        "identification_type": "13",
        "identification": catalogs.FINAL_CONSUMER,
        "name": "Consumidor Final",
        "tax_scheme": "01",
    },
)
"""The final consumer of a documento equivalente (its official example)."""

_NOTES = {"nota_credito": Kind.CREDIT_NOTE, "nota_debito": Kind.DEBIT_NOTE}


def party(found: Buyer | Seller) -> domain.Party:
    """A party. One without a name has an empty one, to be looked up; the final consumer has its own."""
    said = {**copied(found, domain.Party), **_identified(found)}
    if found.participantes:
        said["participants"] = tuple(
            trusted(domain.Participant, {**copied(each, domain.Participant), **_identified(each)})
            for each in found.participantes
        )
    said["person_type"] = person_type(found)
    said["name"] = found.razon_social or _unsaid_name(found, said["identification"])
    return trusted(domain.Party, said)


def person_type(found: Party) -> str:
    """The type of person that a party says, or the usual one of its identification."""
    if found.tipo_persona:
        return found.tipo_persona
    number, _ = identification(found.tipo_documento, found.numero_documento)
    return usual_person_type(found.tipo_documento, number)


def _unsaid_name(found: Buyer | Seller, number: object) -> str:
    if number == catalogs.FINAL_CONSUMER:
        return ANYBODY
    return " ".join(each for each in (found.nombres, found.apellidos) if each)


def line(found: LineRequest, taxes_within: bool = False) -> domain.Line:
    """A line. ``taxes_within``: whether its price has its taxes within, where it does not say so itself."""
    said = _line(found)
    own = found.precios_incluyen_impuestos
    if (taxes_within if own is None else own) and not found.precio_referencia:
        said |= _before_taxes(trusted(domain.Line, said))
    return trusted(domain.Line, said)


def _before_taxes(found: domain.Line) -> JsonObject:
    """What a line says whose price, discounts and charges had its taxes within: the same before taxes, and what is
    paid. What rounding leaves over is in its last discount or charge, so that the line adds up."""
    asked, taxes = line_totals(found), found.taxes
    paid = asked.net
    whole = without_taxes(asked.gross, taxes)
    price = rounded(whole / found.quantity, AMOUNT_PLACES)
    gross = rounded(found.quantity * price)
    entries = [_share_of(each, asked.gross, gross) for each in found.allowance_charges]
    said: JsonObject = {"price": price, "paid": paid, "allowance_charges": tuple(entries)}
    listed = sum([each.amount if each.is_charge else -each.amount for each in entries], ZERO)
    discount = gross + listed - rounded(without_taxes(paid, taxes))
    if found.discount_percent or found.discount_amount:
        keeps_percent = found.discount_percent and share(gross, found.discount_percent) == discount
        return said if keeps_percent else {**said, "discount_percent": None, "discount_amount": discount}
    if entries and discount:
        last = entries[-1]
        more = -discount if last.is_charge else discount
        said["allowance_charges"] = (*entries[:-1], changed(last, {"amount": last.amount + more}))
    return said


def _share_of(entry: domain.AllowanceCharge, asked: Decimal, gross: Decimal) -> domain.AllowanceCharge:
    """A charge or discount of a line whose gross value was asked with taxes, as the same part of what it is
    before them."""
    amount = rounded(entry.amount * gross / asked) if asked else entry.amount
    return changed(entry, {"amount": amount, "base_amount": None if entry.base_amount is None else gross})


def _line(found: LineRequest) -> JsonObject:
    said = {**copied(found, domain.Line), "taxes": _taxes(found)}
    # A discount of 0 is none, so that an ERP may always send both fields.
    if found.descuento_pct:
        said["discount_percent"] = found.descuento_pct
    if found.descuento_valor:
        said["discount_amount"] = found.descuento_valor
    if found.cargos or found.descuentos:
        gross = rounded(found.cantidad * found.precio)
        said["allowance_charges"] = tuple(_adjustments((*found.cargos, *found.descuentos), gross, _OF_LINE))
    if found.mandante:
        whose = {**copied(found.mandante, domain.Principal), **_identified(found.mandante)}
        said["principal"] = trusted(domain.Principal, whose)
    return said


def _identified(found: Buyer | Seller | Principal | Named) -> dict[str, str | None]:
    number, _ = identification(found.tipo_documento, found.numero_documento)
    digit = nit.check_digit(number) if found.tipo_documento == catalogs.NIT else None
    return {"identification": number, "check_digit": digit}


def allowance_charges(request: Request, lines: tuple[domain.Line, ...]) -> Iterator[domain.AllowanceCharge]:
    """Document-level charges and discounts; a percentage is of the sum of the lines before taxes."""
    entries = (*request.cargos, *request.descuentos)
    if all(entry.porcentaje is None for entry in entries):
        return _adjustments(entries, ZERO, _OF_DOCUMENT)
    base = sum((line_totals(found).net for found in lines), ZERO)
    return _adjustments(entries, base, _OF_DOCUMENT)


def invoice_type(request: Request) -> str | None:
    if isinstance(request, EquivalentDocumentRequest):
        asked = request.factura.tipo if request.factura else None
        usual = catalogs.POS_TICKET
    else:
        asked = request.factura.tipo if isinstance(request, InvoiceRequest) and request.factura else None
        usual = ORDINARY_INVOICE
    return None if asked == usual else asked


def operation(request: Request) -> str | None:
    """An invoice's type of operation, where its lines do not imply it; ``None`` for any other kind."""
    asked = request.factura.operacion if isinstance(request, InvoiceRequest) and request.factura else None
    return None if asked == _of_its_facts(request) else asked


def _of_its_facts(request: Request) -> str:
    if any(found.contrato_aiu for found in request.lineas):
        return AIU
    if any(found.remesa for found in request.lineas):
        return FREIGHT
    return MANDATE if any(found.mandante for found in request.lineas) else STANDARD


def exchange_rate(request: Request) -> domain.ExchangeRate | None:
    found = request.tasa_cambio
    if found is None:
        return None
    return trusted(domain.ExchangeRate, {"currency": request.moneda, **copied(found, domain.ExchangeRate)})


def billing_reference(request: Request) -> domain.BillingReference | None:
    if isinstance(request, requests.AdjustmentNoteRequest):
        adjusted = request.documento_referencia or request.factura_referencia
        return _reference(adjusted, (adjusted.cuds or adjusted.cufe) if adjusted else None)
    if isinstance(request, requests.CreditNoteRequest | requests.DebitNoteRequest):
        corrected = request.factura_referencia
        return _reference(corrected, corrected.cufe if corrected else None)
    if isinstance(request, requests.EquivalentNoteRequest):
        return _reference(request.documento_referencia, request.documento_referencia.cude)
    return None


def _reference(found: Shape | None, uuid: str | None) -> domain.BillingReference | None:
    if found is None or uuid is None:
        return None
    said = copied(found, domain.BillingReference)
    return trusted(domain.BillingReference, {**said, "uuid": uuid.lower()})


def _taxes(found: LineRequest) -> tuple[domain.Tax, ...]:
    if found.iva_pct is not None and not found.excluido and not found.impuestos:
        return vat(found.iva_pct)
    return taxes(found.impuestos)


@lru_cache(maxsize=256)
def vat(percent: Decimal) -> tuple[domain.Tax, ...]:
    """The taxes of a line that has only IVA: one value for the many lines of one rate."""
    return (trusted(domain.Tax, {"code": catalogs.VAT, "percent": percent}),)


def taxes(listed: Iterable[Tax]) -> tuple[domain.Tax, ...]:
    return tuple(map(_tax, listed))


def withholdings(listed: Iterable[Withholding]) -> tuple[domain.Withholding, ...]:
    return tuple([trusted(domain.Withholding, copied(each, domain.Withholding)) for each in listed])


def _tax(found: Tax) -> domain.Tax:
    said = copied(found, domain.Tax)
    if found.valor_unitario is not None:
        said["unit"] = found.unidad or "94"
    return trusted(domain.Tax, said)


def _adjustments(
    entries: Iterable[Adjustment], base: Decimal, codes: dict[bool, str]
) -> Iterator[domain.AllowanceCharge]:
    """Charges and discounts; percentages are of ``base``."""
    for entry in entries:
        is_charge = isinstance(entry, Charge)
        percent = entry.porcentaje
        said = {
            "is_charge": is_charge,
            "reason_code": entry.codigo or codes[is_charge],
            "reason": entry.descripcion,
            "amount": (entry.valor or ZERO) if percent is None else share(base, percent),
            "base_amount": None if percent is None else base,
            "percent": percent,
        }
        yield trusted(domain.AllowanceCharge, said)
