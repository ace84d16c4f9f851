"""The XML_SIMPLIFICADO: which blocks, in which order, with which fields, and nothing rounded or bent."""

from collections.abc import Iterator
from datetime import UTC, timedelta
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest

from cauce.domain.document import Document, Kind, Payment, Purchase, Tax, Withholding
from cauce.domain.errors import InvalidDocument
from cauce.domain.issuer import Environment
from cauce.domain.outcome import Identity, Number
from cauce.domain.record import Record
from cauce.providers.facturatech import payload
from cauce.providers.facturatech.sheet import block, exact, written
from tests.content import CUFE
from tests.unit.facturatech.builders import (
    NIT,
    NOW,
    RANGES,
    facturatech,
    invoice,
    issuer,
    issuer_party,
    line,
    note,
    numbering_range,
    of_kind,
    party,
    record,
    seller,
    support_document,
)

D = Decimal


def sheet(document: Document, provider: Any = None, **changes: Any) -> Element:
    body = (provider or facturatech()).prepare(record(document, **changes)).body
    return ElementTree.fromstring(body)  # noqa: S314


def fields(root: Element, path: str) -> dict[str, str]:
    """The fields of a block, by number."""
    found = root.find(path)
    assert found is not None, path
    return {each.tag.partition("_")[2]: each.text or "" for each in found if "_" in each.tag}


def order(element: Element) -> list[str]:
    """The names of the blocks inside, a repeated one once."""
    names = [each.tag for each in element if "_" not in each.tag]
    return list(dict.fromkeys(names))


# Blocks and their order --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "root", "blocks"),
    [
        (Kind.INVOICE, "FACTURA", "ENC EMI ADQ TOT TIM DRF MEP ITE"),
        (Kind.CREDIT_NOTE, "NOTA", "ENC EMI ADQ TOT TIM DRF REF MEP CDN ITE"),
        (Kind.DEBIT_NOTE, "NOTA", "ENC EMI ADQ TOT TIM DRF REF MEP CDN ITE"),
        (Kind.SUPPORT_DOCUMENT, "DOCUMENTO_SOPORTE", "ENC PRO ADQ TOT TIM DRF MEP ITE"),
        (Kind.ADJUSTMENT_NOTE, "DOCUMENTO_SOPORTE", "ENC PRO ADQ TOT TIM DRF CDN REF MEP ITE"),
    ],
    ids=lambda value: value.value if isinstance(value, Kind) else "",
)
def test_the_order_of_blocks(kind: Kind, root: str, blocks: str):
    document = sheet(of_kind(kind))

    assert (document.tag, order(document)) == (root, blocks.split())


@pytest.mark.parametrize("kind", RANGES, ids=lambda kind: kind.value)
@pytest.mark.parametrize("days", [-30, -1, 1])
def test_another_day_of_issue_that_is_asked_for_goes(kind: Kind, days: int):
    asked = of_kind(kind).model_copy(update={"issue_date": (NOW + timedelta(days=days)).date()})

    facturatech().check(asked)
    facturatech().check_today(asked, NOW)

    header = fields(sheet(asked, issued_at=asked.issued_at(NOW)), "ENC")
    assert header["7"] == str(asked.issue_date)


def test_the_order_of_inner_blocks():
    document = sheet(
        invoice(lines=(line(discount_percent=D(10), withholdings=(Withholding(code="06", percent=D(4)),)),))
    )
    support = sheet(support_document(lines=(line(discount_percent=D(10)),)))

    assert order(document.find("EMI")) == ["TAC", "DFE", "ICC", "CDE", "GTE"]
    assert order(document.find("ADQ")) == ["TCR", "ILA", "CDA", "GTA"]
    assert order(document.find("ITE")) == ["IAE", "IDE", "TII"]
    assert order(document.find("ITE/TII")) == ["IIM"]
    assert order(support.find("PRO")) == ["TAC", "GTE"]
    assert order(support.find("ADQ")) == ["TCR", "GTA"]
    assert order(support.find("ITE")) == ["IAE", "IBS", "IDE", "TII"]


# Header ------------------------------------------------------------------------------------------


