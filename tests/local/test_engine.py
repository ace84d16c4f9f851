"""The local engine is started and stopped, and leftover engines are ended."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.local import engine

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("engine-lifecycle")]


def test_an_engine_leaves_nothing_behind():
    with engine.running() as running:
        assert Path(running.home).is_dir()
        assert running.client("sts").get_caller_identity()["Account"] == "000000000000"

    assert not Path(running.home).exists()
    assert not engine.is_taken(running.port)


def test_a_port_in_use_is_named_with_the_way_out():
    with socket.socket() as someone_else:
        someone_else.bind(("127.0.0.1", 0))
        someone_else.listen()
        port = someone_else.getsockname()[1]

        with pytest.raises(engine.EngineError, match=rf"puerto {port} está ocupado.*PORT="):
            engine.start(port)


def test_what_a_killed_run_left_is_ended_and_removed_by_the_next():
    script = "from tests.local.engine import start; e = start(); print(e.port, e.home, flush=True); input()"
    killed = subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=engine.ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert killed.stdout is not None
    port, home = killed.stdout.readline().split()
    os.kill(killed.pid, signal.SIGKILL)
    killed.communicate()
    assert engine.is_taken(int(port))

    engine.clear_leftovers()

    assert not engine.is_taken(int(port))
    assert not Path(home).exists()


def test_an_engine_that_dies_as_it_starts_says_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho 'no module named ministack'\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setattr(engine, "PYTHON", broken)

    with pytest.raises(engine.EngineError, match="no module named ministack"):
        engine.start()


def test_a_missing_environment_says_how_to_make_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(engine, "PYTHON", tmp_path / "nowhere")

    with pytest.raises(engine.EngineError, match="make engine"):
        engine.start()


def test_an_engine_that_enforces_policies_answers_as_soon_as_it_is_given():
    with engine.running(enforce_iam=True) as running:
        assert running.client("sts").get_caller_identity()["Account"] == "000000000000"
