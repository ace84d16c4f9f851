"""The technical keys of ranges: sealed in the range's item, and opened only for callers that ask for them.

A key that was stored before sealing existed is in clear in ``technical_key``; it is read from there until it is
sealed, which removes that attribute. The sealed key has another name so that an older version of Cauce, during a
deployment, finds no key and lets the document wait: under the same name it would sign with the sealed text.
"""

import logging

from cauce.aws import items, keys
from cauce.aws.items import Item
from cauce.aws.sealed import DoesNotOpen, Seals
from cauce.domain.ranges import NumberingRange

SEALED, CLEAR = "sealed_technical_key", "technical_key"

_log = logging.getLogger("cauce")


def opened(seals: Seals, item: Item) -> NumberingRange:
    """A stored range with its technical key. A key that does not open stays withheld, and the log says of which
    range."""
    found = items.stored_range(item)
    if not found.key_withheld:
        return found
    attributes = items.unpack(item)
    place = _place(attributes)
    try:
        key = attributes.get(CLEAR) or seals.open(attributes[SEALED], place, SEALED)
    except DoesNotOpen:
        _log.error("a technical key does not open", extra={"item": f"{place['pk']} {place['sk']}"})
        return found
    return items.stored_range(item, key)


def sealed(seals: Seals, nit: str, numbering_range: NumberingRange) -> tuple[Item, tuple[str, ...]]:
    """The attributes to write for a range's technical key, and the names of those to remove; neither where the key is
    withheld."""
    if numbering_range.technical_key is None:
        return {}, () if numbering_range.key_withheld else (SEALED, CLEAR)
    place = keys.numbering_range(nit, numbering_range.key)
    text = seals.seal(numbering_range.technical_key.get_secret_value(), place, SEALED)
    return items.pack({SEALED: text}), (CLEAR,)


def sealed_anew(seals: Seals, item: Item) -> tuple[str, str, str] | None:
    """The attribute to replace, its value, and the technical key sealed with the present key; ``None`` where it is
    sealed so already, where there is none, or where it does not open."""
    attributes = items.unpack(item)
    before = CLEAR if CLEAR in attributes else SEALED
    if before not in attributes or (before == SEALED and seals.is_current(attributes[SEALED])):
        return None
    key = opened(seals, item).technical_key
    if key is None:
        return None
    return before, attributes[before], seals.seal(key.get_secret_value(), _place(attributes), SEALED)


def _place(attributes: Item) -> keys.Key:
    return {"pk": attributes["pk"], "sk": attributes["sk"]}
