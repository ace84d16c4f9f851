"""Reads a signed document of any maker into what its paper shows: the document, its totals, who made it with what.

Tolerant: DIAN has validated the file, so what is missing is optional, and what is odd is shown as it is. Amounts are
the file's own and are never computed anew. The values are built without validation: some makers write what our own
contract would refuse. ``None`` for a file without lines or totals, from which no paper can be drawn.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from cauce.domain import catalogs
from cauce.domain.document import (
    NOTES,
    Benefits,
    BillingPeriod,
    BillingReference,
    DeliveryTerms,
    Document,
    ExchangeRate,
    Kind,
    Line,
    NoteReference,
    OrderReference,
    OtherReference,
    PaperInvoice,
    Participant,
    Party,
    Payment,
    PaymentPart,
    Prepayment,
    Reason,
    Till,
    TradeReference,
)
from cauce.domain.issuer import Environment
from cauce.domain.money import ZERO
from cauce.domain.ranges import NumberingRange
from cauce.domain.time import BOGOTA, bogota
from cauce.domain.totals import LineTotals, Totals
from cauce.ubl import reading, signed_health, signed_lines
from cauce.ubl.facts import FROM_PAPER
from cauce.ubl.signed_lines import CAC, CBC, figure

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_ROOTS = ("Invoice", "CreditNote", "DebitNote")
_PESO = "COP"
_DIGITS = re.compile(r"[0-9]{1,18}")
# The chain of a CUFE, which some makers write as a note: it ends with the technical key, which is nobody else's.
_CHAIN = re.compile(r"\S{1,20}\d{4}-\d\d-\d\d\d\d:\d\d:\d\d[+-]\d\d:\d\d\S+")


@dataclass(frozen=True, kw_only=True)
class Maker:
    """The software that made the file. ``provider``: the NIT under which DIAN knows it, its owner's; the rest as the
    file's extension about its maker says, which invoices need not have."""

    provider: str
    software: str = ""
    name: str = ""
    nit: str = ""


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """When and where the goods were delivered or the service was rendered, and who carried them."""

    on: date | None
    place: str
    carrier: str = ""


@dataclass(frozen=True, kw_only=True)
class Signed:
    """A signed document, read."""

    document: Document
    totals: Totals
    """Added to the payable amount, or below 0."""
    number: str
    uuid: str
    scheme: str
    """CUFE, CUDE or CUDS; empty where the file does not say."""
    issued_at: datetime | None
    validated_at: datetime | None
    """When DIAN validated it, as the container around it tells."""
    environment: Environment | None
    issuer: Party | None
    range: NumberingRange | None
    maker: Maker | None
    delivery: Delivery | None


def read(raw: bytes, kind: Kind) -> Signed | None:
    """What the file says; ``kind``: of the document that it is known to be."""
    root = reading.parsed(raw)
    validated_at = None
    if root is not None and reading.local(root) == "AttachedDocument":
        validated_at = _validated_at(root)
        root = _enclosed(root)
    if root is None or reading.local(root) not in _ROOTS:
        return None
    lines, of_lines = signed_lines.read(root)
    sums = _totals(root, of_lines)
    if not lines or sums is None:
        return None
    seller, buyer = _party(root, "AccountingSupplierParty"), _party(root, "AccountingCustomerParty")
    issuer, other = (buyer, seller) if kind.is_bought else (seller, buyer)
    if other is None:
        return None
    uuid = root.find(CBC + "UUID")
    return Signed(
        document=_document(root, kind, other, lines),
        totals=sums,
        number=_text(root, "ID"),
        uuid=_text(root, "UUID").lower(),
        scheme=(uuid.get("schemeName") or "").partition("-")[0] if uuid is not None else "",
        issued_at=_moment(_text(root, "IssueDate"), _text(root, "IssueTime")),
        validated_at=validated_at,
        environment=_environment(_text(root, "ProfileExecutionID")),
        issuer=issuer,
        range=_range(root, kind),
        maker=_maker(root),
        delivery=_delivery(root),
    )


# The container


def _enclosed(root: "Element") -> "Element | None":
    inner = reading.text(root, "Attachment", "ExternalReference", "Description")
    return reading.parsed(re.sub(r"^\ufeff?<\?xml[^>]*\?>", "", inner).encode())


def _validated_at(root: "Element") -> datetime | None:
    path = ("ParentDocumentLineReference", "DocumentReference", "ResultOfVerification")
    return _moment(reading.text(root, *path, "ValidationDate"), reading.text(root, *path, "ValidationTime"))


