"""The world around a container, in a process of its own: AWS over HTTP (``tests.thin_aws``), and DIAN.

``python -m tests.bench.world`` enrols an issuer, then serves until its standard input ends. Its first line of output is
JSON: the environment of a function in this world, and the event of a POST of an invoice of two lines. What its clients
spend is theirs alone, real client libraries included.
"""

import base64
import io
import json
import re
import sys
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from subprocess import PIPE, Popen
from typing import Any
from unittest import mock

from botocore.exceptions import ClientError

from tests.bench import PACKAGE
from tests.bench.emission import ENVIRONMENT, Clock, Said, enrolled, quiet
from tests.stack import ROOT
from tests.thin_aws import SETTINGS, Aws, connected

_TARGETS = {
    "DynamoDB_20120810": "dynamodb",
    "secretsmanager": "secretsmanager",
    "AmazonSQS": "sqs",
    "Logs_20140328": "logs",
}
_CONTENT = re.compile(rb"contentFile>([A-Za-z0-9+/=]+)<")
_UUID = re.compile(rb"<cbc:UUID [^>]*>([0-9a-f]{96})<")


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, aws: Aws) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.aws = aws
        self.dian: Said | None = None
        self.url = f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    # Header and body leave in one packet.
    wbufsize = -1

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        target = self.headers.get("X-Amz-Target")
        if target is None:
            self._reply(200, self._accepted(body), "application/soap+xml")
            return
        service, _, operation = target.rpartition(".")
        client = self.server.aws.client(_TARGETS[service])
        name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", operation).lower()
        try:
            answer = getattr(client, name)(**json.loads(body)) or {}
        except ClientError as refused:
            told: Any = refused.response
            refusal = {
                "__type": f"x#{told['Error']['Code']}",
                "CancellationReasons": told.get("CancellationReasons"),
            }
            self._reply(400, json.dumps(refusal).encode(), "application/x-amz-json-1.0")
            return
        self._reply(200, json.dumps(answer).encode(), "application/x-amz-json-1.0")

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.aws.client("s3").put_object(Key=self.path, Body=body)
        self._reply(200, b"", "application/xml")

    def _accepted(self, body: bytes) -> bytes:
        content = _CONTENT.search(body)
        assert content and self.server.dian
        with zipfile.ZipFile(io.BytesIO(base64.b64decode(content[1]))) as archive:
            found = _UUID.search(archive.read(archive.namelist()[0]))
        assert found
        return self.server.dian.answer(True, found[1])

    def _reply(self, status: int, body: bytes, content_type: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:
        pass


def serve() -> None:
    """Until standard input ends."""
    aws, clock = Aws(), Clock(datetime.now(UTC).replace(microsecond=0))
    server = _Server(aws)
    with mock.patch.dict("os.environ", ENVIRONMENT), connected(aws, clock.seconds, clock.sleep) as gateway:
        with quiet():
            running, server.dian = enrolled(gateway, aws, clock)
            settings = {"dian": {**running.issuer.settings["dian"], "base_url": server.url}}
            gateway.issuers.save(running.issuer.model_copy(update={"settings": settings}))
        aws.weighs = False
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(json.dumps({"environment": _environment(server.url), "event": running.event(2)}), flush=True)
        sys.stdin.read()


def _environment(url: str) -> dict[str, str]:
    """The environment of a function, as the template gives it."""
    told = {f"CAUCE_{name.upper()}": value for name, value in asdict(SETTINGS).items() if value}
    return {
        **ENVIRONMENT,
        **told,
        "AWS_ENDPOINT_URL": url,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "PYTHONPATH": str(PACKAGE),
        "POWERTOOLS_LOG_LEVEL": "INFO",
    }


@contextmanager
def running() -> Iterator[dict[str, Any]]:
    """A world in a process of its own, while the context lasts: its first line."""
    command = [sys.executable, "-m", "tests.bench.world"]
    with Popen(command, cwd=ROOT, stdin=PIPE, stdout=PIPE, text=True) as process:
        assert process.stdin and process.stdout
        try:
            told: dict[str, Any] = json.loads(process.stdout.readline())
            yield told
        finally:
            process.stdin.close()
            process.wait(timeout=10)


if __name__ == "__main__":
    serve()
