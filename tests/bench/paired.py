"""CPU time of several works, measured in turns in one process, so that they can be divided by each other.

How busy the machine is changes from second to second. The works take turns within each round, and it is the ratios of
one round that are compared, so that most of that cancels out.
"""

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

Work = Callable[[], object]

# A sample is repeated within its turn until it takes about so long: the clock of a process is no finer.
_TURN_SECONDS = 0.004


@dataclass(frozen=True)
class Measured:
    """CPU seconds of each work, by its name: one sample a round, in the order of the rounds."""

    samples: dict[str, list[float]]

    def seconds(self, name: str) -> float:
        return median(self.samples[name])

    def ratio(self, one: str, other: str, *, less: str | None = None) -> float:
        """The median over the rounds of ``one`` ÷ ``other``; ``less`` is first taken from both."""
        taken = self.samples[less] if less else [0.0] * len(self.samples[one])
        rows = zip(self.samples[one], self.samples[other], taken, strict=True)
        return median((above - off) / (below - off) for above, below, off in rows)


def measure(works: dict[str, Work], rounds: int) -> Measured:
    """So many rounds of all the works, each work once or, if it is short, several times in a row.

    What exists before is put out of the garbage collector's sight, so that a work pays only for what it makes itself.
    """
    times = {name: _times(work) for name, work in works.items()}
    samples: dict[str, list[float]] = {name: [] for name in works}
    gc.collect()
    gc.freeze()
    for turn in range(rounds):
        order = list(works.items())
        for name, work in order if turn % 2 else reversed(order):
            samples[name].append(_spent(work, times[name]))
    gc.unfreeze()
    return Measured(samples)


def _times(work: Work) -> int:
    """How often a work is repeated in its turn. It runs here a first time, which is not counted."""
    work()
    return max(1, round(_TURN_SECONDS / max(_spent(work, 1), 1e-9)))


def _spent(work: Work, times: int) -> float:
    began = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - began) / times
