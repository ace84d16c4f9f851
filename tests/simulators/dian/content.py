"""Rules about the content of a document: parties, corrections, payment, lines, codes, currency.

Codes and severities: Anexo Técnico 1.9, groups AJ, AK, AE, AN, AQ, AR, AV, AW, AZ, BF and BG.
"""

import re
from collections.abc import Iterator

from lxml import etree

from tests.simulators.dian.document import Document
from tests.simulators.dian.findings import Finding
from tests.simulators.dian.nit import check_digit

_UUID = re.compile(r"[0-9a-f]{96}")
_IDENTIFICATIONS = frozenset({"11", "12", "13", "21", "22", "31", "41", "42", "47", "48", "50", "91"})
_RESPONSIBILITIES = frozenset({"O-13", "O-15", "O-23", "O-47", "R-99-PN"})
_TAX_SCHEMES = {"01": "IVA", "04": "INC", "ZA": "IVA e INC", "ZZ": "No aplica"}
_DISCOUNTS, _CHARGES = frozenset({"00", "01"}), frozenset({"02", "03"})
_REASONS = {
    **{
        name: frozenset(map(str, range(1, count + 1)))
        for name, count in (("credit_note", 6), ("debit_note", 4), ("adjustment_note", 5))
    },
    # Of list 16.6 of annex DE 1.0 only this one is known: annulment.
    "equivalent_note": frozenset({"2"}),
}
_ANYBODY = "222222222222"
_NOTES = frozenset(_REASONS)
_TAXES = frozenset(
    {
        "01",
        "02",
        "03",
        "04",
        "05",
        "06",
        "07",
        "08",
        "20",
        "21",
        "22",
        "23",
        "24",
        "25",
        "26",
        "30",
        "32",
        "33",
        "34",
    }
    | {"35", "36", "ZZ"}
)


def check(document: Document, nit: str) -> Iterator[Finding]:
    """``nit`` is that of the account that sends the document."""
    yield from _parties(document, nit)
    if document.kind in _NOTES:
        yield from _correction(document)
    yield from _payment(document)
    yield from _lines(document)
    yield from _codes(document)
    yield from _currency(document)


def _parties(document: Document, nit: str) -> Iterator[Finding]:
    p = document.family.letters
    if document.sender != nit:
        yield Finding(f"{p}AJ24", f"El NIT del emisor no está autorizado: {document.sender}")
    for role, letter in (("Supplier", "J"), ("Customer", "K")):
        party = document.all(f"cac:Accounting{role}Party")
        if len(party) != 1:
            yield Finding(f"{p}A{letter}01", f"Accounting{role}Party")
            continue
        yield from _party(document, party[0], f"{p}A{letter}")
    countries = document.all(
        "cac:AccountingSupplierParty//cac:PhysicalLocation//cac:Country/cbc:IdentificationCode"
    )
    if not document.is_support and [c.text for c in countries] != ["CO"]:
        yield Finding(f"{p}AJ16", "El país del emisor no es CO")
    if (
        not document.is_support
        and document.text("cac:AccountingCustomerParty/cbc:AdditionalAccountID") == "2"
        and not document.text("cac:AccountingCustomerParty/cac:Party/cac:PartyIdentification/cbc:ID")
    ):
        yield Finding(f"{p}AK61", "Persona natural sin PartyIdentification")


