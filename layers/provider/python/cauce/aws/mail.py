"""Mail to buyers, by SES. A call is made once: SES knows no repetitions, and would send a second mail."""

from typing import TYPE_CHECKING, Literal, NamedTuple

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ConnectTimeoutError, EndpointConnectionError
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cauce import faults
from cauce.domain.errors import Conflict, NotSent, OutcomeUnknown
from cauce.domain.texts import cut

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client

CONFIG = faults.CONFIG.merge(Config(read_timeout=20, retries={"mode": "standard", "total_max_attempts": 1}))

# SES took nothing; the same mail may be taken later.
_LATER = {
    "TooManyRequestsException": 60.0,
    "Throttling": 60.0,
    "ThrottlingException": 60.0,
    "LimitExceededException": 3600.0,
    "SendingPausedException": 3600.0,
    "AccountSuspendedException": 3600.0,
}
# Tags by which SES's news of a mail name its record.
ISSUER, DOCUMENT = "issuer", "document"


class Fate(NamedTuple):
    """What SES tells of a mail that it took."""

    issuer: str
    document_id: str
    message_id: str
    is_spam: bool
    why: str
    """Spanish, and without the address."""


class _Told(BaseModel):
    """What another says; its schema is built when it is first read."""

    model_config = ConfigDict(defer_build=True)


class _Tags(_Told):
    issuer: list[str] = Field(min_length=1)
    document: list[str] = Field(min_length=1)


class _Sent(_Told):
    message_id: str = Field(validation_alias="messageId")
    tags: _Tags


class _Bounce(_Told):
    type: str = Field("Undetermined", validation_alias="bounceType")
    subtype: str = Field("Undetermined", validation_alias="bounceSubType")


class _Detail(_Told):
    event: Literal["Bounce", "Complaint", "Reject"] = Field(validation_alias="eventType")
    mail: _Sent
    bounce: _Bounce = Field(default_factory=_Bounce)


class _Event(_Told):
    """EventBridge's event of SES. Source: Amazon SES developer guide, «Contents of event data»."""

    detail: _Detail


_BOUNCES = {"Permanent": "rebote permanente", "Transient": "rebote temporal"}
# So SES also calls what answers by itself, as «out of office», though the mail arrived. Source: Amazon SES developer
# guide, «Bounce types».
_MAY_HAVE_ARRIVED = ("Transient", "General")


class Mail:
    def __init__(self, client: "SESV2Client", configuration_set: str, events_url: str):
        self._client = client
        self._set = configuration_set
        self.events = events_url.rpartition("/")[2] or "-"
        """The name of the queue of SES's news; none has the name «-»."""

    @property
    def is_set_up(self) -> bool:
        """Whether the stack sends mail at all."""
        return bool(self._set)

    @staticmethod
    def fate(body: str) -> Fate | None:
        """What a message of the queue of SES's news tells; ``None`` where it is not about a mail of ours."""
        try:
            told = _Event.model_validate_json(body).detail
        except (ValidationError, UnicodeEncodeError):
            return None
        match told.event:
            case "Complaint":
                why = "Quien lo recibió lo marcó como correo no deseado."
            case "Reject":
                why = "El servicio de correo lo rechazó por su contenido."
            case "Bounce" if (told.bounce.type, told.bounce.subtype) == _MAY_HAVE_ARRIVED:
                why = "Volvió una respuesta automática o un rebote temporal: puede que sí haya llegado."
            case "Bounce":
                kind = _BOUNCES.get(told.bounce.type, "rebote sin causa conocida")
                why = f"No se entregó: {kind} ({cut(told.bounce.subtype, 40)})."
        tags = told.mail.tags
        return Fate(tags.issuer[0], tags.document[0], told.mail.message_id, told.event == "Complaint", why)

    def send(self, raw: bytes, sender: str, receiver: str, *, issuer: str, document_id: str) -> str:
        """Send a mail, once; SES's id of it.

        Raises NotSent where it certainly was not sent and may be later, Conflict where SES refused it, OutcomeUnknown
        where nobody knows.
        """
        try:
            answer = self._client.send_email(
                FromEmailAddress=sender,
                Destination={"ToAddresses": [receiver]},
                Content={"Raw": {"Data": raw}},
                ConfigurationSetName=self._set,
                EmailTags=[{"Name": ISSUER, "Value": issuer}, {"Name": DOCUMENT, "Value": document_id}],
            )
        except ClientError as refused:
            raise _meaning(refused) from None  # the message may quote the address
        except (EndpointConnectionError, ConnectTimeoutError) as never_left:
            raise NotSent("No se pudo llamar al servicio de correo.") from never_left
        except BotoCoreError as lost:
            raise OutcomeUnknown("El servicio de correo no respondió.") from lost
        return str(answer["MessageId"])

    def is_verified(self, sender: str) -> bool | None:
        """Whether SES sends for an address, or for its domain; ``None`` where it does not say."""
        address = sender.rpartition("<")[2].rstrip("> ")
        for identity in (address, address.rpartition("@")[2]):
            try:
                found = self._client.get_email_identity(EmailIdentity=identity)
            except ClientError as refused:
                if refused.response["Error"].get("Code") == "NotFoundException":
                    continue
                return None
            except BotoCoreError:
                return None
            if found.get("VerifiedForSendingStatus"):
                return True
        return False


def _meaning(refused: ClientError) -> NotSent | Conflict | OutcomeUnknown:
    code = str(refused.response["Error"].get("Code", ""))
    if code in _LATER:
        return NotSent("El servicio de correo no recibe más por ahora.", retry_after=_LATER[code])
    if refused.response["ResponseMetadata"].get("HTTPStatusCode", 500) >= 500:
        return OutcomeUnknown(f"El servicio de correo falló ({code}).")
    return Conflict(f"El servicio de correo no aceptó el mensaje ({code}).")
