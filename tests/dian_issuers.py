"""Issuers that emit through DIAN itself: what an operator sets and enrols for them, in any stack."""

from datetime import date, timedelta
from typing import Any

from cauce.domain.document import Kind
from cauce.domain.issuer import Issuer
from tests.documents import invoice
from tests.simulators.dian import DianSimulator
from tests.unit.dian.builders import ISSUER
from tests.unit.dian.certificates import Made
from tests.unit.dian.oracles import signxml_accepts, xmlsec_accepts
from tests.unit.dian.talking import SETTINGS, account, certificate_of
from tests.unit.dian.talking import issuer as described


def issuer(dian: DianSimulator, nit: str = ISSUER.nit, **changes: Any) -> Issuer:
    """An issuer all of whose documents go to this simulator."""
    facts = {
        "uuid": f"6a2f1c4e-0000-4000-8000-{int(nit):012d}",
        "providers": dict.fromkeys(Kind, "dian"),
        "settings": {"dian": {**SETTINGS, "base_url": dian.base_url}},
    }
    return described(nit, **{**facts, **changes})


def credentials(nit: str = ISSUER.nit) -> dict[str, str]:
    """The secret of the issuer's account at DIAN."""
    kept = account(nit)
    return {
        "software_id": kept.software_id,
        "software_pin": kept.pin,
        "certificate": certificate_of(nit).get_secret_value(),
    }


def credit_invoice(**changes: Any) -> dict[str, Any]:
    """A request for an invoice on credit, the only ones that receive events."""
    due = date.today() + timedelta(days=30)  # noqa: DTZ011
    return invoice(pago={"forma": "2", "medio": "1", "vencimiento": due.isoformat()}, **changes)


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


def is_verified(xml: bytes, nit: str = ISSUER.nit) -> bool:
    """Whether two verifiers that nobody here wrote accept the signature, as this issuer's."""
    holder = account(nit).holder
    signer = Made(holder.certificate, holder.key)
    return signxml_accepts(xml, signer) and xmlsec_accepts(xml, signer)