# What precedes the lines


def _document(root: "Element", kind: Kind, counterparty: Party, lines: tuple[Line, ...]) -> Document:
    currency = _text(root, "DocumentCurrencyCode") or _PESO
    has_type = kind in (Kind.INVOICE, Kind.EQUIVALENT_DOCUMENT)
    invoice_type = _text(root, "InvoiceTypeCode") if has_type else ""
    return Document.model_construct(
        None,
        kind=kind,
        counterparty=counterparty,
        lines=lines,
        currency=currency,
        invoice_type=invoice_type or None,
        operation=_said(root, "CustomizationID"),
        notes=tuple(_notes(root)),
        allowance_charges=tuple(map(signed_lines.adjustment, root.iterfind(CAC + "AllowanceCharge"))),
        payment=_payment(root),
        payments=tuple(_payments(root)),
        order_reference=_order(root),
        billing_reference=_reference(root) if kind in NOTES else None,
        more_billing_references=tuple(_more(root)) if kind in NOTES else (),
        note_references=tuple(_notes_named(root)),
        despatches=tuple(_traded(root, "DespatchDocumentReference")),
        receipts=tuple(_traded(root, "ReceiptDocumentReference")),
        other_references=tuple(_others(root)),
        paper_invoice=_paper(root) if invoice_type == FROM_PAPER else None,
        reason=_reason(root) if kind in NOTES else None,
        exchange_rate=_rate(root, currency),
        prepayments=tuple(_prepayments(root)),
        delivery_terms=_terms(root),
        period=_period(root),
        health=signed_health.read(root) if not (kind.is_bought or kind.is_equivalent) else None,
        till=_till(root) if kind is Kind.EQUIVALENT_DOCUMENT else None,
        benefits=_benefits(root) if kind is Kind.EQUIVALENT_DOCUMENT else None,
    )


def _notes(root: "Element") -> Iterator[str]:
    for note in root.iterfind(CBC + "Note"):
        said = (note.text or "").strip()
        if said and not _CHAIN.search(said):
            yield said


def _payment(root: "Element") -> Payment:
    due = _day(_text(root, "PaymentMeans", "PaymentDueDate") or _text(root, "DueDate"))
    form, means = _text(root, "PaymentMeans", "ID"), _text(root, "PaymentMeans", "PaymentMeansCode")
    # Many makers write the day of issue as the due date of a cash sale, which has none.
    return Payment.model_construct(form=form, means=means, due_date=due if form != "1" else None)


def _payments(root: "Element") -> Iterator[PaymentPart]:
    """Each of several payments; of one alone, nothing."""
    found = root.findall(CAC + "PaymentMeans")
    for means in found if len(found) > 1 else ():
        form = _text(means, "ID")
        due = _day(_text(means, "PaymentDueDate"))
        yield PaymentPart.model_construct(
            form=form,
            means=_text(means, "PaymentMeansCode"),
            due_date=due if form != "1" else None,
            reference=_said(means, "PaymentID"),
        )


def _order(root: "Element") -> OrderReference | None:
    number = _text(root, "OrderReference", "ID")
    if not number:
        return None
    return OrderReference.model_construct(
        number=number, issue_date=_day(_text(root, "OrderReference", "IssueDate"))
    )


_REFERENCED = ("BillingReference", "InvoiceDocumentReference")


def _reference(root: "Element") -> BillingReference | None:
    return _billed(root.find(CAC + _REFERENCED[0]), _REFERENCED[1])


def _more(root: "Element") -> Iterator[BillingReference]:
    """What a note corrects besides the first."""
    every = (_billed(each, _REFERENCED[1]) for each in root.findall(CAC + _REFERENCED[0])[1:])
    yield from filter(None, every)


def _billed(reference: "Element | None", role: str) -> BillingReference | None:
    if reference is None:
        return None
    number, issued = _text(reference, role, "ID"), _day(_text(reference, role, "IssueDate"))
    if not number or issued is None:
        return None
    return BillingReference.model_construct(
        number=number, uuid=_text(reference, role, "UUID"), issue_date=issued
    )


_NOTE_ROLES = {
    Kind.CREDIT_NOTE: "CreditNoteDocumentReference",
    Kind.DEBIT_NOTE: "DebitNoteDocumentReference",
}


