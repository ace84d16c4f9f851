"""Days that cannot be are refused; a period that is only odd is a finding."""

from datetime import date
from decimal import Decimal as D

import pytest

from cauce import law
from cauce.domain.document import (
    BillingPeriod,
    ExchangeRate,
    Kind,
    PaperInvoice,
    Payment,
    Prepayment,
    Purchase,
)
from cauce.domain.errors import InvalidDocument
from tests.unit.factus.builders import invoice, line, note, support_document

TODAY = date(2026, 11, 28)
TOMORROW = date(2026, 11, 29)


def free_note(start: date, end: date, kind: Kind = Kind.CREDIT_NOTE, **changes):
    return note(kind, billing_reference=None, period=BillingPeriod(start=start, end=end), **changes)


def refused(check, *arguments) -> list[str]:
    with pytest.raises(InvalidDocument) as refusal:
        check(*arguments)
    return list(refusal.value.fields)


@pytest.mark.parametrize("kind", [Kind.CREDIT_NOTE, Kind.DEBIT_NOTE])
def test_a_note_without_reference_on_two_calendar_months_is_refused(kind: Kind):
    two_months = free_note(date(2026, 9, 30), date(2026, 10, 1), kind)
    same_month_of_two_years = free_note(date(2025, 10, 1), date(2026, 10, 31), kind)

    assert refused(law.check, two_months) == ["period"]
    assert refused(law.check, same_month_of_two_years) == ["period"]
    law.check(free_note(date(2026, 10, 1), date(2026, 10, 31), kind))


def test_a_period_that_ends_before_it_begins_is_refused():
    assert refused(law.check, free_note(date(2026, 10, 31), date(2026, 10, 1))) == ["period.end"]


def test_a_period_that_ends_after_today_is_refused_and_one_that_ends_today_is_not():
    first = date(2026, 11, 1)

    assert refused(law.check_today, free_note(first, TOMORROW), TODAY) == ["period.end"]
    law.check_today(free_note(first, TODAY), TODAY)


def test_a_period_of_another_month_than_the_notes_is_only_a_finding():
    last_month = free_note(date(2026, 10, 1), date(2026, 10, 31))

    law.check(last_month)
    law.check_today(last_month, TODAY)

    assert [each.field for each in law.findings(last_month, TODAY)] == ["period"]
    assert law.findings(last_month, date(2026, 10, 31)) == ()


def test_the_period_of_a_document_that_is_no_such_note_is_its_own():
    months = BillingPeriod(start=date(2026, 9, 1), end=date(2026, 12, 31))
    for document in (invoice(period=months), note(period=months)):
        law.check(document)
        law.check_today(document, TODAY)
        assert law.findings(document, TODAY) == ()


def due(day: date, **changes):
    return invoice(payment=Payment(form="2", due_date=day), **changes)


def test_a_due_date_before_today_is_refused_and_one_of_today_is_not():
    assert refused(law.check_today, due(date(2026, 11, 27)), TODAY) == ["payment.due_date"]
    law.check_today(due(TODAY), TODAY)


@pytest.mark.parametrize("kind", [Kind.CREDIT_NOTE, Kind.ADJUSTMENT_NOTE])
def test_a_note_that_lowers_a_debt_may_repeat_the_terms_of_an_overdue_document(kind: Kind):
    overdue = Payment(form="2", due_date=date(2026, 10, 1))

    law.check_today(note(kind=kind, payment=overdue), TODAY)

    raises = note(kind=Kind.DEBIT_NOTE, payment=overdue)
    assert refused(law.check_today, raises, TODAY) == ["payment.due_date"]


def test_an_invoice_dated_some_days_back_is_not_issued_overdue_either():
    three_days_ago = {"issue_date": date(2026, 11, 25)}

    assert refused(law.check_today, due(date(2026, 11, 27), **three_days_ago), TODAY) == ["payment.due_date"]
    law.check_today(due(TODAY, **three_days_ago), TODAY)


def test_an_invoice_dated_tomorrow_falls_due_tomorrow_at_the_earliest():
    assert refused(law.check_today, due(TODAY, issue_date=TOMORROW), TODAY) == ["payment.due_date"]
    law.check_today(due(TOMORROW, issue_date=TOMORROW), TODAY)


def test_a_transcription_has_the_due_date_of_its_paper_invoice():
    paper = {"invoice_type": "03", "paper_invoice": PaperInvoice(number="77", issue_date=date(2026, 11, 20))}

    law.check_today(due(date(2026, 11, 20), **paper), TODAY)
    assert refused(law.check_today, due(date(2026, 11, 19), **paper), TODAY) == ["payment.due_date"]


@pytest.mark.parametrize(
    "document, field",
    [
        (invoice(exchange_rate=ExchangeRate(currency="USD", rate=D(4000), on=TOMORROW)), "exchange_rate.on"),
        (
            invoice(prepayments=(Prepayment(amount=D(1), received_date=TOMORROW),)),
            "prepayments.0.received_date",
        ),
        (support_document(lines=(line(), line(purchase=Purchase(on=TOMORROW)))), "lines.1.purchase.on"),
    ],
)
def test_what_has_happened_is_not_dated_tomorrow(document, field: str):
    assert refused(law.check_today, document, TODAY) == [field]
    law.check_today(document, TOMORROW)
