"""Preflight: what DIAN would say of a document, as far as it can be known before sending it.

``rules`` lists DIAN's rules, and where each is dealt with; ``document`` checks requests before a number is spent,
``xml`` checks files, ours or not. All of it is pure.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from cauce.domain.document import Document, Kind
from cauce.domain.errors import InvalidDocument
from cauce.domain.issuer import Issuer
from cauce.domain.outcome import Finding
from cauce.domain.ranges import NumberingRange
from cauce.domain.time import bogota
from cauce.ubl.preflight.document import Issue, case_of, header, lines
from cauce.ubl.preflight.rules import LETTERS, Hit, finding

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_CREDIT = "2"


def findings(
    document: Document,
    issuer: Issuer,
    numbering_range: NumberingRange | None,
    *,
    issued_at: datetime,
    now: datetime | None,
    other_dates: bool = False,
) -> list[Finding]:
    """What DIAN would say of a document that has no number yet, under the paths of the domain.

    Without a range the checks that need one are left out; without ``now``, those that need today's date.
    ``other_dates``: a date of issue that is not today's is only a notice. The environment is the issuer's.
    """
    day = bogota(issued_at).date()
    issue = Issue(range=numbering_range, at=issued_at, day=day, now=now, other_dates=other_dates)
    of_issue = header.check_issue(case_of(document, issuer), issue)
    hits = (*of_issue, *document.once(look_over, issuer))
    return [finding(hit, LETTERS[document.kind]) for hit in hits]


def look_over(document: Document, issuer: Issuer) -> tuple[Hit, ...]:
    """What ``findings`` says of a document on any day and in any range, which it looks for once."""
    case = case_of(document, issuer)
    return (*header.check(case), *lines.check(case))


def xml_findings(root: "Element") -> list[Finding]:
    """What DIAN would say of a signed file, ours or not, under the paths of its elements.

    Its signature, its schema and the value of its identifier are not verified here. A file of a sort that DIAN does
    not validate (an AttachedDocument, DIAN's own answer) has no findings.
    """
    from cauce.ubl.preflight.xml import check as file_hits  # on use: an emission reads no file
    from cauce.ubl.preflight.xml.file import read

    file = read(root)
    return [] if file is None else [finding(hit, file.letters) for hit in file_hits(file)]


def event_findings(invoice: "Element") -> list[Finding]:
    """What DIAN would say of any event on an invoice, given the invoice: only one on credit has events."""
    from cauce.ubl.preflight.xml.file import read, text_of

    file = read(invoice)
    forms = [] if file is None else file.all("cac:PaymentMeans/cbc:ID")
    if not forms or _CREDIT in map(text_of, forms):
        return []
    hit = Hit("LGC62", "invoice_uuid", "una factura a crédito", "una de contado")
    return [finding(hit, LETTERS[Kind.EVENT])]


def refuse(found: Sequence[Finding]) -> None:
    """Raise InvalidDocument with every rejection under its field, if there is one."""
    fields: dict[str, list[str]] = {}
    rejections = [each for each in found if each.is_rejection]
    for each in rejections:
        fields.setdefault(each.field, []).append(each.sentence)
    if rejections:
        rules = ", ".join(dict.fromkeys(each.rule for each in rejections))
        raise InvalidDocument(
            f"La DIAN rechazaría el documento: {rules}.", fields=fields, findings=tuple(found)
        )
