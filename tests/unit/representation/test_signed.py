"""The paper is drawn from the signed XML: what we wrote is read back, and what other makers write is understood."""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from cauce.domain.document import Document, Kind
from cauce.domain.issuer import Environment
from cauce.domain.time import BOGOTA
from cauce.representation import drawing
from cauce.representation.sheet import Fact, Item, Sheet
from cauce.ubl import signed
from cauce.ubl.canonical import octets
from cauce.ubl.document import build
from tests.simulators import ubl
from tests.unit.dian import builders
from tests.unit.dian.builders import CUFE, ISSUED_AT, a_document, numbered
from tests.unit.dian.oracles import parsed
from tests.unit.dian.talking import issuer
from tests.unit.representation.drawn import accepted, shown
from tests.unit.representation.reading import words

OFFICIAL = sorted(
    path
    for path in (builders.DIAN / "examples").glob("*.xml")
    if re.search(rb"<(Invoice|CreditNote|DebitNote)\b", path.read_bytes())
)
TECHNICAL_KEY = "clave-tecnica"


def written(document: Document, **changes: Any) -> tuple[str, bytes]:
    """A document as we write it, but for its signature: its identifier and its XML."""
    facts = numbered(document, **changes)
    built = build(facts)
    return facts.identifier, octets(built.before + built.after)


def of_both(document: Document) -> tuple[Sheet, Sheet]:
    """What the paper shows of a record, and of its XML."""
    uuid, xml = written(document)
    facts = numbered(document)
    kept = accepted(document, uuid=uuid, number=facts.number, range=facts.range)
    by = issuer(environment=facts.issuer.environment)
    return shown(kept, by), shown(kept, by, xml)


def others(**changes: Any) -> ubl.Document:
    """An invoice by the software of another maker."""
    net = Decimal(90000)
    line = ubl.Line(
        code="P-1", description="Café <molido> & más", quantity=Decimal("2.5"), unit="KGM", price=Decimal(40000),
        net=net, discount=Decimal(10000), taxes=(ubl.vat(net, Decimal(19)),),
    )  # fmt: skip
    seller = ubl.Party(
        identification="901724254", digit="1", name="Vendedora S.A.S.", responsibilities="O-23;O-15",
        address="Calle 1 # 2-3", town="68679",
    )  # fmt: skip
    facts: dict[str, Any] = {
        "root": "Invoice",
        "type_code": "01",
        "number": "FE7",
        "uuid": CUFE,
        "scheme": "CUFE",
        "issued_at": datetime(2026, 5, 10, 9, 30, 1, tzinfo=BOGOTA),
        "seller": seller,
        "buyer": ubl.Party(identification="71234567", kind="13", person="2", name="Juan Pérez"),
        "lines": (line,),
        "payable": Decimal(107100),
        "maker": "900825759",
        "prefix": "FE",
        "resolution": "18764000000017",
    }
    return ubl.Document(**{**facts, **changes})


def sheet_of(xml: bytes, kind: Kind = Kind.INVOICE, **changes: Any) -> Sheet:
    """What is shown of a record of something else, whose signed XML this is."""
    return shown(accepted(a_document(kind), **changes), signed_xml=xml)


@pytest.mark.parametrize("name", builders.DOCUMENTS)
def test_the_paper_of_our_own_xml_shows_what_was_asked_for(name: str) -> None:
    of_record, of_xml = of_both(builders.DOCUMENTS[name])

    # The XML says what a record leaves to be understood: the operation, the base and percentage of a discount. And it
    # has no place for the withholdings of a note.
    told = {"facts", "tables", "items", "after"}
    assert {field: getattr(of_xml, field) for field in vars(of_record) if field not in told} == {
        field: value for field, value in vars(of_record).items() if field not in told
    }
    assert set(of_record.facts) <= set(of_xml.facts)
    assert list(map(columns, of_xml.items)) == list(map(columns, of_record.items))
    assert [table.heads for table in of_xml.tables if "Retención" not in table.heads[0]] == [
        table.heads for table in of_record.tables if "Retención" not in table.heads[0]
    ]


