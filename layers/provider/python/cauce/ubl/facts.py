"""What a document's XML is made of: the document, its number and time, who issues it and with which software."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from pydantic import SecretStr

from cauce.domain.catalogs import POS_TICKET, municipalities
from cauce.domain.document import NOTES, Document, Kind, Party
from cauce.domain.errors import InvalidDocument, NumberingUnavailable
from cauce.domain.issuer import Issuer
from cauce.domain.outcome import Number
from cauce.domain.ranges import NumberingRange
from cauce.domain.survey import survey
from cauce.domain.totals import Totals, totals
from cauce.ubl import health, identifiers

SALE, EXPORT, FROM_PAPER, DIAN_OUTAGE = "01", "02", "03", "04"
"""Types of invoice (annex 1.9, 13.1.3)."""

AIU, STANDARD, MANDATE, FREIGHT = "09", "10", "11", "12"
_NON_RESIDENT = "11"
_OF_NOTE = {Kind.CREDIT_NOTE: ("20", "22"), Kind.DEBIT_NOTE: ("30", "32")}
"""Types of operation of a note with, and without, a reference to an invoice."""


@dataclass(frozen=True, kw_only=True)
class Software:
    """Software as registered at DIAN: its id, its PIN, and its owner's NIT, which may be the issuer's."""

    id: str
    pin: SecretStr
    owner_nit: str
    name: str = ""
    maker: str = ""
    company: str = ""
    """``name``, ``maker`` and ``company``: of the software, of the person and of the company that made it, as far as
    the operator tells them; only documentos equivalentes state them."""


@dataclass(frozen=True, kw_only=True)
class NumberedDocument:
    """A document ready to be written. The same one always gives the same XML."""

    document: Document
    number: Number
    issued_at: datetime
    issuer: Issuer
    software: Software
    range: NumberingRange | None
    """The authorised range of what has one (``AUTHORISED``); notes need none."""
    technical_key: SecretStr | None = None
    """The key of that range, from which the CUFE of an invoice of type 01, 02 or 04 is computed."""
    health_form: health.Form = health.USUAL

    @property
    def kind(self) -> Kind:
        return self.document.kind

    @cached_property
    def totals(self) -> Totals:
        return totals(self.document)

    @property
    def party(self) -> Party:
        """The issuer as a party. Raises InvalidDocument where the operator has not described it enough."""
        party = self.issuer.as_party
        if party is None or not party.address or party.municipality not in municipalities():
            raise InvalidDocument(
                "Para emitir ante la DIAN faltan los datos del emisor: dirección, municipio, responsabilidades.",
                field="issuer",
            )
        return party

    @property
    def type_code(self) -> str:
        """DIAN's code of the kind of document; a debit note's XML has no place for it."""
        return usual_type(self.document) if self.kind in _TYPED else _TYPE_CODES[self.kind]

    @cached_property
    def operation(self) -> str:
        """UBL's CustomizationID: the one asked for, or the one that the document's content implies."""
        document = self.document
        if document.operation:
            return document.operation
        if self.kind.is_bought:
            return STANDARD if document.resident else _NON_RESIDENT
        if self.kind is Kind.EQUIVALENT_NOTE:
            return POS_TICKET
        if self.kind in NOTES:
            return _OF_NOTE[self.kind][0 if document.billing_reference else 1]
        return _implied(document)

    @property
    def identifier_scheme(self) -> str:
        """``CUFE-SHA384`` and the like."""
        if self.kind.is_bought:
            return "CUDS-SHA384"
        return "CUFE-SHA384" if self._has_cufe else "CUDE-SHA384"

    @cached_property
    def identifier(self) -> str:
        """Its CUFE, CUDE or CUDS. Raises NumberingUnavailable where the range's technical key is missing."""
        facts = identifiers.KeyFacts(
            number=str(self.number),
            issued_at=self.issued_at,
            line_extension=self.totals.line_extension,
            vat=self.totals.tax_of("01"),
            consumption=self.totals.tax_of("04"),
            commerce=self.totals.tax_of("03"),
            payable=self.totals.payable,
            issuer=self.issuer.nit,
            counterparty=self.document.counterparty.identification,
            environment=self.issuer.environment,
        )
        if self.kind.is_bought:
            return identifiers.cuds(facts, self.software.pin)
        if not self._has_cufe:
            return identifiers.cude(facts, self.software.pin)
        if self.technical_key is None and self.range is not None and self.range.key_withheld:
            raise NumberingUnavailable(
                f"La clave técnica del rango {self.range.prefix} no se puede abrir: se selló con otra llave. El "
                "operador la trae de nuevo al sincronizar las numeraciones.",
                field="prefix",
            )
        if self.technical_key is None:
            raise NumberingUnavailable(
                "El rango no tiene clave técnica; sincronice las numeraciones.", field="prefix"
            )
        return identifiers.cufe(facts, self.technical_key)

    @property
    def _has_cufe(self) -> bool:
        # An invoice transcribed from paper has a CUDE: its contingency range has no technical key.
        return self.kind is Kind.INVOICE and self.type_code != FROM_PAPER


def usual_type(document: Document) -> str:
    """Of an invoice or a documento equivalente the code of its type: the one asked for, or the ordinary one."""
    return document.invoice_type or (POS_TICKET if document.kind.is_equivalent else SALE)


def _implied(document: Document) -> str:
    """The operation that an invoice's lines imply."""
    unusual = [line for _, line in survey(document).unusual]
    if any(line.aiu_contract for line in unusual):
        return AIU
    if any(line.consignment for line in unusual):
        return FREIGHT
    return MANDATE if any(line.principal for line in unusual) else STANDARD


_TYPE_CODES = {
    Kind.CREDIT_NOTE: "91",
    Kind.DEBIT_NOTE: "92",
    Kind.SUPPORT_DOCUMENT: "05",
    Kind.ADJUSTMENT_NOTE: "95",
    Kind.EQUIVALENT_NOTE: "94",
}
# The kinds of which there are several types.
_TYPED = (Kind.INVOICE, Kind.EQUIVALENT_DOCUMENT)
