"""Deploys the real template, unchanged, on a local engine.

It does in two seconds what ``sam build`` and ``sam deploy`` do in ten: it builds the layers for the Python that runs
here, zips layers and functions, caches the zips under ``.build/`` by a hash of their content, uploads them, and gives
CloudFormation the template with only the local paths replaced by those zips. The engine runs the SAM transform.

The engine keeps every layer in memory, as zip and unpacked, once for each Lambda environment. So a layer's zip has only
a ``.pth`` file, which adds the layer's folder under ``.build/`` to Python's path.

Measured here: 15 s the first time (the dependencies layer), 2.2 s from the cache, 1.5 s for an update. A warm request
takes 55 ms, of which the engine waits 50 for log lines.
"""

import fcntl
import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError, WaiterError

from tests.local import gaps
from tests.local.engine import ROOT, Engine
from tests.local.environments import PATIENCE, no_network

CACHE = ROOT / ".build"
STACK = "cauce-local"
_ARTIFACTS = "cauce-local-artifacts"
_LOCAL_PATH = re.compile(r"^(?P<key>\s+(?:CodeUri|ContentUri): )(?P<path>\S+)$", re.MULTILINE)
_KEPT_SECONDS = 7 * 24 * 3600  # the dependencies layer takes 112 MB
_NEVER_SHIPPED = {"__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache"}
# Every zip entry has the earliest date that a zip can have, so that the same content gives the same bytes.
_LONG_AGO = (1980, 1, 1, 0, 0, 0)


class DeployError(Exception):
    """The stack could not be deployed; the message has the engine's reasons."""


class FunctionFailed(Exception):
    """A function raised, timed out or died; the message is what Lambda answered."""


@dataclass(frozen=True)
class Stack:
    """The deployed template: the engine and the names and addresses of its resources."""

    engine: Engine
    api_url: str
    table: str
    bucket: str
    queue_url: str
    intake_url: str
    control_url: str
    looks_url: str
    news_url: str
    dead_letter_queue_url: str
    secret_prefix: str
    table_key: str
    log_group: str
    audit_log_group: str
    functions: Mapping[str, str]  # keys: emit, emit_worker, consult, settle, list_emitted, sync_numbering

    def environment(self) -> dict[str, str]:
        """The environment variables with which the operator's command ``cauce`` works on this stack."""
        return self.engine.environment() | {
            "CAUCE_STACK": STACK,
            "CAUCE_STAGE": "local",
            "CAUCE_TABLE": self.table,
            "CAUCE_BUCKET": self.bucket,
            "CAUCE_QUEUE_URL": self.queue_url,
            "CAUCE_INTAKE_URL": self.intake_url,
            "CAUCE_CONTROL_URL": self.control_url,
            "CAUCE_LOOKS_URL": self.looks_url,
            "CAUCE_NEWS_URL": self.news_url,
            "CAUCE_SECRET_PREFIX": self.secret_prefix,
            "CAUCE_TABLE_KEY": self.table_key,
        }

    def invoke(self, function: str, event: Mapping[str, Any]) -> Any:
        """Call a function directly; returns its answer. Raises FunctionFailed if it raised."""
        answer = self.engine.client("lambda").invoke(
            FunctionName=self.functions[function], Payload=json.dumps(event).encode()
        )
        payload = json.loads(answer["Payload"].read() or b"null")
        if "FunctionError" in answer:
            raise FunctionFailed(json.dumps(payload, ensure_ascii=False))
        return payload

    def run_schedule(self, schedule: str) -> Any:
        """Run the schedule ``settle``, ``ledger`` or ``numbering`` once, now, with the event that EventBridge would send."""
        function = {"settle": "settle", "ledger": "settle", "numbering": "sync_numbering"}[schedule]
        return self.invoke(function, {"schedule": schedule})


