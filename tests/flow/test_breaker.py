"""The circuit breaker: a provider that is out is left alone, nothing is lost, and it comes back at its own pace."""

import json
import logging
from contextlib import suppress
from dataclasses import asdict
from datetime import timedelta
from types import SimpleNamespace
from unittest.mock import Mock

import httpx
import pytest
from botocore.exceptions import ClientError
from pydantic import SecretStr

from cauce.aws import items, keys
from cauce.aws.pace import SharedTurns
from cauce.aws.secrets import Secrets
from cauce.domain.breaker import IN_A_ROW_SECONDS, OPENS_AFTER, OPENS_AFTER_ISSUERS
from cauce.domain.document import Kind
from cauce.domain.errors import (
    CredentialsRejected,
    CredentialsUnusable,
    Held,
    NotFound,
    NotSent,
    OutcomeUnknown,
)
from cauce.domain.outage import Failure
from cauce.domain.record import State
from cauce.providers.base import Lane, Pace
from tests.bench.load import Silence, fullest, on
from tests.documents import invoice
from tests.flow.conftest import Clock, context, taken_in
from tests.flow.handlers import named
from tests.flow.lanes import LaneQueue
from tests.flow.test_pace import most_in_a_window
from tests.quick_boto3 import own
from tests.records import moved
from tests.settling import settle_due
from tests.simulators.factus import auth as factus_auth
from tests.simulators.routing import json_answer
from tests.stack import breaker_of, template

NIT = "901724254"
WORKERS = template()["Parameters"]["EmitConcurrency"]["Default"]


def fail(breaker, trouble=None) -> None:
    breaker.admit()
    with pytest.raises(NotSent), breaker.listening():
        raise trouble or NotSent("no conecta")


def answer(breaker) -> None:
    breaker.admit()
    with breaker.listening():
        pass


@pytest.fixture
def breaker(gateway):
    return breaker_of(gateway, NIT, "factus")


@pytest.fixture
def out(breaker):
    """A breaker that has just opened."""
    for _ in range(OPENS_AFTER):
        fail(breaker)
    return breaker


def kept(nit: str = NIT) -> dict:
    """What the table has of the credential's, as whoever called meanwhile left it."""
    key = items.pack(dict(keys.calls(nit, "factus")))
    return own("dynamodb").get_item(TableName="cauce", Key=key, ConsistentRead=True)["Item"]


def held_for(breaker) -> float:
    with pytest.raises(Held) as held:
        breaker.admit()
    return held.value.retry_after


# The breaker itself


def test_it_opens_after_failures_in_a_row_and_not_before(breaker) -> None:
    for _ in range(OPENS_AFTER - 1):
        fail(breaker)
    answer(breaker)
    for _ in range(OPENS_AFTER - 1):
        fail(breaker)
    breaker.admit()

    fail(breaker)

    assert 29 <= held_for(breaker) <= 40


@pytest.mark.parametrize("ends", ["with an answer", "in silence"])
def test_what_a_call_came_to_is_not_lost_with_what_the_breaker_could_not_write(
    breaker, monkeypatch, ends: str
) -> None:
    fail(breaker)
    breaker.admit()
    throttled = ClientError({"Error": {"Code": "ThrottlingException", "Message": "x"}}, "UpdateItem")
    monkeypatch.setattr(own("dynamodb"), "update_item", Mock(side_effect=throttled))

    if ends == "with an answer":
        with breaker.listening():
            pass
    else:
        with pytest.raises(OutcomeUnknown), breaker.listening():
            raise OutcomeUnknown("x")


def test_failures_far_apart_are_not_one_outage(breaker, clock) -> None:
    for _ in range(OPENS_AFTER * 2):
        fail(breaker)
        clock.advance(seconds=IN_A_ROW_SECONDS + 1)

    breaker.admit()


@pytest.mark.parametrize(
    "said",
    [
        CredentialsRejected("no entra"),
        NotFound("no está"),
        NotSent("429", retry_after=60),
        ValueError("nuestro"),
    ],
    ids=lambda said: type(said).__name__,
)
def test_whoever_answers_is_not_out(breaker, said) -> None:
    for _ in range(OPENS_AFTER * 2):
        breaker.admit()
        with pytest.raises(type(said)), breaker.listening():
            raise said

    breaker.admit()


