"""RADIAN events: what the buyer of an invoice declares about it to DIAN, or its issuer once the buyer kept silent.

An event is frozen and whole by itself, so it is kept as a document is. Each code happens once per invoice
(rule LGC01): the invoice's CUFE and the code identify it at DIAN, whatever ``reference`` the ERP gave it.
"""

from enum import StrEnum
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from cauce.domain.document import Kind, Value


class EventCode(StrEnum):
    """What is declared. Order: 030, then 032, then 033 or 031 or, after silence, 034."""

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

# DIAN wants to know who took the invoice and who took the goods (annex 1.9, IssuerParty/Person).
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
    """Why, of CLAIM_REASONS; in a claim and nowhere else."""
    sworn_note: str | None = None
    """The issuer's oath that the buyer kept silent; in a tacit acceptance and nowhere else."""
    reference: str | None = None
    """The ERP's own id: what makes a repeated request the same request."""

    @property
    def identity(self) -> str:
        """What DIAN knows it by, as a reference that no ERP can give: it holds a sign theirs cannot."""
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
