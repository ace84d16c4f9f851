"""The report about a file: sections of checks, each with its verdict. Texts are Spanish, for the person who asked."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum


class Verdict(StrEnum):
    """The result of one check. UNKNOWN: something that the check needs was missing."""

    RIGHT = "correcto"
    WRONG = "incorrecto"
    NOTICE = "aviso"
    UNKNOWN = "sin verificar"


@dataclass(frozen=True)
class Check:
    """One thing that was looked at. ``rule`` is DIAN's code, ``where`` the element's path."""

    verdict: Verdict
    text: str
    rule: str | None = None
    where: str | None = None
    expected: str | None = None
    found: str | None = None


@dataclass(frozen=True)
class Section:
    """Checks about one subject; ``facts`` are what was read on the way."""

    title: str
    checks: tuple[Check, ...]
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Report:
    """A file, and the files that it encloses."""

    title: str
    facts: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    enclosed: tuple["Report", ...] = field(default=())

    @property
    def checks(self) -> Iterator[Check]:
        """Every check, of the enclosed files too."""
        for section in self.sections:
            yield from section.checks
        for inner in self.enclosed:
            yield from inner.checks

    @property
    def is_right(self) -> bool:
        """Whether nothing is wrong; what could not be checked does not count."""
        return self.count(Verdict.WRONG) == 0

    def count(self, verdict: Verdict) -> int:
        return sum(check.verdict is verdict for check in self.checks)


def right(text: str) -> Check:
    return Check(Verdict.RIGHT, text)


def wrong(
    text: str, rule: str | None = None, *, expected: str | None = None, found: str | None = None
) -> Check:
    return Check(Verdict.WRONG, text, rule, expected=expected, found=found)


def notice(text: str, *, expected: str | None = None, found: str | None = None) -> Check:
    return Check(Verdict.NOTICE, text, expected=expected, found=found)


def unknown(text: str) -> Check:
    return Check(Verdict.UNKNOWN, text)