def test_silence_of_either_kind_counts(breaker) -> None:
    for trouble in (
        NotSent("x"),
        OutcomeUnknown("x"),
        OutcomeUnknown("x"),
        NotSent("x"),
        OutcomeUnknown("x"),
    ):
        breaker.admit()
        with pytest.raises(type(trouble)), breaker.listening():
            raise trouble

    assert held_for(breaker) > 0


def test_what_we_hold_back_ourselves_is_neither_silence_nor_an_answer(breaker) -> None:
    for _ in range(OPENS_AFTER - 1):
        fail(breaker)
    breaker.admit()
    with pytest.raises(Held), breaker.listening():
        raise Held("su turno", retry_after=9)

    fail(breaker)

    assert held_for(breaker) > 0


def test_open_it_lets_one_through_at_a_time(out, gateway, clock) -> None:
    clock.advance(seconds=31)

    out.admit()

    assert held_for(out) > 60
    clock.advance(seconds=91)  # that one died
    out.admit()


def test_its_probe_is_left_to_those_who_wait_long_enough_to_hear_silence(out, gateway, clock) -> None:
    clock.advance(seconds=31)

    with pytest.raises(Held) as held:
        out.admit(is_patient=False)
    assert held.value.retry_after < 2

    breaker_of(gateway, NIT, "factus").admit()


def test_a_probe_that_nobody_made_for_two_minutes_is_whoever_calls_s(out, clock) -> None:
    clock.advance(seconds=31 + 120)

    out.admit(is_patient=False)

    assert held_for(out) > 60


def test_an_answer_to_one_who_waits_less_closes_it_too(out, clock) -> None:
    clock.advance(seconds=31 + 120)
    out.admit(is_patient=False)
    with out.listening():
        pass

    out.admit(is_patient=False)


def test_closed_it_asks_nobody_for_patience(breaker) -> None:
    fail(breaker)

    breaker.admit(is_patient=False)


def test_an_answer_closes_it_for_everybody(out, clock) -> None:
    clock.advance(seconds=31)
    answer(out)

    out.admit()
    out.admit()


def test_each_probe_that_fails_makes_the_next_wait_longer_up_to_ten_minutes(out, clock) -> None:
    waits = []
    for _ in range(7):
        clock.advance(seconds=held_for(out))
        fail(out)
        waits.append(held_for(out))

    bounds = (60, 120, 300, 600, 600, 600, 600)
    assert all(
        wait - 1 <= bound * 1.25 and wait >= bound - 1 for wait, bound in zip(waits, bounds, strict=True)
    )


def test_late_failures_of_calls_that_were_under_way_do_not_prolong_it(out, clock) -> None:
    before = held_for(out)
    with pytest.raises(NotSent), out.listening():
        raise NotSent("una que iba en camino")

    assert held_for(out) <= before * 1.25


def test_a_late_failure_in_another_container_leaves_an_open_one_as_it_is(breaker, gateway, clock) -> None:
    """That container saw it closed, and since then it opened and a probe failed."""
    late = breaker_of(gateway, NIT, "factus")
    late.admit()
    for _ in range(OPENS_AFTER):
        fail(breaker)
    clock.advance(minutes=1)
    fail(breaker)
    before = kept()

    with pytest.raises(NotSent), late.listening():
        raise NotSent("una que iba en camino")

    after = kept()
    assert (after["open_until"], after["opened"]) == (before["open_until"], before["opened"])


def test_an_issuer_s_breaker_is_its_own(out, gateway) -> None:
    breaker_of(gateway, "800197268", "factus").admit()
    breaker_of(gateway, NIT, "dian").admit()


def test_a_probe_that_was_answered_is_over_and_one_failure_later_opens_nothing(out, clock) -> None:
    clock.advance(seconds=31)
    answer(out)

    with pytest.raises(NotSent), out.listening():
        raise NotSent("una llamada que nadie admitió")

    out.admit()


