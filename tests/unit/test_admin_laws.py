"""``cauce law changes``: the last month's documents, looked at as if they were of another day."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal as D
from typing import Any

import pytest

from cauce.contracts.v1 import contract
from cauce.domain.document import Kind, Tax
from cauce.law import values
from tests.documents import invoice
from tests.records import noted
from tests.unit.contracts.examples import a_record
from tests.unit.test_admin import NIT, cauce, enrolled, gateway, one_red_line, settings  # noqa: F401

BAGS = {"from": "2025-12-31", "to": "2026-01-01"}


def keep(gateway: Any, document_id: str, price: str | None, *, days_ago: int = 3) -> None:  # noqa: F811
    """An accepted invoice whose first line has the tax on bags at a price, or no such tax."""
    document = contract.document(Kind.INVOICE, invoice(referencia=document_id))
    first = document.lines[0]
    if price:
        bags = Tax(code="22", per_unit_amount=D(price), base_units=first.quantity, unit="94")
        first = first.model_copy(update={"taxes": (*first.taxes, bags)})
    document = document.model_copy(update={"lines": (first, *document.lines[1:])})
    issued = gateway.now() - timedelta(days_ago)
    record = a_record(
        document, issuer=NIT, document_id=document_id, issued_at=issued, created_at=issued, number=None
    )
    gateway.new_records.take_in(noted(record, "received", datetime.now(UTC)), numbered=False, quota=None)


def keep_service(gateway: Any, document_id: str, coverage: str) -> None:  # noqa: F811
    """An accepted invoice of a health service under a coverage."""
    said = {
        "codigo_prestador": "1100112345",
        "modalidad_pago": "04",
        "cobertura": coverage,
        "contrato": "C-1",
    }
    body = invoice(referencia=document_id, factura={"operacion": "SS-SinAporte"}, salud=said)
    issued = gateway.now() - timedelta(3)
    record = a_record(
        contract.document(Kind.INVOICE, body),
        issuer=NIT,
        document_id=document_id,
        issued_at=issued,
        created_at=issued,
        number=None,
    )
    gateway.new_records.take_in(noted(record, "received", datetime.now(UTC)), numbered=False, quota=None)


def ran(cauce: Any, days: dict[str, str], *more: str) -> Any:  # noqa: F811
    return cauce("law", "changes", NIT, "--from", days["from"], "--to", days["to"], *more)


def test_what_a_new_year_changes_is_told_with_the_documents(cauce, enrolled, gateway):  # noqa: F811
    keep(gateway, "of-2025", "70")
    keep(gateway, "also-of-2025", "70")
    keep(gateway, "of-2026", "73")
    keep(gateway, "without", None)
    keep(gateway, "two-months-old", "70", days_ago=60)

    told = json.loads(ran(cauce, BAGS, "--json").out)

    assert told["revisados"] == 4
    assert told["faltan"] == []
    by_value = {
        each["llego"]: (each["desde_el_segundo_dia"], sorted(each["documentos"])) for each in told["cambios"]
    }
    assert by_value == {
        "70, que es de 2025": (True, ["also-of-2025", "of-2025"]),
        "73": (False, ["of-2026"]),
    }
    shown = ran(cauce, BAGS)
    assert shown.code == 0
    assert "70, que es de 2025" in shown.out
    assert "De 4 documentos del último mes" in shown.out


def test_a_health_code_that_another_takes_the_place_of_is_told_too(cauce, enrolled, gateway):  # noqa: F811
    keep_service(gateway, "of-may", "01")
    keep_service(gateway, "of-june", "16")
    keep_service(gateway, "of-both", "05")

    told = json.loads(ran(cauce, {"from": "2026-05-31", "to": "2026-06-01"}, "--json").out)

    by_value = {
        each["llego"][:2]: (each["desde_el_segundo_dia"], each["documentos"]) for each in told["cambios"]
    }
    assert by_value == {"01": (True, ["of-may"]), "16": (False, ["of-june"])}


def test_a_month_that_nothing_changes_says_so(cauce, enrolled, gateway):  # noqa: F811
    keep(gateway, "without", None)
    assert "Nada cambia en lo emitido en el último mes (1 revisados)" in ran(cauce, BAGS).out


def test_a_year_without_values_is_told_first(cauce, enrolled, gateway):  # noqa: F811
    after = max(row.start.year for row in values._file().uvt) + 1
    shown = ran(cauce, {"from": f"{after - 1}-12-31", "to": f"{after}-01-01"})
    assert f"todavía no tiene los valores de {after} de UVT, INC de bolsas plásticas" in " ".join(
        shown.out.split()
    )


@pytest.mark.parametrize("nit, words", [("800197268", ("800197268",))])
def test_an_issuer_that_does_not_exist_is_a_sentence(cauce, enrolled, nit, words):  # noqa: F811
    one_red_line(cauce("law", "changes", nit, "--from", "2026-01-01", "--to", "2026-01-02"), *words)
