"""How large the layers are as AWS unpacks them, on arm64, their bytecode included."""

import compileall
import hashlib
import io
import shutil
import subprocess
import sys
from contextlib import redirect_stdout
from pathlib import Path

from tests.stack import ROOT

_LAYERS = {
    "dependencies": "build-DependenciesLayer",
    "provider": "build-ProviderLayer",
    "face": "build-FaceLayer",
}
_BUILT = ROOT / ".build" / "bench-layers"


def megabytes() -> float | None:
    """All together; ``None`` where they cannot be built, as without a package index. They are built once for each
    content of their folders, which takes a minute."""
    try:
        return sum(_size(_built(name, target)) for name, target in _LAYERS.items()) / 2**20
    except subprocess.CalledProcessError as failed:
        print(failed.stderr[-500:], file=sys.stderr)
        return None


def _built(name: str, target: str) -> Path:
    """A layer's folder, built by its own Makefile as SAM does."""
    source = ROOT / "layers" / name
    place = _BUILT / f"{name}-{_digest(source)}"
    if not place.exists():
        for old in _BUILT.glob(f"{name}-*"):
            shutil.rmtree(old)
        made = place.with_suffix(".making")
        command = [
            "make",
            "-s",
            "-C",
            str(source),
            target,
            f"ARTIFACTS_DIR={made}",
            f"PYTHON={sys.executable}",
        ]
        subprocess.run(command, check=True, capture_output=True, text=True)
        if not any(made.rglob("*.pyc")):  # python3.13 is not here: ours makes as much
            with redirect_stdout(io.StringIO()):
                compileall.compile_dir(made, quiet=2, force=True)
        made.rename(place)
    return place


def _digest(source: Path) -> str:
    digest = hashlib.sha256()
    for file in sorted(source.rglob("*")):
        if file.is_file() and "__pycache__" not in file.parts and "egg-info" not in str(file):
            digest.update(str(file.relative_to(source)).encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def _size(place: Path) -> int:
    return sum(file.stat().st_size for file in place.rglob("*") if file.is_file())