def test_what_our_own_impatience_cut_short_is_no_failure_of_the_provider_s(breaker) -> None:
    for _ in range(2 * OPENS_AFTER):
        fail(breaker, NotSent("no esperamos más", failure=Failure.CUT_SHORT))

    breaker.admit()


# That of a host, which all who call it share


HOST = "api.example.com"


@pytest.fixture
def calls_of(gateway):
    """The breakers of the calls of one issuer or another at one host: ``calls_of(1)``."""
    return lambda n, host=HOST, provider="factus": breaker_of(gateway, f"9{n:08d}", provider, host)


@pytest.fixture
def host_out(calls_of):
    """A host whose breaker has just opened: issuers 0, 1 and 2 were met with silence there."""
    for n in range(OPENS_AFTER_ISSUERS):
        fail(calls_of(n))


def test_a_host_s_opens_for_everybody_after_three_issuers_in_a_row_and_not_before(calls_of) -> None:
    for n in range(OPENS_AFTER_ISSUERS - 1):
        fail(calls_of(n))
    calls_of(50).admit()

    fail(calls_of(OPENS_AFTER_ISSUERS))

    assert 29 <= held_for(calls_of(50)) <= 40


@pytest.mark.parametrize("issuers", range(1, OPENS_AFTER_ISSUERS))
def test_one_issuer_alone_or_two_never_open_their_host_s(calls_of, clock, issuers) -> None:
    for minute in range(60):
        with suppress(Held):
            fail(calls_of(minute % issuers))
        clock.advance(minutes=1)

    calls_of(50).admit()


def test_an_answer_to_anybody_begins_the_row_of_a_host_anew(calls_of) -> None:
    for n in range(OPENS_AFTER_ISSUERS - 1):
        fail(calls_of(n))
    answer(calls_of(50))

    for n in range(OPENS_AFTER_ISSUERS - 1):
        fail(calls_of(10 + n))

    calls_of(50).admit()


def test_silences_at_a_host_far_apart_are_not_one_outage(calls_of, clock) -> None:
    for n in range(2 * OPENS_AFTER_ISSUERS):
        fail(calls_of(n))
        clock.advance(seconds=IN_A_ROW_SECONDS + 1)

    calls_of(50).admit()


def test_calls_that_were_silent_together_while_others_may_have_been_answered_open_no_host_s(calls_of) -> None:
    """Accounts that hang, asked in the same minute: nobody had seen a failure that an answer would have ended."""
    together = [calls_of(n) for n in range(2 * OPENS_AFTER_ISSUERS)]
    for breaker in together:
        breaker.admit()
    for breaker in together:
        with pytest.raises(OutcomeUnknown), breaker.listening():
            raise OutcomeUnknown("no terminó")

    calls_of(50).admit()


def test_credentials_that_are_missing_are_no_answer_of_a_host_s(calls_of) -> None:
    for n in range(OPENS_AFTER_ISSUERS):
        calls_of(50).admit()
        with pytest.raises(CredentialsUnusable), calls_of(50).listening():
            raise CredentialsUnusable("Falta el certificado.")
        fail(calls_of(n))

    assert held_for(calls_of(50)) > 0


def test_an_open_host_s_lets_one_through_at_a_time_whoever_it_is(host_out, calls_of, clock) -> None:
    clock.advance(seconds=31)

    calls_of(7).admit()

    assert held_for(calls_of(8)) > 60


def test_the_probe_of_a_host_is_left_to_those_who_wait_long_enough_too(host_out, calls_of, clock) -> None:
    clock.advance(seconds=31)

    with pytest.raises(Held) as held:
        calls_of(7).admit(is_patient=False)
    assert held.value.host_is_out

    calls_of(8).admit()


def test_a_prober_of_a_host_that_died_only_delays_the_next(host_out, calls_of, clock) -> None:
    clock.advance(seconds=31)
    calls_of(7).admit()

    clock.advance(seconds=91)

    calls_of(8).admit()


def test_an_answer_to_anybody_closes_a_host_s_for_everybody(host_out, calls_of, clock) -> None:
    clock.advance(seconds=31)

    answer(calls_of(7))

    for n in range(10):
        calls_of(n).admit()


