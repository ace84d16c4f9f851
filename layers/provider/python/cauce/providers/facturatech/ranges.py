"""The numbering service's answers → ranges and refusals, and what it says that a range is for. Pure.

Source: seed 000, tables of its three operations and the catalogue at its end. Read by local name, since we had to
guess the namespace.
"""

import re
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from pydantic import SecretStr

from cauce.domain.document import Kind
from cauce.domain.errors import CredentialsRejected, InvalidDocument, NumberingUnavailable, OutcomeUnknown
from cauce.domain.ranges import NumberingRange
from cauce.domain.time import BOGOTA
from cauce.providers.base import RangeAnswer
from cauce.ubl import reading

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

RANGE_TYPES = {
    "INVOIC": "Factura",
    "INVOIC-C": "Factura de contingencia",
    "NC": "Nota de crédito",
    "ND": "Nota de debito",
    "DOCUMENTO_SOPORTE": "Documento soporte análogo",
    "NOMINA": "Nomina",
    "NOMINA_AJUSTE": "Nómina de ajuste",
    "SALUD": "Documento Salud",
    "INVOIC-C-POS": "Documento contingencia pos",
    "TITULO_VALOR": "Documento Titulo valor",
    "DSE": "Documento Soporte Electrónico",
    "DSE_AJUSTE": "Documento soporte ajuste",
    "RADIAN": "RADIAN",
}
"""What ConsultaNumeracion says that a range is for; a new range that awaits assignment has none."""

ASSIGNABLE = ("DSE", "INVOIC-C")
"""The types that ActualizarNumTipoDocumento takes: DIAN does not tell the two apart, so a person must."""

# The seed says INVOICE here, and INVOIC in its catalogue; both are listed, so that neither gets through.
NEEDS_RESOLUTION = frozenset({"INVOIC", "INVOICE", *ASSIGNABLE})
GENERATABLE = tuple(name for name in RANGE_TYPES if name not in NEEDS_RESOLUTION)
"""The types that GenerarNumeracion takes: those that need no resolution of DIAN's."""

# DOCUMENTO_SOPORTE is the analogue on paper, whose ranges are made; the electronic one is DSE, assigned.
KIND_OF_TYPE = {
    "INVOIC": Kind.INVOICE,
    "NC": Kind.CREDIT_NOTE,
    "ND": Kind.DEBIT_NOTE,
    "DSE": Kind.SUPPORT_DOCUMENT,
    "DSE_AJUSTE": Kind.ADJUSTMENT_NOTE,
}

# The seed's tables say Integer, which in ASMX has 32 bits.
MAX_INTEGER = 2**31 - 1

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DOTNET = re.compile(r"/Date\((-?\d+)(?:[+-]\d{4})?\)/")
_DAY_FIRST = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?:\D.*)?")


def ranges(result: "Element", raw: bytes, ok_codes: frozenset[int]) -> list[NumberingRange]:
    """Every range in a ResponseNumberingQuery.

    MsgError comes from Facturatech, StatusCode and StatusDescription from DIAN. A MsgError beside a list is about the
    newest ranges alone; without a list it is a refusal. A refusal is never read as «no ranges», which would mark
    every known range as vanished.

    Raises CredentialsRejected for Facturatech's refusal, NumberingUnavailable for DIAN's, OutcomeUnknown where
    a row cannot be read.
    """
    error = reading.text(result, "MsgError")
    listed = reading.child(result, "RespNumeration")
    rows = reading.children(listed) if listed is not None else []
    rows = [row for row in rows if reading.children(row)]
    if error and not rows:
        raise CredentialsRejected(f"Facturatech no entregó las numeraciones: «{error}».")
    status = _integer(reading.text(result, "StatusCode"), raw)
    if status not in ok_codes:
        said = reading.text(result, "StatusDescription") or error or "sin descripción"
        raise NumberingUnavailable(f"La DIAN no entregó las numeraciones ({status}): «{said}».")
    return [numbering_range(row, raw) for row in rows]


