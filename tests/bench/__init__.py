"""Measurements, run by hand: their numbers depend on the machine, so no test asserts them."""

import sys
from pathlib import Path

# This working copy's package is measured, also where the environment has another's.
PACKAGE = Path(__file__).resolve().parents[2] / "layers" / "provider" / "python"
sys.path.insert(0, str(PACKAGE))
