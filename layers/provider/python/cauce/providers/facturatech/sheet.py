"""How Facturatech's XML_SIMPLIFICADO is written: blocks of numbered fields, in an order that matters. Pure.

Amounts have at least two decimals, and every further one that they need: nothing is rounded here.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from xml.sax.saxutils import escape

from cauce.domain.errors import InvalidDocument
from cauce.domain.money import scale

CURRENCY = "COP"

# Characters that XML 1.0 cannot carry.
_UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Texts of which nothing has to be escaped, as nearly all are: no & < > nor carriage return, and nothing unusual.
_PLAIN = re.compile("[ -%'-;=?-~\u00a0-\u00ff]*")


@dataclass(frozen=True)
class Block:
    """A block, its fields in order (``ENC_6`` under 6), then the blocks inside it."""

    name: str
    fields: tuple[tuple[int, str], ...]
    blocks: tuple["Block", ...]


def block(name: str, fields: dict[int, str | None], *blocks: Block | None) -> Block:
    """A block without its absent and empty fields: Facturatech refuses an empty field as wrong."""
    present = tuple((number, value) for number, value in fields.items() if value)
    return Block(name, present, tuple(inner for inner in blocks if inner is not None))


def written(root: str, blocks: list[Block]) -> bytes:
    """The document as it goes out, on one line. Raises InvalidDocument for a text that XML cannot carry."""
    return f"<{root}>{''.join(_written(each) for each in blocks)}</{root}>".encode()


def exact(amount: Decimal) -> str:
    """``50000.00``, ``0.125``: at least two decimals, and never fewer than the amount has."""
    text = str(amount)
    return text if text[-3:-2] == "." else f"{amount:.{max(2, scale(amount))}f}"


def money(number: int, amount: Decimal) -> dict[int, str | None]:
    """An amount in its field, and its currency in the next."""
    return {number: exact(amount), number + 1: CURRENCY}


def _written(found: Block) -> str:
    fields = "".join(
        f"<{found.name}_{number}>{_text(value)}</{found.name}_{number}>" for number, value in found.fields
    )
    return f"<{found.name}>{fields}{''.join(_written(each) for each in found.blocks)}</{found.name}>"


def _text(value: str) -> str:
    if _PLAIN.fullmatch(value):
        return value
    if _UNWRITABLE.search(value):
        raise InvalidDocument("El documento tiene caracteres que un XML no puede llevar.")
    # A bare carriage return would be read back as a line feed.
    return escape(value, {"\r": "&#13;"})
