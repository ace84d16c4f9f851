"""Validation errors in the reader's language: for each field's dotted path, whole Spanish sentences."""

import copy
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from cauce.contracts.v1.bodies import JsonObject, shown
from cauce.contracts.v1.errors import InvalidRequest
from cauce.contracts.v1.fields import KEPT, REFUSED, REQUIRED, TOO_EXACT, FieldKind
from cauce.contracts.v1.foreign_words import FIELDS, INSTEAD
from cauce.domain.document import Rounded
from cauce.domain.models import marked, model_at

S = TypeVar("S", bound=BaseModel)

Sentences = dict[str, list[str]]
Finding = tuple[str, str]
"""A path and a sentence."""

# Most fields that are told: enough to mend a request, and the answer to a hostile one stays short.
MAX_FIELDS = 50

MAX_ROUNDED = 500
"""Most numbers of one request that are rounded; with more, it is refused as one that was not meant so."""


def read(shape: type[S], body: JsonObject) -> S:
    """The object that a body describes. Raises InvalidRequest with every field to mend."""
    try:
        return shape.model_validate(body)
    except ValidationError as error:
        raise InvalidRequest(_of(error.errors(include_url=False), shape)) from None


def read_rounding(shape: type[S], body: JsonObject) -> tuple[S, tuple[Rounded, ...]]:
    """As ``read``, and the body's numbers that have more decimals than their fields, as a program writes what it
    divides: these are rounded. A number in a text is meant as it is written."""
    try:
        return shape.model_validate(body), ()
    except ValidationError as error:
        details = error.errors(include_url=False)
    too_exact = [each for each in details if each["type"] == TOO_EXACT and not isinstance(each["input"], str)]
    if len(too_exact) < len(details) or len(details) > MAX_ROUNDED:
        wrong = [each for each in details if each not in too_exact] or details
        raise InvalidRequest(_of(wrong, shape))
    mended: JsonObject = copy.deepcopy(body)
    found = []
    for each in details:
        kept = each["ctx"][KEPT]
        found.append(Rounded(field=dotted(each["loc"]), said=shown(str(each["input"])), kept=kept))
        _put(mended, each["loc"], kept)
    return read(shape, mended), tuple(found)


def _put(body: Any, location: tuple[int | str, ...], value: str) -> None:
    for step in location[:-1]:
        body = body[step]
    body[location[-1]] = value


def _of(details: list[ErrorDetails], root: type[BaseModel]) -> Sentences:
    """The sentences of pydantic's errors, under the paths of the request: ``lineas.0.iva_pct``."""
    found: Sentences = {}
    for detail in details:
        # pydantic also calls a list too short whose elements are all wrong.
        if detail["type"] == "too_short" and detail["input"]:
            continue
        path = dotted(detail["loc"])
        if path not in found and len(found) == MAX_FIELDS:
            break
        found.setdefault(path, []).append(_sentence(detail, root))
    return found


def dotted(location: tuple[int | str, ...]) -> str:
    return ".".join(shown(str(part)) for part in location) or "cuerpo"


def sentence(label: str, predicate: str) -> str:
    """``El precio`` and ``no puede ser menor que 0``, joined; after a colon, any predicate fits a plural."""
    return f"{label}{':' if _plural(label) else ''} {predicate}{'' if predicate.endswith('?') else '.'}"


def required(label: str) -> str:
    ending = ("a" if label.startswith("La") else "o") + ("s" if _plural(label) else "")
    return f"{label} {'son' if _plural(label) else 'es'} requerid{ending}."


def under(path: str, found: Iterable[Finding]) -> Iterator[Finding]:
    """Findings within a part of a request, as findings of the whole."""
    for within, said in found:
        yield f"{path}.{within}", said


def _plural(label: str) -> bool:
    return label.startswith(("Los ", "Las "))


def _sentence(detail: ErrorDetails, root: type[BaseModel]) -> str:
    kind, location = detail["type"], detail["loc"]
    if kind == "extra_forbidden":
        return _unknown(str(location[-1]), model_at(root, location[:-1]))
    label = _label(root, location)
    if kind in ("missing", REQUIRED) or detail["input"] is None:
        return required(label)
    if kind in (REFUSED, TOO_EXACT):
        return sentence(label, f"{detail['ctx']['predicate']}{_meant(root, location, detail['input'])}")
    if kind == "too_short":
        return sentence(label, f"mínimo {detail['ctx']['min_length']}")
    if kind == "too_long":
        return sentence(label, f"máximo {detail['ctx']['max_length']}")
    return sentence(label, _BY_TYPE.get(kind, "no es válido"))


_BY_TYPE = {
    "model_type": "debe ser un objeto JSON",
    "dict_type": "debe ser un objeto JSON",
    "tuple_type": "debe ser una lista",
    "string_unicode": "contiene texto que no es Unicode válido",
}


def _unknown(name: str, shape: type[BaseModel] | None) -> str:
    known = list(shape.model_fields) if shape else []
    asked = name[:60]
    if meant := next((each for each in FIELDS.get(asked, ()) if each.partition(".")[0] in known), None):
        hint = f"; ¿quiso decir «{meant}»?"
    elif asked in INSTEAD:
        hint = f": {INSTEAD[asked]}."
    else:
        import difflib  # for whoever errs

        close = difflib.get_close_matches(asked, known, n=1)
        hint = f"; ¿quiso decir «{close[0]}»?" if close else "."
    return f"El campo «{shown(name)}» no existe{hint}"


def _meant(root: type[BaseModel], location: tuple[int | str, ...], value: object) -> str:
    """The code that was probably meant by a value of a field that takes one."""
    shape = model_at(root, location[:-1])
    kind = marked(shape, FieldKind).get(str(location[-1])) if shape else None
    if kind is None or not kind.catalog:
        return ""
    from cauce.contracts.v1 import catalogues  # the tables are read, and folded, for whoever errs

    found = catalogues.meant(kind.catalog, value)
    return f"; {found}" if found else ""


def _label(root: type[BaseModel], location: tuple[int | str, ...]) -> str:
    """The name of what stands at a location, for a sentence."""
    if not location:
        return "El cuerpo"
    if isinstance(location[-1], int):
        return f"El elemento {location[-1] + 1} de {location[-2]}"
    shape = model_at(root, location[:-1])
    field = shape.model_fields.get(location[-1]) if shape else None
    return (field.title if field else None) or f"El campo «{shown(location[-1])}»"
