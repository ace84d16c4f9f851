"""What surrounds a sale: several payments, documents that it names, its delivery, notes on several invoices."""

from typing import Any

import pytest

from cauce.domain.document import Kind
from cauce.domain.issuer import Issuer
from cauce.domain.time import bogota
from cauce.gateway import Gateway
from tests import dian_issuers, stack
from tests.documents import BUYER, invoice, note
from tests.flow.conftest import Clock
from tests.simulators.dian import DianSimulator
from tests.unit.dian.oracles import parsed, texts

SURROUNDED: dict[str, Any] = {
    "remisiones": [{"numero": "REM-1", "fecha": "2026-05-02"}],
    "entradas": [{"numero": "ENT-1"}],
    "otras_referencias": [{"numero": "CT-7", "descripcion": "Contrato"}],
    "envio": {
        "fecha": "2026-05-12",
        "direccion": {"direccion": "Km 3 vía Chía", "codigo_municipio": "25175"},
        "transportador": {"tipo_documento": "31", "numero_documento": "900373115-3", "nombre": "La Vía SAS"},
    },
    "autorizado_descarga": {
        "tipo_documento": "13",
        "numero_documento": "52123987",
        "nombre": "Lucía Ramírez",
    },
}


@pytest.fixture
def issuer(gateway: Gateway, dian: DianSimulator) -> Issuer:
    return dian_issuers.enrolled(gateway, dian)


def signed(gateway: Gateway, data: dict[str, Any], nit: str) -> Any:
    record = gateway.records.read(nit, data["tracking_id"])
    assert record.signed_xml is not None
    return parsed(gateway.archive.read(record.signed_xml))


def today(clock: Clock) -> str:
    return bogota(clock()).date().isoformat()


def refused(answer: Any) -> dict[str, list[str]]:
    assert answer.status == 422, answer.text
    errors: dict[str, list[str]] = answer.json["errors"]
    return errors


@pytest.mark.reads_the_date
def test_instalments_come_to_the_total_or_are_refused_with_both_sums(call: Any, clock: Clock) -> None:
    later = bogota(clock()).date().replace(year=bogota(clock()).year + 1, day=1).isoformat()
    half = {"forma": "2", "medio": "47", "vencimiento": later}

    def asked(*amounts: str) -> Any:
        return call("POST", "/documentos", invoice(pagos=[{**half, "valor": each} for each in amounts]))

    assert refused(asked("72887.50", "72887.49")) == {
        "pagos": ["Los pagos suman 145774.99 y el total del documento es 145775.00."]
    }
    assert asked("72887.50", "72887.50").json["data"]["estado"] == "aceptado"


def test_several_payments_are_each_in_the_xml_and_a_credit_among_them_makes_it_one(
    call: Any, gateway: Gateway, issuer: Issuer, clock: Clock
) -> None:
    parts = [
        {"medio": "48", "valor": 45775, "referencia": "VOUCHER-1"},
        {"forma": "2", "medio": "47", "vencimiento": today(clock), "valor": 100000},
    ]
    made = call("POST", "/documentos", invoice(pagos=parts)).json["data"]

    tree = signed(gateway, made, issuer.nit)
    assert texts(tree, "//cac:PaymentMeans/cbc:ID") == ["1", "2"]
    assert texts(tree, "//cac:PaymentMeans/cbc:PaymentMeansCode") == ["48", "47"]
    assert texts(tree, "//cac:PaymentMeans/cbc:PaymentID") == ["VOUCHER-1"]
    assert texts(tree, "/*/cbc:DueDate") == [today(clock)]


def test_payment_is_said_in_one_way_and_amounts_in_all_or_in_none(call: Any, clock: Clock) -> None:
    both = invoice(pago={"forma": "1"}, pagos=[{"medio": "10"}])
    some = invoice(pagos=[{"medio": "10", "valor": 1}, {"medio": "48"}])
    overdue = invoice(pagos=[{"forma": "2", "vencimiento": "2020-01-01"}, {"medio": "10"}])

    assert list(refused(call("POST", "/documentos", both))) == ["pago"]
    assert list(refused(call("POST", "/documentos", some))) == ["pagos.1.valor"]
    assert "pagos.0.vencimiento" in refused(call("POST", "/documentos", overdue))


