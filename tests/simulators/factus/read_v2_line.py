"""One item of a v2 request.

Source: v2 create pages and the pages of mandates, transport and health. The example of transport sends the
value and quantity of an additional property as numbers; numbers and texts are accepted.
"""

from decimal import Decimal
from typing import Any

from tests.simulators.factus import catalogs
from tests.simulators.factus.catalogs import Kind
from tests.simulators.factus.drafts import Line, Tax
from tests.simulators.factus.listed import UNIT_BY_CODE
from tests.simulators.factus.read_common import HUNDRED, withholding
from tests.simulators.factus.validation import Fields

_THIRD_PARTY_OPERATIONS = ("11", "12", "SS-Recaudo")
_MANDATE_OPERATIONS = ("11", "SS-Recaudo")
_IS_SUPPORT = (catalogs.SUPPORT_DOCUMENTS, catalogs.ADJUSTMENT_NOTES)


def read_line(item: Fields, kind: Kind, operation: str) -> Line:
    scheme = item.code("scheme_id", catalogs.SCHEME_NAMES, required=operation in _THIRD_PARTY_OPERATIONS)
    mandate = item.group("mandate", required=operation in _MANDATE_OPERATIONS and scheme == "1")
    unit = item.code("unit_measure_code", UNIT_BY_CODE, required=True)
    tax_codes = {"01"} if kind in _IS_SUPPORT else catalogs.V2_TAX_CODES
    quantity = item.amount("quantity", required=True)
    if quantity == 0:
        item.refuse("quantity", "El campo quantity debe ser mayor que 0.")
    price = item.amount("price", required=True) or Decimal(0)
    return Line(
        code_reference=item.text("code_reference", required=True) or "",
        name=item.text("name", required=True) or "",
        quantity=quantity or Decimal(0),
        price=price,
        price_includes_taxes=False,
        discount_rate=item.amount("discount_rate", required=kind in _IS_SUPPORT, most=HUNDRED) or Decimal(0),
        discount_amount=_discount_amount(item, price * (quantity or Decimal(0)), kind),
        unit=UNIT_BY_CODE.get(unit or "", UNIT_BY_CODE["94"]),
        standard_code=item.text("standard_code", required=True, of=catalogs.STANDARD_NAMES) or "999",
        taxes=tuple(_tax(row, tax_codes) for row in item.groups("taxes", required=True)),
        withholdings=tuple(
            withholding(row, "rate", catalogs.V2_WITHHOLDING_CODES)
            for row in item.groups("withholding_taxes")
        ),
        note=item.text("note"),
        scheme_id=scheme,
        mandate=_mandate(mandate) if mandate else None,
        collection_concept=item.text("collection_concept_code", required=operation == "SS-Recaudo"),
        additional_properties=tuple(_property(row) for row in item.groups("additional_properties")),
    )


def _discount_amount(item: Fields, value: Decimal, kind: Kind) -> Decimal | None:
    """A discount is a rate or an amount; both together are refused unless the rate is zero."""
    if kind in _IS_SUPPORT:
        return None
    amount = item.amount("discount_amount", most=value)
    rate = item.amount("discount_rate", most=HUNDRED)
    if amount and rate:
        item.refuse("discount_amount", "Envíe el descuento en porcentaje o en monto, no ambos.")
    return amount or None


def _tax(row: Fields, codes: frozenset[str] | set[str]) -> Tax:
    """An excluded tax may have neither code nor rate; then it is IVA."""
    is_excluded = row.flag("is_excluded") or False
    code = row.code("code", codes, required=not is_excluded) or "01"
    if is_excluded and code != "01":
        row.refuse("is_excluded", "El impuesto excluido solo puede ser aplicado al IVA")
    rate = row.amount("rate", required=not is_excluded, most=HUNDRED) or Decimal(0)
    return Tax(code, rate, is_excluded)


def _mandate(mandate: Fields) -> dict[str, Any]:
    return {
        "identity_code": mandate.code("identification_document_code", catalogs.IDENTITY_NAMES, required=True),
        "identification": mandate.text("identification", required=True),
    }


def _property(row: Fields) -> dict[str, Any]:
    code = row.code("code", {"01", "02", "03"}, required=True)
    value = row.raw("value")
    if value is None:
        row.refuse("value", "El campo value es obligatorio.")
    return {
        "code": code,
        "value": str(value),
        "quantity": row.amount("quantity", required=code == "03"),
        "unit": row.code("unit_measure_code", UNIT_BY_CODE, required=code == "03"),
    }
