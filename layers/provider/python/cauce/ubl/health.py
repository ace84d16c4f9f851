"""The health sector's extension of an invoice or of a note on one, which MinSalud's validation (MUV) reads.

Its elements have no prefix, as DIAN's own example of another sector's, and stand second among the extensions.
Source: MinSalud's Documento Técnico 2 as several engines write it; no official example is known.
"""

from datetime import date

from cauce.domain import health
from cauce.domain.document import Health
from cauce.ubl.canonical import text, value

PROVIDER_DIGITS = 10
"""Of the REPS code: the provider's, without those of the site."""

PROVIDER = "CODIGO_PRESTADOR"
PAYMENT_METHOD = "MODALIDAD_PAGO"
COVERAGE = "COBERTURA_PLAN_BENEFICIOS"
CONTRACT = "NUMERO_CONTRATO"
NO_CONTRACT = "FACTURA_SIN_CONTRATO"
POLICY = "NUMERO_POLIZA"


def custom_tag(said: Health, issued_on: date) -> str:
    """The content of the extension."""
    fixed = health.literals()
    rows = (
        _row(PROVIDER, said.provider[:PROVIDER_DIGITS]),
        _coded(PAYMENT_METHOD, "payment_methods", said.payment_method),
        _coded(COVERAGE, "coverages", said.coverage),
        _row(CONTRACT, said.contract or ""),
        *((_row(NO_CONTRACT, said.no_contract),) if said.no_contract else ()),
        *((_row(POLICY, said.policy),) if said.policy else ()),
    )
    return (
        "<CustomTagGeneral>"
        f"<Name>Responsable</Name><Value>{text(fixed.responsible)}</Value>"
        f"<Name>{text(fixed.act)}</Name><Value>{text(health.act(issued_on))}</Value>"
        "<Interoperabilidad>"
        f'<Group schemeName="{value(fixed.group)}">'
        f'<Collection schemeName="{value(fixed.collection)}">'
        f"{''.join(rows)}"
        "</Collection></Group></Interoperabilidad></CustomTagGeneral>"
    )


def _row(name: str, said: str, attributes: str = "") -> str:
    return (
        "<AdditionalInformation>"
        f"<Name>{name}</Name><Value{attributes}>{text(said)}</Value>"
        "</AdditionalInformation>"
    )


def _coded(name: str, of: health.ListName, code: str) -> str:
    """A code with its name, and the list that it is of."""
    found, listed = health.row(of, code), health.listed(of)
    attributes = f' schemeID="{value(code)}" schemeName="{value(listed.scheme)}"'
    return _row(name, found.called if found else code, attributes)
