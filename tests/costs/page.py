"""docs/COSTS.md, from the counts, the prices and the template."""

from collections.abc import Mapping

from tests.costs import played, priced, volume
from tests.costs.priced import Counts, Rates
from tests.costs.written import dollars, number, size, table
from tests.stack import ROOT

FILE = ROOT / "docs" / "COSTS.md"
FEW, MANY = 1_000, 1_000_000
_ROUTES = {
    "sync": "`POST /documentos`, which waits for the verdict",
    "async": "the same with `Prefer: respond-async`, asked about once (`GET /documentos/{id}`)",
    "lot": f"`POST /lotes`, {played.LOT} documents in each",
}


def written(counted: Mapping[str, Counts], rates: Rates) -> str:
    return f"""# What Cauce costs on AWS, and how far it goes

For who decides whether to run it, and for who operates it as it grows. `make cost` writes this page: it emits documents by
every route through every provider's simulator, counts what they ask of AWS, and multiplies by the prices of
[prices.toml](../tests/costs/prices.toml), {rates.region}, as known on {rates.as_of}. A test says that it is current.

## The answer

{answer(counted, rates)}

Not in it: the provider's own fees, AWS's support and taxes, discounts, and the free tier.

## Where it goes

{_parts(counted, rates)}

## An idle stack

{_idle(counted, rates)}

## What one document asks for

{_counts(counted, rates)}

{volume.written(counted, rates)}

## What is assumed

{_assumed(counted, rates)}

## Prices

{_prices(rates)}
"""


def answer(counted: Mapping[str, Counts], rates: Rates) -> str:
    idle = sum(priced.idle(rates, counted["idle"]).values())
    secret = rates.usd("secret_month")
    columns = [(FEW, "sync"), *((MANY, route) for route in played.ROUTES)]
    heads = [f"{volume:,}, {route}" for volume, route in columns]
    rows = [
        [
            title,
            *(
                dollars(idle + secret + volume * _each(counted[f"{provider} {route}"], rates, volume))
                for volume, route in columns
            ),
        ]
        for provider, title in played.PROVIDERS.items()
    ]
    each = _each(counted["dian sync"], rates, MANY) * MANY
    later = (_each(counted["dian later"], rates, MANY) * MANY) - each
    return f"""US dollars a month, with one issuer, by how many documents a month and by route:

{table(["", *heads], rows)}

- An idle stack costs **{dollars(idle)}** a month, each issuer **{dollars(secret)}** (the secret of its credentials at its
  provider), and a million documents straight to DIAN **{dollars(each)}**.
- The figures are those of a stack that has run for five years at that volume: what the law wants kept for five years
  (Ley 962 de 2005, art. 46) is charged for sixty months. In the first month all keeping is a sixtieth of what is told.
- Routes: sync is {_ROUTES["sync"]}; async, {_ROUTES["async"]}; lot, {_ROUTES["lot"]}.
- Every document here has its verdict while its function waits. A million whose verdict DIAN gives later, to the
  schedule's second look, cost {dollars(later)} more."""


def _each(counts: Counts, rates: Rates, volume: int) -> float:
    return sum(priced.document(rates, counts, rates.assumed["cold_share"][str(volume)]).values())


def _parts(counted: Mapping[str, Counts], rates: Rates) -> str:
    ways = {
        "DIAN sync": "dian sync",
        "DIAN async": "dian async",
        "DIAN lot": "dian lot",
        "Factus v2 sync": "factus-v2 sync",
    }
    found = {
        title: priced.document(rates, counted[way], rates.assumed["cold_share"][str(MANY)])
        for title, way in ways.items()
    }
    first = found["DIAN sync"]
    order = sorted(first, key=lambda part: -first[part])
    largest = sum(first[part] for part in order[:5]) / sum(first.values())
    rows = [
        [
            f"**{part}**" if part in order[:5] else part,
            *(dollars(each[part] * MANY) for each in found.values()),
        ]
        for part in order
    ]
    rows.append(["together", *(dollars(sum(each.values()) * MANY) for each in found.values())])
    return f"""US dollars for {MANY:,} documents. The five largest parts of DIAN sync are {largest:.0%} of it:

{table(["", *found], rows)}

{_lessons(counted, rates)}"""


def _lessons(counted: Mapping[str, Counts], rates: Rates) -> str:
    dian, factus = counted["dian sync"], counted["factus-v2 sync"]
    waiting = dian["functions"]["EmitFunction"]["waited"]
    second = MANY * priced.gigabytes() * rates.usd("lambda_second")
    both = sum(each["waited"] for each in factus["functions"].values())
    parts = priced.document(rates, dian, rates.assumed["cold_share"][str(MANY)])
    saved, dearer = priced.infrequent(rates, dian)
    times = (rates.usd("table_month") + rates.usd("recovery_month")) / rates.usd("s3_month")
    return f"""- **Keeping.** A document of two lines by DIAN is {size(dian["bytes"]["archive"])} in the archive and
  {size(dian["bytes"]["table"])} in the table and its indexes, where a GB costs {times:.0f} times as much
  (point-in-time recovery included), and nothing is ever deleted: over five years {dollars(MANY * parts["DynamoDB, keeping"])} against
  {dollars(MANY * parts["S3, keeping"])}. `TableClass: STANDARD_INFREQUENT_ACCESS` would save {dollars(MANY * saved)} of it and make
  the units {dollars(MANY * dearer)} dearer: worth it after {dearer / saved * rates.assumed["months_kept"]:.0f} months at the same volume.
- **Waiting.** A function is charged while the provider thinks: a second more or less is {dollars(second)} for a million
  documents, and {waiting:g} s of DIAN are assumed. With a provider that has a queue, a POST that waits is charged twice, for
  itself and for its worker ({both:.1f} s by Factus): `Prefer: respond-async` or a lot halves that.
- **Writing.** A transaction's units are charged twice, and each index for itself: {number(dian["table_units"])} units of the
  table and {number(dian["index_units"])} of its indexes."""


