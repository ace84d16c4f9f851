"""From a document to what its graphic representation shows. Pure.

Source: Resolución 000165 de 2023, art. 11 (what an invoice states) and the article on graphic representations, which
asks for its numerals 1 to 5, 8 to 13, 15 and 18 at least; Resolución 000167 de 2021 for support documents. The words
of the legend of type 04 are prescribed nowhere that we know of: they are ours.
"""

from collections.abc import Iterable, Iterator
from datetime import date

from cauce.domain import catalogs, health
from cauce.domain.document import Document, Health, Kind, operations_of, reasons_of
from cauce.domain.issuer import Environment, Issuer
from cauce.domain.ranges import NumberingRange
from cauce.domain.record import IN_CONTINGENCY
from cauce.representation import amounts, parties
from cauce.representation.figures import day, in_words, moment, money, price
from cauce.representation.known import Known, Stage
from cauce.representation.sheet import Fact, Sheet
from cauce.ubl import identifiers
from cauce.ubl.facts import EXPORT, FROM_PAPER, SALE

_SUPPORT_TITLE = (
    "documento soporte en adquisiciones efectuadas a sujetos no obligados a expedir factura de venta "
    "o documento equivalente"
)
_EQUIVALENT_TITLE = "Documento equivalente electrónico"
_TITLES = {
    Kind.INVOICE: "Factura electrónica de venta",
    Kind.CREDIT_NOTE: "Nota crédito de la factura electrónica de venta",
    Kind.DEBIT_NOTE: "Nota débito de la factura electrónica de venta",
    Kind.SUPPORT_DOCUMENT: _SUPPORT_TITLE.capitalize(),
    Kind.ADJUSTMENT_NOTE: f"Nota de ajuste del {_SUPPORT_TITLE}",
    Kind.EQUIVALENT_DOCUMENT: f"{_EQUIVALENT_TITLE}: tiquete de máquina registradora con sistema POS",
    Kind.EQUIVALENT_NOTE: "Nota de ajuste al documento equivalente electrónico",
}
_VARIANTS = {
    EXPORT: "Exportación",
    FROM_PAPER: "Contingencia del facturador: transcripción de factura de talonario o de papel",
    IN_CONTINGENCY: "Contingencia de la DIAN",
}
_STATUSES = {
    Stage.VALIDATED: "Documento validado por la DIAN",
    Stage.CONTINGENCY: "Pendiente de validación por la DIAN",
    Stage.PENDING: "Pendiente de validación por la DIAN",
}
_CONTINGENCY = "Factura expedida en contingencia por inconvenientes tecnológicos de la DIAN (tipo 04)."
_NOT_YET = "Se transmitirá a la DIAN para su validación cuando el servicio se restablezca."
_PENDING = "Pendiente: la DIAN todavía no ha validado este documento, que mientras tanto no tiene validez."
_TEST = "Documento de prueba, emitido en el ambiente de habilitación de la DIAN: no tiene validez."
# The ordinary operations, of which nothing needs to be said.
_ORDINARY = ("10", "20", "30")


def sheet(found: Known, issuer: Issuer, software: Iterable[tuple[str, str]] = ()) -> Sheet:
    """What is shown of a document. ``software``: what made it and who makes that, as labels and texts."""
    document, sums = found.document, found.sums
    return Sheet(
        title=_TITLES[found.kind],
        variant=_VARIANTS.get(document.invoice_type or SALE) if found.kind is Kind.INVOICE else None,
        number=found.number,
        issued=moment(found.issued_at),
        status=_STATUSES[found.stage],
        marks=tuple(_marks(found)),
        legends=tuple(_legends(found)),
        issuer=parties.issuer(issuer, found.issuer, found.kind),
        counterparty=parties.counterparty(document.counterparty, found.kind),
        facts=tuple(_facts(found, document)),
        references=tuple(_references(document, found.kind)),
        items=amounts.items(document, sums),
        count=len(document.lines),
        tables=amounts.tables(document, sums),
        totals=amounts.totals(document, sums),
        payable=amounts.payable(document, sums),
        after=tuple(amounts.after(document, sums)),
        words=in_words(sums.payable, document.currency) if sums.payable >= 0 else "",
        notes=document.notes,
        numbering=_authorisation(found.range),
        identifier=Fact(found.scheme, found.uuid),
        qr=_qr(found),
        software=" · ".join(f"{label}: {text}" for label, text in software if text),
        colophon="Representación gráfica generada por Cauce",
    )


