"""A provider's published examples of the health sector as requests: no official XML of it is known.

Each fact of an example is in our XML at the place that is named here, or is left out for the reason that is named.
"""

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from cauce.contracts.v1 import contract
from cauce.domain.document import Document, Kind
from cauce.law import health
from cauce.ubl.canonical import octets
from cauce.ubl.document import build
from tests.unit.dian.builders import DIAN, numbered
from tests.unit.dian.oracles import parsed, texts

FACTUS = DIAN.parent / "factus"
EXAMPLES = ("ss-cufe__1", "ss-reporte__1", "ss-sin-aporte__1", "ss-recaudo__1", "ss-recaudo__2")


def _entry(name: str, attribute: str = "") -> str:
    """The value of an entry of the health sector's extension, or of its list's code."""
    entry = f"//*[local-name()='AdditionalInformation'][*[local-name()='Name']='{name}']"
    return f"{entry}/*[local-name()='Value']{attribute}"


_BUYER = "/*/cac:AccountingCustomerParty/cac:Party"
CARRIED = {
    "operation_type": "/*/cbc:CustomizationID",
    "document": "/*/cbc:InvoiceTypeCode",
    "billing_period.start_date": "/*/cac:InvoicePeriod/cbc:StartDate",
    "billing_period.end_date": "/*/cac:InvoicePeriod/cbc:EndDate",
    "payment_details.payment_form": "/*/cac:PaymentMeans/cbc:ID",
    "payment_details.payment_method_code": "/*/cac:PaymentMeans/cbc:PaymentMeansCode",
    "payment_details.amount": "/*/cac:LegalMonetaryTotal/cbc:PayableAmount",
    "health.provider_code": _entry("CODIGO_PRESTADOR"),
    "health.payment_method_code": _entry("MODALIDAD_PAGO", "/@schemeID"),
    "health.coverage_code": _entry("COBERTURA_PLAN_BENEFICIOS", "/@schemeID"),
    "health.contract_number": _entry("NUMERO_CONTRATO"),
    "prepayment_details.reference_code": "/*/cac:PrepaidPayment/cbc:ID",
    "prepayment_details.concept_code": "/*/cac:PrepaidPayment/cbc:ID/@schemeID",
    "prepayment_details.received_date": "/*/cac:PrepaidPayment/cbc:ReceivedDate",
    "prepayment_details.amount": "/*/cac:PrepaidPayment/cbc:PaidAmount",
    "prepayment_details.note": "/*/cac:PrepaidPayment/cbc:InstructionID",
    "customer.identification_document_code": f"{_BUYER}/cac:PartyTaxScheme/cbc:CompanyID/@schemeName",
    "customer.identification": f"{_BUYER}/cac:PartyTaxScheme/cbc:CompanyID",
    "customer.names": f"{_BUYER}/cac:PartyTaxScheme/cbc:RegistrationName",
    "customer.address": f"{_BUYER}/cac:PhysicalLocation/cac:Address/cac:AddressLine/cbc:Line",
    "customer.email": f"{_BUYER}/cac:Contact/cbc:ElectronicMail",
    "customer.phone": f"{_BUYER}/cac:Contact/cbc:Telephone",
    "customer.legal_organization_code": "/*/cac:AccountingCustomerParty/cbc:AdditionalAccountID",
    "customer.tribute_code": f"{_BUYER}/cac:PartyTaxScheme/cac:TaxScheme/cbc:ID",
    "customer.municipality_code": f"{_BUYER}/cac:PhysicalLocation/cac:Address/cbc:ID",
    "items.code_reference": "//cac:InvoiceLine/cac:Item/cac:SellersItemIdentification/cbc:ID",
    "items.name": "//cac:InvoiceLine/cac:Item/cbc:Description",
    "items.quantity": "//cac:InvoiceLine/cbc:InvoicedQuantity",
    "items.price": "//cac:InvoiceLine/cac:Price/cbc:PriceAmount",
    "items.unit_measure_code": "//cac:InvoiceLine/cbc:InvoicedQuantity/@unitCode",
    "items.standard_code": "//cac:InvoiceLine/cac:Item/cac:StandardItemIdentification/cbc:ID/@schemeID",
    "items.scheme_id": "//cac:InvoiceLine/cbc:ID/@schemeID",
    "items.mandate.identification_document_code": (
        "//cac:InformationContentProviderParty/cac:PowerOfAttorney/cac:AgentParty/cac:PartyIdentification/cbc:ID"
        "/@schemeName"
    ),
    "items.mandate.identification": (
        "//cac:InformationContentProviderParty/cac:PowerOfAttorney/cac:AgentParty/cac:PartyIdentification/cbc:ID"
    ),
}
LEFT_OUT = {
    "reference_code": "the request's own id; it is in no document",
    "numbering_range_id": "Factus's own id of a range",
    "send_email": "what Factus is to do",
    "cash_rounding_amount": "0 in every example, and nothing is written of a rounding of nothing",
    "billing_period.start_time": "optional in MinSalud's document; our period is of whole days",
    "billing_period.end_time": "optional in MinSalud's document; our period is of whole days",
    "health.policy_number": "empty in every example",
    "beneficiary.identification_document_code": "where the receipt has its beneficiary is published nowhere",
    "beneficiary.identification_number": "where the receipt has its beneficiary is published nowhere",
    "beneficiary.names": "where the receipt has its beneficiary is published nowhere",
    "beneficiary.surnames": "where the receipt has its beneficiary is published nowhere",
    "items.collection_concept_code": "where the receipt has the concept of a line is published nowhere",
    "items.discount_rate": "0 in every example",
    "items.taxes.is_excluded": "what is excluded has no tax in the XML",
}
# A coverage of a policy (10) without its number, and prepayments where the user pays nothing, are the examples' own.
_NO_POLICY = ("health.policy", "MUV, Documento Técnico 2")
NOTICES = {
    "SS-CUFE": [_NO_POLICY],
    "SS-Reporte": [_NO_POLICY],
    "SS-SinAporte": [_NO_POLICY, ("prepayments", "MUV, Documento Técnico 2")],
    "SS-Recaudo": [],
}


