"""What DIAN answers → outcomes. Pure.

An HTTP 200 proves nothing: IsValid and StatusCode decide. Sources: Anexo Técnico 1.9, 7 (operations and their
answers), the WSDL, and answers of the live service. An undocumented code is an unknown outcome: ask.
"""

import base64
import binascii
import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from cauce.domain import acquirer as domain_acquirer
from cauce.domain.acquirer import Acquirer
from cauce.domain.errors import Conflict, CredentialsRejected, NotFound, NotSent, OutcomeUnknown
from cauce.domain.outcome import (
    Accepted,
    AlreadyProcessed,
    AnswerFacts,
    Identity,
    Message,
    Origin,
    Outcome,
    Pending,
    Rejected,
    is_rule_90,
)
from cauce.domain.texts import folded, unaccented
from cauce.ubl import reading

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

EVENT_REPEATED = "LGC01"
"""Rule: that event of that invoice was registered before."""

_OF_SIGNER = frozenset({"ZD04", "ZD05", "ZD07"})
"""Rules about the certificate that signed a document: revoked, of an untrusted chain, not valid at the time."""

ZIP_KEY, ZIP_UUID = "zip_key", "zip_uuid"
"""Names among provider ids, for an asynchronous sending: the key of its batch, by which DIAN is asked, and the
identifier of the document in it. The batch of an earlier attempt says nothing about a correction, which has another
identifier."""

# «Regla: FAJ40, Notificación: …»; the annex's own examples have neither comma nor severity.
_SENTENCE = re.compile(
    r"\s*Regla:\s*([A-Za-z0-9]{1,20})\s*,?\s*(?:(Rechazo|Notificacion)\s*:)?", re.IGNORECASE
)
_IDENTIFIER = re.compile(r"[0-9a-f]{96}")
# «Documento con CUFE '…' procesado anteriormente.»
_NAMED = re.compile(r"\b[0-9a-f]{96}\b")
# ResponseCode of an ApplicationResponse: «Documento rechazado por la DIAN».
_REFUSED = "04"
# «SIGNPLGNS» and the like: a part of DIAN's own validator broke down, and nothing was decided.
_PLUGIN = "PLGNS"


@dataclass(frozen=True, kw_only=True)
class Reply:
    """A DianResponse, and the body that it came in."""

    is_valid: bool
    code: str
    description: str
    message: str
    sentences: tuple[Message, ...]
    """All sentences, as they came, of either severity."""
    key: str | None
    """CUFE, CUDE or CUDS of the document that the answer is about."""
    application_response: bytes
    """DIAN's signed ApplicationResponse; empty where the answer has none."""
    raw: bytes = field(repr=False)

    @property
    def said(self) -> str | None:
        return self.message or self.description or None

    @property
    def notices(self) -> tuple[Message, ...]:
        return tuple(m for m in self.sentences if not self._is_rejection(m))

    @property
    def rejections(self) -> tuple[Message, ...]:
        return tuple(m for m in self.sentences if self._is_rejection(m))

    @property
    def said_of_it(self) -> tuple[Message, ...]:
        """All that the answer says: its sentences, its message and its description."""
        return *self.sentences, *(_message(text) for text in (self.message, self.description) if text)

    @property
    def texts(self) -> str | None:
        return "; ".join(message.text for message in self.sentences) or self.said

    @cached_property
    def signed_answer(self) -> "Element | None":
        """The root of DIAN's ApplicationResponse; ``None`` where there is none that can be read."""
        return reading.parsed(self.application_response) if self.application_response else None

    @property
    def identifier(self) -> str | None:
        """Of the document that the answer is about; ``None`` where it has no key, or the key of a batch."""
        return self.key if self.key and _IDENTIFIER.fullmatch(self.key) else None

    def _is_rejection(self, message: Message) -> bool:
        """Whether a sentence is a rejection; one without a severity is, if the whole answer is."""
        found = _SENTENCE.match(unaccented(message.text))
        severity = (found[2] or "").lower() if found else ""
        return severity == "rechazo" if severity else not self.is_valid


