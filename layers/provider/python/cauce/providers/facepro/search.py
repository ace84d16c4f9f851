"""Which of FacEPro's documents is ours, when nothing but what we sent can tell. Pure.

FacEPro takes no reference and numbers by itself, so a send whose answer was lost is looked for in its list, by
buyer, total, kind and, above all, the second of issue, which is always ours to choose. That ``fecha_emision`` gives
that second back is how the page reads, but it does not say so: hence a document that fits in all but its time, and
was issued while ours was being sent, is neither ours nor ignored. A person decides.
"""

import re
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal

from cauce.domain.errors import Conflict, NotFound
from cauce.domain.money import CENT
from cauce.domain.time import bogota
from cauce.providers.base import Refs
from cauce.providers.facepro.answer import Facts

MAX_LINES = 200
# Their rounding is not documented; two ways of rounding a line differ by a cent at most.
_TOLERANCE: Decimal = CENT * MAX_LINES
# How far their clock may be behind ours, and how long after our call they may have been at it.
_BEFORE, _AFTER = timedelta(minutes=5), timedelta(minutes=15)
# The filters go by date of issue; a day on both sides, because «<=» may mean its first instant.
_MARGIN = timedelta(days=1)
_MOST_NAMED = 5


def windows(refs: Refs) -> list[tuple[date, date]]:
    """The first and last day to ask for: around the date of issue and, where it is another, around the sending."""
    days = sorted({bogota(moment).date() for moment in (refs.issued_at, refs.sent_at) if moment})
    if not days:
        raise Conflict("No se sabe cuándo se envió el documento; no hay candidatos que buscar.")
    if days[-1] - days[0] <= 2 * _MARGIN:
        return [(days[0] - _MARGIN, days[-1] + _MARGIN)]
    return [(day - _MARGIN, day + _MARGIN) for day in days]


def ours(refs: Refs, listed: Iterable[Facts]) -> Facts:
    """The one document that is ours.

    Raises NotFound where there is none, Conflict where several may be, or one may be for all we know.
    """
    fitting = {
        row.tracking_id: row for row in listed if row.tracking_id not in refs.refused and _fits(refs, row)
    }
    certain = [row for row in fitting.values() if _is_certain(refs, row)]
    if len(certain) == 1:
        return certain[0]
    candidates = certain or [row for row in fitting.values() if _is_possible(refs, row)]
    if not candidates:
        raise NotFound("FacEPro Cloud no lista un documento como este.")
    names = ", ".join(
        f"{row.full_number or 'sin número'} ({row.tracking_id})" for row in candidates[:_MOST_NAMED]
    )
    more = ", …" if len(candidates) > _MOST_NAMED else ""
    raise Conflict(
        f"FacEPro Cloud tiene {len(candidates)} candidatos a ser este documento: {names}{more}. "
        "Una persona debe decidir."
    )


def of_uuid(refs: Refs, listed: Iterable[Facts]) -> Facts:
    """The document with the CUFE in ``refs``, no earlier attempt that was refused. Raises NotFound where none is."""
    for row in listed:
        if row.uuid is not None and row.uuid == refs.uuid and row.tracking_id not in refs.refused:
            return row
    raise NotFound("FacEPro Cloud no lista, en los días del documento, ninguno con ese CUFE.")


def _fits(refs: Refs, row: Facts) -> bool:
    """Whether nothing the row says makes it another document."""
    return (
        row.kind in (refs.kind, None)
        and (row.counterparty is None or _plain(row.counterparty) == _plain(refs.counterparty))
        and (row.total is None or abs(row.total - refs.payable) <= _TOLERANCE)
    )


def _is_certain(refs: Refs, row: Facts) -> bool:
    """Whether a row that fits says everything, and was issued on our very second."""
    return (
        None not in (row.kind, row.counterparty, row.total, row.issued_at)
        and refs.issued_at is not None
        and row.issued_at == bogota(refs.issued_at)
    )


def _is_possible(refs: Refs, row: Facts) -> bool:
    """Whether a row that fits may have been stored by our call."""
    if row.issued_at is None or refs.sent_at is None:
        return True
    on_our_second = refs.issued_at is not None and row.issued_at == bogota(refs.issued_at)
    return on_our_second or -_BEFORE <= row.issued_at - refs.sent_at <= _AFTER


def _plain(identification: str) -> str:
    """The number without the marks that people put in it."""
    return re.sub(r"[^0-9A-Za-z]", "", identification).upper()