def published(name: str) -> dict[str, Any]:
    path = FACTUS / f"v2__facturas__tipos-de-factura__{name}.json"
    if not path.exists():
        pytest.skip("the reference material is not beside this copy")
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


def document(example: dict[str, Any]) -> Document:
    buyer = example["customer"]
    request: dict[str, Any] = {
        "factura": {"operacion": example["operation_type"]},
        "pago": {
            "forma": str(example["payment_details"][0]["payment_form"]),
            "medio": example["payment_details"][0]["payment_method_code"],
        },
        "adquiriente": {
            "tipo_persona": buyer["legal_organization_code"],
            "tipo_documento": buyer["identification_document_code"],
            "numero_documento": buyer["identification"],
            "razon_social": buyer["names"],
            "direccion": buyer["address"],
            "email": buyer["email"],
            "telefono": buyer["phone"],
            "tributo": buyer["tribute_code"],
            "codigo_municipio": buyer["municipality_code"],
            "responsabilidad_fiscal": "R-99-PN",
        },
        "lineas": [_line(item) for item in example["items"]],
        "anticipos": [
            {
                "referencia": paid["reference_code"],
                "fecha": paid["received_date"],
                "concepto": paid["concept_code"],
                "valor": paid["amount"],
                "descripcion": paid["note"],
            }
            for paid in example.get("prepayment_details", ())
        ],
    }
    if said := example.get("health"):
        request["salud"] = {
            "codigo_prestador": said["provider_code"],
            "modalidad_pago": said["payment_method_code"],
            "cobertura": said["coverage_code"],
            "contrato": said["contract_number"],
            "poliza": said["policy_number"],
        }
    if period := example.get("billing_period"):
        request["periodo"] = {"desde": period["start_date"], "hasta": period["end_date"]}
    return contract.document(Kind.INVOICE, request)


def _line(item: dict[str, Any]) -> dict[str, Any]:
    whose = item.get("mandate")
    return {
        "codigo": item["code_reference"],
        "descripcion": item["name"],
        "cantidad": item["quantity"],
        "precio": item["price"],
        "unidad": item["unit_measure_code"],
        "estandar": item["standard_code"],
        "excluido": item["taxes"][0]["is_excluded"],
        "mandante": whose
        and {
            "tipo_documento": whose["identification_document_code"],
            "numero_documento": whose["identification"],
        },
    }


def facts(said: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every fact of an example, with its path without positions."""
    if isinstance(said, dict):
        for name, inner in said.items():
            yield from facts(inner, f"{path}.{name}" if path else name)
    elif isinstance(said, list):
        for inner in said:
            yield from facts(inner, path)
    else:
        yield path, str(said)


def same(written: str, said: str) -> bool:
    try:
        return Decimal(written) == Decimal(said)
    except ArithmeticError:
        return written == said


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_fact_of_a_published_example_is_in_our_xml_or_left_out_for_a_reason(name: str) -> None:
    example = published(name)
    built = build(numbered(document(example)))
    tree = parsed(octets(built.before + built.after))

    unknown = {path for path, _ in facts(example)} - CARRIED.keys() - LEFT_OUT.keys()
    wrong = {
        path: (said, texts(tree, CARRIED[path]))
        for path, said in facts(example)
        if path in CARRIED and not any(same(found, said) for found in texts(tree, CARRIED[path]))
    }

    assert (unknown, wrong) == (set(), {})


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_notices_about_a_published_example_are_of_its_own_mistakes(name: str) -> None:
    example = published(name)

    found = health.findings(document(example), date(2026, 8, 1))

    assert [(each.field, each.rule) for each in found] == NOTICES[example["operation_type"]]


def test_nothing_is_said_to_be_left_out_that_no_example_has() -> None:
    seen = {path for name in EXAMPLES for path, _ in facts(published(name))}

    assert seen == CARRIED.keys() | LEFT_OUT.keys()
