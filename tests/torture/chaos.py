"""What goes wrong, and how often. Everything is drawn from the episode's seed; ``calm`` ends it."""

from collections import Counter
from dataclasses import dataclass, replace
from random import Random
from typing import TypeVar

_T = TypeVar("_T")


@dataclass(frozen=True)
class Rates:
    """Chances, each of one occasion: a side effect, a call, a message, a minute."""

    kill: float = 0.012
    """A container dies at a side effect, half of the times just before it and half just after."""
    aws_refused: float = 0.004
    """AWS turns a call away, the SDK's own repetitions included."""
    aws_repeated: float = 0.004
    """AWS did it, its answer was lost, and the SDK did it again."""
    aws_lost: float = 0.002
    """AWS did it, and the caller never heard."""
    send: float = 0.30
    """Something is ordered for a request that creates a document; which, ``SENDS`` says."""
    ask: float = 0.08
    """Something happens to any other request to a provider; which, ``ASKS`` says."""
    slow: float = 0.02
    """A provider takes between 20 s and two minutes."""
    duplicate: float = 0.05
    """A message is delivered once more, while the first delivery may still be at work."""
    reorder: float = 0.05
    """A message overtakes those of its lane."""
    lose_message: float = 0.01
    two_workers: float = 0.2
    """A message of the control queue is delivered once more, while the first may be at work: two workers on one lot."""
    two_contents: float = 0.25
    """Of a lot: another content is sent under its key."""
    twice: float = 0.2
    """Of a lot: it is posted twice at once; its file is uploaded twice."""
    never_uploaded: float = 0.15
    """Of a lot: its file was announced, and never comes."""
    another_file: float = 0.2
    """Of a lot: another file comes before the announced one."""
    jump: float = 0.03
    """In a minute: every clock is set forward up to three hours, or back up to three seconds."""
    leap: float = 0.01
    """In a minute while an invoice in contingency waits: every clock is set forward about two days, once."""
    late_leap: float = 0.2
    """Likewise, while one waits whose 48 hours run."""
    decision: float = 0.4
    """In a minute: a person decides on a document that needs one, or on another in doubt."""
    dian_out: float = 0.5
    """In an episode: DIAN is out for a while, perhaps twice."""
    provider_out: float = 0.5
    """In an episode: another provider is out for about an hour."""
    hangs: float = 0.3
    """In an episode: the providers of several more issuers answer nothing for a while."""
    leak: float = 0.15
    """A service that is out takes a document all the same, and nobody hears of it."""
    flicker: float = 0.02
    """A call gets through to a service that is out."""
    one_for_all: float = 0.5
    """In an episode: what one issuer meets opens its host's breaker, as only several do otherwise. Each host has one
    issuer here."""
    too_early: float = 0.2
    """Of an invoice of which events are declared: another is, too, whose turn is after others."""


NONE = replace(Rates(), **dict.fromkeys(Rates.__dataclass_fields__, 0.0))

# Weights of what is ordered for a send.
SENDS = {
    "lost before storing": 4,
    "lost after storing": 5,
    "5xx before storing": 1,
    "5xx after storing": 2,
    "HTML before storing": 1,
    "HTML after storing": 1,
    "half an answer": 2,
    "throttled": 4,
    "forbidden": 1,
    "rejected": 5,
    "no verdict yet": 4,
    "notices": 2,
    "does not connect": 3,
    "late": 2,
    "rule 90": 4,
    "a book of notices": 2,
    "foreign before storing": 2,
    "foreign after storing": 2,
    "oversized before storing": 1,
    "oversized after storing": 2,
}
# Weights of what happens to a question, a login, a download, a deletion.
ASKS = {
    "lost before storing": 2,
    "lost after storing": 3,
    "5xx before storing": 2,
    "HTML before storing": 1,
    "half an answer": 2,
    "429": 2,
    "does not connect": 2,
    "foreign": 3,
    "oversized": 1,
}


class Chaos:
    """Draws what goes wrong, and counts it."""

    def __init__(self, random: Random, rates: Rates):
        self.random = random
        self.rates = rates
        self.happened: Counter[str] = Counter()

    def calm(self) -> None:
        """From now on nothing goes wrong."""
        self.rates = NONE

    def strikes(self, name: str) -> bool:
        """Whether a chance of ``Rates`` comes true now."""
        chance: float = getattr(self.rates, name)
        return chance > 0 and self.random.random() < chance

    def one_of(self, weights: dict[_T, int]) -> _T:
        return self.random.choices(list(weights), list(weights.values()))[0]

    def count(self, what: str) -> None:
        self.happened[what] += 1
