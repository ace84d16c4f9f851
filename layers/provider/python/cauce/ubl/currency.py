"""Foreign currency, in the two styles that DIAN takes.

A document *in* a foreign currency states its rate in pesos; its identifier is computed on the foreign figures.
A document in pesos may state its amounts in a foreign currency as well: in each invoice line and in an extension.
Source: Anexo Técnico 1.9, group FAR, and the examples of 1.9 «cambio otra moneda».
"""

from decimal import Decimal

from cauce.domain.document import Document, ExchangeRate
from cauce.domain.money import ZERO, rounded
from cauce.domain.totals import TaxAmount, Totals
from cauce.ubl.amounts import decimals
from cauce.ubl.canonical import text, value
from cauce.ubl.extensions import extension

PESO = "COP"
_ONE = "1.00"


def exchange_rate(document: Document) -> str:
    """PaymentExchangeRate, where the document has a rate."""
    rate = document.exchange_rate
    if rate is None:
        return ""
    if document.currency == PESO:
        # The example of 1.9 writes the rate as the source's base, against rule FAR03, which wants 1.00 and is
        # from the older schematron. The example is followed.
        base, target = decimals(rate.rate), rate.currency
    else:
        base, target = _ONE, PESO
    return (
        "<cac:PaymentExchangeRate>"
        f"<cbc:SourceCurrencyCode>{text(document.currency)}</cbc:SourceCurrencyCode>"
        f"<cbc:SourceCurrencyBaseRate>{base}</cbc:SourceCurrencyBaseRate>"
        f"<cbc:TargetCurrencyCode>{text(target)}</cbc:TargetCurrencyCode>"
        f"<cbc:TargetCurrencyBaseRate>{_ONE}</cbc:TargetCurrencyBaseRate>"
        f"<cbc:CalculationRate>{decimals(rate.rate)}</cbc:CalculationRate>"
        f"<cbc:Date>{rate.on.isoformat()}</cbc:Date>"
        "</cac:PaymentExchangeRate>"
    )


def second_currency(document: Document) -> ExchangeRate | None:
    """The rate at which a document in pesos also states its amounts, if it does."""
    return document.exchange_rate if document.currency == PESO else None


def line_in_second_currency(net: Decimal, rate: ExchangeRate) -> str:
    """ItemPriceExtension: an invoice line's value in the other currency."""
    money = value(rate.currency)
    return (
        "<cac:ItemPriceExtension>"
        f'<cbc:Amount currencyID="{money}">{_converted(net, rate)}</cbc:Amount>'
        "</cac:ItemPriceExtension>"
    )


def totals_in_second_currency(document: Document, totals: Totals) -> str:
    """The extension with the totals in the other currency, though its elements' names end in «Cop»."""
    rate = second_currency(document)
    if rate is None:
        return ""
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
        "<CustomTagGeneral>"
        "<TotalesCop>"
        f"<FctConvCop>{decimals(rate.rate)}</FctConvCop>"
        f"<MonedaCop>{text(rate.currency)}</MonedaCop>"
        f"{''.join(f'<{name}>{_converted(figure, rate)}</{name}>' for name, figure in figures.items())}"
        "</TotalesCop>"
        "</CustomTagGeneral>"
    )


def _converted(pesos: Decimal, rate: ExchangeRate) -> str:
    return f"{rounded(pesos / rate.rate):f}"


def _of(code: str, withholdings: tuple[TaxAmount, ...]) -> Decimal:
    return sum((w.amount for w in withholdings if w.code == code), ZERO)