def deploy(engine: Engine, parameters: Mapping[str, str] | None = None, *, root: Path = ROOT) -> Stack:
    """Create the template of ``root`` as a stack on ``engine``, or update the stack to it.

    ``parameters`` override those of ``local`` in samconfig.toml. Raises DeployError with the engine's reasons.
    """
    s3 = engine.client("s3")
    s3.create_bucket(Bucket=_ARTIFACTS)
    template = (root / "template.yaml").read_text()
    artifacts = {path: _artifact(root, path) for path in _local_paths(template)}
    for zipped in artifacts.values():
        s3.upload_file(str(zipped), _ARTIFACTS, zipped.name)
    located = _LOCAL_PATH.sub(
        lambda line: f"{line['key']}s3://{_ARTIFACTS}/{artifacts[line['path']].name}", template
    )
    s3.put_object(Bucket=_ARTIFACTS, Key="template.yaml", Body=gaps.spelt(located).encode())

    values = _local_parameters(root) | dict(parameters or {})
    cloudformation = engine.client("cloudformation")
    if "PublicUrl" not in values:
        # Links in answers need PublicUrl, because requests on the engine name no domain. The API's address is known only
        # after the first deployment, so the stack is then updated with it.
        with suppress(DeployError):
            values |= {"PublicUrl": stack_on(engine).api_url}
    _create_or_update(cloudformation, f"{engine.url}/{_ARTIFACTS}/template.yaml", values)
    if "PublicUrl" not in values:
        values |= {"PublicUrl": stack_on(engine).api_url}
        _create_or_update(cloudformation, f"{engine.url}/{_ARTIFACTS}/template.yaml", values)
    gaps.fill(engine, STACK, values)
    return stack_on(engine)


def stack_on(engine: Engine) -> Stack:
    """The stack that ``deploy`` made on this engine. Raises DeployError if there is none."""
    try:
        described = engine.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"][0]
    except ClientError as cause:
        raise DeployError(f"En {engine.url} no hay una pila: ejecute «make up».") from cause
    outputs = {output["OutputKey"]: output["OutputValue"] for output in described["Outputs"]}
    return Stack(
        engine=engine,
        # The host in the output ApiUrl is AWS's; the engine serves the same API under a path of its own.
        api_url=f"{engine.url}/_aws/execute-api/{outputs['ApiId']}/api/v1",
        table=outputs["TableName"],
        bucket=outputs["BucketName"],
        queue_url=outputs["QueueUrl"],
        intake_url=outputs["IntakeQueueUrl"],
        control_url=outputs["ControlQueueUrl"],
        looks_url=outputs["LooksQueueUrl"],
        news_url=outputs["NewsQueueUrl"],
        dead_letter_queue_url=outputs["DeadLetterQueueUrl"],
        secret_prefix=outputs["SecretPrefix"],
        table_key=outputs["TableKeyArn"],
        log_group=outputs["LogGroupName"],
        audit_log_group=outputs["AuditLogGroupName"],
        functions={
            "emit": outputs["EmitFunctionName"],
            "emit_worker": outputs["EmitWorkerFunctionName"],
            "consult": outputs["ConsultFunctionName"],
            "settle": outputs["SettleFunctionName"],
            "list_emitted": outputs["ListEmittedFunctionName"],
            "sync_numbering": outputs["SyncNumberingFunctionName"],
        },
    )


# ── The stack ─────────────────────────────────────────────────────────────────────────────────────


def _create_or_update(cloudformation: Any, template_url: str, values: Mapping[str, str]) -> None:
    wanted = {
        "StackName": STACK,
        "TemplateURL": template_url,
        "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()],
        "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
    }
    try:
        cloudformation.describe_stacks(StackName=STACK)
        action, waiter = cloudformation.update_stack, "stack_update_complete"
    except ClientError:
        action, waiter = cloudformation.create_stack, "stack_create_complete"
    try:
        action(**wanted)
        cloudformation.get_waiter(waiter).wait(
            StackName=STACK, WaiterConfig={"Delay": 0.2, "MaxAttempts": 300}
        )
    except ClientError as cause:
        if "No updates are to be performed" not in str(cause):
            raise DeployError(f"{cause}\n{_failures(cloudformation)}") from cause
    except WaiterError as cause:
        raise DeployError(f"La pila no se desplegó:\n{_failures(cloudformation)}") from cause


def _failures(cloudformation: Any) -> str:
    try:
        events = cloudformation.describe_stack_events(StackName=STACK)["StackEvents"]
    except ClientError:
        return ""
    return "\n".join(
        f"  {event['LogicalResourceId']}: {event.get('ResourceStatusReason', '')}"
        for event in events
        if event["ResourceStatus"].endswith("FAILED")
    )


def _local_parameters(root: Path) -> dict[str, str]:
    settings = tomllib.loads((root / "samconfig.toml").read_text())
    overrides = settings["local"]["deploy"]["parameters"]["parameter_overrides"]
    return dict(override.split("=", 1) for override in overrides)


# ── The artifacts ─────────────────────────────────────────────────────────────────────────────────


