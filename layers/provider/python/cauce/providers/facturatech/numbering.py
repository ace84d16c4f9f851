"""Calls to the numbering service, through zeep with our WSDL. ``ranges`` reads its answers."""

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

from cauce.domain.ranges import NumberingRange
from cauce.providers import soap
from cauce.providers.base import RangeAnswer
from cauce.providers.facturatech import ranges
from cauce.providers.facturatech.settings import NUMBERING_NAMESPACE, Access, Settings
from cauce.ubl import reading

if TYPE_CHECKING:
    import httpx
    from lxml.etree import _Element as Element

_TITLE = "Facturatech"
# Facturatech asks DIAN within the call. Without a limit zeep would wait for ever.
_READ_SECONDS = 30.0
_BINDINGS = {"1.1": "SincronizacionNumeracionSoap", "1.2": "SincronizacionNumeracionSoap12"}


class Numbering:
    """The numbering service's three operations. Each is one call, never repeated."""

    def __init__(self, http: "httpx.Client", settings: Settings, access: Access):
        self._http = http
        self._settings = settings
        self._access = access

    def query(self) -> list[NumberingRange]:
        """ConsultaNumeracion: every range Facturatech has, after it asked DIAN for new ones.

        It also turns a DEMO user into a productive one, for ever: the caller must decide whether that may be.
        """
        result, raw = self._call("ConsultaNumeracion")
        return ranges.ranges(result, raw, self._settings.numbering_ok_codes)

    def assign(self, prefix: str, resolution: str, type_name: str) -> RangeAnswer:
        """ActualizarNumTipoDocumento: say what a resolution's range is for, once and for ever."""
        ranges.check_assignable(type_name)
        given = {"Prefijo": prefix, "NumAutorizacion": resolution, "TipoDocumento": type_name}
        return ranges.answer(*self._call("ActualizarNumTipoDocumento", **given))

    def generate(self, prefix: str, start: int, end: int, type_name: str) -> RangeAnswer:
        """GenerarNumeracion: a range that needs no resolution. A repetition is refused."""
        ranges.check_generatable(prefix, start, end, type_name)
        return ranges.answer(
            *self._call(
                "GenerarNumeracion",
                Prefijo=prefix,
                NumeroInicial=start,
                NumeroFinal=end,
                TipoDocumento=type_name,
            )
        )

    def _call(self, operation: str, **arguments: str | int) -> tuple["Element", bytes]:
        """The operation's result, and the body it came in without our password."""
        password = self._access.numbering(self._settings.pass_mode)
        answered = self._service[operation](User=self._access.username, Pass=password, **arguments)
        raw = self._access.redacted(answered)
        response = soap.answer(_TITLE, raw)
        result = reading.child(response, f"{operation}Result")
        return (response if result is None else result), raw

    @cached_property
    def _service(self) -> soap.Service:
        """zeep's proxy, made on the first call and not on a cold start: reading the WSDL takes long."""
        return soap.service(
            wsdl(self._settings.numbering_namespace),
            binding=f"{{{self._settings.numbering_namespace}}}{_BINDINGS[self._settings.numbering_soap]}",
            address=self._settings.numbering_url,
            wire=soap.Wire(self._http, _TITLE, _READ_SECONDS),
        )


def wsdl(namespace: str = NUMBERING_NAMESPACE) -> bytes:
    """Our own WSDL of the service, in the namespace that the settings give it."""
    text = (Path(__file__).parent / "SincronizacionNumeracion.wsdl").read_text("utf-8")
    return text.replace(NUMBERING_NAMESPACE, quoteattr(namespace)[1:-1]).encode()
