"""AWS out of order for longer than the tries that fit the time left: 503, nothing lost, nothing done twice."""

import json
import re
from collections.abc import Callable
from itertools import product
from types import SimpleNamespace
from typing import Any

import boto3
import botocore.endpoint
import pytest
from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError
from aws_lambda_powertools.utilities.parameters import SecretsProvider
from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError

from cauce import faults, observability
from cauce.aws import keys
from cauce.aws.records import Records
from cauce.aws.settings import Settings
from cauce.contracts.v1 import rest
from cauce.domain.errors import Busy, NumberTaken, Stale
from cauce.domain.lot import LotLine
from cauce.domain.record import State
from cauce.settling import looks
from tests import stack
from tests.documents import invoice, note_on_ticket, support_document, ticket
from tests.flow import queues
from tests.flow.conftest import ERP, as_look, as_record, context, enrol
from tests.flow.handlers import named
from tests.quick_boto3 import own
from tests.settling import handed_out

SILENCE = ReadTimeoutError(endpoint_url="https://aws.example")


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(botocore.endpoint, "time", SimpleNamespace(sleep=lambda _: None))


class Outage:
    """A service that does not do what it is asked, or does it and loses its answer; what it was asked is counted."""

    def __init__(self, client: Any, error: Exception, *, operation: str, lost: bool, times: float):
        self.tries = 0
        self._error = error
        self._left = times
        self._operation = operation
        self._events = client.meta.events
        (self._events.register_last if lost else self._events.register_first)("before-send", self._fail)

    def _fail(self, *, event_name: str, **_: Any) -> None:
        if self._operation not in ("*", event_name.rpartition(".")[2]):
            return
        self.tries += 1
        if self._left > 0:
            self._left -= 1
            raise self._error

    def end(self) -> None:
        self._events.unregister("before-send", self._fail)


@pytest.fixture
def out() -> Any:
    """Put a client's service out of order until the outage is ended."""

    def begun(
        client: Any,
        error: Exception = SILENCE,
        *,
        operation: str = "*",
        lost: bool = False,
        times: float = float("inf"),
    ) -> Outage:
        return Outage(client, error, operation=operation, lost=lost, times=times)

    return begun


def throttled(code: str = "ThrottlingException") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "x"}}, "GetItem")


def is_busy(answer: Any) -> bool:
    assert (answer.status, answer.json["codigo"]) == (503, "ocupado"), answer.text
    assert int(answer.headers["Retry-After"]) > 0
    assert "repita la misma solicitud" in answer.json["error"]
    assert answer.json["request_id"]
    return True


def estado(call: Any, taken: Any) -> str:
    """What has become of a document that a POST took in."""
    tracking_id = taken.json["data"]["tracking_id"]
    found: str = call("GET", f"/documentos/{tracking_id}").json["estado"]
    return found


def emitted(factus: Any) -> int:
    return sum(1 for seen in factus.requests if seen.method == "POST" and seen.path.endswith("/validate"))


# The request


