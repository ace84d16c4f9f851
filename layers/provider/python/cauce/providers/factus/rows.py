"""Factus's lists → the shapes every provider shares: emitted documents, numbering ranges. Pure."""

from pydantic import SecretStr

from cauce.domain.document import Kind
from cauce.domain.errors import InvalidDocument, OutcomeUnknown, Unsupported
from cauce.domain.ranges import NumberingRange
from cauce.domain.texts import folded
from cauce.providers import loose
from cauce.providers.base import Emitted, EmittedQuery, FilterName
from cauce.providers.factus import answer, values
from cauce.providers.factus.routes import Dialect

PER_PAGE = 10
"""Rows of a page; v1 has no other, v2 takes ``filter[per_page]``."""

KIND_OF_TYPE = {
    "21": Kind.INVOICE,
    "22": Kind.CREDIT_NOTE,
    "23": Kind.DEBIT_NOTE,
    "24": Kind.SUPPORT_DOCUMENT,
    "25": Kind.ADJUSTMENT_NOTE,
}
"""Factus's other types have no kind here: 26 to 28 payroll, 30 paper invoices."""

# Factus's lists have a type's name; single answers have its code and, for 30, another name.
_TYPE_OF_NAME = {
    "factura de venta": "21",
    "nota credito": "22",
    "nota debito": "23",
    "documento soporte": "24",
    "nota de ajuste documento soporte": "25",
    "nomina": "26",
    "nota de ajuste nomina": "27",
    "nota de eliminacion de nomina": "28",
    "factura de talonario o de papel": "30",
    "factura de talonario y de papel": "30",
}

# The filters that are only named otherwise at Factus; ``query`` translates the others that it has.
_FILTERS = {
    FilterName.COUNTERPARTY: "identification",
    FilterName.COUNTERPARTY_NAME: "names",
    FilterName.NUMBER: "number",
    FilterName.PREFIX: "prefix",
    FilterName.REFERENCE: "reference_code",
}
_STATUS = {"aceptado": "1", "pendiente": "0", "rechazado": "0"}
_SINCE, _UNTIL = "filter[created_at][start_date]", "filter[created_at][end_date]"
# Factus dates a document when it receives it, so that one filter stands for both dates of seed 003.
_DATES = {
    FilterName.SINCE: _SINCE,
    FilterName.ISSUED_SINCE: _SINCE,
    FilterName.RECEIVED_SINCE: _SINCE,
    FilterName.UNTIL: _UNTIL,
    FilterName.ISSUED_UNTIL: _UNTIL,
    FilterName.RECEIVED_UNTIL: _UNTIL,
}


def query(dialect: Dialect, asked: EmittedQuery) -> dict[str, str]:
    """The query string of a search. Raises Unsupported for a filter that Factus does not have."""
    found: dict[str, str] = {}
    for each in asked.filters:
        name, value, said = each.name, each.value, each.said
        if name in _FILTERS:
            found[f"filter[{_FILTERS[name]}]"] = value
        elif name is FilterName.STATE:
            if value not in (*_STATUS, "fallido"):
                raise InvalidDocument("El estado no existe.", field=said)
            if value in _STATUS:
                found["filter[status]"] = _STATUS[value]
        elif name in _DATES and dialect is Dialect.V2:
            if found.setdefault(_DATES[name], value) != value:
                raise InvalidDocument("Factus tiene una sola fecha por documento.", field=said)
        elif name is FilterName.CONSECUTIVE:
            found["filter[number]"] = full_number(asked) or ""
        else:
            raise Unsupported(f"Factus {dialect} no filtra sus documentos por «{said}».", field=said)
    return found


def full_number(asked: EmittedQuery) -> str | None:
    """The number that a search by prefix and consecutive asks for; ``None`` where it asks for none.

    Raises Unsupported for a consecutive without its prefix: Factus looks for a piece of the whole number.
    """
    prefix, consecutive = asked.by(FilterName.PREFIX), asked.by(FilterName.CONSECUTIVE)
    if consecutive is None:
        return None
    if prefix is None:
        raise Unsupported(
            "Factus busca por el número completo: indique también «prefijo».", field=consecutive.said
        )
    return prefix.value + consecutive.value


def fits(asked: EmittedQuery, row: Emitted) -> bool:
    """Whether a row has the state and the number that were asked for: Factus's filters let others through."""
    state, number = asked.by(FilterName.STATE), full_number(asked)
    return (state is None or state.value == row.shown_state) and number in (None, row.number)


def emitted(raw: bytes, kind: Kind, row: values.Row) -> Emitted:
    """One row of a list of documents. Factus lists neither the UUID nor what became of the mail."""
    facts = answer.listed(raw, kind, row)
    return Emitted(
        provider_id=facts.provider_ids.get("id"),
        reference=facts.reference,
        kind=kind,
        number=values.text(row.get("number")),
        counterparty=facts.counterparty,
        counterparty_name=facts.counterparty_name,
        total=facts.total,
        issued_at=facts.created_at.isoformat() if facts.created_at else None,
        received_at=None,
        uuid=facts.uuid,
        shown_state=shown_state(facts),
        messages=tuple(error.text for error in facts.errors),
    )


def shown_state(facts: answer.Facts) -> str:
    if facts.validated:
        return "aceptado"
    return "rechazado" if any(answer.is_rejection(error.text) for error in facts.errors) else "pendiente"


def numbering_range(raw: bytes, row: values.Row) -> NumberingRange:
    """One range. ``current`` is the next number; the key is a secret, since it makes CUFEs.

    Raises OutcomeUnknown where its limits are missing.
    """
    known = type_code(values.text(row.get("document")) or "")
    start, end = loose.whole(row.get("from")), loose.whole(row.get("to"))
    if start is None or end is None:
        raise OutcomeUnknown("Factus listó un rango de numeración sin límites.", raw=raw)
    key = values.text(row.get("technical_key"))
    return NumberingRange(
        provider="factus",
        kind=KIND_OF_TYPE.get(known),
        prefix=values.text(row.get("prefix")) or "",
        resolution=values.text(row.get("resolution_number")),
        start=start,
        end=end,
        next=loose.whole(row.get("current")),
        valid_from=values.day(row.get("start_date")),
        valid_to=values.day(row.get("end_date")),
        technical_key=SecretStr(key) if key else None,
        active=values.flag(row.get("is_active")) is True,
        provider_id=values.text(row.get("id")),
        provider_type=known,
    )


def type_code(document: str) -> str:
    """The code of a range's kind of document, from its code or its name; an unknown text stays as it is."""
    return _TYPE_OF_NAME.get(folded(document).strip(), document)
