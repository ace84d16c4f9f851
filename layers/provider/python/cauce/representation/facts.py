"""From a record to what its graphic representation shows. Pure.

Source: Resolución 000165 de 2023, art. 11 (what an invoice states) and the article on graphic representations, which
asks for its numerals 1 to 5, 8 to 13, 15 and 18 at least; Resolución 000167 de 2021 for support documents. The words
of the legend of type 04 are prescribed nowhere that we know of: they are ours.
"""

import re
from collections.abc import Iterator
from datetime import date

from cauce.domain import catalogs
from cauce.domain.document import Document, Kind, operations_of, reasons_of
from cauce.domain.errors import NotFound
from cauce.domain.issuer import Environment, Issuer
from cauce.domain.ranges import NumberingRange
from cauce.domain.record import IN_CONTINGENCY, Record, State
from cauce.domain.totals import Totals, totals
from cauce.representation import amounts, parties
from cauce.representation.figures import day, in_words, moment, price
from cauce.representation.sheet import Fact, Sheet
from cauce.ubl import identifiers
from cauce.ubl.facts import EXPORT, FROM_PAPER, SALE

_SUPPORT_TITLE = (
    "documento soporte en adquisiciones efectuadas a sujetos no obligados a expedir factura de venta "
    "o documento equivalente"
)
_TITLES = {
    Kind.INVOICE: "Factura electrónica de venta",
    Kind.CREDIT_NOTE: "Nota crédito de la factura electrónica de venta",
    Kind.DEBIT_NOTE: "Nota débito de la factura electrónica de venta",
    Kind.SUPPORT_DOCUMENT: _SUPPORT_TITLE.capitalize(),
    Kind.ADJUSTMENT_NOTE: f"Nota de ajuste del {_SUPPORT_TITLE}",
}
_VARIANTS = {
    EXPORT: "Exportación",
    FROM_PAPER: "Contingencia del facturador: transcripción de factura de talonario o de papel",
    IN_CONTINGENCY: "Contingencia de la DIAN",
}
_VALIDATED = "Documento validado por la DIAN"
_CONTINGENCY = "Factura expedida en contingencia por inconvenientes tecnológicos de la DIAN (tipo 04)."
_NOT_YET = "Se transmitirá a la DIAN para su validación cuando el servicio se restablezca."
_TEST = "Documento de prueba, emitido en el ambiente de habilitación de la DIAN: no tiene validez."
_ENVIRONMENT = re.compile(rb"<(?:\w+:)?ProfileExecutionID[^>]*>\s*([12])\s*<")


def sheet(
    record: Record, issuer: Issuer, numbering: NumberingRange | None, environment: Environment
) -> Sheet:
    """What is shown of a document. ``numbering``: the range of its number, if it is known.

    Raises NotFound while its provider has told no number or identifier, TypeError for an event.
    """
    if record.number is None or record.uuid is None:
        raise NotFound("El proveedor todavía no dice el número y el CUFE del documento.")
    document, sums = record.document, totals(record.document)
    scheme = _scheme(record)
    return Sheet(
        title=_TITLES[record.kind],
        variant=_VARIANTS.get(document.invoice_type or SALE) if record.kind is Kind.INVOICE else None,
        number=str(record.number),
        issued=moment(record.issued_at),
        status=_VALIDATED if record.state is State.ACCEPTED else "Pendiente de validación",
        legends=tuple(_legends(record, environment)),
        issuer=parties.issuer(issuer, record.kind),
        counterparty=parties.counterparty(document.counterparty, record.kind),
        facts=tuple(_facts(record, document)),
        references=tuple(_references(document, record.kind)),
        items=amounts.items(document, sums),
        tables=amounts.tables(document, sums),
        totals=amounts.totals(sums),
        payable=amounts.payable(document, sums),
        equivalent=amounts.equivalent(document, sums),
        words=in_words(sums.payable, document.currency),
        notes=document.notes,
        numbering=_authorisation(numbering),
        identifier=Fact(scheme, record.uuid),
        qr=_qr(record, sums, scheme, environment),
        colophon="Representación gráfica generada por Cauce",
    )


def environment_of(signed_xml: bytes) -> Environment | None:
    """The environment in which a signed document says it was issued; its issuer may be in another one by now."""
    found = _ENVIRONMENT.search(signed_xml)
    return Environment(found[1].decode()) if found else None


