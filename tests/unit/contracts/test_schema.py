"""The JSON Schema of a request, which is made of the fields' declarations: it fits what the contract reads."""

import json
import random
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from cauce.contracts.v1.events import EventRequest
from cauce.contracts.v1.fields import CATALOG, CODES, RULES
from cauce.contracts.v1.requests import REQUESTS
from cauce.domain.document import Kind
from tests.documents import invoice, support_document

from .examples import CUFE, EXAMPLES, REMOVED, changed
from .test_hostile import FULL, paths
from .test_seeds import objects, seed

SCHEMAS = {kind: request.model_json_schema() for kind, request in REQUESTS.items()}
BODIES = {**{kind: [example()] for kind, example in EXAMPLES.items()}, Kind.INVOICE: [FULL, invoice()]}
BODIES[Kind.SUPPORT_DOCUMENT].append(support_document())
EVENT = EventRequest.model_json_schema()
TYPES: dict[str, Any] = {
    "object": dict, "array": list, "string": str, "boolean": bool, "null": type(None), "integer": int,
    "number": (int, float, Decimal),
}  # fmt: skip
LISTS = {"anyOf", "enum", "required", "examples", RULES}
SIZES = {f"{end}{of}" for end in ("min", "max") for of in ("Length", "Items", "imum")}
SIZES |= {"exclusiveMinimum", "exclusiveMaximum"}
WORDS = {"title", "description", "default", "format", "pattern", "$ref", "type", "items", CATALOG}
OBJECTS = {"properties", "$defs", "additionalProperties", CODES}
DATE = r"\d{4}-\d{2}-\d{2}"


def parts(schema: Any) -> Iterator[Any]:
    """A schema and all the schemas in it."""
    yield schema
    inner = [
        *schema.get("anyOf", ()),
        *schema.get("properties", {}).values(),
        *schema.get("$defs", {}).values(),
    ]
    for each in (*inner, *([schema["items"]] if "items" in schema else [])):
        yield from parts(each)


def fits(value: Any, schema: Any, root: Any) -> bool:
    """Whether a value fits a schema, of those keywords that ours have."""
    if "$ref" in schema and not fits(value, root["$defs"][schema["$ref"].removeprefix("#/$defs/")], root):
        return False
    if "anyOf" in schema and not any(fits(value, each, root) for each in schema["anyOf"]):
        return False
    if "enum" in schema and (isinstance(value, bool | list | dict) or value not in schema["enum"]):
        return False
    types = schema.get("type", list(TYPES))
    if not any(is_a(value, name) for name in ([types] if isinstance(types, str) else types)):
        return False
    match value:
        case dict():
            known = schema.get("properties", {})
            is_closed = schema.get("additionalProperties") is False
            inside = all(fits(each, known[name], root) for name, each in value.items() if name in known)
            return (
                inside
                and value.keys() >= set(schema.get("required", ()))
                and not (is_closed and value.keys() - known)
            )
        case list():
            return within(value, schema, "Items") and all(
                fits(each, schema.get("items", {}), root) for each in value
            )
        case str():
            like = schema.get("pattern", ""), DATE if schema.get("format") == "date" else ""
            return within(value, schema, "Length") and all(re.search(each, value) for each in like)
        case bool() | None:
            return True
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    return schema.get("minimum", number) <= number <= schema.get("maximum", number) and schema.get(
        "exclusiveMinimum", number - 1
    ) < number < schema.get("exclusiveMaximum", number + 1)


def is_a(value: Any, name: str) -> bool:
    return isinstance(value, TYPES[name]) and (not isinstance(value, bool) or name == "boolean")


def within(value: Any, schema: Any, of: str) -> bool:
    size = len(value)
    return schema.get(f"min{of}", size) <= size <= schema.get(f"max{of}", size)


def reads(kind: Kind, body: Any) -> bool:
    try:
        REQUESTS[kind].model_validate(body)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize("schema", [*SCHEMAS.values(), EVENT], ids=lambda each: each["title"])
