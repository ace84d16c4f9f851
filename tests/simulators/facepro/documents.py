"""The companies' documents: verdicts, amounts and XML."""

import hashlib
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from tests.simulators import ubl
from tests.simulators.facepro.answers import number
from tests.simulators.facepro.catalogs import Kind
from tests.simulators.facepro.tenants import Tenant

_CENT = Decimal("0.01")
_MAKER = "901555000"
"""NIT of the company behind FacEPro: made up, since the page has none."""


@dataclass(frozen=True)
class Verdict:
    """DIAN's scripted verdict: a state, its sentences and, if it is pending, the verdict `then` after `asks`."""

    estado: str
    sentences: tuple[str, ...] = ()
    asks: int = 0
    then: "Verdict | None" = None


ACCEPTED = Verdict("aceptado")
_DIAN = {
    "aceptado": ("00", "Procesado correctamente"),
    "rechazado": ("99", "Documento con errores en campos mandatorios"),
    "pendiente": (None, "La DIAN no respondió a tiempo"),
    "fallido": (None, None),
}
_LAST_ERROR = {
    "rechazado": "La DIAN rechazó el documento",
    "pendiente": "Tiempo de espera agotado",
    "fallido": "No se pudo enviar el documento a la DIAN",
}


@dataclass
class Document:
    """A stored document; `request` is the body that created it."""

    tenant: Tenant
    kind: Kind
    request: dict[str, Any]
    unknown_fields: tuple[str, ...]
    consecutive: int
    issued_at: datetime
    created_at: datetime
    tracking_id: str
    verdict: Verdict
    asks_left: int = 0
    sent_to_dian: int = 1
    """How often it was sent to DIAN; asking does not send."""

    @property
    def estado(self) -> str:
        return self.verdict.estado

    @property
    def number(self) -> str:
        return f"{self.kind.prefix}{self.consecutive}"

    @property
    def cufe(self) -> str:
        facts = (
            f"{self.tenant.nit}|{self.kind.tipo}|{self.number}|{self.issued_at.isoformat()}|{self.total()}"
        )
        return hashlib.sha384(facts.encode()).hexdigest()

    @property
    def zip_key(self) -> str:
        return hashlib.sha256(self.tracking_id.encode()).hexdigest()[:40]

    def subtotal(self) -> Decimal:
        return sum((net for net, _ in self._amounts()), Decimal(0))

    def iva(self) -> Decimal:
        return sum((iva for _, iva in self._amounts()), Decimal(0))

    def total(self) -> Decimal:
        return self.subtotal() + self.iva()

    def _amounts(self) -> list[tuple[Decimal, Decimal]]:
        """Each line's value without IVA and its IVA, rounded half up to the cent as PHP does."""
        amounts = []
        for line in self.request["lineas"]:
            gross = Decimal(line["cantidad"]) * Decimal(line["precio"])
            percent = Decimal(line.get("descuento_pct") or 0)
            discount = Decimal(line.get("descuento_valor") or 0) or gross * percent / 100
            net = (gross - discount).quantize(_CENT, ROUND_HALF_UP)
            amounts.append((net, (net * Decimal(line["iva_pct"]) / 100).quantize(_CENT, ROUND_HALF_UP)))
        return amounts

    def resource(self, base_url: str) -> dict[str, Any]:
        """The document as every endpoint shows it."""
        code, message = _DIAN[self.estado]
        own = f"{base_url}/documentos/{self.tracking_id}"
        trouble = {"ultimo_error": _LAST_ERROR[self.estado]} if self.estado in _LAST_ERROR else {}
        return {
            "tracking_id": self.tracking_id,
            "numero_completo": self.number,
            "tipo_documento": self.kind.tipo,
            "prefijo": self.kind.prefix,
            "consecutivo": self.consecutive,
            "fecha_emision": self.issued_at.isoformat(),
            "adquirente": {
                "documento": self.request["adquiriente"]["numero_documento"],
                "razon_social": self.request["adquiriente"]["razon_social"],
            },
            "totales": {
                "subtotal": number(self.subtotal()),
                "iva": number(self.iva()),
                "total": number(self.total()),
            },
            "cufe": self.cufe,
            "zip_key": self.zip_key,
            "estado": self.estado,
            "estado_dian_codigo": code,
            "estado_dian_mensaje": message,
            **trouble,
            "links": {"self": own, "consultar": f"{own}/consultar", "xml": f"{own}/xml"},
        }

    def dian(self) -> dict[str, Any]:
        """What DIAN answers when it is asked now."""
        code, message = _DIAN[self.estado]
        return {
            "is_valid": self.estado == "aceptado",
            "status_code": code or "",
            "status_description": message or "El TrackId no existe en los registros de la DIAN",
            "errors": list(self.verdict.sentences),
        }

    def xml(self) -> bytes:
        """The document as FacEPro's software writes it, with an empty signature."""
        buyer, payment = self.request["adquiriente"], self.request.get("pago") or {}
        reference, reason = self.request.get("factura_referencia"), self.request.get("motivo") or {}
        lines = zip(self.request["lineas"], self._amounts(), strict=True)
        return ubl.document(
            ubl.Document(
                root=self.kind.root,
                type_code={"Invoice": "01", "CreditNote": "91"}.get(self.kind.root, "92"),
                number=self.number,
                uuid=self.cufe,
                scheme="CUFE" if self.kind.root == "Invoice" else "CUDE",
                issued_at=self.issued_at,
                seller=ubl.Party(
                    identification=self.tenant.nit,
                    digit=self.tenant.dv,
                    name=self.tenant.razon_social,
                    responsibilities="O-15;O-23",
                    address="Calle 10 # 4-20",
                    town="11001",
                ),
                buyer=ubl.Party(
                    identification=buyer["numero_documento"],
                    kind=buyer["tipo_documento"],
                    name=buyer["razon_social"],
                    person=buyer["tipo_persona"],
                    address=buyer.get("direccion") or "",
                    town=buyer.get("codigo_municipio") or "",
                    email=buyer.get("email") or "",
                ),
                lines=tuple(_line(line, net, iva) for line, (net, iva) in lines),
                payable=self.total(),
                maker=_MAKER,
                form=payment.get("forma") or "1",
                means=payment.get("medio") or "10",
                due=payment.get("vencimiento") or "",
                prefix=self.kind.prefix,
                resolution="18764000000017" if self.kind.root == "Invoice" else "",
                delivered_at="Bodega 3, Fontibón",
                corrected=(reference["numero"], reference["cufe"], reference["fecha"]) if reference else None,
                reason=(str(reason.get("codigo", "")), str(reason.get("descripcion", ""))),
            )
        )

    def summary(self) -> dict[str, Any]:
        """The document in JSON, for the control plane."""
        return {
            "nit": self.tenant.nit,
            "tipo": self.kind.tipo,
            "number": self.number,
            "tracking_id": self.tracking_id,
            "issued_at": self.issued_at.isoformat(),
            "total": str(self.total()),
            "estado": self.estado,
            "sent_to_dian": self.sent_to_dian,
            "unknown_fields": list(self.unknown_fields),
        }


