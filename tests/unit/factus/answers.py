"""Answers of Factus's, and the request they answer: the builders' invoice of 50000 and its 19 %."""

from typing import Any

from cauce.providers.base import Refs, Request, refs
from cauce.providers.factus.provider import Factus
from tests.content import CUFE
from tests.unit.factus.builders import invoice, record

CREATE, LIST, LOGIN = "POST /v1/bills/validate", "GET /v1/bills", "POST /oauth/token"
QR = f"https://catalogo-vpfe-hab.dian.gov.co/document/searchqr?documentkey={CUFE}"
DOCUMENT_ID = "0b7e4f0e-0000-4000-8000-000000000001"


def bill(**changes: Any) -> dict[str, Any]:
    """The answer to the invoice that the builders make: 50000 and its 19 %."""
    shown = {
        "id": 820,
        "number": "SETP990000493",
        "reference_code": DOCUMENT_ID,
        "status": 1,
        "cufe": CUFE,
        "qr": QR,
        "total": "59500.00",
        "errors": [],
        "created_at": "10-05-2026 03:30:02 PM",
        **changes,
    }
    party = {"identification": changes.pop("identification", "123456789")}
    return {
        "status": "Created",
        "message": "registrado y validado",
        "data": {"customer": party, "bill": shown},
    }


def row(**changes: Any) -> dict[str, Any]:
    return {
        "id": 820,
        "number": "SETP990000493",
        "reference_code": DOCUMENT_ID,
        "identification": "123456789",
        "total": "59500.00",
        "status": 1,
        "errors": [],
        "created_at": "10-05-2026 03:30:02 PM",
        **changes,
    }


def page(*rows: dict[str, Any], last: int = 1, total: int | None = None) -> dict[str, Any]:
    count = len(rows) if total is None else total
    pagination = {"total": count, "per_page": 10, "current_page": 1, "last_page": last, "links": []}
    return {"status": "OK", "data": {"data": list(rows), "pagination": pagination}}


def prepared(provider: Factus) -> Request:
    return provider.prepare(record(invoice()))


def asking(**changes: Any) -> Refs:
    return refs(record(invoice(), **changes))
