"""What a container of ``emit`` does, in an interpreter of its own; it prints the CPU seconds that it took.

``python contained.py bare|import|gateway|emission|warm``, in the environment of ``tests.bench.world``, which gives the
event on standard input. Nothing of the tests is imported here: what an interpreter loads is what is measured.
"""

import json
import os
import sys
import time
from importlib import util
from pathlib import Path
from types import SimpleNamespace
from typing import Any

_APP = Path(__file__).resolve().parents[2] / "functions" / "emit" / "app.py"
_WARM, _ROUNDS, _TIMES = 5, 8, 10


def bare() -> None:
    import boto3  # noqa: F401
    from aws_lambda_powertools import Logger, Metrics, Tracer  # noqa: F401
    from pydantic import BaseModel  # noqa: F401


def app() -> Any:
    spec = util.spec_from_file_location("emit_app", _APP)
    assert spec and spec.loader
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def emission(module: Any, event: dict[str, Any]) -> None:
    context = SimpleNamespace(
        function_name="cauce",
        memory_limit_in_mb=1024,
        invoked_function_arn="arn:aws:lambda:us-east-1:000000000000:function:cauce",
        aws_request_id="00000000-0000-4000-8000-000000000000",
        get_remaining_time_in_millis=lambda: 180_000,
    )
    answer = module.handler(event, context)
    assert '"aceptado"' in answer["body"], answer["body"]


def warm(module: Any, event: dict[str, Any]) -> dict[str, list[float]]:
    """CPU seconds of an emission, of one ``put_item`` by a client like the gateway's, and of an RSA operation, in turns."""
    import boto3
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding, rsa

    from cauce import faults

    client = boto3.Session().client("dynamodb", config=faults.CONFIG)
    item: Any = {"pk": {"S": "BENCH"}, "sk": {"S": "BENCH"}, "data": {"S": "x" * 500}}
    key = rsa.generate_private_key(65537, 2048)
    works = {
        "emission": lambda: emission(module, event),
        "put_item": lambda: client.put_item(TableName="cauce", Item=item),
        "RSA": lambda: key.sign(b"x" * 1500, padding.PKCS1v15(), hashes.SHA256()),
    }
    for _ in range(_WARM):
        for work in works.values():
            work()
    samples: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(_ROUNDS):
        for name, work in works.items():
            began = time.process_time()
            for _ in range(_TIMES):
                work()
            samples[name].append((time.process_time() - began) / _TIMES)
    return samples


def main() -> None:
    mode, out = sys.argv[1], os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # the function's log
    event = json.load(sys.stdin)
    said: Any
    if mode == "bare":
        bare()
        said = time.process_time()
    else:
        module = app()
        if mode == "gateway":
            module.wiring.gateway()
        if mode == "emission":
            emission(module, event)
        said = warm(module, event) if mode == "warm" else time.process_time()
    os.write(out, json.dumps(said).encode())


if __name__ == "__main__":
    main()
