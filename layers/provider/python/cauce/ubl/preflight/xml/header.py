"""The first elements of every file, and the form of every amount in it. Annex 1.9, group FAD."""

import re
from collections.abc import Iterator

from cauce.domain import catalogs
from cauce.domain.document import Kind
from cauce.ubl.document import PROFILES
from cauce.ubl.event import PROFILE
from cauce.ubl.facts import FROM_PAPER
from cauce.ubl.preflight.catalogues import NOTHING, OPERATIONS, one_of, shown
from cauce.ubl.preflight.rules import Hit
from cauce.ubl.preflight.xml.file import NUMBER, File, text_of

_UBL = "UBL 2.1"
_ENVIRONMENTS = frozenset({"1", "2"})
_NUMBER = re.compile(r"[A-Za-z0-9]{1,20}")
_IDENTIFIER = re.compile(r"[0-9a-f]{96}")
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d-05:00", re.ASCII)
# The only amount that may be negative.
_ROUNDING = "PayableRoundingAmount"
_PROFILE = {**PROFILES, Kind.EVENT: PROFILE}


def check(file: File) -> Iterator[Hit]:
    environment = file.text("cbc:ProfileExecutionID")
    facts = (
        ("FAD01", "cbc:UBLVersionID", _UBL),
        ("FAD03", "cbc:ProfileID", _PROFILE[file.kind]),
    )
    for code, field, expected in facts:
        found = file.text(field)
        if found != expected:
            yield Hit(code, field, expected, shown(found))
    operation = file.text("cbc:CustomizationID")
    if not file.kind.is_bought and file.kind is not Kind.EVENT:
        yield from _operation(file, operation)
    if environment not in _ENVIRONMENTS:
        yield Hit("FAD04", "cbc:ProfileExecutionID", one_of(_ENVIRONMENTS), shown(environment))
    number = file.text("cbc:ID")
    if not _NUMBER.fullmatch(number):
        code = "AAD05a" if file.kind is Kind.EVENT and not number else "FAD05a"
        yield Hit(code, "cbc:ID", "de 1 a 20 letras y dígitos", shown(number))
    if not _TIME.fullmatch(file.text("cbc:IssueTime")):
        yield Hit("FAD10", "cbc:IssueTime", "HH:MM:SS-05:00", shown(file.text("cbc:IssueTime")))
    yield from _identifier(file, environment)
    if file.kind is Kind.INVOICE and file.type_code not in catalogs.INVOICE_TYPES:
        yield Hit("FAD12", "cbc:InvoiceTypeCode", one_of(catalogs.INVOICE_TYPES), shown(file.type_code))
    if file.kind is not Kind.EVENT:
        count, lines = file.text("cbc:LineCountNumeric"), str(len(file.lines()))
        if count != lines:
            yield Hit("FAD16", "cbc:LineCountNumeric", lines, shown(count))
    yield from _amounts(file)


def _operation(file: File, operation: str) -> Iterator[Hit]:
    allowed = OPERATIONS[file.letters]
    is_health = file.kind is Kind.INVOICE and operation.startswith("SS-")
    if operation not in allowed and not is_health:
        yield Hit("FAD02", "cbc:CustomizationID", one_of(allowed), shown(operation))


def _identifier(file: File, environment: str) -> Iterator[Hit]:
    """Whether the identifier has the right form. To know its right value takes a key that is in no file."""
    uuid = file.text("cbc:UUID")
    if not _IDENTIFIER.fullmatch(uuid):
        yield Hit("FAD06", "cbc:UUID", "96 dígitos hexadecimales", shown(uuid))
    scheme_id = file.attribute("cbc:UUID", "schemeID")
    if scheme_id != environment:
        yield Hit("FAD07", "cbc:UUID/@schemeID", shown(environment), shown(scheme_id))
    has_cufe = file.kind is Kind.INVOICE and file.type_code != FROM_PAPER
    name = "CUDS" if file.kind.is_bought else "CUFE" if has_cufe else "CUDE"
    scheme = file.attribute("cbc:UUID", "schemeName")
    if scheme != f"{name}-SHA384":
        yield Hit("FAD08", "cbc:UUID/@schemeName", f"{name}-SHA384", shown(scheme))


def _amounts(file: File) -> Iterator[Hit]:
    currency = file.text("cbc:DocumentCurrencyCode")
    if file.kind is not Kind.EVENT and currency not in catalogs.currencies():
        yield Hit("FAD15a", "cbc:DocumentCurrencyCode", "un código ISO 4217", shown(currency))
    for element in file.root.iter():
        name = element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
        code = element.get("currencyID")
        is_percent = name in ("Percent", "MultiplierFactorNumeric")
        if code is None and not is_percent:
            continue
        text = text_of(element)
        if code is not None and code not in catalogs.currencies():
            yield Hit("FAD15a", f"cbc:{name}/@currencyID", "un código ISO 4217", shown(code))
        if not NUMBER.fullmatch(text):
            yield Hit("ZB01", f"cbc:{name}", "un número", text or NOTHING)
        elif text.startswith("-") and name != _ROUNDING:
            yield Hit("VLR01", f"cbc:{name}", "0 o más", text)
