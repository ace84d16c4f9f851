"""Which range on file a document is numbered in, and with which number: offline nobody knows which is next."""

import re

from cauce.contracts.v1.issuer_file import IssuerOnFile
from cauce.domain.document import AUTHORISED, Document, Kind
from cauce.domain.errors import InvalidDocument, NumberingUnavailable
from cauce.domain.issuer import Environment
from cauce.domain.outcome import Number
from cauce.domain.ranges import NumberingRange
from cauce.ubl import own_ranges

_NUMBER = re.compile(r"([A-Za-z0-9]*?)([1-9][0-9]{0,9})")


def range_of(document: Document, on_file: IssuerOnFile, number: str | None) -> NumberingRange | None:
    """The range that the document is numbered in: by the number's prefix, by the request's, or the only one.

    In habilitación the public range stands in. A note needs none: ``None`` where its number is in no range on
    file. Raises NumberingUnavailable.
    """
    known = _known(document.kind, on_file)
    fitting = [each for each in known if _fits(each, document, number)]
    if not fitting and number is not None and document.kind not in AUTHORISED:
        return None
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        prefixes = ", ".join(each.prefix or "sin prefijo" for each in fitting)
        raise NumberingUnavailable(
            f"El archivo del emisor trae varios rangos ({prefixes}); indique un número.", field="prefix"
        )
    asked = f" del número {number}" if number else ""
    raise NumberingUnavailable(
        f"El archivo del emisor no trae el rango{asked} para este tipo de documento.", field="rangos"
    )


def number_of(found: NumberingRange | None, asked: str | None) -> Number:
    """The number asked for, or the first of the range. Raises InvalidDocument."""
    if asked is None:
        assert found is not None, "without a number there is a range"
        return Number(prefix=found.prefix, consecutive=found.start)
    if found is not None:
        return Number(prefix=found.prefix, consecutive=int(asked.removeprefix(found.prefix)))
    match = _NUMBER.fullmatch(asked)
    if match is None:
        raise InvalidDocument(
            "El número une el prefijo y el consecutivo, sin ceros a la izquierda, como NC1.", field="numero"
        )
    return Number(prefix=match[1], consecutive=int(match[2]))


def _known(kind: Kind, on_file: IssuerOnFile) -> list[NumberingRange]:
    found = [each for each in on_file.ranges if each.kind is kind]
    if not found and kind is Kind.INVOICE and on_file.issuer.environment is Environment.TEST:
        return [own_ranges.TEST_RANGE]
    if not found:
        return [each for each in own_ranges.internal({}) if each.kind is kind]
    return found


def _fits(found: NumberingRange, document: Document, number: str | None) -> bool:
    return document.prefix in (None, found.prefix) if number is None else _within(number, found)


def _within(number: str, found: NumberingRange) -> bool:
    digits = number.removeprefix(found.prefix)
    if not (number.startswith(found.prefix) and digits.isascii() and digits.isdigit()):
        return False
    return digits == str(int(digits)) and found.start <= int(digits) <= found.end