def test_what_surrounds_a_sale_is_in_its_xml(call: Any, gateway: Gateway, issuer: Issuer) -> None:
    made = call("POST", "/documentos", invoice(**SURROUNDED)).json["data"]

    assert made["estado"] == "aceptado"
    tree = signed(gateway, made, issuer.nit)
    assert texts(tree, "/*/cac:DespatchDocumentReference/cbc:ID") == ["REM-1"]
    assert texts(tree, "/*/cac:ReceiptDocumentReference/cbc:ID") == ["ENT-1"]
    assert texts(tree, "/*/cac:AdditionalDocumentReference/cbc:DocumentType") == ["Contrato"]
    assert texts(tree, "/*/cac:Delivery/cac:DeliveryAddress/cbc:CityName") == ["Chía"]
    carrier = "/*/cac:Delivery/cac:DeliveryParty/cac:PartyLegalEntity/cbc:CompanyID"
    assert texts(tree, carrier) == ["900373115"]
    assert texts(tree, "/*/cac:TaxRepresentativeParty/cac:PartyName/cbc:Name") == ["Lucía Ramírez"]


def test_a_consortium_names_its_members_whose_parts_come_to_100(
    call: Any, gateway: Gateway, issuer: Issuer
) -> None:
    member = {"tipo_documento": "31", "numero_documento": "900373115", "nombre": "Obras SAS"}

    def bought_by(*percents: float) -> Any:
        members = [{**member, "porcentaje": each} for each in percents]
        return call("POST", "/documentos", invoice(adquiriente={**BUYER, "participantes": members}))

    assert refused(bought_by(60, 30)) == {
        "adquiriente.participantes": ["Los porcentajes de los participantes suman 90, y deben sumar 100."]
    }
    tree = signed(gateway, bought_by(62.5, 37.5).json["data"], issuer.nit)
    assert texts(tree, "//cac:ShareholderParty/cbc:PartecipationPercent") == ["62.5", "37.5"]


def test_a_mistake_in_what_surrounds_a_sale_names_its_field(call: Any) -> None:
    carrier = {"tipo_documento": "31", "numero_documento": "900373115-1", "nombre": "La Vía SAS"}
    abroad = {"direccion": "Street 1", "pais": "US", "codigo_municipio": "11001"}

    wrong = call("POST", "/documentos", invoice(envio={"transportador": carrier, "direccion": abroad}))

    assert set(refused(wrong)) == {"envio.transportador.numero_documento", "envio.direccion.codigo_municipio"}


@pytest.mark.reads_the_date
def test_a_note_on_several_invoices_names_each_and_each_must_be_right(
    call: Any, gateway: Gateway, issuer: Issuer, clock: Clock
) -> None:
    first, second = (call("POST", "/documentos", invoice()).json["data"] for _ in range(2))
    more = {"numero": second["numero_completo"], "cufe": second["cufe"], "fecha": today(clock)}

    def asked(*others: dict[str, Any]) -> Any:
        body = note(first["numero_completo"], first["cufe"], fecha=today(clock), codigo="3")
        return call("POST", "/notas-credito", {**body, "facturas_referencia": list(others)})

    crossed = refused(asked({**more, "cufe": "c0ffee" * 16}))
    assert list(crossed) == ["facturas_referencia.0.cufe"]
    twice = refused(asked({**more, "numero": first["numero_completo"], "cufe": first["cufe"]}))
    assert list(twice) == ["facturas_referencia.0"]

    tree = signed(gateway, asked(more).json["data"], issuer.nit)
    named = texts(tree, "/*/cac:BillingReference/cac:InvoiceDocumentReference/cbc:ID")
    assert named == [first["numero_completo"], second["numero_completo"]]


def test_a_provider_without_a_place_for_it_says_who_has_one(
    call: Any, gateway: Gateway, issuer: Issuer
) -> None:
    gateway.issuers.save(issuer.model_copy(update={"providers": {Kind.INVOICE: "facepro"}}))
    stack.keep_credentials(issuer.nit, "facepro", {"token": "7|x"})

    answer = call("POST", "/documentos?validar=solo", invoice(remisiones=SURROUNDED["remisiones"]))

    assert answer.json["codigo"] == "no_soportado"
    assert answer.json["proveedores"] == ["dian"]
    assert list(refused(answer)) == ["remisiones"]
