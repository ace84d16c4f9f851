"""RADIAN events: declarations to DIAN about an invoice, by its buyer or, once the buyer kept silent, by its issuer.

A record holds an event as it holds a document. DIAN takes each code once for an invoice (rule LGC01): the invoice's
CUFE and the code identify the event there, whatever ``reference`` the ERP gave it.
"""

from enum import StrEnum
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from cauce.domain.document import Kind, Value


class EventCode(StrEnum):
    """What is declared. Order: 030, then 032, then 033 or 031 or, after the buyer's silence, 034."""

    ACKNOWLEDGEMENT = "030"
    CLAIM = "031"
    RECEIPT = "032"
    ACCEPTANCE = "033"
    TACIT_ACCEPTANCE = "034"


CLAIM_REASONS = {
    "01": "Documento con inconsistencias",
    "02": "Mercancía no entregada totalmente",
    "03": "Mercancía no entregada parcialmente",
    "04": "Servicio no prestado",
}

# These two name the person who received the invoice or the goods (annex 1.9, IssuerParty/Person).
_SIGNED = frozenset({EventCode.ACKNOWLEDGEMENT, EventCode.RECEIPT})


class EventPerson(Value):
    """Who received the invoice or the goods, on behalf of the company that declares it."""

    identification_type: str
    identification: str
    check_digit: str | None = None
    names: str
    last_names: str
    job: str | None = None
    area: str | None = None


class Event(Value):
    """One declaration about one invoice."""

    kind: ClassVar[Kind] = Kind.EVENT

    code: EventCode
    invoice_uuid: Annotated[str, Field(pattern=r"^[0-9a-f]{96}$")]
    """The invoice's CUFE: 96 lowercase hex digits."""
    person: EventPerson | None = None
    claim_code: str | None = None
    """The reason, a code of CLAIM_REASONS; in claims only."""
    sworn_note: str | None = None
    """The issuer's oath that the buyer kept silent; in tacit acceptances only."""
    reference: str | None = None
    """The ERP's own id, by which a repeated request is recognised."""

    @property
    def identity(self) -> str:
        """Invoice and code, by which DIAN knows it, as a reference. An ERP's own cannot contain «#», nor equal it."""
        return self.identity_of(self.code)

    def identity_of(self, code: EventCode) -> str:
        """The identity of another event on the same invoice."""
        return f"EVENTO#{self.invoice_uuid}#{code}"

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.code in _SIGNED and self.person is None:
            raise ValueError(f"event {self.code} names the person who received it")
        if (self.code is EventCode.CLAIM) != (self.claim_code is not None):
            raise ValueError("a claim, and nothing else, has a claim code")
        if self.claim_code is not None and self.claim_code not in CLAIM_REASONS:
            raise ValueError(f"claim codes are {', '.join(CLAIM_REASONS)}")
        if (self.code is EventCode.TACIT_ACCEPTANCE) != (self.sworn_note is not None):
            raise ValueError("a tacit acceptance, and nothing else, has a sworn note")
        return self
