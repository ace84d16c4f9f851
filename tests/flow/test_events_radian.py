"""POST /eventos: seed 003's event over HTTP, RADIAN's order, what contradicts it, and three business days of silence."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cauce import wiring
from cauce.domain.access_token import read_bearer
from cauce.domain.document import Kind
from cauce.domain.errors import InvalidDocument, PermissionDenied, ReferenceConflict, Unsupported
from cauce.domain.event import Event, EventCode, EventPerson
from cauce.domain.issuer import Issuer, Permission
from cauce.domain.record import State
from cauce.intake import events
from cauce.providers.base import EventSeen, Verb
from cauce.reception import access
from tests import stack
from tests.records import moved
from tests.settling import settle_due
from tests.simulators.afacturar import NIT, TOKEN, AfacturarSimulator

SEEDS = Path(__file__).resolve().parents[3] / "shared" / "seeds"
CUFE = "f46111923e8a010b647ed4192de51987ada7c2d18d136ab0184d66838c4ae9f5e9ca302f8e0d41fc0e5883357c2423a4"
PERSON = {
    "tipo_identificacion": 13,
    "identificacion": "1111111",
    "nombres": "Prueba",
    "apellidos": "Acuse de recibo",
    "cargo": "Cargo de la empresa",
    "area": "Area a la que pertenece el cargo",
}


def body(codigo: str = "030", **changes: Any) -> dict[str, Any]:
    """An event as the contract has it: what seed 003 nests, flat."""
    return {
        "codigo": codigo,
        "informacion_documento_referencia": {"cufe": CUFE},
        "quien_recibio_documento": dict(PERSON),
        **changes,
    }


def seeds_body(**transmission: Any) -> dict[str, Any]:
    """The example of seed 003's page, in its own shape."""
    flat = body()
    flat.pop("codigo")
    return {
        "evento": [flat],
        "generalidades": {
            "tipo_ambiente_dian": 2,
            "identificador_transmision": "20220913_122843",
            "integrador": {"nombre": "WEB", "tipo": "WEB"},
            **transmission,
        },
    }


@pytest.fixture
def afacturar() -> Iterator[AfacturarSimulator]:
    with AfacturarSimulator() as simulator:
        yield simulator


@pytest.fixture
def buyer(gateway: Any, afacturar: AfacturarSimulator) -> Issuer:
    """A company that declares events through Afacturar, and nothing else."""
    found = Issuer(
        nit=NIT,
        check_digit="1",
        uuid="6a2f1c4e-0000-4000-8000-000000000009",
        number=9,
        name="OBLIGADO S.A.S.",
        providers={Kind.EVENT: "afacturar"},
        settings={"afacturar": {"base_url": afacturar.base_url}},
    )
    gateway.issuers.save(found)
    stack.keep_credentials(NIT, "afacturar", {"token": TOKEN})
    return found


@pytest.fixture
def declare(call: Any, drain: Any, gateway: Any, buyer: Issuer) -> Any:
    """POST an event as the buyer, let the queue run, and give the answer and the record as it then is."""
    bearer = access.grant(gateway, buyer.nit, name="ERP", email="erp@obligado.example")[1]

    def declared(content: dict[str, Any], **headers: str) -> Any:
        answer = call("POST", "/eventos", content, bearer=bearer, **headers)
        drain()
        record = None
        if answer.status in (201, 202):
            record = gateway.records.read(buyer.nit, answer.json["data"]["tracking_id"])
        return SimpleNamespace(answer=answer, record=record, bearer=bearer)

    return declared


# Over HTTP, through Afacturar


