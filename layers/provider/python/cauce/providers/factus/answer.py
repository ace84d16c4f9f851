"""What Factus answers → facts and outcomes. Pure.

Sources: «manejo de respuestas» (the truth table of status and errors), «respuestas del API» (the statuses),
seed 001 and the examples of each page. What they leave open is decided beside each rule.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import Enum

from cauce.domain.document import Kind
from cauce.domain.errors import Conflict
from cauce.domain.issuer import Environment
from cauce.domain.money import CENT
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
from cauce.providers import loose
from cauce.providers.factus import values
from cauce.providers.factus.names import path_of
from cauce.providers.factus.routes import RESOURCES
from cauce.providers.identity import plain


class Meaning(Enum):
    """What an HTTP status says about a call. One that is not here is UNKNOWN: ask before repeating."""

    DOCUMENT = (200, 201)
    BLOCKED = (409,)
    INVALID = (422,)
    REFUSED = (400, 413)
    CREDENTIALS = (401, 402, 403)
    # The address or the version is wrong (v2 must be enabled for the credentials), which only the operator can mend.
    MISROUTED = (404, 405, 406, 415)
    THROTTLED = (429,)
    # 204 has no body to say what was created; 5xx may come after the document was stored.
    UNKNOWN = (204, 500, 503)


MEANINGS = {status: meaning for meaning in Meaning for status in meaning.value}

# Most of DIAN's rules have letters; a few, 90 among them, are digits alone.
_RULE_KEY = re.compile(r"[A-Z]{2,5}\d{1,3}[a-z]?\d*|[1-9]\d{1,2}")
_TEST_HOST, _PRODUCTION_HOST = "catalogo-vpfe-hab.dian.gov.co", "catalogo-vpfe.dian.gov.co"


@dataclass(frozen=True, kw_only=True)
class Facts:
    """A document as Factus shows it, whichever form the answer has."""

    reference: str | None
    number: Number | None
    uuid: str | None
    validated: bool
    validated_at: datetime | None = None
    created_at: datetime | None
    total: Decimal | None
    counterparty: str | None
    counterparty_name: str | None
    errors: tuple[Message, ...]
    qr: str | None
    lines: int
    company: str | None = None
    """NIT of its issuer."""
    provider_ids: dict[str, str] = field(default_factory=dict)
    message: str | None = None

    def identity(self, environment: Environment) -> Identity:
        """What the document says about itself; in the sandbox not its issuer, since Factus issues everybody's
        documents there in the name of one company."""
        return Identity(
            number=str(self.number) if self.number else None,
            counterparty=self.counterparty,
            payable=self.total,
            issuer=self.company if environment is Environment.PRODUCTION else None,
            uuid=self.uuid,
            reference=self.reference,
        )


def document(raw: bytes, kind: Kind) -> Facts:
    """The document in an answer to create or show: v1 wraps it (``data.bill``), v2 does not.

    Raises OutcomeUnknown where there is none, or its number cannot be read.
    """
    envelope = loose.payload_of(values.NAME, raw)
    data = envelope.get("data")
    if not isinstance(data, dict):
        raise loose.unreadable(values.NAME, raw)
    wrapped = data.get(RESOURCES[kind].wrapper)
    row = wrapped if isinstance(wrapped, dict) else data
    found = _facts(raw, kind, row, data, message=values.text(envelope.get("message")))
    if found.number is None and values.text(row.get("number")):
        raise loose.unreadable(values.NAME, raw)
    return found


def listed(raw: bytes, kind: Kind, row: values.Row) -> Facts:
    """The document in one row of a list, which lacks its UUID."""
    return _facts(raw, kind, row, row, message=None)


def outcome(facts: Facts, raw: bytes, environment: Environment) -> Outcome:
    """The verdict. Raises Conflict where the document was issued in the other environment.

    The truth table of «manejo de respuestas»: validated is accepted whatever the errors say; not validated is
    rejected if some error says «Rechazo», else DIAN has yet to answer. Without its UUID nothing is accepted.
    """
    _check_environment(facts, environment)
    common: AnswerFacts = {
        "number": facts.number,
        "uuid": facts.uuid,
        "issued_at": facts.created_at,
        "payable": facts.total,
        "status_message": facts.message,
        "provider_ids": facts.provider_ids,
        "about": facts.identity(environment),
        "raw": raw,
    }
    if facts.validated and facts.uuid:
        return Accepted(**common, validated_at=facts.validated_at, notices=facts.errors)
    rejections = tuple(error for error in facts.errors if is_rejection(error.text))
    notices = tuple(error for error in facts.errors if error not in rejections)
    if is_known_to_dian(facts):
        return AlreadyProcessed(**common, notices=tuple(each for each in notices if not is_rule_90(each)))
    if rejections and not facts.validated:
        return Rejected(**common, rejections=rejections, notices=notices, stored=True)
    return Pending(**common, notices=facts.errors)


def is_known_to_dian(facts: Facts) -> bool:
    """Whether DIAN refused it because it had processed a document of its number before (rule 90): it may be valid."""
    return not facts.validated and any(map(is_rule_90, facts.errors))


def invalid(raw: bytes) -> Rejected | AlreadyProcessed:
    """The outcome of a 422. If its errors are DIAN's rules, the document was stored and blocks the next one; if they
    are about fields, nothing was stored. With rule 90 it is no refusal: DIAN has that number, usually for this very
    document."""
    envelope = loose.payload_of(values.NAME, raw)
    data = envelope.get("data")
    found = data.get("errors") if isinstance(data, dict) else envelope.get("errors")
    errors = messages(found)
    message = values.text(envelope.get("message"))
    rules = tuple(error for error in errors if error.rule)
    if not rules:
        refused = errors or (Message(text=message or "Factus rechazó la solicitud sin decir por qué."),)
        return undoubted(Rejected(rejections=refused, status_message=message, raw=raw))
    rejections = tuple(error for error in rules if is_rejection(error.text)) or rules
    notices = tuple(error for error in errors if error not in rejections)
    return undoubted(
        Rejected(rejections=rejections, notices=notices, stored=True, status_message=message, raw=raw)
    )


def refused(raw: bytes, status: int) -> Rejected | AlreadyProcessed:
    """A refusal of the request as such (400, 413): nothing was stored."""
    text = values.message_of(raw) or f"Factus respondió {status}."
    return undoubted(Rejected(rejections=(Message(text=text),), status_message=text, raw=raw))


def messages(errors: object) -> tuple[Message, ...]:
    """The errors of an answer, each once, from any of their shapes.

    Seen: a list of sentences; a map of rule to sentence; a map of field to sentences; a list of objects with
    ``code``, ``message`` and ``detail``; PHP's ``[]`` for none.
    """
    return tuple(dict.fromkeys(_message(text, key) for text, key in _said(errors)))


def _said(errors: object) -> Iterator[tuple[str, str]]:
    """The sentences of errors, each with its rule, its field or an empty text."""
    if isinstance(errors, dict):
        for key, value in errors.items():
            for text in value if isinstance(value, list) else [value]:
                yield str(text), str(key)
    elif isinstance(errors, list):
        for entry in errors:
            yield from _said_by(entry)
    elif errors:
        yield str(errors), ""


def _said_by(entry: object) -> Iterator[tuple[str, str]]:
    """As ``_said``, for one entry of a list."""
    if isinstance(entry, dict) and ("message" in entry or "detail" in entry):
        parts, code = (entry.get("message"), entry.get("detail")), entry.get("code")
        yield ": ".join(str(part) for part in parts if part), code if isinstance(code, str) else ""
    elif isinstance(entry, dict):
        yield from _said(entry)
    elif entry:
        yield str(entry), ""


def is_rejection(text: str) -> bool:
    """Whether a sentence is DIAN's «Rechazo», whatever its case and accents."""
    return "rechazo" in folded(text)


