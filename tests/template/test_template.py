"""What template.yaml promises, and the limits of AWS that the local engine does not hold us to."""

import inspect
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from cauce import observability, wiring
from cauce.aws import keys
from cauce.aws.settings import REQUEST_LIMIT
from cauce.domain.errors import Busy
from cauce.domain.issuer import RequestLimit
from cauce.providers import guard, registry
from cauce.providers.base import Verb
from tests.local.engine import ROOT
from tests.template.cloudformation import as_list, of_type, statements, template

# What is served, and by which function.
ROUTES = {
    ("post", "/v1/documentos"): "EmitFunction",
    ("post", "/v1/notas-credito"): "EmitFunction",
    ("post", "/v1/notas-debito"): "EmitFunction",
    ("post", "/v1/documentos-soporte"): "EmitFunction",
    ("post", "/v1/notas-ajuste"): "EmitFunction",
    ("post", "/v1/documentos-equivalentes"): "EmitFunction",
    ("post", "/v1/notas-documento-equivalente"): "EmitFunction",
    ("post", "/v1/eventos"): "EmitFunction",
    ("post", "/v1/lotes"): "EmitFunction",
    ("get", "/v1/lotes/{id}"): "EmitFunction",
    ("get", "/v1/health"): "ConsultFunction",
    ("get", "/v1/me"): "ConsultFunction",
    ("get", "/v1/preparacion"): "ConsultFunction",
    ("get", "/v1/documentos/{id}"): "ConsultFunction",
    ("get", "/v1/documentos/por-referencia/{referencia}"): "ConsultFunction",
    ("get", "/v1/documentos/{id}/consultar"): "ConsultFunction",
    ("get", "/v1/documentos/{id}/xml"): "ConsultFunction",
    ("get", "/v1/documentos/{id}/pdf"): "ConsultFunction",
    ("get", "/v1/documentos/{id}/paquete"): "ConsultFunction",
    ("post", "/v1/documentos/{id}/reenviar-correo"): "ConsultFunction",
    ("get", "/v1/documentos/{id}/evidencia"): "ConsultFunction",
    ("get", "/v1/documentos/{id}/eventos"): "ConsultFunction",
    ("post", "/v1/documentos/{id}/resolver"): "ConsultFunction",
    ("get", "/v1/documentos"): "ListEmittedFunction",
    ("get", "/v1/emitidos"): "ListEmittedFunction",
    ("get", "/v1/cierre/{mes}"): "ListEmittedFunction",
    ("get", "/v1/cierre/{mes}/archivos"): "ListEmittedFunction",
    ("get", "/v1/cierre/{mes}/conciliacion"): "ListEmittedFunction",
    ("get", "/v1/lotes"): "ListEmittedFunction",
    ("get", "/v1/openapi.json"): "ListEmittedFunction",
    ("get", "/v1/docs"): "ListEmittedFunction",
    ("get", "/v1/docs/{archivo}"): "ListEmittedFunction",
    ("get", "/v1/docs/errores/{codigo}"): "ListEmittedFunction",
    ("get", "/v1/docs/reglas/{regla}"): "ListEmittedFunction",
    ("get", "/v1/consola"): "ListEmittedFunction",
    ("get", "/v1/consola/{archivo}"): "ListEmittedFunction",
    ("get", "/v1/adquirientes/{tipo}/{numero}"): "ConsultFunction",
    ("get", "/v1/catalogos"): "ListEmittedFunction",
    ("get", "/v1/catalogos/{nombre}"): "ListEmittedFunction",
    ("get", "/v1/novedades"): "ListEmittedFunction",
    ("post", "/v1/webhooks"): "ConsultFunction",
    ("get", "/v1/webhooks"): "ConsultFunction",
    ("get", "/v1/webhooks/{id}"): "ConsultFunction",
    ("patch", "/v1/webhooks/{id}"): "ConsultFunction",
    ("delete", "/v1/webhooks/{id}"): "ConsultFunction",
    ("post", "/v1/webhooks/{id}/secreto"): "ConsultFunction",
    ("post", "/v1/webhooks/{id}/probar"): "ConsultFunction",
    ("post", "/v1/webhooks/{id}/repetir"): "ConsultFunction",
    ("get", "/v1/webhooks/{id}/entregas"): "ConsultFunction",
    ("get", "/v1/numeraciones"): "SyncNumberingFunction",
    ("post", "/v1/numeraciones"): "SyncNumberingFunction",
    ("post", "/v1/numeraciones/sincronizar"): "SyncNumberingFunction",
    ("put", "/v1/numeraciones/{prefijo}/tipo-documento"): "SyncNumberingFunction",
    ("get", "/v1/lookups/numbering-ranges"): "SyncNumberingFunction",
}
API_GATEWAY_SECONDS = 29
EVENTS = sorted((ROOT / "events").glob("*.json"))


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return template()


@pytest.fixture(scope="module")
def resources(document: dict[str, Any]) -> dict[str, Any]:
    return document["Resources"]


@pytest.fixture(scope="module")
def functions(resources: dict[str, Any]) -> dict[str, Any]:
    return of_type(resources, "AWS::Serverless::Function")


def routes_of(function: dict[str, Any]) -> set[tuple[str, str]]:
    return {
        (event["Properties"]["Method"], event["Properties"]["Path"])
        for event in function["Events"].values()
        if event["Type"] == "Api"
    }


