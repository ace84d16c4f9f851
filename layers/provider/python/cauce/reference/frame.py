"""HTML: what a page is put together from. All text is escaped here; between backticks it is code."""

import re
from collections.abc import Iterable
from html import escape
from typing import NamedTuple

_CODE = re.compile(r"`([^`]+)`")
# Without one a browser asks for another that there is not.
_ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath fill='none' "
    "stroke='%230b6b74' stroke-width='2.4' stroke-linecap='round' "
    "d='M2 5c3-3 6 3 12 0M2 11c3-3 6 3 12 0'/%3E%3C/svg%3E"
)
PAGES = {
    "": "Inicio",
    "rutas": "Rutas",
    "campos": "Campos",
    "errores": "Errores",
    "reglas": "Reglas de la DIAN",
}


def told(text: str) -> str:
    """A sentence, with what is between backticks as code."""
    return _CODE.sub(r"<code>\1</code>", escape(text, quote=False))


def code(text: str) -> str:
    return f"<code>{escape(text, quote=False)}</code>"


def paragraph(text: str) -> str:
    return f"<p>{told(text)}</p>"


def block(text: str) -> str:
    """Text to copy, as it is."""
    return f'<pre tabindex="0"><code>{escape(text, quote=False)}</code></pre>'


def link(address: str, inner: str) -> str:
    return f'<a href="{escape(address)}">{inner}</a>'


def table(caption: str, head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Cells are HTML. On a narrow screen each row is a block, whose cells say which column they are of."""
    columns = [*head]
    body = "".join(f"<tr>{''.join(map(_cell, columns, row))}</tr>" for row in rows)
    heads = "".join(f"<th scope=col>{escape(each)}</th>" for each in columns)
    return f"<table><caption>{escape(caption)}</caption><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"


def _cell(column: str, cell: str) -> str:
    return f'<td data-columna="{escape(column)}">{cell}</td>'


class Tab(NamedTuple):
    """One of several bodies that are shown one at a time. ``mark``: a warning beside its name."""

    name: str
    body: str
    mark: str = ""


def tabs(legend: str, each: Iterable[Tab]) -> str:
    """Bodies of which a reader chooses one, by radio buttons: no script. Without the style all are shown."""
    shown = "".join(
        f'<input type="radio" name="pestana" id="pestana-{place}"{" checked" * (place == 0)}>'
        f'<label for="pestana-{place}">{escape(tab.name)}'
        f"{f' <small>{escape(tab.mark)}</small>' if tab.mark else ''}</label>"
        f'<div class="panel">{tab.body}</div>'
        for place, tab in enumerate(each)
    )
    return f'<fieldset class="pestanas"><legend>{escape(legend)}</legend>{shown}</fieldset>'


def _entry(address: str, called: str, *, is_here: bool) -> str:
    return f'<li><a href="{address}"{" aria-current=page" if is_here else ""}>{called}</a></li>'


def page(title: str, body: str, *, here: str | None, depth: int) -> str:
    """A whole page. ``depth``: how many folders below ``/docs`` it is, -1 being ``/docs`` itself."""
    root = "docs/" if depth < 0 else "../" * depth
    home = "docs" if depth < 0 else "../" * (depth + 1) + "docs"
    entries = "".join(
        _entry(root + name if name else home, called, is_here=name == here) for name, called in PAGES.items()
    )
    return (
        f'<!doctype html>\n<html lang="es"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{escape(title)} · Cauce</title>'
        f'<link rel="icon" href="{_ICON}">'
        f'<link rel="stylesheet" href="{root}docs.css"></head><body>'
        f'<a class="salto" href="#contenido">Ir al contenido</a>'
        f'<header class="barra"><p class="marca"><span class="ondas" aria-hidden="true">≈</span> Cauce '
        f'<span class="menor">documentación</span></p>'
        f'<nav aria-label="Documentación"><ul>{entries}</ul></nav></header>'
        f'<main id="contenido"><h1>{escape(title)}</h1>{body}</main></body></html>\n'
    )