def _local_paths(template: str) -> list[str]:
    return [line["path"] for line in _LOCAL_PATH.finditer(template)]


def _artifact(root: Path, path: str) -> Path:
    """The zip of a function or layer, from the cache unless something in it has changed. One build at a time: of two
    that need the same layer the second waits, and finds it made."""
    source = root / path
    name = f"{path.replace('/', '-')}-{_fingerprint(source)}"
    zipped, layer = CACHE / f"{name}.zip", CACHE / name
    CACHE.mkdir(exist_ok=True)
    with (CACHE / "artifacts.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not zipped.exists() or (path in _RECIPES and not layer.exists()):
            _build(source, zipped, layer, _RECIPES.get(path))
            _forget_unused()
    os.utime(zipped)
    return zipped


def _build(source: Path, zipped: Path, layer: Path, recipe: str | None) -> None:
    """Make the zip; of a layer, which has a recipe, also its folder. Both come whole to their places."""
    with tempfile.TemporaryDirectory(dir=CACHE) as staging:
        contents = Path(staging, "contents")
        contents.mkdir()
        if recipe:
            _make(source, contents, recipe)
            if not layer.exists():
                contents.rename(layer)
            contents = Path(staging, "pointing")
            _point_to(layer, contents)
        else:
            _copy(source, contents)
        unfinished = Path(staging, zipped.name)
        zip_up(contents, unfinished)
        unfinished.rename(zipped)


def _point_to(layer: Path, contents: Path) -> None:
    """Make a layer of one ``.pth`` file, whose line Python runs at its start: it adds ``layer`` to the path."""
    packages = contents / "python" / "lib" / "python" / "site-packages"
    packages.mkdir(parents=True)
    line = f"import sys; sys.path.insert(0, {str(layer / 'python')!r})\n"
    (packages / "layer.pth").write_text(line, encoding="utf-8")


def _forget_unused() -> None:
    for zipped in CACHE.glob("*.zip"):
        with suppress(FileNotFoundError):  # another run may be removing old files too
            if time.time() - zipped.stat().st_mtime > _KEPT_SECONDS:
                zipped.unlink()
                shutil.rmtree(zipped.with_suffix(""), ignore_errors=True)


def _fingerprint(source: Path) -> str:
    """A hash of every file under ``source``, and of the Python version and machine that wheels and bytecode are for."""
    digest = hashlib.sha256(f"{sys.version} {platform.machine()} {platform.system()}".encode())
    for file in _shipped(source):
        digest.update(f"{file.relative_to(source)}\0".encode())
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _shipped(source: Path) -> list[Path]:
    if not source.is_dir():
        raise DeployError(f"{source} is in the template and not on disk")
    return sorted(
        file
        for file in source.rglob("*")
        if file.is_file()
        and not _NEVER_SHIPPED.intersection(file.parts)
        and not any(part.endswith(".egg-info") for part in file.parts)
    )


def _copy(source: Path, contents: Path) -> None:
    for file in _shipped(source):
        target = contents / file.relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)


def _make(source: Path, contents: Path, target: str) -> None:
    """Build a layer with its own Makefile, the one that SAM uses, but for this machine instead of Lambda's."""
    if shutil.which("make") is None:
        raise DeployError("Falta «make»: con él se construyen las capas.")
    # Without the flags of the make that runs us (-j's file descriptors, -n).
    environment = PATIENCE | {
        key: os.environ[key] for key in os.environ if not key.startswith(("MAKE", "MFLAGS"))
    }
    made = subprocess.run(
        ["make", "-s", target, f"ARTIFACTS_DIR={contents}", "PLATFORM=here", f"PYTHON={sys.executable}"],
        cwd=source,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode:
        said = made.stdout + made.stderr
        raise DeployError(
            no_network(said) or f"No se construyó la capa ({source / 'Makefile'}, {target}):\n{said}"
        )


def zip_up(contents: Path, zipped: Path) -> None:
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_STORED) as archive:
        for file in sorted(contents.rglob("*")):
            if file.is_file():
                entry = zipfile.ZipInfo(str(file.relative_to(contents)), _LONG_AGO)
                entry.external_attr = 0o644 << 16
                archive.writestr(entry, file.read_bytes())


_RECIPES = {
    "layers/dependencies": "build-DependenciesLayer",
    "layers/provider": "build-ProviderLayer",
    "layers/face": "build-FaceLayer",
}
