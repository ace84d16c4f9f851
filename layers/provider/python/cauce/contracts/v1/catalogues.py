"""GET /catalogos: the code lists that fields of the contract take, searched by code or by name; and the code that was
probably meant where a request has another text.

A field names its list in its declaration (``fields.FieldKind.catalog``), and its JSON Schema in ``x-catalogo``.
"""

import difflib
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from typing import NamedTuple

from pydantic import BaseModel

from cauce.contracts.v1.bodies import JsonObject, shown
from cauce.contracts.v1.fields import FieldKind
from cauce.contracts.v1.queries import Parameters, Reader
from cauce.domain import catalogs, health
from cauce.domain.document import Kind, Value, operations_of, reasons_of
from cauce.domain.errors import NotFound
from cauce.domain.event import CLAIM_REASONS
from cauce.domain.models import marked, model_in
from cauce.domain.texts import folded

# Resolución 000165 of 2023, whose annex 1.9 everybody had to follow from this day on (Resolución 000008 of 2024).
_ANNEX_1_9 = date(2024, 5, 1)
# From this day on support documents are electronic (Resolución 000488 of 2022).
_SUPPORT_1_1 = date(2022, 8, 1)
# Resolución MinSalud 948 of 2026, whose technical documents have the health sector's tables since then.
_RESOLUTION_948 = date(2026, 5, 14)
# From this day on the first who had to issue POS tickets did so electronically (Resolución 000008 of 2024).
_EQUIVALENT_1_0 = date(2024, 5, 1)

MAX_PER_PAGE, _MAX_PAGE = 500, 1000
_LONGEST_SEARCH = 100


class Catalog(NamedTuple):
    """A code list. ``table``: the names by code, or what reads them on first use."""

    title: str
    table: dict[str, str] | Callable[[], dict[str, str]]
    source: str
    since: date

    @property
    def codes(self) -> dict[str, str]:
        return self.table if isinstance(self.table, dict) else self.table()


class Search(Value):
    """What GET /catalogos/{nombre} asks for. ``wanted``: words of a name, or a code; ``None`` for the whole list."""

    wanted: str | None
    per_page: int
    page: int


def _of_annex(title: str, table: dict[str, str] | Callable[[], dict[str, str]], section: str) -> Catalog:
    source = f"DIAN, Anexo Técnico de Factura Electrónica de Venta 1.9, caja de herramientas, {section}"
    return Catalog(title, table, source, _ANNEX_1_9)


def _of_support(title: str, table: dict[str, str]) -> Catalog:
    source = "DIAN, Anexo Técnico del Documento Soporte 1.1, caja de herramientas"
    return Catalog(title, table, source, _SUPPORT_1_1)


def _of_health(title: str, table: Callable[[], dict[str, str]], called: str) -> Catalog:
    source = f"Ministerio de Salud, tabla {called} de SISPRO, vista el 19 de julio de 2026"
    return Catalog(title, table, source, _RESOLUTION_948)


def _of_equivalent(title: str, table: dict[str, str]) -> Catalog:
    source = "DIAN, Anexo Técnico del Documento Equivalente Electrónico 1.0, caja de herramientas"
    return Catalog(title, table, source, _EQUIVALENT_1_0)


