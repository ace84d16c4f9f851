"""The parts of a request that both dialects have alike."""

from decimal import Decimal
from typing import Any

from tests.simulators.factus import catalogs
from tests.simulators.factus.drafts import Surcharge, Withholding
from tests.simulators.factus.validation import Fields

HUNDRED = Decimal(100)
_DIGITS = frozenset("0123456789")


def check_digit(party: Fields, identity_code: str, identification: str, *, required: bool) -> str | None:
    """The check digit as sent; computed for a NIT sent without one; none for any other identification."""
    sent = party.code("dv", _DIGITS, required=required and identity_code == "31")
    if identity_code != "31":
        return None
    return sent if sent is not None else catalogs.check_digit(identification)


def withholding(row: Fields, rate_field: str, codes: frozenset[str]) -> Withholding:
    code = row.text("code", required=True, of=codes)
    return Withholding(code or "", row.amount(rate_field, required=True, most=HUNDRED) or Decimal(0))


def surcharge(row: Fields) -> Surcharge:
    """Only a surcharge of concept 03 works; discounts on the whole document are announced but not available."""
    concept = row.text("concept_type", required=True, of=catalogs.SURCHARGE_CONCEPTS)
    if row.flag("is_surcharge", required=True) is False:
        row.refuse("is_surcharge", "El concepto 03 corresponde a un recargo.")
    return Surcharge(
        concept or "03",
        row.text("reason", required=True) or "",
        row.amount("base_amount", required=True) or Decimal(0),
        row.amount("amount", required=True) or Decimal(0),
    )


def order_reference(body: Fields) -> dict[str, Any] | None:
    order = body.group("order_reference")
    if order is None:
        return None
    return {
        "reference_code": order.text("reference_code", required=True),
        "issue_date": order.date("issue_date"),
    }


def related_document(row: Fields) -> dict[str, Any]:
    return {
        "code": row.text("code", required=True),
        "issue_date": row.date("issue_date", required=True),
        "number": row.text("number", required=True),
    }


def billing_period(
    body: Fields, *, required: bool = False, with_start_time: bool = False, with_end_time: bool = False
) -> dict[str, Any] | None:
    period = body.group("billing_period", required=required)
    if period is None:
        return None
    return {
        "start_date": period.date("start_date", required=True),
        "start_time": period.time("start_time", required=with_start_time),
        "end_date": period.date("end_date", required=True),
        "end_time": period.time("end_time", required=with_end_time),
    }
