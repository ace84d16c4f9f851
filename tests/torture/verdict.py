"""What must hold once everything has settled: the records checked against what the providers have."""

import hashlib
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import chain, pairwise
from typing import Protocol

from cauce.domain.lot import LotState
from cauce.domain.record import IN_CONTINGENCY, Record, State
from cauce.domain.search import Search
from cauce.gateway import Gateway
from cauce.providers.base import Lane, NumberedBy, Verb
from tests.simulators.dian.document import Document
from tests.torture.bulk import Batch, Bulk
from tests.torture.calls import Calls
from tests.torture.erp import Erps, Order
from tests.torture.houses import Found, House
from tests.torture.intake import StandardQueue
from tests.torture.queue import FifoQueue
from tests.torture.watch import Watch


@dataclass
class Verdict:
    """The counts, and every breach with the id of its record."""

    counts: Counter[str] = field(default_factory=Counter)
    breaches: list[tuple[str, str]] = field(default_factory=list)

    def breach(self, document_id: str, what: str) -> None:
        self.breaches.append((document_id, what))


class World(Protocol):
    """The parts of an episode's world that are checked."""

    gateway: Gateway
    houses: list[House]
    erps: Erps
    bulk: Bulk
    watch: Watch
    queue: FifoQueue
    intake: StandardQueue
    control: StandardQueue
    calls: dict[str, Calls]


def judge(world: World) -> Verdict:
    """Check everything that the contract promises, at the end of an episode."""
    verdict = Verdict(breaches=list(world.watch.breaches))
    gateway = world.gateway
    beaten = {order.document_id for order in world.erps.orders if order.is_beaten}
    for house in world.houses:
        records = stored(gateway, house)
        _orders(verdict, [order for order in world.erps.orders if order.house is house], records)
        _settled(verdict, gateway, house, records, beaten)
        _at_provider(verdict, house, records)
        _numbers(verdict, gateway, house, records)
        _contingency(verdict, world, house, records)
        _called(verdict, world, house)
    # Not a breach: once nothing is left to send or ask, nobody probes a provider, so a breaker stays as its last call
    # left it.
    verdict.counts["breakers open at the end"] = sum(gateway.open_breakers().values())
    verdict.counts.update(world.watch.counts)
    _lots(verdict, gateway, world.bulk, world.watch.records)
    _dead_letters(verdict, world.watch, world.queue)
    for queue in (world.intake, world.control):
        _strangers(verdict, world.bulk, queue)
    return verdict


def stored(gateway: Gateway, house: House) -> dict[str, Record]:
    """Every record of an issuer, by id, read from the table."""
    found: dict[str, Record] = {}
    start = None
    while True:
        page = gateway.listing.page(house.issuer.nit, Search(), limit=100, start=start)
        for row in page.records:
            found[row.document_id] = gateway.records.read(row.issuer, row.document_id)
        if page.next is None:
            return found
        start = page.next


def _orders(verdict: Verdict, orders: list[Order], records: dict[str, Record]) -> None:
    """Every request that was answered has exactly one record, and what its ERP was told is true."""
    by_reference = defaultdict(list)
    for record in records.values():
        if record.content.reference:
            by_reference[record.content.reference].append(record.document_id)
    for order in orders:
        verdict.counts["orders"] += 1
        verdict.counts["posts"] += order.posts
        reference = order.body.get("referencia")
        of_it = by_reference.get(reference, []) if reference else sorted(order.answered)
        first = (of_it or [order.name])[0]
        if order.never and (of_it or order.answered):
            verdict.breach(first, f"{order.name}: emitted, and its key was another lot's")
        for refusal in order.refusals if order.never else ():
            verdict.breach(first, f"{order.name}: its ERP was answered {refusal}")
        if order.is_beaten or order.never:
            continue
        for refusal in order.refusals:
            verdict.breach(first, f"{order.name}: its ERP was answered {refusal}")
        if len(order.answered) > 1 or len(of_it) > 1:
            verdict.breach(first, f"{order.name}: records {of_it}, answers named {sorted(order.answered)}")
        if order.has_reference and not of_it:
            verdict.breach(first, f"{order.name}: accepted from its ERP, and there is no record")
        if order.document_id is not None and order.document_id not in records:
            verdict.breach(order.document_id, f"{order.name}: its ERP was given a record that is not there")
        if order.is_over and records[first].state is not State.ACCEPTED:
            verdict.breach(
                first, f"{order.name}: its ERP was told «aceptado» and it is {records[first].state}"
            )