def check_same(facts: Facts, *, reference: str, counterparty: str, payable: Decimal) -> None:
    """Raise Conflict where the document is not the one we mean: other reference, other party, other total.

    Totals may differ by a cent a line: that is how far two ways of rounding can be apart.
    """
    other = []
    if facts.reference is not None and facts.reference != reference:
        other.append(f"su referencia es {facts.reference}")
    if facts.counterparty is not None and plain(facts.counterparty) != plain(counterparty):
        other.append("es de otro tercero")
    if facts.total is not None and abs(facts.total - payable) > CENT * max(facts.lines, 1):
        other.append(f"su total es {facts.total} y no {payable}")
    if other:
        where = f"El documento {facts.number or '(sin número)'} de Factus con la referencia {reference}"
        raise Conflict(f"{where} no es el nuestro: {'; '.join(other)}.", field="reference")


def _facts(raw: bytes, kind: Kind, row: values.Row, data: values.Row, *, message: str | None) -> Facts:
    """``row``: the document itself. ``data``: the object around it, in which v1 has party, items and range."""
    validated = values.flag(row["is_validated"] if "is_validated" in row else row.get("status"))
    if validated is None:
        raise loose.unreadable(values.NAME, raw)
    resource = RESOURCES[kind]
    party = loose.mapping(data.get(resource.party))
    numbering = loose.mapping(data.get("numbering_range"))
    totals = loose.mapping(row.get("totals"))
    links = loose.mapping(row.get("links"))
    number = values.text(row.get("number"))
    items = data.get("items")
    return Facts(
        reference=values.text(row.get("reference_code")),
        number=values.split(number, values.text(numbering.get("prefix"))) if number else None,
        uuid=loose.uuid(row.get(resource.uuid)),
        validated=validated,
        validated_at=values.moment(row.get("validated_at") or row.get("validated")),
        created_at=values.moment(row.get("created_at")),
        total=loose.amount(totals.get("total", row.get("total"))),
        counterparty=values.text(party.get("identification", row.get("identification"))),
        counterparty_name=_name(party) or _name(row),
        errors=messages(row.get("errors")),
        qr=values.text(row.get("qr")) or values.text(links.get("qr")),
        lines=len(items) if isinstance(items, list) else 1,
        company=values.text(loose.mapping(data.get("company")).get("nit")),
        provider_ids={"id": str(row["id"])} if row.get("id") is not None else {},
        message=message,
    )


def _check_environment(facts: Facts, environment: Environment) -> None:
    """Raise Conflict where the document was issued in the other environment. Only the host of its QR tells; base_url
    or credentials are then configured wrongly."""
    host = facts.qr.split("/")[2] if facts.qr and facts.qr.count("/") >= 2 else None
    if host not in (_TEST_HOST, _PRODUCTION_HOST):
        return
    found = Environment.TEST if host == _TEST_HOST else Environment.PRODUCTION
    if found is not environment:
        name = "pruebas" if found is Environment.TEST else "producción"
        raise Conflict(
            f"Factus emitió el documento {facts.number} en {name}, que no es el ambiente del emisor; "
            "revise base_url y las credenciales."
        )


def _message(text: str, key: str) -> Message:
    if rule := rule_in(text):
        return Message(text=text, rule=rule)
    if _RULE_KEY.fullmatch(key):
        return Message(text=text, rule=key)
    known = path_of(key) if key else None
    return Message(text=text if known or not key else f"{key}: {text}", field=known)


def _name(party: values.Row) -> str | None:
    for key in ("graphic_representation_name", "company", "names"):
        if party.get(key):
            return str(party[key])
    return None