def _notes_named(root: "Element") -> Iterator[NoteReference]:
    for reference in root.iterfind(CAC + _REFERENCED[0]):
        for kind, role in _NOTE_ROLES.items():
            found = _billed(reference, role)
            if found is not None:
                yield NoteReference.model_construct(
                    number=found.number, uuid=found.uuid, issue_date=found.issue_date, kind=kind
                )


def _traded(root: "Element", name: str) -> Iterator[TradeReference]:
    for each in root.iterfind(CAC + name):
        if number := _text(each, "ID"):
            yield TradeReference.model_construct(number=number, issue_date=_day(_text(each, "IssueDate")))


def _others(root: "Element") -> Iterator[OtherReference]:
    """Other documents that it names and says what they are."""
    for each in root.iterfind(CAC + "AdditionalDocumentReference"):
        number, text = _text(each, "ID"), _text(each, "DocumentType")
        if number and text:
            issued = _day(_text(each, "IssueDate"))
            yield OtherReference.model_construct(number=number, issue_date=issued, text=text)


def _paper(root: "Element") -> PaperInvoice | None:
    for path in (_REFERENCED, ("AdditionalDocumentReference",)):
        number, issued = _text(root, *path, "ID"), _day(_text(root, *path, "IssueDate"))
        if number and issued is not None:
            return PaperInvoice.model_construct(number=number, issue_date=issued)
    return None


def _reason(root: "Element") -> Reason | None:
    code = _text(root, "DiscrepancyResponse", "ResponseCode")
    text = _text(root, "DiscrepancyResponse", "Description")
    return Reason.model_construct(code=code, text=text) if code or text else None


def _rate(root: "Element", currency: str) -> ExchangeRate | None:
    """Pesos for one unit of the foreign currency, whichever of the two the maker calls the source."""
    source = _text(root, "PaymentExchangeRate", "SourceCurrencyCode")
    target = _text(root, "PaymentExchangeRate", "TargetCurrencyCode")
    foreign = next((each for each in (currency, source, target) if each and each != _PESO), None)
    rate = figure(_text(root, "PaymentExchangeRate", "CalculationRate"))
    on = _day(_text(root, "PaymentExchangeRate", "Date"))
    if foreign is None or not rate or rate < 0 or on is None:
        return None
    return ExchangeRate.model_construct(currency=foreign, rate=rate, on=on)


def _prepayments(root: "Element") -> Iterator[Prepayment]:
    for paid in root.iterfind(CAC + "PrepaidPayment"):
        on = _day(_text(paid, "ReceivedDate")) or _day(_text(paid, "PaidDate"))
        if on is not None:
            yield Prepayment.model_construct(
                amount=figure(_text(paid, "PaidAmount")) or ZERO,
                received_date=on,
                reference=_said(paid, "ID"),
                text=_said(paid, "InstructionID"),
                concept=_concept(paid),
            )


def _concept(paid: "Element") -> str | None:
    number = paid.find(CBC + "ID")
    return number.get("schemeID") if number is not None else None


def _terms(root: "Element") -> DeliveryTerms | None:
    incoterm = _text(root, "DeliveryTerms", "LossRiskResponsibilityCode")
    text = _text(root, "DeliveryTerms", "SpecialTerms")
    return DeliveryTerms.model_construct(incoterm=incoterm, text=text or None) if incoterm or text else None


def _period(root: "Element") -> BillingPeriod | None:
    start = _day(_text(root, "InvoicePeriod", "StartDate"))
    end = _day(_text(root, "InvoicePeriod", "EndDate"))
    return BillingPeriod.model_construct(start=start, end=end) if start and end else None


def _delivery(root: "Element") -> Delivery | None:
    found = root.find(CAC + "Delivery")
    if found is None:
        return None
    address = found.find(CAC + "DeliveryAddress")
    if address is None:
        address = reading.child(found, "DeliveryLocation", "Address")
    place = ""
    if address is not None:
        said = (_text(address, "AddressLine", "Line"), _text(address, "CityName"))
        place = ", ".join(filter(None, (*said, _text(address, "CountrySubentity"))))
    on = _day(_text(found, "ActualDeliveryDate"))
    carrier = _text(found, "DeliveryParty", "PartyName", "Name")
    return Delivery(on=on, place=place, carrier=carrier) if on or place or carrier else None


# Totals


