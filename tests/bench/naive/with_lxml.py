"""pydantic, lxml and signxml: the invoice as a tree, and signxml's XAdES signer on it.

Options of signxml: ``XAdESSigner`` with DIAN's signature policy and role, RSA-SHA256, SHA-256, inclusive C14N, the
signature enveloped in its place in the document, the whole chain of certificates for the properties, no KeyValue. The
signer is made once, as its documentation advises.
"""

from typing import Any

from lxml import etree
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureMethod
from signxml.xades import XAdESDataObjectFormat, XAdESSignaturePolicy, XAdESSigner

from tests.bench import invoices
from tests.bench.naive import header
from tests.bench.naive.figures import Figures, Sums, figures, shown
from tests.bench.naive.header import NAMESPACES, Computed, nit_attributes
from tests.bench.naive.request import Invoice, Line

Element = Any
CBC, CAC, EXT, STS = (f"{{{NAMESPACES[prefix]}}}" for prefix in ("cbc", "cac", "ext", "sts"))
_LIST = {
    "listAgencyID": "6",
    "listAgencyName": "United Nations Economic Commission for Europe",
    "listSchemeURI": "urn:oasis:names:specification:ubl:codelist:gc:CountryIdentificationCode-2.1",
}
_SIGNER = XAdESSigner(
    signature_policy=XAdESSignaturePolicy(
        Identifier=header.POLICY,
        Description=header.POLICY_DESCRIPTION,
        DigestMethod=DigestAlgorithm.SHA256,
        DigestValue=header.POLICY_DIGEST,
    ),
    claimed_roles=["supplier"],
    data_object_format=XAdESDataObjectFormat(Description="", MimeType="text/xml"),
    signature_algorithm=SignatureMethod.RSA_SHA256,
    digest_algorithm=DigestAlgorithm.SHA256,
    c14n_algorithm=CanonicalizationMethod.CANONICAL_XML_1_0,
)


def signed(text: str) -> bytes:
    """The signed XML of a request's body."""
    invoice = Invoice.model_validate_json(text)
    found = figures(invoice)
    return sign(built(invoice, found, header.computed(invoice, found)))


def sign(root: Element) -> bytes:
    made = invoices.signer()[0]
    root = _SIGNER.sign(root, key=made.key, cert=invoices.chain(), always_add_key_value=False)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=False)


def built(invoice: Invoice, found: Figures, computed: Computed) -> Element:
    root = etree.Element(f"{{{NAMESPACES[None]}}}Invoice", nsmap=NAMESPACES)
    extensions = etree.SubElement(root, EXT + "UBLExtensions")
    _dian_extension(_add(_add(extensions, EXT + "UBLExtension"), EXT + "ExtensionContent"), computed)
    place = _add(_add(extensions, EXT + "UBLExtension"), EXT + "ExtensionContent")
    _add(place, f"{{{NAMESPACES['ds']}}}Signature", Id="placeholder")
    _facts(root, invoice, computed)
    _supplier(root)
    _customer(root, invoice)
    _payment(root, invoice)
    _taxes(root, found.tax, found.taxes.items(), invoice.moneda)
    total = _add(root, CAC + "LegalMonetaryTotal")
    _money(total, "LineExtensionAmount", found.net, invoice.moneda)
    _money(total, "TaxExclusiveAmount", found.taxable, invoice.moneda)
    _money(total, "TaxInclusiveAmount", found.payable, invoice.moneda)
    _money(total, "PayableAmount", found.payable, invoice.moneda)
    for n, (line, sums) in enumerate(zip(invoice.lineas, found.lines, strict=True), start=1):
        _line(root, n, line, sums, invoice.moneda)
    return root


def _add(parent: Element, tag: str, text: str | None = None, **attributes: str) -> Element:
    found = etree.SubElement(parent, tag, attributes)
    found.text = text
    return found


def _money(parent: Element, name: str, value: Any, currency: str) -> None:
    _add(parent, CBC + name, f"{value:f}", currencyID=currency)


