"""XML whose bytes are its own canonical form: Inclusive Canonical XML 1.0, without comments.

The writers of ``ubl`` and of DIAN's envelope are templates that look like what they write. In them every namespace is
declared once, on the root; attributes stand in order of name; an element holds either text or elements; nothing is
indented and no tag closes itself. So what is written can be hashed and signed as it is, without parsing or
canonicalising it. Every text that a template is given goes through ``text`` or ``value``.

Source: https://www.w3.org/TR/2001/REC-xml-c14n-20010315, sections 2.3 and 4; tests compare with libxml2.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import NamedTuple


class Unwritable(ValueError):
    """A text holds a character that XML 1.0 cannot carry, in any form."""

    def __init__(self, said: str):
        super().__init__("a text holds a character that XML cannot carry")
        self.text = said


class Unsigned(NamedTuple):
    """A document in its canonical form but for its signature, which stands between ``before`` and ``after``."""

    before: str
    after: str
    namespaces: str
    """Those of its root, as ``declarations`` writes them."""


SIGNATURE = "\x00"
"""Stands for the signature in a document. No text can be taken for it, since XML has no such character."""

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
    if said.isprintable() and "&" not in said and "<" not in said and ">" not in said:
        return said if said.isascii() else said.encode().decode("latin-1")
    return _escaped(said, _IN_TEXT, _TEXT)


def value(said: str) -> str:
    """A text as it stands in an attribute, between double quotes. Raises Unwritable."""
    if said.isprintable() and "&" not in said and "<" not in said and '"' not in said:
        return said if said.isascii() else said.encode().decode("latin-1")
    return _escaped(said, _IN_VALUE, _VALUE)


def octets(xml: str) -> bytes:
    """The bytes of XML whose texts ``text`` and ``value`` wrote."""
    return xml.encode("latin-1")


def maybe(tag: str, said: str | None) -> str:
    """An element made of text, or nothing where there is no text. Raises Unwritable."""
    return f"<{tag}>{text(said)}</{tag}>" if said else ""


def some(tag: str, inner: str) -> str:
    """An element around others, or nothing where they all are absent."""
    return f"<{tag}>{inner}</{tag}>" if inner else ""


def day(tag: str, found: date | None) -> str:
    """An element with a date, or nothing where there is none."""
    return f"<{tag}>{found.isoformat()}</{tag}>" if found else ""


def declarations(namespaces: Mapping[str, str]) -> str:
    """The declarations of namespaces as they stand in the root's tag; the default's prefix is ``""``."""
    named = ((f"xmlns:{prefix}" if prefix else "xmlns", uri) for prefix, uri in sorted(namespaces.items()))
    return "".join(f' {name}="{uri}"' for name, uri in named)


def unsigned(namespaces: str, start: str, *rest: str) -> Unsigned:
    """A document in parts. Its start has SIGNATURE where its signature will stand; the rest may be long."""
    before, place, after = start.partition(SIGNATURE)
    assert place, "a document to sign has a place for its signature"
    return Unsigned(before, "".join((after, *rest)), namespaces)


def _escaped(said: str, special: re.Pattern[str], table: dict[int, str]) -> str:
    if special.search(said):
        if UNWRITABLE.search(said):
            raise Unwritable(said)
        said = said.translate(table)
    return said.encode().decode("latin-1")
