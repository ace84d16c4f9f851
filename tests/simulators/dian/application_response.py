"""DIAN's ApplicationResponse: its verdict on a document, as a signed document.

Source: SPEC of the AttachedDocument, which contains one; ProfileID «DIAN 2.1», response 02 or 04, notifications as
LineResponse. The simulator's DIAN signs it; the layout beyond that is inferred.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from xml.sax.saxutils import escape

import signxml
from lxml import etree

from tests.simulators.dian.document import NS
from tests.simulators.dian.events import Registered
from tests.simulators.dian.findings import Finding
from tests.simulators.dian.pki import dian

_BOGOTA = timezone(timedelta(hours=-5))
_NAME = "Unidad Especial Dirección de Impuestos y Aduanas Nacionales"


def of_document(
    number: str, uuid: str, sender: str, environment: str, findings: Sequence[Finding], now: datetime
) -> bytes:
    """The verdict on one document."""
    accepted = not any(finding.is_rejection for finding in findings)
    code, text = (
        ("02", "Documento validado por la DIAN") if accepted else ("04", "Documento rechazado por la DIAN")
    )
    lines = "".join(
        f"<cac:LineResponse><cac:LineReference><cbc:LineID>{n}</cbc:LineID></cac:LineReference><cac:Response>"
        f"<cbc:ResponseCode>{escape(finding.rule)}</cbc:ResponseCode>"
        f"<cbc:Description>{escape(str(finding))}</cbc:Description></cac:Response></cac:LineResponse>"
        for n, finding in enumerate(findings, start=1)
    )
    body = (
        f"<cac:DocumentResponse><cac:Response><cbc:ResponseCode>{code}</cbc:ResponseCode>"
        f"<cbc:Description>{text}</cbc:Description></cac:Response><cac:DocumentReference>"
        f'<cbc:ID>{escape(number)}</cbc:ID><cbc:UUID schemeName="CUFE-SHA384">{uuid}</cbc:UUID>'
        f"</cac:DocumentReference>{lines}</cac:DocumentResponse>"
    )
    return _signed(body, number, sender, environment, now)


def of_events(
    invoice: str, sender: str, environment: str, events: Sequence[Registered], now: datetime
) -> bytes:
    """The events of an invoice: a response for each, oldest first. Inferred."""
    body = "".join(
        f"<cac:DocumentResponse><cac:Response><cbc:ResponseCode>{event.code}</cbc:ResponseCode>"
        f"<cbc:Description>Evento {event.code}</cbc:Description>"
        f"<cbc:EffectiveDate>{event.on}</cbc:EffectiveDate></cac:Response><cac:DocumentReference>"
        f'<cbc:ID>{escape(event.number)}</cbc:ID><cbc:UUID schemeName="CUDE-SHA384">{event.uuid}</cbc:UUID>'
        f"</cac:DocumentReference><cac:IssuerParty><cac:PartyTaxScheme><cbc:CompanyID>{event.sender}</cbc:CompanyID>"
        "<cac:TaxScheme/></cac:PartyTaxScheme></cac:IssuerParty><cac:RecipientParty><cac:PartyTaxScheme>"
        f"<cbc:CompanyID>{event.receiver}</cbc:CompanyID><cac:TaxScheme/></cac:PartyTaxScheme></cac:RecipientParty>"
        "</cac:DocumentResponse>"
        for event in events
    )
    return _signed(body, invoice, sender, environment, now)


def _signed(body: str, about: str, receiver: str, environment: str, now: datetime) -> bytes:
    here = now.astimezone(_BOGOTA)
    uuid = hashlib.sha384(f"{about}{here.isoformat()}".encode()).hexdigest()
    declared = "".join(f' xmlns:{prefix}="{uri}"' for prefix, uri in NS.items())
    text = (
        f'<ApplicationResponse xmlns="urn:oasis:names:specification:ubl:schema:xsd:ApplicationResponse-2"{declared}>'
        "<ext:UBLExtensions><ext:UBLExtension><ext:ExtensionContent>"
        '<ds:Signature Id="placeholder"></ds:Signature>'
        "</ext:ExtensionContent></ext:UBLExtension></ext:UBLExtensions>"
        "<cbc:UBLVersionID>UBL 2.1</cbc:UBLVersionID><cbc:CustomizationID>1</cbc:CustomizationID>"
        f"<cbc:ProfileID>DIAN 2.1</cbc:ProfileID><cbc:ProfileExecutionID>{environment}</cbc:ProfileExecutionID>"
        f"<cbc:ID>{int(uuid[:12], 16)}</cbc:ID>"
        f'<cbc:UUID schemeID="{environment}" schemeName="CUDE-SHA384">{uuid}</cbc:UUID>'
        f"<cbc:IssueDate>{here:%Y-%m-%d}</cbc:IssueDate><cbc:IssueTime>{here:%H:%M:%S}-05:00</cbc:IssueTime>"
        f"<cac:SenderParty>{_party(_NAME, '800197268')}</cac:SenderParty>"
        f"<cac:ReceiverParty>{_party(receiver, receiver)}</cac:ReceiverParty>"
        f"{body}</ApplicationResponse>"
    )
    signer = signxml.XMLSigner(
        c14n_algorithm=signxml.CanonicalizationMethod.CANONICAL_XML_1_0,
        signature_algorithm=signxml.SignatureMethod.RSA_SHA256,
    )
    holder = dian()
    root = signer.sign(etree.fromstring(text), key=holder.key, cert=[holder.certificate, *holder.chain])
    return etree.tostring(root, xml_declaration=True, encoding="utf-8")


def _party(name: str, nit: str) -> str:
    return (
        f"<cac:PartyTaxScheme><cbc:RegistrationName>{escape(name)}</cbc:RegistrationName>"
        f'<cbc:CompanyID schemeName="31">{escape(nit)}</cbc:CompanyID><cac:TaxScheme><cbc:ID>01</cbc:ID>'
        "<cbc:Name>IVA</cbc:Name></cac:TaxScheme></cac:PartyTaxScheme>"
    )
