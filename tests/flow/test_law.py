"""One law for every provider, and for every way in: the request, only validating, a lot, the queue."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from cauce.domain.time import bogota
from tests.documents import invoice

WITHOUT_SUCH_A_RATE = "El IVA es 0, 5, 16 o 19 %; llegó 8."


def at(percent: Any, **changes: Any) -> dict[str, Any]:
    body = invoice(**changes)
    body["lineas"][1]["iva_pct"] = percent
    return body


@pytest.mark.parametrize("path", ["/documentos", "/documentos?validar=solo"])
def test_a_rate_that_does_not_exist_is_refused_under_the_field_that_was_sent(call, factus, path):
    refused = call("POST", path, at(8))

    assert refused.status == 422, refused.text
    assert list(refused.json["errors"]) == ["lineas.1.iva_pct"]
    assert refused.json["errors"]["lineas.1.iva_pct"][0].startswith(WITHOUT_SUCH_A_RATE)
    assert factus.documents_received == 0


@pytest.mark.parametrize("path", ["/documentos", "/documentos?validar=solo"])
def test_a_rate_that_the_issuers_setting_adds_is_taken_and_is_no_one_elses(call, gateway, issuer, path):
    assert call("POST", path, at(12)).status == 422

    gateway.issuers.save(issuer.model_copy(update={"extra_rates": {"01": (Decimal(12),)}}))

    assert call("POST", path, at(12)).status in (200, 201)
    assert list(call("POST", path, at(13)).json["errors"]) == ["lineas.1.iva_pct"]


def test_a_rate_in_impuestos_is_refused_there(call):
    body = invoice()
    del body["lineas"][0]["iva_pct"]
    body["lineas"][0]["impuestos"] = [{"codigo": "01", "porcentaje": 8}]

    assert list(call("POST", "/documentos", body).json["errors"]) == ["lineas.0.impuestos.0.porcentaje"]


def test_a_lot_s_line_with_such_a_rate_is_refused_alone_under_the_field_that_was_sent(call, deliver, drain):
    lines = [{"tipo": "factura", **at(19, referencia="A")}, {"tipo": "factura", **at(8, referencia="B")}]

    posted = call("POST", "/lotes", lines)

    (error,) = posted.json["data"]["errores"]
    assert (posted.status, error["posicion"], list(error["errors"])) == (202, 2, ["lineas.1.iva_pct"])


@pytest.mark.reads_the_date
def test_a_message_of_the_queue_with_such_a_rate_is_kept_as_refused(call, gateway, erp, deliver):
    erp({"tipo": "factura", **at(8, referencia="Q-1")})
    deliver()

    lot = f"cola-{bogota(gateway.now()):%Y-%m-%d}"
    (row,) = call("GET", f"/lotes/{lot}?per_page=100").json["documentos"]
    assert list(row["errors"]) == ["lineas.1.iva_pct"]


def test_what_is_odd_and_may_be_right_goes_and_says_so(call):
    body = invoice()
    body["lineas"].append(
        {"codigo": "G", "descripcion": "Obsequio", "cantidad": 1, "precio": 0, "iva_pct": 19}
    )

    checked = call("POST", "/documentos?validar=solo", body)
    posted = call("POST", "/documentos", body)

    assert [each["campo"] for each in checked.json["data"]["hallazgos"]] == ["lineas.2.precio_referencia"]
    (notice,) = posted.json["data"]["notificaciones"]
    assert (posted.status, notice["campo"], notice["origen"]) == (201, "lineas.2.precio_referencia", "cauce")


def test_of_thousands_of_findings_the_post_keeps_a_hundred_and_says_where_the_others_are(call):
    (first, *_) = invoice()["lineas"]
    body = invoice(lineas=[first, *[{**first, "precio": 0} for _ in range(300)]])

    checked = call("POST", "/documentos?validar=solo", body).json["data"]["hallazgos"]
    posted = call("POST", "/documentos", body, Prefer="respond-async").json["data"]["notificaciones"]

    assert (len(checked), len(posted)) == (300, 101)
    assert [each["campo"] for each in posted[:100]] == [each["campo"] for each in checked[:100]]
    assert "Hay 200 hallazgos más" in posted[-1]["mensaje"] and "validar=solo" in posted[-1]["mensaje"]


def test_what_the_law_refuses_is_so_though_nobody_emits_its_kind_and_no_provider_is_said_to_take_it(
    call, gateway, issuer
):
    gateway.issuers.save(issuer.model_copy(update={"providers": {}}))

    refused = call("POST", "/documentos", at(8))

    assert list(refused.json["errors"]) == ["lineas.1.iva_pct"]
    assert "proveedores" not in refused.json


@pytest.mark.reads_the_date
def test_a_date_that_cannot_be_is_refused_before_anybody_is_said_to_take_the_document(call, clock):
    """Factus v1 has no place for a prepayment, whose date nobody would take."""
    tomorrow = f"{bogota(clock()).date() + timedelta(days=1)}"

    refused = call("POST", "/documentos", invoice(anticipos=[{"valor": 1000, "fecha": tomorrow}]))

    assert list(refused.json["errors"]) == ["anticipos.0.fecha"]
    assert "proveedores" not in refused.json


@pytest.mark.reads_the_date
@pytest.mark.parametrize("path", ["/documentos", "/documentos?validar=solo"])
def test_a_due_date_before_today_is_refused_where_no_date_of_issue_is_sent(call, clock, factus, path):
    yesterday = f"{bogota(clock()).date() - timedelta(days=1)}"

    refused = call("POST", path, invoice(pago={"forma": "2", "medio": "10", "vencimiento": yesterday}))

    assert (refused.status, list(refused.json["errors"])) == (422, ["pago.vencimiento"])
    assert factus.documents_received == 0


def of_today(clock: Any, reference: str) -> dict[str, Any]:
    """A document that only today's rules take: dated and due today."""
    today = f"{bogota(clock()):%Y-%m-%d}"
    dates = {"factura": {"fecha": today}, "pago": {"forma": "2", "medio": "10", "vencimiento": today}}
    return {"tipo": "factura", **invoice(referencia=reference, **dates)}


