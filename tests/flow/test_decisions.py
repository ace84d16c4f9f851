"""POST /documentos/{id}/resolver: what nobody can settle by asking is decided by a person, once, and audited."""

from collections.abc import Iterator
from typing import Any

import pytest

from cauce.domain.access_token import read_bearer
from cauce.domain.document import Kind
from cauce.domain.issuer import Issuer
from cauce.domain.record import Record, State
from cauce.emission import sending
from cauce.reception import access
from tests import stack
from tests.documents import invoice
from tests.settling import settle_due
from tests.simulators.facepro import FacEProSimulator
from tests.simulators.facepro.tenants import Tenant

NIT = "901234567"


@pytest.fixture
def facepro() -> Iterator[FacEProSimulator]:
    with FacEProSimulator(tenants=[Tenant(nit=NIT)]) as simulator:
        yield simulator


@pytest.fixture
def bearer(gateway: Any, facepro: FacEProSimulator) -> str:
    """The token «Ana» of a company that invoices through FacEPro, which takes no reference and never gives twice."""
    company = Issuer(
        nit=NIT,
        check_digit="7",
        uuid="6a2f1c4e-0000-4000-8000-000000000008",
        number=8,
        name="EMPRESA SAS",
        providers={Kind.INVOICE: "facepro"},
        settings={"facepro": {"base_url": facepro.api_url}},
    )
    gateway.issuers.save(company)
    stack.keep_credentials(NIT, "facepro", {"token": facepro.token})
    return access.grant(gateway, NIT, name="Ana", email="ana@empresa.example")[1]


@pytest.fixture
def ask_on(gateway: Any, clock: Any) -> Any:
    """Let the schedule ask about a record until nothing more comes of it."""

    def asked(record: Record) -> Record:
        for _ in range(12):
            record = gateway.records.read(record.issuer, record.document_id)
            if record.due_at is None or record.needs_person:
                break
            clock.advance(minutes=11)
            settle_due(gateway)
        return record

    return asked


@pytest.fixture
def waiting(
    call: Any, drain: Any, gateway: Any, facepro: FacEProSimulator, bearer: str, ask_on: Any
) -> Record:
    """An invoice whose request was lost on its way, that FacEPro does not list, and that waits for a person."""
    facepro.lose_next_answer(stored=False)
    posted = call("POST", "/documentos", invoice(referencia="VENTA-1"), bearer=bearer)
    drain()
    record = ask_on(gateway.records.read(NIT, posted.json["data"]["tracking_id"]))
    assert (record.state, record.needs_person) == (State.UNKNOWN, True)
    return record


@pytest.fixture
def decide(call: Any, bearer: str) -> Any:
    def decided(document_id: str, body: Any, **options: Any) -> Any:
        return call("POST", f"/documentos/{document_id}/resolver", body, **{"bearer": bearer, **options})

    return decided


def decision(accion: str = "reenviar", **changes: Any) -> dict[str, Any]:
    return {"accion": accion, "motivo": "FacEPro confirma por teléfono que no llegó", **changes}


def test_what_waits_for_a_person_says_so_to_its_erp(call: Any, waiting: Record, bearer: str) -> None:
    detail = call("GET", f"/documentos/{waiting.document_id}", bearer=bearer).json

    assert detail["estado"] == "pendiente"
    assert "persona" in detail["estado_detalle"]


def test_time_alone_never_sends_it_again(
    waiting: Record, facepro: FacEProSimulator, gateway: Any, clock: Any, drain: Any
) -> None:
    for _ in range(5):
        clock.advance(days=2)
        settle_due(gateway)
        drain()

    assert facepro.documents_received == 0
    assert gateway.records.read(NIT, waiting.document_id).state is State.UNKNOWN


