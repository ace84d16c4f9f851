"""The body of a request, read so strictly that it can mean only one thing.

Everything that JSON leaves open is closed here: encoding, size, depth, repeated keys, numbers of any length.
Numbers with decimals arrive as ``Decimal``, exactly as written.
"""

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import NoReturn

from cauce.contracts.v1.errors import BadRequest, TooLarge, UnsupportedMediaType

JsonObject = dict[str, object]
"""An object of a request, as it was read, or of an answer."""

# Limit of a document in UTF-8, its escapes read: some thousands of lines.
MAX_BYTES = 256 * 1024
# Limit of a document as it is sent: many clients write every letter beyond ASCII as an escape, six bytes for two.
MAX_SENT_BYTES = 1024 * 1024
# The contract needs 5 levels; a batch of documents, 7.
MAX_DEPTH = 20
# Longer integers than this stay Decimal: int() refuses 4300 digits, and no field takes 30.
_MAX_INT_DIGITS = 30

JSON = re.compile(r"application/([a-z0-9.-]+\+)?json")

# Characters that XML 1.0 cannot carry, lone surrogates, and C1 controls, which only a wrong encoding leaves behind.
UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")

# An escape of JSON: a backslash and what follows, which may be a second backslash.
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|.)", re.DOTALL)

# A string, whole or cut short by the end of the text, or one bracket. No character is matched twice.
_STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]|\\.?)*+(?:"|\Z)|[\[\]{}]', re.DOTALL)


class Body(Mapping[str, object]):
    """The body of a request, whose text is read as JSON when somebody first asks what it says.

    Raises BadRequest then where it is no JSON object, or might mean two things.
    """

    def __init__(self, text: str):
        self.text = text

    @cached_property
    def read(self) -> JsonObject:
        return parsed(self.text)

    def __getitem__(self, name: str) -> object:
        return self.read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.read)

    def __len__(self) -> int:
        return len(self.read)


def read_json(event_body: str | None, is_base64: bool, content_type: str | None) -> JsonObject:
    """The JSON object in a request's body.

    Raises UnsupportedMediaType, TooLarge or BadRequest, whose message says in Spanish what to mend.
    """
    return read_body(event_body, is_base64, content_type).read


def read_body(event_body: str | None, is_base64: bool, content_type: str | None) -> Body:
    """The body of a request. Raises UnsupportedMediaType, TooLarge or BadRequest, as ``read_json``."""
    check_content_type(content_type, JSON, "El Content-Type debe ser application/json.")
    return Body(document_text(event_body, is_base64))


def document_text(event_body: str | None, is_base64: bool) -> str:
    """The text of one document. Raises TooLarge or BadRequest."""
    text = text_of(event_body, is_base64, MAX_SENT_BYTES)
    if len(text) > MAX_BYTES // 4 and read_bytes(text) > MAX_BYTES:  # a character is 4 bytes at most
        raise TooLarge(f"El documento supera el máximo de {MAX_BYTES // 1024} KiB; divídalo en varios.")
    return text


def read_bytes(text: str) -> int:
    """How many bytes of UTF-8 a JSON text is once its escapes are read."""
    sent = len(text.encode("utf-8", "surrogatepass"))
    if "\\" not in text:
        return sent
    return sent - sum(
        len(found.group().encode()) - _plain_bytes(found[1]) for found in _ESCAPE.finditer(text)
    )


def _plain_bytes(code: str | None) -> int:
    """Bytes in UTF-8 of the character that an escape stands for; of a surrogate, half of its pair's four."""
    point = int(code, 16) if code else 0
    if 0xD800 <= point < 0xE000:
        return 2
    return len(chr(point).encode())


