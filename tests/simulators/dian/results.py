"""The XML inside each operation's ``…Result``, in the WSDL's data-contract namespaces and order of elements."""

import base64
from collections.abc import Iterable
from xml.sax.saxutils import escape

from tests.simulators.dian.accounts import Range
from tests.simulators.dian.document import FAMILIES
from tests.simulators.dian.register import Verdict

_CONTRACT = "http://schemas.datacontract.org/2004/07/"
_I = 'xmlns:i="http://www.w3.org/2001/XMLSchema-instance"'
_ARRAYS = "http://schemas.microsoft.com/2003/10/Serialization/Arrays"
ACCEPTED = "Procesado Correctamente."
REJECTED = "Validación contiene errores en campos mandatorios."


def dian_response(
    code: str,
    description: str,
    *,
    errors: Iterable[str] = (),
    is_valid: bool = False,
    message: str | None = None,
    response: bytes = b"",
    key: str | None = None,
    file_name: str | None = None,
) -> str:
    """The fields of a DianResponse, without the element around them."""
    listed = "".join(f"<c:string>{escape(error)}</c:string>" for error in errors)
    return (
        f'<b:ErrorMessage xmlns:c="{_ARRAYS}">{listed}</b:ErrorMessage>'
        f"<b:IsValid>{str(is_valid).lower()}</b:IsValid>"
        f"{_field('StatusCode', code)}{_field('StatusDescription', description)}{_field('StatusMessage', message)}"
        f"{_field('XmlBase64Bytes', base64.b64encode(response).decode() or None)}{_field('XmlBytes', None)}"
        f"{_field('XmlDocumentKey', key)}{_field('XmlFileName', file_name)}"
    )


def of_verdict(verdict: Verdict) -> str:
    """The DianResponse to a document that was checked."""
    accepted = verdict.is_accepted
    name = FAMILIES[verdict.kind].name if verdict.kind else ""
    return dian_response(
        "00" if accepted else "99",
        ACCEPTED if accepted else REJECTED,
        errors=[str(finding) for finding in verdict.findings],
        is_valid=accepted,
        message=f"{name} {verdict.number}, ha sido autorizada." if accepted else None,
        response=verdict.application_response,
        key=verdict.uuid or None,
        file_name=verdict.file_name.removesuffix(".xml"),
    )


def in_process(uuid: str) -> str:
    return dian_response("98", "En Proceso", key=uuid)


def one(operation: str, fields: str) -> str:
    return f'<{operation}Result xmlns:b="{_CONTRACT}DianResponse" {_I}>{fields}</{operation}Result>'


def many(operation: str, rows: Iterable[str]) -> str:
    inside = "".join(f"<b:DianResponse>{fields}</b:DianResponse>" for fields in rows)
    return one(operation, inside)


def upload(operation: str, zip_key: str | None, failures: Iterable[tuple[str, str]] = ()) -> str:
    """An UploadDocumentResponse; ``failures`` are file names and what is wrong with them."""
    namespace = f"{_CONTRACT}XmlParamsResponseTrackId"
    listed = "".join(
        f"<c:XmlParamsResponseTrackId><c:DocumentKey/><c:ProcessedMessage>{escape(text)}</c:ProcessedMessage>"
        f'<c:SenderCode i:nil="true"/><c:Success>false</c:Success><c:XmlFileName>{escape(name)}</c:XmlFileName>'
        "</c:XmlParamsResponseTrackId>"
        for name, text in failures
    )
    nil = "" if listed else ' i:nil="true"'
    return (
        f'<{operation}Result xmlns:b="{_CONTRACT}UploadDocumentResponse" {_I}>'
        f'<b:ErrorMessageList{nil} xmlns:c="{namespace}">{listed}</b:ErrorMessageList>'
        f"{_field('ZipKey', zip_key)}</{operation}Result>"
    )


def event(code: str, message: str, content: bytes = b"", validated: str | None = None) -> str:
    encoded = base64.b64encode(content).decode() or None
    return (
        f'<GetXmlByDocumentKeyResult xmlns:b="{_CONTRACT}EventResponse" {_I}>{_field("Code", code)}'
        f"{_field('Message', message)}{_field('ValidationDate', validated)}{_field('XmlBytesBase64', encoded)}"
        "</GetXmlByDocumentKeyResult>"
    )


def ranges(code: str, description: str, found: Iterable[Range] = ()) -> str:
    rows = "".join(
        "<c:NumberRangeResponse>"
        f"<c:ResolutionNumber>{r.resolution}</c:ResolutionNumber>"
        f"<c:ResolutionDate>{r.valid_from}</c:ResolutionDate><c:Prefix>{escape(r.prefix)}</c:Prefix>"
        f"<c:FromNumber>{r.start}</c:FromNumber><c:ToNumber>{r.end}</c:ToNumber>"
        f"<c:ValidDateFrom>{r.valid_from}</c:ValidDateFrom><c:ValidDateTo>{r.valid_to}</c:ValidDateTo>"
        + (
            f"<c:TechnicalKey>{r.technical_key}</c:TechnicalKey>"
            if r.technical_key
            else '<c:TechnicalKey i:nil="true"/>'
        )
        + "</c:NumberRangeResponse>"
        for r in found
    )
    nil = "" if rows else ' i:nil="true"'
    return (
        f'<GetNumberingRangeResult xmlns:b="{_CONTRACT}NumberRangeResponseList" {_I}>'
        f"{_field('OperationCode', code)}{_field('OperationDescription', description)}"
        f'<b:ResponseList{nil} xmlns:c="{_CONTRACT}NumberRangeResponse">{rows}</b:ResponseList>'
        "</GetNumberingRangeResult>"
    )


def acquirer(code: str, message: str, name: str | None = None, email: str | None = None) -> str:
    return (
        f'<GetAcquirerResult xmlns:b="{_CONTRACT}Gosocket.Dian.Services.Utils.Common" {_I}>'
        f"{_field('Message', message)}{_field('ReceiverEmail', email)}{_field('ReceiverName', name)}"
        f"{_field('StatusCode', code)}</GetAcquirerResult>"
    )


def _field(name: str, text: str | None) -> str:
    return f'<b:{name} i:nil="true"/>' if text is None else f"<b:{name}>{escape(text)}</b:{name}>"