def test_a_host_is_tried_again_every_two_minutes_at_the_latest(host_out, calls_of, clock) -> None:
    waits = []
    for n in range(5):
        clock.advance(seconds=held_for(calls_of(50)))
        fail(calls_of(n))
        waits.append(held_for(calls_of(50)))

    bounds = (60, 120, 120, 120, 120)
    assert all(bound - 1 <= wait <= bound * 1.25 for wait, bound in zip(waits, bounds, strict=True))


def test_a_probe_in_vain_opens_no_host_s_that_somebody_s_answer_closed_meanwhile(calls_of, clock) -> None:
    fail(calls_of(0))
    under_way = calls_of(50)
    under_way.admit()
    for n in range(1, OPENS_AFTER_ISSUERS):
        fail(calls_of(n))
    clock.advance(seconds=31)
    probing = calls_of(7)
    probing.admit()
    with under_way.listening():
        pass

    with pytest.raises(NotSent), probing.listening():
        raise NotSent("su cuenta no responde")

    calls_of(8).admit()


def test_of_two_issuers_that_read_an_open_host_s_at_once_one_tries_and_the_other_loses_nothing(
    gateway, host_out, calls_of, clock, meanwhile
) -> None:
    """The second moves its time on between the first one's reading and writing. The first one's own is open too."""
    first = calls_of(1)
    for _ in range(OPENS_AFTER - 1):  # one failed at this host
        fail(calls_of(1, host="api-sandbox.example.com"))
    clock.advance(minutes=5)
    before = kept("900000001")
    meanwhile("UpdateItem", calls_of(2).admit)

    with pytest.raises(Held):
        first.admit()
    assert kept("900000001") == before


def test_another_host_of_the_provider_s_and_another_provider_are_none_of_it(host_out, calls_of) -> None:
    calls_of(7, host="api-sandbox.example.com").admit()
    calls_of(7, provider="dian").admit()


def test_who_is_held_for_its_host_is_told_so_and_the_log_names_the_host_and_nobody(calls_of, caplog) -> None:
    with caplog.at_level(logging.INFO, logger="cauce"):
        for n in range(OPENS_AFTER_ISSUERS):
            fail(calls_of(n))
    (opened,) = [seen for seen in caplog.records if seen.message == "breaker opened"]

    with pytest.raises(Held) as held:
        calls_of(50).admit()

    assert held.value.host_is_out
    assert (opened.host, opened.provider) == (HOST, "factus")
    assert not hasattr(opened, "issuer")


def test_a_hundred_issuers_behind_a_dead_host_cost_a_few_calls(
    gateway, issuer, factus, clock, outage, monkeypatch
) -> None:
    """All of them try, and again every three minutes."""
    everybody = [issuer.model_copy(update={"nit": f"9{n:08d}"}) for n in range(100)]
    secret = {name: SecretStr(value) for name, value in asdict(factus.credentials).items()}
    monkeypatch.setattr(Secrets, "credentials", lambda *_: secret)
    outage("503")
    heard = len(factus.requests)

    def all_try() -> None:
        for each in everybody:
            with suppress(NotSent):
                gateway.provider(each, "factus").ranges()

    all_try()
    at_first = len(factus.requests) - heard
    for _ in range(3):
        clock.advance(minutes=3)
        all_try()

    assert at_first == OPENS_AFTER_ISSUERS
    assert len(factus.requests) - heard == OPENS_AFTER_ISSUERS + 3


def test_what_an_issuer_s_calls_ask_of_the_table_while_all_is_well_is_one_reading(gateway, calls_of) -> None:
    asked: list[str] = []
    events = own("dynamodb").meta.events
    events.register("before-call.dynamodb.*", lambda model, **_: asked.append(model.name))

    answer(calls_of(0))

    assert asked == ["BatchGetItem"]


# What is seen of it


def test_health_tells_of_an_open_host_s_too(gateway, call, host_out) -> None:
    told = call("GET", "/health?detalle=1")

    assert told.json["proveedores"]["factus"] == {"interruptor": "abierto"}
    assert gateway.open_breakers()["factus"] == 1
    assert HOST not in told.text


