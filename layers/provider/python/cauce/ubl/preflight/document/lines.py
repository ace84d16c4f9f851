"""Lines, their taxes, and their totals. Annex 1.9, groups AV, AW, AX, AY, AZ, and AS of the header."""

from collections.abc import Iterator
from decimal import Decimal
from functools import partial

from cauce.domain import catalogs
from cauce.domain.catalogs import PER_MIL
from cauce.domain.document import Kind, Line, Tax, Withholding
from cauce.domain.money import HUNDRED, ZERO, rounded
from cauce.domain.survey import survey
from cauce.domain.totals import TOLERANCE, TaxAmount
from cauce.law import rates
from cauce.ubl.amounts import decimals
from cauce.ubl.facts import AIU, EXPORT
from cauce.ubl.lines import AIU_NOTE
from cauce.ubl.preflight.document import Case, Fields
from cauce.ubl.preflight.rules import (
    AIU_LENGTH,
    INCOME_RATES,
    NOTHING,
    UNSPSC,
    Hit,
    as_written,
    one_of,
    shown,
)
from cauce.ubl.refusals import path

# The taxes that a line may have, and the rule that says so.
_SUPPORT_TAXES = (catalogs.SUPPORT_TAXES, "DSAY13")
_SALE_TAXES = (frozenset(catalogs.TAXES), "FAS16")


def check(case: Case) -> Iterator[Hit]:
    document = case.document
    if not document.lines:
        yield Hit("FAV01", "lines", "una línea o más", NOTHING)
        return
    everything = case.totals
    are_right = _ordinary_are_right(case)
    for n, line in survey(document).unusual if are_right else enumerate(document.lines):
        field = partial(path, "lines", n)
        yield from _item(line, field)
        yield from _exported(case, line, field)
        yield from _free(line, field)
        yield from _taxes(case, n, line)
        yield from _withholdings(case, n, line)
        sums = everything.lines[n]
        if sums.net < ZERO:
            yield Hit("VLR01", field("discount_amount"), f"{sums.gross} o menos", str(sums.discount))
    yield from _contract(case)
    if everything.payable < ZERO:
        yield Hit(
            "VLR01", "totals.allowance", f"{everything.tax_inclusive} o menos", str(everything.allowance)
        )
    for tax in everything.taxes:
        yield from _header(tax)


def _ordinary_are_right(case: Case) -> bool:
    """Whether what ordinary lines say breaks no rule in any line: asked of all lines together, which is quicker."""
    said, sums = survey(case.document), case.totals
    return not (
        said.has_blank
        or not said.units <= catalogs.units().keys()
        or _is_exported(case)
        or min(line.net for line in sums.lines) < ZERO
        or any(True for tax in sums.taxes for _ in _tax(case, tax, _nowhere))
        or any(True for each in sums.withholdings for _ in _withholding(case, each, _nowhere))
    )


def _nowhere(name: str) -> str:
    return name


def _item(line: Line, field: Fields) -> Iterator[Hit]:
    if line.unit not in catalogs.units():
        yield Hit("FAV05", field("unit"), "un código de la tabla 13.3.6, como 94", shown(line.unit))
    if not line.description.strip():
        yield Hit("FAZ02", field("description"), "una descripción", NOTHING)
    if not line.code.strip():
        yield Hit("FAZ09", field("code"), "un código", NOTHING)
    elif line.standard == "001" and not UNSPSC.fullmatch(line.standard_code or line.code):
        name = "standard_code" if line.standard_code else "code"
        yield Hit("FAZ10", field(name), "un código UNSPSC de 8 dígitos", line.standard_code or line.code)
    if line.standard not in catalogs.ITEM_STANDARDS:
        yield Hit("FAZ12", field("standard"), one_of(catalogs.ITEM_STANDARDS), shown(line.standard))


def _exported(case: Case, line: Line, field: Fields) -> Iterator[Hit]:
    """In an export invoice every item has its brand and model."""
    if _is_exported(case):
        for code, name, what in (("FAZ04", "brand", "la marca"), ("FAZ05", "model", "el modelo")):
            if not getattr(line, name):
                yield Hit(code, field(name), what, NOTHING)


