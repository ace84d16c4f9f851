"""All of a request but its lines: number, date and range, parties, terms.

Annex 1.9, groups AD, FAB, FAD, FAJ, FAK, BF, BG, AN, AQ, AR; annex DS 1.1, in which the issuer buys.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial

from cauce.domain import catalogs, nit
from cauce.domain.document import (
    AUTHORISED,
    NOTES,
    Address,
    AllowanceCharge,
    Document,
    Kind,
    Party,
    operations_of,
    reasons_of,
)
from cauce.domain.issuer import Environment
from cauce.domain.money import HUNDRED, ZERO
from cauce.domain.ranges import NumberingRange
from cauce.domain.survey import survey
from cauce.domain.time import bogota
from cauce.ubl.currency import PESO
from cauce.ubl.facts import FROM_PAPER
from cauce.ubl.own_ranges import TEST_RESOLUTION, is_key_missed, technical_key
from cauce.ubl.preflight.document import Case, Fields, Issue
from cauce.ubl.preflight.rules import (
    ALWAYS_ON_ONE,
    CANCELLATION,
    DISCOUNTS,
    NOTHING,
    WITH_REFERENCE,
    Hit,
    one_of,
    postal_codes,
    shown,
)
from cauce.ubl.refusals import path

_NUMBER = re.compile(r"[A-Za-z0-9]{1,20}")
_MOST = 999_999_999
# FAD09c and FAD09d. Older texts say 5 days for the first, later ones 10; support documents have neither rule.
_DAYS = timedelta(days=10)
# How far our clock and DIAN's may be apart.
_CLOCKS = timedelta(minutes=1)
_HOME = "CO"
_CREDIT = "2"


def check_issue(case: Case, issue: Issue) -> Iterator[Hit]:
    """What depends on the day and on the range."""
    if issue.now is not None:
        yield from _moment(case, issue, bogota(issue.now))
    yield from _reference(case, issue)
    if issue.range is not None:
        yield from _range(case, issue, issue.range)


def check(case: Case) -> Iterator[Hit]:
    """What depends on the document and its issuer alone."""
    yield from _parties(case)
    yield from _terms(case)


# ── Number, date and range ────────────────────────────────────────────────────────────────────────


def _moment(case: Case, issue: Issue, now: datetime) -> Iterator[Hit]:
    field = "issue_date"
    issued, today = issue.day, now.date()
    if not case.is_support and issued < today - _DAYS:
        yield Hit("FAD09c", field, f"{today - _DAYS} o después", str(issued))
    elif not case.is_support and issued > today + _DAYS:
        yield Hit("FAD09d", field, f"{today + _DAYS} o antes", str(issued))
    elif issued != today:
        # The day of signing must be the day of issue, and the document is signed today.
        yield Hit("FAD09e", field, f"{today}, el día de la firma", str(issued), issue.other_dates)
    elif issue.at > now + _CLOCKS:
        # The annex has this rule for events alone; that DIAN applies it to documents too was only reported.
        field = "issue_time"
        yield Hit("DC24", field, f"{now:%H:%M:%S} o antes", f"{issue.at:%H:%M:%S}", True)


def _reference(case: Case, issue: Issue) -> Iterator[Hit]:
    corrected, issued = case.document.billing_reference, issue.day
    if corrected is not None and corrected.issue_date > issued:
        yield Hit("CBG06", "billing_reference.issue_date", f"{issued} o antes", str(corrected.issue_date))


def _range(case: Case, issue: Issue, found: NumberingRange) -> Iterator[Hit]:
    number = f"{found.prefix}{found.start if found.next is None else found.next}"
    if not _NUMBER.fullmatch(number):
        yield Hit("FAD05a", "prefix", "de 1 a 20 letras y dígitos", number)
    if case.kind in AUTHORISED:
        yield from _resolution(case, found)
        yield from _bounds(found)
        yield from _validity(case, issue, found.valid_from, found.valid_to)
        has_key = technical_key(found) is not None or is_key_missed(found)
        if case.kind is Kind.INVOICE and case.invoice_type != FROM_PAPER and not has_key:
            yield Hit("FAD06", "prefix", "un rango con clave técnica", "un rango sin clave técnica")


def _resolution(case: Case, found: NumberingRange) -> Iterator[Hit]:
    field = "prefix"
    if found.resolution is None:
        yield Hit("FAB05a", field, "un rango con resolución", "un rango sin resolución")
    elif found.resolution == TEST_RESOLUTION and case.issuer.environment is Environment.PRODUCTION:
        yield Hit("FAB05a", field, "una resolución del emisor", f"{TEST_RESOLUTION}, la de pruebas")


def _bounds(found: NumberingRange) -> Iterator[Hit]:
    field = "prefix"
    for code, bound in (("FAB11a", found.start), ("FAB12a", found.end)):
        if not 0 < bound <= _MOST:
            yield Hit(code, field, f"de 1 a {_MOST}", str(bound))
    if found.next is not None and found.next < found.start:
        yield Hit("FAD05b", field, f"{found.start} o más", str(found.next))
    if found.next is not None and found.next > found.end:
        yield Hit("FAD05c", field, f"{found.end} o menos", str(found.next))


def _validity(case: Case, issue: Issue, start: date | None, end: date | None) -> Iterator[Hit]:
    prefix, issued = "prefix", issue.day
    field = "issue_date"
    early, late = ("FAB07b", "FAB08b") if case.is_support else ("FAD09a", "FAD09b")
    if start is None:
        yield Hit("FAB07a", prefix, "un rango con fecha inicial", "un rango sin ella")
    elif issued < start:
        yield Hit(early, field, f"{start} o después", str(issued))
    if end is None:
        yield Hit("FAB08a", prefix, "un rango con fecha final", "un rango sin ella")
    elif issued > end:
        yield Hit(late, field, f"{end} o antes", str(issued))


# ── Parties ───────────────────────────────────────────────────────────────────────────────────────


def _parties(case: Case) -> Iterator[Hit]:
    """Checks both parties. The letter in a rule's code is J for the seller, K for the buyer."""
    ours, theirs = ("K", "J") if case.is_support else ("J", "K")
    yield from _party(theirs, case.document.counterparty, partial(path, "counterparty"))
    delivery = case.document.delivery
    if delivery and delivery.address:
        yield from _postal_code("FAJ73", delivery.address, partial(path, "delivery", "address"))
    party = case.issuer.as_party
    if party is None:  # ``ubl.facts`` refuses an issuer that is not described
        return
    yield from _party(ours, party, partial(path, "issuer"))
    if not case.is_support:
        yield from _seller(party)
    if case.kind is Kind.INVOICE and not party.email:
        yield Hit("FAJ71", "issuer.email", "el correo de recepción registrado en la DIAN", "ninguno")


