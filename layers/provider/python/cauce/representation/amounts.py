"""The amounts of a document as its reader sees them: line by line, by tribute and rate, and in total.

The amounts come from ``domain.totals``; only taxes of one name are added here, and the total converted.
"""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from cauce.domain import catalogs, health
from cauce.domain.document import NOTES, Document, Line, Prepayment
from cauce.domain.money import HUNDRED, ZERO, rounded
from cauce.domain.totals import LineTotals, TaxAmount, Totals, own_discount
from cauce.representation.figures import NO_BREAK, day, identification, money, price, quantity, rate, unit
from cauce.representation.sheet import Fact, Item, Table

_OWN_CODE = "999"
_PESO = "COP"
_IBUA = "34"


def items(document: Document, sums: Totals) -> tuple[Item, ...]:
    pairs = zip(document.lines, sums.lines, strict=True)
    return tuple(_item(n, line, found) for n, (line, found) in enumerate(pairs, start=1))


def tables(document: Document, sums: Totals) -> tuple[Table, ...]:
    """The tables that have rows: taxes, withholdings, discounts and charges of the whole document, prepayments."""
    found = (
        Table(
            ("Impuesto", "Tarifa", "Base", "Valor"),
            tuple(_share(_described(tax), tax) for tax in _by_tribute(sums.taxes)),
        ),
        Table(
            ("Retención (informativa)", "Tarifa", "Base", "Valor"),
            tuple(_share(catalogs.WITHHOLDINGS.get(tax.code, tax.code), tax) for tax in sums.withholdings),
        ),
        Table(
            ("Descuentos y cargos del documento", "Tarifa", "Base", "Valor"), tuple(_adjustments(document))
        ),
        Table(
            ("Anticipo (informativo)", "Fecha", "Valor"),
            tuple(
                (
                    " · ".join(filter(None, (_concept(paid), paid.text, paid.reference))) or "Anticipo",
                    day(paid.received_date),
                    money(paid.amount),
                )
                for paid in document.prepayments
            ),
        ),
    )
    return tuple(table for table in found if table.rows)


def _concept(paid: Prepayment) -> str:
    """What a user of the health system paid."""
    return health.collections().get(paid.concept or "", "")


def totals(document: Document, sums: Totals) -> tuple[Fact, ...]:
    """The rows above the amount payable: the sum of the lines, taxes by name, discounts, charges."""
    facts = [Fact("Subtotal", money(sums.line_extension))]
    by_name: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
    for tax in sums.taxes:
        by_name[_tax(tax)] += tax.amount
    facts += [Fact(name, money(amount)) for name, amount in by_name.items()]
    rounding = sums.rounding
    if sums.allowance or sums.charge or rounding:
        facts.append(Fact("Total con impuestos", money(sums.tax_inclusive)))
    if sums.allowance:
        facts.append(Fact("Descuentos", _less(sums.allowance)))
    if sums.charge:
        facts.append(Fact("Cargos", money(sums.charge)))
    if rounding:
        facts.append(Fact("Redondeo", money(rounding) if rounding > 0 else _less(-rounding)))
    facts.extend(_prepaid(document, sums))
    return tuple(facts)


def _prepaid(document: Document, sums: Totals) -> Iterator[Fact]:
    """Prepayments that are in no table, or lower the total, as with some makers they still do."""
    due = sums.tax_inclusive - sums.allowance + sums.charge + sums.rounding
    if sums.prepaid and due - sums.payable == sums.prepaid:
        yield Fact("Anticipos", _less(sums.prepaid))
    elif sums.prepaid and not document.prepayments:
        yield Fact("Anticipos (informativo)", money(sums.prepaid))


def _less(amount: Decimal) -> str:
    return f"−{money(amount)}"


def payable(document: Document, sums: Totals) -> Fact:
    label = "Total de la nota" if document.kind in NOTES else "Total a pagar"
    return Fact(label, f"{document.currency}{NO_BREAK}{money(sums.payable)}")


def after(document: Document, sums: Totals) -> Iterator[Fact]:
    """The payable amount less what is withheld of it; and in pesos or, of a document in pesos, in the other currency
    that it states."""
    withheld = sum((each.amount for each in sums.withholdings), ZERO)
    if withheld:
        yield Fact("Retenciones (informativas)", _less(withheld))
        yield Fact("Neto después de retenciones", money(sums.payable - withheld))
    found = document.exchange_rate
    if found is None:
        return
    if document.currency == _PESO:
        yield Fact(f"Equivale a {found.currency}", money(rounded(sums.payable / found.rate)))
    else:
        yield Fact(f"Equivale a {_PESO}", money(rounded(sums.payable * found.rate)))


