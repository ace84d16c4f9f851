"""`python -m tests.simulators factus --port 9101`: runs one simulator, or all of them where none is named. It prints the
credentials that each expects, and then one line for each request."""

import argparse
import errno
import pkgutil
import signal
import sys
import threading
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path

from tests.simulators.server import Simulator

NAMES = sorted(module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)]) if module.ispkg)
"""Each is a package with one Simulator class."""


def simulator_class(name: str) -> type[Simulator]:
    shown = vars(import_module(f"tests.simulators.{name}")).values()
    return next(each for each in shown if isinstance(each, type) and issubclass(each, Simulator))


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulators", description=__doc__)
    parser.add_argument("name", nargs="?", choices=NAMES, help="all of them if left out")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes any free port")
    chosen = parser.parse_args(arguments)
    if chosen.port and not chosen.name:
        parser.error("con --port diga cuál simulador")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with ExitStack() as started:
        for name in [chosen.name] if chosen.name else NAMES:
            simulator = simulator_class(name)(host=chosen.host, port=chosen.port, say=_say)
            try:
                started.enter_context(simulator)
            except OSError as cause:
                reason = "está ocupado" if cause.errno == errno.EADDRINUSE else cause.strerror
                print(f"No se puede escuchar en {chosen.host}:{chosen.port}: {reason}.", file=sys.stderr)
                return 1
            _say(
                f"Simulador de {name} en {simulator.base_url} (Ctrl-C lo detiene); espera estas credenciales:"
            )
            for key, value in simulator.expected().items():
                _say(f"    {key}: {value}")
        stop.wait()
    _say("Los simuladores se detuvieron." if not chosen.name else f"El simulador de {chosen.name} se detuvo.")
    return 0


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