def test_it_is_json_schema_of_closed_objects_and_named_fields(schema: Any) -> None:
    assert json.loads(json.dumps(schema)) == schema
    for part in parts(schema):
        assert part.keys() <= LISTS | SIZES | WORDS | OBJECTS
        assert all(isinstance(part[each], list) and part[each] for each in LISTS & part.keys())
        assert all(isinstance(part[each], int) for each in SIZES & part.keys())
        assert {"type", "enum", "anyOf", "$ref"} & part.keys()
        assert (
            set([part["type"]] if isinstance(part.get("type"), str) else part.get("type", ())) <= TYPES.keys()
        )
        assert "$ref" not in part or part["$ref"].removeprefix("#/$defs/") in schema["$defs"]
        re.compile(part.get("pattern", ""))
        if part.get("type") == "object":
            assert part["additionalProperties"] is False
            assert set(part.get("required", ())) <= part["properties"].keys()
            assert all(field["title"] for field in part["properties"].values())


def test_the_examples_fit() -> None:
    for kind, bodies in BODIES.items():
        assert all(fits(body, SCHEMAS[kind], SCHEMAS[kind]) for body in bodies), kind
    assert fits({"informacion_documento_referencia": {"cufe": CUFE}, "tipo_reclamo": "01"}, EVENT, EVENT)


def test_the_pages_request_fits() -> None:
    assert fits(objects(seed("002"), "Ejemplo de request"), SCHEMAS[Kind.INVOICE], SCHEMAS[Kind.INVOICE])


@pytest.mark.parametrize("kind", REQUESTS)
def test_a_request_that_the_contract_reads_fits(kind: Kind) -> None:
    """Examples with values taken away, or written as another type, of those that the contract still reads."""
    chance, found = random.Random(kind.value), 0
    for _ in range(150):
        body = chance.choice(BODIES[kind])
        for path in chance.sample(list(paths(body)), 12):
            put = chance.choice(
                [REMOVED, None, 0, 1, "1", "1.50", 99.99, Decimal("0.000001"), "O-13;O-15", "ñ", []]
            )
            try:
                other = changed(body, {"__".join(path): put})
            except (AttributeError, KeyError, IndexError, TypeError):
                continue  # what this path led to was taken away
            if reads(kind, other):
                body, found = other, found + 1
        assert fits(body, SCHEMAS[kind], SCHEMAS[kind]), body
    assert found > 150


@pytest.mark.parametrize("path", list(paths(FULL)), ids=".".join)
def test_what_is_right_nowhere_does_not_fit(path: tuple[str, ...]) -> None:
    schema = SCHEMAS[Kind.INVOICE]
    for wrong in [10**40, -1, 1e308, "x" * 6000, {"a": {"b": []}}, [[[]]], [True]]:
        assert not fits(changed(FULL, {"__".join(path): wrong}), schema, schema), wrong


def test_an_unknown_field_and_a_missing_one_do_not_fit() -> None:
    schema = SCHEMAS[Kind.INVOICE]
    for path in ("otro", "adquiriente__otro", "lineas__0__otro", "lineas__0__cargos__0__otro"):
        assert not fits(changed(FULL, {path: "x"}), schema, schema), path
    for path in ("adquiriente", "lineas", "lineas__0__precio", "adquiriente__numero_documento"):
        assert not fits(changed(FULL, {path: REMOVED}), schema, schema), path


@pytest.mark.parametrize(
    ("path", "right", "wrong"),
    [
        (
            "precio",
            ["0", "+1.500000", 10**12 - 1, "00012.1"],
            ["", "1,5", "1.1234567", "1" + "0" * 12, 10**12, True],
        ),
        ("cantidad", ["0.5", 1], ["0", "0.000", 0]),
        ("iva_pct", [19, "19.0000", "100.00", None], ["100.1", 100.5, "19 %", "1.00001"]),
        ("excluido", [False, None], ["false", 0]),
        ("unidad", ["94", None, ""], [94, "x" * 10]),
        ("marca", ["x" * 100], ["x" * 101, 1]),
    ],
)
def test_a_field_of_a_line_fits_as_it_is_read(path: str, right: list[Any], wrong: list[Any]) -> None:
    schema = SCHEMAS[Kind.INVOICE]
    for position, value in enumerate((*right, *wrong)):
        body = changed(invoice(), {f"lineas__0__{path}": value})
        assert fits(body, schema, schema) is (position < len(right)) is reads(Kind.INVOICE, body), repr(value)
