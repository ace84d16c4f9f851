"""Ranges: what follows from the ranges that a provider tells and from those that we have. Nothing is asked or written
here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from cauce.domain.issuer import Issuer
from cauce.domain.ranges import NumberingRange, RangeState

_IN_USE = (RangeState.USABLE, RangeState.NOT_YET)


@dataclass(frozen=True)
class ToldRange:
    """A range as its provider tells it, beside what we have of it."""

    theirs: NumberingRange
    known: NumberingRange | None
    """As it is stored."""
    same: tuple[NumberingRange, ...]
    """The issuer's ranges that share its numbers under another key: with another provider, or under another type."""

    def next_here(self, last_used: int | None) -> int:
        """The next number of a range that we count: never lower than ours, and above every number that was used, also
        under another type or with another provider. An unused range begins at its start."""
        candidates = [self.theirs.next, *(each.next for each in (self.known, *self.same) if each)]
        if last_used is not None:
            candidates.append(last_used + 1)
        return max((n for n in candidates if n is not None), default=self.theirs.start)

    def next_there(self) -> int | None:
        """The next number of a range that its provider counts, if it tells it; never lower than it told before."""
        before = self.known.next if self.known else None
        return max((n for n in (before, self.theirs.next) if n is not None), default=None)

    def holder(self, issuer: Issuer, today: date) -> str | None:
        """The provider that already numbers the authorisation, under another key. It does so as long as it tells the
        range as active and the issuer is connected to it, whoever takes the documents. A range written by hand comes
        before one that a sync of the same provider tells."""
        if self.known is not None and self.known.state(today) in _IN_USE:
            return None
        return next(
            (
                other.provider
                for other in self.same
                if (other.provider != self.theirs.provider or other.by_hand)
                and other.provider in issuer.connected
                and other.state(today) in _IN_USE
            ),
            None,
        )


def change(before: NumberingRange | None, current: NumberingRange) -> str | None:
    """What a range that a sync stores is, in the place of what was known of it: ``new``, ``changed``, or ``None``
    where only its next number is another."""
    if before is None:
        return "new"
    return "changed" if before.at(current.next) != current else None


@dataclass(frozen=True)
class Comparison:
    """The ranges that a provider tells beside those that we have of it."""

    told: list[ToldRange]
    gone: dict[str, NumberingRange]
    """Those that it tells no longer, by key."""
    untold: list[NumberingRange]
    """Those that it was not expected to tell: gone before, or written by hand."""


def compare(name: str, told: list[NumberingRange], stored: Sequence[NumberingRange]) -> Comparison:
    """The ranges told by a provider beside all those that are stored of an issuer."""
    ours = {each.key: each for each in stored if each.provider == name}
    beside = [
        ToldRange(
            theirs,
            ours.pop(theirs.key, None),
            tuple(other for other in stored if other.shares_numbers(theirs) and other.key != theirs.key),
        )
        for theirs in told
    ]
    gone = {key: each for key, each in ours.items() if not (each.vanished or each.by_hand)}
    return Comparison(beside, gone, [each for key, each in ours.items() if key not in gone])


def handed_over(issuer: Issuer, new: list[NumberingRange]) -> dict[str, NumberingRange]:
    """The changes, by key, where two providers listed one new range in this run: it goes to the one that the issuer
    uses for that kind of document, not to the one that was asked first.

    They are in the order in which they are written: the provider that gives a range up comes before the one that
    gets it, so that whoever dies in between leaves it with neither, until the next sync, and never with both.
    """
    changes: dict[str, NumberingRange] = {}
    for wanted in new:
        if wanted.kind is None or issuer.providers.get(wanted.kind) != wanted.provider:
            continue
        for other in new:
            if other.provider == wanted.held_by and other.shares_numbers(wanted):
                changes[other.key] = other.model_copy(update={"held_by": wanted.provider})
                changes[wanted.key] = wanted.model_copy(update={"held_by": None})
    return changes