def reply(result: "Element", raw: bytes) -> Reply:
    """A DianResponse element. Raises OutcomeUnknown where it does not say whether the document is valid."""
    valid = reading.text(result, "IsValid").lower()
    code = reading.text(result, "StatusCode")
    if valid not in ("true", "false"):
        raise OutcomeUnknown("La DIAN respondió sin decir si el documento es válido.", raw=raw)
    description = reading.text(result, "StatusDescription")
    errors = reading.child(result, "ErrorMessage")
    texts = [] if errors is None else [(each.text or "").strip() for each in reading.children(errors)]
    if not any(texts):  # then the description has the rules, if any, one a line
        texts = [line.strip() for line in description.splitlines() if _SENTENCE.match(unaccented(line))]
    key = reading.text(result, "XmlDocumentKey").lower()
    return Reply(
        is_valid=valid == "true",
        code=code,
        description=description,
        message=reading.text(result, "StatusMessage"),
        sentences=tuple(_message(text) for text in texts if text),
        key=key or None,
        application_response=_decoded(reading.text(result, "XmlBase64Bytes")),
        raw=raw,
    )


def replies(result: "Element", raw: bytes) -> list[Reply]:
    """The answers of a GetStatusZip, one for each document of the ZIP; none while DIAN has not opened it."""
    return [reply(each, raw) for each in reading.children(result) if reading.local(each) == "DianResponse"]


def of_sending(result: "Element", uuid: str | None, raw: bytes) -> Outcome:
    """The outcome of a document from the answer to its sending. Raises as ``outcome``, but OutcomeUnknown where DIAN
    says that it does not have what it has just received."""
    try:
        return outcome(reply(result, raw), uuid)
    except NotFound as contradiction:
        raise OutcomeUnknown("La DIAN no reconoce lo que acaba de recibir.", raw=raw) from contradiction


def outcome(found: Reply, uuid: str | None) -> Outcome:
    """What an answer means for the document that ``uuid`` identifies.

    Raises NotFound where DIAN has no such document, Conflict where another document has its number or the answer is
    about another, CredentialsRejected where nothing can be done until the operator acts, NotSent where DIAN broke
    down before it decided, OutcomeUnknown for an undocumented or contradictory answer.
    """
    if any(map(is_rule_90, found.said_of_it)):
        return _repeated(found, uuid)
    if uuid is not None and found.identifier not in (None, uuid):
        raise Conflict(f"La DIAN respondió sobre otro documento, el de identificador {found.identifier}.")
    decide = _BY_CODE.get(found.code)
    if decide is None:
        raise OutcomeUnknown(f"La DIAN respondió algo no documentado: «{found.code}».", raw=found.raw)
    return decide(found, uuid)


def batch_of(provider_ids: Mapping[str, str], uuid: str | None) -> str | None:
    """The key of the batch that a document was sent in; ``None`` where the last batch held another attempt at it."""
    return provider_ids.get(ZIP_KEY) if provider_ids.get(ZIP_UUID) == (uuid or "") else None


def of_batch(found: list[Reply], uuid: str | None, raw: bytes) -> Outcome | None:
    """The outcome of a document from the answer about its batch; ``None`` where DIAN must be asked by the document's
    own identifier: the batch held another attempt, was not processed, or was, without saying with what result."""
    if not found:
        return Pending(uuid=uuid, raw=raw)
    about = [each for each in found if each.identifier is None or uuid in (None, each.identifier)]
    if not about or about[0].code in _UNPROCESSED or (about[0].code == "0" and about[0].is_valid):
        return None
    return outcome(about[0], uuid)


def is_event_repeated(refusal: Rejected) -> bool:
    """Whether an event was refused only because DIAN has it already."""
    return {message.rule for message in refusal.rejections} == {EVENT_REPEATED}


def names_signer(refusal: Rejected) -> bool:
    """Whether the certificate that signed the document is among the reasons of a refusal."""
    return any(message.rule in _OF_SIGNER for message in refusal.rejections)


def is_for_signer(refusal: Rejected) -> bool:
    """Whether the certificate that signed the document is the only reason of a refusal."""
    return names_signer(refusal) and all(message.rule in _OF_SIGNER for message in refusal.rejections)


def submitted(result: "Element", uuid: str | None, raw: bytes) -> Pending | AlreadyProcessed:
    """The outcome of an asynchronous sending: pending, with the key of its batch, by which DIAN is asked.

    Raises CredentialsRejected where DIAN did not take the file, for its name, its ZIP, its sender or the test set.
    """
    key = reading.text(result, "ZipKey")
    listed = reading.child(result, "ErrorMessageList")
    failures = [] if listed is None else reading.children(listed)
    said = tuple(_message(text) for each in failures if (text := reading.text(each, "ProcessedMessage")))
    if key:
        return Pending(uuid=uuid, provider_ids={ZIP_KEY: key, ZIP_UUID: uuid or ""}, raw=raw)
    texts = "; ".join(message.text for message in said)
    if any(map(is_rule_90, said)):
        return AlreadyProcessed(uuid=uuid, status_message=texts, raw=raw)
    if said:
        raise CredentialsRejected(f"La DIAN no recibió el archivo: {texts}")
    raise OutcomeUnknown("La DIAN no dio la llave del envío.", raw=raw)


