"""For the Factus simulator's own tests: a logged-in client, and requests that are valid by default."""

import copy
import functools
import json
import ssl
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.simulators.factus import FactusSimulator
from tests.simulators.factus.app import BOGOTA

DOCUMENTED = Path(__file__).resolve().parents[2].parent / "shared"
JSON_HEADERS = {"Accept": "application/json"}
MAIL = "proveedor@example.com"


@functools.cache
def _tls() -> ssl.SSLContext:
    """One TLS context for all clients: http:// addresses never use it, but making one for each client is slow."""
    return httpx.create_ssl_context()


def login(factus: FactusSimulator, **changed: str) -> httpx.Response:
    known = factus.credentials
    form = {
        "grant_type": "password",
        "client_id": known.client_id,
        "client_secret": known.client_secret,
        "username": known.username,
        "password": known.password,
        **changed,
    }
    return httpx.post(f"{factus.base_url}/oauth/token", data=form, headers=JSON_HEADERS, verify=_tls())


def client(factus: FactusSimulator) -> httpx.Client:
    token = login(factus).json()["access_token"]
    headers = {**JSON_HEADERS, "Authorization": f"Bearer {token}"}
    return httpx.Client(base_url=factus.base_url, headers=headers, timeout=10, verify=_tls())


def documented(name: str) -> Any:
    """An example of the documentation, its removed e-mail addresses filled in. Skips where it is not at hand."""
    path = DOCUMENTED / "factus" / f"{name}.json"
    if not path.exists():
        pytest.skip(f"the documentation's example {name} is not at hand")
    return json.loads(
        path.read_text().replace("[email\xa0protected]", MAIL).replace("[email protected]", MAIL)
    )


def support_page_examples() -> tuple[dict[str, Any], dict[str, Any]]:
    """The request and the 201 answer printed on the support-document page."""
    pages = sorted((DOCUMENTED / "seeds").glob("001_*.txt"))
    if not pages:
        pytest.skip("the support-document page is not at hand")
    text = pages[0].read_text()
    decoder = json.JSONDecoder()
    request, _ = decoder.raw_decode(text, text.index('{ "reference_code"'))
    answer, _ = decoder.raw_decode(text, text.index('{ "status": "Created"'))
    return request, answer


def ticking(*moments: str) -> Callable[[], datetime]:
    """A clock that shows these moments one after another, and then stays at the last."""
    times = [datetime.fromisoformat(moment).replace(tzinfo=BOGOTA) for moment in moments]
    remaining: Iterator[datetime] = iter(times[:-1])
    return lambda: next(remaining, times[-1])


def differences(expected: Any, actual: Any, path: str = "") -> dict[str, tuple[Any, Any]]:
    """Where two JSON values differ in keys, types or values: path → (expected, actual)."""
    if type(expected) is not type(actual):
        return {path: (expected, actual)}
    found: dict[str, tuple[Any, Any]] = {}
    if isinstance(expected, dict):
        for key in expected.keys() | actual.keys():
            inside = f"{path}.{key}".lstrip(".")
            if key in expected and key in actual:
                found |= differences(expected[key], actual[key], inside)
            else:
                found[inside] = (expected.get(key, "absent"), actual.get(key, "absent"))
    elif isinstance(expected, list):
        if len(expected) != len(actual):
            return {path: (expected, actual)}
        for position, (left, right) in enumerate(zip(expected, actual, strict=True)):
            found |= differences(left, right, f"{path}.{position}")
    elif expected != actual:
        found[path] = (expected, actual)
    return found


def but(body: dict[str, Any], path: str, value: Any = ...) -> dict[str, Any]:
    """A copy with the field at a dotted path changed, or removed if no value is given."""
    changed = copy.deepcopy(body)
    *parents, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    inside: Any = changed
    for part in parents:
        inside = inside[part]
    if value is ...:
        del inside[last]
    else:
        inside[last] = value
    return changed


# Requests valid by default -------------------------------------------------------------------------


