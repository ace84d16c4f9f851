"""A SOAP 1.2 envelope for DIAN, signed as its WS-Security policy asks. Pure but for the RSA operation.

The policy (WSDL: TransportBinding, endorsing X.509 token, signed part wsa:To) wants a timestamp, the certificate
and a signature of the ``wsa:To`` header alone. All namespaces stand on the root, so the exclusive canonical form
of a signed part is the part with the few of them that it uses, or that its PrefixList names: nothing is parsed.

Sources: the service's WSDL; https://www.w3.org/TR/xml-exc-c14n/; checked with signxml, libxmlsec1 and zeep.
"""

import base64
import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from cauce.providers.soap import SOAP_12
from cauce.ubl.canonical import Element, declarations, fragment, group, leaf
from cauce.ubl.certificate import Certificate

SERVICE = "http://wcf.dian.colombia"
_ACTION = f"{SERVICE}/IWcfDianCustomerServices/"

_WSS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
_NAMESPACES = {
    "ds": "http://www.w3.org/2000/09/xmldsig#",
    "soap": SOAP_12,
    "wcf": SERVICE,
    "wsa": "http://www.w3.org/2005/08/addressing",
    "wsse": f"{_WSS}wssecurity-secext-1.0.xsd",
    "wsu": f"{_WSS}wssecurity-utility-1.0.xsd",
}
_EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
_X509 = f"{_WSS}x509-token-profile-1.0#X509v3"
_BASE64 = f"{_WSS}soap-message-security-1.0#Base64Binary"

# The prefixes that each digest includes besides those that its part uses.
_WITH_TO = ("soap", "wcf")
_WITH_SIGNED_INFO = ("wsa", "soap", "wcf")

# The timestamp is not signed and clocks differ: sixteen hours, as clients that DIAN accepts have it.
VALID_FOR = timedelta(seconds=60_000)

# An envelope has one of each of these elements, so their ids may be the same in every envelope.
_TO, _TOKEN, _TIMESTAMP, _SIGNATURE = "id-to", "x509-cauce", "ts-cauce", "sig-cauce"


def action(operation: str) -> str:
    """The SOAP action of an operation of the service."""
    return _ACTION + operation


def envelope(
    operation: str, arguments: Mapping[str, str], address: str, certificate: Certificate, now: datetime
) -> bytes:
    """The call of an operation, its arguments in the WSDL's order. The same ``now`` gives the same bytes.

    Raises canonical.Unwritable where an argument holds what XML cannot carry.
    """
    to = leaf("wsa:To", address, **{"wsu:Id": _TO})
    security = group(
        "wsse:Security",
        _timestamp(now),
        leaf(
            "wsse:BinarySecurityToken",
            certificate.base64,
            EncodingType=_BASE64,
            ValueType=_X509,
            **{"wsu:Id": _TOKEN},
        ),
        _signature(to, certificate),
        **{"soap:mustUnderstand": "1"},
    )
    root = group(
        "soap:Envelope",
        group("soap:Header", security, leaf("wsa:Action", action(operation)), to),
        group(
            "soap:Body",
            group(f"wcf:{operation}", *(leaf(f"wcf:{name}", text) for name, text in arguments.items())),
        ),
    )
    return fragment(root, declarations(_NAMESPACES)).encode()


def _timestamp(now: datetime) -> Element:
    return group(
        "wsu:Timestamp",
        leaf("wsu:Created", _instant(now)),
        leaf("wsu:Expires", _instant(now + VALID_FOR)),
        **{"wsu:Id": _TIMESTAMP},
    )


def _instant(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.}{moment.microsecond // 1000:03}Z"


def _signature(to: Element, certificate: Certificate) -> Element:
    octets = fragment(to, _in_scope("wsa", "wsu", *_WITH_TO)).encode()
    signed_info = _signed_info(base64.b64encode(hashlib.sha256(octets).digest()).decode())
    value = certificate.sign(fragment(signed_info, _in_scope("ds", *_WITH_SIGNED_INFO)).encode())
    reference = leaf("wsse:Reference", "", URI=f"#{_TOKEN}", ValueType=_X509)
    return group(
        "ds:Signature",
        signed_info,
        leaf("ds:SignatureValue", base64.b64encode(value).decode()),
        group("ds:KeyInfo", group("wsse:SecurityTokenReference", reference)),
        Id=_SIGNATURE,
    )


def _signed_info(digest: str) -> Element:
    return group(
        "ds:SignedInfo",
        group("ds:CanonicalizationMethod", _inclusive(_WITH_SIGNED_INFO), Algorithm=_EXCLUSIVE),
        leaf("ds:SignatureMethod", "", Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"),
        group(
            "ds:Reference",
            group("ds:Transforms", group("ds:Transform", _inclusive(_WITH_TO), Algorithm=_EXCLUSIVE)),
            leaf("ds:DigestMethod", "", Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"),
            leaf("ds:DigestValue", digest),
            URI=f"#{_TO}",
        ),
    )


def _inclusive(prefixes: tuple[str, ...]) -> Element:
    """InclusiveNamespaces, which declares its own namespace, before other attributes, as exclusive canonicalisation
    would write it."""
    attributes = (("xmlns:ec", _EXCLUSIVE), ("PrefixList", " ".join(prefixes)))
    return Element("ec:InclusiveNamespaces", attributes, "")


def _in_scope(*prefixes: str) -> str:
    return declarations({prefix: _NAMESPACES[prefix] for prefix in prefixes})
