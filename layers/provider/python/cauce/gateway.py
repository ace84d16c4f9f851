"""What the verbs work with: where records live, where bytes are kept, who is asked, what time it is."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from cauce.domain.issuer import Issuer, RequestLimit
from cauce.providers.base import Provider

if TYPE_CHECKING:
    from cauce.aws.archive import Archive
    from cauce.aws.audit_log import AuditLog
    from cauce.aws.control import Control
    from cauce.aws.dead_letters import DeadLetters
    from cauce.aws.intake import Intake
    from cauce.aws.looks import Looks
    from cauce.aws.lot_files import LotFiles
    from cauce.aws.lots import Lots
    from cauce.aws.outages import Outages
    from cauce.aws.places import Places
    from cauce.aws.queue import Queue
    from cauce.aws.request_counts import RequestCounts
    from cauce.aws.store import Store


@dataclass(frozen=True)
class Gateway:
    """The parts, put together in ``wiring``."""

    store: "Store"
    archive: "Archive"
    queue: "Queue"
    places: "Places"
    """In the lanes of the queue."""
    lots: "Lots"
    lot_files: "LotFiles"
    intake: "Intake"
    control: "Control"
    looks: "Looks"
    provider: Callable[[Issuer, str], Provider]
    """The named provider, connected for an issuer, behind its guard."""
    outages: "Outages"
    open_breakers: Callable[[], dict[str, int]]
    """How many credentials of each provider have theirs open."""
    dead_letters: "DeadLetters"
    """Of the emission queue."""
    intake_dead_letters: "DeadLetters"
    audit_log: "AuditLog"
    control_dead_letters: "DeadLetters"
    request_counts: "RequestCounts"
    request_limit: RequestLimit
    """Of a token whose issuer has none of its own."""
    calls_a_second: Callable[[Issuer, str], float | None]
    """What an issuer may ask of the named provider; none where there is no limit."""
    now: Callable[[], datetime]
