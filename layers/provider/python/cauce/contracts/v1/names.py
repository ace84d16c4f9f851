"""The contract's name for a path of the domain: how ``lines.0.price`` becomes ``lineas.0.precio``.

Below the contract whatever names a field of a document (an error, a finding, a message of a provider's) has the
domain's path: names and positions joined by dots. It is translated here, for the answer, by what the fields of the
requests say that they become (``fields.To``). Where the contract has two names for one field, ``Ways`` says which
one the request used.

A path that the domain does not have stays as it is: older records keep the contract's names.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from typing import Protocol

from pydantic import BaseModel

from cauce.contracts.v1.bodies import JsonObject
from cauce.contracts.v1.events import EventRequest
from cauce.contracts.v1.fields import To, decimal
from cauce.contracts.v1.requests import REQUESTS
from cauce.domain import document as domain
from cauce.domain.catalogs import VAT
from cauce.domain.document import Document, Kind
from cauce.domain.errors import CauceError
from cauce.domain.event import Event
from cauce.domain.models import marked, model_at, model_in
from cauce.providers.base import FilterName

# By the domain's model: the names of its fields that no field of a request is declared to become (``To``).
_APART: dict[type[BaseModel], dict[str, str]] = {
    Document: {"kind": "tipo_documento"},
    # The domain's municipality code begins with it; the contract and the providers have a separate field.
    domain.Party: {"department": "codigo_departamento"},
    # The contract computes the base of a percentage, so an error about it is about the percentage.
    domain.AllowanceCharge: {"base_amount": "porcentaje"},
}
# Paths that errors name and that are no field of a document.
_OTHERS = {
    "provider": "proveedor",
    "issuer": "emisor",
    # The first number of a range.
    "start": "desde",
    # The identifier by which a request names an invoice.
    "uuid": "cufe",
    "received_on": "fecha_recibo",
    # All charges, and all discounts, of a document: two lists in the contract.
    "totals.charge": "cargos",
    "totals.allowance": "descuentos",
}
# The parameters of GET /emitidos that filter; the first of two names is the one of an error that no filter caused.
FILTERS = {
    "estado": FilterName.STATE,
    "desde": FilterName.SINCE,
    "hasta": FilterName.UNTIL,
    "fecha_documento_desde": FilterName.ISSUED_SINCE,
    "fecha_documento_hasta": FilterName.ISSUED_UNTIL,
    "fecha_recepcion_desde": FilterName.RECEIVED_SINCE,
    "fecha_recepcion_hasta": FilterName.RECEIVED_UNTIL,
    "adquiriente": FilterName.COUNTERPARTY,
    "vendedor": FilterName.COUNTERPARTY,
    "razon_social": FilterName.COUNTERPARTY_NAME,
    "numero": FilterName.NUMBER,
    "numero_completo": FilterName.NUMBER,
    "prefijo": FilterName.PREFIX,
    "numero_documento": FilterName.CONSECUTIVE,
    "referencia": FilterName.REFERENCE,
    "uniqid": FilterName.PROVIDER_ID,
    "tipo_documento": FilterName.KIND,
    "tipo_factura_electronica": FilterName.SCHEME,
    "entorno": FilterName.ENVIRONMENT,
    "tipo_orden": FilterName.DIRECTION,
    "ordenado_por": FilterName.ORDERED_BY,
}
_PARAMETERS: dict[str, str] = {
    "limit": "cantidad",
    **{name: said for said, name in reversed(FILTERS.items())},
}
_ADJUSTMENT = re.compile(r"((?:lines\.(\d+)\.)?)allowance_charges(?:\.(\d+))?((?:\.\w+)?)")
_TAX = re.compile(r"lines\.(\d+)\.taxes(?:\.0(?:\.percent|\.code)?)?")
_DISCOUNT = re.compile(r"lines\.(\d+)\.discount_amount")


class Ways(Protocol):
    """Which name a request used, where the contract has two for one field."""

    @property
    def kind(self) -> Kind: ...

    def charges(self, line: int | None) -> tuple[bool, ...]:
        """Whether each charge or discount of a line, or of the document (``None``), is a charge, in the domain's
        order."""

    def taxes(self, line: int) -> str:
        """The name of a line's taxes: ``impuestos``, or ``iva_pct`` or ``excluido`` where the line has that alone."""

    def discount(self, line: int) -> str:
        """The name of a line's own discount: ``descuento_pct`` or ``descuento_valor``."""

    def reference(self) -> str:
        """The name of a note's reference to the document that it corrects."""

    def uuid(self) -> str:
        """The name of that document's CUFE or CUDS."""

    def claim(self) -> str:
        """The name of a claim's reason."""


