"""``no_soportado``: which datum, whose limit it is, what to do, and who could take this very document."""

from datetime import timedelta
from typing import Any

import pytest

from cauce.contracts.v1 import contract
from cauce.domain import extras
from cauce.domain.document import Kind
from cauce.domain.issuer import Issuer
from cauce.domain.time import bogota
from cauce.gateway import Gateway
from tests import stack
from tests.documents import invoice, note, support_document
from tests.flow.conftest import Clock
from tests.simulators.factus import FactusSimulator

LINE = {"codigo": "P1", "descripcion": "Producto", "cantidad": 1, "precio": 10000, "iva_pct": 19}
PATHS = pytest.mark.parametrize("path", ["/documentos", "/documentos?validar=solo"])


@PATHS
def test_a_datum_that_its_provider_has_no_place_for_is_named_with_who_could_take_the_document(
    call: Any, factus: FactusSimulator, path: str
) -> None:
    refused = call("POST", path, invoice(lineas=[{**LINE, "marca": "Marca"}]))

    assert (refused.status, refused.json["codigo"]) == (422, "no_soportado")
    assert refused.json["errors"] == {
        "lineas.0.marca": [
            "Factus no tiene dónde decir la marca de una línea: omítalo, o emítalo con otro proveedor. "
            "Lo admite: DIAN (directo)."
        ]
    }
    assert refused.json["proveedores"] == ["dian"]
    assert factus.documents_received == 0


def test_what_the_provider_publishes_and_cauce_does_not_send_yet_is_said_to_be_ours(call: Any) -> None:
    principal = {"tipo_documento": "31", "numero_documento": "800199436"}
    held = {"codigo": "06", "porcentaje": "2.5", "base": 1}
    refused = call("POST", "/documentos", invoice(lineas=[{**LINE, "retenciones": [held]}]))
    assert list(refused.json["errors"]) == ["lineas.0.retenciones.0.base"]

    refused = call("POST", "/documentos", invoice(lineas=[{**LINE, "mandante": principal}]))

    (said,) = refused.json["errors"]["lineas.0.mandante"]
    assert said.startswith("Cauce todavía no envía el mandante de una línea a Factus")
    assert "dian" in refused.json["proveedores"]


def test_the_other_dialect_of_its_own_provider_is_among_those_that_could(call: Any) -> None:
    refused = call("POST", "/documentos", invoice(lineas=[{**LINE, "cantidad": 1.5}]))

    assert "Factus v2" in refused.json["error"]
    assert {"factus", "dian", "facturatech", "facepro"} <= set(refused.json["proveedores"])


def test_the_other_dialect_is_not_named_where_it_could_not_take_the_document_either(call: Any) -> None:
    drink = [{"codigo": "34", "valor_unitario": 38, "unidades": 2}, {"codigo": "01", "porcentaje": 19}]
    line = {name: value for name, value in LINE.items() if name != "iva_pct"}

    refused = call("POST", "/documentos", invoice(lineas=[{**line, "impuestos": drink}]))

    assert refused.json["proveedores"] == ["dian"]
    assert "v2" not in refused.json["error"]


def test_who_could_take_it_is_asked_about_the_whole_document_and_not_about_the_datum(call: Any) -> None:
    line = {**LINE, "cantidad": 1.5}

    both = call("POST", "/documentos", invoice(lineas=[line], observaciones="x" * 251))

    # v2 takes the fraction, FacEPro and Facturatech too, but none of them so long a note.
    assert both.json["proveedores"] == ["dian"]


@pytest.mark.reads_the_date
def test_nobody_is_said_to_take_a_document_whose_day_they_would_refuse_too(call: Any, clock: Clock) -> None:
    yesterday = f"{bogota(clock()).date() - timedelta(days=1)}"

    refused = call("POST", "/documentos", invoice(factura={"fecha": yesterday}))

    assert list(refused.json["errors"]) == ["factura.fecha"]
    assert set(refused.json["proveedores"]) == {"facturatech", "facepro"}


def test_amounts_that_factus_counts_too_far_from_ours_name_a_price_and_who_counts_as_we(call: Any) -> None:
    line = {**LINE, "precio": 0.5, "cantidad": 10_000}

    refused = call("POST", "/documentos", invoice(lineas=[line]))

    (said,) = refused.json["errors"]["lineas.0.precio"]
    assert "Envíe el precio 0.504202" in said
    assert "Factus v2" in said
    assert "dian" in refused.json["proveedores"]


