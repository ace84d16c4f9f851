"""What two fields of a request must agree on, each disagreement under the path of the field to mend.

Those of one party are in ``party_rules``.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from cauce.contracts.v1 import health, party_rules
from cauce.contracts.v1.lines import LineRequest, Tax, Withholding
from cauce.contracts.v1.parties import Party
from cauce.contracts.v1.requests import (
    AdjustmentNoteRequest,
    CreditNoteRequest,
    DebitNoteRequest,
    EquivalentNoteRequest,
    EquivalentReference,
    InvoiceReference,
    InvoiceRequest,
    Request,
    SaleRequest,
    SupportDocumentRequest,
    SupportReference,
)
from cauce.contracts.v1.sentences import Finding, required, under
from cauce.contracts.v1.shapes import Payment, PaymentPart
from cauce.contracts.v1.translation import AIU, CREDIT, FREIGHT, HOME, MANDATE, PESO, STANDARD
from cauce.domain.catalogs import HEALTH_OPERATIONS, VAT
from cauce.domain.document import Kind

_FROM_PAPER = "03"
# Operations of notes that name no invoice; a credit note that cancels an invoice must name it (CAD02a).
_WITHOUT_REFERENCE = {Kind.CREDIT_NOTE: "22", Kind.DEBIT_NOTE: "32"}
_CANCELLATION = "2"
_RESIDENT, _NON_RESIDENT = "10", "11"
_OTHER_TAX = "ZZ"
_OWN_STANDARD = "999"
_EXCHANGES = ("15", "16")


def findings(kind: Kind, request: Request, party_field: str, party: Party | None) -> Iterator[Finding]:
    """Everything wrong between the fields of a request, each of which is right alone."""
    if party is not None:
        yield from under(party_field, party_rules.findings(party))
    for n, line in enumerate(request.lineas):
        # A support document usually has no VAT: its seller is seldom responsible for it.
        yield from under(f"lineas.{n}", _line(line, vat_optional=kind.is_bought))
    yield from _adjustments(request)
    if request.pago:
        yield from under("pago", _payment(request, request.pago))
    if request.pagos:
        yield from _payments(request)
    if isinstance(request, SaleRequest):
        yield from _delivery(request)
    if request.periodo and request.periodo.hasta < request.periodo.desde:
        yield "periodo.hasta", "La fecha final del periodo no puede ser anterior a la inicial."
    yield from _exchange_rate(request)
    if isinstance(request, InvoiceRequest):
        yield from _paper_invoice(request)
        yield from _invoice_operation(request)
        yield from health.findings(request)
    if isinstance(request, CreditNoteRequest | DebitNoteRequest):
        yield from _note(kind, request)
    if isinstance(request, SupportDocumentRequest):
        yield from _residence(request)
    if isinstance(request, AdjustmentNoteRequest | EquivalentNoteRequest):
        yield from _adjusted(request)


def _line(line: LineRequest, *, vat_optional: bool) -> Iterator[Finding]:
    """What the fields of one line must agree on, each disagreement under its path within the line."""
    yield from _vat(line, vat_optional=vat_optional)
    if line.descuento_pct and line.descuento_valor:
        yield "descuento_valor", "El descuento se informa en porcentaje o en valor, no en ambos."
    if line.cargos or line.descuentos:
        yield from _adjustments(line)
    yield from taxes(line.impuestos)
    yield from withholdings(line.retenciones)
    if line.precio_referencia and line.precio:
        yield (
            "precio_referencia",
            "El precio de referencia solo se informa cuando el precio es 0, en lo que se entrega gratis.",
        )
    if line.mandante:
        yield from under("mandante", party_rules.identification(line.mandante))
    if line.periodo and line.periodo.hasta < line.periodo.desde:
        yield "periodo.hasta", "La fecha final del periodo no puede ser anterior a la inicial."
    if line.codigo_estandar and line.estandar in (None, _OWN_STANDARD):
        yield (
            "estandar",
            "Con codigo_estandar, el estándar dice de qué es: 001 UNSPSC, 010 GTIN, 020 arancel.",
        )


def taxes(listed: Sequence[Tax]) -> Iterator[Finding]:
    """What the taxes of a line must agree on, each disagreement under its path within the line."""
    yield from _repeated("impuestos", listed)
    others: set[Decimal | None] = set()
    for n, tax in enumerate(listed):
        if tax.codigo == _OTHER_TAX and tax.porcentaje in others:
            # They are in one group, which has one entry for each rate (FAS04).
            yield (
                f"impuestos.{n}.porcentaje",
                f"Dos tributos {_OTHER_TAX} de una línea llevan porcentajes distintos: la DIAN los distingue por él.",
            )
        if tax.codigo == _OTHER_TAX:
            others.add(tax.porcentaje)
    for n, tax in enumerate(listed):
        yield from under(f"impuestos.{n}", _tax(tax))


def withholdings(listed: Sequence[Withholding]) -> Iterator[Finding]:
    """As ``taxes``, of the withholdings."""
    return _repeated("retenciones", listed)


def _adjustments(of: LineRequest | Request) -> Iterator[Finding]:
    """What is wrong between the fields of each charge and discount, of a line or of the whole document."""
    for field, entries in (("cargos", of.cargos), ("descuentos", of.descuentos)):
        for n, entry in enumerate(entries):
            if (entry.valor is None) == (entry.porcentaje is None):
                yield f"{field}.{n}.valor", "Se informa valor o porcentaje, uno de los dos."


def _payments(request: Request) -> Iterator[Finding]:
    """Several payments take the place of ``pago``; each says how much it is, or none does."""
    if request.pago:
        yield "pago", "Va «pago», o «pagos» si son varios; no ambos."
    for n, part in enumerate(request.pagos):
        yield from under(f"pagos.{n}", _payment(request, part))
        if (part.valor is None) != (request.pagos[0].valor is None):
            yield f"pagos.{n}.valor", "El valor va en todos los pagos, o en ninguno."


def _delivery(request: SaleRequest) -> Iterator[Finding]:
    for field, who in (
        ("envio.transportador", request.envio.transportador if request.envio else None),
        ("autorizado_descarga", request.autorizado_descarga),
    ):
        if who is not None:
            yield from under(field, party_rules.identification(who))
    if request.envio and request.envio.direccion:
        yield from under("envio.direccion", party_rules.place(request.envio.direccion))


def _repeated(field: str, items: Sequence[Tax | Withholding]) -> Iterator[Finding]:
    told = [(item.codigo, item.nombre if isinstance(item, Tax) else None) for item in items]
    if len(set(told)) == len(told):
        return
    for n, (code, name) in enumerate(told):
        if (code, name) in told[:n]:
            of = f" con el nombre «{name}»" if name else ""
            yield f"{field}.{n}.codigo", f"El código {code}{of} está repetido en la misma línea."


def _vat(line: LineRequest, *, vat_optional: bool) -> Iterator[Finding]:
    if line.iva_pct is None:
        if not (line.excluido or line.impuestos or vat_optional):
            yield "iva_pct", required("El IVA %")
    elif line.impuestos and line.iva_pct:  # a 0 only fills in the field that seed 002 requires
        yield "iva_pct", "El IVA % no se informa junto con impuestos; inclúyalo en la lista con el código 01."
    elif line.excluido and line.iva_pct:
        yield "iva_pct", "El IVA % de una línea excluida solo puede ser 0, o no informarse."
    if line.excluido and any(tax.codigo == VAT for tax in line.impuestos):
        yield "excluido", "Una línea excluida no puede llevar IVA (01) en sus impuestos."


def _tax(tax: Tax) -> Iterator[Finding]:
    if (tax.porcentaje is None) == (tax.valor_unitario is None):
        yield "porcentaje", "El impuesto se informa con porcentaje o con valor_unitario, uno de los dos."
    elif tax.valor_unitario is not None and tax.unidades is None:
        yield "unidades", required("El número de unidades gravadas")
    elif tax.porcentaje is not None and (tax.unidades is not None or tax.unidad):
        yield "unidades", "Las unidades gravadas solo se informan con valor_unitario, no con porcentaje."
    if tax.nombre and tax.codigo != _OTHER_TAX:
        yield (
            "nombre",
            f"El nombre del impuesto solo se informa con el código {_OTHER_TAX}; los demás ya tienen uno.",
        )


def _payment(request: Request, payment: Payment | PaymentPart) -> Iterator[Finding]:
    if payment.forma == CREDIT and payment.vencimiento is None:
        yield "vencimiento", "La fecha de vencimiento es requerida cuando la forma de pago es 2 (crédito)."
    issued = request.factura.fecha if request.factura else None
    if isinstance(request, InvoiceRequest) and request.factura_papel:
        issued = None  # its due date is the paper invoice's (law.dates)
    if issued and payment.vencimiento and payment.vencimiento < issued:
        yield "vencimiento", "La fecha de vencimiento no puede ser anterior a la fecha de emisión."


def _exchange_rate(request: Request) -> Iterator[Finding]:
    """A rate must be of the document's own currency; a document in pesos may have one of any foreign currency."""
    currency, rate = request.moneda or PESO, request.tasa_cambio
    if rate is None:
        if currency != PESO:
            yield "tasa_cambio", f"La tasa de cambio es requerida cuando la moneda no es {PESO}."
    elif currency != PESO:
        if rate.moneda not in (None, currency):
            yield "tasa_cambio.moneda", f"La tasa de cambio debe ser de {currency}, la moneda del documento."
    elif rate.moneda is None:
        yield "tasa_cambio.moneda", required("La moneda de la tasa de cambio")
    elif rate.moneda == PESO:
        yield "tasa_cambio.moneda", f"La tasa de cambio es de una moneda extranjera, no de {PESO}."


