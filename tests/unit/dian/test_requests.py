"""What an ERP asks for in Spanish, all the way: DIAN's UBL says it, adds it up as worked out by hand, and is accepted."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest

from cauce.contracts.v1 import contract
from cauce.domain.document import Kind
from cauce.domain.outcome import Accepted
from cauce.domain.time import BOGOTA
from cauce.providers.dian.provider import Dian
from cauce.verification.document import verify
from cauce.verification.identifier import Secrets
from cauce.verification.report import Verdict
from tests.documents import invoice, note
from tests.simulators.dian import DianSimulator
from tests.unit.dian.builders import SOFTWARE, TECHNICAL_KEY
from tests.unit.dian.oracles import parsed, schema_errors, texts
from tests.unit.dian.talking import connected, emit, record, simulator

FOREIGN = {
    "tipo_persona": "1",
    "tipo_documento": "50",
    "numero_documento": "US-99-1234567",
    "razon_social": "Overseas Inc.",
    "responsabilidad_fiscal": "R-99-PN",
    "direccion": "1 Main Street",
    "ciudad": "Miami",
    "region": "Florida",
    "pais": "US",
}
PERIOD = {"desde": "2026-04-01", "hasta": "2026-04-30"}


def today(plus: int = 0) -> str:
    """The day in Bogotá, or so many after it."""
    return (datetime.now(BOGOTA).date() + timedelta(days=plus)).isoformat()


def rate() -> dict[str, str]:
    return {"moneda": "USD", "valor": "4000", "fecha": today()}


@pytest.fixture(scope="module")
def dian() -> Iterator[DianSimulator]:
    with simulator() as running:
        yield running


@pytest.fixture(scope="module")
def provider(dian: DianSimulator) -> Dian:
    return connected(dian)


@pytest.fixture(scope="module")
def following() -> Iterator[int]:
    """Numbers, no two alike."""
    return count(990_000_001)


@pytest.fixture
def said(dian: DianSimulator, provider: Dian, following: Iterator[int]) -> Any:
    """A request's XML as DIAN accepted it, valid by the schemas and by what ``cauce document verify`` finds."""

    def run(kind: Kind, body: dict[str, Any]) -> Any:
        outcome = emit(provider, record(contract.document(kind, body), next(following)))
        assert isinstance(outcome, Accepted), outcome
        assert outcome.notices == ()
        xml = dian.documents[-1].content
        assert schema_errors(xml) == []
        report = verify(xml, Secrets(pin=SOFTWARE.pin, technical_key=TECHNICAL_KEY))
        assert not any(check.verdict is Verdict.WRONG for part in report.sections for check in part.checks)
        return parsed(xml)

    return run


def a_line(**changes: Any) -> dict[str, Any]:
    """One of 100000, without IVA unless it says otherwise."""
    return {"codigo": "1", "descripcion": "Bien", "cantidad": 2, "precio": 50000, **changes}


