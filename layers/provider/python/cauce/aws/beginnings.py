"""Finds, among an issuer's numbers, those that begin with a text.

The index has the numbers of a kind by prefix and padded consecutive (``items.number_position``), so that «SETT12» is
at SETT12 itself, at SETT120 to SETT129, at SETT1200 to SETT1299 and so on, and at whatever a prefix that begins with
SETT12 numbers. Those are dozens of stretches, most of them empty: each query begins where the next number may be, and
the first row that does not begin so tells which stretches are empty.
"""

from collections.abc import Sequence

from cauce.aws import keys
from cauce.aws.table import Table
from cauce.domain.document import Kind
from cauce.domain.errors import InvalidDocument
from cauce.domain.outcome import MOST_DIGITS

Stretch = tuple[str, str]
"""The first place of it, and the last."""
Begun = tuple[str, str]
"""A number, and the id of the record that took it."""

# The most queries of one page.
_MOST_QUERIES = 10


def begun(
    table: Table, nit: str, kinds: Sequence[Kind], beginning: str, limit: int, start: str | None
) -> tuple[list[Begun], str | None]:
    """Numbers that begin with a text, kind by kind, and where the next page starts (``None`` at the end).

    ``start`` is a page's. Raises InvalidDocument for a ``start`` that is none of this search."""
    among, found, queries = _stretches(beginning), list[Begun](), 0
    kind_before, _, here = (start or f"{kinds[0].value}#").partition("#")
    if kind_before not in kinds:
        raise InvalidDocument("El cursor no es de esta búsqueda.", field="cursor")
    for kind in kinds[kinds.index(Kind(kind_before)) :]:
        place, here = _next(among, here), ""
        while place is not None:
            if len(found) == limit or queries == _MOST_QUERIES:
                return found, f"{kind.value}#{place}"
            more, place = _begun_at(table, keys.numbers_of(nit, kind), among, place, limit - len(found))
            found += (each for each in more if each[0].startswith(beginning))
            queries += 1
    return found, None


def _begun_at(
    table: Table, partition: str, among: list[Stretch], place: str, limit: int
) -> tuple[list[Begun], str | None]:
    """The next numbers from a place on, up to the first that is in no stretch, and where to go on (``None`` at the
    end of their kind)."""
    answer = table.query(
        keys.BY_ISSUER,
        "list_pk = :numbers AND list_sk BETWEEN :first AND :last",
        {":numbers": partition, ":first": place, ":last": max(last for _, last in among)},
        Limit=limit,
    )
    found = list[Begun]()
    for row in answer["Items"]:
        place = row["list_sk"]["S"]
        if _next(among, place) != place:
            return found, _next(among, place)
        prefix, consecutive, document_id = place.rsplit("#", 2)
        found.append((f"{prefix}{int(consecutive)}", document_id))
    # No row is between a place and the same with «!» behind it, the lowest sign that a place may have.
    return found, _next(among, f"{place}!") if "LastEvaluatedKey" in answer else None


def _stretches(beginning: str) -> list[Stretch]:
    """Every stretch in which a number begins with a text."""
    found = [(beginning, f"{beginning}~")]  # the prefix has all of it
    for at in range(len(beginning)):
        prefix, digits = beginning[:at], beginning[at:]
        if digits.isdigit() and len(digits) <= MOST_DIGITS and (digits == "0" or digits[0] != "0"):
            found += _of_digits(prefix, digits)
    return found


def _of_digits(prefix: str, digits: str) -> list[Stretch]:
    """Where the consecutives of a prefix begin with some digits: one stretch for each number of digits after them."""
    first = int(digits)
    more = MOST_DIGITS - len(digits) if first else 0
    return [
        (f"{prefix}#{first * 10**n:015d}", f"{prefix}#{(first + 1) * 10**n - 1:015d}~")
        for n in range(more + 1)
    ]


def _next(among: list[Stretch], place: str) -> str | None:
    """The first place of a stretch from this place on; ``None`` where there is none."""
    return min((max(first, place) for first, last in among if place <= last), default=None)