def _paper_invoice(request: InvoiceRequest) -> Iterator[Finding]:
    issue, paper = request.factura, request.factura_papel
    is_from_paper = issue is not None and issue.tipo == _FROM_PAPER
    if is_from_paper and paper is None:
        yield "factura_papel", f"La factura de papel es requerida en una factura de tipo {_FROM_PAPER}."
    if paper and not is_from_paper:
        yield "factura_papel", f"La factura de papel solo se informa en una factura de tipo {_FROM_PAPER}."
    if paper and issue and issue.fecha and issue.fecha < paper.fecha:
        yield (
            "factura_papel.fecha",
            "La fecha de la factura de papel no puede ser posterior a la de la factura.",
        )


def _invoice_operation(request: InvoiceRequest) -> Iterator[Finding]:
    """Compares the operation that the request names, if any, with the mandates and AIU contracts of its lines.

    A line with another's income (``mandante``) may be in an ordinary sale (10): DIAN takes that.
    """
    asked = request.factura.operacion if request.factura else None
    if (asked in _EXCHANGES) != (request.debida_diligencia is not None):
        yield (
            "debida_diligencia",
            "La debida diligencia es de una compra o venta de divisas: operación 15 o 16."
            if asked not in _EXCHANGES
            else f"La operación {asked} (divisas) lleva la debida diligencia.",
        )
    if asked is None:
        return
    for operation, field in ((AIU, "contrato_aiu"), (MANDATE, "mandante"), (FREIGHT, "remesa")):
        said = any(getattr(line, field) for line in request.lineas)
        if asked == operation and not said:
            yield (
                "factura.operacion",
                f"El tipo de operación {operation} necesita {field} en al menos una línea.",
            )
        if said and (operation, asked) in _OF_ANOTHER:
            yield (
                "factura.operacion",
                f"Una línea con {field} no es del tipo de operación {asked}, sino del {operation}.",
            )


