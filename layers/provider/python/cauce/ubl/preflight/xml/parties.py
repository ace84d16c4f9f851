"""Who sells and who buys. Annex 1.9, groups FAJ and FAK; annex DS 1.1, in which the issuer buys."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from cauce.domain import catalogs, nit
from cauce.ubl.preflight.rules import NOTHING, Hit, one_of, postal_codes, shown
from cauce.ubl.preflight.xml.file import File, text_of

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_HOME = "CO"
_NATURAL_PERSON = "2"
# Each place of an identification, with its own rule on the check digit.
_IDENTIFICATIONS = (
    ("24", "cac:PartyTaxScheme/cbc:CompanyID"),
    ("47", "cac:PartyLegalEntity/cbc:CompanyID"),
)
_ADDRESSES = ("cac:PhysicalLocation/cac:Address", "cac:PartyTaxScheme/cac:RegistrationAddress")


def check(file: File) -> Iterator[Hit]:
    for letter, tag in (("J", "cac:AccountingSupplierParty"), ("K", "cac:AccountingCustomerParty")):
        person = file.text(f"{tag}/cbc:AdditionalAccountID")
        if person not in catalogs.PERSON_TYPES:
            field = f"{tag}/cbc:AdditionalAccountID"
            yield Hit(f"FA{letter}02", field, one_of(catalogs.PERSON_TYPES), shown(person))
        party = file.first(f"{tag}/cac:Party")
        if party is not None:
            yield from _party(file, letter, f"{tag}/cac:Party", party)
            for path in _ADDRESSES:
                yield from _postal_code(file, letter, f"{tag}/cac:Party/{path}", file.first(path, party))
    if file.kind.is_bought:
        return
    yield from _issuer_addresses(file)
    buyer = "cac:AccountingCustomerParty"
    is_natural = file.text(f"{buyer}/cbc:AdditionalAccountID") == _NATURAL_PERSON
    if is_natural and not file.text(f"{buyer}/cac:Party/cac:PartyIdentification/cbc:ID"):
        field = f"{buyer}/cac:Party/cac:PartyIdentification/cbc:ID"
        yield Hit("FAK61", field, "la identificación de la persona", NOTHING)


def _party(file: File, letter: str, path: str, party: "Element") -> Iterator[Hit]:
    for rule, place in _IDENTIFICATIONS:
        found = file.first(place, party)
        if found is not None:
            yield from _identification(letter, rule, f"{path}/{place}", found)
    levels = file.text("cac:PartyTaxScheme/cbc:TaxLevelCode", party)
    if not levels and _is_anybody(file, party):
        levels = "R-99-PN"  # one of the two official examples of a POS ticket leaves it out
    if not levels or not set(levels.split(";")) <= catalogs.RESPONSIBILITIES.keys():
        field = f"{path}/cac:PartyTaxScheme/cbc:TaxLevelCode"
        yield Hit(f"FA{letter}26", field, one_of(catalogs.RESPONSIBILITIES), shown(levels))
    scheme = "cac:PartyTaxScheme/cac:TaxScheme"
    code, name = file.text(f"{scheme}/cbc:ID", party), file.text(f"{scheme}/cbc:Name", party)
    if code not in catalogs.PARTY_TAX_SCHEMES:
        yield Hit(f"FA{letter}40", f"{path}/{scheme}/cbc:ID", one_of(catalogs.PARTY_TAX_SCHEMES), shown(code))
    elif name.casefold() != catalogs.PARTY_TAX_SCHEMES[code].casefold():
        yield Hit(f"FA{letter}41", f"{path}/{scheme}/cbc:Name", catalogs.PARTY_TAX_SCHEMES[code], shown(name))


def _is_anybody(file: File, party: "Element") -> bool:
    """Whether it is the final consumer of a documento equivalente."""
    number = file.text("cac:PartyTaxScheme/cbc:CompanyID", party)
    return file.kind.is_equivalent and number == catalogs.FINAL_CONSUMER


def _identification(letter: str, rule: str, path: str, found: "Element") -> Iterator[Hit]:
    kind, digit, number = found.get("schemeName"), found.get("schemeID") or "", text_of(found)
    if kind not in catalogs.IDENTIFICATION_TYPES:
        yield Hit(f"FA{letter}25", f"{path}/@schemeName", one_of(catalogs.IDENTIFICATION_TYPES), shown(kind))
    elif kind == catalogs.NIT:
        try:
            expected = nit.check_digit(number)
        except ValueError:
            yield Hit(f"FA{letter}{rule}", path, "un NIT de 1 a 15 dígitos", shown(number))
            return
        if digit != expected:
            yield Hit(f"FA{letter}{rule}", f"{path}/@schemeID", expected, shown(digit))


def _issuer_addresses(file: File) -> Iterator[Hit]:
    party = "cac:AccountingSupplierParty/cac:Party"
    for path in _ADDRESSES:
        address = file.first(f"{party}/{path}")
        if address is None:
            continue
        country = file.text("cac:Country/cbc:IdentificationCode", address)
        if country != _HOME:
            yield Hit("FAJ16", f"{party}/{path}/cac:Country/cbc:IdentificationCode", _HOME, shown(country))
        yield from _place(file, f"{party}/{path}", address)


def _place(file: File, path: str, address: "Element") -> Iterator[Hit]:
    """The municipality's code must exist, be named, and be of the department that the address states."""
    code = file.text("cbc:ID", address)
    if code not in catalogs.municipalities():
        yield Hit("FAJ09", f"{path}/cbc:ID", "un código DIVIPOLA de 5 dígitos", shown(code))
    for rule, name, what in (
        ("FAJ10", "cbc:CityName", "el municipio"),
        ("FAJ11", "cbc:CountrySubentity", "el departamento"),
    ):
        if not file.text(name, address):
            yield Hit(rule, f"{path}/{name}", what, NOTHING)
    department = file.text("cbc:CountrySubentityCode", address)
    if code in catalogs.municipalities() and department != code[:2]:
        yield Hit("FAJ12", f"{path}/cbc:CountrySubentityCode", code[:2], shown(department))


def _postal_code(file: File, letter: str, path: str, address: "Element | None") -> Iterator[Hit]:
    if address is None or file.text("cac:Country/cbc:IdentificationCode", address) != _HOME:
        return
    found = file.text("cbc:PostalZone", address)
    if found and found not in postal_codes():
        yield Hit(f"FA{letter}73", f"{path}/cbc:PostalZone", "un código postal de la tabla 13.4.4", found)
