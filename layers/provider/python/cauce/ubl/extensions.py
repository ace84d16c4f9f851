"""The extensions at the top of a document: DIAN's own, the place of the signature, amounts in another currency."""

from cauce.domain.document import Kind
from cauce.domain.errors import NumberingUnavailable
from cauce.domain.issuer import Environment
from cauce.domain.ranges import NumberingRange
from cauce.ubl import identifiers
from cauce.ubl.canonical import HOLE, Element, group, leaf, maybe
from cauce.ubl.facts import NumberedDocument, Software
from cauce.ubl.parties import AGENCY, identification

_DIAN_NIT = "800197268"
_NIT = "31"

# The kinds that state their range. DIAN's examples of notes come with and without it, and the schema takes both;
# events never have it.
_WITH_RANGE = frozenset({Kind.INVOICE, Kind.SUPPORT_DOCUMENT})


def of_document(numbered: NumberedDocument, *others: Element | None) -> Element:
    """UBLExtensions of a document; ``others`` come after the signature's."""
    control = _control(numbered.range) if numbered.kind in _WITH_RANGE else None
    qr = identifiers.qr_url(numbered.identifier, numbered.issuer.environment)
    dian = _dian(control, numbered.software, str(numbered.number), qr)
    return group("ext:UBLExtensions", extension(dian), extension(HOLE), *others)


def of_event(software: Software, number: str, invoice_uuid: str, environment: Environment) -> Element:
    """UBLExtensions of an event; its QR leads to the invoice."""
    dian = _dian(None, software, number, identifiers.qr_url(invoice_uuid, environment))
    return group("ext:UBLExtensions", extension(dian), extension(HOLE))


def extension(content: Element) -> Element:
    return group("ext:UBLExtension", group("ext:ExtensionContent", content))


def _dian(control: Element | None, software: Software, number: str, qr: str) -> Element:
    code = identifiers.software_security_code(software.id, software.pin, number)
    return group(
        "sts:DianExtensions",
        control,
        group(
            "sts:InvoiceSource",
            leaf(
                "cbc:IdentificationCode",
                "CO",
                listAgencyID="6",
                listAgencyName="United Nations Economic Commission for Europe",
                listSchemeURI="urn:oasis:names:specification:ubl:codelist:gc:CountryIdentificationCode-2.1",
            ),
        ),
        group(
            "sts:SoftwareProvider",
            # A NIT even where the owner is a natural person (FAB23).
            identification("sts:ProviderID", _NIT, software.owner_nit, None),
            leaf("sts:SoftwareID", software.id, **AGENCY),
        ),
        leaf("sts:SoftwareSecurityCode", code, **AGENCY),
        group(
            "sts:AuthorizationProvider",
            identification("sts:AuthorizationProviderID", _NIT, _DIAN_NIT, None),
        ),
        leaf("sts:QRCode", qr),
    )


def _control(numbering_range: NumberingRange | None) -> Element:
    """The authorised range. Raises NumberingUnavailable where its resolution or its dates are not known."""
    r = numbering_range
    if r is None or r.resolution is None or r.valid_from is None or r.valid_to is None:
        raise NumberingUnavailable(
            "El rango de numeración no tiene resolución o vigencia; sincronice las numeraciones.",
            field="prefix",
        )
    return group(
        "sts:InvoiceControl",
        leaf("sts:InvoiceAuthorization", r.resolution),
        group(
            "sts:AuthorizationPeriod",
            leaf("cbc:StartDate", r.valid_from.isoformat()),
            leaf("cbc:EndDate", r.valid_to.isoformat()),
        ),
        group(
            "sts:AuthorizedInvoices",
            maybe("sts:Prefix", r.prefix),
            leaf("sts:From", str(r.start)),
            leaf("sts:To", str(r.end)),
        ),
    )
