"""Who sells and who buys, and how an identification is written.

Source: Anexo Técnico 1.9, groups FAJ and FAK; Anexo DS 1.1, whose parties say less.
"""

from cauce.domain import catalogs, nit
from cauce.domain.document import Party
from cauce.ubl.canonical import Element, group, leaf, maybe, some
from cauce.ubl.facts import NumberedDocument

AGENCY = {
    "schemeAgencyID": "195",
    "schemeAgencyName": "CO, DIAN (Dirección de Impuestos y Aduanas Nacionales)",
}
"""The attributes that name the keeper of the register of identifications: DIAN."""

_NATURAL_PERSON = "2"
# TaxLevelCode/@listName: 48 for a party that is responsible for VAT, 49 for one that is not. 1.9 does not enforce it:
# its examples have both, «No aplica» and none (FAJ27).
_LIST_NAMES = {"01": "48", "ZA": "48"}
_OTHER_LIST_NAME = "49"


def parties(numbered: NumberedDocument) -> tuple[Element, Element]:
    """AccountingSupplierParty and AccountingCustomerParty."""
    issuer, other = numbered.party, numbered.document.counterparty
    if numbered.kind.is_bought:
        # The issuer is the buyer: the seller is not obliged to invoice.
        return (
            _accounting("cac:AccountingSupplierParty", other, _seller(other)),
            _accounting("cac:AccountingCustomerParty", issuer, group("cac:Party", tax_scheme(issuer))),
        )
    # The prefix is written as the point of sale too (FAB10a).
    prefix = maybe("cbc:ID", numbered.number.prefix)
    return (
        _accounting("cac:AccountingSupplierParty", issuer, _party(issuer, prefix)),
        _accounting("cac:AccountingCustomerParty", other, _party(other, None, buyer=True)),
    )


def identification(tag: str, kind: str, number: str, check_digit: str | None, **attributes: str) -> Element:
    """An identification with its kind; a NIT also has its check digit beside it, never inside."""
    digit = {"schemeID": check_digit or nit.check_digit(number)} if kind == catalogs.NIT else {}
    return leaf(tag, number, **AGENCY, **digit, **attributes, schemeName=kind)


def tax_scheme(
    party: Party, *, with_level: bool = True, with_address: bool = False, **attributes: str
) -> Element:
    """PartyTaxScheme: documents have it with responsibilities, and of a party to a sale with its address; events have
    neither, and more ``attributes`` of the identification."""
    return group(
        "cac:PartyTaxScheme",
        leaf("cbc:RegistrationName", party.name),
        _company_id(party, **attributes),
        _tax_level(party) if with_level else None,
        _address("cac:RegistrationAddress", party) if with_address else None,
        _scheme(party),
    )


def _accounting(tag: str, party: Party, written: Element) -> Element:
    return group(tag, leaf("cbc:AdditionalAccountID", party.person_type), written)


def _party(party: Party, prefix: Element | None, *, buyer: bool = False) -> Element:
    natural = buyer and party.person_type == _NATURAL_PERSON
    return group(
        "cac:Party",
        maybe("cbc:IndustryClassificationCode", party.economic_activity),
        # A natural person who buys is identified here too (FAK61).
        group("cac:PartyIdentification", _company_id(party, "cbc:ID")) if natural else None,
        group("cac:PartyName", leaf("cbc:Name", party.trade_name or party.name)),
        some("cac:PhysicalLocation", _address("cac:Address", party)),
        tax_scheme(party, with_address=True),
        group(
            "cac:PartyLegalEntity",
            leaf("cbc:RegistrationName", party.name),
            _company_id(party),
            some("cac:CorporateRegistrationScheme", prefix, maybe("cbc:Name", party.commercial_registration)),
        ),
        some(
            "cac:Contact",
            maybe("cbc:Telephone", party.phone),
            maybe("cbc:ElectronicMail", party.email),
        ),
        _person(party) if natural else None,
    )


def _seller(seller: Party) -> Element:
    """The seller of a support document: only its address and its PartyTaxScheme."""
    return group(
        "cac:Party", some("cac:PhysicalLocation", _address("cac:Address", seller)), tax_scheme(seller)
    )


def _company_id(party: Party, tag: str = "cbc:CompanyID", **attributes: str) -> Element:
    return identification(
        tag, party.identification_type, party.identification, party.check_digit, **attributes
    )


def _tax_level(party: Party) -> Element:
    listed = _LIST_NAMES.get(party.tax_scheme, _OTHER_LIST_NAME)
    return leaf("cbc:TaxLevelCode", ";".join(party.responsibilities), listName=listed)


def _scheme(party: Party) -> Element:
    return group(
        "cac:TaxScheme",
        leaf("cbc:ID", party.tax_scheme),
        leaf("cbc:Name", catalogs.PARTY_TAX_SCHEMES[party.tax_scheme]),
    )


def _person(party: Party) -> Element:
    return group(
        "cac:Person",
        leaf("cbc:FirstName", party.given_names or party.name),
        maybe("cbc:FamilyName", party.family_names),
    )


def _address(tag: str, party: Party) -> Element | None:
    """A party's address; ``None`` where nothing but its country is known.

    In Colombia the municipality's code tells the names of city and department; abroad the party states them.
    """
    if not (party.address or party.municipality or party.city):
        return None
    code = party.municipality
    city, region = party.city, party.region
    if code:
        city, region = catalogs.municipalities()[code], catalogs.departments()[code[:2]]
    return group(
        tag,
        maybe("cbc:ID", code),
        maybe("cbc:CityName", city),
        maybe("cbc:PostalZone", party.postal_code),
        maybe("cbc:CountrySubentity", region),
        maybe("cbc:CountrySubentityCode", code and code[:2]),
        some("cac:AddressLine", maybe("cbc:Line", party.address)),
        group(
            "cac:Country",
            leaf("cbc:IdentificationCode", party.country),
            leaf("cbc:Name", catalogs.countries()[party.country], languageID="es"),
        ),
    )
