"""What each function asks of AWS, held against what the template lets its role do.

The local engine enforces the roles too, but knows nothing of ``dynamodb:LeadingKeys``.
"""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any
from unittest.mock import patch

import botocore.client
import pytest

from cauce.aws.lot_files import key as file_key
from cauce.aws.settings import Settings
from cauce.domain.access_token import Scope
from cauce.domain.issuer import Quota
from cauce.domain.time import bogota
from cauce.numbering import quotas
from cauce.reception import access
from tests import stack
from tests.documents import invoice, note, support_document
from tests.flow import conftest, queues
from tests.flow.conftest import ERP
from tests.template.cloudformation import as_list, statements, template

FOLDERS = ("emit", "consult", "list_emitted", "sync_numbering")
ROLES = {
    "emit": "EmitRole",
    "emit worker": "EmitWorkerRole",
    "consult": "ConsultRole",
    "settle": "SettleRole",
    "list_emitted": "ListEmittedRole",
    "sync_numbering": "SyncNumberingRole",
}
_APART = {"emit": "emit worker", "consult": "settle"}
"""The function of the same code that works from queues and schedules."""
_PARTS = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}


QUEUES = {
    "cauce.fifo": "EmissionQueue",
    "cauce-dead.fifo": "DeadLetterQueue",
    "cauce-intake": "IntakeQueue",
    "cauce-control": "ControlQueue",
    "cauce-looks.fifo": "LooksQueue",
    "cauce-news.fifo": "NewsQueue",
}
"""Of the tests' stack, by the template's names."""


def policies(resources: dict[str, Any], role: str) -> set[str]:
    """The logical ids of a role and of the managed policies that it carries."""
    return {role, *(each["Ref"] for each in resources[role]["Properties"]["ManagedPolicyArns"])}


UNSEEN = {
    *("WriteLogs", "SendTraces", "TakeIn", "ReadCredentials", "ReadTheTablesKey"),
    *("TellOfAFailedRun", "TakeWhatIsToldOfMails"),
}
"""Statements that Lambda itself leans on, and those for secrets, which the tests' stack hands out unasked."""
ELSEWHERE = {
    ("consult", "QueueDocuments"),  # what a person sends again
    ("emit worker", "GoOnWithLots"),  # a lot that its lane has no place for now
    # What another function of the tests' one process did before: the session, a token's last use of the day, the
    # redrive policy.
    ("list_emitted", "KeepTheProvidersSession"),
    ("list_emitted", "SayThatATokenWasUsed"),
    ("settle", "FindDeadLetters"),
    ("sync_numbering", "KeepTheProvidersSession"),
    ("sync_numbering", "SayThatATokenWasUsed"),
}
"""Function and statement: what the test of all the functions does not come to."""


class Held:
    """Every call to AWS while a function is at work, held against its role."""

    def __init__(self) -> None:
        resources = template()["Resources"]
        self.granted = {
            folder: [each for owner, each in statements(resources) if owner in policies(resources, role)]
            for folder, role in ROLES.items()
        }
        self.function: str | None = None
        self.refused: list[str] = []
        self.leaned_on: set[tuple[str, str, str]] = set()
        """Function, statement and action."""
        self.used: set[tuple[str, str]] = set()
        """Function and action, with the index, the queue or what the key begins with."""

    def call(self, operation: str, arguments: dict[str, Any]) -> None:
        if self.function is None:
            return
        for action, index, key in asked(operation, arguments):
            statement = next(
                (each for each in self.granted[self.function] if allows(each, action, index, key)), None
            )
            self.used.add((self.function, f"{action} {index or key.partition('#')[0]}"))
            if statement is not None:
                self.leaned_on.add((self.function, statement["Sid"], action))
            else:
                self.refused.append(f"{self.function}: {action} {index or ''} {key}")


