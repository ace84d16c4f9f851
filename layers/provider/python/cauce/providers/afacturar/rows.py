"""Rows of ``transacciones_emitidas_v3`` → emitted documents and outcomes. Pure.

Source: seed 003's example answer, which names every field and shows almost no values. So dates are shown as they
come, and only EXITOSA is known of ``consulta_doc_dian_estado``. Comments below tell how the rest was decided.
"""

import re
from collections.abc import Mapping

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
)
from cauce.providers import loose
from cauce.providers.afacturar import values
from cauce.providers.base import REFUSED, Emitted, Refs
from cauce.providers.identity import day, plain

Row = Mapping[str, object]

KIND_OF_TYPE = {
    "factura": Kind.INVOICE,
    "factura_mandato": Kind.INVOICE,
    "factura_exportacion": Kind.INVOICE,
    "factura_contingencia": Kind.INVOICE,
    "nota_credito": Kind.CREDIT_NOTE,
    "nota_debito": Kind.DEBIT_NOTE,
}
TEST_DOCUMENT = "DOCUMENTO_NO_VALIDO"

_LINKS = {
    "xml": "url_representacion_xml",
    "pdf": "url_representacion_pdf",
    "qr": "url_representacion_qr_svg",
    "application_response": "application_response_url",
    "attached_document": "attached_document_url",
    "respuesta_envio_dian": "url_rta_envio_dian",
    "respuesta_consulta_dian": "consulta_doc_dian_url_rta",
}
# The fields that have a place in ``Emitted``; all others go in its ``extra`` under their own names.
_PLACED = frozenset(
    {
        "uniqid",
        "tipo_documento",
        "prefijo",
        "numero_documento",
        "adquiriente_documento",
        "adquiriente_nombre",
        "valor_total",
        "fecha_documento",
        "fc",
        "cufe",
        *_LINKS.values(),
    }
)
_VALIDATED = "EXITOSA"


def emitted(row: Row) -> Emitted:
    """A row in the shape that every provider shares, nothing of it lost."""
    said = list(_said(row))
    if values.text(row.get("entorno")) == TEST_DOCUMENT:
        said.append(Message(text="Documento de prueba: no tiene validez legal."))
    links = {name: values.text(row.get(field)) for name, field in _LINKS.items()}
    own_type = values.text(row.get("tipo_documento"))
    return Emitted(
        provider_id=values.text(row.get("uniqid")),
        reference=None,
        kind=next((kind for word, kind in KIND_OF_TYPE.items() if (own_type or "").startswith(word)), None),
        own_type=own_type,
        number=number(row),
        counterparty=values.text(row.get("adquiriente_documento")),
        counterparty_name=values.text(row.get("adquiriente_nombre")),
        total=loose.amount(row.get("valor_total")),
        issued_at=values.text(row.get("fecha_documento")),
        received_at=values.text(row.get("fc")),
        uuid=values.text(row.get("cufe")),
        shown_state=shown_state(row),
        messages=tuple(message.text for message in said),
        links={name: url for name, url in links.items() if url},
        extra={name: value for name, value in row.items() if name not in _PLACED},
    )


def shown_state(row: Row) -> str:
    match outcome(row, b""):
        case Accepted():
            return "aceptado"
        case Rejected():
            return "rechazado"
        case _:
            return "pendiente"


def outcome(row: Row, raw: bytes) -> Outcome:
    """The outcome of the document in a row.

    EXITOSA is accepted, if the row has a CUFE. No state, or an unknown one, is pending; with an unknown state it is
    rejected where DIAN's own answer (``rta_ws_dian_response``) says «Rechazo».
    """
    said = _said(row)
    state = values.text(row.get("consulta_doc_dian_estado"))
    uuid = loose.uuid(row.get("cufe"))
    told: AnswerFacts = {
        "uuid": uuid,
        "payable": loose.amount(row.get("valor_total")),
        "status_message": state,
        "provider_ids": {"uniqid": uniqid} if (uniqid := values.text(row.get("uniqid"))) else {},
        "about": identity(row),
        "raw": raw,
    }
    if state is None:
        return Pending(**told, notices=said)
    if state.upper() != _VALIDATED:
        return _as_dian_said(said, told)
    return Accepted(**told, notices=said) if uuid else Pending(**told, notices=said)