def _totals(root: "Element", lines: tuple[LineTotals, ...]) -> Totals | None:
    payable, extension = _of_total(root, "PayableAmount"), _of_total(root, "LineExtensionAmount")
    if payable is None or extension is None:
        return None
    taxes = signed_lines.taxes(root, "TaxTotal")
    inclusive = _of_total(root, "TaxInclusiveAmount")
    return Totals(
        lines=lines,
        line_extension=extension,
        tax_exclusive=_of_total(root, "TaxExclusiveAmount") or ZERO,
        tax_inclusive=inclusive
        if inclusive is not None
        else extension + sum((t.amount for t in taxes), ZERO),
        allowance=_of_total(root, "AllowanceTotalAmount") or ZERO,
        charge=_of_total(root, "ChargeTotalAmount") or ZERO,
        prepaid=_of_total(root, "PrepaidAmount") or ZERO,
        rounding=_of_total(root, "PayableRoundingAmount") or ZERO,
        payable=payable,
        taxes=taxes,
        withholdings=signed_lines.taxes(root, "WithholdingTaxTotal"),
    )


def _of_total(root: "Element", name: str) -> Decimal | None:
    of = "RequestedMonetaryTotal" if reading.local(root) == "DebitNote" else "LegalMonetaryTotal"
    return figure(_text(root, of, name))


# Who issued it, with which number and software


def _participants(party: "Element") -> Iterator[Participant]:
    for each in party.iterfind(f"{CAC}PartyLegalEntity/{CAC}ShareholderParty"):
        member = reading.child(each, "Party")
        identified = _identified(member) if member is not None else None
        if member is None or identified is None:
            continue
        kind = identified.get("schemeName", "")
        yield Participant.model_construct(
            identification_type=kind,
            identification=(identified.text or "").strip(),
            check_digit=_check_digit(identified, kind),
            name=_name(member),
            percent=figure(_text(each, "PartecipationPercent")) or ZERO,
        )


def _party(root: "Element", role: str) -> Party | None:
    party = reading.child(root, role, "Party")
    if party is None:
        return None
    identified, name = _identified(party), _name(party)
    if identified is None or not name:
        return None
    kind, place = identified.get("schemeName", ""), _address(party)
    return Party.model_construct(
        None,
        person_type=_text(root, role, "AdditionalAccountID"),
        identification_type=kind,
        identification=(identified.text or "").strip(),
        check_digit=_check_digit(identified, kind),
        name=name,
        trade_name=_said(party, "PartyName", "Name"),
        responsibilities=_listed(_text(party, "PartyTaxScheme", "TaxLevelCode")),
        tax_scheme=_text(party, "PartyTaxScheme", "TaxScheme", "ID"),
        email=_said(party, "Contact", "ElectronicMail"),
        phone=_said(party, "Contact", "Telephone"),
        contact=_said(party, "Contact", "Name"),
        participants=tuple(_participants(party)),
        commercial_registration=_text(party, "PartyLegalEntity", "CorporateRegistrationScheme", "Name")
        or None,
        economic_activity=_said(party, "IndustryClassificationCode"),
        address=place.street,
        municipality=place.municipality,
        city=place.city,
        region=place.region,
        postal_code=place.postal_code,
        country=place.country,
    )


def _check_digit(identified: "Element", kind: str) -> str | None:
    digit = identified.get("schemeID", "")
    return digit if kind == catalogs.NIT and len(digit) == 1 else None


def _listed(codes: str) -> tuple[str, ...]:
    return tuple(code for each in codes.split(";") if (code := each.strip()))


_IDENTIFICATIONS = (
    f"{CAC}PartyTaxScheme/{CBC}CompanyID",
    f"{CAC}PartyLegalEntity/{CBC}CompanyID",
    f"{CAC}PartyIdentification/{CBC}ID",
)
_NAMES = (
    ("PartyTaxScheme", "RegistrationName"),
    ("PartyLegalEntity", "RegistrationName"),
    ("PartyName", "Name"),
)


def _identified(party: "Element") -> "Element | None":
    found = map(party.find, _IDENTIFICATIONS)
    return next((each for each in found if each is not None and (each.text or "").strip()), None)


def _name(party: "Element") -> str:
    return next(filter(None, (_text(party, *path) for path in _NAMES)), "")


class _Place(NamedTuple):
    street: str | None = None
    municipality: str | None = None
    city: str | None = None
    region: str | None = None
    postal_code: str | None = None
    country: str = "CO"


