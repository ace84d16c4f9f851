"""Searches and events → the forms that Afacturar is sent. Pure."""

import json
from collections.abc import Mapping
from datetime import date

from cauce.domain.document import Kind
from cauce.domain.errors import InvalidDocument, Unsupported
from cauce.domain.event import Event, EventPerson
from cauce.domain.issuer import Environment
from cauce.providers import loose
from cauce.providers.afacturar.options import Options, SearchShape
from cauce.providers.afacturar.rows import KIND_OF_TYPE
from cauce.providers.afacturar.values import ORDERS, PERSON, SEARCH_OPTIONS
from cauce.providers.base import EmittedQuery, Filter, FilterName

Fields = dict[str, str]

_POSITIONAL = "0,0,0,0,0,0,0,0"

_VALUES = {
    "tipo_factura_electronica": ("VP", "2242"),
    "entorno": ("PRODUCCION", "HABILITACION", "DOCUMENTO_NO_VALIDO"),
    "tipo_documento": tuple(KIND_OF_TYPE),
    "tipo_orden": ("ASC", "DESC"),
    # The table allows «fc», but an error example on the same page requires at least 5 characters. So «fc» is sent
    # where a caller asks for it, and is never the default.
    "ordenado_por": ("fc", "uniqid", "fecha_documento"),
}
_DATES = tuple(SEARCH_OPTIONS.values())[:4]

TYPE_OF_KIND = {
    Kind.INVOICE: "factura",
    Kind.CREDIT_NOTE: "nota_credito",
    Kind.DEBIT_NOTE: "nota_debito",
}
"""Afacturar does not list support documents nor their notes."""

# Table «tipo_identificacion» of Afacturar's event pages; DIAN's 10, 47 and 48 are missing.
_IDENTIFICATION_TYPES = frozenset({"11", "12", "13", "21", "22", "31", "41", "42", "50", "91"})
_LEAST_NAME = 3


def search(options: Options, query: EmittedQuery) -> dict[str, str]:
    """A search in Afacturar's names and values, with its order.

    Raises Unsupported for a filter that Afacturar does not have, and InvalidDocument for a value that its filter does
    not take.
    """
    asked = query.filters
    if query.kind is not None:
        if query.kind not in TYPE_OF_KIND:
            raise Unsupported("Afacturar no lista este tipo de documento.", field="kind")
        asked += (Filter(FilterName.KIND, TYPE_OF_KIND[query.kind], "tipo_documento"),)
    return ordered(dict(_option(options, each) for each in asked))


def ordered(asked: dict[str, str]) -> dict[str, str]:
    """A search with its order; by default by ``uniqid`` and ascending, which is the order of arrival: a document that
    is emitted between two pages comes last, so that no row is skipped."""
    return {"tipo_orden": "ASC", "ordenado_por": "uniqid", **_given(asked)}


def listing(options: Options, nit: str, search: dict[str, str], offset: int, rows: int) -> Fields:
    """The form of one call to ``transacciones_emitidas_v3``. ``offset`` counts rows, the first being 0."""
    if options.search_shape is SearchShape.POSITIONAL:
        wanted = _POSITIONAL
    else:
        wanted = loose.encoded({name: search.get(name, "") for name in SEARCH_OPTIONS.values()})
    return {
        "documento_obligado": nit,
        "offset": str(offset),
        "cantidad_filas_por_consulta": str(rows),
        "ordenado_por": search["ordenado_por"],
        "opcion_busqueda": wanted,
        "tipo_orden": search["tipo_orden"],
    }


def cufe_of(form: Fields) -> str:
    """The CUFE of the invoice in an event's form."""
    data = json.loads(form["data"])
    return str(data["evento"][0]["informacion_documento_referencia"]["cufe"])


def check_event(event: Event) -> EventPerson:
    """The person of an event. Raises InvalidDocument or Unsupported where Afacturar's tables do not allow it.

    Afacturar requires a person in every event, in a claim and an acceptance too.
    """
    person = event.person
    if person is None:
        raise InvalidDocument("Afacturar pide la persona que recibió el documento.", field="person")
    if person.identification_type not in _IDENTIFICATION_TYPES:
        raise Unsupported(
            f"Afacturar no admite el tipo de identificación {person.identification_type} en eventos.",
            field="person.identification_type",
        )
    for name, text in (("names", person.names), ("last_names", person.last_names)):
        if len(text.strip()) < _LEAST_NAME:
            raise InvalidDocument(
                f"Afacturar pide al menos {_LEAST_NAME} caracteres.", field=f"person.{name}"
            )
    return person


def event(options: Options, nit: str, environment: Environment, event: Event, transmission_id: str) -> Fields:
    """The form of an event: ``data``, JSON in text, beside ``documento_obligado``. One event per call.

    No page says what becomes of a call with several events of which some fail.
    """
    person = check_event(event)
    heading = {"encabezado": {"tipo_reclamo": event.claim_code}} if event.claim_code else {}
    data = {
        "evento": [
            {
                **heading,
                "informacion_documento_referencia": {"cufe": event.invoice_uuid},
                PERSON: _person(person),
            }
        ],
        "generalidades": general(options, environment, transmission_id),
    }
    return {"data": loose.encoded(data), "documento_obligado": nit}


def general(options: Options, environment: Environment, transmission_id: str) -> Mapping[str, object]:
    """The data of a transmission, of an event or an invoice."""
    return {
        "tipo_ambiente_dian": int(environment.value),
        "identificador_transmision": transmission_id,
        "integrador": {"nombre": options.integrator_name, "tipo": options.integrator_type},
    }


def history(nit: str, cufe: str) -> Fields:
    """The form of ``historico_eventos``. Its page has the CUFE alone; the issuer is named as in all other calls."""
    return {"cufe": cufe, "documento_obligado": nit}


def _option(options: Options, asked: Filter) -> tuple[str, str]:
    """Afacturar's name and value of a filter."""
    value, said, known = asked.value, asked.said, SEARCH_OPTIONS | ORDERS
    if asked.name not in known:
        raise Unsupported(f"Afacturar no filtra lo emitido por «{said}».", field=said)
    name = known[asked.name]
    if asked.name in SEARCH_OPTIONS and value and options.search_shape is SearchShape.POSITIONAL:
        raise Unsupported(
            f"Con la búsqueda posicional, Afacturar no filtra por «{said}» (search_shape).", field=said
        )
    if value and name in _VALUES and value not in _VALUES[name]:
        raise InvalidDocument(f"«{said}» es uno de: {', '.join(_VALUES[name])}.", field=said)
    return name, _day(options, said, value) if value and name in _DATES else value


def _person(person: EventPerson) -> Mapping[str, object]:
    """The person in an event: its type a number, its identification a text (seed 003), its check digit left out."""
    optional = {"cargo": person.job, "area": person.area}
    return {
        "tipo_identificacion": int(person.identification_type),
        "identificacion": person.identification,
        "nombres": person.names,
        "apellidos": person.last_names,
        **_given(optional),
    }


def _given(values: Mapping[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in values.items() if value}


def _day(options: Options, name: str, value: str) -> str:
    try:
        return date.fromisoformat(value).strftime(options.search_date_format)
    except ValueError:
        raise InvalidDocument(f"«{name}» es una fecha AAAA-MM-DD.", field=name) from None
