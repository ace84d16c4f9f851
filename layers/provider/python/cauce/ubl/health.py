"""The health sector's extension of an invoice or of a note on one, which MinSalud's validation (MUV) reads; and the
documents that prove what its user paid before.

The extension's elements have no prefix, as in DIAN's own example of another sector, and it stands second of all.
Source: MinSalud's Documento Técnico 2 as several engines write it; no official example is known. Where those differ,
``Form`` says which way is written.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from cauce.domain import health
from cauce.domain.document import CollectionProof, Document, Health
from cauce.ubl.amounts import amount
from cauce.ubl.canonical import text, value

PROVIDER = "CODIGO_PRESTADOR"
PAYMENT_METHOD = "MODALIDAD_PAGO"
COVERAGE = "COBERTURA_PLAN_BENEFICIOS"
CONTRACT = "NUMERO_CONTRATO"
NO_CONTRACT = "FACTURA_SIN_CONTRATO"
POLICY = "NUMERO_POLIZA"
_COLLECTED = {"01": "COPAGO", "02": "CUOTA_MODERADORA", "03": "PAGOS_COMPARTIDOS", "04": "ANTICIPO"}

# By operation: what the identifier of the proving document is, and the type of that document (annex 1.9, 13.1.3; 20
# is the POS equivalent's). A paper invoice has no identifier; of what has none DIAN lists other types (FAI06).
_PROVEN_BY = {
    "SS-CUFE": ("CUFE-SHA384", "01"),
    "SS-CUDE": ("CUDE-SHA384", "03"),
    "SS-POS": ("CUDE-SHA384", "20"),
    "SS-SNum": ("", ""),
}


@dataclass(frozen=True, kw_only=True)
class Form:
    """How is written what MinSalud's documents leave open, or engines write in different ways."""

    act: str | None = None
    """The act that is named; ``None`` for that in force on the day of issue, empty for no act at all."""
    provider_digits: int = 10
    """Of the REPS code: 10 are the provider's, 12 the site's too."""
    no_contract_as_list: bool = False
    """Why there is no contract, as its name with the code as an attribute, as in other lists; else as the code."""
    with_collections: bool = False
    """What the user paid is in the extension too, by concept."""
    proofs_as_billing: bool = False
    """The proving documents are BillingReferences; else AdditionalDocumentReferences."""


USUAL = Form()


def custom_tag(document: Document, said: Health, issued_on: date, form: Form) -> str:
    """The content of the extension."""
    fixed = health.literals()
    act = health.act(issued_on) if form.act is None else form.act
    named = (
        f"<Name>Responsable</Name><Value>{text(fixed.responsible)}</Value>"
        f"<Name>{text(fixed.act)}</Name><Value>{text(act)}</Value>"
    )
    return (
        "<CustomTagGeneral>"
        f"{named if act else ''}"
        "<Interoperabilidad>"
        f'<Group schemeName="{value(fixed.group)}">'
        f'<Collection schemeName="{value(fixed.collection)}">'
        f"{''.join(_rows(document, said, form))}"
        "</Collection></Group></Interoperabilidad></CustomTagGeneral>"
    )


def _rows(document: Document, said: Health, form: Form) -> Iterator[str]:
    yield _row(PROVIDER, said.provider[: form.provider_digits])
    yield _coded(PAYMENT_METHOD, "payment_methods", said.payment_method)
    yield _coded(COVERAGE, "coverages", said.coverage)
    yield _row(CONTRACT, said.contract or "")
    if said.no_contract and form.no_contract_as_list:
        yield _coded(NO_CONTRACT, "absences", said.no_contract)
    elif said.no_contract:
        yield _row(NO_CONTRACT, said.no_contract)
    if said.policy:
        yield _row(POLICY, said.policy)
    if form.with_collections:
        for concept, name in _COLLECTED.items():
            paid = [each.amount for each in document.prepayments if each.concept == concept]
            yield _row(name, amount(sum(paid, Decimal(0))))


def _row(name: str, said: str, attributes: str = "") -> str:
    return (
        "<AdditionalInformation>"
        f"<Name>{name}</Name><Value{attributes}>{text(said)}</Value>"
        "</AdditionalInformation>"
    )


def _coded(name: str, of: health.ListName, code: str) -> str:
    """A code with its name, and the list that it is of."""
    found, scheme = health.row(of, code), health.listed(of).scheme
    listed = f' schemeName="{value(scheme)}"' if scheme else ""
    return _row(name, found.called if found else code, f' schemeID="{value(code)}"{listed}')


def billed(document: Document, form: Form) -> tuple[CollectionProof, ...]:
    """The proving documents that are BillingReferences."""
    return document.health.proofs if document.health and form.proofs_as_billing else ()


def scheme(operation: str) -> str:
    """What the identifier of a proving document is."""
    return _PROVEN_BY.get(operation, ("", ""))[0]


def additional(document: Document, form: Form) -> str:
    """The proving documents that are AdditionalDocumentReferences."""
    if document.health is None or form.proofs_as_billing:
        return ""
    _, kind = _PROVEN_BY.get(document.operation or "", ("", ""))
    return "".join(
        [
            "<cac:AdditionalDocumentReference>"
            f"<cbc:ID>{text(each.number)}</cbc:ID>"
            f"{_identifier(each, document.operation or '')}"
            f"<cbc:IssueDate>{each.issue_date.isoformat()}</cbc:IssueDate>"
            f"{f'<cbc:DocumentTypeCode>{kind}</cbc:DocumentTypeCode>' if kind and each.uuid else ''}"
            "</cac:AdditionalDocumentReference>"
            for each in document.health.proofs
        ]
    )


def _identifier(proof: CollectionProof, operation: str) -> str:
    if not proof.uuid:
        return ""
    named = scheme(operation)
    attribute = f' schemeName="{named}"' if named else ""
    return f"<cbc:UUID{attribute}>{text(proof.uuid)}</cbc:UUID>"
