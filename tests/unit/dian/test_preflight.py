"""What DIAN would say of a request is said before a number is spent, under the domain's path of the field."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from cauce.domain.document import (
    Address,
    AllowanceCharge,
    BillingReference,
    Delivery,
    DeliveryTerms,
    Document,
    ExchangeRate,
    Kind,
    Payment,
    Prepayment,
    Reason,
    ReferencePrice,
    Tax,
    Withholding,
)
from cauce.domain.errors import InvalidDocument
from cauce.domain.issuer import Environment, Issuer
from cauce.domain.outcome import Finding, Severity
from cauce.domain.ranges import NumberingRange
from cauce.ubl import preflight
from cauce.ubl.certificate import Certificate
from cauce.ubl.emitter import build_signed
from tests.unit.dian.builders import (
    BUYER,
    CUFE,
    DOCUMENTS,
    ISSUED_AT,
    ISSUER,
    ISSUER_PARTY,
    SELLER,
    TECHNICAL_KEY,
    a_document,
    a_line,
    a_range,
    numbered,
)
from tests.unit.dian.oracles import calls_of, parsed

INVOICE, CREDIT, DEBIT, SUPPORT, ADJUSTMENT = (
    Kind.INVOICE,
    Kind.CREDIT_NOTE,
    Kind.DEBIT_NOTE,
    Kind.SUPPORT_DOCUMENT,
    Kind.ADJUSTMENT_NOTE,
)
RANGE = a_range(INVOICE, "SETP").model_copy(update={"technical_key": TECHNICAL_KEY, "next": 990000001})
DISCOUNT = AllowanceCharge(is_charge=False, reason_code="00", reason="Cliente", amount=Decimal(1000))


def found(
    document: Document,
    issuer: Issuer = ISSUER,
    numbering_range: NumberingRange | None = RANGE,
    issued_at: datetime = ISSUED_AT,
    now: datetime = ISSUED_AT,
) -> list[Finding]:
    return preflight.findings(document, issuer, numbering_range, issued_at=issued_at, now=now)


@dataclass(frozen=True)
class Case:
    """What breaks one rule and, changed back, does not; what it differs in from the builders' is all it says."""

    code: str
    path: str
    kind: Kind = INVOICE
    breaks: dict[str, Any] = field(default_factory=dict)
    line: dict[str, Any] = field(default_factory=dict)
    party: dict[str, Any] = field(default_factory=dict)
    issuer: dict[str, Any] = field(default_factory=dict)
    enrolled: dict[str, Any] = field(default_factory=dict)
    """Of the issuer as a party."""
    range: dict[str, Any] = field(default_factory=dict)
    moved: timedelta = timedelta(0)
    """How much later than now it is issued."""
    rule: str = ""
    """Its code in this kind, where that is another."""
    sound: dict[str, Any] = field(default_factory=dict)
    """What of ``breaks`` stands in the sound document."""
    sound_line: dict[str, Any] = field(default_factory=dict)

    def findings(self, *, broken: bool) -> list[Finding]:
        facts = self.breaks if broken else self.sound
        lines = self.line if broken else self.sound_line
        document = a_document(self.kind, **{"lines": (a_line(), a_line(**lines)), **facts})
        if not broken:
            return found(document)
        other = document.counterparty.model_copy(update=self.party)
        party = ISSUER_PARTY.model_copy(update=self.enrolled)
        return found(
            document.model_copy(update={"counterparty": other}),
            ISSUER.model_copy(update={"party": party, **self.issuer}),
            RANGE.model_copy(update=self.range),
            ISSUED_AT + self.moved,
        )


def tax(**facts: Any) -> dict[str, Any]:
    return {"taxes": (Tax(**facts),)}


def dollars(**changes: Any) -> ExchangeRate:
    return ExchangeRate(**{"currency": "USD", "rate": Decimal(3100), "on": date(2026, 5, 10), **changes})


EXPORT = {"invoice_type": "02"}
NOMINAL = {"code": "22", "per_unit_amount": Decimal(60), "base_units": Decimal(3), "unit": "94"}

