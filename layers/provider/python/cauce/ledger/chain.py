"""Writes into each issuer's ledger what was settled since, in the order of its news, and has it signed.

Nothing of this is within an emission, and whatever dies here is taken up by the next run: the segment that is in the
archive counts, whoever wrote it.
"""

import hashlib
import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import NamedTuple

from cauce import faults
from cauce.domain.ledger import End, Entry, Facts, Segment, entry
from cauce.domain.news import News, NewsType, OfRecord
from cauce.domain.record import SHOWN_STATE, Record
from cauce.domain.time import bogota
from cauce.gateway import Chaining

_log = logging.getLogger("cauce")

EVERY = timedelta(minutes=15)
"""How far apart the schedule's runs are, by the template."""
MOST = 100
"""Pieces of news that one segment is made of, at most."""
# Documents whose files are read at the same time.
_AT_ONCE = 8
# No segment is begun with less time than this left.
_SEGMENT_SECONDS = 30.0
_SETTLED = frozenset({NewsType.ACCEPTED, NewsType.REJECTED, NewsType.FAILED})


class Extended(NamedTuple):
    entries: int
    """How many were written."""
    stuck: int
    """Ledgers that could not be extended."""


def extend_all(gateway: Chaining) -> Extended:
    """Extend every issuer's ledger while time is left. Which issuer is the first is another in each run, so that none
    is always the last."""
    if not gateway.ledger.has_key:
        return Extended(0, 0)
    nits = sorted(issuer.nit for issuer in gateway.issuers.all())
    start = int(gateway.now().timestamp() // EVERY.total_seconds()) % len(nits) if nits else 0
    written = stuck = 0
    for nit in nits[start:] + nits[:start]:
        if faults.seconds_left() < _SEGMENT_SECONDS:
            break
        try:
            written += extend(gateway, nit)
        except (
            Exception
        ) as trouble:  # a newer Cauce wrote one of its documents, or it is broken: the others go on
            if faults.is_fault(trouble):
                raise
            stuck += 1
            _log.exception("a ledger could not be extended", extra={"issuer": nit})
    return Extended(written, stuck)


def extend(gateway: Chaining, nit: str) -> int:
    """Extend an issuer's ledger to the present; how many entries this run wrote. Of two runs at once one goes on."""
    written = 0
    while faults.seconds_left() >= _SEGMENT_SECONDS:
        end = gateway.ledger.end(nit)
        page = gateway.news.page(nit, end.read_to, MOST)
        if not page.rows:
            break
        settled = [told for _, told in page.rows if told.type in _SETTLED]
        after = (
            _extended(gateway, nit, end, settled, page.next) if settled else end._replace(read_to=page.next)
        )
        if not gateway.ledger.move(nit, end, after):
            break
        written += after.entries - end.entries
        if page.is_last:
            break
    return written


def _extended(gateway: Chaining, nit: str, end: End, settled: Sequence[News], read_to: str) -> End:
    """The ledger's end after these entries; or after those of a segment that another run wrote in their place."""
    segment = _segment(gateway, nit, end, settled, read_to)
    if not gateway.ledger.write(segment):
        segment = gateway.ledger.segment(nit, end.entries + 1)
    gateway.ledger.index(segment)
    return End(segment.last, segment.entries[-1].hash, segment.read_to)


def _segment(gateway: Chaining, nit: str, end: End, settled: Sequence[News], read_to: str) -> Segment:
    told = [(each, each.record) for each in settled if each.record is not None]
    records = [gateway.records.read(nit, about.document_id) for _, about in told]
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        files = list(threads.map(lambda record: _hashes(gateway, record), records))
    entries: list[Entry] = []
    before = end.hash
    for place, ((each, about), record) in enumerate(zip(told, records, strict=True)):
        facts = _facts(end.entries + 1 + place, each, about, record, files[place])
        entries.append(entry(before, facts))
        before = entries[-1].hash
    at = bogota(gateway.now()).isoformat()
    signature = gateway.ledger.signed(nit, end.entries + len(entries), before, at)
    return Segment(issuer=nit, before=end.hash, entries=tuple(entries), read_to=read_to, signature=signature)


def _hashes(gateway: Chaining, record: Record) -> dict[str, str]:
    return {each.name: hashlib.sha256(each.body).hexdigest() for each in gateway.archive.files(record)}


def _facts(number: int, told: News, about: OfRecord, record: Record, files: dict[str, str]) -> Facts:
    return {
        "n": number,
        "novedad": told.id,
        "momento": bogota(told.at).isoformat(),
        "tracking_id": about.document_id,
        "version": about.version,
        "estado": SHOWN_STATE[about.state],
        "numero_completo": about.number,
        "cufe": about.uuid,
        "contenido_sha256": record.content_hash,
        "archivos": files,
    }
