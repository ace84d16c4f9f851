"""What the queue gave up: said on the record, shown to the operator, put back without losing or doubling anything."""

import json

import pytest

from cauce.domain import life
from cauce.domain.record import State
from cauce.emission import sending
from cauce.providers.base import Lane
from cauce.settling import redriving
from tests import stack
from tests.flow.conftest import context
from tests.flow.handlers import named
from tests.quick_boto3 import own
from tests.records import noted
from tests.settling import settle_due

NIT = "901724254"


@pytest.fixture
def urls(sqs) -> tuple[str, str]:
    """The emission queue's address, and its dead letters'."""
    return tuple(sqs.get_queue_url(QueueName=name)["QueueUrl"] for name in ("cauce.fifo", "cauce-dead.fifo"))


@pytest.fixture
def give_up(sqs, urls):
    """Put a message where the queue puts it after its last delivery: ``give_up(record)`` or ``give_up("text")``."""

    def put(what, group: str | None = None) -> None:
        body = what if isinstance(what, str) else json.dumps({"issuer": NIT, "document_id": what.document_id})
        sqs.send_message(
            QueueUrl=urls[1],
            MessageBody=body,
            MessageGroupId=group or f"g{hash(body)}",
            MessageDeduplicationId=f"d{hash(body)}",
        )

    return put


@pytest.fixture
def soon(gateway, monkeypatch):
    """A look hides a letter for no time and waits for none, so that a test need not wait to look again."""
    monkeypatch.setattr("cauce.aws.dead_letters.LOOK_SECONDS", 0)
    monkeypatch.setattr("cauce.aws.dead_letters.PATIENCE_SECONDS", 0)


def bodies(sqs, url: str) -> list[str]:
    answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0)
    return [message["Body"] for message in answer.get("Messages", [])]


def test_a_message_that_fails_at_every_delivery_ends_there(gateway, sqs, urls, accept) -> None:
    """The template's own count of deliveries, in moto's queue."""
    record = accept("V-1")
    gateway.queue.put(record, Lane.KIND)
    most = stack.template()["Resources"]["EmissionQueue"]["Properties"]["RedrivePolicy"]["maxReceiveCount"]

    for _ in range(most + 1):
        sqs.receive_message(QueueUrl=urls[0], VisibilityTimeout=0)

    assert [json.loads(body)["document_id"] for body in bodies(sqs, urls[1])] == [record.document_id]


def test_the_schedule_says_on_the_record_what_happened_and_what_to_do(
    gateway, accept, give_up, now_at, sqs, urls
) -> None:
    record = accept("V-1")
    record = gateway.records.save(
        noted(record, "turned away", gateway.now(), last_error="No se pudo conectar.")
    )
    give_up(record)

    counts = named("consult").handler({"schedule": "settle"}, context())

    after = now_at(record)
    assert counts["dead_letters"] == 1
    assert (after.state, after.needs_person) == (State.RECEIVED, True)
    assert "No se pudo conectar." in after.last_error
    assert "cauce queue redrive" in after.last_error
    assert gateway.dead_letters.depths()[1].in_flight + gateway.dead_letters.depths()[1].waiting == 1


def test_it_is_said_once_for_each_message(gateway, accept, give_up, now_at, soon) -> None:
    record = accept("V-1")
    give_up(record)

    assert [redriving.explain(gateway) for _ in range(3)] == [1, 1, 1]

    assert [step.what for step in now_at(record).steps].count("given up by the queue") == 1


def test_a_record_that_got_further_is_only_told_in_its_trace(gateway, accept, give_up, now_at) -> None:
    record = sending.emit(gateway, gateway.records.read(NIT, accept("V-1").document_id))
    give_up(record)

    redriving.explain(gateway)

    after = now_at(record)
    assert (after.state, after.needs_person, after.last_error) == (State.ACCEPTED, False, None)
    assert after.steps[-1].what == "given up by the queue"


def test_what_is_no_message_of_ours_explains_nothing_and_stops_nothing(
    gateway, accept, give_up, now_at
) -> None:
    record = accept("V-1")
    give_up("{")
    give_up(json.dumps({"issuer": NIT, "document_id": "nadie"}))
    give_up(record)

    assert redriving.explain(gateway) == 3

    assert now_at(record).needs_person