def test_reenviar_sends_it_once_more_and_the_trace_says_who_and_why(
    decide: Any, bearer: str, waiting: Record, facepro: FacEProSimulator, gateway: Any, drain: Any
) -> None:
    decided = decide(waiting.document_id, decision())
    drain()

    record = gateway.records.read(NIT, waiting.document_id)
    assert decided.status == 200
    assert decided.json["tracking_id"] == waiting.document_id
    assert record.state is State.ACCEPTED
    assert facepro.documents_received == 1
    line = next(step for step in record.steps if "se envía otra vez" in (step.detail or ""))
    assert line.detail == "se envía otra vez; Ana: FacEPro confirma por teléfono que no llegó"
    assert line.by == f"token {read_bearer(bearer).id}"


def test_descartar_ends_it_and_nothing_is_sent(
    decide: Any, bearer: str, waiting: Record, facepro: FacEProSimulator, gateway: Any, drain: Any
) -> None:
    decided = decide(waiting.document_id, decision("descartar"))
    drain()

    record = gateway.records.read(NIT, waiting.document_id)
    assert (decided.status, decided.json["estado"]) == (200, "fallido")
    assert (record.state, record.due_at) == (State.FAILED, None)
    assert record.steps[-1].detail == "descartado por Ana: FacEPro confirma por teléfono que no llegó"
    assert record.steps[-1].by == f"token {read_bearer(bearer).id}"
    assert facepro.documents_received == 0


def test_a_document_that_turns_up_after_all_is_no_longer_to_be_decided(
    decide: Any, waiting: Record, facepro: FacEProSimulator, gateway: Any, clock: Any, monkeypatch: Any
) -> None:
    """It was only late in FacEPro's list: asked once more, it is found, and a decision comes too late."""
    gateway.provider(gateway.issuers.read(NIT), "facepro").send(gateway.archive.sent_request(waiting))
    # FacEPro stored it at the second that we chose: the list shows it as ours.
    clock.advance(hours=2)
    settle_due(gateway)

    late = decide(waiting.document_id, decision())

    assert late.status == 409
    assert gateway.records.read(NIT, waiting.document_id).state is State.ACCEPTED
    assert facepro.documents_received == 1


@pytest.mark.parametrize("how", ["accepted", "pending"])
def test_only_what_waits_for_a_person_may_be_decided(
    call: Any, drain: Any, decide: Any, bearer: str, facepro: FacEProSimulator, gateway: Any, how: str
) -> None:
    if how == "pending":
        facepro.pend_next(5)
    posted = call("POST", "/documentos", invoice(), bearer=bearer)
    drain()

    refused = decide(posted.json["data"]["tracking_id"], decision())

    assert (refused.status, refused.json["codigo"]) == (409, "conflicto")
    assert facepro.documents_received == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"motivo": "x"}, "accion"),
        ({"accion": "reenviar"}, "motivo"),
        ({"accion": "reenviar", "motivo": ""}, "motivo"),
        ({"accion": "reenviar", "motivo": "x" * 501}, "motivo"),
        ({"accion": "borrar", "motivo": "x"}, "accion"),
        ({"accion": None, "motivo": "x"}, "accion"),
        ({"accion": "reenviar", "motivo": "x", "forzar": True}, "forzar"),
    ],
)
def test_a_decision_names_its_action_and_its_reason(
    decide: Any, waiting: Record, everything: Any, body: dict[str, Any], field: str
) -> None:
    before = everything()

    refused = decide(waiting.document_id, body)

    assert refused.status == 422
    assert field in refused.json["errors"]
    assert everything() == before


def test_nobody_decides_for_another_issuer(decide: Any, waiting: Record, token: str, everything: Any) -> None:
    before = everything()

    for bearer in (token, None, "1|wrong-wrong-wrong-wrong"):
        refused = decide(waiting.document_id, decision(), bearer=bearer)
        assert refused.status in (401, 404)

    assert everything() == before


