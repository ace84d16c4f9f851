"""What a file corrects, how it is paid, what is discounted. Annex 1.9, groups BF, BG, AN, AQ, BD, BC."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from cauce.domain import catalogs
from cauce.domain.document import NOTES, Kind, reasons_of
from cauce.domain.money import HUNDRED
from cauce.ubl.facts import FROM_PAPER
from cauce.ubl.preflight.rules import (
    ALWAYS_ON_ONE,
    CANCELLATION,
    DISCOUNTS,
    NOTHING,
    WITH_REFERENCE,
    Hit,
    one_of,
    shown,
)
from cauce.ubl.preflight.xml.file import File, number_of

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_REFERENCE = "cac:BillingReference/cac:InvoiceDocumentReference"
_CREDIT = "2"


def check(file: File) -> Iterator[Hit]:
    if file.kind in NOTES:
        yield from _correction(file)
    if file.kind is Kind.INVOICE and file.type_code == FROM_PAPER and not file.text(f"{_REFERENCE}/cbc:ID"):
        yield Hit("FBG01", f"{_REFERENCE}/cbc:ID", "la factura de papel", NOTHING)
    incoterms = "cac:DeliveryTerms/cbc:LossRiskResponsibilityCode"
    if file.first(incoterms) is not None and file.text(incoterms) not in catalogs.INCOTERMS:
        yield Hit("FBC04", incoterms, one_of(catalogs.INCOTERMS), shown(file.text(incoterms)))
    yield from _payment(file)
    gross = file.number(f"{file.shape.total}/cbc:LineExtensionAmount")
    for n, each in enumerate(file.all("cac:PrepaidPayment/cbc:PaidAmount"), start=1):
        if number_of(each) >= gross:
            field = f"cac:PrepaidPayment[{n}]/cbc:PaidAmount"
            yield Hit("FBD03", field, f"menos de {gross:f}", f"{number_of(each):f}")
    yield from adjustments(file, "", None)
    if file.kind is Kind.INVOICE:
        yield from _reasons(file)
    if file.kind is Kind.SUPPORT_DOCUMENT:
        yield from consecutive(file, "DSAQ02", "", None)


def _correction(file: File) -> Iterator[Hit]:
    response = "cac:DiscrepancyResponse"
    if file.first(response) is None:
        yield Hit("CBF01", response, "el motivo de la nota", NOTHING)
    else:
        reasons, reason = reasons_of(file.kind), file.text(f"{response}/cbc:ResponseCode")
        if reason not in reasons:
            yield Hit("CAE03", f"{response}/cbc:ResponseCode", one_of(reasons), shown(reason))
        operation = file.text("cbc:CustomizationID")
        if file.kind is Kind.CREDIT_NOTE and reason == CANCELLATION and operation != "20":
            yield Hit("CAD02a", "cbc:CustomizationID", "20", shown(operation))
    if file.kind not in ALWAYS_ON_ONE and (file.text("cbc:CustomizationID") not in WITH_REFERENCE):
        return
    if file.first(response) is not None and not file.text(f"{response}/cbc:ReferenceID"):
        yield Hit("CBF02", f"{response}/cbc:ReferenceID", "el número que corrige", NOTHING)
    if not file.text(f"{_REFERENCE}/cbc:ID"):
        yield Hit("CBG03", f"{_REFERENCE}/cbc:ID", "el número que corrige", NOTHING)
    corrected, issued = file.text(f"{_REFERENCE}/cbc:IssueDate"), file.text("cbc:IssueDate")
    if corrected > issued:  # both AAAA-MM-DD
        yield Hit("CBG06", f"{_REFERENCE}/cbc:IssueDate", f"{issued} o antes", corrected)


def _payment(file: File) -> Iterator[Hit]:
    means = file.all("cac:PaymentMeans")
    if not means and file.kind in NOTES:
        yield Hit("CAN01", "cac:PaymentMeans", "cómo se paga", NOTHING)
    for n, each in enumerate(means, start=1):
        path, form = f"cac:PaymentMeans[{n}]", file.text("cbc:ID", each)
        if form not in catalogs.PAYMENT_FORMS:
            yield Hit("FAN02", f"{path}/cbc:ID", one_of(catalogs.PAYMENT_FORMS), shown(form))
        code = file.text("cbc:PaymentMeansCode", each)
        if code not in catalogs.payment_means():
            yield Hit("FAN03", f"{path}/cbc:PaymentMeansCode", "un código de 13.3.4.2", shown(code))
        if form == _CREDIT and not file.text("cbc:PaymentDueDate", each):
            yield Hit("FAN04", f"{path}/cbc:PaymentDueDate", "una fecha", NOTHING)


def adjustments(file: File, path: str, within: "Element | None") -> Iterator[Hit]:
    """Checks the discounts and charges of a line or, without one, of the whole document."""
    for n, each in enumerate(file.all("cac:AllowanceCharge", within), start=1):
        field = f"{path}cac:AllowanceCharge[{n}]"
        sign = file.text("cbc:ChargeIndicator", each)
        if sign not in ("true", "false"):
            yield Hit("FAQ03", f"{field}/cbc:ChargeIndicator", "true o false", shown(sign))
        percent = file.text("cbc:MultiplierFactorNumeric", each)
        if not percent or file.number("cbc:MultiplierFactorNumeric", each) > HUNDRED:
            yield Hit("FAQ06", f"{field}/cbc:MultiplierFactorNumeric", "100 o menos", shown(percent))
        amount, base = file.number("cbc:Amount", each), file.number("cbc:BaseAmount", each)
        if sign == "false" and file.first("cbc:BaseAmount", each) is not None and amount > base:
            yield Hit("FAQ09", f"{field}/cbc:Amount", f"{base:f} o menos", f"{amount:f}")


def _reasons(file: File) -> Iterator[Hit]:
    for n, each in enumerate(file.all("cac:AllowanceCharge"), start=1):
        allowed = {"true": catalogs.CHARGES, "false": DISCOUNTS}.get(file.text("cbc:ChargeIndicator", each))
        code = file.text("cbc:AllowanceChargeReasonCode", each)
        if allowed is not None and code not in allowed:
            field = f"cac:AllowanceCharge[{n}]/cbc:AllowanceChargeReasonCode"
            yield Hit("FAQ04", field, one_of(allowed), shown(code))


def consecutive(file: File, rule: str, path: str, within: "Element | None") -> Iterator[Hit]:
    """Discounts and charges must be numbered from 1."""
    for n, each in enumerate(file.all("cac:AllowanceCharge", within), start=1):
        if file.text("cbc:ID", each) != str(n):
            field = f"{path}cac:AllowanceCharge[{n}]/cbc:ID"
            yield Hit(rule, field, str(n), shown(file.text("cbc:ID", each)))
