"""A signature's algorithms: canonical XML of a parsed file, digests."""

import base64
import hashlib
from typing import TYPE_CHECKING, NamedTuple

from cauce.ubl.document import NAMESPACES
from cauce.verification.file import parsed

if TYPE_CHECKING:
    from lxml.etree import _Element as Element
    from lxml.etree import _ElementTree as Tree

_INCLUSIVE = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
_EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
_WITH_COMMENTS = {f"{_INCLUSIVE}#WithComments": _INCLUSIVE, f"{_EXCLUSIVE}WithComments": _EXCLUSIVE}
_DIGESTS = {
    "http://www.w3.org/2001/04/xmlenc#sha256": "sha256",
    "http://www.w3.org/2001/04/xmldsig-more#sha384": "sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512": "sha512",
}
_PREFIXES = f"{{{_EXCLUSIVE}}}InclusiveNamespaces"


class Unsupported(ValueError):
    """An algorithm that DIAN does not accept, so that nothing is verified with it. Its text is Spanish."""


class Algorithm(NamedTuple):
    """How to canonicalise. ``prefixes``: the InclusiveNamespaces of exclusive form."""

    exclusive: bool
    comments: bool
    prefixes: tuple[str, ...]


def algorithm(element: "Element | None") -> Algorithm:
    """What a Transform or CanonicalizationMethod asks for; without one, inclusive form 1.0. Raises Unsupported."""
    if element is None:
        return Algorithm(exclusive=False, comments=False, prefixes=())
    name = element.get("Algorithm", "")
    plain = _WITH_COMMENTS.get(name, name)
    if plain not in (_INCLUSIVE, _EXCLUSIVE):
        raise Unsupported(f"la DIAN no admite la transformación «{name}»")
    listed = element.find(_PREFIXES)
    return Algorithm(
        exclusive=plain == _EXCLUSIVE,
        comments=plain != name,
        prefixes=tuple((listed.get("PrefixList") or "").split()) if listed is not None else (),
    )


def canonical(node: "Element | Tree", how: Algorithm) -> bytes:
    """The canonical octets of an element, with the namespaces in scope where it stands, or of a whole tree."""
    from lxml import etree

    octets: bytes = etree.tostring(
        node,
        method="c14n",
        exclusive=how.exclusive,
        with_comments=how.comments,
        inclusive_ns_prefixes=list(how.prefixes) or None if how.exclusive else None,
    )
    return octets


def without_signature(xml: bytes) -> "Tree":
    """The tree of a file without its ds:Signature; the text after that element stays."""
    root = parsed(xml)
    signature = root.find(".//ds:Signature", NAMESPACES)
    parent = signature.getparent() if signature is not None else None
    assert signature is not None
    assert parent is not None
    tail, previous = signature.tail or "", signature.getprevious()
    if previous is not None:
        previous.tail = (previous.tail or "") + tail
    else:
        parent.text = (parent.text or "") + tail
    signature.tail = None
    parent.remove(signature)
    return root.getroottree()


def digest_name(parent: "Element") -> str:
    """The digest that the DigestMethod of an element names: ``sha256``. Raises Unsupported."""
    method = parent.find("ds:DigestMethod", NAMESPACES)
    name = method.get("Algorithm", "") if method is not None else ""
    if name not in _DIGESTS:
        raise Unsupported(f"la DIAN no admite el resumen «{name}»")
    return _DIGESTS[name]


def digested(name: str, octets: bytes) -> str:
    """The digest in base64."""
    return base64.b64encode(hashlib.new(name, octets).digest()).decode()
