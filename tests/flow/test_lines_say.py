"""What a line says of its taxes, of what is withheld and of whose income it is: from POST to what is signed."""

from typing import Any

import pytest

from cauce.domain.issuer import Issuer
from cauce.gateway import Gateway
from tests import dian_issuers
from tests.documents import invoice
from tests.flow.conftest import signed as signed_xml
from tests.simulators.dian import DianSimulator
from tests.unit.dian.oracles import texts


@pytest.fixture
def issuer(gateway: Gateway, dian: DianSimulator) -> Issuer:
    return dian_issuers.enrolled(gateway, dian)


@pytest.fixture
def signed(call: Any, gateway: Gateway, issuer: Issuer) -> Any:
    """The signed XML of an invoice with one line of 100000 that says these things too."""

    def made(**said: Any) -> Any:
        line = {
            "codigo": "A",
            "descripcion": "Servicio",
            "cantidad": 1,
            "precio": 100000,
            "iva_pct": 19,
            **said,
        }
        data = call("POST", "/documentos", invoice(lineas=[line])).json["data"]
        assert data["estado"] == "aceptado", data["rechazos"]
        return signed_xml(gateway, data, issuer.nit)

    return made


def test_two_other_taxes_are_two_by_their_names(signed: Any) -> None:
    named = [
        {"codigo": "ZZ", "nombre": "Contribución parafiscal", "porcentaje": 1},
        {"codigo": "ZZ", "nombre": "Tasa pro bomberos", "porcentaje": 2},
    ]
    xml = signed(iva_pct=None, impuestos=named)

    for where in ("", "cac:InvoiceLine/"):
        names = f"{where}cac:TaxTotal/cac:TaxSubtotal/cac:TaxCategory/cac:TaxScheme/cbc:Name"
        assert texts(xml, names) == ["Contribución parafiscal", "Tasa pro bomberos"]
        assert texts(xml, f"{where}cac:TaxTotal/cbc:TaxAmount") == ["3000.00"]
        assert texts(xml, f"{where}cac:TaxTotal/cac:TaxSubtotal/cbc:TaxAmount") == ["1000.00", "2000.00"]


def test_one_other_tax_twice_is_refused(call: Any, issuer: Issuer) -> None:
    def refused(*rates: tuple[str, int]) -> Any:
        taxes = [{"codigo": "ZZ", "nombre": name, "porcentaje": percent} for name, percent in rates]
        line = {"codigo": "A", "descripcion": "A", "cantidad": 1, "precio": 1, "impuestos": taxes}
        return call("POST", "/documentos", invoice(lineas=[line])).json["errors"]

    assert refused(("Tasa", 1), ("Tasa", 2)) == {
        "lineas.0.impuestos.1.codigo": ["El código ZZ con el nombre «Tasa» está repetido en la misma línea."]
    }
    (path,) = refused(("Tasa", 1), ("Otra", 1))
    assert path == "lineas.0.impuestos.1.porcentaje"


def test_a_withholding_on_a_base_of_its_own_is_of_that(signed: Any) -> None:
    held = [{"codigo": "06", "porcentaje": "2.5", "base": 80000}, {"codigo": "05", "porcentaje": 15}]
    xml = signed(retenciones=held)

    totals = "cac:InvoiceLine/cac:WithholdingTaxTotal/cac:TaxSubtotal"
    assert texts(xml, f"{totals}/cbc:TaxableAmount") == ["80000.00", "19000.00"]
    assert texts(xml, f"{totals}/cbc:TaxAmount") == ["2000.00", "2850.00"]


def test_a_mandate_names_the_party_whose_income_it_is(signed: Any, call: Any, issuer: Issuer) -> None:
    whose = {"tipo_documento": "31", "numero_documento": "900108281-3", "nombre": "FONDO DE VIVIENDA"}
    xml = signed(mandante=whose)

    agent = "cac:InvoiceLine/cac:Item/cac:InformationContentProviderParty/cac:PowerOfAttorney/cac:AgentParty"
    assert texts(xml, f"{agent}/cac:PartyIdentification/cbc:ID") == ["900108281"]
    assert texts(xml, f"{agent}/cac:PartyName/cbc:Name") == ["FONDO DE VIVIENDA"]