@cache
def known() -> dict[str, Catalog]:
    """Every list, by its name in the route."""
    return {
        "tipos-documento": _of_annex(
            "Tipos de documento de identificación", catalogs.IDENTIFICATION_TYPES, "13.2.1"
        ),
        "tipos-persona": _of_annex("Tipos de persona", catalogs.PERSON_TYPES, "13.2.3"),
        "responsabilidades": _of_annex("Responsabilidades fiscales", catalogs.RESPONSIBILITIES, "13.2.6.1"),
        "tributos-persona": _of_annex(
            "Tributos de quien compra o vende", catalogs.PARTY_TAX_SCHEMES, "13.2.6.2"
        ),
        "tributos": _of_annex("Tributos de una línea", catalogs.TAXES, "13.2.2"),
        "retenciones": _of_annex("Retenciones de una línea", catalogs.WITHHOLDINGS, "13.2.2"),
        "municipios": _of_annex("Municipios (DIVIPOLA)", catalogs.municipalities, "13.4.3"),
        "departamentos": _of_annex("Departamentos (DIVIPOLA)", catalogs.departments, "13.4.2"),
        "paises": _of_annex("Países (ISO 3166-1)", catalogs.countries, "13.4.1"),
        "monedas": _of_annex("Monedas (ISO 4217)", catalogs.currencies, "13.3.3"),
        "unidades": _of_annex("Unidades de medida (UN/ECE, recomendación 20)", catalogs.units, "13.3.6"),
        "formas-pago": _of_annex("Formas de pago", catalogs.PAYMENT_FORMS, "13.3.4.1"),
        "medios-pago": _of_annex("Medios de pago", catalogs.payment_means, "13.3.4.2"),
        "cargos": _of_annex("Motivos de un cargo", catalogs.CHARGES_ONLY, "13.3.8"),
        "descuentos": _of_annex("Motivos de un descuento", catalogs.DISCOUNTS_ONLY, "13.3.8"),
        "unidades-remesa": _of_annex(
            "Unidades de la carga de una remesa", catalogs.CONSIGNMENT_UNITS, "13.5.2"
        ),
        "debida-diligencia": _of_annex(
            "Debida diligencia de quien cambia divisas", catalogs.DUE_DILIGENCE, "18.3"
        ),
        "estandares": _of_annex("Estándares del código de un producto", catalogs.ITEM_STANDARDS, "13.3.5"),
        "precios-referencia": _of_annex(
            "Tipos de precio de referencia", catalogs.REFERENCE_PRICES, "13.3.10"
        ),
        "incoterms": _of_annex("Condiciones de entrega (Incoterms)", catalogs.INCOTERMS, "13.3.7"),
        "tipos-factura": _of_annex("Tipos de factura", catalogs.INVOICE_TYPES, "13.1.3"),
        "operaciones-factura": _of_annex(
            "Tipos de operación de una factura", operations_of(Kind.INVOICE), "13.1.5.1"
        ),
        "operaciones-nota-credito": _of_annex(
            "Tipos de operación de una nota crédito", operations_of(Kind.CREDIT_NOTE), "13.1.5.2"
        ),
        "operaciones-nota-debito": _of_annex(
            "Tipos de operación de una nota débito", operations_of(Kind.DEBIT_NOTE), "13.1.5.3"
        ),
        "operaciones-documento-soporte": _of_support(
            "Tipos de operación de un documento soporte y de su nota de ajuste",
            operations_of(Kind.SUPPORT_DOCUMENT),
        ),
        "motivos-nota-credito": _of_annex(
            "Motivos de una nota crédito", reasons_of(Kind.CREDIT_NOTE), "13.2.4"
        ),
        "motivos-nota-debito": _of_annex("Motivos de una nota débito", reasons_of(Kind.DEBIT_NOTE), "13.2.5"),
        "motivos-nota-ajuste": _of_support("Motivos de una nota de ajuste", reasons_of(Kind.ADJUSTMENT_NOTE)),
        "tipos-documento-equivalente": _of_equivalent(
            "Tipos de documento equivalente", catalogs.EQUIVALENT_TYPES
        ),
        "operaciones-documento-equivalente": _of_equivalent(
            "Tipos de operación de un documento equivalente", operations_of(Kind.EQUIVALENT_DOCUMENT)
        ),
        "motivos-nota-documento-equivalente": _of_equivalent(
            "Motivos de una nota de ajuste al documento equivalente", reasons_of(Kind.EQUIVALENT_NOTE)
        ),
        "formas-compra": _of_support("Formas de transmitir una compra", catalogs.PURCHASE_FORMS),
        "modalidades-pago-salud": _of_health(
            "Modalidades de pago de servicios de salud", health.payment_methods, "modalidadPago"
        ),
        "coberturas-salud": _of_health(
            "Coberturas o planes de beneficios", health.coverages, "coberturaPlan"
        ),
        "motivos-sin-contrato-salud": _of_health(
            "Motivos para facturar servicios de salud sin contrato", health.absences, "facturaSinContrato"
        ),
        "conceptos-recaudo-salud": _of_health(
            "Conceptos de lo que paga un usuario de salud", health.collections, "conceptoRecaudo"
        ),
        "eventos": _of_annex("Eventos RADIAN de una factura", catalogs.EVENTS, "13.1.6"),
        "reclamos": _of_annex("Motivos de un reclamo", CLAIM_REASONS, "13.3.12"),
    }


# What is answered


def named(name: str) -> Catalog:
    """The list of a name. Raises NotFound."""
    found = known().get(name)
    if found is None:
        close = difflib.get_close_matches(folded(name[:40]), known(), n=1, cutoff=0.5)
        hint = f"¿quiso decir «{close[0]}»?" if close else "GET /catalogos dice cuáles hay."
        raise NotFound(f"No hay un catálogo «{shown(name)}»; {hint}")
    return found


