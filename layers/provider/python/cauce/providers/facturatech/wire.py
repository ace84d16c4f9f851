"""Facturatech's rpc services: the envelope is written by hand, the answer is read by local name.

By hand, because the certified request has wrappers without a namespace, and the answer puts its elements in the
envelope's namespace: no WSDL could describe that.
Source: request and operation tables of its manual of emission.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from cauce.domain.document import Kind
from cauce.domain.issuer import Environment
from cauce.domain.outcome import Number
from cauce.providers import soap
from cauce.providers.facturatech.answer import Reply, reply
from cauce.providers.facturatech.settings import Access, Settings, SupportService

if TYPE_CHECKING:
    import httpx

TITLE = "Facturatech"

_STAGE = {Environment.TEST: "demo", Environment.PRODUCTION: "pro"}


@dataclass(frozen=True, kw_only=True)
class Service:
    """An rpc service: its address, and its names for the elements, parameters and operations that we use."""

    url: str
    namespace: str
    element: str
    """The wrapper of a request, around the operation's name."""
    prefix: str
    number: str
    upload: str
    status: str
    uuid: str
    xml: str
    pdf: str

    def numbered(self, number: Number) -> dict[str, str]:
        """The parameters that name a document."""
        return {self.prefix: number.prefix, self.number: str(number.consecutive)}


def service(kind: Kind, settings: Settings, environment: Environment) -> Service:
    """The service that takes a kind of document."""
    stage = _STAGE[environment]
    if kind.is_bought and settings.support_service is SupportService.SEPARATE:
        return Service(
            url=settings.support_url,
            namespace=f"urn:https://ws-dse.facturatech.co/v1/{stage}/",
            element='<ns:{0} xmlns:ns="{1}">{2}</ns:{0}>',
            prefix="prefix",
            number="number",
            upload="uploadDocument",
            status="documentStatus",
            uuid="downloadCUDS",
            xml="downloadXML",
            pdf="downloadPDF",
        )
    return Service(
        url=settings.emission_url,
        namespace=f"urn:https://ws.facturatech.co/v2/{stage}/",
        element="<{0}Request>{2}</{0}Request>",
        prefix="prefijo",
        number="folio",
        upload="FtechAction.uploadInvoiceFile",
        status="FtechAction.documentStatusFile",
        uuid="FtechAction.getCUFEFile",
        xml="FtechAction.downloadXMLFile",
        pdf="FtechAction.downloadPDFFile",
    )


def call(
    http: "httpx.Client",
    service: Service,
    access: Access,
    operation: str,
    parameters: dict[str, str],
    *,
    read_seconds: float,
) -> Reply:
    """One call and its answer, whatever its code. Raises NotSent or OutcomeUnknown. Never repeats."""
    response = soap.respond(
        http,
        TITLE,
        service.url,
        envelope(service, access, operation, parameters),
        {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{service.namespace}#{operation}"'},
        read_seconds=read_seconds,
    )
    raw = access.redacted(response.content)
    return reply(soap.answer(TITLE, raw), raw)


def envelope(service: Service, access: Access, operation: str, parameters: dict[str, str]) -> bytes:
    """The envelope of a request. It has our user and password, so it is made for the call and kept nowhere."""
    everything = {"username": access.username, "password": access.hashed(), **parameters}
    inside = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in everything.items())
    wrapped = service.element.format(operation, service.namespace, inside)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><soap:Envelope xmlns:soap="{soap.SOAP_11}">'
        f"<soap:Body>{wrapped}</soap:Body></soap:Envelope>"
    ).encode()
