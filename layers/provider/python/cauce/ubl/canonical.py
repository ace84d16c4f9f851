"""A tree of XML whose bytes are its own canonical form: Inclusive Canonical XML 1.0, without comments.

Every namespace is declared once, on the root; attributes stand in order of name; an element holds either text or
elements; nothing is indented and no tag closes itself. So what is written here can be hashed and signed as it
is, without parsing or canonicalising it again.

Source: https://www.w3.org/TR/2001/REC-xml-c14n-20010315, sections 2.3 and 4; tests compare with libxml2.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple


class Element(NamedTuple):
    """An element: its qualified name, its attributes in order, and its text or its children."""

    tag: str
    attributes: tuple[tuple[str, str], ...]
    content: "str | tuple[Element, ...]"


class Tree(NamedTuple):
    """A whole document: its root, and the namespaces that the root declares by prefix, the default's ``""``."""

    root: Element
    namespaces: Mapping[str, str]


class Unwritable(ValueError):
    """A text holds a character that XML 1.0 cannot carry, in any form."""

    def __init__(self, tag: str, text: str):
        super().__init__(f"{tag} holds a character that XML cannot carry")
        self.text = text


# Production 2 of XML 1.0: tab, line feed, carriage return, and all of Unicode but C0, surrogates, FFFE and FFFF.
UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_IN_TEXT = re.compile("[&<>\r\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_IN_VALUE = re.compile('[&<"\t\n\r\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]')
_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#xD;"})
_VALUE = str.maketrans(
    {"&": "&amp;", "<": "&lt;", '"': "&quot;", "\t": "&#x9;", "\n": "&#xA;", "\r": "&#xD;"}
)

# A text is written as its UTF-8 with one character for each byte: a document with accents in it is then encoded
# (``octets``) as fast as one without.


def text(said: str) -> str:
    """A text as it stands in an element. Raises Unwritable."""
    if said.isascii() and said.isprintable() and "&" not in said and "<" not in said and ">" not in said:
        return said
    return _written(said, _IN_TEXT, _TEXT)


def value(said: str) -> str:
    """A text as it stands in an attribute, between double quotes. Raises Unwritable."""
    if said.isascii() and said.isprintable() and "&" not in said and "<" not in said and '"' not in said:
        return said
    return _written(said, _IN_VALUE, _VALUE)


def octets(xml: str) -> bytes:
    """The bytes of XML whose texts ``text`` and ``value`` wrote."""
    return xml.encode("latin-1")


def _written(said: str, special: re.Pattern[str], table: dict[int, str]) -> str:
    if special.search(said):
        said = _escaped("text", said, table)
    return said.encode().decode("latin-1")


class Unsigned(NamedTuple):
    """A document in its canonical form but for its signature, which stands between ``before`` and ``after``."""

    before: str
    after: str
    namespaces: str
    """Those of its root, as ``declarations`` writes them."""


# Stands where another element is put later. No text can be taken for it, since XML has no such character.
_HOLE = "\x00"
HOLE = Element(_HOLE, (), ())


def group(tag: str, *children: Element | None, **attributes: str) -> Element:
    """An element made of elements; absent ones (``None``) are left out."""
    return Element(tag, tuple(sorted(attributes.items())), tuple(filter(None, children)))


def leaf(tag: str, text: str, **attributes: str) -> Element:
    """An element made of text."""
    return Element(tag, tuple(sorted(attributes.items())), text)


def some(tag: str, *children: Element | None, **attributes: str) -> Element | None:
    """``group``, or nothing where every child is absent."""
    return group(tag, *children, **attributes) if any(children) else None


def maybe(tag: str, text: str | None, **attributes: str) -> Element | None:
    """``leaf``, or nothing where there is no text."""
    return leaf(tag, text, **attributes) if text else None


def declarations(namespaces: Mapping[str, str]) -> str:
    """The declarations of namespaces as they stand in the root's tag."""
    named = ((f"xmlns:{prefix}" if prefix else "xmlns", uri) for prefix, uri in sorted(namespaces.items()))
    return "".join(f' {name}="{uri}"' for name, uri in named)


def fragment(element: Element, namespaces: str = "") -> str:
    """The element as text, with ``namespaces`` (of ``declarations``) in its tag.

    Without namespaces it is the element as it stands inside its document. With the root's it is the canonical form of
    the element as a signed part, which declares every namespace in scope itself. Raises Unwritable.
    """
    parts: list[str] = []
    _write(element, parts)
    if namespaces:
        parts[0] = f"<{element.tag}{namespaces}{parts[0][len(element.tag) + 1 :]}"
    return "".join(parts)


def document(root: Element, namespaces: str) -> bytes:
    """The canonical bytes of a document without a hole. Raises Unwritable."""
    return fragment(root, namespaces).encode()


def around(tree: Tree) -> Unsigned:
    """A document before and after its hole. Raises Unwritable."""
    namespaces = declarations(tree.namespaces)
    before, hole, after = fragment(tree.root, namespaces).partition(_HOLE)
    assert hole, "a document to sign has one hole"
    return Unsigned(before.encode().decode("latin-1"), after.encode().decode("latin-1"), namespaces)


def _write(element: Element, parts: list[str]) -> None:
    tag, attributes, content = element
    if tag == _HOLE:
        parts.append(_HOLE)
        return
    if attributes:
        values = "".join([f' {name}="{_value(tag, value)}"' for name, value in attributes])
        parts.append(f"<{tag}{values}>")
    else:
        parts.append(f"<{tag}>")
    if isinstance(content, str):
        if _IN_TEXT.search(content):
            content = _escaped(tag, content, _TEXT)
        parts.append(content)
    else:
        for child in content:
            _write(child, parts)
    parts.append(f"</{tag}>")


def _value(tag: str, value: str) -> str:
    return _escaped(tag, value, _VALUE) if _IN_VALUE.search(value) else value


def _escaped(tag: str, text: str, table: dict[int, str]) -> str:
    if UNWRITABLE.search(text):
        raise Unwritable(tag, text)
    return text.translate(table)