def _item(n: int, line: Line, sums: LineTotals) -> Item:
    discount = [money(sums.discount)] if sums.discount else []
    if discount and line.discount_percent is not None and sums.discount == own_discount(line):
        discount.append(rate("", line.discount_percent))
    return Item(
        position=str(n),
        code=line.code,
        description=line.description,
        details=tuple(_details(line, sums)),
        quantity=quantity(line.quantity),
        unit=unit(line.unit),
        price=price(line.price),
        discount=tuple(discount),
        taxes=tuple((_named(tax), money(tax.amount)) for tax in sums.taxes),
        total=money(sums.net),
    )


def _details(line: Line, sums: LineTotals) -> Iterator[str]:
    yield from _what_it_is(line)
    yield from _adjusted(line, sums)
    yield from _terms(line)


def _what_it_is(line: Line) -> Iterator[str]:
    if line.standard != _OWN_CODE:
        standard = catalogs.ITEM_STANDARDS.get(line.standard, line.standard)
        yield f"Código {standard} {line.standard_code or ''}".rstrip()
    if line.other_codes:
        yield " · ".join(f"{each.scheme}: {each.code}" for each in line.other_codes)
    if line.period:
        yield f"Periodo: {day(line.period.start)} a {day(line.period.end)}"
    named = (("Marca", line.brand), ("Modelo", line.model))
    if any(text for _, text in named):
        yield " · ".join(f"{name}: {text}" for name, text in named if text)
    if line.reference_price:
        kind = catalogs.REFERENCE_PRICES.get(line.reference_price.type, "Valor de referencia")
        yield f"Sin costo. {kind}: {price(line.reference_price.amount)} por unidad"


def _adjusted(line: Line, sums: LineTotals) -> Iterator[str]:
    """Its discounts, charges and withholdings."""
    for entry in line.allowance_charges:
        percent = f" ({rate('', entry.percent)})" if entry.percent is not None else ""
        yield f"{'Cargo' if entry.is_charge else 'Descuento'}: {entry.reason}{percent}: {money(entry.amount)}"
    for withheld in sums.withholdings:
        name = catalogs.WITHHOLDINGS.get(withheld.code, withheld.code)
        yield f"{name} {_rate(withheld)}: {money(withheld.amount)}"


def _terms(line: Line) -> Iterator[str]:
    """For whom it is sold, when it was bought, under which contract; its note."""
    if line.principal:
        who = line.principal
        number = identification(who.identification_type, who.identification, who.check_digit)
        identified = f"{catalogs.IDENTIFICATION_TYPES.get(who.identification_type, '')} {number}"
        yield f"Ingreso recibido para el mandante {f'{who.name}, ' if who.name else ''}{identified}"
    if line.purchase:
        form = catalogs.PURCHASE_FORMS.get(line.purchase.form, line.purchase.form)
        yield f"Compra del {day(line.purchase.on)} ({form.lower()})"
    if line.consignment:
        sent = line.consignment
        carried = f"{quantity(sent.quantity)} {unit(sent.unit)}"
        yield f"Remesa {sent.number}, radicado RNDC {sent.filing}: flete {money(Decimal(sent.freight))}, {carried}"
    if line.aiu_contract:
        yield f"Contrato de servicios AIU por concepto de: {line.aiu_contract}"
    if line.note:
        yield line.note


def _adjustments(document: Document) -> Iterator[tuple[str, ...]]:
    for entry in document.allowance_charges:
        kind = catalogs.CHARGE_REASONS.get(entry.reason_code, "Cargo" if entry.is_charge else "Descuento")
        yield (
            f"{kind}: {entry.reason}",
            rate("", entry.percent) if entry.percent is not None else "",
            money(entry.base_amount) if entry.base_amount is not None else "",
            money(entry.amount) if entry.is_charge else _less(entry.amount),
        )


def _share(name: str, tax: TaxAmount) -> tuple[str, ...]:
    return (name, _rate(tax), money(tax.base), money(tax.amount))


def _by_tribute(taxes: tuple[TaxAmount, ...]) -> list[TaxAmount]:
    """The rates of a tribute together, tributes in order of first appearance."""
    order = {name: n for n, name in enumerate(dict.fromkeys(map(_tax, taxes)))}
    return sorted(taxes, key=lambda tax: order[_tax(tax)])


def _tax(tax: TaxAmount) -> str:
    return tax.name or catalogs.TAXES.get(tax.code, tax.code)


def _rate(tax: TaxAmount) -> str:
    return "" if tax.percent is None else rate(tax.code, tax.percent)


def _named(tax: TaxAmount) -> str:
    return f"{_tax(tax)} {_rate(tax)}".strip()


def _described(tax: TaxAmount) -> str:
    """The tax's name; for a tax by unit, also its amount for each unit and how many units there are."""
    if tax.percent is not None:
        return _tax(tax)
    # IBUA is an amount for each 100 ml (annex 13.3.11).
    each = f"{quantity(HUNDRED)} " if tax.code == _IBUA else ""
    measure = unit(tax.unit).lower() if tax.unit else "unidad"
    units = f", {quantity(tax.base_units)} en total" if tax.base_units is not None else ""
    return f"{_tax(tax)}: {price(tax.per_unit_amount or ZERO)} por {each}{measure}{units}"
