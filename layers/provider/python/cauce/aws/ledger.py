"""The ledgers of issuers: segments in the archive, where each ends in the table, and the key that signs them.

Keys of the archive: ``cadena/{nit}/{number of the first entry}.json``. A segment is written where there is none yet:
of two that begin with the same entry one only exists. Whoever comes second, or after somebody died between the
segment and the table, goes on from the one that is there.
"""

import base64
from collections.abc import Iterator
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from cauce.aws import items, keys
from cauce.aws.table import InTable, Table
from cauce.domain.ledger import ALGORITHM, DOCUMENT, End, Head, Segment, Signature, statement

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_s3 import S3Client

_THERE_IS_ONE = {"PreconditionFailed", "ConditionalRequestConflict"}


class Ledger(InTable):
    def __init__(self, table: Table, s3: "S3Client", bucket: str, kms: "KMSClient", key: str):
        super().__init__(table)
        self._s3 = s3
        self._bucket = bucket
        self._kms = kms
        self._key = key

    @property
    def has_key(self) -> bool:
        """Whether the stack has a key to sign with; one that was deployed before ledgers were, has none."""
        return bool(self._key)

    def end(self, nit: str) -> End:
        found = self._table.attributes(keys.ledger(nit))
        if not found:
            return End()
        return End(int(found["entries"]), str(found["hash"]), str(found["read_to"]))

    def move(self, nit: str, before: End, after: End) -> bool:
        """Say that a ledger ends elsewhere now; whether it still ended at ``before``."""
        item = {**keys.ledger(nit), "entries": after.entries, "hash": after.hash, "read_to": after.read_to}
        if before == End():
            return self._table.put(items.pack(item), "attribute_not_exists(pk)")
        values = {":entries": before.entries, ":read_to": before.read_to}
        return self._table.put(items.pack(item), "entries = :entries AND read_to = :read_to", values)

    def write(self, segment: Segment) -> bool:
        """Write a segment, if there is none that begins with its first entry; whether there was none."""
        body = segment.model_dump_json(by_alias=True, indent=1).encode()
        try:
            self._s3.put_object(
                Bucket=self._bucket,
                Key=_place(segment.issuer, segment.first),
                Body=body,
                ContentType="application/json",
                IfNoneMatch="*",
            )
        except ClientError as refused:
            if refused.response["Error"]["Code"] in _THERE_IS_ONE:
                return False
            raise
        return True

    def segment(self, nit: str, first: int) -> Segment:
        """The segment that begins with this entry."""
        found = self._s3.get_object(Bucket=self._bucket, Key=_place(nit, first))
        return Segment.model_validate_json(found["Body"].read())

    def segments(self, nit: str, entries: int) -> Iterator[Segment]:
        """The segments of the first so many ``entries``, in order."""
        first = 1
        while first <= entries:
            segment = self.segment(nit, first)
            yield segment
            first = segment.last + 1

    def index(self, segment: Segment) -> None:
        """Note which entries of a segment are about which document. Idempotent."""
        for entry in segment.entries:
            key = keys.in_ledger(segment.issuer, str(entry.facts[DOCUMENT]), entry.number)
            self._table.put(items.pack({**key, "segment": segment.first}))

    def of_document(self, nit: str, document_id: str) -> list[tuple[int, int]]:
        """The numbers of a document's entries, each with that of its segment's first."""
        answer = self._table.client.query(
            TableName=self._table.name,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :document)",
            ExpressionAttributeValues=items.pack(
                {":pk": keys.ledger(nit)["pk"], ":document": keys.entries_of(document_id)}
            ),
        )
        return [(keys.number_in_ledger(row["sk"]["S"]), int(row["segment"]["N"])) for row in answer["Items"]]

    def signed(self, nit: str, entries: int, last: str, at: str) -> Signature:
        """The signature of where a ledger ends."""
        answer = self._kms.sign(
            KeyId=self._key,
            Message=statement(nit, entries, last, at),
            MessageType="RAW",
            SigningAlgorithm=ALGORITHM,
        )
        value = base64.b64encode(answer["Signature"]).decode()
        return Signature(at=at, key=str(answer["KeyId"]), value=value)

    def head(self, nit: str, at: str) -> Head:
        """Where a ledger ends, signed now."""
        end = self.end(nit)
        signature = self.signed(nit, end.entries, end.hash, at)
        return Head(issuer=nit, entries=end.entries, hash=end.hash, signature=signature)

    def public_key(self) -> bytes:
        """DER, SubjectPublicKeyInfo."""
        return bytes(self._kms.get_public_key(KeyId=self._key)["PublicKey"])


def _place(nit: str, first: int) -> str:
    return f"cadena/{nit}/{first:012d}.json"
