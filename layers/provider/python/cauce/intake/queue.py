"""The intake queue: documents that ERPs of the account put there themselves, taken in one by one."""

import re

from cauce.domain.errors import CauceError, NotFound, ReferenceConflict, Unauthenticated
from cauce.domain.issuer import Issuer
from cauce.domain.lot import Asked, Envelope
from cauce.domain.sameness import is_hash_of
from cauce.gateway import Connected, Recording, TakingLots
from cauce.intake import lines

_NIT = re.compile(r"[0-9]{1,15}")


def take_in(gateway: TakingLots, body: str, envelope: Envelope, read: lines.ReadLine) -> None:
    """Take in a message, whose body is judged as a document whatever it is. Idempotent.

    Raises Unauthenticated where its sender does not speak for the issuer, and errors that may pass. SQS then delivers
    the message again, and at last moves it to the dead letters, from where an operator can have it taken in.
    """
    asked = read(body.encode("utf-8", "surrogatepass"), None)
    issuer = spoken_for(gateway, envelope)
    asked = _unless_overtaken(gateway, envelope, asked)
    lines.take_in(gateway, issuer, envelope.line, asked, f"remitente {envelope.sender}")


def spoken_for(gateway: Connected, envelope: Envelope) -> Issuer:
    """The issuer of the document in a message. Raises Unauthenticated where its sender does not speak for that
    issuer."""
    nit = envelope.issuer or ""
    why = "El atributo «emisor» no es un NIT de esta instalación."
    if not _NIT.fullmatch(nit):  # an attribute may be longer than a key of the table
        raise Unauthenticated(why)
    try:
        issuer = gateway.issuers.read(nit)
    except NotFound as nobody:
        raise Unauthenticated(why) from nobody
    if envelope.sender not in issuer.senders or not issuer.active:
        raise Unauthenticated(f"Quien envió el mensaje ({envelope.sender}) no habla por el emisor {nit}.")
    return issuer


def _unless_overtaken(gateway: Recording, envelope: Envelope, asked: Asked) -> Asked:
    """What a message asks for, or a ReferenceConflict where something else was asked for under its reference since.

    A message may come days late, out of the dead letters, and must not correct what its ERP asked for last.
    """
    earlier = (
        gateway.records.by_reference(envelope.issuer or "", asked.reference) if asked.reference else None
    )
    if (
        earlier is None
        or envelope.sent_at >= earlier.received_at
        or isinstance(asked.content, CauceError)
        or is_hash_of(earlier.content_hash, asked.content, asked.content_hash)
        or envelope.line in (earlier.line, *earlier.former_lines)
    ):
        return asked
    why = f"Con la referencia {asked.reference} se pidió después otro documento; este no lo corrige."
    return Asked(asked.reference, asked.as_sent(ReferenceConflict(why, field="reference")))