# A line that says the first is in no document of the second.
_OF_ANOTHER = {
    (AIU, STANDARD),
    *((FREIGHT, asked) for asked in (AIU, STANDARD, MANDATE, *HEALTH_OPERATIONS)),
}


def _note(kind: Kind, request: CreditNoteRequest | DebitNoteRequest) -> Iterator[Finding]:
    reference, without = request.factura_referencia, _WITHOUT_REFERENCE[kind]
    asked = request.factura.operacion if request.factura else None
    if reference is not None:
        if asked == without:
            yield (
                "factura_referencia",
                f"La factura de referencia no se informa con el tipo de operación {without}.",
            )
        yield from _not_later(request, reference, "factura_referencia")
        yield from _others(request, reference)
        return
    for n, _ in enumerate(request.facturas_referencia):
        yield f"facturas_referencia.{n}", "La primera factura que corrige la nota va en factura_referencia."
    if asked != without:
        yield (
            "factura_referencia",
            f"{required('La factura de referencia')} Una nota sin ella lleva factura.operacion {without} "
            "y el periodo que corrige.",
        )
        return
    if request.periodo is None:
        yield "periodo", f"El periodo es requerido con el tipo de operación {without}."
    if kind is Kind.CREDIT_NOTE and request.motivo.codigo == _CANCELLATION:
        yield (
            "motivo.codigo",
            f"El motivo {_CANCELLATION} (anulación) necesita la factura de referencia que se anula.",
        )


