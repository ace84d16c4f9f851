"""An invoice → the JSON that emits it, where an operator has set the address. Pure.

No page of Afacturar's tells where an invoice is posted, nor what its fields take. The fields here are those of a
public integrator's model, and their meaning is inferred. So nothing is emitted until an operator, who has the
contract, sets ``emission_path``; only ordinary sales in pesos are taken, and whatever has no certain place in the
model is refused. The outcome is then taken from Afacturar's listing, by the invoice's number, and not from its
answer.

A line's code is left out, because the model has no place for it.
"""

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal

from cauce.domain.catalogs import VAT
from cauce.domain.document import Document, Kind, Line, Party
from cauce.domain.errors import CauceError, InvalidDocument, NumberingUnavailable, Unsupported
from cauce.domain.issuer import Issuer
from cauce.domain.money import ZERO, scale
from cauce.domain.outcome import Number
from cauce.domain.record import Record
from cauce.domain.time import bogota
from cauce.domain.totals import LineTotals, TaxAmount, totals
from cauce.providers.afacturar import payload
from cauce.providers.afacturar.options import Options
from cauce.providers.base import Refs

# [inferred] ``tipo_regimen``: DIAN's former regimes, responsible for IVA or not.
_RESPONSIBLE, _NOT_RESPONSIBLE = 48, 49


def refuse(document: Document) -> None:
    """Raise InvalidDocument or Unsupported, with the path, for the first thing that the model cannot express."""
    for problem in _problems(document):
        raise problem


def body(options: Options, issuer: Issuer, record: Record, transmission_id: str) -> Mapping[str, object]:
    """The whole body: one invoice, and the data of its transmission. Raises NumberingUnavailable without a number."""
    document, number = record.document, record.number
    if number is None or record.range is None:
        raise NumberingUnavailable("La factura no tiene número.", field="prefix")
    sums, here = totals(document), bogota(record.issued_at)
    invoice = {
        "encabezado": {
            "id_factura": str(number.consecutive),
            "fecha": here.date().isoformat(),
            "hora": f"{here:%H:%M:%S}",
            "moneda": document.currency,
            "metodo_de_pago": document.payment.means,
            "fecha_vencimiento": (document.payment.due_date or here.date()).isoformat(),
            "nota": [],
            "tipo_factura": 1,
            "tipo_de_pago": document.payment.form,
            "numero_orden": document.order_reference.number if document.order_reference else "",
            "numero_resolucion_facturacion": record.range.resolution or "",
            "prefijo": number.prefix,
        },
        "informacion_adquiriente": _buyer(document.counterparty),
        "detalle_factura": [
            _line(position, line, made)
            for position, (line, made) in enumerate(zip(document.lines, sums.lines, strict=True), 1)
        ],
        "impuestos": [_tax(tax, "valor_base_calculo_impuesto", "valor_total_impuesto") for tax in sums.taxes],
        "valor_factura": {
            "valor_base": _money(sums.line_extension),
            "valor_base_calculo_impuestos": _money(sums.tax_exclusive),
            "valor_base_mas_impuestos": _money(sums.tax_inclusive),
            "valor_anticipo": _money(ZERO),
            "valor_descuento_total": _money(ZERO),
            "valor_total_recargos": _money(ZERO),
            "valor_total_impuesto_1": _money(sums.tax_of(VAT)),
            **{f"valor_total_impuesto_{n}": _money(ZERO) for n in (2, 3, 4)},
            **{f"valor_total_{name}": _money(ZERO) for name in ("reteiva", "retefuente", "reteica")},
            "total_factura": _money(sums.payable),
            "valor_total_a_pagar": _money(sums.payable),
        },
    }
    general = payload.general(options, issuer.environment, transmission_id)
    return {"documento_obligado": issuer.nit, "data": {"facturas": [invoice], "generalidades": general}}


def sent(body: bytes) -> Refs:
    """The facts of the invoice in a body of ours, by which the listing is searched and compared."""
    (invoice,) = json.loads(body)["data"]["facturas"]
    heading = invoice["encabezado"]
    return Refs(
        kind=Kind.INVOICE,
        reference="",
        number=Number(prefix=heading["prefijo"], consecutive=int(heading["id_factura"])),
        uuid=None,
        provider_ids={},
        counterparty=invoice["informacion_adquiriente"]["identificacion"],
        payable=Decimal(invoice["valor_factura"]["valor_total_a_pagar"]),
        sent_at=None,
    )


