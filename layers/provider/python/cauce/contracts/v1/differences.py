"""In which of the contract's fields two documents, or two events, say different things."""

from collections.abc import Iterator
from typing import Any

from cauce.contracts.v1 import names
from cauce.contracts.v1.contract import canonical
from cauce.domain.document import Document
from cauce.domain.event import Event

# A document with every line another is told by its first ones.
_MOST = 20

# What is looked into; of the rest it is told that it differs, and not in what.
_LOOKED_INTO = tuple(
    (part,)
    for part in ("counterparty", "payment", "order_reference", "billing_reference", "reason", "period")
)
_LISTS = ("cargos", "descuentos")


def between(
    before: Document | Event, after: Document | Event, ways: names.Ways | None = None
) -> tuple[str, ...]:
    """The fields that differ, as the contract names them; the first twenty. What is worked out of others is left out:
    it would differ with them. ``ways``: how the request for ``after`` names them."""
    if before.kind is not after.kind:
        return ("tipo",)
    paths = _differing(_content(before), _content(after), ())
    used = ways or names.OfContent(after)
    found = dict.fromkeys(_said(path, used) for path in paths)
    return tuple(found)[:_MOST]


def _content(of: Document | Event) -> dict[str, Any]:
    content: dict[str, Any] = canonical(of)
    content.get("counterparty", {}).pop("check_digit", None)
    for part in (content, *content.get("lines", ())):
        part.get("principal", {}).pop("check_digit", None)
        for entry in part.pop("allowance_charges", ()):
            if "percent" in entry:
                entry.pop("amount"), entry.pop("base_amount", None)
            part.setdefault(_LISTS[0] if entry["is_charge"] else _LISTS[1], []).append(entry)
    return content


def _differing(before: Any, after: Any, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Paths of what is not the same, as deep as both have something; of lists only where they are as long."""
    if before == after:
        return
    is_looked_into = not path or path in _LOOKED_INTO or (path[0] == "lines" and len(path) == 2)
    if isinstance(before, dict) and isinstance(after, dict) and is_looked_into:
        for name in dict.fromkeys((*after, *before)):
            yield from _differing(before.get(name), after.get(name), (*path, name))
    elif path == ("lines",) and len(before) == len(after):
        for n, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from _differing(one, other, (*path, str(n)))
    else:
        yield path


def _said(path: tuple[str, ...], ways: names.Ways) -> str:
    *owner, last = path
    if last not in _LISTS:
        return names.told(".".join(path), ways)
    return ".".join([names.told(".".join(owner), ways), last] if owner else [last])
