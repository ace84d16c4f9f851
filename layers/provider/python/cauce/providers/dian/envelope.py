"""A SOAP 1.2 envelope for DIAN, signed as its WS-Security policy asks. Pure but for the RSA operation.

The policy (WSDL: TransportBinding, endorsing X.509 token, signed part wsa:To) wants a timestamp, the certificate
and a signature of the ``wsa:To`` header alone, which is the same in every call to an address: it is signed once. All
namespaces stand on the root, so the exclusive canonical form of a signed part is the part with the few of
them that it uses, or that its PrefixList names: nothing is parsed.

Sources: the service's WSDL; https://www.w3.org/TR/xml-exc-c14n/; checked with signxml, libxmlsec1 and zeep.
"""

import base64
import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from weakref import WeakKeyDictionary

from cauce.providers.soap import SOAP_12
from cauce.ubl.canonical import declarations, octets, text
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
_DECLARED = declarations(_NAMESPACES)
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

# What each certificate in use has signed, by address.
_signed: WeakKeyDictionary[Certificate, dict[str, str]] = WeakKeyDictionary()


def action(operation: str) -> str:
    """The SOAP action of an operation of the service."""
    return _ACTION + operation


def envelope(
    operation: str,
    arguments: Mapping[str, str | bytes],
    address: str,
    certificate: Certificate,
    now: datetime,
) -> bytes:
    """The call of an operation, its arguments in the WSDL's order; a file (bytes) is written in base64. The same
    ``now`` gives the same bytes. An RSA operation only for the first call of a certificate to an address.

    Raises canonical.Unwritable where an argument holds what XML cannot carry.
    """
    by_address = _signed.setdefault(certificate, {})
    if address not in by_address:
        by_address[address] = _token_and_signature(address, certificate)
    given = "".join([f"<wcf:{name}>{_argument(said)}</wcf:{name}>" for name, said in arguments.items()])
    return octets(
        f"<soap:Envelope{_DECLARED}>"
        "<soap:Header>"
        '<wsse:Security soap:mustUnderstand="1">'
        f'<wsu:Timestamp wsu:Id="{_TIMESTAMP}">'
        f"<wsu:Created>{_instant(now)}</wsu:Created><wsu:Expires>{_instant(now + VALID_FOR)}</wsu:Expires>"
        "</wsu:Timestamp>"
        f"{by_address[address]}"
        "</wsse:Security>"
        f"<wsa:Action>{action(operation)}</wsa:Action>"
        f"<wsa:To{_to(address)}"
        "</soap:Header>"
        f"<soap:Body><wcf:{operation}>{given}</wcf:{operation}></soap:Body>"
        "</soap:Envelope>"
    )


def _argument(said: str | bytes) -> str:
    return text(said) if isinstance(said, str) else base64.b64encode(said).decode()


def _instant(moment: datetime) -> str:
    here = moment.astimezone(UTC).replace(tzinfo=None)
    return f"{here.isoformat(timespec='milliseconds')}Z"


def _to(address: str) -> str:
    """The header ``wsa:To``, after its name."""
    return f' wsu:Id="{_TO}">{text(address)}</wsa:To>'


def _token_and_signature(address: str, certificate: Certificate) -> str:
    digest = hashlib.sha256(octets(f"<wsa:To{_in_scope('wsa', 'wsu', *_WITH_TO)}{_to(address)}")).digest()
    signed_info = (
        f'<ds:CanonicalizationMethod Algorithm="{_EXCLUSIVE}">'
        f"{_inclusive(_WITH_SIGNED_INFO)}"
        "</ds:CanonicalizationMethod>"
        '<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"></ds:SignatureMethod>'
        f'<ds:Reference URI="#{_TO}">'
        f'<ds:Transforms><ds:Transform Algorithm="{_EXCLUSIVE}">{_inclusive(_WITH_TO)}</ds:Transform></ds:Transforms>'
        '<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"></ds:DigestMethod>'
        f"<ds:DigestValue>{base64.b64encode(digest).decode()}</ds:DigestValue>"
        "</ds:Reference>"
        "</ds:SignedInfo>"
    )
    value = certificate.sign(octets(f"<ds:SignedInfo{_in_scope('ds', *_WITH_SIGNED_INFO)}>{signed_info}"))
    return (
        f'<wsse:BinarySecurityToken EncodingType="{_BASE64}" ValueType="{_X509}" wsu:Id="{_TOKEN}">'
        f"{certificate.base64}"
        "</wsse:BinarySecurityToken>"
        f'<ds:Signature Id="{_SIGNATURE}">'
        f"<ds:SignedInfo>{signed_info}"
        f"<ds:SignatureValue>{base64.b64encode(value).decode()}</ds:SignatureValue>"
        "<ds:KeyInfo><wsse:SecurityTokenReference>"
        f'<wsse:Reference URI="#{_TOKEN}" ValueType="{_X509}"></wsse:Reference>'
        "</wsse:SecurityTokenReference></ds:KeyInfo>"
        "</ds:Signature>"
    )


def _inclusive(prefixes: tuple[str, ...]) -> str:
    """InclusiveNamespaces, which declares its own namespace, as exclusive canonicalisation would write it."""
    listed = " ".join(prefixes)
    return f'<ec:InclusiveNamespaces xmlns:ec="{_EXCLUSIVE}" PrefixList="{listed}"></ec:InclusiveNamespaces>'


def _in_scope(*prefixes: str) -> str:
    return declarations({prefix: _NAMESPACES[prefix] for prefix in prefixes})