def test_health_tells_the_state_of_each_provider_and_of_nobody_in_particular(call, out) -> None:
    plain, detailed = call("GET", "/health"), call("GET", "/health?detalle=1")

    assert "proveedores" not in plain.json
    states = {name: told["interruptor"] for name, told in detailed.json["proveedores"].items()}
    assert states.pop("factus") == "abierto"
    assert set(states.values()) == {"cerrado"}
    assert NIT not in detailed.text


def test_closed_again_it_is_told_as_closed(call, out, clock) -> None:
    clock.advance(seconds=31)
    answer(out)

    told = call("GET", "/health?detalle=1").json["proveedores"]

    assert {state["interruptor"] for state in told.values()} == {"cerrado"}


def test_the_schedule_publishes_how_many_are_open(gateway, out, capsys) -> None:
    counts = named("consult").handler({"schedule": "settle"}, context())

    assert counts["open_breakers"] == 1
    published = [
        json.loads(line) for line in capsys.readouterr().out.splitlines() if '"OpenBreakers"' in line
    ]
    assert published[-1]["OpenBreakers"] == [1.0]


# Documents


def test_an_erp_is_told_at_once_that_its_document_waits(call, drain, issuer, out, factus) -> None:
    heard = len(factus.requests)

    posted = call("POST", "/documentos", invoice(referencia="V-1"))
    drain()

    told = call("GET", f"/documentos/{posted.json['data']['tracking_id']}").json
    assert (posted.status, told["estado"]) == (201, "pendiente")
    assert told["ultimo_error"].startswith("El proveedor no responde; el documento espera")
    assert len(factus.requests) == heard


def test_no_erp_s_request_is_spent_on_a_provider_that_only_hangs_and_whoever_waits_longer_proves_it(
    gateway, issuer, call, out, factus, clock
) -> None:
    """A request gives up before silence is proved: the next probe would be as soon, and as vain."""
    clock.advance(seconds=31)
    heard = len(factus.requests)

    call("POST", "/numeraciones/sincronizar")
    assert len(factus.requests) == heard

    factus.answer_next(status=503, path="/numbering-ranges")
    with pytest.raises(OutcomeUnknown):
        gateway.provider(issuer, "factus").ranges()
    assert len(factus.requests) == heard + 1
    assert kept()["opened"] == {"N": "2"}


def test_what_is_asked_about_waits_too(gateway, issuer, out, factus, clock) -> None:
    record = taken_in(gateway, issuer, "V-1")
    record = gateway.records.save(moved(record, State.SENDING, clock(), due_at=clock()))
    record = gateway.records.save(
        moved(record, State.UNKNOWN, clock(), due_at=clock() - timedelta(seconds=1))
    )
    heard = len(factus.requests)

    settle_due(gateway)

    after = gateway.records.read(NIT, record.document_id)
    assert (after.state, after.checks) == (State.UNKNOWN, 0)
    assert after.due_at > clock()
    assert len(factus.requests) == heard


@pytest.fixture
def outage(monkeypatch, factus):
    """Put the provider out, in one way or another, and back: ``outage("refuses")``, ``outage(None)``."""
    handle, respond = httpx.HTTPTransport.handle_request, factus.respond

    def refuse(transport, request):
        raise httpx.ConnectError("connection refused", request=request)

    def put(how) -> None:
        silent = {"message": "Service Unavailable"}
        monkeypatch.setattr(httpx.HTTPTransport, "handle_request", refuse if how == "refuses" else handle)
        factus.respond = (lambda request: json_answer(503, silent)) if how == "503" else respond

    return put


