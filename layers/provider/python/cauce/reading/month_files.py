"""A month's documents as files: the signed XML of each that is valid and, where it is asked for, its PDF, for whoever
keeps the books.

Like the close it is read in parts, by date of issue, since an answer has room for some hundreds of them. Nothing is
written and no provider is asked: what is not in the archive yet is only named.
"""

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from cauce import faults
from cauce.domain.record import Record, State
from cauce.exchange import contingency
from cauce.gateway import HandingOver
from cauce.reading.close import Month
from cauce.ubl import files

MOST_DOCUMENTS = 400
"""Of one part: each is a read from the archive of some 20 ms."""
MOST_PAPERS = 100
"""Of one part with PDFs: to draw one takes some 60 ms, of a long one a second."""
_TO_FINISH_SECONDS = 8.0
"""A part ends where less time is left: its ZIP is still to be made, and sent."""
_ENTRY_BYTES = 500
"""What a ZIP says of a file besides its content, at most."""


@dataclass(frozen=True)
class File:
    """A file of a document."""

    record: Record
    extension: str
    content: bytes = field(repr=False)

    @property
    def size(self) -> int:
        """What it takes in the ZIP."""
        return len(zlib.compress(self.content, level=3)) + _ENTRY_BYTES


@dataclass
class Part:
    """A part of the month."""

    files: list[File] = field(default_factory=list)
    absent: list[Record] = field(default_factory=list)
    """Valid documents whose XML is not in the archive yet."""
    too_large: list[Record] = field(default_factory=list)
    """Those whose files alone are more than an answer has room for."""
    next: str | None = None
    """The position behind which the next part starts."""

    def add(self, record: Record, found: list[File]) -> None:
        """A valid document, with its files where there are any."""
        self.files += found
        if not found:
            self.absent.append(record)


def part(
    gateway: HandingOver, nit: str, month: Month, start: str | None, most_bytes: int, *, with_pdf: bool
) -> Part:
    """The files of the month's valid documents behind ``start``, as many as ``most_bytes`` and the time allow."""
    made, last, left = Part(), start, most_bytes
    most = MOST_PAPERS if with_pdf else MOST_DOCUMENTS
    records = gateway.listing.between(nit, month.first, month.last, start)
    for taken, (position, record) in enumerate(records):
        if taken and (taken == most or faults.seconds_left() < _TO_FINISH_SECONDS):
            made.next = last
            break
        found = list(_files(gateway, record, with_pdf=with_pdf))
        size = sum(each.size for each in found)
        if left < size <= most_bytes:
            made.next = last
            break
        last = position
        if record is None or not _is_valid(record):
            continue
        if size > most_bytes:
            made.too_large.append(record)
            continue
        made.add(record, found)
        left -= size
    return made


def _is_valid(record: Record) -> bool:
    return record.state is State.ACCEPTED or contingency.may_be_handed_over(record)


def _files(gateway: HandingOver, record: Record | None, *, with_pdf: bool) -> Iterator[File]:
    if record is None or record.signed_xml is None or not _is_valid(record):
        return
    xml = gateway.archive.read(record.signed_xml)
    yield File(record, "xml", xml)
    if with_pdf and record.event is None:
        from cauce.reading import delivery  # what draws takes long to import

        yield File(record, "pdf", delivery.drawn(gateway, record, xml))


def zipped(named: Mapping[str, bytes]) -> bytes:
    """Files under their names as one ZIP."""
    return files.zipped(named)
