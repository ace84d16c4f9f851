"""The intake queue: documents that ERPs of the account send themselves.

Standard and not FIFO: what is taken in is exactly once by its reference, not by the queue. Whoever may send here may
send anything, and all of it is somebody's document, to be judged as one.
"""

from datetime import UTC, datetime

from cauce.domain.lot import Envelope


class Intake:
    """The stack's intake queue."""

    def __init__(self, url: str):
        self._url = url

    @property
    def name(self) -> str:
        return self._url.rpartition("/")[2]

    @staticmethod
    def envelope(
        message_id: str, sender_id: str | None, sent_milliseconds: str | None, issuer: str | None
    ) -> Envelope:
        """What the queue says of a message: its id, two of its attributes in SQS's words, and the ERP's own."""
        return Envelope(
            message_id=message_id,
            sender=(sender_id or "").partition(":")[0],  # a role's session comes after the colon
            issuer=issuer,
            sent_at=datetime.fromtimestamp(int(sent_milliseconds or 0) / 1000, UTC),
        )