CASES = (
    # Time and range
    Case("FAD09c", "issue_date", moved=timedelta(days=-11)),
    Case("FAD09c", "issue_date", CREDIT, moved=timedelta(days=-11), rule="CAD09c"),
    Case("FAD09d", "issue_date", moved=timedelta(days=11)),
    Case("FAD09e", "issue_date", moved=timedelta(days=1)),
    Case("DC24", "issue_time", moved=timedelta(hours=1)),
    Case("CBG06", "billing_reference.issue_date", CREDIT, moved=timedelta(days=-10)),
    Case("CBG06", "billing_reference.issue_date", ADJUSTMENT, moved=timedelta(days=-10), rule="NSBG06"),
    Case("FAD09a", "issue_date", range={"valid_from": date(2026, 5, 11)}),
    Case("FAD09b", "issue_date", range={"valid_to": date(2026, 5, 9)}),
    Case("FAB07a", "prefix", range={"valid_from": None}),
    Case("FAB07b", "issue_date", SUPPORT, range={"valid_from": date(2026, 5, 11)}, rule="DSAB07b"),
    Case("FAB08a", "prefix", range={"valid_to": None}),
    Case("FAB08b", "issue_date", SUPPORT, range={"valid_to": date(2026, 5, 9)}, rule="DSAB08b"),
    Case("FAB05a", "prefix", range={"resolution": None}),
    Case("FAB05a", "prefix", issuer={"environment": Environment.PRODUCTION}),
    Case("FAB11a", "prefix", range={"start": 0}),
    Case("FAB12a", "prefix", range={"end": 1_000_000_000}),
    Case("FAD05a", "prefix", range={"prefix": "SE-TP"}),
    Case("FAD05b", "prefix", range={"next": 989999999}),
    Case("FAD05c", "prefix", range={"next": 995000001}),
    Case("FAD06", "prefix", range={"technical_key": None, "resolution": "18764000001"}),
    # Parties
    Case("FAJ02", "issuer.person_type", enrolled={"person_type": "3"}),
    Case("FAK02", "counterparty.person_type", party={"person_type": "3"}),
    Case("FAJ02", "counterparty.person_type", SUPPORT, party={"person_type": "3"}, rule="DSAJ02"),
    Case("FAK02", "issuer.person_type", SUPPORT, enrolled={"person_type": "3"}, rule="DSAK02"),
    Case("FAJ25", "issuer.identification_type", enrolled={"identification_type": "99"}),
    Case("FAK25", "counterparty.identification_type", party={"identification_type": "99"}),
    Case("FAJ24", "issuer.check_digit", issuer={"check_digit": "0"}),
    Case("FAK24", "counterparty.check_digit", party={"check_digit": "0"}),
    Case("FAJ26", "issuer.responsibilities", enrolled={"responsibilities": ("O-99",)}),
    Case("FAK26", "counterparty.responsibilities", party={"responsibilities": ("O-13", "O-99")}),
    Case("FAJ40", "issuer.tax_scheme", enrolled={"tax_scheme": "24"}),
    Case("FAK40", "counterparty.tax_scheme", party={"tax_scheme": "24"}),
    Case("FAJ73", "issuer.postal_code", enrolled={"postal_code": "000000"}),
    Case("FAK73", "counterparty.postal_code", party={"postal_code": "999999"}),
    Case(
        "FAK73",
        "counterparty.fiscal_address.postal_code",
        party={"fiscal_address": Address(address="A", municipality="11001", postal_code="999999")},
    ),
    Case(
        "FAJ73",
        "delivery.address.postal_code",
        breaks={
            "delivery": Delivery(address=Address(address="A", municipality="11001", postal_code="999999"))
        },
    ),
    Case("FAJ16", "issuer.country", enrolled={"country": "US"}),
    Case("FAJ09", "issuer.municipality", enrolled={"municipality": "11999"}),
    Case("FAJ71", "issuer.email", enrolled={"email": None}),
    # What it is, what it corrects, how it is paid
    Case("FAD12", "invoice_type", breaks={"invoice_type": "05"}),
    Case("FAD02", "operation", breaks={"operation": "20"}, sound={"operation": "10"}),
    Case("FAD02", "operation", DEBIT, breaks={"operation": "20"}, rule="DAD02"),
    Case("FBG01", "paper_invoice", breaks={"invoice_type": "03"}),
    Case("FAN02", "payment.form", breaks={"payment": Payment(form="3")}),
    Case("FAN03", "payment.means", breaks={"payment": Payment(means="00")}),
    Case("FAN04", "payment.due_date", breaks={"payment": Payment(form="2")}),
    Case("FBC04", "delivery_terms.incoterm", breaks={"delivery_terms": DeliveryTerms(incoterm="XXX")}),
    Case("CBF01", "reason", CREDIT, breaks={"reason": None}),
    Case("CBF01", "reason", DEBIT, breaks={"reason": None}, rule="DBF01"),
    Case("CAE03", "reason.code", CREDIT, breaks={"reason": Reason(code="7", text="Otros")}),
    Case("CAE03", "reason.code", DEBIT, breaks={"reason": Reason(code="5", text="Otros")}, rule="DAE03"),
    Case(
        "CAD02a",
        "billing_reference",
        CREDIT,
        breaks={"reason": Reason(code="2", text="Anulación"), "billing_reference": None},
        sound={"reason": Reason(code="2", text="Anulación")},
    ),
    Case("CBG03", "billing_reference", CREDIT, breaks={"operation": "20", "billing_reference": None}),
    Case(
        "CBG03",
        "billing_reference",
        ADJUSTMENT,
        breaks={"billing_reference": BillingReference(number=" ", uuid=CUFE, issue_date=date(2026, 5, 1))},
        rule="NSBG03",
    ),
    Case("FAD15a", "currency", breaks={"currency": "XYZ"}),
    Case("FAR06", "exchange_rate", breaks={"currency": "USD"}),
    Case("FAR02", "exchange_rate.currency", breaks={"currency": "EUR", "exchange_rate": dollars()}),
    Case(
        "FAQ04",
        "allowance_charges.0.reason_code",
        breaks={"allowance_charges": (DISCOUNT.model_copy(update={"reason_code": "02"}),)},
        sound={"allowance_charges": (DISCOUNT,)},
    ),
    Case(
        "FAQ04",
        "allowance_charges.2.reason_code",
        breaks={
            "allowance_charges": (
                DISCOUNT.model_copy(update={"is_charge": True, "reason_code": "02"}),
                DISCOUNT,
                DISCOUNT.model_copy(update={"is_charge": True, "reason_code": "01"}),
            )
        },
    ),
    Case(
        "FAQ06",
        "allowance_charges.0.amount",
        breaks={
            "allowance_charges": (
                DISCOUNT.model_copy(
                    update={"is_charge": True, "reason_code": "02", "amount": Decimal("200000.01")}
                ),
            )
        },
    ),
    Case(
        "FAQ06",
        "allowance_charges.0.amount",
        breaks={"allowance_charges": (DISCOUNT.model_copy(update={"base_amount": Decimal(0)}),)},
    ),
    Case(
        "FAQ09",
        "allowance_charges.0.amount",
        breaks={"allowance_charges": (DISCOUNT.model_copy(update={"amount": Decimal("200000.01")}),)},
        sound={"allowance_charges": (DISCOUNT.model_copy(update={"amount": Decimal(200000)}),)},
    ),
    Case(
        "FAQ09",
        "lines.1.allowance_charges.0.amount",
        line={"allowance_charges": (DISCOUNT.model_copy(update={"base_amount": Decimal(999)}),)},
        sound_line={"allowance_charges": (DISCOUNT,)},
    ),
    Case(
        "FBD03",
        "prepayments.0.amount",
        breaks={"prepayments": (Prepayment(amount=Decimal(200000), received_date=date(2026, 5, 1)),)},
        sound={"prepayments": (Prepayment(amount=Decimal(199999), received_date=date(2026, 5, 1)),)},
    ),
    # Lines
    Case("FAV01", "lines", breaks={"lines": ()}),
    Case("FAV05", "lines.1.unit", line={"unit": "XXXX"}),
    Case("FAZ02", "lines.1.description", line={"description": " "}),
    Case("FAZ09", "lines.1.code", line={"code": " "}),
    Case(
        "FAZ10",
        "lines.1.code",
        line={"standard": "001"},
        sound_line={"standard": "001", "code": "43211503"},
    ),
    Case("FAZ12", "lines.1.standard", line={"standard": "002"}),
    Case("FAZ04", "lines.1.brand", breaks=EXPORT),
    Case("FAZ05", "lines.1.model", breaks=EXPORT),
    Case(
        "FAW05",
        "lines.1.reference_price.type",
        line={"price": Decimal(0), "reference_price": ReferencePrice(amount=Decimal(1), type="04")},
        sound_line={"price": Decimal(0), "reference_price": ReferencePrice(amount=Decimal(1))},
    ),
    Case(
        "FAW05",
        "lines.1.reference_price.amount",
        line={"price": Decimal(0), "reference_price": ReferencePrice(amount=Decimal(0))},
    ),
    Case("FAV03", "lines.0.aiu_contract", breaks={"operation": "09"}),
    Case(
        "FAV03",
        "lines.1.aiu_contract",
        line={"aiu_contract": "x" * 5000},
        sound_line={"aiu_contract": "aseo"},
    ),
    Case("FAS16", "lines.1.taxes.0.code", line=tax(code="99", percent=Decimal(1))),
    Case("FAX14", "lines.1.taxes.0.percent", line=tax(code="01", percent=Decimal(10))),
    Case(
        "FAX14",
        "lines.1.taxes.0.percent",
        CREDIT,
        line=tax(code="04", percent=Decimal(19)),
        sound_line=tax(code="04", percent=Decimal("8.0")),
        rule="CAX14",
    ),
    Case("FAX09", "lines.1.taxes.0.unit", line=tax(**{**NOMINAL, "unit": None}), sound_line=tax(**NOMINAL)),
    Case(
        "FAY10",
        "lines.1.withholdings.0.percent",
        line={"withholdings": (Withholding(code="05", percent=Decimal(16)),)},
        sound_line={"withholdings": (Withholding(code="05", percent=Decimal(15)),)},
    ),
    Case("DSAX14", "lines.1.taxes.0.percent", SUPPORT, line=tax(code="01", percent=Decimal(10))),
    Case(
        "DSAT10",
        "lines.1.withholdings.0.percent",
        SUPPORT,
        line={"withholdings": (Withholding(code="06", percent=Decimal(5)),)},
        sound_line={"withholdings": (Withholding(code="06", percent=Decimal("3.5")),)},
    ),
    Case("DSAY13", "lines.1.taxes.0.code", SUPPORT, line=tax(code="04", percent=Decimal(8))),
    Case(
        "DSAY13",
        "lines.1.withholdings.0.code",
        SUPPORT,
        line={"withholdings": (Withholding(code="07", percent=Decimal(1)),)},
    ),
    Case("VLR01", "lines.1.discount_amount", line={"discount_amount": Decimal("100000.01")}),
    Case(
        "VLR01",
        "totals.allowance",
        breaks={"allowance_charges": (DISCOUNT.model_copy(update={"amount": Decimal("238000.01")}),)},
        sound={"allowance_charges": (DISCOUNT.model_copy(update={"amount": Decimal(238000)}),)},
    ),
    Case(
        "FAS07",
        "lines",
        # 19 % of 0.55 is 0.1045: each of 500 lines loses 0.0045.
        breaks={"lines": (a_line(quantity=Decimal(1), price=Decimal("0.55")),) * 500},
        sound={"lines": (a_line(quantity=Decimal(1), price=Decimal("0.55")),) * 400},
    ),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule or case.code} {case.path}")
