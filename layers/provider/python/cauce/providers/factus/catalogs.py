"""Factus's own ids and codes for DIAN's lists. v1 takes internal ids, v2 codes.

Source: reference tables of its documentation, v1 and v2. The long lists are in ``v1_ids.txt``: v1's internal
id of a municipality or unit is its position, from 1, in v2's table. A test compares that with every id that
v1's pages show.
"""

import unicodedata
from functools import cache, lru_cache
from pathlib import Path

from cauce.providers.factus.routes import Dialect

_IDENTIFICATIONS = ("11", "12", "13", "21", "22", "31", "41", "42", "47", "50", "91")
IDENTIFICATION_IDS = {code: number for number, code in enumerate(_IDENTIFICATIONS, start=1)}
V2_IDENTIFICATIONS = frozenset(IDENTIFICATION_IDS) | {"48"}
# Both dialects have a separate table for the sellers of support documents and their notes.
SELLER_IDENTIFICATIONS = frozenset({"21", "22", "31", "41", "42", "47", "50"})

TRIBUTE_IDS = {"01": 18, "ZZ": 21}
"""v1's ids of a buyer's tax scheme; v2 takes the codes of the same two."""

TAX_IDS = {"01": 1, "04": 4}
V2_TAXES = frozenset({"01", "04", "35"})
WITHHOLDINGS = frozenset({"05", "06"})

STANDARD_IDS = {"999": 1, "001": 2, "020": 3, "010": 4}
PAYMENT_MEANS = frozenset({"10", "42", "20", "47", "71", "72", "1", "49", "48", "ZZZ"})
SURCHARGE = "03"
"""The only concept of a header charge or discount that Factus takes yet."""

# Codes that Factus's table has otherwise: AS, SI and EL as translated words, DIAN's MG as UN/ECE's milligram.
_TRANSLATED = {"AS": "COMO", "SI": "SÍ", "EL": "ÉL", "MG": "MGM"}
MISNAMED_UNITS = {"MHZ": "MGM"}
"""Units whose row in Factus's table has another unit's code: the megahertz has MGM, the milligram's.

Inferred: a document gets the code of the row, so that megahertz would be issued as milligrams.
"""


def acquirer_type(dialect: Dialect, code: str) -> dict[str, str] | None:
    """The query parameter by which a look-up of a buyer names a type of document; ``None`` for one that has none."""
    if dialect is Dialect.V2:
        return {"identification_document_code": code} if code in V2_IDENTIFICATIONS else None
    found = IDENTIFICATION_IDS.get(code)
    return {"identification_document_id": str(found)} if found else None


def municipality_id(divipola: str) -> int | None:
    """v1's id: ``"68679"`` (San Gil) → 980."""
    return _positions("municipalities").get(divipola)


@lru_cache(maxsize=256)
def unit_id(code: str) -> int | None:
    """v1's id of a unit of measure: ``"94"`` → 70."""
    return _positions("units").get(_plain(_TRANSLATED.get(code, code)))


@lru_cache(maxsize=256)
def unit_code(code: str) -> str | None:
    """v2's code of a unit of measure, as its table spells it: ``4`` for ``04``, ``1ª`` for ``1A``."""
    position = unit_id(code)
    if position is None:
        return None
    spelt = _lists()["units"][position - 1].replace("_", " ")
    return spelt.lstrip("0") if spelt.isdigit() else spelt


def _plain(code: str) -> str:
    """One spelling for each code: Factus has ``1ª`` and ``G K`` where UN/ECE has ``1A`` and ``GK``."""
    folded = unicodedata.normalize("NFKC", code).upper().replace("_", "").replace(" ", "")
    return folded.lstrip("0") if len(folded) < 3 and folded.isdigit() else folded


@cache
def _positions(name: str) -> dict[str, int]:
    """The codes of a list and their positions, the first one where a code is repeated."""
    positions: dict[str, int] = {}
    for position, code in enumerate(_lists()[name], start=1):
        positions.setdefault(_plain(code), position)
    return positions


@cache
def _lists() -> dict[str, list[str]]:
    """The lists of ``v1_ids.txt``: a heading, then codes in the order of their ids, ``_`` for a blank."""
    lists: dict[str, list[str]] = {"municipalities": [], "units": []}
    current = lists["municipalities"]
    for word in (Path(__file__).parent / "v1_ids.txt").read_text("utf-8").split():
        if word in lists:
            current = lists[word]
        else:
            current.append(word)
    return lists
