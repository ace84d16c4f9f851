"""What is asked of AWS: for an inline emission, for a round of what is due, for a page of a listing. Counted, so it is
the same on every machine.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from cauce.domain.time import bogota
from cauce.reading import listing
from tests.bench import emission
from tests.bench.emission import Container, settle_one
from tests.thin_aws import Bill, Item

RECORDS = (100, 10_000, 100_000)
"""How many records an issuer has whose documents are listed."""
PAGE = 50
_DUE = 100


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


def pages(records: int) -> tuple[int, int]:
    """The most items that a page of 50 rows reads, and the most requests that it takes, whatever its filter, reached
    by a cursor too; an issuer has so many records."""
    with emission.container() as running:
        models = _accepted_and_pending(running)
        running.aws.weighs = False
        for n in range(records):
            for item in models[n % 2]:
                _twin(running, item, n)
        running.aws.weighs = True
        found = [_page(running, query) for query in _queries(running.clock.now)]
        return max(read for read, _ in found), max(asked for _, asked in found)


def _queries(now: datetime) -> Iterator[listing.RecordsQuery]:
    since, until = bogota(now).date() - timedelta(days=30), bogota(now).date()
    for shown_state in (None, "aceptado", "pendiente"):
        for days in ((None, None), (since, None), (None, until), (since, until)):
            yield listing.RecordsQuery(
                shown_state=shown_state, since=days[0], until=days[1], per_page=PAGE, page=1, start=None
            )


def _page(running: Container, query: listing.RecordsQuery) -> tuple[int, int]:
    """Of a first page and of the one after it, by its cursor: the most items read, and the most requests."""
    read, asked = [], []
    for _ in range(2):
        bill = running.aws.begin()
        rows, following = listing.records(running.gateway, running.issuer, query)
        if len(rows) == PAGE:
            read.append(bill.items_read)
            asked.append(bill.calls("dynamodb"))
        query = replace(query, start=following)
    assert read, "there is no full page"
    return max(read), max(asked)


def _accepted_and_pending(running: Container) -> list[list[Item]]:
    """The items of a record of each state, as the package stores them."""
    assert running.dian is not None
    known = set(running.aws.table.items)
    running.accepted(1)
    accepted = set(running.aws.table.items) - known
    running.dian.is_slow = True
    running.post(running.event(1))
    pending = set(running.aws.table.items) - known - accepted
    items = running.aws.table.items
    return [[items[key] for key in keys if key[0].startswith("RECORD#")] for keys in (accepted, pending)]


def _twin(running: Container, item: Item, n: int) -> None:
    """Store the item once more, of another record that was issued ``n`` minutes before."""
    old, new = item["pk"]["S"].rpartition("#")[2], f"0198f9b0-0000-7000-8000-{n:012d}"
    twin = {
        name: {"S": typed["S"].replace(old, new)} if "S" in typed else typed for name, typed in item.items()
    }
    if "list_sk" in twin:
        issued = bogota(running.clock.now) - timedelta(minutes=n)
        twin["list_sk"] = {"S": f"{issued.isoformat()}#{new}"}
    running.aws.table.write(None, (twin["pk"]["S"], twin["sk"]["S"]), twin)
