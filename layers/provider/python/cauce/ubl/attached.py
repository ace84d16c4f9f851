"""AttachedDocument: the signed document and DIAN's verdict on it in one file, which is what the buyer receives.

It is not sent to DIAN. Source: Anexo Técnico 1.9, section on the AttachedDocument.
"""

from dataclasses import dataclass, field
from datetime import date, datetime

from cauce.domain.document import Party
from cauce.domain.issuer import Environment
from cauce.ubl import identifiers
from cauce.ubl.canonical import SIGNATURE, Unsigned, octets, text, unsigned, value
from cauce.ubl.document import namespaces
from cauce.ubl.extensions import extension
from cauce.ubl.parties import tax_scheme

_PROFILE = text("Factura Electrónica de Venta")
_TYPE = text("Contenedor de Factura Electrónica")
_VALIDATOR = text("Unidad Especial Dirección de Impuestos y Aduanas Nacionales")
_VALIDATED = "02"


@dataclass(frozen=True, kw_only=True)
class Validation:
    """DIAN's validation of a document: its signed answer, and when it was given."""

    application_response: bytes = field(repr=False)
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """What a container is made of: a document, DIAN's validation of it, and who sends it to whom."""

    own_number: str
    """The container's own consecutive."""
    number: str
    """The document's."""
    identifier: str
    identifier_scheme: str
    issue_date: date
    sender: Party
    receiver: Party
    environment: Environment
    issued_at: datetime
    signed_xml: bytes = field(repr=False)
    validation: Validation | None
    """Absent for an invoice of type 04 that DIAN, being out, has yet to be sent (annex 1.9, 12.2)."""


def build(delivery: Delivery) -> Unsigned:
    """The container as UBL."""
    declared = namespaces("AttachedDocument")
    return unsigned(
        declared,
        f"<AttachedDocument{declared}>"
        f"<ext:UBLExtensions>{extension(SIGNATURE)}</ext:UBLExtensions>"
        "<cbc:UBLVersionID>UBL 2.1</cbc:UBLVersionID>"
        "<cbc:CustomizationID>Documentos adjuntos</cbc:CustomizationID>"
        f"<cbc:ProfileID>{_PROFILE}</cbc:ProfileID>"
        f"<cbc:ProfileExecutionID>{delivery.environment.value}</cbc:ProfileExecutionID>"
        f"<cbc:ID>{text(delivery.own_number)}</cbc:ID>"
        f"<cbc:IssueDate>{identifiers.issue_date(delivery.issued_at)}</cbc:IssueDate>"
        f"<cbc:IssueTime>{identifiers.issue_time(delivery.issued_at)}</cbc:IssueTime>"
        f"<cbc:DocumentType>{_TYPE}</cbc:DocumentType>"
        f"<cbc:ParentDocumentID>{text(delivery.number)}</cbc:ParentDocumentID>"
        f"<cac:SenderParty>{tax_scheme(delivery.sender)}</cac:SenderParty>"
        f"<cac:ReceiverParty>{tax_scheme(delivery.receiver)}</cac:ReceiverParty>"
        f"{_enclosed(delivery.signed_xml)}"
        f"{_verdict(delivery, delivery.validation) if delivery.validation else ''}"
        "</AttachedDocument>",
    )


def as_receivers_read_it(signed: bytes, delivery: Delivery) -> bytes:
    """The signed container with the files inside it in CDATA sections, as in DIAN's examples: some receivers look for
    those.

    For a parser, and so for the signature, which is of the canonical form, a CDATA section is the same text.
    """
    enclosed = [
        delivery.signed_xml,
        *([delivery.validation.application_response] if delivery.validation else []),
    ]
    for xml in enclosed:
        signed = signed.replace(_described(_escaped(xml)), _described(_cdata(xml)))
    return signed


def _described(content: bytes) -> bytes:
    return b"<cbc:Description>%s</cbc:Description>" % content


def _escaped(xml: bytes) -> bytes:
    return octets(text(xml.decode("utf-8-sig")))


def _cdata(xml: bytes) -> bytes:
    """A file in CDATA. What would end the section is divided between two, and a carriage return, which a parser would
    make a line feed, stands between them as a reference."""
    content = xml.decode("utf-8-sig").replace("]]>", "]]]]><![CDATA[>").replace("\r", "]]>&#xD;<![CDATA[")
    return f"<![CDATA[{content}]]>".encode()


def _enclosed(xml: bytes) -> str:
    """A file inside the file, as escaped text: so it stands in the canonical form, which is signed."""
    return (
        "<cac:Attachment>"
        "<cac:ExternalReference>"
        "<cbc:MimeCode>text/xml</cbc:MimeCode>"
        "<cbc:EncodingCode>UTF-8</cbc:EncodingCode>"
        f"<cbc:Description>{text(xml.decode('utf-8-sig'))}</cbc:Description>"
        "</cac:ExternalReference>"
        "</cac:Attachment>"
    )


def _verdict(delivery: Delivery, validation: Validation) -> str:
    scheme = value(delivery.identifier_scheme)
    return (
        "<cac:ParentDocumentLineReference>"
        "<cbc:LineID>1</cbc:LineID>"
        "<cac:DocumentReference>"
        f"<cbc:ID>{text(delivery.number)}</cbc:ID>"
        f'<cbc:UUID schemeName="{scheme}">{text(delivery.identifier)}</cbc:UUID>'
        f"<cbc:IssueDate>{delivery.issue_date.isoformat()}</cbc:IssueDate>"
        "<cbc:DocumentType>ApplicationResponse</cbc:DocumentType>"
        f"{_enclosed(validation.application_response)}"
        "<cac:ResultOfVerification>"
        f"<cbc:ValidatorID>{_VALIDATOR}</cbc:ValidatorID>"
        f"<cbc:ValidationResultCode>{_VALIDATED}</cbc:ValidationResultCode>"
        f"<cbc:ValidationDate>{identifiers.issue_date(validation.at)}</cbc:ValidationDate>"
        f"<cbc:ValidationTime>{identifiers.issue_time(validation.at)}</cbc:ValidationTime>"
        "</cac:ResultOfVerification>"
        "</cac:DocumentReference>"
        "</cac:ParentDocumentLineReference>"
    )