def test_with_expected_totals_those_are_named_that_come_to_them(call: Any) -> None:
    body = invoice(lineas=[{**LINE, "precio": 1.5}], totales_esperados={"total": 1.78})

    refused = call("POST", "/documentos", body)

    assert {"dian", "facturatech"} <= set(refused.json["proveedores"])
    assert "factus" not in refused.json["proveedores"]


@PATHS
def test_200_lines_are_the_limit_of_facepro_alone_and_the_others_are_named(
    call: Any, gateway: Gateway, issuer: Issuer, path: str
) -> None:
    gateway.issuers.save(issuer.model_copy(update={"providers": {Kind.INVOICE: "facepro"}}))
    stack.keep_credentials(issuer.nit, "facepro", {"token": "7|x"})

    refused = call("POST", path, invoice(lineas=[LINE] * 201))

    assert (refused.status, refused.json["codigo"]) == (422, "no_soportado")
    (said,) = refused.json["errors"]["lineas"]
    assert said.startswith("FacEPro Cloud admite 200 líneas como máximo")
    assert {"factus", "dian"} <= set(refused.json["proveedores"])
    assert "facepro" not in refused.json["proveedores"]
    assert "lineas" not in call("POST", "/documentos?validar=solo", invoice(lineas=[LINE] * 200)).text


def test_without_a_provider_for_its_kind_those_that_could_take_the_document_are_named(
    call: Any, gateway: Gateway, issuer: Issuer
) -> None:
    gateway.issuers.save(issuer.model_copy(update={"providers": {}}))

    refused = call("POST", "/documentos-soporte", support_document())

    assert refused.json["codigo"] == "no_soportado"
    assert {"factus", "facturatech"} <= set(refused.json["proveedores"])
    assert "facepro" not in refused.json["proveedores"]


def test_a_line_of_a_lot_says_who_could_take_it(call: Any) -> None:
    line = {**invoice(lineas=[{**LINE, "marca": "Marca"}]), "referencia": "L-1", "tipo": "factura"}

    (error,) = call("POST", "/lotes", [line]).json["data"]["errores"]

    assert "Lo admite: DIAN (directo)." in error["error"]


@pytest.mark.parametrize("feature", sorted(extras.ALL))
def test_every_datum_out_of_the_ordinary_has_a_name_in_its_refusal(feature: str) -> None:
    document = contract.document(Kind.INVOICE, invoice())
    theirs = extras.refusal(feature, document, "Factus", is_written=True)
    ours = extras.refusal(feature, document, "Factus", is_written=False)

    assert theirs.startswith("Factus no tiene dónde decir ")
    assert ours.startswith("Cauce todavía no envía ")
    assert theirs.endswith("otro proveedor.") and ours.endswith("otro proveedor.")


def test_what_a_document_cannot_be_without_is_not_said_to_be_left_out(call: Any) -> None:
    """Without its rate a document in dollars is refused for that."""
    rate = {"valor": 4000, "fecha": "2026-05-10"}

    needed = call("POST", "/documentos", invoice(moneda="USD", tasa_cambio=rate))
    told_besides = call("POST", "/documentos", invoice(tasa_cambio={**rate, "moneda": "USD"}))

    assert "omítalo" not in needed.json["errors"]["tasa_cambio"][0]
    assert "omítalo" in told_besides.json["errors"]["tasa_cambio"][0]


def test_where_nobody_else_could_take_it_either_the_sentence_says_what_to_do_all_the_same(call: Any) -> None:
    refused = call("POST", "/documentos-soporte", support_document(enviar_correo=True))

    assert (refused.json["codigo"], "proveedores" in refused.json) == ("no_soportado", False)
    assert "quite «enviar_correo»" in refused.json["errors"]["enviar_correo"][0]


def test_a_note_on_a_period_is_not_told_to_leave_its_period_out() -> None:
    body = note("SETP1", "a" * 96, factura={"operacion": "22"}, codigo="1")
    del body["factura_referencia"]
    document = contract.document(
        Kind.CREDIT_NOTE, {**body, "periodo": {"desde": "2026-05-01", "hasta": "2026-05-31"}}
    )

    assert extras.refusal("period", document, "FacEPro Cloud", is_written=True) == (
        "FacEPro Cloud no tiene dónde decir el periodo: emítalo con otro proveedor."
    )