def test_what_breaks_a_rule_is_found_under_its_field(case: Case):
    hits = [each for each in case.findings(broken=True) if each.field == case.path]

    assert (case.rule or case.code) in {each.rule for each in hits}
    assert all(each.expected and each.found and each.expected != each.found for each in hits)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule or case.code} {case.path}")
def test_what_keeps_the_rule_is_not(case: Case):
    hits = case.findings(broken=False)

    assert (case.rule or case.code, case.path) not in {(each.rule, each.field) for each in hits}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_nothing_valid_has_findings(name: str):
    document = DOCUMENTS[name]

    assert found(document) == []
    assert found(document, numbering_range=None) == []


def test_notices_block_nothing_and_rejections_are_all_named():
    hits = found(
        a_document(
            invoice_type="02",
            payment=Payment(form="2", means="00"),
            lines=(a_line(unit="XXXX"), a_line(description="")),
        )
    )
    with pytest.raises(InvalidDocument) as raised:
        preflight.refuse(hits)

    assert set(raised.value.fields) == {
        "payment.means",
        "payment.due_date",
        "lines.0.unit",
        "lines.1.description",
    }
    assert "FAN04" in raised.value.fields["payment.due_date"][0]
    assert raised.value.findings == tuple(hits)
    notices = [each for each in hits if each.severity is Severity.NOTICE]
    assert {each.rule for each in notices} == {"FAZ04", "FAZ05"}
    preflight.refuse(notices)


