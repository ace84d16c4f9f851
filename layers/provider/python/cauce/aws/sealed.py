"""Seals values that must not stand in clear in the table, with keys from the stack's secret, read when first needed.

The secret is a text of keys separated by blanks. The first one seals; the older ones after it open what they sealed.
A sealed value is ``v1:{name of the key}:{nonce, ciphertext and tag in base64}``, by AES-256-GCM with its item and
attribute as associated data: copied to another place it does not open.
"""

import base64
import math
import os
import re
import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from cauce import faults
from cauce.aws.keys import Key

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from mypy_boto3_secretsmanager import SecretsManagerClient

_SEALED = re.compile(r"v1:([0-9a-f]{8}):([A-Za-z0-9+/]+={0,2})")
_NONCE_BYTES = 12
_KEY_BYTES, _NAME_BYTES = 32, 4
# How often at most the secret is read again for a key that is not in it: a rotation may have added one.
_AGAIN_SECONDS = 60.0


class DoesNotOpen(Exception):
    """Sealed with a key that the secret does not have, or for another place. Never leaves ``aws``."""


class Seals:
    """The keys of one stack, read once a container, and again only where a value names a key that is not known."""

    def __init__(self, client: "SecretsManagerClient", secret: str, clock: Callable[[], float]):
        self._client = client
        self._secret = secret
        self._clock = clock
        self._keys: dict[str, AESGCM] = {}
        """By name; the first one seals."""
        self._read_at = -math.inf

    def ready(self) -> None:
        """Read the keys, if they were not yet. Raises what boto raises for a fault of AWS, and KeyNotTold where the
        secret is gone, forbidden or empty."""
        if not self._keys:
            self._read()

    def seal(self, text: str, item: Key, attribute: str) -> str:
        """A text sealed for an attribute of an item. Raises as ``ready``; a text is never returned in clear."""
        self.ready()
        name, key = next(iter(self._keys.items()))
        nonce = os.urandom(_NONCE_BYTES)
        sealed = nonce + key.encrypt(nonce, text.encode(), _place(item, attribute))
        return f"v1:{name}:{base64.b64encode(sealed).decode()}"

    def open(self, sealed: str, item: Key, attribute: str) -> str:
        """The text that was sealed for this attribute of this item. Raises DoesNotOpen, or as ``ready``."""
        from cryptography.exceptions import InvalidTag

        found = _SEALED.fullmatch(sealed)
        key = self._named(found[1]) if found else None
        if found is None or key is None:
            raise DoesNotOpen
        try:
            given = base64.b64decode(found[2])
            return key.decrypt(given[:_NONCE_BYTES], given[_NONCE_BYTES:], _place(item, attribute)).decode()
        except (InvalidTag, ValueError):
            raise DoesNotOpen from None

    def is_current(self, sealed: str) -> bool:
        """Whether a value was sealed with the key that seals now. Raises as ``ready``."""
        self.ready()
        return sealed.startswith(f"v1:{next(iter(self._keys))}:")

    def rotate(self) -> None:
        """Put a new key before the others. None is removed: a backup may bring back what it sealed.

        Of two rotations at once AWS refuses one, so that no key that has sealed anything is lost.
        """
        read = self._client.get_secret_value(SecretId=self._secret, VersionStage="AWSCURRENT")
        text = "\n".join([secrets.token_hex(_KEY_BYTES), *read["SecretString"].split()])
        made = self._client.put_secret_value(
            SecretId=self._secret, SecretString=text, VersionStages=["AWSPENDING"]
        )
        self._client.update_secret_version_stage(
            SecretId=self._secret,
            VersionStage="AWSCURRENT",
            MoveToVersionId=made["VersionId"],
            RemoveFromVersionId=read["VersionId"],
        )
        self.forget()

    def forget(self) -> None:
        """Have the keys read again when they are next needed."""
        self._keys = {}

    def _named(self, name: str) -> "AESGCM | None":
        self.ready()
        if name not in self._keys and self._clock() - self._read_at >= _AGAIN_SECONDS:
            self._read()
        return self._keys.get(name)

    def _read(self) -> None:
        try:
            read = self._client.get_secret_value(SecretId=self._secret, VersionStage="AWSCURRENT")
        except ClientError as refused:
            if faults.is_fault(refused):
                raise
            raise faults.KeyNotTold(reason=refused.response["Error"]["Code"]) from refused
        keys = dict(map(_derived, read.get("SecretString", "").split()))
        if not keys:
            raise faults.KeyNotTold(reason="it is empty")
        self._keys, self._read_at = keys, self._clock()


def _derived(text: str) -> "tuple[str, AESGCM]":
    """A key of the secret's: the name by which sealed values know it, and its cipher (HKDF-SHA-256, RFC 5869)."""
    # Imported here, so that a container that seals nothing does not wait for them to load.
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    made = HKDF(SHA256(), _KEY_BYTES + _NAME_BYTES, salt=None, info=b"cauce table v1").derive(text.encode())
    return made[_KEY_BYTES:].hex(), AESGCM(made[:_KEY_BYTES])


def _place(item: Key, attribute: str) -> bytes:
    return "\0".join((item["pk"], item["sk"], attribute)).encode()
