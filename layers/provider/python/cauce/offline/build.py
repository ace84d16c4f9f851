"""DIAN's XML of a request, made on this machine alone: no stack, no network, no provider.

What a file cannot say (a secret that was left out) is asked of whoever runs it, through ``ask``.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import SecretStr

from cauce import law
from cauce.contracts.v1 import events
from cauce.contracts.v1.bodies import JsonObject
from cauce.contracts.v1.issuer_file import IssuerOnFile
from cauce.domain import expected
from cauce.domain.document import Document, Kind, Party
from cauce.domain.errors import InvalidDocument
from cauce.domain.outcome import Finding
from cauce.domain.ranges import NumberingRange
from cauce.domain.time import BOGOTA, bogota
from cauce.domain.totals import Totals, amounts_of, totals
from cauce.offline.numbers import number_of, range_of
from cauce.ubl import canonical, files, own_ranges, preflight, signature
from cauce.ubl import document as ubl_document
from cauce.ubl import event as ubl_event
from cauce.ubl.certificate import Certificate, current, enrolled, loaded
from cauce.ubl.declaring import invoice_facts
from cauce.ubl.emitter import build_signed
from cauce.ubl.event import NumberedEvent
from cauce.ubl.facts import NumberedDocument, Software
from cauce.ubl.refusals import refuse
from cauce.verification.file import enclosed, local, parsed, text

Ask = Callable[[str], str]
"""Asks for a secret by its name, and shows nothing of the answer."""


@dataclass(frozen=True)
class Built:
    """A file, and what an accountant wants to know of it."""

    xml: bytes = field(repr=False)
    number: str
    identifier: str
    identifier_scheme: str
    issued_at: datetime
    signed_at: datetime
    """Time of signing; of an unsigned file, when it would have been signed."""
    document: Document | None
    """Absent for an event."""
    totals: Totals | None
    certificate: Certificate | None
    findings: tuple[Finding, ...]


def kind_of(body: JsonObject) -> Kind | None:
    """The kind of document that a request is for; ``None`` where its fields fit a credit and a debit note alike."""
    if body.keys() & {"evento", "informacion_documento_referencia"}:
        return Kind.EVENT
    if "caja" in body:
        return Kind.EQUIVALENT_DOCUMENT
    if "documento_referencia" in body and "vendedor" not in body:
        return Kind.EQUIVALENT_NOTE
    if "vendedor" in body:
        return Kind.ADJUSTMENT_NOTE if "motivo" in body else Kind.SUPPORT_DOCUMENT
    return None if "motivo" in body else Kind.INVOICE


def certificate(pkcs12: bytes, password: SecretStr, nit: str, moment: datetime) -> Certificate:
    """What signs, examined as an operator's enrolment would. Raises CredentialsRejected."""
    return current((loaded(enrolled(pkcs12, password, nit, moment)),), moment)


def signing_time(asked: datetime | None, now: datetime) -> datetime:
    """When it is signed: now, or at the moment asked for on the command line, as if that were now."""
    if asked is None:
        return bogota(now)
    return asked.replace(tzinfo=BOGOTA) if asked.tzinfo is None else bogota(asked)


def moment_of(document: Document, asked: datetime | None, now: datetime) -> datetime:
    """Date and time of issue: as asked on the command line, as the request says, or now.

    Raises InvalidDocument where the request is of another day than was asked for.
    """
    signed_at = signing_time(asked, now)
    day = document.issue_date or signed_at.date()
    if asked is None:
        return datetime.combine(day, document.issue_time or signed_at.time(), tzinfo=BOGOTA)
    if day != signed_at.date():
        raise InvalidDocument(
            f"La petición es del {day} y --fecha es del {signed_at.date()}: deje solo una, o la misma en ambas.",
            field="issue_date",
        )
    return signed_at


def check(document: Document, on_file: IssuerOnFile, asked: datetime | None, now: datetime) -> list[Finding]:
    """What DIAN would say of a document before it has a number, signed now or when it is asked for. Raises where it
    cannot be written at all."""
    law.check(document, on_file.issuer.extra_rates)
    refuse(document)
    expected.refuse(document, amounts_of(totals(document)))
    found = range_of(document, on_file, None)
    issued_at = moment_of(document, asked, now)
    return _findings(document, on_file, found, issued_at, signing_time(asked, now))


def _findings(
    document: Document,
    on_file: IssuerOnFile,
    numbering_range: NumberingRange | None,
    issued_at: datetime,
    signed_at: datetime,
) -> list[Finding]:
    said = preflight.findings(document, on_file.issuer, numbering_range, issued_at=issued_at, now=signed_at)
    return [*law.findings(document, signed_at.date(), on_file.issuer.extra_rates), *said]


