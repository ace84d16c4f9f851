"""Emission of invoices: the body as a public integrator models it, the answer in Afacturar's usual envelope.

Inferred, path included. Types and sums are checked strictly. A number that is taken is refused with DIAN's rule 90.
"""

import re
from decimal import Decimal
from typing import Any

from tests.simulators.afacturar import answers
from tests.simulators.afacturar.rows import Row, row
from tests.simulators.routing import Answer

PATH = "/emision"
REPEATED = "Regla: 90, Rechazo: Documento procesado anteriormente."

_MONEY = re.compile(r"[0-9]+\.[0-9]{2}")
_HEADING = {
    "id_factura": str, "fecha": str, "hora": str, "moneda": str, "fecha_vencimiento": str, "tipo_factura": int,
    "numero_resolucion_facturacion": str, "prefijo": str,
}  # fmt: skip
_BUYER = {
    "tipo_contribuyente": int, "tipo_regimen": int, "tipo_identificacion": int, "identificacion": str,
    "correo_electronico": str, "numero_movil": str, "nombre": dict, "pais": str, "departamento": str, "ciudad": str,
    "direccion": str, "RUT": dict,
}  # fmt: skip
_LINE = {
    "numero_linea": int, "cantidad": int, "unidad_de_cantidad": str, "valor_unitario": str, "descripcion": str,
    "valor_total_detalle": str,
}  # fmt: skip
_TOTALS = (
    "valor_base", "valor_base_calculo_impuestos", "valor_base_mas_impuestos", "valor_anticipo",
    "valor_descuento_total", "valor_total_recargos", "valor_total_impuesto_1", "valor_total_impuesto_2",
    "valor_total_impuesto_3", "valor_total_impuesto_4", "valor_total_reteiva", "valor_total_retefuente",
    "valor_total_reteica", "total_factura", "valor_total_a_pagar",
)  # fmt: skip


def emit(fields: dict[str, Any], rows: list[Row], notices: list[str]) -> Answer:
    """Take an invoice and list it from now on. Refuses fields that the model lacks, wrong types and wrong sums."""
    data = fields.get("data")
    invoices = data.get("facturas") if isinstance(data, dict) else None
    if not (isinstance(invoices, list) and len(invoices) == 1 and isinstance(invoices[0], dict)):
        return answers.invalid(["The data.facturas must contain 1 items."])
    invoice = invoices[0]
    wrong = _wrong(invoice) or _wrong_sums(invoice)
    if wrong:
        return answers.invalid(wrong)
    heading = invoice["encabezado"]
    taken = {(known["prefijo"], known["numero_documento"]) for known in rows}
    if (heading["prefijo"], heading["id_factura"]) in taken:
        return answers.error(15, REPEATED, "a number that is taken")
    rows.append(_listed(invoice, len(rows) + 100, notices))
    return answers.ok({}, f"{heading['prefijo']}{heading['id_factura']} emitted")


def _listed(invoice: dict[str, Any], sequence: int, notices: list[str]) -> Row:
    heading, buyer = invoice["encabezado"], invoice["informacion_adquiriente"]
    return row(
        sequence,
        prefijo=heading["prefijo"],
        numero_documento=heading["id_factura"],
        fecha_documento=heading["fecha"],
        adquiriente_documento=buyer["identificacion"],
        adquiriente_nombre=buyer["nombre"]["razon_social"],
        correo_adquiriente=buyer["correo_electronico"],
        valor_total=invoice["valor_factura"]["valor_total_a_pagar"],
        rta_ws_dian_response="; ".join(notices) or "Procesado Correctamente.",
    )


def _wrong(invoice: dict[str, Any]) -> list[str]:
    said: list[str] = []

    def check(name: str, found: Any, needed: dict[str, type]) -> None:
        for field, kind in needed.items():
            value = found.get(field) if isinstance(found, dict) else None
            if type(value) is not kind or value == "":
                said.append(f"The {name}.{field.replace('_', ' ')} field is required.")

    check("encabezado", invoice.get("encabezado"), _HEADING)
    check("informacion adquiriente", invoice.get("informacion_adquiriente"), _BUYER)
    lines = invoice.get("detalle_factura") or []
    for line in lines:
        check("detalle factura", line, _LINE)
    totals = invoice.get("valor_factura") or {}
    said += [
        f"The valor factura.{name.replace('_', ' ')} format is invalid."
        for name in _TOTALS
        if not _MONEY.fullmatch(str(totals.get(name)))
    ]
    return said or ([] if lines else ["The detalle factura field is required."])


def _wrong_sums(invoice: dict[str, Any]) -> list[str]:
    lines, totals = invoice["detalle_factura"], invoice["valor_factura"]
    nets = [Decimal(line["valor_total_detalle"]) for line in lines]
    vat = sum(Decimal(line["impuestos_detalle"]["valor_impuesto"]) for line in lines)
    held = {
        "valor_total_detalle": all(
            net == (line["cantidad"] * Decimal(line["valor_unitario"])).quantize(Decimal("0.01"))
            for net, line in zip(nets, lines, strict=True)
        ),
        "valor_base": Decimal(totals["valor_base"]) == sum(nets),
        "valor_total_impuesto_1": Decimal(totals["valor_total_impuesto_1"]) == vat,
        "valor_total_a_pagar": Decimal(totals["valor_total_a_pagar"]) == sum(nets) + vat,
    }
    return [f"The {name.replace('_', ' ')} is invalid." for name, right in held.items() if not right]
