"""A note on a document that Cauce has speaks of that document, and of one that is valid."""

from typing import Any

import pytest

from cauce.aws import items, keys
from cauce.domain.issuer import Issuer
from cauce.domain.record import State
from cauce.domain.time import bogota
from cauce.gateway import Gateway
from tests import dian_issuers
from tests.documents import BUYER, invoice, note, support_document
from tests.flow.conftest import Clock
from tests.quick_boto3 import own
from tests.simulators.dian import DianSimulator

PATHS = ("/notas-credito", "/notas-credito?validar=solo")
STRANGER = "c0ffee" * 16


@pytest.fixture
def issuer(gateway: Gateway, dian: DianSimulator) -> Issuer:
    return dian_issuers.enrolled(gateway, dian)


@pytest.fixture
def sold(call: Any) -> dict[str, Any]:
    """An accepted invoice, and what its answer says."""
    data: dict[str, Any] = call("POST", "/documentos", invoice()).json["data"]
    assert data["estado"] == "aceptado"
    return data


@pytest.fixture
def today(clock: Clock) -> str:
    return bogota(clock()).date().isoformat()


def refused(answer: Any, status: int = 422) -> list[str]:
    assert answer.status == status, answer.text
    return list(answer.json["errors"])


@pytest.mark.reads_the_date
@pytest.mark.parametrize("path", PATHS)
def test_number_and_cufe_of_two_invoices_are_refused_before_a_number_is_taken(
    path, call, sold, today, gateway, issuer
):
    other = call("POST", "/documentos", invoice()).json["data"]
    before = {r.key: r.next for r in gateway.ranges.all(issuer.nit)}

    crossed = note(other["numero_completo"], sold["cufe"], fecha=today, codigo="1")
    made_up = note("SETP990009999", sold["cufe"], fecha=today, codigo="1")

    assert refused(call("POST", path, crossed)) == ["factura_referencia.cufe"]
    assert refused(call("POST", path, made_up)) == ["factura_referencia.numero"]
    assert {r.key: r.next for r in gateway.ranges.all(issuer.nit)} == before


@pytest.mark.reads_the_date
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("written", [str.lower, str.upper])
def test_one_of_our_cufes_under_a_made_up_number_is_refused_whatever_day_the_note_names(
    path, written, call, sold, today
):
    for day in ("2020-02-29", today):
        body = note("OTRA1", written(sold["cufe"]), fecha=day, codigo="1")

        assert refused(call("POST", path, body)) == ["factura_referencia.numero"]


@pytest.mark.reads_the_date
def test_a_cufe_of_ours_is_known_by_key_and_no_index_that_may_be_late_is_asked(call, sold, today, gateway):
    queries: list[str] = []
    own("dynamodb").meta.events.register(
        "before-call.dynamodb.Query", lambda params, **_: queries.append(params["body"])
    )

    body = note("OTRA1", sold["cufe"], fecha=today, codigo="1")

    assert refused(call("POST", PATHS[1], body)) == ["factura_referencia.numero"]
    assert not [asked for asked in queries if "begins_with(list_sk" in str(asked)]


@pytest.mark.reads_the_date
def test_what_was_accepted_before_cufes_were_kept_is_found_on_the_day_that_the_note_names(
    call, sold, today, gateway, issuer
):
    own("dynamodb").delete_item(TableName="cauce", Key=items.pack(dict(keys.uuid(issuer.nit, sold["cufe"]))))
    made_up = note("OTRA1", sold["cufe"], fecha=today, codigo="1")

    assert refused(call("POST", PATHS[1], made_up)) == ["factura_referencia.numero"]
    of_another_day = note("OTRA1", sold["cufe"], fecha="2020-02-29", codigo="1")
    assert call("POST", PATHS[1], of_another_day).status == 200


@pytest.mark.reads_the_date
def test_what_is_no_invoice_of_ours_is_left_to_dian_under_its_cuds_too(call, today, issuer):
    bought = call("POST", "/documentos-soporte", support_document()).json["data"]
    assert bought["estado"] == "aceptado"

    checked = call("POST", PATHS[1], note("OTRA1", bought["cufe"], fecha=today, codigo="1"))

    assert checked.status == 200


def test_a_corrected_invoice_is_known_by_the_cufe_that_was_accepted_and_by_no_other(
    call, dian, gateway, issuer, clock
):
    dian.reject_next("FAK24", "DV del NIT")
    rejected = call("POST", "/documentos", invoice(referencia="V-1")).json["data"]
    clock.advance(seconds=1)  # of the same second they would have the same
    accepted = call("POST", "/documentos", invoice(referencia="V-1", observaciones="corregida")).json["data"]
    assert (rejected["estado"], accepted["estado"]) == ("rechazado", "aceptado")

    found = gateway.records.by_uuid(issuer.nit, accepted["cufe"])

    assert found.document_id == accepted["tracking_id"] == rejected["tracking_id"]
    assert accepted["cufe"] != rejected["cufe"]
    assert gateway.records.by_uuid(issuer.nit, rejected["cufe"]) is None


