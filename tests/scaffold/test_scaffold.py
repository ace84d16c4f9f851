"""`make provider NAME=ejemplo`, in a copy of the repository: what is written is clean, and the suite says what is missing."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.scaffold.__main__ import ROOT, main, places


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository as it stands, with a provider called «ejemplo» in it."""
    made = tmp_path_factory.mktemp("repository")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            (made / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, made / name)
    done = run(made, "-m", "tests.scaffold", "ejemplo")
    assert done.returncode == 0, done.stderr
    return made


def run(copy: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Python in the copy, importing the package from there."""
    environment = {**os.environ, "PYTHONPATH": str(copy / "layers/provider/python")}
    return subprocess.run(
        [sys.executable, *arguments], cwd=copy, env=environment, capture_output=True, text=True
    )


def new(copy: Path) -> list[str]:
    return [str(copy / place.relative_to(ROOT)) for place in places("ejemplo").values()]


def test_make_provider_followed_by_the_suite_lists_what_is_missing(copy: Path) -> None:
    report = copy / "report.xml"
    options = ("-n0", "-q", "-p", "no:cacheprovider", "--tb=line", f"--junitxml={report}")

    done = run(copy, "-m", "pytest", "tests/contract", *options, "-k", "ejemplo")

    assert done.returncode == pytest.ExitCode.TESTS_FAILED, done.stdout  # everything was collected
    found = ElementTree.parse(report)  # noqa: S314 - pytest wrote it
    reasons = [each.get("message", "") for what in ("failure", "error") for each in found.iter(what)]
    assert [reason for reason in reasons if "not written yet" not in reason] == []
    for part in (
        "provider.Ejemplo.send",
        "provider.Ejemplo.consult",
        "provider.Ejemplo.xml",
        "settings.address",
        "check.refuse",
        "payload.request",
        "answer.outcome",
        "answer.trouble",
        "calls.Session._access",
        "app.EjemploSimulator.respond",
        "controls.Controls.reject_next",
        "bench's unsayable",
        "its codes",
    ):
        assert any(part in reason for reason in reasons), part


def test_what_it_writes_is_clean(copy: Path) -> None:
    for command in (
        ["ruff", "check"],
        ["ruff", "format", "--check"],
        ["mypy", "--strict", "--follow-imports=silent"],
    ):
        done = run(copy, "-m", *command, *new(copy))
        assert done.returncode == 0, done.stdout


def test_the_simulator_runs_by_itself(copy: Path) -> None:
    done = run(copy, "-m", "tests.simulators", "--help")

    assert "ejemplo" in done.stdout


def test_it_is_what_make_provider_runs() -> None:
    done = subprocess.run(
        ["make", "--dry-run", "provider", "NAME=ejemplo"], cwd=ROOT, capture_output=True, text=True
    )

    assert '-m tests.scaffold "ejemplo"' in done.stdout


@pytest.mark.parametrize("name", ["factus", "http", "server", "Ejemplo", "un-nombre", "class", ""])
def test_a_name_that_is_taken_or_is_none_is_refused_and_nothing_is_written(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted((ROOT / "tests/simulators").iterdir())

    assert main([name]) == 1

    assert "error: " in capsys.readouterr().err
    assert sorted((ROOT / "tests/simulators").iterdir()) == before
