"""Lots on the deployed template: by request, upload and queue, and killed at every side effect of being taken in."""

import hashlib
import json
import ssl
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError

from cauce.aws import items, keys, lot_files
from cauce.contracts.v1 import lots
from cauce.domain.issuer import Issuer
from cauce.domain.lot import Lot, LotState
from cauce.domain.record import State
from cauce.domain.search import Search
from cauce.gateway import Gateway
from cauce.intake import control
from cauce.intake import lots as intake_lots
from tests.documents import invoice
from tests.e2e.conftest import Run, World
from tests.flow.conftest import Clock
from tests.flow.handlers import http_event
from tests.local.engine import ROOT

BAD = {"tipo": "factura", "referencia": "MALO"}


class Own:
    """References of one run alone: all of them share one account of the provider, which keeps what it was sent."""

    def __init__(self) -> None:
        self._run = uuid.uuid4().hex[:8]

    def __call__(self, name: str) -> str:
        return f"{self._run}-{name}"

    def all(self, *names: str) -> set[str]:
        return {self(name) for name in names}


@pytest.fixture
def own() -> Own:
    return Own()


def item(reference: str) -> dict[str, Any]:
    return {"tipo": "factura", **invoice(referencia=reference)}


def ndjson(*documents: Any) -> bytes:
    return "\n".join(json.dumps(each) for each in documents).encode()


def until(what: Callable[[], Any], seconds: float = 60) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := what()):
        if time.monotonic() >= deadline:
            pytest.fail("it never came")
        time.sleep(0.2)
    return found


def finished(api: httpx.Client, lot_id: str) -> dict[str, Any]:
    """The lot, once nothing of it is left to do."""

    def look() -> Any:
        answer = api.get(f"/lotes/{lot_id}", params={"per_page": 100})
        return answer.json() if answer.json()["data"]["estado"] == "terminado" else None

    found: dict[str, Any] = until(look)
    return found


def assert_exactly_once(here: World, issuer: Issuer, references: set[str], where: str) -> None:
    """At the provider and in the table: one document of each reference, sent once, and no other."""
    at_provider = [bill.reference for bill in here.factus.documents["bills"] if bill.reference in references]
    sent = [
        seen.body["reference_code"]
        for seen in here.factus.requests
        if seen.path.endswith("/bills/validate") and seen.body["reference_code"] in references
    ]
    records = here.gateway.listing.page(issuer.nit, Search(), limit=50, start=None).records
    assert sorted(at_provider) == sorted(references), where
    assert sorted(sent) == sorted(references), f"{where}: sent {sorted(sent)}"
    assert sorted(record.outline.reference or "" for record in records) == sorted(references), where
    assert {record.state for record in records} == {State.ACCEPTED}, where


# ── The three ways in, with and without permissions ───────────────────────────────────────────────


