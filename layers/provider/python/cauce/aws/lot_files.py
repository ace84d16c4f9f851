"""The files of lots, in the archive's bucket: one document a line (NDJSON).

Keys: ``lotes/{nit}/{lot}/{sha256}.ndjson``, the SHA-256 being the file's own: two requests that name a lot alike
write different files, and a lot names its own.
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
"""What an issuer's NIT and a lot's id look like."""
_KEY = re.compile(r"lotes/([0-9]{1,15})/([0-9a-f-]{36})/[0-9a-f]{64}\.ndjson")
_BLOCK_BYTES = 256 * 1024


def key(lot: Lot) -> str:
    return f"lotes/{lot.issuer}/{lot.lot_id}/{lot.file_sha256 or lot.sha256}.ndjson"


def named(file_key: str) -> tuple[str, str] | None:
    """The issuer and the lot whose file has this key, if it is one's."""
    found = _KEY.fullmatch(file_key)
    return (found[1], found[2]) if found else None


class LotFiles:
    """The files of lots."""

    def __init__(self, client: "S3Client", bucket: str):
        self._client = client
        self._bucket = bucket

    def write(self, lot: Lot, body: bytes) -> None:
        self._client.put_object(Bucket=self._bucket, Key=key(lot), Body=body, ContentType=CONTENT_TYPE)

    def upload(self, lot: Lot, seconds: int) -> tuple[str, dict[str, str]]:
        """Where and with which headers a lot's file is PUT during so many seconds.

        Size, type and SHA-256 are part of the signature: S3 takes exactly the bytes that were announced, however
        often, and no others. (A bucket with Object Lock takes no upload without a checksum anyway.)
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
        """Whether a lot's file is there, with the length and the SHA-256 that were announced.

        S3 holds an upload to both. A file of which it keeps no SHA-256 did not come by our URL, and is read.
        """
        try:
            found = self._client.head_object(Bucket=self._bucket, Key=key(lot), ChecksumMode="ENABLED")
        except ClientError as absent:
            # Without leave to list the bucket, what does not exist is forbidden.
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
        """The lines from an offset on, streamed, each with the offset after it."""
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