def parsed(text: str) -> JsonObject:
    """The JSON object in a text. Raises BadRequest where it is none, or might mean two things."""
    if not text.strip():
        raise BadRequest("El cuerpo está vacío; envíe un objeto JSON.")
    check_depth(text)
    try:
        value = json.loads(
            text,
            parse_float=_decimal,
            parse_int=_integer,
            parse_constant=_refuse_constant,
            object_pairs_hook=_unique,
        )
    except json.JSONDecodeError as cause:
        raise BadRequest(
            f"El cuerpo no es JSON válido (línea {cause.lineno}, columna {cause.colno})."
        ) from cause
    if not isinstance(value, dict):
        raise BadRequest("El cuerpo debe ser un objeto JSON: { … }.")
    for path, string in _strings(value):
        if UNWRITABLE.search(string):
            raise BadRequest("El texto contiene caracteres de control o no es Unicode válido.", field=path)
    return value


def shown(text: str) -> str:
    """A caller's text, cut and cleaned, to be named in a message."""
    cut = text if len(text) <= 60 else f"{text[:60]}…"
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in cut)


def check_content_type(content_type: str | None, admitted: re.Pattern[str], like: str) -> None:
    """Raise UnsupportedMediaType, with the sentence ``like``, for a media type that is not ``admitted``."""
    if not content_type:
        return
    media_type, *parameters = content_type.lower().split(";")
    if not admitted.fullmatch(media_type.strip()):
        raise UnsupportedMediaType(like)
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "charset" and value.strip(' "') not in ("utf-8", "utf8"):
            raise UnsupportedMediaType("El JSON debe venir en UTF-8.")


def text_of(event_body: str | None, is_base64: bool, most: int) -> str:
    """The text of a body of at most ``most`` bytes. Raises TooLarge or BadRequest."""
    body = event_body or ""
    if len(body) > most * (2 if is_base64 else 1):
        _refuse_size(most)
    try:
        octets = base64.b64decode(body, validate=True) if is_base64 else body.encode("utf-8")
        if len(octets) > most:
            _refuse_size(most)
        return octets.decode("utf-8-sig") if is_base64 else body.removeprefix("\ufeff")
    except binascii.Error as cause:
        raise BadRequest("El cuerpo no es base64 válido.") from cause
    except ValueError as cause:
        raise BadRequest("El cuerpo no está en UTF-8.") from cause


def _refuse_size(most: int) -> NoReturn:
    raise TooLarge(f"El cuerpo supera el máximo de {most // 1024} KiB.")


def check_depth(text: str) -> None:
    """Raise BadRequest for too deep nesting, before the parser, which recurses, reads the text."""
    depth = 0
    for found in _STRING_OR_BRACKET.finditer(text):
        first = found.group()[0]
        if first in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise BadRequest(f"El JSON tiene más de {MAX_DEPTH} niveles de anidación.")
        elif first in "]}":
            depth -= 1


def _decimal(digits: str) -> Decimal:
    try:
        return Decimal(digits)
    except InvalidOperation as cause:  # an exponent beyond 10^18
        raise BadRequest(f"El número {shown(digits)} no se puede representar.") from cause


def _integer(digits: str) -> int | Decimal:
    return int(digits) if len(digits) <= _MAX_INT_DIGITS else Decimal(digits)


def _refuse_constant(name: str) -> NoReturn:
    raise BadRequest(f"«{name}» no es un número JSON.")


def _unique(pairs: list[tuple[str, object]]) -> JsonObject:
    found: JsonObject = {}
    for key, value in pairs:
        if key in found:
            raise BadRequest(f"La clave «{shown(key)}» está repetida en el mismo objeto.", field=shown(key))
        found[key] = value
    return found


def _strings(value: object) -> Iterator[tuple[str, str]]:
    """Every string in a value, keys too, with its dotted path."""
    waiting: list[tuple[str, object]] = [("", value)]
    while waiting:
        path, current = waiting.pop()
        prefix = f"{path}." if path else ""
        if isinstance(current, str):
            yield path, current
        elif isinstance(current, dict):
            for key, inner in current.items():
                yield f"{prefix}{shown(key)}", key
                waiting.append((f"{prefix}{shown(key)}", inner))
        elif isinstance(current, list):
            waiting.extend((f"{prefix}{n}", inner) for n, inner in enumerate(current))
