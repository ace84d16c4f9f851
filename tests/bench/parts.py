"""Every part of the table, with its limits."""

from collections.abc import Callable
from itertools import cycle

from tests.bench import asked, containers, emission, invoices, layers, lots, numbers, signing, works
from tests.bench.paired import measure
from tests.bench.table import Figures, Part, Row
from tests.local import engine as local_engine

# By the number of lines: ours ÷ L1, the same without RSA, and the naive stack ÷ ours.
_SIGNING = {1: (1.5, 1.2), 10: (1.4, 1.15), 200: (1.15, 1.0), 2000: (1.25, 1.05)}
_WITHOUT_RSA = {1: (2.0, 1.4), 10: (1.6, 1.2), 200: (1.15, 1.0), 2000: (1.25, 1.05)}
_NAIVE = {1: (4.0, 4.5), 10: (4.2, 5.0), 200: (6.5, 7.5), 2000: (6.5, 7.0)}
_EMISSION = {1: (5.0, 3.2), 10: (4.0, 2.8), 200: (2.2, 1.8)}
_PDF = {1: (0.6, 0.4), 200: (0.6, 0.5)}
_LARGE, _LARGEST = 200, 2000


_NO_ENGINE = "the local engine is not installed (make engine)"


# The limits of an emission that is signed and sent, and what news and the search keys of lists may add to it.
REQUESTS, UNITS, UNITS_OF_A_LARGE_ONE = (9, 7), (16, 12), (24, 16)
MORE_REQUESTS, MORE_UNITS = 2, 8


def every() -> list[Part]:
    return [
        *map(_signing, invoices.LINES),
        _linear(),
        *map(_whole, _EMISSION),
        _one("read and check a request ÷ json.loads, 200 lines", 7, 5, _ratio(works.reading, "json.loads")),
        _one(
            "contract → Factus v2 bytes ÷ json.loads, 200 lines", 10, 7, _ratio(works.factus_v2, "json.loads")
        ),
        _one("SOAP envelope with signature ÷ RSA", 1.25, 1.12, _ratio(works.soap, "RSA")),
        *map(_pdf, _PDF),
        _one("loading a certificate ÷ RSA", 2, None, _ratio(works.certificate, "RSA")),
        _one("DIAN's rules on a signed file ÷ L1, 10 lines", 20, None, _ratio(works.file_rules, "L1")),
        _inline(
            2,
            Row(
                f"…: requests to DynamoDB ({MORE_REQUESTS} allowed to news and lists)",
                *_more(REQUESTS, MORE_REQUESTS),
            ),
            Row("…: S3 puts", 3, 2),
            units=_more(UNITS, MORE_UNITS),
        ),
        _inline(200, units=_more(UNITS_OF_A_LARGE_ONE, MORE_UNITS)),
        _one("a round of what is due: AWS calls for each record looked at", 2, 1.5, lambda _: asked.due()),
        _warm(),
        *map(_pages, asked.RECORDS),
        _starts(),
        _one(
            "layers, arm64, with bytecode, MB",
            80,
            65,
            lambda _: layers.megabytes(),
            "they could not be built",
        ),
        _one("64 callers on one prefix: conflicts for each number", 0.3, 0.1, _conflicts, _NO_ENGINE),
        _one(
            "lot of 500 by DIAN, CPU for each document ÷ a single one's",
            1.1,
            1.0,
            lambda _: lots.per_document(),
        ),
    ]


def _one(
    what: str, must: float, aim: float | None, figure: Callable[[int], float | None], missing: str = ""
) -> Part:
    return Part(what, (Row(what, must, aim),), lambda rounds: {what: figure(rounds)}, missing)


def _ratio(work: Callable[[int], object], below: str) -> Callable[[int], float]:
    return lambda rounds: work(rounds).ratio("ours", below)  # type: ignore[attr-defined]


def _signing(lines: int) -> Part:
    named = f"{lines:,} lines" if lines > 1 else "1 line"
    to_l1 = Row(f"JSON → signed XML ÷ L1, {named}", *_SIGNING[lines])
    without = Row("…: the RSA operation taken from both", *_WITHOUT_RSA[lines])
    naive = {name: f"…: {name} ÷ ours" for name in signing.NAIVE}
    rows = (
        to_l1,
        without,
        *(
            Row(what, *(_NAIVE[lines] if "signxml" in what else (None, None)), at_least=True)
            for what in naive.values()
        ),
    )

    def figures(rounds: int) -> Figures:
        found = measure(signing.works(lines, naive=True), signing.rounds_for(lines, rounds))
        return {
            to_l1.what: found.ratio("ours", "L1"),
            without.what: found.ratio("ours", "L1", less="RSA"),
            **{what: found.ratio(name, "ours") for name, what in naive.items()},
        }

    return Part(f"signing, {named}", rows, figures)


