"""DIAN's official examples read back as requests of the contract: the facts in them, without their sums."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from cauce.contracts.v1 import contract
from cauce.domain.document import Document, Kind
from cauce.domain.outcome import Number
from cauce.ubl.facts import NumberedDocument
from tests.unit.dian.builders import a_range, numbered
from tests.unit.dian.oracles import NAMES, text

_LINES = {"Invoice": "InvoiceLine", "CreditNote": "CreditNoteLine", "DebitNote": "DebitNoteLine"}
_WITHOUT_REFERENCE = "22"
# The example of IBUA calls the millilitre as table 13.3.6 does not.
_UNITS = {"ML": "MLT"}


def kind_of(tree: Any) -> Kind:
    code = _first(tree, "cbc:InvoiceTypeCode")
    if code in ("05", "20"):
        return Kind.SUPPORT_DOCUMENT if code == "05" else Kind.EQUIVALENT_DOCUMENT
    root = tree.tag.rpartition("}")[2]
    return {"Invoice": Kind.INVOICE, "CreditNote": Kind.CREDIT_NOTE, "DebitNote": Kind.DEBIT_NOTE}[root]


def document(tree: Any) -> Document:
    return contract.document(kind_of(tree), request(tree))


def request(tree: Any) -> dict[str, Any]:
    """What an ERP would have to send for the example; amounts as text, and no sum but what a line cannot do without."""
    kind = kind_of(tree)
    bought = kind is Kind.SUPPORT_DOCUMENT
    side = f"cac:Accounting{'Supplier' if bought else 'Customer'}Party"
    party = {
        "tipo_persona": _first(tree, f"{side}/cbc:AdditionalAccountID"),
        # Some are printed as NITs of which no check digit is right: the identification alone is hashed.
        "tipo_documento": "13",
        "numero_documento": _first(tree, f"{side}/cac:Party/cac:PartyTaxScheme/cbc:CompanyID"),
        "razon_social": _first(tree, f"{side}/cac:Party/cac:PartyTaxScheme/cbc:RegistrationName"),
        "responsabilidad_fiscal": "R-99-PN",
        **({"direccion": "Calle 1 # 2-68", "codigo_municipio": "68679"} if bought else {}),
    }
    lines = _all(tree, f"cac:{_LINES[tree.tag.rpartition('}')[2]]}")
    return {
        "factura": {"fecha": text(tree, "cbc:IssueDate"), "hora": text(tree, "cbc:IssueTime")},
        "vendedor" if bought else "adquiriente": party,
        "lineas": [_line(line) for line in lines],
        **_adjustments(tree),
        **_payment(tree),
        **_rate(tree),
        **_prepayments(tree),
        **(_sold_at(tree) if kind is Kind.EQUIVALENT_DOCUMENT else {}),
        **(_correction(tree) if kind in (Kind.CREDIT_NOTE, Kind.DEBIT_NOTE) else {}),
    }


def numbered_example(tree: Any, **changes: Any) -> NumberedDocument:
    """The example with its own number and time."""
    found = document(tree)
    name = text(tree, "cbc:ID")
    prefix = name.rstrip("0123456789")
    facts = {
        "number": Number(prefix=prefix, consecutive=int(name.removeprefix(prefix))),
        "issued_at": found.issued_at(datetime.now(UTC)),
        "range": a_range(found.kind, prefix),
    }
    return numbered(found, **{**facts, **changes})


def _line(line: Any) -> dict[str, Any]:
    free = {}
    if _first(line, "cbc:FreeOfChargeIndicator") == "true":
        path = "cac:PricingReference/cac:AlternativeConditionPrice"
        worth = {
            "valor": _first(line, f"{path}/cbc:PriceAmount"),
            "tipo": _first(line, f"{path}/cbc:PriceTypeCode"),
        }
        free = {"precio_referencia": worth}
    taxes = [_tax(line, found) for found in _all(line, "cac:TaxTotal/cac:TaxSubtotal")]
    return {
        "codigo": "1",
        "descripcion": _first(line, "cac:Item/cbc:Description") or "-",
        # Not BaseQuantity: the example of the tip prices one unit of the ten that it invoices.
        "cantidad": _first(line, "*[contains(local-name(), 'Quantity')]"),
        "precio": _first(line, "cac:Price/cbc:PriceAmount"),
        **free,
        **_adjustments(line),
        **({"impuestos": taxes} if taxes else {"excluido": True}),
        "retenciones": [
            {"codigo": _code(found), "porcentaje": _percent(found)}
            for found in _all(line, "cac:WithholdingTaxTotal/cac:TaxSubtotal")
        ],
    }


def _tax(line: Any, found: Any) -> dict[str, Any]:
    facts: dict[str, Any] = {"codigo": _code(found)}
    base = _first(found, "cbc:TaxableAmount")
    if base and Decimal(base) != Decimal(text(line, "cbc:LineExtensionAmount")):
        facts["base"] = base
    percent = _percent(found)
    if percent:
        return {**facts, "porcentaje": percent}
    unit = text(found, "cbc:BaseUnitMeasure/@unitCode")
    return {
        **facts,
        "valor_unitario": _first(found, "cbc:PerUnitAmount"),
        "unidades": _first(found, "cbc:BaseUnitMeasure"),
        "unidad": _UNITS.get(unit, unit),
    }


def _adjustments(element: Any) -> dict[str, Any]:
    """Discounts and charges, of the document or of a line."""
    found: dict[str, Any] = {"descuentos": [], "cargos": []}
    for entry in _all(element, "cac:AllowanceCharge"):
        which = "cargos" if _first(entry, "cbc:ChargeIndicator") == "true" else "descuentos"
        reason = _first(entry, "cbc:AllowanceChargeReason") or "-"
        found[which].append({"descripcion": reason, "valor": _first(entry, "cbc:Amount")})
    return found


def _payment(tree: Any) -> dict[str, Any]:
    form, due = _first(tree, "cac:PaymentMeans/cbc:ID"), _first(tree, "cac:PaymentMeans/cbc:PaymentDueDate")
    # Some are due years before their new date of issue, which the contract refuses.
    return {"pago": {"forma": form, "vencimiento": due and max(due, text(tree, "cbc:IssueDate"))}}


def _rate(tree: Any) -> dict[str, Any]:
    currency = _first(tree, "cbc:DocumentCurrencyCode") or "COP"
    rate = "cac:PaymentExchangeRate"
    if _first(tree, f"{rate}/cbc:SourceCurrencyCode") in (None, "COP"):
        return {"moneda": currency}
    return {
        "moneda": currency,
        "tasa_cambio": {
            "moneda": _first(tree, f"{rate}/cbc:SourceCurrencyCode"),
            "valor": _first(tree, f"{rate}/cbc:CalculationRate"),
            "fecha": _first(tree, f"{rate}/cbc:Date"),
        },
    }


def _prepayments(tree: Any) -> dict[str, Any]:
    found = [
        {"valor": _first(entry, "cbc:PaidAmount"), "fecha": _first(entry, "cbc:ReceivedDate")}
        for entry in _all(tree, "cac:PrepaidPayment")
        if Decimal(text(entry, "cbc:PaidAmount"))
    ]
    return {"anticipos": found} if found else {}


def extensions(tree: Any, group: str) -> dict[str, str]:
    """The names and values of an extension of a POS ticket."""
    found = _all(tree, f"//*[local-name() = '{group}']/*")
    return {name.text: value.text for name, value in zip(found[::2], found[1::2], strict=True)}


def _sold_at(tree: Any) -> dict[str, Any]:
    till, benefits = (
        extensions(tree, "InformacionCajaVenta"),
        extensions(tree, "InformacionBeneficiosComprador"),
    )
    return {
        "caja": {
            "placa": till["PlacaCaja"],
            "ubicacion": till["UbicaciónCaja"],
            "cajero": till["Cajero"],
            "tipo": till["TipoCaja"],
            "codigo_venta": till["CódigoVenta"],
        },
        "beneficios": {
            "codigo": benefits["Codigo"],
            "nombre": benefits["NombresApellidos"],
            "puntos": int(benefits["Puntos"]),
        },
    }


def _correction(tree: Any) -> dict[str, Any]:
    reason = {
        "codigo": _first(tree, "cac:DiscrepancyResponse/cbc:ResponseCode"),
        "descripcion": _first(tree, "cac:DiscrepancyResponse/cbc:Description"),
    }
    corrected = "cac:BillingReference/cac:InvoiceDocumentReference"
    if not _all(tree, corrected):
        period = {
            "desde": _first(tree, "cac:InvoicePeriod/cbc:StartDate"),
            "hasta": _first(tree, "cac:InvoicePeriod/cbc:EndDate"),
        }
        issue = {"fecha": text(tree, "cbc:IssueDate"), "hora": text(tree, "cbc:IssueTime")}
        return {"motivo": reason, "periodo": period, "factura": {**issue, "operacion": _WITHOUT_REFERENCE}}
    return {
        "motivo": reason,
        "factura_referencia": {
            "numero": _first(tree, f"{corrected}/cbc:ID"),
            "cufe": _first(tree, f"{corrected}/cbc:UUID"),
            "fecha": _first(tree, f"{corrected}/cbc:IssueDate"),
        },
    }


def _code(subtotal: Any) -> str:
    return text(subtotal, "cac:TaxCategory/cac:TaxScheme/cbc:ID")


def _percent(subtotal: Any) -> str | None:
    return _first(subtotal, "cac:TaxCategory/cbc:Percent")


def _all(element: Any, path: str) -> list[Any]:
    found: list[Any] = element.xpath(path, namespaces=NAMES)
    return found


def _first(element: Any, path: str) -> str | None:
    found = _all(element, path)
    return None if not found else found[0] if isinstance(found[0], str) else found[0].text
