"""A record → the request that emits it. Pure: the same record, the same bytes."""

from cauce.domain.record import Record
from cauce.providers.base import Request


def request(record: Record) -> Request:
    """Method, path and body. No credential is part of it: it is archived."""
    raise NotImplementedError("Ejemplo: payload.request is not written yet")
