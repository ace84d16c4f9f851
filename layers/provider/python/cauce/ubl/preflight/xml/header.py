"""What every file has at its beginning: extensions, signature, first elements. Annex 1.9, groups FAA to FAD.

Of the signature only what it says is checked, not whether it is valid: rules ZE02, ZD06, DC24, and FAD09e about its
day. The form of every amount in the file is checked here too.
"""

import re
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from cauce.domain import catalogs, nit
from cauce.domain.document import AUTHORISED, Kind, operations_of
from cauce.ubl.document import profile
from cauce.ubl.event import PROFILE
from cauce.ubl.facts import FROM_PAPER
from cauce.ubl.preflight.rules import NOTHING, Hit, one_of, shown
from cauce.ubl.preflight.xml.file import NUMBER, File, text_of
from cauce.ubl.signature import POLICY_DIGESTS

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_CONTENT = "ext:UBLExtensions/ext:UBLExtension/ext:ExtensionContent"
_DIAN = f"{_CONTENT}/sts:DianExtensions"
_CONTROL = f"{_DIAN}/sts:InvoiceControl"
_BRANCH = "cac:AccountingSupplierParty/cac:Party/cac:PartyLegalEntity/cac:CorporateRegistrationScheme/cbc:ID"
_AUTHORITY = ("800197268", "4", "31")
# What else DIAN's extension must have.
_OF_SOFTWARE = (
    ("FAB24a", "sts:SoftwareProvider/sts:SoftwareID", "el identificador del software"),
    ("FAB27a", "sts:SoftwareSecurityCode", "la huella del software"),
)
_BOUND = re.compile(r"\d{1,9}", re.ASCII)
_MOMENT = re.compile(
    r"(\d{4}-\d{2}-\d{2})T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]\d{2}:\d{2})?", re.ASCII
)
_UBL = "UBL 2.1"
_ENVIRONMENTS = frozenset({"1", "2"})
_NUMBER = re.compile(r"[A-Za-z0-9]{1,20}")
_IDENTIFIER = re.compile(r"[0-9a-f]{96}")
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d-05:00", re.ASCII)
# The only amount that may be negative.
_ROUNDING = "PayableRoundingAmount"
_PERCENTAGES = ("Percent", "MultiplierFactorNumeric")
# The kinds that their InvoiceTypeCode tells apart, and its codes.
_BY_TYPE = {Kind.INVOICE: catalogs.INVOICE_TYPES, Kind.EQUIVALENT_DOCUMENT: catalogs.EQUIVALENT_TYPES}


def check(file: File) -> Iterator[Hit]:
    yield from _extensions(file)
    yield from _signature(file)
    yield from _profile(file)
    yield from _identity(file)
    yield from _identifier(file)
    yield from _contents(file)
    yield from _amounts(file)


# ── Extensions ────────────────────────────────────────────────────────────────────────────────────


def _extensions(file: File) -> Iterator[Hit]:
    if file.first("ext:UBLExtensions") is None:
        yield Hit("FAA02", "ext:UBLExtensions", "1", "0")
        return
    found = file.all(_DIAN)
    if len(found) != 1:
        yield Hit("FAB03", _CONTENT, "un sts:DianExtensions", str(len(found)))
    signatures = file.all(f"{_CONTENT}/ds:Signature")
    if len(signatures) != 1:
        yield Hit("FAC03", _CONTENT, "una ds:Signature", str(len(signatures)))
    if found:
        yield from _owner(file, found[0])
        yield from _software(file, found[0])
        yield from _authority(file, found[0])
        if file.kind in AUTHORISED:
            yield from _control(file)
            yield from _validity(file)


def _owner(file: File, dian: "Element") -> Iterator[Hit]:
    """The software's owner: a NIT with its check digit."""
    place = "sts:SoftwareProvider/sts:ProviderID"
    path, owner = f"{_DIAN}/{place}", file.first(place, dian)
    number = text_of(owner)
    if owner is None or not number:
        yield Hit("FAB19a", path, "el NIT del dueño del software", NOTHING)
        return
    digit, expected = owner.get("schemeID") or "", _digit(number)
    if not digit:
        yield Hit("FAB22a", f"{path}/@schemeID", shown(expected), NOTHING)
    elif digit != expected:
        yield Hit("FAB22b", f"{path}/@schemeID", shown(expected), digit)
    if owner.get("schemeName") != "31":
        yield Hit("FAB23", f"{path}/@schemeName", "31", shown(owner.get("schemeName")))


def _software(file: File, dian: "Element") -> Iterator[Hit]:
    for code, place, what in _OF_SOFTWARE:
        if not file.text(place, dian):
            yield Hit(code, f"{_DIAN}/{place}", what, NOTHING)


