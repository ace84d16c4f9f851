"""The parts that the verbs work with: the table, the archive, the queues, the providers, the clock.

A verb's signature names the group of parts that it touches, and so what it cannot do: nothing that takes ``Reading``
writes a record. ``wiring`` puts all parts together in one ``Gateway``, which is every group.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from inspect import get_annotations
from typing import TYPE_CHECKING, TypeVar, dataclass_transform

from cauce.domain.document import Kind
from cauce.domain.issuer import Issuer, RequestLimit
from cauce.domain.record import Due, Record
from cauce.providers.base import Provider

if TYPE_CHECKING:
    from cauce.aws.access_tokens import AccessTokens, RequestCounts
    from cauce.aws.acquirers import Acquirers
    from cauce.aws.archive import Archive
    from cauce.aws.audit_log import AuditLog
    from cauce.aws.dead_letters import DeadLetters
    from cauce.aws.endpoints import Deliveries, Endpoints
    from cauce.aws.failures import Outages
    from cauce.aws.issuers import Counters, Issuers
    from cauce.aws.ledger import Ledger
    from cauce.aws.listing import Listing, Numbers
    from cauce.aws.lot_files import LotFiles
    from cauce.aws.lots import Lots
    from cauce.aws.mail import Mail
    from cauce.aws.new_records import NewRecords
    from cauce.aws.news import Feed
    from cauce.aws.papers import Papers
    from cauce.aws.places import Places
    from cauce.aws.queues import Control, Intake, Looks, Pushes, Queue
    from cauce.aws.ranges import Ranges
    from cauce.aws.records import Records


T = TypeVar("T")


@dataclass_transform(frozen_default=True, kw_only_default=True)
def _group(cls: type[T]) -> type[T]:
    """A group of parts. Nobody makes one but as a part of ``Gateway``, so it is no dataclass of its own: forty of
    them would take a tenth of every cold start."""
    return cls


@dataclass_transform(frozen_default=True, kw_only_default=True)
def _all_groups(cls: type[T]) -> type[T]:
    """The dataclass of every part of every group that a class is made of."""
    parts = [get_annotations(each) for each in reversed(cls.__mro__)]
    cls.__annotations__ = {name: what for each in parts for name, what in each.items()}
    return dataclass(frozen=True, kw_only=True)(cls)


@_group
class Timed:
    """The clock."""

    now: Callable[[], datetime]


@_group
class Admitting(Timed):
    """Who may come in."""

    access_tokens: "AccessTokens"
    counters: "Counters"
    issuers: "Issuers"


@_group
class Recording(Timed):
    """Records, read and written."""

    records: "Records"


@_group
class Telling(Timed):
    """What is news."""

    news: "Feed"


@_group
class Endpointing(Telling):
    """The endpoints to which news is pushed, and the deliveries to each."""

    endpoints: "Endpoints"
    deliveries: "Deliveries"
    local_endpoints: bool
    """Whether endpoints may be on this machine."""


@_group
class Pushing(Endpointing):
    """Delivering news to endpoints."""

    pushes: "Pushes"


@_group
class Watching(Timed):
    """When a provider last answered and failed."""

    outages: "Outages"


@_group
class Paced(Timed):
    """How fast a provider takes documents."""

    documents_a_second: Callable[[Issuer, str], float | None]
    """How many documents a second the named provider's limit on calls allows an issuer, at several calls each;
    ``None`` where there is no limit."""

    def rate(self, issuer: Issuer, kind: Kind | None) -> float | None:
        """Documents a second of the slowest provider that may take a lot's documents; ``None`` where none has a
        limit."""
        own = issuer.providers.get(kind) if kind else None
        names = {own} if own else set(issuer.providers.values())
        rates = [self.documents_a_second(issuer, name) for name in sorted(names)]
        return min((each for each in rates if each is not None), default=None)


@_group
class Asking(Timed):
    """Providers, and the ranges of issuers."""

    provider: Callable[[Issuer, str], Provider]
    """The named provider, connected for an issuer, behind its guard."""
    ranges: "Ranges"


@_group
class Acquiring(Asking):
    """Buyers, looked up by their identification."""

    acquirers: "Acquirers"
    audit_log: "AuditLog"


@_group
class Numbering(Asking):
    """Which numbers are used."""

    numbers: "Numbers"


@_group
class Syncing(Numbering, Telling):
    """Keeping the ranges, and telling what changed."""


@_group
class Reconciling(Numbering, Recording):
    """Our numbers against the providers'."""

    sleep: Callable[[float], None]
    """Waits for so many seconds."""


