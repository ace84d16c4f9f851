"""What is asked of AWS: for an inline emission, for a round of what is due, for a page of a listing. Counted, so it is
the same on every machine.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta

from cauce.aws import items
from cauce.domain.document import Kind
from cauce.domain.record import Record, State
from cauce.domain.time import bogota
from cauce.gateway import Gateway
from cauce.reading import listing
from tests.bench import emission, invoices, works
from tests.bench.emission import Container, settle_one
from tests.thin_aws import Aws, Bill
from tests.unit.dian.builders import ISSUER

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
    with _listed(records) as (aws, gateway):
        found = [_page(aws, gateway, query) for query in _queries()]
        return max(read for read, _ in found), max(asked for _, asked in found)


def _queries() -> Iterator[listing.RecordsQuery]:
    since, until = date(2026, 5, 1), date(2026, 6, 30)
    for shown_state in (None, "aceptado", "rechazado"):
        for days in ((None, None), (since, None), (None, until), (since, until)):
            yield listing.RecordsQuery(
                shown_state=shown_state, since=days[0], until=days[1], per_page=PAGE, page=1, start=None
            )


def _page(aws: Aws, gateway: Gateway, query: listing.RecordsQuery) -> tuple[int, int]:
    """Of a first page and of the one after it, by its cursor: the most items read, and the most requests."""
    read, asked = [], []
    for _ in range(2):
        bill = aws.begin()
        rows, following = listing.records(gateway, ISSUER, query)
        if len(rows) == PAGE:
            read.append(bill.items_read)
            asked.append(bill.calls("dynamodb"))
        query = replace(query, start=following)
    assert read, "there is no full page"
    return max(read), max(asked)


@contextmanager
def _listed(records: int) -> Iterator[tuple[Aws, Gateway]]:
    """A table with so many records of an issuer, one each minute from 2026-05-01 on; of two, one is rejected."""
    with emission.container() as running:
        aws, gateway = running.aws, running.gateway
        base = works.accepted(invoices.text(1)).model_copy(update={"kind": Kind.INVOICE})
        models = [
            items.record_item(base.model_copy(update={"state": state}))
            for state in (State.ACCEPTED, State.REJECTED)
        ]
        aws.weighs = False
        for n in range(records):
            aws.table.write(None, *_twin(models[n % 2], n, base))
        aws.weighs = True
        yield aws, gateway


def _twin(model: items.Item, n: int, base: Record) -> tuple[tuple[str, str], items.Item]:
    """The item of another record like the model's, with its key."""
    document_id = f"0198f9b0-0000-7000-8000-{n:012d}"
    issued = bogota(base.issued_at).replace(day=1, hour=0) + timedelta(minutes=n)
    twin = {
        **model,
        "pk": {"S": f"RECORD#{ISSUER.nit}#{document_id}"},
        "list_sk": {"S": items.list_position(issued, document_id)},
    }
    data = model["data"].get("S")
    if data is not None:
        twin["data"] = {
            "S": data.replace(base.document_id, document_id).replace(
                base.issued_at.isoformat(), issued.isoformat()
            )
        }
    return (twin["pk"]["S"], twin["sk"]["S"]), twin
