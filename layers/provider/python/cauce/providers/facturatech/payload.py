"""A record → Facturatech's XML_SIMPLIFICADO, and back to its identity. Pure: the same record, the same bytes.

Where an answer was lost, Facturatech is asked by sending the same bytes again.
Source: Facturatech's block order for FACTURA, NOTA and DOCUMENTO_SOPORTE, and its field table.
"""

from datetime import datetime

from cauce.domain.document import Document, Kind
from cauce.domain.errors import InvalidDocument
from cauce.domain.issuer import Issuer
from cauce.domain.outcome import Identity, Number
from cauce.domain.ranges import NumberingRange
from cauce.domain.record import Record
from cauce.domain.time import bogota
from cauce.domain.totals import totals
from cauce.law import correction
from cauce.providers import loose
from cauce.providers.facturatech import lines, parties
from cauce.providers.facturatech.settings import CreditOperation, Settings
from cauce.providers.facturatech.sheet import CURRENCY, Block, block, written
from cauce.providers.identity import day
from cauce.ubl import reading

# ENC_1 and ENC_9 of the simplified XML. An adjustment note is an NC there too, told apart by ENC_9, 95.
SHEET_TYPES = {
    Kind.INVOICE: ("INVOIC", "01"),
    Kind.CREDIT_NOTE: ("NC", "91"),
    Kind.DEBIT_NOTE: ("ND", "92"),
    Kind.SUPPORT_DOCUMENT: ("DS", "05"),
    Kind.ADJUSTMENT_NOTE: ("NC", "95"),
}

_ANNULMENT = "2"


def sheet(record: Record, issuer: Issuer, settings: Settings, *, mail: bool) -> bytes:
    """The document, numbered. Raises InvalidDocument where its number or its range is missing or unusable."""
    document, number = record.document, record.number
    if number is None or record.range is None:
        raise InvalidDocument(
            "Facturatech recibe el documento ya numerado, en un rango suyo.", field="prefix"
        )
    if not number.prefix or number.prefix[-1].isdigit():
        # ENC_6 joins prefix and consecutive: SETP1 and 2 could not be told from SETP and 12.
        raise InvalidDocument("Facturatech necesita un prefijo que no termine en dígito.", field="prefix")
    sums, issued = totals(document), bogota(record.issued_at)
    blocks = {
        "ENC": [enc(document, number, issued, issuer, settings)],
        "PRO": [parties.pro(document.counterparty, settings)] if document.kind.is_bought else [],
        "EMI": [] if document.kind.is_bought else [parties.emi(issuer, number.prefix, settings)],
        "ADQ": [_buyer(document, issuer, settings, mail=mail)],
        "TOT": [lines.tot(sums)],
        "TIM": lines.tim(sums),
        "DRF": [drf(record.range)],
        "REF": [ref(document)] if document.billing_reference else [],
        "CDN": [cdn(document, settings)] if document.reason else [],
        "MEP": [mep(document)],
        "ITE": lines.ite(document, sums, issued.date()),
    }
    root, order = _ROOTS[document.kind]
    return written(root, [each for name in order for each in blocks[name]])


_FACTURA = ("FACTURA", ("ENC", "EMI", "ADQ", "TOT", "TIM", "DRF", "MEP", "ITE"))
_NOTA = ("NOTA", ("ENC", "EMI", "ADQ", "TOT", "TIM", "DRF", "REF", "MEP", "CDN", "ITE"))
_DOCUMENTO_SOPORTE = (
    "DOCUMENTO_SOPORTE",
    ("ENC", "PRO", "ADQ", "TOT", "TIM", "DRF", "CDN", "REF", "MEP", "ITE"),
)
_ROOTS = {
    Kind.INVOICE: _FACTURA,
    Kind.CREDIT_NOTE: _NOTA,
    Kind.DEBIT_NOTE: _NOTA,
    Kind.SUPPORT_DOCUMENT: _DOCUMENTO_SOPORTE,
    Kind.ADJUSTMENT_NOTE: _DOCUMENTO_SOPORTE,
}


