"""The real template on the local engine, with IAM enforced, and a probe in every function's place."""

import json
import shutil
import ssl
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError

from tests.local import engine as local_engine
from tests.local.deploy import CACHE, Stack, deploy
from tests.local.engine import ROOT

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("probe")]

FUNCTIONS = {"emit": "emit", "consult": "consult", "list_emitted": "list", "sync_numbering": "numbering"}
# A route of each function: how a test reaches it.
REACHED_BY = {
    "emit": ("POST", "/documentos"),
    "consult": ("GET", "/me"),
    "list_emitted": ("GET", "/emitidos"),
    "sync_numbering": ("GET", "/numeraciones"),
}
KEY = {"pk": {"S": "iam"}, "sk": {"S": "probe"}}


@pytest.fixture(scope="module")
def probes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("probed")
    for name in ("template.yaml", "samconfig.toml"):
        shutil.copyfile(ROOT / name, root / name)
    (root / "layers").symlink_to(ROOT / "layers")
    for function in FUNCTIONS:
        (root / "functions" / function).mkdir(parents=True)
        shutil.copyfile(ROOT / "tests/template/probe.py", root / "functions" / function / "app.py")
    return root


@pytest.fixture(scope="module")
def probed(probes: Path) -> Iterator[Stack]:
    with local_engine.running(enforce_iam=True) as engine:
        yield deploy(engine, {"Schedules": "DISABLED"}, root=probes)


@pytest.fixture(scope="module")
def http(probed: Stack) -> Iterator[httpx.Client]:
    trusted = ssl.create_default_context(cafile=str(probed.engine.certificate))
    with httpx.Client(verify=trusted, timeout=60) as client:
        yield client


def refusal(http: httpx.Client, stack: Stack, function: str, call: str, **arguments: Any) -> str | None:
    """What AWS answered to ``call`` made inside ``function``: an error code, None where it was allowed."""
    method, path = REACHED_BY[function]
    asked = {"call": call, "with": json.dumps(arguments)}
    answer = http.request(method, stack.api_url + path, params=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()["refused"]


# ── The API ───────────────────────────────────────────────────────────────────────────────────────


def test_a_request_arrives_with_its_route_and_without_the_stage(probed: Stack, http: httpx.Client):
    answer = http.get(f"{probed.api_url}/documentos/abc/xml?a=1&a=2", headers={"Authorization": "Bearer 1|x"})

    event = answer.json()["event"]
    assert event["resource"] == "/v1/documentos/{id}/xml"
    assert event["path"] == "/v1/documentos/abc/xml"
    assert event["pathParameters"] == {"id": "abc"}
    assert event["multiValueQueryStringParameters"] == {"a": ["1", "2"]}
    assert event["requestContext"]["path"] == "/api/v1/documentos/abc/xml"


@pytest.mark.parametrize(("method", "path"), [("GET", "/nada"), ("DELETE", "/documentos"), ("PUT", "/me")])
def test_a_route_that_does_not_exist_is_a_404_in_spanish(
    probed: Stack, http: httpx.Client, method: str, path: str
):
    answer = http.request(method, probed.api_url + path)

    assert answer.status_code == 404
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    body = answer.json()
    assert (body["ok"], body["codigo"], body["status"]) == (False, "ruta_no_encontrada", 404)
    assert body["request_id"] == answer.headers["x-amzn-RequestId"]


# ── Roles ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_function_reads_and_writes_its_table_by_key_and_index(
    probed: Stack, http: httpx.Client, function: str
):
    table = {"TableName": probed.table}
    by_issuer = {
        "IndexName": "rows_by_issuer",
        "KeyConditionExpression": "list_pk = :issuer",
        "ExpressionAttributeValues": {":issuer": {"S": "x"}},
    }

    assert refusal(http, probed, function, "dynamodb.put_item", Item=KEY, **table) is None
    assert refusal(http, probed, function, "dynamodb.get_item", Key=KEY, **table) is None
    assert refusal(http, probed, function, "dynamodb.query", **table, **by_issuer) is None
    wanted = {probed.table: {"Keys": [KEY]}}
    assert refusal(http, probed, function, "dynamodb.batch_get_item", RequestItems=wanted) is None


