"""What in a newer OpenAPI document of the contract would break a client that was written for an older one.

A request may take more than before, and never less; an answer may have more than before, and never less or another
type. Values of a code in an answer may grow: clients are told so. What a generator names its methods and classes after
stays as it is.

``python -m tests.unit.contracts.older`` writes the document of this version, to be kept.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs

from cauce.contracts.v1.described import openapi

PUBLISHED = Path(__file__).parent / "published"
_LIMITS = {"maxLength": -1, "maximum": -1, "exclusiveMaximum": -1, "maxItems": -1, "minLength": 1, "minimum": 1, "minItems": 1}  # fmt: skip


class Pair:
    """An older document and a newer one."""

    def __init__(self, old: Any, new: Any):
        self.old, self.new = old, new
        self._seen: set[tuple[str, str, bool]] = set()

    def breaks(self) -> Iterator[str]:
        for name in self.old["components"]["schemas"].keys() - self.new["components"]["schemas"].keys():
            yield f"component {name} is gone"
        for path, methods in self.old["paths"].items():
            for method, old in methods.items():
                new = self.new["paths"].get(path, {}).get(method)
                said = f"{method.upper()} {path}"
                if new is None:
                    yield f"{said} is gone"
                    continue
                for name in ("operationId", "tags"):
                    if old[name] != new[name]:
                        yield f"{said}: {name} is {new[name]}, and was {old[name]}"
                yield from self._parameters(said, old, new)
                yield from self._body(said, old, new)
                yield from self._answers(said, old, new)

    def _parameters(self, said: str, old: Any, new: Any) -> Iterator[str]:
        before = {(each["in"], each["name"]): each for each in old.get("parameters", [])}
        after = {(each["in"], each["name"]): each for each in new.get("parameters", [])}
        for key, each in before.items():
            if key not in after:
                yield f"{said}: parameter {key[1]} is gone"
            else:
                yield from self._narrower(f"{said} ?{key[1]}", each["schema"], after[key]["schema"])
        for key, each in after.items():
            if each.get("required") and not before.get(key, {}).get("required"):
                yield f"{said}: parameter {key[1]} is required"

    def _body(self, said: str, old: Any, new: Any) -> Iterator[str]:
        before, after = old.get("requestBody"), new.get("requestBody")
        if after and not before:
            yield f"{said}: a body is required"
        for media_type, each in (before or {"content": {}})["content"].items():
            if not after or media_type not in after["content"]:
                yield f"{said}: {media_type} is not taken"
            else:
                yield from self._narrower(said, each["schema"], after["content"][media_type]["schema"])

    def _answers(self, said: str, old: Any, new: Any) -> Iterator[str]:
        for status, each in old["responses"].items():
            if int(status) >= 400:
                continue
            after = new["responses"].get(status)
            if after is None:
                yield f"{said}: no {status}"
                continue
            for media_type, content in each.get("content", {}).items():
                if media_type not in after.get("content", {}):
                    yield f"{said} {status}: no {media_type}"
                else:
                    yield from self._poorer(
                        f"{said} {status}", content["schema"], after["content"][media_type]["schema"]
                    )

    def _ways(self, document: Any, schema: Any) -> list[Any]:
        if "$ref" in schema:
            return self._ways(document, document["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
        if "anyOf" in schema:
            return [way for each in schema["anyOf"] for way in self._ways(document, each)]
        return [schema]

    def _met(self, old: Any, new: Any, asked: bool) -> bool:
        """Whether these two were compared before: components hold each other."""
        key = (json.dumps(old, sort_keys=True), json.dumps(new, sort_keys=True), asked)
        return key in self._seen or bool(self._seen.add(key))

    def _narrower(self, said: str, old: Any, new: Any) -> Iterator[str]:
        """What the newer schema of a request does not take any more."""
        if self._met(old, new, True):
            return
        ways = self._ways(self.new, new)
        for before in self._ways(self.old, old):
            if "enum" in before:
                gone = [each for each in before["enum"] if not any(_takes(way, each) for way in ways)]
                if gone:
                    yield f"{said}: {gone} is not taken"
                continue
            found = [[*self._narrows(said, before, after)] for after in ways]
            if found and all(found):
                yield from min(found, key=len)

    def _narrows(self, said: str, old: Any, new: Any) -> Iterator[str]:
        lost = _types(old) - _types(new)
        if lost:
            yield f"{said}: {', '.join(sorted(lost))} is not taken"
            return
        if "enum" in new:
            yield f"{said}: only {new['enum']} is taken"
        if "const" in new and old.get("const") != new["const"]:
            yield f"{said}: only {new['const']} is taken"
        or_empty = f"{old.get('pattern', '').removesuffix('$')}?$"
        if "pattern" in new and new["pattern"] not in (old.get("pattern"), or_empty):
            yield f"{said}: another pattern"
        for name, sign in _LIMITS.items():
            of = "string" if "Length" in name else "array" if "Items" in name else "number"
            if name not in new or not {of, "integer" if of == "number" else of} & _types(old):
                continue
            if name not in old or sign * new[name] > sign * old[name]:
                yield f"{said}: {name} {new[name]}"
        before, after = old.get("properties", {}), new.get("properties", {})
        for name in {*new.get("required", ())} - {*old.get("required", ())}:
            yield f"{said}.{name} is required"
        for name, each in before.items():
            if name in after:
                yield from self._narrower(f"{said}.{name}", each, after[name])
            elif new.get("additionalProperties") is False:
                yield f"{said}.{name} is gone"
        if "items" in old and "items" in new:
            yield from self._narrower(f"{said}[]", old["items"], new["items"])

    def _poorer(self, said: str, old: Any, new: Any) -> Iterator[str]:
        """What an older client would miss in the newer schema of an answer."""
        if self._met(old, new, False):
            return
        ways = self._ways(self.old, old)
        for after in self._ways(self.new, new):
            found = [[*self._misses(said, before, after)] for before in ways]
            if found and all(found):
                yield from min(found, key=len)

    def _misses(self, said: str, old: Any, new: Any) -> Iterator[str]:
        strange = _types(new) - _types(old)
        if strange:
            yield f"{said} may be {', '.join(sorted(strange))}"
            return
        after = new.get("properties", {})
        for name, each in old.get("properties", {}).items():
            if name not in after:
                yield f"{said}.{name} is gone"
                continue
            if name in old.get("required", ()) and name not in new.get("required", ()):
                yield f"{said}.{name} may be absent"
            yield from self._poorer(f"{said}.{name}", each, after[name])
        if "items" in old and "items" in new:
            yield from self._poorer(f"{said}[]", old["items"], new["items"])


def _takes(schema: Any, value: Any) -> bool:
    """Whether one value fits a schema; what is in it is an object or a list only where the value is one."""
    return not isinstance(value, dict | list) and jsonschema_rs.is_valid(schema, value)


def _types(schema: Any) -> set[str]:
    told = schema.get("type")
    if told is None:
        if "const" in schema or "enum" in schema:
            named = {bool: "boolean", str: "string", int: "integer", float: "number", type(None): "null"}
            return {named[type(each)] for each in schema.get("enum", [schema.get("const")])}
        return {"string", "number", "integer", "boolean", "array", "object", "null"}
    found = {told} if isinstance(told, str) else {*told}
    return found | {"integer"} if "number" in found else found


if __name__ == "__main__":
    path = PUBLISHED / f"openapi-{openapi.VERSION}.json"
    document = openapi.document("https://api.ejemplo.co/api/v1")
    path.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