def _linear() -> Part:
    """Ours must not grow faster than L1 from 200 lines to 2,000."""
    what = "JSON → signed XML ÷ L1: of 2,000 lines ÷ of 200"

    def figure(rounds: int) -> float:
        works = {
            f"{name}, {lines}": work
            for lines in (_LARGE, _LARGEST)
            for name, work in signing.works(lines).items()
            if name in ("ours", "L1")
        }
        found = measure(works, signing.rounds_for(_LARGEST, rounds))
        return found.ratio("ours, 2000", "L1, 2000") / found.ratio("ours, 200", "L1, 200")

    return _one(what, 1.15, 1.1, figure)


def _whole(lines: int) -> Part:
    """A whole emission, from API Gateway's event to the answer, with AWS in memory and DIAN's answer at hand."""
    what = f"whole emission by DIAN, AWS in memory ÷ L1, {lines:,} {'lines' if lines > 1 else 'line'}"

    def figure(rounds: int) -> float:
        l1 = signing.works(lines)["L1"]
        with emission.container() as running:
            running.accepted(lines)
            running.aws.weighs = False
            events = cycle([running.event(lines, nth) for nth in range(30)])
            ours = lambda: running.post(next(events))  # noqa: E731
            return measure({"ours": ours, "L1": l1}, rounds).ratio("ours", "L1")

    return _one(what, *_EMISSION[lines], figure)


def _pdf(lines: int) -> Part:
    what = f"PDF ÷ platypus with segno, {lines:,} {'lines' if lines > 1 else 'line'}"
    return _one(
        what, *_PDF[lines], lambda rounds: works.pdf(max(5, rounds // 2), lines).ratio("ours", "platypus")
    )


def _more(limits: tuple[int, int], allowed: int) -> tuple[int, int]:
    must, aim = limits
    return must + allowed, aim + allowed


def _inline(lines: int, *more: Row, units: tuple[float, float]) -> Part:
    """Write units count a transaction's writes once; DynamoDB charges them twice, which the next row has."""
    what = f"inline emission accepted by DIAN, {lines} lines: write units, indexes too ({MORE_UNITS} allowed to news and lists)"
    charged = Row("…: as they are charged")
    rows = (Row(what, *units), charged, *more)

    def figures(_: int) -> Figures:
        bill = asked.inline(lines)
        return {
            what: bill.plain_units + bill.index_units,
            charged.what: bill.write_units,
            f"…: requests to DynamoDB ({MORE_REQUESTS} allowed to news and lists)": bill.calls("dynamodb"),
            "…: S3 puts": bill.requests["s3.PutObject"],
        }

    return Part(f"inline, {lines} lines", rows, figures)


def _warm() -> Part:
    emission_, put = "warm emission, real AWS client, 2 lines: CPU ÷ one put_item", "…: one put_item ÷ RSA"

    def figures(_: int) -> Figures:
        return dict(zip((emission_, put), containers.warm(), strict=True))

    return Part("warm emission", (Row(emission_, 16, 11), Row(put)), figures)


def _starts() -> Part:
    """A new interpreter, against one with boto3, pydantic and Powertools alone."""
    names = {
        "import": Row("cold: import of emit ÷ boto3, pydantic, Powertools", 1.5, 1.2),
        "gateway": Row("…: with its gateway", 1.9, 1.5),
        "emission": Row("…: with its first accepted emission by DIAN", 2.4, 1.9),
    }

    def figures(rounds: int) -> Figures:
        found = containers.starts(max(3, min(rounds // 3, 9)))
        return {row.what: found[mode] for mode, row in names.items()}

    return Part("cold", tuple(names.values()), figures)


def _pages(records: int) -> Part:
    what = f"GET /documentos, a page of 50 of {records:,}"
    rows = (
        Row(f"{what}: items read", 51),
        Row("…: requests", 2),
        Row("… by tipo_documento or adquiriente: items read", 101),
        Row("…… requests", 2),
    )

    def figures(_: int) -> Figures:
        found = (*asked.pages(records, asked.by_rows), *asked.pages(records, asked.by_keys))
        return {row.what: figure for row, figure in zip(rows, found, strict=True)}

    return Part(f"listing, {records:,} records", rows, figures)


def _conflicts(_: int) -> float | None:
    """On the local engine, where there is one."""
    if not local_engine.PYTHON.exists():
        return None
    with emission.quiet():
        return numbers.conflicts(callers=64, each=10, rounds=3)
