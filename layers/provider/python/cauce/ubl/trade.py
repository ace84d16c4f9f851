"""What surrounds a sale: documents that it names, who may download it, its delivery.

Source: the order of UBL's schemas; the official examples of annex 1.9's toolbox.
"""

from cauce.domain.document import Document, Identified
from cauce.ubl.canonical import day, some, text
from cauce.ubl.parties import address, identification


def references(document: Document) -> str:
    """The documents that it names besides those that it corrects."""
    if not (document.despatches or document.receipts or document.other_references):
        return ""
    named = (
        ("cac:DespatchDocumentReference", document.despatches),
        ("cac:ReceiptDocumentReference", document.receipts),
    )
    return "".join(
        [
            *(
                f"<{tag}><cbc:ID>{text(each.number)}</cbc:ID>{day('cbc:IssueDate', each.issue_date)}</{tag}>"
                for tag, listed in named
                for each in listed
            ),
            *(
                "<cac:AdditionalDocumentReference>"
                f"<cbc:ID>{text(each.number)}</cbc:ID>"
                f"{day('cbc:IssueDate', each.issue_date)}"
                f"<cbc:DocumentType>{text(each.text)}</cbc:DocumentType>"
                "</cac:AdditionalDocumentReference>"
                for each in document.other_references
            ),
        ]
    )


def downloader(document: Document) -> str:
    """Who else may download the document."""
    downloader = document.downloader
    if downloader is None:
        return ""
    return (
        "<cac:TaxRepresentativeParty>"
        f"<cac:PartyIdentification>{_number('cbc:ID', downloader)}</cac:PartyIdentification>"
        f"<cac:PartyName><cbc:Name>{text(downloader.name)}</cbc:Name></cac:PartyName>"
        "</cac:TaxRepresentativeParty>"
    )


def delivery(document: Document) -> str:
    found = document.delivery
    if found is None:
        return ""
    at = f"<cbc:ActualDeliveryTime>{found.at:%H:%M:%S}-05:00</cbc:ActualDeliveryTime>" if found.at else ""
    place = some("cac:DeliveryAddress", address(found.address) if found.address else "")
    carrier = _carrier(found.carrier) if found.carrier else ""
    return f"<cac:Delivery>{day('cbc:ActualDeliveryDate', found.on)}{at}{place}{carrier}</cac:Delivery>"


def _carrier(carrier: Identified) -> str:
    name = text(carrier.name)
    return (
        "<cac:DeliveryParty>"
        f"<cac:PartyName><cbc:Name>{name}</cbc:Name></cac:PartyName>"
        "<cac:PartyLegalEntity>"
        f"<cbc:RegistrationName>{name}</cbc:RegistrationName>"
        f"{_number('cbc:CompanyID', carrier)}"
        "</cac:PartyLegalEntity>"
        "</cac:DeliveryParty>"
    )


def _number(tag: str, who: Identified) -> str:
    return identification(tag, who.identification_type, who.identification, who.check_digit)
