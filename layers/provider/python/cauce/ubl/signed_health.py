"""Reads the health sector's extension of a signed document, of any maker: older ones write more, and other names."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from cauce.domain import health
from cauce.domain.document import CollectionProof, Health
from cauce.ubl import reading
from cauce.ubl.facts import FROM_PAPER
from cauce.ubl.health import CONTRACT, COVERAGE, NO_CONTRACT, PAYMENT_METHOD, POLICY, PROVIDER
from cauce.ubl.signed_lines import day

if TYPE_CHECKING:
    from lxml.etree import _Element as Element


def read(root: "Element") -> Health | None:
    """What the extension says; of several users, what it says of the first. ``None`` without provider or coverage."""
    said = _entries(root)
    provider, coverage = _text(said.get(PROVIDER)), _code("coverages", said.get(COVERAGE))
    if not provider and not coverage:
        return None
    return Health.model_construct(
        provider=provider,
        payment_method=_code("payment_methods", said.get(PAYMENT_METHOD)),
        coverage=coverage,
        contract=_text(said.get(CONTRACT)) or None,
        no_contract=_code("absences", said.get(NO_CONTRACT)) or None,
        policy=_text(said.get(POLICY)) or None,
        proofs=tuple(_proofs(root)) if reading.local(root) == "Invoice" else (),
    )


def _entries(root: "Element") -> dict[str, "Element"]:
    """The values of the extension's first user, by name."""
    extension = root.find("{*}UBLExtensions/{*}UBLExtension/{*}ExtensionContent/{*}CustomTagGeneral")
    collection = next(extension.iter("{*}Collection"), None) if extension is not None else None
    if collection is None:
        return {}
    return {
        (name.text or "").strip(): value
        for each in collection.iter("{*}AdditionalInformation")
        if (name := each.find("{*}Name")) is not None and (value := each.find("{*}Value")) is not None
    }


def _proofs(root: "Element") -> Iterator[CollectionProof]:
    """The documents that prove what the user paid, in either form. Of any other an invoice says in words what it is,
    but for the paper invoice that it transcribes, which comes first."""
    named = root.findall("{*}BillingReference/{*}InvoiceDocumentReference")
    named = named[1:] if reading.text(root, "InvoiceTypeCode") == FROM_PAPER else named
    others = root.findall("{*}AdditionalDocumentReference")
    named += [each for each in others if not reading.text(each, "DocumentType")]
    for each in named:
        number, issued = reading.text(each, "ID"), day(reading.text(each, "IssueDate"))
        if number and issued is not None:
            uuid = reading.text(each, "UUID") or None
            yield CollectionProof.model_construct(number=number, issue_date=issued, uuid=uuid)


def _text(value: "Element | None") -> str:
    return (value.text or "").strip() if value is not None else ""


def _code(of: health.ListName, value: "Element | None") -> str:
    """The code that a value has as its attribute, or stands for; else its text."""
    said = _text(value)
    code = value.get("schemeID") if value is not None else None
    return code or next((row.code for row in health.listed(of).rows if said == row.called), said)
