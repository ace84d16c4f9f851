"""Reads XML that others wrote, by local names: services answer in namespaces that are not in their own WSDL."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.etree import _Element as Element


def parsed(raw: bytes) -> "Element | None":
    """The root of an XML text; ``None`` where it is no XML, or has a DTD. No entity or address in it is followed."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(raw, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    # A DTD has no place in SOAP or UBL, and its entities, unresolved, would be missing from the texts.
    return None if root.getroottree().docinfo.doctype else root


def local(element: "Element") -> str:
    """The element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def children(element: "Element") -> list["Element"]:
    return [found for found in element if isinstance(found.tag, str)]


def child(element: "Element", *path: str) -> "Element | None":
    """The first element at a path of local names."""
    found: Element | None = element
    for name in path:
        found = next(found.iterchildren("{*}" + name), None) if found is not None else None
    return found


def text(element: "Element", *path: str) -> str:
    """The text at a path of local names, stripped; empty where there is none."""
    found = child(element, *path)
    return (found.text or "").strip() if found is not None else ""
