"""Records in the contract's words, as the ERP reads them: seed 002 field for field, and more beside it."""

import json
from datetime import datetime
from decimal import Decimal

from cauce.contracts.v1 import names
from cauce.contracts.v1.bodies import JsonObject
from cauce.domain.access_token import AccessToken, Scope
from cauce.domain.document import PESO, Document, Kind
from cauce.domain.issuer import Issuer
from cauce.domain.money import plain
from cauce.domain.outcome import Finding, Message, Origin, Severity
from cauce.domain.record import IN_CONTINGENCY, Listed, MailState, Record, State, Step
from cauce.domain.time import bogota
from cauce.domain.totals import Amounts, TaxAmount, Totals, amounts_of
from cauce.providers.base import Computed

VERSION = "v1"

TIPO_DOCUMENTO = {
    Kind.INVOICE: "factura",
    Kind.CREDIT_NOTE: "nota_credito",
    Kind.DEBIT_NOTE: "nota_debito",
    Kind.SUPPORT_DOCUMENT: "documento_soporte",
    Kind.ADJUSTMENT_NOTE: "nota_ajuste",
    Kind.EQUIVALENT_DOCUMENT: "documento_equivalente",
    Kind.EQUIVALENT_NOTE: "nota_documento_equivalente",
    Kind.EVENT: "evento",
}
# Limit of the messages in all rows of a page: with all else in the rows the answer stays below Lambda's 6 MB.
_PAGE_BYTES = 4 * 2**20
# DIAN's name for the code in ``cufe``, which the contract calls so for every kind.
TIPO_CODIGO = {
    Kind.INVOICE: "CUFE",
    Kind.CREDIT_NOTE: "CUDE",
    Kind.DEBIT_NOTE: "CUDE",
    Kind.SUPPORT_DOCUMENT: "CUDS",
    Kind.ADJUSTMENT_NOTE: "CUDS",
    Kind.EQUIVALENT_DOCUMENT: "CUDE",
    Kind.EQUIVALENT_NOTE: "CUDE",
    Kind.EVENT: "CUDE",
}
_DETALLE = {
    State.RECEIVED: "Recibido; todavía no se ha enviado al proveedor.",
    State.SENDING: "Se está enviando al proveedor.",
    State.PENDING: "El proveedor lo recibió y la DIAN aún no da su veredicto; se consulta automáticamente.",
    State.UNKNOWN: "No se sabe si el proveedor lo recibió; se le está preguntando, y no se enviará otra vez "
    "mientras no se sepa.",
    State.ACCEPTED: "Validado por la DIAN.",
    State.REJECTED: "Rechazado: no tiene validez legal. Corríjalo y envíelo de nuevo{again}.",
    State.FAILED: "No se emitió, por lo que dice «ultimo_error», y no se reintentará por sí solo. Corríjalo si hace "
    "falta y envíelo de nuevo{again}.",
}
CORREO = {
    MailState.DUE: "por_enviar",
    MailState.LEAVING: "enviandose",
    MailState.SENT: "enviado",
    MailState.FAILED: "no_enviado",
    MailState.DOUBTFUL: "en_duda",
    MailState.RETURNED: "devuelto",
    MailState.COMPLAINED: "queja",
}
_NOT_TAKEN = "Recibido; todavía no se ha podido entregar al proveedor, y se reintenta automáticamente."
_PROCESSED_BEFORE = (
    "La DIAN dice que ya procesó un documento con este número; se está comprobando si es este, y mientras no se "
    "sepa no se enviará otra vez ni se descartará."
)
_WAITS_FOR_DIAN = (
    "Emitida en contingencia (tipo 04) con su mismo número: su XML firmado ya se puede entregar al adquiriente. "
    "Se transmite automáticamente cuando la DIAN responda."
)
_IN_CONTINGENCY = {
    State.RECEIVED: _WAITS_FOR_DIAN,
    State.SENDING: _WAITS_FOR_DIAN,
    State.PENDING: _WAITS_FOR_DIAN,
    State.UNKNOWN: _WAITS_FOR_DIAN,
    State.REJECTED: "La DIAN rechazó la factura emitida en contingencia (tipo 04): la copia entregada no tiene "
    "validez. Envíela de nuevo{again}, igual o corregida, y saldrá como factura ordinaria.",
}


