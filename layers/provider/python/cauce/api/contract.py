"""The Spanish contract in, a domain document out; and the hash that tells whether two say the same.

A request is read in three passes: each field alone (``shapes``, ``requests``), fields against each other
(``rules``), and what it all adds up to (here). Each pass reports everything it finds at once.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from datetime import date, time
from decimal import Decimal
from enum import Enum
from typing import Any

from pydantic import ValidationError

from cauce.api import requests, rules, sentences
from cauce.api.fields import AMOUNT_LIMIT
from cauce.api.requests import AdjustmentNoteRequest, InvoiceRequest, Request, SupportDocumentRequest
from cauce.api.shapes import Adjustment, Buyer, Charge, Line, Seller
from cauce.domain import document as domain
from cauce.domain import nit
from cauce.domain.catalogs import NIT, VAT
from cauce.domain.document import NOTES, Document, Kind
from cauce.domain.errors import InvalidDocument
from cauce.domain.event import Event
from cauce.domain.money import ZERO, plain, share
from cauce.domain.totals import line_totals, totals

_HEADER = "Idempotency-Key"
# At document level a discount is conditional and a charge is not, unless it says so (annex 1.9, 13.3.8).
_DEFAULT_CHARGE, _DEFAULT_DISCOUNT = "02", "01"


def document(kind: Kind, body: dict[str, Any], *, idempotency_key: str | None = None) -> Document:
    """The document that a request's body asks for.

    ``idempotency_key`` is the header of that name, the same thing as ``referencia``. Raises InvalidDocument
    with every field to mend, whatever JSON the body is.
    """
    shape = requests.REQUESTS[kind]
    try:
        request = shape.model_validate(body)
    except ValidationError as error:
        raise _invalid(sentences.of(error, shape)) from None
    party_field, party = _other_side(request)
    _refuse(rules.findings(kind, request, party_field, party))
    lines = tuple(_line(line) for line in request.lineas)
    _refuse(_line_limits(lines))
    found = Document(
        kind=kind,
        reference=_reference(request.referencia, idempotency_key),
        prefix=request.prefijo,
        issue_date=request.factura.fecha if request.factura else None,
        issue_time=request.factura.hora if request.factura else None,
        counterparty=_party(party),
        lines=lines,
        allowance_charges=tuple(_allowance_charges(request, lines)),
        payment=_payment(request),
        currency=request.moneda or "COP",
        order_reference=_order(request),
        billing_reference=_billing_reference(request),
        reason=_reason(request),
        notes=request.observaciones,
        notify=request.enviar_correo,
    )
    _refuse(_total_limits(found))
    return found


def content_hash(found: Document | Event) -> str:
    """SHA-256 of what a document says, in hex; its reference, which is only its name, left out.

    Equal content has one hash however its numbers were written. Absent, empty and default values do not enter, so
    that an optional field added later leaves the hashes of today as they are.
    """
    content = _canonical(found.model_dump(exclude={"reference"}, exclude_defaults=True))
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _canonical(value: Any) -> Any:
    if isinstance(value, dict):
        entries = ((key, _canonical(inner)) for key, inner in value.items())
        return {key: inner for key, inner in entries if inner not in (None, [], {})}
    if isinstance(value, list | tuple):
        return [_canonical(inner) for inner in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal):
        return plain(value)
    return value.isoformat() if isinstance(value, date | time) else value


def _invalid(fields: sentences.Sentences) -> InvalidDocument:
    return InvalidDocument("Datos invalidos", fields=fields)


def _refuse(findings: Iterator[rules.Finding]) -> None:
    """Raise InvalidDocument with all of the findings, if there are any."""
    fields: sentences.Sentences = {}
    for path, sentence in findings:
        if path in fields or len(fields) < sentences.MAX_FIELDS:
            fields.setdefault(path, []).append(sentence)
    if fields:
        raise _invalid(fields)


def _other_side(request: InvoiceRequest | SupportDocumentRequest) -> tuple[str, Buyer | Seller]:
    if isinstance(request, SupportDocumentRequest):
        return "vendedor", request.vendedor
    return "adquiriente", request.adquiriente


def _reference(in_body: str | None, in_header: str | None) -> str | None:
    """The ERP's own id, from body, header or both. The header may be quoted, as its RFC draft has it."""
    header = (in_header or "").strip().strip('"')
    if not header:
        return in_body
    if not re.fullmatch(requests.REFERENCE, header):
        raise _invalid({_HEADER: [f"El encabezado {_HEADER} {requests.REFERENCE_LIKE}."]})
    if in_body not in (None, header):
        raise _invalid(
            {
                "referencia": [
                    f"La referencia y el encabezado {_HEADER} deben ser iguales, o solo uno de ellos."
                ]
            }
        )
    return header


def _party(party: Buyer | Seller) -> domain.Party:
    is_nit = party.tipo_documento == NIT
    responsibilities = party.responsabilidad_fiscal
    return domain.Party(
        person_type=party.tipo_persona,
        identification_type=party.tipo_documento,
        identification=party.numero_documento,
        check_digit=nit.check_digit(party.numero_documento) if is_nit else None,
        name=party.razon_social,
        trade_name=party.nombre_comercial,
        responsibilities=responsibilities or ("R-99-PN",),
        tax_scheme=party.tributo or "ZZ",
        email=party.email,
        phone=party.telefono,
        address=party.direccion,
        municipality=party.codigo_municipio,
        country=party.pais or rules.HOME,
        postal_code=party.codigo_postal,
    )


