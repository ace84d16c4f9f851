"""Each service's answer to ``?wsdl``: its operations, their parameters and answers, and its address."""

from collections.abc import Iterable, Mapping

from tests.simulators.routing import Answer, Request

Fields = Mapping[str, str]
"""Name → type of XML Schema. A type that begins with ``t:`` is one of the service's own structures."""

_XMLNS = (
    'xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" '
    'xmlns:soap12="http://schemas.xmlsoap.org/wsdl/soap12/" xmlns:xs="http://www.w3.org/2001/XMLSchema"'
)
_HTTP = "http://schemas.xmlsoap.org/soap/http"
_ENCODING = "http://schemas.xmlsoap.org/soap/encoding/"


def is_asked(request: Request) -> bool:
    return request.method == "GET" and "wsdl" in {name.lower() for name, _ in request.query}


def rpc(
    name: str,
    address: str,
    target: str,
    types: str,
    structures: Mapping[str, Fields],
    operations: Mapping[str, tuple[Fields, str]],
) -> Answer:
    """A description as NuSOAP writes it: rpc/encoded. ``operations``: parameters and the structure of ``return``, in the
    namespace ``types``.
    """
    messages = ports = bound = ""
    for operation, (parameters, answered) in operations.items():
        parts = "".join(
            f'<wsdl:part name="{each}" type="{_type(kind)}"/>' for each, kind in parameters.items()
        )
        messages += (
            f'<wsdl:message name="{operation}Request">{parts}</wsdl:message><wsdl:message name="{operation}Response">'
            f'<wsdl:part name="return" type="t:{answered}"/></wsdl:message>'
        )
        ports += _operation(operation, f"{operation}Request", f"{operation}Response")
        body = f'<soap:body use="encoded" namespace="{target}" encodingStyle="{_ENCODING}"/>'
        bound += _bound("soap", operation, f"{target}#{operation}", "rpc", body)
    return _answer(
        name,
        target,
        f'xmlns:t="{types}"',
        f'<xs:schema targetNamespace="{types}">{_structures(structures)}</xs:schema>',
        messages + f'<wsdl:portType name="{name}PortType">{ports}</wsdl:portType>',
        f'<wsdl:binding name="{name}Binding" type="w:{name}PortType">'
        f'<soap:binding style="rpc" transport="{_HTTP}"/>{bound}</wsdl:binding>',
        f'<wsdl:port name="{name}Port" binding="w:{name}Binding"><soap:address location="{address}"/></wsdl:port>',
    )


def document(
    name: str,
    address: str,
    target: str,
    structures: Mapping[str, Fields],
    operations: Mapping[str, tuple[Fields, str]],
) -> Answer:
    """A description as ASP.NET writes it for an .asmx: document/literal, wrapped, SOAP 1.1 and 1.2, in one namespace."""
    elements = messages = ports = ""
    for operation, (parameters, answered) in operations.items():
        result = {f"{operation}Result": f"t:{answered}"}
        for element, fields in ((operation, parameters), (f"{operation}Response", result)):
            elements += f'<xs:element name="{element}"><xs:complexType>{_sequence(fields)}</xs:complexType></xs:element>'
        for message, element in (
            (f"{operation}SoapIn", operation),
            (f"{operation}SoapOut", f"{operation}Response"),
        ):
            messages += f'<wsdl:message name="{message}"><wsdl:part name="parameters" element="t:{element}"/></wsdl:message>'
        ports += _operation(operation, f"{operation}SoapIn", f"{operation}SoapOut")
    bindings = where = ""
    for soap, version in (("soap", "Soap"), ("soap12", "Soap12")):
        body = f'<{soap}:body use="literal"/>'
        bound = "".join(_bound(soap, each, f"{target}{each}", "document", body) for each in operations)
        bindings += (
            f'<wsdl:binding name="{name}{version}" type="w:{name}Soap"><{soap}:binding transport="{_HTTP}"/>'
            f"{bound}</wsdl:binding>"
        )
        where += (
            f'<wsdl:port name="{name}{version}" binding="w:{name}{version}"><{soap}:address location="{address}"/>'
            "</wsdl:port>"
        )
    return _answer(
        name,
        target,
        f'xmlns:t="{target}"',
        f'<xs:schema elementFormDefault="qualified" targetNamespace="{target}">{elements}{_structures(structures)}'
        "</xs:schema>",
        messages + f'<wsdl:portType name="{name}Soap">{ports}</wsdl:portType>',
        bindings,
        where,
    )


def _answer(
    name: str, target: str, xmlns: str, schema: str, abstract: str, bindings: str, ports: str
) -> Answer:
    text = (
        f'<?xml version="1.0" encoding="utf-8"?><wsdl:definitions {_XMLNS} xmlns:w="{target}" {xmlns} '
        f'targetNamespace="{target}"><wsdl:types>{schema}</wsdl:types>{abstract}{bindings}'
        f'<wsdl:service name="{name}">{ports}</wsdl:service></wsdl:definitions>'
    )
    return Answer(200, text.encode(), {"Content-Type": "text/xml; charset=utf-8"}, "description")


def _structures(structures: Mapping[str, Fields]) -> str:
    return "".join(
        f'<xs:complexType name="{name}">{_sequence(fields)}</xs:complexType>'
        for name, fields in structures.items()
    )


def _sequence(fields: Fields) -> str:
    return f"<xs:sequence>{''.join(_elements(fields))}</xs:sequence>"


def _elements(fields: Fields) -> Iterable[str]:
    """The elements of a structure; ``[]`` after a type means any number of them."""
    for name, kind in fields.items():
        most = ' maxOccurs="unbounded"' if kind.endswith("[]") else ""
        yield f'<xs:element name="{name}" type="{_type(kind.removesuffix("[]"))}" minOccurs="0"{most}/>'


def _type(kind: str) -> str:
    return kind if kind.startswith("t:") else f"xs:{kind}"


def _operation(name: str, asked: str, answered: str) -> str:
    return (
        f'<wsdl:operation name="{name}"><wsdl:input message="w:{asked}"/><wsdl:output message="w:{answered}"/>'
        "</wsdl:operation>"
    )


def _bound(soap: str, name: str, action: str, style: str, body: str) -> str:
    return (
        f'<wsdl:operation name="{name}"><{soap}:operation soapAction="{action}" style="{style}"/>'
        f"<wsdl:input>{body}</wsdl:input><wsdl:output>{body}</wsdl:output></wsdl:operation>"
    )
