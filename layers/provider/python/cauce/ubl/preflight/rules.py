"""DIAN's rules as data, from ``rules.json``: how to mend what breaks each, and where Cauce checks it before DIAN; and
the tables of those rules, where the domain's are not as the rules need them.

Source: Anexo Técnico 1.9, Anexo DS 1.1 and RADIAN's; severities as real answers have them where they differ.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import NamedTuple

from cauce.domain import catalogs
from cauce.domain.document import Kind
from cauce.domain.outcome import Finding, Severity
from cauce.ubl.amounts import decimals

LETTERS = {
    Kind.INVOICE: "F",
    Kind.CREDIT_NOTE: "C",
    Kind.DEBIT_NOTE: "D",
    Kind.SUPPORT_DOCUMENT: "DS",
    Kind.ADJUSTMENT_NOTE: "NS",
    Kind.EQUIVALENT_DOCUMENT: "DE",
    Kind.EQUIVALENT_NOTE: "NA",
    Kind.EVENT: "A",
}
"""How the codes of each kind begin: one rule is FAU02, CAU02, DAU02, DSAU02, NSAU02, DEAU02 and NAAU02."""

NOTHING = "nada"

# Percentages of ReteRenta; only support documents have a rule about them (DSAT10, a notice).
INCOME_RATES = frozenset(
    map(Decimal, "0.1 0.5 1 1.5 2 2.5 3 3.5 4 6 7 10 11 20".split())  # noqa: SIM905
)
WITH_REFERENCE = frozenset({"20", "30"})
ALWAYS_ON_ONE = frozenset({Kind.ADJUSTMENT_NOTE, Kind.EQUIVALENT_NOTE})
"""The notes that correct one document always, whatever their operation."""
CANCELLATION = "2"
# FAZ10. Eight digits; the older schematron's own list has some with a check digit after them.
UNSPSC = re.compile(r"\d{8}(-\d)?", re.ASCII)
AIU_LENGTH = range(20, 5001)
"""Characters that the note of an AIU contract may have, its fixed beginning included (FAV03)."""
DISCOUNTS = frozenset(catalogs.CHARGE_REASONS) - catalogs.CHARGES

_GENERAL = re.compile(r"(?:DS|NS|DE|NA|[FCDA])([A-Z]{2}\d+[a-z]?)")


_NOTES = ("C", "NS", "NA", "DA", "DB")


class Known(StrEnum):
    """Where a rule is dealt with before DIAN is asked."""

    DOCUMENT = "document"
    """On the request, before a number is spent."""
    XML = "xml"
    """On a file, ours or not. Ours breaks none: tests/unit/dian/test_preflight_xml.py."""
    CONSTRUCTION = "construction"
    """By no check: what we write cannot break the rule, as ``Rule.tests`` show."""
    SERVER = "server"
    """Nowhere: the rule depends on data that only DIAN has."""


@dataclass(frozen=True)
class Rule:
    """One rule. ``codes``: as invoices have it, where every kind of document has the rule; else its own codes."""

    codes: tuple[str, ...]
    severity: Severity
    known: frozenset[Known]
    fix: str
    fix_en: str
    tests: tuple[str, ...] = ()
    notice_in: frozenset[str] = frozenset()
    """Letters of the kinds of document for which the rule is only a notice."""


class Hit(NamedTuple):
    """A rule that a check found broken. ``code``: as invoices have the rule, or its own code."""

    code: str
    field: str
    expected: str
    found: str
    is_notice: bool = False
    """The rule is broken, but within what DIAN tolerates."""


def one_of(codes: Iterable[str]) -> str:
    """``uno de: 1, 2``."""
    return f"uno de: {', '.join(sorted(codes))}"


def shown(text: str | None) -> str:
    """A text as it was found; «nada» where there was none."""
    return text.strip() or NOTHING if text else NOTHING


@cache
def rules() -> tuple[Rule, ...]:
    """All rules, in the annex's order."""
    text = (Path(__file__).parent / "rules.json").read_text("utf-8")
    return tuple(
        Rule(
            codes=tuple(row["codes"]),
            severity=Severity.REJECTION if row["severity"] == "R" else Severity.NOTICE,
            known=frozenset(Known(known) for known in row["known"]),
            fix=row["fix"],
            fix_en=row["fix_en"],
            tests=tuple(row.get("tests", ())),
            notice_in=frozenset(row.get("notice_in", ())),
        )
        for row in json.loads(text)
    )


def rule_of(code: str) -> Rule | None:
    """The rule of a code, of whatever kind of document; ``None`` for a code of no rule here."""
    by_code = _by_code()
    general = _GENERAL.fullmatch(code)
    names = [code]
    if general:
        # A rule that both notes have is listed with the credit note's code; FBG03 is another rule than CBG03.
        families = ("C", "F", "DS") if code.startswith(_NOTES) else ("F", "C", "DS")
        names += [f"{letters}{general[1]}" for letters in families]
    return next((by_code[name] for name in names if name in by_code), None)


def finding(hit: Hit, letters: str) -> Finding:
    """The finding of a hit, with the rule's code for the kind of document with these letters."""
    rule = _by_code()[hit.code]
    is_notice = hit.is_notice or letters in rule.notice_in
    return Finding(
        rule=_code(hit.code, letters, rule),
        severity=Severity.NOTICE if is_notice else rule.severity,
        field=hit.field,
        expected=hit.expected,
        found=hit.found,
        fix=rule.fix,
        fix_en=rule.fix_en,
    )


def as_written(percents: Iterable[Decimal]) -> frozenset[str]:
    """Percentages as text, since DIAN takes «19.00» but not «19»."""
    return frozenset(map(decimals, percents))


@cache
def postal_codes() -> frozenset[str]:
    """The postal codes of table 13.4.4."""
    text = (Path(__file__).parent / "postal_codes.txt").read_text("utf-8")
    return frozenset(start + end for start, *ends in map(str.split, text.splitlines()[1:]) for end in ends)


def _code(code: str, letters: str, rule: Rule) -> str:
    if code.startswith("DS"):
        return "NS" + code[2:] if letters == "NS" else code
    general = _GENERAL.fullmatch(code)
    if general is None or code[0] not in "FC":
        return code
    # Two rules of invoices may be one rule of notes and events: FAV02a and FAV02b are CAV02.
    whole = general[1].rstrip("ab")
    is_one = letters in ("C", "D", "A") and f"C{whole}" in rule.codes
    return letters + (whole if is_one else general[1])


@cache
def _by_code() -> dict[str, Rule]:
    return {code: rule for rule in rules() for code in rule.codes}
