"""Documents of every kind, valid by default, and where the reference material is."""

from datetime import date, datetime, time
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from cauce.domain.document import (
    NOTES,
    Address,
    AllowanceCharge,
    Benefits,
    BillingPeriod,
    BillingReference,
    CollectionProof,
    Consignment,
    DeliveryTerms,
    Document,
    ExchangeRate,
    Health,
    Identified,
    Kind,
    Line,
    NoteReference,
    OrderReference,
    OtherCode,
    OtherReference,
    PaperInvoice,
    Participant,
    Party,
    Payment,
    PaymentPart,
    Prepayment,
    Principal,
    Purchase,
    Reason,
    ReferencePrice,
    Tax,
    Till,
    TradeReference,
    Withholding,
)
from cauce.domain.document import Delivery as Delivered
from cauce.domain.event import Event, EventCode, EventPerson
from cauce.domain.issuer import Issuer
from cauce.domain.outcome import Number
from cauce.domain.ranges import NumberingRange
from cauce.domain.time import BOGOTA
from cauce.ubl.attached import Delivery, Validation
from cauce.ubl.event import NumberedEvent
from cauce.ubl.facts import NumberedDocument, Software
from tests.unit.dian.certificates import NIT

# The reference material lies beside a working copy, never inside: it is not ours to publish.
DIAN = Path(__file__).resolve().parents[4] / "shared" / "dian"

ISSUED_AT = datetime(2026, 5, 10, 15, 30, 5, tzinfo=BOGOTA)
# DIAN's public range and key for trials.
TECHNICAL_KEY = SecretStr("fc8eac422eba16e22ffd8c6f94b3f40a6e38162c")
SOFTWARE = Software(id="56f2ae4e-9812-4fad-9255-08fcfcd5ccb0", pin=SecretStr("20191"), owner_nit=NIT)
CUFE = "8bb918b19ba22a694f1da11c643b5e9de39adf60311cf179179e9b33381030bcd4c3c3f156c506ed5908f9276f5bd9b4"

ISSUER_PARTY = Party(
    person_type="1",
    identification_type="31",
    identification=NIT,
    check_digit="8",
    name="Ñandú & Cía. S.A.S.",
    trade_name="El Ñandú",
    responsibilities=("O-13", "O-15"),
    tax_scheme="01",
    email="recepcion@nandu.example",
    phone="6011234567",
    address="Carrera 7 # 1-20",
    municipality="11001",
    commercial_registration="12345",
    economic_activity="4511",
)
ISSUER = Issuer(
    nit=NIT, check_digit="8", uuid="6a2f1c4e", number=1, name=ISSUER_PARTY.name, party=ISSUER_PARTY
)
BUYER = Party(
    person_type="1",
    identification_type="31",
    identification="800199436",
    name="Compradora S.A.",
    responsibilities=("O-47",),
    tax_scheme="01",
    email="compras@compradora.example",
    address="Calle 50 # 30-20",
    municipality="05001",
)
PERSON = Party(
    person_type="2",
    identification_type="13",
    identification="71234567",
    name="Juan Pérez",
    given_names="Juan",
    family_names="Pérez",
)
SELLER = Party(
    person_type="2",
    identification_type="13",
    identification="8355990",
    name="Alan Turing",
    address="Calle 1 # 2-68",
    municipality="68679",
)
FOREIGNER = Party(
    person_type="1",
    identification_type="50",
    identification="US-99-1234567",
    name="Overseas Inc.",
    address="1 Main Street",
    city="Miami",
    region="Florida",
    country="US",
)
ANYBODY = Party(
    person_type="2", identification_type="13", identification="222222222222", name="consumidor final"
)
NOBODY = ANYBODY.model_copy(update={"name": "Consumidor Final", "tax_scheme": "01"})
"""The same in a POS ticket."""
TILL = Till(
    plate="CAJA-0042",
    place="Almacén Centro, piso 1",
    cashier="Lucía Ramírez",
    type="Caja de apoyo",
    sale="743992",
)
VAT_19 = Tax(code="01", percent=Decimal("19"))


a_line = partial(
    Line, code="PROD-001", description="Repuesto", quantity=Decimal(2), price=Decimal(50000), taxes=(VAT_19,)
)
"""Two units at 50000 with 19 % VAT: 100000 + 19000."""


def a_document(kind: Kind = Kind.INVOICE, **changes: Any) -> Document:
    facts: dict[str, Any] = {"kind": kind, "counterparty": BUYER, "lines": (a_line(),)}
    if kind in (Kind.SUPPORT_DOCUMENT, Kind.ADJUSTMENT_NOTE):
        facts["counterparty"] = SELLER
    if kind is Kind.EQUIVALENT_DOCUMENT:
        facts["till"] = TILL
    if kind in NOTES:
        facts["reason"] = Reason(code="3", text="Rebaja")
        facts["billing_reference"] = BillingReference(
            number="SETP990000001", uuid=CUFE, issue_date=date(2026, 5, 1)
        )
    if kind is Kind.EQUIVALENT_NOTE:
        facts["reason"] = Reason(code="2", text="Anulación")
    return Document(**{**facts, **changes})


