"""The package: the one ZIP that a document's buyer receives, with the container and the graphic representation.

Source: Anexo Técnico 1.9, sections on the AttachedDocument and on the delivery by mail.
"""

from dataclasses import dataclass, field

from cauce.domain.errors import Conflict, Unsupported
from cauce.domain.record import Record, State
from cauce.exchange import contingency
from cauce.gateway import Drawing
from cauce.providers.registry import provider_class
from cauce.reading import delivery
from cauce.ubl import files

# The states in which a document cannot be delivered, and what its ERP may do.
_NOT_YET = "El paquete existe cuando la DIAN valida el documento; consulte su estado y vuelva a pedirlo."
_REFUSED = {
    State.REJECTED: "La DIAN rechazó el documento: no tiene validez legal. Corríjalo y envíelo de nuevo.",
    State.FAILED: "El documento no se emitió: no hay qué entregar. Corríjalo si hace falta y envíelo de nuevo.",
}


@dataclass(frozen=True)
class Package:
    """The ZIP and its file's name."""

    zip: bytes = field(repr=False)
    name: str


def package(gateway: Drawing, record: Record) -> Package:
    """The package of an accepted document, or of one that was issued in contingency: its container and its PDF,
    under the names of the annex. Where the provider signs, and so delivers the container itself, it has the signed
    XML that the provider gave.

    Raises Unsupported for what nobody receives, Conflict where there is nothing to deliver.
    """
    if not record.kind.is_handed_over:
        raise Unsupported("Solo las facturas y sus notas se entregan al adquiriente en un paquete.")
    if record.state is not State.ACCEPTED and not contingency.may_be_handed_over(record):
        raise Conflict(_REFUSED.get(record.state, _NOT_YET))
    settings = gateway.issuers.read(record.issuer).settings.get(record.provider, {})
    if provider_class(record.provider).declare(settings).makes_container:
        found = delivery.container(gateway, record)
        return _zipped(found.stem, files.zip_name(found.stem), found.xml, delivery.pdf(gateway, record))
    xml, pdf = delivery.signed_xml(gateway, record), delivery.pdf(gateway, record)
    return _zipped(str(record.number), f"{record.number}.zip", xml, pdf)


def _zipped(stem: str, name: str, xml: bytes, pdf: bytes) -> Package:
    return Package(files.zipped({files.xml_name(stem): xml, f"{stem}.pdf": pdf}), name)