class Documents:
    """The documents of every company, oldest first, under one lock."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.lock = threading.RLock()
        self.clock = clock
        self.stored: list[Document] = []

    def all(self) -> list[Document]:
        with self.lock:
            return list(self.stored)

    def of(self, tenant: Tenant) -> list[Document]:
        return [document for document in self.all() if document.tenant is tenant]

    def find(self, tenant: Tenant, tracking_id: str) -> Document | None:
        """A company's document; None for an unknown id and for another company's."""
        return next((row for row in self.of(tenant) if row.tracking_id == tracking_id), None)

    def used(self, tenant: Tenant) -> int:
        """How many documents count towards the quota of this period."""
        quota, now = tenant.quota, self.clock()
        return sum(quota is not None and quota.same_period(row.created_at, now) for row in self.of(tenant))

    def store(
        self, tenant: Tenant, kind: Kind, body: dict[str, Any], unknown: tuple[str, ...], verdict: Verdict
    ) -> Document:
        """Takes the next number of the company's range, stores the document and sends it to DIAN."""
        with self.lock:
            now = self.clock()
            consecutive = tenant.next_numbers[kind.tipo]
            tenant.next_numbers[kind.tipo] += 1
            document = Document(
                tenant=tenant,
                kind=kind,
                request=body,
                unknown_fields=unknown,
                consecutive=consecutive,
                issued_at=_issued_at(body, now),
                created_at=now,
                tracking_id=str(uuid.uuid4()),
                verdict=verdict,
                asks_left=verdict.asks,
                sent_to_dian=0 if verdict.estado == "fallido" else 1,
            )
            self.stored.append(document)
            return document

    def ask(self, document: Document) -> None:
        """Ask DIAN once: after enough questions a pending document gets its verdict."""
        with self.lock:
            if document.estado != "pendiente":
                return
            document.asks_left -= 1
            if document.asks_left <= 0:
                document.verdict = document.verdict.then or ACCEPTED


def _issued_at(body: dict[str, Any], now: datetime) -> datetime:
    """`factura.fecha` and `factura.hora`; for either that was not sent, the date or time of now."""
    issue = body.get("factura") or {}
    day = issue.get("fecha") or now.date().isoformat()
    return datetime.fromisoformat(f"{day}T{issue.get('hora') or now.strftime('%H:%M:%S-05:00')}")


def _line(line: dict[str, Any], net: Decimal, iva: Decimal) -> ubl.Line:
    gross = (Decimal(line["cantidad"]) * Decimal(line["precio"])).quantize(_CENT, ROUND_HALF_UP)
    return ubl.Line(
        code=line["codigo"],
        description=line["descripcion"],
        quantity=Decimal(line["cantidad"]),
        unit=line.get("unidad") or "94",
        price=Decimal(line["precio"]),
        net=net,
        discount=gross - net,
        taxes=() if line.get("excluido") else (ubl.vat(net, Decimal(line["iva_pct"]), iva),),
    )
