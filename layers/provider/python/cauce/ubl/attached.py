"""AttachedDocument: the signed document and DIAN's verdict on it in one file, which is what the buyer receives.

It is not sent to DIAN. Source: Anexo Técnico 1.9, section on the AttachedDocument.
"""

from dataclasses import dataclass, field
from datetime import date, datetime

from cauce.domain.document import Party
from cauce.domain.issuer import Environment
from cauce.ubl import identifiers
from cauce.ubl.canonical import HOLE, Element, Tree, group, leaf
from cauce.ubl.document import namespaces
from cauce.ubl.extensions import extension
from cauce.ubl.parties import tax_scheme

_VALIDATOR = "Unidad Especial Dirección de Impuestos y Aduanas Nacionales"
_VALIDATED = "02"


@dataclass(frozen=True, kw_only=True)
class Validation:
    """DIAN's validation of a document: its signed answer, and when it was given."""

    application_response: bytes = field(repr=False)
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """What a container is made of: a document, DIAN's validation of it, and who sends it to whom."""

    number: str
    """The document's number, which the container has too."""
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


def build(delivery: Delivery) -> Tree:
    """The container as UBL."""
    root = group(
        "AttachedDocument",
        group("ext:UBLExtensions", extension(HOLE)),
        leaf("cbc:UBLVersionID", "UBL 2.1"),
        leaf("cbc:CustomizationID", "Documentos adjuntos"),
        leaf("cbc:ProfileID", "Factura Electrónica de Venta"),
        leaf("cbc:ProfileExecutionID", delivery.environment.value),
        leaf("cbc:ID", delivery.number),
        leaf("cbc:IssueDate", identifiers.issue_date(delivery.issued_at)),
        leaf("cbc:IssueTime", identifiers.issue_time(delivery.issued_at)),
        leaf("cbc:DocumentType", "Contenedor de Factura Electrónica"),
        leaf("cbc:ParentDocumentID", delivery.number),
        group("cac:SenderParty", tax_scheme(delivery.sender)),
        group("cac:ReceiverParty", tax_scheme(delivery.receiver)),
        _enclosed(delivery.signed_xml),
        _verdict(delivery, delivery.validation) if delivery.validation else None,
    )
    return Tree(root, namespaces(root.tag))


def _enclosed(xml: bytes) -> Element:
    """A file inside the file, as escaped text.

    DIAN's examples use a CDATA section, which a reader takes for the same text. But a CDATA section of the enclosed
    file itself would end it, and it loses carriage returns.
    """
    return group(
        "cac:Attachment",
        group(
            "cac:ExternalReference",
            leaf("cbc:MimeCode", "text/xml"),
            leaf("cbc:EncodingCode", "UTF-8"),
            leaf("cbc:Description", xml.decode("utf-8-sig")),
        ),
    )


def _verdict(delivery: Delivery, validation: Validation) -> Element:
    return group(
        "cac:ParentDocumentLineReference",
        leaf("cbc:LineID", "1"),
        group(
            "cac:DocumentReference",
            leaf("cbc:ID", delivery.number),
            leaf("cbc:UUID", delivery.identifier, schemeName=delivery.identifier_scheme),
            leaf("cbc:IssueDate", delivery.issue_date.isoformat()),
            leaf("cbc:DocumentType", "ApplicationResponse"),
            _enclosed(validation.application_response),
            group(
                "cac:ResultOfVerification",
                leaf("cbc:ValidatorID", _VALIDATOR),
                leaf("cbc:ValidationResultCode", _VALIDATED),
                leaf("cbc:ValidationDate", identifiers.issue_date(validation.at)),
                leaf("cbc:ValidationTime", identifiers.issue_time(validation.at)),
            ),
        ),
    )
