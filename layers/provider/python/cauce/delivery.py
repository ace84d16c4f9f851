"""Delivery: what the buyer of an accepted document receives."""

from cauce.consultation import signed_xml
from cauce.domain.record import Record
from cauce.gateway import Gateway
from cauce.providers.base import Container


def container(gateway: Gateway, record: Record) -> Container:
    """The signed document and DIAN's answer to it in one signed file, made anew each time; nothing is sent.

    Raises NotFound until the document is accepted, Unsupported where its provider delivers it itself.
    """
    provider = gateway.provider(gateway.store.issuer(record.issuer), record.provider)
    return provider.container(record, signed_xml(gateway, record))
