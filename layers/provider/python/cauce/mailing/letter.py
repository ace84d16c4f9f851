"""The mail that a buyer gets, as bytes. Pure.

Source: Anexo Técnico 1.9, section on the delivery by mail: the subject's five parts, and one ZIP of 2 MB at most.
"""

import re
from dataclasses import dataclass, field
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formataddr

from cauce.domain.acquirer import EMAIL
from cauce.domain.document import Kind
from cauce.domain.issuer import Issuer
from cauce.domain.record import Record

MOST_BYTES = 2 * 2**20
"""Of the ZIP."""

_CODES = {Kind.CREDIT_NOTE: "91", Kind.DEBIT_NOTE: "92"}
_SALE = "01"
_TITLES = {Kind.CREDIT_NOTE: "la nota crédito electrónica", Kind.DEBIT_NOTE: "la nota débito electrónica"}

_ADDRESS = re.compile(r"(?P<name>[^<>]*)<(?P<named>[^<>]+)>|(?P<bare>[^<>]+)")

_QUOTED = re.compile(r'"(?P<name>[^"]*)"')


class Unaddressable(ValueError):
    """An address that no mail can have."""


@dataclass(frozen=True)
class Attachment:
    name: str
    body: bytes = field(repr=False)


def written(record: Record, issuer: Issuer, sender: str, receiver: str, attached: Attachment) -> bytes:
    """The whole mail, ready to be sent. Raises Unaddressable."""
    message = EmailMessage(policy=SMTP)
    message["From"] = address(sender)
    message["To"] = address(receiver)
    message["Subject"] = subject(record, issuer)
    message.set_content(_text(record, issuer), cte="quoted-printable")
    message.add_attachment(attached.body, maintype="application", subtype="zip", filename=attached.name)
    return message.as_bytes()


def subject(record: Record, issuer: Issuer) -> str:
    """NIT; name; number; code of the type; trade name."""
    trade_name = (issuer.party.trade_name if issuer.party else None) or issuer.name
    code = _CODES.get(record.kind) or record.document.invoice_type or _SALE
    parts = (issuer.nit, issuer.name, str(record.number), code, trade_name)
    return ";".join(" ".join(part.replace(";", " ").split()) for part in parts)


def address(text: str) -> Address:
    """``a@b.co`` or ``Name <a@b.co>``, and nothing else beside it. Raises Unaddressable."""
    parts = _ADDRESS.fullmatch(text)
    if (
        parts is None
        or not text.isprintable()
        or not EMAIL.fullmatch(found := parts["named"] or parts["bare"])
    ):
        raise Unaddressable("not one address")
    name = (parts["name"] or "").strip()
    quoted = _QUOTED.fullmatch(name)
    try:
        return Address(display_name=quoted["name"] if quoted else name, addr_spec=found)
    except (ValueError, IndexError, MessageError) as cause:
        raise Unaddressable("not an address") from cause


def as_called(text: str) -> str:
    """An address as a call to SES has it: its name's letters beyond ASCII are encoded words. Raises Unaddressable."""
    made = address(text)
    return formataddr((made.display_name, made.addr_spec))


def _text(record: Record, issuer: Issuer) -> str:
    what = _TITLES.get(record.kind, "la factura electrónica de venta")
    return (
        f"{record.document.counterparty.name}:\n\n"
        f"{issuer.name} (NIT {issuer.nit}-{issuer.check_digit}) le envía {what} {record.number}.\n\n"
        "El archivo adjunto (.zip) contiene el documento firmado con la validación de la DIAN (XML) y su "
        "representación gráfica (PDF).\n\n"
        f"Código único del documento: {record.uuid}\n"
    )
