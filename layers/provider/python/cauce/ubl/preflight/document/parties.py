"""Who sells and who buys. Annex 1.9, groups FAJ and FAK; annex DS 1.1, in which the issuer buys."""

from collections.abc import Callable, Iterator
from functools import partial

from cauce.domain import catalogs, nit
from cauce.domain.document import Kind, Party
from cauce.domain.issuer import Issuer
from cauce.ubl.fields import path
from cauce.ubl.preflight import catalogues
from cauce.ubl.preflight.document.case import Case
from cauce.ubl.preflight.rules import Hit

HOME = "CO"
Fields = Callable[..., str]
"""From the name of a field to its path."""


def check(case: Case) -> Iterator[Hit]:
    """Checks both parties. The letter in a rule's code is J for the seller, K for the buyer."""
    ours, theirs = ("K", "J") if case.is_support else ("J", "K")
    yield from _party(theirs, case.document.counterparty, partial(path, "counterparty"))
    party = case.issuer.party
    if party is None:  # ``ubl.facts`` refuses an issuer that is not described
        return
    yield from _party(ours, _as_enrolled(case.issuer, party), partial(path, "issuer"))
    if not case.is_support:
        yield from _seller(party)
    if case.kind is Kind.INVOICE and not party.email:
        yield Hit("FAJ71", "issuer.email", "el correo de recepción registrado en la DIAN", "ninguno")


def _as_enrolled(issuer: Issuer, party: Party) -> Party:
    return party.model_copy(update={"identification": issuer.nit, "check_digit": issuer.check_digit})


def _party(letter: str, party: Party, field: Fields) -> Iterator[Hit]:
    codes: tuple[tuple[str, str, str, dict[str, str]], ...] = (
        ("02", "person_type", party.person_type, catalogs.PERSON_TYPES),
        ("25", "identification_type", party.identification_type, catalogs.IDENTIFICATION_TYPES),
        ("40", "tax_scheme", party.tax_scheme, catalogs.PARTY_TAX_SCHEMES),
    )
    for rule, name, code, allowed in codes:
        if code not in allowed:
            yield Hit(f"FA{letter}{rule}", field(name), catalogues.one_of(allowed), catalogues.shown(code))
    unknown = [code for code in party.responsibilities if code not in catalogs.RESPONSIBILITIES]
    if unknown or not party.responsibilities:
        allowed = catalogs.RESPONSIBILITIES
        found = catalogues.shown(";".join(unknown))
        yield Hit(f"FA{letter}26", field("responsibilities"), catalogues.one_of(allowed), found)
    yield from _check_digit(letter, party, field)
    postal = party.postal_code
    if party.country == HOME and postal and postal not in catalogues.postal_codes():
        yield Hit(f"FA{letter}73", field("postal_code"), "un código postal de la tabla 13.4.4", postal)


def _check_digit(letter: str, party: Party, field: Fields) -> Iterator[Hit]:
    number, digit = party.identification, party.check_digit
    if party.identification_type != catalogs.NIT or not digit:  # an absent digit is computed
        return
    if number.isascii() and number.isdigit() and len(number) <= 15 and digit != nit.check_digit(number):
        yield Hit(f"FA{letter}24", field("check_digit"), nit.check_digit(number), digit)


def _seller(party: Party) -> Iterator[Hit]:
    if party.country != HOME:
        yield Hit("FAJ16", "issuer.country", HOME, catalogues.shown(party.country))
    if party.municipality not in catalogs.municipalities():
        field = "issuer.municipality"
        yield Hit("FAJ09", field, "un código DIVIPOLA de 5 dígitos", catalogues.shown(party.municipality))