def build(
    document: Document,
    on_file: IssuerOnFile,
    *,
    number: str | None,
    issued_at: datetime,
    signed_at: datetime,
    certificate: Certificate | None,
    ask: Ask,
) -> Built:
    """The document as DIAN's XML, signed at that time where there is a certificate.

    Raises InvalidDocument, Unsupported or NumberingUnavailable, with the path of its field.
    """
    law.check(document, on_file.issuer.extra_rates)
    refuse(document)
    expected.refuse(document, amounts_of(totals(document)))
    found = range_of(document, on_file, number)
    numbered = NumberedDocument(
        document=document,
        number=number_of(found, number),
        issued_at=issued_at,
        issuer=on_file.issuer,
        software=_software(on_file, ask),
        range=found,
        technical_key=_technical_key(document, found, ask),
    )
    return Built(
        xml=build_signed(numbered, certificate, signed_at).xml
        if certificate
        else _unsigned(ubl_document.build(numbered)),
        number=str(numbered.number),
        identifier=numbered.identifier,
        identifier_scheme=numbered.identifier_scheme.removesuffix("-SHA384"),
        issued_at=issued_at,
        signed_at=signed_at,
        document=document,
        totals=numbered.totals,
        certificate=certificate,
        findings=tuple(_findings(document, on_file, found, issued_at, signed_at)),
    )


def build_event(
    body: JsonObject,
    on_file: IssuerOnFile,
    invoice: bytes,
    *,
    number: str | None,
    issued_at: datetime,
    certificate: Certificate | None,
    ask: Ask,
) -> Built:
    """An event as DIAN's XML. ``invoice``: the file of the invoice that it is on, alone or in its container."""
    event, _ = events.event(body)
    invoice = _invoice(invoice)
    root = parsed(invoice)
    if text(root, "cbc:UUID").lower() != event.invoice_uuid:
        raise InvalidDocument(
            "El evento es de otra factura: su CUFE no es el de la factura dada.",
            field="invoice_uuid",
        )
    facts = invoice_facts(invoice, on_file.issuer, event.code)
    other = {name.removeprefix("other_"): said for name, said in facts.items() if name.startswith("other_")}
    party = on_file.issuer.as_party
    assert party is not None, "an issuer on file describes itself"
    numbered = NumberedEvent(
        event=event,
        number=number or f"EV{issued_at:%y%m%d%H%M%S}",
        issued_at=issued_at,
        issuer=on_file.issuer,
        party=party,
        software=_software(on_file, ask),
        invoice_number=facts["invoice_number"],
        invoice_type=facts["invoice_type"],
        other=Party.model_validate(other),
    )
    return Built(
        xml=build_signed(numbered, certificate).xml if certificate else _unsigned(ubl_event.build(numbered)),
        number=numbered.number,
        identifier=numbered.identifier,
        identifier_scheme="CUDE",
        issued_at=issued_at,
        signed_at=issued_at,
        document=None,
        totals=None,
        certificate=certificate,
        findings=(),
    )


def file_name(kind: Kind, nit: str, number: str) -> str:
    """How the file is called here. DIAN's own name counts the files of a year, which nobody does offline."""
    return f"{files.PREFIXES[kind]}-{nit}-{number}.xml"


def _unsigned(built: canonical.Unsigned) -> bytes:
    """The file without a signature: with the place for one, empty."""
    return signature.DECLARATION + canonical.octets(built.before + built.after)


def _software(on_file: IssuerOnFile, ask: Ask) -> Software:
    return Software(
        id=on_file.software_id or ask("Identificador del software"),
        pin=on_file.pin or SecretStr(ask("PIN del software")),
        owner_nit=on_file.owner_nit,
    )


def _technical_key(document: Document, found: NumberingRange | None, ask: Ask) -> SecretStr | None:
    """Of the range, where the document's identifier needs one: in invoices but those transcribed from paper."""
    if document.kind is not Kind.INVOICE or document.paper_invoice is not None:
        return None
    return own_ranges.technical_key(found) or SecretStr(ask("Clave técnica del rango"))


def _invoice(xml: bytes) -> bytes:
    """The invoice itself, out of the container that its buyer received."""
    root = parsed(xml)
    if local(root) == "AttachedDocument":
        return enclosed(text(root, "cac:Attachment/cac:ExternalReference/cbc:Description"))
    return xml