def created(record: Record, base_url: str) -> JsonObject:
    """The answer of a POST."""
    return {"ok": True, "data": of_record(record, base_url)}


def detail(record: Record, base_url: str) -> JsonObject:
    """The answer of GET /documentos/{id}: seed 002's samples read its fields at the root. It alone tells what
    happened to the document, and when."""
    return {"ok": True, **of_record(record, base_url), "historia": list(map(_step, record.steps))}


def _step(step: Step) -> JsonObject:
    from cauce.contracts.v1 import traces  # a POST's answer has no trace

    return {
        "fecha": bogota(step.at).isoformat(),
        "hecho": traces.step(step.what),
        "detalle": step.detail,
        "por": step.by,
    }


def of_record(record: Listed, base_url: str) -> JsonObject:
    """A record as the contract's document; what is not known yet is null. ``base_url`` ends in ``/v1``."""
    own = f"{base_url.rstrip('/')}/documentos/{record.document_id}"
    ways = names.OfContent(record.content) if isinstance(record, Record) else names.OfRequest(record.kind, {})
    return {
        "tracking_id": record.document_id,
        "numero_completo": str(record.number) if record.number else None,
        "tipo_documento": TIPO_DOCUMENTO[record.kind],
        "prefijo": record.number.prefix if record.number else None,
        "consecutivo": record.number.consecutive if record.number else None,
        "fecha_emision": bogota(record.issued_at).isoformat(),
        # sic: seed 002 says «adquiriente» in its requests and «adquirente» in its answers.
        "adquirente": _counterparty(record),
        "totales": amounts(record.amounts),
        "cufe": record.uuid,
        "zip_key": record.provider_ids.get("zip_key"),
        "estado": record.shown_state,
        "estado_dian_codigo": record.status_code,
        "estado_dian_mensaje": record.status_message,
        "links": {"self": own, "consultar": f"{own}/consultar", "xml": f"{own}/xml", **_files(record, own)},
        "estado_detalle": state_detail(record),
        "notificaciones": [_message(notice, ways) for notice in (*record.findings, *record.notices)],
        "rechazos": [_message(rejection, ways) for rejection in record.rejections],
        "ultimo_error": record.last_error,
        "referencia": record.outline.reference,
        "proveedor": record.provider,
        "tipo_codigo": TIPO_CODIGO[record.kind],
        "moneda": None if record.kind is Kind.EVENT else record.outline.currency or PESO,
        **_event(record),
        **_contingency(record),
        **_mail(record),
    }


def _files(record: Listed, own: str) -> dict[str, str]:
    """The links to a record's further files, of those that there are by now."""
    evidence = {"evidencia": f"{own}/evidencia"}
    if record.kind is Kind.EVENT or not (record.state is State.ACCEPTED or record.is_ahead_of_dian):
        return evidence
    found = {"pdf": f"{own}/pdf", **evidence}
    if (
        record.sent_as is not None and not record.kind.is_equivalent
    ):  # we signed it, so that the container is ours to make
        found["contenedor"] = f"{own}/xml?contenedor=1"
    if record.kind.is_handed_over:
        found["paquete"] = f"{own}/paquete"
    return found


def amounts(found: Amounts) -> dict[str, Decimal]:
    """Seed 002's three totals, and three that make them add up: subtotal + impuestos − descuentos + cargos =
    total."""
    return {
        "subtotal": found.subtotal,
        "iva": found.vat,
        "total": found.payable,
        "impuestos": found.tax,
        "descuentos": found.allowance,
        "cargos": found.charge,
    }


def _counterparty(record: Listed) -> dict[str, str | None] | None:
    found = record.outline
    if found.counterparty is None:
        return None
    return {"documento": found.counterparty, "razon_social": found.counterparty_name}


def _event(record: Listed) -> JsonObject:
    """What an event adds: its code, and its invoice's CUFE."""
    code = record.outline.code
    return {"evento": {"codigo": code.value, "cufe_factura": record.outline.invoice_uuid}} if code else {}


