"""The graphic representation of what each provider emitted states all that the law asks for.

Source: Resolución 000165 de 2023, art. 11, by its numerals, and the articles on graphic representations; for support
documents Resolución 000167 de 2021.
"""

from decimal import Decimal
from typing import Any

import pytest

from cauce.domain import catalogs
from cauce.domain.document import AUTHORISED, Kind
from cauce.domain.errors import NotFound, Unsupported
from cauce.domain.issuer import Issuer
from cauce.domain.record import Record, State
from cauce.domain.time import bogota
from cauce.domain.totals import totals
from cauce.gateway import Gateway
from cauce.providers.base import Verb
from cauce.reading import delivery
from tests.contract.conftest import ALL
from tests.contract.test_through_the_gateway import Through
from tests.flow.conftest import Clock
from tests.unit.representation.reading import symbols, words

DOCUMENTS = [case for case in ALL if case.kind is not Kind.EVENT]
TITLES = {
    Kind.INVOICE: "Factura electrónica de venta",
    Kind.CREDIT_NOTE: "Nota crédito de la factura electrónica de venta",
    Kind.DEBIT_NOTE: "Nota débito de la factura electrónica de venta",
    Kind.SUPPORT_DOCUMENT: "Documento soporte en adquisiciones efectuadas a sujetos no obligados",
    Kind.ADJUSTMENT_NOTE: "Nota de ajuste del documento soporte",
    Kind.EQUIVALENT_DOCUMENT: "Documento equivalente electrónico: tiquete de máquina registradora con sistema POS",
    Kind.EQUIVALENT_NOTE: "Nota de ajuste al documento equivalente electrónico",
}
MAKERS = {
    "dian": "Software: Cauce",
    "factus": "Software: Factus · Fabricante: Halltec S.A.S., NIT 900.825.759-7",
    "afacturar": "Software: Afacturar · Fabricante: Teleinte S.A.S., NIT 830.020.470-5",
    "facturatech": "Software: Facturatech · Fabricante: Facturatech, NIT ",
    "facepro": "Software: FacEPro Cloud · Fabricante: FacEPro Cloud, NIT ",
}
TELL_WHEN = ("dian", "factus", "facturatech")
"""The providers that tell when DIAN validated a document; the others say only that it did."""


def money(amount: Decimal) -> str:
    return f"{amount:,.2f}".translate(str.maketrans(",.", ".,"))


def identified(number: str) -> str:
    return f"{int(number):,}".replace(",", ".")


def quality(issuer: Issuer) -> str:
    """What the issuer's description says, which those providers send; the others know it themselves."""
    if issuer.party is None:
        return "O-15 Autorretenedor · O-23 Agente de retención IVA"
    return " · ".join(f"{code} {catalogs.RESPONSIBILITIES[code]}" for code in issuer.party.responsibilities)


