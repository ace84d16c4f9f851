"""An issuer's calls to its provider: when they leave, and which must not leave.

While the breaker of the issuer or of the host is open, only the holder of its probe may call. For DIAN's invoices: one
issued in contingency (type 04) leaves only once DIAN has denied the ordinary invoice of the same number, if that one
may have arrived; after that the ordinary invoice is never sent again; and what may have arrived is sent again only as
the same bytes.
"""

import base64
import hashlib
import io
import re
import zipfile
from bisect import bisect_left
from dataclasses import dataclass
from itertools import count

import httpx

from cauce.domain.record import IN_CONTINGENCY
from tests.simulators.dian.document import Document
from tests.torture.timeline import Timeline
from tests.torture.watch import Watch

_FILE = re.compile(rb"contentFile>([^<]+)<")
_ASKED = re.compile(rb"trackId>([0-9a-f]{96})<")
_CODE = re.compile(rb"StatusCode>([^<]*)<")
_REPEATED = b"Regla: 90"
# DIAN's StatusCodes: 66, it lacks the document asked about; 99 (rejected), 89 (a wrong file) and 500 (it broke down
# before it decided), it did not take the document that was sent.
_DENIED, _NOT_TAKEN = b"66", frozenset({b"99", b"89", b"500"})
_ABSENT_AFTER = 3
"""Denials in a row that prove an absence: DIAN may deny for a while what it has just received."""


class Calls:
    """The calls of one issuer."""

    def __init__(self, nit: str, provider: str, host: str, watch: Watch, timeline: Timeline):
        self._nit = nit
        self._provider = provider
        self._host = host
        self._watch = watch
        self._timeline = timeline
        self._places = count()
        self.moments: list[float] = []
        """When each call left, in seconds since the episode began."""
        self.first_sent: dict[str, int] = {}
        """By record: the position, among the issuer's calls that create a document, of the first for this record."""

    def leaves(self) -> None:
        """A call leaves its container."""
        self.moments.append(self._timeline.elapsed)
        task, document_id = self._timeline.running, self._watch.at_hand
        breakers = self._watch.breakers
        if task is not None and not breakers.allow(self._nit, self._provider, self._host, task):
            self._watch.breach(
                document_id or self._provider, "its provider was called, whose breaker is open"
            )

    def arrives(self, request: httpx.Request, *, creates: bool) -> None:
        """The call's connection was not refused: it reaches the provider, or its outage."""
        document_id = self._watch.at_hand
        if creates and document_id is not None:
            self.first_sent.setdefault(document_id, next(self._places))

    def answered(self, request: httpx.Request, answer: httpx.Response) -> None:
        """The caller was given this answer."""

    def fullest(self, seconds: float) -> int:
        """The most calls in any window of this many seconds."""
        found = sorted(self.moments)
        return max((bisect_left(found, begin + seconds) - n for n, begin in enumerate(found)), default=0)


@dataclass
class _Invoice:
    """An invoice that was sent, under one CUFE."""

    number: str
    type_code: str
    digest: str
    denials: int | None = 0
    """How often DIAN denied it since it last arrived or may have arrived; None where it surely never arrived."""


class DianCalls(Calls):
    """The calls of an issuer that emits through DIAN itself."""

    def __init__(self, nit: str, provider: str, host: str, watch: Watch, timeline: Timeline):
        super().__init__(nit, provider, host, watch, timeline)
        self._sent: dict[str, _Invoice] = {}
        """By CUFE."""

    def arrives(self, request: httpx.Request, *, creates: bool) -> None:
        super().arrives(request, creates=creates)
        invoice = _invoice_in(request)
        if invoice is None:
            return
        uuid, leaving = invoice
        self._look_at(uuid, leaving)
        self._sent[uuid] = leaving

    def answered(self, request: httpx.Request, answer: httpx.Response) -> None:
        code = _CODE.search(answer.content)
        asked = _ASKED.search(request.content)
        if asked is not None:
            found = self._sent.get(asked[1].decode())
        else:
            sent = _invoice_in(request)
            found = self._sent.get(sent[0]) if sent is not None else None
        if found is None or found.denials is None:
            return
        if code is not None and code[1] == _DENIED:
            found.denials += 1
        elif (asked is None and answer.status_code == 429) or is_refusal(answer):
            found.denials = None

    def _look_at(self, uuid: str, leaving: _Invoice) -> None:
        before = self._sent.get(uuid)
        document_id, record = self._watch.numbered(self._nit, leaving.number)
        if before is not None and before.denials is not None and before.digest != leaving.digest:
            self._watch.breach(document_id, f"{uuid[:8]}… was sent again with other bytes")
        if record is not None and record.in_contingency is not (leaving.type_code == IN_CONTINGENCY):
            self._watch.breach(document_id, f"sent as type {leaving.type_code}, which it is not any more")
        if leaving.type_code != IN_CONTINGENCY or document_id in self._watch.decided:
            return
        self._watch.counts["contingency: sent to DIAN"] += 1
        for other, ordinary in self._sent.items():
            same_number = ordinary.number == leaving.number and ordinary.type_code != IN_CONTINGENCY
            if same_number and ordinary.denials is not None and ordinary.denials < _ABSENT_AFTER:
                self._watch.breach(
                    document_id,
                    f"sent as type 04, and DIAN, which may have the ordinary one {other[:8]}…, has denied it "
                    f"{ordinary.denials} times",
                )


def is_refusal(answer: httpx.Response) -> bool:
    """Whether DIAN says that it decided, and does not have the document. Rule 90 says the opposite, so it is no
    refusal.
    """
    code = _CODE.search(answer.content)
    return code is not None and code[1] in _NOT_TAKEN and _REPEATED not in answer.content


def _invoice_in(request: httpx.Request) -> tuple[str, _Invoice] | None:
    """The CUFE of the invoice in a request, and the invoice; None where the request has no invoice."""
    found = _FILE.search(request.content)
    if found is None:
        return None
    with zipfile.ZipFile(io.BytesIO(base64.b64decode(found[1]))) as archive:
        content = archive.read(archive.namelist()[0])
    document = Document(content)
    if document.kind != "invoice":
        return None
    digest = hashlib.sha256(content).hexdigest()
    return document.uuid, _Invoice(document.number, document.type_code, digest)