def test_seed_003_event_is_taken_as_its_page_prints_it_and_declared_field_by_field(
    declare: Any, afacturar: AfacturarSimulator
) -> None:
    declared = declare(seeds_body())

    assert declared.answer.status == 201
    assert declared.record.state is State.ACCEPTED
    assert declared.record.steps[0].by == f"token {read_bearer(declared.bearer).id}"
    assert afacturar.events == {CUFE: ["030"]}
    sent = json.loads(afacturar.calls[-1].fields["data"])
    assert sent["evento"] == seeds_body()["evento"]
    assert sent["generalidades"]["tipo_ambiente_dian"] == 2
    assert sent["generalidades"]["integrador"] == {"nombre": "WEB", "tipo": "WEB"}
    assert afacturar.calls[-1].fields["documento_obligado"] == NIT
    assert declared.record.event.reference == "20220913_122843"


def test_seed_003_event_of_the_page_itself(declare: Any) -> None:
    page = next(iter(SEEDS.glob("003_*.txt")), None)
    if page is None:
        pytest.skip("the reference material is absent: seeds/003")
    text = page.read_text("utf-8")
    published = json.JSONDecoder().raw_decode(text, text.index("{", text.index("Ejemplo 1.")))[0]

    assert published == seeds_body()
    assert declare(published).record.state is State.ACCEPTED


def test_the_answer_is_the_contracts_with_the_event_beside_it(declare: Any, call: Any) -> None:
    declared = declare(body())
    detail = call("GET", f"/documentos/{declared.record.document_id}", bearer=declared.bearer).json

    assert detail["tipo_documento"] == "evento"
    assert detail["tipo_codigo"] == "CUDE"
    assert detail["evento"] == {"codigo": "030", "cufe_factura": CUFE}
    assert detail["estado"] == "aceptado"
    assert len(detail["cufe"]) == 96
    assert detail["numero_completo"] is None
    assert detail["adquirente"] is None


def test_the_signed_xml_of_an_event_is_served(declare: Any, call: Any) -> None:
    declared = declare(body())

    served = call("GET", f"/documentos/{declared.record.document_id}/xml", bearer=declared.bearer)

    assert declared.record.signed_xml
    assert declared.record.due_at is None
    assert served.status == 200


@pytest.mark.parametrize("codes", [("030", "032", "033"), ("030", "032", "031")])
def test_events_go_in_dians_order(
    declare: Any, afacturar: AfacturarSimulator, codes: tuple[str, ...]
) -> None:
    for code in codes:
        extra = {"tipo_reclamo": "02"} if code == "031" else {}
        assert declare(body(code, **extra)).record.state is State.ACCEPTED

    assert afacturar.events == {CUFE: list(codes)}


@pytest.mark.parametrize(("code", "before"), [("032", "030"), ("031", "032"), ("033", "032")])
def test_an_event_out_of_order_is_refused_and_nothing_is_declared(
    declare: Any, afacturar: AfacturarSimulator, everything: Any, code: str, before: str
) -> None:
    extra = {"tipo_reclamo": "02"} if code == "031" else {}
    declare(body("030", informacion_documento_referencia={"cufe": "ab" * 48}))
    before_it = everything()

    refused = declare(body(code, **extra)).answer

    assert refused.status == 422
    assert refused.json["codigo"] == "datos_invalidos"
    assert before in refused.json["errors"]["codigo"][0]
    assert CUFE not in afacturar.events
    assert everything() == before_it


def test_what_was_declared_elsewhere_counts_where_a_history_tells_it(
    declare: Any, afacturar: AfacturarSimulator, buyer: Issuer
) -> None:
    """The acknowledgement was made in Afacturar's portal: the receipt follows it all the same."""
    afacturar.declare_elsewhere("030", CUFE, NIT)

    assert declare(body("032")).record.state is State.ACCEPTED


@pytest.mark.parametrize(("first", "second"), [("033", "031"), ("031", "033")])
def test_what_contradicts_the_end_of_the_matter_is_refused(
    declare: Any, afacturar: AfacturarSimulator, first: str, second: str
) -> None:
    def of(code: str) -> dict[str, Any]:
        return body(code, **({"tipo_reclamo": "02"} if code == "031" else {}))

    for code in ("030", "032", first):
        declare(of(code))

    refused = declare(of(second)).answer

    assert refused.status == 422
    assert first in refused.json["errors"]["codigo"][0]
    assert afacturar.events == {CUFE: ["030", "032", first]}