def _settled(
    verdict: Verdict, gateway: Gateway, house: House, records: dict[str, Record], beaten: set[str | None]
) -> None:
    capabilities = gateway.provider(house.issuer, house.bench.provider.name).capabilities
    for record in records.values():
        own = record.document_id
        verdict.counts["records"] += 1
        verdict.counts[f"{house.name}: {record.state}"] += 1
        if record.state is State.ACCEPTED:
            if Verb.XML in capabilities.verbs and record.event is None and record.signed_xml is None:
                verdict.breach(own, "accepted, and its XML is not in the archive")
            if record.number is None and record.event is None:
                verdict.breach(own, "accepted without a number")
        elif record.state in (State.REJECTED, State.FAILED):
            if (record.content.reference or record.event) and own not in beaten:
                verdict.breach(own, f"{record.state}, and its ERP would have posted it again")
        elif record.needs_person and record.last_error:
            verdict.counts[f"{house.name}: waiting for a person"] += 1
        else:
            verdict.breach(own, f"never settled: {record.state}, due {record.due_at}: {record.last_error}")


def _at_provider(verdict: Verdict, house: House, records: dict[str, Record]) -> None:
    """The provider has exactly one valid document for each accepted record, none for others, and none without a record."""
    found: dict[str, list[Found]] = defaultdict(list)
    for each in house.at_provider():
        found[each.key].append(each)
        verdict.counts["documents at providers"] += 1
        verdict.counts["valid documents at providers"] += each.is_valid
    for record in records.values():
        own = record.document_id
        here = found.pop(house.key(record), [])
        valid = [each for each in here if each.is_valid]
        names = ", ".join(f"{each.number} {'valid' if each.is_valid else 'not valid'}" for each in here)
        if record.state is State.ACCEPTED:
            if len(valid) != 1:
                verdict.breach(
                    own, f"accepted, and its provider has {len(valid)} valid: {names or 'nothing'}"
                )
                continue
            if valid[0].number not in (None, str(record.number)):
                verdict.breach(own, f"is {record.number} here and {valid[0].number} at its provider")
            if record.uuid is not None and valid[0].uuid not in (None, record.uuid):
                verdict.breach(own, f"is {record.uuid[:8]}… here and {valid[0].uuid} at its provider")
            if record.event is not None and valid[0].content is not None:
                _dated(verdict, record, valid[0].content)
            if valid[0].total is not None and float(valid[0].total) != float(record.payable):
                verdict.breach(own, f"is of {record.payable} here and of {valid[0].total} at its provider")
        elif valid and not record.needs_person:
            verdict.breach(own, f"{record.state}, and its provider has it: {names}")
        elif valid:
            verdict.counts[f"{house.name}: waiting for a person, and its provider has it"] += 1
    for key, strangers in found.items():
        verdict.breach(key, f"{house.name} has {len(strangers)} documents that no record tells of")


def _dated(verdict: Verdict, record: Record, content: bytes) -> None:
    """The event's XML has the date of its record, from which DIAN counts business days."""
    event = Document(content)
    verdict.counts["events at DIAN"] += 1
    if f"{event.text('cbc:IssueDate')}T{event.text('cbc:IssueTime')}" != record.issued_at.isoformat():
        verdict.breach(
            record.document_id,
            f"is of {record.issued_at} here and of {event.text('cbc:IssueDate')} {event.text('cbc:IssueTime')} at DIAN",
        )


