"""The issuer and the other party of a document, as its reader sees them."""

from collections.abc import Iterator

from cauce.domain import catalogs
from cauce.domain.document import Address, Kind, Party
from cauce.domain.issuer import Issuer
from cauce.domain.money import plain
from cauce.domain.nit import check_digit
from cauce.representation.figures import identification
from cauce.representation.sheet import Block

_SELLER, _BUYER = "Vendedor", "Adquiriente"
_NOT_OBLIGED = "Vendedor no obligado a facturar"


def issuer(found: Issuer, party: Party | None, kind: Kind) -> Block:
    """The issuer: seller or, in a support document, buyer; only its name and NIT where nobody describes it."""
    role = _BUYER if kind.is_bought else _SELLER
    if party is None:
        nit = f"NIT {identification(catalogs.NIT, found.nit, found.check_digit)}"
        return Block(role=role, name=found.name, identification=nit, lines=())
    return _block(role, party)


def counterparty(found: Party, kind: Kind) -> Block:
    return _block(_NOT_OBLIGED if kind.is_bought else _BUYER, found)


def _block(role: str, party: Party) -> Block:
    lines = tuple(line for line in _lines(party) if line)
    return Block(role=role, name=party.name, identification=_identified(party), lines=lines)


def _lines(party: Party) -> Iterator[str | None]:
    if party.trade_name and party.trade_name != party.name:
        yield party.trade_name
    yield _joined(
        f"{code} {catalogs.RESPONSIBILITIES.get(code, '')}".strip() for code in party.responsibilities
    )
    if party.tax_scheme:
        yield f"Tributo: {catalogs.PARTY_TAX_SCHEMES.get(party.tax_scheme, party.tax_scheme)}"
    yield _address(party.fiscal_address or party)
    yield _joined((party.contact, party.phone and f"Tel. {party.phone}", party.email))
    yield _joined(
        (
            party.commercial_registration and f"Matrícula mercantil {party.commercial_registration}",
            party.economic_activity and f"Actividad económica {party.economic_activity.replace(';', ', ')}",
        )
    )
    for member in party.participants:
        who = identification(member.identification_type, member.identification, member.check_digit)
        yield f"{plain(member.percent).replace('.', ',')} % {member.name}, {who}"


def _identified(party: Party) -> str:
    if party.identification == catalogs.FINAL_CONSUMER:
        # The rule wants these very words and digits (Resolución 000165 de 2023, art. 11, num. 3).
        return f"Consumidor final {party.identification}"
    code = party.identification_type
    digit = party.check_digit
    if digit is None and code == catalogs.NIT and party.identification.isdigit():
        digit = check_digit(party.identification)
    return (
        f"{catalogs.IDENTIFICATION_TYPES.get(code, code)} {identification(code, party.identification, digit)}"
    )


def _address(party: Party | Address) -> str | None:
    """Street, town and, of a Colombian town, its department; or the country, where it is another."""
    place: tuple[str | None, ...] = (party.city, party.region)
    if party.municipality:
        town = catalogs.municipalities().get(party.municipality, party.municipality)
        department = catalogs.departments().get(party.municipality[:2], "")
        place = (town, None if town.startswith(department) else department)  # Bogotá is its own department
    country = catalogs.countries().get(party.country, party.country) if party.country != "CO" else None
    return ", ".join(filter(None, (party.address, *place, party.postal_code, country))) or None


def _joined(parts: "Iterator[str] | tuple[str | None, ...]") -> str:
    return " · ".join(part for part in parts if part)
