"""The archive: every request as sent, the answers as they came, the signed XML. Written once, never changed.

Keys: ``{nit}/{yyyy}/{mm}/{record}/…``, the month being that of the record's creation. Signed XML that we made and
sent is in its request's ZIP and nowhere else; what a provider signed, and what older versions of Cauce kept, is an
object of its own. Beside them are ``{nit}/logo/…``, ``lotes/…`` (``aws.lot_files``) and ``prestados/…``: answers too
large for Lambda, which are fetched from here.
"""

import hashlib
import io
import zipfile
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from botocore.exceptions import ClientError

from cauce.domain.record import Record
from cauce.providers.base import ZIP, Request

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class File(NamedTuple):
    """A file of the archive."""

    name: str
    content_type: str
    body: bytes


class Archive:
    def __init__(self, client: "S3Client", bucket: str):
        self._client = client
        self.bucket = bucket

    def request(self, record: Record, request: Request) -> None:
        """Keep a request before it is sent. A repetition writes the same bytes under the same key."""
        self._put(
            record, _request(record.attempt), request.body, request.content_type, operation=request.operation
        )

    def request_key(self, record: Record, attempt: int) -> str:
        """Where an attempt's request is."""
        return self._key(record, _request(attempt))

    def sent_request(self, record: Record, attempt: int | None = None) -> Request:
        """The request of the record's last attempt, or of ``attempt``, as it was sent; without ``uuid`` and
        ``signed_xml``, which the archive does not keep apart from the body."""
        key = self.request_key(record, record.attempt if attempt is None else attempt)
        found = self._client.get_object(Bucket=self.bucket, Key=key)
        return Request(found["Metadata"]["operation"], found["Body"].read(), found["ContentType"])

    def answer(self, record: Record, raw: bytes, *, asked: bool = False) -> None:
        """Keep an answer to the last attempt or, with ``asked``, to a later question about it; an empty one is not
        kept."""
        name = f"answer-{record.attempt:03d}" + (f"-consult-{record.checks:03d}" if asked else "")
        if raw:
            self._put(record, name, raw, "application/octet-stream")

    def signed_xml(self, record: Record, xml: bytes) -> str:
        """Keep the signed XML that a provider handed out; its key."""
        return self._put(record, f"{record.number or record.document_id}.xml", xml, "application/xml")

    def files(self, record: Record) -> Iterator[File]:
        """Every file that is kept of a record, in order of name."""
        prefix = self._key(record, "")
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
        for key in sorted(each["Key"] for page in pages for each in page.get("Contents", ())):
            found = self._client.get_object(Bucket=self.bucket, Key=key)
            yield File(key.removeprefix(prefix), found["ContentType"], found["Body"].read())

    def lent(self, record: Record, name: str, body: bytes, seconds: int) -> str:
        """A URL at which a file about a record may be got for so many ``seconds``. It is kept under its own hash,
        apart from the record's files, and once."""
        key = f"prestados/{record.issuer}/{record.document_id}/{hashlib.sha256(body).hexdigest()}/{name}"
        try:
            self._client.put_object(Bucket=self.bucket, Key=key, Body=body, ContentType=ZIP, IfNoneMatch="*")
        except ClientError as refused:
            if refused.response["Error"]["Code"] != "PreconditionFailed":
                raise
        return self._client.generate_presigned_url(
            "get_object", Params={"Bucket": self.bucket, "Key": key}, ExpiresIn=seconds
        )

    def logo(self, nit: str, content: bytes, media_type: str) -> str:
        """Keep an issuer's logo; its key. The same logo has the same key."""
        key = f"{nit}/logo/{hashlib.sha256(content).hexdigest()[:32]}"
        self._client.put_object(Bucket=self.bucket, Key=key, Body=content, ContentType=media_type)
        return key

    def read(self, key: str) -> bytes:
        """The signed XML under a record's key for it, or the logo under a paper's."""
        found = self._client.get_object(Bucket=self.bucket, Key=key)
        body = found["Body"].read()
        return _only_file(body) if found["ContentType"] == ZIP else body

    def _key(self, record: Record, name: str) -> str:
        created = record.created_at
        return f"{record.issuer}/{created.year:04}/{created.month:02}/{record.document_id}/{name}"

    def _put(self, record: Record, name: str, body: bytes, content_type: str, **metadata: str) -> str:
        key = self._key(record, name)
        self._client.put_object(
            Bucket=self.bucket, Key=key, Body=body, ContentType=content_type, Metadata=metadata
        )
        return key


def _request(attempt: int) -> str:
    return f"request-{attempt:03d}"


def _only_file(zipped: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(zipped)) as files:
        return files.read(files.namelist()[0])
