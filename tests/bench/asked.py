"""What is asked of AWS: for an inline emission, for a round of what is due, for a page of a listing. Counted, so it is
the same on every machine.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from cauce.domain.document import Kind
from cauce.domain.search import Search
from cauce.domain.time import bogota
from cauce.reading import listing
from tests.bench import emission
from tests.bench.emission import Container, settle_one
from tests.thin_aws import Bill, Item

RECORDS = (100, 10_000, 100_000)
"""How many records an issuer has whose documents are listed."""
PAGE = 50
_DUE = 100
_BUYER = "800199436"
"""Of the bench's invoices."""


def inline(lines: int) -> Bill:
    """For an invoice of so many lines that DIAN accepts at once."""
    with emission.container() as running:
        return running.accepted(lines)


def due() -> float:
    """Calls of AWS for each record that is looked at in one round of the schedule.

    A hundred documents wait for DIAN, which goes on validating: each is read, asked about and written again. The
    schedule's own calls are in it; what Lambda itself asks of the queues is not.
    """
    with emission.container() as running:
        _wait_for_dian(running)
        bill = running.aws.begin()
        looked_at = settle_one(running)
        assert looked_at >= _DUE, looked_at
        return sum(bill.requests.values()) / looked_at


def _wait_for_dian(running: Container) -> None:
    assert running.dian is not None
    running.dian.is_slow = True
    for _ in range(_DUE):
        assert '"pendiente"' in running.post(running.event(2))["body"]
    running.clock.sleep(1200)


def pages(records: int, searches: Callable[[datetime], Iterable[Search]]) -> tuple[int, int]:
    """The most items that a page of 50 rows reads, and the most requests that it takes, by any of these searches, and
    reached by a cursor too; an issuer has so many records."""
    with emission.container() as running:
        models = _accepted_and_pending(running)
        running.aws.weighs = False
        for n in range(records):
            for item in models[n % 2]:
                _twin(running, item, n)
        running.aws.weighs = True
        found = [_page(running, search) for search in searches(running.clock.now)]
        return max(read for read, _ in found), max(asked for _, asked in found)


def by_rows(now: datetime) -> Iterator[Search]:
    """Searches whose index has what a list shows."""
    for shown_state in (None, "aceptado", "pendiente"):
        yield from _dated(Search(shown_state=shown_state), now)


def by_keys(now: datetime) -> Iterator[Search]:
    """Searches whose index has keys only."""
    yield from _dated(Search(kind=Kind.INVOICE), now)
    yield from _dated(Search(counterparty=_BUYER), now)


def by_beginning(_: datetime) -> Iterator[Search]:
    """Searches by how a number begins, or the identification of the other party."""
    for beginning in ("SETP", "SETP990", _BUYER[:4], _BUYER):
        yield Search(beginning=beginning)


def _dated(search: Search, now: datetime) -> Iterator[Search]:
    since, until = bogota(now).date() - timedelta(days=30), bogota(now).date()
    yield search
    yield replace(search, since=since)
    yield replace(search, until=until)
    yield replace(search, since=since, until=until)


def _page(running: Container, search: Search) -> tuple[int, int]:
    """Of a first page and of the one after it, by its cursor: the most items read, and the most requests."""
    read, asked = [], []
    query = listing.RecordsQuery(search, per_page=PAGE, page=1, start=None)
    for _ in range(2):
        bill = running.aws.begin()
        rows, following = listing.records(running.gateway, running.issuer, query)
        if len(rows) == PAGE:
            read.append(bill.items_read)
            asked.append(bill.calls("dynamodb"))
        query = replace(query, start=following)
    assert read, (search, "no full page")
    return max(read), max(asked)


def _accepted_and_pending(running: Container) -> list[list[Item]]:
    """The items of a record of each state and of its number, as the package stores them."""
    assert running.dian is not None
    known = set(running.aws.table.items)
    running.accepted(1)
    accepted = set(running.aws.table.items) - known
    running.dian.is_slow = True
    running.post(running.event(1))
    pending = set(running.aws.table.items) - known - accepted
    items, kept = running.aws.table.items, ("RECORD#", "NUMBER#")
    return [[items[key] for key in keys if key[0].startswith(kept)] for keys in (accepted, pending)]


def _twin(running: Container, item: Item, n: int) -> None:
    """Store the item once more, of another record that was issued ``n`` minutes before, with the same number."""
    pk, new = item["pk"]["S"], f"0198f9b0-0000-7000-8000-{n:012d}"
    is_number = pk.startswith("NUMBER#")
    old = item["document_id"]["S"] if is_number else pk.rpartition("#")[2]
    twin = {
        name: {"S": typed["S"].replace(old, new)} if "S" in typed else typed for name, typed in item.items()
    }
    if is_number:
        twin["pk"] = {"S": f"{pk}#{new}"}
    elif "list_sk" in twin:
        issued = (bogota(running.clock.now) - timedelta(minutes=n)).isoformat()
        twin["list_sk"], twin["party_sk"] = {"S": f"{issued}#{new}"}, {"S": f"{_BUYER}#{issued}"}
    running.aws.table.write(None, (twin["pk"]["S"], twin["sk"]["S"]), twin)