def test_enc_of_an_invoice():
    payment = Payment.model_validate({"form": "2", "due_date": "2026-06-10"})

    assert fields(sheet(invoice(payment=payment)), "ENC") == {
        "1": "INVOIC",
        "2": NIT,
        "3": "71234567",
        "4": "UBL 2.1",
        "5": "DIAN 2.1",
        "6": "SETP990000001",
        "7": "2026-05-10",
        "8": "15:30:12-05:00",
        "9": "01",
        "10": "COP",
        "15": "1",
        "16": "2026-06-10",
        "20": "1",
        "21": "10",
    }


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (invoice(), ("INVOIC", "01", "10")),
        (note(Kind.CREDIT_NOTE), ("NC", "91", "20")),
        (note(Kind.CREDIT_NOTE, reason={"code": "3", "text": "x"}), ("NC", "91", "22")),
        (note(Kind.DEBIT_NOTE, reason={"code": "1", "text": "x"}), ("ND", "92", "30")),
        (support_document(), ("DS", "05", "10")),
        (support_document(counterparty=seller(country="US")), ("DS", "05", "11")),
        (note(Kind.ADJUSTMENT_NOTE), ("NC", "95", "10")),
    ],
    ids=["invoice", "annulment", "other credit", "debit", "resident", "abroad", "adjustment"],
)
def test_quirk_9_enc_1_enc_9_and_enc_21_of_each_kind(document: Document, expected: tuple[str, str, str]):
    header = fields(sheet(document), "ENC")

    assert (header["1"], header["9"], header["21"]) == expected


def test_quirk_28_by_reference_every_credit_note_is_20():
    provider = facturatech(credit_operation="by_reference")

    assert fields(sheet(note(reason={"code": "3", "text": "x"}), provider), "ENC")["21"] == "20"


def test_the_environment_is_the_issuers_unless_set():
    assert fields(sheet(invoice(), facturatech(environment=Environment.TEST)), "ENC")["20"] == "2"
    assert (
        fields(sheet(invoice(), facturatech(environment=Environment.TEST, ambiente="1")), "ENC")["20"] == "1"
    )


def test_quirk_26_in_a_support_document_the_roles_turn_round():
    document = sheet(support_document())

    assert fields(document, "ENC")["2"] == NIT
    assert "3" not in fields(document, "ENC")
    assert (fields(document, "PRO")["2"], fields(document, "PRO")["22"]) == ("79123456", "0")
    assert fields(document, "ADQ") == {
        "1": "1",
        "2": NIT,
        "3": "31",
        "6": "Comercial del Cauce S.A.S.",
        "22": "8",
    }


# Parties -----------------------------------------------------------------------------------------


def test_emi_has_the_issuers_own_facts():
    root = sheet(invoice())

    assert fields(root, "EMI") == {
        "1": "1",
        "2": NIT,
        "3": "31",
        "6": "Comercial del Cauce S.A.S.",
        "7": "Comercial del Cauce S.A.S.",
        "10": "Carrera 7 # 71-21",
        "11": "11",
        "13": "Bogotá, D.C.",
        "14": "110231",
        "15": "CO",
        "19": "Bogotá",
        "21": "Colombia",
        "22": "8",
        "23": "11001",
        "24": "Comercial del Cauce S.A.S.",
    }
    assert fields(root, "EMI/TAC") == {"1": "O-47"}
    assert fields(root, "EMI/GTE") == {"1": "01", "2": "IVA"}
    assert fields(root, "EMI/ICC") == {"1": "0", "9": "SETP"}
    assert fields(root, "EMI/CDE")["4"] == "facturas@cauce.example"
    assert [*fields(root, "EMI/DFE")] == [str(number) for number in range(1, 9)]


def test_the_trade_registration_goes_in_icc_1():
    by = issuer(party=issuer_party(commercial_registration="123456-16"))

    assert fields(sheet(invoice(), facturatech(by=by)), "EMI/ICC")["1"] == "123456-16"


def test_adq_10_brings_all_of_its_address():
    buyer = fields(sheet(invoice()), "ADQ")

    assert {"10", "11", "13", "14", "15", "19", "21", "23"} <= set(buyer)
    assert (buyer["11"], buyer["13"], buyer["19"], buyer["23"]) == ("05", "Medellín", "Antioquia", "05001")


def test_a_buyer_without_address_has_none_of_it():
    buyer = party(address=None, municipality=None, postal_code=None)

    assert set(fields(sheet(invoice(counterparty=buyer)), "ADQ")) == {"1", "2", "3", "6", "7"}


def test_an_address_without_postal_code_takes_the_settings():
    document = invoice(counterparty=party(postal_code=None))

    assert fields(sheet(document), "ADQ")["14"] == "000000"
    assert fields(sheet(document, facturatech(postal_code="050022")), "ADQ")["14"] == "050022"


def test_the_check_digit_goes_with_a_nit_and_with_nothing_else():
    company = party(identification_type="31", identification="800197268", person_type="1")

    assert fields(sheet(invoice(counterparty=company)), "ADQ")["22"] == "4"
    assert "22" not in fields(sheet(invoice()), "ADQ")


