"""Rules of RADIAN events 030 to 034 on invoices that the simulator has.

Sources: Anexo RADIAN; rules AAx (the event's data) and LGCx (the order of events). Days of grace are weekdays: counting
holidays too is stricter than the law for a claim, and laxer for a tacit acceptance.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from tests.simulators.dian.document import Document
from tests.simulators.dian.findings import Finding

ACKNOWLEDGEMENT, CLAIM, RECEIPT, ACCEPTANCE, TACIT = "030", "031", "032", "033", "034"
_CODES = (ACKNOWLEDGEMENT, CLAIM, RECEIPT, ACCEPTANCE, TACIT)
_DIAN = "800197268"
_DAYS = 3


@dataclass(frozen=True)
class Invoice:
    """The facts of an invoice that the rules of its events need."""

    number: str
    uuid: str
    supplier: str
    customer: str
    is_credit: bool
    type_code: str


@dataclass(frozen=True)
class Registered:
    """An event that was accepted."""

    code: str
    uuid: str
    number: str
    on: date
    sender: str
    receiver: str


def code_of(event: Document) -> str:
    return event.text("cac:DocumentResponse/cac:Response/cbc:ResponseCode")


def check(event: Document, invoice: Invoice | None, earlier: list[Registered]) -> Iterator[Finding]:
    code = code_of(event)
    if code not in _CODES:
        yield Finding("AAH03", f"Evento {code}")
        return
    if invoice is None:
        yield Finding("AAH07", "El CUFE referenciado no existe")
        return
    reference = "cac:DocumentResponse/cac:DocumentReference"
    if event.text(f"{reference}/cbc:ID") != invoice.number:
        yield Finding("AAH06", "El número referenciado no es el de ese CUFE")
    if event.text(f"{reference}/cbc:DocumentTypeCode") != invoice.type_code:
        yield Finding("AAH09", "El tipo referenciado no es el del documento")
    tacit = code == TACIT
    if event.supplier != (invoice.supplier if tacit else invoice.customer):
        yield Finding("AAF01", "Quien envía no es quien puede declarar el evento")
    if event.customer != (_DIAN if tacit else invoice.supplier):
        yield Finding("AAG01", "Quien recibe no es a quien se declara el evento")
    if tacit and not event.text("cbc:Note"):
        yield Finding("AAD11a", "Aceptación tácita sin la nota juramentada")
    yield from _person(event, code)
    if code == CLAIM and event.text("cac:DocumentResponse/cac:Response/cbc:ResponseCode/@listID") not in (
        "01",
        "02",
        "03",
        "04",
    ):
        yield Finding("AAH03", "Reclamo sin su concepto")
    if not invoice.is_credit:
        yield Finding("LGC62", "La factura no es a crédito")
    yield from _order(event, code, earlier)


def _person(event: Document, code: str) -> Iterator[Finding]:
    if code not in (ACKNOWLEDGEMENT, RECEIPT):
        return
    person = "cac:DocumentResponse/cac:IssuerParty/cac:Person"
    for rule, field in (("AAH11", "ID"), ("AAH13", "FirstName"), ("AAH14", "FamilyName")):
        if not event.text(f"{person}/cbc:{field}"):
            yield Finding(rule, f"IssuerParty/Person sin {field}")
    if not event.text(f"{person}/cbc:ID/@schemeName"):
        yield Finding("AAH12", "IssuerParty/Person sin tipo de identificación")


def _order(event: Document, code: str, earlier: list[Registered]) -> Iterator[Finding]:
    seen = {found.code: found for found in earlier}
    if code in seen:
        yield Finding("LGC01", "El evento ya fue registrado para ese CUFE")
        return
    needs = {
        RECEIPT: ((ACKNOWLEDGEMENT, "LGC09"),),
        CLAIM: ((RECEIPT, "LGC03"),),
        ACCEPTANCE: ((RECEIPT, "LGC12"), (ACKNOWLEDGEMENT, "LGC13")),
        TACIT: ((RECEIPT, "LGC14"),),
    }
    for before, rule in needs.get(code, ()):
        if before not in seen:
            yield Finding(rule, f"Falta el evento {before}")
    excludes = {
        CLAIM: ((ACCEPTANCE, "LGC02"), (TACIT, "LGC02")),
        ACCEPTANCE: ((CLAIM, "LGC04"), (TACIT, "LGC07")),
        TACIT: ((CLAIM, "LGC04"), (ACCEPTANCE, "LGC05")),
    }
    for other, rule in excludes.get(code, ()):
        if other in seen:
            yield Finding(rule, f"Ya está registrado el evento {other}")
    if RECEIPT in seen:
        last = _later(seen[RECEIPT].on, _DAYS)
        if code == CLAIM and event.issue_date > last:
            yield Finding("DC24z", "Reclamo después de 3 días hábiles")
        if code == TACIT and event.issue_date <= last:
            yield Finding("LGC14", "No han pasado 3 días hábiles")


def _later(start: date, weekdays: int) -> date:
    day = start
    while weekdays:
        day += timedelta(days=1)
        weekdays -= day.weekday() < 5
    return day