def of_sheet(body: bytes) -> tuple[Kind, Number, Identity]:
    """Kind, number and identity of the document in an XML_SIMPLIFICADO of ours.

    Facturatech answers a repeated number with success, whoever used it first. So a document that it has under a
    number is accepted only if its signed XML has this identity (``providers.identity``).
    """
    root = reading.parsed(body)
    assert root is not None, "our own XML is well formed"
    code = reading.text(root, "ENC", "ENC_9")
    kind = next(kind for kind, (_, known) in SHEET_TYPES.items() if known == code)
    joined, prefix = reading.text(root, "ENC", "ENC_6"), reading.text(root, "DRF", "DRF_4")
    party = ("PRO", "PRO_2") if kind.is_bought else ("ADQ", "ADQ_2")
    identity = Identity(
        number=joined,
        counterparty=reading.text(root, *party),
        payable=loose.amount(reading.text(root, "TOT", "TOT_5")),
        issued_on=day(reading.text(root, "ENC", "ENC_7")),
    )
    return kind, Number(prefix=prefix, consecutive=int(joined.removeprefix(prefix))), identity


def enc(document: Document, number: Number, issued: datetime, issuer: Issuer, settings: Settings) -> Block:
    """The header. In support documents ENC_2 is the NIT of the buyer, our issuer, and there is no ENC_3."""
    name, code = SHEET_TYPES[document.kind]
    due = document.payment.due_date
    return block(
        "ENC",
        {
            1: name,
            2: issuer.nit,
            3: None if document.kind.is_bought else document.counterparty.identification,
            4: "UBL 2.1",
            5: "DIAN 2.1",
            6: str(number),
            7: issued.date().isoformat(),
            8: f"{issued:%H:%M:%S}-05:00",
            9: code,
            10: CURRENCY,
            15: str(len(document.lines)),
            16: due.isoformat() if due else None,
            20: settings.environment.value,
            21: operation(document, settings),
        },
    )


def operation(document: Document, settings: Settings) -> str:
    """ENC_21, the type of operation."""
    if document.kind.is_bought:
        return "10" if document.resident else "11"
    if document.kind is Kind.CREDIT_NOTE:
        by_reason = settings.credit_operation is CreditOperation.BY_REASON
        return "22" if by_reason and correction.reason_of(document).code != _ANNULMENT else "20"
    return "30" if document.kind is Kind.DEBIT_NOTE else "10"


def drf(numbering: NumberingRange) -> Block:
    """The range, which must equal Facturatech's to the day, or it answers 409. A range of notes has no resolution."""
    return block(
        "DRF",
        {
            1: numbering.resolution,
            2: numbering.valid_from.isoformat() if numbering.valid_from else None,
            3: numbering.valid_to.isoformat() if numbering.valid_to else None,
            4: numbering.prefix,
            5: str(numbering.start),
            6: str(numbering.end),
        },
    )


def ref(document: Document) -> Block:
    """The document that a note corrects. REF_1 is IV for an invoice and for a support document."""
    corrected_document = correction.corrected_by(document)
    return block(
        "REF",
        {
            1: "IV",
            2: corrected_document.number,
            3: corrected_document.issue_date.isoformat(),
            4: corrected_document.uuid.lower(),
            5: "CUDS-SHA384" if document.kind is Kind.ADJUSTMENT_NOTE else "CUFE-SHA384",
        },
    )


def mep(document: Document) -> Block:
    payment = document.payment
    due = payment.due_date.isoformat() if payment.form == "2" and payment.due_date else None
    return block("MEP", {1: payment.means, 2: payment.form, 3: due})


def cdn(document: Document, settings: Settings) -> Block:
    """Why a note is issued: CDN_1 is the reason's code; in an adjustment note the section, and CDN_2 the code."""
    why = correction.reason_of(document)
    if document.kind is Kind.ADJUSTMENT_NOTE:
        return block("CDN", {1: settings.corrected_section, 2: why.code}, block("DCN", {1: why.text}))
    return block("CDN", {1: why.code, 2: why.text})


def _buyer(document: Document, issuer: Issuer, settings: Settings, *, mail: bool) -> Block:
    if document.kind.is_bought:
        return parties.adq_of_issuer(issuer)
    return parties.adq(document.counterparty, settings, mail=mail)
