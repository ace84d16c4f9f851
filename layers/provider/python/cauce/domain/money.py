"""Money: ``Decimal`` from the first byte to the last, rounded here and nowhere else."""

from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal

ZERO = Decimal("0.00")
CENT = Decimal("0.01")
HUNDRED = Decimal(100)
EXACT = Context(prec=120, rounding=ROUND_DOWN)
"""In it, amounts are multiplied and added without rounding: nothing of theirs has so many digits. A quotient may have
more, and is cut, so that ``half_up`` makes of it what it would make of all its digits."""


def rounded(amount: Decimal, places: int = 2) -> Decimal:
    """The amount with exactly ``places`` decimals, a tie going to the even digit.

    Source: NTC 3711, which Anexo Técnico 1.9 (5.2.1.1) prescribes for computed amounts.
    """
    return _unsigned(amount.quantize(CENT if places == 2 else Decimal(1).scaleb(-places), ROUND_HALF_EVEN))


def half_up(amount: Decimal, places: int = 2) -> Decimal:
    """The amount with exactly ``places`` decimals, a tie going away from zero: how PHP rounds."""
    return _unsigned(amount.quantize(CENT if places == 2 else Decimal(1).scaleb(-places), ROUND_HALF_UP))


def truncated(amount: Decimal, places: int = 2) -> Decimal:
    """The amount cut to ``places`` decimals, never rounded: how amounts enter a CUFE (annex 11.2)."""
    return _unsigned(amount.quantize(Decimal(1).scaleb(-places), rounding=ROUND_DOWN))


def share(amount: Decimal, percent: Decimal) -> Decimal:
    """``percent`` per cent of the amount, rounded to the cent."""
    return _unsigned((amount * percent * CENT).quantize(CENT, ROUND_HALF_EVEN))


def _unsigned(found: Decimal) -> Decimal:
    """The amount; 0 without a sign, since what comes to nothing is written 0.00 and not -0.00."""
    return found or abs(found)


def plain(amount: Decimal) -> str:
    """The amount in digits without exponent or superfluous zeros: ``50000``, ``0.5``, ``12.25``."""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def scale(amount: Decimal) -> int:
    """How many decimals the amount really has: 2 for ``12.250``, 0 for ``1E+3``."""
    exponent = amount.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