def _contingency(record: Listed) -> JsonObject:
    """What an invoice that was issued as type 04 adds: since when, until when DIAN must have it (null until DIAN is
    back), its own CUFE and the ordinary invoice's, and whether it is still valid."""
    found = record.contingency
    if found is None:
        return {}
    return {
        "contingencia": {
            "tipo": IN_CONTINGENCY,
            "desde": bogota(found.since).isoformat(),
            "limite": bogota(found.limit).isoformat() if found.limit else None,
            "cufe": found.void_uuid or record.uuid,
            "cufe_ordinaria": found.ordinary_uuid,
            "vigente": record.in_contingency and record.state not in (State.REJECTED, State.FAILED),
        }
    }


def _mail(record: Listed) -> JsonObject:
    """What a record adds whose buyer is sent a mail by Cauce: how that stands, since when, and why."""
    found = record.mail
    if found is None:
        return {}
    return {
        "correo": {
            "estado": CORREO[found.state],
            "fecha": bogota(found.at).isoformat(),
            "motivo": found.why,
        }
    }


def state_detail(record: Listed) -> str:
    """What is going on with a record, and what its reader may do, in one or two Spanish sentences."""
    if record.state is State.RECEIVED and record.blocked:
        sentence = "Espera a que se resuelva otro documento que el proveedor tiene sin validar."
    elif record.state is State.ACCEPTED and any(map(_is_theirs, record.notices)):
        sentence = "Validado por la DIAN, con notificaciones que no le quitan validez."
    else:
        again = " con la misma referencia" if record.outline.reference else ""
        sentence = _sentence(record).format(again=again)
    return f"{sentence} Necesita que una persona lo revise." if record.needs_person else sentence


def _sentence(record: Listed) -> str:
    """The sentence for a record's state, with what else decides it."""
    if record.in_contingency and record.state in _IN_CONTINGENCY:
        return _IN_CONTINGENCY[record.state]
    if record.state is State.RECEIVED and record.last_error:
        return _NOT_TAKEN
    if record.state is State.UNKNOWN and record.already_processed:
        return _PROCESSED_BEFORE
    return _DETALLE[record.state]


def consultation(record: Record, base_url: str) -> JsonObject:
    """The answer of GET /documentos/{id}/consultar."""
    return {
        "ok": True,
        "documento": of_record(record, base_url),
        "dian": {
            "is_valid": record.state is State.ACCEPTED,
            "status_code": record.status_code,
            "status_description": record.status_message,
            "errors": [
                _line(message) for message in (*record.rejections, *record.notices) if _is_theirs(message)
            ],
        },
    }


def within(rows: int, row: JsonObject) -> JsonObject:
    """A row of a page of ``rows`` rows. Where its messages are longer than its share of the answer, the first are
    kept, and a last one says how many more the document itself has."""
    links, room = row["links"], _PAGE_BYTES // rows
    for name in ("rechazos", "notificaciones"):
        messages, kept = row[name], []
        assert isinstance(messages, list)
        for each in messages:
            room -= len(dump(each).encode())
            if room < 0:
                break
            kept.append(each)
        if more := len(messages) - len(kept):
            assert isinstance(links, dict)
            text = f"Y {more} mensajes más, que están en el documento ({links['self']})."
            row[name] = [*kept, _message(Message(text=text, origin=Origin.CAUCE), names.UNKNOWN)]
    return row


def me(issuer: Issuer, token: AccessToken, used: int, now: datetime) -> JsonObject:
    """The answer of GET /me; like seed 002's, without ``ok``. ``used``: its documents of the current period."""
    quota, period = issuer.quota, issuer.counted_by
    return {
        "user": {"id": token.id, "name": token.name, "email": token.email},
        "tenant": {
            "id": issuer.number,
            "uuid": issuer.uuid,
            "nit": issuer.nit,
            "dv": issuer.check_digit,
            "razon_social": issuer.name,
            "estado": "activo" if issuer.active else "inactivo",
        },
        "ambiente": issuer.environment.called,
        "token": {
            "alcances": [scope.value for scope in Scope if scope in token.scopes],
            "ambiente": token.world.called if token.world else None,
            "vence": bogota(token.expires_at).isoformat() if token.expires_at else None,
        },
        "cuota": {
            "consumidos": used,
            "limite": quota.limit if quota else None,
            "periodo": period.value,
            "termina": period.end(now).isoformat(),
        },
    }


