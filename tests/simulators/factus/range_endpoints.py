"""Numbering ranges: list, show, create, current, delete, DIAN's, and v2's toggle.

A new range is inactive, as in the documentation's example. v1 cannot activate one.
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from tests.simulators.factus import answers, catalogs, listing, ranges
from tests.simulators.factus.ranges import NumberingRange
from tests.simulators.factus.state import State
from tests.simulators.factus.validation import Fields, parse_object
from tests.simulators.routing import Answer, Request, Router

_WITHOUT_RESOLUTION_LAST = 16_000_000
_NEW_RANGE_SIZE = 1000
_NEW_RANGE_DAYS = 365


class RangeEndpoints:
    def __init__(self, state: State, base_url: Callable[[], str]) -> None:
        self._state = state
        self._base_url = base_url
        self._tests = {
            "id": listing.equals(lambda row: row.id),
            "document": listing.equals(lambda row: row.type_code),
            "resolution_number": listing.equals(lambda row: row.resolution),
            "technical_key": listing.equals(lambda row: row.technical_key),
            "is_active": listing.equals(lambda row: int(row.is_active)),
        }

    def register(self, router: Router) -> None:
        for dialect in ("v1", "v2"):
            path = f"/{dialect}/numbering-ranges"
            router.add("GET", path, self._list)
            router.add("POST", path, self._create)
            router.add("GET", f"{path}/dian", self._at_dian)
            router.add("GET", f"{path}/{{range_id}}", self._show)
            router.add("DELETE", f"{path}/{{range_id}}", self._delete)
            router.add("PATCH", f"{path}/{{range_id}}/current", self._set_current)
        router.add("PATCH", "/v2/numbering-ranges/{range_id}/toggle-status", self._toggle)

    def _list(self, request: Request) -> Answer:
        with self._state.lock:
            kept = listing.chosen(request, self._state.ranges.values(), self._tests)
        if isinstance(kept, Answer):
            return kept
        today = self._today()
        return listing.page(
            request, self._base_url(), kept, lambda row: ranges.listed(row, today), sized=False
        )

    def _show(self, _request: Request, range_id: str) -> Answer:
        row = self._find(range_id)
        return answers.ok(ranges.shown(row, self._today())) if row else answers.not_found()

    def _at_dian(self, _request: Request) -> Answer:
        with self._state.lock:
            rows = [ranges.at_dian(row) for row in self._state.ranges.values() if row.resolution]
        return answers.ok(rows)

    def _create(self, request: Request) -> Answer:
        fields = Fields(parse_object(request.body) or {})
        type_code = fields.code("document", catalogs.RANGE_TYPE_NAMES, required=True)
        prefix = fields.text("prefix", required=True, longest=4)
        current = fields.integer("current", required=True)
        needs_resolution = type_code in catalogs.RANGE_TYPES_WITH_RESOLUTION
        resolution = fields.text("resolution_number", required=needs_resolution)
        if current is not None and current < 1:
            fields.refuse("current", "El campo current debe ser al menos 1.")
        if fields.errors or type_code is None or prefix is None or current is None:
            return answers.field_errors(fields.errors)
        with self._state.lock:
            row = self._new(type_code, prefix, current, resolution if needs_resolution else None)
            self._state.ranges[row.id] = row
        return answers.created(
            ranges.shown(row, self._today()),
            "Rango de numeración creado con éxito",
            f"range {row.id} {prefix}",
        )

    def _new(self, type_code: str, prefix: str, current: int, resolution: str | None) -> NumberingRange:
        """A range with DIAN's interval and dates if DIAN knows its resolution and prefix, else with invented ones."""
        known = next(
            (
                row
                for row in self._state.ranges.values()
                if resolution and (row.resolution, row.prefix) == (resolution, prefix)
            ),
            None,
        )
        today = self._today()
        fresh: dict[str, Any] = {
            "first": 1,
            "last": _WITHOUT_RESOLUTION_LAST,
            "start": today,
            "end": date(2050, 12, 31),
        }
        if known is not None:
            fresh = {"first": known.first, "last": known.last, "start": known.start, "end": known.end}
            fresh["technical_key"] = known.technical_key
        elif resolution:
            end = today + timedelta(days=_NEW_RANGE_DAYS)
            fresh = {"first": current, "last": current + _NEW_RANGE_SIZE - 1, "start": today, "end": end}
        row = NumberingRange(
            id=max(self._state.ranges, default=0) + 1,
            type_code=type_code,
            prefix=prefix,
            next_number=current,
            resolution=resolution,
            is_active=False,
            **fresh,
        )
        row.touch(self._state.clock())
        row.created_at = row.updated_at
        return row

    def _set_current(self, request: Request, range_id: str) -> Answer:
        """Sets the next number: inside the range, and never back over a used number."""
        row = self._find(range_id)
        if row is None:
            return answers.not_found()
        fields = Fields(parse_object(request.body) or {})
        current = fields.integer("current", required=True)
        if current is not None and not row.first <= current <= row.last:
            fields.refuse("current", "El campo current está fuera del rango de numeración.")
        elif current is not None and current <= self._highest_issued(row):
            fields.refuse("current", "El consecutivo ya fue usado.")
        if fields.errors or current is None:
            return answers.field_errors(fields.errors)
        with self._state.lock:
            row.next_number = current
            row.touch(self._state.clock())
        return answers.ok(ranges.shown(row, self._today()), "Rango de numeración actualizado con éxito")

    def _toggle(self, _request: Request, range_id: str) -> Answer:
        row = self._find(range_id)
        if row is None:
            return answers.not_found()
        with self._state.lock:
            row.is_active = not row.is_active
            row.touch(self._state.clock())
        return answers.ok(ranges.shown(row, self._today()), "Rango de numeración actualizado con éxito")

    def _delete(self, _request: Request, range_id: str) -> Answer:
        row = self._find(range_id)
        if row is None:
            return answers.not_found()
        if self._highest_issued(row):
            return answers.conflict("El rango de numeración tiene documentos asociados")
        with self._state.lock:
            del self._state.ranges[row.id]
        return answers.done("Rango de numeración eliminado con éxito")

    def _highest_issued(self, row: NumberingRange) -> int:
        with self._state.lock:
            issued = [document for rows in self._state.documents.values() for document in rows]
        return max(
            (int(doc.number.removeprefix(row.prefix)) for doc in issued if doc.range is row), default=0
        )

    def _find(self, range_id: str) -> NumberingRange | None:
        with self._state.lock:
            return self._state.ranges.get(int(range_id)) if range_id.isdigit() else None

    def _today(self) -> date:
        return self._state.clock().date()
