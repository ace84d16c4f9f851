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
from cauce.ubl.canonical import UNWRITABLE, Unsigned, maybe, some, text, unsigned, value
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


def build(numbered: NumberedEvent) -> Unsigned:
    """The event as UBL. Raises InvalidDocument where a text cannot be written in XML."""
    _refuse(numbered)
    event, environment = numbered.event, numbered.issuer.environment
    declared = namespaces("ApplicationResponse")
    return unsigned(
        declared,
        f"<ApplicationResponse{declared}>"
        f"{extensions.of_event(numbered.software, numbered.number, event.invoice_uuid, environment)}"
        "<cbc:UBLVersionID>UBL 2.1</cbc:UBLVersionID>"
        "<cbc:CustomizationID>1</cbc:CustomizationID>"
        f"<cbc:ProfileID>{text(PROFILE)}</cbc:ProfileID>"
        f"<cbc:ProfileExecutionID>{environment.value}</cbc:ProfileExecutionID>"
        f"<cbc:ID>{text(numbered.number)}</cbc:ID>"
        f'<cbc:UUID schemeID="{environment.value}" schemeName="CUDE-SHA384">{numbered.identifier}</cbc:UUID>'
        f"<cbc:IssueDate>{identifiers.issue_date(numbered.issued_at)}</cbc:IssueDate>"
        f"<cbc:IssueTime>{identifiers.issue_time(numbered.issued_at)}</cbc:IssueTime>"
        f"{maybe('cbc:Note', event.sworn_note)}"
        f"<cac:SenderParty>{_side(numbered.party)}</cac:SenderParty>"
        f"<cac:ReceiverParty>{_side(numbered.receiver)}</cac:ReceiverParty>"
        "<cac:DocumentResponse>"
        f"{_response(event)}"
        "<cac:DocumentReference>"
        f"<cbc:ID>{text(numbered.invoice_number)}</cbc:ID>"
        f'<cbc:UUID schemeName="CUFE-SHA384">{text(event.invoice_uuid)}</cbc:UUID>'
        f"<cbc:DocumentTypeCode>{text(numbered.invoice_type)}</cbc:DocumentTypeCode>"
        "</cac:DocumentReference>"
        f"{some('cac:IssuerParty', _person(event.person) if event.person else '')}"
        "</cac:DocumentResponse>"
        "</ApplicationResponse>",
    )


def _side(party: Party) -> str:
    # Without a Party around PartyTaxScheme; the type of person is an attribute of the identification.
    return tax_scheme(party, with_level=False, version=party.person_type)


def _response(event: Event) -> str:
    claim = ""
    if event.claim_code:
        claim = f' listID="{value(event.claim_code)}" name="{value(_CLAIMS[event.claim_code])}"'
    return (
        "<cac:Response>"
        f"<cbc:ResponseCode{claim}>{event.code.value}</cbc:ResponseCode>"
        f"<cbc:Description>{text(_NAMES[event.code])}</cbc:Description>"
        "</cac:Response>"
    )


def _person(person: EventPerson) -> str:
    digit = f' schemeID="{value(person.check_digit)}"' if person.check_digit else ""
    kind = value(person.identification_type)
    return (
        "<cac:Person>"
        f'<cbc:ID{digit} schemeName="{kind}">{text(person.identification)}</cbc:ID>'
        f"<cbc:FirstName>{text(person.names)}</cbc:FirstName>"
        f"<cbc:FamilyName>{text(person.last_names)}</cbc:FamilyName>"
        f"{maybe('cbc:JobTitle', person.job)}"
        f"{maybe('cbc:OrganizationDepartment', person.area)}"
        "</cac:Person>"
    )


def _refuse(numbered: NumberedEvent) -> None:
    person = numbered.event.person
    texts = {
        "sworn_note": numbered.event.sworn_note,
        **{f"person.{name}": getattr(person, name) for name in _PERSON if person},
        # The name comes from the invoice, so report ``invoice_uuid``: the request's only field about the invoice.
        "invoice_uuid": numbered.other.name,
    }
    for field, said in texts.items():
        if said and UNWRITABLE.search(said):
            raise InvalidDocument("El texto contiene caracteres que XML no admite.", field=field)


_PERSON = ("identification", "names", "last_names", "job", "area")
