"""Preparation: the request that emits a record, in the archive before anything leaves."""

from cauce.domain.record import Record
from cauce.gateway import Gateway
from cauce.providers.base import Provider, Request, Resend


def prepared(gateway: Gateway, provider: Provider, record: Record) -> tuple[Record, Request]:
    """The request of the attempt that a record has claimed, archived, and the record with what it says of it.

    What may have arrived, or was delivered, goes out as the very bytes of then: made anew, a certificate or a
    setting changed meanwhile would make another document of it. Raises what ``resolve`` and ``prepare`` raise.
    """
    if record.sent_as is not None:
        request = gateway.archive.sent_request(record, record.sent_as)
    else:
        record = _with_ids(provider, record)
        request = provider.prepare(_with_its_range(gateway, record))
        if provider.capabilities.resend is Resend.SAME_BYTES:
            record = record.model_copy(update={"sent_as": record.attempt})
    gateway.archive.request(record, request)
    return record.model_copy(update={"uuid": request.uuid or record.uuid}), request


def _with_ids(provider: Provider, record: Record) -> Record:
    """The record with the ids of the provider's own that its request needs."""
    ids = provider.resolve(record)
    return record.model_copy(update={"provider_ids": {**record.provider_ids, **ids}}) if ids else record


def _with_its_range(gateway: Gateway, record: Record) -> Record:
    """The record as ``prepare`` needs it: its range as last synced, technical key included, which no record keeps."""
    if record.range is None or record.number is None:
        return record
    current = gateway.store.range(record.issuer, record.range.key)
    return record.model_copy(update={"range": current})
