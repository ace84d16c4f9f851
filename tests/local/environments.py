"""Makes the Python environments that ``make`` works in: ``python tests/local/environments.py .venv .venv-engine``.

It runs before any of them is there, so it imports the standard library alone, and nothing of ours imports it but what
needs its sentences about pip.

An environment is good if its stamp says what it would be made of today, and its interpreter starts and imports what is
in it. The stamp is written last: an environment that was left half-made has none, and is made again. A lock for each
environment makes a second ``make`` wait for the first, and then find it made.
"""

import argparse
import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TextIO

ROOT = Path(__file__).resolve().parents[2]
_REQUIREMENTS = "layers/dependencies/requirements.txt"
_ENGINE_REQUIREMENTS = "tests/local/requirements.txt"
_CLIENT_REQUIREMENTS = "tests/flow/clients/requirements.txt"
_SAM_CLI = "aws-sam-cli==1.170.0"
# A network that is not there is told within a minute, and not after pip's own many tries. The environment may say more.
PATIENCE = {"PIP_RETRIES": "2", "PIP_DEFAULT_TIMEOUT": "15"}
_UNREACHED = re.compile(
    r"Failed to establish a new connection|NewConnectionError|Temporary failure in name resolution|"
    r"Could not resolve|Network is unreachable|Connection refused|ConnectTimeoutError|ReadTimeoutError|"
    r"Cannot connect to proxy|ProxyError|Max retries exceeded|"
    r"connection broken by",
    re.IGNORECASE,
)


class CannotMake(Exception):
    """An environment cannot be made; the message says in Spanish why, and what to do."""


@dataclass(frozen=True)
class Environment:
    """A virtual environment: where it is, what it is for, what pip puts in it, and what must then import."""

    folder: str
    what: str
    wanted: tuple[str, ...]
    imports: str
    is_needed: bool = True
    """Whether nothing goes on without it."""

    @property
    def path(self) -> Path:
        return ROOT / self.folder

    @property
    def python(self) -> Path:
        return self.path / "bin" / "python"

    @property
    def stamp(self) -> Path:
        return self.path / ".made-of"


KNOWN = {
    each.folder: each
    for each in (
        Environment(
            ".venv",
            "Cauce y sus herramientas",
            ("--editable", ".[dev]"),
            "boto3, cauce.admin, cryptography, httpx, lxml.etree, pydantic, pytest, rich",
        ),
        Environment(
            ".venv-engine",
            "el motor local que hace de AWS",
            ("--requirement", _ENGINE_REQUIREMENTS),
            "boto3, cryptography, ministack, samtranslator",
        ),
        Environment(
            ".venv-clients",
            "los generadores de clientes",
            ("--requirement", _CLIENT_REQUIREMENTS),
            "openapi_generator_cli, openapi_python_client, schemathesis",
            is_needed=False,
        ),
        Environment(".venv-sam", "el comando sam", ("--no-compile", _SAM_CLI), "samcli"),
    )
}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="environments", description=__doc__)
    parser.add_argument("folders", nargs="+", choices=sorted(KNOWN))
    parser.add_argument("-v", "--verbose", action="store_true", help="show what pip says")
    asked = parser.parse_args(arguments)
    wanted = [KNOWN[folder] for folder in asked.folders]
    with ThreadPoolExecutor(len(wanted)) as pool:
        made = [pool.submit(ensure, each, verbose=asked.verbose) for each in wanted]
    refused = {each: error for each, tried in zip(wanted, made, strict=True) if (error := tried.exception())}
    for message in dict.fromkeys(str(error) for error in refused.values() if isinstance(error, CannotMake)):
        print(message, file=sys.stderr)
    for each, error in refused.items():
        if not isinstance(error, CannotMake):
            raise error
        if not each.is_needed:
            print(f"Sin {each.folder} se sigue: las pruebas que lo usan se saltan.", file=sys.stderr)
    return 1 if any(each.is_needed for each in refused) else 0


def ensure(environment: Environment, *, verbose: bool = False) -> None:
    """Make an environment unless it is good. Raises CannotMake."""
    if is_good(environment):
        return
    with _alone(environment) as lock:
        if not is_good(environment):
            _make(environment, lock, verbose=verbose)


def is_good(environment: Environment) -> bool:
    """Whether it was made to its end of what it would be made of today, and works."""
    try:
        if environment.stamp.read_text() != _made_of(environment):
            return False
        return _works(environment)
    except OSError:
        return False


def no_network(said: str) -> str | None:
    """The sentence for what pip said, if that is that it reached no package index."""
    if not _UNREACHED.search(said):
        return None
    return (
        "No se llega al índice de paquetes de Python: revise la conexión, o diga otro índice con PIP_INDEX_URL, y "
        "repita el mismo comando, que sigue donde quedó."
    )


