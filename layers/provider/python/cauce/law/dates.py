"""Wrong dates, and wrong periods of notes that name no invoice."""

from collections.abc import Iterator
from datetime import date

from cauce.domain.document import NOTES, BillingPeriod, Document, Kind
from cauce.domain.outcome import Finding, Severity
from cauce.domain.survey import survey

# These notes demand no payment, so any due date passes: often that of the document they correct, overdue or not.
_LOWERS_A_DEBT = (Kind.CREDIT_NOTE, Kind.ADJUSTMENT_NOTE, Kind.EQUIVALENT_NOTE)


def breaches(document: Document) -> Iterator[tuple[str, str]]:
    """What is wrong on any day: path and sentence."""
    period = _corrected_period(document)
    if period is None:
        return
    if period.end < period.start:
        yield "period.end", "La fecha final del periodo no puede ser anterior a la inicial."
    elif _month(period.start) != _month(period.end):
        yield (
            "period",
            "Una nota sin factura de referencia corrige un solo mes calendario (CAE02, CAE04): "
            "emita una nota por cada mes.",
        )


def breaches_today(document: Document, today: date) -> Iterator[tuple[str, str]]:
    """What is wrong on this day, and may be right on another: path and sentence."""
    due = document.payment.due_date
    if due is not None and document.kind not in _LOWERS_A_DEBT:
        first, what = _first_due(document, today)
        if due < first:
            yield "payment.due_date", f"La fecha de vencimiento no puede ser anterior a {what}, {first}."
    yield from _parts(document, today)
    period = _corrected_period(document)
    if period is not None and period.end > today:
        yield "period.end", f"El periodo que corrige la nota debe terminar a más tardar hoy, {today}."
    for field, what, day in _past(document):
        if day > today:
            yield field, f"La fecha {what} no puede ser posterior a hoy, {today}."


def _parts(document: Document, today: date) -> Iterator[tuple[str, str]]:
    """Of several payments, those that are due too soon."""
    if not document.payments or document.kind in _LOWERS_A_DEBT:
        return
    first, what = _first_due(document, today)
    for n, part in enumerate(document.payments):
        if part.due_date is not None and part.due_date < first:
            field = f"payments.{n}.due_date"
            yield field, f"La fecha de vencimiento no puede ser anterior a {what}, {first}."


def findings(document: Document, today: date) -> Iterator[Finding]:
    period, issued = _corrected_period(document), document.issue_date or today
    if period is not None and _month(period.end) != _month(issued):
        yield Finding(
            rule="CAE02",
            severity=Severity.NOTICE,
            field="period",
            expected=f"un periodo de {issued:%Y-%m}, el mes de la nota",
            found=f"{period.start} a {period.end}",
            fix="Revise el periodo: es de otro mes que la nota.",
            fix_en="Look at the period: it is of another month than the note's.",
        )


def _first_due(document: Document, today: date) -> tuple[date, str]:
    """The earliest due date that a document may have, and what that day is, in Spanish.

    It is today, also for a document that is dated some days back: none may be overdue when it is issued. Only a
    transcription (type 03) may, since it has the due date of its paper invoice.
    """
    if document.paper_invoice is not None:
        return document.paper_invoice.issue_date, "la de la factura de papel"
    issued = document.issue_date or today
    return (issued, "la de emisión") if issued > today else (today, "hoy")


def _corrected_period(document: Document) -> BillingPeriod | None:
    """The period that a note corrects which names no invoice (operations 22 and 32)."""
    is_free = document.kind in NOTES and document.billing_reference is None
    return document.period if is_free else None


def _month(day: date) -> tuple[int, int]:
    return day.year, day.month


def _past(document: Document) -> Iterator[tuple[str, str, date]]:
    if document.exchange_rate is not None:
        yield "exchange_rate.on", "de la tasa de cambio", document.exchange_rate.on
    for n, prepayment in enumerate(document.prepayments):
        yield f"prepayments.{n}.received_date", "del anticipo", prepayment.received_date
    for n, line in survey(document).unusual:
        if line.purchase is not None:
            yield f"lines.{n}.purchase.on", "de la compra", line.purchase.on
