"""What MinSalud's validation (MUV) would say of an invoice of the health sector, as far as it can be known before.

DIAN checks none of it, so that the document is issued as it came: each finding is a notice, and names the MUV's rule
where its code is known. Source: MinSalud's Documento Técnico 2 of Resolución 948 of 2026.
"""

from collections.abc import Iterator
from datetime import date

from cauce.domain import catalogs, health
from cauce.domain.document import NOTES, Document, Health
from cauce.domain.money import ZERO, plain
from cauce.domain.outcome import Finding, Severity
from cauce.domain.totals import totals

_NOTHING = "nada"
_RULE = "MUV, Documento Técnico 2"
_WITH_REFERENCE = ("20", "30")


def findings(document: Document, today: date) -> Iterator[Finding]:
    operation, said = document.operation or "", document.health
    yield from out_of_force(document, today)
    if said is not None:
        yield from _contract(said)
    if document.kind in NOTES:
        if said is not None and document.billing_reference is None:
            yield _found("operation", "20 o 30, con factura_referencia", operation or _NOTHING, _OF_A_NOTE)
    elif operation in catalogs.HEALTH_OPERATIONS:
        yield from _collected(document, operation)
        if said is not None:
            yield from _period(document)
        else:
            yield from _receipt(document)


def out_of_force(document: Document, today: date) -> Iterator[Finding]:
    """Codes that are not in force on the day of issue."""
    if document.health is None:
        return
    day = document.issue_date or today
    for field, name, code in health.coded(document.health):
        row = health.row(name, code)
        if row is not None and not row.in_force(day):
            yield _found(f"health.{field}", row.instead, f"{code} ({row.called})", _NOT_IN_FORCE)


def _contract(said: Health) -> Iterator[Finding]:
    """A contract or why there is none; a policy where the coverage is one; a patient who pays has no contract."""
    coverage = health.row("coverages", said.coverage)
    if bool(said.contract) == bool(said.no_contract):
        found = "ambos" if said.contract else "ninguno"
        yield _found("health.contract", "contrato o sin_contrato, uno de los dos", found, _ONE_OF_TWO)
    elif coverage and coverage.private:
        yield from _paid_by_the_patient(said)
    if coverage and coverage.policy != bool(said.policy):
        expected = "el número de la póliza" if coverage.policy else _NOTHING
        yield _found("health.policy", expected, said.policy or _NOTHING, _POLICY)


def _paid_by_the_patient(said: Health) -> Iterator[Finding]:
    expected = [row.code for row in health.listed("absences").rows if row.private]
    if said.no_contract not in expected:
        found = said.no_contract or "un contrato"
        yield _found("health.no_contract", " o ".join(expected), found, _PRIVATE)


def _period(document: Document) -> Iterator[Finding]:
    oldest = health.oldest_period()
    if document.period is None:
        yield _found("period", "desde y hasta cuándo se atendió", _NOTHING, _NO_PERIOD, "DND100")
    elif document.period.start < oldest:
        yield _found("period.start", f"{oldest} o después", str(document.period.start), _OLD, "RVG018")


def _collected(document: Document, operation: str) -> Iterator[Finding]:
    """What the user paid before, of which each amount says what it is."""
    paid = document.prepayments
    if operation in health.COLLECTED_BEFORE and not paid:
        yield _found("prepayments", "lo que pagó el usuario", _NOTHING, _NOT_COLLECTED)
    if operation in (health.NOTHING_COLLECTED, health.RECEIPT) and paid:
        yield _found("prepayments", _NOTHING, f"{len(paid)} anticipos", _NONE_EXPECTED)
    for n, each in enumerate(paid):
        if not each.concept:
            field, concepts = f"prepayments.{n}.concept", ", ".join(health.collections())
            yield _found(field, concepts, _NOTHING, _NO_CONCEPT, "DND104")
    together = sum((each.amount for each in paid), ZERO)
    total = totals(document).payable
    if together > total:
        yield _found("prepayments", f"{plain(total)} o menos", plain(together), _TOO_MUCH)


def _receipt(document: Document) -> Iterator[Finding]:
    kind = document.counterparty.identification_type
    if document.operation == health.RECEIPT and kind == catalogs.NIT:
        yield _found("counterparty.identification_type", "el documento del usuario", "un NIT", _NO_USER)


_Fix = tuple[str, str]
_NOT_IN_FORCE: _Fix = (
    "Revise el código: no rige en la fecha de emisión.",
    "Look at the code: it is not in force on the day of issue.",
)
_ONE_OF_TWO: _Fix = (
    "Informe el contrato, o por qué no lo hay.",
    "Say the contract, or why there is none.",
)
_PRIVATE: _Fix = (
    "Un paciente particular no tiene contrato.",
    "A patient who pays by themselves has no contract.",
)
_POLICY: _Fix = (
    "La póliza es de las coberturas del SOAT y de los planes voluntarios, y de ninguna otra.",
    "The policy is of the coverages of SOAT and of voluntary plans, and of no other.",
)
_NO_PERIOD: _Fix = ("Informe el periodo de la atención.", "Say the period of what was rendered.")
_OLD: _Fix = ("Revise el periodo de la atención.", "Look at the period of what was rendered.")
_NOT_COLLECTED: _Fix = (
    f"Informe los recaudos, o use la operación {health.NOTHING_COLLECTED}.",
    f"Say what was collected, or use operation {health.NOTHING_COLLECTED}.",
)
_NO_CONCEPT: _Fix = ("Informe el concepto del recaudo.", "Say what the payment is.")
_NONE_EXPECTED: _Fix = (
    "Esta operación no lleva recaudos anteriores.",
    "This operation has nothing that was collected before.",
)
_TOO_MUCH: _Fix = (
    "Los recaudos no superan el total de la factura.",
    "What was collected is no more than the invoice's total.",
)
_NO_USER: _Fix = (
    "El comprobante es de un usuario, uno por cada uno.",
    "The receipt is a user's, one for each.",
)
_OF_A_NOTE: _Fix = (
    "El Ministerio solo recibe notas que nombran su factura.",
    "MinSalud takes only notes that name their invoice.",
)


def _found(field: str, expected: str, found: str, fix: _Fix, rule: str = "") -> Finding:
    return Finding(
        rule=f"MUV {rule}" if rule else _RULE,
        severity=Severity.NOTICE,
        field=field,
        expected=expected,
        found=found,
        fix=fix[0],
        fix_en=fix[1],
    )
