"""Ranges that are authorised to no issuer: the public test range, and the internal ranges of notes. Pure.

Sources: Anexo Técnico 1.9, 13 (test range); Anexo DS 1.1. Notes need no authorisation: an issuer numbers them as it
likes, with letters and digits only, and never zero.
"""

from collections.abc import Mapping
from datetime import date

from pydantic import SecretStr

from cauce.domain.document import Kind
from cauce.domain.ranges import CONTINGENCY, NumberingRange

NAME = "dian"

TEST_RESOLUTION = "18760000001"
TEST_KEY = SecretStr("fc8eac422eba16e22ffd8c6f94b3f40a6e38162c")
"""The technical key of every range of the test resolution: the same for everybody, published by DIAN."""

TEST_RANGE = NumberingRange(
    provider=NAME,
    kind=Kind.INVOICE,
    prefix="SETP",
    resolution=TEST_RESOLUTION,
    start=990_000_000,
    end=995_000_000,
    valid_from=date(2019, 1, 19),
    valid_to=date(2030, 1, 19),
    technical_key=TEST_KEY,
)
"""The range in which an issuer with software of its own numbers its test invoices."""

# For each kind of note: the setting that names its range's prefix, and the usual prefix, taken where it is not set.
_INTERNAL = {
    "credit_note_prefix": ("NC", Kind.CREDIT_NOTE),
    "debit_note_prefix": ("ND", Kind.DEBIT_NOTE),
    "adjustment_note_prefix": ("NA", Kind.ADJUSTMENT_NOTE),
    "equivalent_note_prefix": ("NE", Kind.EQUIVALENT_NOTE),
}
_MOST = 999_999_999


def internal(settings: Mapping[str, str]) -> list[NumberingRange]:
    """The ranges of notes, which DIAN does not authorise."""
    return [
        NumberingRange(provider=NAME, kind=kind, prefix=settings.get(setting) or prefix, start=1, end=_MOST)
        for setting, (prefix, kind) in _INTERNAL.items()
    ]


def is_for_sales(numbering_range: NumberingRange) -> bool:
    """Whether ordinary invoices take their numbers from a range, and not only transcriptions of paper ones."""
    return numbering_range.kind is Kind.INVOICE and numbering_range.provider_type != CONTINGENCY


def technical_key(numbering_range: NumberingRange | None) -> SecretStr | None:
    """The key from which the CUFE of a range's invoices is computed. A record's copy of a range has none, but that of
    the test resolution is public."""
    if numbering_range is None:
        return None
    if numbering_range.technical_key is None and numbering_range.resolution == TEST_RESOLUTION:
        return TEST_KEY
    return numbering_range.technical_key


def is_key_missed(numbering_range: NumberingRange) -> bool:
    """Whether a range has a technical key which is not in this value and is not the public one."""
    return numbering_range.key_withheld and technical_key(numbering_range) is None
