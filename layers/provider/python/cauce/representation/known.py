"""What a paper is drawn from: a document as its signed XML says it or, while there is none, as its record asks for.

The signed XML counts wherever it says anything; the record and the issuer say what it cannot: whether DIAN validated
it, and when.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from cauce.domain import catalogs
from cauce.domain import document as domain
from cauce.domain.document import Document, Kind, Party
from cauce.domain.errors import NotFound
from cauce.domain.issuer import Environment, Issuer
from cauce.domain.ranges import NumberingRange
from cauce.domain.record import IN_CONTINGENCY, Record, State
from cauce.domain.totals import Totals, totals
from cauce.ubl import signed
from cauce.ubl.signed import Delivery, Maker, Signed


class Stage(StrEnum):
    """How far a document has come."""

    VALIDATED = "validated"
    CONTINGENCY = "contingency"
    """Issued while DIAN is out, and not yet transmitted or validated."""
    PENDING = "pending"


@dataclass(frozen=True, kw_only=True)
class Known:
    """A document as its paper shows it."""

    document: Document
    sums: Totals
    kind: Kind
    number: str
    uuid: str
    scheme: str
    """CUFE, CUDE or CUDS."""
    nit: str
    """The issuer's."""
    issued_at: datetime
    validated_at: datetime | None
    environment: Environment
    stage: Stage
    issuer: Party | None
    range: NumberingRange | None
    delivery: Delivery | None
    maker: Maker | None


def known(
    record: Record,
    issuer: Issuer,
    numbering: Callable[[], NumberingRange | None],
    signed_xml: bytes | None = None,
) -> Known:
    """What is known of a document. ``numbering``: finds the range of its number, where its XML does not name it.

    Raises NotFound while its provider has told no number or identifier, TypeError for an event.
    """
    if record.number is None or record.uuid is None:
        raise NotFound("El proveedor todavía no dice el número y el CUFE del documento.")
    found = signed.read(signed_xml, record.kind) if signed_xml else None
    if found is None or found.uuid != record.uuid.lower():
        return _of_record(record, issuer, numbering())
    return _of_signed(record, issuer, found, found.range or numbering())


def _of_signed(record: Record, issuer: Issuer, found: Signed, numbering: NumberingRange | None) -> Known:
    return Known(
        document=_paid(_corrected(_coded(found.document, record.document), record.document), record.document),
        sums=found.totals,
        kind=record.kind,
        number=found.number,
        uuid=found.uuid,
        scheme=found.scheme or _scheme(record),
        nit=record.issuer,
        issued_at=found.issued_at or record.issued_at,
        validated_at=record.validated_at or found.validated_at,
        environment=found.environment or issuer.environment,
        stage=_stage(record),
        issuer=_whole(found.issuer, issuer.as_party),
        range=numbering,
        delivery=found.delivery,
        maker=found.maker,
    )


def _of_record(record: Record, issuer: Issuer, numbering: NumberingRange | None) -> Known:
    return Known(
        document=record.document,
        sums=totals(record.document),
        kind=record.kind,
        number=str(record.number),
        uuid=record.uuid or "",
        scheme=_scheme(record),
        nit=record.issuer,
        issued_at=record.issued_at,
        validated_at=record.validated_at,
        environment=issuer.environment,
        stage=_stage(record),
        issuer=issuer.as_party,
        range=numbering,
        delivery=_delivery(record.document.delivery),
        maker=None,
    )


def _delivery(asked: domain.Delivery | None) -> Delivery | None:
    if asked is None:
        return None
    place = ""
    if where := asked.address:
        code = where.municipality
        city, region = where.city, where.region
        if code:
            city, region = catalogs.municipalities().get(code), catalogs.departments().get(code[:2])
        place = ", ".join(filter(None, (where.address, city, region)))
    return Delivery(on=asked.on, place=place, carrier=asked.carrier.name if asked.carrier else "")


def _paid(signed: Document, asked: Document) -> Document:
    """The document with the amounts of its payments, for which its file has no place."""
    if len(signed.payments) != len(asked.payments) or not asked.payments:
        return signed
    return signed.model_copy(update={"payments": asked.payments})


def _coded(signed: Document, asked: Document) -> Document:
    """The document with the codes of its lines: those that were asked for, where a maker writes none."""
    if all(line.code for line in signed.lines) or len(signed.lines) != len(asked.lines):
        return signed
    pairs = zip(signed.lines, asked.lines, strict=True)
    lines = tuple(line if line.code else line.model_copy(update={"code": one.code}) for line, one in pairs)
    return signed.model_copy(update={"lines": lines})


def _corrected(signed: Document, asked: Document) -> Document:
    """The note with what it corrects and why: as it was asked for, where its maker writes neither."""
    if signed.reason or signed.billing_reference:
        return signed
    return signed.model_copy(update={"reason": asked.reason, "billing_reference": asked.billing_reference})


def _whole(told: Party | None, described: Party | None) -> Party | None:
    """The issuer as its file says; what the file leaves out, as its operator described it."""
    if told is None or described is None:
        return told or described
    missing = {name: value for name, value in vars(described).items() if not getattr(told, name)}
    return told.model_copy(update=missing)


def _scheme(record: Record) -> str:
    if record.kind.is_bought:
        return "CUDS"
    # An invoice that transcribes one of paper has no technical key, hence a CUDE.
    return "CUFE" if record.kind is Kind.INVOICE and not record.document.from_paper else "CUDE"


def _stage(record: Record) -> Stage:
    if record.state is State.ACCEPTED:
        return Stage.VALIDATED
    in_contingency = record.kind is Kind.INVOICE and record.document.invoice_type == IN_CONTINGENCY
    return Stage.CONTINGENCY if in_contingency else Stage.PENDING
