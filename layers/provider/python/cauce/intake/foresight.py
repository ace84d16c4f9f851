"""Findings: what we ourselves say of a document before its provider or DIAN has seen it."""

from collections.abc import Callable
from datetime import datetime

from cauce import law
from cauce.domain.document import Document
from cauce.domain.finding import Finding
from cauce.domain.outcome import Message, Origin
from cauce.domain.ranges import NumberingRange
from cauce.domain.record import Record
from cauce.domain.time import bogota
from cauce.law import correction
from cauce.providers.base import Provider

# Findings that a record keeps for good, and the characters of each: a document of thousands of lines may break a rule
# on each.
_MOST = 100
_LONGEST = 500


def seen(
    provider: Provider,
    document: Document,
    numbering_range: NumberingRange | None,
    now: datetime,
    corrected: Record | None = None,
) -> tuple[Finding, ...]:
    """What is odd in a document by law, and what DIAN would notify, as far as it can be known.

    ``corrected``: our record of the document that a note corrects, if we have one.
    """
    against = correction.findings(document, corrected) if corrected is not None else ()
    by_law = law.findings(document, bogota(now).date())
    return (*by_law, *against, *provider.findings(document, numbering_range, now))


def findings(
    provider: Provider,
    document: Document,
    numbering_range: NumberingRange | None,
    now: datetime,
    corrected: Record | None = None,
    said: Callable[[str], str] = str,
) -> tuple[Message, ...]:
    """The findings that a document's record keeps, and notices where its provider computes other amounts than we.

    ``said``: the request's own name for a path of the domain. A finding is kept under that name, which only the
    request tells.
    """
    found = [
        _message(each, said(each.field)) for each in seen(provider, document, numbering_range, now, corrected)
    ]
    found += provider.computed(document).notices
    if len(found) <= _MOST:
        return tuple(found)
    more = f"Hay {len(found) - _MOST} hallazgos más; valide el documento con ?validar=solo para verlos todos."
    return (*found[:_MOST], Message(text=more, origin=Origin.CAUCE))


def _message(finding: Finding, field: str) -> Message:
    text = finding.sentence
    cut = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
    return Message(text=cut, rule=finding.rule, field=field, origin=Origin.CAUCE)
