"""Facturatech's answers → facts, outcomes and errors. Pure. ``texts`` has what their texts mean."""

import base64
import binascii
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cauce.domain.document import Kind
from cauce.domain.errors import CauceError, CredentialsRejected, OutcomeUnknown
from cauce.domain.outcome import AlreadyProcessed, Message, Pending, Rejected, is_rule_90, rule_in
from cauce.providers.facturatech.names import field_in
from cauce.providers.facturatech.texts import Meaning
from cauce.ubl import reading

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

TRANSACTION = "transaccionID"

# Facturatech's misspelling included: «TrasactionID 5f3a…».
_TRANSACTION = re.compile(r"tra\w*c\w*ionid\W+([0-9a-f]{6,})", re.IGNORECASE)
_WARNINGS = re.compile(r"advertencias\s*:?\s*\[(.*?)\]\s*\.?\s*$", re.IGNORECASE | re.DOTALL)
_ERRORS = re.compile(r"errores\s*:?\s*\[(.*?)\]\s*(?:,|\.|$)", re.IGNORECASE | re.DOTALL)
# In a longer message the searches below would take long; the archive has it whole.
_LONGEST_MESSAGE = 4_000
_UUID = re.compile(r"\b[0-9a-fA-F]{96}\b")


@dataclass(frozen=True, kw_only=True)
class Reply:
    """An answer of any of Facturatech's operations. Absent fields are empty; ``raw``: the body as it came."""

    code: str
    message: str
    status: str
    transaction: str
    resource: str
    raw: bytes


def reply(response: "Element", raw: bytes) -> Reply:
    """The fields of an answer, wherever its service puts them. Raises OutcomeUnknown for one without a code."""
    found = reading.child(response, "return")
    fields = response if found is None else found
    code = reading.text(fields, "code")
    if not code:
        raise OutcomeUnknown("Facturatech respondió sin código.", raw=raw)
    message = (
        reading.text(fields, "error") or reading.text(fields, "Msgerror") or reading.text(fields, "success")
    )
    message = message[:_LONGEST_MESSAGE]
    embedded = _TRANSACTION.search(message)
    return Reply(
        code=code,
        message=message,
        status=reading.text(fields, "status"),
        transaction=reading.text(fields, TRANSACTION) or (embedded[1] if embedded else ""),
        resource=reading.text(fields, "resourceData") or reading.text(fields, "documentBase64"),
        raw=raw,
    )


def in_process(found: Reply) -> bool:
    """Whether DIAN has yet to answer. With any other status, as SIGNED_XML, the stored document decides."""
    return found.status.upper() == "PROCESSING"


def pending(found: Reply) -> Pending:
    """Pending: Facturatech has the document, which is found again by its transaction."""
    return Pending(
        status_message=found.status or found.message or None,
        notices=warnings(found),
        provider_ids=provider_ids(found),
        raw=found.raw,
    )


def provider_ids(found: Reply) -> dict[str, str]:
    return {TRANSACTION: found.transaction} if found.transaction else {}


def rejected(found: Reply, kind: Kind) -> Rejected:
    """Refused by Facturatech's rules or DIAN's: nothing was kept, and the correction has the same number."""
    errors = _ERRORS.search(found.message)
    said = errors[1].strip() if errors and errors[1].strip() else found.message
    return Rejected(
        rejections=(message(said or "Facturatech rechazó el documento sin decir por qué.", kind),),
        notices=warnings(found),
        status_message=found.message or None,
        raw=found.raw,
    )


def repeated(found: Reply) -> AlreadyProcessed | None:
    """AlreadyProcessed for an upload's answer that passes on rule 90, whatever its code; ``None`` for any other.
    [inferred] A 404 words it as it words the other rules."""
    if not is_rule_90(message(found.message)):
        return None
    return AlreadyProcessed(status_message=found.message, provider_ids=provider_ids(found), raw=found.raw)


def warnings(found: Reply) -> tuple[Message, ...]:
    """«Advertencias:[…]» beside a verdict; the brackets are there even with nothing in them."""
    listed = _WARNINGS.search(found.message)
    inside = listed[1].strip() if listed else ""
    return (message(inside),) if inside else ()


def message(text: str, kind: Kind | None = None) -> Message:
    return Message(text=text, rule=rule_in(text), field=field_in(text, kind) if kind else None)


def encoded(body: bytes) -> str:
    return base64.b64encode(body).decode()


def uuid(found: Reply) -> str | None:
    """The CUFE, CUDE or CUDS of getCUFEFile: as text, or in base64 like every other resource."""
    plain = _UUID.search(found.resource)
    if plain is None:
        plain = _UUID.search(_decoded(found.resource).decode("latin-1"))
    return plain[0].lower() if plain else None


def content(found: Reply, starts: bytes) -> bytes:
    """A downloaded file. Raises OutcomeUnknown where it does not begin with ``starts``."""
    data = _decoded(found.resource)
    if not data.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(starts):
        raise OutcomeUnknown("Facturatech entregó un archivo ilegible.", raw=found.raw)
    return data


def trouble(meaning: Meaning, found: Reply) -> CauceError:
    """The error to raise for an answer that is no verdict. With a CredentialsRejected nothing was processed."""
    said = f"«{found.message}» ({found.code})"
    match meaning:
        case Meaning.CREDENTIALS:
            return CredentialsRejected(f"Facturatech rechazó la cuenta o su configuración: {said}.")
        case Meaning.NUMBERING:
            return CredentialsRejected(
                f"Facturatech no reconoce la numeración: {said}. Sincronice las numeraciones.",
                field="prefix",
            )
        case Meaning.MISROUTED:
            return CredentialsRejected(
                f"Facturatech no atiende esta operación: {said}. Revise las direcciones."
            )
        case _:
            return OutcomeUnknown(
                f"Facturatech respondió algo que no está documentado: {said}.", raw=found.raw
            )


def _decoded(resource: str) -> bytes:
    try:
        return base64.b64decode("".join(resource.split()), validate=True)
    except (binascii.Error, ValueError):
        return b""
