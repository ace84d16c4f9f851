"""Identifications and item codes that do not fit the type that they state."""

from collections.abc import Iterator

from cauce.domain.acquirer import ANYBODY
from cauce.domain.catalogs import FINAL_CONSUMER, NIT
from cauce.domain.document import Document, Line, Party
from cauce.domain.nit import has_check_digit
from cauce.domain.outcome import Finding, Severity
from cauce.domain.survey import survey

_GTIN = "010"
_GTIN_LENGTHS = (8, 12, 13, 14)


def breaches(whose: str, identification_type: str, number: str) -> Iterator[tuple[str, str]]:
    """What is wrong with the identification of the party at the path ``whose``: path and sentence."""
    if identification_type != NIT:
        return
    if number == FINAL_CONSUMER:
        yield (
            f"{whose}.identification_type",
            "El consumidor final se identifica con el tipo 13, no con 31 (NIT).",
        )
    elif has_check_digit(number):
        yield (
            f"{whose}.identification",
            f"Parece incluir el dígito de verificación {number[-1]}: envíe {number[:-1]}, sin él.",
        )


def findings(document: Document) -> Iterator[Finding]:
    yield from _anybody(document.counterparty)
    for n, line in survey(document).unusual:
        yield from _gtin(n, line)


def _anybody(party: Party) -> Iterator[Finding]:
    if party.identification == FINAL_CONSUMER and " ".join(party.name.split()).casefold() != ANYBODY:
        yield Finding(
            rule="Anexo 1.9, 3",
            severity=Severity.NOTICE,
            field="counterparty.name",
            expected=ANYBODY,
            found=party.name,
            fix=f"{FINAL_CONSUMER} es el consumidor final: si sabe quién compra, envíe su identificación.",
            fix_en=f"{FINAL_CONSUMER} is the final consumer: if the buyer is known, send its identification.",
        )


def _gtin(n: int, line: Line) -> Iterator[Finding]:
    if line.standard != _GTIN:
        return
    code = line.standard_code or line.code
    expected, fix, fix_en = "", "", ""
    if not (code.isascii() and code.isdigit()):
        expected = "un GTIN, que son dígitos"
        fix = "Un GTIN son los dígitos del código de barras; un código propio lleva el estándar 999."
        fix_en = "A GTIN is the digits of the bar code; a code of your own has standard 999."
    elif len(code) not in _GTIN_LENGTHS:
        expected = "un GTIN de 8, 12, 13 o 14 dígitos"
        fix = "Cuente los dígitos del código de barras; un código propio lleva el estándar 999."
        fix_en = "Count the digits of the bar code; a code of your own has standard 999."
    elif (digit := gtin_check_digit(code[:-1])) != code[-1]:
        expected = f"{code[:-1]}{digit}"
        fix = f"El dígito de control del código de barras debe ser {digit}: revise los demás."
        fix_en = f"The bar code's check digit must be {digit}: look at the others."
    if expected:
        yield Finding(
            rule="Anexo 1.9, 13.3.5",
            severity=Severity.NOTICE,
            field=f"lines.{n}.{'standard_code' if line.standard_code else 'code'}",
            expected=expected,
            found=code,
            fix=fix,
            fix_en=fix_en,
        )


def gtin_check_digit(digits: str) -> str:
    """The check digit of a GTIN, of the digits before it (GS1: weights 3 and 1 from the right)."""
    weighted = sum(int(digit) * (1 if n % 2 else 3) for n, digit in enumerate(reversed(digits)))
    return str(-weighted % 10)
