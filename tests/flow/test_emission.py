"""The path of one document: from POST to a settled record, over the handlers and a strict Factus."""

from datetime import timedelta
from unittest.mock import Mock

import pytest

from cauce.domain.life import SENDING_FOR
from cauce.domain.outcome import Message
from cauce.domain.record import State
from cauce.domain.search import Search
from cauce.emission import sending
from cauce.providers.base import Lane
from cauce.providers.factus.provider import Factus
from tests.documents import invoice, note
from tests.flow.lanes import LaneQueue
from tests.records import moved
from tests.settling import settle_due

VALIDATE = "?validar=solo"


def emitted(call, drain, path="/documentos", body=None, **headers):
    """POST, the queue's delivery, and the record as GET tells it."""
    posted = call("POST", path, body or invoice(), **headers)
    assert posted.status == 201, posted.text
    drain()
    return call("GET", f"/documentos/{posted.json['data']['tracking_id']}").json


def test_an_invoice_travels_from_post_to_accepted(call, drain, factus):
    data = emitted(call, drain)

    assert data["estado"] == "aceptado"
    three = {"subtotal": 122500, "iva": 23275, "total": 145775}
    assert data["totales"] == {**three, "impuestos": 23275, "descuentos": 0, "cargos": 0}
    assert data["numero_completo"].startswith("SETP")
    assert len(data["cufe"]) == 96
    assert factus.documents_received == 1


def test_the_signed_xml_is_archived_and_served_byte_for_byte(call, drain, gateway, issuer):
    data = emitted(call, drain)
    record = gateway.records.read(issuer.nit, data["tracking_id"])

    served = call("GET", f"/documentos/{data['tracking_id']}/xml")

    assert record.signed_xml.endswith(f"/{record.number}.xml")
    assert record.signed_xml.startswith(f"{issuer.nit}/{record.created_at:%Y}/{record.created_at:%m}/")
    assert served.status == 200
    assert served.headers["Content-Type"] == "application/xml"


def test_what_the_provider_cannot_emit_names_those_that_can(call):
    refused = call(
        "POST", "/notas-debito", note("SETP1", "a" * 96, motivo={"codigo": "1", "descripcion": "x"})
    )

    assert refused.status == 422
    assert refused.json["codigo"] == "no_soportado"
    assert "factus" in refused.json["proveedores"]


def test_the_same_reference_with_the_same_content_is_the_same_record(call, drain, factus):
    first = emitted(call, drain, body=invoice(referencia="VENTA-1"))

    again = call("POST", "/documentos", invoice(referencia="VENTA-1"))

    assert again.status == 201
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json["data"]["tracking_id"] == first["tracking_id"]
    assert factus.documents_received == 1


def test_the_same_reference_with_other_content_is_refused_naming_the_other_document_and_what_differs(
    call, drain, factus
):
    first = emitted(call, drain, body=invoice(referencia="VENTA-1"))
    body = invoice(referencia="VENTA-1", observaciones="otra")
    body["lineas"][1]["iva_pct"] = 5

    other = call("POST", "/documentos", body)

    assert (other.status, other.json["codigo"]) == (409, "referencia_en_uso")
    assert other.json["documento"] == {
        "tracking_id": first["tracking_id"],
        "numero_completo": first["numero_completo"],
        "estado": "aceptado",
    }
    assert sorted(other.json["diferencias"]) == ["lineas.1.iva_pct", "observaciones"]
    assert first["numero_completo"] in other.json["error"]
    assert factus.documents_received == 1


def test_notices_do_not_make_a_document_less_valid(call, drain, factus):
    factus.accept_with_notices({"FAJ43b": "Nombre informado no corresponde al RUT"})

    data = emitted(call, drain)

    assert data["estado"] == "aceptado"
    assert data["notificaciones"][0]["regla"] == "FAJ43b"


def test_only_validating_spends_nothing(call, factus, gateway, issuer):
    checked = call("POST", "/documentos?validar=solo", invoice())

    assert checked.status == 200
    assert checked.json["data"]["totales"]["total"] == 145775
    assert factus.documents_received == 0
    assert gateway.listing.page(issuer.nit, Search(), limit=5, start=None).records == []


