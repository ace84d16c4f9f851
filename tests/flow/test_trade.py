"""What surrounds a sale: several payments, documents that it names, its delivery, notes on several invoices."""

from typing import Any

import pytest

from cauce.domain.document import Kind
from cauce.domain.issuer import Issuer
from cauce.domain.time import bogota
from cauce.gateway import Gateway
from cauce.ubl.signed import read as read_signed
from tests import dian_issuers, stack
from tests.documents import BUYER, invoice, note
from tests.flow.conftest import Clock, signed
from tests.simulators.dian import DianSimulator
from tests.unit.dian.oracles import texts

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


@pytest.mark.reads_the_date
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


FREIGHT = {"radicado": "13456", "numero": "REM0001", "flete": 250000, "cantidad": 10, "unidad": "KGM"}


def with_line(**changes: Any) -> dict[str, Any]:
    body = invoice()
    body["lineas"][0] |= changes
    return body


def test_a_line_with_its_consignment_makes_the_sale_freight_and_marks_every_line(
    call: Any, gateway: Gateway, issuer: Issuer
) -> None:
    made = call("POST", "/documentos", with_line(remesa=FREIGHT)).json["data"]

    tree = signed(gateway, made, issuer.nit)
    assert texts(tree, "/*/cbc:CustomizationID") == ["12"]
    assert texts(tree, "//cac:InvoiceLine/cbc:ID/@schemeID") == ["1", "0"]
    assert texts(tree, "//cac:AdditionalItemProperty/cbc:Name") == ["01", "02", "03"]
    assert texts(tree, "//cac:AdditionalItemProperty/cbc:Value") == ["13456", "REM0001", "250000"]
    assert texts(tree, "//cac:AdditionalItemProperty/cbc:ValueQuantity/@unitCode") == ["KGM"]


@pytest.mark.parametrize(
    "changes, field",
    [
        ({"factura": {"operacion": "12"}}, "factura.operacion"),
        ({"factura": {"operacion": "15"}}, "debida_diligencia"),
        ({"debida_diligencia": "01"}, "debida_diligencia"),
        ({"factura": {"operacion": "14"}}, "factura.operacion"),
    ],
)
def test_an_operation_without_what_it_needs_is_refused_by_its_field(
    call: Any, changes: dict[str, Any], field: str
) -> None:
    assert list(refused(call("POST", "/documentos", invoice(**changes)))) == [field]


def test_a_consignment_is_of_no_other_operation_and_its_cargo_in_kilograms_or_gallons(call: Any) -> None:
    ordinary = with_line(remesa=FREIGHT) | {"factura": {"operacion": "10"}}
    units = with_line(remesa={**FREIGHT, "unidad": "94", "flete": 250000.5})

    assert list(refused(call("POST", "/documentos", ordinary))) == ["factura.operacion"]
    assert set(refused(call("POST", "/documentos", units))) == {
        "lineas.0.remesa.unidad",
        "lineas.0.remesa.flete",
    }


@pytest.mark.parametrize("operation", ["15", "16"])
def test_currencies_bought_and_sold_say_the_due_diligence(
    call: Any, gateway: Gateway, issuer: Issuer, operation: str
) -> None:
    body = invoice(factura={"operacion": operation}, debida_diligencia="02")
    made = call("POST", "/documentos", body).json["data"]

    tree = signed(gateway, made, issuer.nit)
    assert texts(tree, "/*/cbc:CustomizationID") == [operation]
    assert [each.text for each in tree.iter("{*}Value") if each.getprevious().text == "Cod_Diligencia"] == [
        "02"
    ]


def test_a_bar_code_beside_the_sellers_own_code_is_in_the_xml_and_its_check_digit_is_looked_at(
    call: Any, gateway: Gateway, issuer: Issuer
) -> None:
    right = with_line(estandar="010", codigo_estandar="7702004003508")
    wrong = with_line(estandar="010", codigo_estandar="7702004003507")
    scheme = with_line(codigo_estandar="7702004003508")

    tree = signed(gateway, call("POST", "/documentos", right).json["data"], issuer.nit)
    line = "//cac:InvoiceLine[1]/cac:Item"
    assert texts(tree, f"{line}/cac:SellersItemIdentification/cbc:ID") == ["PROD-001"]
    assert texts(tree, f"{line}/cac:StandardItemIdentification/cbc:ID") == ["7702004003508"]
    said = call("POST", "/documentos?validar=solo", wrong).text
    assert "7702004003508" in said and "lineas.0.codigo_estandar" in said
    assert list(refused(call("POST", "/documentos", scheme))) == ["lineas.0.estandar"]


def test_a_line_says_the_period_that_is_charged(call: Any, gateway: Gateway, issuer: Issuer) -> None:
    april = {"desde": "2026-04-01", "hasta": "2026-04-30"}

    tree = signed(gateway, call("POST", "/documentos", with_line(periodo=april)).json["data"], issuer.nit)

    assert texts(tree, "//cac:InvoiceLine/cac:InvoicePeriod/cbc:EndDate") == ["2026-04-30"]
    backwards = with_line(periodo={"desde": "2026-04-30", "hasta": "2026-04-01"})
    assert list(refused(call("POST", "/documentos", backwards))) == ["lineas.0.periodo.hasta"]


def test_a_long_description_is_cut_into_elements_and_whole_again_on_paper(
    call: Any, gateway: Gateway, issuer: Issuer
) -> None:
    long = "Mesa de comedor en madera de roble con seis sillas tapizadas. " * 14
    made = call("POST", "/documentos", with_line(descripcion=long, nota="n" * 5000)).json["data"]

    tree = signed(gateway, made, issuer.nit)
    parts = texts(tree, "//cac:InvoiceLine[1]/cac:Item/cbc:Description")
    assert max(map(len, parts)) == 300
    assert "".join(parts) == long.strip()
    read = read_signed(
        gateway.archive.read(gateway.records.read(issuer.nit, made["tracking_id"]).signed_xml), Kind.INVOICE
    )
    assert read is not None and read.document.lines[0].description == long.strip()


def test_who_is_not_known_to_take_a_long_text_says_who_is(
    call: Any, gateway: Gateway, issuer: Issuer
) -> None:
    gateway.issuers.save(issuer.model_copy(update={"providers": {Kind.INVOICE: "facepro"}}))
    stack.keep_credentials(issuer.nit, "facepro", {"token": "7|x"})

    answer = call("POST", "/documentos?validar=solo", with_line(descripcion="x" * 301))

    assert list(refused(answer)) == ["lineas.0.descripcion"]
    assert answer.json["proveedores"] == ["dian"]