def _idle(counted: Mapping[str, Counts], rates: Rates) -> str:
    parts = priced.idle(rates, counted["idle"])
    rows = [[part, dollars(parts[part])] for part in sorted(parts, key=lambda part: -parts[part])]
    rows.append(["together", dollars(sum(parts.values()))])
    return f"""US dollars a month before the first document. Metrics are charged for the hours in which they appear:
those of {rates.assumed["routes_in_use"]} routes that are called all day are in it. `MetricsEnabled: false` in the template's
`MethodSettings` stops API Gateway's metrics of each route, which no alarm reads.

{table(["", "a month"], rows)}"""


def _counts(counted: Mapping[str, Counts], rates: Rates) -> str:
    heads = [
        "", "HTTP requests", "Lambda runs", "Lambda, s", "provider's calls", "DynamoDB requests", "write units", "read units",
        "S3 PUT", "queue requests", "logs", "archive", "table",
    ]  # fmt: skip
    rows = []
    for provider, title in played.PROVIDERS.items():
        for route in (*played.ROUTES, played.LATER):
            counts = counted.get(f"{provider} {route}")
            if counts is None:
                continue
            own, forever = priced.logged(rates, counts)
            rows.append(
                [
                    f"{title}, {route}",
                    number(counts["api_requests"]),
                    number(priced.invocations(counts)),
                    f"{priced.busy(rates, counts, *counts['functions']):.1f}",
                    number(priced.provider_calls(counts)),
                    number(priced.calls(counts, "dynamodb")),
                    f"{number(counts['table_units'])} + {number(counts['index_units'])}",
                    number(counts["read_units"]),
                    number(priced.calls(counts, "s3.PutObject")),
                    number(priced.queue_requests(counts)),
                    size(own + forever),
                    size(counts["bytes"]["archive"]),
                    size(counts["bytes"]["table"]),
                ]
            )
    return f"""An invoice of two lines, accepted, in warm containers; averages of {played.SINGLES} single documents or of a
lot of {played.LOT}. Write units are those of the table, a transaction's twice, + those of its indexes. A lot's documents each
have a message of their own, so they cost what single ones by queue do, without their requests. «Later»: DIAN goes on
validating, and the schedule's second look finds the verdict.

{table(heads, rows)}"""


def _assumed(counted: Mapping[str, Counts], rates: Rates) -> str:
    found, answers = rates.assumed, rates.assumed["answers"]
    cpu, dian = found["cpu"], counted["dian sync"]["functions"]["EmitFunction"]
    own = cpu["invocation_ms"] + cpu["call_ms"] * priced.calls_in(dian)
    first = sorted({answers[provider] for provider in played.PROVIDERS})
    rows = [
        ["a provider's first answer about a document", f"{' to '.join(f'{each:g}' for each in first)} s", "nobody publishes it; X-Ray shows yours"],
        ["each further call to it", f"{answers['further']:g} s", "a question, a download"],
        ["CPU of an emission by DIAN", f"{own:.0f} ms × {cpu['factor']:g}", f"{cpu['invocation_ms']:g} ms for each run of a function, {cpu['call_ms']:g} ms for each call; `make cost` measures an emission where it runs, and prints it beside this. The factor: {priced.gigabytes() * 1024:,.0f} MB are 0.58 of a core of Lambda"],
        ["AWS's answers", ", ".join(f"{name} {each:g}" for name, each in found["latency_ms"].items()) + " ms", "in the region"],
        ["starting a container", f"{found['cold_seconds']:g} s", " and ".join(f"{share:.0%} of runs at {int(volume):,} documents" for volume, share in found["cold_share"].items())],
        ["kept", f"{found['months_kept']} months", f"archive, table, audit and access log, whose deletion is yours to decide; the functions' log {found['log_months']} months"],
        ["reads of secrets", f"{found['secret_reads']:g} for each document", "the most: a container reads an issuer's secret anew after five minutes"],
        ["metrics in use", f"{found['own_metrics']} of Cauce, {found['routes_in_use']} routes", "charged for the hours in which they appear"],
        ["traces", "one for each run", "X-Ray's default rule keeps the first of each second and a twentieth of the others: at a peak they cost less"],
    ]  # fmt: skip
    return table(["what", "how much", "why"], rows, numbers=False)


def _prices(rates: Rates) -> str:
    rows = [
        [f"${each['usd']:.10f}".rstrip("0"), each["per"], each["page"], each["seen"]]
        for each in rates.listed.values()
    ]
    return f"""In {rates.region}, on demand, as known on {rates.as_of}. «Seen» is when the copy of the
page, or of AWS's price list, was made in which the figure was read, «–» where none was: check an old one before you decide by it.

{table(["price", "per", "page", "seen"], rows, numbers=False)}"""
