"""The amounts that Factus will compute for a document, and where they differ from ours.

The bill has the amounts that Factus computes. Factus rounds ties up and we to the even digit, v1 takes prices with
their taxes, and no price has more than two decimals, so that some amounts differ. Within DIAN's tolerance Factus's
are taken, and a notice tells both; beyond it the document is refused, with a price that would pass.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from cauce.domain.catalogs import VAT
from cauce.domain.document import Document, Line
from cauce.domain.money import ZERO, half_up, plain
from cauce.domain.outcome import Message, Origin
from cauce.domain.totals import TOLERANCE, Amounts, LineTotals, totals
from cauce.providers.base import Computed
from cauce.providers.factus import arithmetic, payload, wire
from cauce.providers.factus.routes import Dialect

_PRICE_PLACES = 6


@dataclass(frozen=True)
class Difference:
    """An amount that Factus computes otherwise than we: of a line, or of the document where ``index`` is ``None``."""

    what: str
    theirs: Decimal
    ours: Decimal
    index: int | None = None
    name: str = "price"
    """The line's field that it comes from."""

    @property
    def is_within_tolerance(self) -> bool:
        return abs(self.theirs - self.ours) <= TOLERANCE

    @property
    def field(self) -> str | None:
        return None if self.index is None else f"lines.{self.index}.{self.name}"

    @property
    def where(self) -> str:
        return "el documento" if self.index is None else f"la línea {self.index + 1}"


def differences(document: Document, dialect: Dialect) -> tuple[Difference, ...]:
    """The amounts that differ, those of the whole document first."""
    return document.once(_differences, dialect)


def _differences(document: Document, dialect: Dialect) -> tuple[Difference, ...]:
    theirs, total = _theirs(document, dialect)
    sums = totals(document)
    found = [Difference("un total", total, sums.payable)] if total != sums.payable else []
    for index, (line, ours, its) in enumerate(zip(document.lines, sums.lines, theirs, strict=True)):
        found += _of_line(index, line, ours, its, has_two=_has_two_totals(its, dialect, document))
    return tuple(found)


def computed(document: Document, dialect: Dialect) -> Computed:
    """The amounts that Factus will compute for the document, and a notice of each that differs from ours."""
    theirs, total = _theirs(document, dialect)
    taxes = [
        (tax.code, amount)
        for line, its in zip(document.lines, theirs, strict=True)
        for tax, amount in zip(line.taxes, its.taxes, strict=False)
    ]
    return Computed(
        amounts=Amounts(
            subtotal=sum((its.net for its in theirs), ZERO),
            vat=sum((amount for code, amount in taxes if code == VAT), ZERO),
            payable=total,
            tax=sum((amount for _, amount in taxes), ZERO),
            allowance=ZERO,
            charge=totals(document).charge,
        ),
        notices=tuple(_notice(each) for each in differences(document, dialect)),
    )


def is_certain(document: Document, dialect: Dialect) -> bool:
    """Whether Factus can compute only one total for the document."""
    theirs, _ = _theirs(document, dialect)
    return not any(_has_two_totals(its, dialect, document) for its in theirs)


def price_that_goes(document: Document, dialect: Dialect, index: int) -> Decimal | None:
    """The nearest price to a line's with which Factus's amounts are within the tolerance of ours, if there is one."""
    line = document.lines[index]
    body = _body(_alone(document, line), dialect)
    (its,) = arithmetic.lines(body, document.kind)
    price = half_up(its.unit_price, _PRICE_PLACES)
    other = line.model_copy(update={"price": Decimal(plain(price))})
    if not price or price == line.price:
        return None
    goes = all(each.is_within_tolerance for each in differences(_alone(document, other), dialect))
    return other.price if goes else None


def _theirs(document: Document, dialect: Dialect) -> tuple[tuple[arithmetic.LineAmounts, ...], Decimal]:
    return document.once(_computed, dialect)


def _computed(document: Document, dialect: Dialect) -> tuple[tuple[arithmetic.LineAmounts, ...], Decimal]:
    body = _body(document, dialect)
    found = tuple(arithmetic.lines(body, document.kind))
    return found, arithmetic.added(found, body)


def _body(document: Document, dialect: Dialect) -> wire.Fields:
    return payload.body(dialect, document, reference="-", range_id=None, send_email=False, bill_id=0)


def _alone(document: Document, line: Line) -> Document:
    """A line in a document of its own."""
    return document.model_copy(update={"lines": (line,), "allowance_charges": (), "expected": None})


def _has_two_totals(its: arithmetic.LineAmounts, dialect: Dialect, document: Document) -> bool:
    """Whether Factus may issue either of a line's two totals. v1 may; v2 refuses payments that are not its total."""
    return its.whole != its.total and payload.speaks(dialect, document.kind) is Dialect.V1


def _of_line(
    index: int, line: Line, ours: LineTotals, its: arithmetic.LineAmounts, *, has_two: bool
) -> Iterator[Difference]:
    if its.discount != ours.discount:
        name = "discount_amount" if line.discount_amount is not None else "discount_percent"
        yield Difference("un descuento", its.discount, ours.discount, index, name)
    if its.net != ours.net:
        yield Difference("un valor", its.net, ours.net, index)
    # Ours come with IVA or INC first, Factus's as written: hence sorted.
    theirs, mine = sorted(its.taxes), sorted(tax.amount for tax in ours.taxes)
    if theirs != mine:
        yield Difference("impuestos", sum(theirs, ZERO), sum(mine, ZERO), index)
    withheld = tuple(withholding.amount for withholding in ours.withholdings)
    if its.withholdings != withheld:
        yield Difference(
            "retenciones", sum(its.withholdings, ZERO), sum(withheld, ZERO), index, "withholdings"
        )
    if has_two:
        yield Difference("un total", its.whole, ours.with_taxes, index)


def _notice(found: Difference) -> Message:
    text = (
        f"Factus calcula {found.what} de {found.theirs} en {found.where} y Cauce {found.ours}: vale lo que calcula "
        f"Factus, dentro de la tolerancia de la DIAN ({TOLERANCE:.2f})."
    )
    return Message(text=text, field=found.field, origin=Origin.CAUCE)
