"""The extensions at the top of a document: DIAN's own, the place of the signature, amounts in another currency."""

from cauce.domain.document import AUTHORISED, Document, Kind
from cauce.domain.errors import NumberingUnavailable
from cauce.domain.issuer import Environment
from cauce.domain.ranges import NumberingRange
from cauce.domain.time import bogota
from cauce.ubl import equivalents, health, identifiers
from cauce.ubl.canonical import SIGNATURE, maybe, text
from cauce.ubl.facts import NumberedDocument, Software
from cauce.ubl.parties import AGENCY, identification

_NIT = "31"
_DIAN = identification("sts:AuthorizationProviderID", _NIT, "800197268", None)


def of_document(numbered: NumberedDocument, others: str) -> str:
    """UBLExtensions of a document: DIAN's, those of its sort or sector, the signature's; then ``others``."""
    # DIAN's examples of notes come with and without their range, and the schema takes both; events never have it.
    control = _control(numbered.range) if numbered.kind in AUTHORISED else ""
    qr = identifiers.qr_url(numbered.identifier, numbered.issuer.environment)
    dian = _dian(control, numbered.software, str(numbered.number), qr)
    own = _of_equivalent(numbered) + _of_health(numbered) + extension(SIGNATURE)
    return f"<ext:UBLExtensions>{extension(dian)}{own}{others}</ext:UBLExtensions>"


def _of_equivalent(numbered: NumberedDocument) -> str:
    is_equivalent = numbered.kind is Kind.EQUIVALENT_DOCUMENT
    return "".join(map(extension, equivalents.extensions(numbered))) if is_equivalent else ""


def _of_health(numbered: NumberedDocument) -> str:
    document, said = numbered.document, numbered.document.health
    if said is None:
        return ""
    issued_on = bogota(numbered.issued_at).date()
    return extension(health.custom_tag(document, said, issued_on, numbered.health_form))


def of_event(software: Software, number: str, invoice_uuid: str, environment: Environment) -> str:
    """UBLExtensions of an event; its QR leads to the invoice."""
    dian = _dian("", software, number, identifiers.qr_url(invoice_uuid, environment))
    return f"<ext:UBLExtensions>{extension(dian)}{extension(SIGNATURE)}</ext:UBLExtensions>"


def extension(content: str) -> str:
    return f"<ext:UBLExtension><ext:ExtensionContent>{content}</ext:ExtensionContent></ext:UBLExtension>"


def due_diligence(document: Document) -> str:
    """The extension of who changes money; its elements have no prefix, as the official example writes them."""
    if document.due_diligence is None:
        return ""
    code = text(document.due_diligence)
    return extension(f"<DebidaDiligencia><Name>Cod_Diligencia</Name><Value>{code}</Value></DebidaDiligencia>")


def _dian(control: str, software: Software, number: str, qr: str) -> str:
    code = identifiers.software_security_code(software.id, software.pin, number)
    return (
        "<sts:DianExtensions>"
        f"{control}"
        "<sts:InvoiceSource>"
        '<cbc:IdentificationCode listAgencyID="6" listAgencyName="United Nations Economic Commission for Europe" '
        'listSchemeURI="urn:oasis:names:specification:ubl:codelist:gc:CountryIdentificationCode-2.1">CO'
        "</cbc:IdentificationCode>"
        "</sts:InvoiceSource>"
        "<sts:SoftwareProvider>"
        # A NIT even where the owner is a natural person (FAB23).
        f"{identification('sts:ProviderID', _NIT, software.owner_nit, None)}"
        f"<sts:SoftwareID {AGENCY}>{text(software.id)}</sts:SoftwareID>"
        "</sts:SoftwareProvider>"
        f"<sts:SoftwareSecurityCode {AGENCY}>{code}</sts:SoftwareSecurityCode>"
        f"<sts:AuthorizationProvider>{_DIAN}</sts:AuthorizationProvider>"
        f"<sts:QRCode>{text(qr)}</sts:QRCode>"
        "</sts:DianExtensions>"
    )


def _control(numbering_range: NumberingRange | None) -> str:
    """The authorised range. Raises NumberingUnavailable where its resolution or its dates are not known."""
    r = numbering_range
    if r is None or r.resolution is None or r.valid_from is None or r.valid_to is None:
        raise NumberingUnavailable(
            "El rango de numeración no tiene resolución o vigencia; sincronice las numeraciones.",
            field="prefix",
        )
    return (
        "<sts:InvoiceControl>"
        f"<sts:InvoiceAuthorization>{text(r.resolution)}</sts:InvoiceAuthorization>"
        "<sts:AuthorizationPeriod>"
        f"<cbc:StartDate>{r.valid_from.isoformat()}</cbc:StartDate>"
        f"<cbc:EndDate>{r.valid_to.isoformat()}</cbc:EndDate>"
        "</sts:AuthorizationPeriod>"
        "<sts:AuthorizedInvoices>"
        f"{maybe('sts:Prefix', r.prefix)}"
        f"<sts:From>{r.start}</sts:From>"
        f"<sts:To>{r.end}</sts:To>"
        "</sts:AuthorizedInvoices>"
        "</sts:InvoiceControl>"
    )
