"""How much of each provider's limit 500 documents use, and whether they exceed it; the simulator enforces the limit.

``python -m tests.bench.pace [provider …] [--documents 500]``. In simulated time the queue's ten workers, the API's
containers and the schedule share the turns of one credential. Fails if the provider answers 429 after the first minute,
if less than nine tenths of its limit are used while documents wait, or if a document is lost or doubled.
"""

import argparse
import multiprocessing
import os
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from cauce.providers.base import Pace
from tests.bench import load

LIMITS = {
    "factus-v1": Pace(80, 60),
    "factus-v2": Pace(80, 60),
    "afacturar": Pace(120, 60),
    "facturatech": Pace(20, 10),
}
"""The limit that each simulator enforces, by the name of the issuer in ``tests.torture.houses``."""
LEAST_USED = 0.9
_POSTED_WITHIN = 20.0
_LONGEST = 12 * 3600.0


@dataclass(frozen=True)
class Measured:
    """The result for one provider."""

    name: str
    documents: int
    calls: int
    minutes: float
    """From the first call to the last one that created a document."""
    used: float
    """Calls in that time, as a share of those that the limit allows."""
    fullest: int
    """The most calls in any window of the limit's length."""
    refused: int
    """Calls that were answered 429."""
    refused_late: int
    """Calls that were answered 429 after the first minute."""
    workers: int
    """The most containers of the emission queue at work at once."""
    wrong: tuple[str, ...]
    """What torture's checks found: documents lost, doubled or not settled."""

    @property
    def holds(self) -> bool:
        return not self.refused_late and self.used >= LEAST_USED and not self.wrong


def measure(name: str, documents: int) -> Measured:
    """Post so many documents at once, and let them all settle."""
    limit = LIMITS[name]
    with load.on(name) as under:
        under.house.bench.simulator.throttle()  # type: ignore[attr-defined]
        under.post(documents, within=_POSTED_WITHIN)
        under.run_until_settled(_LONGEST)
        verdict, states = under.judged(), Counter(record.shown_state for record in under.records())
        began = under.calls[0].at
        ended = max(call.at for call in under.calls if call.creates)
        busy = [call for call in under.calls if call.at <= ended]
        refused = [call for call in under.calls if call.status == 429]
        wrong = [f"{whose}: {what}" for whose, what in verdict.breaches]
        if states != {"aceptado": documents}:
            wrong.append(f"{documents} were posted, and the records are {dict(states)}")
        return Measured(
            name=name,
            documents=documents,
            calls=len(under.calls),
            minutes=(ended - began) / 60,
            used=len(busy) / ((ended - began) / limit.seconds * limit.calls),
            fullest=load.fullest([call.at for call in under.calls], limit.seconds),
            refused=len(refused),
            refused_late=sum(call.at > began + 60 for call in refused),
            workers=under.world.queue.most_at_work,
            wrong=tuple(wrong),
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("providers", nargs="*", metavar="provider", help=", ".join(LIMITS))
    parser.add_argument("--documents", type=int, default=500)
    asked = parser.parse_args()
    names = asked.providers or list(LIMITS)
    if unknown := set(names) - set(LIMITS):
        parser.error(f"no such provider: {', '.join(unknown)}")
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(os.cpu_count(), mp_context=spawn) as pool:
        found = list(pool.map(measure, names, [asked.documents] * len(names)))
    print(
        f"{'':14}{'limit':>12}{'documents':>11}{'calls':>8}{'each':>7}{'minutes':>9}{'used':>8}"
        f"{'fullest':>9}{'429':>6}{'late':>6}{'workers':>9}"
    )
    for each in found:
        limit = LIMITS[each.name]
        print(
            f"{each.name:14}{f'{limit.calls} / {limit.seconds} s':>12}{each.documents:>11}{each.calls:>8}"
            f"{each.calls / each.documents:>7.2f}{each.minutes:>9.1f}{each.used:>8.1%}{each.fullest:>9}"
            f"{each.refused:>6}{each.refused_late:>6}{each.workers:>9}  {'' if each.holds else 'BROKEN'}".rstrip()
        )
    for each in found:
        for what in each.wrong:
            print(f"{each.name}: {what}")
    return 0 if all(each.holds for each in found) else 1


if __name__ == "__main__":
    sys.exit(main())
