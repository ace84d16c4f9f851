"""The account's small endpoints: company, subscriptions, acquirer, and v1's catalogues."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from tests.simulators.factus import answers, catalogs
from tests.simulators.factus.listed import COUNTRIES, NAMED_UNITS
from tests.simulators.factus.municipalities import MUNICIPALITIES, MUNICIPALITY_BY_CODE
from tests.simulators.factus.state import State
from tests.simulators.factus.validation import Fields, parse_object
from tests.simulators.routing import Answer, Request, Router

_SUBSCRIPTION_DAYS = 365


class AccountEndpoints:
    def __init__(self, state: State, documents_quota: int | None) -> None:
        self._state = state
        self._quota = documents_quota

    def register(self, router: Router) -> None:
        router.add("GET", "/v1/company", self._company)
        router.add("GET", "/v2/companies", self._company)
        router.add("PUT", "/v2/companies", self._update_company)
        router.add("GET", "/v1/subscriptions", self._subscriptions)
        router.add("GET", "/v2/subscriptions", self._subscriptions)
        router.add("GET", "/v1/subscriptions/current", self._current_subscription)
        router.add("GET", "/v1/dian/acquirer", self._acquirer)
        router.add("GET", "/v2/dian/acquirer", self._acquirer)
        router.add("GET", "/v1/municipalities", self._municipalities)
        router.add(
            "GET", "/v1/countries", lambda request: _named(request, (row._asdict() for row in COUNTRIES))
        )
        router.add(
            "GET",
            "/v1/tributes/products",
            lambda request: _named(request, (row._asdict() for row in catalogs.TRIBUTES)),
        )
        router.add(
            "GET",
            "/v1/measurement-units",
            lambda request: _named(request, (row._asdict() for row in NAMED_UNITS)),
        )

    def is_quota_spent(self) -> bool:
        return self._quota is not None and self._used() >= self._quota

    def _used(self) -> int:
        return sum(row.is_validated for rows in self._state.documents.values() for row in rows)

    def _company(self, _request: Request) -> Answer:
        return answers.ok(self._state.company.alone())

    def _update_company(self, request: Request) -> Answer:
        """The fields of the documented example; in a request `responsibilities` is one text."""
        fields = Fields(parse_object(request.body) or {})
        organization = fields.code("legal_organization_code", catalogs.ORGANIZATION_NAMES, required=True)
        company = fields.text("company", required=organization == "1")
        names = " ".join(
            part
            for part in (fields.text("names", required=organization == "2"), fields.text("surnames"))
            if part
        )
        activity = fields.code("economic_activity", {f"{code:04}" for code in range(10000)}, required=True)
        changed: dict[str, Any] = {
            "organization_code": organization,
            "name": company or names,
            "economic_activity": activity,
            "email": fields.email("email", required=True),
            "address": fields.text("address", required=True),
            "phone": fields.text("phone", required=True),
            "registration_code": fields.text("registration_code") or "",
            "municipality_code": fields.text("municipality_code", required=True, of=MUNICIPALITY_BY_CODE),
            "tribute_code": fields.text("tribute_code", required=True, of=catalogs.CUSTOMER_TRIBUTE_NAMES),
        }
        if fields.errors:
            return answers.field_errors(fields.errors)
        with self._state.lock:
            self._state.company = replace(self._state.company, **changed)
        return answers.ok(self._state.company.alone(), "Empresa actualizada con éxito")

    def _subscriptions(self, _request: Request) -> Answer:
        now = self._state.clock()
        used = self._used()
        return answers.ok(
            [
                {
                    "name": "Facturación",
                    "supported_document_types": [
                        catalogs.RANGE_TYPE_NAMES[code] for code in ("21", "22", "23", "24", "25")
                    ],
                    "documents_quota": self._quota or 0,
                    "documents_consumed": used,
                    "documents_available": "Ilimitado" if self._quota is None else max(0, self._quota - used),
                    "days_until_expiration": _SUBSCRIPTION_DAYS,
                    "activated_at": f"{now:%Y-%m-%d}T00:00:00Z",
                    "expires_at": f"{now + timedelta(days=_SUBSCRIPTION_DAYS):%Y-%m-%d}T00:00:00Z",
                    "has_expired": False,
                    "is_active": True,
                    "has_unlimited_quota": self._quota is None,
                }
            ]
        )

    def _current_subscription(self, _request: Request) -> Answer:
        now = self._state.clock()
        expires = now + timedelta(days=_SUBSCRIPTION_DAYS)
        total, used = self._quota or 3000, self._used()
        return answers.ok(
            {
                "total_documents": total,
                "documents_used": used,
                "documents_remaining": max(0, total - used),
                "subscription_days_to_expires": _SUBSCRIPTION_DAYS,
                "subscription_start_date": f"{now:%Y-%m-%d}T00:00:00Z",
                "subscription_expiration_date": f"{expires:%Y-%m-%d}T00:00:00Z",
                "subscription_is_expired": False,
            }
        )

    def _acquirer(self, request: Request) -> Answer:
        """Made-up data, as in Factus's own sandbox. v1's page names the type by id, v2's by code."""
        code = request.argument("identification_document_code")
        number = request.argument("identification_document_id")
        if code is None and number is not None and number.isdigit():
            code = catalogs.IDENTITY_CODE_BY_ID.get(int(number))
        identification = request.argument("identification_number")
        if code not in catalogs.IDENTITY_NAMES or not identification:
            missing = (
                "identification_number" if code in catalogs.IDENTITY_NAMES else "identification_document_code"
            )
            return answers.field_errors({missing: [f"El campo {missing.replace('_', ' ')} es obligatorio."]})
        name = f"Nombre {catalogs.IDENTITY_NAMES[code]} {identification}"
        return answers.ok({"name": name, "email": f"mail_{identification}@example.com"})

    def _municipalities(self, request: Request) -> Answer:
        rows = (
            {"id": row.id, "code": row.code, "name": row.name, "department": row.department_name}
            for row in MUNICIPALITIES
        )
        return _named(request, rows)


def _named(request: Request, rows: Iterable[dict[str, Any]]) -> Answer:
    """A catalogue, only the names that contain `?name=`."""
    wanted = (request.argument("name") or "").lower()
    return answers.ok([row for row in rows if wanted in str(row["name"]).lower()])
