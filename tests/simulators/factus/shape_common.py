"""The parts of an answer that both dialects have alike."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from tests.simulators.factus import catalogs
from tests.simulators.factus.arithmetic import LineFigures, text
from tests.simulators.factus.catalogs import TRIBUTE_NAMES
from tests.simulators.factus.drafts import Draft, Line
from tests.simulators.factus.state import Document

QR_HOST = "https://catalogo-vpfe-hab.dian.gov.co"


def withholding_totals(figures: list[LineFigures]) -> list[dict[str, str]]:
    sums: dict[str, Decimal] = {}
    for withheld in (row for figure in figures for row in figure.withholdings):
        sums[withheld.code] = sums.get(withheld.code, Decimal(0)) + Decimal(text(withheld.value))
    return [
        {"tribute_code": code, "name": TRIBUTE_NAMES[code], "value": text(value)}
        for code, value in sorted(sums.items())
    ]


def allowance_charges(draft: Draft) -> list[dict[str, Any]]:
    return [
        {
            "concept_type": named(row.concept, catalogs.SURCHARGE_CONCEPTS),
            "is_surcharge": True,
            "reason": row.reason,
            "base_amount": text(row.base),
            "percentage": text(row.amount / row.base * 100) if row.base else "0.00",
            "amount": text(row.amount),
        }
        for row in draft.surcharges
    ]


def mandate(line: Line) -> dict[str, Any] | None:
    if line.mandate is None:
        return None
    return {
        "identification_document": named(line.mandate["identity_code"], catalogs.IDENTITY_NAMES),
        "identification": line.mandate["identification"],
    }


def named(code: str | None, names: dict[str, str]) -> dict[str, Any]:
    return {"code": code, "name": names.get(code or "")}


def errors(document: Document) -> list[str]:
    return [text for _, text in document.rules]


def moment(value: datetime | None) -> str | None:
    """DD-MM-YYYY hh:mm:ss AM/PM, Colombian time."""
    if value is None:
        return None
    return f"{value:%d-%m-%Y %I:%M:%S} {'AM' if value.hour < 12 else 'PM'}"


def qr(document: Document) -> str:
    return f"{QR_HOST}/document/searchqr?documentkey={document.uuid}"