# An event's rules are looked at with the invoice in hand.
ON_EVENTS = {"LGC62"}


def test_an_event_on_a_cash_invoice_is_found_and_on_one_on_credit_is_not(certificate: Certificate):
    credit = a_document(payment=Payment(form="2", means="1", due_date=date(2026, 6, 9)))
    for document, rules in ((a_document(), ["LGC62"]), (credit, [])):
        invoice = parsed(build_signed(numbered(document), certificate).xml)

        hits = preflight.event_findings(invoice)
        assert [each.rule for each in hits] == rules
        assert all(each.field == "invoice_uuid" for each in hits)


def test_both_sums_are_told():
    case = next(case for case in CASES if case.code == "FAS07")

    (hit,) = case.findings(broken=True)
    assert (hit.expected, hit.found) == ("275.00 × 19 = 52.25", "50.00")


def test_without_a_range_nothing_is_said_of_one():
    assert {each.field for each in found(a_document(), numbering_range=None)} == set()
    assert {
        each.field
        for each in found(a_document(), numbering_range=RANGE.model_copy(update={"resolution": None}))
    } == {"prefix"}


def test_notes_have_no_authorised_range():
    internal = NumberingRange(provider="dian", kind=CREDIT, prefix="NC", start=1, end=999_999_999, next=1)

    assert found(a_document(CREDIT), numbering_range=internal) == []


