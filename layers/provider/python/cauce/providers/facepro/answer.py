"""What FacEPro answers → facts and outcomes. Pure.

Sources: seed 002, «Respuesta 201 Created», «Consultar estado en DIAN», «Códigos de error», «Mejores prácticas».
The document comes under ``data`` (create, list), under ``documento`` (consult) or, as the page's samples read it,
at the root (detail).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import Enum, StrEnum

from cauce.domain.document import Kind
from cauce.domain.outcome import (
    Accepted,
    AlreadyProcessed,
    AnswerFacts,
    Identity,
    Message,
    Number,
    Outcome,
    Pending,
    Rejected,
    is_rule_90,
    rule_in,
    undoubted,
)
from cauce.domain.texts import folded
from cauce.domain.time import BOGOTA, bogota
from cauce.providers import loose
from cauce.providers.base import REFUSED, Refs
from cauce.providers.facepro.names import path_of

NAME = "FacEPro Cloud"


class Meaning(Enum):
    """What an HTTP status says about a call («Códigos de error»). Any other is UNKNOWN: ask before repeating."""

    ANSWER = (200, 201)
    CREDENTIALS = (401,)
    FORBIDDEN = (403,)
    ABSENT = (404,)
    INVALID = (422,)
    QUOTA = (429,)
    UNKNOWN = (500,)


MEANINGS = {status: meaning for meaning in Meaning for status in meaning.value}


class Estado(StrEnum):
    """FacEPro's four states; «solo aceptado significa que la DIAN validó»."""

    ACCEPTED = "aceptado"
    REJECTED = "rechazado"
    PENDING = "pendiente"
    FAILED = "fallido"
    """Undefined on the page: ask again rather than assume that nothing was delivered."""


# FacEPro's word for an invoice is documented. Those for notes are inferred, so any spelling of them is read, and an
# unknown word decides nothing (``search``).
_KINDS = {
    "factura": Kind.INVOICE,
    "notacredito": Kind.CREDIT_NOTE,
    "nc": Kind.CREDIT_NOTE,
    "notadebito": Kind.DEBIT_NOTE,
    "nd": Kind.DEBIT_NOTE,
}
_NO_REASON = (Message(text="La DIAN rechazó el documento; FacEPro Cloud no dice por qué."),)
_UBL_ROOTS = frozenset({"Invoice", "CreditNote", "DebitNote", "AttachedDocument"})


@dataclass(frozen=True, kw_only=True)
class Facts:
    """A document as FacEPro shows it."""

    tracking_id: str
    full_number: str | None
    number: Number | None
    tipo: str | None
    issued_at: datetime | None
    counterparty: str | None
    counterparty_name: str | None
    total: Decimal | None
    uuid: str | None
    zip_key: str | None
    estado: str
    status_code: str | None
    status_message: str | None
    last_error: str | None
    links: dict[str, str] = field(default_factory=dict)

    @property
    def kind(self) -> Kind | None:
        return _KINDS.get(_folded(self.tipo or ""))

    @property
    def ids(self) -> dict[str, str]:
        return {"tracking_id": self.tracking_id, **({"zip_key": self.zip_key} if self.zip_key else {})}

    @property
    def identity(self) -> Identity:
        return Identity(
            number=str(self.number) if self.number else None,
            counterparty=self.counterparty,
            payable=self.total,
            issued_on=bogota(self.issued_at).date() if self.issued_at else None,
            uuid=self.uuid,
            kind=self.kind,
            ids={"tracking_id": self.tracking_id},
        )


def document(raw: bytes) -> Facts:
    """The document in an answer, in any of its places. Raises OutcomeUnknown where there is none."""
    envelope = loose.payload_of(NAME, raw)
    inside = (envelope.get("data"), envelope.get("documento"), envelope)
    return facts(raw, next(part for part in inside if isinstance(part, dict)))


def facts(raw: bytes, row: Mapping[str, object]) -> Facts:
    """A document from its JSON. Raises OutcomeUnknown without an id or a state, or for an unreadable number."""
    tracking_id, estado = loose.text(row.get("tracking_id")), loose.text(row.get("estado"))
    if tracking_id is None or estado is None:
        raise loose.unreadable(NAME, raw)
    # sic: «adquirente» in answers, «adquiriente» in requests.
    buyer, totals = loose.mapping(row.get("adquirente")), loose.mapping(row.get("totales"))
    return Facts(
        tracking_id=tracking_id,
        full_number=loose.text(row.get("numero_completo")),
        number=_number(raw, loose.text(row.get("prefijo")) or "", row.get("consecutivo")),
        tipo=loose.text(row.get("tipo_documento")),
        issued_at=_moment(row.get("fecha_emision")),
        counterparty=loose.text(buyer.get("documento")),
        counterparty_name=loose.text(buyer.get("razon_social")),
        total=loose.amount(totals.get("total")),
        uuid=loose.uuid(row.get("cufe")),
        zip_key=loose.text(row.get("zip_key")),
        estado=estado.lower(),
        status_code=loose.text(row.get("estado_dian_codigo")),
        status_message=loose.text(row.get("estado_dian_mensaje")),
        last_error=loose.text(row.get("ultimo_error")),
        links={name: link for name, link in loose.mapping(row.get("links")).items() if isinstance(link, str)},
    )


