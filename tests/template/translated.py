"""template.yaml as CloudFormation gets it, after SAM's transform; and what waits for what in it.

SAM's translator is in the engine's environment only, so this file is also a program for that: it prints the template.
"""

import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
ENGINE_PYTHON = ROOT / ".venv-engine" / "bin" / "python"

_LOCAL_PATH = re.compile(r"(CodeUri|ContentUri): (\S+)")
_IN_TEXT = re.compile(r"\$\{(\w+)")


@cache
def translated() -> dict[str, Any]:
    """The translated template."""
    printed = subprocess.run(
        [ENGINE_PYTHON, __file__],
        capture_output=True,
        text=True,
        check=True,
        env={"AWS_DEFAULT_REGION": "us-east-1"},
    )
    template: dict[str, Any] = json.loads(printed.stdout)
    return template


def waits_for(resources: dict[str, Any]) -> dict[str, set[str]]:
    """For each resource those that CloudFormation makes before it: what it names, and what it DependsOn."""
    return {name: _named(resource) & set(resources) - {name} for name, resource in resources.items()}


def all_before(graph: dict[str, set[str]], name: str) -> set[str]:
    """Everything that is made before a resource, however far back."""
    found: set[str] = set()
    open_ = list(graph[name])
    while open_:
        each = open_.pop()
        if each not in found:
            found.add(each)
            open_.extend(graph[each])
    return found


def _named(value: Any) -> set[str]:
    if isinstance(value, list):
        return set().union(*map(_named, value))
    if not isinstance(value, dict):
        return set()
    found: set[str] = set()
    for key, inner in value.items():
        match key, inner:
            case ("Ref", str()):
                found.add(inner)
            case ("DependsOn", str()):
                found.add(inner)
            case ("DependsOn", list()):
                found.update(inner)
            case ("Fn::GetAtt", [str() as name, *_]):
                found.add(name)
            case ("Fn::GetAtt", str()):
                found.add(inner.partition(".")[0])
            case ("Fn::Sub", str()):
                found.update(_IN_TEXT.findall(inner))
            case ("Fn::Sub", [str() as text, dict() as values]):
                found.update(_IN_TEXT.findall(text))
                found |= _named(values)
            case _:
                found |= _named(inner)
    return found


def _translate() -> dict[str, Any]:
    from samtranslator.translator.transform import transform
    from samtranslator.yaml_helper import yaml_parse

    class NoManagedPolicies:
        def load(self) -> dict[str, str]:
            return {}

    text = (ROOT / "template.yaml").read_text(encoding="utf-8")
    located = _LOCAL_PATH.sub(r"\1: s3://artifacts/\2.zip", text)
    made: dict[str, Any] = transform(yaml_parse(located), {}, NoManagedPolicies())
    return made


if __name__ == "__main__":
    json.dump(_translate(), sys.stdout)
