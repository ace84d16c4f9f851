"""The files behind the addresses in answers: unsigned UBL with only the elements that say whose document it is."""

from collections.abc import Mapping
from xml.sax.saxutils import escape

from tests.simulators.afacturar.rows import Row

_UBL = "urn:oasis:names:specification:ubl:schema:xsd"
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
