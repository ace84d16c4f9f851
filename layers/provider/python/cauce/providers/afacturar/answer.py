"""What Afacturar answers → what it means: the table of its codes, and the outcome of an event. Pure.

Source: seed 003. The codes are Afacturar's own (11, 15), libcurl's (28) and HTTP's. No page says which HTTP status
goes with them, so the body decides; the status does only where there is no code to read.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from cauce.domain.document import Kind
from cauce.domain.errors import CauceError, Conflict, CredentialsRejected, NotSent, OutcomeUnknown
from cauce.domain.issuer import Environment
from cauce.domain.outcome import (
    Accepted,
    Identity,
    Message,
    Outcome,
    Pending,
    Rejected,
    is_rule_90,
)
from cauce.domain.texts import folded
from cauce.providers import loose
from cauce.providers.afacturar import values
from cauce.providers.base import EventSeen


class Meaning(Enum):
    """What a code says about a call. One that is not here is UNKNOWN: ask before repeating."""

    OK = (0,)
    # 10 is on the page «legítimo tenedor» alone, with a list of sentences as 11 has.
    REFUSED = (10, 11, 400, 422)
    DIAN = (15,)
    # 409: the token is not this issuer's; elsewhere it is a blocked queue or a range.
    CREDENTIALS = (401, 403, 409)
    MISROUTED = (404, 405, 415)
    THROTTLED = (429,)
    # 28: Afacturar gave up after 60 s; DIAN may have gone on.
    UNKNOWN = (28, 500, 503)


MEANINGS = {code: meaning for meaning in Meaning for code in meaning.value}

# 120 calls a minute; an answer does not say when the minute began.
WINDOW_SECONDS = 60.0

# The rule by which DIAN refuses an event that the invoice has already.
_EVENT_REPEATED = "LGC01"


@dataclass(frozen=True)
class Reply:
    """An answer and its meaning. ``body`` is empty where the answer was no JSON object."""

    meaning: Meaning
    code: int | None
    body: Mapping[str, object]
    raw: bytes

    @property
    def messages(self) -> tuple[Message, ...]:
        return values.messages(self.body.get("descripcion_error"), self.body.get("ErrorMessage_DIAN"))


def reply(raw: bytes, status: int) -> Reply:
    """The answer in a body and its HTTP status. HTML with status 200 is UNKNOWN, as half a body is."""
    body = loose.payload(raw) or {}
    code = values.whole(body.get("codigo_error"))
    if code is None:
        # Refusals by Laravel itself, or by a proxy before it, do not have Afacturar's code.
        meaning = MEANINGS.get(status, Meaning.UNKNOWN) if status >= 400 else Meaning.UNKNOWN
        return Reply(meaning, None, body, raw)
    if code == 11 and _is_about_the_token(body.get("descripcion_error")):
        return Reply(Meaning.CREDENTIALS, code, body, raw)
    return Reply(MEANINGS.get(code, Meaning.UNKNOWN), code, body, raw)


def trouble(reply: Reply) -> CauceError:
    """The error to raise for an answer that is no verdict."""
    said = "; ".join(message.text for message in reply.messages)
    detail = f"«{said}»" if said else f"código {reply.code}"
    match reply.meaning:
        case Meaning.CREDENTIALS:
            return CredentialsRejected(f"Afacturar rechazó el token o el plan: {detail}.")
        case Meaning.MISROUTED:
            return CredentialsRejected(
                f"Afacturar no atiende esta ruta: {detail}. Revise base_url y las rutas configuradas."
            )
        case Meaning.THROTTLED:
            return NotSent("Afacturar limita las solicitudes.", retry_after=WINDOW_SECONDS, raw=reply.raw)
        case _:
            return OutcomeUnknown(f"Afacturar respondió {detail}.", raw=reply.raw)


def rejected(reply: Reply) -> Rejected:
    """A refusal, of the request (11, 400, 422) or by DIAN (15): nothing was registered."""
    said = reply.messages or (Message(text=f"Afacturar rechazó la solicitud con el código {reply.code}."),)
    return Rejected(
        rejections=said,
        status_code=str(reply.code) if reply.code is not None else None,
        status_message=said[0].text,
        raw=reply.raw,
    )


def is_event_repeated(refusal: Rejected) -> bool:
    """Whether DIAN refuses an event because it has the event already."""
    return any(message.rule == _EVENT_REPEATED or is_rule_90(message) for message in refusal.rejections)


def declared(reply: Reply, environment: Environment) -> Outcome:
    """The outcome of an event that was taken. Raises Conflict where it went to the other environment.

    Without its CUDE, or with a «Rechazo» among DIAN's sentences, it is pending, and the history is asked later.
    """
    found = reply.body.get("resultado")
    event = found if isinstance(found, dict) else {}
    cude = loose.uuid(event.get("cude"))
    sentence = values.text(reply.body.get("entorno"))
    _check_environment(sentence, environment, cude)
    notices = values.messages(reply.body.get("ErrorMessage_DIAN"))
    ids = {
        "numero_evento": values.text(event.get("numero_evento")),
        "url_representacion_xml": values.text(event.get("url_representacion_xml")),
        "transaccion": values.text(reply.body.get("transaccion")),
    }
    is_doubtful = cude is None or any(map(values.is_rejection, notices))
    verdict: type[Accepted | Pending] = Pending if is_doubtful else Accepted
    return verdict(
        uuid=cude,
        status_code=str(reply.code),
        status_message=sentence or values.text(reply.body.get("descripcion_error")),
        notices=notices,
        provider_ids={name: value for name, value in ids.items() if value},
        about=Identity(kind=Kind.EVENT, uuid=cude),
        raw=reply.raw,
    )


def seen(reply: Reply) -> list[EventSeen]:
    """The events of a history. Raises OutcomeUnknown where the answer is none: an error is not «no events»."""
    return [
        EventSeen(
            code=values.text(row.get("codigo")) or "",
            uuid=loose.uuid(row.get("cude")),
            number=values.text(row.get("identificacion_evento")),
            description=values.text(row.get("descripcion")),
            at=values.moment(row.get("fecha")),
            sender=values.text(row.get("emisor_identificacion")),
            receiver=values.text(row.get("receptor_identificacion")),
        )
        for row in rows(reply)
    ]


def rows(reply: Reply) -> list[Mapping[str, object]]:
    """The rows of ``resultado``; null is an empty list. Raises OutcomeUnknown where it is anything but rows."""
    found = reply.body.get("resultado", ())
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise loose.unreadable(values.NAME, reply.raw)
    return found


def _is_about_the_token(said: object) -> bool:
    """Whether a code 11 is about the token, as one of another issuer: then it has a text; for wrong input, a list."""
    return isinstance(said, str) and "token" in folded(said)


def _check_environment(sentence: str | None, environment: Environment, cude: str | None) -> None:
    """Raise Conflict where, by the answer, the event went to the other environment than the issuer's."""
    if sentence is None:
        return
    in_production = "produccion" in folded(sentence)
    if in_production is not (environment is Environment.PRODUCTION):
        raise Conflict(
            f"Afacturar registró el evento {cude or '(sin CUDE)'} en otro ambiente que el del emisor: "
            f"«{sentence}»; revise base_url y las credenciales."
        )
