"""POST /lotes, and the lines of a lot: each is a document of the contract with its ``tipo`` and its reference.

A JSON list and NDJSON are both split into the documents' own texts, so that a document that cannot be read is refused
alone, and each is kept as it was sent.
"""

import json
import logging
import re
from functools import partial

from cauce.contracts.v1 import actions, bodies, contract, sent
from cauce.contracts.v1.bodies import JsonObject
from cauce.contracts.v1.errors import BadRequest, InvalidRequest, TooLarge
from cauce.contracts.v1.fields import Boolean, Text, Whole, required
from cauce.contracts.v1.queries import Parameters, Reader
from cauce.contracts.v1.render import TIPO_DOCUMENTO
from cauce.contracts.v1.shapes import Shape
from cauce.domain.document import Kind
from cauce.domain.errors import CauceError, InvalidDocument
from cauce.domain.lot import Asked

_log = logging.getLogger("cauce")

MOST_INLINE = 500
# In base64, as API Gateway hands a body over, this stays below Lambda's 6 MB.
MOST_INLINE_BYTES = 4 * 2**20
MOST_UPLOADED_BYTES = 64 * 2**20

TIPOS = {name: kind for kind, name in TIPO_DOCUMENTO.items() if kind is not Kind.EVENT}

_NDJSON = re.compile(r"application/(x-)?(ndjson|jsonl(ines)?)")
_MEDIA_TYPES = re.compile(rf"{bodies.JSON.pattern}|{_NDJSON.pattern}")
_LIKE = "El Content-Type debe ser application/json o application/x-ndjson."
_SPACE = re.compile(r"[ \t\r\n]*")


class Announced(Shape):
    """A file that will be uploaded: its size and checksum, which S3 will enforce."""

    subir: bool = required("El campo subir", Boolean(), example=True)
    bytes: int = required("El tamaño en bytes", Whole(MOST_UPLOADED_BYTES), example=1048576)
    sha256: str = required(
        "El SHA-256",
        Text(64, pattern=r"[0-9A-Fa-f]{64}", like="debe tener 64 dígitos hexadecimales"),
        example="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    )


def posted(event_body: str | None, is_base64: bool, content_type: str | None) -> list[str] | Announced:
    """The documents' texts of a POST /lotes, or the file that it announces.

    Raises UnsupportedMediaType, TooLarge, BadRequest or InvalidDocument where not one document can be told apart.
    """
    bodies.check_content_type(content_type, _MEDIA_TYPES, _LIKE)
    body = bodies.text_of(event_body, is_base64, MOST_INLINE_BYTES)
    if _NDJSON.match((content_type or "").lower()):
        lines = [line for line in body.split("\n") if line.strip()]
    elif body.lstrip().startswith("["):
        lines = _elements(body)
    else:
        return actions.read(Announced, bodies.parsed(body))
    if not lines:
        raise BadRequest("El lote está vacío; envíe al menos un documento.")
    if len(lines) > MOST_INLINE:
        raise TooLarge(f"Un lote admite {MOST_INLINE} documentos; para más, súbalo como archivo («subir»).")
    return lines


def default_kind(parameters: Parameters) -> Kind | None:
    """The kind in ``?tipo=``, which is that of the documents without a ``tipo``. Raises InvalidDocument."""
    reader = Reader(parameters)
    reader.refuse_unknown("tipo")
    name = reader.choice("tipo", tuple(TIPOS))
    reader.settle()
    return TIPOS[name] if name else None


def asked(line: bytes, default: Kind | None = None) -> Asked:
    """What one line of a lot, or one message of the queue, asks for."""
    reference = None
    try:
        body = bodies.Body(bodies.document_text(_decoded(line), False))
        document = contract.quickly(body.text, default, TIPOS)
        if document is None or document.reference is None:
            said = body.get("referencia")
            reference = said[:64] if isinstance(said, str) else None
            document = contract.document(_kind(body.read, default), body.read)
        kind = document.kind
        if document.reference is None:
            why = "La referencia es requerida: con ella, repetir un lote no emite nada dos veces."
            raise InvalidRequest({"referencia": [why]})
        return Asked(
            document.reference,
            document,
            contract.content_hash(document),
            as_sent=partial(sent.as_sent, kind=kind, body=body),
            said=partial(sent.said, content=document, body=body),
        )
    except CauceError as error:
        return Asked(reference, error)
    except Exception as fault:  # a fault of ours: the lot's other lines must not wait for this one
        _log.error("a line could not be read", extra={"error": type(fault).__name__})
        return Asked(reference, InvalidDocument(contract.UNREADABLE))


def _decoded(line: bytes) -> str:
    try:
        return line.decode("utf-8-sig")
    except UnicodeDecodeError as cause:
        raise BadRequest("El documento no está en UTF-8.") from cause


def _kind(body: JsonObject, default: Kind | None) -> Kind:
    """The kind that a body states in ``tipo``, which is taken out of the body."""
    name = body.pop("tipo", None)
    if name is None and default is not None:
        return default
    if isinstance(name, str) and name in TIPOS:
        return TIPOS[name]
    why = f"El tipo es requerido y debe ser uno de: {', '.join(TIPOS)}."
    raise InvalidRequest({"tipo": [why]})


def _elements(body: str) -> list[str]:
    """The elements of a JSON list, each as it was written, on one line. Numbers are not read here."""
    bodies.check_depth(body)
    decoder = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str)
    found: list[str] = []
    at = _after_space(body, body.index("[") + 1)
    try:
        while body[at : at + 1] != "]" or found:
            _, end = decoder.raw_decode(body, at)
            found.append(re.sub(r"[\r\n]", " ", body[at:end]))
            at = _after_space(body, end)
            if body[at : at + 1] == "]":
                break
            if body[at : at + 1] != ",":
                raise json.JSONDecodeError("comma", body, at)
            at = _after_space(body, at + 1)
        if _after_space(body, at + 1) != len(body):
            raise json.JSONDecodeError("extra", body, at + 1)
    except json.JSONDecodeError as cause:
        raise BadRequest(
            f"El cuerpo no es JSON válido (línea {cause.lineno}, columna {cause.colno})."
        ) from cause
    return found


def _after_space(body: str, at: int) -> int:
    space = _SPACE.match(body, at)
    return space.end() if space else at
