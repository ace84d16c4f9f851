"""Compares the totals that an ERP expects with ours: a cent of difference is refused before a number is taken."""

from collections.abc import Iterator
from decimal import Decimal

from cauce.domain.catalogs import VAT
from cauce.domain.document import Document, ExpectedTotals, Line
from cauce.domain.errors import InvalidDocument
from cauce.domain.money import HUNDRED, ZERO, plain, rounded
from cauce.domain.totals import Amounts, LineTotals, totals

# Lines explained in one answer: the first are enough to find where an ERP computes otherwise.
_MOST_LINES = 40


def differences(expected: ExpectedTotals | None, found: Amounts) -> dict[str, tuple[Decimal, Decimal]]:
    """The expected totals that differ from those found: both amounts, expected first, by the domain's path."""
    if expected is None:
        return {}
    pairs = {
        "expected.subtotal": (expected.subtotal, found.subtotal),
        "expected.vat": (expected.vat, found.vat),
        "expected.payable": (expected.payable, found.payable),
    }
    return {path: (said, is_) for path, (said, is_) in pairs.items() if said is not None and said != is_}


def refuse(document: Document, found: Amounts) -> None:
    """Raise InvalidDocument, with the arithmetic of each line, if a total is not the one that the ERP expects, or not
    what its payments come to."""
    _refuse_payments(document, found.payable)
    different = differences(document.expected, found)
    if not different:
        return
    fields = {
        path: [
            f"Se esperaba {rounded(said):f} y el documento suma {is_:f}: "
            f"la diferencia es {rounded(abs(said - is_)):f}."
        ]
        for path, (said, is_) in different.items()
    }
    for path, sentence in _worked_out(document):
        fields[path] = [sentence]
    raise InvalidDocument("El documento no suma los totales esperados.", fields=fields)


def _refuse_payments(document: Document, payable: Decimal) -> None:
    parts = [part.amount for part in document.payments if part.amount is not None]
    whole = sum(parts, ZERO)
    if parts and whole != payable:
        raise InvalidDocument(
            f"Los pagos suman {whole:f} y el total del documento es {payable:f}.", field="payments"
        )


def _worked_out(document: Document) -> Iterator[tuple[str, str]]:
    """How each line, and the charges and discounts of the whole document, were computed: path and sentence."""
    sums = totals(document)
    for n, (line, its) in enumerate(zip(document.lines[:_MOST_LINES], sums.lines, strict=False)):
        yield f"lines.{n}", _line(line, its)
    more = len(document.lines) - _MOST_LINES
    if more > 0:
        rest = sum((its.with_taxes for its in sums.lines[_MOST_LINES:]), ZERO)
        yield "lines", f"Las otras {more} líneas suman {rest:f} con impuestos."
    if sums.charge:
        yield "totals.charge", f"Los cargos del documento suman {sums.charge:f}."
    if sums.allowance:
        yield "totals.allowance", f"Los descuentos del documento suman {sums.allowance:f}."


def _line(line: Line, its: LineTotals) -> str:
    gross = _rounded(line.quantity * line.price, its.gross)
    said = [f"{plain(line.quantity)} × {plain(line.price)} = {gross}"]
    if its.discount:
        said.append(f"descuentos {its.discount:f}")
    if its.charge:
        said.append(f"cargos {its.charge:f}")
    said.append(f"subtotal {its.net:f}")
    for tax in its.taxes:
        name = "IVA" if tax.code == VAT else f"impuesto {tax.code}"
        if tax.percent is None:
            said.append(f"{name} {tax.amount:f}")
        else:
            exact = tax.base * tax.percent / HUNDRED
            worked = _rounded(exact, tax.amount) if rounded(exact) == tax.amount else f"{tax.amount:f}"
            said.append(f"{name} {plain(tax.percent)} = {worked}")
    said.append(f"total {its.with_taxes:f}")
    return "; ".join(said) + "."


def _rounded(exact: Decimal, kept: Decimal) -> str:
    """An amount and, if it was rounded, its exact value: rounding is where two systems differ."""
    return f"{kept:f}" if exact == kept else f"{kept:f} (exacto {plain(exact)})"
