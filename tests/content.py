"""Documents of the domain as most providers take them, valid by default; what differs is in each provider's builders."""

from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from cauce.domain.document import BillingReference, Document, Kind, Line, Party, Reason, Tax

CUFE = "44e260a76e092e46fd5d8344a03146d5c8863ab68b18bde38a53318a33bf6805bac75f0bd71b0b75b3bd9c747a629470"
IVA_19 = (Tax(code="01", percent=Decimal(19)),)

party = partial(
    Party,
    person_type="2",
    identification_type="13",
    identification="71234567",
    name="JUAN PEREZ",
    email="juan@correo.example",
    address="Calle 50 # 30-20",
    municipality="05001",
)
line = partial(
    Line, code="PROD-001", description="Repuesto", quantity=Decimal(2), price=Decimal(50000), taxes=IVA_19
)


def noted(kind: Kind, on: str, day: date, *, uuid: str = CUFE, **facts: Any) -> Document:
    """A note that annuls a document: its number and its day."""
    corrected = BillingReference(number=on, uuid=uuid, issue_date=day)
    told = {"billing_reference": corrected, "reason": Reason(code="2", text="Anulación"), **facts}
    return Document(kind=kind, **told)
