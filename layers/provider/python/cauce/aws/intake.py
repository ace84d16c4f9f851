"""The intake queue: documents that ERPs of the account send themselves.

Standard and not FIFO: a document's reference makes its intake exactly-once, not the queue. A sender may put anything
here, and every body is judged as somebody's document.
"""

from datetime import UTC, datetime

from cauce.domain.lot import Envelope


class Intake:
    def __init__(self, url: str):
        self._url = url

    @property
    def name(self) -> str:
        return self._url.rpartition("/")[2]

    @staticmethod
    def envelope(
        message_id: str, sender_id: str | None, sent_milliseconds: str | None, issuer: str | None
    ) -> Envelope:
        """What SQS says of a message (its id, SenderId, SentTimestamp in ms since the epoch), and the ERP's own
        attribute."""
        return Envelope(
            message_id=message_id,
            sender=(sender_id or "").partition(":")[0],  # a role's session comes after the colon
            issuer=issuer,
            sent_at=datetime.fromtimestamp(int(sent_milliseconds or 0) / 1000, UTC),
        )
