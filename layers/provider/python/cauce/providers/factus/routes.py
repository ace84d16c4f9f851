"""The paths of each kind of document in each dialect. Factus mixes three styles of URL.

Source: v1 and v2 pages of each operation. v2's page for deleting an adjustment note still prints the v1 path;
the rest of v2 and the published SDK agree on the one used here.
"""

from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote

from cauce.domain.document import Kind
from cauce.domain.errors import Unsupported


class Dialect(StrEnum):
    """The version of Factus's API."""

    V1 = "v1"
    V2 = "v2"


def dialect(settings: dict[str, str]) -> Dialect:
    """The dialect an issuer is configured for. Raises Unsupported for one that does not exist."""
    chosen = settings.get("dialect", Dialect.V1.value)
    if chosen not in {known.value for known in Dialect}:
        raise Unsupported(f"Factus no tiene el dialecto «{chosen}»; configure «v1» o «v2».")
    return Dialect(chosen)


@dataclass(frozen=True)
class Resource:
    """A kind's name in Factus's paths, its wrapper in v1's answers, and the fields of its UUID and counterparty."""

    name: str
    wrapper: str
    uuid: str
    party: str
    show_in_v1: str = ""
    destroy: str = ""


RESOURCES = {
    Kind.INVOICE: Resource("bills", "bill", "cufe", "customer", "show/", "destroy/"),
    Kind.CREDIT_NOTE: Resource("credit-notes", "credit_note", "cude", "customer"),
    Kind.DEBIT_NOTE: Resource("debit-notes", "debit_note", "cude", "customer"),
    Kind.SUPPORT_DOCUMENT: Resource("support-documents", "support_document", "cuds", "provider", "show/"),
    Kind.ADJUSTMENT_NOTE: Resource("adjustment-notes", "adjustment_note", "cuds", "provider"),
}
_KINDS = {resource.name: kind for kind, resource in RESOURCES.items()}


def listing(chosen: Dialect, kind: Kind) -> str:
    return f"/{chosen}/{RESOURCES[kind].name}"


def create(chosen: Dialect, kind: Kind) -> str:
    return f"{listing(chosen, kind)}/validate"


def show(chosen: Dialect, kind: Kind, number: str) -> str:
    style = RESOURCES[kind].show_in_v1 if chosen is Dialect.V1 else ""
    return f"{listing(chosen, kind)}/{style}{quote(number, safe='')}"


def download(chosen: Dialect, kind: Kind, number: str, what: str) -> str:
    """The path of the ``xml`` or ``pdf`` of a document: v1 puts the number last, v2 first."""
    escaped = quote(number, safe="")
    if chosen is Dialect.V1:
        return f"{listing(chosen, kind)}/download-{what}/{escaped}"
    return f"{listing(chosen, kind)}/{escaped}/download-{what}"


def delete(chosen: Dialect, kind: Kind, reference: str) -> str:
    return f"{listing(chosen, kind)}/{RESOURCES[kind].destroy}reference/{quote(reference, safe='')}"


def kind_of(operation: str) -> Kind:
    """The kind a prepared operation creates: ``POST /v1/bills/validate`` → invoice."""
    return _KINDS[operation.split("/")[2]]
