"""Rules about a document's software, number, dates, identifier and range. Anexo Técnico 1.9, groups AB and AD."""

import re
from collections.abc import Iterator
from datetime import date, timedelta

from tests.simulators.dian import content, equivalents, identifiers
from tests.simulators.dian.accounts import Account, Range
from tests.simulators.dian.document import Document
from tests.simulators.dian.findings import Finding
from tests.simulators.dian.nit import check_digit

_DIAN = "800197268"
_TIME = re.compile(r"\d{2}:\d{2}:\d{2}-05:00")
_NUMBER = re.compile(r"[A-Za-z0-9]{1,20}")
_QR = re.compile(r"https://catalogo-vpfe(-hab)?\.dian\.gov\.co/document/searchqr\?documentkey=([0-9a-f]{96})")
_EARLIEST, _LATEST = timedelta(days=10), timedelta(days=10)
_WITH_RANGE = frozenset({"invoice", "support_document", "equivalent_document"})


def check(document: Document, account: Account, environment: str, today: date) -> Iterator[Finding]:
    yield from _extensions(document, account)
    yield from _header(document, environment, today)
    yield from _identifier(document, account)
    if document.kind == "event":
        return
    yield from content.check(document, account.nit)
    if document.is_equivalent:
        yield from equivalents.check(document)
    if document.kind in _WITH_RANGE:
        yield from _range(document, account)


def _extensions(document: Document, account: Account) -> Iterator[Finding]:
    p = document.family.letters
    found = document.all("ext:UBLExtensions/ext:UBLExtension/ext:ExtensionContent/sts:DianExtensions")
    if len(found) != 1:
        yield Finding(f"{p}AB03", "Debe haber exactamente un grupo sts:DianExtensions")
        return
    provider = document.all("//sts:SoftwareProvider/sts:ProviderID")
    if not provider or provider[0].text != account.nit:
        yield Finding(f"{p}AB19b", "NIT del proveedor no está autorizado")
    elif provider[0].get("schemeName") != "31":
        yield Finding(f"{p}AB23", "schemeName de ProviderID no es 31")
    elif provider[0].get("schemeID") != check_digit(account.nit):
        yield Finding(f"{p}AB22b", "DV del NIT del proveedor errado")
    software = document.text("//sts:SoftwareProvider/sts:SoftwareID")
    registered, pin = account.software_of(document.kind)
    if software != registered:
        yield Finding(f"{p}AB24b", "Identificador del software no corresponde al registrado")
    expected = identifiers.security_code(registered, pin, document.number)
    if document.text("//sts:SoftwareSecurityCode") != expected:
        yield Finding(f"{p}AB27b", "Huella no corresponde a un software autorizado")
    authorizer = document.all("//sts:AuthorizationProvider/sts:AuthorizationProviderID")
    if not authorizer or (
        authorizer[0].text,
        authorizer[0].get("schemeID"),
        authorizer[0].get("schemeName"),
    ) != (
        _DIAN,
        "4",
        "31",
    ):
        yield Finding(f"{p}AB31", "AuthorizationProviderID no es el de la DIAN")
    qr = _QR.fullmatch(document.text("//sts:QRCode").strip())
    wanted = document.text("//cac:DocumentReference/cbc:UUID") if document.kind == "event" else document.uuid
    if qr is None or qr[2] != wanted or bool(qr[1]) is not (document.environment == "2"):
        yield Finding(f"{p}AB36", "QRCode no corresponde al documento")