def test_several_responsibilities_are_joined_as_dian_does_where_so_set():
    provider = facturatech(responsibilities="joined")
    document = invoice(counterparty=party(responsibilities=("O-13", "O-15")))

    assert fields(sheet(document, provider), "ADQ/TCR") == {"1": "O-13;O-15"}


# Range, references, payment ------------------------------------------------------------------------


def test_drf_is_the_range_to_the_day():
    assert fields(sheet(invoice()), "DRF") == {
        "1": "18760000001",
        "2": "2019-01-19",
        "3": "2030-01-19",
        "4": "SETP",
        "5": "990000000",
        "6": "995000000",
    }


def test_drf_of_a_note_has_no_resolution():
    assert fields(sheet(note()), "DRF") == {"4": "NC", "5": "1", "6": "5000000"}


def test_quirk_29_where_the_concept_of_a_note_goes():
    assert fields(sheet(note()), "CDN") == {"1": "2", "2": "Anulación"}

    adjustment = sheet(note(Kind.ADJUSTMENT_NOTE))
    assert fields(adjustment, "CDN") == {"1": "1", "2": "2"}
    assert fields(adjustment, "CDN/DCN") == {"1": "Anulación"}


@pytest.mark.parametrize(
    ("kind", "scheme"),
    [
        (Kind.CREDIT_NOTE, "CUFE-SHA384"),
        (Kind.DEBIT_NOTE, "CUFE-SHA384"),
        (Kind.ADJUSTMENT_NOTE, "CUDS-SHA384"),
    ],
)
def test_ref_names_the_scheme_of_what_it_corrects(kind: Kind, scheme: str):
    assert fields(sheet(note(kind)), "REF") == {
        "1": "IV",
        "2": "SETP990000302",
        "3": "2026-05-01",
        "4": CUFE,
        "5": scheme,
    }


def test_mep_has_a_date_on_credit_only():
    credit = Payment.model_validate({"form": "2", "means": "47", "due_date": "2026-06-10"})
    cash = Payment.model_validate({"form": "1", "means": "ZZZ", "due_date": "2026-06-10"})

    assert fields(sheet(invoice(payment=credit)), "MEP") == {"1": "47", "2": "2", "3": "2026-06-10"}
    assert fields(sheet(invoice(payment=cash)), "MEP") == {"1": "ZZZ", "2": "1"}


# Lines and totals --------------------------------------------------------------------------------


def test_a_line_with_discount_tax_and_withholding():
    root = sheet(
        invoice(
            lines=(
                line(
                    quantity=D("2.5"),
                    price=D("40000.123"),
                    unit="KGM",
                    discount_percent=D("12.5"),
                    withholdings=(Withholding(code="05", percent=D(15)),),
                ),
            )
        )
    )

    assert fields(root, "ITE") == {
        "1": "1",
        "3": "2.50",
        "4": "KGM",
        "5": "87500.27",
        "6": "COP",
        "7": "40000.123",
        "8": "COP",
        "11": "Repuesto <motocicleta>",
        "19": "87500.27",
        "20": "COP",
        "21": "104125.32",
        "22": "COP",
        "27": "2.50",
        "28": "KGM",
    }
    assert fields(root, "ITE/IDE") == {
        "1": "false",
        "2": "12500.04",
        "3": "COP",
        "6": "12.50",
        "7": "100000.31",
        "8": "COP",
    }
    taxes = [fields(each, "IIM") for each in root.findall("ITE/TII")]
    assert [(tax["1"], tax["2"], tax["4"], tax["6"]) for tax in taxes] == [
        ("01", "16625.05", "87500.27", "19.00"),
        ("05", "2493.76", "16625.05", "15.00"),
    ]
    assert [each.findtext("TII_3") for each in root.findall("ITE/TII")] == ["false", "true"]


def test_a_discount_given_as_an_amount_has_its_percentage_beside_it():
    root = sheet(invoice(lines=(line(price=D(30000), discount_amount=D(20000)),)))

    assert (fields(root, "ITE/IDE")["2"], fields(root, "ITE/IDE")["6"]) == ("20000.00", "33.3333")


def test_excluded_has_no_tax_and_exempt_has_one_of_zero():
    root = sheet(invoice(lines=(line(taxes=()), line(taxes=(Tax(code="01", percent=D(0)),)))))

    assert [len(each.findall("TII")) for each in root.findall("ITE")] == [0, 1]
    assert fields(root, "TIM/IMP")["6"] == "0.00"


