"""The numbering ranges of issuers. Their technical keys are sealed in the range's item, and opened only for callers
that ask for them.

A key that was stored before sealing existed is in clear in ``technical_key``; it is read from there until it is
sealed, which removes that attribute. The sealed key has another name so that an older version of Cauce, during a
deployment, finds no key and lets the document wait: under the same name it would sign with the sealed text.
"""

import logging
from collections.abc import Sequence

from cauce.aws import items, keys
from cauce.aws.items import Attributes, Item
from cauce.aws.sealed import DoesNotOpen, Seals
from cauce.aws.table import Table
from cauce.domain.errors import NumberingUnavailable
from cauce.domain.ranges import NumberingRange

SEALED, CLEAR = "sealed_technical_key", "technical_key"


def counted_in(period: str) -> str:
    """The attribute of a range that counts the records of a period which took a number in it."""
    return f"used_{period}"


_log = logging.getLogger("cauce")


class Ranges:
    def __init__(self, table: Table, seals: Seals):
        self._table = table
        self.seals = seals
        # With their technical keys: a container keeps the issuer's credentials as long. Taking a number changes none
        # of these attributes.
        self._known = items.Known[NumberingRange]("schema", "data", SEALED, CLEAR)

    def save(self, nit: str, numbering_range: NumberingRange) -> None:
        """Write a synced range. The stored ``next`` is never lowered, whatever the provider says, and a withheld
        technical key leaves the stored one as it is.

        Each of the two writes is one update: a reader finds the range as it was or as it is now, never without its
        ``next``.
        """
        key, gone = self._sealed(nit, numbering_range)
        attributes = {**items.range_attributes(numbering_range), **key}
        place = keys.numbering_range(nit, numbering_range.key)
        if "next" in attributes:
            is_higher = "attribute_not_exists(#next) OR #next < :next"
            if self._table.set(place, attributes, gone, condition=is_higher):
                return
            del attributes["next"]  # the stored one is as high or higher
        self._table.set(place, attributes, gone)

    def read(self, nit: str, key: str) -> NumberingRange:
        """A range, its technical key withheld. Raises NumberingUnavailable where it does not exist."""
        return items.stored_range(self._item(nit, key))

    def read_with_key(self, nit: str, key: str) -> NumberingRange:
        """As ``read``, with its technical key, unless that does not open."""
        return self._opened(self._item(nit, key))

    def all(self, nit: str) -> list[NumberingRange]:
        """An issuer's ranges, their technical keys withheld."""
        return [items.stored_range(item) for item in self._items(nit)]

    def all_with_keys(self, nit: str) -> list[NumberingRange]:
        """As ``all``, with those technical keys that open."""
        return [self._opened(item) for item in self._items(nit)]

    def counted(self, nit: str, attribute: str) -> list[int]:
        """What this attribute of an issuer's ranges counts."""
        return [_count(item, attribute) for item in self._items(nit)]

    def all_counted(self, nit: str, periods: Sequence[str]) -> list[tuple[NumberingRange, tuple[int, ...]]]:
        """As ``all``, each range with how many records of each of these periods took a number in it and were counted
        there. One query."""
        names = [counted_in(period) for period in periods]
        return [
            (items.stored_range(item), tuple(_count(item, name) for name in names))
            for item in self._items(nit)
        ]

    def seal_technical_keys(self, nit: str) -> int:
        """Seal with the present key an issuer's technical keys that are in clear or sealed with an older key; how
        many. Idempotent."""
        done = 0
        for item in self._items(nit):
            change = self._sealed_anew(item)
            if change is None:
                continue
            before, was, sealed = change
            removed = f" REMOVE {before}" if before != SEALED else ""
            written = self._table.update(
                _place(items.unpack(item)),
                f"SET {SEALED} = :sealed{removed}",
                {":sealed": sealed, ":was": was},
                condition=f"{before} = :was",  # else the range was written meanwhile, and its key sealed
            )
            done += written is not None
        return done

    def _item(self, nit: str, key: str) -> Item:
        item = self._table.get(keys.numbering_range(nit, key))
        if item is None:
            raise NumberingUnavailable("El rango de numeración ya no existe.", field="prefix")
        return item

    def _items(self, nit: str) -> list[Item]:
        pages = self._table.client.get_paginator("query").paginate(
            TableName=self._table.name,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :range)",
            ExpressionAttributeValues=items.pack({":pk": keys.issuer(nit)["pk"], ":range": "RANGE#"}),
            ConsistentRead=True,
        )
        return [dict(item) for answer in pages for item in answer["Items"]]

    def _opened(self, item: Item) -> NumberingRange:
        """A stored range with its technical key. A key that does not open stays withheld, and the log says of which
        range. One that says what it said when it was last read has only its ``next`` read again."""
        known = self._known.of(item)
        if known is not None:
            return known.at(items.following(item))
        made = self._made(item)
        return made if made.key_withheld else self._known.keep(item, made)

    def _made(self, item: Item) -> NumberingRange:
        found = items.stored_range(item)
        if not found.key_withheld:
            return found
        attributes = items.unpack(item)
        place = _place(attributes)
        try:
            key = attributes.get(CLEAR) or self.seals.open(attributes[SEALED], place, SEALED)
        except DoesNotOpen:
            _log.error("a technical key does not open", extra={"item": f"{place['pk']} {place['sk']}"})
            return found
        return items.stored_range(item, key)

    def _sealed(self, nit: str, numbering_range: NumberingRange) -> tuple[Attributes, tuple[str, ...]]:
        """The attributes to write for a range's technical key, and the names of those to remove; neither where the
        key is withheld."""
        if numbering_range.technical_key is None:
            return {}, () if numbering_range.key_withheld else (SEALED, CLEAR)
        place = keys.numbering_range(nit, numbering_range.key)
        text = self.seals.seal(numbering_range.technical_key.get_secret_value(), place, SEALED)
        return {SEALED: text}, (CLEAR,)

    def _sealed_anew(self, item: Item) -> tuple[str, str, str] | None:
        """The attribute to replace, its value, and the technical key sealed with the present key; ``None`` where it
        is sealed so already, where there is none, or where it does not open."""
        attributes = items.unpack(item)
        before = CLEAR if CLEAR in attributes else SEALED
        if before not in attributes or (before == SEALED and self.seals.is_current(attributes[SEALED])):
            return None
        key = self._opened(item).technical_key
        if key is None:
            return None
        return before, attributes[before], self.seals.seal(key.get_secret_value(), _place(attributes), SEALED)


def _count(item: Item, attribute: str) -> int:
    return int(item.get(attribute, {"N": "0"})["N"])


def _place(attributes: Attributes) -> keys.Key:
    return {"pk": attributes["pk"], "sk": attributes["sk"]}
