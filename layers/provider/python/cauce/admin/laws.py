"""``cauce law``: what the law's dated values would say of an issuer's documents on another day."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Annotated

import typer
from rich.markup import escape

from cauce.admin import options, stack
from cauce.admin.terminal import out, table, wrapped
from cauce.contracts.v1.bodies import JsonObject
from cauce.domain.document import Document
from cauce.domain.outcome import Finding
from cauce.domain.record import Listed
from cauce.domain.search import Search
from cauce.domain.time import bogota
from cauce.gateway import Gateway
from cauce.law import health, values

app = typer.Typer(no_args_is_help=True, help="La ley: los valores que cambian cada año.")

_DAYS, _AT_ONCE, _SHOWN = 31, 100, 3
_Day = Annotated[
    datetime, typer.Option("--from", "--desde", formats=["%Y-%m-%d"], help="Un día, AAAA-MM-DD.")
]
_OtherDay = Annotated[
    datetime, typer.Option("--to", "--hasta", formats=["%Y-%m-%d"], help="El día con el que se compara.")
]


@app.callback()
def _laws() -> None:
    """La ley: los valores que cambian cada año."""


@dataclass
class _Change:
    """What is said of a value on one of the two days and not on the other, and the documents that have it."""

    finding: Finding
    is_new: bool
    """Whether it is said on the second day; else on the first."""
    documents: list[str] = field(default_factory=list)


@app.command("changes")
def changes(
    nit: options.Nit,
    first: _Day,
    second: _OtherDay,
    as_json: Annotated[bool, typer.Option("--json", help="Para otro programa.")] = False,
) -> None:
    """Vuelve a revisar, como si fueran de otro día, los documentos emitidos en el último mes.

    Dice qué valores de impuestos y retenciones, y qué códigos del sector salud, dejarían de estar vigentes, y en qué
    documentos. No emite nada.
    """
    gateway = stack.gateway()
    gateway.issuers.read(nit)
    looked_at, found = _changes(gateway, nit, first.date(), second.date())
    unknown = values.absent(second.year)
    if as_json:
        told = [_told(each) for each in found]
        print(
            json.dumps(
                {"nit": nit, "revisados": looked_at, "cambios": told, "faltan": unknown}, ensure_ascii=False
            )
        )
    else:
        _show(looked_at, found, unknown, second.date())


def _changes(gateway: Gateway, nit: str, first: date, second: date) -> tuple[int, list[_Change]]:
    """How many documents were looked at, and what differs between the two days."""
    found: dict[tuple[str, ...], _Change] = {}
    looked_at = 0
    for row in _last_month(gateway, nit):
        record = gateway.records.read(nit, row.document_id)
        if record.event is not None:
            continue
        looked_at += 1
        today = record.document.model_copy(update={"issue_date": None})
        before, after = _said(today, first), _said(today, second)
        for what in before.keys() ^ after.keys():
            finding = before.get(what) or after[what]
            change = found.setdefault((*what, str(what in after)), _Change(finding, what in after))
            change.documents.append(str(record.number or record.document_id))
    return looked_at, sorted(found.values(), key=lambda each: (-len(each.documents), each.finding.expected))


def _last_month(gateway: Gateway, nit: str) -> Iterator[Listed]:
    search = Search(since=bogota(gateway.now()).date() - timedelta(_DAYS))
    start: str | None = None
    while True:
        page = gateway.listing.page(nit, search, limit=_AT_ONCE, start=start)
        yield from page.records
        start = page.next
        if start is None:
            return


def _said(document: Document, day: date) -> dict[tuple[str, str, str], Finding]:
    """The findings of a day, by what they are about."""
    dated = (*values.findings(document, day), *health.out_of_force(document, day))
    return {(each.rule, each.expected, each.found): each for each in dated}


def _told(change: _Change) -> JsonObject:
    return {
        "regla": change.finding.rule,
        "se_esperaba": change.finding.expected,
        "llego": change.finding.found,
        "desde_el_segundo_dia": change.is_new,
        "documentos": change.documents,
    }


def _show(looked_at: int, found: list[_Change], unknown: tuple[str, ...], day: date) -> None:
    if unknown:
        wrapped(
            f"[yellow]Cauce todavía no tiene los valores de {day.year} de {', '.join(unknown)}[/yellow]: lo que "
            "depende de ellos no se puede comparar. Llegan con una versión nueva de Cauce."
        )
    if not found:
        out.print(f"Nada cambia en lo emitido en el último mes ({looked_at} revisados).")
        return
    listed = table("documentos", "valor", "se esperaba", "ejemplos")
    for each in found:
        more = "…" if len(each.documents) > _SHOWN else ""
        listed.add_row(
            str(len(each.documents)),
            escape(each.finding.found),
            escape(each.finding.expected),
            escape(", ".join(each.documents[:_SHOWN]) + more),
        )
    out.print(listed)
    out.print(f"De {looked_at} documentos del último mes; ninguno se rechaza por esto.")