class Ways:
    @pytest.fixture
    def here(self, request: pytest.FixtureRequest) -> World:
        raise NotImplementedError

    def test_a_lot_in_a_request_is_emitted_and_its_bad_document_told(self, here: World, own: Own):
        issuer, bearer = here.enrol()
        with here.client(bearer) as api:
            posted = api.post(
                "/lotes",
                content=ndjson(item(own("V-1")), BAD, item(own("V-2"))),
                headers={"Content-Type": "application/x-ndjson"},
            )
            assert posted.status_code == 202, posted.text
            assert [error["posicion"] for error in posted.json()["data"]["errores"]] == [2]
            found = finished(api, posted.json()["data"]["lote_id"])

        assert {row["posicion"]: row["estado"] for row in found["documentos"]} == {
            1: "aceptado",
            2: "invalido",
            3: "aceptado",
        }
        assert_exactly_once(here, issuer, own.all("V-1", "V-2"), "posted")

    def test_an_upload_tells_of_itself_and_only_the_announced_bytes_are_taken(self, here: World, own: Own):
        issuer, bearer = here.enrol()
        body = ndjson(*(item(own(f"V-{n}")) for n in range(4)))
        announced = {"subir": True, "bytes": len(body), "sha256": hashlib.sha256(body).hexdigest()}
        certificate = here.stack.engine.certificate
        trust = ssl.create_default_context(cafile=str(certificate)) if certificate else True
        with here.client(bearer) as api, httpx.Client(verify=trust) as s3:
            lot = api.post("/lotes", json=announced).json()["data"]
            url, headers = lot["subida"]["url"], lot["subida"]["encabezados"]
            for other in (body[:-1] + b" ", body + b"x", b"x"):
                wrong = {**headers, "Content-Length": str(len(other))}
                assert s3.put(url, content=other, headers=wrong).status_code >= 400
            assert s3.put(url, content=body, headers=headers).status_code == 200
            assert finished(api, lot["lote_id"])["data"]["conteo"]["aceptado"] == 4

        assert_exactly_once(here, issuer, own.all(*(f"V-{n}" for n in range(4))), "uploaded")

    def test_an_erp_of_the_account_sends_straight_and_a_stranger_s_message_holds_nobody_up(
        self, here: World, own: Own
    ):
        # The engine tells the account where AWS tells who in it sent the message.
        account = here.stack.engine.client("sts").get_caller_identity()["Account"]
        issuer, bearer = here.enrol(senders=frozenset({account}))
        stranger, _ = here.enrol()
        sqs = here.stack.engine.client("sqs")
        for nit, body in ((stranger.nit, item(own("X"))), (issuer.nit, BAD), (issuer.nit, item(own("V-1")))):
            sqs.send_message(
                QueueUrl=here.stack.intake_url,
                MessageBody=json.dumps(body),
                MessageAttributes={"emisor": {"DataType": "String", "StringValue": nit}},
            )
        day = f"cola-{time.strftime('%Y-%m-%d', time.gmtime(time.time() - 5 * 3600))}"
        with here.client(bearer) as api:

            def done() -> Any:
                rows = api.get(f"/lotes/{day}").json().get("documentos", [])
                return {row["referencia"]: row["estado"] for row in rows} == {
                    "MALO": "invalido",
                    own("V-1"): "aceptado",
                }

            until(done)
        assert_exactly_once(here, issuer, own.all("V-1"), "straight")


class TestWays(Ways):
    @pytest.fixture
    def here(self, world: World) -> World:
        return world


class TestWaysWithIam(Ways):
    @pytest.fixture
    def here(self, strict_world: World) -> World:
        return strict_world

    def test_nobody_of_the_account_sends_control_whatever_it_is_allowed(self, here: World, own: Own):
        issuer, bearer = here.enrol()
        with here.client(bearer) as api:
            announced = {"subir": True, "bytes": 9, "sha256": "0" * 64}
            lot = api.post("/lotes", json=announced).json()["data"]["lote_id"]
        control, intake = here.stack.control_url, here.stack.intake_url
        told = {
            "eventSource": "aws:s3",
            "s3": {"object": {"key": f"lotes/{issuer.nit}/{lot}/{'0' * 64}.ndjson"}},
        }
        body = json.dumps({"Records": [told]})

        for sqs in (a_user_who_may_all(here), here.stack.engine.client("sqs")):
            with pytest.raises(ClientError, match="AccessDenied"):
                sqs.send_message(QueueUrl=control, MessageBody=body)
        a_user_who_may_all(here).send_message(QueueUrl=intake, MessageBody=body)

        assert here.gateway.lots.lot(issuer.nit, lot).state is LotState.AWAITED