def _as_dian_said(said: tuple[Message, ...], told: AnswerFacts) -> Outcome:
    """The outcome of a document whose state is not known: DIAN's sentences decide."""
    refused = tuple(message for message in said if values.is_rejection(message))
    notices = tuple(message for message in said if message not in refused)
    if any(map(is_rule_90, said)):
        return AlreadyProcessed(**told, notices=tuple(each for each in notices if not is_rule_90(each)))
    if not refused:
        return Pending(**told, notices=said)
    # This row stays listed under its number, which the correction takes: it must not be taken for the correction.
    ids = told["provider_ids"]
    marked: AnswerFacts = {**told, "provider_ids": {**ids, **{REFUSED + each: "" for each in ids.values()}}}
    return Rejected(**marked, rejections=refused, notices=notices)


def identity(row: Row) -> Identity:
    """What a row says about its document. No page tells the form of its date: only ISO's is read."""
    return Identity(
        number=number(row),
        counterparty=values.text(row.get("adquiriente_documento")),
        payable=loose.amount(row.get("valor_total")),
        issued_on=day(values.text(row.get("fecha_documento")) or ""),
        uuid=loose.uuid(row.get("cufe")),
        kind=KIND_OF_TYPE.get(values.text(row.get("tipo_documento")) or ""),
    )


def was_refused(row: Row, refs: Refs) -> bool:
    """Whether a row is an earlier attempt at the document, which was refused."""
    return values.text(row.get("uniqid")) in refs.refused


def number(row: Row) -> str | None:
    """The full number: prefix and consecutive together."""
    prefix, consecutive = _parts(row)
    return f"{prefix}{consecutive}" if consecutive else None


def is_about(row: Row, kind: Kind, wanted: Number, environment: Environment) -> bool:
    """Whether a row is the document of this number: of its kind, and of the issuer's environment.

    A test document (DOCUMENTO_NO_VALIDO) never answers for one of production.
    """
    found = values.text(row.get("entorno"))
    tests = found in ("HABILITACION", TEST_DOCUMENT)
    elsewhere = tests if environment is Environment.PRODUCTION else found == "PRODUCCION"
    known = KIND_OF_TYPE.get(values.text(row.get("tipo_documento")) or "", kind)
    return not elsewhere and known is kind and _parts(row) == (wanted.prefix, str(wanted.consecutive))


def best(found: list[Row]) -> Row:
    """Of several rows with one number the validated one, else the last that arrived: earlier ones were refused."""
    validated = [row for row in found if shown_state(row) == "aceptado"]
    # PHP's uniqid is the time in hexadecimal.
    return max(validated or found, key=lambda row: values.text(row.get("uniqid")) or "")


def check_same(row: Row, refs: Refs) -> None:
    """Raise Conflict where the row with our number is not our document: other party, other total, other CUFE."""
    other = []
    counterparty = values.text(row.get("adquiriente_documento"))
    if counterparty is not None and _plain(counterparty) != _plain(refs.counterparty):
        other.append("es de otro adquiriente")
    total = loose.amount(row.get("valor_total"))
    if total is not None and abs(total - refs.payable) > CENT:
        other.append(f"su total es {total} y no {refs.payable}")
    uuid = loose.uuid(row.get("cufe"))
    # After a refused attempt the CUFE in ``refs`` is that attempt's, and not its correction's.
    if uuid is not None and refs.uuid is not None and uuid != refs.uuid and not refs.refused:
        other.append("su CUFE es otro")
    if other:
        raise Conflict(f"El documento {refs.number} de Afacturar no es el nuestro: {'; '.join(other)}.")


def link(row: Row, what: str) -> str | None:
    """The address of one of a row's files."""
    return values.text(row.get(_LINKS[what]))


def _parts(row: Row) -> tuple[str, str | None]:
    """Prefix and consecutive. No page says if ``numero_documento`` repeats the prefix; one with letters is cut."""
    prefix, consecutive = values.text(row.get("prefijo")) or "", values.text(row.get("numero_documento"))
    if consecutive is not None and prefix and not prefix.isdigit():
        consecutive = consecutive.removeprefix(prefix)
    return prefix, consecutive


def _said(row: Row) -> tuple[Message, ...]:
    return values.messages(row.get("rta_ws_dian_response"))


def _plain(identification: str) -> str:
    """The number without marks and without a check digit after a hyphen."""
    return plain(re.sub(r"-\d$", "", identification.strip()))
