"""The identity of a document, read back from the XML_SIMPLIFICADO that is sent. Pure.

Facturatech answers a repeated number with success, whoever used it first. So a document that it has under a number is
accepted only if its signed XML has this identity (``providers.identity``).
"""

from typing import TYPE_CHECKING

from cauce.domain.document import Kind
from cauce.domain.outcome import Identity, Number
from cauce.providers.identity import day
from cauce.providers.loose import amount
from cauce.ubl import reading

if TYPE_CHECKING:
    from lxml.etree import _Element as Element


def of_sheet(body: bytes) -> tuple[Kind, Number, Identity]:
    """Kind, number and identity of the document in an XML_SIMPLIFICADO of ours."""
    root = reading.parsed(body)
    assert root is not None, "our own XML is well formed"
    kind = _kind(root)
    joined, prefix = reading.text(root, "ENC", "ENC_6"), reading.text(root, "DRF", "DRF_4")
    party = ("PRO", "PRO_2") if kind.is_bought else ("ADQ", "ADQ_2")
    identity = Identity(
        number=joined,
        counterparty=reading.text(root, *party),
        payable=amount(reading.text(root, "TOT", "TOT_5")),
        issued_on=day(reading.text(root, "ENC", "ENC_7")),
    )
    return kind, Number(prefix=prefix, consecutive=int(joined.removeprefix(prefix))), identity


def _kind(root: "Element") -> Kind:
    codes = {
        "01": Kind.INVOICE,
        "91": Kind.CREDIT_NOTE,
        "92": Kind.DEBIT_NOTE,
        "05": Kind.SUPPORT_DOCUMENT,
        "95": Kind.ADJUSTMENT_NOTE,
    }
    return codes[reading.text(root, "ENC", "ENC_9")]