def _contingency(verdict: Verdict, world: World, house: House, records: dict[str, Record]) -> None:
    """DIAN has the bytes in the archive, and the buyer was handed the same, unless the ERP was told that they no longer
    count.

    An invoice of type 04 that DIAN took after its deadline must have called a person before.
    """
    taken = {found.key: found for found in house.at_provider() if found.is_valid}
    for record in records.values():
        found = taken.get(house.key(record))
        if found is None or found.content is None or record.state is not State.ACCEPTED:
            continue
        own, contingency = record.document_id, record.contingency
        if found.uuid != record.uuid or (found.type_code == IN_CONTINGENCY) is not record.in_contingency:
            verdict.breach(own, f"is {record.uuid} here, and DIAN has {found.uuid} of type {found.type_code}")
        if record.signed_xml is None or world.gateway.archive.read(record.signed_xml) != found.content:
            verdict.breach(own, "DIAN has other bytes than those in the archive")
        limit = contingency.limit if contingency is not None else None
        if limit is not None and found.taken_at is not None and found.taken_at > limit:
            verdict.counts["contingency: taken past its deadline"] += 1
            if own not in world.watch.called:
                verdict.breach(own, f"taken {found.taken_at}, after {limit}, and no person was called")
    for order in world.erps.orders:
        handed = records.get(order.document_id or "")
        if order.delivered is None or handed is None or handed.state is not State.ACCEPTED:
            continue
        xml = world.gateway.archive.read(handed.signed_xml) if handed.signed_xml is not None else b""
        if hashlib.sha256(xml).hexdigest() != order.delivered and not order.recalled:
            verdict.breach(handed.document_id, "its buyer holds another invoice, and its ERP was not told")


def _called(verdict: Verdict, world: World, house: House) -> None:
    """No provider was called faster than its pace allows, and documents of a lane were sent in the order in which they
    were queued. Exempt: records that called a person, and single documents, which may overtake the lines of a lot.
    """
    calls = world.calls[house.name]
    provider = world.gateway.provider(house.issuer, house.bench.provider.name)
    pace, lane = provider.capabilities.pace, provider.capabilities.lane
    if pace is not None and calls.fullest(pace.seconds) > pace.calls:
        verdict.breach(
            house.name,
            f"called {calls.fullest(pace.seconds)} times in {pace.seconds} s, and allows {pace.calls}",
        )
    if lane is Lane.NONE or house.issuer.nit not in world.queue.keeps:
        return
    for group, order in world.queue.order.items():
        if group.partition(".")[0] != house.issuer.nit:
            continue
        sent = [own for own in order if own in calls.first_sent and own not in world.watch.called]
        verdict.counts["sent in the order of their lane, through an outage"] += len(sent)
        records = world.watch.records
        alone = [own for own in sent if records[own].line is None]
        of_lots = [own for own in sent if records[own].line is not None]
        for one, other in chain(pairwise(sent), pairwise(alone), pairwise(of_lots)):
            overtakes = records[other].line is None and (
                records[one].line is not None or records[other].received_at < records[one].received_at
            )
            if calls.first_sent[one] < calls.first_sent[other]:
                continue
            if overtakes:
                verdict.counts["sent before a lot's line that came before it in their lane"] += 1
            else:
                verdict.breach(other, f"was sent before {one}, which came before it in their lane")


def _numbers(verdict: Verdict, gateway: Gateway, house: House, records: dict[str, Record]) -> None:
    """No number twice; where Cauce numbers, no gap between the range's start and its next number."""
    numbered_here = (
        gateway.provider(house.issuer, house.bench.provider.name).capabilities.numbered_by
        is NumberedBy.GATEWAY
    )
    taken: dict[tuple[str, str], list[int]] = defaultdict(list)
    owner: dict[tuple[str, str], str] = {}
    for record in records.values():
        if record.number is None:
            continue
        key = (record.kind.value, str(record.number))
        if key in owner:
            verdict.breach(record.document_id, f"has the number {record.number} of {owner[key]}")
        owner[key] = record.document_id
        taken[record.kind.value, record.number.prefix].append(record.number.consecutive)
        verdict.counts["numbers"] += 1
    if not numbered_here:
        return
    for numbering_range in gateway.ranges.all(house.issuer.nit):
        numbers = sorted(taken.get((numbering_range.kind or "", numbering_range.prefix), []))
        if not numbers:
            continue
        if numbers[0] != numbering_range.start or numbering_range.next != numbers[-1] + 1:
            verdict.breach(
                numbering_range.key,
                f"{house.name} starts at {numbers[0]} and goes on with {numbering_range.next}",
            )
        for one, other in pairwise(numbers):
            if other != one + 1:
                verdict.breach(numbering_range.key, f"{house.name} has a gap between {one} and {other}")


