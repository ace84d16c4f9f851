"""Parts of v1 answers: parties, establishment, items."""

from decimal import Decimal
from typing import Any

from tests.simulators.factus import catalogs
from tests.simulators.factus.arithmetic import LineFigures, number, text
from tests.simulators.factus.catalogs import TRIBUTE_NAMES
from tests.simulators.factus.drafts import Draft, Line, Party
from tests.simulators.factus.listed import COUNTRY_BY_CODE
from tests.simulators.factus.municipalities import Municipality
from tests.simulators.factus.shape_common import named

_TRIBUTE_ID_BY_CODE = {row.code: row.id for row in reversed(catalogs.TRIBUTES)}


def customer(party: Party) -> dict[str, Any]:
    return {
        "identification": party.identification,
        "dv": party.dv,
        "graphic_representation_name": party.display_name,
        "trade_name": party.trade_name,
        "company": party.company or "",
        "names": party.names or "",
        "address": party.address,
        "email": party.email,
        "phone": party.phone,
        **_classes(party),
        "municipality": _municipality(party.municipality),
    }


def supplier(party: Party) -> dict[str, Any]:
    country = COUNTRY_BY_CODE.get(party.country_code or "")
    identity = party.identity_code
    return {
        "identification": party.identification,
        "dv": party.dv,
        "graphic_representation_name": party.names,
        "trade_name": party.trade_name,
        "names": party.names,
        "address": party.address,
        "email": party.email,
        "phone": party.phone,
        "identification_document": {
            "id": catalogs.IDENTITY_ID_BY_CODE.get(identity),
            **named(identity, catalogs.IDENTITY_NAMES),
        },
        **_classes(party),
        "country": country and country._asdict(),
        "municipality": _municipality(party.municipality),
    }


def _classes(party: Party) -> dict[str, Any]:
    organization, tribute = party.organization_code, party.tribute_code
    return {
        "legal_organization": {"id": int(organization), **named(organization, catalogs.ORGANIZATION_NAMES)},
        "tribute": {
            "id": catalogs.CUSTOMER_TRIBUTE_ID_BY_CODE[tribute],
            **named(tribute, catalogs.CUSTOMER_TRIBUTE_NAMES),
        },
    }


def establishment(draft: Draft) -> dict[str, Any] | list[Any]:
    """In v1 `municipality_id` is an object, department included."""
    if draft.establishment is None:
        return []
    sent = dict(draft.establishment)
    place: Municipality = sent.pop("municipality")
    department = {"id": place.department_id, "code": place.department_code, "name": place.department_name}
    return {**sent, "municipality_id": {**_municipality(place), "department": department}}


def _municipality(place: Municipality | None) -> Any:
    return {"id": place.id, "code": place.code, "name": place.name} if place else []


def item(line: Line, figure: LineFigures) -> dict[str, Any]:
    tax = figure.taxes[0] if figure.taxes else None
    item = support_item(line, figure)
    total, withheld = item.pop("total"), item.pop("withholding_taxes")
    tribute = tax.code if tax else "01"
    return {
        "note": line.note,
        **item,
        "tribute": {"id": _TRIBUTE_ID_BY_CODE.get(tribute), **named(tribute, TRIBUTE_NAMES)},
        "total": total,
        "withholding_taxes": withheld,
    }


def support_item(line: Line, figure: LineFigures) -> dict[str, Any]:
    tax = figure.taxes[0] if figure.taxes else None
    quantity = line.quantity
    return {
        "code_reference": line.code_reference,
        "name": line.name,
        "quantity": int(quantity) if quantity == int(quantity) else float(quantity),
        "discount_rate": text(line.discount_rate),
        "discount": text(figure.discount),
        "gross_value": text(figure.gross),
        "tax_rate": text(tax.rate if tax else Decimal(0)),
        "taxable_amount": text(figure.taxable),
        "tax_amount": text(figure.tax),
        "price": text(line.price),
        "is_excluded": int(tax is None or tax.is_excluded),
        "unit_measure": line.unit._asdict(),
        "standard_code": {
            "id": catalogs.STANDARD_ID_BY_CODE[line.standard_code],
            **named(line.standard_code, catalogs.STANDARD_NAMES),
        },
        "total": number(figure.total),
        "withholding_taxes": [
            {
                "tribute_code": withheld.code,
                "name": TRIBUTE_NAMES[withheld.code],
                "value": text(withheld.value),
                "rates": [{**named(withheld.code, TRIBUTE_NAMES), "rate": text(withheld.shown_rate)}],
            }
            for withheld in sorted(figure.withholdings, key=lambda withheld: withheld.code)
        ],
    }
