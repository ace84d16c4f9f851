"""When DIAN's service itself fails: what counts as its failure, and how often to try before type 04 is allowed.

Facts only; nothing here decides. Source: Anexo Técnico 1.9, 12.2.1 (list of errors) and 12.2.2 (attempts).
"""

from dataclasses import dataclass
from datetime import timedelta

OUTAGE_STATUSES = frozenset({403, 500, 503, 507, 508})
"""HTTP statuses with which the service says that it is out of order."""


@dataclass(frozen=True)
class Attempts:
    """How often a document is tried again, and how long after the attempt before."""

    count: int
    apart: timedelta


AFTER_ERROR = Attempts(count=3, apart=timedelta(seconds=5))
"""After an answer with one of OUTAGE_STATUSES."""

SILENCE = timedelta(minutes=1)
"""No answer for this long is a failure too."""

AFTER_SILENCE = Attempts(count=5, apart=timedelta(minutes=2))

DELIVER_WITHIN = timedelta(hours=48)
"""Time to transmit what was issued meanwhile (types 03 and 04), once the service or the issuer has recovered."""
