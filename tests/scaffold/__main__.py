"""`make provider NAME=ejemplo`: the files of a new provider, and its line in the registry.

They are ``templates``, which are a provider called «ejemplo», under another name. What is to be written in them raises
NotImplementedError, and ``tests/contract`` says what that is. docs/ADDING_A_PROVIDER.md is the walk.
"""

import argparse
import re
import subprocess
import sys
from keyword import iskeyword
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = Path(__file__).parent / "templates"
REGISTRY = ROOT / "layers/provider/python/cauce/providers/registry.py"
_END_OF_CLASSES = "}\n\nNAMES = "


def places(name: str) -> dict[str, Path]:
    """Where a provider of that name has what each template is of."""
    return {
        "provider": ROOT / "layers/provider/python/cauce/providers" / name,
        "simulator": ROOT / "tests/simulators" / name,
        "bench.py": ROOT / "tests/contract/benches" / f"{name}.py",
    }


def write(name: str) -> list[Path]:
    """Write them all, formatted, and register the provider. Raises ValueError for a name that is no good."""
    if not re.fullmatch(r"[a-z][a-z0-9]{1,29}", name) or iskeyword(name):
        raise ValueError(
            f"a provider's name is a word of lowercase letters and digits, as «ejemplo»: «{name}»"
        )
    for place in places(name).values():
        if place.exists() or place.with_suffix(".py").exists():
            raise ValueError(f"{place.relative_to(ROOT)} is there already; choose another name")
    written = []
    for kind, place in places(name).items():
        template = TEMPLATES / kind
        for source in sorted(template.glob("*.py")) or [template]:
            target = place if source == template else place / source.name
            target.parent.mkdir(exist_ok=True)
            target.write_text(_of(name, source.read_text(encoding="utf-8")), encoding="utf-8")
            written.append(target)
    before, end, after = REGISTRY.read_text(encoding="utf-8").partition(_END_OF_CLASSES)
    line = f'    "{name}": "{name.capitalize()}",\n'
    REGISTRY.write_text(before + line + end + after, encoding="utf-8")
    # Another name sorts elsewhere among the imports, and wraps elsewhere.
    for command in (["check", "--select", "I", "--fix"], ["format"]):
        subprocess.run([sys.executable, "-m", "ruff", *command, "--quiet", *written], cwd=ROOT, check=True)
    return [*written, REGISTRY]


def _of(name: str, text: str) -> str:
    return text.replace("ejemplo", name).replace("Ejemplo", name.capitalize())


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.scaffold", description=__doc__)
    parser.add_argument("name")
    name = parser.parse_args(arguments).name
    try:
        written = write(name)
    except ValueError as refusal:
        print(f"error: {refusal}", file=sys.stderr)
        return 1
    for path in written:
        print(path.relative_to(ROOT))
    print(f"\nWhat is missing: .venv/bin/python -m pytest tests/contract/test_written.py --tb=line -k {name}")
    print(f"What must hold: .venv/bin/python -m pytest tests/contract --tb=short -k {name}")
    print("How to write it: docs/ADDING_A_PROVIDER.md")
    return 0


if __name__ == "__main__":
    sys.exit(main())
