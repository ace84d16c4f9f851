"""Facturatech's field names and the domain's, for messages that say ``ADQ_6 no informado``.

Fields of lines are left out: Facturatech's messages do not say which line.
"""

import re

from cauce.domain.document import Kind

_FIELDS = {
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
    "CDA_3": "counterparty.phone",
    "CDA_4": "counterparty.email",
    "REF_2": "billing_reference.number",
    "REF_3": "billing_reference.issue_date",
    "REF_4": "billing_reference.uuid",
}
# Blocks whose other fields are all of one path.
_BLOCKS = {
    "TCR": "counterparty.responsibilities",
    "TAC": "counterparty.responsibilities",
    "GTA": "counterparty.tax_scheme",
    "GTE": "counterparty.tax_scheme",
    "CDA": "counterparty.name",
    "CDN": "reason.text",
    "DCN": "reason.text",
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
_FIELD = re.compile(r"\b([A-Z]{3})_(\d{1,2})\b")


def field_in(message: str, kind: Kind) -> str | None:
    """The path of the first field that a message names, where the domain has it."""
    found = _FIELD.search(message)
    if found is None:
        return None
    block, number = found.groups()
    if block == ("PRO" if kind.is_bought else "ADQ"):
        return f"counterparty.{_PARTY[number]}" if number in _PARTY else None
    if block == "CDN" and number == ("2" if kind.is_bought else "1"):
        return "reason.code"
    return _FIELDS.get(f"{block}_{number}", _BLOCKS.get(block))
