"""Identifications and item codes that do not fit the type that they state."""

from collections.abc import Iterator

from cauce.domain.acquirer import ANYBODY
from cauce.domain.catalogs import FINAL_CONSUMER, NIT
from cauce.domain.document import Document, Line, Party
from cauce.domain.nit import has_check_digit
from cauce.domain.outcome import Finding, Severity
from cauce.domain.survey import survey

_GTIN = "010"


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
    if line.standard == _GTIN and not (line.code.isascii() and line.code.isdigit()):
        yield Finding(
            rule="Anexo 1.9, 13.3.5",
            severity=Severity.NOTICE,
            field=f"lines.{n}.code",
            expected="un GTIN, que son dígitos",
            found=line.code,
            fix="Un GTIN son los dígitos del código de barras; un código propio lleva el estándar 999.",
            fix_en="A GTIN is the digits of the bar code; a code of your own has standard 999.",
        )
