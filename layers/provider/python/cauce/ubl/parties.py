"""Who sells and who buys, and how an identification is written.

Source: Anexo Técnico 1.9, groups FAJ and FAK; Anexo DS 1.1, whose parties say less.
"""

from functools import lru_cache

from cauce.domain import catalogs, nit
from cauce.domain.document import Address, Participant, Party
from cauce.domain.money import plain
from cauce.ubl.canonical import maybe, some, text, value
from cauce.ubl.facts import NumberedDocument

_REGISTER = value("CO, DIAN (Dirección de Impuestos y Aduanas Nacionales)")
AGENCY = f'schemeAgencyID="195" schemeAgencyName="{_REGISTER}"'
"""The attributes that name the keeper of the register of identifications: DIAN."""

_NATURAL_PERSON = "2"
# TaxLevelCode/@listName: 48 for a party that is responsible for VAT, 49 for one that is not. 1.9 does not enforce it:
# its examples have both, «No aplica» and none (FAJ27).
_LIST_NAMES = {"01": "48", "ZA": "48"}
_OTHER_LIST_NAME = "49"


def parties(numbered: NumberedDocument) -> str:
    """AccountingSupplierParty and AccountingCustomerParty."""
    issuer, other = numbered.party, numbered.document.counterparty
    if numbered.kind.is_bought:
        # The issuer is the buyer: the seller is not obliged to invoice.
        seller, buyer = other, issuer
        sells, buys = _seller(seller), f"<cac:Party>{tax_scheme(buyer)}</cac:Party>"
    else:
        seller, buyer = issuer, other
        # The prefix is written as the point of sale too (FAB10a).
        sells, buys = _issuer(seller, numbered.number.prefix), _buyer(buyer, numbered)
    return (
        "<cac:AccountingSupplierParty>"
        f"<cbc:AdditionalAccountID>{text(seller.person_type)}</cbc:AdditionalAccountID>"
        f"{sells}"
        "</cac:AccountingSupplierParty>"
        "<cac:AccountingCustomerParty>"
        f"<cbc:AdditionalAccountID>{text(buyer.person_type)}</cbc:AdditionalAccountID>"
        f"{buys}"
        "</cac:AccountingCustomerParty>"
    )


def _buyer(buyer: Party, numbered: NumberedDocument) -> str:
    if numbered.kind.is_equivalent and buyer.identification == catalogs.FINAL_CONSUMER:
        return _anybody(buyer)
    return _party(buyer, is_buyer=True)


def identification(tag: str, kind: str, number: str, check_digit: str | None, more: str = "") -> str:
    """An identification with its kind; a NIT also has its check digit beside it, never inside. ``more``: attributes
    whose names come after ``schemeName``."""
    digit = f' schemeID="{value(check_digit or nit.check_digit(number))}"' if kind == catalogs.NIT else ""
    return f'<{tag} {AGENCY}{digit} schemeName="{value(kind)}"{more}>{text(number)}</{tag}>'


def tax_scheme(party: Party, *, with_level: bool = True, version: str | None = None) -> str:
    """PartyTaxScheme. Documents have it with responsibilities (``with_level``); events have the ``version`` of the
    identification instead."""
    more = f' schemeVersionID="{value(version)}"' if version is not None else ""
    level = _level(party) if with_level else ""
    return f"<cac:PartyTaxScheme>{_named(party, more)}{level}{_scheme(party)}</cac:PartyTaxScheme>"


def _named(party: Party, more: str = "") -> str:
    """RegistrationName and CompanyID."""
    name = text(party.name)
    return f"<cbc:RegistrationName>{name}</cbc:RegistrationName>{_identified('cbc:CompanyID', party, more)}"


def _level(party: Party) -> str:
    listed = _LIST_NAMES.get(party.tax_scheme, _OTHER_LIST_NAME)
    return (
        f'<cbc:TaxLevelCode listName="{listed}">{text(";".join(party.responsibilities))}</cbc:TaxLevelCode>'
    )


def _scheme(party: Party) -> str:
    code = party.tax_scheme
    name = text(catalogs.PARTY_TAX_SCHEMES[code])
    return f"<cac:TaxScheme><cbc:ID>{text(code)}</cbc:ID><cbc:Name>{name}</cbc:Name></cac:TaxScheme>"


def _anybody(party: Party) -> str:
    """The final consumer of a documento equivalente: fixed values, as the official example of a POS ticket has them,
    and the responsibility that its later edition adds. What else is known of it is added."""
    number = f'{AGENCY} schemeID="" schemeName="13">{catalogs.FINAL_CONSUMER}'
    name, scheme = "Consumidor Final", "01"
    contact = maybe("cbc:Telephone", party.phone) + maybe("cbc:ElectronicMail", party.email)
    return (
        "<cac:Party>"
        f"<cac:PartyIdentification><cbc:ID {number}</cbc:ID></cac:PartyIdentification>"
        f"<cac:PartyName><cbc:Name>{name}</cbc:Name></cac:PartyName>"
        f"{some('cac:PhysicalLocation', some('cac:Address', address(party)))}"
        "<cac:PartyTaxScheme>"
        f"<cbc:RegistrationName>{name}</cbc:RegistrationName>"
        f"<cbc:CompanyID {number}</cbc:CompanyID>"
        f'<cbc:TaxLevelCode listName="{_LIST_NAMES[scheme]}">R-99-PN</cbc:TaxLevelCode>'
        f"<cac:TaxScheme><cbc:ID>{scheme}</cbc:ID><cbc:Name>{catalogs.PARTY_TAX_SCHEMES[scheme]}</cbc:Name></cac:TaxScheme>"
        "</cac:PartyTaxScheme>"
        f"{some('cac:Contact', contact)}"
        "</cac:Party>"
    )


