"""Refuses what Facturatech's XML_SIMPLIFICADO cannot express exactly, before a number is spent. Pure.

What has no field in Facturatech's table, or a field whose values are not published, is refused with its path, and
never left out silently. Only these are left out, since nothing depends on them: a seller's mail and telephone, and a
buyer's mail where none is to be sent.
"""

from collections.abc import Iterator

from cauce.domain.catalogs import PER_MIL, SUPPORT_WITHHOLDINGS, VAT, departments
from cauce.domain.document import NOTES, Document, Kind, Line, Party, Payment, reasons_of
from cauce.domain.errors import CauceError, InvalidDocument, Unsupported
from cauce.domain.issuer import Issuer
from cauce.law import correction
from cauce.providers.facturatech import parties, payload
from cauce.providers.facturatech.settings import Responsibilities, Settings

_COLOMBIA = "CO"
# MEP_1: the values that Facturatech's manual lists. ZZZ is what DIAN calls «acuerdo mutuo».
_PAYMENT_MEANS = frozenset({"10", "42", "47", "48", "49", "ZZZ"})
# Table of credit-note reasons: 5 is «otros» here, as on FacEPro's page; nothing equals annex 1.9's 6, volume.
_CREDIT_REASONS = frozenset({"1", "2", "3", "4", "5"})


def refuse(document: Document, issuer: Issuer, settings: Settings) -> None:
    """Raise InvalidDocument or Unsupported, with the path, for the first thing that the XML cannot express."""
    for problem in _problems(document, issuer, settings):
        raise problem


def _problems(document: Document, issuer: Issuer, settings: Settings) -> Iterator[CauceError]:
    yield from _issuer(issuer, settings)
    yield from _header(document)
    if document.kind in NOTES:
        yield from _note(document)
    yield from _party(document, settings)
    for index, line in enumerate(document.lines):
        yield from _line(document.kind, index, line)


def _issuer(issuer: Issuer, settings: Settings) -> Iterator[CauceError]:
    party = parties.issuer_party(issuer)
    if not party.address or not _placed(party):
        yield Unsupported("Facturatech necesita la dirección y el municipio del emisor; configúrelos.")
    if party.tax_scheme not in parties.TAX_SCHEMES:
        yield Unsupported("Facturatech admite un emisor con tributo 01 (IVA) o ZZ (no aplica).")
    if _too_many_responsibilities(party, settings):
        yield Unsupported(
            "Facturatech admite una responsabilidad del emisor; configure facturatech.responsibilities=joined."
        )


def _header(document: Document) -> Iterator[CauceError]:
    if document.kind not in payload.SHEET_TYPES:
        yield Unsupported("Facturatech no emite este tipo de documento.")
    if document.currency != "COP":
        yield Unsupported("Facturatech se usa aquí solo con pesos colombianos (COP).", field="currency")
    if document.prefix and document.prefix[-1].isdigit():
        yield Unsupported("Facturatech no admite prefijos que terminen en dígito.", field="prefix")
    yield from _payment(document.payment)
    yield from _mail(document)
    yield from _ordinary(document)
    charges = sum(entry.is_charge for entry in document.allowance_charges)
    yield from _unwritten(
        ("totals.charge", "cargos", charges),
        ("totals.allowance", "descuentos", len(document.allowance_charges) - charges),
        ("notes", "observaciones", document.notes),
        ("order_reference.number", "numero", document.order_reference),
        ("exchange_rate", "tasa_cambio", document.exchange_rate),
        ("prepayments", "anticipos", document.prepayments),
        ("delivery_terms", "entrega", document.delivery_terms),
        ("period", "periodo", document.period),
        ("paper_invoice", "factura_papel", document.paper_invoice),
    )


def _payment(payment: Payment) -> Iterator[CauceError]:
    if payment.means not in _PAYMENT_MEANS:
        yield Unsupported(f"Facturatech no tiene el medio de pago {payment.means}.", field="payment.means")
    if payment.form == "2" and payment.due_date is None:
        yield InvalidDocument("Un pago a crédito necesita fecha de vencimiento.", field="payment.due_date")


def _mail(document: Document) -> Iterator[CauceError]:
    if document.notify and document.kind.is_bought:
        yield Unsupported(
            "Facturatech no envía por correo este documento; quite «enviar_correo».", field="notify"
        )
    if document.notify and not document.counterparty.email:
        yield InvalidDocument("Para enviar el correo falta el email.", field="counterparty.email")


def _ordinary(document: Document) -> Iterator[CauceError]:
    """Refuses the operations and types of invoice that Facturatech is not used for here."""
    ordinary = {Kind.INVOICE: "10", Kind.SUPPORT_DOCUMENT: "10" if document.resident else "11"}
    if document.operation not in (None, ordinary.get(document.kind)):
        yield Unsupported(
            "Facturatech se usa aquí solo con el tipo de operación ordinario.", field="operation"
        )
    if document.invoice_type not in (None, "01"):
        yield Unsupported("Facturatech se usa aquí solo con facturas de tipo 01.", field="invoice_type")