def _line(line: Line) -> domain.Line:
    taxes = tuple(
        domain.Tax(
            code=tax.codigo,
            percent=tax.porcentaje,
            per_unit_amount=tax.valor_unitario,
            base_units=tax.unidades,
            unit=(tax.unidad or "94") if tax.valor_unitario is not None else None,
        )
        for tax in line.impuestos
    )
    if line.iva_pct is not None and not line.excluido:
        taxes = (domain.Tax(code=VAT, percent=line.iva_pct),)
    return domain.Line(
        code=line.codigo,
        description=line.descripcion,
        quantity=line.cantidad,
        unit=line.unidad or "94",
        price=line.precio,
        # A discount of 0 is none, so that an ERP may always send both fields.
        discount_percent=line.descuento_pct or None,
        discount_amount=line.descuento_valor or None,
        taxes=taxes,
        withholdings=tuple(
            domain.Withholding(code=item.codigo, percent=item.porcentaje) for item in line.retenciones
        ),
        standard=line.estandar or "999",
        note=line.nota,
    )


def _allowance_charges(request: Request, lines: tuple[domain.Line, ...]) -> Iterator[domain.AllowanceCharge]:
    """Document-level charges and discounts; a percentage is of the sum of the lines before taxes."""
    base = sum((line_totals(line).net for line in lines), ZERO)
    adjustments: tuple[Adjustment, ...] = (*request.cargos, *request.descuentos)
    for adjustment in adjustments:
        is_charge = isinstance(adjustment, Charge)
        code = adjustment.codigo or (_DEFAULT_CHARGE if is_charge else _DEFAULT_DISCOUNT)
        percent = adjustment.porcentaje
        yield domain.AllowanceCharge(
            is_charge=is_charge,
            reason_code=code,
            reason=adjustment.descripcion,
            amount=(adjustment.valor or ZERO) if percent is None else share(base, percent),
            base_amount=None if percent is None else base,
            percent=percent,
        )


def _payment(request: Request) -> domain.Payment:
    asked = request.pago
    if asked is None:
        return domain.Payment()
    return domain.Payment(form=asked.forma or "1", means=asked.medio or "10", due_date=asked.vencimiento)


def _order(request: Request) -> domain.OrderReference | None:
    order = request.orden
    return domain.OrderReference(number=order.numero, issue_date=order.fecha) if order else None


def _billing_reference(request: Request) -> domain.BillingReference | None:
    if isinstance(request, AdjustmentNoteRequest):
        adjusted = request.documento_referencia or request.factura_referencia
        uuid = (adjusted.cuds or adjusted.cufe) if adjusted else None
        if adjusted is None or uuid is None:
            return None  # refused by ``rules`` before
        return domain.BillingReference(number=adjusted.numero, uuid=uuid.lower(), issue_date=adjusted.fecha)
    if isinstance(request, requests.CreditNoteRequest | requests.DebitNoteRequest):
        corrected = request.factura_referencia
        return domain.BillingReference(
            number=corrected.numero, uuid=corrected.cufe.lower(), issue_date=corrected.fecha
        )
    return None


def _reason(request: Request) -> domain.Reason | None:
    if isinstance(request, AdjustmentNoteRequest | requests.CreditNoteRequest | requests.DebitNoteRequest):
        return domain.Reason(code=request.motivo.codigo, text=request.motivo.descripcion)
    return None


def _line_limits(lines: tuple[domain.Line, ...]) -> Iterator[rules.Finding]:
    """Lines whose discount exceeds them, or that exceed what an amount can be, alone or together."""
    everything = ZERO
    for n, line in enumerate(lines):
        found = line_totals(line)
        if found.discount > found.gross:
            yield (
                f"lineas.{n}.descuento_valor",
                f"El descuento no puede superar el valor de la línea, {plain(found.gross)}.",
            )
        if found.gross >= AMOUNT_LIMIT or found.with_taxes >= AMOUNT_LIMIT:
            yield f"lineas.{n}.precio", f"El valor de la línea debe ser menor que {AMOUNT_LIMIT:f}."
        everything += found.with_taxes
    if everything >= AMOUNT_LIMIT:
        yield "lineas", f"El total de las líneas debe ser menor que {AMOUNT_LIMIT:f}."


def _total_limits(found: Document) -> Iterator[rules.Finding]:
    """A total below zero never; of zero, only in a note."""
    payable = totals(found).payable
    if payable < 0:
        yield "descuentos", "Los descuentos no pueden superar el valor del documento."
    elif payable == 0 and found.kind not in NOTES:
        yield "lineas", "El total del documento debe ser mayor que 0."
    elif payable >= AMOUNT_LIMIT:
        yield "cargos", f"El total del documento debe ser menor que {AMOUNT_LIMIT:f}."
