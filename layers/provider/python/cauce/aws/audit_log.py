"""The audit log: who asked for what and what came of it, a line for each request, in a log group that is kept as long
as the archive.

The function writes the line itself, with one call that ends before its answer leaves. A Lambda freezes once it has
answered, so nothing can be written afterwards; and a subscription of the ordinary log group cannot lead to another
log group without a stream or a function between them, which lose lines too and which nobody watches. The call stays
in the region and carries three hundred bytes, so it adds milliseconds to an answer that waits for a provider. A
container's first line also makes the client and the log stream.

A line that could not be written goes whole, as an error, to the function's own log, and the request is answered all
the same. A call that CloudWatch does not answer takes up to four seconds, so the container does not try another for a
minute.
"""

import json
import logging
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

_log = logging.getLogger("cauce")

CONFIG = Config(connect_timeout=1, read_timeout=1, retries={"mode": "standard", "max_attempts": 2})
_PAUSE_SECONDS = 60


class AuditLog:
    """The audit log group, with a stream for each container. Where no group is configured, lines go to the function's
    log."""

    def __init__(self, client: Callable[[], Any], group: str, clock: Callable[[], float]):
        self._make_client = client
        self._client: Any = None
        self._group = group
        self._stream: str | None = None
        self._clock = clock
        self._paused_until = 0.0

    def write(self, line: Mapping[str, object]) -> None:
        """Keep a line. A fault of CloudWatch raises nothing."""
        if not self._group:
            _log.info("request", extra=line)
            return
        if self._clock() < self._paused_until:
            self._not_kept(line, "paused")
            return
        try:
            refused = self._put(json.dumps(line, ensure_ascii=False))
        except (BotoCoreError, ClientError) as trouble:
            self._stream = None  # it may have been deleted: the next line makes one
            self._paused_until = self._clock() + _PAUSE_SECONDS
            self._not_kept(line, type(trouble).__name__)
        else:
            if refused:
                self._not_kept(line, "rejected")

    def _put(self, text: str) -> bool:
        """Write a line; ``True`` where CloudWatch answered the call but rejected the line, as it does for a wrong
        time."""
        now = self._clock()
        if self._client is None:
            self._client = self._make_client()
        if self._stream is None:
            stream = f"{datetime.fromtimestamp(now, UTC):%Y/%m/%d}/{uuid.uuid4()}"
            # Where the stream exists already, boto repeated a call whose answer was lost: the stream is ours.
            with suppress(self._client.exceptions.ResourceAlreadyExistsException):
                self._client.create_log_stream(logGroupName=self._group, logStreamName=stream)
            self._stream = stream
        answer = self._client.put_log_events(
            logGroupName=self._group,
            logStreamName=self._stream,
            logEvents=[{"timestamp": int(now * 1000), "message": text}],
        )
        return bool(answer.get("rejectedLogEventsInfo"))

    def _not_kept(self, line: Mapping[str, object], why: str) -> None:
        _log.error("audit line not kept", extra={**line, "error": why})