@pytest.mark.parametrize(
    "transmission", [{}, {"identificador_transmision": "20220913_999999"}], ids=["as it was", "another id"]
)
def test_the_same_event_again_is_the_same_record_under_whatever_reference(
    declare: Any, afacturar: AfacturarSimulator, transmission: dict[str, str]
) -> None:
    """DIAN takes each code once for an invoice, whatever the transmission is called."""
    first, again = declare(seeds_body()), declare(seeds_body(**transmission))

    assert again.answer.status == 201
    assert again.answer.headers["Idempotency-Replayed"] == "true"
    assert again.record.document_id == first.record.document_id
    assert afacturar.events == {CUFE: ["030"]}


def test_another_event_of_the_same_code_on_the_invoice_is_refused(
    declare: Any, afacturar: AfacturarSimulator
) -> None:
    declare(body())

    other = declare(body(quien_recibio_documento={**PERSON, "nombres": "Otra"})).answer

    assert (other.status, other.json["codigo"]) == (409, "referencia_en_uso")
    assert list(other.json["errors"]) == ["informacion_documento_referencia.cufe"]
    assert afacturar.events == {CUFE: ["030"]}


def test_a_reference_names_one_event_only(declare: Any, afacturar: AfacturarSimulator) -> None:
    declare(body(referencia="ACUSE-1"))

    other = declare(body(referencia="ACUSE-1", informacion_documento_referencia={"cufe": "ab" * 48})).answer

    assert (other.status, other.json["codigo"]) == (409, "referencia_en_uso")
    assert list(other.json["errors"]) == ["referencia"]
    assert other.json["documento"]["estado"] == "aceptado"
    assert other.json["diferencias"] == ["informacion_documento_referencia.cufe"]
    assert list(afacturar.events) == [CUFE]