def columns(item: Item) -> Item:
    """A line's own columns."""
    return replace(item, details=(), discount=item.discount[:1])


def test_the_paper_says_who_rendered_a_health_service_how_it_is_paid_and_what_its_user_paid() -> None:
    _, paper = of_both(builders.DOCUMENTS["health with what the user paid"])

    told = {fact.label: fact.text for fact in paper.facts}
    assert told["Prestador de salud (REPS)"] == "1100112345"
    assert told["Modalidad de pago"] == "04 Pago por evento"
    assert told["Cobertura"] == "16 UPC Régimen Contributivo"
    assert told["Contrato"] == "CT-2026-014"
    assert told["Tipo de operación"].startswith("SS-CUFE Salud")
    (paid,) = (table.rows for table in paper.tables if table.heads[0].startswith("Anticipo"))
    assert [row[0] for row in paid] == ["Copago · 1", "Cuota moderadora · RC-2"]


@pytest.mark.parametrize(
    "said, read",
    [
        # With the list's attributes, and without them, as engines differ.
        ('<Value schemeID="04" schemeName="salud_modalidad_pago.gc">PAGO POR EVENTO</Value>', "04"),
        ("<Value>Pago por evento</Value>", "04"),
        ("<Value>04</Value>", "04"),
        ("<Value>Otra</Value>", "Otra"),
    ],
)
def test_the_health_sectors_extension_of_another_maker_is_read_and_of_several_users_the_first(
    said: str, read: str
) -> None:
    def user(provider: str) -> str:
        rows = (
            f"<Name>CODIGO_PRESTADOR</Name><Value>{provider}</Value>",
            f"<Name>MODALIDAD_PAGO</Name>{said}",
        )
        of_one = "".join(f"<AdditionalInformation>{row}</AdditionalInformation>" for row in rows)
        return f'<Collection schemeName="Usuario">{of_one}<AdditionalInformation/></Collection>'

    users = f'<Group schemeName="Sector Salud">{user("110011234501")}{user("2")}</Group>'
    _, xml = written(a_document())
    sector = f"<CustomTagGeneral><Interoperabilidad>{users}</Interoperabilidad></CustomTagGeneral>"
    extension = f"<ext:UBLExtension><ext:ExtensionContent>{sector}</ext:ExtensionContent></ext:UBLExtension>"
    found = signed.read(
        xml.replace(b"</ext:UBLExtensions>", f"{extension}</ext:UBLExtensions>".encode()), Kind.INVOICE
    )

    assert found is not None and found.document.health is not None
    assert (found.document.health.provider, found.document.health.payment_method) == ("110011234501", read)
    assert (found.document.health.coverage, found.document.health.contract) == ("", None)


@pytest.mark.parametrize("path", OFFICIAL, ids=lambda path: path.stem)
def test_dians_own_examples_are_drawn_whole(path: Any) -> None:
    xml = path.read_bytes()
    tree = parsed(xml)
    kind = {"CreditNote": Kind.CREDIT_NOTE, "DebitNote": Kind.DEBIT_NOTE}.get(
        tree.tag.rpartition("}")[2], Kind.INVOICE
    )
    kind = Kind.SUPPORT_DOCUMENT if tree.findtext("{*}InvoiceTypeCode") == "05" else kind

    sheet = sheet_of(xml, kind, uuid=tree.findtext("{*}UUID"))
    text = words(drawing.pdf(sheet))

    assert sheet.number == tree.findtext("{*}ID")
    assert sheet.count == len(sheet.items) == int(tree.findtext("{*}LineCountNumeric"))
    seller = tree.findtext(".//{*}AccountingSupplierParty//{*}RegistrationName")
    assert " ".join(seller.split()) in text
    assert sheet.payable.text.replace("\u00a0", " ") in text
    assert tree.findtext(".//{*}InvoiceAuthorization", "") in text


