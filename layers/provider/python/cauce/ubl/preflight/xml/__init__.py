"""Checks of a UBL file, whoever wrote it. Elements are named as in the annex.

Those of an event, 030 to 034, are here. Annex RADIAN: groups AAF, AAG, AAH. Whether the invoice allows an event, only
DIAN knows.
"""

from collections.abc import Iterator

from cauce.domain.catalogs import INVOICE_TYPES
from cauce.domain.document import Kind
from cauce.domain.event import EventCode
from cauce.ubl.preflight.rules import NOTHING, Hit, one_of, shown
from cauce.ubl.preflight.xml import amounts, header, lines, parties, terms
from cauce.ubl.preflight.xml.file import EVENTS, File

_RESPONSE = "cac:DocumentResponse"
_CODE = f"{_RESPONSE}/cac:Response/cbc:ResponseCode"
_DIAN = "800197268"
# AAH11 to AAH15 are about the person; which element each of them is about is not published.
_PERSON = (
    ("AAH11", "cbc:ID/@schemeName"),
    ("AAH12", "cbc:ID"),
    ("AAH13", "cbc:FirstName"),
    ("AAH14", "cbc:FamilyName"),
)


def check(file: File) -> Iterator[Hit]:
    """Every check of a file, in the order of its elements."""
    yield from header.check(file)
    if file.kind is Kind.EVENT:
        yield from _event(file)
        return
    for group in (parties, terms, amounts, lines):
        yield from group.check(file)


def _event(file: File) -> Iterator[Hit]:
    code = file.text(_CODE)
    if code not in EVENTS:
        yield Hit("AAH03", _CODE, one_of(EVENTS), shown(code))
    for rule, tag in (("AAF01", "cac:SenderParty"), ("AAG01", "cac:ReceiverParty")):
        field = f"{tag}/cac:PartyTaxScheme/cbc:CompanyID"
        if not file.text(field):
            yield Hit(rule, field, "un NIT", NOTHING)
        elif rule == "AAG01" and code == EventCode.TACIT_ACCEPTANCE and file.text(field) != _DIAN:
            yield Hit(rule, field, _DIAN, file.text(field))
    kind = f"{_RESPONSE}/cac:DocumentReference/cbc:DocumentTypeCode"
    if file.text(kind) not in INVOICE_TYPES:
        yield Hit("AAH09", kind, one_of(INVOICE_TYPES), shown(file.text(kind)))
    if code in (EventCode.ACKNOWLEDGEMENT, EventCode.RECEIPT):
        yield from _person(file)
    if code == EventCode.TACIT_ACCEPTANCE and not file.text("cbc:Note"):
        yield Hit("AAD11a", "cbc:Note", "la declaración juramentada", NOTHING)


def _person(file: File) -> Iterator[Hit]:
    path = f"{_RESPONSE}/cac:IssuerParty/cac:Person"
    for rule, name in _PERSON:
        element, _, attribute = name.partition("/@")
        found = (
            file.attribute(f"{path}/{element}", attribute) if attribute else file.text(f"{path}/{element}")
        )
        if not found:
            yield Hit(rule, f"{path}/{name}", "un dato de quien recibe", NOTHING)
