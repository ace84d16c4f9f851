"""What the README says is so."""

import re
from importlib.metadata import requires

from tests.stack import ROOT
from tests.template.readme import README, matrix, written


def test_the_provider_matrix_is_what_the_adapters_declare():
    assert written() == matrix(), "run: python -m tests.template.readme"


def test_its_first_two_commands_are_those_of_the_makefile():
    commands = re.findall(r"^(make \w+)", README.read_text(encoding="utf-8"), re.MULTILINE)
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")

    assert commands[:2] == ["make run", "make test"]
    assert all(re.search(rf"^{command.split()[1]}:", makefile, re.MULTILINE) for command in commands)


def test_every_dependency_that_no_other_one_brings_is_explained():
    pinned = (ROOT / "layers/dependencies/requirements.txt").read_text(encoding="utf-8")
    names = set(re.findall(r"^([A-Za-z0-9_.-]+)==", pinned, re.MULTILINE))
    brought = {
        re.split(r"[ ;<>=!\[~(]", wanted)[0].replace("_", "-").lower()
        for name in names
        for wanted in requires(name) or []
        if "extra ==" not in wanted
    }
    text = README.read_text(encoding="utf-8")

    ours = {name for name in names if name.replace("_", "-").lower() not in brought}
    assert {"httpx", "pydantic", "zeep"} <= ours
    assert sorted(name for name in ours if f"`{name}`" not in text) == []
