"""What an operator sees: structured log lines and a few metrics. No secret and no buyer is ever logged."""

import os
from collections.abc import Callable
from contextvars import ContextVar
from functools import cache, wraps

from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.logging.utils import copy_config_to_registered_loggers
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from cauce import faults
from cauce.domain.record import Record

# API Gateway gives up after 29 s, and the start of a container counts in them.
REQUEST_SECONDS = 27.0
_TO_ANSWER_SECONDS = 1.0

Fields = dict[str, object]
"""The JSON of an invocation's event, or the fields of a log line."""
Handler = Callable[[Fields, LambdaContext], object]


@cache
def logger() -> Logger:
    """The function's logger. ``logging.getLogger("cauce")``, for modules that know no Powertools, writes alike."""
    made = Logger(utc=True)
    copy_config_to_registered_loggers(source_logger=made, include={"cauce"})
    return made


def observed(handler: Handler) -> Handler:
    """Wrap a Lambda handler: it logs with its request's id (API Gateway's, where it came through that), publishes its
    metrics at the end, and has for its calls to AWS the time that is left of the invocation or of the request."""

    @wraps(handler)
    def wrapped(event: Fields, context: LambdaContext) -> object:
        ours = context.aws_request_id
        logger().append_keys(request_id=request_id(event) or ours, function_request_id=ours)
        seconds = context.get_remaining_time_in_millis() / 1000 - _TO_ANSWER_SECONDS
        if request_id(event):
            seconds = min(seconds, REQUEST_SECONDS)
        try:
            with faults.time_for(seconds):
                return _traced(handler)(event, context)
        finally:
            if metrics().metric_set:
                metrics().flush_metrics()

    return wrapped


def request_id(event: Fields) -> str | None:
    """API Gateway's id for the request in an event; ``None`` where the event is no request."""
    context = event.get("requestContext")
    found = context.get("requestId") if isinstance(context, dict) else None
    return found if isinstance(found, str) else None


def _traced(handler: Handler) -> Handler:
    """Outside Lambda, and where the template says so, Powertools traces nothing: its tracer is not made there,
    because it takes longer to load than all else."""
    off = os.environ.get("POWERTOOLS_TRACE_DISABLED", "").lower() in ("true", "1", "yes", "y", "t", "on")
    if off or "LAMBDA_TASK_ROOT" not in os.environ:
        return handler
    traced: Handler = tracer().capture_lambda_handler(handler, capture_response=False, capture_error=False)
    return traced


@cache
def tracer() -> Tracer:
    """Segments for AWS and HTTP calls. Answers are not traced: they carry what an issuer bills. Only the two
    libraries that make those calls are patched: by default a cold start loads all that can be."""
    return Tracer(patch_modules=("botocore", "httpx"))


@cache
def metrics() -> Metrics:
    return Metrics()


def count(name: str, amount: int = 1) -> None:
    metrics().add_metric(name=name, unit=MetricUnit.Count, value=amount)


def gauge_seconds(name: str, value: float) -> None:
    metrics().add_metric(name=name, unit=MetricUnit.Seconds, value=value)


_noted: ContextVar[Fields | None] = ContextVar("noted", default=None)


def noting() -> Fields:
    """Begin the notes about the request that is being answered: the facts that ``note`` adds from now on."""
    noted: Fields = {}
    _noted.set(noted)
    return noted


def note(**facts: str | int) -> None:
    """Note who makes the request that is being answered and what about, for its line in the audit log."""
    noted().update(facts)


def noted() -> Fields:
    """The facts noted so far of the request that is being answered; empty where there is none."""
    found = _noted.get()
    return {} if found is None else found


def observe(record: Record) -> None:
    """Count a record by its state: ``DocumentAccepted``, ``DocumentUnknown``…"""
    count(f"Document{record.state.value.capitalize()}")
    if record.needs_person:
        count("DocumentNeedsPerson")
    if record.held_by is not None:
        count("LaneHeld")
