"""GETs at Factus: one answer, one page, every row of a list; and the error for an answer that is no document."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from cauce.domain.errors import CauceError, CredentialsRejected, NotFound, NotSent, OutcomeUnknown
from cauce.providers import loose
from cauce.providers.factus import values
from cauce.providers.factus.answer import MEANINGS, Meaning
from cauce.providers.factus.auth import Session
from cauce.providers.factus.values import Row

if TYPE_CHECKING:
    import httpx


class Reader:
    """Reads through an authorised session; creates nothing."""

    def __init__(self, session: Session, clock: Callable[[], float]):
        self._session = session
        self._clock = clock

    def get(self, path: str, search: dict[str, str] | None = None) -> bytes:
        """The body of an answer. Raises NotFound for a 404, besides what every call raises."""
        response = self._session.call("GET", path, params=search)
        if response.status_code in (200, 201):
            return response.content
        if response.status_code == 404:
            raise NotFound("Factus no lo tiene.")
        raise self.trouble(response)

    def page(self, path: str, search: dict[str, str], page: int) -> tuple[bytes, list[Row], Row]:
        """A page of a list: its body, its rows and its ``pagination``."""
        raw = self.get(path, {**search, "page": str(page)})
        data = loose.mapping(values.payload_of(raw).get("data"))
        found = data.get("data")
        if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
            raise values.unreadable(raw)
        return raw, found, loose.mapping(data.get("pagination"))

    def rows(self, path: str, search: dict[str, str]) -> Iterator[tuple[bytes, Row]]:
        """Every row of a list, page after page, each with the body it came in."""
        page, last = 1, 1
        while page <= last:
            raw, found, pagination = self.page(path, search, page)
            yield from ((raw, row) for row in found)
            # A page past the end is empty, whatever the count says.
            last = (loose.whole(pagination.get("last_page")) or 1) if found else 0
            page += 1

    def trouble(self, response: "httpx.Response") -> CauceError:
        """The error to raise for an answer that says nothing about a document."""
        status, raw = response.status_code, response.content
        said = values.message_of(raw)
        detail = f"«{said}»" if said else f"respondió {status}"
        match MEANINGS.get(status, Meaning.UNKNOWN):
            case Meaning.CREDENTIALS:
                return CredentialsRejected(f"Factus rechazó la cuenta o su plan: {detail}.")
            case Meaning.MISROUTED:
                return CredentialsRejected(
                    f"Factus no atiende esta ruta: {detail}. Revise base_url y el dialecto de la cuenta."
                )
            case Meaning.THROTTLED:
                wait = values.wait_seconds(dict(response.headers), self._clock())
                return NotSent("Factus limita las solicitudes.", retry_after=wait, raw=raw)
            case _:
                return OutcomeUnknown(f"Factus respondió {status}.", raw=raw)
