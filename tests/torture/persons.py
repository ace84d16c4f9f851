"""Persons who decide on documents in doubt, with ``POST /documentos/{id}/resolver``: rightly, wrongly, twice at once.

A person may give the CUFE of another document, or decide where there is nothing to decide; Cauce must catch both. Not
played are mistakes that Cauce cannot catch: «reenviar» or «descartar» for a document that the provider's portal shows,
unless the provider recognises a repetition; and «descartar» for an invoice that its buyer has.
"""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from cauce.domain.record import Record, State
from cauce.gateway import Gateway
from cauce.providers.base import Resend
from tests.torture.chaos import Chaos
from tests.torture.containers import Lambda
from tests.torture.houses import Found, House
from tests.torture.timeline import Timeline
from tests.torture.watch import Watch

# Seconds for which a document that was just sent may still be under way, and so missing from the provider's portal.
_ON_ITS_WAY = 600.0
# Relative frequency of each decision, among those that are possible.
_WEIGHTS = {"own": 4, "no such": 2, "another's": 2, "reenviar": 3, "descartar": 2}


@dataclass(frozen=True)
class Decision:
    """One decision and the request that asks for it."""

    what: str
    """Its name in ``_WEIGHTS``."""
    body: dict[str, Any]


def waits_for_a_person(record: Record) -> bool:
    """Whether only a person can settle the record. An invoice in contingency settles by itself: persons are only warned
    of its deadline.
    """
    return record.needs_person and record.state is State.UNKNOWN and not record.in_contingency


class Persons:
    """The persons who look after the issuers."""

    def __init__(
        self,
        timeline: Timeline,
        chaos: Chaos,
        functions: Lambda,
        gateway: Gateway,
        watch: Watch,
        houses: list[House],
        random: Random,
    ):
        self._timeline = timeline
        self._chaos = chaos
        self._functions = functions
        self._gateway = gateway
        self._watch = watch
        self._houses = {house.issuer.nit: house for house in houses}
        self._random = random

    def at_any_moment(self) -> None:
        """Decide on a record that needs a person; if there is none, now and then on any other that is unknown or
        rejected. Sometimes two decisions at once.
        """
        records = self._watch.records.values()
        wanted = [each for each in records if waits_for_a_person(each)]
        if not wanted and self._random.random() < 0.2:
            wanted = [each for each in records if each.state in (State.UNKNOWN, State.REJECTED)]
        if not wanted:
            return
        record = self._random.choice(wanted)
        self.decide(record, self._chosen(record))
        if self._random.random() < 0.3:
            self._chaos.count("decision: two at once")
            self.decide(record, self._chosen(record))

    def settles(self, record: Record) -> None:
        """Decide as the provider's portal says, with nothing else going on: accept what is there; send what is not, or
        discard it until its ERP asks for it again.
        """
        there = self._there(record)
        if there is not None and there.uuid is not None:
            if self._random.random() < 0.3:
                self.decide(record, _accepts("no such", f"{self._random.getrandbits(384):096x}"))
            self.decide(record, _accepts("own", there.uuid))
        elif there is None:
            gives_up = record.content.reference is not None and self._random.random() < 0.2
            self.decide(record, _says("descartar" if gives_up else "reenviar"), alone=True)

    def decide(self, record: Record, decision: Decision, *, alone: bool = False) -> None:
        """Post a decision and check the answer. ``alone``: no other decision can have come first, so a refusal is a
        breach.
        """
        own, what, nit = record.document_id, decision.what, record.issuer
        self._watch.note(own, f"a person decides: {what}")
        self._chaos.count(f"decision: {what}")
        if what == "reenviar":
            self._watch.decided.add(own)

        def answered(status: int, answer: Any) -> None:
            self._watch.note(own, f"the decision «{what}» was answered {status}")
            if status == 200:
                self._chaos.count(f"decision: {what}, taken")
                cufe = decision.body.get("cufe")
                if what in ("no such", "another's") and answer["cufe"] == cufe:
                    self._watch.breach(own, f"accepted by the CUFE {cufe[:8]}…, which is not its own")
            elif alone or (status not in (409, 429) and status < 500):
                self._watch.breach(own, f"the decision «{what}» was answered {status} {answer}")

        path = f"/documentos/{own}/resolver"
        task = self._functions.http("POST", path, decision.body, self._houses[nit].bearer, answered)
        self._watch.works_on(own, task.name)

    def _chosen(self, record: Record) -> Decision:
        house = self._houses[record.issuer]
        found = house.at_provider()
        own = next((each.uuid for each in found if each.key == house.key(record) and each.is_valid), None)
        # Not documents with the same total: only the ERP could tell them apart.
        others = [
            each.uuid
            for each in found
            if each.uuid not in (None, own)
            and (each.total is None or float(each.total) != float(record.payable))
        ]
        made: dict[str, Callable[[], Decision]] = {
            "no such": lambda: _accepts("no such", f"{self._random.getrandbits(384):096x}")
        }
        if own is not None:
            made["own"] = lambda: _accepts("own", own)
        if others:
            made["another's"] = lambda: _accepts("another's", self._random.choice(others) or "")
        is_known_again = self._is_known_again(house, record)
        is_absent = own is None and self._timeline.elapsed > self._watch.left_at(record) + _ON_ITS_WAY
        if is_known_again or is_absent:
            made["reenviar"] = lambda: _says("reenviar")
        asked_again = record.content.reference is not None or record.event is not None
        if (is_known_again or is_absent) and asked_again and not record.in_contingency:
            made["descartar"] = lambda: _says("descartar")
        weights = {name: weight for name, weight in _WEIGHTS.items() if name in made}
        return made[self._chaos.one_of(weights)]()

    def _there(self, record: Record) -> Found | None:
        house = self._houses[record.issuer]
        key = house.key(record)
        return next((each for each in house.at_provider() if each.key == key and each.is_valid), None)

    def _is_known_again(self, house: House, record: Record) -> bool:
        """Whether the provider recognises a document that is sent again."""
        provider = self._gateway.provider(house.issuer, record.provider)
        return provider.capabilities.resend is not Resend.NEVER


def _accepts(what: str, cufe: str) -> Decision:
    return Decision(what, {"accion": "aceptar", "motivo": "Está en el portal.", "cufe": cufe})


def _says(action: str) -> Decision:
    return Decision(action, {"accion": action, "motivo": "No está en el portal."})
