"""``python -m tests.torture``: plays episodes on every core until there are enough documents, then shows the counts.

``SEED=2026`` plays the episodes of that seed, ``SEED=2026/17`` only its seventeenth, with the traces of the records
that broke a promise; ``DOCUMENTS=5000`` is how many documents are enough.
"""

import argparse
import multiprocessing
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from itertools import count

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from tests.torture.episode import ORDERS, Report, play_safely

DOCUMENTS = 5000
_MOST_SHOWN = 20
_GROUPS = {
    "send: ": "a send met",
    "question: ": "a question met",
    "settling: ": "the schedule",
    "outage: ": "an outage:",
    "contingency: ": "in contingency:",
}


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument(
        "--seed", default=os.environ.get("SEED") or str(random.SystemRandom().randrange(10**6))
    )
    asked.add_argument("--documents", type=int, default=DOCUMENTS)
    asked.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    options = asked.parse_args()
    # The iteration order of a set of strings must be the same in every run.
    os.environ["PYTHONHASHSEED"] = "0"
    out = Console(highlight=False)
    alone = "/" in options.seed
    seeds = iter([options.seed]) if alone else (f"{options.seed}/{n}" for n in count(1))
    out.print(
        f"[b]torture[/b]  SEED={options.seed}  {options.documents} documents  {options.workers} workers"
    )
    began = time.monotonic()
    reports = _played(seeds, options.documents, options.workers, out)
    _show(out, reports, time.monotonic() - began)
    broken = [report for report in reports if report.breaches]
    for report in broken:
        _explain(out, report, whole=alone)
    if broken:
        out.print(
            f"\n[red bold]{len(broken)} of {len(reports)} episodes broke a promise.[/red bold] Replay one:"
        )
        for report in broken[:_MOST_SHOWN]:
            out.print(f"  make torture SEED={report.seed}")
        return 1
    out.print(
        f"\n[green bold]Every promise held.[/green bold] The same again: make torture SEED={options.seed}"
    )
    return 0


def _played(seeds: Iterator[str], documents: int, workers: int, out: Console) -> list[Report]:
    """The reports of as many episodes as are needed, in the order of their seeds."""
    reports: list[Report] = []
    shown = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total} documents"),
        TextColumn("{task.fields[found]}"),
        TimeElapsedColumn(),
        console=out,
        disable=not out.is_terminal,
    )
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=spawn) as pool, shown:
        bar = shown.add_task("under fire", total=documents, found="")
        running: set[Future[Report]] = set()
        done = 0
        while True:
            while len(running) < workers and done + ORDERS * len(running) < documents:
                seed = next(seeds, None)
                if seed is None:
                    break
                running.add(pool.submit(play_safely, seed))
            if not running:
                break
            ended, running = wait(running, return_when=FIRST_COMPLETED)
            for future in ended:
                report = future.result()
                reports.append(report)
                done += report.orders
                breaches = sum(len(each.breaches) for each in reports)
                killed = sum(each.counts["container killed"] for each in reports)
                found = f"{killed} kills  {f'[red]{breaches} breaches[/red]' if breaches else 'no breach'}"
                shown.update(bar, completed=done, found=found)
                if not out.is_terminal:
                    out.print(f"  {report.seed}: {done} documents, {breaches} breaches")
                    if report.breaches:  # told at once, in case the run is interrupted
                        _explain(out, report, whole=True)
    return sorted(reports, key=lambda report: int(report.seed.rpartition("/")[2] or 0))


def _show(out: Console, reports: list[Report], seconds: float) -> None:
    total: Counter[str] = Counter()
    for report in reports:
        total.update(report.counts)
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("")
    table.add_column("", justify="right")
    for name in sorted(total):
        if name.startswith("settling: oldest"):
            continue
        for prefix, shown in _GROUPS.items():
            if name.startswith(prefix):
                table.add_row(f"[dim]{shown}[/dim] {escape(name.removeprefix(prefix))}", f"{total[name]:,}")
                break
        else:
            table.add_row(escape(name), f"{total[name]:,}")
    out.print(table)
    out.print(f"[dim]{len(reports)} episodes in {seconds:.0f} s[/dim]")


def _explain(out: Console, report: Report, *, whole: bool) -> None:
    out.print(f"\n[red]SEED={report.seed}[/red]")
    shown = report.breaches if whole else report.breaches[:_MOST_SHOWN]
    for document_id, what in shown:
        out.print(f"  {document_id}  {escape(what)}")
    for document_id in dict.fromkeys(document_id for document_id, _ in shown) if whole else ():
        out.print(f"\n  [b]{document_id}[/b]")
        for line in report.traces.get(document_id, []):
            out.print(f"  {escape(line)}", soft_wrap=True)


if __name__ == "__main__":
    sys.exit(main())
