"""The issuer, its range and its software, as this stack has them configured."""

from dataclasses import dataclass
from datetime import datetime

from cauce.domain import catalogs
from tests.bench import invoices
from tests.bench.naive.figures import CATALOGUE, Figures, cufe, security_code
from tests.bench.naive.request import Invoice, check_digit

AGENCY = {
    "schemeAgencyID": "195",
    "schemeAgencyName": "CO, DIAN (Dirección de Impuestos y Aduanas Nacionales)",
}
TAX_NAMES = catalogs.PARTY_TAX_SCHEMES
MUNICIPALITIES, DEPARTMENTS = catalogs.municipalities(), catalogs.departments()
NAMESPACES = {
    None: "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2",
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
    "ext": "urn:oasis:names:specification:ubl:schema:xsd:CommonExtensionComponents-2",
    "sts": "dian:gov:co:facturaelectronica:Structures-2-1",
    "xades": "http://uri.etsi.org/01903/v1.3.2#",
}
POLICY = "https://facturaelectronica.dian.gov.co/politicadefirma/v2/politicadefirmav2.pdf"
POLICY_DESCRIPTION = "Política de firma para facturas electrónicas de la República de Colombia"
POLICY_DIGEST = "dMoMvtcG5aIzgYo0tIsSQeVJBDnUnfSOfBpxXrmor0Y="

issuer = invoices.ISSUER.party
assert issuer is not None
range_ = invoices.RANGE
software = invoices.SOFTWARE
number = str(invoices.NUMBER)
nit = invoices.ISSUER.nit


@dataclass(frozen=True)
class Computed:
    """What is computed of an invoice besides its amounts."""

    day: str
    hour: str
    cufe: str
    code: str
    qr: str


def computed(invoice: Invoice, found: Figures, now: datetime = invoices.NOW) -> Computed:
    day, hour = f"{now:%Y-%m-%d}", f"{now:%H:%M:%S}-05:00"
    key = invoices.TECHNICAL_KEY.get_secret_value()
    uuid = cufe(number, day, hour, found, nit, invoice.adquiriente.numero_documento, key, "2")
    code = security_code(software.id, software.pin.get_secret_value(), number)
    return Computed(day, hour, uuid, code, CATALOGUE + uuid)


def nit_attributes(identification_type: str, identification: str, digit: str | None) -> dict[str, str]:
    """The attributes of an identification: its type, and a NIT's check digit."""
    if identification_type != "31":
        return {**AGENCY, "schemeName": identification_type}
    return {**AGENCY, "schemeID": digit or check_digit(identification), "schemeName": identification_type}
