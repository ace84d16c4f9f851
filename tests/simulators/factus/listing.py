"""Lists: filters, pages, and the pagination block with its uneven links.

A text filter matches rows that contain it, so a client must compare for itself. A filter that is not documented is
refused, as the query-builder package behind such URLs does. Both are inferred.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode

from tests.simulators.factus import answers
from tests.simulators.routing import Answer, Request

_FILTER = re.compile(r"filter\[(\w+)\](?:\[(\w+)\])?")
_PER_PAGE = 10
_ALL_LINKS_UP_TO = 10
_NEIGHBOURS = 3

Test = Callable[[Any, str], bool]


def contains(value: Callable[[Any], str | None]) -> Test:
    return lambda row, wanted: wanted.lower() in (value(row) or "").lower()


def equals(value: Callable[[Any], object]) -> Test:
    return lambda row, wanted: str(value(row)) == wanted


def chosen(request: Request, rows: Iterable[Any], tests: Mapping[str, Test]) -> list[Any] | Answer:
    """The rows that pass every filter of the request; an Answer if a filter is unknown or malformed."""
    kept = list(rows)
    for name, value in filters(request).items():
        if name == "per_page":
            continue
        if name not in tests:
            return answers.bad_request(f"Requested filter(s) `{name}` are not allowed.")
        if name.startswith("created_at") and not _is_date(value):
            return answers.bad_request(f"Filter `{name}` is not a date (YYYY-MM-DD).")
        if value:
            kept = [row for row in kept if tests[name](row, value)]
    return kept


def filters(request: Request) -> dict[str, str]:
    """`filter[a]` → a, `filter[a][b]` → a.b."""
    found = {}
    for key, value in request.query:
        match = _FILTER.fullmatch(key)
        if match:
            found[".".join(filter(None, match.groups()))] = value
    return found


def page(
    request: Request, base_url: str, rows: list[Any], shape: Callable[[Any], Any], *, sized: bool
) -> Answer:
    """One page of rows. `sized` lets `filter[per_page]` choose how many (v2)."""
    size = _whole(filters(request).get("per_page"), _PER_PAGE) if sized else _PER_PAGE
    current = _whole(request.argument("page"), 1)
    last = max(1, -(-len(rows) // size))
    shown = rows[(current - 1) * size : current * size]
    first = (current - 1) * size + 1 if shown else None
    pagination = {
        "total": len(rows),
        "per_page": size,
        "current_page": current,
        "last_page": last,
        "from": first,
        "to": first + len(shown) - 1 if first else None,
        "links": _links(request, base_url, current, last),
    }
    return answers.ok(
        {"data": [shape(row) for row in shown], "pagination": pagination}, note=f"{len(shown)} rows"
    )


def _links(request: Request, base_url: str, current: int, last: int) -> list[dict[str, Any]]:
    """Previous, pages, next. `label` is text or a number; the previous and "..." links have no `page`."""

    def url(number: int) -> str | None:
        others = [(key, value) for key, value in request.query if key != "page"]
        return f"{base_url}{request.path}?{urlencode([*others, ('page', number)])}"

    links: list[dict[str, Any]] = [
        {"url": url(current - 1) if current > 1 else None, "label": "&laquo; Anterior", "active": False}
    ]
    previous = 0
    for number in _numbers(current, last):
        if number > previous + 1:
            links.append({"url": None, "label": "...", "active": False})
        links.append({"url": url(number), "label": number, "active": number == current, "page": number})
        previous = number
    following = url(current + 1) if current < last else None
    links.append({"url": following, "label": "Siguiente &raquo;", "active": False, "page": current + 1})
    return links


def _numbers(current: int, last: int) -> list[int]:
    if last <= _ALL_LINKS_UP_TO:
        return list(range(1, last + 1))
    return [
        number for number in range(1, last + 1) if number in (1, last) or abs(number - current) <= _NEIGHBOURS
    ]


def _whole(value: str | None, otherwise: int) -> int:
    return int(value) if value and value.isdigit() and int(value) > 0 else otherwise


def _is_date(value: str) -> bool:
    try:
        return bool(date.fromisoformat(value))
    except ValueError:
        return not value
