"""Which software made a document, who makes that, and the technology provider, if there is one.

Source: Resolución 000165 de 2023, art. 11, num. 18. An invoice's XML has only the NIT under which DIAN knows the
software; the names are those that its extension about the maker, the operator or the provider's adapter tell.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from cauce.domain.catalogs import NIT
from cauce.domain.nit import check_digit
from cauce.representation.figures import identification
from cauce.ubl.signed import Maker


@dataclass(frozen=True, kw_only=True)
class Software:
    """A software by its name, and the company that makes it, as far as they are known."""

    name: str
    company: str = ""
    nit: str = ""
    is_of_a_provider: bool = False
    """Whether the company is the technology provider of those who use it."""


_UNTOLD = Maker(provider="")
_UNNAMED = Software(name="")


def credits(
    told: Maker | None, own: Software | None, adapter: Software, issuer: str, nit: str
) -> Iterator[tuple[str, str]]:
    """Labels and texts. ``told``: by the XML; ``own``: by the issuer's operator; ``adapter``: by the provider's;
    ``issuer`` and ``nit``: who issues the document."""
    told, own = told or _UNTOLD, own or _UNNAMED
    owner = told.provider or (adapter.nit if adapter.is_of_a_provider else nit)
    yield "Software", _first(own.name, told.software, adapter.name)
    owned_by = issuer if owner == nit else _named(adapter, owner)
    yield "Fabricante", _maker(told, own, _company(owned_by, owner), owner)
    if not owner:
        yield "Proveedor tecnológico", adapter.company
    elif owner != nit:
        yield "Proveedor tecnológico", _company(own.company if own.nit == owner else owned_by, owner)


def _named(adapter: Software, owner: str) -> str:
    """The name of the company with this NIT, if it is the adapter's."""
    return adapter.company if adapter.nit in ("", owner) else ""


def _maker(told: Maker, own: Software, owner: str, nit: str) -> str:
    if own.company:
        return _company(own.company, own.nit or nit)
    return _company(told.name, told.nit or nit) if told.name or told.nit else owner


def _first(*texts: str) -> str:
    return next(filter(None, texts), "")


def _company(name: str, nit: str) -> str:
    number = nit.partition("-")[0]
    if not number.isdigit():
        return name or nit
    said = f"NIT {identification(NIT, number, check_digit(number))}"
    return f"{name}, {said}" if name else said