def _party(letter: str, party: Party, field: Fields) -> Iterator[Hit]:
    codes: tuple[tuple[str, str, str, dict[str, str]], ...] = (
        ("02", "person_type", party.person_type, catalogs.PERSON_TYPES),
        ("25", "identification_type", party.identification_type, catalogs.IDENTIFICATION_TYPES),
        ("40", "tax_scheme", party.tax_scheme, catalogs.PARTY_TAX_SCHEMES),
    )
    for rule, name, code, allowed in codes:
        if code not in allowed:
            yield Hit(f"FA{letter}{rule}", field(name), one_of(allowed), shown(code))
    unknown = [code for code in party.responsibilities if code not in catalogs.RESPONSIBILITIES]
    if unknown or not party.responsibilities:
        allowed = catalogs.RESPONSIBILITIES
        found = shown(";".join(unknown))
        yield Hit(f"FA{letter}26", field("responsibilities"), one_of(allowed), found)
    yield from _check_digit(letter, party, field)
    yield from _postal_code(f"FA{letter}73", party, field)
    if party.fiscal_address:
        yield from _postal_code(f"FA{letter}73", party.fiscal_address, partial(field, "fiscal_address"))


def _postal_code(rule: str, of: Party | Address, field: Fields) -> Iterator[Hit]:
    postal = of.postal_code
    if of.country == _HOME and postal and postal not in postal_codes():
        yield Hit(rule, field("postal_code"), "un código postal de la tabla 13.4.4", postal)


def _check_digit(letter: str, party: Party, field: Fields) -> Iterator[Hit]:
    number, digit = party.identification, party.check_digit
    if party.identification_type != catalogs.NIT or not digit:  # an absent digit is computed
        return
    if nit.is_nit(number) and digit != nit.check_digit(number):
        yield Hit(f"FA{letter}24", field("check_digit"), nit.check_digit(number), digit)


def _seller(party: Party) -> Iterator[Hit]:
    if party.country != _HOME:
        yield Hit("FAJ16", "issuer.country", _HOME, shown(party.country))
    if party.municipality not in catalogs.municipalities():
        field = "issuer.municipality"
        yield Hit("FAJ09", field, "un código DIVIPOLA de 5 dígitos", shown(party.municipality))


# ── Codes, correction, payment, currency, discounts ───────────────────────────────────────────────


