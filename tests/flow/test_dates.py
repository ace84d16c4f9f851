"""DIAN direct issues on the day it signs, and at the true time; what was taken in keeps its place on later days."""

from datetime import timedelta
from typing import Any

import pytest
from lxml import etree

from cauce.domain.issuer import Issuer
from cauce.domain.record import State
from cauce.domain.time import bogota
from cauce.emission import sending
from cauce.gateway import Gateway
from tests import dian_issuers
from tests.documents import invoice, note, support_document
from tests.flow import queues
from tests.flow.conftest import ERP, Clock
from tests.simulators.dian import DianSimulator

PATHS = ("/documentos", "/documentos?validar=solo")


@pytest.fixture
def issuer(gateway: Gateway, dian: DianSimulator) -> Issuer:
    return dian_issuers.enrolled(gateway, dian)


def day(clock: Clock, days: int = 0) -> str:
    return (bogota(clock()).date() + timedelta(days=days)).isoformat()


def until_a_minute_before_midnight(clock: Clock) -> None:
    here = bogota(clock())
    clock.advance(seconds=(here.replace(hour=23, minute=59, second=10) - here).total_seconds() % 86400)


def dates_of(gateway: Gateway, record: Any) -> tuple[str, str]:
    """Of issue and of signature, of the XML that DIAN has."""
    root = etree.fromstring(gateway.archive.read(record.signed_xml))
    issued, signed = (root.find(f".//{{*}}{name}").text for name in ("IssueDate", "SigningTime"))
    return issued, signed[:10]


@pytest.mark.reads_the_date
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("days", [-1, 1, -30, 30])
def test_another_day_than_today_is_refused_before_a_number_is_taken(
    path: str, days: int, call, clock, dian, gateway, issuer
):
    before = {r.key: r.next for r in gateway.ranges.all(issuer.nit)}

    refused = call("POST", path, invoice(factura={"fecha": day(clock, days)}))

    assert refused.status == 422, refused.text
    assert list(refused.json["errors"]) == ["factura.fecha"]
    assert dian.documents_received == 0
    assert {r.key: r.next for r in gateway.ranges.all(issuer.nit)} == before


@pytest.mark.reads_the_date
def test_the_refusal_says_where_the_other_dates_go(call, clock):
    (sentence,) = call("POST", "/documentos", invoice(factura={"fecha": day(clock, -1)})).json["errors"][
        "factura.fecha"
    ]

    for words in ("FAD09e", "quite factura.fecha", "lineas[].compra.fecha", "factura_papel.fecha"):
        assert words in sentence


@pytest.mark.reads_the_date
@pytest.mark.parametrize("path", ["/documentos-soporte", "/documentos-soporte?validar=solo"])
def test_a_support_document_of_another_day_is_refused_and_its_purchase_s_date_goes_in_the_line(
    path: str, call, clock
):
    dated = support_document(factura={"fecha": day(clock, -15)})
    bought = support_document()
    for line in bought["lineas"]:
        line["compra"] = {"fecha": day(clock, -15)}

    assert list(call("POST", path, dated).json["errors"]) == ["factura.fecha"]
    assert call("POST", path, bought).status in (200, 201)


@pytest.mark.reads_the_date
@pytest.mark.parametrize("kind", ["notas-credito", "notas-debito", "notas-ajuste"])
@pytest.mark.parametrize("days", [-1, 1])
def test_a_note_of_another_day_is_refused_as_what_it_corrects(kind: str, days: int, call, clock):
    if kind == "notas-ajuste":
        body = dian_issuers.adjustment("SEDS1", "a" * 96, day(clock, -3))
    else:
        body = note("SETP1", "a" * 96, fecha=day(clock, -3), codigo="1")
    other_day = {**body, "factura": {"fecha": day(clock, days)}}

    for path in (f"/{kind}", f"/{kind}?validar=solo"):
        errors = call("POST", path, other_day).json["errors"]
        assert "AD09e" in errors["factura.fecha"][0], errors
    assert call("POST", f"/{kind}?validar=solo", body).status == 200


@pytest.mark.reads_the_date
def test_today_s_date_and_none_are_taken(call, clock):
    for body in (invoice(), invoice(factura={"fecha": day(clock)})):
        assert call("POST", "/documentos", body).json["data"]["estado"] == "aceptado"


@pytest.mark.reads_the_date
def test_with_other_dates_allowed_it_goes_with_its_date_signed_at_the_true_time_and_a_notice(
    call, clock, gateway, issuer
):
    allowing = {"dian": {**issuer.settings["dian"], "other_dates": "allow"}}
    gateway.issuers.save(issuer.model_copy(update={"settings": allowing}))

    posted = call("POST", "/documentos", invoice(factura={"fecha": day(clock, -1)}))

    assert posted.status == 201, posted.text
    data = posted.json["data"]
    assert [(each["campo"], each["origen"]) for each in data["notificaciones"]] == [
        ("factura.fecha", "cauce")
    ]
    assert [each["regla"] for each in data["rechazos"]] == ["FAD09e"], "which is what DIAN's simulator says"


@pytest.mark.parametrize("asked", [True, False])
@pytest.mark.reads_the_date
def test_a_document_taken_in_before_midnight_and_signed_after_it_is_dated_when_it_is_signed(
    asked: bool, call, clock, drain, gateway, issuer
):
    until_a_minute_before_midnight(clock)
    body = invoice(factura={"fecha": day(clock)}) if asked else invoice()
    taken = call("POST", "/documentos", body, Prefer="respond-async")
    tracking_id = taken.json["data"]["tracking_id"]
    assert taken.json["data"]["fecha_emision"].startswith(day(clock))

    clock.advance(minutes=2)
    drain()

    record = gateway.records.read(issuer.nit, tracking_id)
    assert record.state is State.ACCEPTED
    assert record.issued_at.date().isoformat() == day(clock)
    assert dates_of(gateway, record) == (day(clock), day(clock))


