"""The control queue: S3 tells here that a lot's file was uploaded, and we tell which lot to read further.

Its policy lets nobody else send, so its messages are obeyed. It is separate from the intake queue, where an ERP could
put a body that looks like one of these. Standard and not FIFO, because S3 notifies only standard queues; obeying a
message is idempotent.
"""

import json
from typing import Annotated, Literal
from urllib.parse import unquote_plus

from pydantic import AliasPath, BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from cauce.aws import lot_files
from cauce.aws.queue import SqsQueue
from cauce.domain.errors import InvalidDocument
from cauce.domain.lot import GoOn, Lot, Message, Uploaded


class _File(BaseModel):
    eventSource: Literal["aws:s3"]
    key: str = Field(validation_alias=AliasPath("s3", "object", "key"))


class _Files(BaseModel):
    """S3's notification that files were uploaded. Source: Amazon S3 user guide, «Event message structure»."""

    Records: list[_File] = Field(min_length=1)


class _Test(BaseModel):
    """The test message that S3 sends when notifications to a queue are configured."""

    Event: Literal["s3:TestEvent"]


class _Next(BaseModel):
    """Our own message: read a lot's lines from position ``desde`` on."""

    model_config = ConfigDict(extra="forbid", strict=True)

    lote: Annotated[str, StringConstraints(pattern=lot_files.LOT)]
    emisor: Annotated[str, StringConstraints(pattern=lot_files.NIT)]
    desde: int = Field(ge=0)


_MESSAGE: TypeAdapter[_Files | _Test | _Next] = TypeAdapter(_Files | _Test | _Next)


class Control(SqsQueue):
    def go_on(self, lot: Lot, *, in_seconds: int = 0) -> None:
        """Queue the reading of a lot's next lines, to be delivered after ``in_seconds``, 900 at most."""
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
                named = (lot_files.named(unquote_plus(each.key)) for each in files)
                return Uploaded(tuple(each for each in named if each))
        return Uploaded(())