@lru_cache(maxsize=256)
def _issuer(party: Party, prefix: str) -> str:
    """Written once for each issuer and prefix, as long as nothing in it changes."""
    return _party(party, prefix=prefix)


def _party(party: Party, *, prefix: str | None = None, is_buyer: bool = False) -> str:
    place, named = address(party), _named(party)
    fiscal = address(party.fiscal_address) if party.fiscal_address else place
    # A natural person who buys is identified here too (FAK61).
    is_person = is_buyer and party.person_type == _NATURAL_PERSON
    registration = maybe("cbc:ID", prefix) + maybe("cbc:Name", party.commercial_registration)
    contact = (
        maybe("cbc:Name", party.contact)
        + maybe("cbc:Telephone", party.phone)
        + maybe("cbc:ElectronicMail", party.email)
    )
    return (
        "<cac:Party>"
        f"{maybe('cbc:IndustryClassificationCode', party.economic_activity)}"
        f"{some('cac:PartyIdentification', _identified('cbc:ID', party) if is_person else '')}"
        f"<cac:PartyName><cbc:Name>{text(party.trade_name or party.name)}</cbc:Name></cac:PartyName>"
        f"{some('cac:PhysicalLocation', some('cac:Address', place))}"
        "<cac:PartyTaxScheme>"
        f"{named}"
        f"{_level(party)}"
        f"{some('cac:RegistrationAddress', fiscal)}"
        f"{_scheme(party)}"
        "</cac:PartyTaxScheme>"
        "<cac:PartyLegalEntity>"
        f"{named}"
        f"{some('cac:CorporateRegistrationScheme', registration)}"
        f"{''.join(map(_participant, party.participants))}"
        "</cac:PartyLegalEntity>"
        f"{some('cac:Contact', contact)}"
        f"{_person(party) if is_person else ''}"
        "</cac:Party>"
    )


def _seller(seller: Party) -> str:
    """The seller of a support document: only its address and its PartyTaxScheme."""
    place = some("cac:PhysicalLocation", some("cac:Address", address(seller)))
    return f"<cac:Party>{place}{tax_scheme(seller)}</cac:Party>"


def _identified(tag: str, party: Party, more: str = "") -> str:
    return identification(tag, party.identification_type, party.identification, party.check_digit, more)


def _person(party: Party) -> str:
    return (
        "<cac:Person>"
        f"<cbc:FirstName>{text(party.given_names or party.name)}</cbc:FirstName>"
        f"{maybe('cbc:FamilyName', party.family_names)}"
        "</cac:Person>"
    )


def _participant(member: Participant) -> str:
    """A member of a consorcio or unión temporal, as the official example of a final consumer writes them."""
    scheme = catalogs.PARTY_TAX_SCHEMES[member.tax_scheme]
    number = identification(
        "cbc:CompanyID", member.identification_type, member.identification, member.check_digit
    )
    listed = _LIST_NAMES.get(member.tax_scheme, _OTHER_LIST_NAME)
    return (
        "<cac:ShareholderParty>"
        f"<cbc:PartecipationPercent>{plain(member.percent)}</cbc:PartecipationPercent>"
        "<cac:Party><cac:PartyTaxScheme>"
        f"<cbc:RegistrationName>{text(member.name)}</cbc:RegistrationName>{number}"
        f'<cbc:TaxLevelCode listName="{listed}">{text(";".join(member.responsibilities))}</cbc:TaxLevelCode>'
        f"<cac:TaxScheme><cbc:ID>{text(member.tax_scheme)}</cbc:ID><cbc:Name>{text(scheme)}</cbc:Name></cac:TaxScheme>"
        "</cac:PartyTaxScheme></cac:Party>"
        "</cac:ShareholderParty>"
    )


def address(party: Party | Address) -> str:
    """What is in an address, a party's or its own; nothing where no more than its country is known.

    In Colombia the municipality's code tells the names of city and department; abroad the party states them.
    """
    if not (party.address or party.municipality or party.city):
        return ""
    code = party.municipality
    city, region = party.city, party.region
    if code:
        city, region = catalogs.municipalities()[code], catalogs.departments()[code[:2]]
    return (
        f"{maybe('cbc:ID', code)}"
        f"{maybe('cbc:CityName', city)}"
        f"{maybe('cbc:PostalZone', party.postal_code)}"
        f"{maybe('cbc:CountrySubentity', region)}"
        f"{maybe('cbc:CountrySubentityCode', code and code[:2])}"
        f"{some('cac:AddressLine', maybe('cbc:Line', party.address))}"
        "<cac:Country>"
        f"<cbc:IdentificationCode>{text(party.country)}</cbc:IdentificationCode>"
        f'<cbc:Name languageID="es">{text(catalogs.countries()[party.country])}</cbc:Name>'
        "</cac:Country>"
    )