def test_a_record_that_cannot_be_read_keeps_no_other_from_being_explained(
    gateway, accept, give_up, now_at, soon, monkeypatch
) -> None:
    spoilt, good = accept("V-1"), accept("V-2")
    for record in (spoilt, good):
        give_up(record)
    read = type(gateway.records).read

    def unreadable(records, nit, document_id):
        if document_id == spoilt.document_id:
            raise ValueError("not a record")
        return read(records, nit, document_id)

    monkeypatch.setattr(type(gateway.records), "read", unreadable)
    redriving.explain(gateway)
    monkeypatch.undo()

    assert len(now_at(good).given_up) == 1
    assert now_at(spoilt).given_up == ()


def test_the_document_is_tried_again_by_itself_even_if_nobody_comes(
    gateway, accept, give_up, now_at, drain, clock
) -> None:
    record = accept("V-1")
    give_up(record)
    redriving.explain(gateway)

    clock.advance(minutes=59)
    settle_due(gateway)
    assert drain() == 0
    clock.advance(minutes=2)
    settle_due(gateway)
    drain()

    after = now_at(record)
    assert (after.state, after.needs_person) == (State.ACCEPTED, False)


# At its last delivery


@pytest.fixture
def two_deliveries(sqs, urls) -> None:
    """The queue gives up what it has delivered twice."""
    arn = sqs.get_queue_attributes(QueueUrl=urls[1], AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 2})
    sqs.set_queue_attributes(QueueUrl=urls[0], Attributes={"RedrivePolicy": policy})


@pytest.fixture
def out(gateway, issuer):
    """Nobody listens where the provider was; called, it is back."""
    nobody = {"factus": {**issuer.settings["factus"], "base_url": "http://127.0.0.1:9"}}
    gateway.issuers.save(issuer.model_copy(update={"settings": nobody}))
    return lambda: gateway.issuers.save(issuer)


@pytest.fixture
def queued(gateway, accept):
    def made(reference: str):
        record = accept(reference)
        gateway.queue.put(record, Lane.KIND)
        return record

    return made


def delivered_to_the_end(drain) -> None:
    while drain():
        pass


def given_up(record) -> int:
    return [step.what for step in record.steps].count("given up by the queue")


@pytest.fixture
def twenty_five(two_deliveries, queued, out, drain) -> list:
    """Documents of one lane, all given up by the queue itself."""
    records = [queued(f"V-{n:02d}") for n in range(25)]
    delivered_to_the_end(drain)
    return records


def test_all_twenty_five_dead_letters_of_one_lane_are_explained(gateway, twenty_five, now_at) -> None:
    assert gateway.dead_letters.depths()[1].waiting == 25
    for record in twenty_five:
        after = now_at(record)
        assert (after.state, after.needs_person, given_up(after)) == (State.RECEIVED, True, 1)
        assert "cauce queue redrive" in after.last_error

    assert redriving.explain(gateway) == 10  # the schedule sees no more of a lane, and repeats nothing
    assert {given_up(now_at(record)) for record in twenty_five} == {1}


def test_all_twenty_five_go_back_in_their_order(
    gateway, twenty_five, out, drain, now_at, factus, soon, clock
) -> None:
    out()
    clock.advance(minutes=30)  # the breaker lets calls through again

    assert len(list(redriving.redrive(gateway))) == 25
    drain()

    assert {now_at(record).state for record in twenty_five} == {State.ACCEPTED}
    assert [document.reference for document in factus.documents["bills"]] == [f"V-{n:02d}" for n in range(25)]


def test_what_fails_at_every_delivery_is_explained_however_it_fails(
    two_deliveries, queued, drain, now_at, monkeypatch
) -> None:
    record = queued("V-1")

    def fail(*_):
        raise ZeroDivisionError

    monkeypatch.setattr(sending, "emit", fail)
    delivered_to_the_end(drain)

    assert given_up(now_at(record)) == 1
    assert "sin respuesta de la función" in now_at(record).last_error


def test_what_died_with_every_container_before_is_explained(
    gateway, two_deliveries, queued, drain, now_at, sqs, urls
) -> None:
    record = queued("V-1")
    sqs.receive_message(QueueUrl=urls[0], VisibilityTimeout=0)

    delivered_to_the_end(drain)

    assert given_up(now_at(record)) == 1
    assert gateway.dead_letters.depths()[1].waiting == 1


def test_the_last_delivery_of_what_got_further_ends_it(
    gateway, two_deliveries, queued, drain, now_at, sqs, urls
) -> None:
    record = queued("V-1")
    sending.emit(gateway, gateway.records.read(NIT, record.document_id))
    sqs.receive_message(QueueUrl=urls[0], VisibilityTimeout=0)

    delivered_to_the_end(drain)

    assert gateway.dead_letters.depths()[1].waiting == 0
    assert given_up(now_at(record)) == 0


