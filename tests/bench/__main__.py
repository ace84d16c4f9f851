"""``python -m tests.bench [--only WORD,…] [--rounds 30] [--json FILE]``: the whole table, each row against its limits.

Every ratio is of CPU times of one process in one run (``tests.bench.paired``), so that the machine's speed does not
count; what is counted is the same on every machine. A part with a row beyond its limit is measured once more, with twice
the rounds, before the run fails. ``--only`` takes the parts whose names contain one of the words.
"""

import argparse
import json
import sys
from pathlib import Path

from tests.bench import parts
from tests.bench.table import Table
from tests.stack import ROOT


def main() -> int:
    parser = argparse.ArgumentParser(description="The table of make bench.")
    parser.add_argument("--only", default="", help="words of the parts' names, as signing,PDF")
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--json", type=Path, default=ROOT / ".build" / "bench.json")
    asked = parser.parse_args()
    words = [word for word in asked.only.split(",") if word]
    chosen = [part for part in parts.every() if not words or any(word in part.name for word in words)]
    if not chosen:
        parser.error("no part has such a name: " + ", ".join(part.name for part in parts.every()))
    table = Table(chosen)
    table.fill(asked.rounds, lambda line: print(line, file=sys.stderr, flush=True))
    print("\n".join(table.lines()))
    print("CPU minutes of make test: see make test")
    asked.json.parent.mkdir(parents=True, exist_ok=True)
    asked.json.write_text(json.dumps(table.as_json(), ensure_ascii=False, indent=2) + "\n")
    if table.short:
        print(f"\n{len(table.short)} short:", *table.short, sep="\n  ")
    return 1 if table.short else 0


if __name__ == "__main__":
    sys.exit(main())