def a_user_who_may_all(here: World) -> Any:
    """An SQS client of a user whose own policy allows every action on every queue."""
    iam, name = here.stack.engine.client("iam"), f"erp-{uuid.uuid4().hex[:8]}"
    iam.create_user(UserName=name)
    allowed = {"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
    iam.put_user_policy(UserName=name, PolicyName="all", PolicyDocument=policy)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return here.stack.engine.client("sqs", key["AccessKeyId"], key["SecretAccessKey"])


# ── Killed ────────────────────────────────────────────────────────────────────────────────────────


class Silent:
    """A control queue that nothing is put in, so that only the process that is killed works on a lot."""

    def go_on(self, lot: Lot) -> None: ...


def quiet(world: World) -> Gateway:
    return replace(world.gateway, control=Silent())  # type: ignore[arg-type]


def message(world: World, kind: str, body: str, nit: str = "") -> dict[str, Any]:
    """An event of the intake or the control queue as on file, with this body."""
    event: dict[str, Any] = json.loads((ROOT / f"events/emit-{kind}.json").read_text())
    queue = world.gateway.intake if kind.startswith("intake") else world.gateway.control
    record = event["Records"][0]
    record |= {"body": body, "eventSourceARN": f"arn:aws:sqs:us-east-1:1:{queue.name}"}
    if nit:
        record["messageAttributes"]["emisor"]["stringValue"] = nit
    return event


def is_empty(world: World) -> bool:
    """Whether everything that was put in the control queue was obeyed."""
    depth = world.gateway.control_dead_letters.depths()[0]
    return depth.waiting == depth.in_flight == 0


def recover(world: World, bearer: str, lot_id: str) -> dict[str, Any]:
    """What the schedule does minutes later, and the engine's own functions after it, until the lot is finished.

    Only the schedule's clock is ahead. What takes lines in and emits them has the real one, whichever process it is:
    with two clocks a worker would find claims of the future.
    """
    later = Clock()
    schedule = replace(world.gateway, now=later)
    with world.client(bearer) as api:
        for _ in range(20):
            later.advance(minutes=3)
            control.resume_due(schedule, 50)
            for _ in range(15):
                answer = api.get(f"/lotes/{lot_id}", params={"per_page": 100}).json()
                if answer["data"]["estado"] == "terminado":
                    return answer
                time.sleep(0.2)
    raise AssertionError(answer)


class Mixed:
    """A lot of two chunks: a new document and one whose reference is taken; a repeated document and a new one."""

    def __init__(self, world: World, own: Own, *, first_chunk_taken: bool):
        self.issuer, self.bearer = world.enrol()
        self.earlier = (own("ANTES-1"), own("ANTES-2"))
        self.references = {*self.earlier, own("V-1"), own("V-2")}
        with world.client(self.bearer) as api:
            for reference in self.earlier:
                posted = api.post("/documentos", json=invoice(referencia=reference))
                assert posted.json()["data"]["estado"] == "aceptado", posted.text
        taken, repeated = self.earlier
        documents = (
            item(own("V-1")),
            item(taken) | {"observaciones": "otra"},
            item(repeated),
            item(own("V-2")),
        )
        lines = [json.dumps(each).encode() for each in documents]
        self.lot, refusals, _ = intake_lots.take_in(quiet(world), self.issuer, lines, None, None, lots.asked)
        assert not refusals
        self.position = 0
        if first_chunk_taken:
            control.go_on(quiet(world), self.issuer.nit, self.lot.lot_id, 0, lots.asked)
            self.position = 2

    def event(self, world: World) -> dict[str, Any]:
        going_on = {"lote": self.lot.lot_id, "emisor": self.issuer.nit, "desde": self.position}
        return message(world, "control-lot", json.dumps(going_on))


@pytest.mark.parametrize("first_chunk_taken", [False, True], ids=["first chunk", "last chunk"])
def test_a_lot_survives_a_kill_at_every_side_effect_of_taking_its_lines(
    world: World, run: Run, monkeypatch: pytest.MonkeyPatch, first_chunk_taken: bool
):
    monkeypatch.setattr(control, "CHUNK", 2)
    whole = Mixed(world, Own(), first_chunk_taken=first_chunk_taken)
    effects = run(whole.event(world), 0, "after", chunk=2)
    taken = ["PutItem", "TransactWriteItems", "SendMessage", "UpdateItem"]
    assert sorted({*effects}) == sorted(taken)
    assert effects.count("SendMessage") == (1 if first_chunk_taken else 2)

    for position, name in enumerate(effects, start=1):
        for when in ("before", "after"):
            world.factus.reset()
            mixed = Mixed(world, Own(), first_chunk_taken=first_chunk_taken)
            run(mixed.event(world), position, when, chunk=2)

            found = recover(world, mixed.bearer, mixed.lot.lot_id)

            where = f"killed {when} {position} {name}"
            assert_exactly_once(world, mixed.issuer, mixed.references, where)
            shown = sorted((row["posicion"], row["estado"]) for row in found["documentos"])
            assert shown == [(1, "aceptado"), (2, "invalido"), (3, "aceptado"), (4, "aceptado")], where


def test_a_post_of_a_lot_killed_at_every_side_effect_is_safely_repeated(world: World, run: Run):
    headers = {"Content-Type": "application/x-ndjson", "Idempotency-Key": f"LOTE-{uuid.uuid4().hex[:8]}"}

    def body(own: Own) -> bytes:
        return ndjson(item(own("V-1")), BAD, item(own("V-2")))

    def event(own: Own, bearer: str) -> dict[str, Any]:
        return http_event("POST", "/lotes", body(own).decode(), bearer=bearer, headers=headers)

    effects = run(event(Own(), world.enrol()[1]), 0, "after")
    # Beside these, the last use of the token and the audit's line are written.
    of_the_lot = [name for name in effects if name in ("PutObject", "PutItem", "SendMessage")]
    assert of_the_lot == ["PutObject", "PutItem", "PutItem", "SendMessage"]
    for position, name in enumerate(effects, start=1):
        for when in ("before", "after"):
            world.factus.reset()
            own, (issuer, bearer) = Own(), world.enrol()
            run(event(own, bearer), position, when)

            with world.client(bearer) as api:
                repeated = api.post("/lotes", content=body(own), headers=headers)
                assert repeated.status_code == 202, repeated.text
                finished(api, repeated.json()["data"]["lote_id"])
            assert_exactly_once(world, issuer, own.all("V-1", "V-2"), f"POST killed {when} {position} {name}")


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("position", [1, 2])
def test_the_notification_of_an_upload_may_be_lost_half_way(
    world: World, run: Run, own: Own, position: int, when: str
):
    issuer, bearer = world.enrol()
    body = ndjson(item(own("V-1")), item(own("V-2")))
    sha256 = hashlib.sha256(body).hexdigest()
    lot, _ = intake_lots.await_upload(world.gateway, issuer, len(body), sha256, None, "LOTE-1")
    told = {"eventSource": "aws:s3", "s3": {"object": {"key": lot_files.key(lot)}}}
    # S3 itself tells of it too, and is told nothing: there is no lot while its file comes.
    key = items.pack(dict(keys.lot(issuer.nit, lot.lot_id)))
    world.stack.engine.client("dynamodb").delete_item(TableName=world.stack.table, Key=key)
    world.gateway.lot_files.write(lot, body)
    until(lambda: is_empty(world))
    world.gateway.lots.create(lot)
    run(message(world, "control-upload", json.dumps({"Records": [told]})), position, when)

    recover(world, bearer, lot.lot_id)
    assert world.gateway.lots.lot(issuer.nit, lot.lot_id).state is LotState.READ
    assert_exactly_once(world, issuer, own.all("V-1", "V-2"), f"notification killed {when} {position}")


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("position", [1, 2])
def test_a_straight_message_killed_half_way_comes_back_and_is_one_document(
    world: World, run: Run, own: Own, position: int, when: str
):
    issuer, _ = world.enrol(senders=frozenset({"AROAEXAMPLEOFTHEERP00"}))
    event = message(world, "intake-document", json.dumps(item(own("V-1"))), issuer.nit)
    run(event, position, when)
    assert run(event, 0, "after") is not None

    def accepted() -> bool:
        record = world.gateway.records.by_reference(issuer.nit, own("V-1"))
        return record is not None and record.state is State.ACCEPTED

    until(accepted)
    assert_exactly_once(world, issuer, own.all("V-1"), f"message killed {when} {position}")
