"""``python -m tests.local up|down|env``: the stack on a local engine that stays up."""

import argparse
import shlex
import sys

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
    actions.add_parser("env", help='what to export: eval "$(python -m tests.local env)"')
    asked = parser.parse_args()

    engine.clear_leftovers()
    try:
        match asked.action:
            case "up":
                show(raise_stack(asked.port, enforce_iam=asked.iam))
            case "down":
                for each in engine.left_running():
                    engine.stop(each)
                    print(f"stopped {each.url}")
            case "env":
                running = engine.left_running()
                if not running:
                    raise engine.EngineError("nothing is up: run `make up`")
                print(exports(stack_on(running[-1])))
    except (engine.EngineError, DeployError) as error:
        print(f"error: {error}", file=sys.stderr)
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


def free_preferred_port() -> int | None:
    """The well-known port 4566, or None (any) if something listens on it."""
    return None if engine.is_taken(PREFERRED_PORT) else PREFERRED_PORT


def show(stack: Stack) -> None:
    print(f"API      {stack.api_url}")
    print(f"table    {stack.table}")
    print(f"bucket   {stack.bucket}")
    print(f"queue    {stack.queue_url}")
    print(f"log      {stack.engine.log}")
    print(f"health   curl -s {curl_trust(stack)}{stack.api_url}/health")
    print("operate  " + 'eval "$(.venv/bin/python -m tests.local env)"; .venv/bin/cauce --help')
    print("stop     make down")


def curl_trust(stack: Stack) -> str:
    return f"--cacert {stack.engine.certificate} " if stack.engine.certificate else ""


def exports(stack: Stack) -> str:
    variables = stack.environment() | {"CAUCE_API_URL": stack.api_url}
    return "\n".join(f"export {name}={shlex.quote(value)}" for name, value in variables.items())


if __name__ == "__main__":
    sys.exit(main())
