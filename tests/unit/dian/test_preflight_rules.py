"""Every rule of DIAN's annex that we list is decided: where it is checked, what guarantees it, or that DIAN alone knows."""

import ast
import json
import re
from pathlib import Path

import pytest

from cauce.domain.document import Kind
from cauce.domain.outcome import Severity
from cauce.ubl.preflight.rules import LETTERS, Hit, Known, Rule, finding, rule_of, rules
from tests.stack import ROOT
from tests.unit.dian import test_preflight, test_preflight_xml
from tests.unit.dian.builders import reference

_CODE = re.compile(r"(?<![\w}])[A-Z]{2,}\d+[a-z]?")


def listed() -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads(reference("rules", "preflight_rules.json").read_text("utf-8"))[
        "rules"
    ]
    return found


def codes_of(row: dict[str, str]) -> list[str]:
    """The codes of a row of the list, without the numbers that the older schematron gave them."""
    text = re.sub(r"\(XSL [^)]*\)", "", row["code"])
    return _CODE.findall(text) or [row["code"]]


def test_all_157_rules_of_the_list_are_decided_and_no_other_is():
    rows = listed()
    assert len(rows) == len(rules()) == 157

    decided = []
    for row in rows:
        found = {id(rule): rule for code in codes_of(row) if (rule := rule_of(code))}
        assert [code for code in codes_of(row) if rule_of(code) is None] == [], row["code"]
        assert len(found) == 1, row["code"]
        decided.extend(found.values())
    assert {id(rule) for rule in decided} == {id(rule) for rule in rules()}


def test_severities_are_the_list_s_and_where_it_varies_ours_is_one_of_its_two():
    for row in listed():
        rule = rule_of(codes_of(row)[0])
        assert rule is not None
        letter = "R" if rule.severity is Severity.REJECTION else "N"
        assert letter in row["severity"] or row["severity"] == "-", row["code"]


# The list says of these that DIAN alone knows them, but part of them shows before.
_MORE_THAN_THE_LIST = {"FAB19a", "FAJ71"}
# And of these that they are known here; but what they need is DIAN's history of the invoice, or unpublished.
_LESS_THAN_THE_LIST = {"CBF03a", "DC24z"}


def test_what_is_left_to_dian_is_what_the_list_leaves_to_it():
    for row in listed():
        code = codes_of(row)[0]
        rule = rule_of(code)
        assert rule is not None
        local = row["stage"] == "local" or code in _MORE_THAN_THE_LIST
        assert (rule.known == {Known.SERVER}) is (not local or code in _LESS_THAN_THE_LIST), code


def test_no_code_belongs_to_two_rules():
    codes = [code for rule in rules() for code in rule.codes]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.codes[0])
def test_a_rule_says_what_to_do_in_both_languages_and_its_decision_has_its_evidence(rule: Rule):
    assert rule.known
    assert rule.fix.endswith(".") and rule.fix_en.endswith(".") and rule.fix != rule.fix_en
    assert (Known.CONSTRUCTION in rule.known) is bool(rule.tests)
    assert Known.SERVER not in rule.known or rule.known == {Known.SERVER}
    for test in rule.tests:
        path, _, name = test.partition("::")
        assert name in _functions(ROOT / path), test


@pytest.mark.parametrize(
    "known, fired",
    [
        (Known.DOCUMENT, {case.code for case in test_preflight.CASES} | test_preflight.ON_EVENTS),
        (Known.XML, {case.code for case in test_preflight_xml.CASES}),
    ],
)
def test_every_rule_that_is_checked_has_a_case_that_breaks_it(known: Known, fired: set[str]):
    checked = [rule for rule in rules() if known in rule.known]

    assert [rule.codes[0] for rule in checked if not fired & set(rule.codes)] == []
    assert [code for code in sorted(fired) if known not in rule_of(code).known] == []  # type: ignore[union-attr]


def test_every_code_that_a_check_speaks_of_has_a_case():
    package = ROOT / "layers/provider/python/cauce/ubl/preflight"
    known = {code for rule in rules() for code in rule.codes}
    for folder, cases in (("document", test_preflight.CASES), ("xml", test_preflight_xml.CASES)):
        spoken = {
            node.value
            for path in (package / folder).glob("*.py")
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in known
        }
        assert sorted(spoken - {case.code for case in cases}) == []


@pytest.mark.parametrize(
    "code, kind, expected",
    [
        ("FAU02", Kind.INVOICE, "FAU02"),
        ("FAU02", Kind.DEBIT_NOTE, "DAU02"),
        ("FAU02", Kind.ADJUSTMENT_NOTE, "NSAU02"),
        ("CBF01", Kind.DEBIT_NOTE, "DBF01"),
        ("CAD02a", Kind.CREDIT_NOTE, "CAD02a"),
        ("FAB22a", Kind.EVENT, "AAB22"),
        ("FAB22b", Kind.SUPPORT_DOCUMENT, "DSAB22b"),
        ("FAB03", Kind.EVENT, "AAB03"),
        ("DSAY13", Kind.SUPPORT_DOCUMENT, "DSAY13"),
        ("DSAY13", Kind.ADJUSTMENT_NOTE, "NSAY13"),
        ("VLR01", Kind.CREDIT_NOTE, "VLR01"),
        ("AAH03", Kind.EVENT, "AAH03"),
        ("DC24", Kind.EVENT, "DC24"),
    ],
)
def test_a_code_is_the_one_of_the_kind(code: str, kind: Kind, expected: str):
    assert finding(Hit(code, "", "", ""), LETTERS[kind]).rule == expected


def test_the_same_rule_may_be_a_notice_in_a_support_document():
    hit = Hit("FAJ26", "", "", "")

    assert finding(hit, "F").severity is Severity.REJECTION
    assert finding(hit, "DS").severity is Severity.NOTICE


def test_a_rule_is_found_by_the_code_that_any_kind_has_for_it():
    assert rule_of("DSAB07a") is rule_of("FAB07a")
    assert rule_of("DAE03") is rule_of("CAE03")
    assert rule_of("DBG03") is rule_of("CBG03") is not rule_of("FBG03")
    assert rule_of("ZZZ99") is None


def _functions(path: Path) -> set[str]:
    tree = ast.parse(path.read_text("utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
