"""Delivery: what the buyer of an accepted document receives."""

from cauce.domain import life
from cauce.domain.errors import Busy, CauceError, NotFound, Unsupported
from cauce.domain.paper import Paper
from cauce.domain.ranges import NumberingRange
from cauce.domain.record import Record, State
from cauce.exchange import contingency
from cauce.exchange.attempt import own_xml_noted, saved, xml_noted, xml_of
from cauce.gateway import Asking, Drawing, Filing
from cauce.providers.base import Container, Provider, Verb, refs
from cauce.providers.registry import provider_class
from cauce.representation import drawing, facts, images, known, software
from cauce.representation.look import DEFAULT_COLOUR, Look
from cauce.representation.software import Software

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


def pdf(gateway: Drawing, record: Record, *, is_roll: bool = False) -> bytes:
    """The graphic representation, drawn from the signed XML; ``is_roll``: for the roll of a till. While there is no
    XML it is drawn from the record: of one that is pending, across each page, that it is.

    Raises NotFound where there is no number or CUFE yet or the document was refused, Unsupported for an event.
    """
    if record.event is not None:
        raise Unsupported("Los eventos no tienen representación gráfica; consulte su XML.")
    if record.state in (State.REJECTED, State.FAILED):
        raise NotFound("Un documento rechazado o fallido no tiene representación gráfica.")
    return drawn(gateway, record, _xml_at_hand(gateway, record), is_roll=is_roll)


def drawn(gateway: Drawing, record: Record, xml: bytes | None, *, is_roll: bool = False) -> bytes:
    """The graphic representation of a document, from its signed XML where there is one."""
    issuer, paper = gateway.issuers.read(record.issuer), gateway.papers.read(record.issuer)
    found = known.known(record, issuer, lambda: _range_of(gateway, record), xml)
    made = software.credits(found.maker, _own(paper), _adapter(record.provider), issuer.name, issuer.nit)
    logo = images.read(gateway.archive.read(paper.logo)) if paper.logo else None
    look = Look(logo=logo, colour=paper.colour or DEFAULT_COLOUR, footer=paper.footer or "")
    return drawing.pdf(facts.sheet(found, issuer, made), look, is_roll=is_roll)


def pdf_of_provider(gateway: Filing, record: Record) -> bytes:
    """The provider's own PDF of an accepted record. Raises NotFound until it is accepted, Unsupported where the
    provider draws none."""
    issuer, provider = gateway.issuers.read(record.issuer), provider_class(record.provider)
    if Verb.PDF not in provider.declare(issuer.settings.get(record.provider, {})).verbs:
        raise Unsupported(f"{provider.title} no entrega un PDF suyo; pida el de Cauce, sin «origen».")
    if record.state is not State.ACCEPTED:
        raise NotFound("El PDF del proveedor existe cuando el documento está aceptado.")
    return gateway.provider(issuer, record.provider).pdf(refs(record))


def _xml_at_hand(gateway: Filing, record: Record) -> bytes | None:
    """The signed XML; ``None`` where there is none, or its provider does not hand it out now."""
    if record.signed_xml is not None:
        return gateway.archive.read(record.signed_xml)
    if record.state is not State.ACCEPTED and not contingency.may_be_handed_over(record):
        return None
    try:
        return signed_xml(gateway, record)
    except (CauceError, Unsupported):
        return None


def _own(paper: Paper) -> Software | None:
    if not (paper.software or paper.maker):
        return None
    return Software(name=paper.software or "", company=paper.maker or "", nit=paper.maker_nit or "")


def _adapter(name: str) -> Software:
    provider = provider_class(name)
    if provider.company is None:
        return Software(name="Cauce")
    company, nit = provider.company
    return Software(name=provider.title, company=company, nit=nit, is_of_a_provider=True)


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
    listed = [
        found
        for found in gateway.ranges.all(record.issuer)
        if (found.provider, found.kind, found.prefix) == (record.provider, record.kind, number.prefix)
        and found.start <= number.consecutive <= found.end
    ]
    return listed[0] if len(listed) == 1 else None
