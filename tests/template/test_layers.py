"""The layers, made here of the packages that this environment has, pruned as those for Lambda are."""

import re
import shutil
import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path

import pytest

from tests.stack import ROOT

DEPENDENCIES = ROOT / "layers" / "dependencies"
PROVIDER = ROOT / "layers" / "provider" / "python"
FACE = ROOT / "layers" / "face"
MOST_MEGABYTES = 80

# All that the functions load at any time, each on a path that takes it: providers, AWS, SOAP, PDF, business days.
PROGRAM = """
import importlib
from datetime import date

import boto3

for name in ("emit", "consult", "list_emitted", "sync_numbering"):
    importlib.import_module(f"functions.{name}.app")

from cauce import wiring
from cauce.providers.registry import NAMES, provider_class
from cauce.providers import http, soap
from cauce.providers.facturatech import numbering

wiring.gateway()
for service in ("dynamodb", "logs", "s3", "sqs", "secretsmanager", "sts"):
    assert service in boto3.client(service).meta.endpoint_url
for name in NAMES:
    provider_class(name)
http.client("https://example.com")
namespace = numbering.NUMBERING_NAMESPACE
binding = f"{{{namespace}}}SincronizacionNumeracionSoap"
soap.service(numbering.wsdl(), binding=binding, address="https://example.com", wire=None)

from cauce.intake.events import tacit_from

assert tacit_from(date(2026, 1, 8)) == date(2026, 1, 15)  # the twelfth is a holiday, moved to a Monday

from cauce.representation import drawing, images
from cauce.representation.look import Look
from cauce.representation.sheet import Block, Fact, Item, Sheet

party = Block(role="Vendedor", name="Ñandú ✓", identification="NIT 1", lines=("Bogotá",))
item = Item(
    position="1", code="A", description="Algo", details=(), quantity="1", unit="Unidad", price="1,00",
    discount=(), taxes=(("IVA 19 %", "0,19"),), total="1,00",
)
sheet = Sheet(
    title="Factura", variant=None, number="A1", issued="2026-01-01 00:00:00", status="", marks=("PENDIENTE",),
    legends=(), issuer=party, counterparty=party, facts=(), references=(), items=(item,), count=1, tables=(),
    totals=(), payable=Fact("Total", "1,19"), after=(), words="Uno", notes=(), numbering=None,
    identifier=Fact("CUFE", "a1"), qr="a1", software="", colophon="",
)
logo = images._written(16, 16, 1, bytes(256))  # drawn without Pillow, which the layer lacks
assert drawing.pdf(sheet, Look(logo=images.read(images.kept(logo)[1]))).startswith(b"%PDF")
"""


@pytest.fixture(scope="module")
def layer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The dependencies' layer, its packages and their bytecode copied from this environment."""
    python = tmp_path_factory.mktemp("layer") / "python"
    pinned = (DEPENDENCIES / "requirements.txt").read_text(encoding="utf-8")
    for name in re.findall(r"^([A-Za-z0-9_.-]+)==", pinned, re.MULTILINE):
        found = distribution(name)
        for file in found.files or ():
            if ".." not in file.parts:
                target = python / file
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(str(found.locate_file(file)), target)
    made = [
        "make",
        "-s",
        "-C",
        str(DEPENDENCIES),
        "prune",
        f"ARTIFACTS_DIR={python.parent}",
        f"PYTHON={sys.executable}",
    ]
    subprocess.run(made, check=True, capture_output=True)
    return python


def test_the_layers_stay_small(layer: Path) -> None:
    """Lambda takes 250 MB unpacked; a small layer is fetched sooner on a cold start."""
    files = [*layer.rglob("*"), *(PROVIDER / "cauce").rglob("*"), *FACE.rglob("*")]
    size = sum(file.stat().st_size for file in files if file.is_file())

    assert any(file.suffix == ".pyc" for file in files)
    assert size / 1e6 <= MOST_MEGABYTES


def test_what_the_layer_leaves_out_is_missed_by_nobody(layer: Path) -> None:
    variables = re.findall(r"CAUCE_\w+", (PROVIDER / "cauce/aws/settings.py").read_text(encoding="utf-8"))
    environment = dict.fromkeys(variables, "x") | {
        "CAUCE_REQUEST_LIMIT": "1/1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
        "POWERTOOLS_METRICS_NAMESPACE": "Cauce",
        "PYTHONPATH": f"{layer}:{PROVIDER}:{ROOT}",
    }
    # -S: without this environment's own packages.
    ran = subprocess.run(
        [sys.executable, "-S", "-c", PROGRAM], env=environment, capture_output=True, text=True, check=False
    )

    assert ran.returncode == 0, ran.stderr
