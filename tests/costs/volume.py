"""The part of docs/COSTS.md on what has to be raised where, by Little's law and AWS's limits."""

import tomllib
from collections.abc import Mapping
from math import ceil, floor

from cauce.aws.keys import OPEN_SHARDS
from cauce.aws.queues import GROUPS
from cauce.intake.control import IN_LANE_SECONDS, UNLIMITED
from cauce.providers.registry import provider_class
from tests.costs import played, priced
from tests.costs.priced import Counts, Rates
from tests.costs.written import dollars, number, table
from tests.stack import ROOT, template

PEAK = 500
_MEAN_OF_PEAK = 10
"""How many times the mean a peak is."""
_SLOW = 10.0
"""Seconds that DIAN may take on a bad day."""
_RATES = (4, 50, PEAK)
_MONTH_SECONDS = 730 * 3600


def written(counted: Mapping[str, Counts], rates: Rates) -> str:
    return f"""## What to raise, and where, as volume grows

{_at_once(counted, rates)}

{_limits(counted, rates)}

{_providers(counted)}

{_mode(rates)}

{_peak(counted, rates)}"""


def _seconds(counted: Mapping[str, Counts], rates: Rates) -> tuple[float, float]:
    """For which a document straight to DIAN occupies EmitFunction, where it is sent at once, and a worker, where not."""
    return (
        priced.busy(rates, counted["dian sync"], "EmitFunction"),
        priced.busy(rates, counted["dian async"], "EmitWorkerFunction"),
    )


def _units(counts: Counts) -> float:
    return float(counts["table_units"] + counts["index_units"])


def _default(parameter: str) -> str:
    return str(template()["Parameters"][parameter]["Default"])


def _production(parameter: str) -> str:
    """A parameter as samconfig.toml gives it to production."""
    stages = tomllib.loads((ROOT / "samconfig.toml").read_text(encoding="utf-8"))
    given = stages["produccion"]["deploy"]["parameters"]["parameter_overrides"]
    return str(dict(each.split("=", 1) for each in given).get(parameter, _default(parameter)))


def _at_once(counted: Mapping[str, Counts], rates: Rates) -> str:
    sync, worker = _seconds(counted, rates)
    slow = sync + _SLOW - rates.assumed["answers"]["dian"]
    units, lot_units = _units(counted["dian sync"]), _units(counted["dian lot"])
    rows = [
        [
            f"{rate}",
            f"{rate * _MONTH_SECONDS / _MEAN_OF_PEAK / 1e6:.0f}",
            f"{ceil(rate * sync):,}",
            f"{ceil(rate * slow):,}",
            f"{ceil(rate * worker):,}",
            f"{ceil(rate * units):,}",
            f"{ceil(rate * lot_units):,}",
        ]
        for rate in _RATES
    ]
    heads = [
        "documents a second, at the peak",
        "million a month",
        "sync, at once",
        f"the same, DIAN taking {_SLOW:g} s",
        "workers at once, async or lot",
        "write units a second, sync",
        "lot",
    ]
    return f"""**How many at once.** Little's law: what is under way = what comes a second × the seconds that each takes. A
document straight to DIAN occupies `EmitFunction` for {sync:.1f} s (DIAN {rates.assumed["answers"]["dian"]:g} s, our work and
AWS {sync - rates.assumed["answers"]["dian"]:.1f} s), or a worker for {worker:.1f} s. With a peak of {_MEAN_OF_PEAK} times the
mean:

{table(heads, rows)}"""