@pytest.mark.parametrize("function", FUNCTIONS)
def test_no_function_scans_deletes_or_reads_another_stage_s_credentials(
    probed: Stack, http: httpx.Client, function: str
):
    table = {"TableName": probed.table}

    assert refusal(http, probed, function, "dynamodb.scan", **table) == "AccessDeniedException"
    refused = refusal(http, probed, function, "dynamodb.delete_item", Key=KEY, **table)
    assert refused == "AccessDeniedException"
    for secret in ("cauce/produccion/900123456/factus", "someone-else-s"):
        refused = refusal(http, probed, function, "secretsmanager.get_secret_value", SecretId=secret)
        assert refused == "AccessDeniedException", secret


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_function_reads_its_own_stage_s_credentials(probed: Stack, http: httpx.Client, function: str):
    # Factus's is the one that each of them reads: its documents, its listing and its ranges are asked for.
    name = f"{probed.secret_prefix}/{uuid.uuid4().int % 10**9:09d}/factus"
    probed.engine.client("secretsmanager").create_secret(Name=name, SecretString="{}")

    assert refusal(http, probed, function, "secretsmanager.get_secret_value", SecretId=name) is None


@pytest.mark.parametrize(
    ("function", "allowed"),
    [("emit", True), ("consult", True), ("list_emitted", False), ("sync_numbering", False)],
)
def test_only_emission_and_settling_archive_and_queue(
    probed: Stack, http: httpx.Client, function: str, allowed: bool
):
    place = {"Bucket": probed.bucket, "Key": f"900123456/{function}"}
    message = {"test": "roles", "name": function}
    sent = {
        "QueueUrl": probed.queue_url,
        "MessageBody": json.dumps(message),
        "MessageGroupId": "roles",
        "MessageDeduplicationId": str(uuid.uuid4()),
    }
    expected = None if allowed else "AccessDenied"

    assert refusal(http, probed, function, "s3.put_object", Body="x", **place) == expected
    # The listings read the archive, for a month's files, and write nothing there.
    read = "NoSuchKey" if function == "list_emitted" else expected
    assert refusal(http, probed, function, "s3.get_object", **place) == read
    assert refusal(http, probed, function, "sqs.send_message", **sent) == expected
    assert refusal(http, probed, function, "s3.delete_object", **place) == "AccessDenied"
    assert refusal(http, probed, function, "sqs.purge_queue", QueueUrl=probed.queue_url) == "AccessDenied"


# ── The queue and the schedules ───────────────────────────────────────────────────────────────────


def test_a_lane_is_served_in_order_and_a_failed_document_holds_it_back(probed: Stack):
    test = f"lane-{uuid.uuid4()}"
    sqs = probed.engine.client("sqs")

    for number in range(4):
        sqs.send_message(
            QueueUrl=probed.queue_url,
            MessageBody=json.dumps({"test": test, "name": f"{number}", "fails_once": number == 1}),
            MessageGroupId=test,
            MessageDeduplicationId=f"{test}-{number}",
        )
    arrived = wait_for_arrivals(probed, test, 4)

    assert [name for name, _ in arrived] == ["0", "1", "2", "3"]
    assert [deliveries for _, deliveries in arrived] == [1, 2, 1, 1]


def test_the_same_attempt_sent_twice_is_delivered_once(probed: Stack):
    test = f"twice-{uuid.uuid4()}"
    sqs = probed.engine.client("sqs")

    for name in ("first", "again"):
        sqs.send_message(
            QueueUrl=probed.queue_url,
            MessageBody=json.dumps({"test": test, "name": name}),
            MessageGroupId=test,
            MessageDeduplicationId=test,
        )
    sqs.send_message(
        QueueUrl=probed.queue_url,
        MessageBody=json.dumps({"test": test, "name": "last"}),
        MessageGroupId=test,
        MessageDeduplicationId=f"{test}-last",
    )

    assert [name for name, _ in wait_for_arrivals(probed, test, 2)] == ["first", "last"]