def test_an_event_found_in_the_history_stops_asking_for_a_file_that_nobody_publishes(
    declare: Any, afacturar: AfacturarSimulator, gateway: Any, clock: Any
) -> None:
    afacturar.lose_next_answer(stored=True, path="acuse_recibo_fev")
    lost = declare(body()).record

    for _ in range(6):
        clock.advance(days=1)
        settle_due(gateway)

    record = gateway.records.read(lost.issuer, lost.document_id)
    assert (record.state, record.signed_xml, record.due_at) == (State.ACCEPTED, None, None)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"informacion_documento_referencia": {"cufe": CUFE[:-1]}}, "informacion_documento_referencia.cufe"),
        ({"informacion_documento_referencia": {"cufe": "z" * 96}}, "informacion_documento_referencia.cufe"),
        ({"informacion_documento_referencia": {"cufe": 12}}, "informacion_documento_referencia.cufe"),
        ({"informacion_documento_referencia": {}}, "informacion_documento_referencia.cufe"),
        ({"informacion_documento_referencia": None}, "informacion_documento_referencia"),
        ({"codigo": "029"}, "codigo"),
        ({"codigo": "035"}, "codigo"),
        ({"quien_recibio_documento": None}, "quien_recibio_documento"),
        ({"quien_recibio_documento": {**PERSON, "tipo_identificacion": 99}}, "quien_recibio_documento.tipo_identificacion"),
        ({"quien_recibio_documento": {**PERSON, "identificacion": ""}}, "quien_recibio_documento.identificacion"),
        ({"quien_recibio_documento": {**PERSON, "nombres": ""}}, "quien_recibio_documento.nombres"),
        ({"quien_recibio_documento": {**PERSON, "apellidos": None}}, "quien_recibio_documento.apellidos"),
        ({"tipo_reclamo": "02"}, "tipo_reclamo"),
        ({"encabezado": {"tipo_reclamo": "02"}}, "encabezado.tipo_reclamo"),
        ({"codigo": "031"}, "tipo_reclamo"),
        ({"codigo": "031", "tipo_reclamo": "05"}, "tipo_reclamo"),
        ({"nota": "Juro"}, "nota"),
        ({"codigo": "034"}, "nota"),
        ({"fecha_recibo": "ayer"}, "fecha_recibo"),
        ({"sobra": 1}, "sobra"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_an_event_is_named_and_nothing_is_asked(
    declare: Any, afacturar: AfacturarSimulator, everything: Any, wrong: dict[str, Any], field: str
) -> None:
    before = everything()

    refused = declare(body(**wrong)).answer

    assert refused.status == 422, refused.text
    assert field in refused.json["errors"]
    assert afacturar.requests == []
    assert everything() == before


@pytest.mark.parametrize("listed", [[], [body(), body()], "evento", [1], {}], ids=str)
def test_the_pages_list_holds_exactly_one_event(declare: Any, listed: Any) -> None:
    refused = declare({"evento": listed}).answer

    assert refused.status == 422
    assert list(refused.json["errors"]) == ["evento"]


def test_a_cufe_in_capitals_is_the_same_invoice(declare: Any, afacturar: AfacturarSimulator) -> None:
    declare(body(informacion_documento_referencia={"cufe": CUFE.upper()}))

    assert list(afacturar.events) == [CUFE]


def test_an_event_that_the_provider_does_not_declare_says_so(
    declare: Any, afacturar: AfacturarSimulator
) -> None:
    refused = declare(
        body("034", nota="Manifiesto bajo la gravedad de juramento", fecha_recibo="2026-01-05")
    ).answer

    assert (refused.status, refused.json["codigo"]) == (422, "no_soportado")
    assert afacturar.requests == []


# The rules, on a provider whose history a test writes


class Knows:
    """A provider that takes every event, and whose history is what a test says."""

    title = "Conocedor"
    name = "afacturar"

    def __init__(self, *history: tuple[str, date | None], tells: bool = True):
        self.history = history
        self.capabilities = SimpleNamespace(
            event_codes=frozenset(EventCode), verbs=frozenset({Verb.EVENTS} if tells else ())
        )

    def check_event(self, event: Event) -> None:
        """Whatever it is."""

    def events(self, cufe: str) -> list[EventSeen]:
        return [
            EventSeen(
                code=code,
                uuid="ab" * 48,
                number=None,
                description=None,
                at=datetime(day.year, day.month, day.day, 20, tzinfo=UTC) if day else None,
                sender=None,
                receiver=None,
            )
            for code, day in self.history
        ]


@pytest.fixture
def on(gateway: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The gateway at a moment, its provider one that ``Knows``."""

    def at(now: datetime, provider: Knows) -> Any:
        made = replace(gateway, now=lambda: now, provider=lambda _issuer, _name: provider)
        monkeypatch.setattr(wiring, "gateway", lambda: made)
        return made

    return at


def company(**changes: Any) -> Issuer:
    found = Issuer(
        nit=NIT, check_digit="1", uuid="u", number=9, name="X", providers={Kind.EVENT: "afacturar"}
    )
    return found.model_copy(update=changes)


def event(code: str, cufe: str = CUFE) -> Event:
    person = EventPerson(identification_type="13", identification="1", names="Ana", last_names="Díaz")
    return Event(
        code=EventCode(code),
        invoice_uuid=cufe,
        person=person if code in ("030", "032") else None,
        claim_code="02" if code == "031" else None,
        sworn_note="Manifiesto bajo la gravedad de juramento" if code == "034" else None,
    )


RECEIVED = date(2026, 5, 4)
LATER = datetime(2026, 6, 30, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("received_on", "from_day", "why"),
    [
        (date(2026, 5, 4), date(2026, 5, 8), "a Monday: Tuesday, Wednesday, Thursday"),
        (date(2026, 5, 8), date(2026, 5, 14), "a Friday: the weekend does not count"),
        (date(2026, 5, 9), date(2026, 5, 14), "a Saturday"),
        (date(2026, 4, 30), date(2026, 5, 7), "the eve of 1 May, a Friday"),
        (date(2026, 5, 15), date(2026, 5, 22), "before the Monday of the Ascension, which moves"),
        (date(2026, 4, 1), date(2026, 4, 9), "Holy Week"),
        (date(2026, 12, 23), date(2026, 12, 30), "Christmas"),
        (date(2026, 12, 30), date(2027, 1, 6), "over the new year"),
        (date(2026, 7, 17), date(2026, 7, 24), "20 July, a Monday"),
        (date(2026, 8, 6), date(2026, 8, 13), "7 August, a Friday"),
    ],
)
def test_silence_lasts_three_colombian_business_days(received_on: date, from_day: date, why: str) -> None:
    assert events.tacit_from(received_on) == from_day, why


@pytest.mark.parametrize("told_by", ["history", "request"])
@pytest.mark.parametrize(
    ("now", "accepted"),
    [
        (datetime(2026, 5, 8, 4, 59, tzinfo=UTC), False),  # still the 7th in Bogotá
        (datetime(2026, 5, 8, 5, 0, tzinfo=UTC), True),
    ],
)
def test_tacit_acceptance_waits_for_the_silence_to_end_in_bogota(
    on: Any, told_by: str, now: datetime, accepted: bool
) -> None:
    """Received on Monday the 4th: Tuesday, Wednesday and Thursday must have passed."""
    history = (("030", RECEIVED), ("032", RECEIVED)) if told_by == "history" else ()
    gateway = on(now, Knows(*history, tells=told_by == "history"))
    received_on = RECEIVED if told_by == "request" else None

    if accepted:
        record, replayed = events.take_in(gateway, company(), event("034"), "h", received_on)
        assert (record.state, replayed) == (State.RECEIVED, False)
    else:
        with pytest.raises(InvalidDocument) as refusal:
            events.take_in(gateway, company(), event("034"), "h", received_on)
        assert "2026-05-08" in refusal.value.fields["code"][0]
        assert gateway.records.by_reference(NIT, event("034").identity) is None


def test_the_silence_is_counted_from_the_receipt_that_was_accepted_and_not_from_its_rejected_attempt(
    on: Any,
) -> None:
    provider = Knows(("030", RECEIVED), tells=False)
    day = datetime(2026, 5, 4, 15, tzinfo=UTC)
    first, _ = events.take_in(on(day, provider), company(), event("030"), "h", None)
    gateway = on(day, provider)
    gateway.records.save(moved(first, State.ACCEPTED, day))
    rejected, _ = events.take_in(gateway, company(), event("032"), "h", None)
    gateway.records.save(moved(rejected, State.REJECTED, day))
    gateway = on(day + timedelta(days=7), provider)

    again, _ = events.take_in(gateway, company(), event("032"), "h", None)
    gateway.records.save(moved(again, State.ACCEPTED, day))

    assert again.document_id == rejected.document_id
    with pytest.raises(InvalidDocument, match="2026-05-15"):
        events.take_in(gateway, company(), event("034"), "h", None)


def test_a_history_is_believed_before_the_request(on: Any) -> None:
    """The request says that it was received long ago; DIAN's history says yesterday."""
    gateway = on(datetime(2026, 5, 5, 15, tzinfo=UTC), Knows(("030", RECEIVED), ("032", RECEIVED)))

    with pytest.raises(InvalidDocument):
        events.take_in(gateway, company(), event("034"), "h", date(2026, 1, 5))


def test_tacit_acceptance_needs_the_day_of_the_receipt(on: Any) -> None:
    with pytest.raises(InvalidDocument) as refusal:
        events.take_in(on(LATER, Knows(tells=False)), company(), event("034"), "h", None)

    assert list(refusal.value.fields) == ["received_on"]


def test_a_receipt_that_the_history_does_not_have_is_not_taken_on_the_requests_word(on: Any) -> None:
    """DIAN's rule LGC14: no tacit acceptance without the receipt of the goods."""
    gateway = on(LATER, Knows(("030", RECEIVED)))

    with pytest.raises(InvalidDocument) as refusal:
        events.take_in(gateway, company(), event("034"), "h", RECEIVED)

    assert "032" in refusal.value.fields["code"][0]
    assert gateway.records.by_reference(NIT, event("034").identity) is None


@pytest.mark.parametrize(
    ("history", "code", "allowed"),
    [
        ((), "030", True),
        ((), "032", False),
        (("030",), "032", True),
        (("030",), "031", False),
        (("030",), "033", False),
        (("030", "032"), "031", True),
        (("030", "032"), "033", True),
        (("030", "032", "033"), "031", False),
        (("030", "032", "034"), "031", False),
        (("030", "032", "031"), "033", False),
        (("030", "032", "034"), "033", False),
        (("030", "032", "031"), "034", False),
        (("030", "032", "033"), "034", False),
        (("030", "032"), "034", True),
    ],
)
def test_the_order_of_events_and_what_excludes_what(
    on: Any, history: tuple[str, ...], code: str, allowed: bool
) -> None:
    gateway = on(LATER, Knows(*((each, RECEIVED) for each in history)))

    if allowed:
        assert events.take_in(gateway, company(), event(code), "h", None)[0].state is State.RECEIVED
        return
    with pytest.raises(InvalidDocument) as refusal:
        events.take_in(gateway, company(), event(code), "h", None)
    assert "code" in refusal.value.fields


@pytest.mark.parametrize(("first", "second"), [("033", "031"), ("031", "033"), ("033", "034")])
def test_what_contradicts_an_end_whose_answer_is_awaited_waits_for_it(
    on: Any, first: str, second: str
) -> None:
    gateway = on(LATER, Knows(("030", RECEIVED), ("032", RECEIVED)))
    pending, _ = events.take_in(gateway, company(), event(first), "h1", None)

    with pytest.raises(InvalidDocument) as refusal:
        events.take_in(gateway, company(), event(second), "h2", None)
    assert first in refusal.value.fields["code"][0]

    gateway.records.save(moved(pending, State.REJECTED, LATER))
    assert events.take_in(gateway, company(), event(second), "h2", None)[0].state is State.RECEIVED


def test_an_event_of_another_invoice_says_nothing_of_this_one(on: Any) -> None:
    gateway = on(LATER, Knows(tells=False))
    first, _ = events.take_in(gateway, company(), event("030", "ab" * 48), "h", None)
    gateway.records.save(moved(first, State.ACCEPTED, LATER))

    with pytest.raises(InvalidDocument):
        events.take_in(gateway, company(), event("032"), "h2", None)
    assert events.take_in(gateway, company(), event("032", "ab" * 48), "h3", None)[0].state is State.RECEIVED


def test_the_same_code_with_other_content_conflicts(on: Any) -> None:
    gateway = on(LATER, Knows())
    events.take_in(gateway, company(), event("030"), "h1", None)

    with pytest.raises(ReferenceConflict):
        events.take_in(gateway, company(), event("030"), "h2", None)


def test_who_may_not_declare_events_is_told_so(on: Any) -> None:
    gateway = on(LATER, Knows())
    without = company(permissions=frozenset(Permission) - {Permission.EVENTS})

    with pytest.raises(PermissionDenied):
        events.take_in(gateway, without, event("030"), "h", None)
    with pytest.raises(Unsupported) as nobody:
        events.take_in(gateway, company(providers={}), event("030"), "h", None)
    assert set(nobody.value.providers) >= {"afacturar"}
