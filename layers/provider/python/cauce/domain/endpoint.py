"""Endpoints: the addresses of an issuer's systems to which its news is pushed, and each delivery of a piece of news.

A secret of an endpoint is ``whsec_`` and 32 random bytes in base64. Source: Standard Webhooks, «Signature scheme».
"""

import base64
import ipaddress
import re
import secrets
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from pydantic import SecretStr

from cauce.domain.document import Value
from cauce.domain.models import changed
from cauce.domain.news import News, NewsType

MOST_OF_AN_ISSUER = 10
# For so long after a rotation both secrets sign.
OVERLAP = timedelta(hours=24)
# The waits between the tries of a delivery: together a day.
TRIES_AFTER = tuple(
    timedelta(seconds=seconds) for seconds in (5, 30, 120, 600, 1800, 3600, 7200, 14400, 28800, 28800)
)
# An endpoint that took nothing for so long is disabled.
DISABLED_AFTER = timedelta(hours=24)
# After so many failures in a row an endpoint rests, so that a hanging one keeps no others waiting; the longest rest.
_RESTS_AFTER, _LONGEST_REST = 3, timedelta(minutes=5)
# By this answer an endpoint says that it wants no more. Source: Standard Webhooks, «Deliverability and reliability».
GONE = 410

_PREFIX = "whsec_"
_SECRET_BYTES = 32
_MAX_URL = 500
_HOST = re.compile(
    r"(?=.{1,253}$)(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z0-9-]{1,63}", re.ASCII
)


class Endpoint(Value):
    """An endpoint without its secrets. What is not known of it yet is absent."""

    id: str
    issuer: str
    url: str
    types: tuple[NewsType, ...] = ()
    """The news that it wants; empty for all."""
    description: str | None = None
    by: str | None = None
    """Who made it, as ``Step.by``."""
    created_at: datetime
    active: bool = True
    disabled_at: datetime | None = None
    disabled_why: str | None = None
    """Why, in Spanish; absent where a person disabled it."""
    rotated_at: datetime | None = None
    """When its secret was last replaced; the former one signs too for ``OVERLAP``."""
    position: str
    """The position in the feed up to which deliveries were made."""
    version: int = 0
    """How often it was changed."""
    failures: int = 0
    """Failed tries in a row."""
    failing_since: datetime | None = None
    rests_until: datetime | None = None
    """It is not called before then."""

    def wants(self, news: News) -> bool:
        return not self.types or news.type in self.types

    def rests_after_failure(self, now: datetime) -> datetime | None:
        """Until when it rests after one more failure."""
        more = self.failures + 1 - _RESTS_AFTER
        if more < 0:
            return None
        return now + min(_LONGEST_REST, timedelta(seconds=5 * 2 ** min(more, 10)))

    def is_to_be_disabled(self, now: datetime) -> bool:
        return self.failing_since is not None and now - self.failing_since >= DISABLED_AFTER


class DeliveryState(StrEnum):
    PENDING = "pending"
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"


class Try(Value):
    """One call to an endpoint."""

    at: datetime
    status: int | None = None
    """What it answered; absent where it did not."""
    took_ms: int = 0
    why: str | None = None
    """Why it did not count, in Spanish."""


class Delivery(Value):
    """A piece of news on its way to an endpoint. ``position``: the news's own in the feed."""

    endpoint: str
    position: str
    news: News
    state: DeliveryState = DeliveryState.PENDING
    tries: tuple[Try, ...] = ()
    """The latest; the first of them is kept too."""
    failures: int = 0
    """Since it was last asked for."""
    next_at: datetime
    """When it is tried next, while it is pending."""

    def tried(self, what: Try, *, is_done: bool) -> "Delivery":
        """The delivery after a call: done, to be tried again later, or given up after a day."""
        tries = (*self.tries[:1], *self.tries[1:][-8:], what)
        if is_done:
            return changed(self, {"tries": tries, "state": DeliveryState.DELIVERED})
        if self.failures >= len(TRIES_AFTER):
            return changed(self, {"tries": tries, "state": DeliveryState.GIVEN_UP})
        next_at = what.at + TRIES_AFTER[self.failures]
        return changed(self, {"tries": tries, "failures": self.failures + 1, "next_at": next_at})

    def asked_again(self, now: datetime) -> "Delivery":
        """The delivery that somebody wants once more."""
        return changed(self, {"state": DeliveryState.PENDING, "failures": 0, "next_at": now})


def new_secret() -> SecretStr:
    return SecretStr(_PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode())


def key_of(secret: SecretStr) -> bytes:
    """The bytes that sign."""
    return base64.b64decode(secret.get_secret_value().removeprefix(_PREFIX))


def fault_of_url(url: str, *, local: bool) -> str | None:
    """What is wrong with an endpoint's address, as a Spanish predicate; ``None`` where nothing is.

    ``local``: the stack is this machine's, whose endpoints may be here too. What a name leads to is looked at when it
    is called.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "no es una dirección que se pueda leer"
    if len(url) > _MAX_URL or not url.isascii() or not url.isprintable() or " " in url:
        return f"admite máximo {_MAX_URL} caracteres, sin espacios ni tildes"
    if parts.scheme != "https" and not (local and parts.scheme == "http"):
        return "debe empezar por https://"
    if any((parts.username, parts.password, parts.fragment, "@" in parts.netloc)):
        return "no puede llevar usuario, contraseña ni «#»"
    return _NAMES_NOBODY if port == 0 else _fault_of_host(host, local=local)


_NAMES_NOBODY = "debe nombrar un servidor, como https://erp.example.com/avisos"


def _fault_of_host(host: str, *, local: bool) -> str | None:
    address = read_address(host)
    if address is None and not _HOST.fullmatch(host):
        return _NAMES_NOBODY
    is_private = is_forbidden(address) if address is not None else "." not in host
    if is_private and not local:
        return "debe llevar a un servidor público: las direcciones privadas y las de esta red no se admiten"
    return None


Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def read_address(text: str) -> Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def is_forbidden(address: Address) -> bool:
    """Whether an address is not one of the public internet: private, of this machine or network, of a cloud's own
    services, for documentation, multicast or reserved. An IPv4 address inside an IPv6 one is looked at as itself."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_forbidden(address.ipv4_mapped)
        return address not in _PUBLIC_V6 or any(address in net for net in _NOT_PUBLIC_V6)
    return any(address in net for net in _NOT_PUBLIC_V4)


# Source: IANA's registries of special-purpose addresses (RFC 6890). Python's own list differs between versions.
_NOT_PUBLIC_V4 = tuple(
    map(
        ipaddress.IPv4Network,
        (
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "169.254.0.0/16",  # link-local, with the metadata of a cloud's machines
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.88.99.0/24",
            "192.168.0.0/16",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/3",  # multicast, reserved, broadcast
        ),
    )
)
# Global unicast; loopback, ULA, link-local, NAT64 and multicast are outside.
_PUBLIC_V6 = ipaddress.IPv6Network("2000::/3")
_NOT_PUBLIC_V6 = tuple(
    map(
        ipaddress.IPv6Network,
        (
            "2001::/23",  # Teredo, which has an IPv4 address inside, and others
            "2001:db8::/32",
            "2002::/16",  # 6to4, likewise
            "3fff::/20",
        ),
    )
)
