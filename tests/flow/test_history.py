"""GET /documentos/{id}/eventos: what others declared about an invoice of ours, each event of which is news once."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from cauce.domain.document import Kind
from cauce.domain.issuer import Issuer
from cauce.domain.nit import check_digit
from cauce.domain.record import Record, State
from cauce.exchange import history
from cauce.providers.base import EventSeen
from tests import dian_issuers
from tests.dian_issuers import SUPPLIER
from tests.documents import BUYER, invoice
from tests.flow.killed import killed
from tests.unit.dian.talking import connected
from tests.unit.dian.test_provider_events import declare

pytestmark = pytest.mark.usefixtures("issuer")


@pytest.fixture
def issuer(gateway: Any, dian: Any) -> Issuer:
    return dian_issuers.enrolled(gateway, dian)


@pytest.fixture
def sold(call: Any, gateway: Any, issuer: Issuer) -> Record:
    """An invoice on credit to a company that DIAN knows."""
    buyer = {**BUYER, "tipo_persona": "1", "tipo_documento": "31", "numero_documento": SUPPLIER}
    buyer["dv"] = check_digit(SUPPLIER)
    payment = {"forma": 2, "medio": "1", "vencimiento": "2035-01-31"}
    answer = call("POST", "/documentos", invoice(adquiriente=buyer, pago=payment, referencia="H-1"))
    assert answer.status == 201, answer.text
    found = gateway.records.read(issuer.nit, answer.json["data"]["tracking_id"])
    assert found.state is State.ACCEPTED
    return found


@pytest.fixture
def news(call: Any, clock: Any) -> Callable[[], list[dict[str, Any]]]:
    def told() -> list[dict[str, Any]]:
        clock.advance(seconds=11)
        return list(call("GET", "/novedades?tipos=evento.recibido").json["data"])

    return told


def test_the_events_on_an_invoice_are_shown_and_each_is_told_once(sold, dian, call, news):
    path, buyer = f"/documentos/{sold.document_id}/eventos", connected(dian, SUPPLIER)
    before = call("GET", path).json["eventos"]
    first = declare(buyer, "030", sold.uuid, 1)
    one = call("GET", path).json
    declare(buyer, "032", sold.uuid, 2)
    call("GET", path)
    both = call("GET", path).json["eventos"]
    told = news()

    assert before == []
    (seen,) = one["eventos"]
    assert (seen["codigo"], seen["nombre"]) == ("030", "Acuse de recibo de la factura")
    assert (seen["cude"], seen["declarante"]) == (first.uuid, SUPPLIER)
    assert one["documento"]["tracking_id"] == sold.document_id
    assert [each["codigo"] for each in both] == ["030", "032"]
    assert [each["evento"]["codigo"] for each in told] == ["030", "032"]
    assert told[0]["evento"] == {name: seen[name] for name in ("codigo", "nombre", "numero", "cude", "fecha")}
    assert {each["documento"]["cufe"] for each in told} == {sold.uuid}


def test_an_event_that_the_issuer_declared_itself_is_shown_and_is_no_news(sold, dian, call, news):
    buyer = connected(dian, SUPPLIER)
    for n, code in enumerate(("030", "032"), 1):
        declare(buyer, code, sold.uuid, n)
    dian.age_events(days=9)
    declare(connected(dian), "034", sold.uuid, 3)

    shown = call("GET", f"/documentos/{sold.document_id}/eventos").json["eventos"]

    assert [each["codigo"] for each in shown] == ["030", "032", "034"]
    assert [each["evento"]["codigo"] for each in news()] == ["030", "032"]


def test_who_dies_among_the_events_loses_none_and_tells_none_twice(sold, dian, gateway, news):
    buyer = connected(dian, SUPPLIER)
    for n, code in enumerate(("030", "032", "031"), 1):
        declare(buyer, code, sold.uuid, n)
    for at in range(1, 20):
        for when in ("before", "after"):
            with killed(at, when) as effects:
                history.events(gateway, sold)
        if len(effects) < at:
            break

    assert [each["evento"]["codigo"] for each in news()] == ["030", "032", "031"]


def an_event(code: str, **facts: Any) -> EventSeen:
    absent: dict[str, Any] = dict.fromkeys(("uuid", "number", "description", "at", "sender", "receiver"))
    return EventSeen(code=code, **{**absent, **facts})


@pytest.fixture
def tells(sold: Record, gateway: Any, issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Have the history tell these events."""
    provider = gateway.provider(issuer, "dian")
    here = replace(gateway, provider=lambda *_: provider)

    def told(*events: EventSeen) -> None:
        monkeypatch.setattr(provider, "events", lambda _cufe: list(events))
        history.events(here, sold)

    return told


def test_an_event_whose_cude_came_later_is_told_once_and_endorsements_each(tells, news):
    tells(an_event("030", number="1"), an_event("037", number="7"))
    tells(
        an_event("030", number="1", uuid="a" * 96), an_event("037", number="7"), an_event("037", number="8")
    )

    assert [(each["evento"]["codigo"], each["evento"]["numero"]) for each in news()] == [
        ("030", "1"),
        ("037", "7"),
        ("037", "8"),
    ]


def test_a_history_without_end_is_shown_and_told_up_to_a_bound(tells, news):
    tells(*(an_event("037", number=str(n)) for n in range(200)))

    assert len(news()) == 50


@pytest.mark.parametrize("state", [State.PENDING, State.REJECTED])
def test_an_invoice_that_was_not_accepted_has_no_events_and_dian_is_not_asked(
    sold, dian, call, gateway, state
):
    gateway.records.save(sold.model_copy(update={"state": state}))
    asked = len(dian.requests)

    answer = call("GET", f"/documentos/{sold.document_id}/eventos")

    assert (answer.status, answer.json["codigo"]) == (409, "conflicto")
    assert len(dian.requests) == asked


def test_where_no_provider_tells_a_history_that_is_said(sold, call, gateway, issuer):
    others = dict.fromkeys(Kind, "facepro")
    gateway.issuers.save(issuer.model_copy(update={"providers": others}))
    gateway.records.save(sold.model_copy(update={"provider": "facepro"}))

    answer = call("GET", f"/documentos/{sold.document_id}/eventos")

    assert answer.json["codigo"] == "no_soportado", answer.text


def test_a_parameter_that_does_not_exist_is_refused_by_name(sold, call):
    answer = call("GET", f"/documentos/{sold.document_id}/eventos?tipo=030")

    assert (answer.status, "tipo" in answer.text) == (422, True)
