"""Ranges: what GetNumberingRange answers. Pure. Source: Anexo Técnico 1.9, 7."""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

from pydantic import SecretStr

from cauce.domain.document import Kind
from cauce.domain.errors import CredentialsRejected, NotSent, NumberingUnavailable, OutcomeUnknown
from cauce.domain.ranges import CONTINGENCY, NumberingRange
from cauce.ubl import reading
from cauce.ubl.own_ranges import NAME

if TYPE_CHECKING:
    from lxml.etree import _Element as Element


def authorised(result: "Element", raw: bytes, settings: Mapping[str, str]) -> list[NumberingRange]:
    """The ranges in an answer.

    Raises NumberingUnavailable where DIAN has none for the issuer or none for the software, CredentialsRejected
    where the software is not the issuer's.
    """
    code = reading.text(result, "OperationCode")
    said = reading.text(result, "OperationDescription")
    match code:
        case "100":
            listed = reading.child(result, "ResponseList")
            rows = [] if listed is None else reading.children(listed)
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


def prefixes(settings: Mapping[str, str], name: str) -> frozenset[str]:
    """The prefixes in a setting, separated by commas; none by default.

    ``support_prefixes`` are of support documents, ``equivalent_prefixes`` of documentos equivalentes,
    ``contingency_prefixes`` of paper invoices. GetNumberingRange does not say what a range is for. [inferred] that
    only the ranges of ordinary invoices have a technical key; what a range without one is for, an operator must set.
    """
    return frozenset(each.strip() for each in settings.get(name, "").split(",") if each.strip())


def _range(row: "Element", raw: bytes, settings: Mapping[str, str]) -> NumberingRange:
    prefix, key = reading.text(row, "Prefix"), reading.text(row, "TechnicalKey")
    kind = Kind.INVOICE if key else None
    provider_type = None
    if prefix in prefixes(settings, "support_prefixes"):
        kind = Kind.SUPPORT_DOCUMENT
    elif prefix in prefixes(settings, "equivalent_prefixes"):
        kind = Kind.EQUIVALENT_DOCUMENT
    elif prefix in prefixes(settings, "contingency_prefixes"):
        kind, provider_type = Kind.INVOICE, CONTINGENCY
    try:
        return NumberingRange(
            provider=NAME,
            kind=kind,
            prefix=prefix,
            provider_type=provider_type,
            resolution=reading.text(row, "ResolutionNumber") or None,
            start=int(reading.text(row, "FromNumber")),
            end=int(reading.text(row, "ToNumber")),
            valid_from=_day(reading.text(row, "ValidDateFrom")),
            valid_to=_day(reading.text(row, "ValidDateTo")),
            # In the form in which it enters the CUFE: lowercase, without blanks.
            technical_key=SecretStr("".join(key.split()).lower()) if key else None,
        )
    except ValueError:  # the error's text may quote the key
        raise OutcomeUnknown("La DIAN describió un rango que no se entiende.", raw=raw) from None


def _day(text: str) -> date:
    """``2019-01-19``, with or without a time after it."""
    return date.fromisoformat(text[:10])
