"""Calls to FacEPro with an issuer's token, and the error for an answer that is about no document."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Unpack

from cauce.domain.errors import (
    CauceError,
    CredentialsRejected,
    CredentialsUnusable,
    NotFound,
    NotSent,
    OutcomeUnknown,
)
from cauce.domain.issuer import Period
from cauce.domain.time import BOGOTA
from cauce.providers import loose
from cauce.providers.base import Connection
from cauce.providers.calls import Calls
from cauce.providers.facepro.answer import MEANINGS, NAME, Facts, Meaning, facts
from cauce.providers.facepro.search import MAX_PER_PAGE

if TYPE_CHECKING:
    import httpx

    from cauce.providers.http import Parts

# One address for both environments of DIAN's: which one it leads to is set for the company in FacEPro's portal.
BASE_URL = "https://facepro.cdpconsultores.com/api/v1"

_DAY_SECONDS = 86_400.0


def address(connection: Connection) -> str:
    return connection.settings.get("base_url") or BASE_URL


class Session(Calls):
    """Calls for one issuer, with its token."""

    def __init__(self, connection: Connection):
        super().__init__(connection, address)

    def call(self, method: str, path: str, **parts: "Unpack[Parts]") -> "httpx.Response":
        """One call, never repeated: a refused token cannot be renewed.

        Raises NotSent where nothing left, OutcomeUnknown where it may have arrived.
        """
        from cauce.providers.http import exchange

        token = self.connection.credentials.get("token")
        if token is None:
            raise CredentialsUnusable("Falta la credencial de FacEPro Cloud: token.")
        bearer = {"Authorization": f"Bearer {token.get_secret_value()}"}
        parts["headers"] = {**parts.get("headers", {}), **bearer}
        return exchange(self.http, NAME, method, path, **parts)

    def get(self, path: str, search: dict[str, str] | None = None) -> bytes:
        """The body of a GET. Raises as ``call``, and the error of ``trouble`` for any status but success."""
        response = self.call("GET", path, params=search)
        if MEANINGS.get(response.status_code) is Meaning.ANSWER:
            return response.content
        raise self.trouble(response)

    def document(self, path: str) -> bytes:
        """The body of a GET about one document. Raises NotFound where FacEPro has none of that id."""
        response = self.call("GET", path)
        match MEANINGS.get(response.status_code):
            case Meaning.ANSWER:
                return response.content
            case Meaning.ABSENT:
                raise NotFound("FacEPro Cloud no tiene el documento, o no es de esta empresa.")
        raise self.trouble(response)

    def page(self, search: dict[str, str], page: int, per_page: int) -> list[Facts]:
        """One page of the company's documents. How an answer counts its pages is not documented, nor needed."""
        raw = self.get("/documentos", {**search, "per_page": str(per_page), "page": str(page)})
        found = loose.payload_of(NAME, raw).get("data")
        if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
            raise loose.unreadable(NAME, raw)
        return [facts(raw, row) for row in found]

    def rows(self, search: dict[str, str]) -> Iterator[Facts]:
        """Every document of a search, page after page, until a page brings nothing new.

        A short page may not be the last, and a document that is not found here may be issued twice.
        """
        seen: set[str] = set()
        page = 1
        while True:
            fresh = [row for row in self.page(search, page, MAX_PER_PAGE) if row.tracking_id not in seen]
            if not fresh:
                return
            seen.update(row.tracking_id for row in fresh)
            yield from fresh
            page += 1

    def trouble(self, response: "httpx.Response") -> CauceError:
        """The error to raise for an answer that says nothing about a document."""
        status, raw = response.status_code, response.content
        envelope = loose.payload(raw) or {}  # an error may come from a proxy, as HTML
        said = loose.text(envelope.get("error")) or loose.text(envelope.get("message"))
        detail = f"«{said}»" if said else f"respondió {status}"
        match MEANINGS.get(status, Meaning.UNKNOWN):
            case Meaning.CREDENTIALS:
                return CredentialsRejected(f"{NAME} rechazó el token: {detail}.")
            case Meaning.FORBIDDEN:
                permission = loose.text(envelope.get("permiso"))
                missing = f" Falta el permiso «{permission}»; pídalo a CDP." if permission else ""
                return CredentialsRejected(f"{NAME} no habilita esta operación: {detail}.{missing}")
            case Meaning.ABSENT:
                return CredentialsRejected(f"{NAME} no atiende esta ruta: {detail}. Revise base_url.")
            case Meaning.QUOTA:
                return self._quota(envelope, response)
            case _:
                return OutcomeUnknown(f"{NAME} respondió {status}.", raw=raw)

    def _quota(self, envelope: Mapping[str, object], response: "httpx.Response") -> NotSent:
        """The error for a 429: the plan's documents of the period are used up, and nothing was processed."""
        from cauce.providers.http import retry_after

        raw = response.content
        if envelope.get("codigo") != "quota_excedida":
            # FacEPro documents no other 429; its limiter, Laravel's, counts in minutes.
            return NotSent(f"{NAME} limita las solicitudes.", retry_after=retry_after(response), raw=raw)
        period = loose.text(envelope.get("periodo")) or "desconocido"
        used, limit = loose.text(envelope.get("consumidos")), loose.text(envelope.get("limite"))
        return NotSent(
            f"Cuota de {NAME} excedida: {used or '?'} de {limit or '?'} documentos, periodo {period}. "
            "Se enviará en el próximo periodo; pida una ampliación a CDP si no puede esperar.",
            retry_after=until_next(period, self.connection.clock()),
            raw=raw,
        )


def until_next(period: str, now: float) -> float:
    """Seconds until a quota's next calendar period in Bogotá; a day where the period is neither month nor year."""
    if period in list(Period):
        return Period(period).end(datetime.fromtimestamp(now, BOGOTA)).timestamp() - now
    return _DAY_SECONDS