def numbering_range(row: "Element", raw: bytes) -> NumberingRange:
    """One numberingRangelist. The service does not tell the next number, which we count.

    A range that is «activo» may be past its last day: ``NumberingRange.state`` tells that from the date.
    """
    type_name = reading.text(row, "ClaveTipoDocumento")
    key = reading.text(row, "ClaveTecnica")
    return NumberingRange(
        provider="facturatech",
        kind=KIND_OF_TYPE.get(type_name),
        prefix=reading.text(row, "Prefijo"),
        resolution=reading.text(row, "NumeroAutorizacion") or None,
        start=_integer(reading.text(row, "NumeroInicial"), raw),
        end=_integer(reading.text(row, "NumeroFinal"), raw),
        valid_from=_day(reading.text(row, "FechaInicioAutorizacion"), raw),
        valid_to=_day(reading.text(row, "FechaFinAutorizacion"), raw),
        technical_key=SecretStr(key) if key else None,
        active=reading.text(row, "Estatus").casefold() == "activo",
        provider_type=type_name or None,
    )


def answer(result: "Element", raw: bytes) -> RangeAnswer:
    """A ResponseActTipoDoc or ResponseAltaNuneracion: a refusal is OperacionExitosa false at HTTP 200."""
    flag = {"true": True, "1": True, "false": False, "0": False}.get(
        reading.text(result, "OperacionExitosa").casefold()
    )
    if flag is None:
        raise OutcomeUnknown("Facturatech no dijo si la operación fue exitosa.", raw=raw)
    said = reading.text(result, "Msg") or ("Hecho." if flag else "Facturatech no dijo por qué.")
    return RangeAnswer(done=flag, message=said, raw=raw)


def check_assignable(type_name: str) -> None:
    """Raise InvalidDocument for a type that ActualizarNumTipoDocumento does not take."""
    if type_name not in ASSIGNABLE:
        known = " o ".join(ASSIGNABLE)
        raise InvalidDocument(f"A una resolución solo se le asigna {known}, no «{type_name}».", field="kind")


def check_generatable(prefix: str, start: int, end: int, type_name: str) -> None:
    """Raise InvalidDocument for a type, prefix or interval that GenerarNumeracion does not take."""
    if type_name in NEEDS_RESOLUTION:
        raise InvalidDocument(
            f"Las numeraciones {type_name} requieren resolución de la DIAN; no se generan.",
            field="kind",
        )
    if type_name not in GENERATABLE:
        known = ", ".join(f"{each} ({RANGE_TYPES[each]})" for each in GENERATABLE)
        raise InvalidDocument(
            f"Facturatech genera numeraciones de {known}; no de «{type_name}».", field="kind"
        )
    if not prefix or prefix[-1].isdigit():
        # ENC_6 joins prefix and number.
        raise InvalidDocument("El prefijo es obligatorio y no puede terminar en dígito.", field="prefix")
    if not 0 < start <= end <= MAX_INTEGER:
        raise InvalidDocument(f"El rango va de menor a mayor, entre 1 y {MAX_INTEGER}.", field="start")


def _integer(value: str, raw: bytes) -> int:
    if not re.fullmatch(r"-?[0-9]{1,18}", value):
        raise OutcomeUnknown("Facturatech respondió una numeración ilegible.", raw=raw)
    return int(value)


def _day(value: str, raw: bytes) -> date | None:
    """A date in any of the usual forms of such services; the seed gives none.

    ISO with or without time, day/month/year, or .NET's ``/Date(milliseconds)/``.
    """
    if not value:
        return None
    try:
        if found := _DOTNET.fullmatch(value):
            return (_EPOCH + timedelta(milliseconds=int(found[1]))).astimezone(BOGOTA).date()
        if found := _DAY_FIRST.fullmatch(value):
            return date(int(found[3]), int(found[2]), int(found[1]))
        moment = datetime.fromisoformat(value)
        return (moment.astimezone(BOGOTA) if moment.tzinfo else moment).date()
    except (ValueError, OverflowError) as cause:
        raise OutcomeUnknown("Facturatech respondió una fecha de numeración ilegible.", raw=raw) from cause
