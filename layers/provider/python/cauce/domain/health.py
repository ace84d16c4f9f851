"""The health sector's lists and literals, from ``data/health.json``: MinSalud's, which change without a new norm.

DIAN checks none of them. MinSalud does, with the RIPS, in its own validation (MUV) after DIAN's.
"""

from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field

from cauce.domain.document import Health, Value

OF_PAPER = "SS-SNum"
COLLECTED_BEFORE = frozenset({"SS-CUFE", "SS-CUDE", "SS-POS", OF_PAPER})
"""Operations that credit what the user paid before, as another document proves."""
RECEIPT = "SS-Recaudo"
"""The receipt of what a user pays: of all of these operations the only one without the extension."""
NOTHING_COLLECTED = "SS-SinAporte"

ListName = Literal["payment_methods", "coverages", "absences", "collections"]


class Row(Value):
    """One code of a list; without ``start`` or ``until`` it is in force on any day on that side."""

    code: str
    called: str
    start: date | None = Field(None, alias="from")
    until: date | None = None
    instead: str = ""
    """What to write on a day on which it is not in force."""
    policy: bool = False
    """A coverage of a policy, whose number is said."""
    private: bool = False
    """Of a patient who pays by themselves."""
    source: str

    def in_force(self, day: date) -> bool:
        return (self.start is None or self.start <= day) and (self.until is None or day <= self.until)


class CodeList(Value):
    """``scheme``: what the extension calls the list."""

    scheme: str = ""
    rows: tuple[Row, ...]


class Literals(Value):
    """The extension's fixed texts."""

    responsible: str
    act: str
    group: str
    collection: str
    source: str


class _From(Value):
    start: date = Field(alias="from")
    said: str = ""
    source: str


class _File(Value):
    source: str
    acts: tuple[_From, ...]
    oldest_period: _From
    literals: Literals
    payment_methods: CodeList
    coverages: CodeList
    absences: CodeList
    collections: CodeList


@cache
def _file() -> _File:
    return _File.model_validate_json((Path(__file__).parent / "data" / "health.json").read_bytes())


def listed(name: ListName) -> CodeList:
    found: CodeList = getattr(_file(), name)
    return found


@cache
def _names(name: ListName) -> dict[str, str]:
    return {row.code: row.called for row in listed(name).rows}


def payment_methods() -> dict[str, str]:
    """How a payer and a provider of health services agreed that these are paid, by code (modalidadPago)."""
    return _names("payment_methods")


def coverages() -> dict[str, str]:
    """Under which plan a service is covered, by code (coberturaPlan)."""
    return _names("coverages")


def absences() -> dict[str, str]:
    """Why a service is invoiced without a contract, by code (facturaSinContrato)."""
    return _names("absences")


def collections() -> dict[str, str]:
    """What a user's payment is, by code (conceptoRecaudo)."""
    return _names("collections")


def row(name: ListName, code: str) -> Row | None:
    """The row of a code, if the list has it."""
    return next((each for each in listed(name).rows if each.code == code), None)


def literals() -> Literals:
    return _file().literals


def act(day: date) -> str:
    """The act in force on a day, as the extension names it; before the first that is known, that one."""
    acts = _file().acts
    return next((each.said for each in reversed(acts) if each.start <= day), acts[0].said)


def oldest_period() -> date:
    """The first day of which MinSalud takes a period."""
    return _file().oldest_period.start


def coded(health: Health) -> tuple[tuple[str, ListName, str], ...]:
    """The codes of an extension that are there: the field, the list, and the code."""
    said: tuple[tuple[str, ListName, str | None], ...] = (
        ("payment_method", "payment_methods", health.payment_method),
        ("coverage", "coverages", health.coverage),
        ("no_contract", "absences", health.no_contract),
    )
    return tuple((field, name, code) for field, name, code in said if code)
