"""The short way to a document and the long way lead to one document, or to the same sentences."""

import json
import re
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cauce.contracts.v1 import bodies, contract
from cauce.contracts.v1.lots import TIPOS
from cauce.contracts.v1.requests import REQUESTS
from cauce.domain.document import Document, Kind
from cauce.domain.errors import CauceError
from tests import documents
from tests.examples import examples
from tests.stack import ROOT
from tests.unit.contracts.examples import EXAMPLES
from tests.unit.contracts.test_hostile import FULL
from tests.unit.contracts.test_seeds import objects, seed
from tests.unit.contracts.written import a_request, changed, written

Verdict = Document | tuple[type[CauceError], str, dict[str, list[str]]]


def the_long_way(kind: Kind, text: str, key: str | None) -> Verdict:
    return verdict(lambda: contract.document(kind, bodies.parsed(text), idempotency_key=key))


def through_the_door(kind: Kind, text: str, key: str | None) -> Verdict:
    return verdict(lambda: contract.read(kind, bodies.Body(text), idempotency_key=key))


def verdict(read: Any) -> Verdict:
    try:
        found: Document = read()
    except CauceError as error:
        return type(error), error.message, error.fields
    return found


def same(one: Verdict, other: Verdict) -> None:
    assert one == other
    assert repr(one) == repr(other)  # numbers have the same digits too
    if isinstance(one, Document):
        assert hash(one) == hash(other)


def compared(kind: Kind, text: str, key: str | None = None) -> bool:
    """Whether the short way leads to a document; then it is that of the long way."""
    long, short = the_long_way(kind, text, key), contract.quickly(text, kind, idempotency_key=key)
    if short is not None:
        same(short, long)
    same(through_the_door(kind, text, key), long)
    return short is not None


randoms = st.randoms(use_true_random=True)
kinds = st.sampled_from(list(REQUESTS))


@settings(max_examples=examples(100, deep=100_000))
@given(kinds, randoms, st.sampled_from([None, None, None, "V-1", '"V-2"', "no vale", "ñ"]))
def test_both_ways_agree_about_any_text(kind, random, key):
    compared(kind, changed(a_request(kind, random), random), key)


@settings(max_examples=examples(100, deep=100_000))
@given(kinds, randoms)
def test_both_ways_agree_about_honest_requests(kind, random):
    compared(kind, written(a_request(kind, random), random))


@pytest.mark.parametrize("kind", REQUESTS)
def test_nine_of_ten_right_requests_go_the_short_way(kind):
    short = []
    for n in range(300):
        random = Random(n)
        text = written(a_request(kind, random), random)
        if isinstance(the_long_way(kind, text, None), Document):
            short.append(contract.quickly(text, kind) is not None)

    assert len(short) > 150
    assert sum(short) / len(short) >= 0.9


def shown() -> list[tuple[str, Kind, dict[str, Any]]]:
    """Every whole request that the README, the seeds and the tests show."""
    (readme,) = re.findall(r"(?s)-d '(\{.*?\})'", (ROOT / "README.md").read_text("utf-8"))
    found = [("README", Kind.INVOICE, json.loads(readme)), ("every field", Kind.INVOICE, FULL)]
    found += [(f"example {kind}", kind, example()) for kind, example in EXAMPLES.items()]
    found += [
        ("invoice", Kind.INVOICE, documents.invoice()),
        ("support document", Kind.SUPPORT_DOCUMENT, documents.support_document()),
        ("note", Kind.CREDIT_NOTE, documents.note("SETP1", "a" * 96)),
    ]
    return found


@pytest.mark.parametrize(
    ("kind", "body"), [pytest.param(kind, body, id=name) for name, kind, body in shown()]
)
def test_what_is_shown_goes_the_short_way(kind, body):
    assert compared(kind, json.dumps(body))
    assert compared(kind, json.dumps(body, ensure_ascii=False, indent=2))


def test_what_the_seed_shows_goes_the_short_way():
    assert compared(Kind.INVOICE, json.dumps(objects(seed("002"), "Ejemplo de request")))


def test_a_document_of_a_lot_says_its_kind():
    for tipo, kind in TIPOS.items():
        text = json.dumps({"tipo": tipo, **EXAMPLES[kind]()})
        assert contract.quickly(text, None, TIPOS) == the_long_way(kind, json.dumps(EXAMPLES[kind]()), None)
        assert contract.quickly(text, kind) is None, "alone it is an unknown field"

    named = json.dumps(EXAMPLES[Kind.INVOICE]())
    assert contract.quickly(named, None, TIPOS) is None
    assert contract.quickly(named, Kind.INVOICE, TIPOS) is not None
    for wrong in ("otra", None, 3, ["factura"], {}):
        assert (
            contract.quickly(json.dumps({"tipo": wrong, **EXAMPLES[Kind.INVOICE]()}), Kind.INVOICE, TIPOS)
            is None
        )


def test_a_fault_of_the_short_way_is_noted_and_the_long_way_goes_on(monkeypatch, caplog):
    def broken(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(contract.quick, "request", broken)

    text = json.dumps(documents.invoice())
    assert contract.read(Kind.INVOICE, bodies.Body(text)) == the_long_way(Kind.INVOICE, text, None)
    assert "the short way failed" in caplog.text
