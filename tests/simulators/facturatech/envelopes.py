"""SOAP as text: the call in a request, and each service's answers and faults."""

from dataclasses import dataclass
from xml.etree import ElementTree
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape

from tests.simulators.routing import Answer, Request

SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"
RPC_TYPES = "urn:facturatech"
"""Namespace of the structures in the answers of the rpc services."""


class NotAnEnvelope(Exception):
    """The request is no SOAP; the text says why."""


@dataclass(frozen=True)
class Call:
    """An operation with its parameters, and the namespaces of both."""

    operation: str
    namespace: str
    parameters: dict[str, str]
    parameter_namespaces: frozenset[str]
    soap: str


def call(body: bytes) -> Call:
    root = parsed(body)
    if root is None or local(root) != "Envelope":
        raise NotAnEnvelope("no envelope")
    soap = namespace(root)
    if soap not in (SOAP_11, SOAP_12):
        raise NotAnEnvelope("unknown SOAP version")
    inside = root.find(f"{{{soap}}}Body")
    if inside is None or len(inside) != 1:
        raise NotAnEnvelope("the body must have one element")
    operation = inside[0]
    return Call(
        local(operation),
        namespace(operation),
        {local(each): each.text or "" for each in operation},
        frozenset(namespace(each) for each in operation),
        soap,
    )


def operation_of(request: Request) -> str:
    """The operation's name, for the log and for faults ordered for it; empty if there is none."""
    try:
        return call(request.body).operation.removesuffix("Request")
    except NotAnEnvelope:
        return ""


def parsed(body: bytes) -> Element | None:
    """The parsed XML; None if it is none or has a DOCTYPE."""
    if b"<!DOCTYPE" in body:
        return None
    try:
        return ElementTree.fromstring(body)  # noqa: S314
    except ElementTree.ParseError:
        return None


def local(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def namespace(element: Element) -> str:
    return element.tag.rpartition("}")[0].removeprefix("{")


def rpc_answer(operation: str, type_name: str, fields: dict[str, str], note: str) -> Answer:
    """An answer as in the manual's figures: the wrapper in the envelope's own namespace, every field a string."""
    inside = "".join(
        f'<{name} xsi:type="xsd:string">{escape(value)}</{name}>' for name, value in fields.items()
    )
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<SOAP-ENV:Envelope SOAP-ENV:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"'
        f' xmlns:SOAP-ENV="{SOAP_11}" xmlns:xsd="http://www.w3.org/2001/XMLSchema"'
        f' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:tns="{RPC_TYPES}">'
        f'<SOAP-ENV:Body><ns1:{operation}Response xmlns:ns1="{SOAP_11}">'
        f'<return xsi:type="tns:{type_name}">{inside}</return>'
        f"</ns1:{operation}Response></SOAP-ENV:Body></SOAP-ENV:Envelope>"
    )
    return Answer(200, text.encode(), {"Content-Type": "text/xml; charset=UTF-8"}, note)


def asmx_answer(operation: str, target: str, soap: str, inside: str, note: str) -> Answer:
    """A document/literal wrapped answer, all in the service's namespace."""
    text = (
        '<?xml version="1.0" encoding="utf-8"?>'
        f'<soap:Envelope xmlns:soap="{soap}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
        f' xmlns:xsd="http://www.w3.org/2001/XMLSchema"><soap:Body><{operation}Response xmlns="{target}">'
        f"<{operation}Result>{inside}</{operation}Result></{operation}Response></soap:Body></soap:Envelope>"
    )
    return Answer(200, text.encode(), {"Content-Type": _media(soap)}, note)


def fault(soap: str, text: str, note: str = "fault") -> Answer:
    if soap == SOAP_12:
        inside = (
            "<soap:Code><soap:Value>soap:Sender</soap:Value></soap:Code>"
            f'<soap:Reason><soap:Text xml:lang="es">{escape(text)}</soap:Text></soap:Reason>'
        )
    else:
        inside = f"<faultcode>soap:Client</faultcode><faultstring>{escape(text)}</faultstring><detail/>"
    body = (
        f'<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="{soap}"><soap:Body>'
        f"<soap:Fault>{inside}</soap:Fault></soap:Body></soap:Envelope>"
    )
    return Answer(500, body.encode(), {"Content-Type": _media(soap)}, note)


def _media(soap: str) -> str:
    return f"{'application/soap+xml' if soap == SOAP_12 else 'text/xml'}; charset=utf-8"