def test_totals_and_taxes_grouped_by_code_and_rate():
    ultraprocessed = line(taxes=(Tax(code="01", percent=D(5)), Tax(code="35", percent=D(20))))
    root = sheet(invoice(lines=(line(), line(), ultraprocessed, line(taxes=()))))

    totals = fields(root, "TOT")
    assert [totals[number] for number in ("1", "3", "5", "7")] == [
        "400000.00",
        "300000.00",
        "463000.00",
        "463000.00",
    ]
    stated = {
        (entry.findtext("IMP_1"), entry.findtext("IMP_6")): (entry.findtext("IMP_2"), entry.findtext("IMP_4"))
        for entry in root.iterfind("TIM/IMP")
    }
    assert stated == {
        ("01", "19.00"): ("200000.00", "38000.00"),
        ("01", "5.00"): ("100000.00", "5000.00"),
        ("35", "20.00"): ("100000.00", "20000.00"),
    }
    assert [each.findtext("TIM_2") for each in root.findall("TIM")] == ["43000.00", "20000.00"]


def test_a_withholding_is_a_tim_that_says_true_and_changes_no_total():
    root = sheet(invoice(lines=(line(withholdings=(Withholding(code="06", percent=D("2.5")),)),)))

    withheld = [each for each in root.findall("TIM") if each.findtext("TIM_1") == "true"]
    assert [each.findtext("TIM_2") for each in withheld] == ["2500.00"]
    assert fields(root, "TOT")["5"] == "119000.00"


def test_ibs_says_when_and_how_a_support_documents_line_was_bought():
    weekly = Purchase.model_validate({"on": "2026-05-07", "form": "2"})
    root = sheet(support_document(lines=(line(), line(purchase=weekly))))

    first, second = (fields(each, "IBS") for each in root.findall("ITE"))
    assert first == {"1": "2026-05-10", "2": "1", "3": "Por operación"}
    assert second == {"1": "2026-05-07", "2": "2", "3": "Acumulado semanal"}
    assert root.find("ITE/ITE_19") is None


# Exactness ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("50000", "50000.00"),
        ("1E+3", "1000.00"),
        ("0.5", "0.50"),
        ("0.123456", "0.123456"),
        ("12.3400", "12.34"),
    ],
)
def test_an_amount_has_two_decimals_or_all_it_has(amount: str, text: str):
    assert exact(D(amount)) == text


@pytest.mark.parametrize(
    "text", ["a & b < c > d", "]]>", "\u00f1\U0001f600", "co\"mi'llas", "dos\nlíneas", "cr\rlf\r\n"]
)
def test_hostile_text_survives_unchanged(text: str):
    document = invoice(lines=(line(description=text),), counterparty=party(name=text))
    root = sheet(document)

    assert root.findtext("ITE/ITE_11") == text
    assert root.findtext("ADQ/ADQ_6") == text


@pytest.mark.parametrize("text", ["a\x00b", "a\x0bb", "a\ufffeb", "a\ud800b"])
def test_text_that_xml_cannot_carry_is_refused(text: str):
    with pytest.raises(InvalidDocument):
        written("X", [block("ENC", {1: text})])


@pytest.mark.parametrize("kind", RANGES, ids=lambda kind: kind.value)
def test_the_same_record_gives_the_same_bytes_after_being_stored_in_utc(kind: Kind):
    """Which is what makes a repeated upload a question."""
    kept = record(of_kind(kind))
    stored = Record.model_validate_json(kept.model_dump_json())
    stored = stored.model_copy(update={"issued_at": stored.issued_at.astimezone(UTC)})

    assert facturatech().prepare(stored) == facturatech().prepare(kept)


@pytest.mark.parametrize("kind", RANGES, ids=lambda kind: kind.value)
def test_what_goes_out_can_be_told_from_another_document(kind: Kind):
    kept = record(of_kind(kind))

    found, number, ours = payload.of_sheet(facturatech().prepare(kept).body)
    assert (found, number) == (kind, kept.number)
    assert ours == Identity(
        number=str(kept.number),
        counterparty=kept.document.counterparty.identification,
        payable=kept.payable,
        issued_on=kept.issued_at.date(),
    )


def _unnumbered() -> Iterator[Record]:
    yield record(invoice(), number=None)
    yield record(invoice()).model_copy(update={"range": None})
    yield record(invoice(), range=numbering_range(prefix="SETP1"))
    yield record(invoice(), number=Number(prefix="", consecutive=1))


@pytest.mark.parametrize("kept", list(_unnumbered()), ids=["number", "range", "digit", "prefix"])
def test_quirk_27_without_a_usable_number_nothing_is_written(kept: Record):
    with pytest.raises(InvalidDocument) as refusal:
        facturatech().prepare(kept)

    assert list(refusal.value.fields) == ["prefix"]
