"""What an invoice adds up to, in Decimal, and what is computed of it: CUFE, security code, QR."""

import hashlib
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from tests.bench.naive.request import Invoice, Line

_CENT, _ZERO = Decimal("0.01"), Decimal("0.00")
CATALOGUE = "https://catalogo-vpfe-hab.dian.gov.co/document/searchqr?documentkey="


@dataclass(frozen=True)
class Sums:
    """The amounts of one line."""

    gross: Decimal
    discount: Decimal
    net: Decimal
    percent: Decimal | None
    tax: Decimal


@dataclass(frozen=True)
class Figures:
    """The amounts of a whole invoice."""

    lines: list[Sums]
    net: Decimal
    taxable: Decimal
    taxes: dict[Decimal, tuple[Decimal, Decimal]]
    """By percentage of IVA: its base and amount."""
    tax: Decimal
    payable: Decimal


def rounded(value: Decimal) -> Decimal:
    return value.quantize(_CENT, ROUND_HALF_EVEN)


def shown(value: Decimal) -> str:
    """With two decimals at least, and as many as it has."""
    digits = -int(value.normalize().as_tuple().exponent)
    return f"{value:.{max(2, digits)}f}"


def _sums(line: Line) -> Sums:
    gross = rounded(line.cantidad * line.precio)
    if line.descuento_valor is not None:
        discount = rounded(line.descuento_valor)
    else:
        discount = rounded(gross * (line.descuento_pct or 0) / 100)
    net = gross - discount
    percent = None if line.excluido else (line.iva_pct or Decimal(0))
    return Sums(gross, discount, net, percent, rounded(net * (percent or 0) / 100))


def figures(invoice: Invoice) -> Figures:
    lines = [_sums(line) for line in invoice.lineas]
    taxes: dict[Decimal, tuple[Decimal, Decimal]] = {}
    for each in lines:
        if each.percent is not None:
            base, tax = taxes.get(each.percent, (_ZERO, _ZERO))
            taxes[each.percent] = base + each.net, tax + each.tax
    net = sum((each.net for each in lines), _ZERO)
    tax = sum((amount for _, amount in taxes.values()), _ZERO)
    taxable = sum((base for base, _ in taxes.values()), _ZERO)
    found = Figures(lines, net, taxable, taxes, tax, net + tax)
    _check(invoice, found)
    return found


def _check(invoice: Invoice, found: Figures) -> None:
    expected = invoice.totales_esperados
    if expected is None:
        return
    pairs = ((expected.subtotal, found.net), (expected.iva, found.tax), (expected.total, found.payable))
    if any(said is not None and said != is_ for said, is_ in pairs):
        raise ValueError("no suma los totales esperados")


def cufe(
    number: str, day: str, hour: str, found: Figures, issuer: str, buyer: str, key: str, environment: str
) -> str:
    parts = (
        number, day, hour, f"{found.net:f}", "01", f"{found.tax:f}", "04", "0.00", "03", "0.00", f"{found.payable:f}",
        issuer, buyer, key, environment,
    )  # fmt: skip
    return hashlib.sha384("".join(parts).encode()).hexdigest()


def security_code(software: str, pin: str, number: str) -> str:
    return hashlib.sha384(f"{software}{pin}{number}".encode()).hexdigest()
