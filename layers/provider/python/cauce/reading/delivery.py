"""Delivery: what the buyer of an accepted document receives."""

from cauce.domain import life
from cauce.domain.errors import Busy, NotFound, Unsupported
from cauce.domain.ranges import NumberingRange
from cauce.domain.record import Record, State
from cauce.exchange import contingency
from cauce.exchange.attempt import own_xml_noted, saved, xml_noted, xml_of
from cauce.gateway import Asking, Filing
from cauce.providers.base import Container, Provider, Verb, refs
from cauce.providers.registry import provider_class
from cauce.representation import drawing, facts

# Writes of a container's number, where other workers write its record at the same time.
_TRIES = 4


def signed_xml(gateway: Filing, record: Record) -> bytes:
    """The signed XML of an accepted record, fetched into the archive first where it is not there yet; or of one
    that was issued in contingency and waits to be transmitted.

    Raises NotFound while there is none, Unsupported where the provider gives none.
    """
    if record.state is not State.ACCEPTED and not contingency.may_be_handed_over(record):
        raise NotFound("El XML firmado existe cuando el documento está aceptado.")
    if record.signed_xml is None:
        provider = gateway.provider_of(record)
        record = own_xml_noted(gateway, provider, record)
    if record.signed_xml is None:
        provider.admit()
        xml = xml_of(provider, record)
        xml_noted(gateway, record, gateway.archive.signed_xml(record, xml))
        return xml
    return gateway.archive.read(record.signed_xml)


def pdf(gateway: Filing, record: Record) -> bytes:
    """The graphic representation of an accepted record: its provider's, or ours where the provider draws none. Ours
    is there too for a record that was issued in contingency and waits to be transmitted.

    Raises NotFound while there is none, Unsupported for an event, which we do not draw.
    """
    issuer, provider = gateway.issuers.read(record.issuer), provider_class(record.provider)
    theirs = Verb.PDF in provider.declare(issuer.settings.get(record.provider, {})).verbs
    if record.event is not None and not theirs:
        raise Unsupported("Los eventos no tienen representación gráfica; consulte su XML.")
    if record.state is not State.ACCEPTED and (theirs or not contingency.may_be_handed_over(record)):
        raise NotFound("La representación gráfica existe cuando el documento está aceptado.")
    if theirs:
        return gateway.provider(issuer, record.provider).pdf(refs(record))
    xml = gateway.archive.read(record.signed_xml) if record.signed_xml else b""
    environment = facts.environment_of(xml) or issuer.environment
    return drawing.pdf(facts.sheet(record, issuer, _range_of(gateway, record), environment))


def container(gateway: Filing, record: Record) -> Container:
    """The signed document and DIAN's answer to it in one signed file, made anew each time under the number that it
    took the first time; nothing is sent.

    Raises NotFound until the document is accepted, Unsupported where its provider delivers it itself.
    """
    provider = gateway.provider_of(record)
    xml = signed_xml(gateway, record)
    record = _with_container_number(gateway, provider, record)
    if record.state is State.ACCEPTED:  # in contingency DIAN is not asked
        provider.admit()
    return provider.container(record, xml)


def _with_container_number(gateway: Filing, provider: Provider, record: Record) -> Record:
    """The record with the number of its container, which is stored before a container with it exists: whoever asks
    again, or at the same time, gets the same."""
    for _ in range(_TRIES):
        taken = provider.container_number(record)
        if not taken:
            return record
        record = saved(gateway, life.identified(record, taken))
    raise Busy("El documento se está actualizando; intente de nuevo en un segundo.")


def _range_of(gateway: Asking, record: Record) -> NumberingRange | None:
    """The range of a record's number; where its provider numbers, the only known range that has it, else ``None``."""
    if record.range is not None or record.number is None:
        return record.range
    number = record.number
    known = [
        found
        for found in gateway.ranges.all(record.issuer)
        if (found.provider, found.kind, found.prefix) == (record.provider, record.kind, number.prefix)
        and found.start <= number.consecutive <= found.end
    ]
    return known[0] if len(known) == 1 else None
