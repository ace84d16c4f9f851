"""Errors under the names that a request used: of two ways of saying the same, the domain keeps neither's name."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from cauce.contracts.v1 import differences
from cauce.domain.document import Kind
from cauce.domain.errors import CauceError, InvalidDocument, ReferenceConflict
from cauce.domain.finding import Finding

_TAX = re.compile(r"(lineas\.(\d+)\.)impuestos(\.0(\.porcentaje|\.codigo)?)?")
_DISCOUNT = re.compile(r"(lineas\.(\d+)\.)descuento_valor")


@contextmanager
def named(kind: Kind, body: dict[str, Any]) -> Iterator[None]:
    """What is raised within speaks of a request's own fields. ``body``: one that the contract could read."""
    try:
        yield
    except CauceError as error:
        raise as_sent(error, kind, body) from error.__cause__


def as_sent(error: CauceError, kind: Kind, body: dict[str, Any]) -> CauceError:
    fields: dict[str, list[str]] = {}
    for path, sentences in error.fields.items():
        fields.setdefault(said(path, kind, body), []).extend(sentences)
    error.fields = fields
    if isinstance(error, InvalidDocument):
        error.findings = tuple(finding(each, kind, body) for each in error.findings)
    if isinstance(error, ReferenceConflict) and error.other is not None and error.asked is not None:
        differing = differences.between(error.other.content, error.asked)
        error.differing = tuple(dict.fromkeys(said(each, kind, body) for each in differing))
    return error


def finding(found: Finding, kind: Kind, body: dict[str, Any]) -> Finding:
    return replace(found, field=said(found.field, kind, body))


def said(path: str, kind: Kind, body: dict[str, Any]) -> str:
    """The name that a request used for a path of the contract."""
    if found := _TAX.fullmatch(path):
        line = body["lineas"][int(found[2])]
        is_short = line.get("iva_pct") is not None and not line.get("impuestos")
        return f"{found[1]}iva_pct" if is_short else path
    if found := _DISCOUNT.fullmatch(path):
        line = body["lineas"][int(found[2])]
        return f"{found[1]}descuento_pct" if line.get("descuento_pct") else path
    if kind is Kind.ADJUSTMENT_NOTE:
        return _reference(path, body)
    return path


def _reference(path: str, body: dict[str, Any]) -> str:
    """An adjustment note may name what it adjusts as the other notes do, and its CUDS as well."""
    first, dot, rest = path.partition(".")
    if first != "documento_referencia":
        return path
    sent = body.get(first) or body.get("factura_referencia") or {}
    name = first if body.get(first) else "factura_referencia"
    if rest in ("cufe", "cuds"):
        rest = "cuds" if sent.get("cuds") else "cufe"
    return f"{name}{dot}{rest}"
