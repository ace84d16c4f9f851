"""The POS ticket and the note on it: the official example, its identifiers, what each must say and may not."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pydantic import SecretStr

from cauce.domain.document import Document, Kind, Prepayment
from cauce.domain.errors import CauceError, InvalidDocument, Unsupported
from cauce.domain.issuer import Environment
from cauce.domain.outcome import Accepted, Number
from cauce.providers.dian.provider import Dian
from cauce.ubl import preflight, refusals
from cauce.ubl.certificate import Certificate
from cauce.ubl.document import build
from cauce.ubl.emitter import build_signed
from cauce.ubl.facts import NumberedDocument
from tests.simulators.dian import DianSimulator
from tests.simulators.dian.document import Document as Read
from tests.simulators.dian.equivalents import check as rules_of_equivalents
from tests.simulators.dian.identifiers import of, security_code
from tests.simulators.dian.totals import check as arithmetic
from tests.simulators.dian_client import Change, altered, rules, to, within, without
from tests.unit.dian.builders import (
    DOCUMENTS,
    ISSUER,
    NOBODY,
    SOFTWARE,
    TILL,
    a_document,
    numbered,
    reference,
)
from tests.unit.dian.official import extensions, numbered_example
from tests.unit.dian.oracles import canonical, parsed, schema_errors, text, texts
from tests.unit.dian.talking import connected, record, simulator

_PIN = SecretStr("12345")
TICKET, NOTE = Kind.EQUIVALENT_DOCUMENT, Kind.EQUIVALENT_NOTE
GROUPS = ("InformacionDelFabricanteDelSoftware", "InformacionBeneficiosComprador", "InformacionCajaVenta")


def the_example() -> Any:
    return parsed(reference("more", "pos", "documento-equivalente-pos.xml").read_bytes())


def as_issued() -> NumberedDocument:
    """The official example, of its own issuer, software and number."""
    return numbered_example(
        the_example(),
        # EPOS002: the zeros are no part of its consecutive.
        number=Number(prefix="EPOS00", consecutive=2),
        issuer=ISSUER.model_copy(
            update={"nit": "2022516216", "name": "PRUEBAS PILOTO III-2021", "environment": Environment.TEST}
        ),
        software=replace(
            SOFTWARE,
            id="710d99d0-6d49-4e18-bb70-196d1b17785f",
            pin=_PIN,
            owner_nit="2022516216",
            maker="Erick Rico",
            company="Chia.sas",
            name="ThePos",
        ),
    )


def written(found: NumberedDocument) -> Any:
    before, after, _ = build(found)
    return parsed((before + after).encode("latin-1"))


# The official example ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["pos-official-EPOS002", "pos-ssc-EPOS002"])
def test_the_facts_of_the_vectors_give_their_digests(name: str):
    vectors = json.loads(reference("vectors", "pos.json").read_text("utf-8"))["vectors"]
    vector = next(each for each in vectors if each["id"] == name)
    found = as_issued()

    tree = written(found)

    place = "cbc:UUID" if vector["kind"] == "cude" else "//sts:SoftwareSecurityCode"
    assert text(tree, place) == vector["digest"]
    assert text(tree, "cbc:UUID/@schemeName") == "CUDE-SHA384"


def test_the_example_s_facts_give_its_totals_and_its_extensions():
    example, ours = the_example(), written(as_issued())

    for path in (
        *("cbc:CustomizationID", "cbc:ProfileID", "cbc:InvoiceTypeCode", "cbc:InvoiceTypeCode/@name"),
        *(
            f"cac:LegalMonetaryTotal/cbc:{name}Amount"
            for name in ("LineExtension", "TaxExclusive", "TaxInclusive", "Payable")
        ),
        "cac:TaxTotal/cbc:TaxAmount",
        "cac:TaxTotal//cbc:PerUnitAmount",
        "cac:AccountingCustomerParty/cbc:AdditionalAccountID",
        "cac:AccountingCustomerParty//cac:PartyIdentification/cbc:ID",
        "cac:AccountingCustomerParty//cac:PartyIdentification/cbc:ID/@*",
        "cac:AccountingCustomerParty//cbc:RegistrationName",
        "cac:AccountingCustomerParty//cbc:CompanyID/@*",
        "cac:AccountingCustomerParty//cac:TaxScheme/*",
    ):
        assert sorted(texts(ours, path)) == sorted(texts(example, path)), path
    for group in GROUPS:
        said, expected = extensions(ours, group), extensions(example, group)
        if group == "InformacionCajaVenta":
            # A free text of the till: in the example it is no sum of anything.
            assert (said.pop("SubTotal"), expected.pop("SubTotal")) == ("100100.00", "1000100.00")
        assert list(said.items()) == list(expected.items())


def test_the_example_keeps_its_own_rules_and_breaks_none_of_ours():
    tree = the_example()
    read = Read(reference("more", "pos", "documento-equivalente-pos.xml").read_bytes())

    # It is not signed. Of its bags the tax has no base, and nobody checks the sum of the till.
    assert {each.rule for each in rules_of_equivalents(read)} == {"DEPD11"}
    assert list(arithmetic(read)) == []
    assert of(read, "", "12345") == read.uuid
    assert security_code("710d99d0-6d49-4e18-bb70-196d1b17785f", "12345", "EPOS002") == read.text(
        "//sts:SoftwareSecurityCode"
    )
    assert {each.rule for each in preflight.xml_findings(tree)} == {"DEAC03"}


# What is written -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["POS ticket", "POS ticket to a person", "note on a POS ticket"])
def test_it_follows_the_schemas_and_is_canonical(name: str, certificate: Certificate):
    xml = build_signed(numbered(DOCUMENTS[name]), certificate).xml

    assert schema_errors(xml) == []
    assert canonical(xml.partition(b"\n")[2]) == xml.partition(b"\n")[2]


def test_without_an_operator_s_word_the_software_is_cauce_and_the_issuer_made_it():
    told = extensions(written(numbered(DOCUMENTS["POS ticket"])), GROUPS[0])

    assert told == {"NombreApellido": ISSUER.name, "RazonSocial": ISSUER.name, "NombreSoftware": "Cauce"}


def test_an_operator_says_who_made_the_software():
    dian = {"software_name": "Caja Libre", "software_company": "Libre S.A.S.", "software_maker": "Ana Díaz"}
    provider = connected("http://localhost:1", **dian)

    tree = parsed(provider.prepare(record(DOCUMENTS["POS ticket"])).signed_xml)

    assert extensions(tree, GROUPS[0]) == {
        "NombreApellido": "Ana Díaz",
        "RazonSocial": "Libre S.A.S.",
        "NombreSoftware": "Caja Libre",
    }


def test_who_gathers_no_points_is_the_buyer_with_none():
    anybody = extensions(written(numbered(DOCUMENTS["POS ticket"])), GROUPS[1])
    named = extensions(written(numbered(DOCUMENTS["POS ticket to a person"])), GROUPS[1])

    assert anybody == {"Codigo": "222222222222", "NombresApellidos": "Consumidor Final", "Puntos": "0"}
    assert named == {"Codigo": "79907759", "NombresApellidos": "Edison Hernández & Cía.", "Puntos": "100"}


def test_a_note_names_what_it_corrects_by_its_cude_and_type():
    tree = written(numbered(DOCUMENTS["note on a POS ticket"]))
    corrected = "cac:BillingReference/cac:InvoiceDocumentReference"

    assert text(tree, "cbc:CreditNoteTypeCode") == "94"
    assert text(tree, "cbc:CustomizationID") == text(tree, f"{corrected}/cbc:DocumentTypeCode") == "20"
    assert text(tree, f"{corrected}/cbc:UUID/@schemeName") == "CUDE-SHA384"
    assert text(tree, "cac:DiscrepancyResponse/cbc:ResponseCode") == "2"
    assert texts(tree, "//sts:InvoiceControl") == []


# What it may not say -------------------------------------------------------------------------------


def changes(**said: Any) -> dict[str, Any]:
    return said


@pytest.mark.parametrize(
    ("kind", "said", "field", "refusal"),
    [
        (TICKET, changes(till=None), "till", InvalidDocument),
        # Of contingency; its form is published nowhere that we know of.
        (TICKET, changes(invoice_type="08"), "invoice_type", Unsupported),
        (TICKET, changes(invoice_type="25"), "invoice_type", Unsupported),
        (TICKET, changes(operation="11"), "operation", InvalidDocument),
        (
            TICKET,
            changes(prepayments=(Prepayment(amount=Decimal(1), received_date=date(2026, 5, 3)),)),
            "prepayments",
            Unsupported,
        ),
        (Kind.INVOICE, changes(till=TILL), "till", Unsupported),
        (NOTE, changes(till=TILL), "till", Unsupported),
        (NOTE, changes(billing_reference=None), "billing_reference", InvalidDocument),
        (NOTE, changes(reason=None), "reason", InvalidDocument),
    ],
)
def test_what_the_format_has_no_place_for_is_refused_before_a_number(
    kind: Kind, said: dict[str, Any], field: str, refusal: type[CauceError]
):
    with pytest.raises(refusal) as refused:
        refusals.refuse(a_document(kind).model_copy(update=said))

    assert field in refused.value.fields


def test_another_reason_than_annulment_is_refused_by_its_rule(dian: DianSimulator):
    other = a_document(NOTE).model_copy(update={"reason": a_document(Kind.CREDIT_NOTE).reason})

    with pytest.raises(InvalidDocument, match="NAAE03"):
        connected(dian).check(other)


# What DIAN says ------------------------------------------------------------------------------------


@pytest.fixture
def dian():
    with simulator() as running:
        yield running


@pytest.fixture
def provider(dian: DianSimulator) -> Dian:
    return connected(dian)


_ACCENTLESS = "UbicacionCaja"
ALTERATIONS: list[tuple[str, str, Change]] = [
    ("DEAD02", "POS ticket", to("cbc:CustomizationID", "20")),
    ("DEAD03", "POS ticket", to("cbc:ProfileID", "DIAN 2.1: Documento equivalente POS")),
    ("DEAD06", "POS ticket", to("cbc:IssueTime", "00:00:01-05:00")),
    ("DEAD08", "POS ticket", to("cbc:UUID", "0" * 96, schemeName="CUFE-SHA384")),
    ("DEAB05b", "POS ticket", to("sts:InvoiceAuthorization", "18760000002")),
    ("DEAB05b", "POS ticket", to("sts:Prefix", "SETP")),
    ("DEAB27b", "POS ticket", to("sts:SoftwareSecurityCode", "0" * 96)),
    ("DEAK61", "POS ticket", within("cac:PartyIdentification", to("cbc:ID", "1"))),
    (
        "DEAK40",
        "POS ticket",
        within("cac:AccountingCustomerParty", within("cac:TaxScheme", to("cbc:ID", "ZZ"))),
    ),
    ("DEAU14", "POS ticket", to("cbc:PayableAmount", "1.00")),
    ("NAAD02", "note on a POS ticket", to("cbc:CustomizationID", "10")),
    ("NAAD03", "note on a POS ticket", to("cbc:ProfileID", "DIAN 2.1")),
    ("NAAE03", "note on a POS ticket", to("cbc:ResponseCode", "9")),
    ("NABG05", "note on a POS ticket", to("cbc:DocumentTypeCode", "25")),
    ("NABF01", "note on a POS ticket", without("cac:DiscrepancyResponse")),
    ("NABG03", "note on a POS ticket", without("cac:BillingReference")),
]


@pytest.mark.parametrize(
    ("rule", "name", "change"), ALTERATIONS, ids=[f"{rule} {name}" for rule, name, _ in ALTERATIONS]
)
def test_the_simulator_refuses_by_rule(
    rule: str, name: str, change: Change, provider: Dian, dian: DianSimulator
):
    found = rules(altered(provider, record(DOCUMENTS[name]), change))

    assert rule in found, found
    assert dian.documents_received == 0


@pytest.mark.parametrize(
    ("rule", "name"),
    [
        *(("DEAB41", name) for name in ("NombreApellido",)),
        *(("DEPD15", name) for name in ("Codigo",)),
        ("DEPD25", "PlacaCaja"),
        ("DEPD27", "UbicaciónCaja"),
        ("DEPD33", "CódigoVenta"),
        ("DEPD35", "SubTotal"),
    ],
)
def test_every_name_of_an_extension_counts_its_accents_too(rule: str, name: str, provider: Dian):
    def change(tree: Any) -> None:
        (found,) = tree.xpath(f"//*[local-name() = 'Name' and text() = '{name}']")
        found.text = _ACCENTLESS if name == "UbicaciónCaja" else f"{name.lower()}"

    assert rule in rules(altered(provider, record(DOCUMENTS["POS ticket"]), change))


@pytest.mark.parametrize("name", ["FabricanteSoftware", "BeneficiosComprador", "PuntoVenta"])
def test_all_three_extensions_are_mandatory(name: str, provider: Dian):
    def change(tree: Any) -> None:
        (found,) = tree.xpath(f"//*[local-name() = '{name}']")
        whole = found.getparent().getparent()
        whole.getparent().remove(whole)

    assert "DEPD11" in rules(altered(provider, record(DOCUMENTS["POS ticket"]), change))


def test_a_note_corrects_a_ticket_that_dian_has_and_no_invoice(provider: Dian, dian: DianSimulator):
    ticket, bill = record(DOCUMENTS["POS ticket"]), record(a_document())
    for kept in (ticket, bill):
        assert isinstance(provider.send(provider.prepare(kept)), Accepted)

    on_ticket, on_bill = (
        provider.send(provider.prepare(record(_on(kept, provider), n)))
        for n, kept in enumerate((ticket, bill), start=990_000_010)
    )

    assert isinstance(on_ticket, Accepted)
    assert "NABG04a" in rules(on_bill)


def _on(kept: Any, provider: Dian) -> Document:
    note = a_document(NOTE, counterparty=NOBODY)
    assert note.billing_reference is not None
    said = {
        "number": str(kept.number),
        "uuid": provider.prepare(kept).uuid,
        "issue_date": kept.issued_at.date(),
    }
    return note.model_copy(update={"billing_reference": note.billing_reference.model_copy(update=said)})