def health(now: datetime, open_breakers: dict[str, int] | None = None) -> JsonObject:
    """The answer of GET /health; like seed 002's, without ``ok``.

    ``open_breakers``: the answer then says of each provider whether any breaker is open. Anybody may ask, so it tells
    neither whose breaker is open nor how many are.
    """
    answer: JsonObject = {
        "status": "ok",
        "service": "Cauce",
        "version": VERSION,
        "time": bogota(now).isoformat(),
    }
    if open_breakers is None:
        return answer
    states = {name: "abierto" if count else "cerrado" for name, count in open_breakers.items()}
    return {**answer, "proveedores": {name: {"interruptor": state} for name, state in states.items()}}


def validation(
    document: Document,
    totals: Totals,
    *,
    number: str | None = None,
    uuid: str | None = None,
    provider: str | None = None,
    findings: tuple[Finding, ...] = (),
    computed: Computed | None = None,
) -> JsonObject:
    """The answer of ``?validar=solo``: a document's totals; its number and CUFE only where they can be foreseen.

    ``findings``: the notices that DIAN would give; with a rejection the answer is an error, and not this.
    ``computed``: the amounts that its provider would compute, where they are known.
    """
    notices, ways = computed.notices if computed else (), names.OfContent(document)
    return {
        "ok": True,
        "data": {
            "valido": True,
            "tipo_documento": TIPO_DOCUMENTO[document.kind],
            "numero_completo": number,
            "referencia": document.reference,
            "proveedor": provider,
            "totales": amounts(computed.amounts if computed else amounts_of(totals)),
            "impuestos": [_tax(tax) for tax in totals.taxes],
            "retenciones": [_tax(tax) for tax in totals.withholdings],
            "cufe": uuid,
            "tipo_codigo": TIPO_CODIGO[document.kind],
            "hallazgos": [
                *(of_finding(finding, ways) for finding in findings),
                *(_noticed(notice, ways) for notice in notices),
            ],
        },
    }


def of_finding(finding: Finding, ways: names.Ways) -> JsonObject:
    """A finding: a rule of DIAN's that a request breaks."""
    return {
        "regla": finding.rule,
        "severidad": finding.severity.value,
        "campo": names.told(finding.field, ways),
        "esperado": finding.expected,
        "encontrado": finding.found,
        "arreglo": finding.fix,
        "fix_en": finding.fix_en,
        "origen": Origin.CAUCE.value,
    }


def _noticed(notice: Message, ways: names.Ways) -> JsonObject:
    """A notice of ours about a request, in the form of a finding."""
    return {
        "regla": notice.rule,
        "severidad": Severity.NOTICE.value,
        "campo": notice.field and names.told(notice.field, ways),
        "esperado": None,
        "encontrado": None,
        "arreglo": notice.text,
        "fix_en": None,
        "origen": notice.said_by.value,
    }


def dump(value: object) -> str:
    """JSON text; a Decimal is a JSON number with exactly its digits, which ``json`` alone cannot write. What has none
    in it is left to ``json`` whole."""
    if isinstance(value, Decimal):
        return plain(value)
    try:
        return _text(value)
    except TypeError:
        if isinstance(value, dict):
            return "{" + ",".join(f"{_text(key)}:{dump(inner)}" for key, inner in value.items()) + "}"
        if isinstance(value, list | tuple):
            return "[" + ",".join(map(dump, value)) + "]"
        raise


_text = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def _message(message: Message, ways: names.Ways) -> JsonObject:
    return {
        "regla": message.rule,
        "mensaje": message.text,
        "campo": message.said or (message.field and names.told(message.field, ways)),
        "origen": message.said_by.value,
    }


def _is_theirs(message: Message) -> bool:
    """Whether a message is the provider's or DIAN's, and not ours."""
    return message.said_by is not Origin.CAUCE


def _line(message: Message) -> str:
    """A message in one line, its rule first, as DIAN writes it."""
    known = message.rule is None or message.rule in message.text
    return message.text if known else f"Regla: {message.rule}, {message.text}"


def _tax(tax: TaxAmount) -> JsonObject:
    return {"codigo": tax.code, "porcentaje": tax.percent, "base": tax.base, "valor": tax.amount}
