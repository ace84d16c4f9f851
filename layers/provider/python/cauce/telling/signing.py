"""Signatures of what an endpoint is sent. Source: Standard Webhooks 1.0, «Signature scheme»."""

import base64
import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime

from pydantic import SecretStr

from cauce.domain.endpoint import key_of


def headers(message_id: str, at: datetime, body: bytes, secrets: Iterable[SecretStr]) -> dict[str, str]:
    """The headers of a call: its id, its time, and a signature by each secret."""
    seconds = str(int(at.timestamp()))
    signed = b".".join((message_id.encode(), seconds.encode(), body))
    made = [
        f"v1,{base64.b64encode(hmac.digest(key_of(secret), signed, hashlib.sha256)).decode()}"
        for secret in secrets
    ]
    return {"webhook-id": message_id, "webhook-timestamp": seconds, "webhook-signature": " ".join(made)}
