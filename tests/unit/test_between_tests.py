"""What tests share because it is slow to make comes to each of them as new."""

from typing import Any

import pytest
from moto import mock_aws

from tests import stack
from tests.quick_boto3 import Lending

REGISTERED = "provide-client-params.sqs.ListQueues"


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Lending:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    return Lending(lambda client: client.meta.events.register(REGISTERED, lambda **_: None))


def heard(client: Any) -> int:
    """How many handlers hear of a list of queues."""
    return len(client.meta.events.emit(REGISTERED))


def test_a_client_is_lent_again_without_what_a_test_registered_or_set_on_it(session):
    client = session.client("sqs", region_name=stack.REGION)
    as_made = heard(client)
    client.meta.events.register(REGISTERED, lambda **_: None)
    client.list_queues = None
    session.give_back()

    again = session.client("sqs", region_name=stack.REGION)

    assert again is client and again.list_queues is not None
    assert heard(again) == as_made


def test_what_was_made_with_a_client_stays_on_it(session):
    client = session.client("sqs", region_name=stack.REGION)
    as_made = heard(client)
    for unregistered in list(client.meta.events._emitter._handlers.prefix_search(REGISTERED)):
        client.meta.events.unregister(REGISTERED, unregistered)
    assert heard(client) < as_made
    session.give_back()

    assert heard(session.client("sqs", region_name=stack.REGION)) == as_made


def test_a_test_that_asks_twice_gets_two_clients(session):
    one, other = (session.client("sqs", region_name=stack.REGION) for _ in range(2))
    other_region = session.client("sqs", region_name="us-west-2")

    assert len({id(each) for each in (one, other, other_region)}) == 3


def test_a_stack_put_back_holds_nothing_of_the_test_before(session):
    def queued(url: str) -> list[Any]:
        return stack.client("sqs").receive_message(QueueUrl=url).get("Messages", [])

    for _ in range(3):
        with mock_aws():
            made = stack.create()
            assert stack.client("dynamodb").scan(TableName="cauce")["Count"] == 0
            assert "Contents" not in stack.client("s3").list_objects_v2(Bucket="cauce")
            assert queued(made.intake_url) == []

            key = {"pk": {"S": "A"}, "sk": {"S": "A"}}
            stack.client("dynamodb").put_item(TableName="cauce", Item=key)
            stack.client("s3").put_object(Bucket="cauce", Key="a", Body=b"a")
            stack.client("sqs").send_message(QueueUrl=made.intake_url, MessageBody="a")
            assert len(queued(made.intake_url)) == 1
