"""The control queue: files of lots that came, told by S3, and lots to go on with, told by ourselves.

Its policy admits nobody else, so that what it says is obeyed. It is not the intake queue, where an ERP may put what
looks like one of these. Standard and not FIFO: S3 notifies no other, and a message may be obeyed any number of times.
"""

import json
from typing import TYPE_CHECKING, Annotated, Literal
from urllib.parse import unquote_plus

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from cauce.aws import lot_files
from cauce.domain.errors import InvalidDocument
from cauce.domain.lot import GoOn, Lot, Message, Uploaded

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


class _Object(BaseModel):
    key: str


class _S3(BaseModel):
    object: _Object


class _File(BaseModel):
    eventSource: Literal["aws:s3"]
    s3: _S3


class _Files(BaseModel):
    """S3's word of files. Source: Amazon S3 user guide, «Event message structure»."""

    Records: list[_File] = Field(min_length=1)


class _Test(BaseModel):
    """S3 tries a queue out when it is told of it."""

    Event: Literal["s3:TestEvent"]


class _Next(BaseModel):
    """Our own word: take a lot's lines from here on."""

    model_config = ConfigDict(extra="forbid", strict=True)

    lote: Annotated[str, StringConstraints(pattern=lot_files.LOT)]
    emisor: Annotated[str, StringConstraints(pattern=lot_files.NIT)]
    desde: int = Field(ge=0)


_MESSAGE: TypeAdapter[_Files | _Test | _Next] = TypeAdapter(_Files | _Test | _Next)


class Control:
    """The stack's control queue."""

    def __init__(self, client: "SQSClient", url: str):
        self._client = client
        self._url = url

    @property
    def name(self) -> str:
        return self._url.rpartition("/")[2]

    def go_on(self, lot: Lot, *, in_seconds: int = 0) -> None:
        """Queue a lot's next lines, behind everything else that waits; in so many seconds, 900 at most."""
        message = {"lote": lot.lot_id, "emisor": lot.issuer, "desde": lot.position}
        self._client.send_message(
            QueueUrl=self._url, MessageBody=json.dumps(message), DelaySeconds=in_seconds
        )

    @staticmethod
    def message(body: str) -> Message:
        """What a message asks for. Raises InvalidDocument where it is neither ours nor S3's."""
        try:
            found = _MESSAGE.validate_json(body)
        except (ValidationError, UnicodeEncodeError) as cause:
            raise InvalidDocument("El mensaje de control no es ni de S3 ni de Cauce.") from cause
        match found:
            case _Next(lote=lot_id, emisor=nit, desde=position):
                return GoOn(nit, lot_id, position)
            case _Files(Records=files):
                named = (lot_files.named(unquote_plus(each.s3.object.key)) for each in files)
                return Uploaded(tuple(each for each in named if each))
        return Uploaded(())
