"""From a numbered document, event or delivery to its signed file, in one call each."""

from dataclasses import dataclass, field
from datetime import datetime

from cauce.domain.issuer import Issuer
from cauce.ubl import attached, document, event
from cauce.ubl.attached import Delivery
from cauce.ubl.certificate import Certificate
from cauce.ubl.event import NumberedEvent
from cauce.ubl.facts import NumberedDocument, Software
from cauce.ubl.signature import Role, signed


@dataclass(frozen=True)
class Signed:
    """A signed file and the identifier of what is in it."""

    xml: bytes = field(repr=False)
    identifier: str
    """CUFE, CUDE or CUDS."""


def build_signed(
    numbered: NumberedDocument, certificate: Certificate, signed_at: datetime | None = None
) -> Signed:
    """The document built, identified and signed. Pure: the same arguments, the same bytes. Its identifier (CUFE, CUDE
    or CUDS) is computed here.

    ``signed_at``: the time of signing, which is the time of issue where absent. DIAN wants both on one day (FAD09e).
    Raises what ``ubl.document.build`` raises.
    """
    built = document.build(numbered)
    role = _role(numbered.software, numbered.issuer)
    return Signed(signed(built, certificate, signed_at or numbered.issued_at, role), numbered.identifier)


def build_signed_event(
    numbered: NumberedEvent, certificate: Certificate, signed_at: datetime | None = None
) -> Signed:
    """The event built, identified and signed, as ``build_signed``. Raises what ``ubl.event.build`` raises."""
    built = event.build(numbered)
    role = _role(numbered.software, numbered.issuer)
    return Signed(signed(built, certificate, signed_at or numbered.issued_at, role), numbered.identifier)


def build_signed_container(delivery: Delivery, certificate: Certificate) -> bytes:
    """The AttachedDocument of a document, signed with the certificate of the issuer that delivers it."""
    return signed(attached.build(delivery), certificate, delivery.issued_at)


def _role(software: Software, issuer: Issuer) -> Role:
    """``SUPPLIER`` where the software is the issuer's own; ``THIRD_PARTY`` where a technology provider owns it."""
    return Role.SUPPLIER if software.owner_nit == issuer.nit else Role.THIRD_PARTY