def wait_for_arrivals(stack: Stack, test: str, count: int) -> list[tuple[str, int]]:
    """(name, deliveries) of each message of ``test``, in the order they were handled."""
    dynamodb = stack.engine.client("dynamodb")
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        items = dynamodb.query(
            TableName=stack.table,
            KeyConditionExpression="pk = :test",
            ExpressionAttributeValues={":test": {"S": test}},
        )["Items"]
        seen = [item for item in items if "position" in item]
        seen.sort(key=lambda item: int(item["position"]["N"]))
        if len(seen) >= count:
            return [(item["sk"]["S"], int(item["deliveries"]["N"])) for item in seen]
        time.sleep(0.05)
    raise AssertionError(f"{count} messages were expected, and these came: {items}")


@pytest.mark.parametrize(
    ("schedule", "function"), [("settle", "settle"), ("ledger", "settle"), ("numbering", "sync_numbering")]
)
def test_a_schedule_runs_its_function(probed: Stack, schedule: str, function: str):
    assert probed.run_schedule(schedule) == {"ran": schedule, "for": probed.functions[function]}


def test_the_clock_asks_for_settling_every_minute_and_for_the_ledger_every_quarter(probed: Stack):
    scheduler = probed.engine.client("scheduler")
    schedules = [
        scheduler.get_schedule(Name=each["Name"], GroupName=each["GroupName"])
        for each in scheduler.list_schedules()["Schedules"]
        if "SettleFunction" in each["Name"]
    ]

    assert {
        json.loads(each["Target"]["Input"])["schedule"]: each["ScheduleExpression"] for each in schedules
    } == {
        "settle": "rate(1 minute)",
        "ledger": "rate(15 minutes)",
    }
    for each in schedules:
        assert each["Target"]["Arn"].endswith(f":{probed.functions['settle']}")


# ── The archive, the table, the layers ────────────────────────────────────────────────────────────


def test_what_is_archived_cannot_be_deleted_or_silently_replaced(probed: Stack):
    s3 = probed.engine.client("s3")
    stored = s3.put_object(Bucket=probed.bucket, Key="evidence", Body=b"as sent")

    with pytest.raises(ClientError, match="AccessDenied"):
        s3.delete_object(Bucket=probed.bucket, Key="evidence", VersionId=stored["VersionId"])
    with pytest.raises(ClientError, match="PreconditionFailed"):
        s3.put_object(Bucket=probed.bucket, Key="evidence", Body=b"other", IfNoneMatch="*")


def test_the_table_has_its_indexes_and_forgets_what_expires(probed: Stack):
    dynamodb = probed.engine.client("dynamodb")
    table = dynamodb.describe_table(TableName=probed.table)["Table"]
    ttl = dynamodb.describe_time_to_live(TableName=probed.table)["TimeToLiveDescription"]

    indexes = {index["IndexName"] for index in table["GlobalSecondaryIndexes"]}
    assert indexes == {"rows_by_issuer", "rows_by_state", "by_kind", "by_party", "open", "by_lot"}
    assert ttl == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires_at"}


@pytest.mark.usefixtures("probed")
def test_the_layers_fit_in_lambda_with_room_to_spare():
    limit = 250 * 2**20
    newest = [
        max(CACHE.glob(f"layers-{name}-*.zip"), key=lambda zipped: zipped.stat().st_mtime)
        for name in ("dependencies", "provider")
    ]

    files = [file for zipped in newest for file in zipped.with_suffix("").rglob("*") if file.is_file()]
    assert 0.2 * limit < sum(file.stat().st_size for file in files) < 0.6 * limit


def test_a_deployment_repeated_changes_nothing_and_builds_nothing(
    probed: Stack, probes: Path, monkeypatch: pytest.MonkeyPatch
):
    built: list[Path] = []
    monkeypatch.setattr("tests.local.deploy.zip_up", lambda contents, zipped: built.append(zipped))

    again = deploy(probed.engine, {"Schedules": "DISABLED"}, root=probes)

    assert built == []
    assert again == probed