def xml(result: "Element", raw: bytes) -> bytes | None:
    """The XML in an EventResponse (GetXmlByDocumentKey); ``None`` where DIAN has the document, not yet its XML."""
    code, said = reading.text(result, "Code"), reading.text(result, "Message")
    content = _decoded(reading.text(result, "XmlBytesBase64"))
    if code == "100" and content:
        return content
    if code == "206":
        return None
    if code == "404":
        raise NotFound(said or "La DIAN no tiene el XML del documento.")
    if code == "401":
        raise CredentialsRejected(f"La DIAN no permite descargar el documento: {said}")
    raise OutcomeUnknown(f"La DIAN no entregó el XML: {said or code}", raw=raw)


def _accepted(found: Reply, uuid: str | None) -> Outcome:
    if not found.is_valid:
        raise OutcomeUnknown("La DIAN dice «procesado» y «no válido» a la vez.", raw=found.raw)
    if found.rejections:
        raise OutcomeUnknown("La DIAN dice «procesado» y «rechazo» a la vez.", raw=found.raw)
    verdict, about = _signed_verdict(found)
    if verdict == _REFUSED:
        raise OutcomeUnknown("La DIAN dice «procesado», y su respuesta firmada, «rechazado».", raw=found.raw)
    if uuid is not None and about not in (None, uuid):
        raise Conflict(
            f"La respuesta firmada de la DIAN es sobre otro documento, el de identificador {about}."
        )
    return Accepted(**_facts(found, uuid), validated_at=_validated_at(found), notices=found.notices)


def _repeated(found: Reply, uuid: str | None) -> Outcome:
    """Rule 90: DIAN has a document of that number, which must be read. Our identifier in the answer proves nothing,
    since DIAN may only repeat what was sent. Raises Conflict where the answer names another identifier."""
    words = " ".join(message.text.lower() for message in found.said_of_it if is_rule_90(message))
    others = {found.identifier, *_NAMED.findall(words)} - {None, uuid}
    if uuid is not None and others:
        raise Conflict(
            f"La DIAN ya tiene otro documento con ese número, el de identificador {min(others)}. Si no es este, "
            "descártelo y emítalo con otra referencia: tomará el número siguiente.",
            field="prefix",
        )
    notices = tuple(message for message in found.notices if not is_rule_90(message))
    return AlreadyProcessed(**_facts(found, uuid), notices=notices)


def _rejected(found: Reply, uuid: str | None) -> Outcome:
    if found.is_valid:
        raise OutcomeUnknown("La DIAN dice «con errores» y «válido» a la vez.", raw=found.raw)
    if found.rejections and all((m.rule or "").endswith(_PLUGIN) for m in found.rejections):
        return _broken_down(found, uuid)
    said = found.rejections or (_message(found.said or "La DIAN rechazó el documento."),)
    return Rejected(**_facts(found, uuid), notices=found.notices, rejections=said)


def _pending(found: Reply, uuid: str | None) -> Outcome:
    return Pending(**_facts(found, uuid))


def _uncoded(found: Reply, uuid: str | None) -> Outcome:
    """«Batch en proceso de validación.» comes without a code."""
    if "en proceso" in folded(found.said or ""):
        return _pending(found, uuid)
    raise OutcomeUnknown("La DIAN respondió sin código.", raw=found.raw)


def _absent(found: Reply, uuid: str | None) -> Outcome:
    """Raise NotFound where DIAN says in words that it has no such document: the same code also comes with «Error al
    generar ApplicationResponse», and without any text."""
    said = folded(found.said or "")
    if not any(words in said for words in ("no existe", "no encontrad")):
        raise OutcomeUnknown(f"La DIAN no pudo responder: {found.said or 'no dice por qué'}", raw=found.raw)
    raise NotFound(found.said or f"La DIAN no tiene el documento {uuid}.")


