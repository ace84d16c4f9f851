"""The environments of ``make``: made once, whoever else makes them, mended when broken, and one sentence without network.

The interpreter that makes them is stood in for by a script, which is all that they know of Python.
"""

import io
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.local import environments
from tests.local.environments import CannotMake, Environment, ensure, is_good

# Makes an environment of itself when run as «-m venv FOLDER»; imports what it has once «-m pip» was run.
PYTHON = """#!/bin/sh
case "$1 $2" in
    "-m venv") mkdir -p "$3/bin"; cp "$0" "$3/bin/python"; echo made >> made.log;;
    "-m pip") sleep 0.2; cat index.log 2>/dev/null && exit 1; touch "$(dirname "$0")/installed";;
    *) test -e "$(dirname "$0")/installed";;
esac
"""

ENGINE = Environment(
    ".venv-engine", "el motor", ("--requirement", "tests/local/requirements.txt"), "ministack"
)


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the files that say what an environment is made of, and a Python."""
    for name in (
        "pyproject.toml",
        "layers/dependencies/requirements.txt",
        "tests/local/requirements.txt",
        "tests/flow/clients/requirements.txt",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(environments.ROOT / name, tmp_path / name)
    python = tmp_path / "python"
    python.write_text(PYTHON)
    python.chmod(0o755)
    monkeypatch.setattr(environments, "ROOT", tmp_path)
    monkeypatch.setattr(sys, "executable", str(python))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def made(clone: Path) -> int:
    """How many environments were made."""
    return len((clone / "made.log").read_text().splitlines())


def test_one_that_is_good_is_not_made_again(clone, capsys):
    ensure(ENGINE)
    ensure(ENGINE)

    assert made(clone) == 1
    assert capsys.readouterr().out.count("Se prepara .venv-engine") == 1


def nothing_installed(clone: Path) -> None:
    ENGINE.path.joinpath("bin", "installed").unlink()


def no_interpreter(clone: Path) -> None:
    ENGINE.python.unlink()


def interrupted(clone: Path) -> None:
    ENGINE.stamp.unlink()


def other_requirements(clone: Path) -> None:
    clone.joinpath("tests/local/requirements.txt").write_text("ministack==2\n")


@pytest.mark.parametrize("happened", [nothing_installed, no_interpreter, interrupted, other_requirements])
def test_one_that_is_half_made_broken_or_of_something_else_is_made_again(
    clone, happened: Callable[[Path], None]
):
    ensure(ENGINE)
    happened(clone)

    assert not is_good(ENGINE)
    ensure(ENGINE)
    assert is_good(ENGINE)
    assert made(clone) == 2


def test_two_makes_at_once_make_it_once_and_the_second_says_that_it_waits(clone, capsys):
    at_once = [threading.Thread(target=ensure, args=(ENGINE,)) for _ in range(2)]
    for each in at_once:
        each.start()
    for each in at_once:
        each.join()

    assert is_good(ENGINE)
    assert made(clone) == 1
    assert capsys.readouterr().out.count("Otro make prepara .venv-engine") == 1


def test_a_folder_that_points_to_another_clone_s_is_let_go_and_not_emptied(clone):
    elsewhere = clone / "elsewhere"
    elsewhere.mkdir()
    elsewhere.joinpath("file").touch()
    ENGINE.path.symlink_to(elsewhere)

    ensure(ENGINE)

    assert is_good(ENGINE)
    assert elsewhere.joinpath("file").exists()


def test_what_pip_says_without_network_is_one_sentence_with_what_to_do(clone):
    index = "--index-url http://127.0.0.1:9/simple --retries 1 --target no cauce-that-is-nowhere"
    pip = ["python3", "-m", "pip", "install", *index.split()]
    said = subprocess.run(pip, capture_output=True, text=True, check=False)
    clone.joinpath("index.log").write_text(said.stdout + said.stderr)

    with pytest.raises(CannotMake) as refused:
        ensure(ENGINE)

    assert "PIP_INDEX_URL" in str(refused.value)
    assert "\n" not in str(refused.value)
    assert not is_good(ENGINE)


def test_what_else_pip_says_is_shown(clone):
    clone.joinpath("index.log").write_text("ERROR: No matching distribution found for ministack==9\n")

    with pytest.raises(CannotMake, match="No matching distribution found for ministack==9"):
        ensure(ENGINE)


def test_what_only_some_tests_need_stops_nobody(clone, capsys):
    clone.joinpath("index.log").write_text("ERROR: Could not find a version that satisfies schemathesis\n")

    assert environments.main([".venv-clients"]) == 0
    assert "Sin .venv-clients se sigue: las pruebas que lo usan se saltan." in capsys.readouterr().err
    assert environments.main([".venv-clients", ".venv-engine"]) == 1


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_on_a_terminal_one_line_says_how_far_each_environment_is():
    shown = Terminal()
    progress = environments.Progress(shown, iter([0.0, 1.2, 2.0, 3.6, 9.0, 9.5]).__next__)
    progress.heard(".venv", "Collecting boto3==1.40\n")
    progress.heard(".venv-engine", "Collecting ministack==1.5\n")
    progress.heard(".venv", "  Downloading boto3.whl\n")
    progress.heard(".venv", "Installing collected packages: a, b, c\n")
    progress.end(".venv", is_installed=True)
    progress.end(".venv-engine", is_installed=False)

    assert shown.getvalue().replace("\x1b[K", "").split("\r")[1:] == [
        ".venv: reúne paquetes (1) · 1 s",
        ".venv: reúne paquetes (1) · .venv-engine: reúne paquetes (1) · 2 s",
        ".venv: instala 3 paquetes · .venv-engine: reúne paquetes (1) · 4 s",
        ".venv: listo · .venv-engine: reúne paquetes (1) · 9 s",
        "",
        ".venv: listo · .venv-engine: no se pudo · 10 s",
        "",
    ]


def test_where_there_is_no_terminal_no_line_is_written_anew():
    shown = io.StringIO()
    progress = environments.Progress(shown)
    progress.heard(".venv", "Collecting boto3==1.40\n")
    progress.end(".venv", is_installed=True)

    assert shown.getvalue() == ""
