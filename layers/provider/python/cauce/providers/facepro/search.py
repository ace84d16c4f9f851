"""FacEPro's list of documents: its filters, its rows in the shape that all providers share, and which of them is ours
where the answer to its sending was lost. Pure. Source: seed 002, «Query params».

FacEPro takes no reference and numbers by itself. So the document is looked for in its list by buyer, total, kind and,
above all, the second of issue, which we always choose. The page suggests, without saying so, that ``fecha_emision``
is that second. So a document that fits but for its time, and was issued while ours was being sent, may be ours: a
person decides.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal

from cauce.domain.errors import Conflict, InvalidDocument, NotFound, Unsupported
from cauce.domain.money import CENT
from cauce.domain.time import bogota
from cauce.providers.base import Emitted, EmittedQuery, FilterName, Refs
from cauce.providers.facepro.answer import Estado, Facts
from cauce.providers.identity import plain

MAX_PER_PAGE = 100
# FacEPro's dates are those of issue.
_FILTERS = {
    FilterName.STATE: "estado",
    FilterName.SINCE: "desde",
    FilterName.UNTIL: "hasta",
    FilterName.ISSUED_SINCE: "desde",
    FilterName.ISSUED_UNTIL: "hasta",
}
MAX_LINES = 200
# FacEPro's rounding is not documented; two ways of rounding a line differ by a cent at most.
_TOLERANCE: Decimal = CENT * MAX_LINES
# How far FacEPro's clock may be behind ours, and how long after our call it may still have issued the document.
_BEFORE, _AFTER = timedelta(minutes=5), timedelta(minutes=15)
# FacEPro's filters are by date of issue. A day more on both sides, because «<=» may mean the first instant of a day.
_MARGIN = timedelta(days=1)
_MOST_NAMED = 5


def query(asked: EmittedQuery) -> dict[str, str]:
    """The query string of a search. Raises Unsupported for a filter that FacEPro does not have."""
    found: dict[str, str] = {}
    for each in asked.filters:
        if each.name not in _FILTERS:
            raise Unsupported(f"FacEPro Cloud no filtra sus documentos por «{each.said}».", field=each.said)
        if found.setdefault(_FILTERS[each.name], each.value) != each.value:
            raise InvalidDocument("FacEPro Cloud tiene una sola fecha por documento.", field=each.said)
    state = asked.by(FilterName.STATE)
    if state and state.value not in set(Estado):
        raise InvalidDocument(f"El estado debe ser uno de: {', '.join(Estado)}.", field=state.said)
    return found


def emitted(found: Facts) -> Emitted:
    """One row of a listing. Its links open only with the token."""
    extra = {"zip_key": found.zip_key, "estado_dian_codigo": found.status_code}
    return Emitted(
        provider_id=found.tracking_id,
        reference=None,
        kind=found.kind,
        own_type=None if found.kind else found.tipo,
        number=found.full_number,
        counterparty=found.counterparty,
        counterparty_name=found.counterparty_name,
        total=found.total,
        issued_at=found.issued_at.isoformat() if found.issued_at else None,
        received_at=None,
        uuid=found.uuid,
        shown_state=found.estado,
        messages=tuple(text for text in (found.status_message, found.last_error) if text),
        links=found.links,
        extra={name: value for name, value in extra.items() if value},
    )


def windows(refs: Refs) -> list[tuple[date, date]]:
    """The first and last days to list: around the date of issue and, where that is another day, around the sending.
    Raises Conflict where neither is known."""
    days = sorted({bogota(moment).date() for moment in (refs.issued_at, refs.sent_at) if moment})
    if not days:
        raise Conflict("No se sabe cuándo se envió el documento; no hay candidatos que buscar.")
    if days[-1] - days[0] <= 2 * _MARGIN:
        return [(days[0] - _MARGIN, days[-1] + _MARGIN)]
    return [(day - _MARGIN, day + _MARGIN) for day in days]


def ours(refs: Refs, listed: Iterable[Facts]) -> Facts:
    """The listed document that is certainly ours.

    Raises NotFound where none can be ours, Conflict where several are certain, or none is and some are possible.
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
    raise Conflict(
        f"FacEPro Cloud tiene {len(candidates)} candidatos a ser este documento: {_named(candidates)}. "
        "Una persona debe decidir."
    )


def of_uuid(refs: Refs, listed: Iterable[Facts]) -> Facts:
    """The document with the CUFE in ``refs``, other than a refused attempt. Raises NotFound where none is listed."""
    for row in listed:
        if row.uuid is not None and row.uuid == refs.uuid and row.tracking_id not in refs.refused:
            return row
    raise NotFound("FacEPro Cloud no lista, en los días del documento, ninguno con ese CUFE.")


def _named(candidates: list[Facts]) -> str:
    named = (f"{row.full_number or 'sin número'} ({row.tracking_id})" for row in candidates[:_MOST_NAMED])
    return ", ".join(named) + (", …" if len(candidates) > _MOST_NAMED else "")


def _fits(refs: Refs, row: Facts) -> bool:
    """Whether no fact in a row makes it another document."""
    return (
        row.kind in (refs.kind, None)
        and (row.counterparty is None or plain(row.counterparty) == plain(refs.counterparty))
        and (row.total is None or abs(row.total - refs.payable) <= _TOLERANCE)
    )


def _is_certain(refs: Refs, row: Facts) -> bool:
    """Whether a row that fits has all facts, and was issued in the second that we chose."""
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
