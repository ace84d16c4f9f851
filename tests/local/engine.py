"""Starts and stops the local AWS engine: ministack, in a process of its own, on loopback.

Facts about it (ministack 1.5.33, measured):

- It is healthy 0.3 s after its start. Its state is in memory: stopping it resets it.
- Lambdas are real processes, one for each concurrent invocation, on the engine's own Python.
- An event source mapping of a FIFO queue takes one batch at a time, whatever MaximumConcurrency says: lanes do not run in
  parallel here.
- IAM is enforced only with ``enforce_iam``; then over TLS, because the template's policies refuse plain HTTP.
"""

import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from tests.local import certificate

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv-engine" / "bin" / "python"
# One file for each running engine: its owner's process id, its port, its folder on disk.
RUNNING = ROOT / ".build" / "engines"

REGION = "us-east-1"
ACCESS_KEY = "test"  # the engine's root user
SECRET_KEY = "test"
_HEALTHY_WITHIN_SECONDS = 30
_MEMORY_DISK = Path("/dev/shm")
_MEMORY_DISK_NEEDS = 2**30  # room for what the engine writes of documents and of Lambda environments


class EngineError(Exception):
    """The engine cannot start; the message says what to do about it."""


@dataclass(frozen=True)
class Engine:
    """A running engine."""

    pid: int
    owner: int
    port: int
    home: str
    enforces_iam: bool

    @property
    def url(self) -> str:
        return f"{'https' if self.enforces_iam else 'http'}://127.0.0.1:{self.port}"

    @property
    def certificate(self) -> Path | None:
        """The certificate to trust when calling the engine; None if it speaks plain HTTP."""
        return Path(self.home, "certificate.pem") if self.enforces_iam else None

    @property
    def log(self) -> Path:
        return Path(self.home, "engine.log")

    def environment(self) -> dict[str, str]:
        """The environment variables that point any AWS client, the ``cauce`` command included, at this engine."""
        variables = {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        if self.certificate:
            variables["AWS_CA_BUNDLE"] = str(self.certificate)
        return variables

    def client(self, service: str, access_key: str = ACCESS_KEY, secret_key: str = SECRET_KEY) -> Any:
        """A boto3 client, as the engine's root user or as the user with this key."""
        return boto3.Session(access_key, secret_key, region_name=REGION).client(
            service,  # type: ignore[call-overload]
            endpoint_url=self.url,
            verify=str(self.certificate) if self.certificate else None,
            config=Config(retries={"mode": "standard", "max_attempts": 2}, max_pool_connections=50),
        )


@contextmanager
def running(port: int | None = None, *, enforce_iam: bool = False) -> Iterator[Engine]:
    """An engine that is stopped when the ``with`` ends."""
    engine = start(port, enforce_iam=enforce_iam)
    try:
        yield engine
    finally:
        stop(engine)


def start(port: int | None = None, *, enforce_iam: bool = False, owner: int | None = None) -> Engine:
    """Start an engine on ``port`` (any free one if None) and wait until it is healthy. Ends leftover engines first.

    The engine is a leftover once the process ``owner`` is gone; by default this process. With 0 it runs until ``stop``.
    Raises EngineError if its environment is missing, the port is taken, or it died.
    """
    clear_leftovers()
    if not PYTHON.exists():
        raise EngineError("Falta el entorno del motor local: ejecute «make engine».")
    if port is not None:
        if is_taken(port):
            raise EngineError(in_use(port))
        return _start_on(port, enforce_iam=enforce_iam, owner=owner)
    for _ in range(2):
        with suppress(EngineError):  # another process may take the port before the engine listens on it
            return _start_on(_free_port(), enforce_iam=enforce_iam, owner=owner)
    return _start_on(_free_port(), enforce_iam=enforce_iam, owner=owner)


def stop(engine: Engine) -> None:
    """End the engine and its Lambdas, and remove what they wrote. Idempotent."""
    _end_group(engine.pid)
    _forget(engine)


def living() -> list[Engine]:
    """The engines that are up, oldest first: those that run until stopped, and those of a demonstration or a test."""
    return [engine for engine in _registered() if _is_engine(engine)]


def left_running() -> list[Engine]:
    """The engines that run until stopped (``python -m tests.local up``), oldest first."""
    return [engine for engine in living() if engine.owner == 0]


def clear_leftovers() -> None:
    """End engines whose owner was killed, and remove what they wrote."""
    for engine in _registered():
        if engine.owner and _alive(engine.owner):
            continue  # its owner is alive and will stop it
        if not _is_engine(engine):
            _forget(engine)
        elif engine.owner:
            stop(engine)


# ── Starting ──────────────────────────────────────────────────────────────────────────────────────


def _start_on(port: int, *, enforce_iam: bool, owner: int | None) -> Engine:
    home = Path(tempfile.mkdtemp(prefix="cauce-engine-", dir=_roomy_directory()))
    environment = _clean_environment(port, home)
    if enforce_iam:
        certificate.write(home)
        environment |= {
            "AUTH": "true",
            "USE_SSL": "1",
            "MINISTACK_SSL_CERT": str(home / "certificate.pem"),
            "MINISTACK_SSL_KEY": str(home / "key.pem"),
        }
    with (home / "engine.log").open("wb") as log:
        process = subprocess.Popen(
            [PYTHON, "-m", "ministack"],
            cwd=home,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # a process group of its own: its Lambdas can be ended with it, and Ctrl-C reaches only us
        )
    engine = Engine(process.pid, os.getpid() if owner is None else owner, port, str(home), enforce_iam)
    _register(engine)
    try:
        _wait_until_healthy(engine, process)
    except BaseException:
        stop(engine)
        raise
    return engine


def _clean_environment(port: int, home: Path) -> dict[str, str]:
    """Only these variables: Lambdas inherit them, and a proxy or an AWS profile of ours would change what they do."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(home),
        "TMPDIR": str(home),
        "LANG": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "1",  # /opt is read-only in Lambda
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "MINISTACK_REGION": REGION,
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "IOT_MTLS_ENABLED": "0",
        "LOG_LEVEL": "INFO",
    }


def _wait_until_healthy(engine: Engine, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + _HEALTHY_WITHIN_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise EngineError(f"El motor local se detuvo al arrancar:\n{_last_lines(engine.log)}")
        if _healthy(engine):
            return
        time.sleep(0.05)
    raise EngineError(
        f"El motor local no respondió en {_HEALTHY_WITHIN_SECONDS} s:\n{_last_lines(engine.log)}"
    )


def _healthy(engine: Engine) -> bool:
    trusted = ssl.create_default_context(cafile=str(engine.certificate)) if engine.certificate else None
    try:
        with urllib.request.urlopen(f"{engine.url}/_ministack/health", timeout=2, context=trusted) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _roomy_directory() -> str:
    """A folder in memory where there is room (cold starts then take a third less), else the folder of temporary files."""
    if os.access(_MEMORY_DISK, os.W_OK) and shutil.disk_usage(_MEMORY_DISK).free > _MEMORY_DISK_NEEDS:
        return str(_MEMORY_DISK)
    return tempfile.gettempdir()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def is_taken(port: int) -> bool:
    """Whether something listens on this loopback port."""
    with socket.socket() as caller:
        caller.settimeout(1)
        return caller.connect_ex(("127.0.0.1", port)) == 0


def in_use(port: int) -> str:
    """What to say of a port that another program has."""
    return f"El puerto {port} está ocupado: cierre el programa que lo usa, o elija otro con PORT=…"


def _last_lines(log: Path, count: int = 20) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-count:])


# ── Ending ────────────────────────────────────────────────────────────────────────────────────────


def _end_group(pid: int) -> None:
    for how, patience in ((signal.SIGTERM, 3.0), (signal.SIGKILL, 2.0)):
        try:
            os.killpg(pid, how)
        except ProcessLookupError:
            return
        except PermissionError:  # what macOS says of a group whose processes have all ended
            return
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline and _alive(pid):
            time.sleep(0.05)


def _alive(pid: int) -> bool:
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)  # collects our own ended child, which would seem alive until then
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _is_engine(engine: Engine) -> bool:
    """Whether the process is still the engine: after a restart of the machine the id may be another process's."""
    if not _alive(engine.pid):
        return False
    command_line = Path(f"/proc/{engine.pid}/cmdline")
    if command_line.exists():
        written = command_line.read_bytes()
        return b"ministack" in written or not written  # empty for a moment as the process starts
    listed = subprocess.run(
        ["ps", "-o", "command=", "-p", str(engine.pid)], capture_output=True, text=True, check=False
    )
    return "ministack" in listed.stdout


# ── The files of running engines ────────────────────────────────────────────────────────────────


def _file_of(pid: int) -> Path:
    return RUNNING / f"{pid}.json"


def _register(engine: Engine) -> None:
    RUNNING.mkdir(parents=True, exist_ok=True)
    unfinished = _file_of(engine.pid).with_suffix(".new")
    unfinished.write_text(json.dumps(asdict(engine)))
    unfinished.rename(_file_of(engine.pid))


def _forget(engine: Engine) -> None:
    shutil.rmtree(engine.home, ignore_errors=True)
    _file_of(engine.pid).unlink(missing_ok=True)


def _registered() -> list[Engine]:
    found = []
    for file in RUNNING.glob("*.json"):
        with suppress(FileNotFoundError):  # another run may be stopping its engine just now
            found.append((file.stat().st_mtime, Engine(**json.loads(file.read_text()))))
    return [engine for _, engine in sorted(found, key=lambda pair: pair[0])]
