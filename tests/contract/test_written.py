"""No function of a provider, its bench or its simulator is left as ``make provider`` wrote it; failures name it."""

import pkgutil
from abc import ABCMeta
from importlib import import_module
from typing import Any

import pytest

from tests.contract.bench import Bench
from tests.contract.benches import BENCHES
from tests.contract.conftest import named


def unwritten(value: Any) -> set[str]:
    """The name of the function, method or property if its code mentions NotImplementedError; else nothing."""
    function = getattr(value, "fget", None) or getattr(value, "__func__", value)
    code = getattr(function, "__code__", None)
    if code is None or "NotImplementedError" not in code.co_names:
        return set()
    return {f"{function.__module__.rpartition('.')[2]}.{function.__qualname__}"}


def in_class(cls: type) -> set[str]:
    """The methods of a class, inherited ones too, that are not written yet."""
    found = {name: value for base in reversed(cls.__mro__) for name, value in vars(base).items()}
    return set().union(*map(unwritten, found.values()))


def in_package(package: str) -> set[str]:
    """The functions and methods in a package's modules that are not written yet."""
    left: set[str] = set()
    for found in pkgutil.iter_modules(import_module(package).__path__):
        module = import_module(f"{package}.{found.name}")
        for value in vars(module).values():
            if getattr(value, "__module__", None) == module.__name__:
                left |= in_class(value) if type(value) in (type, ABCMeta) else unwritten(value)
    return left


@pytest.mark.parametrize("bench", BENCHES, ids=named)
def test_every_verb_of_a_provider_is_written(bench: type[Bench]) -> None:
    missing = in_package(f"cauce.providers.{bench.provider.name}")

    assert not missing, "not written yet: " + ", ".join(sorted(missing))


@pytest.mark.parametrize("bench", BENCHES, ids=named)
def test_every_order_of_a_bench_is_written(bench: type[Bench]) -> None:
    missing = in_class(bench)

    assert not missing, "not written yet: " + ", ".join(sorted(missing))


@pytest.mark.parametrize("bench", BENCHES, ids=named)
def test_every_answer_of_a_simulator_is_written(bench: type[Bench]) -> None:
    missing = in_package(f"tests.simulators.{bench.provider.name}")

    assert not missing, "not written yet: " + ", ".join(sorted(missing))
