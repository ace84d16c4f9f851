"""What no document may say, and what is probably a mistake, whichever provider the document goes through.

``check`` has the rules of any day. ``check_today`` has those that depend on the day, and is called only when a
document is first asked for: one that has been taken in, or has a number, is not refused for a date.
"""

from collections.abc import Iterable, Iterator
from datetime import date

from cauce.domain.catalogs import INVOICE_OPERATIONS, UNWRITTEN_OPERATIONS
from cauce.domain.document import Document, Kind
from cauce.domain.errors import InvalidDocument
from cauce.domain.outcome import Finding, Severity
from cauce.domain.survey import survey
from cauce.law import dates, health, identification, rates, taxes, units, values


def check(document: Document, extra_rates: rates.Extra = rates.NONE) -> None:
    """Raise InvalidDocument, with every wrong field at once, where the document breaks a rule of any day.

    ``extra_rates``: percentages that an issuer may use besides those of ``rates.json``.
    """
    _refuse(_breaches(document, extra_rates))


def check_today(document: Document, today: date) -> None:
    """Raise InvalidDocument, with every wrong field at once, where a date of the document is wrong today (Bogotá)."""
    _refuse(dates.breaches_today(document, today))


def findings(document: Document, today: date, extra_rates: rates.Extra = rates.NONE) -> tuple[Finding, ...]:
    """Notices of what is probably a mistake, but may be right. ``extra_rates``: as in ``check``."""
    return (
        *identification.findings(document),
        *dates.findings(document, today),
        *taxes.findings(document),
        *units.findings(document),
        *values.findings(document, today, extra_rates),
        *health.findings(document, today),
        *_rounded(document),
    )


def _rounded(document: Document) -> Iterator[Finding]:
    """What was rounded when the document was read: the format has so many decimals and no more."""
    for each in document.rounded:
        yield Finding(
            rule="Anexo 1.9, 5.2.1.1",
            severity=Severity.NOTICE,
            field=each.field,
            expected="los decimales que caben en el documento",
            found=each.said,
            fix=f"Se redondeó a {each.kept}.",
            fix_en=f"It was rounded to {each.kept}.",
        )


def _refuse(breaches: Iterable[tuple[str, str]]) -> None:
    fields: dict[str, list[str]] = {}
    for field, sentence in breaches:
        fields.setdefault(field, []).append(sentence)
    if fields:
        raise InvalidDocument("Los datos del documento no son válidos.", fields=fields)


def _breaches(document: Document, extra_rates: rates.Extra) -> Iterator[tuple[str, str]]:
    party, operation = document.counterparty, document.operation
    if document.kind is Kind.INVOICE and operation in UNWRITTEN_OPERATIONS:
        named = f"{operation} ({INVOICE_OPERATIONS[operation]})"
        yield "operation", f"Cauce todavía no escribe el tipo de operación {named}; emítalo por fuera."
    yield from identification.breaches("counterparty", party.identification_type, party.identification)
    yield from dates.breaches(document)
    # An ordinary line can only break the rules about taxes, and those for its codes and percentages alone.
    are_right = taxes.are_right(document, extra_rates)
    for n, line in survey(document).unusual if are_right else enumerate(document.lines):
        if line.principal:
            whose = f"lines.{n}.principal"
            yield from identification.breaches(
                whose, line.principal.identification_type, line.principal.identification
            )
        yield from taxes.breaches(n, line, extra_rates)