def _problems(document: Document) -> Iterator[CauceError]:
    if document.kind is not Kind.INVOICE:
        yield Unsupported("Afacturar se usa aquí solo para facturas.")
    if document.currency != "COP":
        yield Unsupported("Afacturar se usa aquí solo con pesos colombianos (COP).", field="currency")
    if document.notes:
        yield Unsupported("Afacturar no publica cómo se escribe una nota.", field="notes")
    for entry in document.allowance_charges:
        what, field = ("cargos", "totals.charge") if entry.is_charge else ("descuentos", "totals.allowance")
        yield Unsupported(f"Afacturar no publica cómo se escriben {what} globales.", field=field)
    if document.notify:
        yield Unsupported("Afacturar no publica cómo se pide el correo.", field="notify")
    yield from _party_problems(document.counterparty)
    for index, line in enumerate(document.lines):
        yield from _line_problems(f"lines.{index}", line)


def _party_problems(party: Party) -> Iterator[CauceError]:
    for name, called in (
        ("email", "email"),
        ("phone", "telefono"),
        ("address", "direccion"),
        ("municipality", "codigo_municipio"),
    ):
        if not getattr(party, name):
            yield InvalidDocument(
                f"Afacturar exige «{called}» del adquiriente.", field=f"counterparty.{name}"
            )
    if party.country != "CO":
        yield Unsupported(
            "Afacturar se usa aquí solo con adquirientes en Colombia.", field="counterparty.country"
        )


def _line_problems(field: str, line: Line) -> Iterator[CauceError]:
    if line.quantity != line.quantity.to_integral_value():
        yield Unsupported("Afacturar solo recibe cantidades enteras.", field=f"{field}.quantity")
    if not line.taxes:
        yield Unsupported("Afacturar no distingue una línea excluida de una exenta.", field=f"{field}.taxes")
    elif len(line.taxes) > 1 or line.taxes[0].code != VAT or line.taxes[0].percent is None:
        yield Unsupported("Afacturar recibe aquí solo un porcentaje de IVA.", field=f"{field}.taxes")
    for name, called in (
        ("withholdings", "retenciones"),
        ("discount_percent", "descuento_pct"),
        ("discount_amount", "descuento_valor"),
        ("note", "nota"),
    ):
        if getattr(line, name):
            yield Unsupported(
                f"Afacturar no publica cómo se escribe «{called}»; omítalo.", field=f"{field}.{name}"
            )
    if line.standard != "999":
        yield Unsupported("Afacturar no recibe códigos de producto.", field=f"{field}.standard")
    if scale(line.price) > 2:
        yield Unsupported("Afacturar recibe precios con dos decimales.", field=f"{field}.price")


def _buyer(party: Party) -> Mapping[str, object]:
    municipality = party.municipality or ""
    not_responsible = party.responsibilities == ("R-99-PN",)
    return {
        "tipo_contribuyente": int(party.person_type),
        "tipo_regimen": _NOT_RESPONSIBLE if not_responsible else _RESPONSIBLE,
        "tipo_identificacion": int(party.identification_type),
        "identificacion": party.identification,
        "correo_electronico": party.email,
        "numero_movil": party.phone,
        "nombre": {"razon_social": party.name, "primer_nombre": "", "segundo_nombre": "", "apellido": ""},
        "pais": party.country,
        "departamento": municipality[:2],
        "ciudad": municipality,
        "zona": "",
        "direccion": party.address,
        "RUT": {"resp_calidades_atributos": list(party.responsibilities), "usuario_aduanero": []},
    }


def _line(position: int, line: Line, made: LineTotals) -> Mapping[str, object]:
    return {
        "numero_linea": position,
        "cantidad": int(line.quantity),
        "unidad_de_cantidad": line.unit,
        "valor_unitario": _money(line.price),
        "descripcion": line.description,
        "impuestos_detalle": _tax(made.taxes[0], "valor_base_impuesto", "valor_impuesto"),
        "valor_total_detalle": _money(made.net),
    }


def _tax(tax: TaxAmount, base: str, amount: str) -> Mapping[str, object]:
    return {
        "codigo_impuesto": int(tax.code),
        "porcentaje_impuesto": _money(tax.percent or ZERO),
        base: _money(tax.base),
        amount: _money(tax.amount),
    }


def _money(amount: Decimal) -> str:
    """Text with two decimals, as every amount of the model."""
    return f"{amount:.2f}"
