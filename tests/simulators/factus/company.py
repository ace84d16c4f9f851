"""The preloaded account's company in the four shapes in which different answers show it."""

from dataclasses import dataclass
from typing import Any

from tests.simulators.factus.catalogs import CUSTOMER_TRIBUTE_NAMES, ORGANIZATION_NAMES
from tests.simulators.factus.municipalities import MUNICIPALITY_BY_CODE, Municipality


@dataclass(frozen=True)
class Company:
    nit: str = "901724254"
    dv: str = "1"
    name: str = "FACTUS S.A.S."
    registration_code: str = "bnnmbvncv"
    economic_activity: str = "6201"
    phone: str = "3133045345"
    email: str = "empresa@example.com"
    address: str = "CARRERA 10 # 9 - 04"
    municipality_code: str = "68679"
    organization_code: str = "1"
    tribute_code: str = "01"
    responsibilities: tuple[str, ...] = ("R-99-PN",)
    url_logo: str = "http://simulator.invalid/storage/images/logos/logo.png"

    @property
    def municipality(self) -> Municipality:
        return MUNICIPALITY_BY_CODE[self.municipality_code]

    def on_v1_document(self) -> dict[str, Any]:
        """In v1 documents the address is `direction` and the municipality a name."""
        return {
            "url_logo": self.url_logo,
            "nit": self.nit,
            "dv": self.dv,
            "company": self.name,
            "name": self.name,
            "graphic_representation_name": self.name,
            "registration_code": self.registration_code,
            "economic_activity": self.economic_activity,
            "phone": self.phone,
            "email": self.email,
            "direction": self.address,
            "municipality": self.municipality.name,
        }

    def on_v2_document(self, establishment: dict[str, Any] | None) -> dict[str, Any]:
        """In v2 documents an establishment in the request replaces the company's own."""
        own: dict[str, Any] = {
            "name": self.name,
            "address": self.address,
            "phone_number": self.phone,
            "email": self.email,
            "municipality": self.municipality,
        }
        chosen = establishment or own
        return {
            "url_logo": self.url_logo,
            "nit": self.nit,
            "dv": self.dv,
            "economic_activity": self.economic_activity,
            "establishment": {**chosen, "municipality": with_department(chosen["municipality"])},
        }

    def alone(self) -> dict[str, Any]:
        is_legal = self.organization_code == "1"
        return {
            "url_logo": self.url_logo,
            "nit": self.nit,
            "dv": self.dv,
            "company": self.name if is_legal else "",
            "trade_name": "",
            "names": "" if is_legal else self.name,
            "surnames": "",
            "graphic_representation_name": self.name,
            "registration_code": self.registration_code,
            "economic_activity": int(self.economic_activity),
            "phone": self.phone,
            "email": self.email,
            "address": self.address,
            "tribute": {"code": self.tribute_code, "name": CUSTOMER_TRIBUTE_NAMES[self.tribute_code]},
            "legal_organization": {
                "code": self.organization_code,
                "name": ORGANIZATION_NAMES[self.organization_code],
            },
            "municipality": with_department(self.municipality),
            "responsibilities": [{"code": code, "name": "No responsable"} for code in self.responsibilities],
            "created_at": "2025-07-23T12:33:22Z",
            "updated_at": "2025-09-22T10:58:07Z",
        }


def with_department(row: Municipality | None) -> dict[str, Any] | None:
    """A municipality with its department, by codes."""
    if row is None:
        return None
    department = {"code": row.department_code, "name": row.department_name}
    return {"code": row.code, "name": row.name, "department": department}
