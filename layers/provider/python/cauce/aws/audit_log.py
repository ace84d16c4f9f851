"""Who asked for what, and what became of it: a line a request, in a log group that is kept as long as the archive.

The function writes the line itself, with one call that ends before its answer leaves. A Lambda freezes once it has
answered, so nothing can be written afterwards; and a subscription of the ordinary log group cannot lead to another
log group without a stream or a function between them, which lose lines too and which nobody watches. The call goes to
the same region and carries three hundred bytes: milliseconds of an answer that waits for a provider. A container's
first line also makes the client and its stream.

A line that could not be written stands in the function's own log, whole, as an error; its request is answered all the
same. Where CloudWatch does not answer that takes up to four seconds, so the container does not try again for
a minute.
"""

import json
import logging
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

_log = logging.getLogger("cauce")

CONFIG = Config(connect_timeout=1, read_timeout=1, retries={"mode": "standard", "max_attempts": 2})
_PAUSE_SECONDS = 60


class AuditLog:
    """The group, and in it a stream for this container. Without a group, what it would say is an ordinary line."""

    def __init__(self, client: Callable[[], Any], group: str, clock: Callable[[], float]):
        self._make_client = client
        self._client: Any = None
        self._group = group
        self._stream: str | None = None
        self._clock = clock
        self._paused_until = 0.0

    def write(self, line: dict[str, Any]) -> None:
        """Keep a line. Raises nothing for a fault of CloudWatch's."""
        if not self._group:
            _log.info("request", extra=line)
            return
        if self._clock() < self._paused_until:
            self._not_kept(line, "paused")
            return
        try:
            refused = self._put(json.dumps(line, ensure_ascii=False))
        except (BotoCoreError, ClientError) as trouble:
            self._stream = None  # somebody may have deleted it: the next line has one of its own
            self._paused_until = self._clock() + _PAUSE_SECONDS
            self._not_kept(line, type(trouble).__name__)
        else:
            if refused:
                self._not_kept(line, "rejected")

    def _put(self, text: str) -> bool:
        """Write a line; whether CloudWatch took the call and not the line, which it does for its time."""
        if self._client is None:
            self._client = self._make_client()
        if self._stream is None:
            stream = f"{time.strftime('%Y/%m/%d', time.gmtime())}/{uuid.uuid4()}"
            # Ours where it exists: an answer was lost, and boto asked again.
            with suppress(self._client.exceptions.ResourceAlreadyExistsException):
                self._client.create_log_stream(logGroupName=self._group, logStreamName=stream)
            self._stream = stream
        answer = self._client.put_log_events(
            logGroupName=self._group,
            logStreamName=self._stream,
            logEvents=[{"timestamp": int(time.time() * 1000), "message": text}],
        )
        return bool(answer.get("rejectedLogEventsInfo"))

    def _not_kept(self, line: dict[str, Any], why: str) -> None:
        _log.error("audit line not kept", extra={**line, "error": why})
