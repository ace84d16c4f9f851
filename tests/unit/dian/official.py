"""DIAN's official examples read back as documents of the domain: the facts in them, without their sums."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from cauce.domain.document import (
    AllowanceCharge,
    BillingPeriod,
    BillingReference,
    Document,
    ExchangeRate,
    Kind,
    Line,
    Payment,
    Prepayment,
    Reason,
    ReferencePrice,
    Tax,
    Withholding,
)
from cauce.domain.outcome import Number
from cauce.providers.dian.ubl.facts import NumberedDocument
from tests.unit.dian.builders import BUYER, SELLER, a_range, numbered
from tests.unit.dian.oracles import NAMES, text

_LINES = {"Invoice": "InvoiceLine", "CreditNote": "CreditNoteLine", "DebitNote": "DebitNoteLine"}


def kind_of(tree: Any) -> Kind:
    if _first(tree, "cbc:InvoiceTypeCode") == "05":
        return Kind.SUPPORT_DOCUMENT
    root = tree.tag.rpartition("}")[2]
    return {"Invoice": Kind.INVOICE, "CreditNote": Kind.CREDIT_NOTE, "DebitNote": Kind.DEBIT_NOTE}[root]


def document(tree: Any) -> Document:
    kind = kind_of(tree)
    other = "Supplier" if kind is Kind.SUPPORT_DOCUMENT else "Customer"
    identification = _first(tree, f"cac:Accounting{other}Party/cac:Party/cac:PartyTaxScheme/cbc:CompanyID")
    party = SELLER if kind is Kind.SUPPORT_DOCUMENT else BUYER
    return Document(
        kind=kind,
        counterparty=party.model_copy(update={"identification": identification, "identification_type": "13"}),
        lines=tuple(_line(line) for line in _all(tree, f"cac:{_LINES[tree.tag.rpartition('}')[2]]}")),
        allowance_charges=tuple(_adjustment(entry) for entry in _all(tree, "cac:AllowanceCharge")),
        payment=_payment(tree),
        currency=_first(tree, "cbc:DocumentCurrencyCode") or "COP",
        exchange_rate=_rate(tree),
        prepayments=tuple(
            Prepayment(
                amount=_number(entry, "cbc:PaidAmount"),
                received_date=date.fromisoformat(text(entry, "cbc:ReceivedDate")),
            )
            for entry in _all(tree, "cac:PrepaidPayment")
        ),
        **_correction(tree, kind),
    )


def numbered_example(tree: Any, **changes: Any) -> NumberedDocument:
    """The example with its own number and time."""
    found = document(tree)
    name = text(tree, "cbc:ID")
    prefix = name.rstrip("0123456789")
    moment = f"{text(tree, 'cbc:IssueDate')}T{text(tree, 'cbc:IssueTime')}"
    facts = {
        "number": Number(prefix=prefix, consecutive=int(name.removeprefix(prefix))),
        "issued_at": datetime.fromisoformat(moment),
        "range": a_range(found.kind, prefix),
    }
    return numbered(found, **{**facts, **changes})


def _line(line: Any) -> Line:
    # Not BaseQuantity: the example of the tip prices one unit of the ten that it invoices.
    quantity = _number(line, "*[contains(local-name(), 'Quantity')]")
    free = _first(line, "cbc:FreeOfChargeIndicator") == "true"
    reference = None
    if free:
        path = "cac:PricingReference/cac:AlternativeConditionPrice"
        reference = ReferencePrice(
            amount=_number(line, f"{path}/cbc:PriceAmount"), type=_first(line, f"{path}/cbc:PriceTypeCode")
        )
    return Line(
        code="1",
        description=_first(line, "cac:Item/cbc:Description") or "-",
        quantity=quantity,
        price=_number(line, "cac:Price/cbc:PriceAmount"),
        reference_price=reference,
        allowance_charges=tuple(_adjustment(entry) for entry in _all(line, "cac:AllowanceCharge")),
        taxes=tuple(_tax(found) for found in _all(line, "cac:TaxTotal/cac:TaxSubtotal")),
        withholdings=tuple(
            Withholding(
                code=text(found, "cac:TaxCategory/cac:TaxScheme/cbc:ID"),
                percent=_number(found, "cac:TaxCategory/cbc:Percent"),
            )
            for found in _all(line, "cac:WithholdingTaxTotal/cac:TaxSubtotal")
        ),
    )


def _tax(found: Any) -> Tax:
    code = text(found, "cac:TaxCategory/cac:TaxScheme/cbc:ID")
    percent = _first(found, "cac:TaxCategory/cbc:Percent")
    base = _first(found, "cbc:TaxableAmount")
    facts: dict[str, Any] = {"code": code, "base": Decimal(base) if base else None}
    if percent:
        return Tax(percent=Decimal(percent), **facts)
    return Tax(
        per_unit_amount=_number(found, "cbc:PerUnitAmount"),
        base_units=_number(found, "cbc:BaseUnitMeasure"),
        unit=text(found, "cbc:BaseUnitMeasure/@unitCode"),
        **facts,
    )


def _adjustment(entry: Any) -> AllowanceCharge:
    return AllowanceCharge(
        is_charge=text(entry, "cbc:ChargeIndicator") == "true",
        reason_code="00",
        reason=_first(entry, "cbc:AllowanceChargeReason") or "-",
        amount=_number(entry, "cbc:Amount"),
    )


def _payment(tree: Any) -> Payment:
    form, due = _first(tree, "cac:PaymentMeans/cbc:ID"), _first(tree, "cac:PaymentMeans/cbc:PaymentDueDate")
    return Payment(form=form or "1", due_date=date.fromisoformat(due) if due else None)


def _rate(tree: Any) -> ExchangeRate | None:
    currency = _first(tree, "cac:PaymentExchangeRate/cbc:SourceCurrencyCode")
    if currency in (None, "COP"):
        return None
    return ExchangeRate(
        currency=currency,
        rate=_number(tree, "cac:PaymentExchangeRate/cbc:CalculationRate"),
        on=date.fromisoformat(text(tree, "cac:PaymentExchangeRate/cbc:Date")),
    )


def _correction(tree: Any, kind: Kind) -> dict[str, Any]:
    if kind not in (Kind.CREDIT_NOTE, Kind.DEBIT_NOTE):
        return {}
    reference = _all(tree, "cac:BillingReference/cac:InvoiceDocumentReference")
    start = _first(tree, "cac:InvoicePeriod/cbc:StartDate")
    return {
        "reason": Reason(
            code=text(tree, "cac:DiscrepancyResponse/cbc:ResponseCode"),
            text=text(tree, "cac:DiscrepancyResponse/cbc:Description"),
        ),
        "billing_reference": BillingReference(
            number=text(reference[0], "cbc:ID"),
            uuid=text(reference[0], "cbc:UUID"),
            issue_date=date.fromisoformat(text(reference[0], "cbc:IssueDate")),
        )
        if reference
        else None,
        "period": BillingPeriod(
            start=date.fromisoformat(start),
            end=date.fromisoformat(text(tree, "cac:InvoicePeriod/cbc:EndDate")),
        )
        if start
        else None,
    }


def _all(element: Any, path: str) -> list[Any]:
    found: list[Any] = element.xpath(path, namespaces=NAMES)
    return found


def _first(element: Any, path: str) -> str | None:
    found = _all(element, path)
    return found[0].text if found else None


def _number(element: Any, path: str) -> Decimal:
    return Decimal(text(element, path))