def _limits(counted: Mapping[str, Counts], rates: Rates) -> str:
    limits, (sync, worker) = rates.limits, _seconds(counted, rates)
    dian, lot = counted["dian sync"], counted["dian lot"]
    calls, per = (int(each) for each in _default("TokenRequests").split("/"))
    api, emit = int(_default("ApiRequestsPerSecond")), int(_default("EmitConcurrency"))
    settle = int(_default("SettleConcurrency"))
    executions, mapping = limits["lambda_executions"], limits["mapping_executions"]
    partition, fresh = limits["partition_units"], limits["new_table_units"]
    transaction = rates.assumed["latency_ms"]["dynamodb.TransactWriteItems"] / 1000
    shared = _open_units(counted)
    issuer, pending = dian["hottest"]["ISSUER#nit"], dian["hottest"]["rows_by_state:RECORDS#nit#pendiente"]
    opened = OPEN_SHARDS * partition / shared
    rows = [
        ["`ApiRequestsPerSecond`", f"{api}", f"{api} POST", f"parameter: {2 * PEAK:,}, `ApiBurst` {4 * PEAK:,}. The account's own limit is {limits['api_requests']:,.0f}"],
        ["`TokenRequests`, one token", f"{calls:,} in {per} s", f"{calls // per} POST of an ERP", "parameter, or `cauce issuer update NIT --requests`; a lot counts as one"],
        ["Lambda, the account's executions", f"{executions:,.0f}", f"{executions:,.0f} ÷ {sync:.1f} s = {floor(executions / sync)} sync", f"quota «Concurrent executions»: {_round(PEAK * sync * 2):,}, twice what {PEAK} need. It grows by {limits['lambda_growth']:,.0f} in ten seconds"],
        ["`EmitConcurrency`, the queue's workers", f"{emit}; {_production('EmitConcurrency')} in production", f"{emit} ÷ {worker:.1f} s = {emit / worker:.1f} async or by lot", f"parameter, up to {mapping:,.0f}: {floor(mapping / worker)} a second. `WorkersReserved`, which is a limit too, 0 or at least this and twice `IntakeConcurrency`"],
        ["FIFO groups, an issuer straight to DIAN", f"{GROUPS} for lots, {GROUPS} for singles", f"{GROUPS} ÷ {worker:.1f} s = {GROUPS / worker:.1f} of an issuer's lots", "`queues.GROUPS`, in the code; other issuers do not wait. A lot of 10,000 takes " + f"{10_000 * worker / GROUPS / 3600:.1f} h"],
        ["a lot's lines in their lane", f"{UNLIMITED * IN_LANE_SECONDS:.0f}", f"{UNLIMITED * IN_LANE_SECONDS:.0f} each {IN_LANE_SECONDS / 2:g} s = {2 * UNLIMITED:g} of an issuer", "`control.UNLIMITED`, where DIAN is quick and `GROUPS` is raised"],
        ["SQS FIFO, high throughput", f"{limits['fifo_calls']:,.0f} calls", f"{limits['fifo_calls'] / 3:,.0f} (sent, received, deleted)", "nothing"],
        ["the table, new, on demand", f"{fresh:,.0f} units", f"{fresh:,.0f} ÷ {number(_units(dian))} = {floor(fresh / _units(dian))} sync", f"`WarmThroughput` before the day: {_round(PEAK * max(_units(dian), _units(lot)) * 1.2):,}; else it doubles what it has seen, within half an hour. The table's quota is {limits['table_units']:,.0f}"],
        [f"**index `open`**, {OPEN_SHARDS} keys for the whole stack", f"{partition:,.0f} units each", f"{OPEN_SHARDS} × {partition:,.0f} ÷ {number(shared)} = **{floor(opened)}** by queue; {number(dian['hottest']['open:OPEN'])} units and {floor(OPEN_SHARDS * partition / dian['hottest']['open:OPEN']):,} by DIAN sync", f"`keys.OPEN_SHARDS`, in the code: {_shards(shared, partition)}, so that {PEAK} take half of it, at most"],
        ["an issuer's ranges and counts, one key", f"{partition:,.0f} units", f"{partition:,.0f} ÷ {number(issuer)} = {floor(partition / issuer)} of an issuer", f"nothing: {partition / issuer * 86_400 / 1e6:.0f} million a day"],
        ["one range, whose next number is one item", "one transaction at a time", f"1 ÷ {transaction:g} s = {floor(1 / transaction)} of a prefix", "several prefixes (`prefijo`); more callers than that get turns (`make bench`: 64 callers)"],
        ["index `rows_by_state`, an issuer's «pendiente»", f"{partition:,.0f} units", f"{partition:,.0f} ÷ {number(pending)} = {floor(partition / pending)} of an issuer", "nothing"],
        ["`SettleConcurrency`, looks at what has no verdict", f"{settle}", f"{settle} ÷ {worker:.1f} s = {settle / worker:.1f}, one at a time of an issuer", f"parameter: after ten minutes without DIAN at {PEAK} a second, {600 * PEAK:,} looks take {600 * PEAK * worker / settle / 3600:.0f} h with {settle}, {600 * PEAK * worker / mapping / 60:.0f} min with {mapping:,.0f}"],
    ]  # fmt: skip
    heads = ["what limits", "as it comes", "documents a second", "what to do"]
    return f"""**What limits, in the order in which a document meets it.** A key of DynamoDB takes {partition:,.0f} write units a
second, whatever is paid; the units that a document writes under each key are counted as the others are.

{table(heads, rows, numbers=False)}"""