def outcome(raw: bytes) -> Outcome:
    """The verdict in an answer about one document: accepted only with its CUFE; rule 90 is no refusal."""
    found = document(raw)
    dian = loose.mapping(loose.payload_of(NAME, raw).get("dian"))
    said = _messages(dian.get("errors"))
    known: AnswerFacts = {
        "number": found.number,
        "uuid": found.uuid,
        "issued_at": found.issued_at,
        "payable": found.total,
        "status_code": loose.text(dian.get("status_code")) or found.status_code,
        "status_message": loose.text(dian.get("status_description")) or found.status_message,
        "provider_ids": found.ids,
        "about": found.identity,
        "raw": raw,
    }
    repeated = any(map(is_rule_90, (*said, *_told(found))))
    if found.estado == Estado.ACCEPTED and found.uuid and not (repeated and dian.get("is_valid") is not True):
        return Accepted(**known, notices=said)
    if repeated:
        notices = filter(_is_notice, said)
        return AlreadyProcessed(**known, notices=tuple(each for each in notices if not is_rule_90(each)))
    if found.estado == Estado.REJECTED:
        return _refused(found, said, known)
    if found.estado != Estado.PENDING:  # an ERP sees «pendiente»: the message has FacEPro's word
        stated = (f"FacEPro Cloud lo da por «{found.estado}»", found.last_error, known["status_message"])
        known["status_message"] = ": ".join(filter(None, stated))
    return Pending(**known, notices=said)


def _refused(found: Facts, said: tuple[Message, ...], known: AnswerFacts) -> Rejected:
    """The refusal, its id marked as a refused attempt's. FacEPro keeps the document, but it need not be discarded:
    its correction takes the next number."""
    marked = {**found.ids, REFUSED + found.tracking_id: found.full_number or ""}
    about: AnswerFacts = {**known, "provider_ids": marked}
    return Rejected(
        **about,
        rejections=tuple(each for each in said if not _is_notice(each)) or _told(found) or _NO_REASON,
        notices=tuple(filter(_is_notice, said)),
        stored=False,
    )


def _is_notice(message: Message) -> bool:
    return "notificacion" in _folded(message.text)


def _number(raw: bytes, prefix: str, consecutive: object) -> Number | None:
    if consecutive is None:
        return None
    try:
        return Number.model_validate({"prefix": prefix, "consecutive": loose.whole(consecutive)})
    except ValueError as cause:
        raise loose.unreadable(NAME, raw) from cause


def alive(refs: Refs) -> str | None:
    """The id of the attempt that is asked about; ``None`` where only a rejected attempt's is known, or none."""
    tracking_id = refs.provider_ids.get("tracking_id")
    return None if tracking_id in refs.refused else tracking_id


def invalid(raw: bytes) -> Rejected | AlreadyProcessed:
    """The outcome of a 422, each sentence with its field's path: nothing was stored. Rule 90 is no refusal."""
    envelope = loose.payload_of(NAME, raw)
    error = loose.text(envelope.get("error")) or loose.text(envelope.get("message"))
    errors = [
        _field_message(path, sentence)
        for path, sentences in loose.mapping(envelope.get("errors")).items()
        for sentence in (sentences if isinstance(sentences, list) else [sentences])
    ]
    if not errors:
        errors = [_message(error or "FacEPro Cloud rechazó los datos sin decir por qué.")]
    return undoubted(Rejected(rejections=tuple(errors), stored=False, status_message=error, raw=raw))


def signed_xml(raw: bytes) -> bytes:
    """The body, which must be a whole UBL document. Raises OutcomeUnknown for a page of HTML, or half a document."""
    from xml.parsers import expat

    roots: list[str] = []
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = lambda name, _: None if roots else roots.append(name.split(" ")[-1])
    try:
        parser.Parse(raw.lstrip(), True)
    except (
        expat.ExpatError,
        ValueError,
        LookupError,
    ) as cause:  # the last two for the encoding that it declares
        raise loose.unreadable(NAME, raw) from cause
    if roots[0] not in _UBL_ROOTS:
        raise loose.unreadable(NAME, raw)
    return raw


def _field_message(path: str, sentence: object) -> Message:
    field = path_of(path)
    return Message(text=str(sentence), field=field) if field else _message(f"{path}: {sentence}")


def _messages(errors: object) -> tuple[Message, ...]:
    """DIAN's sentences, each once. The page shows none, so a list, a map and a single sentence are all read."""
    if isinstance(errors, dict):
        errors = list(errors.values())
    found = [entry for entry in (errors if isinstance(errors, list) else [errors]) if entry]
    return tuple(dict.fromkeys(_message(str(entry)) for entry in found))


def _message(text: str) -> Message:
    return Message(text=text, rule=rule_in(text))


def _told(found: Facts) -> tuple[Message, ...]:
    """What the document itself, and not DIAN's answer, says of its verdict."""
    told = dict.fromkeys(text for text in (found.status_message, found.last_error) if text)
    return tuple(_message(text) for text in told)


def _folded(text: str) -> str:
    """Letters alone, without case or accents: ``Nota_Crédito`` and ``nota-credito`` are one word."""
    return re.sub(r"[^a-z]", "", folded(text))


def _moment(value: object) -> datetime | None:
    """``"2026-05-10T15:30:00-05:00"`` to the second; Bogotá's where it names no zone, ``None`` without a time."""
    if not isinstance(value, str) or ":" not in value:
        return None
    try:
        found = datetime.fromisoformat(value.strip())
        zoned = found if found.tzinfo else found.replace(tzinfo=BOGOTA)
        return zoned.astimezone(BOGOTA).replace(microsecond=0)
    except (ValueError, OverflowError):
        return None
