"""What a note must say of its correction, and how it compares with the record of the document that it corrects, where
we have that record."""

from collections.abc import Iterator

from cauce.domain.document import BillingReference, Document, Kind, Line, Reason
from cauce.domain.errors import InvalidDocument, InvoicePending
from cauce.domain.money import plain
from cauce.domain.outcome import Finding, Severity
from cauce.domain.record import Record, State
from cauce.domain.time import bogota
from cauce.domain.totals import totals

CORRECTED = {
    Kind.CREDIT_NOTE: Kind.INVOICE,
    Kind.DEBIT_NOTE: Kind.INVOICE,
    Kind.ADJUSTMENT_NOTE: Kind.SUPPORT_DOCUMENT,
    Kind.EQUIVALENT_NOTE: Kind.EQUIVALENT_DOCUMENT,
}
"""The kind of document that each kind of note corrects."""

_REFERENCE = "billing_reference"
_CANCELLATION = "2"
_VOID = frozenset({State.REJECTED, State.FAILED})


def reason_of(note: Document) -> Reason:
    """Why the note is issued. Raises InvalidDocument where it does not say."""
    if note.reason is None:
        raise InvalidDocument("La nota debe decir su motivo.", field="reason.code")
    return note.reason


def corrected_by(note: Document, what: str = "documento") -> BillingReference:
    """The document that the note corrects (``what``, in Spanish). Raises InvalidDocument where it names none."""
    if note.billing_reference is None:
        raise InvalidDocument(f"La nota debe decir qué {what} corrige.", field=f"{_REFERENCE}.number")
    return note.billing_reference


def check(note: Document, corrected: Record, reference: BillingReference, path: str = _REFERENCE) -> None:
    """Raise InvalidDocument where the corrected document is not valid, or has not both the number and the CUFE that
    the note states; InvoicePending while it has no verdict, unless it was issued in contingency.

    ``reference``: by which the note names it, at ``path``.
    """
    fields: dict[str, list[str]] = {}
    is_of_number = corrected.number is None or plain_number(reference.number) == str(corrected.number)
    is_of_uuid = corrected.uuid is None or corrected.uuid == reference.uuid
    if not is_of_number and not is_of_uuid:  # the record was found by a number or CUFE that it had before
        fields[f"{path}.uuid"] = [
            f"Ni el número ni el {_code(note)} son los que hoy tiene el documento {corrected.number}."
        ]
    elif not is_of_number:
        fields[f"{path}.number"] = [f"El documento con ese {_code(note)} es el {corrected.number}."]
    elif not is_of_uuid:
        fields[f"{path}.uuid"] = [f"No es el {_code(note)} del documento {corrected.number}."]
    elif corrected.state in _VOID:
        fields[path] = [
            f"El documento {corrected.number} está {corrected.shown_state}: no tiene validez, y no hay qué corregir."
        ]
    if fields:
        raise InvalidDocument("Los datos del documento no son válidos.", fields=fields)
    if corrected.state is not State.ACCEPTED and not corrected.in_contingency:
        raise InvoicePending(
            f"El documento {corrected.number} todavía no tiene el veredicto de la DIAN: envíe la nota después.",
            field=path,
            other=corrected,
        )


def findings(note: Document, corrected: Record) -> Iterator[Finding]:
    """Notices of what differs between a note and the document that it corrects."""
    reference, sale = note.billing_reference, corrected.document
    if reference is None:
        return
    issued = bogota(corrected.issued_at).date()
    if reference.issue_date != issued:
        yield _finding(f"{_REFERENCE}.issue_date", str(issued), str(reference.issue_date), "la fecha", "date")
    party = note.counterparty
    if party.identification != sale.counterparty.identification:
        whose = "counterparty.identification"
        yield _finding(
            whose, sale.counterparty.identification, party.identification, "la otra parte", "party"
        )
    if _of_health(note) != _of_health(sale):
        expected = "los de la factura" if sale.health else "ninguno"
        found = "otros" if note.health else "ninguno"
        yield _finding("health", expected, found, "el bloque salud", "health sector's block")
    yield from _amount(note, corrected)
    known = {rate for line in sale.lines for rate in _rates(line)}
    for n, line in enumerate(note.lines):
        for rate in sorted(_rates(line) - known):
            expected = ", ".join(sorted(known)) or "ninguna"
            yield _finding(f"lines.{n}.taxes", expected, rate, "la tarifa", "rate")


def plain_number(written: str) -> str:
    """A number as it is in documents: SETP-990000011 is SETP990000011."""
    return written.replace("-", "").replace("_", "")


def _amount(note: Document, corrected: Record) -> Iterator[Finding]:
    """A credit or adjustment note is of its document's total at most; one that annuls it is of exactly that total."""
    if note.kind is Kind.DEBIT_NOTE:
        return
    is_whole = note.reason is not None and note.reason.code == _CANCELLATION
    found = totals(note).payable
    if found > corrected.payable or (is_whole and found != corrected.payable):
        most = plain(corrected.payable)
        expected = f"{most}, el total que anula" if is_whole else f"{most} o menos"
        yield _finding("lines", expected, plain(found), "el valor", "amount")


def _rates(line: Line) -> set[str]:
    return {f"{tax.code} al {plain(tax.percent)} %" for tax in line.taxes if tax.percent is not None}


def _of_health(document: Document) -> dict[str, object] | None:
    """What a note repeats of its invoice: all but the proofs of what was paid."""
    said = document.health
    return {name: value for name, value in vars(said).items() if name != "proofs"} if said else None


def _code(note: Document) -> str:
    return _CODES.get(note.kind, "CUFE")


# What identifies the document that a note corrects, where that is no invoice.
_CODES = {Kind.ADJUSTMENT_NOTE: "CUDS", Kind.EQUIVALENT_NOTE: "CUDE"}


def _finding(field: str, expected: str, found: str, what: str, what_en: str) -> Finding:
    return Finding(
        rule="Cauce",
        severity=Severity.NOTICE,
        field=field,
        expected=expected,
        found=found,
        fix=f"Revise {what}: no es como en el documento que la nota corrige.",
        fix_en=f"Look at the {what_en}: it is not as in the document that the note corrects.",
    )
