"""`python -m tests.simulators`: one line for each request, a clean stop, and a clear error if the port is taken."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import httpx
import pytest

from tests.simulators.__main__ import NAMES, simulator_class
from tests.simulators.factus import Credentials, FactusSimulator

ROOT = Path(__file__).resolve().parents[2]


def run(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.simulators", *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.fixture
def process() -> Iterator[subprocess.Popen[str]]:
    started = run("factus", "--port", "0")
    yield started
    started.kill()
    started.communicate()


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_it_tells_whom_it_lets_in_and_then_one_line_per_request_without_secrets_and_stops_cleanly(
    process, stop
):
    base_url = process.stdout.readline().split(" en ")[1].split()[0]
    known = Credentials()
    printed = dict(process.stdout.readline().strip().split(": ", 1) for _ in range(4))
    assert printed == asdict(known)
    form = {"grant_type": "password", "username": known.username, "password": known.password}
    form |= {"client_id": known.client_id, "client_secret": known.client_secret}
    token = httpx.post(f"{base_url}/oauth/token", data=form).json()["access_token"]
    httpx.get(
        f"{base_url}/v1/company", headers={"Authorization": f"Bearer {token}", "Accept": "application/json"}
    )
    process.send_signal(stop)
    output, errors = process.communicate(timeout=10)

    lines = output.splitlines()
    assert [line.split()[1:4] for line in lines[:2]] == [
        ["POST", "/oauth/token", "200"],
        ["GET", "/v1/company", "200"],
    ]
    assert token not in output
    assert known.password not in output
    assert (lines[-1], errors, process.returncode) == ("El simulador de factus se detuvo.", "", 0)


def test_without_a_name_all_of_them_run_and_tell_whom_they_let_in():
    process = run()
    assert process.stdout is not None
    told, last = [], NAMES[-1]
    for line in process.stdout:
        told.append(line)
        if "password:" in line and any(f"Simulador de {last} " in each for each in told):
            break
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=10)

    assert [line.split()[2] for line in told if line.startswith("Simulador de ")] == NAMES
    assert (
        asdict(Credentials()).items()
        <= dict(line.strip().split(": ", 1) for line in told if line.startswith("    ")).items()
    )
    assert process.returncode == 0


@pytest.mark.parametrize("name", NAMES)
def test_each_tells_whom_it_lets_in(name):
    with simulator_class(name)() as simulator:
        told = simulator.expected()

    assert told and all(value and isinstance(value, str) for value in told.values())
    assert any("NIT" in key or key == "client_id" for key in told), "whom"
    assert {"password", "token", "certificate"} & set(" ".join([*told, *told.values()]).split()), (
        "and by what"
    )


@pytest.mark.parametrize("name", NAMES)
def test_each_takes_the_orders_that_it_names_over_http_tells_what_waits_and_forgets_it_at_a_reset(name):
    nonsense = ({"fault": "explode"}, {"fault": "stall"}, {"fault": "answer_next", "status": 418}, "nonsense")
    with simulator_class(name)() as simulator:
        plane = f"{simulator.base_url}/_simulator"
        orders = [{"fault": "lose_next_answer"}, {"fault": "stall", "seconds": 0}]
        taken = httpx.post(f"{plane}/faults", json=orders).json()
        waiting = httpx.get(f"{plane}/state").json()["faults_waiting"]
        refused = [httpx.post(f"{plane}/faults", json=order) for order in nonsense]
        httpx.post(f"{plane}/reset")

    assert all(order.__name__ == known for known, order in simulator.controls.items())
    assert (taken, waiting) == ({"ok": True}, ["lose", "stall"])
    assert all("lose_next_answer" in answer.json()["faults"] for answer in refused)
    assert {answer.status_code for answer in refused} == {400}
    assert simulator.faults.waiting == []


def test_a_port_in_use_is_named():
    with FactusSimulator() as factus:
        port = factus.base_url.rsplit(":", 1)[1]
        process = run("factus", "--port", port)
        _, errors = process.communicate(timeout=10)

    assert process.returncode == 1
    assert errors == f"No se puede escuchar en 127.0.0.1:{port}: está ocupado.\n"