def _authority(file: File, dian: "Element") -> Iterator[Hit]:
    authority = file.first("sts:AuthorizationProvider/sts:AuthorizationProviderID", dian)
    said = (text_of(authority), "", "")
    if authority is not None:
        said = (said[0], authority.get("schemeID") or "", authority.get("schemeName") or "")
    if said != _AUTHORITY:
        field = f"{_DIAN}/sts:AuthorizationProvider/sts:AuthorizationProviderID"
        yield Hit("FAB31", field, " ".join(_AUTHORITY), shown(" ".join(said)))
    if file.kind is not Kind.EVENT and not file.text("sts:QRCode", dian):
        yield Hit("FAB36", f"{_DIAN}/sts:QRCode", "la dirección de consulta", NOTHING)


def _control(file: File) -> Iterator[Hit]:
    """The range as the file states it; whether DIAN authorised it, only DIAN knows."""
    if not file.text(f"{_CONTROL}/sts:InvoiceAuthorization"):
        yield Hit("FAB05a", f"{_CONTROL}/sts:InvoiceAuthorization", "el número de la resolución", NOTHING)
    for code, name in (("FAB11a", "sts:From"), ("FAB12a", "sts:To")):
        field = f"{_CONTROL}/sts:AuthorizedInvoices/{name}"
        text = file.text(field)
        if not _BOUND.fullmatch(text):
            yield Hit(code, field, "de 1 a 9 dígitos", shown(text))
    prefix_field = f"{_CONTROL}/sts:AuthorizedInvoices/sts:Prefix"
    prefix, branch, number = file.text(prefix_field), file.text(_BRANCH), file.text("cbc:ID")
    if file.kind in _BY_TYPE and prefix != branch:
        yield Hit("FAB10a", prefix_field, shown(branch), shown(prefix))
    yield from _within(file, prefix, number)


def _within(file: File, prefix: str, number: str) -> Iterator[Hit]:
    """A number is its prefix and a consecutive within the bounds; a bound that is no number bounds nothing."""
    consecutive = number.removeprefix(prefix)
    if not number.startswith(prefix) or not _BOUND.fullmatch(consecutive):
        yield Hit("FAB10b", "cbc:ID", f"{prefix} y un consecutivo", shown(number))
        return
    start, end = (
        _bound(file.text(f"{_CONTROL}/sts:AuthorizedInvoices/{name}")) for name in ("sts:From", "sts:To")
    )
    if start is not None and int(consecutive) < start:
        yield Hit("FAD05b", "cbc:ID", f"{prefix}{start} o más", number)
    if end is not None and int(consecutive) > end:
        yield Hit("FAD05c", "cbc:ID", f"{prefix}{end} o menos", number)


def _bound(text: str) -> int | None:
    return int(text) if _BOUND.fullmatch(text) else None


def _validity(file: File) -> Iterator[Hit]:
    issued = _day(file.text("cbc:IssueDate"))
    early, late = ("FAD09a", "FAD09b") if file.kind in _BY_TYPE else ("FAB07b", "FAB08b")
    for missing, code, name in (("FAB07a", early, "cbc:StartDate"), ("FAB08a", late, "cbc:EndDate")):
        field = f"{_CONTROL}/sts:AuthorizationPeriod/{name}"
        bound = _day(file.text(field))
        if bound is None:
            yield Hit(missing, field, "una fecha", shown(file.text(field)))
        elif issued is not None and code == early and issued < bound:
            yield Hit(code, "cbc:IssueDate", f"{bound} o después", str(issued))
        elif issued is not None and code == late and issued > bound:
            yield Hit(code, "cbc:IssueDate", f"{bound} o antes", str(issued))


def _day(text: str) -> date | None:
    """A date, or ``None`` where the text is none."""
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def _digit(number: str) -> str:
    try:
        return nit.check_digit(number)
    except ValueError:
        return ""


# ── Signature ─────────────────────────────────────────────────────────────────────────────────────


def _signature(file: File) -> Iterator[Hit]:
    if file.first(".//ds:Signature") is None:  # ``_extensions`` reports the missing signature, as FAC03
        return
    if not file.text(".//ds:Signature/ds:KeyInfo/ds:X509Data/ds:X509Certificate"):
        yield Hit("ZD06", "ds:KeyInfo/ds:X509Data/ds:X509Certificate", "el certificado", NOTHING)
    policy = file.text(".//xades:SigPolicyHash/ds:DigestValue")
    if policy not in POLICY_DIGESTS.values():
        yield Hit("ZE02", "xades:SigPolicyHash/ds:DigestValue", "la huella de la política v2", shown(policy))
    # Of several signing times the first in the file counts.
    signed, issued = file.text(".//xades:SigningTime"), file.text("cbc:IssueDate")
    moment = _MOMENT.fullmatch(signed)
    if moment is None:
        yield Hit("DC24", "xades:SigningTime", "AAAA-MM-DDTHH:MM:SS-05:00", shown(signed))
    elif moment[1] != issued:
        yield Hit("FAD09e", "cbc:IssueDate", moment[1], shown(issued))


