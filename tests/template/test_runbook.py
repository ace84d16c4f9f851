"""The runbook and the alarms: each alarm has its entry, and an entry asks for nothing that does not exist."""

import re
from functools import cache
from typing import Any

import typer

from cauce import admin
from tests.local.engine import ROOT
from tests.template.cloudformation import of_type, template

_PAGE = ROOT / "docs" / "RUNBOOK.md"
_ENTRY = re.compile(r"^### (.+) · (\w+)$", re.MULTILINE)
_PARTS = ("**Qué significa.**", "**Cómo mirar.**", "**Qué hacer.**", "**Nunca** ")
_SEVERITIES = {"Despiertan a alguien": "HasAlarmTopic", "Pueden esperar a la mañana": "HasNoticeTopic"}


@cache
def alarms() -> dict[str, Any]:
    return of_type(template()["Resources"], "AWS::CloudWatch::Alarm")


def entries(text: str) -> dict[str, str]:
    """The text of each entry, by its alarm."""
    _, *found = _ENTRY.split(text)
    return dict(zip(found[1::3], found[2::3], strict=True))


def test_each_alarm_has_an_entry_and_each_entry_an_alarm():
    assert sorted(entries(_PAGE.read_text())) == sorted(alarms())


def test_an_entry_says_what_it_means_how_to_look_what_to_do_and_what_never_to_do():
    found = entries(_PAGE.read_text())

    assert {name: part for name, text in found.items() for part in _PARTS if part not in text} == {}


def test_an_alarm_s_message_is_a_spanish_sentence_that_names_its_entry():
    for name, alarm in alarms().items():
        said, _, where = alarm["AlarmDescription"].partition(" Qué hacer: ")

        assert where == f"docs/RUNBOOK.md, {name}."
        assert said.endswith("."), name


def test_an_entry_stands_under_its_severity():
    _, *chapters = re.split(r"^## (.+)$", _PAGE.read_text(), flags=re.MULTILINE)
    under = dict(zip(chapters[::2], chapters[1::2], strict=True))

    for title, condition in _SEVERITIES.items():
        of_topic = {name for name, each in alarms().items() if each["AlarmActions"]["Fn::If"][0] == condition}
        assert entries(under[title]).keys() == of_topic


def test_every_command_parameter_and_alarm_that_the_runbook_names_exists():
    text = _PAGE.read_text()
    commands = {" ".join(each.split()[:2]) for each in re.findall(r"`cauce ([a-z]+ [a-z]+)", text)}
    known = {f"{group} {name}" for group, names in _commands().items() for name in names}
    named = set(re.findall(r"`([A-Z]\w+)`", text))
    written = str(template())

    assert commands
    assert commands <= known
    assert {each for each in named if each.endswith("Alarm")} <= alarms().keys()
    assert {each for each in named if each not in written} == {"CAUCE_STACK"}


def _commands() -> dict[str, list[str]]:
    main: Any = typer.main.get_command(admin.app)
    return {name: list(getattr(group, "commands", {})) for name, group in main.commands.items()}