def _is_exported(case: Case) -> bool:
    return case.kind is Kind.INVOICE and case.invoice_type == EXPORT


def _free(line: Line, field: Fields) -> Iterator[Hit]:
    """The reference price of what is given free."""
    free = line.reference_price
    if free is not None and free.type not in catalogs.REFERENCE_PRICES:
        path = field("reference_price", "type")
        yield Hit("FAW05", path, one_of(catalogs.REFERENCE_PRICES), shown(free.type))
    elif free is not None and free.amount == ZERO:
        yield Hit("FAW05", field("reference_price", "amount"), "más de 0", str(free.amount))


def _taxes(case: Case, n: int, line: Line) -> Iterator[Hit]:
    for position, tax in enumerate(line.taxes):
        yield from _tax(case, tax, partial(path, "lines", n, "taxes", position))


def _tax(case: Case, tax: Tax | TaxAmount, field: Fields) -> Iterator[Hit]:
    taxes, code = _SUPPORT_TAXES if case.is_support else _SALE_TAXES
    if tax.code not in taxes:
        yield Hit(code, field("code"), one_of(taxes), shown(tax.code))
    if tax.percent is None:
        yield from _nominal(tax, field)
        return
    allowed = rates.allowed(tax.code, case.issuer.extra_rates)
    if allowed is not None and tax.percent not in allowed:
        code = "DSAX14" if case.is_support else "FAX14"
        yield Hit(code, field("percent"), one_of(as_written(allowed)), decimals(tax.percent))


def _nominal(tax: Tax | TaxAmount, field: Fields) -> Iterator[Hit]:
    for name in ("per_unit_amount", "base_units", "unit"):
        if getattr(tax, name) is None:
            yield Hit("FAX09", field(name), "valor por unidad, unidades y su medida", NOTHING)


def _withholdings(case: Case, n: int, line: Line) -> Iterator[Hit]:
    for position, withholding in enumerate(line.withholdings):
        yield from _withholding(case, withholding, partial(path, "lines", n, "withholdings", position))


def _withholding(case: Case, withholding: Withholding | TaxAmount, field: Fields) -> Iterator[Hit]:
    code, percent = withholding.code, withholding.percent or ZERO
    allowed = rates.allowed(code, case.issuer.extra_rates)
    if case.is_support:
        if code not in catalogs.SUPPORT_WITHHOLDINGS:
            yield Hit("DSAY13", field("code"), one_of(catalogs.SUPPORT_WITHHOLDINGS), shown(code))
        allowed = INCOME_RATES if code == "06" else allowed
    if allowed is not None and percent not in allowed:
        rule = "DSAT10" if case.is_support else "FAY10"
        yield Hit(rule, field("percent"), one_of(as_written(allowed)), decimals(percent))


def _contract(case: Case) -> Iterator[Hit]:
    """Operation 09: a line must be the administration of an AIU contract, and state the contract's object."""
    document = case.document
    stated = [(n, line.aiu_contract) for n, line in survey(document).unusual if line.aiu_contract]
    if document.operation == AIU and not stated:
        field = path("lines", 0, "aiu_contract")
        yield Hit("FAV03", field, "el objeto del contrato de AIU en una línea", NOTHING)
    for n, text in stated:
        length = len(AIU_NOTE + text)
        if length not in AIU_LENGTH:
            allowed = f"{AIU_LENGTH[0]} a {AIU_LENGTH[-1]} caracteres"
            yield Hit("FAV03", path("lines", n, "aiu_contract"), allowed, str(length))


def _header(tax: TaxAmount) -> Iterator[Hit]:
    """A tax of the header is the sum of the lines' rounded taxes, which must be base × rate within ``TOLERANCE``."""
    if tax.percent is None:
        return
    expected: Decimal = rounded(tax.base * tax.percent / (1000 if tax.code in PER_MIL else HUNDRED))
    if abs(expected - tax.amount) > TOLERANCE:
        yield Hit("FAS07", "lines", f"{tax.base} × {tax.percent} = {expected}", str(tax.amount))