def _open_units(counted: Mapping[str, Counts]) -> float:
    """Write units of a document in the index of what is unfinished, the most of any way."""
    return max(float(counts["hottest"].get("open:OPEN", 0)) for counts in counted.values())


def _round(found: float) -> int:
    return ceil(found / 1000) * 1000


def _shards(units: float, partition: float) -> int:
    """The power of two of shards with which a peak takes half of what each has, at most."""
    shards = 1
    while PEAK * units / shards > partition / 2:
        shards *= 2
    return shards


def _providers(counted: Mapping[str, Counts]) -> str:
    rows = []
    for provider, title in played.PROVIDERS.items():
        cls = provider_class(provider.partition("-")[0])
        pace = cls.declare(played.settings_of(provider)).pace
        each = priced.provider_calls(counted[f"{provider} async"])
        if pace is None:
            rows.append([title, "none known", number(each), "as many as it answers"])
            continue
        hourly = pace.calls / pace.seconds * 3600 / each
        rows.append([title, f"{pace.calls} in {pace.seconds} s", number(each), f"{hourly:,.0f} an hour"])
    return f"""**The provider's pace** is for each credential, so an issuer's documents wait for it and nobody else's do: more
workers help nobody behind it. Agree another with the provider and set it (`--setting factus.pace=…`).

{table(["provider", "calls of a credential", "calls for a document", "documents of an issuer"], rows)}"""


def _mode(rates: Rates) -> str:
    hour, unit = rates.usd("write_capacity_hour"), rates.usd("write_unit")
    share = hour / 3600 / unit
    return f"""**On demand or provisioned.** A provisioned write unit costs {hour / 3600 * 1e6:.2f} dollars a million if it is
used all the time, one on demand {unit * 1e6:.3f}: provisioned is cheaper where more than {share:.0%} of it is used, all
hours of the month together. A peak of {_MEAN_OF_PEAK} times the mean uses {1 / _MEAN_OF_PEAK:.0%} if it is provisioned for the
peak: stay on demand, unless the load is flat."""


def _peak(counted: Mapping[str, Counts], rates: Rates) -> str:
    sync, _ = _seconds(counted, rates)
    documents = PEAK / _MEAN_OF_PEAK * _MONTH_SECONDS
    parts = priced.document(rates, counted["dian sync"], cold_share=0.01)
    kept = rates.limits["traces_kept"]
    each = sum(parts.values()) - parts["X-Ray"] * (1 - kept)
    puts = priced.calls(counted["dian sync"], "s3.PutObject")
    return f"""**A national peak of {PEAK} documents a second, straight to DIAN.** {PEAK} × {sync:.1f} s = {ceil(PEAK * sync):,}
executions at once; {PEAK} × {number(_units(counted["dian sync"]))} = {ceil(PEAK * _units(counted["dian sync"])):,} write units a
second; {PEAK * puts:,.0f} PUT a second in S3, which takes 3,500 for each prefix of its keys; {PEAK} calls a second of DIAN, of whose limits
nothing is published: ask before. So:

1. Quotas, weeks before: Lambda's executions {_round(PEAK * sync * 2):,}, in the account of the stack alone.
2. Parameters: `ApiRequestsPerSecond={2 * PEAK}`, `ApiBurst={4 * PEAK}`, `EmitConcurrency={rates.limits["mapping_executions"]:.0f}`.
3. Code: `keys.OPEN_SHARDS` {OPEN_SHARDS} → {_shards(_open_units(counted), rates.limits["partition_units"])}. It may grow, never shrink: the schedule reads as many shards as it says.
4. The day before: `WarmThroughput` of the table and of its indexes.
5. Let ERPs post (sync) rather than send lots: the queue's workers end at {rates.limits["mapping_executions"]:,.0f} at once.
6. If DIAN slows down to {_SLOW:g} s, {ceil(PEAK * (sync + _SLOW - rates.assumed["answers"]["dian"])):,} would be at once. Requests beyond the quota are
   refused before anything is taken in, and the ERP repeats them with the same `referencia`.

At a tenth of it as the mean that is {documents / 1e6:.0f} million documents a month, for {dollars(documents * each)}
(X-Ray then keeps a twentieth of the traces)."""