def _lots(verdict: Verdict, gateway: Gateway, bulk: Bulk, records: dict[str, Record]) -> None:
    """Every line of a lot is counted once, as a document or as invalid. Not for a day's lot, where a line may be sent
    twice.
    """
    for batch in bulk.batches:
        verdict.counts["batches"] += 1
        if not batch.is_over:
            left = sorted({order.name for order in batch.orders} - batch.told)
            verdict.breach(batch.name, f"sent {batch.way}, and its ERP was never told of {left}")
        if batch.lost and batch.rival is not None and not batch.rival.lots:
            verdict.breach(batch.name, f"refused for its key, and so was {batch.rival.name}")
        if batch.way == "straight" or batch.lost or not batch.lots:
            continue
        lot = gateway.lots.lot(batch.house.issuer.nit, batch.lots[-1])
        counts = gateway.lots.counts(lot.issuer, lot.lot_id)
        if lot.state is not LotState.READ or lot.position != len(batch.lines):
            verdict.breach(
                batch.name, f"{lot.state} at {lot.position} of {len(batch.lines)}: {lot.last_error}"
            )
        if sum(counts.values()) != len(batch.lines) or counts["invalido"] != batch.bad:
            verdict.breach(batch.name, f"{len(batch.lines)} lines, {batch.bad} bad, came to {dict(counts)}")
        verdict.counts["lines of lots refused"] += counts["invalido"]
        _told_of_lot(verdict, batch, records)
    for nit, lot_id in bulk.expected_empty:
        lot, counts = gateway.lots.lot(nit, lot_id), gateway.lots.counts(nit, lot_id)
        if lot.state not in (LotState.AWAITED, LotState.EXPIRED) or counts.total():
            verdict.breach(lot_id, f"its file never came: {lot.state} with {dict(counts)}")
    for record in records.values():
        if record.content.reference in bulk.intruders:
            verdict.breach(record.document_id, "came in a file that nobody announced")


def _told_of_lot(verdict: Verdict, batch: Batch, records: dict[str, Record]) -> None:
    """What an ERP is told of its lot adds up, and agrees with what the provider has."""
    told = batch.last_told
    if not told:
        return
    there = {found.key for found in batch.house.at_provider() if found.is_valid}
    names = {order.name for order in batch.orders}
    own = [
        record
        for record in records.values()
        if record.issuer == batch.house.issuer.nit and record.content.reference in names
    ]
    held = sum(batch.house.key(record) in there and not record.needs_person for record in own)
    conteo = told.get("conteo", {})
    numbers = (told.get("documentos"), told.get("leidos"), sum(conteo.values()), conteo.get("aceptado"))
    if numbers != (len(batch.lines), len(batch.lines), len(batch.lines), held):
        verdict.breach(
            batch.name, f"{len(batch.lines)} lines, {held} at its provider, and its lot says {told}"
        )


def _strangers(verdict: Verdict, bulk: Bulk, queue: StandardQueue) -> None:
    """The dead letters hold only strangers' messages, or messages of batches whose documents all came anyway; nothing
    is left in the queue.
    """
    over = all(batch.is_over for batch in bulk.batches)
    for message in queue.dead:
        verdict.counts[f"dead letters of {queue.name}"] += 1
        if message.id not in bulk.strangers and not over:
            verdict.breach(message.id, f"in the dead letters of {queue.name}: {message.body[:200]}")
    if left := [message.body[:200] for message in queue.messages]:
        verdict.breach(queue.name, f"never ended: {left}")


def _dead_letters(verdict: Verdict, watch: Watch, queue: FifoQueue) -> None:
    """The record of every dead letter is settled, or says why it is not."""
    for message in queue.dead:
        verdict.counts["dead letters"] += 1
        document_id = queue.document_id(message)
        record = watch.records.get(document_id)
        if record is None or not (record.due_at is None or record.last_error or record.needs_person):
            verdict.breach(document_id, "in the dead letters, and its record does not say why")