def test_an_invoice_from_paper_needs_no_technical_key():
    unkeyed = RANGE.model_copy(update={"technical_key": None, "resolution": "18764000001"})

    assert found(DOCUMENTS["contingency from paper"], numbering_range=unkeyed) == []
    assert [each.rule for each in found(a_document(), numbering_range=unkeyed)] == ["FAD06"]


def test_a_few_seconds_between_two_clocks_are_nothing():
    assert found(a_document(), issued_at=ISSUED_AT + timedelta(seconds=30)) == []


def test_a_future_time_of_today_is_a_notice_only():
    (hit,) = found(a_document(), issued_at=ISSUED_AT + timedelta(hours=2))

    assert (hit.rule, hit.severity) == ("DC24", Severity.NOTICE)


def test_an_issuer_s_own_check_digit_is_the_one_that_counts():
    enrolled = ISSUER_PARTY.model_copy(update={"identification": "1", "check_digit": "0"})

    assert found(a_document(), ISSUER.model_copy(update={"party": enrolled})) == []


def test_who_sells_abroad_may_have_any_postal_code():
    abroad = BUYER.model_copy(
        update={"country": "US", "postal_code": "33101", "municipality": None, "city": "Miami"}
    )

    assert found(a_document(counterparty=abroad)) == []
    assert found(a_document(SUPPORT, counterparty=SELLER.model_copy(update={"postal_code": "680001"}))) == []


def test_a_document_s_findings_cost_as_many_calls_as_it_has_lines_and_no_rule_is_read_again():
    few, many = (a_document(lines=(a_line(),) * lines) for lines in (10, 100))
    found(few)

    assert calls_of(lambda: found(many)) <= 10 * calls_of(lambda: found(few.model_copy()))