def _dian_extension(place: Element, computed: Computed) -> None:
    dian, range_ = _add(place, STS + "DianExtensions"), header.range_
    control = _add(dian, STS + "InvoiceControl")
    _add(control, STS + "InvoiceAuthorization", range_.resolution)
    period = _add(control, STS + "AuthorizationPeriod")
    _add(period, CBC + "StartDate", str(range_.valid_from))
    _add(period, CBC + "EndDate", str(range_.valid_to))
    authorised = _add(control, STS + "AuthorizedInvoices")
    _add(authorised, STS + "Prefix", range_.prefix)
    _add(authorised, STS + "From", str(range_.start))
    _add(authorised, STS + "To", str(range_.end))
    _add(_add(dian, STS + "InvoiceSource"), CBC + "IdentificationCode", "CO", **_LIST)
    provider = _add(dian, STS + "SoftwareProvider")
    _add(provider, STS + "ProviderID", header.nit, **nit_attributes("31", header.nit, None))
    _add(provider, STS + "SoftwareID", header.software.id, **header.AGENCY)
    _add(dian, STS + "SoftwareSecurityCode", computed.code, **header.AGENCY)
    authorisation = _add(dian, STS + "AuthorizationProvider")
    _add(
        authorisation, STS + "AuthorizationProviderID", "800197268", **nit_attributes("31", "800197268", None)
    )
    _add(dian, STS + "QRCode", computed.qr)


def _facts(root: Element, invoice: Invoice, computed: Computed) -> None:
    _add(root, CBC + "UBLVersionID", "UBL 2.1")
    _add(root, CBC + "CustomizationID", "10")
    _add(root, CBC + "ProfileID", "DIAN 2.1: Factura Electrónica de Venta")
    _add(root, CBC + "ProfileExecutionID", "2")
    _add(root, CBC + "ID", header.number)
    _add(root, CBC + "UUID", computed.cufe, schemeID="2", schemeName="CUFE-SHA384")
    _add(root, CBC + "IssueDate", computed.day)
    _add(root, CBC + "IssueTime", computed.hour)
    if invoice.pago.vencimiento:
        _add(root, CBC + "DueDate", invoice.pago.vencimiento.isoformat())
    _add(root, CBC + "InvoiceTypeCode", (invoice.factura and invoice.factura.tipo) or "01")
    for note in invoice.observaciones:
        _add(root, CBC + "Note", note)
    _add(root, CBC + "DocumentCurrencyCode", invoice.moneda)
    _add(root, CBC + "LineCountNumeric", str(len(invoice.lineas)))
    if invoice.orden:
        _add(_add(root, CAC + "OrderReference"), CBC + "ID", invoice.orden.numero)


def _address(parent: Element, name: str, municipality: str, postal: str | None, street: str) -> None:
    address = _add(parent, CAC + name)
    _add(address, CBC + "ID", municipality)
    _add(address, CBC + "CityName", header.MUNICIPALITIES[municipality])
    if postal:
        _add(address, CBC + "PostalZone", postal)
    _add(address, CBC + "CountrySubentity", header.DEPARTMENTS[municipality[:2]])
    _add(address, CBC + "CountrySubentityCode", municipality[:2])
    _add(_add(address, CAC + "AddressLine"), CBC + "Line", street)
    country = _add(address, CAC + "Country")
    _add(country, CBC + "IdentificationCode", "CO")
    _add(country, CBC + "Name", "Colombia", languageID="es")


def _scheme(parent: Element, code: str) -> None:
    scheme = _add(parent, CAC + "TaxScheme")
    _add(scheme, CBC + "ID", code)
    _add(scheme, CBC + "Name", header.TAX_NAMES[code])


def _supplier(root: Element) -> None:
    issuer = header.issuer
    supplier = _add(root, CAC + "AccountingSupplierParty")
    _add(supplier, CBC + "AdditionalAccountID", issuer.person_type)
    party = _add(supplier, CAC + "Party")
    _add(party, CBC + "IndustryClassificationCode", issuer.economic_activity)
    _add(_add(party, CAC + "PartyName"), CBC + "Name", issuer.trade_name)
    _address(_add(party, CAC + "PhysicalLocation"), "Address", issuer.municipality, None, issuer.address)
    taxes = _add(party, CAC + "PartyTaxScheme")
    attributes = nit_attributes("31", header.nit, issuer.check_digit)
    _add(taxes, CBC + "RegistrationName", issuer.name)
    _add(taxes, CBC + "CompanyID", header.nit, **attributes)
    _add(taxes, CBC + "TaxLevelCode", ";".join(issuer.responsibilities), listName="48")
    _address(taxes, "RegistrationAddress", issuer.municipality, None, issuer.address)
    _scheme(taxes, issuer.tax_scheme)
    legal = _add(party, CAC + "PartyLegalEntity")
    _add(legal, CBC + "RegistrationName", issuer.name)
    _add(legal, CBC + "CompanyID", header.nit, **attributes)
    registration = _add(legal, CAC + "CorporateRegistrationScheme")
    _add(registration, CBC + "ID", header.range_.prefix)
    _add(registration, CBC + "Name", issuer.commercial_registration)
    _contact(party, issuer.phone, issuer.email)


