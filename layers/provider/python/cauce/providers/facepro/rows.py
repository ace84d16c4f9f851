"""FacEPro's list → the shape every provider shares. Pure. Source: seed 002, «Query params»."""

from cauce.domain.document import Kind
from cauce.domain.errors import InvalidDocument, Unsupported
from cauce.providers.base import Emitted
from cauce.providers.facepro.answer import Estado, Facts

MAX_PER_PAGE = 100
# The contract's filters and FacEPro's, whose dates are those of issue; seed 003 has other names for these.
_FILTERS = {
    "estado": "estado",
    "desde": "desde",
    "hasta": "hasta",
    "fecha_documento_desde": "desde",
    "fecha_documento_hasta": "hasta",
}
_TIPO = {Kind.INVOICE: "factura", Kind.CREDIT_NOTE: "nota_credito", Kind.DEBIT_NOTE: "nota_debito"}


def query(filters: dict[str, str]) -> dict[str, str]:
    """The query string of a search. Raises Unsupported for a filter that FacEPro does not have."""
    found: dict[str, str] = {}
    for name, value in filters.items():
        if name not in _FILTERS:
            raise Unsupported(f"FacEPro Cloud no filtra sus documentos por «{name}».", field=name)
        if found.setdefault(_FILTERS[name], value) != value:
            raise InvalidDocument("FacEPro Cloud tiene una sola fecha por documento.", field=name)
    if filters.get("estado", Estado.ACCEPTED) not in set(Estado):
        raise InvalidDocument(f"El estado debe ser uno de: {', '.join(Estado)}.", field="estado")
    return found


def emitted(found: Facts) -> Emitted:
    """One row of a listing. Its links open only with the token."""
    known = found.kind
    extra = {"zip_key": found.zip_key, "estado_dian_codigo": found.status_code}
    return Emitted(
        provider_id=found.tracking_id,
        reference=None,
        kind=_TIPO[known] if known else found.tipo,
        number=found.full_number,
        counterparty=found.counterparty,
        counterparty_name=found.counterparty_name,
        total=found.total,
        issued_at=found.issued_at.isoformat() if found.issued_at else None,
        received_at=None,
        uuid=found.uuid,
        estado=found.estado,
        messages=tuple(text for text in (found.status_message, found.last_error) if text),
        links=found.links,
        extra={name: value for name, value in extra.items() if value},
    )
