"""A document → the body that creates it. Pure.

Source: seed 002, «Cuerpo del request» and «Campos adicionales». Absent optional fields are left out, and fields that
have their documented default (``unidad`` 94).
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from cauce.domain.document import NOTES, Document, Kind, Line, Party
from cauce.domain.time import bogota
from cauce.law import correction
from cauce.providers import loose

PATHS = {
    Kind.INVOICE: "/documentos",
    Kind.CREDIT_NOTE: "/notas-credito",
    Kind.DEBIT_NOTE: "/notas-debito",
}
NIT = "31"
UNIT = "94"


def body(document: Document, issued_at: datetime, *, notify: bool) -> Mapping[str, object]:
    """The whole body. Date and time of issue are always sent: by that second the document is found again.

    ``notify``: whether the buyer's e-mail is sent. Its only use on the page is «notificación DIAN»: with it FacEPro
    mails the buyer, from habilitación too.
    """
    here = bogota(issued_at)
    return {
        "factura": {"fecha": here.date().isoformat(), "hora": f"{here:%H:%M:%S}-05:00"},
        **(_correction(document) if document.kind in NOTES else {}),
        "adquiriente": _buyer(document.counterparty, notify=notify),
        "lineas": [_line(line) for line in document.lines],
    }


def number(amount: Decimal) -> int | float:
    """The amount as a JSON number, which FacEPro reads as a double; ``check`` has refused what that cannot hold."""
    if amount == amount.to_integral_value():
        return int(amount)
    found = float(amount)
    assert holds(amount)
    return found


def holds(amount: Decimal) -> bool:
    """Whether the amount survives being a JSON number."""
    return amount == amount.to_integral_value() or Decimal(repr(float(amount))) == amount


def _correction(document: Document) -> Mapping[str, object]:
    billed, why = correction.corrected_by(document, "factura"), correction.reason_of(document)
    return {
        "factura_referencia": {
            "numero": billed.number,
            "cufe": billed.uuid,
            "fecha": billed.issue_date.isoformat(),
        },
        "motivo": {"codigo": why.code, "descripcion": why.text},
    }


def _buyer(party: Party, *, notify: bool) -> Mapping[str, object]:
    return loose.present(
        {
            "tipo_persona": party.person_type,
            "tipo_documento": party.identification_type,
            "numero_documento": party.identification,
            "dv": party.check_digit if party.identification_type == NIT else None,
            "razon_social": party.name,
            "responsabilidad_fiscal": party.responsibilities[0],
            "email": party.email if notify else None,
            "direccion": party.address,
            "codigo_municipio": party.municipality,
            "codigo_departamento": party.municipality[:2] if party.municipality else None,
        }
    )


def _line(line: Line) -> Mapping[str, object]:
    return loose.present(
        {
            "codigo": line.code,
            "descripcion": line.description,
            "cantidad": number(line.quantity),
            "unidad": line.unit if line.unit != UNIT else None,
            "precio": number(line.price),
            "iva_pct": number(line.taxes[0].percent or Decimal(0)),
            "descuento_pct": _optional(line.discount_percent),
            "descuento_valor": _optional(line.discount_amount),
        }
    )


def _optional(amount: Decimal | None) -> int | float | None:
    return None if amount is None else number(amount)
