"""The Spanish contract in, a domain document out.

A request for a document may be refused at six points, in this order (``_document``, then ``_checked``): each field
alone (``shapes``, ``parties``, ``lines``, ``requests``); fields against each other (``rules``); a line too large to
compute with; what the lines add up to, each and together; a reference that differs from the header's; what the
document adds up to. Each point reports everything that it finds, and is reached only where those before it found
nothing.
"""

import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from cauce.contracts.v1 import party_rules, quick, requests, returns, rules, sentences, translation
from cauce.contracts.v1.bodies import Body, JsonObject
from cauce.contracts.v1.errors import InvalidRequest
from cauce.contracts.v1.fields import AMOUNT_LIMIT
from cauce.contracts.v1.parties import Buyer, IssuerParty, Seller
from cauce.contracts.v1.requests import AnyRequest, SupportDocumentRequest
from cauce.domain.acquirer import is_nameless
from cauce.domain.document import NOTES, Document, Kind, Line, Party
from cauce.domain.errors import CauceError, InvalidDocument
from cauce.domain.models import changed
from cauce.domain.money import ZERO, plain
from cauce.domain.sameness import content_hash as content_hash  # asked for here, beside the document
from cauce.domain.survey import survey
from cauce.domain.totals import totals

_log = logging.getLogger("cauce")

_HEADER = "Idempotency-Key"
_LINE_TOO_LARGE = f"El valor de la línea debe ser menor que {AMOUNT_LIMIT:f}."
UNREADABLE = "Este documento no se pudo leer. Revise sus valores; si son correctos, avise al operador."


def read(kind: Kind, body: Body, *, idempotency_key: str | None = None) -> Document:
    """The document that a request asks for, as ``document`` has it: the short way (``quick``), and the long way where
    that does not lead there. Raises BadRequest too.
    """
    found = quickly(body.text, kind, idempotency_key=idempotency_key)
    return found or document(kind, body.read, idempotency_key=idempotency_key)


def quickly(
    text: str,
    kind: Kind | None,
    named: Mapping[str, Kind] = MappingProxyType({}),
    *,
    idempotency_key: str | None = None,
) -> Document | None:
    """The document that a text asks for, where the short way leads there. ``named``: the kinds that a ``tipo`` in the
    text may say, instead of ``kind``.
    """
    try:
        said = quick.decoded(text)
        found = named[str(said.pop("tipo"))] if named and "tipo" in said else kind
        if found is None:
            return None
        return _checked(found, *quick.request(found, said), idempotency_key)
    except (*quick.REFUSALS, CauceError):
        return None
    except Exception as fault:
        _log.error("the short way failed", extra={"error": type(fault).__name__})
        return None


def document(kind: Kind, body: JsonObject, *, idempotency_key: str | None = None) -> Document:
    """The document that a request's body asks for.

    ``idempotency_key`` is the header of that name, the same thing as ``referencia``. Raises InvalidDocument
    with every field to mend, whatever JSON the body is, and also where our own code fails at it.
    """
    try:
        return _document(kind, body, idempotency_key)
    except CauceError:
        raise
    except Exception as fault:
        _log.error("a document could not be read", extra={"error": type(fault).__name__})
        raise InvalidDocument(UNREADABLE) from fault


def _document(kind: Kind, body: JsonObject, idempotency_key: str | None) -> Document:
    try:
        request, rounded = sentences.read_rounding(requests.REQUESTS[kind], body)
    except InvalidRequest as refusal:
        raise InvalidRequest(returns.explained(kind, body, refusal.fields)) from None
    found = _checked(kind, request, request.lineas, idempotency_key)
    return changed(found, {"rounded": rounded}) if rounded else found


def _checked(
    kind: Kind, request: AnyRequest, entries: Iterable[quick.Entry], idempotency_key: str | None
) -> Document:
    """The document of a request whose fields are right each by itself. ``entries``: its lines. After the short way
    the plain ones are the domain's already, and ``request.lineas`` has only the others, and ``rules``
    counts only those. Its positions may be wrong then, which shows nowhere, since a refusal there has the long way
    read everything again."""
    party_field, other = _other_side(request)
    _refuse(rules.findings(kind, request, party_field, other))
    within = bool(request.precios_incluyen_impuestos)
    lines = tuple([each if isinstance(each, Line) else translation.line(each, within) for each in entries])
    reference = _unquoted(idempotency_key) or request.referencia
    found = translation.document(kind, request, other, lines, reference)
    if not _is_small(found):
        _refuse(_too_large(found))
        _refuse(_line_limits(found))
    _refuse_another(request.referencia, idempotency_key)
    _refuse(_document_limits(found))
    return found


def refuse_nameless(found: Document) -> None:
    """Raise InvalidDocument for a document without its buyer's name, where nobody can look it up."""
    if is_nameless(found):
        why = "La razón social es requerida: sin conexión no se averigua."
        raise InvalidRequest({"adquiriente.razon_social": [why]})