# ── First elements ────────────────────────────────────────────────────────────────────────────────


def _profile(file: File) -> Iterator[Hit]:
    for code, field, expected in (
        ("FAD01", "cbc:UBLVersionID", _UBL),
        (
            "FAD03",
            "cbc:ProfileID",
            PROFILE if file.kind is Kind.EVENT else profile(file.kind, file.type_code),
        ),
    ):
        found = file.text(field)
        if found != expected:
            yield Hit(code, field, expected, shown(found))
    operation = file.text("cbc:CustomizationID")
    if not file.kind.is_bought and file.kind is not Kind.EVENT:
        allowed = operations_of(file.kind)
        is_health = file.kind is Kind.INVOICE and operation.startswith("SS-")
        if operation not in allowed and not is_health:
            yield Hit("FAD02", "cbc:CustomizationID", one_of(allowed), shown(operation))
    environment = file.text("cbc:ProfileExecutionID")
    if environment not in _ENVIRONMENTS:
        yield Hit("FAD04", "cbc:ProfileExecutionID", one_of(_ENVIRONMENTS), shown(environment))


def _identity(file: File) -> Iterator[Hit]:
    number = file.text("cbc:ID")
    if not _NUMBER.fullmatch(number):
        code = "AAD05a" if file.kind is Kind.EVENT and not number else "FAD05a"
        yield Hit(code, "cbc:ID", "de 1 a 20 letras y dígitos", shown(number))
    if not _TIME.fullmatch(file.text("cbc:IssueTime")):
        yield Hit("FAD10", "cbc:IssueTime", "HH:MM:SS-05:00", shown(file.text("cbc:IssueTime")))


def _identifier(file: File) -> Iterator[Hit]:
    """Whether the identifier has the right form. To know its right value takes a key that is in no file."""
    uuid = file.text("cbc:UUID")
    if not _IDENTIFIER.fullmatch(uuid):
        yield Hit("FAD06", "cbc:UUID", "96 dígitos hexadecimales", shown(uuid))
    environment, scheme_id = file.text("cbc:ProfileExecutionID"), file.attribute("cbc:UUID", "schemeID")
    if scheme_id != environment:
        yield Hit("FAD07", "cbc:UUID/@schemeID", shown(environment), shown(scheme_id))
    has_cufe = file.kind is Kind.INVOICE and file.type_code != FROM_PAPER
    name = "CUDS" if file.kind.is_bought else "CUFE" if has_cufe else "CUDE"
    scheme = file.attribute("cbc:UUID", "schemeName")
    if scheme != f"{name}-SHA384":
        yield Hit("FAD08", "cbc:UUID/@schemeName", f"{name}-SHA384", shown(scheme))


def _contents(file: File) -> Iterator[Hit]:
    """What a file states of itself: its type, how many lines it has, its currency."""
    types = _BY_TYPE.get(file.kind)
    if types is not None and file.type_code not in types:
        yield Hit("FAD12", "cbc:InvoiceTypeCode", one_of(types), shown(file.type_code))
    if file.kind is not Kind.EVENT:
        count, lines = file.text("cbc:LineCountNumeric"), str(len(file.lines()))
        if count != lines:
            yield Hit("FAD16", "cbc:LineCountNumeric", lines, shown(count))
        currency = file.text("cbc:DocumentCurrencyCode")
        if currency not in catalogs.currencies():
            yield Hit("FAD15a", "cbc:DocumentCurrencyCode", "un código ISO 4217", shown(currency))


def _amounts(file: File) -> Iterator[Hit]:
    """The form of every amount and percentage in the file, and the codes of their currencies."""
    for element in file.root.iter():
        name = element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
        currency = element.get("currencyID")
        if currency is not None and currency not in catalogs.currencies():
            yield Hit("FAD15a", f"cbc:{name}/@currencyID", "un código ISO 4217", shown(currency))
        if currency is not None or name in _PERCENTAGES:
            yield from _amount(name, text_of(element))


def _amount(name: str, text: str) -> Iterator[Hit]:
    if not NUMBER.fullmatch(text):
        yield Hit("ZB01", f"cbc:{name}", "un número", text or NOTHING)
    elif text.startswith("-") and name != _ROUNDING:
        yield Hit("VLR01", f"cbc:{name}", "0 o más", text)