def _party(document: Document, party: etree._Element, rules: str) -> Iterator[Finding]:
    if document.text("cbc:AdditionalAccountID", party) not in ("1", "2"):
        yield Finding(f"{rules}02", "AdditionalAccountID no es 1 ni 2")
    for each in document.all(".//cbc:CompanyID | .//cac:PartyIdentification/cbc:ID", party):
        kind, digit = each.get("schemeName"), each.get("schemeID")
        if kind not in _IDENTIFICATIONS:
            yield Finding(f"{rules}25", f"Tipo de identificación {kind}")
        elif kind == "31" and digit != check_digit(each.text or ""):
            yield Finding(f"{rules}24", f"DV del NIT {each.text} errado")
        elif kind != "31" and digit:
            yield Finding(f"{rules}24", "Solo un NIT lleva DV")
    levels = document.text("cac:Party/cac:PartyTaxScheme/cbc:TaxLevelCode", party)
    number = document.text("cac:Party/cac:PartyTaxScheme/cbc:CompanyID", party)
    if not levels and document.is_equivalent and number == _ANYBODY:
        levels = "R-99-PN"  # one of the two official examples of a POS ticket has none
    if not levels or not set(levels.split(";")) <= _RESPONSIBILITIES:
        yield Finding(f"{rules}26", f"Responsabilidades: {levels}")
    scheme = document.text("cac:Party/cac:PartyTaxScheme/cac:TaxScheme/cbc:ID", party)
    name = document.text("cac:Party/cac:PartyTaxScheme/cac:TaxScheme/cbc:Name", party)
    if _TAX_SCHEMES.get(scheme) != name:
        yield Finding(f"{rules}41", "No corresponde al nombre y código válido.", is_rejection=False)
    for address in document.all(".//cac:Address | .//cac:RegistrationAddress", party):
        yield from _address(document, address, rules)


def _address(document: Document, address: etree._Element, rules: str) -> Iterator[Finding]:
    if document.text("cac:Country/cbc:IdentificationCode", address) != "CO":
        return
    city, state = document.text("cbc:ID", address), document.text("cbc:CountrySubentityCode", address)
    if not re.fullmatch(r"\d{5}", city) or city[:2] != state:
        yield Finding(f"{rules}09", f"Municipio {city} del departamento {state}")


def _correction(document: Document) -> Iterator[Finding]:
    p = document.family.letters
    reasons = document.all("cac:DiscrepancyResponse")
    if not reasons:
        yield Finding(f"{p}BF01", "DiscrepancyResponse no informado")
        return
    code = document.text("cbc:ResponseCode", reasons[0])
    if code not in _REASONS[document.kind]:
        yield Finding(f"{p}AE03", f"Concepto de corrección {code}")
    operation = document.text("cbc:CustomizationID")
    if document.kind == "credit_note" and code == "2" and operation != "20":
        yield Finding("CAD02a", "Una anulación debe referenciar su factura")
    references = document.all("cac:BillingReference/cac:InvoiceDocumentReference")
    if operation in ("22", "32"):
        if not document.text("cac:InvoicePeriod/cbc:StartDate"):
            yield Finding(f"{p}AD17", "Nota sin referencia ni periodo")
        return
    if not references or not document.text("cbc:ID", references[0]):
        yield Finding(f"{p}BG03", "Documento de referencia no informado")
    elif not _UUID.fullmatch(document.text("cbc:UUID", references[0])):
        yield Finding(f"{p}BG04a", "CUFE de referencia no existe")
    elif document.text("cbc:IssueDate", references[0]) > document.text("cbc:IssueDate"):
        yield Finding(f"{p}BG06", "Nota anterior a su documento")


def _payment(document: Document) -> Iterator[Finding]:
    p = document.family.letters
    means = document.all("cac:PaymentMeans")
    if not means:
        yield Finding(f"{p}AN01", "PaymentMeans no informado")
    for each in means:
        form = document.text("cbc:ID", each)
        if form not in ("1", "2"):
            yield Finding(f"{p}AN02", f"Forma de pago {form}")
        if not document.text("cbc:PaymentMeansCode", each):
            yield Finding(f"{p}AN03", "Medio de pago no informado")
        if form == "2" and not document.text("cbc:PaymentDueDate", each):
            yield Finding(f"{p}AN04", "Pago a crédito sin fecha de vencimiento")