@dataclass(frozen=True)
class OfRequest:
    """The names that a request used. ``body``: one that the contract could read; empty where it is not known."""

    kind: Kind
    body: Mapping[str, object]

    def charges(self, line: int | None) -> tuple[bool, ...]:
        said = self.body if line is None else self._line(line)
        return (True,) * len(_listed(said, "cargos")) + (False,) * len(_listed(said, "descuentos"))

    def taxes(self, line: int) -> str:
        said = self._line(line)
        if said.get("impuestos"):
            return "impuestos"
        if said.get("excluido"):
            return "excluido"
        return "iva_pct" if _number(said.get("iva_pct")) is not None else "impuestos"

    def discount(self, line: int) -> str:
        return "descuento_pct" if _number(self._line(line).get("descuento_pct")) else "descuento_valor"

    def reference(self) -> str:
        """An adjustment note may also use the other notes' name."""
        usual = _reference(self.kind)
        is_other = not self.body.get(usual) and self.body.get("factura_referencia")
        return "factura_referencia" if is_other else usual

    def uuid(self) -> str:
        """An adjustment note may also have the CUDS in ``cufe``, as other notes have theirs."""
        said = self.body.get(self.reference())
        if not isinstance(said, dict):
            return _uuid(self.kind)
        usual = _uuid(self.kind)
        return "cufe" if said.get("cufe") and not said.get(usual) else usual

    def claim(self) -> str:
        event = next(iter(_listed(self.body, "evento")), self.body)
        is_inside = event.get("encabezado") and not event.get("tipo_reclamo")
        return "encabezado.tipo_reclamo" if is_inside else "tipo_reclamo"

    def _line(self, line: int) -> JsonObject:
        lines = _listed(self.body, "lineas")
        return lines[line] if line < len(lines) else {}


@dataclass(frozen=True)
class OfContent:
    """The names that a request most likely used, where only its content is kept: ``iva_pct`` and the like, where they
    can say it."""

    content: Document | Event

    @property
    def kind(self) -> Kind:
        return self.content.kind

    def charges(self, line: int | None) -> tuple[bool, ...]:
        found = self._line(line) if line is not None else self.content
        if found is None or isinstance(found, Event):
            return ()
        return tuple(entry.is_charge for entry in found.allowance_charges)

    def taxes(self, line: int) -> str:
        found = self._line(line)
        if found is None:
            return "impuestos"
        if not found.taxes:
            # A line of a support document may simply leave taxes out; a sale's line without taxes has said
            # ``excluido``.
            return "impuestos" if self.kind.is_bought else "excluido"
        is_short = all(
            (tax.code, tax.base, tax.name) == (VAT, None, None) and tax.percent is not None
            for tax in found.taxes
        )
        return "iva_pct" if is_short else "impuestos"

    def discount(self, line: int) -> str:
        found = self._line(line)
        return "descuento_pct" if found is not None and found.discount_percent else "descuento_valor"

    def reference(self) -> str:
        return _reference(self.kind)

    def uuid(self) -> str:
        return _uuid(self.kind)

    def claim(self) -> str:
        return "tipo_reclamo"

    def _line(self, line: int) -> domain.Line | None:
        lines = () if isinstance(self.content, Event) else self.content.lines
        return lines[line] if line < len(lines) else None


UNKNOWN = OfRequest(Kind.INVOICE, {})
"""For where neither the request nor its content is known."""


def told(path: str, ways: Ways) -> str:
    """The contract's name for a path of the domain; any other path as it is."""
    if path == "uuid" and ways.kind is Kind.EVENT:
        path = "invoice_uuid"
    if path in _OTHERS:
        return _OTHERS[path]
    if found := _TAX.fullmatch(path):
        name = ways.taxes(int(found[1]))
        if name != "impuestos":
            return f"lineas.{found[1]}.{name}"
    if found := _DISCOUNT.fullmatch(path):
        return f"lineas.{found[1]}.{ways.discount(int(found[1]))}"
    if found := _ADJUSTMENT.fullmatch(path):
        return _adjustment(found, ways)
    return _by_fields(path, ways)


def _by_fields(path: str, ways: Ways) -> str:
    """The names of the fields on a path, one by one; its numbers as they are."""
    steps = path.split(".")
    fields = tuple(step for step in steps if not step.isdigit())
    known = _known(fields)
    if known is None:
        return _PARAMETERS.get(path, path)
    names = iter(_as_used(fields, known, ways))
    return ".".join(step if step.isdigit() else next(names) for step in steps)


