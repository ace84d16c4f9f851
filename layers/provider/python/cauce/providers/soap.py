"""SOAP over ``providers.http``: one envelope out, one envelope back, its failures sorted by what is safe next.

A refusal is inside the envelope, and each provider reads its own. Here it is decided what is no answer: silence, a
page of HTML, half an envelope, a fault. None of them says whether the call was processed.
"""

import io
from collections.abc import Callable, Mapping
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

import httpx

from cauce.domain.errors import NotSent, OutcomeUnknown
from cauce.providers.http import CONNECT_SECONDS, MOST_XML_BYTES, exchange, retry_after
from cauce.ubl import reading

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"


def respond(
    http: httpx.Client,
    provider: str,
    url: str,
    envelope: bytes,
    headers: Mapping[str, str],
    *,
    read_seconds: float,
) -> httpx.Response:
    """The HTTP answer to an envelope, whatever its status: faults come with 500, refusals with 200.

    Raises NotSent where the envelope never left or a limiter turned it away (429), OutcomeUnknown where it may have
    arrived. Never repeats.
    """
    response = exchange(
        http,
        provider,
        "POST",
        _parsed(url),
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


@lru_cache(maxsize=100)
def _parsed(url: str) -> httpx.URL:
    """An address, of which a container knows few, and calls each many times."""
    return httpx.URL(url)


def body(provider: str, raw: bytes) -> "Element":
    """The first element in the body of an envelope: an answer or a fault. Raises OutcomeUnknown for all else."""
    root = reading.parsed(raw)
    if root is not None and reading.local(root) == "Envelope":
        inside = reading.child(root, "Body")
        first = next(iter(reading.children(inside)), None) if inside is not None else None
        if first is not None:
            return first
    raise OutcomeUnknown(f"{provider} respondió algo que no es un sobre SOAP.", raw=raw)


def answer(provider: str, raw: bytes) -> "Element":
    """The answer in an envelope. Raises as ``body``, and OutcomeUnknown for a fault: the work may be done."""
    found = body(provider, raw)
    if reading.local(found) == "Fault":
        raise OutcomeUnknown(f"{provider} respondió con una falla SOAP.", raw=raw)
    return found


class Wire:
    """zeep's transport, over our client, so that failures are sorted as everywhere. Returns bodies unparsed."""

    def __init__(self, http: httpx.Client, provider: str, read_seconds: float):
        self._http = http
        self._provider = provider
        self._read_seconds = read_seconds

    def post_xml(self, address: str, envelope: "Element", headers: Mapping[str, str]) -> bytes:
        from lxml import etree

        message = etree.tostring(envelope, xml_declaration=True, encoding="utf-8")
        return respond(
            self._http, self._provider, address, message, headers, read_seconds=self._read_seconds
        ).content

    def load(self, url: str) -> bytes:
        """Fetch nothing: none of our WSDLs needs another document."""
        raise ValueError(f"our WSDL refers to {url}")


class Service(Protocol):
    """The operations of a WSDL by name. Arguments are checked and written as the WSDL defines them; each call returns
    the body of the answer."""

    def __getitem__(self, operation: str) -> Callable[..., bytes]: ...


def service(wsdl: bytes, *, binding: str, address: str, wire: Wire) -> Service:
    """zeep's proxy for a binding of a WSDL, ``{namespace}name``, at an address."""
    # Imported by name and on use: zeep is half typed, and slow to load.
    zeep = import_module("zeep")
    settings = zeep.Settings(raw_response=True, forbid_dtd=True)
    client = zeep.Client(io.BytesIO(wsdl), transport=wire, settings=settings)
    found: Service = client.create_service(binding, address)
    return found