def asked(operation: str, arguments: dict[str, Any]) -> Iterator[tuple[str, str | None, str]]:
    """What IAM is asked of a call: each action, on the table or which index, of which partition, secret or queue."""
    match operation:
        case "PutItem":
            yield "dynamodb:PutItem", None, arguments["Item"]["pk"]["S"]
        case "GetItem" | "UpdateItem" | "DeleteItem":
            yield f"dynamodb:{operation}", None, arguments["Key"]["pk"]["S"]
        case "BatchGetItem":
            for wanted in arguments["RequestItems"].values():
                for key in wanted["Keys"]:
                    yield "dynamodb:BatchGetItem", None, key["pk"]["S"]
        case "TransactWriteItems":
            for item in arguments["TransactItems"]:
                for part, given in item.items():
                    yield f"dynamodb:{_PARTS[part]}", None, given.get("Item", given.get("Key"))["pk"]["S"]
        case "Query":
            index = arguments.get("IndexName")
            yield "dynamodb:Query", index, "" if index else arguments["ExpressionAttributeValues"][":pk"]["S"]
        case "Scan":
            yield "dynamodb:Scan", None, ""
        case "GetSecretValue":
            yield "secretsmanager:GetSecretValue", None, arguments["SecretId"]
        case "GetObject" | "HeadObject":
            yield "s3:GetObject", None, arguments["Key"]
        case "ListObjectsV2":
            yield "s3:ListBucket", None, arguments["Prefix"]
        case "Sign":
            yield "kms:Sign", None, "LedgerKey"
        case "CreateLogStream" | "PutLogEvents":
            yield f"logs:{operation}", None, "AuditLogs"
        case "GetQueueUrl":
            yield "sqs:GetQueueUrl", None, QUEUES[arguments["QueueName"]]
        case _ if "QueueUrl" in arguments:
            queue = QUEUES[arguments["QueueUrl"].rpartition("/")[2]]
            yield f"sqs:{operation.removesuffix('Batch')}", None, queue
        case _:  # none that this file does not know
            yield f"s3:{operation}", None, arguments["Key"]


def allows(statement: dict[str, Any], action: str, index: str | None, key: str) -> bool:
    if action not in as_list(statement["Action"]):
        return False
    resources = [str(each) for each in as_list(statement["Resource"])]
    if action == "secretsmanager:GetSecretValue":
        return any(f"/*/{key.rpartition('/')[2]}-??????" in each for each in resources)
    if action == "s3:ListBucket":
        return fnmatchcase(key, statement["Condition"]["StringLike"]["s3:prefix"])
    if action.startswith("s3:"):
        return any("${Archive.Arn}/*" in each for each in resources)
    if action.startswith(("sqs:", "logs:", "kms:")):
        return any(f"['{key}', 'Arn']" in each for each in resources)
    on = f"/index/{index}'" if index else "['Table', 'Arn']"
    keys = (
        statement.get("Condition", {}).get("ForAllValues:StringLike", {}).get("dynamodb:LeadingKeys", ["*"])
    )
    return any(on in each for each in resources) and any(fnmatchcase(key, each) for each in keys)


@pytest.fixture
def resources(resources: Settings) -> Settings:
    return replace(resources, ledger_key=stack.ledger_key())


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[Held]:
    """The calls of this test, held against the roles."""
    watching = Held()
    call_aws = botocore.client.BaseClient._make_api_call

    def watched(client: Any, operation: str, arguments: Any) -> Any:
        watching.call(operation, arguments)
        return call_aws(client, operation, arguments)

    with patch.object(botocore.client.BaseClient, "_make_api_call", watched), at_work(watching, monkeypatch):
        yield watching