def _marks(found: Known) -> Iterator[str]:
    """The words across each page of what is no validated document."""
    if found.environment is Environment.TEST:
        yield "HABILITACIÓN"
    if found.stage is not Stage.VALIDATED:
        yield "CONTINGENCIA" if found.stage is Stage.CONTINGENCY else "PENDIENTE"


def _legends(found: Known) -> Iterator[str]:
    if found.environment is Environment.TEST:
        yield _TEST
    if found.kind is Kind.INVOICE and found.document.invoice_type == IN_CONTINGENCY:
        yield _CONTINGENCY if found.stage is Stage.VALIDATED else f"{_CONTINGENCY} {_NOT_YET}"
    elif found.stage is Stage.PENDING:
        yield _PENDING


def _facts(found: Known, document: Document) -> Iterator[Fact]:
    yield Fact("Fecha y hora de generación", moment(found.issued_at))
    if found.validated_at is not None:
        yield Fact("Fecha y hora de validación", moment(found.validated_at))
    yield from _paid(document)
    yield from _money(document)
    yield from _context(document)
    yield from _delivered(found, document)
    yield from _sold_at(document)


def _paid(document: Document) -> Iterator[Fact]:
    """How it is paid; each of several payments by itself."""
    for n, part in enumerate(document.payments, start=1):
        said = (
            "" if part.amount is None else money(part.amount),
            catalogs.PAYMENT_FORMS.get(part.form, part.form),
            catalogs.payment_means().get(part.means, part.means),
            f"vence el {day(part.due_date)}" if part.due_date else "",
            part.reference,
        )
        yield Fact(f"Pago {n}", " · ".join(filter(None, said)))
    payment = document.payment
    if document.payments:
        return
    if payment.form:
        yield Fact("Forma de pago", catalogs.PAYMENT_FORMS.get(payment.form, payment.form))
    if payment.means:
        yield Fact("Medio de pago", catalogs.payment_means().get(payment.means, payment.means))
    if payment.due_date is not None:
        yield Fact("Fecha de vencimiento", day(payment.due_date))


def _money(document: Document) -> Iterator[Fact]:
    currency = document.currency
    yield Fact("Moneda", f"{currency} · {catalogs.currencies().get(currency, currency)}")
    if document.exchange_rate is not None:
        rate = document.exchange_rate
        yield Fact("Tasa de cambio", f"1 {rate.currency} = {price(rate.rate)} COP, del {day(rate.on)}")


def _context(document: Document) -> Iterator[Fact]:
    if document.order_reference is not None:
        order = document.order_reference
        yield Fact("Orden de compra", _dated(order.number, order.issue_date))
    for despatch in document.despatches:
        yield Fact("Remisión", _dated(despatch.number, despatch.issue_date))
    for receipt in document.receipts:
        yield Fact("Entrada", _dated(receipt.number, receipt.issue_date))
    for each in document.other_references:
        yield Fact(each.text, _dated(each.number, each.issue_date))
    operation = document.operation or ""
    if operation not in _ORDINARY and (name := operations_of(document.kind).get(operation)):
        yield Fact("Tipo de operación", f"{operation} {name}")
    if document.health is not None:
        yield from _health(document.health)
    if document.period is not None:
        yield Fact("Periodo", f"{day(document.period.start)} a {day(document.period.end)}")


def _health(said: Health) -> Iterator[Fact]:
    """Who rendered a health service, how it is paid for, under which coverage and contract."""
    yield Fact("Prestador de salud (REPS)", said.provider)
    for label, name, code in (
        ("Modalidad de pago", health.payment_methods(), said.payment_method),
        ("Cobertura", health.coverages(), said.coverage),
        ("Sin contrato", health.absences(), said.no_contract),
    ):
        if code:
            yield Fact(label, f"{code} {name.get(code, '')}".rstrip())
    for label, number in (("Contrato", said.contract), ("Póliza", said.policy)):
        if number:
            yield Fact(label, number)
    for proof in said.proofs:
        yield Fact("Soporte del recaudo", _dated(proof.number, proof.issue_date))


def _delivered(found: Known, document: Document) -> Iterator[Fact]:
    """The delivery of the goods, or the rendering of the service: when, where, on which terms."""
    if found.delivery is not None:
        said = (day(found.delivery.on) if found.delivery.on else "", found.delivery.place)
        if any(said):
            yield Fact("Entrega o prestación", " · ".join(filter(None, said)))
        if found.delivery.carrier:
            yield Fact("Transportador", found.delivery.carrier)
    if document.delivery_terms is not None:
        terms = document.delivery_terms
        told = (f"{terms.incoterm} {catalogs.INCOTERMS.get(terms.incoterm, '')}".strip(), terms.text)
        yield Fact("Entrega", " · ".join(filter(None, told)))


