"""What an operator may set for Afacturar, with the defaults. Pure.

Source: seed 003, unless a comment names another page of Afacturar's section for integrators («validación previa»).
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from cauce.domain.errors import CredentialsUnusable
from cauce.domain.event import EventCode
from cauce.domain.issuer import Environment

# The seed has the first and the last; the middle one is known from an integrator's public configuration.
_HOSTS = {
    "pruebas": "https://servicios-pruebas.afacturar.com",
    "habilitacion": "https://servicios-habilitacion.afacturar.com",
    "produccion": "https://servicios.afacturar.com",
}

LISTING = "/api/v2/transacciones_emitidas_v3"
HISTORY = "/api/radian/historico_eventos"
_EVENTS = {
    EventCode.ACKNOWLEDGEMENT: "/api/radian/acuse_recibo_fev",
    EventCode.CLAIM: "/api/radian/reclamo",  # page «reclamo»
    EventCode.RECEIPT: "/api/radian/recibo_bien_servicio",  # page «recibo_bs»
    # No page shows where an acceptance is declared, though the history's example lists one. This path is guessed from
    # the others. A wrong path processes nothing (404), and ``acceptance_path`` replaces it.
    EventCode.ACCEPTANCE: "/api/radian/aceptacion_expresa",
}
EVENT_CODES = frozenset(_EVENTS)

# Afacturar gives up on DIAN after 60 s (code 28), and its page shows an event that took 44 s.
_READ_SECONDS = 75.0
# No page says how many rows a call may ask for; the curl asks for 30. Fewer rows than were asked for mean the end of
# the list, so asking for more than Afacturar gives would hide the rest.
_ROWS_PER_CALL = 30
# The reclamo page's example keeps the event's XML here, and not under afacturar.com.
_ARTIFACT_HOSTS = "afacturar.archivamos.com"


class SearchShape(StrEnum):
    """How ``opcion_busqueda`` is written: the table's JSON of ten keys, or the curl's eight zeros."""

    JSON = "json"
    POSITIONAL = "positional"


@dataclass(frozen=True)
class Options:
    """An issuer's settings for Afacturar, read once."""

    base_url: str
    read_seconds: float
    search_shape: SearchShape
    rows_per_call: int
    search_date_format: str
    """``strftime`` format of a search's dates. The page gives none; the history's answers are in ISO."""
    acceptance_path: str
    emission_path: str | None
    """Path that invoices are posted to. No page tells it: until an operator sets it none is emitted (``invoice``)."""
    integrator_name: str
    integrator_type: str
    """MOVIL, WEB, DLL, EXCEL or ERP-XXXX; the seed's example says WEB in both."""
    artifact_hosts: tuple[str, ...]
    artifact_token: bool
    """Whether the token is sent when a file is fetched. No page says that it must be, so by default it is not."""

    def event_path(self, code: EventCode) -> str:
        return self.acceptance_path if code is EventCode.ACCEPTANCE else _EVENTS[code]


def options(settings: dict[str, str], environment: Environment) -> Options:
    """The settings with their defaults. Raises CredentialsUnusable for a wrong value."""
    try:
        return Options(
            base_url=_base_url(settings, environment),
            read_seconds=float(settings.get("read_seconds") or _READ_SECONDS),
            search_shape=SearchShape(settings.get("search_shape") or SearchShape.JSON),
            rows_per_call=max(1, int(settings.get("rows_per_call") or _ROWS_PER_CALL)),
            search_date_format=settings.get("search_date_format") or "%Y-%m-%d",
            acceptance_path=settings.get("acceptance_path") or _EVENTS[EventCode.ACCEPTANCE],
            emission_path=settings.get("emission_path") or None,
            integrator_name=settings.get("integrator_name") or "WEB",
            integrator_type=settings.get("integrator_type") or "WEB",
            artifact_hosts=tuple(re.findall(r"[^\s,]+", settings.get("artifact_hosts", _ARTIFACT_HOSTS))),
            artifact_token=settings.get("artifact_token") == "si",
        )
    except ValueError as cause:
        raise CredentialsUnusable(f"La configuración de Afacturar no sirve: {cause}.") from cause


def address(settings: dict[str, str], environment: Environment) -> str:
    """The base URL for an issuer: as set, or the published one; empty for a stage that does not exist."""
    return (settings.get("base_url") or _HOSTS.get(_stage(settings, environment), "")).rstrip("/")


def _stage(settings: dict[str, str], environment: Environment) -> str:
    return "produccion" if environment is Environment.PRODUCTION else settings.get("stage") or "pruebas"


def _base_url(settings: dict[str, str], environment: Environment) -> str:
    """The base URL for an issuer in its environment.

    The address and the payload's ``tipo_ambiente_dian`` both choose the environment, so they must agree: raises
    ValueError for an address of Afacturar's that is of the other environment.
    """
    in_production = environment is Environment.PRODUCTION
    if _stage(settings, environment) not in _HOSTS:
        raise ValueError(f"«stage» es uno de {', '.join(_HOSTS)}")
    url = address(settings, environment)
    of_production = url.lower() == _HOSTS["produccion"]
    of_tests = url.lower() in (_HOSTS["pruebas"], _HOSTS["habilitacion"])
    if (in_production and of_tests) or (of_production and not in_production):
        raise ValueError("la dirección no es del ambiente del emisor")
    return url