def required(record: Record, issuer: Issuer) -> dict[str, str]:
    """What the paper must say, by what asks for it."""
    document, sums = record.document, totals(record.document)
    issued = f"{bogota(record.issued_at):%Y-%m-%d %H:%M:%S}"
    found = {
        "1 its name": TITLES[record.kind],
        "2 the seller's name, or a buyer's who documents": issuer.as_party.name if issuer.party else "",
        "2 its NIT": f"NIT {identified(issuer.nit)}-",  # one simulator has a wrong check digit, as its page
        "3 the other party's name": document.counterparty.name,
        "3 its identification": identified(document.counterparty.identification),
        "4 its number": str(record.number),
        "5 when it was generated": f"Fecha y hora de generación {issued}",
        "6 that DIAN validated it": "Documento validado por la DIAN",
        "8 the number of lines": f"Número de líneas {len(document.lines)}",
        "9 the total": f"{document.currency} {money(sums.payable)}",
        "10 how it is paid": f"Forma de pago {catalogs.PAYMENT_FORMS[document.payment.form]}",
        "11 by which means": f"Medio de pago {catalogs.payment_means()[document.payment.means]}",
        "12 in which quality tax is withheld": quality(issuer) if not record.kind.is_bought else "",
        "15 its identifier": record.uuid or "missing",
        "18 the software and who makes it": MAKERS[record.provider],
    }
    if record.kind in AUTHORISED:
        found["4 its authorisation"] = "Autorización de numeración DIAN n.º 187"
        found["4 the dates of that"] = ", vigente del 20"
        found["4 its range"] = f": prefijo {record.number.prefix if record.number else ''}, del "
    if record.provider in TELL_WHEN:
        found["6 when DIAN validated it"] = "Fecha y hora de validación 20"
    if record.provider != "dian":
        found["7 where it was delivered"] = "Entrega o prestación 20"
        found["18 the technology provider"] = (
            f"Proveedor tecnológico: {MAKERS[record.provider].partition('Fabricante: ')[2]}"
        )
    if document.billing_reference is not None and document.reason is not None:
        found["what a note corrects"] = f"del {document.billing_reference.issue_date}"
        found["its number"] = document.billing_reference.number
        found["why"] = document.reason.text
        found["that the total is the note's"] = "Total de la nota"
    if document.payment.due_date is not None:
        found["10 when it is due"] = f"Fecha de vencimiento {document.payment.due_date}"
    for n, (line, of_line) in enumerate(zip(document.lines, sums.lines, strict=True), start=1):
        unit = catalogs.units()[line.unit]
        # Code, description, quantity, unit, price, its taxes by rate, value: as the row has them.
        found[f"8 line {n}: what it is"] = (
            f"{n} {line.code} {line.description} {line.quantity.normalize():f} {unit}"
        )
        found[f"9 line {n}: its price"] = f"{unit} {money(line.price)}"
        found[f"9 line {n}: its value"] = money(of_line.net)
    for tax in sums.taxes:
        rate = f"{catalogs.TAXES[tax.code]} {tax.percent.normalize():f} %" if tax.percent is not None else ""
        found[f"13 {rate}"] = f"{rate} {money(tax.base)} {money(tax.amount)}"
    return found


@pytest.mark.parametrize("case", DOCUMENTS, ids=str)
def test_the_paper_states_all_that_the_law_asks_for(
    case: Any, at_work: Any, gateway: Gateway, clock: Clock
) -> None:
    through = Through(at_work(case), gateway, clock)
    record = through.let_pass(through.emit(through.accept()))
    assert record.state is State.ACCEPTED, record.steps

    pdf = delivery.pdf(gateway, record)

    text = words(pdf).replace("\u00a0", " ")
    asked = required(record, through.issuer)
    assert {what: said for what, said in asked.items() if said not in text} == {}, text
    ((symbol, *_), *_) = symbols(pdf)
    assert symbol.text.splitlines()[0].endswith(f": {record.number}")
    assert symbol.text.splitlines()[-1].endswith(f"/document/searchqr?documentkey={record.uuid}")
    assert gateway.records.read(record.issuer, record.document_id).signed_xml is not None


@pytest.mark.parametrize("case", ALL, ids=str)
def test_the_providers_own_pdf_is_there_by_name_and_an_event_has_no_paper(
    case: Any, at_work: Any, gateway: Gateway, clock: Clock
) -> None:
    through = Through(at_work(case), gateway, clock)
    record = through.let_pass(through.emit(through.accept()))

    if case.kind is Kind.EVENT:
        with pytest.raises(Unsupported):
            delivery.pdf(gateway, record)
    if Verb.PDF not in through.live.capabilities.verbs:
        with pytest.raises(Unsupported, match="pida el de Cauce"):
            delivery.pdf_of_provider(gateway, record)
    elif case.kind is Kind.EVENT:
        with pytest.raises((NotFound, Unsupported)):
            delivery.pdf_of_provider(gateway, record)
    else:
        assert delivery.pdf_of_provider(gateway, record).startswith(b"%PDF")