def _contact(party: Element, phone: str | None, email: str | None) -> None:
    contact = _add(party, CAC + "Contact")
    if phone:
        _add(contact, CBC + "Telephone", phone)
    if email:
        _add(contact, CBC + "ElectronicMail", email)


def _customer(root: Element, invoice: Invoice) -> None:
    buyer = invoice.adquiriente
    customer = _add(root, CAC + "AccountingCustomerParty")
    _add(customer, CBC + "AdditionalAccountID", buyer.tipo_persona)
    party = _add(customer, CAC + "Party")
    _add(_add(party, CAC + "PartyName"), CBC + "Name", buyer.nombre_comercial or buyer.razon_social)
    place = (buyer.codigo_municipio or "11001", buyer.codigo_postal, buyer.direccion or "")
    _address(_add(party, CAC + "PhysicalLocation"), "Address", *place)
    taxes = _add(party, CAC + "PartyTaxScheme")
    attributes = nit_attributes(buyer.tipo_documento, buyer.numero_documento, buyer.dv)
    _add(taxes, CBC + "RegistrationName", buyer.razon_social)
    _add(taxes, CBC + "CompanyID", buyer.numero_documento, **attributes)
    _add(taxes, CBC + "TaxLevelCode", ";".join(buyer.responsabilidad_fiscal), listName="48")
    _address(taxes, "RegistrationAddress", *place)
    _scheme(taxes, buyer.tributo or "ZZ")
    legal = _add(party, CAC + "PartyLegalEntity")
    _add(legal, CBC + "RegistrationName", buyer.razon_social)
    _add(legal, CBC + "CompanyID", buyer.numero_documento, **attributes)
    _contact(party, buyer.telefono, buyer.email)


def _payment(root: Element, invoice: Invoice) -> None:
    means = _add(root, CAC + "PaymentMeans")
    _add(means, CBC + "ID", invoice.pago.forma)
    _add(means, CBC + "PaymentMeansCode", invoice.pago.medio or "1")
    if invoice.pago.vencimiento:
        _add(means, CBC + "PaymentDueDate", invoice.pago.vencimiento.isoformat())


def _taxes(parent: Element, tax: Any, rates: Any, currency: str) -> None:
    total = _add(parent, CAC + "TaxTotal")
    _money(total, "TaxAmount", tax, currency)
    for percent, (base, amount) in rates:
        subtotal = _add(total, CAC + "TaxSubtotal")
        _money(subtotal, "TaxableAmount", base, currency)
        _money(subtotal, "TaxAmount", amount, currency)
        category = _add(subtotal, CAC + "TaxCategory")
        _add(category, CBC + "Percent", shown(percent))
        _scheme(category, "01")


def _line(root: Element, n: int, line: Line, sums: Sums, currency: str) -> None:
    found = _add(root, CAC + "InvoiceLine")
    _add(found, CBC + "ID", str(n))
    _add(found, CBC + "InvoicedQuantity", shown(line.cantidad), unitCode=line.unidad)
    _money(found, "LineExtensionAmount", sums.net, currency)
    _add(found, CBC + "FreeOfChargeIndicator", "false")
    if sums.discount:
        allowance = _add(found, CAC + "AllowanceCharge")
        _add(allowance, CBC + "ID", "1")
        _add(allowance, CBC + "ChargeIndicator", "false")
        _add(allowance, CBC + "AllowanceChargeReason", "Descuento")
        if line.descuento_pct is not None:
            _add(allowance, CBC + "MultiplierFactorNumeric", shown(line.descuento_pct))
        _money(allowance, "Amount", sums.discount, currency)
        _money(allowance, "BaseAmount", sums.gross, currency)
    if sums.percent is not None:
        _taxes(found, sums.tax, [(sums.percent, (sums.net, sums.tax))], currency)
    item = _add(found, CAC + "Item")
    _add(item, CBC + "Description", line.descripcion)
    _add(_add(item, CAC + "SellersItemIdentification"), CBC + "ID", line.codigo)
    _add(
        _add(item, CAC + "StandardItemIdentification"),
        CBC + "ID",
        line.codigo,
        schemeID="999",
        schemeName="Estándar de adopción del contribuyente",
    )
    price = _add(found, CAC + "Price")
    _add(price, CBC + "PriceAmount", shown(line.precio), currencyID=currency)
    _add(price, CBC + "BaseQuantity", shown(line.cantidad), unitCode=line.unidad)
