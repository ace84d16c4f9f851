"""Findings: what DIAN's rules would say of a document, known before it is sent."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """DIAN's own words: a notice leaves the document valid."""

    REJECTION = "Rechazo"
    NOTICE = "Notificación"


@dataclass(frozen=True)
class Finding:
    """One rule that one place of a document breaks."""

    rule: str
    """DIAN's code, as its answers have it for this kind of document: ``DAN04``."""
    severity: Severity
    field: str
    """The domain's path (``payment.due_date``), or in an XML file the element's (``cac:InvoiceLine[2]/…``)."""
    expected: str
    found: str
    fix: str
    """What to do, in Spanish."""
    fix_en: str
    """The same in English."""

    @property
    def is_rejection(self) -> bool:
        return self.severity is Severity.REJECTION

    @property
    def sentence(self) -> str:
        """The whole finding in Spanish, in one line."""
        return f"{self.fix} ({self.rule}: se esperaba {self.expected}; se encontró {self.found}.)"
