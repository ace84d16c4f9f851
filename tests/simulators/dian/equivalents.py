"""Rules of documentos equivalentes: the extensions of a POS ticket, its final consumer, what a note on one refers to.

Source: Resolución 000165 de 2023, annex DE 1.0, as others summarise it; the official examples of its toolbox. The rules
DEPD11 and DEPD21 list the extensions, and DEAB41 to 46, DEPD15 to 20 and DEPD25 to 36 have one each for their names and
values: which number is which is inferred, as each group has just as many.
"""

from collections.abc import Iterator

from lxml import etree

from tests.simulators.dian.document import NS, Document
from tests.simulators.dian.findings import Finding

_ANYBODY = "222222222222"
_EXTENSIONS = (
    (
        "FabricanteSoftware",
        "InformacionDelFabricanteDelSoftware",
        ("NombreApellido", "RazonSocial", "NombreSoftware"),
        "DEAB",
        41,
    ),
    (
        "BeneficiosComprador",
        "InformacionBeneficiosComprador",
        ("Codigo", "NombresApellidos", "Puntos"),
        "DEPD",
        15,
    ),
    (
        "PuntoVenta",
        "InformacionCajaVenta",
        ("PlacaCaja", "UbicaciónCaja", "Cajero", "TipoCaja", "CódigoVenta", "SubTotal"),
        "DEPD",
        25,
    ),
)
_ORDER = ["DianExtensions", *(name for name, *_ in _EXTENSIONS), "Signature"]


def check(document: Document) -> Iterator[Finding]:
    if document.kind == "equivalent_document":
        yield from _extensions(document)
    if document.kind == "equivalent_note":
        yield from _reference(document)
    yield from _buyer(document)


def _extensions(document: Document) -> Iterator[Finding]:
    contents = document.all("ext:UBLExtensions/ext:UBLExtension/ext:ExtensionContent/*")
    # Others may follow, as that of a second currency.
    if [etree.QName(each).localname for each in contents][: len(_ORDER)] != _ORDER:
        yield Finding("DEPD11", f"Las extensiones son {', '.join(_ORDER)}")
        return
    invoice = etree.QName(document.root).namespace
    for content, (name, group, names, letters, first) in zip(contents[1:4], _EXTENSIONS, strict=True):
        if etree.QName(content).namespace != invoice or [each.tag for each in content] != [
            f"{{{invoice}}}{group}"
        ]:
            yield Finding("DEPD21", f"{name} no trae {group}")
            continue
        said = [(etree.QName(each).localname, each.text or "") for each in content[0]]
        for n, wanted in enumerate(names):
            label, told = [*said[2 * n : 2 * n + 2], ("", ""), ("", "")][:2]
            if label != ("Name", wanted):
                yield Finding(f"{letters}{first + 2 * n}", f"Name no es {wanted}")
            if told[0] != "Value" or not told[1].strip():
                yield Finding(f"{letters}{first + 2 * n + 1}", f"{wanted} no tiene valor")
        if len(said) != 2 * len(names):
            yield Finding("DEPD21", f"{group} trae {len(said)} elementos")
    if not document.text("cac:AccountingCustomerParty/cac:Party/cac:PartyName/cbc:Name"):
        yield Finding("DEAK20", "El adquiriente no tiene nombre")


def _buyer(document: Document) -> Iterator[Finding]:
    """The final consumer has fixed values."""
    party = document.all("cac:AccountingCustomerParty/cac:Party")
    scheme = "cac:PartyTaxScheme"
    if not party or document.text(f"{scheme}/cbc:CompanyID", party[0]) != _ANYBODY:
        return
    letters = f"{document.family.letters}AK"
    for path in ("cac:PartyIdentification/cbc:ID", f"{scheme}/cbc:CompanyID"):
        found = party[0].xpath(path, namespaces=NS)
        if [(each.text, each.get("schemeName"), each.get("schemeID")) for each in found] != [
            (_ANYBODY, "13", "")
        ]:
            yield Finding(f"{letters}61", f"{path} no es el del consumidor final")
    if document.text(f"{scheme}/cbc:RegistrationName", party[0]) != "Consumidor Final":
        yield Finding(f"{letters}20", "El nombre no es Consumidor Final")
    if document.text(f"{scheme}/cac:TaxScheme/cbc:ID", party[0]) != "01":
        yield Finding(f"{letters}40", "El tributo del consumidor final no es 01")


def _reference(document: Document) -> Iterator[Finding]:
    reference = "cac:BillingReference/cac:InvoiceDocumentReference"
    if document.text(f"{reference}/cbc:UUID/@schemeName") != "CUDE-SHA384":
        yield Finding("NABG04a", "El UUID de referencia no es CUDE-SHA384")
    if document.text(f"{reference}/cbc:DocumentTypeCode") != document.text("cbc:CustomizationID"):
        yield Finding("NABG05", "DocumentTypeCode no es el del documento equivalente")
    contents = document.all("ext:UBLExtensions/ext:UBLExtension/ext:ExtensionContent/*")
    if [etree.QName(each).localname for each in contents] != ["DianExtensions", "Signature"]:
        yield Finding("NAAB03", "La nota solo lleva DianExtensions y Signature")