def of_fields(fields: dict[str, list[str]], ways: Ways) -> dict[str, list[str]]:
    """The sentences of an error by the contract's names; those about one field together."""
    found: dict[str, list[str]] = {}
    for path, sentences in fields.items():
        found.setdefault(told(path, ways), []).extend(sentences)
    return found


def of_error(error: CauceError) -> dict[str, list[str]]:
    """The sentences of an error by the names that the request used, or else most likely used."""
    return error.fields if error.fields_as_sent else of_fields(error.fields, UNKNOWN)


def _as_used(fields: tuple[str, ...], names: tuple[str, ...], ways: Ways) -> tuple[str, ...]:
    """The names of the domain's fields, with those replaced that depend on the kind of document or on the request."""
    match fields:
        case ("counterparty", *_):
            return ("vendedor" if ways.kind.is_bought else "adquiriente", *names[1:])
        case ("billing_reference", "uuid"):
            return (ways.reference(), ways.uuid())
        case ("billing_reference", *_):
            return (ways.reference(), *names[1:])
        case ("claim_code",):
            return (ways.claim(),)
    return names


def _adjustment(found: re.Match[str], ways: Ways) -> str:
    """The name for a charge or discount: the contract has them in two lists, the domain in one."""
    line = int(found[2]) if found[2] else None
    owner = "" if line is None else f"lineas.{line}."
    charges, position = ways.charges(line), int(found[3] or 0)
    is_charge = position < len(charges) and charges[position]
    name = "cargos" if is_charge else "descuentos"
    if found[3] is None:
        return f"{owner}{name}"
    inner = found[4].removeprefix(".")
    said = _names()[domain.AllowanceCharge].get(inner, inner)
    among = charges[:position].count(is_charge)
    return f"{owner}{name}.{among}{'.' if said else ''}{said}"


def _listed(said: Mapping[str, object], name: str) -> list[JsonObject]:
    """A list of objects in a body that the contract could read; empty where it is absent."""
    found = said.get(name)
    return found if isinstance(found, list) else []


def _number(value: object) -> Decimal | None:
    """The number in an optional field that the contract could read; ``None`` where the field is blank."""
    return None if value is None or not str(value).strip() else decimal(value, "")


def _reference(kind: Kind) -> str:
    return "documento_referencia" if kind in _CODES else "factura_referencia"


def _uuid(kind: Kind) -> str:
    return _CODES.get(kind, "cufe")


# The name of what identifies the document that a note corrects, where that is no invoice.
_CODES = {Kind.ADJUSTMENT_NOTE: "cuds", Kind.EQUIVALENT_NOTE: "cude"}


@lru_cache(maxsize=1024)
def _known(steps: tuple[str, ...]) -> tuple[str, ...] | None:
    """The name of each step of a path without positions, or ``None`` for one that the domain does not have."""
    if steps[:1] == ("issuer",):
        inner = _within(domain.Party, steps[1:])
        return None if inner is None else (_OTHERS["issuer"], *inner)
    return _within(Document, steps) or _within(Event, steps)


def _within(root: type[BaseModel], steps: tuple[str, ...]) -> tuple[str, ...] | None:
    names = []
    for at, step in enumerate(steps):
        model = model_at(root, steps[:at])
        known = _names().get(model, {}) if model else {}
        if model is None or not (step in model.model_fields or step in known):
            return None
        names.append(known.get(step, step))
    return tuple(names)


@cache
def _names() -> dict[type[BaseModel], dict[str, str]]:
    """The name of each field, by the domain's model; where the requests have two for one field, the first of them."""
    found: dict[type[BaseModel], dict[str, str]] = {model: dict(names) for model, names in _APART.items()}
    for request in (*REQUESTS.values(), EventRequest):
        for model, field, name in declared(request, Event if request is EventRequest else Document):
            found.setdefault(model, {}).setdefault(field, name)
    return found


def declared(
    shape: type[BaseModel], model: type[BaseModel], inside: str = ""
) -> Iterator[tuple[type[BaseModel], str, str]]:
    """What the fields of a shape, and of those in it, become: the domain's model, its field, and the name here.

    A part that becomes nothing itself (``factura``) has fields that belong to the model around it, and its name goes
    before theirs.
    """
    becomes = marked(shape, To)
    for name, field in shape.model_fields.items():
        to, part = becomes.get(name), model_in(field.annotation)
        if to is not None:
            yield model, to.field, f"{inside}{name}"
        if part is not None and to is None:
            yield from declared(part, model, f"{inside}{name}.")
        elif part is not None and to is not None and (inner := model_at(model, (to.field,))):
            yield from declared(part, inner)