def test_what_another_maker_signed_is_shown_and_not_what_the_record_asked_for() -> None:
    sheet = sheet_of(ubl.document(others(delivered_at="Bodega 3")))

    (item,) = sheet.items
    assert (sheet.number, sheet.issued) == ("FE7", "2026-05-10 09:30:01")
    assert (sheet.issuer.name, sheet.issuer.identification) == ("Vendedora S.A.S.", "NIT 901.724.254-1")
    assert "O-23 Agente de retención IVA · O-15 Autorretenedor" in sheet.issuer.lines
    assert sheet.counterparty.identification == "Cédula de ciudadanía 71.234.567"
    assert (item.code, item.description, item.unit) == ("P-1", "Café <molido> & más", "Kilogramo")
    assert (item.quantity, item.price, item.discount, item.total) == (
        "2,5",
        "40.000,00",
        ("10.000,00",),
        "90.000,00",
    )
    assert sheet.totals == (Fact("Subtotal", "90.000,00"), Fact("IVA", "17.100,00"))
    assert sheet.payable.text.endswith("107.100,00")
    assert sheet.numbering is not None
    assert (
        "18764000000017, vigente del 2024-01-19 al 2030-01-19: prefijo FE, del 1 al 995000000"
        in sheet.numbering
    )
    assert Fact("Entrega o prestación", "2026-05-10 · Bodega 3") in sheet.facts
    assert sheet.marks == ("HABILITACIÓN",)


@pytest.mark.parametrize("as_cdata", [True, False], ids=["CDATA", "escaped"])
def test_a_document_is_found_in_its_container_which_tells_when_it_was_validated(as_cdata: bool) -> None:
    made = others()
    validated_at = made.issued_at + timedelta(seconds=4)

    sheet = sheet_of(
        ubl.attached("FE7", ubl.document(made), validated_at, as_cdata=as_cdata), validated_at=None
    )

    assert sheet.number == "FE7"
    assert Fact("Fecha y hora de validación", "2026-05-10 09:30:05") in sheet.facts


def test_neither_the_technical_key_nor_taxes_of_nothing_nor_the_day_of_a_cash_sale_are_shown() -> None:
    xml = ubl.document(others())
    assert TECHNICAL_KEY.encode() in xml

    text = words(drawing.pdf(sheet_of(xml)))

    assert TECHNICAL_KEY not in text
    assert "ICA" not in text
    assert "vencimiento" not in text


def test_rounding_and_prepayments_that_lower_the_total_are_shown_so_that_it_adds_up() -> None:
    xml = ubl.document(others()).replace(
        b'<cbc:PayableAmount currencyID="COP">107100.00',
        b'<cbc:PrepaidAmount currencyID="COP">7000.00</cbc:PrepaidAmount>'
        b'<cbc:PayableRoundingAmount currencyID="COP">-100.00</cbc:PayableRoundingAmount>'
        b'<cbc:PayableAmount currencyID="COP">100000.00',
    )

    sheet = sheet_of(xml)

    assert sheet.totals[2:] == (
        Fact("Total con impuestos", "107.100,00"),
        Fact("Redondeo", "−100,00"),
        Fact("Anticipos", "−7.000,00"),
    )


