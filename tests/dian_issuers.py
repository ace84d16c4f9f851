"""Issuers that emit through DIAN itself, as an operator sets them up, for any stack."""

from typing import Any

from cauce.domain.document import Kind
from cauce.domain.issuer import Issuer
from cauce.domain.outcome import Accepted
from cauce.gateway import Gateway
from cauce.numbering.sync import sync_ranges
from tests import stack
from tests.documents import support_document
from tests.simulators.dian import DianSimulator
from tests.unit.dian import builders
from tests.unit.dian.builders import ISSUER
from tests.unit.dian.certificates import Made
from tests.unit.dian.oracles import signxml_accepts, xmlsec_accepts
from tests.unit.dian.talking import SETTINGS, account, certificate_of, connected, emit, on_credit, record
from tests.unit.dian.talking import issuer as described

SUPPLIER = "800199436"
"""The NIT of another company that DIAN knows, which sells to the issuer."""


def issuer(dian: DianSimulator, nit: str = ISSUER.nit, **changes: Any) -> Issuer:
    """An issuer all of whose documents go to this simulator."""
    facts = {
        "uuid": f"6a2f1c4e-0000-4000-8000-{int(nit):012d}",
        "providers": dict.fromkeys(Kind, "dian"),
        "settings": {"dian": {**SETTINGS, "base_url": dian.base_url}},
    }
    return described(nit, **{**facts, **changes})


def credentials(nit: str = ISSUER.nit) -> dict[str, str]:
    """The credentials of the issuer's account at DIAN."""
    kept = account(nit)
    return {
        "software_id": kept.software_id,
        "software_pin": kept.pin,
        "certificate": certificate_of(nit).get_secret_value(),
    }


def connect(gateway: Gateway, found: Issuer) -> None:
    """Save an issuer's credentials and certificate in the simulated Secrets Manager, and sync its ranges."""
    stack.keep_credentials(found.nit, "dian", credentials(found.nit))
    sync_ranges(gateway, found, "dian")


def enrolled(gateway: Gateway, dian: DianSimulator) -> Issuer:
    """An issuer stored in a stack whose documents go to this simulator, its ranges synced."""
    found = issuer(dian, number=gateway.counters.next("issuer"))
    gateway.issuers.save(found)
    connect(gateway, found)
    return found


def acknowledgement(cufe: str, **changes: Any) -> dict[str, Any]:
    """A request for event 030 on an invoice."""
    person = {
        "tipo_identificacion": 13,
        "identificacion": "52123456",
        "nombres": "Ana",
        "apellidos": "Díaz",
        "cargo": "Almacén",
    }
    return {
        "codigo": "030",
        "informacion_documento_referencia": {"cufe": cufe},
        "quien_recibio_documento": person,
        **changes,
    }


def sold_on_credit(dian: DianSimulator, seller: str, buyer: str, number: int = 990_000_001) -> str:
    """Emit, outside the gateway, an invoice between two companies, sold on credit; returns its CUFE."""
    dian.accounts.setdefault(seller, account(seller))
    customer = builders.BUYER.model_copy(update={"identification": buyer})
    bill = builders.a_document(counterparty=customer, payment=on_credit())
    outcome = emit(connected(dian, seller), record(bill, number, issuer=seller))
    assert isinstance(outcome, Accepted), outcome
    assert outcome.uuid is not None
    return outcome.uuid


def adjustment(number: str, cuds: str, day: str) -> dict[str, Any]:
    """A request for a note that annuls the support document of ``tests.documents``.

    Without withholdings: UBL has no place for them in an adjustment note.
    """
    body = support_document(
        documento_referencia={"numero": number, "cuds": cuds, "fecha": day},
        motivo={"codigo": "2", "descripcion": "Anulación"},
    )
    lines = [
        {name: value for name, value in line.items() if name != "retenciones"} for line in body["lineas"]
    ]
    return {**body, "lineas": lines}


def files_sent(dian: DianSimulator) -> list[str]:
    """The digest of every file that DIAN received, oldest first."""
    return [seen.body["contentFile"] for seen in dian.requests if isinstance(seen.body, dict)]


def is_verified(xml: bytes, nit: str = ISSUER.nit) -> bool:
    """Whether two verifiers written by others (signxml, xmlsec) accept the signature as this issuer's."""
    holder = account(nit).holder
    signer = Made(holder.certificate, holder.key)
    return signxml_accepts(xml, signer) and xmlsec_accepts(xml, signer)
