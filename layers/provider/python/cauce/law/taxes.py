"""Taxes that no line may have, and taxes that are probably a mistake. Annex 1.9, 13.3.11; Estatuto Tributario."""

from collections.abc import Iterator
from decimal import Decimal

from cauce.domain.catalogs import VAT
from cauce.domain.document import Document, Kind, Line, Tax
from cauce.domain.money import plain
from cauce.domain.outcome import Finding, Severity
from cauce.domain.survey import survey
from cauce.domain.totals import LineTotals, of_rate, totals
from cauce.law import rates

_ICA, _BAGS = "03", "22"
_BY_PERCENT = {VAT: "El IVA", rates.INC: "El INC", _ICA: "El ICA"}
_EXPORT, _HOME = "02", "CO"


def breaches(n: int, line: Line, extra: rates.Extra) -> Iterator[tuple[str, str]]:
    """What is wrong with the taxes and withholdings of line ``n``: path and sentence."""
    for position, tax in enumerate(line.taxes):
        for name, sentence in _of_tax(line, tax, extra):
            yield f"lines.{n}.taxes.{position}.{name}", sentence
    for position, withholding in enumerate(line.withholdings):
        if refusal := rates.refusal(withholding.code, withholding.percent, extra):
            yield f"lines.{n}.withholdings.{position}.percent", refusal


def findings(document: Document) -> Iterator[Finding]:
    if document.invoice_type == _EXPORT and document.counterparty.country == _HOME:
        yield from _exported(document)
    yield from _cents(document)
    sums = totals(document)
    is_sale = document.kind in (Kind.INVOICE, Kind.EQUIVALENT_DOCUMENT)
    holds_vat = any(each.code == rates.VAT_WITHHELD for each in sums.withholdings)
    for n, (line, its) in enumerate(zip(document.lines, sums.lines, strict=True)):
        if is_sale and not its.gross and not line.price and line.reference_price is None:
            yield _charged(n, its.charge) if its.charge else _gift(n)
        if holds_vat:
            yield from _withheld_of_nothing(n, line, its)


def are_right(document: Document, extra: rates.Extra) -> bool:
    """Whether no tax or withholding in percent breaks a rule, in whatever line it is."""
    sums = totals(document)
    taxed = [(tax.code, tax.percent) for tax in sums.taxes if tax.percent is not None]
    withheld = [(each.code, each.percent) for each in sums.withholdings if each.percent is not None]
    return not (
        any(_of_percent(code, percent, extra) for code, percent in taxed)
        or any(rates.refusal(code, percent, extra) for code, percent in withheld)
    )


def _of_tax(line: Line, tax: Tax, extra: rates.Extra) -> Iterator[tuple[str, str]]:
    if tax.percent is None:
        if tax.code in _BY_PERCENT:
            yield "per_unit_amount", f"{_BY_PERCENT[tax.code]} se informa con porcentaje, no por unidad."
        if tax.code == _BAGS and tax.base_units != line.quantity:
            yield (
                "base_units",
                f"Las unidades del impuesto a las bolsas son la cantidad de la línea, {plain(line.quantity)} "
                "(FAS07, FAX07).",
            )
    elif refusal := _of_percent(tax.code, tax.percent, extra):
        yield "percent", refusal


def _of_percent(code: str, percent: Decimal, extra: rates.Extra) -> str | None:
    """The sentence that refuses a tax in percent, if one does."""
    if code == _BAGS:
        return "El impuesto a las bolsas (22) es un valor por bolsa: va en valor_unitario y unidades."
    return rates.refusal(code, percent, extra)


def _cents(document: Document) -> Iterator[Finding]:
    """Where a price that has its taxes within is exact to the cent, the tax may be a cent off its base × rate."""
    sums = totals(document)
    odd = [
        (n, tax, tax.percent)
        for n, line in survey(document).unusual
        if line.paid is not None
        for tax in sums.lines[n].taxes
        if tax.percent is not None and tax.amount != of_rate(tax)
    ]
    if not odd:
        return
    n, tax, percent = odd[0]
    places = len({position for position, *_ in odd})
    lines = f"{places} líneas" if places > 1 else f"la línea {n + 1}"
    yield Finding(
        rule="FAX07",
        severity=Severity.NOTICE,
        field=f"lines.{n}.price",
        expected=f"{of_rate(tax):f}, el {plain(percent)} % de {tax.base:f}",
        found=f"{tax.amount:f}",
        fix=(
            f"Lo que paga el cliente es exacto; en {lines} el impuesto es lo que queda de ello después de la base, "
            "un centavo más o menos que base por tarifa, dentro de la tolerancia de la DIAN: no cambie nada."
        ),
        fix_en=(
            "What the customer pays is exact; the tax is what the base leaves of it, a cent off base times rate, "
            "within DIAN's tolerance. Nothing is to be changed."
        ),
    )


def _gift(n: int) -> Finding:
    return Finding(
        rule="E.T. 421",
        severity=Severity.NOTICE,
        field=f"lines.{n}.reference_price",
        expected="el valor comercial de lo que se entrega gratis",
        found="nada",
        fix="Lo que se entrega gratis causa IVA sobre su valor: dé a la línea un precio de referencia.",
        fix_en="What is given for free owes IVA on its value: give the line a reference price.",
    )


def _charged(n: int, charge: Decimal) -> Finding:
    """For a line with price 0 and charges, which are its value (FAV06). Only the ERP knows whether the line gives
    anything for free."""
    return Finding(
        rule="E.T. 421",
        severity=Severity.NOTICE,
        field=f"lines.{n}.price",
        expected="el precio de lo que se vende, o el precio de referencia de lo que se entrega gratis",
        found=f"0, con cargos por {plain(charge)}",
        fix=(
            "La línea vale y causa impuestos solo por sus cargos. Si son lo que cuesta, envíelos como precio; si son "
            "de algo que se entrega gratis, dé a la línea un precio de referencia: su IVA es sobre ese valor."
        ),
        fix_en=(
            "The line's value and taxes are of its charges alone. If they are what it costs, send them as its price; "
            "if they are of what is given for free, give the line a reference price: its IVA is on that value."
        ),
    )


def _withheld_of_nothing(n: int, line: Line, its: LineTotals) -> Iterator[Finding]:
    held = [at for at, each in enumerate(line.withholdings) if each.code == rates.VAT_WITHHELD]
    if held and not any(tax.amount for tax in its.taxes if tax.code == VAT):
        yield Finding(
            rule="E.T. 437-1",
            severity=Severity.NOTICE,
            field=f"lines.{n}.withholdings.{held[0]}",
            expected="una línea con IVA",
            found="una sin IVA",
            fix="La ReteIVA es una parte del IVA de la línea, que no tiene: quítela.",
            fix_en="ReteIVA is a part of the line's IVA, and it has none: leave it out.",
        )


def _exported(document: Document) -> Iterator[Finding]:
    taxed = {tax.percent for line in document.lines for tax in line.taxes if tax.code == VAT and tax.percent}
    if taxed:
        percents = ", ".join(plain(percent) for percent in sorted(taxed))
        yield Finding(
            rule="E.T. 481",
            severity=Severity.NOTICE,
            field="invoice_type",
            expected="una exportación exenta, a un comprador del exterior",
            found=f"exportación a un comprador en {_HOME} con IVA {percents}",
            fix="Si es una venta en Colombia, el tipo es 01; si es una exportación, el IVA es 0.",
            fix_en="A sale in Colombia is of type 01; an export has IVA at 0.",
        )