def _note(document: Document) -> Iterator[CauceError]:
    correction.corrected_by(document)
    code = correction.reason_of(document).code
    if code not in reasons_of(document.kind):
        yield InvalidDocument("El motivo no existe para este tipo de nota.", field="reason.code")
    if document.kind is Kind.CREDIT_NOTE and code not in _CREDIT_REASONS:
        yield Unsupported(f"Facturatech no tiene el motivo {code}.", field="reason.code")


def _party(document: Document, settings: Settings) -> Iterator[CauceError]:
    party = document.counterparty
    if party.tax_scheme not in parties.TAX_SCHEMES:
        yield Unsupported(
            "Facturatech admite los tributos 01 (IVA) y ZZ (no aplica).", field="counterparty.tax_scheme"
        )
    if _too_many_responsibilities(party, settings):
        yield Unsupported(
            "Facturatech admite una sola responsabilidad fiscal.", field="counterparty.responsibilities"
        )
    where = _address if party.country == _COLOMBIA else _address_abroad
    yield from where(party, is_bought=document.kind.is_bought)


def _address(party: Party, *, is_bought: bool) -> Iterator[CauceError]:
    if party.address and not _placed(party):
        yield InvalidDocument("Con la dirección falta el municipio.", field="counterparty.municipality")
    if not party.address and (party.municipality or party.postal_code):
        yield InvalidDocument("Con el municipio falta la dirección.", field="counterparty.address")
    if not party.address and is_bought:
        yield InvalidDocument(
            "Facturatech exige la dirección de un vendedor residente.", field="counterparty.address"
        )


def _address_abroad(party: Party, *, is_bought: bool) -> Iterator[CauceError]:
    if not is_bought:
        # Fields 11, 13, 19 and 23 are mandatory beside an address and take DANE's codes.
        yield Unsupported(
            "Facturatech no puede decir una dirección en el exterior aquí.", field="counterparty.country"
        )
    elif not party.address:
        yield InvalidDocument("Falta la dirección del vendedor en el exterior.", field="counterparty.address")


def _line(kind: Kind, index: int, line: Line) -> Iterator[CauceError]:
    its = f"lines.{index}"
    yield from _taxes(kind, line, f"{its}.taxes")
    yield from _withholdings(kind, line, f"{its}.withholdings")
    yield from _unwritten(
        (f"{its}.note", "nota", line.note),
        (f"{its}.allowance_charges", "cargos", line.allowance_charges),
        (f"{its}.reference_price", "precio_referencia", line.reference_price),
        (f"{its}.brand", "marca", line.brand),
        (f"{its}.model", "modelo", line.model),
        (f"{its}.principal", "mandante", line.principal),
        (f"{its}.aiu_contract", "contrato_aiu", line.aiu_contract),
        (f"{its}.purchase", "compra", line.purchase if kind is not Kind.SUPPORT_DOCUMENT else None),
    )


def _taxes(kind: Kind, line: Line, field: str) -> Iterator[CauceError]:
    for tax in line.taxes:
        if tax.percent is None:
            yield Unsupported("Facturatech se usa aquí solo con impuestos en porcentaje.", field=field)
        if tax.code in PER_MIL:
            # The manual does not say whether the rate in field IIM_6 is read per hundred or per thousand.
            yield Unsupported(
                f"Facturatech no aclara cómo se dice la tarifa del impuesto {tax.code}.", field=field
            )
        if tax.base is not None or tax.name is not None:
            yield Unsupported("Facturatech toma el impuesto sobre el valor de la línea.", field=field)
        if kind.is_bought and tax.code != VAT:
            # DIAN's rule DSAY13.
            yield Unsupported("Un documento soporte solo lleva IVA (01).", field=field)


def _withholdings(kind: Kind, line: Line, field: str) -> Iterator[CauceError]:
    for withholding in line.withholdings:
        if kind in NOTES:
            # UBL's notes have no place for withholdings.
            yield Unsupported("Una nota no lleva retenciones.", field=field)
        if withholding.code in PER_MIL:
            yield Unsupported("Facturatech no aclara cómo se dice la tarifa de la reteICA.", field=field)
        if kind.is_bought and withholding.code not in SUPPORT_WITHHOLDINGS:
            yield Unsupported("Un documento soporte solo lleva las retenciones 05 y 06.", field=field)


def _unwritten(*absent: tuple[str, str, object]) -> Iterator[CauceError]:
    """Refuses values that the published table has no field for. Each: path, Spanish name, value."""
    for field, name, value in absent:
        if value:
            yield Unsupported(
                f"El XML de Facturatech no tiene un campo publicado para «{name}»: omítalo, o emítalo con otro "
                "proveedor.",
                field=field,
            )


def _placed(party: Party) -> bool:
    return bool(party.municipality) and (party.municipality or "")[:2] in departments()


def _too_many_responsibilities(party: Party, settings: Settings) -> bool:
    return len(party.responsibilities) != 1 and settings.responsibilities is Responsibilities.ONE
