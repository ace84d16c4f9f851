"""SOAP over ``providers.http``: one envelope out, one envelope back, its failures sorted by what is safe next.

A refusal is inside the envelope and belongs to each provider. What is decided here is what is no answer at all:
silence, a page of HTML, half an envelope, a fault. None of them says whether the call was processed.
Elements are read by local name: services bind their own answers to namespaces their descriptions do not have.
"""

import io
from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

import httpx

from cauce.domain.errors import NotSent, OutcomeUnknown
from cauce.providers.http import CONNECT_SECONDS, MOST_XML_BYTES, exchange, retry_after

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"


def post(
    http: httpx.Client,
    provider: str,
    url: str,
    envelope: bytes,
    headers: Mapping[str, str],
    *,
    read_seconds: float,
) -> bytes:
    """The body that answers an envelope, whatever its status. Raises as ``respond``."""
    return respond(http, provider, url, envelope, headers, read_seconds=read_seconds).content


def respond(
    http: httpx.Client,
    provider: str,
    url: str,
    envelope: bytes,
    headers: Mapping[str, str],
    *,
    read_seconds: float,
) -> httpx.Response:
    """What answers an envelope, whatever its status: faults come with 500, refusals with 200.

    Raises NotSent where it never left or a limiter turned it away (429), OutcomeUnknown where it may have
    arrived. Never repeats.
    """
    response = exchange(
        http,
        provider,
        "POST",
        url,
        content=envelope,
        headers={"Accept": "text/xml, application/soap+xml", **headers},
        most_bytes=MOST_XML_BYTES,
        timeout=httpx.Timeout(read_seconds, connect=CONNECT_SECONDS),
    )
    if response.status_code == 429:
        raise NotSent(
            f"{provider} limita las solicitudes.", retry_after=retry_after(response), raw=response.content
        )
    return response


def body(provider: str, raw: bytes) -> "Element":
    """The first element in the body of an envelope: an answer or a fault. Raises OutcomeUnknown for all else."""
    root = parsed(raw)
    if root is not None and local(root) == "Envelope":
        inside = child(root, "Body")
        first = next(iter(children(inside)), None) if inside is not None else None
        if first is not None:
            return first
    raise OutcomeUnknown(f"{provider} respondió algo que no es un sobre SOAP.", raw=raw)


def answer(provider: str, raw: bytes) -> "Element":
    """The answer in an envelope. Raises OutcomeUnknown for a fault besides: it may come after the work is done."""
    found = body(provider, raw)
    if local(found) == "Fault":
        raise OutcomeUnknown(f"{provider} respondió con una falla SOAP.", raw=raw)
    return found


def parsed(raw: bytes) -> "Element | None":
    """The root of an XML text, or ``None`` where it is none. No entity, DTD or address in it is followed."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(raw, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    # A DTD has no place in SOAP or UBL, and an entity left unresolved would be a hole in a text.
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
        found = (
            next((each for each in children(found) if local(each) == name), None)
            if found is not None
            else None
        )
    return found


def text(element: "Element", *path: str) -> str:
    """The text at a path of local names, stripped; empty where there is none."""
    found = child(element, *path)
    return (found.text or "").strip() if found is not None else ""


class Wire:
    """What zeep sends through: our client, so that its failures are ours. Gives bodies back unread."""

    def __init__(self, http: httpx.Client, provider: str, read_seconds: float):
        self._http = http
        self._provider = provider
        self._read_seconds = read_seconds

    def post_xml(self, address: str, envelope: "Element", headers: Mapping[str, str]) -> bytes:
        from lxml import etree

        message = etree.tostring(envelope, xml_declaration=True, encoding="utf-8")
        return post(self._http, self._provider, address, message, headers, read_seconds=self._read_seconds)

    def load(self, url: str) -> bytes:
        """A description that needs another document is none of ours, and nothing is fetched for it."""
        raise ValueError(f"our WSDL refers to {url}")


def service(wsdl: bytes, *, binding: str, address: str, wire: Wire) -> Any:
    """zeep's proxy for a binding of a WSDL, ``{namespace}name``, at an address.

    Arguments are checked and written as the WSDL has them; each call gives the body that answered, as bytes.
    """
    # Loaded by name: zeep is half typed, and heavy.
    zeep: Any = import_module("zeep")
    settings = zeep.Settings(raw_response=True, forbid_dtd=True)
    client = zeep.Client(io.BytesIO(wsdl), transport=wire, settings=settings)
    return client.create_service(binding, address)
