"""A company with a month behind it: documents of every kind and state, a lot, ranges, and a buyer with a hostile name."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from cauce.aws import items
from cauce.contracts.v1 import contract
from cauce.domain.document import Kind
from cauce.domain.lot import Lot, LotLine, LotState, Refusal
from cauce.domain.outcome import Message, Number, Origin
from cauce.domain.record import Record, State
from cauce.domain.time import bogota
from cauce.domain.totals import amounts_of, totals
from cauce.reception import access
from tests.bench.asked import _twin
from tests.bench.emission import Container
from tests.documents import BUYER, support_document
from tests.records import noted
from tests.unit.contracts.examples import a_credit_note, a_record, an_invoice

HOSTILE = '<img src=x onerror="document.title=1"> & «Cía»'
LONG = "Comercializadora-" * 20 + " de Ñariño y el Magdalena Medio S.A.S."
"""A name as long as some are, most of it without a space."""
PREFIX, FIRST = "SETP", 990000100
RULE = "FAU14"


@dataclass
class Company:
    """The company, the month that is full, and a token that may read all."""

    running: Container
    bearer: str
    month: str
    last: datetime
    """Noon of the last day of that month."""
    rejected: Record
    hostile: Record
    accepted: str
    """The id of a document that DIAN accepted, with its files."""
    lot: str


def with_a_month(running: Container) -> Company:
    """Fill the month before the container's."""
    now = bogota(running.clock.now)
    last = now.replace(day=1, hour=12, minute=0, second=0) - timedelta(days=1)
    first = last.replace(day=1)
    accepted = next(
        items.record(item, None) if False else item["pk"]["S"].rpartition("#")[2]
        for (pk, sk), item in running.aws.table.items.items()
        if sk == "RECORD" and item["state"]["S"] == "accepted"
    )
    made = _Made(running, first)
    for n in range(14):
        made.invoice(n, n)
    rejected = made.invoice(
        14,
        9,
        State.REJECTED,
        rejections=(
            Message(
                text="El valor a pagar no es la suma de sus partes.",
                rule=RULE,
                field="lines.0.price",
                origin=Origin.DIAN,
            ),
        ),
        status_code="99",
        status_message="Documento con errores en campos mandatorios.",
    )
    made.invoice(15, 10, State.FAILED, last_error="El proveedor no aceptó las credenciales.")
    made.invoice(16, 11, State.PENDING, waits_for=None)
    hostile = made.invoice(18, 12, buyer={**BUYER, "razon_social": HOSTILE})  # nobody took the number before
    made.invoice(
        21, 15, withheld=[{"codigo": "06", "porcentaje": "2.5"}, {"codigo": "05", "porcentaje": "15"}]
    )
    made.invoice(22, 15, buyer={**BUYER, "razon_social": LONG}, moneda="USD")
    made.document(Kind.CREDIT_NOTE, a_credit_note(), 0, 16, prefix="NC")
    made.document(Kind.SUPPORT_DOCUMENT, support_document(), 0, 17, prefix="SEDS")
    lot = made.lot()
    bearer = access.grant(running.gateway, running.issuer.nit, name="Contadora", email="c@empresa.example")[1]
    return Company(running, bearer, f"{first:%Y-%m}", last, rejected, hostile, accepted, lot)


@dataclass
class _Made:
    running: Container
    first: datetime

    def invoice(
        self,
        n: int,
        day: int,
        state: State = State.ACCEPTED,
        buyer: Any = None,
        withheld: Any = None,
        moneda: str = "COP",
        **facts: Any,
    ) -> Record:
        body = an_invoice(referencia=f"VENTA-{n:04}", **({"adquiriente": buyer} if buyer else {}))
        if moneda != "COP":
            body |= {"moneda": moneda, "tasa_cambio": {"valor": "4000", "fecha": f"{self.first:%Y-%m-%d}"}}
        if withheld:
            body["lineas"][0]["retenciones"] = withheld
        if n % 3 == 0:
            body["lineas"][1]["iva_pct"] = 5
        return self.document(Kind.INVOICE, body, n, day, state, **facts)

    def document(
        self,
        kind: Kind,
        body: Any,
        n: int,
        day: int,
        state: State = State.ACCEPTED,
        prefix: str = PREFIX,
        **facts: Any,
    ) -> Record:
        document = contract.document(kind, body)
        at = self.first + timedelta(days=day, hours=-3, minutes=7 * n)
        record = a_record(
            document,
            issuer=self.running.issuer.nit,
            document_id=f"0198f9b0-{kind.value[:2].encode().hex()}-7000-8000-{n:012}",
            provider="dian",
            state=state,
            number=Number(prefix=prefix, consecutive=FIRST + n),
            uuid=f"{n:02x}" * 48 if state is State.ACCEPTED else None,
            issued_at=at,
            created_at=at,
            received_at=at,
            **{**amounts_of(totals(document))._asdict(), **facts},
        )
        record = noted(record, "received", at)
        record = noted(record, "sending", at + timedelta(seconds=1))
        record = noted(record, state.value, at + timedelta(seconds=2), record.status_message)
        taken = self.running.gateway.new_records.take_in(record, numbered=False, quota=None)
        self.running.aws.client("dynamodb").put_item(TableName="cauce", Item=items.number_item(taken))
        return taken

    def lot(self) -> str:
        gateway, nit = self.running.gateway, self.running.issuer.nit
        lot = Lot(
            issuer=nit,
            lot_id="0198f9b0-0000-7000-8000-0000000000aa",
            state=LotState.READ,
            kind=Kind.INVOICE,
            size=9_000,
            sha256="a" * 64,
            total=4,
            position=4,
            offset=9_000,
            created_at=self.first,
        )
        gateway.lots.create(lot)
        for n in range(3):
            line = LotLine(lot=lot.lot_id, place=f"{n + 1:06}")
            self.document(
                Kind.DEBIT_NOTE,
                _debit_note(n),
                n,
                18,
                State.PENDING if n == 2 else State.ACCEPTED,
                prefix="ND",
                line=line,
            )
        line = LotLine(lot=lot.lot_id, place="000004")
        gateway.lots.refuse(
            nit,
            Refusal(
                line=line,
                reference="LOTE-4",
                code="datos_invalidos",
                message="Datos invalidos",
                fields={"lineas.0.iva_pct": ["El campo lineas.0.iva_pct debe ser 0, 5, 16 o 19."]},
            ),
        )
        return lot.lot_id


def _debit_note(n: int) -> Any:
    body = a_credit_note(referencia=f"LOTE-{n + 1}")
    return {**body, "motivo": {"codigo": "3", "descripcion": "Cambio del valor"}}


def crowd(company: Company, documents: int) -> None:
    """Give the company so many more documents in its month."""
    running = company.running
    pk = f"RECORD#{running.issuer.nit}#{company.hostile.document_id}"
    model = [item for (each, _), item in list(running.aws.table.items.items()) if each == pk]
    running.aws.weighs = False
    at = replace(running.clock, now=company.last)
    behind = replace(running, clock=at)
    for n in range(documents):
        for item in model:
            _twin(behind, item, n)