def _misconfigured(found: Reply, _uuid: str | None) -> Outcome:
    """DIAN did not process the document, nor will it: for the certificate's NIT, an authorisation or the file."""
    raise CredentialsRejected(f"La DIAN no procesó la solicitud: {found.texts}")


def _broken_down(found: Reply, _uuid: str | None) -> Outcome:
    raise NotSent(f"La DIAN falló al validar: {found.texts}", raw=found.raw, arrived=True)


_AFTERWARDS = "quite «test_set_id» (en documentos equivalentes, «equivalent_test_set_id») y emita de nuevo."


def _test_set_over(found: Reply, uuid: str | None) -> Outcome:
    """The test set takes no more documents, so this one exists nowhere. The same code comes with refusals."""
    said = folded(found.said or "")
    of_no_rule = (folded(each.text) for each in found.sentences if each.rule is None)
    if any("no autorizado" in text for text in (said, *of_no_rule)):
        return _misconfigured(found, uuid)
    if found.rejections or "aceptado" not in said:
        return _rejected(found, uuid)
    text = f"{found.said or 'El set de pruebas ya fue aceptado'}: {_AFTERWARDS}"
    return Rejected(**_facts(found, uuid), rejections=(_message(text),))


_BY_CODE: dict[str, Callable[[Reply, str | None], Outcome]] = {
    "00": _accepted,
    "0": _pending,  # «En Proceso»; and «Procesado Correctamente», which GetStatus must confirm
    "2": _test_set_over,
    "66": _absent,
    "89": _misconfigured,
    "90": _misconfigured,  # as 89, of an older service: the NIT may not send for this issuer
    "98": _pending,
    "99": _rejected,
    "500": _broken_down,
    "": _uncoded,
}


# Codes of a batch that was not processed: DIAN is then asked by the document's own identifier.
_UNPROCESSED = frozenset({"66", "89", "90", "500"})


def _facts(found: Reply, uuid: str | None) -> AnswerFacts:
    return {
        "uuid": uuid or found.identifier,
        "status_code": found.code or None,
        "status_message": found.said,
        "about": Identity(uuid=found.identifier),
        "raw": found.raw,
    }


def _signed_verdict(found: Reply) -> tuple[str, str | None]:
    """The code in DIAN's ApplicationResponse (empty without one), and the identifier of the document that it is about
    (``None`` where it does not say)."""
    answer = found.signed_answer
    if answer is None:
        return "", None
    about = reading.text(answer, "DocumentResponse", "DocumentReference", "UUID").lower()
    code = reading.text(answer, "DocumentResponse", "Response", "ResponseCode")
    return code, about if _IDENTIFIER.fullmatch(about) else None


def _validated_at(found: Reply) -> datetime | None:
    """The date and time of DIAN's ApplicationResponse; ``None`` where there is none, or it has no such time."""
    answer = found.signed_answer
    if answer is None:
        return None
    try:
        at = datetime.fromisoformat(
            f"{reading.text(answer, 'IssueDate')}T{reading.text(answer, 'IssueTime')}"
        )
    except ValueError:
        return None
    return at if at.tzinfo else None


def _message(text: str) -> Message:
    """A sentence; some come with entities of HTML inside («Notificaci&#243;n»)."""
    text = html.unescape(text)
    found = _SENTENCE.match(unaccented(text))
    return Message(text=text, rule=found[1] if found else None, origin=Origin.DIAN)


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return b""


# [inferred] Of GetAcquirer only the fields are documented (WSDL, AdquirienteResponse). These codes are refusals and
# faults wherever else DIAN uses them; any other one without a name is read as that DIAN knows nobody.
_NOT_ALLOWED = frozenset({"89", "401"})


def acquirer(result: "Element", raw: bytes) -> Acquirer:
    """The buyer in an AdquirienteResponse. Raises NotFound where it names nobody, CredentialsRejected where the
    issuer may not ask, NotSent where DIAN's own part broke down."""
    code = reading.text(result, "StatusCode")
    found = domain_acquirer.told(reading.text(result, "ReceiverName"), reading.text(result, "ReceiverEmail"))
    if found is not None and code not in _NOT_ALLOWED:
        return found
    if code in _NOT_ALLOWED:
        raise CredentialsRejected(f"La DIAN no deja al emisor consultar adquirientes (código {code}).")
    if code.startswith("5") or not code:
        raise NotSent(f"La DIAN no pudo consultar el adquiriente (código {code or 'vacío'}).", raw=raw)
    raise NotFound("La DIAN no tiene el nombre de este adquiriente.")
