"""Issuer and counterparty as blocks: EMI and ADQ, or PRO and ADQ in support documents. Pure.

In a support document PRO is the seller, and ADQ, the buyer, is the issuer.
Source: Facturatech's field table, EMI, PRO, ADQ and their inner blocks.
"""

from cauce.domain.catalogs import NIT, countries, departments, municipalities
from cauce.domain.document import Party
from cauce.domain.errors import Unsupported
from cauce.domain.issuer import Issuer
from cauce.domain.nit import check_digit
from cauce.providers.facturatech.settings import Settings
from cauce.providers.facturatech.sheet import Block, block

_COLOMBIA = "CO"

TAX_SCHEMES = {"01": "IVA", "ZZ": "No aplica"}
"""GTE_1 and GTA_1: the values that Facturatech's manual lists."""


def issuer_party(issuer: Issuer) -> Party:
    """The issuer as a party. Raises Unsupported where the operator has not described it."""
    if issuer.party is None:
        raise Unsupported(
            "Facturatech necesita la dirección y las responsabilidades del emisor; configúrelas."
        )
    return issuer.party


def emi(issuer: Issuer, prefix: str, settings: Settings) -> Block:
    """The issuer of an invoice or of its notes."""
    party = issuer_party(issuer)
    municipality = party.municipality or ""
    return block(
        "EMI",
        {
            1: party.person_type,
            2: issuer.nit,
            3: NIT,
            6: party.name,
            7: party.trade_name or party.name,
            **_address(party, settings, issuer.check_digit),
            24: party.name,
        },
        block("TAC", {1: _responsibilities(party)}),
        block(
            "DFE",
            {
                1: municipality,
                2: municipality[:2],
                3: _COLOMBIA,
                4: party.postal_code or settings.postal_code,
                5: countries()[_COLOMBIA].upper(),
                6: departments().get(municipality[:2]),
                7: municipalities().get(municipality),
                8: party.address,
            },
        ),
        block("ICC", {1: party.commercial_registration or settings.trade_registration, 9: prefix}),
        block("CDE", {2: party.name, 3: party.phone, 4: party.email}),
        block("GTE", _scheme(party)),
    )


def adq(party: Party, settings: Settings, *, mail: bool) -> Block:
    """The buyer. Facturatech mails the document to CDA_4, so that field is only there if ``mail``."""
    contact = {2: party.name if party.phone else None, 3: party.phone, 4: party.email if mail else None}
    return block(
        "ADQ",
        {
            1: party.person_type,
            2: party.identification,
            3: party.identification_type,
            6: party.name,
            7: party.trade_name or party.name,
            **_address(party, settings, _digit(party)),
        },
        block("TCR", {1: _responsibilities(party)}),
        block("ILA", {1: party.name, 2: party.identification, 3: party.identification_type}),
        block("CDA", contact) if contact[3] or contact[4] else None,
        block("GTA", _scheme(party)),
    )


def pro(party: Party, settings: Settings) -> Block:
    """The seller of a support document."""
    return block(
        "PRO",
        {
            1: party.person_type,
            2: party.identification,
            3: party.identification_type,
            6: party.name,
            7: party.trade_name,
            **_address(party, settings, _digit(party)),
        },
        block("TAC", {1: _responsibilities(party)}),
        block("GTE", _scheme(party)),
    )


def adq_of_issuer(issuer: Issuer) -> Block:
    """The issuer of a support document, who buys."""
    party = issuer_party(issuer)
    return block(
        "ADQ",
        {1: party.person_type, 2: issuer.nit, 3: NIT, 6: party.name, 22: issuer.check_digit},
        block("TCR", {1: _responsibilities(party)}),
        block("GTA", _scheme(party)),
    )


def _digit(party: Party) -> str | None:
    """The check digit, which a NIT has."""
    return (
        (party.check_digit or check_digit(party.identification)) if party.identification_type == NIT else None
    )


def _address(party: Party, settings: Settings, digit: str | None) -> dict[int, str | None]:
    """Fields 10 to 23: the address whole or not at all, and the check digit."""
    if not party.address:
        return {22: digit}
    if party.country != _COLOMBIA:
        # Places abroad have no DANE codes: 11 and 23 are left out.
        return {
            10: party.address,
            13: party.city,
            14: party.postal_code or settings.postal_code,
            15: party.country,
            19: party.region,
            21: countries().get(party.country),
            22: digit,
        }
    municipality = party.municipality or ""
    return {
        10: party.address,
        11: municipality[:2],
        13: municipalities().get(municipality),
        14: party.postal_code or settings.postal_code,
        15: _COLOMBIA,
        19: departments().get(municipality[:2]),
        21: countries()[_COLOMBIA],
        22: digit,
        23: municipality,
    }


def _responsibilities(party: Party) -> str:
    """One code, or several as DIAN joins them, where the setting allows it (``check``)."""
    return ";".join(party.responsibilities)


def _scheme(party: Party) -> dict[int, str | None]:
    return {1: party.tax_scheme, 2: TAX_SCHEMES[party.tax_scheme]}
