"""``python -m tests.costs``: counts anew, writes what has changed into ``counted.json`` and docs/COSTS.md, and prints the
answer, and an emission's CPU on this machine beside what ``prices.toml`` assumes.
"""

import sys

from tests.bench import containers
from tests.costs import counted, page, priced


def main() -> int:
    rates, before, found = priced.load(), counted.stored(), counted.everything()
    moved = [line for way in found if way in before for line in counted.changed(before[way], found[way], way)]
    if moved or before.keys() != found.keys():
        counted.write(found)
        print("\n".join(moved))
    kept = counted.stored()
    page.FILE.write_text(page.written(kept, rates), encoding="utf-8")
    print(page.answer(kept, rates))
    print(f"\n{_cpu(kept['dian sync'], rates)}")
    return 0


def _cpu(counts: priced.Counts, rates: priced.Rates) -> str:
    cpu, measured = rates.assumed["cpu"], containers.warm_milliseconds()
    calls = priced.calls_in(counts["functions"]["EmitFunction"])
    assumed = cpu["invocation_ms"] + cpu["call_ms"] * calls
    return (
        f"CPU of a warm emission by DIAN, on this machine: {measured['emission']:.1f} ms, of which one put_item "
        f"{measured['put_item']:.2f} ms\nassumed in prices.toml: {assumed:.1f} ms, of which one call "
        f"{cpu['call_ms']:.2f} ms; then × {cpu['factor']:g} on Lambda"
    )


if __name__ == "__main__":
    sys.exit(main())
