"""The extensions: range, software, authority, QR. Annex 1.9, groups FAA to FAB."""

import re
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from cauce.domain import nit
from cauce.domain.document import Kind
from cauce.ubl.preflight.catalogues import NOTHING, shown
from cauce.ubl.preflight.rules import Hit
from cauce.ubl.preflight.xml.file import File, text_of

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_CONTENT = "ext:UBLExtensions/ext:UBLExtension/ext:ExtensionContent"
_DIAN = f"{_CONTENT}/sts:DianExtensions"
_CONTROL = f"{_DIAN}/sts:InvoiceControl"
_BRANCH = "cac:AccountingSupplierParty/cac:Party/cac:PartyLegalEntity/cac:CorporateRegistrationScheme/cbc:ID"
_AUTHORITY = ("800197268", "4", "31")
_BOUND = re.compile(r"\d{1,9}", re.ASCII)


def check(file: File) -> Iterator[Hit]:
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
        yield from _software(file, found[0])
        if file.kind in (Kind.INVOICE, Kind.SUPPORT_DOCUMENT):
            yield from _control(file)
            yield from _validity(file)


def _software(file: File, dian: "Element") -> Iterator[Hit]:
    path = f"{_DIAN}/sts:SoftwareProvider"
    provider = file.first("sts:SoftwareProvider/sts:ProviderID", dian)
    number = text_of(provider)
    if provider is None or not number:
        yield Hit("FAB19a", f"{path}/sts:ProviderID", "el NIT del dueño del software", NOTHING)
    else:
        digit, expected = provider.get("schemeID") or "", _digit(number)
        if not digit:
            yield Hit("FAB22a", f"{path}/sts:ProviderID/@schemeID", shown(expected), NOTHING)
        elif digit != expected:
            yield Hit("FAB22b", f"{path}/sts:ProviderID/@schemeID", shown(expected), digit)
        if provider.get("schemeName") != "31":
            field = f"{path}/sts:ProviderID/@schemeName"
            yield Hit("FAB23", field, "31", shown(provider.get("schemeName")))
    if not file.text("sts:SoftwareProvider/sts:SoftwareID", dian):
        yield Hit("FAB24a", f"{path}/sts:SoftwareID", "el identificador del software", NOTHING)
    if not file.text("sts:SoftwareSecurityCode", dian):
        yield Hit("FAB27a", f"{_DIAN}/sts:SoftwareSecurityCode", "la huella del software", NOTHING)
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
    bounds = {}
    for code, name in (("FAB11a", "sts:From"), ("FAB12a", "sts:To")):
        field = f"{_CONTROL}/sts:AuthorizedInvoices/{name}"
        text = file.text(field)
        bounds[name] = int(text) if _BOUND.fullmatch(text) else None
        if bounds[name] is None:
            yield Hit(code, field, "de 1 a 9 dígitos", shown(text))
    prefix_field = f"{_CONTROL}/sts:AuthorizedInvoices/sts:Prefix"
    prefix, branch, number = file.text(prefix_field), file.text(_BRANCH), file.text("cbc:ID")
    if file.kind is Kind.INVOICE and prefix != branch:
        yield Hit("FAB10a", prefix_field, shown(branch), shown(prefix))
    consecutive = number.removeprefix(prefix)
    if not number.startswith(prefix) or not _BOUND.fullmatch(consecutive):
        yield Hit("FAB10b", "cbc:ID", f"{prefix} y un consecutivo", shown(number))
        return
    start, end = bounds["sts:From"], bounds["sts:To"]
    if start is not None and int(consecutive) < start:
        yield Hit("FAD05b", "cbc:ID", f"{prefix}{start} o más", number)
    if end is not None and int(consecutive) > end:
        yield Hit("FAD05c", "cbc:ID", f"{prefix}{end} o menos", number)


def _validity(file: File) -> Iterator[Hit]:
    issued = day(file.text("cbc:IssueDate"))
    early, late = ("FAD09a", "FAD09b") if file.kind is Kind.INVOICE else ("FAB07b", "FAB08b")
    for missing, code, name in (("FAB07a", early, "cbc:StartDate"), ("FAB08a", late, "cbc:EndDate")):
        field = f"{_CONTROL}/sts:AuthorizationPeriod/{name}"
        bound = day(file.text(field))
        if bound is None:
            yield Hit(missing, field, "una fecha", shown(file.text(field)))
        elif issued is not None and code == early and issued < bound:
            yield Hit(code, "cbc:IssueDate", f"{bound} o después", str(issued))
        elif issued is not None and code == late and issued > bound:
            yield Hit(code, "cbc:IssueDate", f"{bound} o antes", str(issued))


def day(text: str) -> date | None:
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