_PREFIXES = {
    Kind.INVOICE: "SETP",
    Kind.CREDIT_NOTE: "NC",
    Kind.DEBIT_NOTE: "ND",
    Kind.SUPPORT_DOCUMENT: "SEDS",
    Kind.ADJUSTMENT_NOTE: "NAS",
    Kind.EQUIVALENT_DOCUMENT: "EPOS",
    Kind.EQUIVALENT_NOTE: "NE",
}


def numbered(document: Document, **changes: Any) -> NumberedDocument:
    prefix = _PREFIXES[document.kind]
    facts: dict[str, Any] = {
        "document": document,
        "number": Number(prefix=prefix, consecutive=990000001),
        "issued_at": ISSUED_AT,
        "issuer": ISSUER,
        "software": SOFTWARE,
        "range": a_range(document.kind, prefix),
        "technical_key": TECHNICAL_KEY,
    }
    return NumberedDocument(**{**facts, **changes})


def a_range(kind: Kind, prefix: str) -> NumberingRange:
    return NumberingRange(
        provider="dian",
        kind=kind,
        prefix=prefix,
        resolution="18760000001",
        start=990000000,
        end=995000000,
        valid_from=date(2019, 1, 19),
        valid_to=date(2030, 1, 19),
    )


def an_event(code: EventCode, **changes: Any) -> NumberedEvent:
    person = EventPerson(
        identification_type="13", identification="2589846132", names="Ana", last_names="Díaz", job="Almacén"
    )
    extra: dict[str, Any] = {}
    if code in (EventCode.ACKNOWLEDGEMENT, EventCode.RECEIPT):
        extra["person"] = person
    if code is EventCode.CLAIM:
        extra["claim_code"] = "02"
    if code is EventCode.TACIT_ACCEPTANCE:
        extra["sworn_note"] = "Manifiesto bajo la gravedad de juramento que no hubo respuesta."
    facts: dict[str, Any] = {
        "event": Event(code=code, invoice_uuid=CUFE, **extra),
        "number": "ACR0021",
        "issued_at": ISSUED_AT,
        "issuer": ISSUER,
        "party": ISSUER_PARTY,
        "software": SOFTWARE,
        "invoice_number": "SETG980000358",
        "other": BUYER,
    }
    return NumberedEvent(**{**facts, **changes})


def a_delivery(signed_xml: bytes, application_response: bytes) -> Delivery:
    return Delivery(
        own_number="AD2600000001",
        number="SETP990000001",
        identifier=CUFE,
        identifier_scheme="CUFE-SHA384",
        issue_date=date(2026, 5, 10),
        sender=ISSUER_PARTY,
        receiver=BUYER,
        environment=ISSUER.environment,
        issued_at=ISSUED_AT,
        signed_xml=signed_xml,
        validation=Validation(application_response=application_response, at=ISSUED_AT),
    )


_PER_UNIT = {"per_unit_amount": Decimal(60), "base_units": Decimal(3), "unit": "94"}
_NOMINAL = Tax(code="22", **_PER_UNIT)
_IBUA = Tax(code="34", per_unit_amount=Decimal(65), base_units=Decimal("750"), unit="MLT")
HEALTH = Health(provider="1100112345", payment_method="04", coverage="16", contract="CT-2026-014")
_DISCOUNT = AllowanceCharge(is_charge=False, reason_code="00", reason="Cliente", amount=Decimal(1000))
TIP = AllowanceCharge(
    is_charge=True, reason_code="03", reason="Propina", amount=Decimal(10000), percent=Decimal(10)
)
_CREDIT = Payment(form="2", means="1", due_date=date(2026, 6, 9))
_IN_DOLLARS = ExchangeRate(currency="USD", rate=Decimal("3100.50"), on=date(2026, 5, 10))

CARRIER = Identified(
    identification_type="31", identification="900373115", check_digit="3", name="Transportes La Vía S.A.S."
)
CONSORTIUM = BUYER.model_copy(
    update={
        "name": "Consorcio Puente Nuevo",
        "contact": "Lucía Ramírez",
        "fiscal_address": Address(address="Calle 10 # 5-20", municipality="11001"),
        "participants": (
            Participant(
                identification_type="31", identification="900373115", check_digit="3", name="Obras S.A.S.",
                percent=Decimal("62.5"),
            ),
            Participant(
                identification_type="13", identification="71234567", name="Juan Pérez", percent=Decimal("37.5")
            ),
        ),
    }
)  # fmt: skip

