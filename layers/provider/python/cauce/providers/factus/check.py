"""Refuses what Factus cannot express exactly, before a number or a call is spent.

The postal code, and the city and region of an address abroad, are left out of the request and not refused: no page of
Factus's has a place for them, and no tax depends on them. ``arithmetic`` has Factus's arithmetic, ``counted`` how far
it may differ from ours. Sources: field and reference tables of each dialect, seed 001.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from cauce.domain.document import NOTES, Document, Kind, Line, Party, reasons_of
from cauce.domain.errors import CauceError, InvalidDocument, Unsupported
from cauce.domain.expected import differences
from cauce.domain.money import HUNDRED, half_up, plain, scale
from cauce.domain.nit import is_nit
from cauce.domain.survey import survey
from cauce.domain.totals import TOLERANCE, amounts_of, totals
from cauce.law import correction
from cauce.providers.factus import catalogs, counted, payload, wire
from cauce.providers.factus.routes import Dialect

_NO_RESPONSIBILITY = ("R-99-PN",)
_ORDERED = frozenset({Kind.INVOICE})
_ANNOTATED_LINES = frozenset({Kind.INVOICE, Kind.CREDIT_NOTE})
_CHARGED = frozenset({Kind.INVOICE, Kind.CREDIT_NOTE, Kind.DEBIT_NOTE})


def refuse(document: Document, dialect: Dialect) -> None:
    """Raise InvalidDocument or Unsupported, with the path, for the first thing that Factus cannot express."""
    if document.once(has_problem, dialect):
        raise next(_problems(document, dialect))


def has_problem(document: Document, dialect: Dialect) -> bool:
    """Whether ``refuse`` raises for a document, which it asks once."""
    return any(True for _ in _problems(document, dialect))


def refuse_today(document: Document, today: date) -> None:
    """Raise Unsupported where a document asks for another date of issue than today, which Factus gives it."""
    if document.issue_date not in (None, today):
        raise Unsupported(
            "Factus emite con la fecha del día; omita la fecha o use la de hoy.", field="issue_date"
        )


def _problems(document: Document, dialect: Dialect) -> Iterator[CauceError]:
    written = payload.speaks(dialect, document.kind)
    yield from _header(document)
    yield from _payment(document, written)
    yield from _parts(document)
    yield from _of_other_kinds(document)
    if document.kind in NOTES:
        yield from _correction(document)
    yield from _party(document, written)
    yield from _charges(document)
    for index, paid in enumerate(document.prepayments):
        if scale(paid.amount) > 2:
            yield Unsupported(
                "Factus admite anticipos con dos decimales.", field=f"prepayments.{index}.amount"
            )
    for index, line in enumerate(document.lines):
        yield from _line(document.kind, dialect, index, line)
    # Last, since the arithmetic needs a body, and only what passed the checks above can be written.
    yield from _amounts(document, dialect)


def _header(document: Document) -> Iterator[CauceError]:
    if document.issue_time is not None:
        yield Unsupported("Factus pone la hora de emisión; omita la hora.", field="issue_time")
    if document.currency != "COP":
        yield Unsupported("Factus emite solo en pesos colombianos (COP).", field="currency")
    if len(wire.observation(document)) > wire.MAX_OBSERVATION:
        yield Unsupported(
            f"Factus admite {wire.MAX_OBSERVATION} caracteres entre el motivo y las observaciones.",
            field="notes" if document.notes else "reason.text",
        )


def _parts(document: Document) -> Iterator[CauceError]:
    """Factus wants the amount of each payment."""
    for n, part in enumerate(document.payments):
        if part.amount is None:
            yield InvalidDocument(
                "Con Factus cada pago lleva su valor; entre todos suman el total.",
                field=f"payments.{n}.amount",
            )
        if part.means not in catalogs.PAYMENT_MEANS:
            yield Unsupported(f"Factus no tiene el medio de pago {part.means}.", field=f"payments.{n}.means")


def _payment(document: Document, written: Dialect) -> Iterator[CauceError]:
    payment = document.payment
    if payment.means not in catalogs.PAYMENT_MEANS:
        yield Unsupported(f"Factus no tiene el medio de pago {payment.means}.", field="payment.means")
    if payment.form == "2" and payment.due_date is None:
        yield InvalidDocument("Un pago a crédito necesita fecha de vencimiento.", field="payment.due_date")
    if written is Dialect.V1 and document.kind is not Kind.INVOICE:
        # v1's tables of the other kinds have only the means of payment.
        if payment.form != "1":
            yield Unsupported("Factus v1 admite el pago a crédito solo en facturas.", field="payment.form")
        if payment.due_date is not None:
            yield Unsupported(
                "Factus v1 admite fecha de vencimiento solo en facturas.", field="payment.due_date"
            )


def _of_other_kinds(document: Document) -> Iterator[CauceError]:
    """Refuses what Factus takes in other kinds of document, and not in this one."""
    kind = document.kind
    if document.order_reference and kind not in _ORDERED:
        yield Unsupported(
            "Factus admite la orden de compra solo en facturas.", field="order_reference.number"
        )
    if document.notify and kind not in payload.MAILED:
        yield Unsupported(
            "Factus no envía por correo este tipo de documento; quite «enviar_correo».", field="notify"
        )
    if document.period is not None and kind.is_bought:
        yield Unsupported(
            "Factus no tiene un periodo en documentos soporte ni en sus notas; omítalo.", field="period"
        )


def _correction(document: Document) -> Iterator[CauceError]:
    if not wire.on_a_period(document):
        correction.corrected_by(document)
    if correction.reason_of(document).code not in reasons_of(document.kind):
        yield InvalidDocument("El motivo no existe para este tipo de nota.", field="reason.code")


def _party(document: Document, written: Dialect) -> Iterator[CauceError]:
    kind, party = document.kind, document.counterparty
    seller = kind.is_bought

    identification_type = wire.seller_identification(party) if seller else party.identification_type
    if identification_type not in _identification_types(written, seller):
        yield Unsupported(
            f"Factus {written} no admite el tipo de documento {party.identification_type} aquí.",
            field="counterparty.identification_type",
        )
    if identification_type == wire.NIT and not is_nit(party.identification):
        yield InvalidDocument(
            "Un NIT tiene de 1 a 15 dígitos, sin el de verificación.", field="counterparty.identification"
        )
    if party.municipality and catalogs.municipality_id(party.municipality) is None:
        yield Unsupported(
            f"Factus no tiene el municipio {party.municipality}.", field="counterparty.municipality"
        )
    if seller:
        yield from _seller(party, written)
        return
    if party.tax_scheme not in catalogs.TRIBUTE_IDS:
        yield Unsupported(
            "Factus admite solo los tributos 01 (IVA) y ZZ (no aplica) en el adquiriente.",
            field="counterparty.tax_scheme",
        )
    if written is Dialect.V1:
        if party.country != "CO":
            yield Unsupported("Factus v1 no dice el país del adquiriente.", field="counterparty.country")
        if party.responsibilities != _NO_RESPONSIBILITY:
            yield Unsupported(
                "Factus v1 no dice la responsabilidad fiscal del adquiriente.",
                field="counterparty.responsibilities",
            )


def _seller(party: Party, written: Dialect) -> Iterator[CauceError]:
    """A seller's tax scheme and responsibilities are Factus's own defaults, in both dialects."""

    if party.responsibilities != _NO_RESPONSIBILITY:
        yield Unsupported(
            "Factus no dice la responsabilidad fiscal del vendedor.", field="counterparty.responsibilities"
        )
    if party.tax_scheme != "ZZ":
        yield Unsupported("Factus no dice el tributo del vendedor.", field="counterparty.tax_scheme")
    if written is Dialect.V1 and party.person_type != "2":
        # In seed 001 a seller with a NIT comes back as «Persona Natural», and no field says otherwise.
        yield Unsupported("Factus v1 toma al vendedor por persona natural.", field="counterparty.person_type")
    if written is Dialect.V1 and not party.email:
        yield InvalidDocument("Factus v1 exige el correo del vendedor.", field="counterparty.email")
    if not party.address:
        yield InvalidDocument("Factus exige la dirección del vendedor.", field="counterparty.address")
    if party.country == "CO" and not party.municipality:
        yield InvalidDocument(
            "Factus exige el municipio de un vendedor residente.", field="counterparty.municipality"
        )


def _charges(document: Document) -> Iterator[CauceError]:
    sums = totals(document)
    for index, entry in enumerate(document.allowance_charges):
        field = f"allowance_charges.{index}"
        if not entry.is_charge:
            yield Unsupported("Factus no admite descuentos globales; use los de línea.", field=field)
        if document.kind not in _CHARGED:
            yield Unsupported("Factus no admite cargos en este tipo de documento.", field=field)
        if entry.reason_code != catalogs.SURCHARGE:
            yield Unsupported(
                "Factus admite solo el cargo 03 (recargo condicionado).", field=f"{field}.reason_code"
            )
        base = sums.line_extension if entry.base_amount is None else entry.base_amount
        if scale(entry.amount) > 2 or scale(base) > 2:
            yield Unsupported("Factus admite dos decimales en los cargos.", field=f"{field}.amount")
        # Factus derives the percentage from the two amounts.
        if entry.percent is not None and (
            not base or half_up(entry.amount * HUNDRED / base) != entry.percent
        ):
            yield Unsupported(
                f"Factus mostraría otro porcentaje que {entry.percent}.", field=f"{field}.percent"
            )


def _line(kind: Kind, dialect: Dialect, index: int, line: Line) -> Iterator[CauceError]:
    written = payload.speaks(dialect, kind)

    def field(name: str) -> str:
        return f"lines.{index}.{name}"

    yield from _quantity(dialect, line.quantity, field("quantity"))
    unit = catalogs.unit_id(line.unit) if written is Dialect.V1 else catalogs.unit_code(line.unit)
    if unit is None:
        yield Unsupported(_no_unit(line.unit), field=field("unit"))
    if line.standard not in catalogs.STANDARD_IDS:
        yield Unsupported(f"Factus no tiene el estándar {line.standard}.", field=field("standard"))
    if line.note and kind not in _ANNOTATED_LINES:
        yield Unsupported("Factus no admite notas por línea en este documento.", field=field("note"))
    for name, discount in (
        ("discount_percent", line.discount_percent),
        ("discount_amount", line.discount_amount),
    ):
        if discount is not None and scale(discount) > 2:
            yield Unsupported("Factus admite descuentos con dos decimales.", field=field(name))
    yield from _taxes(kind, written, index, line)
    yield from _withholdings(kind, written, index, line)


def _quantity(dialect: Dialect, quantity: Decimal, field: str) -> Iterator[CauceError]:
    if dialect is Dialect.V1 and scale(quantity):
        yield Unsupported("Factus v1 admite solo cantidades enteras.", field=field)
    elif scale(quantity) > 2:
        yield Unsupported("Factus v2 admite solo cantidades con dos decimales.", field=field)


def _no_unit(code: str) -> str:
    borne = catalogs.MISNAMED_UNITS.get(code)
    why = (
        f"Factus no puede escribir la unidad {code}: su tabla le da el código {borne}, que es el de otra"
        if borne
        else f"La tabla de Factus no tiene la unidad {code}"
    )
    return f"{why}. Exprese la cantidad en otra unidad, o emítalo con otro proveedor."


def _taxes(kind: Kind, written: Dialect, index: int, line: Line) -> Iterator[CauceError]:
    field = f"lines.{index}.taxes"
    if kind is Kind.SUPPORT_DOCUMENT:
        yield from _taxes_of_a_purchase(written, line, field)
    if len(line.taxes) > 1 and written is Dialect.V1:
        yield Unsupported("Factus v1 admite un solo impuesto por línea.", field=field)
    codes = {"01"} if kind.is_bought else catalogs.V2_TAXES if written is Dialect.V2 else catalogs.TAX_IDS
    for tax in line.taxes:
        if tax.code not in codes:
            yield Unsupported(f"Factus no admite el impuesto {tax.code} aquí.", field=field)
        if tax.percent is None:
            yield Unsupported("Factus admite solo impuestos en porcentaje.", field=field)
        elif scale(tax.percent) > 2:
            yield Unsupported("Factus admite tarifas con dos decimales.", field=field)


def _taxes_of_a_purchase(written: Dialect, line: Line, field: str) -> Iterator[CauceError]:
    if written is Dialect.V1 and line.taxes:
        yield Unsupported("Factus v1 no admite impuestos en documentos soporte; omítalos.", field=field)
    if any(tax.percent for tax in line.taxes):
        # v2's example sends IVA of 19 % and payments that add up without it: the total cannot be foreseen.
        yield Unsupported("Factus no aclara si suma el IVA de un documento soporte.", field=field)


def _withholdings(kind: Kind, written: Dialect, index: int, line: Line) -> Iterator[CauceError]:
    field = f"lines.{index}.withholdings"
    # v1's example sends 7.38 and 15.12 on a bill and gets 7.00 and 15.00 back; support documents keep 3.50.
    places = 0 if written is Dialect.V1 and kind in (Kind.INVOICE, Kind.CREDIT_NOTE) else 2
    for withholding in line.withholdings:
        if withholding.code not in catalogs.WITHHOLDINGS:
            yield Unsupported("Factus admite solo las retenciones 05 y 06.", field=field)
        if scale(withholding.percent) > places:
            limit = "sin decimales" if places == 0 else "con dos decimales"
            yield Unsupported(f"Factus admite aquí retenciones {limit}.", field=field)


def _amounts(document: Document, dialect: Dialect) -> Iterator[CauceError]:
    """Refuses amounts that Factus would compute too far from ours, or other than the ERP expects."""
    found = counted.differences(document, dialect)
    for each in sorted(
        found, key=lambda each: each.index is None
    ):  # a line says what to mend, a total does not
        if not each.is_within_tolerance:
            yield Unsupported(
                f"Factus calcularía {each.what} de {each.theirs} en {each.where} y el documento dice {each.ours}: la "
                f"DIAN tolera {TOLERANCE:.2f} de diferencia. {_what_goes(document, dialect, each.index)}",
                field=each.field,
            )
    if not found:
        return
    if document.expected is not None:
        yield from _against_expected(document, dialect)
    if survey(document).has_taxes_within:
        yield from _against_paid(document, dialect)


def _against_expected(document: Document, dialect: Dialect) -> Iterator[CauceError]:
    """Refuses where the ERP expects our totals, and Factus would compute others. Expected totals that are not ours
    either are refused by ``domain.expected``."""
    others = differences(document.expected, counted.computed(document, dialect).amounts)
    if others and differences(document.expected, amounts_of(totals(document))):
        return
    for path, (said, theirs) in others.items():
        yield Unsupported(
            f"Factus calcularía {theirs} y se espera {said}. {_what_goes(document, dialect)}",
            field=path,
        )
    payable = document.expected.payable if document.expected else None
    if payable is not None and not counted.is_certain(document, dialect):
        yield Unsupported(
            f"Factus v1 podría calcular otro total que el esperado, {payable}. "
            f"{_what_goes(document, dialect)}",
            field="expected.payable",
        )


def _against_paid(document: Document, dialect: Dialect) -> Iterator[CauceError]:
    """Refuses where the customer paid a price with its taxes within, and Factus would compute another total."""
    ours, theirs = totals(document).payable, counted.computed(document, dialect).amounts.payable
    wrong = [each for each in counted.differences(document, dialect) if each.what == "un total"]
    if theirs != ours or wrong:
        first = next((each.index for each in wrong if each.index is not None), 0)
        said = f"calcularía {theirs}" if theirs != ours else "podría calcular otro total"
        yield Unsupported(
            f"Con los impuestos incluidos el cliente paga {ours}, y Factus {said}. Emítalo con un proveedor que "
            "reciba los impuestos calculados, o envíe el precio sin impuestos y acepte el total de Factus.",
            field=f"lines.{first}.price",
        )


def _what_goes(document: Document, dialect: Dialect, index: int | None = None) -> str:
    """What to do about an amount, in Spanish: another price, where one passes, or another provider."""
    price = None if index is None else counted.price_that_goes(document, dialect, index)
    other = "emítalo con un proveedor o un dialecto que lo cuente así"
    return f"Envíe el precio {plain(price)}, o {other}." if price is not None else f"{other.capitalize()}."


def _identification_types(written: Dialect, seller: bool) -> frozenset[str]:
    if seller:
        return catalogs.SELLER_IDENTIFICATIONS
    return frozenset(catalogs.IDENTIFICATION_IDS) if written is Dialect.V1 else catalogs.V2_IDENTIFICATIONS