def _terms(case: Case) -> Iterator[Hit]:
    document = case.document
    yield from _codes(case)
    if case.kind in NOTES:
        yield from _correction(case)
    if document.payment.form == _CREDIT and document.payment.due_date is None:
        yield Hit("FAN04", "payment.due_date", "una fecha", NOTHING)
    yield from _currency(document)
    yield from _adjustments(case)
    line_extension = case.totals.line_extension
    for n, prepayment in enumerate(document.prepayments):
        if prepayment.amount >= line_extension:
            field = path("prepayments", n, "amount")
            yield Hit("FBD03", field, f"menos de {line_extension}", str(prepayment.amount))


def _codes(case: Case) -> Iterator[Hit]:
    document = case.document
    types = catalogs.EQUIVALENT_TYPES if case.kind.is_equivalent else catalogs.INVOICE_TYPES
    if case.invoice_type not in types:
        yield Hit("FAD12", "invoice_type", one_of(types), case.invoice_type)
    if case.invoice_type == FROM_PAPER and document.paper_invoice is None:
        yield Hit("FBG01", "paper_invoice", "la factura de papel que transcribe", NOTHING)
    operations = operations_of(case.kind)
    if document.operation is not None and document.operation not in operations:
        yield Hit("FAD02", "operation", one_of(operations), document.operation)
    payment = document.payment
    if payment.form not in catalogs.PAYMENT_FORMS:
        yield Hit("FAN02", "payment.form", one_of(catalogs.PAYMENT_FORMS), payment.form)
    if payment.means not in catalogs.payment_means():
        yield Hit("FAN03", "payment.means", "un código de 13.3.4.2", payment.means)
    terms = document.delivery_terms
    if terms is not None and terms.incoterm not in catalogs.INCOTERMS:
        yield Hit("FBC04", "delivery_terms.incoterm", one_of(catalogs.INCOTERMS), terms.incoterm)


def _correction(case: Case) -> Iterator[Hit]:
    document = case.document
    reason, corrected = document.reason, document.billing_reference
    field = "billing_reference"
    if reason is None:
        yield Hit("CBF01", "reason", "el motivo de la nota", NOTHING)
    elif reason.code not in reasons_of(case.kind):
        yield Hit("CAE03", "reason.code", one_of(reasons_of(case.kind)), reason.code)
    elif case.kind is Kind.CREDIT_NOTE and reason.code == CANCELLATION and corrected is None:
        yield Hit("CAD02a", field, "la factura que anula", NOTHING)
    must_refer = case.kind in ALWAYS_ON_ONE or document.operation in WITH_REFERENCE
    if must_refer and (corrected is None or not corrected.number.strip()):
        yield Hit("CBG03", field, "el documento que corrige", NOTHING)


def _currency(document: Document) -> Iterator[Hit]:
    currency, rate = document.currency, document.exchange_rate
    if currency not in catalogs.currencies():
        yield Hit("FAD15a", "currency", "un código ISO 4217", shown(currency))
    elif currency == PESO:
        return
    elif rate is None:
        yield Hit("FAR06", "exchange_rate", f"pesos por {currency}", NOTHING)
    elif rate.currency != currency:
        yield Hit("FAR02", "exchange_rate.currency", currency, rate.currency)


def _adjustments(case: Case) -> Iterator[Hit]:
    document = case.document
    for n, entry in enumerate(document.allowance_charges):
        where = ("allowance_charges", n)
        allowed = catalogs.CHARGES if entry.is_charge else DISCOUNTS
        if entry.reason_code not in allowed:
            yield Hit("FAQ04", path(*where, "reason_code"), one_of(allowed), shown(entry.reason_code))
        yield from _share(where, entry, case.totals.line_extension)
    for position, line in survey(document).unusual:
        for n, entry in enumerate(line.allowance_charges):
            gross = case.totals.lines[position].gross
            yield from _share(("lines", position, "allowance_charges", n), entry, gross)


def _share(where: tuple[str | int, ...], entry: AllowanceCharge, whole: Decimal) -> Iterator[Hit]:
    """A discount or charge is of its base at most. On a line of value 0 it is written with itself as its base."""
    base = entry.base_amount if entry.base_amount is not None else whole or entry.amount
    field = path(*where, "amount")
    if base == ZERO and entry.amount:
        yield Hit("FAQ06", field, "un porcentaje de una base mayor que 0", f"una base de {base}")
    elif not entry.is_charge and entry.amount > base:
        yield Hit("FAQ09", field, f"{base} o menos", str(entry.amount))
    elif entry.is_charge and entry.amount > base:
        yield Hit("FAQ06", field, f"{HUNDRED} % de {base} o menos", str(entry.amount))
