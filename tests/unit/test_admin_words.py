"""What an operator reads of a record is Spanish."""

import ast
import inspect

import pytest

from cauce.admin import words
from cauce.domain import life
from cauce.domain.document import Kind
from cauce.domain.record import State

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
    assert words.step(what) != what


def test_every_state_and_kind_has_a_spanish_name() -> None:
    assert set(words.STATES) == set(State)
    assert set(words.KINDS) == set(Kind)


def test_a_line_that_another_version_wrote_is_told_as_it_is() -> None:
    assert words.step("something else") == "something else"
