"""How values are written for Factus: amounts as text or JSON numbers, the observation."""

from decimal import Decimal

from cauce.domain.document import Document, Kind, Party
from cauce.domain.errors import Unsupported
from cauce.domain.money import half_up
from cauce.domain.nit import check_digit
from cauce.domain.totals import totals
from cauce.providers import loose

MAX_OBSERVATION = 250
NIT = "31"

Fields = dict[str, object]
"""The fields of a JSON body that Factus gets, or of an object in one."""


def number(amount: Decimal) -> int | float:
    """The amount as the JSON number that v1 demands. Raises Unsupported where a double cannot hold it."""
    if amount == amount.to_integral_value():
        return int(amount)
    as_float = float(amount)
    if Decimal(repr(as_float)) != amount:
        raise Unsupported(f"Factus v1 recibe números JSON, que no representan {amount} con exactitud.")
    return as_float


def two(amount: Decimal) -> str:
    """The amount with two decimals: ``"50000.00"``. Only a price may have more; ``check`` has refused the others."""
    text = str(amount)
    if text.isdigit():
        return text + ".00"
    return text if text[-3:-2] == "." else str(half_up(amount))


def observation(document: Document) -> str:
    """Factus's only free text: the reason of a note, then the notes, a line each."""
    reason = (document.reason.text,) if document.reason else ()
    return "\n".join(text for text in (*reason, *document.notes) if text)


def on_a_period(document: Document) -> bool:
    """Whether a note corrects what was billed in a period, and no invoice in particular (operation 22 or 32)."""
    return (
        document.kind is not Kind.ADJUSTMENT_NOTE
        and document.billing_reference is None
        and document.period is not None
    )


def billing_period(document: Document) -> Fields:
    """The days that a document covers, from the first second of the first day to the last second of the last."""
    if document.period is None:
        return {}
    return {
        "billing_period": {
            "start_date": document.period.start.isoformat(),
            "start_time": "00:00:00",
            "end_date": document.period.end.isoformat(),
            "end_time": "23:59:59",
        }
    }


def order_reference(document: Document) -> Fields:
    order = document.order_reference
    if order is None:
        return {}
    issued = order.issue_date.isoformat() if order.issue_date else None
    return {"order_reference": loose.present({"reference_code": order.number, "issue_date": issued})}


def charges(document: Document) -> Fields:
    """The charges on the whole document, alike in both dialects.

    Factus requires the base of each; where the contract states none, it is the sum of the lines before taxes.
    """
    if not document.allowance_charges:
        return {}
    base = totals(document).line_extension
    return {
        "allowance_charges": [
            {
                "concept_type": charge.reason_code,
                "is_surcharge": charge.is_charge,
                "reason": charge.reason,
                "base_amount": two(base if charge.base_amount is None else charge.base_amount),
                "amount": two(charge.amount),
            }
            for charge in document.allowance_charges
        ]
    }


def seller_identification(party: Party) -> str:
    """The identification type that is sent for a seller. A resident's cédula goes as a NIT, which is the same number.

    Source: both dialects' tables for support documents have no cédula; v2's says the seller «debe
    identificarse con NIT», as DIAN's operation type 10 wants.
    """
    if party.identification_type == "13" and party.country == "CO":
        return NIT
    return party.identification_type


def verification_digit(party: Party, identification_type: str) -> str | None:
    """The DV, which goes with a NIT and nothing else; computed where the request did not bring it."""
    if identification_type != NIT:
        return None
    return party.check_digit or check_digit(party.identification)