def _address(party: "Element") -> _Place:
    """The address: of the register or, where the file has none, the one where the party is."""
    found = reading.child(party, "PartyTaxScheme", "RegistrationAddress")
    if found is None:
        found = reading.child(party, "PhysicalLocation", "Address")
    if found is None:
        return _Place()
    code = _text(found, "ID")
    is_known = code in catalogs.municipalities()
    return _Place(
        street=_said(found, "AddressLine", "Line"),
        municipality=code if is_known else None,
        city=None if is_known else _said(found, "CityName"),
        region=None if is_known else _said(found, "CountrySubentity"),
        postal_code=_said(found, "PostalZone"),
        country=_text(found, "Country", "IdentificationCode") or "CO",
    )


def _range(root: "Element", kind: Kind) -> NumberingRange | None:
    control = next(root.iter("{*}InvoiceControl"), None)
    if control is None:
        return None
    start, end = (reading.text(control, "AuthorizedInvoices", name) for name in ("From", "To"))
    resolution = reading.text(control, "InvoiceAuthorization")
    if not (resolution and _DIGITS.fullmatch(start) and _DIGITS.fullmatch(end)):
        return None
    return NumberingRange.model_construct(
        provider="",
        kind=kind,
        prefix=reading.text(control, "AuthorizedInvoices", "Prefix"),
        resolution=resolution,
        start=int(start),
        end=int(end),
        valid_from=_day(reading.text(control, "AuthorizationPeriod", "StartDate")),
        valid_to=_day(reading.text(control, "AuthorizationPeriod", "EndDate")),
    )


# How the extension about the maker names its facts; the same as in electronic POS documents.
_OF_MAKER = {"nombreapellido": "name", "razonsocial": "name", "nombresoftware": "software", "nit": "nit"}


def _maker(root: "Element") -> Maker | None:
    extensions = root.find("{*}UBLExtensions")
    if extensions is None:
        return None
    owner = next(extensions.iter("{*}SoftwareProvider"), None)
    provider = reading.text(owner, "ProviderID") if owner is not None else ""
    told = _told(extensions, "InformacionDelFabricanteDelSoftware")
    facts = {place: value for name, value in told if (place := _OF_MAKER.get(name))}
    return Maker(provider=provider, **facts) if provider or facts else None


# Of the till and of what the buyer gathers: names as ``_told`` gives them, without accents.
_OF_TILL = {
    "placacaja": "plate",
    "ubicacincaja": "place",
    "cajero": "cashier",
    "tipocaja": "type",
    "cdigoventa": "sale",
}


def _till(root: "Element") -> Till | None:
    """The till of a POS ticket; what the file leaves out is empty."""
    facts = dict(_told(root, "InformacionCajaVenta"))
    if not facts:
        return None
    return Till.model_construct(None, **{field: facts.get(name, "") for name, field in _OF_TILL.items()})


def _benefits(root: "Element") -> Benefits | None:
    """The points that a POS ticket tells of; ``None`` where there are none."""
    facts = dict(_told(root, "InformacionBeneficiosComprador"))
    points = facts.get("puntos", "")
    if not _DIGITS.fullmatch(points) or not int(points):
        return None
    return Benefits.model_construct(
        None, code=facts.get("codigo"), name=facts.get("nombresapellidos"), points=int(points)
    )


def _told(extensions: "Element", group: str) -> Iterator[tuple[str, str]]:
    """The names and values of an extension's group; the names in lower-case letters without accents alone."""
    for told in extensions.iter("{*}" + group):
        names, values = (
            [(each.text or "").strip() for each in told.iter("{*}" + part)] for part in ("Name", "Value")
        )
        for name, value in zip(names, values, strict=False):
            yield re.sub(r"[^a-z]", "", name.lower()), value


def _environment(said: str) -> Environment | None:
    return Environment(said) if said in ("1", "2") else None


def _text(element: "Element", *path: str) -> str:
    return reading.text(element, *path)


def _said(element: "Element", *path: str) -> str | None:
    return _text(element, *path) or None


def _day(said: str) -> date | None:
    try:
        return date.fromisoformat(said[:10])
    except ValueError:
        return None


def _moment(day: str, time: str) -> datetime | None:
    """A date and a time in Bogotá, whose they are where no offset is named."""
    try:
        found = datetime.fromisoformat(f"{day[:10]}T{time or '00:00:00'}")
        return bogota(found if found.tzinfo else found.replace(tzinfo=BOGOTA))
    except (ValueError, OverflowError):
        return None
