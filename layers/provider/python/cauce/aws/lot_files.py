"""The files of lots, in the archive's bucket: one document a line (NDJSON).

Keys: ``lotes/{nit}/{lot}/{sha256}.ndjson``, with the SHA-256 of the file: two requests for the same lot id with other
content write different files, and the lot says which of them is its own.
"""

import base64
import hashlib
import re
from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from cauce.domain.lot import Arrival, Lot

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CONTENT_TYPE = "application/x-ndjson"
NIT, LOT = r"^[0-9]{1,15}$", r"^[0-9a-f-]{36}$"
"""Patterns of an issuer's NIT and of a lot's id."""
_KEY = re.compile(r"lotes/([0-9]{1,15})/([0-9a-f-]{36})/[0-9a-f]{64}\.ndjson")
_BLOCK_BYTES = 256 * 1024


def key(lot: Lot) -> str:
    return f"lotes/{lot.issuer}/{lot.lot_id}/{lot.file_sha256 or lot.sha256}.ndjson"


def named(file_key: str) -> tuple[str, str] | None:
    """The NIT and the lot id in a file's key; ``None`` where it is not the key of a lot's file."""
    found = _KEY.fullmatch(file_key)
    return (found[1], found[2]) if found else None


class LotFiles:
    def __init__(self, client: "S3Client", bucket: str):
        self._client = client
        self._bucket = bucket

    def write(self, lot: Lot, body: bytes) -> None:
        self._client.put_object(Bucket=self._bucket, Key=key(lot), Body=body, ContentType=CONTENT_TYPE)

    def upload(self, lot: Lot, seconds: int) -> tuple[str, dict[str, str]]:
        """The URL and the headers with which a lot's file is PUT, valid for ``seconds``.

        Size, type and SHA-256 are part of the signature: S3 takes exactly the announced bytes, any number of times,
        and no others. (A bucket with Object Lock takes no upload without a checksum anyway.)
        """
        checksum = base64.b64encode(bytes.fromhex(lot.sha256)).decode()
        url = self._client.generate_presigned_url(
            "put_object",
            Params={
                "Bucket": self._bucket,
                "Key": key(lot),
                "ContentType": CONTENT_TYPE,
                "ContentLength": lot.size,
                "ChecksumSHA256": checksum,
            },
            ExpiresIn=seconds,
        )
        headers = {
            "Content-Type": CONTENT_TYPE,
            "Content-Length": str(lot.size),
            "x-amz-checksum-sha256": checksum,
        }
        return url, headers

    def arrival(self, lot: Lot) -> Arrival:
        """Whether a lot's file is in the bucket, with the announced length and SHA-256.

        S3 enforces both on uploads through our URL. A file without a stored SHA-256 came another way: it is read and
        hashed.
        """
        try:
            found = self._client.head_object(Bucket=self._bucket, Key=key(lot), ChecksumMode="ENABLED")
        except ClientError as absent:
            # Without s3:ListBucket, S3 answers 403 for a key that does not exist.
            if absent.response["ResponseMetadata"]["HTTPStatusCode"] in (403, 404):
                return Arrival.ABSENT
            raise
        kept = found.get("ChecksumSHA256")
        sha256 = base64.b64decode(kept).hex() if kept and "-" not in kept else self._sha256(lot)
        is_announced = (found["ContentLength"], sha256) == (lot.size, lot.sha256)
        return Arrival.ANNOUNCED if is_announced else Arrival.ANOTHER

    def _sha256(self, lot: Lot) -> str:
        digest = hashlib.sha256()
        with closing(self._client.get_object(Bucket=self._bucket, Key=key(lot))["Body"]) as body:
            for block in body.iter_chunks(_BLOCK_BYTES):
                digest.update(block)
        return digest.hexdigest()

    def lines(self, lot: Lot, offset: int) -> Iterator[tuple[bytes, int]]:
        """The lines from a byte offset on, streamed, each with the offset after it."""
        if offset >= lot.size:
            return
        found = self._client.get_object(Bucket=self._bucket, Key=key(lot), Range=f"bytes={offset}-")
        held = b""
        with closing(found["Body"]) as body:
            for block in body.iter_chunks(_BLOCK_BYTES):
                *whole, held = (held + block).split(b"\n")
                for line in whole:
                    offset += len(line) + 1
                    yield line, offset
        if held:
            yield held, offset + len(held)