def taxed(*taxes: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return invoice(lineas=[a_line(impuestos=list(taxes), **changes)])


def nominal(code: str, each: str, units: str, unit: str) -> dict[str, Any]:
    return {"codigo": code, "valor_unitario": each, "unidades": units, "unidad": unit}


# Each tax of the table: what is asked, and what 100000 owe of it.
TAXES = [
    ("IVA 19 %", {"codigo": "01", "porcentaje": 19}, "19000.00"),
    ("IVA 5 %", {"codigo": "01", "porcentaje": 5}, "5000.00"),
    ("exempt", {"codigo": "01", "porcentaje": 0}, "0.00"),
    ("IC", nominal("02", "312", "10", "94"), "3120.00"),
    ("ICA, per thousand", {"codigo": "03", "porcentaje": "9.66"}, "966.00"),
    ("INC", {"codigo": "04", "porcentaje": 8}, "8000.00"),
    ("IC by percentage", {"codigo": "08", "porcentaje": 25}, "25000.00"),
    ("horticulture", {"codigo": "20", "porcentaje": 1}, "1000.00"),
    ("stamp", {"codigo": "21", "porcentaje": "1.5"}, "1500.00"),
    ("bags", nominal("22", "66", "3", "94"), "198.00"),
    ("carbon", nominal("23", "152.48", "10", "GLL"), "1524.80"),
    ("fuel", nominal("24", "708.72", "10", "GLL"), "7087.20"),
    ("surcharge", {"codigo": "25", "porcentaje": 25}, "25000.00"),
    ("sordicom", {"codigo": "26", "porcentaje": 1}, "1000.00"),
    ("data", {"codigo": "30", "porcentaje": 4}, "4000.00"),
    ("liquor", nominal("32", "362.5", "40", "LTR"), "14500.00"),
    ("single-use plastic", nominal("33", "0.24", "500", "GRM"), "120.00"),
    ("IBUA, per 100 ml", nominal("34", "65", "1500", "MLT"), "975.00"),
    ("ICUI", {"codigo": "35", "porcentaje": 20}, "20000.00"),
    ("ad valorem", {"codigo": "36", "porcentaje": 25}, "25000.00"),
    ("another", {"codigo": "ZZ", "nombre": "Tasa bomberil", "porcentaje": 3}, "3000.00"),
]


@pytest.mark.parametrize(("asked", "owed"), [row[1:] for row in TAXES], ids=[row[0] for row in TAXES])
def test_a_tax_is_taken_and_adds_up(asked: dict[str, Any], owed: str, said: Any):
    tree = said(Kind.INVOICE, taxed(asked))

    for path in ("/*/cac:TaxTotal", "/*/cac:InvoiceLine/cac:TaxTotal"):
        assert texts(tree, f"{path}/cbc:TaxAmount") == [owed]
        assert texts(tree, f"{path}/cac:TaxSubtotal/cac:TaxCategory/cac:TaxScheme/cbc:ID") == [
            asked["codigo"]
        ]
    inclusive = texts(tree, "/*/cac:LegalMonetaryTotal/cbc:TaxInclusiveAmount")
    assert inclusive == texts(tree, "/*/cac:LegalMonetaryTotal/cbc:PayableAmount")
    assert inclusive == [f"{100000 + float(owed):.2f}"]


def test_several_taxes_of_one_line_are_added_and_only_the_first_counts_as_base(said: Any):
    tree = said(
        Kind.INVOICE,
        taxed(
            {"codigo": "35", "porcentaje": 20},
            nominal("34", "38", "2000", "MLT"),
            {"codigo": "01", "porcentaje": 19},
        ),
    )

    assert totals(tree) == {
        "LineExtensionAmount": "100000.00",
        "TaxExclusiveAmount": "100000.00",
        "TaxInclusiveAmount": "139760.00",
        "PayableAmount": "139760.00",
    }
    assert texts(tree, "/*/cac:InvoiceLine/cac:TaxTotal//cac:TaxScheme/cbc:ID")[0] == "01"


def test_what_is_excluded_has_no_tax_and_what_is_exempt_has_one_of_zero(said: Any):
    tree = said(Kind.INVOICE, invoice(lineas=[a_line(excluido=True), a_line(iva_pct=0)]))

    assert [len(line) for line in tree.xpath("/*/*[local-name()='TaxTotal']")] == [2]
    assert texts(tree, "/*/cac:InvoiceLine[1]/cac:TaxTotal") == []
    exempt = "/*/cac:InvoiceLine[2]/cac:TaxTotal"
    assert texts(tree, f"{exempt}//cbc:Percent | {exempt}/cbc:TaxAmount") == ["0.00", "0.00"]
    assert texts(tree, f"{exempt}//cbc:TaxableAmount") == ["100000.00"]
    assert totals(tree)["TaxExclusiveAmount"] == "100000.00"
    assert totals(tree)["PayableAmount"] == "200000.00"


def test_withholdings_inform_and_lower_nothing(said: Any):
    withheld = [
        {"codigo": "05", "porcentaje": 15},
        {"codigo": "06", "porcentaje": "2.5"},
        {"codigo": "07", "porcentaje": "9.66"},
    ]
    tree = said(Kind.INVOICE, invoice(lineas=[a_line(iva_pct=19, retenciones=withheld)]))

    # 15 % of the IVA, 2.5 % and 9.66 per thousand of the line.
    assert texts(tree, "/*/cac:WithholdingTaxTotal/cbc:TaxAmount") == ["2850.00", "2500.00", "966.00"]
    assert totals(tree)["PayableAmount"] == "119000.00"


def test_discounts_and_charges_of_a_line_change_its_taxes_and_the_document_s_do_not(said: Any):
    line = a_line(
        iva_pct=19,
        descuento_pct=10,
        descuentos=[{"descripcion": "Cliente", "valor": 5000}],
        cargos=[{"descripcion": "Empaque", "valor": 2000}],
    )
    body = invoice(
        lineas=[line],
        descuentos=[{"descripcion": "Campaña", "codigo": "01", "porcentaje": 10}],
        cargos=[
            {"descripcion": "Flete", "codigo": "02", "valor": 3000},
            {"descripcion": "Propina", "codigo": "03", "porcentaje": 10},
        ],
    )

    tree = said(Kind.INVOICE, body)

    # 100000 − 10000 − 5000 + 2000 = 87000; IVA 16530; − 8700 + 3000 + 8700.
    assert totals(tree) == {
        "LineExtensionAmount": "87000.00",
        "TaxExclusiveAmount": "87000.00",
        "TaxInclusiveAmount": "103530.00",
        "AllowanceTotalAmount": "8700.00",
        "ChargeTotalAmount": "11700.00",
        "PayableAmount": "106530.00",
    }
    assert texts(tree, "/*/cac:AllowanceCharge/cbc:AllowanceChargeReasonCode") == ["02", "03", "01"]
    assert texts(tree, "/*/cac:AllowanceCharge/cbc:ID") == ["1", "2", "3"]


def test_what_is_given_for_free_costs_nothing_but_its_iva(said: Any):
    free = a_line(precio=0, iva_pct=19, precio_referencia={"valor": 1000, "tipo": "01"})

    tree = said(Kind.INVOICE, invoice(lineas=[a_line(iva_pct=19), free]))

    assert texts(tree, "/*/cac:InvoiceLine[2]/cbc:LineExtensionAmount") == ["0.00"]
    assert texts(tree, "/*/cac:InvoiceLine[2]/cbc:FreeOfChargeIndicator") == ["true"]
    assert texts(tree, "/*/cac:InvoiceLine[2]//cbc:TaxableAmount") == ["2000.00"]
    assert totals(tree)["PayableAmount"] == "119380.00"


def test_prepayments_are_told_and_lower_nothing(said: Any):
    tree = said(
        Kind.INVOICE,
        invoice(
            lineas=[a_line(iva_pct=19)],
            anticipos=[
                {"valor": 20000, "fecha": "2026-05-01", "referencia": "RC-9", "descripcion": "Abono"},
                {"valor": 1000, "fecha": "2026-05-02"},
            ],
        ),
    )

    assert texts(tree, "/*/cac:PrepaidPayment[1]/*")[:3] == ["RC-9", "20000.00", "2026-05-01"]
    assert texts(tree, "/*/cac:PrepaidPayment[2]/*") == ["2", "1000.00", "2026-05-02"]
    assert totals(tree)["PrepaidAmount"] == "21000.00"
    assert totals(tree)["PayableAmount"] == "119000.00"


@pytest.mark.reads_the_date
def test_an_export_in_dollars_states_its_rate_terms_and_makers(said: Any):
    body = {
        "factura": {"tipo": "02"},
        "adquiriente": FOREIGN,
        "moneda": "USD",
        "tasa_cambio": rate(),
        "entrega": {"incoterm": "FOB", "descripcion": "Puerto de Cartagena"},
        "lineas": [a_line(iva_pct=0, marca="Marca", modelo="X1")],
    }

    tree = said(Kind.INVOICE, body)

    assert texts(tree, "/*/cbc:InvoiceTypeCode") == ["02"]
    assert set(texts(tree, "//@currencyID")) == {"USD"}
    stated = "/*/cac:PaymentExchangeRate"
    assert texts(tree, f"{stated}/*") == ["USD", "1.00", "COP", "1.00", "4000.00", today()]
    assert texts(tree, "/*/cac:DeliveryTerms/*") == ["Puerto de Cartagena", "FOB"]


@pytest.mark.reads_the_date
def test_an_invoice_in_pesos_may_state_its_dollars_too(said: Any):
    tree = said(Kind.INVOICE, invoice(lineas=[a_line(iva_pct=19)], tasa_cambio=rate()))

    assert texts(tree, "/*/cbc:DocumentCurrencyCode") == ["COP"]
    assert texts(tree, "/*/cac:InvoiceLine/cac:ItemPriceExtension/cbc:Amount") == ["25.00"]
    assert texts(tree, "/*/cac:InvoiceLine/cac:ItemPriceExtension/cbc:Amount/@currencyID") == ["USD"]
    assert [found.text for found in tree.iter("{*}VlrPagarCop")] == ["29.75"]
    assert totals(tree)["PayableAmount"] == "119000.00"


def test_income_of_others_names_its_owner_and_the_operation_follows(said: Any):
    owner = {"tipo_documento": "31", "numero_documento": "900108281"}

    tree = said(Kind.INVOICE, invoice(lineas=[a_line(iva_pct=19), a_line(iva_pct=19, mandante=owner)]))

    assert texts(tree, "/*/cbc:CustomizationID") == ["11"]
    assert texts(tree, "/*/cac:InvoiceLine/cbc:ID/@schemeID") == ["0", "1"]
    agent = "cac:Item/cac:InformationContentProviderParty/cac:PowerOfAttorney/cac:AgentParty"
    assert texts(tree, f"/*/cac:InvoiceLine[2]/{agent}/cac:PartyIdentification/cbc:ID") == ["900108281"]
    assert texts(tree, f"/*/cac:InvoiceLine[2]/{agent}/cac:PartyIdentification/cbc:ID/@schemeID") == ["3"]


def test_an_aiu_contract_says_what_it_is_about(said: Any):
    line = a_line(iva_pct=19, contrato_aiu="aseo y vigilancia de las sedes de la entidad")

    tree = said(Kind.INVOICE, invoice(lineas=[line, a_line(excluido=True)]))

    assert texts(tree, "/*/cbc:CustomizationID") == ["09"]
    wanted = "Contrato de servicios AIU por concepto de: aseo y vigilancia de las sedes de la entidad"
    assert texts(tree, "/*/cac:InvoiceLine[1]/cbc:Note") == [wanted]


@pytest.mark.reads_the_date
def test_order_period_notes_and_credit_are_said(said: Any):
    due = today(plus=30)
    tree = said(
        Kind.INVOICE,
        invoice(
            pago={"forma": "2", "medio": "42", "vencimiento": due},
            orden={"numero": "OC-1", "fecha": "2026-05-02"},
            periodo=PERIOD,
            observaciones=["Una", "Dos"],
        ),
    )

    assert texts(tree, "/*/cac:PaymentMeans/*") == ["2", "42", due]
    assert texts(tree, "/*/cac:OrderReference/*") == ["OC-1", "2026-05-02"]
    assert texts(tree, "/*/cac:InvoicePeriod/*") == ["2026-04-01", "2026-04-30"]
    assert texts(tree, "/*/cbc:Note") == ["Una", "Dos"]


@pytest.mark.parametrize(("kind", "operation"), [(Kind.CREDIT_NOTE, "22"), (Kind.DEBIT_NOTE, "32")])
def test_a_note_without_reference_is_of_a_period(kind: Kind, operation: str, said: Any):
    body = note("X", "0" * 96, codigo="1" if kind is Kind.DEBIT_NOTE else "6", periodo=PERIOD)
    del body["factura_referencia"]

    tree = said(kind, {**body, "factura": {"operacion": operation}})

    assert texts(tree, "/*/cbc:CustomizationID") == [operation]
    assert texts(tree, "/*/cac:InvoicePeriod/*") == list(PERIOD.values())
    assert texts(tree, "/*/cac:DiscrepancyResponse/cbc:ResponseCode") == [body["motivo"]["codigo"]]
    assert texts(tree, "/*/cac:BillingReference") == []


@pytest.mark.reads_the_date
def test_a_purchase_abroad_is_of_a_non_resident_and_its_note_too(dian: DianSimulator, said: Any):
    line = a_line(compra={"fecha": today(), "forma": "2"})
    tree = said(Kind.SUPPORT_DOCUMENT, {"vendedor": FOREIGN, "lineas": [line]})
    bought = dian.documents[-1]

    corrected = {
        "numero": bought.number,
        "cuds": bought.uuid,
        "fecha": texts(tree, "/*/cbc:IssueDate")[0],
    }
    reason = {"codigo": "2", "descripcion": "Anulación"}
    adjusted = said(
        Kind.ADJUSTMENT_NOTE,
        {"vendedor": FOREIGN, "lineas": [a_line()], "documento_referencia": corrected, "motivo": reason},
    )

    assert texts(tree, "/*/cbc:CustomizationID") == texts(adjusted, "/*/cbc:CustomizationID") == ["11"]
    assert texts(tree, "/*/cac:InvoiceLine/cac:InvoicePeriod/cbc:DescriptionCode") == ["2"]
    assert texts(adjusted, "/*/cbc:CreditNoteTypeCode") == ["95"]


def totals(tree: Any) -> dict[str, str]:
    found = tree.xpath("/*/*[local-name()='LegalMonetaryTotal']/*")
    return {each.tag.rpartition("}")[2]: each.text for each in found}
