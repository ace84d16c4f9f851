"""The technical keys of ranges: sealed beside them, opened only for who asks for them.

Those written before there were seals stand in clear in an attribute of their own, and are read from it until they are
sealed, which removes it. An older version of Cauce, during a deployment, finds no key in a sealed range, so that its
document waits; under the same name it would sign with the sealed text.
"""

import logging

from cauce.aws import items, keys
from cauce.aws.items import Item
from cauce.aws.sealed import DoesNotOpen, Seals
from cauce.domain.ranges import NumberingRange

SEALED, CLEAR = "sealed_technical_key", "technical_key"

_log = logging.getLogger("cauce")


def opened(seals: Seals, item: Item) -> NumberingRange:
    """A stored range with its technical key; where that does not open it stays withheld, and the log says whose."""
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
    """What is to be written of a range's technical key, and the attributes to be removed; of one that is withheld
    nothing changes."""
    if numbering_range.technical_key is None:
        return {}, () if numbering_range.key_withheld else (SEALED, CLEAR)
    place = keys.numbering_range(nit, numbering_range.key)
    text = seals.seal(numbering_range.technical_key.get_secret_value(), place, SEALED)
    return items.pack({SEALED: text}), (CLEAR,)


def sealed_anew(seals: Seals, item: Item) -> tuple[str, str, str] | None:
    """The attribute that is to give way, its value, and the technical key sealed with the key of now; nothing where
    it is already, or where there is none or it does not open."""
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