def search(parameters: Parameters) -> Search:
    """What a query string asks of a list. Raises InvalidDocument naming every wrong parameter."""
    reader = Reader(parameters)
    reader.refuse_unknown("q", "per_page", "page")
    wanted = reader.text("q")
    if wanted is not None and len(wanted) > _LONGEST_SEARCH:
        reader.refuse("q", f"admite máximo {_LONGEST_SEARCH} caracteres")
    per_page = reader.integer("per_page", 100, MAX_PER_PAGE)
    page = reader.integer("page", 1, _MAX_PAGE)
    reader.settle()
    return Search(wanted=wanted, per_page=per_page, page=page)


def listed(base_url: str) -> JsonObject:
    """The answer of GET /catalogos."""
    used = _fields_by_catalog()
    return {
        "ok": True,
        "data": [
            {**_head(name, found), "campos": used[name], "links": {"codigos": f"{base_url}/catalogos/{name}"}}
            for name, found in known().items()
        ],
    }


def found_in(name: str, asked: Search) -> JsonObject:
    """The answer of GET /catalogos/{nombre}: the codes that fit best come first."""
    of_name = named(name)
    codes = _ranked(name, asked.wanted) if asked.wanted else list(of_name.codes)
    start = (asked.page - 1) * asked.per_page
    return {
        "ok": True,
        "data": [_row(name, code) for code in codes[start : start + asked.per_page]],
        "meta": {
            **_head(name, of_name),
            "encontrados": len(codes),
            "page": asked.page,
            "per_page": asked.per_page,
            "paginas": -(-len(codes) // asked.per_page),
        },
    }


def _head(name: str, found: Catalog) -> JsonObject:
    return {
        "nombre": name,
        "titulo": found.title,
        "codigos": len(found.codes),
        "fuente": found.source,
        "vigente_desde": found.since.isoformat(),
    }


def _row(name: str, code: str) -> JsonObject:
    row: JsonObject = {"codigo": code, "nombre": known()[name].codes[code]}
    if name == "municipios":
        row |= {"codigo_departamento": code[:2], "departamento": catalogs.departments()[code[:2]]}
    return row


def _fields_by_catalog() -> dict[str, list[str]]:
    """The fields that take each list, as the README writes them: ``lineas[].unidad``."""
    from cauce.contracts.v1.events import EventRequest
    from cauce.contracts.v1.requests import REQUESTS

    found: dict[str, dict[str, None]] = {name: {} for name in known()}
    for request in (*REQUESTS.values(), EventRequest):
        for path, kind in coded(request):
            found[kind.catalog][path] = None
    return {name: list(paths) for name, paths in found.items()}


def coded(shape: type[BaseModel], path: str = "") -> Iterator[tuple[str, FieldKind]]:
    """The fields of a request that take a list, with the kind of each."""
    kinds = marked(shape, FieldKind)
    for name, field in shape.model_fields.items():
        inner = model_in(field.annotation)
        if inner:
            several = "[]" if "tuple" in str(field.annotation) else ""
            yield from coded(inner, f"{path}{name}{several}.")
        elif name in kinds and kinds[name].catalog:
            yield f"{path}{name}", kinds[name]


# How codes are found

# What people write for codes, by list; none of it is in DIAN's list with that meaning.
ABBREVIATED = {
    "unidades": {
        "g": "GRM", "gr": "GRM", "grs": "GRM", "kg": "KGM", "kgs": "KGM", "kilo": "KGM", "kilos": "KGM", "l": "LTR",
        "lt": "LTR", "lts": "LTR", "m": "MTR", "mt": "MTR", "mts": "MTR", "cm": "CMT", "mm": "MMT", "km": "KTM",
        "m2": "MTK", "m3": "MTQ", "u": "94", "un": "94", "und": "94", "uni": "94", "unid": "94", "unidades": "94",
        "ud": "94", "uds": "94", "h": "HUR", "hr": "HUR", "hrs": "HUR", "lb": "LBR", "lbs": "LBR", "gal": "GLL",
        "oz": "ONZ", "ton": "TNE", "t": "TNE", "doc": "DZN", "dz": "DZN", "gramo": "GRM", "gramos": "GRM",
    },
    "tipos-documento": {
        "cc": "13", "ce": "22", "ti": "12", "rc": "11", "te": "21", "cedula": "13", "pas": "41",
    },
    "paises": {"eeuu": "US", "usa": "US", "col": "CO"},
    "monedas": {"peso": "COP", "pesos": "COP", "dolar": "USD", "dolares": "USD", "euros": "EUR"},
}  # fmt: skip


class _Folded(NamedTuple):
    """A code and its name as they are compared: in lower case, without accents, the name as its words."""

    code: str
    key: str
    words: tuple[str, ...]

    @property
    def name(self) -> str:
        return " ".join(self.words)


@cache
def _folded(name: str) -> tuple[_Folded, ...]:
    rows = known()[name].codes.items()
    return tuple(_Folded(code, folded(code), _words(called)) for code, called in rows)


def _words(text: str) -> tuple[str, ...]:
    kept = "".join(each if each.isalnum() else " " for each in folded(text))
    return tuple(kept.split())


def _ranked(name: str, wanted: str) -> list[str]:
    """The codes that a text may mean, the likeliest first: what people mean by it, that code, that name, a code or a
    name that begins so, a name with words that begin with each of the text's words; of those that fit as well, the
    shorter name."""
    key, words = folded(wanted).strip(), _words(wanted)
    usual = ABBREVIATED.get(name, {}).get("".join(words))
    ranks = (
        (-1 if row.code == usual else _rank(row, key, words), len(row.words), at, row.code)
        for at, row in enumerate(_folded(name))
    )
    return [code for rank, *_, code in sorted(each for each in ranks if each[0] < _NO_MATCH)]


_NO_MATCH = 6


def _rank(row: _Folded, key: str, words: tuple[str, ...]) -> int:
    if row.key == key:
        return 0
    if words and "".join(row.words) == "".join(words):  # «Don Matías» is Donmatías
        return 1
    if key and row.key.startswith(key):
        return 2
    if not words:
        return _NO_MATCH
    if row.name.startswith(" ".join(words)):
        return 3 if row.words[: len(words)] == words else 4
    return 5 if all(any(own.startswith(each) for own in row.words) for each in words) else _NO_MATCH


# The code that was meant

_LONGEST_NEAR = 40


_BESIDE = {"tributos": {"retenciones": "retenciones"}, "retenciones": {"tributos": "impuestos"}}
"""Of the codes of a list, others that are often put among them: their list, and the field that takes them."""


def _of_another(name: str, code: str) -> str:
    """Where a code goes that is none of this list, and one of another's."""
    for other, field in _BESIDE.get(name, {}).items():
        if code in known()[other].codes and code not in known()[name].codes:
            return f"{code} es {_called(other, code)}, que va en {field}"
    return ""


def meant(name: str, value: object) -> str:
    """«¿quiso decir «KGM» (Kilogramo)?» after what is wrong with a value, where that can be told; else nothing."""
    texts = value.split(";") if isinstance(value, str) else [str(value)] if type(value) is int else []
    if isinstance(value, list | tuple):
        texts = [each for each in value if isinstance(each, str)]
    codes = [code for text in texts[:5] for code in _near(name, text.strip())][:3]
    if not codes:
        return _of_another(name, str(value))
    said = [f"«{code}» ({_called(name, code)})" for code in codes]
    return f"¿quiso decir {', '.join(said[:-1])}{' o ' if len(said) > 1 else ''}{said[-1]}?"


def _called(name: str, code: str) -> str:
    named = known()[name].codes[code]
    where = catalogs.departments()[code[:2]] if name == "municipios" else named
    return named if named.startswith(where) else f"{named}, {where}"


def _near(name: str, text: str) -> list[str]:
    """The codes that a text probably means: one, or a few of the same name; none where it is one already."""
    if not text or len(text) > _LONGEST_NEAR or text in known()[name].codes:
        return []
    words, rows = _words(text), _folded(name)
    asked = "".join(words)
    if asked in ABBREVIATED.get(name, {}):
        return [ABBREVIATED[name][asked]]
    digits = asked.lstrip("0")
    of_code = [row.code for row in rows if digits and "".join(_words(row.code)).lstrip("0") == digits]
    return of_code or _of_name(rows, words)


def _singular(words: tuple[str, ...]) -> str:
    return "".join(each.removesuffix("s") for each in words)


def _of_name(rows: tuple[_Folded, ...], words: tuple[str, ...]) -> list[str]:
    if not words:
        return []
    same = [row.code for row in rows if _singular(row.words) == _singular(words)]
    begun = [row.code for row in rows if row.words[: len(words)] == words]
    return same[:3] or (begun if len(begun) == 1 else _alike(rows, " ".join(words)))


def _alike(rows: tuple[_Folded, ...], asked: str) -> list[str]:
    """The code of the name that is nearest: of the same first letter, since another one is seldom a slip. A text of
    three letters is like too many names."""
    named = {row.name: row.code for row in reversed(rows) if row.name[:1] == asked[0]}
    close = difflib.get_close_matches(asked, named, n=1, cutoff=0.8) if len(asked) > 3 else []
    return [named[each] for each in close]
