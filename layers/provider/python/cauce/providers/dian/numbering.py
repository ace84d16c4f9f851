"""Ranges: what GetNumberingRange answers, the public test range, and the internal ones of notes. Pure.

Sources: Anexo Técnico 1.9, 7 (GetNumberingRange) and 13 (test range); Anexo DS 1.1. Notes need no authorisation:
their numbers are the issuer's own business, only letters and digits, never zero.
"""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

from pydantic import SecretStr

from cauce.domain.document import Kind
from cauce.domain.errors import CredentialsRejected, NotSent, NumberingUnavailable, OutcomeUnknown
from cauce.domain.ranges import CONTINGENCY, NumberingRange
from cauce.providers import soap

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

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
"""What an issuer with software of its own numbers its test invoices in."""

# Setting → prefix of an internal range, and whose it is. Any letters will do; these are what people expect.
_INTERNAL = {
    "credit_note_prefix": ("NC", Kind.CREDIT_NOTE),
    "debit_note_prefix": ("ND", Kind.DEBIT_NOTE),
    "adjustment_note_prefix": ("NA", Kind.ADJUSTMENT_NOTE),
}
_MOST = 999_999_999


def authorised(result: "Element", raw: bytes, settings: Mapping[str, str]) -> list[NumberingRange]:
    """The ranges in an answer.

    Raises NumberingUnavailable where DIAN has none for the issuer or none for the software, CredentialsRejected
    where the software is not the issuer's.
    """
    code = soap.text(result, "OperationCode")
    said = soap.text(result, "OperationDescription")
    match code:
        case "100":
            listed = soap.child(result, "ResponseList")
            rows = [] if listed is None else soap.children(listed)
            return [_range(row, raw, settings) for row in rows]
        case "301":
            raise NumberingUnavailable(f"La DIAN no tiene rangos autorizados para el emisor. {said}".strip())
        case "302":
            raise NumberingUnavailable(
                f"Ningún prefijo está asociado al software; asócielo en el portal de la DIAN. {said}".strip()
            )
        case "303" | "401":
            raise CredentialsRejected(f"El software no es del emisor ante la DIAN. {said}".strip())
        case "500":
            raise NotSent(f"La DIAN no pudo consultar los rangos. {said}".strip(), raw=raw)
    raise OutcomeUnknown(f"La DIAN respondió algo no documentado sobre los rangos: «{code}» {said}", raw=raw)


def internal(settings: Mapping[str, str]) -> list[NumberingRange]:
    """The ranges of notes, which DIAN does not authorise."""
    return [
        NumberingRange(provider=NAME, kind=kind, prefix=settings.get(setting) or prefix, start=1, end=_MOST)
        for setting, (prefix, kind) in _INTERNAL.items()
    ]


def prefixes(settings: Mapping[str, str], name: str) -> frozenset[str]:
    """The prefixes in a setting, separated by commas; none by default.

    ``support_prefixes`` are of support documents, ``contingency_prefixes`` of paper invoices. GetNumberingRange does
    not say what a range is for. [inferred] that only ordinary invoices' ranges have a technical key; what one
    without it is for, an operator must say.
    """
    return frozenset(each.strip() for each in settings.get(name, "").split(",") if each.strip())


def is_for_sales(numbering_range: NumberingRange) -> bool:
    """Whether ordinary invoices take their numbers from it, and not only transcriptions of paper ones."""
    return numbering_range.kind is Kind.INVOICE and numbering_range.provider_type != CONTINGENCY


def technical_key(numbering_range: NumberingRange | None) -> SecretStr | None:
    """The key that a range's invoices are identified with. A record's copy of a range has lost it, but for the
    public one of the test resolution."""
    if numbering_range is None:
        return None
    if numbering_range.technical_key is None and numbering_range.resolution == TEST_RESOLUTION:
        return TEST_KEY
    return numbering_range.technical_key


def is_key_missed(numbering_range: NumberingRange) -> bool:
    """Whether a range has a technical key that is not here."""
    return numbering_range.key_withheld and technical_key(numbering_range) is None


def _range(row: "Element", raw: bytes, settings: Mapping[str, str]) -> NumberingRange:
    prefix, key = soap.text(row, "Prefix"), soap.text(row, "TechnicalKey")
    kind = Kind.INVOICE if key else None
    provider_type = None
    if prefix in prefixes(settings, "support_prefixes"):
        kind = Kind.SUPPORT_DOCUMENT
    elif prefix in prefixes(settings, "contingency_prefixes"):
        kind, provider_type = Kind.INVOICE, CONTINGENCY
    try:
        return NumberingRange(
            provider=NAME,
            kind=kind,
            prefix=prefix,
            provider_type=provider_type,
            resolution=soap.text(row, "ResolutionNumber") or None,
            start=int(soap.text(row, "FromNumber")),
            end=int(soap.text(row, "ToNumber")),
            valid_from=_day(soap.text(row, "ValidDateFrom")),
            valid_to=_day(soap.text(row, "ValidDateTo")),
            # As it is hashed: opaque, in lowercase, without blanks.
            technical_key=SecretStr("".join(key.split()).lower()) if key else None,
        )
    except ValueError:  # its text may quote the key
        raise OutcomeUnknown("La DIAN describió un rango que no se entiende.", raw=raw) from None


def _day(text: str) -> date:
    """``2019-01-19``, with or without a time after it."""
    return date.fromisoformat(text[:10])
