"""From a numbered document, event or delivery to its signed file, in one call each."""

from dataclasses import dataclass, field
from datetime import datetime

from cauce.ubl import attached, document, event
from cauce.ubl.attached import Delivery
from cauce.ubl.certificate import Certificate
from cauce.ubl.event import NumberedEvent
from cauce.ubl.facts import NumberedDocument
from cauce.ubl.signature import Role, signed


@dataclass(frozen=True)
class Signed:
    """A signed file and the identifier of what is in it."""

    xml: bytes = field(repr=False)
    identifier: str
    """CUFE, CUDE or CUDS."""


def build_signed(
    numbered: NumberedDocument | NumberedEvent, certificate: Certificate, signed_at: datetime | None = None
) -> Signed:
    """A document or an event built, identified and signed. Pure: the same arguments, the same bytes. Its identifier
    is ``numbered.identifier``.

    ``signed_at``: the time of signing, which is the time of issue where absent. DIAN wants both on one day (FAD09e).
    Raises what ``build`` of ``ubl.document`` or of ``ubl.event`` raises.
    """
    built = event.build(numbered) if isinstance(numbered, NumberedEvent) else document.build(numbered)
    # Software that is not the issuer's own is a technology provider's.
    role = Role.SUPPLIER if numbered.software.owner_nit == numbered.issuer.nit else Role.THIRD_PARTY
    return Signed(signed(built, certificate, signed_at or numbered.issued_at, role), numbered.identifier)


def build_signed_container(delivery: Delivery, certificate: Certificate) -> bytes:
    """The AttachedDocument of a document, signed with the certificate of the issuer that delivers it."""
    xml = signed(attached.build(delivery), certificate, delivery.issued_at)
    return attached.as_receivers_read_it(xml, delivery)
