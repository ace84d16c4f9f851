"""What taxes and withholdings are worth by date, from ``values.json``: a notice tells what is not in force.

No row refuses a document: a value may be lawful that the table does not have yet, or that only the ERP knows of.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

from pydantic import Field

from cauce.domain.document import NOTES, Document, Tax, Value, Withholding
from cauce.domain.money import HUNDRED, ZERO, plain
from cauce.domain.outcome import Finding, Severity
from cauce.domain.totals import TaxAmount, totals
from cauce.law.rates import NONE, Extra

_DECEMBER = 12


class Row(Value):
    """The values from a day on, and where they come from; ``said``: what they are for, in Spanish."""

    start: date = Field(alias="from")
    values: tuple[Decimal, ...]
    source: str
    said: str = ""


class Table(Value):
    """The values of one tax or withholding, oldest first: percentages, or pesos for each unit."""

    code: str
    called: str
    rule: str
    """Where the law or the annex has them."""
    rows: tuple[Row, ...]
    said: str = ""
    """As a row's, where every row has the same."""
    is_percent: bool = False
    yearly: bool = False
    """Whether a row ends with its year."""
    only_older: bool = False
    """Whether only a value of an earlier row is wrong: what the unit is, only the ERP knows."""
    within: Decimal = ZERO
    shares: tuple[Decimal, ...] = ()
    """Per cents of the value that may be owed instead of all of it."""

    def on(self, day: date) -> Row | None:
        """The row in force on a day, where the table has one."""
        row = next((row for row in reversed(self.rows) if row.start <= day), None)
        return None if row is None or (self.yearly and row.start.year != day.year) else row

    def has(self, row: Row, value: Decimal) -> bool:
        """Whether it is one of the row's values, or a share of one."""
        parts = (each * part / HUNDRED for each in row.values for part in (HUNDRED, *self.shares))
        return any(abs(value - part) <= self.within for part in parts)

    def earlier(self, row: Row, value: Decimal) -> Row | None:
        """The last earlier row that has a value, if there is one."""
        return next(
            (each for each in reversed(self.rows) if each.start < row.start and value in each.values), None
        )


def uvt(day: date) -> Decimal | None:
    """The UVT of a day, in pesos; ``None`` where ``values.json`` does not have that year's."""
    return next((row.values[0] for row in _file().uvt if row.start.year == day.year), None)


def missing(today: date) -> tuple[str, ...]:
    """What has no row yet of those that are needed by now: names, in Spanish."""
    return absent(year_needed(today))


def year_needed(today: date) -> int:
    """This year, and in December the next one."""
    return today.year + (today.month == _DECEMBER)


def absent(year: int) -> tuple[str, ...]:
    """What has no row for a year, of what changes every year: names, in Spanish."""
    last = date(year, _DECEMBER, 31)
    tables = (table.called for table in _file().tables if table.yearly and table.on(last) is None)
    return (*(() if uvt(last) else ("UVT",)), *tables)


def findings(document: Document, today: date, extra: Extra = NONE) -> Iterator[Finding]:
    """A notice for each rate that was not in force on the day of what the document is about. ``extra``: percentages
    that the issuer may use all the same."""
    sums = totals(document)
    day = _day(document, today)
    for of, rated in (("taxes", sums.taxes), ("withholdings", sums.withholdings)):
        for rate in rated:
            table = _by_code().get(rate.code)
            row = table.on(day) if table else None
            if table and row and rate.percent not in extra.get(rate.code, ()) and _is_odd(table, row, rate):
                yield _finding(document, day, of, rate, table, row)


def _day(document: Document, today: date) -> date:
    """The day of the sale: a note's is that of what it corrects, a transcription's that of its paper invoice."""
    if document.billing_reference is not None:
        return document.billing_reference.issue_date
    if document.paper_invoice is not None:
        return document.paper_invoice.issue_date
    if document.kind in NOTES and document.period is not None:
        return document.period.end
    return document.issue_date or today


def _value(table: Table, rate: TaxAmount) -> Decimal | None:
    return rate.percent if table.is_percent else rate.per_unit_amount


def _is_odd(table: Table, row: Row, rate: TaxAmount) -> bool:
    value = _value(table, rate)
    if value is None or table.has(row, value):
        return False
    return not table.only_older or table.earlier(row, value) is not None


def _finding(document: Document, day: date, of: str, rate: TaxAmount, table: Table, row: Row) -> Finding:
    value = _value(table, rate) or ZERO
    unit = " %" if table.is_percent else ""
    earlier = table.earlier(row, value)
    values = " o ".join(", ".join(map(plain, row.values)).rsplit(", ", 1))
    said = row.said or table.said
    old = f", que es de {earlier.start.year}" if earlier else ""
    return Finding(
        rule=table.rule,
        severity=Severity.NOTICE,
        field=_path(document, of, rate, "percent" if table.is_percent else "per_unit_amount"),
        expected=f"{values}{unit} {said}".rstrip(),
        found=f"{plain(value)}{unit}{old}",
        fix=f"Revise el valor de {table.called}: no es de los que rigen el {day}. El documento se emite como llegó.",
        fix_en=f"Look at the value of {table.called}: it is not in force on {day}. It is issued as it came.",
    )


def _path(document: Document, of: str, rate: TaxAmount, name: str) -> str:
    """The domain's path of the first tax or withholding with that rate."""
    for n, line in enumerate(document.lines):
        entries: tuple[Tax | Withholding, ...] = line.taxes if of == "taxes" else line.withholdings
        for at, entry in enumerate(entries):
            if entry.code == rate.code and getattr(entry, name) == getattr(rate, name):
                return f"lines.{n}.{of}.{at}.{name}"
    raise LookupError(f"no line has {rate.code}, whose total the document has")  # pragma: no cover


@cache
def _by_code() -> dict[str, Table]:
    return {table.code: table for table in _file().tables}


@cache
def _file() -> "_File":
    return _File.model_validate_json((Path(__file__).parent / "values.json").read_bytes())


class _File(Value):
    source: str
    uvt: tuple[Row, ...]
    tables: tuple[Table, ...]
