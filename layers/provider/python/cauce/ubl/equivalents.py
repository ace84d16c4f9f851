"""Documentos equivalentes: what each sort of them says beyond an invoice, in extensions of its own.

One is written so far, the POS ticket; another is a row of ``FORMS`` once its facts are sure. The extensions' elements
have no prefix, and their names and values alternate in one group, each name to the letter, accents too: every one has
a rule of its own that rejects (DEAB41 to DEAB46, DEPD15 to DEPD36).
Source: Resolución 000165 de 2023, annex DE 1.0; the official examples of the toolbox of documentos equivalentes.
"""

from collections.abc import Callable
from typing import NamedTuple

from cauce.domain.catalogs import POS_TICKET
from cauce.ubl.amounts import amount
from cauce.ubl.canonical import text
from cauce.ubl.facts import NumberedDocument

NOTE_PROFILE = "DIAN 2.1: Nota de ajuste crédito al documento equivalente"

OWN_SOFTWARE = "Cauce"
"""The name of the software where the issuer's operator tells no other."""

Pairs = tuple[tuple[str, str], ...]


class Form(NamedTuple):
    """How one sort of documento equivalente is written."""

    profile: str
    name: str
    """Attribute of InvoiceTypeCode."""
    extensions: Callable[[NumberedDocument], tuple[tuple[str, str, Pairs], ...]]
    """Between DIAN's and the signature's: the name of each, of its group, and its names and values."""


def _of_pos(numbered: NumberedDocument) -> tuple[tuple[str, str, Pairs], ...]:
    document = numbered.document
    buyer, till, benefits = document.counterparty, document.till, document.benefits
    assert till is not None, "``refusals`` refuses a POS ticket without its till"
    return (
        ("FabricanteSoftware", "InformacionDelFabricanteDelSoftware", _maker(numbered)),
        (
            "BeneficiosComprador",
            "InformacionBeneficiosComprador",
            (
                ("Codigo", (benefits and benefits.code) or buyer.identification),
                ("NombresApellidos", (benefits and benefits.name) or buyer.name),
                ("Puntos", str(benefits.points if benefits else 0)),
            ),
        ),
        (
            "PuntoVenta",
            "InformacionCajaVenta",
            (
                ("PlacaCaja", till.plate),
                ("UbicaciónCaja", till.place),
                ("Cajero", till.cashier),
                ("TipoCaja", till.type),
                ("CódigoVenta", till.sale),
                # A free text of the till; here the value before taxes.
                ("SubTotal", amount(numbered.totals.line_extension)),
            ),
        ),
    )


def _maker(numbered: NumberedDocument) -> Pairs:
    """Who made the software: as the operator tells or, of software that is registered as the issuer's own, it."""
    software, issuer = numbered.software, numbered.issuer.name
    company = software.company or issuer
    return (
        ("NombreApellido", software.maker or company),
        ("RazonSocial", company),
        ("NombreSoftware", software.name or OWN_SOFTWARE),
    )


FORMS = {POS_TICKET: Form("DIAN 2.1: Documento Equivalente POS", "Factura tipo punto de venta POS", _of_pos)}
"""By the code of its type."""


def extensions(numbered: NumberedDocument) -> tuple[str, ...]:
    """The contents of the extensions that its sort of documento equivalente has besides DIAN's."""
    return tuple(
        f"<{name}><{group}>{''.join([_pair(*each) for each in said])}</{group}></{name}>"
        for name, group, said in FORMS[numbered.type_code].extensions(numbered)
    )


def _pair(name: str, said: str) -> str:
    return f"<Name>{text(name)}</Name><Value>{text(said)}</Value>"
