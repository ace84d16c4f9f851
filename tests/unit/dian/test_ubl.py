"""Each kind of document as UBL: what it says and where, against the spec's tables rather than our own writer."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from lxml import etree

from cauce.domain.document import (
    AllowanceCharge,
    Document,
    ExchangeRate,
    Kind,
    Line,
    Payment,
    ReferencePrice,
    Tax,
    Withholding,
)
from cauce.domain.errors import InvalidDocument, NumberingUnavailable
from cauce.domain.event import EventCode
from cauce.domain.issuer import Environment
from cauce.domain.outcome import Number
from cauce.ubl import attached, event
from cauce.ubl.canonical import Unsigned, octets
from cauce.ubl.document import build
from tests.unit.dian import builders
from tests.unit.dian.builders import (
    CUFE,
    DOCUMENTS,
    ISSUER,
    PERSON,
    SOFTWARE,
    VAT_19,
    a_delivery,
    a_document,
    a_line,
    an_event,
    numbered,
)
from tests.unit.dian.oracles import NAMES, names, parsed, text, texts

SUPPLIER, CUSTOMER = "/*/cac:AccountingSupplierParty", "/*/cac:AccountingCustomerParty"


def read(document: Unsigned) -> Any:
    return parsed(octets(document.before + document.after))


def built(document: Document, **changes: Any) -> Any:
    return read(build(numbered(document, **changes)))


def line_of(line: Line, kind: Kind = Kind.INVOICE, **changes: Any) -> Any:
    tree = built(a_document(kind, lines=(line,), **changes))
    return tree.xpath("/*/*[substring(local-name(), string-length(local-name()) - 3) = 'Line']")[0]


# What each kind is called (annex 1.9; Anexo DS 1.1).


SALE = "DIAN 2.1: Factura Electrónica de Venta"
CREDIT = "DIAN 2.1: Nota Crédito de Factura Electrónica de Venta"
DEBIT = "DIAN 2.1: Nota Débito de Factura Electrónica de Venta"
SUPPORT = "DIAN 2.1: documento soporte en adquisiciones efectuadas a no obligados a facturar."
ADJUSTMENT = (
    "DIAN 2.1: Nota de ajuste al documento soporte en adquisiciones efectuadas a sujetos no obligados a "
    "expedir factura o documento equivalente"
)


@pytest.mark.parametrize(
    "name, root, code, operation, profile, scheme",
    [
        ("invoice", "Invoice", "01", "10", SALE, "CUFE-SHA384"),
        ("export", "Invoice", "02", "10", SALE, "CUFE-SHA384"),
        ("contingency from paper", "Invoice", "03", "10", SALE, "CUDE-SHA384"),
        ("contingency of DIAN", "Invoice", "04", "10", SALE, "CUFE-SHA384"),
        ("mandate", "Invoice", "01", "11", SALE, "CUFE-SHA384"),
        ("AIU", "Invoice", "01", "09", SALE, "CUFE-SHA384"),
        ("credit note", "CreditNote", "91", "20", CREDIT, "CUDE-SHA384"),
        ("credit note without reference", "CreditNote", "91", "22", CREDIT, "CUDE-SHA384"),
        ("debit note", "DebitNote", None, "30", DEBIT, "CUDE-SHA384"),
        ("debit note without reference", "DebitNote", None, "32", DEBIT, "CUDE-SHA384"),
        ("support document", "Invoice", "05", "10", SUPPORT, "CUDS-SHA384"),
        ("support document of a non-resident", "Invoice", "05", "11", SUPPORT, "CUDS-SHA384"),
        ("adjustment note", "CreditNote", "95", "10", ADJUSTMENT, "CUDS-SHA384"),
    ],
)
def test_each_kind_is_called_what_dian_calls_it(
    name: str, root: str, code: str | None, operation: str, profile: str, scheme: str
):
    tree = built(DOCUMENTS[name])

    assert etree.QName(tree).localname == root
    assert etree.QName(tree).namespace == f"urn:oasis:names:specification:ubl:schema:xsd:{root}-2"
    assert texts(tree, "/*/cbc:InvoiceTypeCode | /*/cbc:CreditNoteTypeCode") == ([code] if code else [])
    assert text(tree, "/*/cbc:CustomizationID") == operation
    assert text(tree, "/*/cbc:ProfileID") == profile
    assert text(tree, "/*/cbc:UBLVersionID") == "UBL 2.1"
    assert text(tree, "/*/cbc:UUID/@schemeName") == scheme


@pytest.mark.parametrize("name", DOCUMENTS)
def test_elements_stand_in_the_order_of_the_reference(name: str):
    """Elements that its list does not have are ours, and the schemas judge them."""
    order = json.loads(builders.reference("rules", "element_order.json").read_text("utf-8"))
    # Its list is of examples that have no discounts here; the schema puts them where we do.
    order["CreditNote"].insert(order["CreditNote"].index("TaxTotal"), "AllowanceCharge")
    order["DebitNote"].insert(order["DebitNote"].index("Delivery"), "AllowanceCharge")

    for element in built(DOCUMENTS[name]).iter():
        known = order.get(etree.QName(element).localname)
        if known and etree.QName(element).namespace != NAMES["ext"]:
            found = [child for child in names(element) if child in known]
            assert found == sorted(found, key=known.index), etree.QName(element).localname


def test_in_an_invoice_line_discounts_precede_taxes_and_in_a_notes_line_they_follow():
    line = a_line(discount_percent=Decimal(10))

    assert names(line_of(line))[-4:] == ["AllowanceCharge", "TaxTotal", "Item", "Price"]
    for kind in (Kind.CREDIT_NOTE, Kind.DEBIT_NOTE):
        assert names(line_of(line, kind))[-4:] == ["TaxTotal", "AllowanceCharge", "Item", "Price"]


def test_the_header_says_environment_number_moment_and_count():
    tree = built(a_document(lines=(a_line(), a_line())))

    assert text(tree, "/*/cbc:ProfileExecutionID") == text(tree, "/*/cbc:UUID/@schemeID") == "2"
    assert text(tree, "/*/cbc:ID") == "SETP990000001"
    assert text(tree, "/*/cbc:IssueDate") == "2026-05-10"
    assert text(tree, "/*/cbc:IssueTime") == "15:30:05-05:00"
    assert text(tree, "/*/cbc:LineCountNumeric") == "2"
    assert texts(tree, "//cac:InvoiceLine/cbc:ID") == ["1", "2"]


def test_in_production_the_qr_and_the_environment_are_productions():
    issuer = ISSUER.model_copy(update={"environment": Environment.PRODUCTION})
    tree = built(a_document(), issuer=issuer)

    assert text(tree, "/*/cbc:ProfileExecutionID") == "1"
    assert text(tree, "//sts:QRCode").startswith("https://catalogo-vpfe.dian.gov.co/document/searchqr?")


# DianExtensions.


def test_dians_extension_has_range_software_and_qr():
    tree = built(a_document())
    dian = "//ext:UBLExtension[1]/ext:ExtensionContent/sts:DianExtensions"

    assert names(tree.xpath(dian, namespaces=NAMES)[0]) == [
        "InvoiceControl",
        "InvoiceSource",
        "SoftwareProvider",
        "SoftwareSecurityCode",
        "AuthorizationProvider",
        "QRCode",
    ]
    control = f"{dian}/sts:InvoiceControl"
    assert text(tree, f"{control}/sts:InvoiceAuthorization") == "18760000001"
    assert texts(tree, f"{control}/sts:AuthorizationPeriod/*") == ["2019-01-19", "2030-01-19"]
    assert texts(tree, f"{control}/sts:AuthorizedInvoices/*") == ["SETP", "990000000", "995000000"]
    assert text(tree, "//sts:ProviderID") == "900123456"
    assert text(tree, "//sts:ProviderID/@schemeID") == "8"
    assert text(tree, "//sts:ProviderID/@schemeName") == "31"
    assert text(tree, "//sts:AuthorizationProviderID") == "800197268"
    assert text(tree, "//sts:AuthorizationProviderID/@schemeID") == "4"
    assert text(tree, "//sts:QRCode").endswith(text(tree, "/*/cbc:UUID"))


def test_the_prefix_of_the_range_is_the_one_of_the_point_of_sale():
    """FAB10a; without a prefix neither is written."""
    scheme = f"{SUPPLIER}//cac:CorporateRegistrationScheme"
    tree = built(a_document())
    assert text(tree, "//sts:Prefix") == text(tree, f"{scheme}/cbc:ID") == "SETP"
    assert text(tree, f"{scheme}/cbc:Name") == "12345"

    bare = built(
        a_document(), range=builders.a_range(Kind.INVOICE, ""), number=Number(prefix="", consecutive=17)
    )
    assert texts(bare, "//sts:Prefix") == texts(bare, f"{scheme}/cbc:ID") == []
    assert text(bare, "/*/cbc:ID") == "17"


@pytest.mark.parametrize("name", ["credit note", "debit note", "adjustment note"])
def test_notes_have_no_range(name: str):
    tree = built(DOCUMENTS[name], range=None, technical_key=None)

    assert texts(tree, "//sts:InvoiceControl") == []


def test_an_invoice_without_its_range_or_technical_key_is_refused():
    with pytest.raises(NumberingUnavailable, match="resolución"):
        build(numbered(a_document(), range=None))
    with pytest.raises(NumberingUnavailable, match="clave técnica"):
        build(numbered(a_document(), technical_key=None))


def test_no_secret_is_written():
    document = build(numbered(DOCUMENTS["invoice, everything"]))

    assert SOFTWARE.pin.get_secret_value() not in document.before + document.after
    assert builders.TECHNICAL_KEY.get_secret_value() not in document.before + document.after


# Parties.


def test_a_nit_has_its_check_digit_beside_it_and_never_inside():
    tree = built(a_document())
    company = f"{CUSTOMER}//cac:PartyTaxScheme/cbc:CompanyID"

    assert text(tree, company) == "800199436"
    assert text(tree, f"{company}/@schemeID") == "4"
    assert text(tree, f"{company}/@schemeName") == "31"
    assert text(tree, f"{company}/@schemeAgencyID") == "195"


def test_a_natural_person_who_buys_is_identified_and_named():
    tree = built(a_document(counterparty=PERSON))

    assert text(tree, f"{CUSTOMER}/cbc:AdditionalAccountID") == "2"
    assert text(tree, f"{CUSTOMER}//cac:PartyIdentification/cbc:ID") == "71234567"
    assert text(tree, f"{CUSTOMER}//cac:PartyIdentification/cbc:ID/@schemeName") == "13"
    assert texts(tree, f"{CUSTOMER}//cac:PartyIdentification/cbc:ID/@schemeID") == []
    assert texts(tree, f"{CUSTOMER}//cac:Person/*") == ["Juan", "Pérez"]


def test_the_final_consumer_needs_no_address():
    tree = built(DOCUMENTS["invoice to the final consumer"])

    assert texts(tree, f"{CUSTOMER}//cac:PhysicalLocation | {CUSTOMER}//cac:RegistrationAddress") == []
    assert text(tree, f"{CUSTOMER}//cac:PartyTaxScheme/cbc:CompanyID") == "222222222222"
    assert text(tree, f"{CUSTOMER}//cac:PartyTaxScheme/cac:TaxScheme/cbc:ID") == "ZZ"


def test_an_address_at_home_is_named_by_its_code_and_one_abroad_by_itself():
    home = built(a_document())
    address = "//cac:PhysicalLocation/cac:Address"
    assert texts(home, f"{CUSTOMER}{address}/cbc:*") == ["05001", "Medellín", "Antioquia", "05"]
    # RegistrationAddress has the fields directly.
    assert text(home, f"{CUSTOMER}//cac:RegistrationAddress/cbc:ID") == "05001"
    assert text(home, f"{CUSTOMER}{address}/cac:Country/cbc:IdentificationCode") == "CO"

    abroad = built(DOCUMENTS["export"])
    assert texts(abroad, f"{CUSTOMER}{address}/cbc:*") == ["Miami", "Florida"]
    assert texts(abroad, f"{CUSTOMER}{address}/cac:Country/cbc:*") == ["US", "Estados Unidos"]


def test_responsibilities_are_joined_and_the_tax_scheme_is_named():
    tree = built(a_document())
    scheme = f"{SUPPLIER}/cac:Party/cac:PartyTaxScheme"

    assert text(tree, f"{scheme}/cbc:TaxLevelCode") == "O-13;O-15"
    assert texts(tree, f"{scheme}/cac:TaxScheme/*") == ["01", "IVA"]
    assert text(tree, f"{SUPPLIER}/cac:Party/cac:PartyName/cbc:Name") == "El Ñandú"
    assert text(tree, f"{SUPPLIER}/cac:Party/cbc:IndustryClassificationCode") == "4511"
    assert texts(tree, f"{SUPPLIER}//cac:Contact/*") == ["6011234567", "recepcion@nandu.example"]


def test_an_issuer_that_was_not_described_is_refused():
    with pytest.raises(InvalidDocument, match="emisor"):
        build(numbered(a_document(), issuer=ISSUER.model_copy(update={"party": None})))


def test_in_a_support_document_the_counterparty_sells_and_the_issuer_buys():
    tree = built(DOCUMENTS["support document"])

    assert text(tree, f"{SUPPLIER}//cbc:CompanyID") == "8355990"
    assert text(tree, f"{SUPPLIER}//cac:Address/cbc:ID") == "68679"
    assert text(tree, f"{CUSTOMER}//cbc:CompanyID") == "900123456"


# Lines.


def test_a_line_multiplies_price_by_its_whole_quantity():
    line = line_of(
        a_line(quantity=Decimal("2.5"), price=Decimal("0.123456"), discount_amount=Decimal("0.01"))
    )

    assert text(line, "cbc:InvoicedQuantity") == text(line, "cac:Price/cbc:BaseQuantity") == "2.50"
    assert text(line, "cbc:InvoicedQuantity/@unitCode") == "94"
    assert text(line, "cac:Price/cbc:PriceAmount") == "0.123456"
    assert text(line, "cbc:LineExtensionAmount") == "0.30"
    assert text(line, "cbc:LineExtensionAmount/@currencyID") == "COP"


def test_a_percentage_has_two_decimals_and_ica_is_per_thousand():
    line = line_of(
        a_line(
            taxes=(VAT_19, Tax(code="03", percent=Decimal("9.66"))),
            withholdings=(Withholding(code="07", percent=Decimal("9.66")),),
        )
    )

    assert texts(line, "cac:TaxTotal//cbc:Percent") == ["19.00", "9.66"]
    assert texts(line, "cac:TaxTotal/cbc:TaxAmount") == ["19000.00", "966.00"]
    assert text(line, "cac:WithholdingTaxTotal/cbc:TaxAmount") == "966.00"
    assert texts(line, "cac:WithholdingTaxTotal//cac:TaxScheme/*") == ["07", "ReteICA"]


def test_a_nominal_tax_is_so_much_for_each_unit_and_ibua_for_each_hundred_millilitres():
    bags = Tax(code="22", per_unit_amount=Decimal(66), base_units=Decimal(3), unit="94")
    drinks = Tax(code="34", per_unit_amount=Decimal(65), base_units=Decimal(750), unit="MLT")
    line = line_of(a_line(taxes=(VAT_19, bags, drinks)))

    assert texts(line, "cac:TaxTotal/cbc:TaxAmount") == ["19000.00", "198.00", "487.50"]
    assert texts(line, "cac:TaxTotal//cbc:BaseUnitMeasure") == ["3.00", "750.00"]
    assert texts(line, "cac:TaxTotal//cbc:BaseUnitMeasure/@unitCode") == ["94", "MLT"]
    assert texts(line, "cac:TaxTotal//cbc:PerUnitAmount") == ["66.00", "65.00"]
    assert len(texts(line, "cac:TaxTotal//cbc:Percent")) == 1
    assert texts(line, "cac:TaxTotal//cac:TaxScheme/cbc:Name") == ["IVA", "INC Bolsas", "IBUA"]


def test_a_nominal_tax_has_a_taxable_amount_only_where_it_states_one():
    bags = Tax(code="22", per_unit_amount=Decimal(66), base_units=Decimal(1), unit="94")
    stated = bags.model_copy(update={"base": Decimal(500)})

    assert texts(line_of(a_line(taxes=(bags,))), "cac:TaxTotal//cbc:TaxableAmount") == []
    assert texts(line_of(a_line(taxes=(stated,))), "cac:TaxTotal//cbc:TaxableAmount") == ["500.00"]


def test_a_charge_on_a_line_of_no_value_has_its_factor():
    delivery = AllowanceCharge(is_charge=True, reason_code="02", reason="Flete", amount=Decimal(500))
    free = ReferencePrice(amount=Decimal(100))
    line = line_of(a_line(price=Decimal(0), reference_price=free, allowance_charges=(delivery,)))

    assert text(line, "cac:AllowanceCharge/cbc:MultiplierFactorNumeric") == "100.00"
    assert texts(line, "cac:AllowanceCharge/cbc:Amount | cac:AllowanceCharge/cbc:BaseAmount") == [
        "500.00",
        "500.00",
    ]


def test_a_charge_on_a_line_that_has_no_other_value_has_its_factor_too():
    delivery = AllowanceCharge(is_charge=True, reason_code="02", reason="Flete", amount=Decimal(500))
    share = delivery.model_copy(
        update={"amount": Decimal(0), "percent": Decimal(10), "base_amount": Decimal(0)}
    )
    line = line_of(a_line(price=Decimal(0), allowance_charges=(delivery, share)))

    assert texts(line, "cac:AllowanceCharge/cbc:MultiplierFactorNumeric") == ["100.00", "10.00"]
    assert text(line, "cbc:LineExtensionAmount") == "500.00"
    assert text(line, "cbc:FreeOfChargeIndicator") == "false"


def test_another_tax_has_the_name_that_it_is_given():
    line = line_of(a_line(taxes=(Tax(code="ZZ", name="Tasa turística", percent=Decimal(1)),)))

    assert texts(line, "cac:TaxTotal//cac:TaxScheme/*") == ["ZZ", "Tasa turística"]


def test_what_is_free_costs_nothing_and_is_taxed_on_its_reference_price():
    free = a_line(price=Decimal(0), reference_price=ReferencePrice(amount=Decimal(100), type="03"))
    tree = built(a_document(lines=(a_line(), free)))
    line = tree.xpath("//cac:InvoiceLine[2]", namespaces=NAMES)[0]

    assert text(line, "cbc:FreeOfChargeIndicator") == "true"
    assert text(line, "cbc:LineExtensionAmount") == "0.00"
    assert texts(line, "cac:PricingReference/cac:AlternativeConditionPrice/*") == [
        "100.00",
        "03",
        "Otro valor",
    ]
    assert texts(line, "cac:TaxTotal/cac:TaxSubtotal/cbc:*") == ["200.00", "38.00"]
    total = "/*/cac:LegalMonetaryTotal"
    assert texts(tree, f"{total}/*") == ["100000.00", "100200.00", "119038.00", "119038.00"]


@pytest.mark.parametrize(
    "standard, attributes",
    [
        ("001", {"schemeAgencyID": "10", "schemeID": "001", "schemeName": "UNSPSC"}),
        ("010", {"schemeAgencyID": "9", "schemeID": "010", "schemeName": "GTIN"}),
        ("020", {"schemeAgencyID": "195", "schemeID": "020", "schemeName": "Partida Arancelarias"}),
        ("999", {"schemeID": "999", "schemeName": "Estándar de adopción del contribuyente"}),
    ],
)
def test_an_item_always_has_its_code_under_a_scheme(standard: str, attributes: dict[str, str]):
    line = line_of(a_line(standard=standard))
    code = line.xpath("cac:Item/cac:StandardItemIdentification/cbc:ID", namespaces=NAMES)[0]

    assert dict(code.attrib) == attributes and code.text == "PROD-001"


def test_outside_a_mandate_no_line_says_whose_income_it_is():
    assert texts(built(a_document()), "//cac:InvoiceLine/cbc:ID/@schemeID") == []


def test_a_support_documents_line_says_when_it_was_bought():
    tree = built(DOCUMENTS["support document"])

    assert texts(tree, "//cac:InvoiceLine[1]/cac:InvoicePeriod/*") == ["2026-05-04", "2", "Acumulado semanal"]
    assert texts(tree, "//cac:InvoiceLine[2]/cac:InvoicePeriod/*") == ["2026-05-10", "1", "Por operación"]


# Header: discounts, totals, payment, currency.


def test_discounts_and_charges_are_numbered_and_say_their_percentage():
    entries = (
        AllowanceCharge(is_charge=False, reason_code="01", reason="Pronto pago", amount=Decimal(1000)),
        AllowanceCharge(
            is_charge=True,
            reason_code="03",
            reason="Propina",
            amount=Decimal(5000),
            base_amount=Decimal(50000),
            percent=Decimal(10),
        ),
    )
    tree = built(a_document(allowance_charges=entries))

    assert texts(tree, "/*/cac:AllowanceCharge[1]/*") == [
        "1",
        "false",
        "01",
        "Pronto pago",
        "1.00",
        "1000.00",
        "100000.00",
    ]
    assert texts(tree, "/*/cac:AllowanceCharge[2]/*") == [
        "2",
        "true",
        "03",
        "Propina",
        "10.00",
        "5000.00",
        "50000.00",
    ]
    total = "/*/cac:LegalMonetaryTotal"
    assert text(tree, f"{total}/cbc:AllowanceTotalAmount") == "1000.00"
    assert text(tree, f"{total}/cbc:ChargeTotalAmount") == "5000.00"
    assert text(tree, f"{total}/cbc:PayableAmount") == "123000.00"


def test_the_header_has_one_group_for_each_tax_and_one_entry_for_each_rate():
    lines = (
        a_line(),
        a_line(taxes=(Tax(code="01", percent=Decimal(5)), Tax(code="35", percent=Decimal(20)))),
        a_line(),
    )
    tree = built(a_document(lines=lines))

    assert texts(tree, "/*/cac:TaxTotal/cbc:TaxAmount") == ["43000.00", "20000.00"]
    assert texts(tree, "/*/cac:TaxTotal[1]//cbc:Percent") == ["19.00", "5.00"]
    assert texts(tree, "/*/cac:TaxTotal[1]//cbc:TaxableAmount") == ["200000.00", "100000.00"]


def test_a_credit_is_due_and_notes_say_how_they_are_paid_too():
    credit = Payment(form="2", means="47", due_date=date(2026, 6, 9))
    tree = built(a_document(payment=credit))

    assert text(tree, "/*/cbc:DueDate") == "2026-06-09"
    assert texts(tree, "/*/cac:PaymentMeans/*") == ["2", "47", "2026-06-09"]
    assert texts(built(DOCUMENTS["credit note"]), "/*/cac:PaymentMeans/*") == ["1", "10"]
    assert texts(built(a_document(Kind.DEBIT_NOTE, payment=credit)), "/*/cbc:DueDate") == []


def test_a_document_in_pesos_may_state_its_amounts_in_dollars_too():
    rate = ExchangeRate(currency="USD", rate=Decimal(5000), on=date(2026, 5, 10))
    tree = built(a_document(exchange_rate=rate, allowance_charges=(builders.TIP,)))

    assert texts(tree, "/*/cac:PaymentExchangeRate/*") == [
        "COP",
        "5000.00",
        "USD",
        "1.00",
        "5000.00",
        "2026-05-10",
    ]
    assert text(tree, "//cac:InvoiceLine/cac:ItemPriceExtension/cbc:Amount[@currencyID='USD']") == "20.00"
    assert text(tree, "/*/cac:LegalMonetaryTotal/cbc:PayableAmount[@currencyID='COP']") == "129000.00"
    figures = tree.xpath("//ext:UBLExtension[3]/ext:ExtensionContent/*/*/*", namespaces=NAMES)
    found = {etree.QName(figure).localname: figure.text for figure in figures}
    assert found["FctConvCop"] == "5000.00" and found["MonedaCop"] == "USD"
    assert found["SubTotalCop"] == "20.00" and found["TotIvaCop"] == "3.80"
    assert found["MntRcgoCop"] == "2.00" and found["VlrPagarCop"] == "25.80"


def test_the_identifier_is_of_the_amounts_in_the_documents_own_currency():
    in_pesos, in_both = built(DOCUMENTS["invoice"]), built(DOCUMENTS["in pesos and dollars"])

    assert text(in_pesos, "/*/cbc:UUID") == text(in_both, "/*/cbc:UUID")


# Notes and references.


def test_a_note_says_what_it_corrects_and_why():
    tree = built(DOCUMENTS["credit note"])

    assert texts(tree, "/*/cac:DiscrepancyResponse/*") == ["SETP990000001", "3", "Rebaja"]
    reference = "/*/cac:BillingReference/cac:InvoiceDocumentReference"
    assert texts(tree, f"{reference}/*") == ["SETP990000001", CUFE, "2026-05-01"]
    assert text(tree, f"{reference}/cbc:UUID/@schemeName") == "CUFE-SHA384"


def test_an_adjustment_note_corrects_a_cuds():
    tree = built(DOCUMENTS["adjustment note"])

    assert text(tree, "//cac:InvoiceDocumentReference/cbc:UUID/@schemeName") == "CUDS-SHA384"


def test_a_debit_note_has_a_requested_total():
    tree = built(DOCUMENTS["debit note"])

    assert texts(tree, "/*/cac:RequestedMonetaryTotal/cbc:PayableAmount") == ["127405.00"]
    assert texts(tree, "/*/cac:LegalMonetaryTotal") == []


def test_what_was_on_paper_is_referred_to_by_its_number():
    tree = built(DOCUMENTS["contingency from paper"])

    assert texts(tree, "/*/cac:BillingReference/cac:InvoiceDocumentReference/*") == ["T-17", "2026-05-09"]


# Events and attached documents.


@pytest.mark.parametrize(
    "code, description",
    [
        (EventCode.ACKNOWLEDGEMENT, "Acuse de recibo de Factura Electrónica de Venta"),
        (EventCode.CLAIM, "Reclamo de la Factura Electrónica de Venta"),
        (EventCode.RECEIPT, "Recibo del bien o prestación del servicio"),
        (EventCode.ACCEPTANCE, "Aceptación expresa"),
        (EventCode.TACIT_ACCEPTANCE, "Aceptación Tácita"),
    ],
)
def test_an_event_says_what_is_declared_of_which_invoice(code: EventCode, description: str):
    tree = read(event.build(an_event(code)))
    response = "/*/cac:DocumentResponse"

    assert texts(tree, f"{response}/cac:Response/*") == [code.value, description]
    assert texts(tree, f"{response}/cac:DocumentReference/*") == ["SETG980000358", CUFE, "01"]
    assert text(tree, "/*/cbc:CustomizationID") == "1"
    assert (
        text(tree, "/*/cbc:ProfileID") == "DIAN 2.1: ApplicationResponse de la Factura Electrónica de Venta"
    )
    assert text(tree, "//sts:QRCode").endswith(CUFE)
    assert texts(tree, "//sts:InvoiceControl") == []


def test_the_buyer_declares_to_the_seller_and_silence_is_declared_to_dian():
    company = "cac:PartyTaxScheme/cbc:CompanyID"
    accepted = read(event.build(an_event(EventCode.ACCEPTANCE)))
    assert text(accepted, f"/*/cac:SenderParty/{company}") == "900123456"
    assert text(accepted, f"/*/cac:ReceiverParty/{company}") == "800199436"
    assert text(accepted, f"/*/cac:ReceiverParty/{company}/@schemeVersionID") == "1"

    silent = read(event.build(an_event(EventCode.TACIT_ACCEPTANCE)))
    assert text(silent, f"/*/cac:ReceiverParty/{company}") == "800197268"
    assert text(silent, "/*/cbc:Note").startswith("Manifiesto")


def test_a_claim_says_why_and_receipts_say_who():
    claim = read(event.build(an_event(EventCode.CLAIM)))
    assert text(claim, "//cbc:ResponseCode/@listID") == "02"
    assert text(claim, "//cbc:ResponseCode/@name") == "Mercancía no entregada"
    assert texts(claim, "//cac:IssuerParty") == []

    received = read(event.build(an_event(EventCode.RECEIPT)))
    assert texts(received, "//cac:IssuerParty/cac:Person/*") == ["2589846132", "Ana", "Díaz", "Almacén"]
    assert text(received, "//cac:IssuerParty/cac:Person/cbc:ID/@schemeName") == "13"


def test_an_attached_document_says_what_it_contains_and_that_dian_validated_it():
    tree = read(attached.build(a_delivery(b"<Invoice/>", b"<ApplicationResponse/>")))

    assert text(tree, "/*/cbc:CustomizationID") == "Documentos adjuntos"
    assert text(tree, "/*/cbc:DocumentType") == "Contenedor de Factura Electrónica"
    assert text(tree, "/*/cbc:ParentDocumentID") == "SETP990000001"
    assert texts(tree, "/*/cac:Attachment//cbc:MimeCode | /*/cac:Attachment//cbc:EncodingCode") == [
        "text/xml",
        "UTF-8",
    ]
    verdict = "//cac:ParentDocumentLineReference/cac:DocumentReference"
    assert text(tree, f"{verdict}/cbc:UUID") == CUFE
    assert texts(tree, f"{verdict}/cac:ResultOfVerification/*") == [
        "Unidad Especial Dirección de Impuestos y Aduanas Nacionales",
        "02",
        "2026-05-10",
        "15:30:05-05:00",
    ]
    assert text(tree, "/*/cac:SenderParty//cbc:TaxLevelCode") == "O-13;O-15"
    assert len(texts(tree, "//ext:UBLExtension")) == 1
