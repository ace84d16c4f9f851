"""Preparation: makes the request that emits a record, and archives it before anything leaves."""

from cauce.domain import life
from cauce.domain.ranges import NumberingRange
from cauce.domain.record import Record
from cauce.gateway import Gateway
from cauce.providers.base import Provider, Request, Resend


def prepared(gateway: Gateway, provider: Provider, record: Record) -> tuple[Record, Request]:
    """The archived request of a record's present attempt, and the record with the identifier in it.

    With ``sent_as`` the archived request of that attempt is sent again byte for byte, since DIAN or the buyer may
    have it: made anew after a change of certificate or settings it would be another document. Raises what ``resolve``
    and ``prepare`` raise.
    """
    if record.sent_as is not None:
        request = gateway.archive.sent_request(record, record.sent_as)
    else:
        record = _with_ids(provider, life.dated(record, provider.issued_at(record)))
        request = provider.prepare(_with_its_range(gateway, provider, record))
    keeps_bytes = record.sent_as is None and provider.capabilities.resend is Resend.SAME_BYTES
    gateway.archive.request(record, request)
    return life.prepared(record, request.uuid, keeps_bytes=keeps_bytes), request


def _with_ids(provider: Provider, record: Record) -> Record:
    """The record with the provider's own ids that its request needs."""
    ids = provider.resolve(record)
    return life.identified(record, ids) if ids else record


def keyed(
    gateway: Gateway, provider: Provider, nit: str, numbering_range: NumberingRange | None
) -> NumberingRange | None:
    """A range with its technical key, where the provider's documents need that; else unchanged."""
    if numbering_range is None or not provider.capabilities.uses_technical_key:
        return numbering_range
    return gateway.store.range_with_key(nit, numbering_range.key).at(numbering_range.next)


def _with_its_range(gateway: Gateway, provider: Provider, record: Record) -> Record:
    """The record as ``prepare`` needs it: its range as last synced, with the technical key that no record keeps."""
    if record.range is None or record.number is None:
        return record
    needs_key = provider.capabilities.uses_technical_key
    read = gateway.store.range_with_key if needs_key else gateway.store.range
    return life.in_range(record, read(record.issuer, record.range.key))
