"""moto without what it does anew for each test or each call, though it always comes out the same.

Whenever it starts, it registers 1,300 answers of the library ``responses``; for each call it builds and compiles the
addresses of a service until one fits, and lists the methods of the service's class. Here each is done once in a process.
And a stack that was just made can be kept, to be put back instead of made again.
"""

import pickle
from collections.abc import Callable
from functools import cache, lru_cache
from io import BytesIO
from re import Pattern, compile
from threading import Condition
from typing import Any

from botocore.awsrequest import AWSPreparedRequest
from moto import backends
from moto.backend_index import backend_url_patterns
from moto.core import models, responses, utils
from moto.core.base_backend import BackendDict
from moto.core.botocore_stubber import BotocoreStubber
from moto.core.request import normalize_request
from moto.s3.models import s3_backends
from moto.sqs import models as sqs
from werkzeug.exceptions import HTTPException

_by_moto, _started_by_moto = BotocoreStubber.process_request, models.MockAWS._enable_patching
_underscored = lru_cache(utils.camelcase_to_underscores)
_method_names = cache(utils.method_names_from_class)
_registries: list[Any] = []
"""The answers that moto registered with ``responses`` when it first started here."""


def install() -> None:
    """Replace moto's functions for the whole process."""
    mock: Any = models.MockAWS
    mock._enable_patching = _started
    calls: Any = responses
    queues: Any = sqs
    calls.camelcase_to_underscores = queues.camelcase_to_underscores = _underscored
    calls.method_names_from_class = _method_names


def _started(mock: models.MockAWS, reset: bool = True) -> None:
    if not _registries:
        _started_by_moto(mock, reset)
        _registries.append(models.responses_mock._registry)
        return
    models.botocore_stubber.enabled = True
    if reset:
        mock.reset()
    models.responses_mock.start()
    models.responses_mock._registry = _registries[0]


def process(stubber: BotocoreStubber, request: AWSPreparedRequest) -> Any:
    """moto's answer to a call: status, headers and body."""
    address, _ = utils.get_equivalent_url_in_aws_domain(request.url)
    method = _method(f"{address.scheme}://{address.netloc}{address.path}")
    if method is None:
        return _by_moto(stubber, request)
    normal = normalize_request(request)
    try:
        return method(normal, normal.raw_url, normal.headers)
    except HTTPException as refusal:
        return refusal.code, refusal.get_headers(), refusal.get_body()


@lru_cache(maxsize=4096)
def _method(address: str) -> Callable[..., Any] | None:
    """What answers at an address without its query: the first that fits, as moto looks for it."""
    services = (service for service, pattern in backend_url_patterns if pattern.match(address))
    found = (method for service in services for url, method in _addresses(service) if url.match(address))
    return next(found, None)


@cache
def _addresses(service: Any) -> list[tuple[Pattern[str], Callable[..., Any]]]:
    regions: Any = backends.get_backend(service)[models.DEFAULT_ACCOUNT_ID]
    backend = regions["us-east-1" if "us-east-1" in regions else "aws"]
    return [(compile(url), method) for url, method in backend.urls.items()]


def empty() -> bool:
    """Whether nothing was asked of moto since it started."""
    return not _in_use()


def keep() -> bytes:
    """All that moto holds."""
    held = [
        (service.service_name, account, region, backend)
        for service in _in_use()
        for account, regions in service.items()
        for region, backend in regions.items()
    ]
    written = BytesIO()
    _Pickler(written).dump((held, s3_backends.bucket_accounts))
    return written.getvalue()


def put_back(kept: bytes) -> None:
    """Make moto, which must be empty, hold what it held then."""
    held, s3_backends.bucket_accounts = pickle.loads(kept)  # noqa: S301 - only what keep() wrote in this process
    for name, account, region, backend in held:
        service: Any = backends.get_backend(name)
        service[account][region] = backend


class _Pickler(pickle.Pickler):
    """A lock cannot be kept: what is put back has a new one."""

    def reducer_override(self, held: Any) -> Any:
        return (Condition, ()) if isinstance(held, Condition) else NotImplemented


def _in_use() -> list[Any]:
    found: list[Any] = BackendDict._instances  # type: ignore[misc]
    return found
