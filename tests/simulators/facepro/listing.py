"""GET /documentos: its filters, and pages with Laravel's `links` and `meta`."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from tests.simulators.facepro import answers
from tests.simulators.facepro.catalogs import DEFAULT_PER_PAGE, ESTADOS, MAX_PER_PAGE
from tests.simulators.facepro.documents import Document
from tests.simulators.facepro.validation import Errors, is_date
from tests.simulators.routing import Answer, Request


def page(
    request: Request,
    rows: list[Document],
    shape: Callable[[Document], dict[str, Any]],
    path: str,
    *,
    bare: bool,
    largest_page: int,
) -> Answer:
    """One page, newest first. `bare` leaves out `links` and `meta`; no page has more than `largest_page` rows."""
    errors = _errors(request)
    if errors:
        return answers.invalid(errors)
    estado, since, until = (request.argument(name) for name in ("estado", "desde", "hasta"))
    found = [
        row
        for row in reversed(rows)
        if estado in (None, row.estado)
        and (since is None or row.issued_at.date().isoformat() >= since)
        and (until is None or row.issued_at.date().isoformat() <= until)
    ]
    size = min(int(request.argument("per_page") or DEFAULT_PER_PAGE), largest_page)
    current = int(request.argument("page") or 1)
    shown = found[(current - 1) * size : current * size]
    data = [shape(row) for row in shown]
    if bare:
        return answers.ok({"data": data}, f"{len(shown)} rows")
    last = max(1, -(-len(found) // size))
    first = (current - 1) * size + 1 if shown else None
    others = [(name, value) for name, value in request.query if name != "page"]

    def link(number: int) -> str:
        return f"{path}?{urlencode([*others, ('page', number)])}"

    links = {
        "first": link(1),
        "last": link(last),
        "prev": link(current - 1) if current > 1 else None,
        "next": link(current + 1) if current < last else None,
    }
    meta = {
        "current_page": current,
        "from": first,
        "last_page": last,
        "path": path,
        "per_page": size,
        "to": first + len(shown) - 1 if first else None,
        "total": len(found),
    }
    return answers.ok({"ok": True, "data": data, "links": links, "meta": meta}, f"{len(shown)} rows")


def _errors(request: Request) -> Errors:
    errors: Errors = {}
    if request.argument("estado") not in (None, *ESTADOS):
        errors["estado"] = [f"El estado debe ser uno de: {', '.join(ESTADOS)}."]
    for name in ("desde", "hasta"):
        value = request.argument(name)
        if value is not None and not is_date(value):
            errors[name] = [f"El parámetro {name} debe tener el formato YYYY-MM-DD."]
    for name, most in (("per_page", MAX_PER_PAGE), ("page", None)):
        value = request.argument(name)
        if value is None:
            continue
        if not value.isdecimal() or int(value) < 1 or (most is not None and int(value) > most):
            limit = f" entre 1 y {most}" if most else " mayor que 0"
            errors[name] = [f"El parámetro {name} debe ser un entero{limit}."]
    return errors
