"""Whether a signed document is ours: the same number, other party, total and date, wherever UBL keeps them."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from cauce.domain.document import Kind
from cauce.domain.outcome import Identity
from cauce.providers.base import refs
from cauce.providers.identity import difference, of_refs, of_signed
from tests.content import CUFE
from tests.simulators.facturatech import signed
from tests.simulators.facturatech.account import Stored
from tests.unit.facturatech.builders import NIT, invoice, record

FIELDS = {
    "type": "01",
    "number": "SETP1",
    "issued": "2026-05-10",
    "time": "10:00:00-05:00",
    "issuer": NIT,
    "party": "71234567",
    "total": "119000.00",
}
OURS = Identity(
    number="SETP1",
    counterparty="71234567",
    payable=Decimal(119000),
    issued_on=date(2026, 5, 10),
    issuer=NIT,
    uuid=CUFE,
    issued_at="10:00:00-05:00",
)


def stored(**changes: str) -> Stored:
    return Stored("SETP", 1, "ab", {**FIELDS, **changes}, CUFE)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("01", Kind.INVOICE),
        ("91", Kind.CREDIT_NOTE),
        ("92", Kind.DEBIT_NOTE),
        ("05", Kind.SUPPORT_DOCUMENT),
        ("95", Kind.ADJUSTMENT_NOTE),
    ],
)
def test_a_signed_document_is_read_alone_and_inside_its_attached_document(code: str, kind: Kind):
    found = stored(type=code)

    assert of_signed(signed.attached(found), kind) == OURS
    assert of_signed(signed.document(found), kind) == OURS


@pytest.mark.parametrize(
    "raw",
    [b"", b"no", b"<Invoice", b"<ApplicationResponse/>", b"<AttachedDocument/>", b"<!DOCTYPE a><Invoice/>"],
)
def test_what_is_no_signed_document_is_none(raw: bytes):
    assert of_signed(raw, Kind.INVOICE) is None


@pytest.mark.parametrize(
    "place",
    ["PartyTaxScheme><b:CompanyID", "PartyLegalEntity><b:CompanyID", "PartyIdentification><b:ID"],
)
def test_the_other_party_is_found_wherever_dian_keeps_it(place: str):
    outer, inner = place.split("><b:")
    raw = (
        f'<Invoice xmlns:b="b" xmlns:a="a"><a:AccountingCustomerParty><a:Party><a:{outer}><b:{inner}>71234567'
        f"</b:{inner}></a:{outer}></a:Party></a:AccountingCustomerParty></Invoice>"
    )
    found = of_signed(raw.encode(), Kind.INVOICE)

    assert found is not None
    assert found.counterparty == "71234567"


def test_nothing_differs_from_itself_and_decimals_that_are_only_written_otherwise_do_not():
    assert difference(OURS, OURS) is None
    assert difference(OURS, replace(OURS, payable=Decimal("119000.00"))) is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"number": "SETP2"}, "el número es SETP2, no SETP1"),
        ({"counterparty": "1"}, "la otra parte"),
        ({"payable": Decimal(1)}, "el total"),
        ({"payable": None}, "el total"),
        ({"issued_on": date(2026, 5, 11)}, "la fecha"),
    ],
)
def test_the_first_difference_is_said(change: dict[str, object], said: str):
    assert said in (difference(OURS, replace(OURS, **change)) or "")


def test_the_date_is_bogotas_whatever_zone_the_record_was_stored_in():
    evening = datetime(2026, 5, 11, 2, 0, tzinfo=UTC)  # 21:00 the day before, in Bogotá

    assert of_refs(refs(record(invoice(), issued_at=evening))).issued_on == date(2026, 5, 10)
