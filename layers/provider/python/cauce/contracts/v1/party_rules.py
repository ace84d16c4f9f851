"""What the fields of a party must agree on, each disagreement under its path within the party."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from cauce.contracts.v1 import translation
from cauce.contracts.v1.lines import Principal
from cauce.contracts.v1.parties import Address, IssuerParty, Named, Participant, Party
from cauce.contracts.v1.sentences import Finding, required, under
from cauce.contracts.v1.translation import HOME
from cauce.domain import nit
from cauce.domain.catalogs import NIT
from cauce.domain.money import HUNDRED, plain

_NATURAL_PERSON = "2"


def findings(party: Party) -> Iterator[Finding]:
    yield from identification(party)
    yield from _names(party)
    yield from place(party)
    if party.codigo_departamento:
        yield from _department(party)
    if party.direccion_fiscal:
        yield from under("direccion_fiscal", place(party.direccion_fiscal))
    if party.participantes:
        yield from _participants(party.participantes)


def issuer(party: IssuerParty) -> Iterator[Finding]:
    """What is wrong with an issuer's fields: it must have a NIT, and be in Colombia (annex 1.9, FAJ16)."""
    yield from findings(party)
    if party.tipo_documento != NIT:
        yield "tipo_documento", f"El emisor se identifica con NIT, tipo de documento {NIT}."
    if (party.pais or HOME) != HOME:
        yield "pais", f"El país del emisor debe ser {HOME}."


def _participants(members: Sequence[Participant]) -> Iterator[Finding]:
    for n, member in enumerate(members):
        yield from under(f"participantes.{n}", identification(member))
    if (whole := sum(member.porcentaje for member in members)) != HUNDRED:
        yield (
            "participantes",
            f"Los porcentajes de los participantes suman {plain(Decimal(whole))}, y deben sumar 100.",
        )


def identification(party: Party | Principal | Named) -> Iterator[Finding]:
    kind = party.tipo_documento
    number, digit = translation.identification(kind, party.numero_documento)
    if kind in translation.DIGITS_ONLY and not (number.isdigit() and len(number) <= 15):
        yield (
            "numero_documento",
            "El número de documento debe tener solo dígitos, 15 como máximo"
            + (", sin el dígito de verificación." if kind == NIT else "."),
        )
    elif kind == NIT and not nit.has_check_digit(number):  # ``law`` refuses one that includes its digit
        expected = nit.check_digit(number)
        for field, said in (("numero_documento", digit), ("dv", party.dv)):
            if said not in (None, expected):
                yield field, f"El dígito de verificación del NIT {number} debe ser {expected}."
    if kind != NIT and party.dv is not None:
        yield "dv", f"El dígito de verificación solo se informa cuando el tipo de documento es {NIT} (NIT)."


def _names(party: Party) -> Iterator[Finding]:
    for field, label in (("nombres", "Los nombres"), ("apellidos", "Los apellidos")):
        if getattr(party, field) and translation.person_type(party) != _NATURAL_PERSON:
            yield (
                field,
                f"{label} solo se informan de una persona natural, tipo de persona {_NATURAL_PERSON}.",
            )
    if party.apellidos and not party.nombres:
        yield "nombres", required("Los nombres")


def _department(party: Party) -> Iterator[Finding]:
    if (party.pais or HOME) != HOME:
        yield "codigo_departamento", f"El código de departamento solo se informa cuando el país es {HOME}."
    elif party.codigo_municipio and party.codigo_municipio[:2] != party.codigo_departamento:
        department = party.codigo_municipio[:2]
        yield (
            "codigo_departamento",
            f"El municipio {party.codigo_municipio} pertenece al departamento {department}.",
        )


def place(party: Party | Address) -> Iterator[Finding]:
    """What the fields of an address must agree on."""
    if (party.pais or HOME) == HOME:
        for field, label in (("ciudad", "La ciudad"), ("region", "La región")):
            if getattr(party, field):
                yield field, f"{label} solo se informa cuando el país no es {HOME}; aquí va codigo_municipio."
    elif party.codigo_municipio:
        yield "codigo_municipio", f"El código de municipio solo se informa cuando el país es {HOME}."
