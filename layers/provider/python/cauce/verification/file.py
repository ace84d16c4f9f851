"""Parses a file, without ever fetching or expanding anything, and reads it by UBL's names."""

import re
from typing import TYPE_CHECKING

from cauce.domain.errors import InvalidDocument
from cauce.ubl.document import NAMESPACES

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

DIAN_NIT = "800197268"

_ROOTS = frozenset({"Invoice", "CreditNote", "DebitNote", "ApplicationResponse", "AttachedDocument"})
_DECLARATION = re.compile(r"^[\s\ufeff]*<\?xml[^>]*\?>")
_TITLES = {
    "01": "Factura electrónica de venta",
    "02": "Factura electrónica de exportación",
    "03": "Factura de contingencia (transcrita de papel)",
    "04": "Factura de contingencia de la DIAN",
    "05": "Documento soporte",
    "20": "Documento equivalente: tiquete POS",
    "91": "Nota crédito",
    "94": "Nota de ajuste al documento equivalente",
    "95": "Nota de ajuste al documento soporte",
}
_EVENTS = {
    "030": "Acuse de recibo",
    "031": "Reclamo",
    "032": "Recibo del bien o servicio",
    "033": "Aceptación expresa",
    "034": "Aceptación tácita",
}


def parsed(xml: bytes) -> "Element":
    """The root of a document of DIAN's. Raises InvalidDocument where the file is none, or has a DOCTYPE."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=False)
    try:
        root = etree.fromstring(xml, parser)
    except (etree.XMLSyntaxError, ValueError) as cause:
        line, column = getattr(cause, "position", (1, 1))
        raise InvalidDocument(
            f"El archivo no es XML bien formado (línea {line}, columna {column})."
        ) from cause
    if root.getroottree().docinfo.doctype:
        raise InvalidDocument("El archivo declara un DOCTYPE, que ningún documento de la DIAN lleva.")
    name = local(root)
    if name not in _ROOTS:
        raise InvalidDocument(f"El archivo no es un documento de la DIAN: su raíz es «{name}».")
    return root


def enclosed(text: str) -> bytes:
    """The bytes of a file that another encloses as text, without its declaration: its encoding no longer applies."""
    return _DECLARATION.sub("", text.lstrip("\ufeff")).encode()


def local(element: "Element") -> str:
    return str(element.tag).rpartition("}")[2]


def elements(root: "Element", path: str) -> "list[Element]":
    found: list[Element] = root.findall(path, NAMESPACES)
    return found


def text(root: "Element", path: str) -> str:
    """The text of the first element at a path, stripped; empty where there is none."""
    found = root.find(path, NAMESPACES)
    return (found.text or "").strip() if found is not None else ""


def is_from_dian(root: "Element") -> bool:
    """Whether it is DIAN's own answer to a document, and not a taxpayer's event."""
    return (
        local(root) == "ApplicationResponse"
        and text(root, "cac:SenderParty/cac:PartyTaxScheme/cbc:CompanyID") == DIAN_NIT
    )


def rule(root: "Element", general: str) -> str:
    """DIAN's code of a rule that every kind of document has: ``D06`` is FAD06, CAD06, DSAD06…"""
    letters = {"CreditNote": "C", "DebitNote": "D", "ApplicationResponse": "A"}.get(local(root), "F")
    others = {"05": "DS", "95": "NS", "20": "DE", "94": "NA"}
    code = text(root, "cbc:InvoiceTypeCode") or text(root, "cbc:CreditNoteTypeCode")
    return f"{others.get(code, letters)}A{general}"


def title(root: "Element") -> str:
    """What the file is, in an accountant's words."""
    match local(root):
        case "DebitNote":
            return "Nota débito"
        case "AttachedDocument":
            return "Contenedor electrónico (AttachedDocument)"
        case "ApplicationResponse":
            if is_from_dian(root):
                return "Respuesta de la DIAN"
            code = text(root, "cac:DocumentResponse/cac:Response/cbc:ResponseCode")
            return f"Evento {code}: {_EVENTS[code]}" if code in _EVENTS else f"Evento {code}"
    code = text(root, "cbc:InvoiceTypeCode") or text(root, "cbc:CreditNoteTypeCode")
    return _TITLES.get(code, f"{local(root)} de tipo {code or 'no declarado'}")
