"""How preflight reaches who asks: the adapter refuses with every field, previews the rest, and asks nobody."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from cauce.contracts.v1 import render, web
from cauce.domain.document import Document, Kind, Payment
from cauce.domain.errors import InvalidDocument
from cauce.domain.outcome import Finding, Number
from cauce.domain.ranges import NumberingRange
from cauce.domain.time import bogota
from cauce.domain.totals import totals
from cauce.providers.base import Preview
from cauce.providers.dian.provider import Dian
from cauce.ubl import own_ranges
from tests.unit.contracts.examples import BASE_URL
from tests.unit.dian.builders import DOCUMENTS, a_document, a_line
from tests.unit.dian.talking import connected, record

NOBODY = "http://127.0.0.1:9"
NOW = datetime(2026, 5, 10, 20, 30, 5, tzinfo=UTC)
RANGE = own_ranges.TEST_RANGE.model_copy(update={"next": 990_000_017})
WRONG = a_document(
    invoice_type="02", payment=Payment(form="2", means="00"), lines=(a_line(), a_line(unit="XXXX"))
)


@pytest.fixture
def provider() -> Dian:
    """With nobody at the other end, and a clock that stands still."""
    made = connected(NOBODY)
    return Dian(replace(made.connection, clock=NOW.timestamp))


def test_a_document_that_dian_would_reject_is_refused_with_every_field_and_rule(provider: Dian):
    with pytest.raises(InvalidDocument) as raised:
        provider.check(WRONG)

    assert set(raised.value.fields) == {"payment.means", "payment.due_date", "lines.1.unit"}
    assert [each.rule for each in raised.value.findings if each.is_rejection] == ["FAN03", "FAN04", "FAV05"]


def test_what_dian_would_only_notify_is_let_pass(provider: Dian):
    notified = a_document(invoice_type="02", counterparty=DOCUMENTS["export"].counterparty)

    provider.check(notified)
    assert {each.rule for each in provider.findings(notified, RANGE, NOW)} == {"FAZ04", "FAZ05"}


def test_the_range_is_looked_at_before_a_number_is_taken_from_it(provider: Dian):
    provider.check_range(a_document(), RANGE)

    unkeyed = RANGE.model_copy(update={"technical_key": None, "resolution": "18764000001"})
    late = RANGE.model_copy(update={"valid_from": date(2026, 5, 11)})
    for numbering_range, fields in ((unkeyed, {"prefix"}), (late, {"issue_date"})):
        with pytest.raises(InvalidDocument) as raised:
            provider.check_range(a_document(), numbering_range)
        assert set(raised.value.fields) == fields


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_code_that_is_foreseen_is_the_one_it_then_has(name: str, provider: Dian):
    document = DOCUMENTS[name]
    kept = record(document, issued_at=bogota(NOW))
    assert kept.range is not None and kept.number is not None
    numbering_range = kept.range.model_copy(update={"next": kept.number.consecutive})

    preview = provider.preview(document, numbering_range, NOW)

    sent = provider.prepare(kept)
    assert preview == Preview(number=kept.number, uuid=sent.uuid)


def test_without_a_next_number_none_is_foreseen(provider: Dian):
    assert provider.preview(a_document(), None, NOW) == Preview()
    assert provider.preview(a_document(), own_ranges.TEST_RANGE, NOW) == Preview()


def test_the_date_that_is_foreseen_is_that_of_the_signature_and_another_only_where_it_is_allowed(
    provider: Dian,
):
    dated = a_document(issue_date=date(2026, 5, 9))
    allowing = connected(NOBODY, other_dates="allow")
    of_today = provider.preview(a_document(), RANGE, NOW).uuid

    assert provider.preview(dated, RANGE, NOW).uuid == of_today
    assert allowing.preview(dated, RANGE, NOW).uuid != of_today
    assert provider.findings(dated, RANGE, NOW) == provider.findings(a_document(), RANGE, NOW)
    assert "FAD09e" in {each.rule for each in allowing.findings(dated, RANGE, NOW)}


def test_an_error_of_http_has_the_fields_and_the_findings(provider: Dian):
    with pytest.raises(InvalidDocument) as raised:
        provider.check(WRONG)
    status, _, body = web.problem(raised.value, "/v1/documentos", "r-1", BASE_URL)
    answer = json.loads(body)

    assert (status, answer["codigo"]) == (422, "datos_invalidos")
    assert set(answer["errors"]) == {"pago.medio", "pago.vencimiento", "lineas.1.unidad"}
    assert answer["errors"]["pago.vencimiento"] == [
        "Indique la fecha de vencimiento del pago a crédito. (FAN04: se esperaba una fecha; se encontró nada.)"
    ]
    assert {
        "regla": "FAN04",
        "severidad": "Rechazo",
        "campo": "pago.vencimiento",
        "esperado": "una fecha",
        "encontrado": "nada",
        "arreglo": "Indique la fecha de vencimiento del pago a crédito.",
        "fix_en": "State when the credit is due.",
        "origen": "cauce",
    } in answer["hallazgos"]
    assert "Notificación" in {each["severidad"] for each in answer["hallazgos"]}


def test_a_validation_shows_notices_number_and_code(provider: Dian):
    document = a_document(invoice_type="02", counterparty=DOCUMENTS["export"].counterparty)
    preview = provider.preview(document, RANGE, NOW)

    data = _validated(document, preview, provider.findings(document, RANGE, NOW))
    assert data["numero_completo"] == "SETP990000017" == str(Number(prefix="SETP", consecutive=990_000_017))
    assert len(data["cufe"]) == 96
    assert [each["regla"] for each in data["hallazgos"]] == ["FAZ04", "FAZ05"]


def test_a_note_is_numbered_in_a_range_of_our_own(provider: Dian):
    own = next(each for each in own_ranges.internal({}) if each.kind is Kind.CREDIT_NOTE)
    first: NumberingRange = own.model_copy(update={"next": 1})

    preview = provider.preview(DOCUMENTS["credit note"], first, NOW)
    assert str(preview.number) == "NC1" and preview.uuid


def _validated(document: Document, preview: Preview, findings: tuple[Finding, ...]) -> dict[str, object]:
    answer = render.validation(
        document,
        totals(document),
        number=str(preview.number) if preview.number else None,
        uuid=preview.uuid,
        findings=findings,
    )
    data: dict[str, object] = json.loads(render.dump(answer))["data"]
    return data