DOCUMENTS: dict[str, Document] = {
    "invoice": a_document(),
    "invoice, everything": a_document(
        counterparty=PERSON,
        payment=_CREDIT,
        notes=("Gracias por su compra", "Segunda nota"),
        order_reference=OrderReference(number="OC-1", issue_date=date(2026, 5, 2)),
        allowance_charges=(_DISCOUNT, TIP),
        prepayments=(
            Prepayment(amount=Decimal(500), received_date=date(2026, 5, 3), reference="RC-9", text="Abono"),
        ),
        lines=(
            a_line(
                discount_percent=Decimal("12.5"),
                note="Con garantía",
                allowance_charges=(_DISCOUNT, TIP),
                withholdings=(
                    Withholding(code="05", percent=Decimal(15)),
                    Withholding(code="06", percent=Decimal("2.50")),
                    Withholding(code="07", percent=Decimal("9.66")),
                ),
            ),
            a_line(taxes=()),
            a_line(taxes=(Tax(code="01", percent=Decimal(0)),), brand="Marca", model="Modelo"),
            a_line(taxes=(Tax(code="04", percent=Decimal(8)), Tax(code="03", percent=Decimal("6.9")))),
            a_line(taxes=(VAT_19, _NOMINAL, _IBUA, Tax(code="35", percent=Decimal(20)))),
            a_line(taxes=(Tax(code="ZZ", name="Tasa de prueba", percent=Decimal(1)),)),
            a_line(price=Decimal(0), reference_price=ReferencePrice(amount=Decimal(100), type="03")),
            a_line(
                quantity=Decimal("0.333333"), price=Decimal("1234.567891"), code="43211503", standard="001"
            ),
        ),
    ),
    "invoice to the final consumer": a_document(counterparty=ANYBODY),
    "with all that surrounds a sale": a_document(
        counterparty=CONSORTIUM,
        payment=Payment(form="2", means="47", due_date=date(2026, 6, 9)),
        payments=(
            PaymentPart(form="1", means="10", amount=Decimal("59500.00"), reference="RC-12"),
            PaymentPart(form="2", means="47", due_date=date(2026, 6, 9), amount=Decimal("59500.00")),
        ),
        despatches=(
            TradeReference(number="REM-1", issue_date=date(2026, 5, 2)),
            TradeReference(number="REM-2"),
        ),
        receipts=(TradeReference(number="ENT-1"),),
        other_references=(OtherReference(number="CT-7", issue_date=date(2026, 1, 4), text="Contrato"),),
        note_references=(
            NoteReference(number="NC4", uuid="c" * 96, issue_date=date(2026, 5, 1), kind=Kind.CREDIT_NOTE),
        ),
        delivery=Delivered(
            on=date(2026, 5, 12),
            at=time(8, 30),
            address=Address(address="Km 3 vía Chía", municipality="25175"),
            carrier=CARRIER,
        ),
        downloader=CARRIER,
    ),
    "note on several invoices": a_document(
        Kind.CREDIT_NOTE,
        more_billing_references=(
            BillingReference(number="SETP990000002", uuid="d" * 96, issue_date=date(2026, 5, 2)),
        ),
        despatches=(TradeReference(number="DEV-1"),),
        delivery=Delivered(on=date(2026, 5, 12)),
    ),
    "export": a_document(
        counterparty=FOREIGNER,
        invoice_type="02",
        currency="USD",
        exchange_rate=_IN_DOLLARS,
        delivery_terms=DeliveryTerms(incoterm="FOB", text="Puerto de Cartagena"),
        lines=(a_line(taxes=(Tax(code="01", percent=Decimal(0)),), brand="Marca", model="X1"),),
    ),
    "contingency from paper": a_document(
        invoice_type="03", paper_invoice=PaperInvoice(number="T-17", issue_date=date(2026, 5, 9))
    ),
    "contingency of DIAN": a_document(invoice_type="04"),
    "in pesos and dollars": a_document(exchange_rate=_IN_DOLLARS),
    "mandate": a_document(
        lines=(a_line(), a_line(principal=Principal(identification_type="31", identification="900108281")))
    ),
    "freight": a_document(
        lines=(
            a_line(
                unit="KGM",
                consignment=Consignment(
                    filing="13456", number="REM0001", freight=250000, quantity=Decimal(10), unit="KGM"
                ),
            ),
            a_line(description="Cargue"),
        )
    ),
    "currencies bought": a_document(operation="15", due_diligence="01", lines=(a_line(taxes=()),)),
    "health with what the user paid": a_document(
        operation="SS-CUFE",
        health=HEALTH.model_copy(
            update={
                "proofs": (
                    CollectionProof(number="FC-1", issue_date=date(2026, 4, 2), uuid=CUFE),
                    CollectionProof(number="FC-2", issue_date=date(2026, 4, 3)),
                )
            }
        ),
        period=BillingPeriod(start=date(2026, 4, 1), end=date(2026, 4, 30)),
        prepayments=(
            Prepayment(amount=Decimal(50), received_date=date(2026, 4, 2), concept="01"),
            Prepayment(amount=Decimal(30), received_date=date(2026, 4, 3), concept="02", reference="RC-2"),
        ),
        lines=(a_line(taxes=()),),
    ),
    "health of a patient who pays": a_document(
        operation="SS-SinAporte",
        health=HEALTH.model_copy(update={"coverage": "15", "contract": None, "no_contract": "07"}),
        period=BillingPeriod(start=date(2026, 4, 1), end=date(2026, 4, 30)),
        lines=(a_line(taxes=()),),
    ),
    "health receipt": a_document(
        operation="SS-Recaudo",
        lines=(
            a_line(taxes=()),
            a_line(taxes=(), principal=Principal(identification_type="31", identification="900108281")),
        ),
    ),
    "health credit note": a_document(Kind.CREDIT_NOTE, health=HEALTH, lines=(a_line(taxes=()),)),
    "health debit note": a_document(Kind.DEBIT_NOTE, health=HEALTH, lines=(a_line(taxes=()),)),
    "lines with all their codes": a_document(
        lines=(
            a_line(
                standard="010",
                standard_code="7702004003508",
                other_codes=(OtherCode(scheme="EAN13", code="7702004003508"),),
                period=BillingPeriod(start=date(2026, 4, 1), end=date(2026, 4, 30)),
                description="Servicio de acueducto. ".join("x" * 20),
                note="Lectura. ".join("x" * 60),
            ),
        )
    ),
    "AIU": a_document(lines=(a_line(aiu_contract="aseo y vigilancia de las sedes"), a_line(taxes=()))),
    "credit note": a_document(Kind.CREDIT_NOTE, allowance_charges=(_DISCOUNT,), exchange_rate=_IN_DOLLARS),
    "credit note without reference": a_document(
        Kind.CREDIT_NOTE,
        billing_reference=None,
        reason=Reason(code="6", text="Descuento por volumen"),
        period=BillingPeriod(start=date(2026, 4, 1), end=date(2026, 4, 30)),
    ),
    "debit note": a_document(
        Kind.DEBIT_NOTE,
        allowance_charges=(_DISCOUNT, TIP),
        delivery_terms=DeliveryTerms(incoterm="CIF"),
        lines=(a_line(discount_amount=Decimal(500)),),
    ),
    "debit note without reference": a_document(
        Kind.DEBIT_NOTE,
        billing_reference=None,
        period=BillingPeriod(start=date(2026, 4, 1), end=date(2026, 4, 30)),
    ),
    "support document": a_document(
        Kind.SUPPORT_DOCUMENT,
        payment=_CREDIT,
        lines=(
            a_line(
                discount_percent=Decimal(20),
                withholdings=(Withholding(code="06", percent=Decimal("3.5")),),
                purchase=Purchase(on=date(2026, 5, 4), form="2"),
            ),
            a_line(taxes=()),
        ),
    ),
    "support document of a non-resident": a_document(
        Kind.SUPPORT_DOCUMENT, counterparty=FOREIGNER, currency="USD", exchange_rate=_IN_DOLLARS
    ),
    "adjustment note": a_document(Kind.ADJUSTMENT_NOTE, reason=Reason(code="2", text="Anulación")),
    "POS ticket": a_document(
        Kind.EQUIVALENT_DOCUMENT,
        counterparty=NOBODY,
        lines=(
            a_line(),
            a_line(
                code="BOLSA",
                description="Bolsa",
                quantity=Decimal(1),
                price=Decimal(100),
                taxes=(Tax(code="22", per_unit_amount=Decimal(73), base_units=Decimal(1), unit="94"),),
            ),
        ),
    ),
    "POS ticket to a person": a_document(
        Kind.EQUIVALENT_DOCUMENT,
        counterparty=PERSON,
        benefits=Benefits(code="79907759", name="Edison Hernández & Cía.", points=100),
        allowance_charges=(_DISCOUNT,),
        payments=(
            PaymentPart(form="1", means="10", amount=Decimal(100000)),
            PaymentPart(form="1", means="48", amount=Decimal(18000), reference="VOUCHER-1"),
        ),
    ),
    "note on a POS ticket": a_document(Kind.EQUIVALENT_NOTE, counterparty=NOBODY),
}


def reference(*path: str) -> Path:
    """A file of the reference material; the test skips where there is none."""
    found = DIAN.joinpath(*path)
    if not found.exists():
        pytest.skip(f"the reference material is not beside this copy: {'/'.join(path)}")
    return found
