"""`python -m tests.simulators factus --port 9101`: runs one simulator, and prints one line for each request."""

import argparse
import errno
import pkgutil
import signal
import sys
import threading
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
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes any free port")
    chosen = parser.parse_args(arguments)
    simulator = simulator_class(chosen.name)(host=chosen.host, port=chosen.port, say=_say)
    try:
        simulator.start()
    except OSError as cause:
        reason = "it is in use" if cause.errno == errno.EADDRINUSE else cause.strerror
        print(f"cannot listen on {chosen.host}:{chosen.port}: {reason}", file=sys.stderr)
        return 1
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    _say(f"{chosen.name} simulator on {simulator.base_url} (stop with Ctrl-C)")
    for name, value in simulator.expected().items():
        _say(f"    {name}: {value}")
    stop.wait()
    simulator.stop()
    _say(f"{chosen.name} simulator stopped")
    return 0


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
