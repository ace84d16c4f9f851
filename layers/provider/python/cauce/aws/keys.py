"""Where everything lives in the one table, and in its indexes.

| item | pk | sk | indexes |
|---|---|---|---|
| record | RECORD#nit#document | RECORD | six, see below |
| content of a record | RECORD#nit#document | CONTENT | |
| reference | REFERENCE#nit#reference | REFERENCE | |
| number | NUMBER#nit#kind#number | NUMBER | rows_by_issuer (by prefix and consecutive) |
| CUFE, CUDE or CUDS of what was accepted, or issued in contingency | UUID#nit#uuid | UUID | |
| issuer | ISSUER#nit | PROFILE | rows_by_issuer (all issuers) |
| how its papers look | ISSUER#nit | PAPER | |
| range | ISSUER#nit | RANGE#provider#type#prefix#resolution | |
| how many were accepted | ISSUER#nit | QUOTA#period | |
| access token | TOKEN#id | TOKEN | rows_by_issuer (the issuer's tokens) |
| requests of a token in a window | REQUESTS#nit#token | use#beginning | |
| provider token | PROVIDER_TOKEN#nit#provider | PROVIDER_TOKEN | |
| calls of a credential | CALLS#nit#provider | CALLS | rows_by_issuer (while its breaker is open) |
| refused certificates of a credential | CALLS#nit#provider | CERTIFICATES | |
| calls to a host | HOST#provider#host | HOST | rows_by_issuer (while its breaker is open) |
| failures of a service, as an issuer met them or at a host | OUTAGE#nit#provider, OUTAGE#host#provider | OUTAGE | |
| lot | LOT#nit#lot | LOT | rows_by_issuer (those being read apart from the others), open (until its end is told) |
| line without a record of its own | LOT#nit#lot | LINE#place | by_lot |
| who waits in a lane of the emission queue, and who holds it | LANE#nit#provider(#kind) | LANE | |
| where an issuer's ledger ends | LEDGER#nit | LEDGER | |
| an entry of a document in it | LEDGER#nit | DOCUMENT#document#number | |
| turns at the numbers and the count of an issuer | TURNS#nit | TURNS | |
| a piece of news | NEWS#nit | instant#document#version#type, instant#document#id, instant#id | |
| an endpoint of an issuer | ENDPOINTS#nit | id | by_issuer (all active ones) |
| a delivery to an endpoint | DELIVERIES#nit#endpoint | as the news | open (while pending) |
| that something was told as news which no record keeps, or what was told of it last | NOTICED#nit#what | NOTICED | |
| counter | COUNTER#name | COUNTER | |

A record is in rows_by_issuer, rows_by_state and by_kind by its date of issue, in by_party by the identification of
the other party and that date, in open while it is unsettled, and in by_lot where it came in a lot.
"""

import hashlib
import re
import zlib

from cauce.domain.document import Kind

Key = dict[str, str]

# The two that have what a list shows of a record; the others have keys only (docs/decisions/0019).
BY_ISSUER = "rows_by_issuer"
BY_STATE = "rows_by_state"
BY_KIND = "by_kind"
BY_PARTY = "by_party"
OPEN = "open"
BY_LOT = "by_lot"

OPEN_SHARDS = 4

# The sort keys of the two items of a record.
RECORD, CONTENT = "RECORD", "CONTENT"

# The id of a record, a lot or an issuer. DynamoDB refuses keys over 2048 bytes and keys that are not Unicode.
_ID = re.compile(r"[0-9A-Za-z_-]{1,64}")
# A CUFE, CUDE or CUDS: SHA-384 in hex.
_UUID = re.compile(r"[0-9A-Fa-f]{96}")


def is_id(text: str) -> bool:
    """Whether a text, which may come from a request, has the form of an id."""
    return _ID.fullmatch(text) is not None


def is_uuid(text: str) -> bool:
    """Whether a text has the form of a CUFE, a CUDE or a CUDS."""
    return _UUID.fullmatch(text) is not None


def record(nit: str, document_id: str) -> Key:
    return {"pk": f"RECORD#{nit}#{document_id}", "sk": RECORD}


def content(nit: str, document_id: str) -> Key:
    return {**record(nit, document_id), "sk": CONTENT}


def of_record(pk: str) -> tuple[str, str]:
    """The issuer and the id of a record, from its partition key."""
    _, nit, document_id = pk.split("#", 2)
    return nit, document_id


def reference(nit: str, text: str) -> Key:
    return {"pk": f"REFERENCE#{nit}#{text}", "sk": "REFERENCE"}


def number(nit: str, kind: Kind, text: str) -> Key:
    return {"pk": f"NUMBER#{nit}#{kind.value}#{text}", "sk": "NUMBER"}


def uuid(nit: str, text: str) -> Key:
    return {"pk": f"UUID#{nit}#{text.lower()}", "sk": "UUID"}


def issuer(nit: str) -> Key:
    return {"pk": f"ISSUER#{nit}", "sk": "PROFILE"}


def paper(nit: str) -> Key:
    return {**issuer(nit), "sk": "PAPER"}


def numbering_range(nit: str, key: str) -> Key:
    return {"pk": f"ISSUER#{nit}", "sk": f"RANGE#{key}"}


def quota(nit: str, period: str) -> Key:
    return {"pk": f"ISSUER#{nit}", "sk": f"QUOTA#{period}"}


def access_token(token_id: int) -> Key:
    return {"pk": f"TOKEN#{token_id}", "sk": "TOKEN"}