def test_cfn_lint_has_nothing_to_say_and_nothing_is_hidden_from_it():
    said = subprocess.run(
        [Path(sys.executable).with_name("cfn-lint"), "--template", "template.yaml", "--regions", "us-east-1"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert said.stdout + said.stderr == ""
    assert not list(ROOT.glob(".cfnlintrc*"))
    assert "cfn-lint" not in (ROOT / "template.yaml").read_text()


def test_every_route_is_served_by_its_function_and_no_other_exists(functions: dict[str, Any]):
    declared = {route: name for name, function in functions.items() for route in routes_of(function)}

    assert declared == ROUTES


# ── Who may do what ───────────────────────────────────────────────────────────────────────────────


def test_no_action_is_a_wildcard(resources: dict[str, Any]):
    assert [
        (owner, action)
        for owner, statement in statements(resources)
        for action in as_list(statement["Action"])
        if "*" in action
    ] == []


def test_only_tracing_names_no_resource_because_aws_has_none_to_name(resources: dict[str, Any]):
    assert [
        (statement["Sid"], statement["Action"])
        for _, statement in statements(resources)
        if "*" in as_list(statement["Resource"])
    ] == [("SendTraces", ["xray:PutTraceSegments", "xray:PutTelemetryRecords"])]


def test_every_function_has_its_own_role_so_that_sam_attaches_no_managed_policy(functions: dict[str, Any]):
    roles = [function["Role"]["Fn::GetAtt"][0] for function in functions.values()]

    assert len(set(roles)) == len(functions) == 6
    assert len({function["CodeUri"] for function in functions.values()}) == 4
    assert not any("Policies" in function for function in functions.values())


def test_only_emission_archives_and_queues(resources: dict[str, Any]):
    reach: dict[str, set[str]] = {}
    for owner, statement in statements(resources):
        reach.setdefault(owner, set()).update(action.split(":")[0] for action in as_list(statement["Action"]))

    for role in ("EmitRole", "EmitWorkerRole", "ConsultRole"):
        assert reach[role] == {"dynamodb", "s3", "secretsmanager", "sqs"}, role
    assert reach["SettleRole"] == {"dynamodb", "s3", "secretsmanager", "sqs", "kms"}  # it signs the ledgers
    assert reach["ListEmittedRole"] == {"dynamodb", "secretsmanager", "s3"}
    assert reach["SyncNumberingRole"] == {"dynamodb", "secretsmanager", "sqs"}  # tells of a run that failed


def test_nobody_scans_deletes_or_lists(resources: dict[str, Any]):
    actions = {
        action
        for owner, each in statements(resources)
        for action in as_list(each["Action"])
        if owner != "ArchiveKeeperRole"  # which is no function's
    }

    assert not {action for action in actions if "Delete" in action} - {"sqs:DeleteMessage"}
    listing = {action for action in actions if "Scan" in action or "List" in action or "Bypass" in action}
    assert not listing - {"s3:ListBucket"}


def test_of_the_archive_one_document_s_files_alone_may_be_listed(resources: dict[str, Any]):
    listing = [each for _, each in statements(resources) if "s3:ListBucket" in as_list(each["Action"])]

    assert listing
    # {nit}/{yyyy}/{mm}/{record}/
    assert all(each["Condition"] == {"StringLike": {"s3:prefix": "*/20??/??/*/"}} for each in listing)


def test_the_archive_is_deleted_from_by_a_role_of_its_own_that_no_function_has_and_by_nobody_else(
    resources: dict[str, Any], functions: dict[str, Any]
):
    _, nobody_else = resources["ArchiveOverTlsOnly"]["Properties"]["PolicyDocument"]["Statement"]
    keeper = resources["ArchiveKeeperRole"]["Properties"]
    (assumed,) = keeper["AssumeRolePolicyDocument"]["Statement"]

    assert (nobody_else["Effect"], nobody_else["Principal"]) == ("Deny", "*")
    assert {"s3:DeleteObject", "s3:DeleteObjectVersion"} <= set(nobody_else["Action"])
    assert nobody_else["Condition"] == {
        "ArnNotEquals": {"aws:PrincipalArn": {"Fn::GetAtt": ["ArchiveKeeperRole", "Arn"]}}
    }
    assert "ArchiveKeeperRole" not in str(functions)
    assert (assumed["Action"], assumed["Condition"]) == (
        "sts:AssumeRole",
        {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
    )
    allowed = {
        action
        for owner, each in statements(resources)
        if owner == "ArchiveKeeperRole"
        for action in as_list(each["Action"])
    }
    assert allowed == {"s3:ListBucketVersions", "s3:DeleteObject", "s3:DeleteObjectVersion"}


def written_by(resources: dict[str, Any], role: str) -> set[str]:
    """What the partition keys begin with of the items that a role may write."""
    writes = [
        each
        for owner, each in statements(resources)
        if owner == role and {"dynamodb:PutItem", "dynamodb:UpdateItem"} & set(as_list(each["Action"]))
    ]
    assert all(each["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"] for each in writes)
    return {
        key for each in writes for key in each["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]
    }


WRITES = {
    "EmitRole": "RECORD REFERENCE NUMBER UUID ISSUER LOT OUTAGE PROVIDER_TOKEN NEWS TURNS COUNTER CALLS HOST LANE "
    "TOKEN REQUESTS ACQUIRER ACQUIRERS",
    "EmitWorkerRole": "RECORD REFERENCE NUMBER UUID ISSUER LOT OUTAGE PROVIDER_TOKEN NEWS TURNS COUNTER CALLS HOST "
    "LANE ACQUIRER ACQUIRERS",
    "ConsultRole": "RECORD NUMBER UUID OUTAGE PROVIDER_TOKEN NEWS NOTICED COUNTER CALLS HOST ENDPOINTS DELIVERIES "
    "TOKEN REQUESTS ACQUIRER ACQUIRERS",
    "SettleRole": "RECORD NUMBER UUID OUTAGE PROVIDER_TOKEN NEWS NOTICED COUNTER CALLS HOST LOT LANE LEDGER "
    "ENDPOINTS DELIVERIES",
    "ListEmittedRole": "PROVIDER_TOKEN CALLS HOST TOKEN REQUESTS",
    "SyncNumberingRole": "ISSUER PROVIDER_TOKEN CALLS HOST NEWS NOTICED TOKEN REQUESTS",
}


@pytest.mark.parametrize("role", WRITES)
def test_a_function_writes_only_its_items(resources: dict[str, Any], role: str):
    assert written_by(resources, role) == {f"{kind}#*" for kind in WRITES[role].split()}


def test_what_one_tenant_may_ask_of_the_api_is_not_refused_to_its_token(document: dict[str, Any]):
    """The API's throttle is one for everybody, so a tenant that is alone may use all of it: its burst, and its rate in
    each second. A stack that raises it raises the token's limit too."""
    overrides = tomllib.loads((ROOT / "samconfig.toml").read_text())
    for stage in ("local", "habilitacion", "cuenta-nueva", "produccion"):
        given = {name: each.get("Default") for name, each in document["Parameters"].items()} | dict(
            each.split("=", 1) for each in overrides[stage]["deploy"]["parameters"]["parameter_overrides"]
        )
        limit = RequestLimit.parsed(given["TokenRequests"])

        let_through = int(given["ApiBurst"]) + int(given["ApiRequestsPerSecond"]) * limit.seconds
        assert limit.requests >= let_through, stage


def test_the_functions_are_told_the_limit_of_a_token_s_requests(document: dict[str, Any]):
    variables = document["Globals"]["Function"]["Environment"]["Variables"]
    parameter = document["Parameters"]["TokenRequests"]

    assert variables["CAUCE_REQUEST_LIMIT"] == {"Ref": "TokenRequests"}
    assert parameter["Default"] == REQUEST_LIMIT
    for text in ("1/1", "9999999/999"):
        assert re.fullmatch(parameter["AllowedPattern"], text)
        assert RequestLimit.parsed(text)
    for text in ("", "1200", "0/10", "10/0", "1200/10 "):
        assert not re.fullmatch(parameter["AllowedPattern"], text)


def test_every_kind_of_item_that_there_is_is_some_function_s_to_write(resources: dict[str, Any]):
    """Whoever adds a kind of item says here, and in the template, who writes it."""
    kinds = set(re.findall(r'f"([A-Z_]+)#\{', inspect.getsource(keys)))
    indexed = {
        "RECORDS",
        "TOKENS",
        "LOTS",
        "NUMBERS",
        "OPEN",
        "RANGE",
        "QUOTA",
        "LINE",
        "DOCUMENT",
    }  # no partition of the table

    assert {f"{kind}#*" for kind in kinds - indexed} == {
        key for role in WRITES for key in written_by(resources, role)
    }


def test_what_a_function_may_do_to_an_access_token_is_to_say_that_it_was_used(resources: dict[str, Any]):
    found = [
        (each["Action"], each["Condition"].get("ForAllValues:StringEquals"))
        for _, each in statements(resources)
        if "TOKEN#*" in str(each.get("Condition")) and "PROVIDER_TOKEN#*" not in str(each["Condition"])
    ]

    assert found == [("dynamodb:UpdateItem", {"dynamodb:Attributes": ["pk", "sk", "last_used"]})] * 4


READS = {
    "EmitRole": set(registry.NAMES),
    "EmitWorkerRole": set(registry.NAMES),
    "ConsultRole": set(registry.NAMES),
    "SettleRole": set(registry.NAMES),
    "ListEmittedRole": {Verb.LIST_EMITTED},
    "SyncNumberingRole": {Verb.RANGES, Verb.GENERATE_RANGE, Verb.ASSIGN_RANGE_TYPE},
}


@pytest.mark.parametrize("role", READS)
def test_a_function_reads_only_the_secrets_of_the_providers_that_it_asks(
    resources: dict[str, Any], role: str
):
    (statement,) = (
        each for owner, each in statements(resources) if owner == role and each["Sid"] == "ReadCredentials"
    )
    read = {
        re.fullmatch(r".*:secret:cauce/\$\{Stage\}/\*/(\w+)-\?{6}", each["Fn::Sub"])[1]  # type: ignore[index]
        for each in statement["Resource"]
    }
    able = {
        name
        for name in registry.NAMES
        for settings in registry.provider_class(name).variants
        if READS[role] & {name, *registry.provider_class(name).declare(settings).verbs}
    }

    assert read == able


@pytest.mark.parametrize("role", READS)
def test_of_secrets_a_function_reads_those_credentials_and_the_table_s_key_and_writes_none(
    resources: dict[str, Any], role: str
):
    found = {
        each["Sid"]: each
        for owner, each in statements(resources)
        if owner == role and "secretsmanager:" in str(each["Action"])
    }

    assert found.keys() == {"ReadCredentials", "ReadTheTablesKey"}
    assert {each["Action"] for each in found.values()} == {"secretsmanager:GetSecretValue"}
    assert found["ReadTheTablesKey"]["Resource"] == {"Fn::GetAtt": ["TableKey", "Id"]}


def test_the_table_s_key_survives_its_stack_and_no_update_makes_another(
    resources: dict[str, Any], document: dict[str, Any]
):
    """CloudFormation makes another whenever the properties that generate it change; what the table holds would be
    sealed with one that nobody has."""
    key = resources["TableKey"]

    assert (key["DeletionPolicy"], key["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")
    assert key["Properties"]["GenerateSecretString"] == {"PasswordLength": 64, "ExcludePunctuation": True}
    assert "Name" not in key["Properties"]  # one that was kept would stand in the way of the next stack's
    assert document["Globals"]["Function"]["Environment"]["Variables"]["CAUCE_TABLE_KEY"] == {
        "Fn::GetAtt": ["TableKey", "Id"]
    }
    assert document["Outputs"]["TableKeyArn"]["Value"] == {"Fn::GetAtt": ["TableKey", "Id"]}


@pytest.mark.parametrize("kind", ["AWS::SQS::QueuePolicy", "AWS::S3::BucketPolicy"])
def test_plain_http_is_refused(resources: dict[str, Any], kind: str):
    for policy in of_type(resources, kind).values():
        statement = policy["PolicyDocument"]["Statement"][0]
        assert (statement["Effect"], statement["Principal"]) == ("Deny", "*")
        assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_every_queue_and_bucket_has_such_a_policy(resources: dict[str, Any]):
    queues = [each["Queues"][0]["Ref"] for each in of_type(resources, "AWS::SQS::QueuePolicy").values()]
    buckets = [each["Bucket"]["Ref"] for each in of_type(resources, "AWS::S3::BucketPolicy").values()]

    assert sorted(queues) == sorted(of_type(resources, "AWS::SQS::Queue"))
    assert sorted(buckets) == sorted(of_type(resources, "AWS::S3::Bucket"))


def test_the_control_queue_takes_messages_from_our_own_roles_and_from_s3_about_our_bucket_alone(
    resources: dict[str, Any],
):
    policy = resources["ControlPolicy"]["Properties"]
    _, nobody_else, uploads = policy["PolicyDocument"]["Statement"]
    ours = {
        "aws:PrincipalArn": {
            "Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/${AWS::StackName}/*"
        },
        "aws:SourceArn": {"Fn::Sub": "arn:${AWS::Partition}:s3:::${AWS::StackName}-archive-*"},
    }

    assert policy["Queues"] == [{"Ref": "ControlQueue"}]
    assert len(policy["PolicyDocument"]["Statement"]) == 3
    # A denial outweighs whatever a principal of the account is allowed by its own policies.
    assert (nobody_else["Effect"], nobody_else["Principal"]) == ("Deny", "*")
    assert (nobody_else["Action"], nobody_else["Condition"]) == ("sqs:SendMessage", {"ArnNotLike": ours})
    assert (uploads["Effect"], uploads["Principal"]) == ("Allow", {"Service": "s3.amazonaws.com"})
    assert uploads["Action"] == "sqs:SendMessage"
    assert uploads["Condition"] == {
        "ArnLike": {"aws:SourceArn": ours["aws:SourceArn"]},
        "StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}},
    }
    assert {each["Resource"]["Fn::GetAtt"][0] for each in policy["PolicyDocument"]["Statement"]} == {
        "ControlQueue"
    }


def test_the_roles_that_the_control_queue_knows_are_those_that_send_to_it(resources: dict[str, Any]):
    known = {
        name
        for name, role in of_type(resources, "AWS::IAM::Role").items()
        if role.get("Path") == {"Fn::Sub": "/${AWS::StackName}/"}
    }
    senders = {
        owner
        for owner, statement in statements(resources)
        if "sqs:SendMessage" in as_list(statement["Action"])
        and {"Fn::GetAtt": ["ControlQueue", "Arn"]} in as_list(statement["Resource"])
    }

    assert known == senders == {"EmitRole", "EmitWorkerRole", "SettleRole"}


def test_a_client_may_send_to_the_intake_queue_and_to_no_other(resources: dict[str, Any]):
    text = {name: str(each) for name, each in of_type(resources, "AWS::SQS::QueuePolicy").items()}

    assert [name for name, policy in text.items() if "ErpPrincipals" in policy] == ["IntakePolicy"]
    assert [name for name, policy in text.items() if "s3.amazonaws.com" in policy] == ["ControlPolicy"]


def test_an_upload_is_told_to_the_control_queue(resources: dict[str, Any]):
    (told,) = resources["Archive"]["Properties"]["NotificationConfiguration"]["QueueConfigurations"]

    assert told["Queue"] == {"Fn::GetAtt": ["ControlQueue", "Arn"]}


# ── Time ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_message_stays_hidden_six_times_as_long_as_emit_may_take(document: dict[str, Any]):
    timeout = document["Resources"]["EmitWorkerFunction"]["Properties"]["Timeout"]
    visibility = document["Parameters"]["QueueVisibilitySeconds"]

    assert visibility["Default"] >= 6 * timeout
    assert visibility["MinValue"] >= timeout  # below it AWS refuses the mapping


def test_a_slow_provider_fits_in_whoever_works_from_a_queue(functions: dict[str, Any]):
    slow_provider_seconds = 75

    assert functions["EmitWorkerFunction"]["Timeout"] > slow_provider_seconds
    assert functions["SettleFunction"]["Timeout"] > slow_provider_seconds


def test_a_function_that_only_answers_requests_does_not_outlive_them(functions: dict[str, Any]):
    for name, function in functions.items():
        if {event["Type"] for event in function["Events"].values()} == {"Api"}:
            assert function["Timeout"] <= API_GATEWAY_SECONDS, name


def test_whoever_waits_for_an_answer_has_it_before_api_gateway_gives_up():
    assert wiring.REQUEST_SECONDS < observability.REQUEST_SECONDS < API_GATEWAY_SECONDS


def test_a_call_ends_before_the_worker_that_waits_for_it(functions: dict[str, Any]):
    assert guard.CALL_SECONDS == 65
    assert functions["EmitWorkerFunction"]["Timeout"] > guard.CALL_SECONDS
    assert functions["SettleFunction"]["Timeout"] > guard.CALL_SECONDS


def test_the_queue_hands_over_one_document_at_a_time_and_hears_which_failed(functions: dict[str, Any]):
    for mapping in (
        functions["EmitWorkerFunction"]["Events"]["Queue"]["Properties"],
        functions["SettleFunction"]["Events"]["Looks"]["Properties"],
    ):
        assert mapping["BatchSize"] == 1
        assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def test_each_queue_has_so_many_workers_and_no_more(functions: dict[str, Any], document: dict[str, Any]):
    mappings = {
        queue: name
        for function in functions.values()
        for event in function["Events"].values()
        if event["Type"] == "SQS"
        for queue, name in [
            (
                event["Properties"]["Queue"]["Fn::GetAtt"][0],
                event["Properties"]["ScalingConfig"]["MaximumConcurrency"]["Ref"],
            )
        ]
    }

    assert mappings == {
        "EmissionQueue": "EmitConcurrency",
        "IntakeQueue": "IntakeConcurrency",
        "ControlQueue": "IntakeConcurrency",
        "LooksQueue": "SettleConcurrency",
        "MailEventsQueue": "IntakeConcurrency",
        "NewsQueue": "NewsConcurrency",
    }
    # What is due is looked at within five minutes by so many: tests/flow/test_turns.py.
    assert document["Parameters"]["SettleConcurrency"]["Default"] <= 20


def test_who_answers_requests_works_from_no_queue_so_that_neither_takes_the_other_s_turn(
    functions: dict[str, Any],
):
    for name, function in functions.items():
        kinds = {event["Type"] for event in function["Events"].values()}
        if "Api" in kinds and name != "SyncNumberingFunction":  # whose schedule runs four times a day
            assert kinds == {"Api"}, name


def test_who_works_from_queues_can_have_executions_of_its_own_that_no_request_takes(
    functions: dict[str, Any],
):
    kept = {
        name: function["ReservedConcurrentExecutions"]["Fn::If"]
        for name, function in functions.items()
        if "ReservedConcurrentExecutions" in function
    }
    working = {
        name
        for name, function in functions.items()
        if "SQS" in {event["Type"] for event in function["Events"].values()}
    }

    assert kept.keys() == working == {"EmitWorkerFunction", "SettleFunction"}
    for condition, reserved, _ in kept.values():
        assert (condition, reserved) == ("ReservesWorkers", {"Ref": "WorkersReserved"})


def test_the_functions_are_told_where_the_api_is_for_its_callers(document: dict[str, Any]):
    variables = document["Globals"]["Function"]["Environment"]["Variables"]

    assert variables["CAUCE_PUBLIC_URL"] == {"Ref": "PublicUrl"}
    assert document["Parameters"]["PublicUrl"]["Default"] == ""


def test_a_look_that_died_is_taken_again_while_it_is_kept(resources: dict[str, Any]):
    queue, timeout = (
        resources["LooksQueue"]["Properties"],
        resources["SettleFunction"]["Properties"]["Timeout"],
    )

    assert timeout <= queue["VisibilityTimeout"] < queue["MessageRetentionPeriod"]
    assert "RedrivePolicy" not in queue  # what is still due is handed out again


# ── Size ──────────────────────────────────────────────────────────────────────────────────────────


def test_the_environment_stays_far_below_four_kilobytes(document: dict[str, Any]):
    variables = document["Globals"]["Function"]["Environment"]["Variables"]

    assert len(variables) * 200 < 4096  # no value of ours, a queue's URL included, is longer


def test_the_layer_keeps_of_botocore_every_service_that_the_functions_call():
    """What it leaves out is an UnknownServiceError in Lambda alone: every other test has all of botocore."""
    package = ROOT / "layers" / "provider" / "python" / "cauce"
    called = {
        service
        for file in package.rglob("*.py")
        if file.parent.name != "admin" and file.name != "account.py"  # the operator's own machine
        for service in re.findall(r"""\.client\(\s*"(\w+)\"""", file.read_text())
    }
    (kept,) = re.findall(
        r"^SERVICES := (.*)$", (ROOT / "layers/dependencies/Makefile").read_text(), re.MULTILINE
    )

    assert "dynamodb" in called
    assert called <= set(kept.split())


def test_a_function_s_own_policy_stays_below_twenty_kilobytes(functions: dict[str, Any]):
    for function in functions.values():
        assert len(routes_of(function)) * 450 < 20_480  # API Gateway's permission, one a route


# ── What is kept, and how ─────────────────────────────────────────────────────────────────────────


def test_the_archive_cannot_be_read_by_strangers_overwritten_or_lost(resources: dict[str, Any]):
    archive = resources["Archive"]["Properties"]

    assert archive["VersioningConfiguration"] == {"Status": "Enabled"}
    assert archive["ObjectLockEnabled"] is True
    assert set(archive["PublicAccessBlockConfiguration"].values()) == {True}
    assert archive["BucketEncryption"]
    assert resources["Archive"]["DeletionPolicy"] == "RetainExceptOnCreate"
    assert not any("Expiration" in rule for rule in archive["LifecycleConfiguration"]["Rules"])


def test_the_table_survives_its_stack_and_can_go_back_in_time(resources: dict[str, Any]):
    table = resources["Table"]["Properties"]

    assert resources["Table"]["DeletionPolicy"] == "RetainExceptOnCreate"
    assert resources["Table"]["UpdateReplacePolicy"] == "Retain"
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["SSESpecification"] == {"SSEEnabled": True}
    assert table["DeletionProtectionEnabled"] == {"Fn::If": ["IsProduction", True, False]}
    assert table["TimeToLiveSpecification"]["AttributeName"] == "expires_at"


def test_two_indexes_have_what_a_list_shows_and_the_others_keys_only(resources: dict[str, Any]):
    indexes = resources["Table"]["Properties"]["GlobalSecondaryIndexes"]
    keys = {each["IndexName"]: [key["AttributeName"] for key in each["KeySchema"]] for each in indexes}

    assert keys == {
        "rows_by_issuer": ["list_pk", "list_sk"],
        "rows_by_state": ["state_pk", "list_sk"],
        "by_kind": ["kind_pk", "list_sk"],
        "by_party": ["list_pk", "party_sk"],
        "open": ["open_pk", "open_sk"],
        "by_lot": ["lot_pk", "lot_sk"],
    }
    shows = {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["data", "schema", "content_at"]}
    assert {each["IndexName"]: each["Projection"] for each in indexes} == {
        name: shows if name.startswith("rows_") else {"ProjectionType": "KEYS_ONLY"} for name in keys
    }


def test_a_given_up_message_goes_to_a_fifo_queue_that_outlives_the_stack(resources: dict[str, Any]):
    queue, dead = resources["EmissionQueue"], resources["DeadLetterQueue"]

    assert queue["Properties"]["FifoQueue"] is dead["Properties"]["FifoQueue"] is True
    assert queue["Properties"]["ContentBasedDeduplication"] is False
    assert queue["Properties"]["FifoThroughputLimit"] == "perMessageGroupId"
    assert queue["Properties"]["RedrivePolicy"]["deadLetterTargetArn"] == {
        "Fn::GetAtt": ["DeadLetterQueue", "Arn"]
    }
    assert dead["DeletionPolicy"] == "RetainExceptOnCreate"


# ── What is seen ──────────────────────────────────────────────────────────────────────────────────


def test_no_log_of_the_api_holds_a_token_a_query_or_a_body(resources: dict[str, Any]):
    api = resources["Api"]["Properties"]
    written = api["AccessLogSetting"]["Format"]

    json.loads(written)
    assert not [word for word in ("header", "querystring", "body", "authorizer", "path\\") if word in written]
    assert api["MethodSettings"][0]["DataTraceEnabled"] is False


def test_who_asked_for_what_is_kept_as_long_as_the_archive_and_by_every_function_that_answers(
    resources: dict[str, Any], document: dict[str, Any]
):
    """Nothing of the archive is ever expired, and a log group without a retention keeps its lines for ever."""
    group = resources["AuditLogs"]
    writes = [each for _, each in statements(resources) if each["Sid"] == "SayWhoAskedForWhat"]

    assert (group["DeletionPolicy"], group["UpdateReplacePolicy"]) == (
        resources["Archive"]["DeletionPolicy"],
        resources["Archive"]["UpdateReplacePolicy"],
    )
    assert "RetentionInDays" not in group.get("Properties", {})
    assert [each["Resource"] for each in writes] == [{"Fn::GetAtt": ["AuditLogs", "Arn"]}]
    assert set(writes[0]["Action"]) == {"logs:CreateLogStream", "logs:PutLogEvents"}
    managed = {
        name: role.get("ManagedPolicyArns", []) for name, role in of_type(resources, "AWS::IAM::Role").items()
    }
    assert {name for name, arns in managed.items() if {"Ref": "KeepRequests"} in arns} == {
        "EmitRole", "ConsultRole", "ListEmittedRole", "SyncNumberingRole",
        "EmitWorkerRole",  # who had buyers looked up for a lot
    }  # fmt: skip
    variables = document["Globals"]["Function"]["Environment"]["Variables"]
    assert variables["CAUCE_AUDIT_LOG_GROUP"] == {"Ref": "AuditLogs"}


def test_what_the_gateway_itself_answers_is_kept_as_long_and_says_when_from_where_what_and_why(
    resources: dict[str, Any],
):
    """Such a request reaches no function: its line in the access log is all there is of it."""
    written = json.loads(resources["Api"]["Properties"]["AccessLogSetting"]["Format"])

    assert resources["Api"]["Properties"]["AccessLogSetting"]["DestinationArn"] == {
        "Fn::GetAtt": ["AccessLogs", "Arn"]
    }
    assert resources["AccessLogs"] == resources["AuditLogs"]
    # The id is that of the audit log's line about the same request.
    assert {
        name: written[name] for name in ("request_id", "time", "ip", "method", "route", "status", "error")
    } == {
        "request_id": "$context.requestId",
        "time": "$context.requestTime",
        "ip": "$context.identity.sourceIp",
        "method": "$context.httpMethod",
        "route": "$context.resourcePath",
        "status": "$context.status",
        "error": "$context.error.responseType",
    }


# Source: API Gateway's «Gateway response types».
GATEWAY_RESPONSES = {
    "ACCESS_DENIED", "API_CONFIGURATION_ERROR", "AUTHORIZER_CONFIGURATION_ERROR", "AUTHORIZER_FAILURE",
    "BAD_REQUEST_BODY", "BAD_REQUEST_PARAMETERS", "DEFAULT_4XX", "DEFAULT_5XX", "EXPIRED_TOKEN",
    "INTEGRATION_FAILURE", "INTEGRATION_TIMEOUT", "INVALID_API_KEY", "INVALID_SIGNATURE",
    "MISSING_AUTHENTICATION_TOKEN", "QUOTA_EXCEEDED", "REQUEST_TOO_LARGE", "RESOURCE_NOT_FOUND", "THROTTLED",
    "UNAUTHORIZED", "UNSUPPORTED_MEDIA_TYPE", "WAF_FILTERED",
}  # fmt: skip


GATEWAY_CODES = {
    400: "solicitud_invalida",
    401: "no_autenticado",
    403: "acceso_denegado",
    404: "ruta_no_encontrada",
    413: "cuerpo_demasiado_grande",
    415: "tipo_de_contenido_no_soportado",
    429: "demasiadas_solicitudes",
    500: "error_interno",
    503: "ocupado",
    504: "tiempo_agotado",
}
"""What clients have read in ``codigo`` since the first version, by status."""


def test_what_never_reaches_a_function_is_answered_in_the_contract_s_shape(resources: dict[str, Any]):
    answers = resources["Api"]["Properties"]["GatewayResponses"]

    assert answers.keys() == GATEWAY_RESPONSES
    for kind, answer in answers.items():
        text, names = answer["ResponseTemplates"]["application/json"]["Fn::Sub"]
        body = json.loads(text)
        assert body["ok"] is False, kind
        assert body.keys() >= {"error", "codigo", "type", "title", "detail"}, kind
        assert body["status"] == answer["StatusCode"], kind
        assert body["codigo"] == GATEWAY_CODES[body["status"]], kind
        assert body["error"] == body["detail"], kind
        assert body["type"] == f"${{Docs}}/errores/{body['codigo']}", kind
        assert names["Docs"] == {
            "Fn::If": [
                "HasPublicUrl",
                {"Fn::Sub": "${PublicUrl}/docs"},
                "https://$context.domainName/$context.stage/v1/docs",
            ]
        }, kind
        assert body["request_id"] == "$context.requestId", kind
        headers = answer["ResponseParameters"]["Headers"]
        assert headers["Content-Type"] == "'application/problem+json; charset=utf-8'", kind
        assert ("Retry-After" in headers) is (body["status"] in (429, 503)), kind


def test_a_function_that_lambda_refused_to_run_is_a_service_that_is_busy(resources: dict[str, Any]):
    """Lambda's 429 reaches API Gateway as a failure of the integration."""
    (api,) = of_type(resources, "AWS::Serverless::Api").values()
    text, _ = api["GatewayResponses"]["INTEGRATION_FAILURE"]["ResponseTemplates"]["application/json"][
        "Fn::Sub"
    ]
    said = json.loads(text)

    assert (said["status"], said["codigo"]) == (503, Busy.code)


WAKE_SOMEONE = {
    "ApiFailsAlarm": "5XXError",
    "EmitFailsAlarm": "Errors",
    "EmitWorkerFailsAlarm": "Errors",
    "SettleFailsAlarm": "Errors",
    "ThrottledAlarm": "Throttles",
    "DeadLettersAlarm": "ApproximateNumberOfMessagesVisible",
    "QueueStuckAlarm": "ApproximateAgeOfOldestMessage",
    "IntakeStuckAlarm": "ApproximateAgeOfOldestMessage",
    "SettleStoppedAlarm": "OpenBreakers",
    "UnsettledForHoursAlarm": "OldestUnsettledSeconds",
    "LaneHeldAlarm": "LaneHeld",
    "ContingenciesLateAlarm": "ContingenciesLate",
    "CertificateEndsAlarm": "CertificateDaysLeft",
}
CAN_WAIT = {
    "ApiSlowAlarm": "Latency",
    "ConsultFailsAlarm": "Errors",
    "ListEmittedFailsAlarm": "Errors",
    "SyncNumberingFailsAlarm": "Errors",
    "IntakeDeadLettersAlarm": "ApproximateNumberOfMessagesVisible",
    "ControlDeadLettersAlarm": "ApproximateNumberOfMessagesVisible",
    "ControlStuckAlarm": "ApproximateAgeOfOldestMessage",
    "LooksStuckAlarm": "ApproximateAgeOfOldestMessage",
    "MailEventsStuckAlarm": "ApproximateAgeOfOldestMessage",
    "NewsStuckAlarm": "ApproximateAgeOfOldestMessage",
    "NewsDeadLettersAlarm": "ApproximateNumberOfMessagesVisible",
    "WebhookDisabledAlarm": "NewsDisabled",
    "LedgerStuckAlarm": "LedgersStuck",
    "ScheduleFailedAlarm": "NumberOfMessagesSent",
    "NumberingStoppedAlarm": "IssuersSynced",
    "UnsettledAlarm": "OldestUnsettledSeconds",
    "RangesEndingAlarm": "RangesToRenew",
    "LawValuesAlarm": "LawValuesMissing",
    "CertificateEndingAlarm": "CertificatesEnding",
    "TableThrottledAlarm": "ReadThrottleEvents",
}


def test_what_wakes_someone_and_what_can_wait_for_the_morning(resources: dict[str, Any]):
    alarms = of_type(resources, "AWS::CloudWatch::Alarm")
    by_topic: dict[str, dict[str, str]] = {"HasAlarmTopic": {}, "HasNoticeTopic": {}}

    for name, alarm in alarms.items():
        by_topic[alarm["AlarmActions"]["Fn::If"][0]][name] = watched(alarm)[0]["MetricName"]

    assert by_topic == {"HasAlarmTopic": WAKE_SOMEONE, "HasNoticeTopic": CAN_WAIT}


def test_errors_and_throttles_of_each_function_and_the_age_and_dead_letters_of_each_queue_have_an_alarm(
    resources: dict[str, Any],
):
    found: dict[str, set[str]] = {}
    for alarm in of_type(resources, "AWS::CloudWatch::Alarm").values():
        for metric in watched(alarm):
            value = metric["Dimensions"][0]["Value"]
            name = value.get("Ref") or value.get("Fn::GetAtt", [""])[0]
            found.setdefault(metric["MetricName"], set()).add(name)
    functions, queues = (
        set(of_type(resources, kind)) for kind in ("AWS::Serverless::Function", "AWS::SQS::Queue")
    )
    dead = {name for name in queues if name.endswith("DeadLetterQueue")}

    assert found["Errors"] == found["Throttles"] == functions
    assert found["ApproximateNumberOfMessagesVisible"] == dead
    assert found["ApproximateAgeOfOldestMessage"] == queues - dead - {"FailedRunsQueue"}


def test_a_schedule_that_stopped_is_an_alarm_unless_it_is_switched_off(resources: dict[str, Any]):
    for name in ("SettleStoppedAlarm", "NumberingStoppedAlarm"):
        alarm = resources[name]["Properties"]

        assert alarm["TreatMissingData"] == {"Fn::If": ["RunsSchedules", "breaching", "notBreaching"]}


def test_a_run_of_a_schedule_that_fails_is_told_to_a_queue(resources: dict[str, Any]):
    functions = of_type(resources, "AWS::Serverless::Function")
    scheduled = {
        name: each
        for name, each in functions.items()
        if any(event["Type"] == "ScheduleV2" for event in each.get("Events", {}).values())
    }
    told = {"Type": "SQS", "Destination": {"Fn::GetAtt": ["FailedRunsQueue", "Arn"]}}

    assert scheduled.keys() == {"SettleFunction", "SyncNumberingFunction"}
    for each in scheduled.values():
        assert each["EventInvokeConfig"]["DestinationConfig"] == {"OnFailure": told}
        role = resources[each["Role"]["Fn::GetAtt"][0]]["Properties"]
        statements = role["Policies"][0]["PolicyDocument"]["Statement"]
        assert any(
            as_list(one["Action"]) == ["sqs:SendMessage"]
            and one["Resource"] == {"Fn::GetAtt": ["FailedRunsQueue", "Arn"]}
            for one in statements
        )


def test_our_own_alarms_watch_metrics_that_our_code_reports(resources: dict[str, Any]):
    code = [*ROOT.glob("functions/**/*.py"), *ROOT.glob("layers/provider/python/cauce/**/*.py")]
    text = "".join(file.read_text() for file in code)
    metrics = [
        metric
        for alarm in of_type(resources, "AWS::CloudWatch::Alarm").values()
        for metric in watched(alarm)
        if metric["Namespace"] == "Cauce"
    ]

    assert len(metrics) >= 7
    assert [each["MetricName"] for each in metrics if f'"{each["MetricName"]}"' not in text] == []


def test_the_board_shows_every_alarm_and_only_resources_of_the_stack(resources: dict[str, Any]):
    said = resources["Board"]["Properties"]["DashboardBody"]["Fn::Sub"]
    board = json.loads(re.sub(r"\$\{[^}]*\}", lambda each: each[0][2:-1], said))
    named = {name.split(".")[0] for name in re.findall(r"\$\{([^}]*)\}", said)}
    alarms = next(each for each in board["widgets"] if each["type"] == "alarm")["properties"]["alarms"]

    assert sorted(alarms) == sorted(f"{name}.Arn" for name in of_type(resources, "AWS::CloudWatch::Alarm"))
    assert {name for name in named if not name.startswith("AWS::")} - {"Stage"} <= resources.keys()
    assert {each["properties"]["title"] for each in board["widgets"]} == {
        "Alarmas (docs/RUNBOOK.md)",
        "Documentos, por resultado",
        "Lo más viejo sin resultado, y proveedores fuera",
        "API: solicitudes y errores",
        "API: tiempo de respuesta (ms)",
        "Colas: edad de lo más viejo (s)",
        "Funciones: fallas",
        "Funciones: ejecuciones que AWS rechazó",
        "Tabla: lo que rechazó, y lo que se le pide",
    }


def watched(alarm: dict[str, Any]) -> list[dict[str, Any]]:
    """The metrics that an alarm adds up, or the one that it watches."""
    added = [each["MetricStat"]["Metric"] for each in alarm.get("Metrics", ()) if "MetricStat" in each]
    return added or [alarm]


# ── Files that speak of the template ──────────────────────────────────────────────────────────────


def test_samconfig_gives_every_stage_values_the_template_allows(document: dict[str, Any]):
    settings = tomllib.loads((ROOT / "samconfig.toml").read_text())

    for stage in ("local", "habilitacion", "cuenta-nueva", "produccion"):
        given = dict(
            each.split("=", 1) for each in settings[stage]["deploy"]["parameters"]["parameter_overrides"]
        )
        assert given["Stage"] == stage.replace("cuenta-nueva", "habilitacion")
        for name, value in given.items():
            allowed = document["Parameters"][name].get("AllowedValues", [value])
            assert value in map(str, allowed), f"{stage}: {name}"
            if "MinValue" in document["Parameters"][name]:
                assert int(value) >= document["Parameters"][name]["MinValue"], f"{stage}: {name}"


def test_a_new_account_s_profile_leaves_room_for_requests_among_its_ten_executions(document: dict[str, Any]):
    settings = tomllib.loads((ROOT / "samconfig.toml").read_text())["cuenta-nueva"]["deploy"]["parameters"]
    given = dict(each.split("=", 1) for each in settings["parameter_overrides"])
    mapped = [
        each["Properties"]["ScalingConfig"]["MaximumConcurrency"]["Ref"]
        for function in of_type(document["Resources"], "AWS::Serverless::Function").values()
        for each in function["Events"].values()
        if each["Type"] == "SQS"
        if "MailEventsQueue" not in str(each)  # this profile sends no mail: that queue is empty
    ]
    documents = sum(int(given[name]) for name in mapped if name in given)

    assert documents <= 8
    assert given["Stage"] == "habilitacion"
    assert given.get("WorkersReserved", document["Parameters"]["WorkersReserved"]["Default"]) == 0


def test_every_event_on_file_is_explained_and_taken_by_who_is_said_to():
    text = (ROOT / "events" / "README.md").read_text()
    rows = re.findall(r"(?m)^\| `([^`]+)` \| [^|]+ \| (\w+) \|", text)

    assert sorted(name for name, _ in rows) == [file.name for file in EVENTS]
    resources = template()["Resources"]
    for name, function in rows:
        assert Path(resources[function]["Properties"]["CodeUri"]).name == name.partition("-")[0]


@pytest.mark.parametrize("file", EVENTS, ids=lambda file: file.stem)
def test_every_event_on_file_is_one_the_template_sends_to_that_function(
    file: Path, functions: dict[str, Any]
):
    same_code = [
        properties
        for properties in functions.values()
        if Path(properties["CodeUri"]).name == file.stem.split("-")[0]
    ]
    triggers = [each for properties in same_code for each in properties["Events"].values()]
    event = json.loads(file.read_text())

    if "httpMethod" in event:
        routes = set().union(*map(routes_of, same_code))
        assert (event["httpMethod"].lower(), event["resource"]) in routes
    elif "Records" in event:
        assert "SQS" in {each["Type"] for each in triggers}
    else:
        assert event in [
            json.loads(each["Properties"]["Input"]) for each in triggers if each["Type"] == "ScheduleV2"
        ]
