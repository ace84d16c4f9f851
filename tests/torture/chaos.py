"""What goes wrong, and how often, drawn from the episode's seed. After ``calm`` nothing does."""

from collections import Counter
from dataclasses import dataclass, replace
from random import Random
from typing import TypeVar

_T = TypeVar("_T")


@dataclass(frozen=True)
class Rates:
    """Probabilities that something goes wrong: at one side effect, one call, one message, in one minute or one episode."""

    kill: float = 0.012
    """A container dies at a side effect, half of the times just before it and half just after."""
    aws_refused: float = 0.004
    """AWS refuses a call, and all the SDK's own retries of it."""
    aws_repeated: float = 0.004
    """AWS did it, its answer was lost, and the SDK did it again."""
    aws_lost: float = 0.002
    """AWS did it, and the caller got no answer."""
    send: float = 0.30
    """A request that creates a document is disturbed; ``SENDS`` says how."""
    ask: float = 0.08
    """Any other request to a provider is disturbed; ``ASKS`` says how."""
    slow: float = 0.02
    """A provider takes between 20 s and two minutes."""
    duplicate: float = 0.05
    """A message is delivered once more, while the first delivery may still be at work."""
    reorder: float = 0.05
    """A message overtakes the others of its lane."""
    lose_message: float = 0.01
    two_workers: float = 0.2
    """A message of the control queue is delivered once more, while the first may be at work: two workers on one lot."""
    two_contents: float = 0.25
    """Of a lot: another lot, with other content, is sent under the same key."""
    twice: float = 0.2
    """Of a lot: it is posted twice at once, or its file uploaded twice."""
    never_uploaded: float = 0.15
    """Of a lot: its file was announced, and never comes."""
    another_file: float = 0.2
    """Of a lot: another file comes before the announced one."""
    jump: float = 0.03
    """In a minute: every clock is set forward up to three hours, or back up to three seconds."""
    leap: float = 0.01
    """In a minute while an invoice in contingency waits: every clock is set forward about two days, once an episode."""
    late_leap: float = 0.2
    """The same, while the 48-hour deadline of an invoice in contingency is running."""
    decision: float = 0.4
    """In a minute: a person decides on a document that needs one, or on another in doubt."""
    dian_out: float = 0.5
    """In an episode: DIAN is out for a while, perhaps twice."""
    provider_out: float = 0.5
    """In an episode: another provider is out for about an hour."""
    hangs: float = 0.3
    """In an episode: the providers of several more issuers answer nothing for a while."""
    leak: float = 0.15
    """A service that is out takes a document all the same, and its caller gets no answer."""
    flicker: float = 0.02
    """A call gets through to a service that is out."""
    one_for_all: float = 0.5
    """In an episode: the failures of one issuer open its host's breaker. Otherwise several issuers must fail, and here
    each host has only one.
    """
    too_early: float = 0.2
    """Of an invoice of which events are declared: another event is posted before the events that must precede it."""


NONE = replace(Rates(), **dict.fromkeys(Rates.__dataclass_fields__, 0.0))

# How a request that creates a document is disturbed, with weights.
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
# How any other request (a question, a login, a download, a deletion) is disturbed, with weights.
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
        """Draws whether the event of this ``Rates`` field happens now."""
        chance: float = getattr(self.rates, name)
        return chance > 0 and self.random.random() < chance

    def one_of(self, weights: dict[_T, int]) -> _T:
        return self.random.choices(list(weights), list(weights.values()))[0]

    def count(self, what: str) -> None:
        self.happened[what] += 1