@pytest.mark.reads_the_date
def test_the_number_may_be_written_with_a_hyphen(call, sold, today):
    number = sold["numero_completo"].replace("SETP", "SETP-")
    checked = call("POST", PATHS[1], note(number, sold["cufe"], fecha=today, codigo="1"))

    assert (checked.status, checked.json["data"]["hallazgos"]) == (200, [])


@pytest.mark.reads_the_date
def test_an_invoice_that_is_not_ours_is_left_to_dian(call, today, issuer):
    checked = call("POST", PATHS[1], note("OTRA1", STRANGER, fecha=today, codigo="1"))

    assert (checked.status, checked.json["data"]["hallazgos"]) == (200, [])


@pytest.mark.reads_the_date
@pytest.mark.parametrize("path", PATHS)
def test_a_rejected_invoice_has_no_note(path, call, dian, today, issuer):
    dian.reject_next("FAK24", "DV del NIT")
    rejected = call("POST", "/documentos", invoice()).json["data"]
    assert rejected["estado"] == "rechazado"

    body = note(rejected["numero_completo"], rejected["cufe"], fecha=today, codigo="1")
    assert refused(call("POST", path, body)) == ["factura_referencia"]


@pytest.mark.reads_the_date
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("state", [State.RECEIVED, State.PENDING, State.UNKNOWN])
def test_an_invoice_without_verdict_has_its_note_later(path, state, call, dian, today, gateway, issuer):
    if state is State.PENDING:
        dian.slow_next()
    if state is State.UNKNOWN:
        dian.lose_next_answer()
    how = {"Prefer": "respond-async"} if state is State.RECEIVED else {}
    waiting = call("POST", "/documentos", invoice(), **how).json["data"]
    assert gateway.records.read(issuer.nit, waiting["tracking_id"]).state is state

    body = note(waiting["numero_completo"], waiting["cufe"] or STRANGER, fecha=today, codigo="1")
    answer = call("POST", path, body)

    assert (answer.status, answer.json["codigo"]) == (409, "factura_pendiente")
    assert answer.json["documento"] == {
        "tracking_id": waiting["tracking_id"],
        "numero_completo": waiting["numero_completo"],
        "estado": "pendiente",
    }


@pytest.mark.reads_the_date
def test_what_a_note_says_otherwise_than_its_invoice_goes_and_is_told(call, sold, clock, today):
    body = note(sold["numero_completo"], sold["cufe"], fecha="2026-05-10", codigo="1")
    body["adquiriente"] = {**BUYER, "numero_documento": "52123987"}
    body["lineas"][0] |= {"precio": 900000, "iva_pct": 5}

    checked = call("POST", PATHS[1], body).json["data"]["hallazgos"]

    assert [each["campo"] for each in checked] == [
        "factura_referencia.fecha",
        "adquiriente.numero_documento",
        "lineas",
        "lineas.0.iva_pct",
    ]
    told = [each["campo"] for each in call("POST", PATHS[0], body).json["data"]["notificaciones"]]
    assert told[:4] == [each["campo"] for each in checked]


@pytest.mark.reads_the_date
def test_an_annulment_of_less_than_the_whole_is_told(call, sold, today):
    part = note(sold["numero_completo"], sold["cufe"], fecha=today, codigo="2")
    whole = {**part, "lineas": invoice()["lineas"]}

    for body, fields in ((part, ["lineas"]), (whole, [])):
        found = call("POST", PATHS[1], body).json["data"]["hallazgos"]
        assert [each["campo"] for each in found] == fields


@pytest.mark.reads_the_date
def test_an_adjustment_note_is_held_to_its_support_document(call, today, issuer):
    bought = call("POST", "/documentos-soporte", support_document()).json["data"]
    assert bought["estado"] == "aceptado"

    crossed = dian_issuers.adjustment(bought["numero_completo"], STRANGER, today)
    made_up = dian_issuers.adjustment("OTRO1", bought["cufe"], "2020-02-29")

    assert refused(call("POST", "/notas-ajuste", crossed)) == ["documento_referencia.cuds"]
    assert refused(call("POST", "/notas-ajuste", made_up)) == ["documento_referencia.numero"]


@pytest.mark.reads_the_date
def test_a_line_of_a_lot_whose_invoice_is_pending_is_refused_alone(call, dian, deliver, drain, today, issuer):
    dian.lose_next_answer()
    doubtful = call("POST", "/documentos", invoice()).json["data"]
    waiting = note(doubtful["numero_completo"], doubtful["cufe"], fecha=today, codigo="1", referencia="N-1")
    lines = [{"tipo": "nota_credito", **waiting}, {"tipo": "factura", **invoice(referencia="V-2")}]

    lot = call("POST", "/lotes", lines).json["data"]["lote_id"]
    deliver()
    drain()

    rows = call("GET", f"/lotes/{lot}?per_page=100").json["documentos"]
    assert {(row["posicion"], row.get("codigo"), row["estado"]) for row in rows} == {
        (1, "factura_pendiente", "invalido"),
        (2, None, "aceptado"),
    }
