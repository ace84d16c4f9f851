"""The text of the printed QR: a document's key facts, one a line, and its address at DIAN.

Source: Anexo Técnico 1.9 and Anexo DS 1.1, on the QR of the graphic representation: amounts with two decimals,
identifications without check digit. They do not say under which name a note has its CUDE: here it is «CUDE».
"""

from decimal import Decimal

from cauce.domain.issuer import Environment
from cauce.domain.money import truncated
from cauce.domain.record import Record
from cauce.domain.totals import Totals
from cauce.ubl import identifiers


def text(record: Record, totals: Totals, scheme: str, environment: Environment) -> str:
    """The text of a numbered and identified record; ``scheme`` is CUFE, CUDE or CUDS."""
    uuid, counterparty = record.uuid or "", record.document.counterparty.identification
    vat = totals.tax_of("01")
    date, time = identifiers.issue_date(record.issued_at), identifiers.issue_time(record.issued_at)
    if record.kind.is_bought:
        facts = {
            "NumDS": str(record.number),
            "FecDS": date,
            "HorDS": time,
            "NumSNO": counterparty,
            "NITABS": record.issuer,
            "ValDS": _amount(totals.line_extension),
            "ValIva": _amount(vat),
            "ValTolDS": _amount(totals.payable),
        }
    else:
        facts = {
            "NumFac": str(record.number),
            "FecFac": date,
            "HorFac": time,
            "NitFac": record.issuer,
            "DocAdq": counterparty,
            "ValFac": _amount(totals.line_extension),
            "ValIva": _amount(vat),
            "ValOtroIm": _amount(totals.tax - vat),
            "ValTolFac": _amount(totals.payable),
        }
    lines = [f"{name}: {value}" for name, value in {**facts, scheme: uuid}.items()]
    return "\n".join([*lines, identifiers.qr_url(uuid, environment)])


def _amount(amount: Decimal) -> str:
    return f"{truncated(amount):f}"
