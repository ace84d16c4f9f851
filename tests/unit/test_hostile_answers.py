"""Answers that nobody honest gives: each is read to an end, and is no answer or says nothing that cannot be kept."""

import json
from dataclasses import asdict, fields
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from cauce.domain.document import Kind
from cauce.domain.errors import NotSent
from cauce.domain.outcome import Identity, Number
from cauce.providers import loose
from cauce.providers.base import Emitted
from cauce.providers.facepro.calls import Session as FacEProSession
from cauce.providers.facturatech import answer as facturatech
from cauce.providers.factus import rows, values
from cauce.providers.factus.calls import Session
from cauce.providers.identity import contradiction, difference
from tests.unit.facepro.builders import facepro

NOW = datetime(2026, 5, 10, tzinfo=UTC)
BEYOND = ["1e400", "inf", "nan", "9" * 400, "-1", "1e15"]


@pytest.mark.parametrize("seconds", BEYOND)
def test_a_limiter_is_heeded_for_a_day_at_most_whatever_it_asks(seconds: str) -> None:
    limited = httpx.Response(429, json={"message": "Too Many Attempts."}, headers={"Retry-After": seconds})
    asked = [
        values.wait_seconds({"retry-after": seconds}, NOW.timestamp()),
        values.wait_seconds({"x-ratelimit-reset": seconds}, NOW.timestamp()),
        FacEProSession(facepro().connection).trouble(limited).retry_after,  # type: ignore[attr-defined]
    ]

    assert all(0 <= wait <= 86_400 for wait in asked)


@pytest.mark.parametrize("seconds", [float(each) for each in BEYOND])
def test_a_wait_that_no_clock_reads_is_none(seconds: float) -> None:
    wait = NotSent("x", retry_after=seconds).retry_after

    assert wait is not None and NOW <= NOW + timedelta(seconds=wait) < NOW + timedelta(days=400)


@pytest.mark.parametrize("total", ["1E+9999999", "-1E+9999999", "9" * 100_000])
def test_a_total_that_is_beyond_arithmetic_is_another_total(total: str) -> None:
    ours, theirs = Identity(payable=Decimal(119_000)), Identity(payable=Decimal(total))

    assert contradiction(ours, theirs) is not None
    assert difference(ours, theirs) is not None


def test_a_listing_with_more_pages_than_can_be_counted_has_those_that_it_shows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[int] = []

    def page(self: Session, path: str, search: dict[str, str], page: int) -> Any:
        asked.append(page)
        return b"", [{}] if page == 1 else [], {"last_page": json.loads("1e9999999", parse_float=Decimal)}

    monkeypatch.setattr(Session, "page", page)

    assert len(list(Session(None).rows("/bills", {}))) == 1  # type: ignore[arg-type]
    assert asked == [1]


@pytest.mark.parametrize("number", ["1" * 8_000_000 + "x", "1a" * 4_000_000, "9" * 8_000_000])
def test_a_number_as_long_as_a_book_is_none_and_takes_no_time(number: str) -> None:
    assert values.split(number, "SETP") is None
    assert values.split("SETP1", "SETP") == Number(prefix="SETP", consecutive=1)


def test_a_range_whose_limits_have_no_end_is_no_range() -> None:
    assert loose.whole("1E+9999999") is None
    assert loose.whole("995000000") == 995_000_000
    assert rows.type_code("Factura de Venta") == "21"


@pytest.mark.parametrize(
    "text", ["tra" + "c" * 2_000_000, "advertencias [" * 200_000, "errores:[" + "x" * 2_000_000]
)
def test_a_sentence_as_long_as_a_book_is_read_at_its_beginning(text: str) -> None:
    from lxml import etree

    element = etree.fromstring(f"<r><code>404</code><error>{text}</error></r>".encode())

    found = facturatech.reply(element, b"raw")

    assert len(found.message) == 4_000
    assert len(facturatech.rejected(found, Kind.INVOICE).rejections[0].text) <= 500


def a_row(**changes: Any) -> Emitted:
    facts: dict[str, Any] = dict.fromkeys(each.name for each in fields(Emitted)[:11])
    return Emitted(**{**facts, "shown_state": "aceptado", **changes})


def test_a_page_of_a_listing_fits_an_answer_of_ours_whatever_its_rows_say() -> None:
    book = "x" * 600_000
    row = a_row(
        **{each.name: book for each in fields(Emitted) if each.type == (str | None)},
        total=Decimal("1E+9999999"),
        messages=(book,) * 300,
        links={str(n): "https://" + "x" * 1_900 for n in range(300)},
        extra={f"{n}": [book] * 10 for n in range(300)},
    )

    page = json.dumps([asdict(row)] * 100, ensure_ascii=False).encode()

    assert len(page) < 6_000_000
    assert row.total is None and len(row.messages) == 8


def test_an_honest_row_is_shown_as_it_is() -> None:
    row = a_row(
        number="SETP1",
        total=Decimal("119000.00"),
        messages=("Regla: FAJ44b, Notificación: Nombre",),
        links={"xml": "https://a.example/x.xml"},
        extra={"correos_enviados": 2, "ip": None, "entorno": "PRODUCCION"},
    )

    assert (row.number, row.total, row.messages) == (
        "SETP1",
        Decimal("119000.00"),
        ("Regla: FAJ44b, Notificación: Nombre",),
    )
    assert row.links == {"xml": "https://a.example/x.xml"}
    assert row.extra == {"correos_enviados": 2, "ip": None, "entorno": "PRODUCCION"}
    assert a_row(links={"xml": "https://" + "x" * 2_000}).links == {}