def _works(environment: Environment) -> bool:
    tried = subprocess.run(
        [environment.python, "-c", f"import {environment.imports}"],
        cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    return tried.returncode == 0


def _made_of(environment: Environment) -> str:
    """A digest of the interpreter, the folder's own place, which its commands have in them, and the requirements."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    files = {
        ".venv": (ROOT / _REQUIREMENTS).read_text() + json.dumps(project),
        ".venv-engine": (ROOT / _ENGINE_REQUIREMENTS).read_text(),
        ".venv-clients": (ROOT / _CLIENT_REQUIREMENTS).read_text(),
    }
    parts = (
        sys.version,
        str(environment.path.resolve()),
        repr(environment),
        files.get(environment.folder, ""),
    )
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


@contextmanager
def _alone(environment: Environment) -> Iterator[int]:
    """Hold an environment's lock; gives its descriptor. It is free once nobody has that open: neither this process nor
    a pip that outlives it."""
    locks = ROOT / ".build"
    locks.mkdir(exist_ok=True)
    with (locks / f"{environment.folder.lstrip('.')}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _say(f"Otro make prepara {environment.folder}; este espera a que termine…")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock.fileno()


def _make(environment: Environment, lock: int, *, verbose: bool) -> None:
    version = sys.version.split()[0]
    _say(
        f"Se prepara {environment.folder} con Python {version}: {environment.what} (una vez; cerca de un minuto)…"
    )
    _remove(environment.path)
    venv = subprocess.run(
        [sys.executable, "-m", "venv", environment.path], capture_output=True, text=True, check=False
    )
    if venv.returncode:
        said = (venv.stdout + venv.stderr).strip()
        raise CannotMake(
            "No se puede crear un entorno de Python: falta su módulo venv (Debian y Ubuntu: «apt install "
            f"python3-venv»).\n{said}"
        )
    _install(environment, lock, verbose=verbose)
    if not _works(environment):
        raise CannotMake(
            f"{environment.folder} se instaló y no funciona: «{environment.folder}/bin/python -c "
            f"'import {environment.imports}'» dice por qué."
        )
    environment.stamp.write_text(_made_of(environment))


def _install(environment: Environment, lock: int, *, verbose: bool) -> None:
    pip = [str(environment.python), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    process = subprocess.Popen(
        [*pip, *environment.wanted],
        cwd=ROOT, env=PATIENCE | os.environ, text=True, errors="replace",
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, pass_fds=(lock,),
    )  # fmt: skip
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        said.append(line)
        if verbose:
            _say(line.rstrip())
        else:
            PROGRESS.heard(environment.folder, line)
    is_installed = process.wait() == 0
    PROGRESS.end(environment.folder, is_installed=is_installed)
    if not is_installed:
        told = "".join(said)
        last = "".join(said[-15:]).strip()
        raise CannotMake(
            no_network(told) or f"pip no pudo instalar {environment.what} en {environment.folder}:\n{last}"
        )


class Progress:
    """How far each environment is, in one line of a terminal that is written anew; elsewhere, nothing."""

    def __init__(self, out: TextIO, now: Callable[[], float] = time.monotonic) -> None:
        self._out, self._now = out, now
        self._began = now()
        self._packages: dict[str, int] = {}
        self._doing: dict[str, str] = {}
        self._lock = Lock()

    def heard(self, folder: str, line: str) -> None:
        """A line of pip's."""
        with self._lock:
            if line.startswith("Collecting "):
                self._packages[folder] = self._packages.get(folder, 0) + 1
                self._doing[folder] = f"reúne paquetes ({self._packages[folder]})"
            elif line.startswith("Installing collected packages"):
                self._doing[folder] = f"instala {line.count(',') + 1} paquetes"
            else:
                return
            self._show()

    def end(self, folder: str, *, is_installed: bool) -> None:
        """That pip has ended; the line is left empty for what is said next."""
        with self._lock:
            self._doing[folder] = "listo" if is_installed else "no se pudo"
            self._show()
            self._write("")

    def _show(self) -> None:
        seconds = round(self._now() - self._began)
        self._write(
            " · ".join(f"{folder}: {doing}" for folder, doing in self._doing.items()) + f" · {seconds} s"
        )

    def _write(self, line: str) -> None:
        if self._out.isatty():
            # Back to the beginning of the line, and what stood there is cleared.
            self._out.write(f"\r\x1b[K{line}")
            self._out.flush()


PROGRESS = Progress(sys.stdout)


def _remove(path: Path) -> None:
    if path.is_symlink():
        path.unlink()
    elif path.exists():
        shutil.rmtree(path)


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        _say("Interrumpido; la próxima vez sigue donde quedó.")
        sys.exit(130)
