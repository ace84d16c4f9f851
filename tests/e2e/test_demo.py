"""What the README's first command shows, from an empty machine to documents in the archive."""

import re
import subprocess
import sys

import pytest

from tests.stack import ROOT


@pytest.mark.e2e
def test_the_demonstration_runs_to_its_end():
    shown = subprocess.run(
        [sys.executable, "-m", "tests.local.demo", "--exit"],
        cwd=ROOT, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip

    assert shown.returncode == 0, shown.stdout[-3000:] + shown.stderr[-3000:]
    assert re.search(r"\d+ documents accepted", shown.stdout)
