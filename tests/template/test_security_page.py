"""docs/SECURITY.md: every test that it names exists."""

import re

import pytest

from tests.local.engine import ROOT

_PAGE = (ROOT / "docs" / "SECURITY.md").read_text()
_NAMED = sorted(set(re.findall(r"`([a-z0-9/_]+\.py)(?:::(test_\w+))?`", _PAGE)))
_NAMED = [each for each in _NAMED if each[0].startswith(("unit/", "flow/", "contract/", "e2e/", "template/"))]


def test_the_page_names_tests():
    assert len(_NAMED) > 20


@pytest.mark.parametrize(("file", "test"), _NAMED, ids=["::".join(each) for each in _NAMED])
def test_a_test_that_the_page_names_exists(file: str, test: str):
    text = (ROOT / "tests" / file).read_text()

    assert re.search(rf"^(async )?def {test or 'test_'}", text, re.MULTILINE)


def test_every_threat_is_shown_by_a_test():
    rows = re.findall(r"^\| (.+) \| (.+) \| (.+) \| (.+) \|$", _PAGE.split("## checkov")[0], re.MULTILINE)

    assert len(rows) > 10
    assert [row[0] for row in rows[1:] if ".py" not in row[3]] == []
