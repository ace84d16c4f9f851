"""A lot through DIAN: our CPU time for each of its documents, against that of a single one."""

import json
import time
from datetime import timedelta
from statistics import median
from typing import Any

from tests.bench import emission, invoices
from tests.bench.emission import Container
from tests.flow.handlers import http_event
from tests.thin_aws import SETTINGS

DOCUMENTS = 500
_LINES = 2


def per_document(documents: int = DOCUMENTS) -> float:
    """CPU time of a lot of so many invoices of two lines, from its POST to the last answer of DIAN, for each of them,
    divided by that of a single one. Singles are measured before, halfway and after."""
    with emission.container() as running:
        running.aws.weighs = False
        singles = [_single(running)]
        spent = _lot(running, documents // 2)
        singles.append(_single(running))
        spent += _lot(running, documents - documents // 2)
        singles.append(_single(running))
        return spent / documents / median(singles)


def _single(running: Container, times: int = 25) -> float:
    events = [running.event(_LINES, nth) for nth in range(times)]
    began = time.process_time()
    for event in events:
        running.post(event)
    return (time.process_time() - began) / times


def _lot(running: Container, documents: int) -> float:
    """CPU seconds of a whole lot; fails unless all of it is accepted."""
    due = (running.clock.now + timedelta(days=30)).date()
    mark = f"{running.clock.seconds():.0f}"
    lines = [
        json.dumps({"tipo": "factura", "referencia": f"L-{mark}-{n}", **invoices.body(_LINES, due, n)})
        for n in range(documents)
    ]
    headers = {"Content-Type": "application/x-ndjson", "Idempotency-Key": f"lote-{mark}"}
    event = http_event("POST", "/lotes", "\n".join(lines), bearer=running.bearer, headers=headers)
    began = time.process_time()
    answer = json.loads(running.post(event)["body"])
    assert "data" in answer, answer
    _work_off(running)
    spent = time.process_time() - began
    lot = f"/lotes/{answer['data']['lote_id']}"
    told = json.loads(running.post(http_event("GET", lot, bearer=running.bearer, headers={}))["body"])
    assert told["data"]["conteo"]["aceptado"] == documents, told["data"]
    running.clock.sleep(1)
    return spent


def _work_off(running: Container) -> None:
    """Deliver the control queue and the emission queue to ``emit``, as their mappings do, until both are empty."""
    while any(running.aws.queues.values()):
        for url, at_once in ((SETTINGS.control_url, 10), (SETTINGS.queue_url, 1)):
            bodies = running.aws.taken(url)
            for start in range(0, len(bodies), at_once):
                records = [message(body, url) for body in bodies[start : start + at_once]]
                answer: Any = running.post({"Records": records})
                assert not answer["batchItemFailures"]


def message(body: str, url: str) -> dict[str, Any]:
    """A queue's message as a function gets it, at its first delivery."""
    return {
        "messageId": "m",
        "receiptHandle": "r",
        "body": body,
        "attributes": {"ApproximateReceiveCount": "1"},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:us-east-1:000000000000:{url.rpartition('/')[2]}",
        "awsRegion": "us-east-1",
    }
