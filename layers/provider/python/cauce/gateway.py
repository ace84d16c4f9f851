"""The parts that the verbs work with: the table, the archive, the queues, the providers, the clock."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from cauce.domain.issuer import Issuer, RequestLimit
from cauce.domain.record import Record
from cauce.providers.base import Provider

if TYPE_CHECKING:
    from cauce.aws.acceptance import Acceptance
    from cauce.aws.access_tokens import AccessTokens
    from cauce.aws.archive import Archive
    from cauce.aws.audit_log import AuditLog
    from cauce.aws.control import Control
    from cauce.aws.counters import Counters
    from cauce.aws.dead_letters import DeadLetters
    from cauce.aws.intake import Intake
    from cauce.aws.issuers import Issuers
    from cauce.aws.listing import Listing
    from cauce.aws.looks import Looks
    from cauce.aws.lot_files import LotFiles
    from cauce.aws.lots import Lots
    from cauce.aws.numbers import Numbers
    from cauce.aws.outages import Outages
    from cauce.aws.places import Places
    from cauce.aws.queue import Queue
    from cauce.aws.ranges import Ranges
    from cauce.aws.records import Records
    from cauce.aws.request_counts import RequestCounts


@dataclass(frozen=True)
class Gateway:
    """The parts, put together in ``wiring``."""

    records: "Records"
    acceptance: "Acceptance"
    """Takes new records in, with their numbers."""
    listing: "Listing"
    numbers: "Numbers"
    issuers: "Issuers"
    ranges: "Ranges"
    access_tokens: "AccessTokens"
    counters: "Counters"
    archive: "Archive"
    queue: "Queue"
    places: "Places"
    """Who waits in the lanes of the emission queue."""
    lots: "Lots"
    lot_files: "LotFiles"
    intake: "Intake"
    control: "Control"
    looks: "Looks"
    provider: Callable[[Issuer, str], Provider]
    """The named provider, connected for an issuer, behind its guard."""
    outages: "Outages"
    open_breakers: Callable[[], dict[str, int]]
    """How many breakers of each provider are open, those of credentials and of hosts together."""
    dead_letters: "DeadLetters"
    """Those of the emission queue."""
    intake_dead_letters: "DeadLetters"
    audit_log: "AuditLog"
    control_dead_letters: "DeadLetters"
    request_counts: "RequestCounts"
    request_limit: RequestLimit
    """The limit of a token whose issuer has none of its own."""
    calls_a_second: Callable[[Issuer, str], float | None]
    """How many calls a second an issuer may make to the named provider; ``None`` where there is no limit."""
    now: Callable[[], datetime]
    sleep: Callable[[float], None]
    """Waits for so many seconds."""
    patience: float
    """Seconds that an ERP's request waits for its record to settle in the queue. One whose turn is further off is
    answered at once."""

    def provider_of(self, record: Record) -> Provider:
        """The provider that has a record, or is to have it, connected for its issuer."""
        return self.provider(self.issuers.read(record.issuer), record.provider)