@pytest.mark.reads_the_date
def test_a_lot_that_is_sent_again_on_a_later_day_refuses_nothing_for_its_date(
    call, clock, deliver, drain, factus
):
    lines = [of_today(clock, "A"), of_today(clock, "B")]
    call("POST", "/lotes", lines)
    deliver()
    drain()

    clock.advance(days=2)
    again = call("POST", "/lotes", lines)
    deliver()
    drain()

    rows = call("GET", f"/lotes/{again.json['data']['lote_id']}?per_page=100").json["documentos"]
    assert again.json["data"]["invalidos"] == 0
    assert {row["estado"] for row in rows} == {"aceptado"}
    assert factus.documents_received == 2


@pytest.mark.reads_the_date
def test_a_line_that_is_new_on_a_later_day_is_refused_for_its_date_under_its_own_field(
    call, clock, deliver, drain, factus
):
    late = of_today(clock, "A")
    clock.advance(days=2)

    lot = call("POST", "/lotes", [late]).json["data"]["lote_id"]
    deliver()
    drain()

    (row,) = call("GET", f"/lotes/{lot}?per_page=100").json["documentos"]
    assert (row["estado"], factus.documents_received) == ("invalido", 0)
    assert list(row["errors"]) in (["factura.fecha"], ["pago.vencimiento"])


@pytest.mark.reads_the_date
def test_a_message_of_the_queue_that_comes_again_on_a_later_day_is_the_same_document(
    call, clock, erp, deliver, drain, factus
):
    body = of_today(clock, "Q-1")
    for _ in range(2):
        erp(body)
        deliver()
        drain()
        clock.advance(days=2)

    (found,) = call("GET", "/documentos").json["data"]
    assert (found["referencia"], found["estado"], factus.documents_received) == ("Q-1", "aceptado", 1)
