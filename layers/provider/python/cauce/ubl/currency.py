"""Foreign currency, in the two styles that DIAN takes.

A document *in* a foreign currency states its rate in pesos; its identifier is computed on the foreign figures.
A document in pesos may state its amounts in a foreign currency as well: in each invoice line and in an extension.
Source: Anexo Técnico 1.9, group FAR, and the examples of 1.9 «cambio otra moneda».
"""

from decimal import Decimal

from cauce.domain.document import Document, ExchangeRate
from cauce.domain.money import ZERO, rounded
from cauce.domain.totals import TaxAmount, Totals
from cauce.ubl.amounts import amount, decimals
from cauce.ubl.canonical import Element, group, leaf
from cauce.ubl.extensions import extension

PESO = "COP"
_ONE = "1.00"


def exchange_rate(document: Document) -> Element | None:
    """PaymentExchangeRate, where the document has a rate."""
    rate = document.exchange_rate
    if rate is None:
        return None
    if document.currency == PESO:
        # The example of 1.9 writes the rate as the source's base, against rule FAR03, which wants 1.00 and is
        # from the older schematron. The example is followed.
        base, target = decimals(rate.rate), rate.currency
    else:
        base, target = _ONE, PESO
    return group(
        "cac:PaymentExchangeRate",
        leaf("cbc:SourceCurrencyCode", document.currency),
        leaf("cbc:SourceCurrencyBaseRate", base),
        leaf("cbc:TargetCurrencyCode", target),
        leaf("cbc:TargetCurrencyBaseRate", _ONE),
        leaf("cbc:CalculationRate", decimals(rate.rate)),
        leaf("cbc:Date", rate.on.isoformat()),
    )


def second_currency(document: Document) -> ExchangeRate | None:
    """The rate at which a document in pesos also states its amounts, if it does."""
    return document.exchange_rate if document.currency == PESO else None


def line_in_second_currency(document: Document, net: Decimal) -> Element | None:
    """ItemPriceExtension: an invoice line's value in the other currency."""
    rate = second_currency(document)
    if rate is None:
        return None
    return group("cac:ItemPriceExtension", amount("cbc:Amount", _converted(net, rate), rate.currency))


def totals_in_second_currency(document: Document, totals: Totals) -> Element | None:
    """The extension with the totals in the other currency, though its elements' names end in «Cop»."""
    rate = second_currency(document)
    if rate is None:
        return None
    taxes = totals.tax_of("01"), totals.tax_of("04"), totals.tax_of("22")
    figures = {
        "SubTotalCop": totals.line_extension,
        "DescuentoDetalleCop": sum((line.discount for line in totals.lines), ZERO),
        "RecargoDetalleCop": sum((line.charge for line in totals.lines), ZERO),
        "TotalBrutoFacturaCop": totals.line_extension,
        "TotIvaCop": taxes[0],
        "TotIncCop": taxes[1],
        "TotBolCop": taxes[2],
        "ImpOtroCop": totals.tax - sum(taxes, ZERO),
        "MntImpCop": totals.tax,
        "TotalNetoFacturaCop": totals.tax_inclusive,
        "MntDctoCop": totals.allowance,
        "MntRcgoCop": totals.charge,
        "VlrPagarCop": totals.payable,
        "ReteFueCop": _of("06", totals.withholdings),
        "ReteIvaCop": _of("05", totals.withholdings),
        "ReteIcaCop": _of("07", totals.withholdings),
        "TotAnticiposCop": totals.prepaid,
    }
    return extension(
        group(
            "CustomTagGeneral",
            group(
                "TotalesCop",
                leaf("FctConvCop", decimals(rate.rate)),
                leaf("MonedaCop", rate.currency),
                *(leaf(name, f"{_converted(value, rate):f}") for name, value in figures.items()),
            ),
        )
    )


def _converted(pesos: Decimal, rate: ExchangeRate) -> Decimal:
    return rounded(pesos / rate.rate)


def _of(code: str, withholdings: tuple[TaxAmount, ...]) -> Decimal:
    return sum((w.amount for w in withholdings if w.code == code), ZERO)