def test_a_write_that_comes_between_leaves_no_record_unexplained(
    gateway, two_deliveries, queued, drain, now_at, sqs, urls, monkeypatch
) -> None:
    record = queued("V-1")
    sqs.receive_message(QueueUrl=urls[0], VisibilityTimeout=0)
    given_up_by_the_queue = life.given_up

    def overtaken(*arguments):
        monkeypatch.setattr(life, "given_up", given_up_by_the_queue)
        after = given_up_by_the_queue(*arguments)
        gateway.records.save(noted(now_at(record), "asked", gateway.now()))
        return after

    monkeypatch.setattr(life, "given_up", overtaken)
    delivered_to_the_end(drain)

    assert [step.what for step in now_at(record).steps][-2:] == ["asked", "given up by the queue"]


def test_given_up_twice_it_does_not_quote_itself(gateway, accept, give_up, now_at, soon) -> None:
    record = accept("V-1")
    give_up(record)
    redriving.explain(gateway)
    give_up(json.dumps({"document_id": record.document_id, "issuer": NIT}))

    redriving.explain(gateway)

    assert given_up(now_at(record)) == 2
    assert now_at(record).last_error.count("agotó sus entregas") == 1


# Redriven


def test_redriven_it_is_emitted_once_and_nothing_is_left(
    gateway, accept, give_up, now_at, drain, factus, soon
) -> None:
    records = [accept(f"V-{n}") for n in range(8)]
    for record in records:
        give_up(record)
    assert redriving.explain(gateway) == 8

    moved = list(redriving.redrive(gateway))
    drain()

    assert len(moved) == 8
    assert {now_at(record).state for record in records} == {State.ACCEPTED}
    assert not any(now_at(record).needs_person for record in records)
    assert factus.documents_received == 8
    assert redriving.explain(gateway) == 0


def test_dying_between_the_two_calls_and_redriving_again_emits_once(
    gateway, accept, give_up, drain, factus, monkeypatch, now_at
) -> None:
    record = accept("V-1")
    give_up(record)
    client = own("sqs")

    def die(**_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(client, "delete_message", die)
        patched.setattr("cauce.aws.dead_letters.MOVE_SECONDS", 0)
        with pytest.raises(KeyboardInterrupt):
            list(redriving.redrive(gateway))
    assert len(list(redriving.redrive(gateway))) == 1

    drain()
    assert now_at(record).state is State.ACCEPTED
    assert factus.documents_received == 1
    assert list(redriving.redrive(gateway)) == []


def test_what_is_no_message_of_ours_is_not_put_back(gateway, give_up, sqs, urls, monkeypatch) -> None:
    monkeypatch.setattr("cauce.aws.dead_letters.MOVE_SECONDS", 0)
    give_up("{")

    moved = list(redriving.redrive(gateway))

    assert [(letter.body, record) for letter, record in moved] == [("{", None)]
    assert bodies(sqs, urls[0]) == []
    assert bodies(sqs, urls[1]) == ["{"]


# The operator's command


@pytest.fixture
def cauce(cauce, soon):
    return cauce


def test_show_names_each_dead_letter_with_its_document_and_its_error(cauce, gateway, accept, give_up) -> None:
    record = accept("V-1")
    give_up(record)
    give_up("{")
    redriving.explain(gateway)

    told = json.loads(cauce("queue", "show", "--json").stdout)["emision"]

    assert told["abandonados"]["en_espera"] == 2
    by_document = {row["tracking_id"]: row for row in told["mensajes"]}
    assert by_document[record.document_id]["estado"] == "recibido"
    assert "redrive" in by_document[record.document_id]["ultimo_error"]
    assert by_document[None]["ultimo_error"] == "no es de un documento de Cauce"
    assert record.document_id in cauce("queue", "show").stdout.replace("\n", "")


def test_redrive_tells_what_went_back_and_what_stayed(cauce, accept, give_up, drain, now_at) -> None:
    record = accept("V-1")
    give_up(record)
    give_up("{")

    told = json.loads(cauce("queue", "redrive", "--json").stdout)["emision"]

    assert {row["tracking_id"]: row["devuelto"] for row in told} == {
        record.document_id: True,
        None: False,
    }
    drain()
    assert now_at(record).state is State.ACCEPTED
    assert cauce("queue", "redrive").exit_code == 0
