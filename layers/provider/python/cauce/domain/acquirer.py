"""What DIAN, or a provider, tells of a buyer by their identification: a name and an e-mail, no more. And what the law
lets a document say of a buyer of whom no more is known (Resolución 000202 of 2025).
"""

import re
from datetime import datetime
from typing import Annotated

from pydantic import Field

from cauce.domain import catalogs
from cauce.domain.document import Document, Value
from cauce.domain.models import changed
from cauce.domain.texts import cut

ANYBODY = "consumidor final"
"""The name of the final consumer (annex 1.9, section 3)."""

A_DAY = 1_000
"""Look-ups that an issuer may make in a day, unless its operator sets another number."""

LONGEST_NAME = 450
EMAIL = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+",
)
_LONGEST_EMAIL = 254

_JURIDICAL, _NATURAL = "1", "2"
_FOREIGN_NIT = "50"
# A company's NIT: nine digits that begin with 8 or 9. A person's is the number of their cédula.
_COMPANY = re.compile(r"[89][0-9]{8}")


class Acquirer(Value):
    """A buyer as looked up. ``name`` is never empty; ``email`` is left out where it is not one."""

    name: Annotated[str, Field(min_length=1, max_length=LONGEST_NAME, repr=False)]
    email: Annotated[str | None, Field(repr=False)] = None


class LookedUp(Value):
    """A buyer, who told it (a provider's name; ``None`` for the final consumer, whom everybody knows), and when."""

    acquirer: Acquirer
    source: str | None
    at: datetime


def told(name: str | None, email: str | None) -> Acquirer | None:
    """The buyer in an answer, made fit for a document; ``None`` where it tells no name."""
    named = " ".join(cut(name or "", LONGEST_NAME).split())
    written = (email or "").strip()
    fits = len(written) <= _LONGEST_EMAIL and EMAIL.fullmatch(written)
    return Acquirer(name=named, email=written if fits else None) if named else None


def is_nameless(document: Document) -> bool:
    """Whether the name of its buyer is still to be looked up."""
    return not document.counterparty.name


def named(document: Document, found: Acquirer) -> Document:
    """The document with what was looked up of its buyer. What was typed stays."""
    party = document.counterparty
    update = {"name": party.name or found.name, "email": party.email or found.email}
    return changed(document, {"counterparty": changed(party, update)})


def named_as(document: Document, other: Document) -> Document:
    """The document with the name and e-mail that another one has of the same buyer; as it is where it has a name, or
    the other has another buyer."""
    one, two = document.counterparty, other.counterparty
    same = (one.identification_type, one.identification) == (two.identification_type, two.identification)
    if not is_nameless(document) or not same:
        return document
    return named(document, Acquirer(name=two.name, email=two.email))


def usual_person_type(identification_type: str, identification: str) -> str:
    """The type of person of whom only the identification is known."""
    if identification_type == catalogs.NIT:
        return _JURIDICAL if _COMPANY.fullmatch(identification) else _NATURAL
    return _JURIDICAL if identification_type == _FOREIGN_NIT else _NATURAL