def _header(document: Document, environment: str, today: date) -> Iterator[Finding]:
    p, family = document.family.letters, document.family
    if document.text("cbc:UBLVersionID") != "UBL 2.1":
        yield Finding(f"{p}AD01", "UBLVersionID no es «UBL 2.1»")
    if document.text("cbc:CustomizationID") not in family.customizations:
        yield Finding(f"{p}AD02", "CustomizationID no es de la tabla")
    if document.text("cbc:ProfileID") != family.profile:
        yield Finding(f"{p}AD03", "ProfileID no es el literal del documento")
    if document.environment != environment:
        yield Finding(f"{p}AD04", "Documento fue enviado para el ambiente errado (producción o pruebas)")
    if not _NUMBER.fullmatch(document.number):
        yield Finding(f"{p}AD05a", "El número contiene algo que no son letras y dígitos")
    if not _TIME.fullmatch(document.text("cbc:IssueTime")):
        yield Finding(f"{p}AD10", "IssueTime no es HH:MM:SS-05:00")
    if not today - _EARLIEST <= document.issue_date:
        yield Finding(f"{p}AD09c", "Emitido con más de 10 días de anterioridad")
    if document.issue_date > today + _LATEST:
        yield Finding(f"{p}AD09d", "Emitido con más de 10 días de antelación")
    if document.kind != "event" and document.text("cbc:LineCountNumeric") != str(len(document.lines)):
        yield Finding(f"{p}AD16", "LineCountNumeric no es el número de líneas")


def _identifier(document: Document, account: Account) -> Iterator[Finding]:
    p = document.family.letters
    scheme = "CUDE-SHA384" if document.type_code == "03" else document.family.scheme
    if document.text("cbc:UUID/@schemeName") != scheme:
        yield Finding(f"{p}AD08", f"schemeName del UUID no es {scheme}")
    if document.text("cbc:UUID/@schemeID") != document.environment:
        yield Finding(f"{p}AD07", "schemeID del UUID no es el ambiente")
    granted = _granted(document, account)
    _, pin = account.software_of(document.kind)
    expected = identifiers.of(document, granted.technical_key if granted else "", pin)
    if document.uuid != expected:
        name = scheme.partition("-")[0]
        yield Finding(f"{p}AD06", f"Valor del {name} no está calculado correctamente.")


def _granted(document: Document, account: Account) -> Range | None:
    return account.range_of(document.prefix, document.text("//sts:InvoiceControl/sts:InvoiceAuthorization"))


def _range(document: Document, account: Account) -> Iterator[Finding]:
    p = document.family.letters
    control = "//sts:InvoiceControl"
    granted = _granted(document, account)
    if granted is None:
        yield Finding(f"{p}AB05b", "La autorización y el prefijo no son del emisor")
        return
    wanted = "contingency" if document.type_code == "03" else document.kind
    if granted.kind != wanted:
        yield Finding(f"{p}AB05b", f"El rango es de {granted.kind}")
    if not granted.associated:
        yield Finding(f"{p}AB05c", "Software no asociado al rango")
    branch = document.text(
        "cac:AccountingSupplierParty/cac:Party/cac:PartyLegalEntity/cac:CorporateRegistrationScheme/cbc:ID"
    )
    if not document.is_support and branch != granted.prefix:
        yield Finding(f"{p}AB10a", "El prefijo no es el del CorporateRegistrationScheme")
    facts = {
        "AB07b": ("sts:AuthorizationPeriod/cbc:StartDate", granted.valid_from.isoformat()),
        "AB08b": ("sts:AuthorizationPeriod/cbc:EndDate", granted.valid_to.isoformat()),
        "AB11b": ("sts:AuthorizedInvoices/sts:From", str(granted.start)),
        "AB12b": ("sts:AuthorizedInvoices/sts:To", str(granted.end)),
    }
    for rule, (path, expected) in facts.items():
        if document.text(f"{control}/{path}") != expected:
            yield Finding(f"{p}{rule}", f"{path} no es {expected}")
    if document.issue_date < granted.valid_from:
        yield Finding(f"{p}AD09a", "Emitido antes de la vigencia del rango")
    if document.issue_date > granted.valid_to:
        yield Finding(f"{p}AD09b", "Emitido después de la vigencia del rango")
    digits = document.number.removeprefix(granted.prefix)
    inside = digits.isdigit() and not digits.startswith("0") and granted.start <= int(digits) <= granted.end
    if not document.number.startswith(granted.prefix) or not inside:
        yield Finding(
            f"{p}AD05d", "Número de factura debe estar contenido en el rango de numeración otorgado"
        )
