"""The contract's name for a path of the domain: how ``lines.0.price`` becomes ``lineas.0.precio``.

Below the contract whatever speaks of a field of a document (an error, a finding, a message of a provider's) carries
the domain's path: names and positions joined by dots. It gets its name here, when it is told. Where the contract has
two names for one thing, ``Ways`` says which one the request used.

A path that the domain does not have is told as it is: records of before keep the contract's own.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

from pydantic import BaseModel

from cauce.contracts.v1.sentences import shape_at
from cauce.domain import document as domain
from cauce.domain.catalogs import VAT
from cauce.domain.document import Document, Kind
from cauce.domain.event import Event, EventPerson

# By the domain's model; a name that is not here is the same in both.
_NAMES: dict[type[BaseModel], dict[str, str]] = {
    Document: {
        "kind": "tipo_documento",
        "reference": "referencia",
        "prefix": "prefijo",
        "issue_date": "factura.fecha",
        "issue_time": "factura.hora",
        "invoice_type": "factura.tipo",
        "operation": "factura.operacion",
        "lines": "lineas",
        "payment": "pago",
        "currency": "moneda",
        "order_reference": "orden",
        "reason": "motivo",
        "notes": "observaciones",
        "notify": "enviar_correo",
        "exchange_rate": "tasa_cambio",
        "prepayments": "anticipos",
        "delivery_terms": "entrega",
        "period": "periodo",
        "paper_invoice": "factura_papel",
        "expected": "totales_esperados",
    },
    domain.Party: {
        "person_type": "tipo_persona",
        "identification_type": "tipo_documento",
        "identification": "numero_documento",
        "check_digit": "dv",
        "name": "razon_social",
        "trade_name": "nombre_comercial",
        "responsibilities": "responsabilidad_fiscal",
        "tax_scheme": "tributo",
        "phone": "telefono",
        "address": "direccion",
        "municipality": "codigo_municipio",
        # No field of the domain's, which has it in the municipality; providers have it apart, as the contract does.
        "department": "codigo_departamento",
        "country": "pais",
        "postal_code": "codigo_postal",
        "city": "ciudad",
        "given_names": "nombres",
        "family_names": "apellidos",
        "commercial_registration": "matricula_mercantil",
        "economic_activity": "actividad_economica",
    },
    domain.Line: {
        "code": "codigo",
        "description": "descripcion",
        "quantity": "cantidad",
        "unit": "unidad",
        "price": "precio",
        "discount_percent": "descuento_pct",
        "discount_amount": "descuento_valor",
        "taxes": "impuestos",
        "withholdings": "retenciones",
        "standard": "estandar",
        "note": "nota",
        "reference_price": "precio_referencia",
        "brand": "marca",
        "model": "modelo",
        "principal": "mandante",
        "purchase": "compra",
        "aiu_contract": "contrato_aiu",
    },
    domain.Tax: {
        "code": "codigo",
        "name": "nombre",
        "percent": "porcentaje",
        "per_unit_amount": "valor_unitario",
        "base_units": "unidades",
        "unit": "unidad",
    },
    domain.Withholding: {"code": "codigo", "percent": "porcentaje"},
    domain.AllowanceCharge: {
        "reason_code": "codigo",
        "reason": "descripcion",
        "amount": "valor",
        # What a percentage is of.
        "base_amount": "porcentaje",
        "percent": "porcentaje",
    },
    domain.Payment: {"form": "forma", "means": "medio", "due_date": "vencimiento"},
    domain.BillingReference: {"number": "numero", "uuid": "cufe", "issue_date": "fecha"},
    domain.Reason: {"code": "codigo", "text": "descripcion"},
    domain.OrderReference: {"number": "numero", "issue_date": "fecha"},
    domain.ReferencePrice: {"amount": "valor", "type": "tipo"},
    domain.Principal: {
        "identification_type": "tipo_documento",
        "identification": "numero_documento",
        "check_digit": "dv",
    },
    domain.Purchase: {"on": "fecha", "form": "forma"},
    domain.ExchangeRate: {"currency": "moneda", "rate": "valor", "on": "fecha"},
    domain.Prepayment: {
        "amount": "valor",
        "received_date": "fecha",
        "reference": "referencia",
        "text": "descripcion",
    },
    domain.DeliveryTerms: {"text": "descripcion"},
    domain.BillingPeriod: {"start": "desde", "end": "hasta"},
    domain.PaperInvoice: {"number": "numero", "issue_date": "fecha"},
    domain.ExpectedTotals: {"vat": "iva", "payable": "total"},
    Event: {
        "reference": "referencia",
        "code": "codigo",
        "invoice_uuid": "informacion_documento_referencia.cufe",
        "person": "quien_recibio_documento",
        "claim_code": "tipo_reclamo",
        "sworn_note": "nota",
    },
    EventPerson: {
        "identification_type": "tipo_identificacion",
        "identification": "identificacion",
        "check_digit": "dv",
        "names": "nombres",
        "last_names": "apellidos",
        "job": "cargo",
    },
}
# What is spoken of and is no field of a document.
_OTHERS = {
    "provider": "proveedor",
    "issuer": "emisor",
    # The first number of a range.
    "start": "desde",
    # What a request about an invoice names it by.
    "uuid": "cufe",
    "received_on": "fecha_recibo",
    # All of them together, which are two lists.
    "totals.charge": "cargos",
    "totals.allowance": "descuentos",
}
_ADJUSTMENT = re.compile(r"((?:lines\.(\d+)\.)?)allowance_charges(?:\.(\d+))?((?:\.\w+)?)")
_TAX = re.compile(r"lines\.(\d+)\.taxes(?:\.0(?:\.percent|\.code)?)?")
_DISCOUNT = re.compile(r"lines\.(\d+)\.discount_amount")


class Ways(Protocol):
    """Which of two names is meant, where the contract has two."""

    @property
    def kind(self) -> Kind: ...

    def charges(self, line: int | None) -> tuple[bool, ...]:
        """Of the charges and discounts of a line, or of the document, which ones are charges."""

    def taxes(self, line: int) -> str:
        """The name of a line's taxes: ``iva_pct`` or ``excluido`` where that said it all."""

    def discount(self, line: int) -> str:
        """The name of the discount that a line has itself."""

    def reference(self) -> str:
        """The name of what a note corrects."""

    def uuid(self) -> str:
        """The name of its code."""

    def claim(self) -> str:
        """The name of why an invoice is claimed."""


