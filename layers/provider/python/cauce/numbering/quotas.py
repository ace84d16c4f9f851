"""Tells issuers that four fifths of their quota, or all of it, is used, within minutes.

No emission says what it counted: the transaction that counts it answers nothing. So the schedule of each minute reads
the counts of all issuers with a quota, a hundred in one call, every few minutes.
"""

from datetime import datetime

from cauce.domain import notices
from cauce.gateway import Limiting
from cauce.numbering.notices import told_of

EVERY_MINUTES = 5


def is_time(now: datetime) -> bool:
    """Whether this minute's run of the schedule looks at the quotas."""
    return int(now.timestamp()) // 60 % EVERY_MINUTES == 0


def tell_used(gateway: Limiting) -> int:
    """Tell each issuer which thresholds of its quota were passed, each once in its period; how many. Idempotent."""
    now = gateway.now()
    issuers = (each for each in gateway.issuers.all() if each.active)
    told = 0
    for issuer, used in gateway.new_records.newly_used(issuers, now):
        if issuer.quota is not None:
            told += told_of(gateway, issuer.nit, list(notices.of_quota(issuer, issuer.quota, used, now)))
    return told
