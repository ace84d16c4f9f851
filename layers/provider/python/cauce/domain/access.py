"""Access tokens: what an ERP shows to speak for an issuer. Only the hash of the secret is kept."""

import hashlib
import hmac
import secrets
from datetime import datetime

from cauce.domain.document import Value


class AccessToken(Value):
    """A token as stored. The bearer is ``{id}|{secret}``; the secret is shown once and never kept."""

    id: int
    issuer: str
    name: str
    email: str
    secret_hash: str
    created_at: datetime
    revoked_at: datetime | None = None

    def admits(self, secret: str) -> bool:
        """Whether the secret is this token's, in constant time, and the token still holds."""
        return hmac.compare_digest(self.secret_hash, secret_hash(secret)) and self.revoked_at is None


def new_secret() -> str:
    """40 URL-safe characters, 240 bits of chance."""
    return secrets.token_urlsafe(30)


def secret_hash(secret: str) -> str:
    """SHA-256 of the secret, hex. No salt or stretching: the secret is random, not a password."""
    return hashlib.sha256(secret.encode()).hexdigest()