@dataclass(frozen=True)
class OfRequest:
    """As a request named it. ``body``: one that the contract could read; an empty one, where none is known."""

    kind: Kind
    body: dict[str, Any]

    def charges(self, line: int | None) -> tuple[bool, ...]:
        said = self.body if line is None else self._line(line)
        return (True,) * len(said.get("cargos") or ()) + (False,) * len(said.get("descuentos") or ())

    def taxes(self, line: int) -> str:
        said = self._line(line)
        if said.get("impuestos"):
            return "impuestos"
        if said.get("excluido"):
            return "excluido"
        return "iva_pct" if said.get("iva_pct") is not None else "impuestos"

    def discount(self, line: int) -> str:
        return "descuento_pct" if self._line(line).get("descuento_pct") else "descuento_valor"

    def reference(self) -> str:
        """An adjustment note may name what it adjusts as the other notes do."""
        usual = _reference(self.kind)
        is_other = not self.body.get(usual) and self.body.get("factura_referencia")
        return "factura_referencia" if is_other else usual

    def uuid(self) -> str:
        """And give its CUDS as the others give a CUFE."""
        said = self.body.get(self.reference()) or {}
        return "cufe" if said.get("cufe") and not said.get("cuds") else _uuid(self.kind)

    def claim(self) -> str:
        event = (self.body.get("evento") or [self.body])[0]
        return "encabezado.tipo_reclamo" if event.get("encabezado") else "tipo_reclamo"

    def _line(self, line: int) -> dict[str, Any]:
        lines: list[dict[str, Any]] = self.body.get("lineas") or []
        return lines[line] if line < len(lines) else {}


@dataclass(frozen=True)
class OfContent:
    """As a request most likely named it of which only what it says is kept: shortly, where that says it all."""

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
        is_short = found is not None and all(
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
"""Where neither the request nor what it says is known."""


def told(path: str, ways: Ways) -> str:
    """The contract's name of a path of the domain; any other path as it is."""
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
    steps = path.split(".")
    known = _known(tuple(step for step in steps if not step.isdigit()))
    if known is None:
        return path
    names = iter(_as_used(known, ways))
    return ".".join(step if step.isdigit() else next(names) for step in steps)


def of_fields(fields: dict[str, list[str]], ways: Ways) -> dict[str, list[str]]:
    """The sentences of an error by the contract's names; those about one field together."""
    found: dict[str, list[str]] = {}
    for path, sentences in fields.items():
        found.setdefault(told(path, ways), []).extend(sentences)
    return found


def _as_used(names: tuple[str, ...], ways: Ways) -> tuple[str, ...]:
    """With the name in the place of what the contract calls otherwise in one kind of document than in another."""
    match names:
        case ("counterparty", *rest):
            return ("vendedor" if ways.kind.is_bought else "adquiriente", *rest)
        case ("billing_reference", "cufe"):
            return (ways.reference(), ways.uuid())
        case ("billing_reference", *rest):
            return (ways.reference(), *rest)
        case ("tipo_reclamo",):
            return (ways.claim(),)
    return names


def _adjustment(found: re.Match[str], ways: Ways) -> str:
    """The contract has charges and discounts in lists of their own, the domain in one."""
    line = int(found[2]) if found[2] else None
    owner = "" if line is None else f"lineas.{line}."
    charges, position = ways.charges(line), int(found[3] or 0)
    is_charge = position < len(charges) and charges[position]
    name = "cargos" if is_charge else "descuentos"
    if found[3] is None:
        return f"{owner}{name}"
    inner = found[4].removeprefix(".")
    said = _NAMES[domain.AllowanceCharge].get(inner, inner)
    among = charges[:position].count(is_charge)
    return f"{owner}{name}.{among}{'.' if said else ''}{said}"


def _reference(kind: Kind) -> str:
    return "documento_referencia" if kind is Kind.ADJUSTMENT_NOTE else "factura_referencia"


def _uuid(kind: Kind) -> str:
    return "cuds" if kind is Kind.ADJUSTMENT_NOTE else "cufe"


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
        model = shape_at(root, steps[:at])
        if model is None or not (step in model.model_fields or step in _NAMES[model]):
            return None
        names.append(_NAMES[model].get(step, step))
    return tuple(names)