@contextmanager
def at_work(watching: Held, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Know which function's handler is at work."""
    for folder in FOLDERS:
        module = conftest.named(folder)

        def handle(event: Any, context: Any, *, of: str = folder, handler: Any = module.handler) -> Any:
            watching.function = of if "httpMethod" in event else _APART.get(of, of)
            try:
                return handler(event, context)
            finally:
                watching.function = None

        monkeypatch.setattr(module, "handler", handle)
    yield


@pytest.mark.reads_the_date
def test_what_the_functions_ask_of_aws_their_roles_let_them_do(
    held: Held, call: Any, deliver: Any, drain: Any, settle: Any, clock: Any, factus: Any, gateway: Any,
    issuer: Any, s3: Any, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """One of each: the ways in, what is asked afterwards, a rejection corrected, a lost answer, a provider that is
    out, a decision, the schedules."""
    changes = {"senders": frozenset({ERP}), "quota": Quota(limit=100)}
    gateway.issuers.save(issuer.model_copy(update=changes))

    def post(path: str, body: Any, **headers: str) -> Any:
        return call("POST", path, body, **headers).json.get("data")

    made = post("/documentos", invoice(referencia="A-1"))
    drain()
    made = call("GET", f"/documentos/{made['tracking_id']}").json
    post("/documentos", invoice(referencia="A-2"), Prefer="respond-async")
    post("/documentos-soporte", support_document(referencia="S-1"))
    today = bogota(gateway.now()).date().isoformat()
    call("POST", "/notas-credito", note(made["numero_completo"], made["cufe"], fecha=today, referencia="N-1"))
    factus.reject_next("FAK24", "No está informado el DV del NIT")
    post("/documentos", invoice(referencia="A-3"))
    drain()
    post("/documentos", invoice(referencia="A-3", observaciones="corregida"))
    drain()
    bearer = access.grant(gateway, issuer.nit, name="ERP", email="", scopes=list(Scope))[1]
    _look_up_buyers(call, bearer, deliver)
    hook = call("POST", "/webhooks", {"url": "http://127.0.0.1:9/"}, bearer=bearer).json["data"]["id"]
    drain()
    _push_news(call, bearer, hook, clock)
    for reference in ("A-4", "A-6"):
        factus.answer_next(status=500, stored=True)
        lost = post("/documentos", invoice(referencia=reference))
        drain()
        if reference == "A-4":  # the schedule asks about the other one
            call("GET", f"/documentos/{lost['tracking_id']}/consultar")
    for _ in range(8):
        factus.answer_next(status=503)
    post("/documentos", invoice(referencia="A-5"))
    post("/lotes", [{"tipo": "factura", **invoice(referencia=f"L-{n}")} for n in range(3)] + [5])
    text = json.dumps({"tipo": "factura", **invoice(referencia="U-1")}).encode()
    announced = {"subir": True, "bytes": len(text), "sha256": hashlib.sha256(text).hexdigest()}
    uploaded = gateway.lots.lot(issuer.nit, post("/lotes", announced)["lote_id"])
    s3.put_object(Bucket="cauce", Key=file_key(uploaded), Body=text)
    queues.to_control(queues.uploaded(file_key(uploaded)))
    queues.to_intake({"tipo": "factura", **invoice(referencia="Q-1")}, issuer.nit)
    queues.purge(queues.CONTROL)  # so that the schedule finds the lots
    clock.advance(minutes=31)
    settle()
    for _ in range(3):
        deliver()
        drain()
        clock.advance(minutes=10)
        gateway.provider(issuer, "factus").connection.turns.rest(3)  # a look whose turn has not come
        settle()
    for path in (
        "/me", "/preparacion", "/documentos", "/documentos?estado=aceptado&per_page=2", "/emitidos", "/numeraciones", "/health?detalle=1",
        f"/documentos/{made['tracking_id']}/pdf", f"/documentos/{made['tracking_id']}/xml",
        f"/lotes/{uploaded.lot_id}",
    ):  # fmt: skip
        call("GET", path)
    call("GET", "/novedades")
    factus.ranges[8].last += 1  # it is told so
    call("POST", "/numeraciones/sincronizar")
    call("POST", f"/documentos/{lost['tracking_id']}/resolver", {"accion": "reenviar", "motivo": "No está."})
    gateway.issuers.save(issuer.model_copy(update={**changes, "quota": Quota(limit=1)}))  # it is told so
    while not quotas.is_time(clock()):
        clock.advance(minutes=1)
    settle()
    conftest.named("sync_numbering").handler({"schedule": "numbering"}, conftest.context(600))
    clock.advance(minutes=1)
    conftest.named("consult").handler({"schedule": "ledger"}, conftest.context(150))
    for path in (
        f"/documentos/{made['tracking_id']}/evidencia",
        f"/cierre/{today[:7]}",
        f"/cierre/{today[:7]}/archivos",
    ):
        assert call("GET", path).status == 200

    assert held.refused == []
    given = {
        (of, each["Sid"])
        for of, granted in held.granted.items()
        for each in granted
        if each["Sid"] not in UNSEEN
    }
    assert given - {(of, sid) for of, sid, _ in held.leaned_on} == ELSEWHERE
    assert {function for function, _ in held.used} == set(ROLES)
    assert ("emit", "dynamodb:UpdateItem ISSUER") in held.used
    assert ("emit worker", "dynamodb:UpdateItem LOT") in held.used
    assert ("settle", "dynamodb:UpdateItem LOT") in held.used
    assert ("settle", "dynamodb:UpdateItem LANE") in held.used
    assert ("settle", "sqs:ReceiveMessage DeadLetterQueue") in held.used
    assert ("settle", "sqs:ChangeMessageVisibility LooksQueue") in held.used
    assert ("emit worker", "sqs:ChangeMessageVisibility EmissionQueue") in held.used
    assert ("consult", "dynamodb:PutItem RECORD") in held.used
    issued = {function for function, asked in held.used if asked == "dynamodb:PutItem UUID"}
    assert issued == {"emit worker", "consult", "settle"}
    archived = {function for function, asked in held.used if asked.startswith("s3:PutObject")}
    assert archived == {"emit", "emit worker", "consult", "settle"}
    assert ("sync_numbering", "dynamodb:UpdateItem ISSUER") in held.used


def _push_news(call: Any, bearer: str, hook: str, clock: Any) -> None:
    """A round of the issuer's webhook, what that has to deliver, and what is asked of a webhook besides."""
    clock.advance(minutes=1)
    conftest.named("consult").handler({"schedule": "settle"}, conftest.context(120))
    for _ in range(2):  # the round, then its deliveries
        for message in queues.received(queues.NEWS):
            record = conftest.as_record(message, ERP, queues.NEWS)
            conftest.named("consult").handler({"Records": [record]}, conftest.context(120))
    call("GET", f"/webhooks/{hook}/entregas", bearer=bearer)
    for status in ("inactivo", "activo"):
        call("PATCH", f"/webhooks/{hook}", {"estado": status}, bearer=bearer)


def _look_up_buyers(call: Any, bearer: str, deliver: Any) -> None:
    """By the route, for a document, and for a lot's line."""
    assert call("GET", "/adquirientes/13/52123987", bearer=bearer).status == 200
    for path, wrap in (
        ("/documentos", lambda body: body),
        ("/lotes", lambda body: [{"tipo": "factura", **body}]),
    ):
        number = {"/documentos": "52123988", "/lotes": "52123989"}[path]
        body = invoice(referencia=f"C-{number}")
        body["adquiriente"] = {"tipo_documento": "13", "numero_documento": number}
        assert call("POST", path, wrap(body), bearer=bearer).status in (201, 202)
    deliver()


def test_a_write_outside_a_role_would_be_seen(held: Held) -> None:
    held.function = "list_emitted"
    held.call("PutItem", {"Item": {"pk": {"S": "RECORD#1#2"}}})
    held.call("UpdateItem", {"Key": {"pk": {"S": "ISSUER#1"}}})
    held.call("GetSecretValue", {"SecretId": "cauce/test/1/dian"})
    held.call("Query", {"IndexName": "open"})
    held.call("Query", {"ExpressionAttributeValues": {":pk": {"S": "LANE#1"}}})
    held.call("SendMessage", {"QueueUrl": "https://sqs/1/cauce.fifo"})
    held.call("PutObject", {"Key": "1/2026/11/2/request-001"})

    held.function = "settle"
    held.call("PutLogEvents", {})

    assert len(held.refused) == 8
