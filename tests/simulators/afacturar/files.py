"""The files behind the addresses in answers: unsigned UBL. Of a document that was emitted here it is whole, of one that
was only listed it has the elements that say whose it is."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape

from tests.simulators import ubl
from tests.simulators.afacturar.rows import Row

_UBL = "urn:oasis:names:specification:ubl:schema:xsd"
_MAKER = "830020470"
_ROOTS = {"nota_credito": "CreditNote", "nota_debito": "DebitNote"}


def document(row: Row, nit: str) -> bytes:
    """The XML of a row's document, emitted by this NIT."""
    root = _ROOTS.get(row["tipo_documento"], "Invoice")
    total = "RequestedMonetaryTotal" if root == "DebitNote" else "LegalMonetaryTotal"
    return _ubl(
        root,
        f"<cbc:ID>{escape(row['prefijo'] + row['numero_documento'])}</cbc:ID><cbc:UUID>{row['cufe']}</cbc:UUID>"
        f"<cbc:IssueDate>{escape(row['fecha_documento'])}</cbc:IssueDate>"
        f"<cac:AccountingSupplierParty><cac:Party>{_party(nit)}</cac:Party></cac:AccountingSupplierParty>"
        f"<cac:AccountingCustomerParty><cac:Party>{_party(row['adquiriente_documento'])}</cac:Party>"
        "</cac:AccountingCustomerParty>"
        f'<cac:{total}><cbc:PayableAmount currencyID="COP">{row["valor_total"]}</cbc:PayableAmount></cac:{total}>',
    )


def emitted(row: Row, invoice: Mapping[str, Any], nit: str) -> bytes:
    """The XML of an invoice that this NIT emitted here, as Afacturar's software writes it."""
    heading, buyer = invoice["encabezado"], invoice["informacion_adquiriente"]
    return ubl.document(
        ubl.Document(
            root="Invoice",
            type_code="01",
            number=row["prefijo"] + row["numero_documento"],
            uuid=row["cufe"],
            scheme="CUFE",
            issued_at=datetime.fromisoformat(f"{heading['fecha']}T{heading['hora'][:8]}"),
            seller=ubl.Party(
                identification=nit,
                name="EMPRESA EN AFACTURAR S.A.S.",
                responsibilities="O-15;O-23",
                address="Calle 10 # 4-20",
                town="11001",
            ),
            buyer=ubl.Party(
                identification=buyer["identificacion"],
                kind=str(buyer["tipo_identificacion"]),
                name=buyer["nombre"]["razon_social"],
                person=str(buyer["tipo_contribuyente"]),
                address=buyer["direccion"],
                town=buyer["ciudad"],
                email=buyer["correo_electronico"],
            ),
            lines=tuple(map(_line, invoice["detalle_factura"])),
            payable=Decimal(row["valor_total"]),
            maker=_MAKER,
            form=heading.get("tipo_de_pago") or "1",
            means=heading.get("metodo_de_pago") or "10",
            due=heading["fecha_vencimiento"],
            prefix=heading["prefijo"],
            resolution=heading["numero_resolucion_facturacion"],
            delivered_at="Bodega 3, Fontibón",
        )
    )


def _line(line: Mapping[str, Any]) -> ubl.Line:
    net, tax = Decimal(line["valor_total_detalle"]), line["impuestos_detalle"]
    return ubl.Line(
        code="",  # the model has none
        description=line["descripcion"],
        quantity=Decimal(line["cantidad"]),
        unit=line["unidad_de_cantidad"],
        price=Decimal(line["valor_unitario"]),
        net=net,
        taxes=(ubl.vat(net, Decimal(tax["porcentaje_impuesto"]), Decimal(tax["valor_impuesto"])),),
    )


def event(told: Mapping[str, str], cufe: str) -> bytes:
    """The XML of an event on the invoice with this CUFE."""
    return _ubl(
        "ApplicationResponse",
        f"<cbc:ID>{told['identificacion_evento']}</cbc:ID><cbc:UUID>{told['cude']}</cbc:UUID>"
        f"<cac:SenderParty>{_party(told['emisor_identificacion'])}</cac:SenderParty>"
        f"<cac:ReceiverParty>{_party(told['receptor_identificacion'])}</cac:ReceiverParty>"
        f"<cac:DocumentResponse><cac:Response><cbc:ResponseCode>{told['codigo']}</cbc:ResponseCode></cac:Response>"
        f"<cac:DocumentReference><cbc:UUID>{cufe}</cbc:UUID></cac:DocumentReference></cac:DocumentResponse>",
    )


def answer() -> bytes:
    """DIAN's answer, empty because no test reads it."""
    return _ubl("ApplicationResponse", "")


def _ubl(root: str, inside: str) -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><{root} xmlns="{_UBL}:{root}-2"'
        f' xmlns:cac="{_UBL}:CommonAggregateComponents-2" xmlns:cbc="{_UBL}:CommonBasicComponents-2">'
        f"{inside}</{root}>"
    ).encode()


def _party(identification: str) -> str:
    return f"<cac:PartyTaxScheme><cbc:CompanyID>{escape(identification)}</cbc:CompanyID></cac:PartyTaxScheme>"