def party(body: JsonObject) -> Party:
    """An issuer as it describes itself, in the fields of ``adquiriente``; its address in Colombia is required.

    Raises InvalidDocument with every field to mend.
    """
    found = sentences.read(IssuerParty, body)
    _refuse(party_rules.issuer(found))
    return translation.party(found)


def _refuse(findings: Iterator[sentences.Finding]) -> None:
    """Raise InvalidDocument with all of the findings, if there are any."""
    fields: sentences.Sentences = {}
    for path, sentence in findings:
        if path in fields or len(fields) < sentences.MAX_FIELDS:
            fields.setdefault(path, []).append(sentence)
    if fields:
        raise InvalidRequest(fields)


def _is_small(found: Document) -> bool:
    """Whether no line can be beyond a limit. Where no discount exceeds its line, no amount is below 0, and none is
    above the sums that it is part of; only the value of a line with a discount, or of one whose price has its taxes
    within, may be."""
    sums = totals(found)
    if survey(found).has_taxes_within:
        return False
    if sums.tax_inclusive >= AMOUNT_LIMIT or any(tax.base >= AMOUNT_LIMIT for tax in sums.taxes):
        return False
    reduced = [its for its in sums.lines if its.discount]
    return not any(its.gross >= AMOUNT_LIMIT or its.discount > its.gross for its in reduced)


def _too_large(found: Document) -> Iterator[sentences.Finding]:
    """Refuses lines beyond the largest amount: not even a percentage of them can be computed."""
    for n, its in enumerate(totals(found).lines):
        if its.gross >= AMOUNT_LIMIT:
            yield f"lineas.{n}.precio", _LINE_TOO_LARGE


def _line_limits(found: Document) -> Iterator[sentences.Finding]:
    """Refuses lines whose discount exceeds their value, or that exceed the largest amount, alone or together."""
    everything = ZERO
    for n, (line, its) in enumerate(zip(found.lines, totals(found).lines, strict=True)):
        if its.gross < 0:
            yield f"lineas.{n}.precio", "El precio no alcanza para los impuestos que trae."
        elif its.discount > its.gross:
            listed = any(not entry.is_charge for entry in line.allowance_charges)
            yield (
                f"lineas.{n}.{'descuentos' if listed else 'descuento_valor'}",
                f"El descuento no puede superar el valor de la línea, {plain(its.gross)}.",
            )
        with_taxes = its.with_taxes
        if its.net >= AMOUNT_LIMIT or with_taxes >= AMOUNT_LIMIT:
            yield f"lineas.{n}.precio", _LINE_TOO_LARGE
        elif any(tax.base >= AMOUNT_LIMIT for tax in its.taxes):
            field = "precio_referencia.valor" if line.reference_price else "impuestos"
            yield f"lineas.{n}.{field}", f"La base del impuesto debe ser menor que {AMOUNT_LIMIT:f}."
        everything += with_taxes
    if everything >= AMOUNT_LIMIT:
        yield "lineas", f"El total de las líneas debe ser menor que {AMOUNT_LIMIT:f}."


def _document_limits(found: Document) -> Iterator[sentences.Finding]:
    """Refuses a total below zero, and a total of zero but in a note or where something is given for free."""
    sums = totals(found)
    payable = sums.payable
    if payable < 0 <= payable - sums.rounding:
        yield "redondeo", "El redondeo no puede superar el total del documento."
    elif payable < 0:
        yield "descuentos", "Los descuentos no pueden superar el valor del documento."
    elif payable == 0 and found.kind not in NOTES and not any(line.reference_price for line in found.lines):
        yield "lineas", "El total del documento debe ser mayor que 0."
    elif payable >= AMOUNT_LIMIT:
        yield "cargos", f"El total del documento debe ser menor que {AMOUNT_LIMIT:f}."


def _other_side(request: AnyRequest) -> tuple[str, Buyer | Seller | None]:
    """The other party and its field; ``None`` for the final consumer, where nobody is named."""
    if isinstance(request, SupportDocumentRequest):
        return "vendedor", request.vendedor
    return "adquiriente", request.adquiriente


def own_name(in_header: str | None) -> str | None:
    """The caller's own name for its request, in the header, which may be quoted, as its RFC draft has it. Raises
    InvalidDocument."""
    found = _unquoted(in_header)
    if found and not re.fullmatch(requests.REFERENCE, found):
        raise InvalidRequest({_HEADER: [f"El encabezado {_HEADER} {requests.REFERENCE_LIKE}."]})
    return found or None


def _unquoted(in_header: str | None) -> str:
    return (in_header or "").strip().strip('"')


def _refuse_another(in_body: str | None, in_header: str | None) -> None:
    """Raise InvalidDocument where the ERP's own id in the header is none, or another than in the body."""
    header = own_name(in_header)
    if header is not None and in_body not in (None, header):
        why = f"La referencia y el encabezado {_HEADER} deben ser iguales, o solo uno de ellos."
        raise InvalidRequest({"referencia": [why]})