def _scheme(record: Record) -> str:
    if record.kind.is_bought:
        return "CUDS"
    # An invoice that transcribes one of paper has no technical key, hence a CUDE.
    return "CUFE" if record.kind is Kind.INVOICE and not record.document.from_paper else "CUDE"


def _legends(record: Record, environment: Environment) -> Iterator[str]:
    if environment is Environment.TEST:
        yield _TEST
    if record.kind is Kind.INVOICE and record.document.invoice_type == IN_CONTINGENCY:
        yield _CONTINGENCY if record.state is State.ACCEPTED else f"{_CONTINGENCY} {_NOT_YET}"


def _facts(record: Record, document: Document) -> Iterator[Fact]:
    payment, currency = document.payment, document.currency
    yield Fact("Fecha y hora de generación", moment(record.issued_at))
    if record.validated_at is not None:
        yield Fact("Fecha y hora de validación", moment(record.validated_at))
    yield Fact("Forma de pago", catalogs.PAYMENT_FORMS.get(payment.form, payment.form))
    yield Fact("Medio de pago", catalogs.payment_means().get(payment.means, payment.means))
    if payment.due_date is not None:
        yield Fact("Fecha de vencimiento", day(payment.due_date))
    yield Fact("Moneda", f"{currency} · {catalogs.currencies().get(currency, currency)}")
    if document.exchange_rate is not None:
        rate = document.exchange_rate
        yield Fact("Tasa de cambio", f"1 {rate.currency} = {price(rate.rate)} COP, del {day(rate.on)}")
    if document.order_reference is not None:
        order = document.order_reference
        yield Fact("Orden de compra", _dated(order.number, order.issue_date))
    if document.operation is not None:
        name = operations_of(document.kind).get(document.operation, "")
        yield Fact("Tipo de operación", f"{document.operation} {name}".strip())
    if document.period is not None:
        yield Fact("Periodo", f"{day(document.period.start)} a {day(document.period.end)}")
    if document.delivery_terms is not None:
        terms = document.delivery_terms
        said = (f"{terms.incoterm} {catalogs.INCOTERMS.get(terms.incoterm, '')}".strip(), terms.text)
        yield Fact("Entrega", " · ".join(filter(None, said)))


def _references(document: Document, kind: Kind) -> Iterator[Fact]:
    """The document that a note corrects, and why; the paper invoice that a contingency one transcribes."""
    if document.billing_reference is not None:
        found = document.billing_reference
        name = "Documento soporte" if kind is Kind.ADJUSTMENT_NOTE else "Factura"
        yield Fact(f"{name} de referencia", _dated(found.number, found.issue_date))
        yield Fact("CUDS" if kind is Kind.ADJUSTMENT_NOTE else "CUFE de la factura", found.uuid)
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


def _qr(record: Record, sums: Totals, scheme: str, environment: Environment) -> str:
    """The text of the printed QR: the document's key facts, one a line, and its address at DIAN.

    Source: Anexo Técnico 1.9 and Anexo DS 1.1, on the QR of the graphic representation: amounts with two decimals,
    identifications without check digit. They do not say under which name a note has its CUDE: here it is «CUDE».
    """
    uuid, counterparty = record.uuid or "", record.document.counterparty.identification
    date, time = identifiers.issue_date(record.issued_at), identifiers.issue_time(record.issued_at)
    vat, amount = sums.tax_of("01"), identifiers.amount
    if record.kind.is_bought:
        facts = {
            "NumDS": str(record.number),
            "FecDS": date,
            "HorDS": time,
            "NumSNO": counterparty,
            "NITABS": record.issuer,
            "ValDS": amount(sums.line_extension),
            "ValIva": amount(vat),
            "ValTolDS": amount(sums.payable),
        }
    else:
        facts = {
            "NumFac": str(record.number),
            "FecFac": date,
            "HorFac": time,
            "NitFac": record.issuer,
            "DocAdq": counterparty,
            "ValFac": amount(sums.line_extension),
            "ValIva": amount(vat),
            "ValOtroIm": amount(sums.tax - vat),
            "ValTolFac": amount(sums.payable),
        }
    lines = [f"{name}: {value}" for name, value in {**facts, scheme: uuid}.items()]
    return "\n".join([*lines, identifiers.qr_url(uuid, environment)])
