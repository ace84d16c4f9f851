"""Facturatech's field names and the domain's, for messages that say ``ADQ_6 no informado``.

Fields of lines are left out: Facturatech's messages do not say which line.
"""

import re

from cauce.domain.document import Kind

_HEADER = {
    "ENC_6": "prefix",
    "ENC_7": "issue_date",
    "ENC_8": "issue_time",
    "ENC_10": "currency",
    "ENC_16": "payment.due_date",
    "MEP_1": "payment.means",
    "MEP_2": "payment.form",
    "MEP_3": "payment.due_date",
    "DRF_1": "prefix",
    "DRF_4": "prefix",
}
_PARTY = {
    "1": "person_type",
    "2": "identification",
    "3": "identification_type",
    "6": "name",
    "7": "trade_name",
    "10": "address",
    "11": "department",
    "13": "municipality",
    "14": "postal_code",
    "15": "country",
    "19": "department",
    "21": "country",
    "22": "check_digit",
    "23": "municipality",
}
_CONTACT = {"3": "phone", "4": "email"}
_REFERENCE = {"2": "number", "3": "issue_date", "4": "uuid"}
_FIELD = re.compile(r"\b([A-Z]{3})_(\d{1,2})\b")


def field_in(message: str, kind: Kind) -> str | None:
    """The path of the first field that a message names, where the domain has it."""
    found = _FIELD.search(message)
    if found is None:
        return None
    block, number = found.groups()
    if block == ("PRO" if kind.is_bought else "ADQ"):
        return f"counterparty.{_PARTY[number]}" if number in _PARTY else None
    match block:
        case "TCR" | "TAC":
            return "counterparty.responsibilities"
        case "GTA" | "GTE":
            return "counterparty.tax_scheme"
        case "CDA":
            return f"counterparty.{_CONTACT.get(number, 'name')}"
        case "REF" if number in _REFERENCE:
            return f"billing_reference.{_REFERENCE[number]}"
        case "CDN":
            reason_code = number == ("2" if kind.is_bought else "1")
            return "reason.code" if reason_code else "reason.text"
        case "DCN":
            return "reason.text"
    return _HEADER.get(f"{block}_{number}")