def _others(request: CreditNoteRequest | DebitNoteRequest, first: InvoiceReference) -> Iterator[Finding]:
    """The other invoices that a note corrects: each once, none after the note."""
    seen = {first.numero, first.cufe.lower()}
    for n, each in enumerate(request.facturas_referencia):
        field = f"facturas_referencia.{n}"
        yield from _not_later(request, each, field)
        if seen & {each.numero, each.cufe.lower()}:
            yield field, "Esta factura ya está entre las que corrige la nota."
        seen |= {each.numero, each.cufe.lower()}


def _residence(request: SupportDocumentRequest) -> Iterator[Finding]:
    asked = request.factura.operacion if request.factura else None
    expected = _RESIDENT if (request.vendedor.pais or HOME) == HOME else _NON_RESIDENT
    if asked not in (None, expected):
        yield (
            "factura.operacion",
            f"El tipo de operación debe ser {expected}: {_RESIDENT} con un vendedor en {HOME}, "
            f"{_NON_RESIDENT} con uno en el exterior.",
        )


def _adjusted(request: AdjustmentNoteRequest | EquivalentNoteRequest) -> Iterator[Finding]:
    if isinstance(request, EquivalentNoteRequest):
        yield from _not_later(request, request.documento_referencia, "documento_referencia")
        return
    field = "factura_referencia" if request.factura_referencia else "documento_referencia"
    reference = request.documento_referencia or request.factura_referencia
    if reference is None:
        yield field, required("El documento de referencia")
        return
    if request.documento_referencia and request.factura_referencia:
        yield field, "El documento de referencia se informa una sola vez, en documento_referencia."
    if reference.cuds is None and reference.cufe is None:
        yield f"{field}.cuds", required("El CUDS")
    elif reference.cuds and reference.cufe and reference.cuds.lower() != reference.cufe.lower():
        yield f"{field}.cufe", "El CUDS se informa una sola vez, en cuds."
    yield from _not_later(request, reference, field)


def _not_later(
    request: Request, reference: InvoiceReference | SupportReference | EquivalentReference, field: str
) -> Iterator[Finding]:
    """The corrected document must have been issued before its note, or on the same day."""
    issued = request.factura.fecha if request.factura else None
    if issued and issued < reference.fecha:
        yield f"{field}.fecha", "La fecha del documento de referencia no puede ser posterior a la de la nota."
