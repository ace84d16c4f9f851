"""``python -m tests.local up|down|env``: the stack on a local engine that stays up."""

import argparse
import shlex
import sys
from pathlib import Path

from tests.local import engine
from tests.local.deploy import DeployError, Stack, deploy, stack_on

PREFERRED_PORT = 4566


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.local", description=__doc__)
    actions = parser.add_subparsers(dest="action", required=True)
    up = actions.add_parser("up", help="start an engine if none is up, and deploy what the files say now")
    up.add_argument("--port", type=int, help=f"{PREFERRED_PORT} if free, any free one otherwise")
    up.add_argument("--iam", action="store_true", help="enforce IAM, over TLS")
    actions.add_parser("down", help="stop the engines that stay up")
    env = actions.add_parser("env", help='what to export: eval "$(python -m tests.local env)"')
    env.add_argument("--port", type=int, help="the engine's port; that of the last one that is up otherwise")
    asked = parser.parse_args()

    engine.clear_leftovers()
    try:
        match asked.action:
            case "up":
                show(raise_stack(asked.port, enforce_iam=asked.iam))
            case "down":
                for each in engine.left_running():
                    engine.stop(each)
                    print(f"Se detuvo {each.url}.")
            case "env":
                print(exports(stack_on(chosen(asked.port))))
    except (engine.EngineError, DeployError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def raise_stack(port: int | None, *, enforce_iam: bool) -> Stack:
    """Deploy the stack on the engine that is up, if it is of the same kind and port, else on a new one."""
    fitting = [
        each
        for each in engine.left_running()
        if each.enforces_iam == enforce_iam and port in (None, each.port)
    ]
    if not fitting:
        fitting = [engine.start(port or free_preferred_port(), enforce_iam=enforce_iam, owner=0)]
    return deploy(fitting[-1])


def chosen(port: int | None) -> engine.Engine:
    """The engine on ``port``; without one the last that runs until stopped, or that of a demonstration."""
    fitting = [each for each in engine.living() if port in (None, each.port)]
    if not fitting:
        raise engine.EngineError("No hay nada en marcha: ejecute «make up» o «make run».")
    return sorted(fitting, key=lambda each: each.owner == 0)[-1]


def free_preferred_port() -> int | None:
    """The well-known port 4566, or None (any) if something listens on it."""
    return None if engine.is_taken(PREFERRED_PORT) else PREFERRED_PORT


def show(stack: Stack) -> None:
    print(f"API       {stack.api_url}")
    print(f"tabla     {stack.table}")
    print(f"archivo   {stack.bucket}")
    print(f"cola      {stack.queue_url}")
    print(f"registro  {stack.engine.log}")
    print(f"salud     curl -s {curl_trust(stack)}{stack.api_url}/health")
    print(f"operar    {to_operate(stack)}; cauce --help")
    print("detener   make down")


def to_operate(stack: Stack) -> str:
    """The line after which a shell has the command ``cauce``, on this stack."""
    python = Path(sys.executable)
    python = python.relative_to(engine.ROOT) if python.is_relative_to(engine.ROOT) else python
    folder, port = shlex.quote(str(engine.ROOT)), stack.engine.port
    return f'eval "$(cd {folder} && {shlex.quote(str(python))} -m tests.local env --port {port})"'


def curl_trust(stack: Stack) -> str:
    return f"--cacert {stack.engine.certificate} " if stack.engine.certificate else ""


def exports(stack: Stack) -> str:
    variables = stack.environment() | {"CAUCE_API_URL": stack.api_url}
    lines = [f"export {name}={shlex.quote(value)}" for name, value in variables.items()]
    commands = shlex.quote(str(Path(sys.executable).parent))
    return "\n".join([*lines, f'export PATH={commands}:"$PATH"'])


if __name__ == "__main__":
    sys.exit(main())