@_group
class Reading(Asking):
    """Listings; nothing is written."""

    listing: "Listing"


@_group
class Closing(Numbering, Reading):
    """A month's documents and its numbers."""


@_group
class TakingIn(Reading, Acquiring, Recording):
    """Judging what is asked for, and storing it as a new record."""

    new_records: "NewRecords"
    """Stores new records, with their numbers."""


@_group
class Preparing(Asking):
    """What an issuer still needs to emit; nothing is written."""

    new_records: "NewRecords"
    """How many records were taken in."""


@_group
class Examining(Preparing, Endpointing):
    """The same as an operator sees it: webhooks and mail too."""

    mail: "Mail"


@_group
class Connected(Recording):
    """Records and the provider of each."""

    issuers: "Issuers"
    provider: Callable[[Issuer, str], Provider]
    """The named provider, connected for an issuer, behind its guard (as in ``Asking``)."""

    def provider_of(self, record: Record) -> Provider:
        """The provider that has a record, or is to have it, connected for its issuer."""
        return self.provider(self.issuers.read(record.issuer), record.provider)


@_group
class Filing(Asking, Connected):
    """A record's outcome and files."""

    archive: "Archive"


@_group
class Keeping(Filing, Admitting):
    """All that is kept of a record, and who asked for it."""

    ledger: "Ledger"


@_group
class Chaining(Keeping, Telling):
    """The ledgers, and what they are written from."""


@_group
class Drawing(Filing):
    """A record's graphic representation."""

    papers: "Papers"


@_group
class HandingOver(Drawing, Reading):
    """A month's documents with their files."""


@_group
class Posting(Drawing):
    """Mail to buyers."""

    mail: "Mail"


@_group
class Settling(Filing, Reading, Watching):
    """All that asking about a record may lead to, sending it again too."""


@_group
class Placing(Connected, Paced):
    """The emission queue and its lanes."""

    queue: "Queue"
    places: "Places"
    """Who waits in the lanes."""


@_group
class Hearing(Connected, Telling):
    """What others declare about our invoices, and telling it."""


@_group
class Deciding(Filing, Placing):
    """What a person decides of a record."""


@_group
class Sending(Settling, Posting, Placing):
    """Sending in turn."""

    ahead: Callable[[Due], AbstractContextManager[None]]
    """Around a look at a due record: what it reads is read in one call."""


@_group
class Offering(Sending):
    """Sending while an ERP waits."""

    sleep: Callable[[float], None]
    patience: float
    """Seconds that an ERP's request waits for its record to settle in the queue. One whose turn is further off is
    answered at once."""


@_group
class Looking(Recording):
    """The records that are due, and the queue that hands out a look at each."""

    looks: "Looks"


@_group
class LotKeeping(Paced):
    """Lots and their files."""

    lots: "Lots"
    lot_files: "LotFiles"
    control: "Control"


@_group
class Ending(LotKeeping, Telling):
    """Telling that a lot ended."""


@_group
class TakingLots(LotKeeping, TakingIn, Placing):
    """Taking a lot's lines in."""


@_group
class Redriving(Recording):
    """The messages that the queues gave up, and the records of those that name one."""

    dead_letters: "DeadLetters"
    """The messages that the emission queue gave up."""
    intake_dead_letters: "DeadLetters"
    control_dead_letters: "DeadLetters"


@_group
class TakingAgain(Redriving, TakingLots):
    """Taking in what the queues gave up."""


@_group
class Noticing(Preparing, Telling):
    """What the schedule of numbering tells an issuer."""


@_group
class Limiting(Preparing, Admitting, Telling):
    """Quotas, and telling how much of them is used."""


@_all_groups
class Gateway(
    HandingOver,
    Limiting,
    Noticing,
    Chaining,
    Syncing,
    Reconciling,
    Looking,
    TakingAgain,
    Ending,
    Hearing,
    Offering,
    Deciding,
    Closing,
    Pushing,
    Examining,
):
    """Every part."""

    intake: "Intake"
    open_breakers: Callable[[], dict[str, int]]
    """How many breakers of each provider are open, those of credentials and of hosts together."""
    request_counts: "RequestCounts"
    request_limit: RequestLimit
    """The limit of a token whose issuer has none of its own."""