@pytest.mark.parametrize(
    "spoil",
    [
        lambda xml: b"",
        lambda xml: xml[: len(xml) // 2],
        lambda xml: b'<!DOCTYPE a [<!ENTITY b "c">]>' + xml[xml.index(b"<Invoice") :],
        lambda xml: re.sub(rb"(?s)<cac:InvoiceLine>.*</cac:InvoiceLine>", b"", xml),
        lambda xml: re.sub(rb"(?s)<cac:LegalMonetaryTotal>.*</cac:LegalMonetaryTotal>", b"", xml),
        lambda xml: re.sub(rb"(?s)<cac:AccountingCustomerParty>.*</cac:AccountingCustomerParty>", b"", xml),
        lambda xml: xml.replace(CUFE.encode(), b"0" * 96),
        lambda xml: xml.replace(b"<Invoice", b"<Order").replace(b"</Invoice", b"</Order"),
    ],
    ids=["empty", "cut", "DTD", "no lines", "no totals", "no buyer", "another document", "another root"],
)
def test_a_file_that_is_no_document_of_this_record_changes_nothing(spoil: Any) -> None:
    assert sheet_of(spoil(ubl.document(others()))) == shown(accepted(a_document()))


@pytest.mark.parametrize("number", ["NaN", "1e999999", "9" * 40, "-5", "0.000000000000000000000001", "x"])
def test_no_number_breaks_the_paper(number: str) -> None:
    xml = re.sub(rb">\d+(\.\d+)?<", f">{number}<".encode(), ubl.document(others()))

    drawing.pdf(sheet_of(xml))


@pytest.mark.parametrize("said", ["", "9" * 5000, "0001-01-01", "²١\u202e<\u0000>"])
def test_no_text_breaks_the_paper_wherever_it_stands(said: str) -> None:
    corrected = ("F1", CUFE, "2026-01-01")
    xml = ubl.document(others(delivered_at="Bodega", corrected=corrected, reason=("1", "x"))).decode()

    for place in re.finditer(r'(?<=>)[^<>]*(?=<)|(?<==")[^"<>]*(?=")', xml):
        spoilt = xml[: place.start()] + said + xml[place.end() :]
        assert sheet_of(spoilt.encode()).identifier.text == CUFE


def test_the_final_consumer_of_a_signed_invoice_is_named_as_the_rule_wants() -> None:
    consumer = ubl.Party(
        identification="222222222222", kind="13", person="2", name="consumidor o usuario final"
    )

    sheet = sheet_of(ubl.document(others(buyer=consumer)))

    assert sheet.counterparty.identification == "Consumidor final 222222222222"


def test_what_optional_facts_are_missing_is_not_shown() -> None:
    xml = ubl.document(others(resolution="", form="", means="", maker=""))
    for name in ("UBLExtensions", "PaymentMeans", "PhysicalLocation"):
        xml = re.sub(rf"(?s)<(\w+:{name})>.*?</\1>".encode(), b"", xml)

    sheet = sheet_of(xml, range=None)

    assert sheet.numbering is None
    assert {fact.label for fact in sheet.facts} == {
        "Fecha y hora de generación",
        "Fecha y hora de validación",
        "Moneda",
    }


def test_the_responsibilities_that_a_file_lacks_are_those_that_the_operator_described() -> None:
    made = others()
    xml = ubl.document(replace(made, seller=replace(made.seller, responsibilities="")))

    sheet = sheet_of(xml)

    assert sheet.issuer.name == "Vendedora S.A.S."
    assert "O-13 Gran contribuyente · O-15 Autorretenedor" in sheet.issuer.lines


def test_the_environment_is_the_one_in_which_the_document_was_signed() -> None:
    xml = ubl.document(others())
    real = xml.replace(b"ProfileExecutionID>2<", b"ProfileExecutionID>1<")
    kept = accepted(a_document())

    assert shown(kept, issuer(environment=Environment.TEST), real).marks == ()
    assert shown(kept, issuer(environment=Environment.PRODUCTION), xml).marks == ("HABILITACIÓN",)


def test_the_extension_about_the_maker_of_the_software_is_read() -> None:
    told = (
        "<ext:UBLExtension><ext:ExtensionContent><FabricanteSoftware><InformacionDelFabricanteDelSoftware>"
        "<Name>NombreApellido</Name><Value>Ana Ruiz</Value><Name>RazonSocial</Name><Value>Hacedora S.A.S.</Value>"
        "<Name>NombreSoftware</Name><Value>Facturador</Value></InformacionDelFabricanteDelSoftware>"
        "</FabricanteSoftware></ext:ExtensionContent></ext:UBLExtension></ext:UBLExtensions>"
    )
    xml = ubl.document(others()).replace(b"</ext:UBLExtensions>", told.encode())

    found = signed.read(xml, Kind.INVOICE)

    assert found is not None
    assert found.maker == signed.Maker(provider="900825759", software="Facturador", name="Hacedora S.A.S.")


def test_a_second_time_is_the_same_paper() -> None:
    kept, xml = accepted(a_document(), issued_at=ISSUED_AT), ubl.document(others())

    assert drawing.pdf(shown(kept, signed_xml=xml)) == drawing.pdf(shown(kept, signed_xml=xml))