def requests(nit: str, token_id: int, use: str, window: int) -> Key:
    """``window``: when it begins, in seconds since the epoch."""
    return {"pk": f"REQUESTS#{nit}#{token_id}", "sk": f"{use}#{window}"}


def acquirer(nit: str, identification_type: str, identification: str) -> Key:
    """The identification is not in it: keys are seen where an item's content is not."""
    said = "\0".join((nit, identification_type, identification))
    return {"pk": f"ACQUIRER#{nit}#{hashlib.sha256(said.encode()).hexdigest()}", "sk": "ACQUIRER"}


def acquirers_asked(nit: str, day: str) -> Key:
    return {"pk": f"ACQUIRERS#{nit}", "sk": day}


def provider_token(nit: str, provider: str) -> Key:
    return {"pk": f"PROVIDER_TOKEN#{nit}#{provider}", "sk": "PROVIDER_TOKEN"}


def lot(nit: str, lot_id: str) -> Key:
    return {"pk": lines_of(nit, lot_id), "sk": "LOT"}


def issuer_of_lot(key: Key) -> str:
    return key["pk"].split("#")[1]


def line(nit: str, lot_id: str, place: str) -> Key:
    return {"pk": lines_of(nit, lot_id), "sk": f"LINE#{place}"}


def lines_of(nit: str, lot_id: str) -> str:
    """The partition of a lot, in the table and in ``by_lot``."""
    return f"LOT#{nit}#{lot_id}"


def calls(nit: str, provider: str) -> Key:
    return {"pk": f"CALLS#{nit}#{provider}", "sk": "CALLS"}


def certificates(nit: str, provider: str) -> Key:
    return {**calls(nit, provider), "sk": "CERTIFICATES"}


def host(provider: str, name: str) -> Key:
    return {"pk": f"HOST#{provider}#{name}", "sk": "HOST"}


def outage(whose: str, provider: str) -> Key:
    """``whose``: an issuer's NIT, or the name of a host."""
    return {"pk": f"OUTAGE#{whose}#{provider}", "sk": "OUTAGE"}


def lane(nit: str, provider: str, kind: str | None) -> Key:
    """``kind``: where each kind of document has a lane of its own."""
    return {"pk": f"LANE#{nit}#{provider}" + (f"#{kind}" if kind else ""), "sk": "LANE"}


def turns_to_take_in(nit: str) -> Key:
    return {"pk": f"TURNS#{nit}", "sk": "TURNS"}


def news_of(nit: str) -> str:
    return f"NEWS#{nit}"


def news(nit: str, at: str, what: str) -> Key:
    """``at``: its moment, as ``items.instant`` writes it."""
    return {"pk": news_of(nit), "sk": f"{at}#{what}"}


def endpoints_of(nit: str) -> str:
    return f"ENDPOINTS#{nit}"


def endpoint(nit: str, endpoint_id: str) -> Key:
    return {"pk": endpoints_of(nit), "sk": endpoint_id}


def deliveries_to(nit: str, endpoint_id: str) -> str:
    """The partition of an endpoint's deliveries, in the table and in ``open``."""
    return f"DELIVERIES#{nit}#{endpoint_id}"


def delivery(nit: str, endpoint_id: str, position: str) -> Key:
    """``position``: of the news that is delivered, in the feed."""
    return {"pk": deliveries_to(nit, endpoint_id), "sk": position}


def noticed(nit: str, what: str) -> Key:
    return {"pk": f"NOTICED#{nit}#{what}", "sk": "NOTICED"}


def ledger(nit: str) -> Key:
    return {"pk": f"LEDGER#{nit}", "sk": "LEDGER"}


def in_ledger(nit: str, document_id: str, number: int) -> Key:
    return {**ledger(nit), "sk": f"{entries_of(document_id)}{number:012d}"}


def entries_of(document_id: str) -> str:
    """How the sort keys of a document's entries in a ledger begin."""
    return f"DOCUMENT#{document_id}#"


def number_in_ledger(sort_key: str) -> int:
    """The number of an entry, from its sort key."""
    return int(sort_key.rpartition("#")[2])


def counter(name: str) -> Key:
    return {"pk": f"COUNTER#{name}", "sk": "COUNTER"}


def records_of(nit: str) -> str:
    return f"RECORDS#{nit}"


def records_in_state(nit: str, shown_state: str) -> str:
    return f"RECORDS#{nit}#{shown_state}"


def records_of_kind(nit: str, kind: Kind) -> str:
    return f"{nit}#{kind.value}"


def tokens_of(nit: str) -> str:
    return f"TOKENS#{nit}"


def lots_of(nit: str) -> str:
    return f"LOTS#{nit}"


def other_lots_of(nit: str) -> str:
    """An issuer's lots that are not being read, by when they came."""
    return f"LOTS#{nit}#others"


def numbers_of(nit: str, kind: Kind) -> str:
    return f"NUMBERS#{nit}#{kind.value}"


ISSUERS = "ISSUERS"
ENDPOINTS = "ENDPOINTS"
OPEN_BREAKERS = "OPEN_BREAKERS"
OPEN_LOTS = "OPEN_LOTS"
READ_LOTS = "READ_LOTS"
"""Those that were read to their end, until that all of their lines are settled is told."""


def open_shard(document_id: str) -> str:
    """The partition of a record in ``open``. There are a few, so that none gets too hot in a busy stack."""
    return f"OPEN#{zlib.crc32(document_id.encode()) % OPEN_SHARDS}"


def open_shards() -> list[str]:
    return [f"OPEN#{n}" for n in range(OPEN_SHARDS)]