@pytest.mark.reads_the_date
def test_a_repetition_on_a_later_day_is_the_same_document(call, clock, dian):
    body = invoice(referencia="V-1", factura={"fecha": day(clock)})
    first = call("POST", "/documentos", body)

    clock.advance(days=3)
    again = call("POST", "/documentos", body)

    assert (first.status, again.status) == (201, 201)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json["data"]["tracking_id"] == first.json["data"]["tracking_id"]
    assert dian.documents_received == 1


@pytest.mark.reads_the_date
def test_what_failed_is_tried_again_on_a_later_day_whatever_its_date(call, clock, gateway, issuer):
    body = invoice(
        referencia="V-1", factura={"fecha": day(clock)}, pago={"forma": "2", "vencimiento": day(clock)}
    )
    taken = call("POST", "/documentos", body, Prefer="respond-async").json["data"]
    gateway.issuers.save(issuer.model_copy(update={"party": None}))
    sending.emit(gateway, gateway.records.read(issuer.nit, taken["tracking_id"]))
    assert call("GET", f"/documentos/{taken['tracking_id']}").json["estado"] == "fallido"
    gateway.issuers.save(issuer)

    clock.advance(days=2)
    again = call("POST", "/documentos", body).json["data"]

    assert (again["tracking_id"], again["estado"]) == (taken["tracking_id"], "aceptado")
    assert again["fecha_emision"].startswith(day(clock))


@pytest.mark.reads_the_date
def test_a_correction_on_a_later_day_is_not_refused_for_its_date_and_keeps_its_number(
    call, clock, dian, gateway, issuer
):
    dated = {"factura": {"fecha": day(clock)}, "pago": {"forma": "2", "vencimiento": day(clock)}}
    dian.reject_next("FAK24", "DV del NIT")
    rejected = call("POST", "/documentos", invoice(referencia="V-1", **dated)).json["data"]
    assert rejected["estado"] == "rechazado"

    clock.advance(days=2)
    body = invoice(referencia="V-1", orden={"numero": "OC-1"}, **dated)
    validated = call("POST", "/documentos?validar=solo", body)
    corrected = call("POST", "/documentos", body)

    assert (validated.status, corrected.status) == (200, 201), validated.text + corrected.text
    data = corrected.json["data"]
    assert (data["estado"], data["numero_completo"]) == ("aceptado", rejected["numero_completo"])
    assert data["fecha_emision"].startswith(day(clock))
    foreseen = validated.json["data"]
    assert foreseen["hallazgos"] == data["notificaciones"] == []
    assert foreseen["numero_completo"] == data["numero_completo"]


@pytest.mark.reads_the_date
def test_a_correction_is_validated_as_posted_though_its_range_ended_meanwhile(
    call, clock, dian, gateway, issuer
):
    dian.reject_next("FAK24", "DV del NIT")
    rejected = call("POST", "/documentos", invoice(referencia="V-1")).json["data"]
    [numbered_in] = [each for each in gateway.ranges.all(issuer.nit) if each.kind == "invoice"]
    ended = numbered_in.model_copy(update={"valid_to": bogota(gateway.now()).date()})
    gateway.ranges.save(issuer.nit, ended)
    clock.advance(days=2)

    body = invoice(referencia="V-1", orden={"numero": "OC-1"})
    validated = call("POST", "/documentos?validar=solo", body)
    corrected = call("POST", "/documentos", body)

    assert (validated.status, corrected.status) == (200, 201), validated.text + corrected.text
    numbers = [each.json["data"]["numero_completo"] for each in (validated, corrected)]
    assert numbers == [rejected["numero_completo"]] * 2


@pytest.mark.reads_the_date
@pytest.mark.parametrize("way", ["lot", "queue"])
@pytest.mark.parametrize("how", ["corrected", "failed"])
def test_what_has_a_number_is_refused_for_no_date_by_a_lot_or_the_queue_on_a_later_day_either(
    how: str, way: str, call, clock, dian, deliver, drain, gateway, issuer
):
    dated = {"factura": {"fecha": day(clock)}, "pago": {"forma": "2", "vencimiento": day(clock)}}
    body = invoice(referencia="V-1", **dated)
    if how == "corrected":
        dian.reject_next("FAK24", "DV del NIT")
        first = call("POST", "/documentos", body).json["data"]
        body |= {"orden": {"numero": "OC-1"}}
    else:
        first = call("POST", "/documentos", body, Prefer="respond-async").json["data"]
        gateway.issuers.save(issuer.model_copy(update={"party": None}))
        sending.emit(gateway, gateway.records.read(issuer.nit, first["tracking_id"]))
    gateway.issuers.save(issuer.model_copy(update={"senders": frozenset({ERP})}))

    clock.advance(days=2)
    if way == "lot":
        call("POST", "/lotes", [{"tipo": "factura", **body}])
    else:
        queues.to_intake({"tipo": "factura", **body}, issuer.nit)
    assert deliver() == []
    drain()

    (found,) = call("GET", "/documentos").json["data"]
    assert (found["tracking_id"], found["estado"]) == (first["tracking_id"], "aceptado")
    assert found["numero_completo"] == first["numero_completo"]
