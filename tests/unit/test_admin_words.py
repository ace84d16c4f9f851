"""What an operator reads is Spanish: of a record, at a prompt, in the help."""

import ast
import inspect
from collections.abc import Iterator
from typing import Any

import pytest
import typer.main

from cauce import admin
from cauce.admin import words
from cauce.contracts.v1 import traces
from cauce.domain import life
from cauce.domain.document import Kind
from cauce.domain.record import State
from cauce.providers import registry

NAMED = {
    call.args[1].value
    for call in ast.walk(ast.parse(inspect.getsource(life)))
    if isinstance(call, ast.Call)
    and isinstance(call.func, ast.Name)
    and call.func.id == "_noted"
    and isinstance(call.args[1], ast.Constant)
}


def test_the_trace_has_more_lines_than_the_states() -> None:
    assert len(NAMED) > 20


@pytest.mark.parametrize("what", sorted(NAMED | {state.value for state in State}))
def test_every_line_of_the_trace_has_a_spanish_name(what: str) -> None:
    assert traces.step(what) != what


def test_every_state_and_kind_has_a_spanish_name() -> None:
    assert set(traces.STATES) == set(State)
    assert set(words.KINDS) == set(Kind)


def test_a_line_that_another_version_wrote_is_told_as_it_is() -> None:
    assert traces.step("something else") == "something else"


@pytest.mark.parametrize("provider", registry.NAMES)
def test_every_credential_is_asked_for_in_spanish_beside_its_key(provider: str) -> None:
    for field in registry.provider_class(provider).credential_fields:
        assert words.credential(field).endswith(f" ({field})")


def test_every_option_and_argument_has_a_help() -> None:
    seen = list(_parameters(typer.main.get_command(admin.app), "cauce"))
    assert len(seen) > 60
    assert [name for name, parameter in seen if not parameter.help] == []


def _parameters(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    yield from ((f"{path} {parameter.name}", parameter) for parameter in command.params)
    for name, inner in getattr(command, "commands", {}).items():
        yield from _parameters(inner, f"{path} {name}")
