"""RADIAN events 030 to 034 as an ApplicationResponse.

Source: Anexo Técnico RADIAN 1.0, and DIAN's examples of 030, 032 and 033.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from cauce.domain.document import Party
from cauce.domain.errors import InvalidDocument
from cauce.domain.event import Event, EventCode, EventPerson
from cauce.domain.issuer import Issuer
from cauce.ubl import extensions, identifiers
from cauce.ubl.canonical import UNWRITABLE, Element, Tree, group, leaf, maybe
from cauce.ubl.document import namespaces
from cauce.ubl.facts import SALE, Software
from cauce.ubl.parties import tax_scheme

PROFILE = "DIAN 2.1: ApplicationResponse de la Factura Electrónica de Venta"

# DIAN's own names (annex 1.9, 13.1.6 and 13.3.12).
_NAMES = {
    EventCode.ACKNOWLEDGEMENT: "Acuse de recibo de Factura Electrónica de Venta",
    EventCode.CLAIM: "Reclamo de la Factura Electrónica de Venta",
    EventCode.RECEIPT: "Recibo del bien o prestación del servicio",
    EventCode.ACCEPTANCE: "Aceptación expresa",
    EventCode.TACIT_ACCEPTANCE: "Aceptación Tácita",
}
_CLAIMS = {
    "01": "Documento con inconsistencias",
    "02": "Mercancía no entregada",
    "03": "Mercancía entregada parcialmente",
    "04": "Servicio no prestado",
}

# The receiver of a tacit acceptance.
_DIAN = Party(
    person_type="1",
    identification_type="31",
    identification="800197268",
    check_digit="4",
    name="Unidad Administrativa Especial Dirección de Impuestos y Aduanas Nacionales",
    tax_scheme="01",
)


@dataclass(frozen=True, kw_only=True)
class NumberedEvent:
    """An event ready to be written, with its own number and time, who declares it, and its invoice."""

    event: Event
    number: str
    issued_at: datetime
    issuer: Issuer
    """Who declares the event: the invoice's buyer, or in a tacit acceptance its seller."""
    party: Party
    """The issuer, as a party (``Issuer.as_party``)."""
    software: Software
    invoice_number: str
    invoice_type: str = SALE
    other: Party
    """The invoice's other party."""

    @property
    def receiver(self) -> Party:
        """Who receives the event: the invoice's seller; in a tacit acceptance, DIAN."""
        return _DIAN if self.event.code is EventCode.TACIT_ACCEPTANCE else self.other

    @cached_property
    def identifier(self) -> str:
        """Its CUDE."""
        return identifiers.event_cude(
            number=self.number,
            issued_at=self.issued_at,
            sender=self.issuer.nit,
            receiver=self.receiver.identification,
            code=self.event.code.value,
            referenced_number=self.invoice_number,
            referenced_type=self.invoice_type,
            software_pin=self.software.pin,
        )


def build(numbered: NumberedEvent) -> Tree:
    """The event as UBL. Raises InvalidDocument where a text cannot be written in XML."""
    _refuse(numbered)
    event, environment = numbered.event, numbered.issuer.environment
    root = group(
        "ApplicationResponse",
        extensions.of_event(numbered.software, numbered.number, event.invoice_uuid, environment),
        leaf("cbc:UBLVersionID", "UBL 2.1"),
        leaf("cbc:CustomizationID", "1"),
        leaf("cbc:ProfileID", PROFILE),
        leaf("cbc:ProfileExecutionID", environment.value),
        leaf("cbc:ID", numbered.number),
        leaf("cbc:UUID", numbered.identifier, schemeID=environment.value, schemeName="CUDE-SHA384"),
        leaf("cbc:IssueDate", identifiers.issue_date(numbered.issued_at)),
        leaf("cbc:IssueTime", identifiers.issue_time(numbered.issued_at)),
        maybe("cbc:Note", event.sworn_note),
        _side("cac:SenderParty", numbered.party),
        _side("cac:ReceiverParty", numbered.receiver),
        group(
            "cac:DocumentResponse",
            _response(event),
            group(
                "cac:DocumentReference",
                leaf("cbc:ID", numbered.invoice_number),
                leaf("cbc:UUID", event.invoice_uuid, schemeName="CUFE-SHA384"),
                leaf("cbc:DocumentTypeCode", numbered.invoice_type),
            ),
            group("cac:IssuerParty", _person(event.person)) if event.person else None,
        ),
    )
    return Tree(root, namespaces(root.tag))


def _side(tag: str, party: Party) -> Element:
    # Without a Party around PartyTaxScheme; the type of person is an attribute of the identification.
    return group(tag, tax_scheme(party, with_level=False, schemeVersionID=party.person_type))


def _response(event: Event) -> Element:
    claim = {}
    if event.claim_code:
        claim = {"listID": event.claim_code, "name": _CLAIMS[event.claim_code]}
    return group(
        "cac:Response",
        leaf("cbc:ResponseCode", event.code.value, **claim),
        leaf("cbc:Description", _NAMES[event.code]),
    )


def _person(person: EventPerson) -> Element:
    digit = {"schemeID": person.check_digit} if person.check_digit else {}
    return group(
        "cac:Person",
        leaf("cbc:ID", person.identification, schemeName=person.identification_type, **digit),
        leaf("cbc:FirstName", person.names),
        leaf("cbc:FamilyName", person.last_names),
        maybe("cbc:JobTitle", person.job),
        maybe("cbc:OrganizationDepartment", person.area),
    )


def _refuse(numbered: NumberedEvent) -> None:
    person = numbered.event.person
    texts = {
        "sworn_note": numbered.event.sworn_note,
        **{f"person.{name}": getattr(person, name) for name in _PERSON if person},
        # The name comes from the invoice, so report ``invoice_uuid``: the request's only field about the invoice.
        "invoice_uuid": numbered.other.name,
    }
    for field, text in texts.items():
        if text and UNWRITABLE.search(text):
            raise InvalidDocument("El texto contiene caracteres que XML no admite.", field=field)


_PERSON = ("identification", "names", "last_names", "job", "area")
