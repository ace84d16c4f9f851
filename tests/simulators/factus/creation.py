"""Create and validate, in Factus's order of checks: fields, blocked queue, reference, DIAN.

Source: pages `crear-y-validar` and `manejo-errores`; the answers to a repeated reference are reported by others or
inferred, see the package docstring.
"""

from collections.abc import Callable
from datetime import date
from threading import Event
from typing import Any

from tests.simulators.factus import answers, read_v1, read_v2
from tests.simulators.factus.catalogs import (
    ADJUSTMENT_NOTES,
    BILLS,
    CREDIT_NOTES,
    DEBIT_NOTES,
    SUPPORT_DOCUMENTS,
    Kind,
    check_digit,
)
from tests.simulators.factus.drafts import Draft
from tests.simulators.factus.ranges import NumberingRange
from tests.simulators.factus.shaping import message, rendered
from tests.simulators.factus.state import ACCEPTED, Document, Outcome, State, Verdict
from tests.simulators.factus.validation import Fields, parse_object
from tests.simulators.routing import Answer, Request

Reader = Callable[[Fields, State], Draft | None]

READERS: dict[tuple[str, Kind], Reader] = {
    ("v1", BILLS): read_v1.read_bill,
    ("v1", CREDIT_NOTES): read_v1.read_credit_note,
    ("v1", SUPPORT_DOCUMENTS): read_v1.read_support_document,
    ("v1", ADJUSTMENT_NOTES): read_v2.read_adjustment_note,
    ("v2", BILLS): read_v2.read_bill,
    ("v2", CREDIT_NOTES): read_v2.read_credit_note,
    ("v2", DEBIT_NOTES): read_v2.read_debit_note,
    ("v2", SUPPORT_DOCUMENTS): read_v2.read_support_document,
    ("v2", ADJUSTMENT_NOTES): read_v2.read_adjustment_note,
}


def create(
    state: State,
    kind: Kind,
    dialect: str,
    request: Request,
    *,
    scripted: Callable[[], Outcome | None],
    dian_seconds: float,
    stopping: Event,
) -> Answer:
    """One POST …/validate. `scripted` takes the verdict that a test ordered, only if a document is stored."""
    if request.media_type() == "application/json":
        body = parse_object(request.body)
        if body is None:
            return answers.bad_request("El cuerpo de la solicitud no es un JSON válido")
    else:
        body = {}
    with state.lock:
        fields = Fields(body)
        draft = READERS[dialect, kind](fields, state)
        if draft is None:
            return answers.field_errors(fields.errors)
        chosen = _range_of(draft, state)
        if isinstance(chosen, str):
            return answers.field_errors({"numbering_range_id": [chosen]})
        blocker = state.blocker(kind, draft.reference)
        if blocker is not None:
            return answers.blocked(kind, f"blocked by {blocker.reference} ({blocker.verdict})")
        existing = state.by_reference(kind, draft.reference)
        if existing is not None:
            return _again(state, existing, dialect, body)
        if chosen.is_exhausted:
            return answers.field_errors({"numbering_range_id": ["El rango de numeración está agotado."]})
        document = state.store(draft, body, dialect, chosen)
        outcome = scripted() or _objection(draft) or ACCEPTED
    stopping.wait(dian_seconds)
    state.settle(document, outcome)
    return _first_answer(state, document, dialect, outcome)


def _range_of(draft: Draft, state: State) -> NumberingRange | str:
    """The named range, or the only active one; else the message of the refusal."""
    type_code = draft.kind.range_types[0]
    if draft.kind is BILLS and draft.document_code == "03":
        type_code = "30"
    if draft.range_id is not None:
        chosen = state.ranges.get(draft.range_id)
        if chosen is None or chosen.type_code != type_code or not chosen.is_active:
            return "El campo rango de numeración seleccionado no es válido."
    else:
        active = state.active_ranges(type_code)
        if len(active) != 1:
            return "El campo rango de numeración es obligatorio."
        chosen = active[0]
    today: date = state.clock().date()
    return "El rango de numeración está vencido." if chosen.is_expired(today) else chosen


def _objection(draft: Draft) -> Outcome | None:
    """DIAN rejects a NIT with a wrong check digit, after Factus stored the document (FAK24, or the kind's own rule)."""
    party = draft.party
    if party.identity_code != "31" or (
        party.dv == (expected := check_digit(party.identification)) and expected
    ):
        return None
    rule = draft.kind.dv_rule
    text = answers.rule_text(rule, "No está informado el DV del NIT", "Rechazo")
    return Outcome(Verdict.REJECTED, ((rule, text),), as_422=True)


def _again(state: State, document: Document, dialect: str, body: dict[str, Any]) -> Answer:
    """A repeated reference: answers the document if validated; if pending and the body is identical, asks DIAN again."""
    if document.is_validated:
        return answers.ok(rendered(document, state, dialect), message(document), "already validated")
    if document.verdict is Verdict.REJECTED or body != document.request:
        return answers.blocked(document.kind, f"same reference, {document.verdict}")
    document.asks_left -= 1
    if document.asks_left <= 0:
        state.settle(document, document.then)
    return answers.ok(
        rendered(document, state, dialect), message(document), f"asked again: {document.verdict}"
    )


def _first_answer(state: State, document: Document, dialect: str, outcome: Outcome) -> Answer:
    note = f"{document.number} {document.verdict}"
    if outcome.as_422:
        return answers.rule_errors(dict(outcome.rules), f"{note}, stored and blocking")
    return answers.created(rendered(document, state, dialect), message(document), note)
