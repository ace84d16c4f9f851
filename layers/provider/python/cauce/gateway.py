"""What the verbs work with: where records live, where bytes are kept, who is asked, what time it is."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from cauce.domain.issuer import Issuer
from cauce.providers.base import Provider

if TYPE_CHECKING:
    from cauce.aws.archive import Archive
    from cauce.aws.queue import Queue
    from cauce.aws.store import Store


@dataclass(frozen=True)
class Gateway:
    """The parts, put together in ``wiring``."""

    store: "Store"
    archive: "Archive"
    queue: "Queue"
    provider: Callable[[Issuer, str], Provider]
    """The named provider, connected for an issuer."""
    now: Callable[[], datetime]