def _lines(document: Document) -> Iterator[Finding]:
    p = document.family.letters
    ids = [document.text("cbc:ID", line) for line in document.lines]
    if not ids:
        yield Finding(f"{p}AV01", "Sin líneas")
    if ids != [str(n) for n in range(1, len(ids) + 1)]:
        yield Finding(f"{p}AV02", "Las líneas no son consecutivas desde 1", is_rejection=False)
    for line in document.lines:
        if not document.text(f"cbc:{document.family.quantity}/@unitCode", line):
            yield Finding(f"{p}AV05", "Unidad de medida no informada")
        if not document.text("cac:Item/cbc:Description", line):
            yield Finding(f"{p}AZ02", "Descripción no informada")
        if not document.text("cac:Item/cac:StandardItemIdentification/cbc:ID", line):
            yield Finding(f"{p}AZ09", "Código estándar no informado", is_rejection=False)
        free = document.text("cac:PricingReference/cac:AlternativeConditionPrice/cbc:PriceTypeCode", line)
        if document.text("cbc:FreeOfChargeIndicator", line) == "true" and free not in ("01", "02", "03"):
            yield Finding(f"{p}AW05", "Muestra gratis sin precio de referencia")
        form = document.text("cac:InvoicePeriod/cbc:DescriptionCode", line)
        if document.kind == "support_document" and form not in ("1", "2"):
            yield Finding("DSAV09", "Forma de generación y transmisión no informada")


def _codes(document: Document) -> Iterator[Finding]:
    p = document.family.letters
    for each in document.all("//cac:TaxSubtotal/cac:TaxCategory/cac:TaxScheme/cbc:ID"):
        if each.text not in _TAXES:
            yield Finding(f"{p}AS16", f"Tributo {each.text}")
    allowed = {"TaxTotal": {"01"}, "WithholdingTaxTotal": {"05", "06"}}
    if document.is_support:
        for name, codes in allowed.items():
            found = document.all(f"//cac:{name}/cac:TaxSubtotal/cac:TaxCategory/cac:TaxScheme/cbc:ID")
            if any(each.text not in codes for each in found):
                yield Finding("DSAY13", "Tributo no permitido en documento soporte")
    adjustments = document.all("cac:AllowanceCharge")
    if document.kind == "support_document" and [document.text("cbc:ID", a) for a in adjustments] != [
        str(n) for n in range(1, len(adjustments) + 1)
    ]:
        yield Finding("DSAQ02", "Los descuentos y cargos no son consecutivos desde 1")
    for each in adjustments:
        sign, reason = (
            document.text("cbc:ChargeIndicator", each),
            document.text("cbc:AllowanceChargeReasonCode", each),
        )
        if sign not in ("true", "false"):
            yield Finding(f"{p}AQ03", "ChargeIndicator no es true ni false")
        elif reason not in (_CHARGES if sign == "true" else _DISCOUNTS):
            yield Finding(f"{p}AQ04", f"Código {reason} de descuento o cargo")


def _currency(document: Document) -> Iterator[Finding]:
    p, currency = document.family.letters, document.text("cbc:DocumentCurrencyCode")
    if not re.fullmatch(r"[A-Z]{3}", currency):
        yield Finding(f"{p}AD15a", f"Moneda {currency}")
    if currency == "COP":
        return
    rate = "cac:PaymentExchangeRate"
    if document.text(f"{rate}/cbc:SourceCurrencyCode") != currency:
        yield Finding(f"{p}AR02", "SourceCurrencyCode no es la moneda del documento")
    if document.text(f"{rate}/cbc:TargetCurrencyCode") != "COP":
        yield Finding(f"{p}AR04", "TargetCurrencyCode no es COP")
    if document.text(f"{rate}/cbc:SourceCurrencyBaseRate") != "1.00":
        yield Finding(f"{p}AR03", "SourceCurrencyBaseRate no es 1.00")
    if not document.text(f"{rate}/cbc:CalculationRate") or not document.text(f"{rate}/cbc:Date"):
        yield Finding(f"{p}AR06", "Tasa de cambio o su fecha no informada")