@pytest.mark.parametrize(
    "error",
    [
        SILENCE,
        ConnectTimeoutError(endpoint_url="https://aws.example"),
        EndpointConnectionError(endpoint_url="https://aws.example"),
        throttled(),
        throttled("ProvisionedThroughputExceededException"),
        throttled("InternalServerError"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_table_that_does_not_answer_is_503_with_retry_after(
    call: Any, gateway: Any, out: Any, error: Exception
) -> None:
    outage = out(own("dynamodb"), error)

    assert is_busy(call("GET", "/documentos"))
    outage.end()
    assert call("GET", "/documentos").status == 200


def test_an_archive_that_does_not_answer_is_503(
    call: Any, gateway: Any, out: Any, drain: Any, factus: Any
) -> None:
    tracking_id = call("POST", "/documentos", invoice(referencia="A")).json["data"]["tracking_id"]
    drain()
    outage = out(own("s3"))

    assert is_busy(call("GET", f"/documentos/{tracking_id}/xml"))
    outage.end()
    assert call("GET", f"/documentos/{tracking_id}/xml").status == 200


def test_secrets_that_are_not_told_now_are_no_refusal_of_the_credentials(
    call: Any, monkeypatch: pytest.MonkeyPatch, issuer: Any, out: Any
) -> None:
    monkeypatch.setattr(SecretsProvider, "has_not_expired_in_cache", lambda *_: False)
    out(own("secretsmanager"), throttled())

    assert is_busy(call("POST", "/documentos", invoice(referencia="A")))


def test_a_fault_at_a_provider_s_token_or_turn_is_no_answer_of_the_provider_s(
    call: Any, gateway: Any, out: Any, issuer: Any, clock: Any
) -> None:
    outage = out(own("dynamodb"), operation="UpdateItem")
    clock.advance(hours=2)  # its token has ended, and its turn is taken by a write

    assert is_busy(call("POST", "/numeraciones/sincronizar"))
    outage.end()
    assert call("POST", "/numeraciones/sincronizar").status == 200


@pytest.mark.parametrize("error", [SILENCE, throttled()], ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("lost", [False, True], ids=["not done", "answer lost"])
def test_a_request_that_cannot_be_counted_is_let_through(
    call: Any, gateway: Any, out: Any, error: Exception, lost: bool
) -> None:
    call("GET", "/me")  # so that its token's last use is told
    outage = out(own("dynamodb"), error, operation="UpdateItem", lost=lost)

    assert call("GET", "/me").status == 200
    assert outage.tries > 0


def test_counting_a_request_is_tried_once_for_whoever_asked_is_waiting(
    call: Any, gateway: Any, out: Any
) -> None:
    call("GET", "/me")
    outage = out(own("dynamodb"), operation="UpdateItem", lost=True)

    call("GET", "/me")

    assert outage.tries == 1


def test_a_function_that_may_not_count_requests_does_not_answer_them_uncounted(
    call: Any, gateway: Any, out: Any
) -> None:
    call("GET", "/me")
    out(own("dynamodb"), throttled("AccessDeniedException"), operation="UpdateItem")

    assert call("GET", "/me").status == 500


def test_a_table_s_key_that_is_not_told_is_503_and_leaves_all_as_it_was(
    call: Any, gateway: Any, issuer: Any, everything: Any, factus: Any, resources: Settings
) -> None:
    # Its provider is connected anew, as a new container does, with no token in memory.
    gateway.issuers.save(issuer.model_copy(update={"name": "OTRO NOMBRE SAS"}))
    before, heard = everything(), len(factus.requests)
    secret = boto3.client("secretsmanager", region_name=stack.REGION)
    secret.delete_secret(SecretId=resources.table_key)
    gateway.ranges.seals.forget()

    assert is_busy(call("POST", "/numeraciones/sincronizar"))
    assert (everything(), len(factus.requests)) == (before, heard)

    secret.restore_secret(SecretId=resources.table_key)
    assert call("POST", "/numeraciones/sincronizar").status == 200


BODIES: dict[str, Any] = {
    "/documentos-soporte": support_document(referencia="S"),
    "/notas-ajuste": support_document(
        documento_referencia={"numero": "S1", "cuds": "a" * 96, "fecha": "2026-05-10"},
        motivo={"codigo": "2", "descripcion": "x"},
    ),
    "/documentos-equivalentes": ticket(referencia="T"),
    "/notas-documento-equivalente": note_on_ticket("EPOS1", "a" * 96, referencia="NT"),
    "/lotes": [{"tipo": "factura", **invoice(referencia="L")}],
    "/documentos/{id}/resolver": {"accion": "reenviar", "motivo": "x"},
    "/numeraciones": {"prefijo": "NX", "desde": 1, "hasta": 500, "tipo_documento": "NC"},
    "/numeraciones/{prefijo}/tipo-documento": {"resolucion": "1", "tipo_documento": "DSE"},
}


def test_no_route_answers_500_whatever_aws_does_not_do(
    call: Any, gateway: Any, out: Any, issuer: Any
) -> None:
    clients = [own("dynamodb"), own("sqs"), own("s3")]
    for (method, path), client in product(sorted(set(rest.SCOPES) - rest.OPEN), clients):
        body = BODIES.get(path, invoice(referencia="A")) if method != "GET" else None
        outage = out(client, throttled())

        answer = call(method, re.sub(r"{\w+}", "x", path), body, X_Factus_Token="none-of-factus")
        outage.end()

        assert is_busy(answer) if outage.tries else answer.status < 500, (method, path)


def test_an_operation_that_aws_refuses_for_what_was_asked_is_no_503(
    call: Any, gateway: Any, out: Any
) -> None:
    out(own("dynamodb"), throttled("ValidationException"))

    assert call("GET", "/documentos").status == 500


# Nothing lost, nothing twice


def test_a_fault_before_the_record_was_written_stores_nothing(
    call: Any, gateway: Any, out: Any, everything: Any, drain: Any, factus: Any
) -> None:
    before = everything()
    outage = out(own("dynamodb"), operation="TransactWriteItems")

    assert is_busy(call("POST", "/documentos", invoice(referencia="A")))
    outage.end()
    assert everything() == before

    assert call("POST", "/documentos", invoice(referencia="A")).status == 201
    drain()
    assert emitted(factus) == 1


@pytest.mark.parametrize("headers", [{}, {"Prefer": "respond-async"}], ids=["waiting", "not waiting"])
def test_after_a_fault_behind_the_acceptance_the_same_request_is_the_same_document(
    call: Any, gateway: Any, out: Any, drain: Any, factus: Any, headers: dict[str, str]
) -> None:
    outage = out(own("sqs"))

    refused = call("POST", "/documentos", invoice(referencia="A"), **headers)
    outage.end()
    again = call("POST", "/documentos", invoice(referencia="A"), **headers)
    drain()

    assert is_busy(refused)
    assert "nada se hace dos veces" in refused.json["error"]
    assert (again.status, again.headers["Idempotency-Replayed"]) == (202 if headers else 201, "true")
    assert estado(call, again) == "aceptado"
    assert emitted(factus) == 1


def test_an_acceptance_whose_answer_was_lost_is_found_by_repeating_it(
    call: Any, gateway: Any, out: Any, drain: Any, factus: Any
) -> None:
    outage = out(own("dynamodb"), operation="TransactWriteItems", lost=True)

    refused = call("POST", "/documentos", invoice(referencia="A"))
    outage.end()
    again = call("POST", "/documentos", invoice(referencia="A"))
    drain()

    assert is_busy(refused)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert estado(call, again) == "aceptado"
    assert emitted(factus) == 1


def test_without_a_reference_what_was_taken_in_is_told_and_goes_on_by_itself(
    call: Any, gateway: Any, out: Any, drain: Any, settle: Any, clock: Any, factus: Any
) -> None:
    outage = out(own("sqs"))

    taken = call("POST", "/documentos", invoice())
    outage.end()
    clock.advance(minutes=30)
    settle()
    drain()

    assert (taken.status, taken.json["data"]["estado"]) == (201, "pendiente")
    assert estado(call, taken) == "aceptado"
    assert emitted(factus) == 1


@pytest.fixture
def throttled_records() -> Callable[[], None]:
    """From now on the table is too busy to hand out a record."""

    def unprocessed(params: dict[str, Any], **_: object) -> Any:
        asked = json.loads(params["body"])["RequestItems"]
        is_record = any(key["sk"]["S"] == keys.RECORD for key in asked["cauce"]["Keys"])
        return (
            (SimpleNamespace(status_code=200), {"Responses": {}, "UnprocessedKeys": asked})
            if is_record
            else None
        )

    return lambda: own("dynamodb").meta.events.register("before-call.dynamodb.BatchGetItem", unprocessed)


@pytest.mark.parametrize("patience", [20.0])
def test_without_a_reference_what_was_taken_in_is_told_though_it_cannot_be_read_then(
    call: Any, gateway: Any, clock: Any, throttled_records: Any, meanwhile: Any
) -> None:
    """503 would say that nothing was written, and have it repeated as another document."""
    clock.advance(minutes=1)  # the line of calls is empty, and the document's turn waited for
    meanwhile("TransactWriteItems", throttled_records)

    taken = call("POST", "/documentos", invoice())

    assert (taken.status, taken.json["data"]["estado"]) == (201, "pendiente")


def test_a_record_that_the_table_is_too_busy_to_read_is_looked_at_again_soon(
    call: Any, gateway: Any, throttled_records: Any, clock: Any
) -> None:
    call("POST", "/documentos", invoice(referencia="A"), Prefer="respond-async")
    clock.advance(minutes=30)
    (due,) = gateway.records.due(clock())
    throttled_records()

    with pytest.raises(Busy):
        looks.take(gateway, due)

    assert gateway.records.due(clock()) == [due]


def test_a_record_without_a_reference_that_was_written_after_all_is_not_made_again(
    call: Any, gateway: Any, drain: Any, everything: Any
) -> None:
    """AWS says of the last try that the first is in progress, and then completes it."""
    answers = [400]

    def in_progress(http_response: Any, parsed: Any, **_: object) -> None:
        if answers:
            http_response.status_code = answers.pop()
            parsed["Error"] = {"Code": "TransactionInProgressException", "Message": "x"}

    own("dynamodb").meta.events.register("after-call.dynamodb.TransactWriteItems", in_progress)

    taken = call("POST", "/documentos", invoice())

    assert (answers, taken.status) == ([], 201), taken.text
    records = [key for key in everything() if key[1] == keys.RECORD]
    assert [key[0].rpartition("#")[2] for key in records] == [taken.json["data"]["tracking_id"]]


@pytest.mark.parametrize(
    "operation", ["PutItem", "TransactWriteItems"], ids=["before it is sent", "after it was answered"]
)
def test_in_the_worker_the_message_comes_back_and_its_document_is_emitted_once(
    call: Any, gateway: Any, out: Any, drain: Any, settle: Any, clock: Any, factus: Any, operation: str
) -> None:
    taken = call("POST", "/documentos", invoice(referencia="A"), Prefer="respond-async")
    outage = out(own("dynamodb"), operation=operation)

    drain()
    assert estado(call, taken) == "pendiente"
    outage.end()
    drain()
    clock.advance(minutes=30)  # what may have been sent is asked about when it is due
    settle()

    assert estado(call, taken) == "aceptado"
    assert emitted(factus) == 1


@pytest.fixture
def asked_by_queue(call: Any, gateway: Any, issuer: Any, clock: Any) -> Any:
    """A message of one of the queues that asks for a document to be taken in, or looked at; and to whom it goes."""

    def made(queue: str) -> tuple[str, dict[str, Any]]:
        if queue == "intake":
            gateway.issuers.save(issuer.model_copy(update={"senders": frozenset({ERP})}))
            queues.to_intake({"tipo": "factura", **invoice(referencia="A")}, issuer.nit)
        elif queue == "control":
            call("POST", "/lotes", [{"tipo": "factura", **invoice(referencia="A")}])
        else:
            call("POST", "/documentos", invoice(referencia="A"), Prefer="respond-async")
            queues.purge(queues.EMISSION)
            clock.advance(hours=1)
            looks.hand_out(gateway)
            (message,) = handed_out(gateway)
            return "consult", as_look(message)
        (message,) = queues.received(f"cauce-{queue}")
        return "emit", as_record(message, ERP, f"cauce-{queue}")

    return made


@pytest.mark.parametrize(
    ("queue", "service"),
    [
        ("intake", "dynamodb"),
        ("intake", "sqs"),
        ("control", "dynamodb"),
        ("control", "s3"),
        ("control", "sqs"),
        ("looks", "dynamodb"),
        ("looks", "sqs"),
    ],
)
def test_in_each_other_queue_too_the_message_comes_back_and_its_document_is_emitted_once(
    asked_by_queue: Any, gateway: Any, out: Any, drain: Any, settle: Any, clock: Any, factus: Any,
    queue: str, service: str,
) -> None:  # fmt: skip
    function, message = asked_by_queue(queue)
    outage = out(own(service))

    def deliver() -> list[Any]:
        try:
            failed: list[Any] = named(function).handler({"Records": [message]}, context())[
                "batchItemFailures"
            ]
        except BatchProcessingError:  # all that came: the whole batch comes back
            return [message]
        return failed

    assert deliver()
    assert outage.tries
    outage.end()
    assert not deliver()
    drain()
    clock.advance(hours=1)  # what was about to be queued is queued again
    settle()
    drain()

    assert gateway.records.by_reference("901724254", "A").state is State.ACCEPTED
    assert emitted(factus) == 1


def test_a_fault_at_one_issuer_does_not_keep_the_schedule_from_the_others(
    gateway: Any, factus: Any, issuer: Any, monkeypatch: pytest.MonkeyPatch, out: Any
) -> None:
    enrol(gateway, factus, "900123456")
    heard = len(factus.requests)
    monkeypatch.setattr(SecretsProvider, "has_not_expired_in_cache", lambda *_: False)
    out(own("secretsmanager"), throttled(), times=1)

    counts = named("sync_numbering").handler({"schedule": "numbering"}, context(300))

    assert (counts["issuers"], counts["failed"]) == (2, 1)
    assert len(factus.requests) > heard


# The time left


@pytest.mark.parametrize(("seconds", "tries"), [(60, 4), (4, 1)])
def test_another_try_is_made_only_where_it_fits_the_time_left(
    gateway: Any, out: Any, seconds: float, tries: int
) -> None:
    outage = out(own("dynamodb"), operation="GetItem", lost=True)

    with faults.time_for(seconds), pytest.raises(faults.RAISED) as raised:
        gateway.access_tokens.read(1)

    assert faults.is_fault(raised.value)
    assert outage.tries == tries


@pytest.mark.parametrize(
    ("event", "seconds"),
    [({"requestContext": {"requestId": "r"}}, 27), ({"Records": []}, 89)],
    ids=["a request has API Gateway's time", "a message has the function's"],
)
def test_an_invocation_knows_its_time(
    event: dict[str, Any], seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(faults, "time", SimpleNamespace(monotonic=lambda: 1000.0))  # no time passes

    left = observability.observed(lambda _, __: faults.seconds_left())(event, context(90))

    assert left == seconds
    assert faults.seconds_left() == float("inf")


# The table's own answers


def cancelled(*codes: str) -> Exception:
    reasons = [{"Code": code} for code in codes]
    error: Exception = own("dynamodb").exceptions.TransactionCanceledException(
        {"Error": {"Code": "TransactionCanceledException", "Message": "x"}, "CancellationReasons": reasons},
        "TransactWriteItems",
    )
    return error


@pytest.fixture
def record(issuer: Any, emitted: Any) -> Any:
    return emitted("A")


@pytest.mark.parametrize("save", ["save_numbered", "save_moved"])
def test_a_transaction_that_met_another_is_tried_again_and_is_not_stale(
    gateway: Any, out: Any, record: Any, save: str
) -> None:
    written = _writer(gateway.records, record, save)
    meeting = cancelled("TransactionConflict", "None")
    outage = out(own("dynamodb"), meeting, operation="TransactWriteItems", times=2)

    assert written().version == record.version + 1
    assert outage.tries == 3


def test_a_write_that_met_a_transaction_is_tried_again_and_is_not_stale(
    gateway: Any, out: Any, record: Any
) -> None:
    meeting = own("dynamodb").exceptions.TransactionConflictException(
        {"Error": {"Code": "TransactionConflictException", "Message": "x"}}, "PutItem"
    )
    outage = out(own("dynamodb"), meeting, operation="PutItem", times=2)

    assert gateway.records.save(record).version == record.version + 1
    assert outage.tries == 3


@pytest.mark.parametrize("save", ["save_numbered", "save_moved"])
def test_a_transaction_that_never_gets_through_is_a_fault_and_not_stale(
    gateway: Any, out: Any, record: Any, save: str
) -> None:
    out(
        own("dynamodb"),
        cancelled("ThrottlingError", "None"),
        operation="TransactWriteItems",
    )

    with pytest.raises(ClientError) as raised:
        _writer(gateway.records, record, save)()

    assert faults.is_fault(raised.value)


def test_only_a_condition_that_failed_is_stale_or_a_number_taken(gateway: Any, out: Any, record: Any) -> None:
    failed = "ConditionalCheckFailed"
    for codes, error in (
        ((failed, "None"), Stale),
        ((failed, failed), Stale),
        (("None", failed), NumberTaken),
    ):
        outage = out(own("dynamodb"), cancelled(*codes), operation="TransactWriteItems")

        with pytest.raises(error):
            _writer(gateway.records, record, "save_numbered")()
        outage.end()


def test_a_transaction_that_can_never_be_is_not_tried_until_the_caller_is_told_to_come_back(
    call: Any, gateway: Any, out: Any
) -> None:
    wrong = cancelled("None", "ValidationError", "None", "None")
    outage = out(own("dynamodb"), wrong, operation="TransactWriteItems")

    assert call("POST", "/documentos", invoice(referencia="B")).status == 500
    assert outage.tries == 1


def _writer(records: Records, record: Any, save: str) -> Callable[[], Any]:
    assert record.state is State.ACCEPTED
    if save == "save_numbered":
        return lambda: records.save_numbered(record)
    return lambda: records.save_moved(record, LotLine(lot="a", place="000001"))
