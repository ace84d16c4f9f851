"""What the lines of a document say, looked at once for every check.

Nearly all lines are ordinary: they say what is sold, how much of it and at what price, with a discount, withholdings
and taxes in percent of their value. A rule about anything else looks at the unusual lines alone; a rule about what an
ordinary line says first asks of all lines together whether any can break it.
"""

from collections.abc import Iterator
from operator import itemgetter
from typing import NamedTuple

from cauce.domain.document import Document, Line, Tax

_ORDINARY = frozenset(
    {
        *("code", "description", "quantity", "unit", "price", "discount_percent", "discount_amount"),
        *("taxes", "withholdings"),
    }
)
_OF_TAX = frozenset({"code", "percent"})
_RARE = tuple(name for name in Line.model_fields if name not in _ORDINARY)
_RARE_OF_TAX = tuple(name for name in Tax.model_fields if name not in _OF_TAX)
# Fields are read at once and compared with what a line has where it was told nothing.
_said, _UNSAID = itemgetter(*_RARE), tuple(Line.model_fields[name].default for name in _RARE)
_said_of_tax = itemgetter(*_RARE_OF_TAX)
_UNSAID_OF_TAX = tuple(Tax.model_fields[name].default for name in _RARE_OF_TAX)
_texts = itemgetter("code", "description", "unit")


class Survey(NamedTuple):
    """The unusual lines of a document, with their positions, and the texts of all lines."""

    unusual: tuple[tuple[int, Line], ...]
    codes: tuple[str, ...]
    descriptions: tuple[str, ...]
    units: frozenset[str]
    """Without repetitions."""

    @property
    def has_blank(self) -> bool:
        """Whether a line's code or description is blank."""
        return not (all(map(str.strip, self.codes)) and all(map(str.strip, self.descriptions)))

    @property
    def has_taxes_within(self) -> bool:
        """Whether a line's price has its taxes within."""
        return any(line.paid is not None for _, line in self.unusual)

    @property
    def is_printable(self) -> bool:
        """Whether the codes, descriptions and units of all lines have printable characters alone."""
        return all("".join(texts).isprintable() for texts in (self.codes, self.descriptions, self.units))


def survey(document: Document) -> Survey:
    """The survey of a document, made once."""
    return document.once(_surveyed)


def _surveyed(document: Document) -> Survey:
    if not document.lines:
        return Survey((), (), (), frozenset())
    codes, descriptions, units = zip(*map(_texts, map(vars, document.lines)), strict=True)
    return Survey(tuple(_unusual(document)), codes, descriptions, frozenset(units))


def _unusual(document: Document) -> Iterator[tuple[int, Line]]:
    ordinary: set[int] = set()  # the taxes that were looked at: many lines share theirs
    for n, line in enumerate(document.lines):
        fields = vars(line)
        taxes = fields["taxes"]
        withheld = fields["withholdings"]
        if _said(fields) != _UNSAID or (withheld and any(each.base is not None for each in withheld)):
            yield n, line
        elif id(taxes) not in ordinary:
            if all(map(_is_ordinary, taxes)):
                ordinary.add(id(taxes))
            else:
                yield n, line


def _is_ordinary(tax: Tax) -> bool:
    return tax.percent is not None and _said_of_tax(vars(tax)) == _UNSAID_OF_TAX