@pytest.fixture
def alike(call: Any, gateway: Any, facepro: FacEProSimulator, bearer: str, ask_on: Any, clock: Any) -> Any:
    """Two just alike, of one second, whose answers were lost, and that wait for a person. ``stored``: which arrived."""

    def made(*stored: bool) -> list[Record]:
        second = gateway.now().replace(microsecond=0)
        ids = []
        for reference, is_stored in zip(("VENTA-1", "VENTA-2"), stored, strict=True):
            facepro.lose_next_answer(stored=is_stored)
            clock.advance(seconds=(second - clock()).total_seconds())
            posted = call("POST", "/documentos", invoice(referencia=reference), bearer=bearer)
            ids.append(posted.json["data"]["tracking_id"])
        records = [sending.emit(gateway, gateway.records.read(NIT, each)) for each in ids]
        assert {record.state for record in records} == {State.UNKNOWN}
        assert records[0].issued_at == records[1].issued_at
        assert facepro.documents_received == sum(stored)
        return [ask_on(record) for record in records]

    return made


def test_of_two_alike_of_one_second_neither_takes_what_may_be_the_others(
    alike: Any, facepro: FacEProSimulator
) -> None:
    """One arrived, nobody heard; the other did not: all that FacEPro is searched by is the same for both.

    A lane keeps them apart only while its messages come in order.
    """
    first, second = alike(False, True)

    assert {(each.state, each.needs_person, each.number) for each in (first, second)} == {
        (State.UNKNOWN, True, None)
    }
    assert "VENTA-2" in first.last_error and "VENTA-1" in second.last_error
    assert facepro.documents_received == 1


def test_a_person_tells_two_alike_apart_by_the_cufe_of_each_and_neither_takes_the_others(
    alike: Any, decide: Any, facepro: FacEProSimulator, gateway: Any
) -> None:
    first, second = alike(True, True)
    one, other = facepro.documents

    accepted = decide(first.document_id, decision("aceptar", cufe=one.cufe))
    taken = decide(second.document_id, decision("aceptar", cufe=one.cufe))

    assert (accepted.status, accepted.json["estado"]) == (200, "aceptado"), accepted.text
    record = gateway.records.read(NIT, first.document_id)
    assert (str(record.number), record.uuid) == (one.number, one.cufe)
    assert record.provider_ids["tracking_id"] == one.tracking_id
    assert record.signed_xml is not None and one.cufe.encode() in gateway.archive.read(record.signed_xml)
    assert taken.status == 409 and one.number in taken.json["error"]
    assert gateway.records.read(NIT, second.document_id).needs_person

    assert decide(second.document_id, decision("aceptar", cufe=other.cufe)).json["estado"] == "aceptado"
    record = gateway.records.read(NIT, second.document_id)
    assert (str(record.number), record.provider_ids["tracking_id"]) == (other.number, other.tracking_id)
    assert facepro.documents_received == 2


@pytest.mark.parametrize(
    ("what", "why"),
    [
        ("of nobody", "no lista"),
        ("of another total", "el total es"),
        ("rejected", "no da por validado"),
        ("pending", "no da por validado"),
    ],
)
def test_no_cufe_is_accepted_but_that_of_this_document_once_dian_validated_it(
    call: Any,
    drain: Any,
    decide: Any,
    bearer: str,
    waiting: Record,
    facepro: FacEProSimulator,
    gateway: Any,
    what: str,
    why: str,
) -> None:
    changes: dict[str, Any] = {}
    match what:
        case "of another total":
            line = invoice()["lineas"][0]
            changes = {"lineas": [{**line, "precio": 1}]}
        case "rejected":
            facepro.reject_next("FAK24", "No")
        case "pending":
            facepro.pend_next(9)
    if what != "of nobody":
        call("POST", "/documentos", invoice(**changes), bearer=bearer)
        drain()
    cufe = facepro.documents[0].cufe if facepro.documents else "b" * 96

    refused = decide(waiting.document_id, decision("aceptar", cufe=cufe))

    assert (refused.status, refused.json["codigo"]) == (409, "conflicto")
    assert why in refused.json["error"]
    record = gateway.records.read(NIT, waiting.document_id)
    assert (record.state, record.needs_person, record.uuid) == (State.UNKNOWN, True, None)