@pytest.mark.parametrize(
    "stands, path, body",
    [
        ("accepted", "/documentos", invoice(observaciones="otra")),
        ("accepted", "/notas-credito", note("SETP990000001", "a" * 96)),
        ("rejected", "/notas-credito", note("SETP990000001", "a" * 96)),
        ("rejected by rule 90", "/documentos", invoice(observaciones="otra")),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_would_not_be_the_document_of_its_reference_is_refused_as_when_it_is_posted_if_only_validated(
    call, drain, gateway, issuer, factus, clock, stands, path, body
):
    if stands == "rejected":
        factus.reject_next("FAK24", "No está informado el DV del NIT")
    first = emitted(call, drain, body=invoice(referencia="VENTA-1"))
    if stands == "rejected by rule 90":  # as older code stored it
        record = gateway.records.read(issuer.nit, first["tracking_id"])
        said = (Message(text="Documento procesado anteriormente.", rule="90"),)
        gateway.records.save(moved(record, State.REJECTED, clock(), rejections=said))

    checked, posted = (
        call("POST", path + query, {**body, "referencia": "VENTA-1"}) for query in (VALIDATE, "")
    )

    assert (checked.status, posted.status) == (409, 409), checked.text + posted.text
    assert posted.json["documento"]["tracking_id"] == first["tracking_id"]
    assert posted.json["diferencias"]
    of_all = ("codigo", "error", "documento", "diferencias")
    assert [checked.json[name] for name in of_all] == [posted.json[name] for name in of_all]


def test_prefer_respond_async_answers_at_once(call, drain):
    posted = call("POST", "/documentos", invoice(), Prefer="respond-async")

    assert posted.status == 202
    assert posted.json["data"]["estado"] == "pendiente"
    assert drain() == 1


@pytest.fixture
def received(accept):
    """A record that nobody has sent yet."""
    return accept()


def test_a_delivery_beside_the_one_that_sends_takes_nothing_from_it(gateway, received, factus, monkeypatch):
    """The queue delivers twice: what the provider answers is written down all the same."""
    send = Factus.send

    def beside(provider, request):
        other = sending.emit(gateway, gateway.records.read(received.issuer, received.document_id))
        assert sending.keeps_its_place(gateway, other)
        assert timedelta() < sending.comes_back_in(gateway, other) <= SENDING_FOR
        return send(provider, request)

    monkeypatch.setattr(Factus, "send", beside)

    record = sending.emit(gateway, gateway.records.read(received.issuer, received.document_id))

    assert record.state is State.ACCEPTED
    assert factus.documents_received == 1


def test_who_died_sending_is_asked_about_in_time_however_often_the_message_comes(
    gateway, received, factus, clock
):
    """Its lane waits behind it for minutes, and not for as long as the message lasts."""
    queue = LaneQueue(gateway, clock)
    queue.put(received, Lane.KIND)
    now = gateway.now()
    gateway.records.save(moved(received, State.SENDING, now, due_at=now + SENDING_FOR))

    queue.run(clock() + timedelta(minutes=15), lambda: None)

    assert gateway.records.read(received.issuer, received.document_id).state is State.ACCEPTED
    assert factus.documents_received == 1
    assert queue.waiting == 0


def test_a_schedule_that_dies_before_it_queues_a_record_again_leaves_it_to_the_next_one(
    gateway, received, factus, clock, drain, monkeypatch
):
    def settle():
        clock.advance(minutes=4)
        settle_due(gateway)

    with monkeypatch.context() as dying:
        dying.setattr(type(gateway.queue), "put", Mock(side_effect=KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            settle()

    settle()
    drain()

    assert gateway.records.read(received.issuer, received.document_id).state is State.ACCEPTED
    assert factus.documents_received == 1


def test_a_record_that_waits_in_the_queue_is_not_queued_over_and_over(gateway, received, clock, drain):
    for _ in range(5):
        clock.advance(minutes=4)
        settle_due(gateway)

    assert drain() == 1