def v1_item(**changed: Any) -> dict[str, Any]:
    return {
        "code_reference": "P1",
        "name": "Café",
        "quantity": 1,
        "discount_rate": 0,
        "price": 11900,
        "tax_rate": "19.00",
        "unit_measure_id": 70,
        "standard_code_id": 1,
        "is_excluded": 0,
        "tribute_id": 1,
        **changed,
    }


def v1_customer(**changed: Any) -> dict[str, Any]:
    return {
        "identification_document_id": 3,
        "identification": "1020304050",
        "names": "Ana Pérez",
        "email": "ana@example.com",
        "legal_organization_id": 2,
        "tribute_id": 21,
        "municipality_id": 980,
        **changed,
    }


def v1_bill(reference: str = "REF-1", **changed: Any) -> dict[str, Any]:
    body = {"reference_code": reference, "send_email": False, "customer": v1_customer(), "items": [v1_item()]}
    return {**body, **changed}


def v1_credit_note(bill_id: int, reference: str = "NC-1", **changed: Any) -> dict[str, Any]:
    return {
        "reference_code": reference,
        "correction_concept_code": 2,
        "customization_id": 20,
        "bill_id": bill_id,
        "payment_method_code": "10",
        "send_email": False,
        "items": [v1_item()],
        **changed,
    }


def v1_support_document(reference: str = "DS-1", **changed: Any) -> dict[str, Any]:
    return {
        "reference_code": reference,
        "provider": {
            "identification_document_id": 6,
            "identification": "123456789",
            "dv": 6,
            "names": "Alan Turing",
            "address": "calle 1 # 2-68",
            "email": MAIL,
            "country_code": "CO",
            "municipality_id": 980,
        },
        "items": [
            {
                "code_reference": "1",
                "name": "Servicio",
                "quantity": 1,
                "discount_rate": 0,
                "price": 50000,
                "unit_measure_id": 70,
                "standard_code_id": 1,
            }
        ],
        **changed,
    }


def v2_item(**changed: Any) -> dict[str, Any]:
    return {
        "code_reference": "P1",
        "name": "Café",
        "quantity": "1.00",
        "discount_rate": "0.00",
        "price": "10000.00",
        "unit_measure_code": "94",
        "standard_code": "999",
        "taxes": [{"code": "01", "rate": "19.00"}],
        **changed,
    }


def v2_payment(amount: str = "11900.00", **changed: Any) -> dict[str, Any]:
    return {"payment_form": "1", "payment_method_code": "10", "amount": amount, **changed}


def v2_customer(**changed: Any) -> dict[str, Any]:
    return {
        "identification_document_code": "13",
        "identification": "1020304050",
        "names": "Ana Pérez",
        "legal_organization_code": "2",
        "municipality_code": "68679",
        **changed,
    }


def v2_bill(reference: str = "REF-1", **changed: Any) -> dict[str, Any]:
    return {
        "reference_code": reference,
        "send_email": False,
        "payment_details": [v2_payment()],
        "customer": v2_customer(),
        "items": [v2_item()],
        **changed,
    }


def v2_note(bill_number: str, reference: str = "N-1", **changed: Any) -> dict[str, Any]:
    return {
        "reference_code": reference,
        "correction_concept_code": "2",
        "bill_number": bill_number,
        "payment_details": [v2_payment()],
        "items": [v2_item()],
        **changed,
    }


def v2_support(reference: str = "DS-1", **changed: Any) -> dict[str, Any]:
    """A support document; with `support_document_number` and a concept, an adjustment note."""
    return {
        "reference_code": reference,
        "payment_details": [v2_payment("10000.00")],
        "provider": {
            "identification_document_code": "31",
            "identification": "123456789",
            "names": "Alan Turing",
            "address": "calle 4",
            "country_code": "CO",
            "municipality_code": "68679",
        },
        "items": [v2_item(taxes=[{"is_excluded": True}])],
        **changed,
    }