def _sold_at(document: Document) -> Iterator[Fact]:
    """The till of a POS ticket, and the points that its buyer gathers."""
    till, benefits = document.till, document.benefits
    if till is not None:
        yield Fact("Caja", " · ".join(filter(None, (till.plate, till.type, till.place))))
        yield Fact("Cajero", till.cashier)
        yield Fact("Código de la venta", till.sale)
    if benefits is not None and benefits.points:
        yield Fact("Puntos", str(benefits.points))


_NOTES = {Kind.CREDIT_NOTE: "Nota crédito", Kind.DEBIT_NOTE: "Nota débito"}
_CORRECTED = {
    Kind.ADJUSTMENT_NOTE: ("Documento soporte de referencia", "CUDS"),
    Kind.EQUIVALENT_NOTE: ("Documento equivalente de referencia", "CUDE del documento"),
}
"""What a note corrects that is no invoice, and what identifies it."""


def _references(document: Document, kind: Kind) -> Iterator[Fact]:
    """The document that a note corrects, and why; the paper invoice that a contingency one transcribes."""
    if document.billing_reference is not None:
        found = document.billing_reference
        name, code = _CORRECTED.get(kind, ("Factura de referencia", "CUFE de la factura"))
        yield Fact(name, _dated(found.number, found.issue_date))
        yield Fact(code, found.uuid)
    for more in document.more_billing_references:
        yield Fact("También corrige", _dated(more.number, more.issue_date))
    for named in document.note_references:
        yield Fact(_NOTES[named.kind], _dated(named.number, named.issue_date))
    if document.reason is not None:
        concept = reasons_of(kind).get(document.reason.code, "")
        # Providers read those with parentheses in different ways: only their code and the issuer's words are shown.
        is_plain = concept and "(" not in concept
        yield Fact("Concepto", f"{document.reason.code} · {concept}" if is_plain else document.reason.code)
        yield Fact("Motivo", document.reason.text)
    if document.paper_invoice is not None:
        paper = document.paper_invoice
        yield Fact("Factura de papel", _dated(paper.number, paper.issue_date))


def _authorisation(found: NumberingRange | None) -> str | None:
    if found is None or found.resolution is None:
        return None
    valid = ""
    if found.valid_from is not None and found.valid_to is not None:
        valid = f", vigente del {day(found.valid_from)} al {day(found.valid_to)}"
    prefix = f"prefijo {found.prefix}, " if found.prefix else ""
    return (
        f"Autorización de numeración DIAN n.º {found.resolution}{valid}: {prefix}"
        f"del {found.start} al {found.end}."
    )


def _dated(number: str, on: date | None) -> str:
    return f"{number} del {day(on)}" if on else number


def _qr(found: Known) -> str:
    """The text of the printed QR: the document's key facts, one a line, and its address at DIAN.

    Source: Anexo Técnico 1.9 and Anexo DS 1.1, on the QR of the graphic representation: amounts with two decimals,
    identifications without check digit. They do not say under which name a note has its CUDE: here it is «CUDE».
    """
    sums, counterparty = found.sums, found.document.counterparty.identification
    date, time = identifiers.issue_date(found.issued_at), identifiers.issue_time(found.issued_at)
    vat, amount = sums.tax_of("01"), identifiers.amount
    if found.kind.is_bought:
        facts = {
            "NumDS": found.number,
            "FecDS": date,
            "HorDS": time,
            "NumSNO": counterparty,
            "NITABS": found.nit,
            "ValDS": amount(sums.line_extension),
            "ValIva": amount(vat),
            "ValTolDS": amount(sums.payable),
        }
    else:
        facts = {
            "NumFac": found.number,
            "FecFac": date,
            "HorFac": time,
            "NitFac": found.nit,
            "DocAdq": counterparty,
            "ValFac": amount(sums.line_extension),
            "ValIva": amount(vat),
            "ValOtroIm": amount(sums.tax - vat),
            "ValTolFac": amount(sums.payable),
        }
    lines = [f"{name}: {value}" for name, value in {**facts, found.scheme: found.uuid}.items()]
    return "\n".join([*lines, identifiers.qr_url(found.uuid, found.environment)])
