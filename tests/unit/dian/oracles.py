"""What others say of our XML: libxml2's canonical form, UBL's schemas, and two verifiers of signatures."""

import sys
from collections.abc import Callable
from functools import cache
from typing import Any

import xmlsec
from lxml import etree
from signxml.verifier import SignatureConfiguration, XMLVerifier

from tests.unit.dian.builders import reference
from tests.unit.dian.certificates import Made

NAMES = {
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
    "ext": "urn:oasis:names:specification:ubl:schema:xsd:CommonExtensionComponents-2",
    "sts": "dian:gov:co:facturaelectronica:Structures-2-1",
    "xades": "http://uri.etsi.org/01903/v1.3.2#",
}


def canonical(xml: bytes) -> bytes:
    """Inclusive C14N 1.0, without comments."""
    return etree.tostring(parsed(xml), method="c14n")


def parsed(xml: bytes) -> Any:
    return etree.fromstring(xml, etree.XMLParser(resolve_entities=False, huge_tree=True))


def texts(tree: Any, path: str) -> list[str]:
    """The texts, or values of attributes, at a path with the prefixes of NAMES."""
    return [
        found if isinstance(found, str) else found.text or "" for found in tree.xpath(path, namespaces=NAMES)
    ]


def text(tree: Any, path: str) -> str:
    found = texts(tree, path)
    assert len(found) == 1, (path, found)
    return found[0]


def names(element: Any) -> list[str]:
    """The local names of an element's children, in order."""
    return [etree.QName(child).localname for child in element]


def calls_of(work: Callable[[], object]) -> int:
    """How many functions ``work`` calls, Python's and C's: what it costs, however busy the machine is."""
    called = 0

    def count(_frame: object, event: str, _what: object) -> None:
        nonlocal called
        called += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
    return called


def schema_errors(xml: bytes) -> list[str]:
    tree = parsed(xml)
    schema = _schema(etree.QName(tree).localname)
    schema.validate(tree)
    return [str(error) for error in schema.error_log]


@cache
def _schema(root: str) -> Any:
    path = reference("xsd", "dian-caja-fe-v1.9", "maindoc", f"UBL-{root}-2.1.xsd")
    return etree.XMLSchema(etree.parse(str(path)))


def signxml_accepts(xml: bytes, signer: Made) -> bool:
    """signxml's core verifier: every reference, and the signature with this certificate."""
    from signxml.exceptions import InvalidDigest, InvalidSignature

    expected = SignatureConfiguration(expect_references=3)
    try:
        XMLVerifier().verify(xml, x509_cert=signer.pem.decode(), expect_config=expected)
    except (InvalidSignature, InvalidDigest):
        return False
    return True


def xmlsec_accepts(xml: bytes, signer: Made) -> bool:
    """libxmlsec1: the same, in C and by other people."""
    tree = parsed(xml)
    xmlsec.tree.add_ids(tree, ["Id"])
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(signer.pem, xmlsec.constants.KeyDataFormatCertPem)
    try:
        context.verify(tree.find(".//{*}Signature"))
    except xmlsec.VerificationError:
        return False
    return True