@pytest.mark.parametrize("how", ["refuses", "503"])
def test_out_for_an_hour_nothing_is_lost_its_order_is_kept_and_it_is_not_overrun(
    gateway, issuer, factus, clock: Clock, monkeypatch, outage, how
) -> None:
    """Two lanes of one credential, while the ERP goes on posting."""
    monkeypatch.setattr(factus_auth, "time", SimpleNamespace(monotonic=clock.seconds))
    factus.throttle(80)
    queue, called = LaneQueue(gateway, clock), noted(monkeypatch, clock)
    posted = []

    def schedule() -> None:
        settle_due(gateway)

    def post() -> None:
        for kind in (Kind.INVOICE, Kind.SUPPORT_DOCUMENT):
            posted.append(taken_in(gateway, issuer, f"{kind.value}-{len(posted)}", kind))
            queue.put(posted[-1], Lane.KIND)
        schedule()

    outage(how)
    queue.run(clock() + timedelta(hours=1), post, every=timedelta(minutes=2))
    tried = len(called)
    outage(None)
    queue.run(clock() + timedelta(minutes=30), schedule)

    after = [gateway.records.read(record.issuer, record.document_id) for record in posted]
    assert len(after) >= 58
    assert {record.state for record in after} == {State.ACCEPTED}
    assert factus.documents_received == len(posted)
    assert queue.waiting == 0
    for kind, path in ((Kind.INVOICE, "bills"), (Kind.SUPPORT_DOCUMENT, "support-documents")):
        order = [document.reference for document in factus.documents[path]]
        assert order == [record.reference for record in posted if record.kind is kind]
    assert tried <= 30  # and not one for every document and minute
    assert all(seen.status != 429 for seen in factus.requests)
    assert most_in_a_window(called[tried:], 60) <= 80
    assert most_in_a_window(called[tried:], 1) <= 4


@pytest.mark.parametrize("how", Silence)
@pytest.mark.parametrize("house", ["factus-v2", "facturatech", "dian"])
def test_out_for_an_hour_before_all_the_containers_of_the_stack(house: str, how: Silence) -> None:
    """With a lane (Factus), with a pace and no lane (Facturatech), with neither (DIAN): ERPs go on posting, and the
    queue's workers, the API and the schedule all find it out, or hear nothing of what it did."""
    with on(house) as load:
        load.run(60)
        load.post(20, within=3600)
        load.go_out(how)
        load.run(3600)
        tried = len(load.calls)
        load.come_back()
        waiting = sum(record.state in (State.RECEIVED, State.UNKNOWN) for record in load.records())
        back = load.world.timeline.elapsed
        load.run_until_settled(3600)
        verdict, records = load.judged(), load.records()
        there = [found.key for found in load.house.at_provider()]
        posted = sorted(records, key=lambda record: record.created_at)
        keys = [load.house.key(record) for record in posted]
        capabilities = load.world.gateway.provider(
            load.house.issuer, load.house.bench.provider.name
        ).capabilities

    assert waiting == 20
    assert tried <= 20, "not one for every document and minute"
    assert verdict.breaches == []
    assert [record.state for record in records] == [State.ACCEPTED] * 20
    if capabilities.lane is Lane.NONE:
        assert sorted(there) == sorted(keys)
    else:
        of_kind = [[load.house.key(r) for r in posted if r.kind is kind] for kind in capabilities.kinds]
        assert sorted(in_order(there, of_kind)) == sorted(filter(None, of_kind))
    after = [call.at for call in load.calls[tried:]]
    assert max(after) - back < 1800
    limit = capabilities.pace or Pace(calls=WORKERS, seconds=1)
    assert fullest(after, limit.seconds) <= limit.calls
    assert fullest(after, 1) <= WORKERS


def in_order(there: list[str], lanes: list[list[str]]) -> list[list[str]]:
    """What is at the provider, in the order in which it came, lane by lane."""
    return [[key for key in there if key in lane] for lane in lanes if lane]


def noted(monkeypatch, clock: Clock) -> list[float]:
    """When each call left from now on."""
    moments: list[float] = []
    take = SharedTurns.take

    def noting(self, *patience: float) -> None:
        take(self, *patience)
        moments.append(clock.seconds())

    monkeypatch.setattr(SharedTurns, "take", noting)
    return moments


def test_of_two_containers_that_read_an_open_breaker_at_once_one_tries(gateway, out, clock, meanwhile):
    """The second moves its time on between the first one's reading and writing."""
    first, second = (breaker_of(gateway, NIT, "factus") for _ in range(2))
    clock.advance(minutes=5)
    meanwhile("UpdateItem", second.admit)

    with pytest.raises(Held):
        first.admit()
