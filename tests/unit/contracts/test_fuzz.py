"""Properties: whatever JSON comes, it is refused or read; and equal content has one hash."""

import json
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cauce.contracts.v1 import contract, web
from cauce.contracts.v1.bodies import read_json
from cauce.contracts.v1.documents import FILTERS, listing
from cauce.contracts.v1.requests import REQUESTS
from cauce.domain.document import Document, Kind
from cauce.domain.errors import CauceError
from cauce.domain.totals import totals
from tests.examples import examples

from .examples import BASE_URL, EXAMPLES, an_invoice
from .test_hostile import FULL, answered, paths

light = settings(max_examples=examples(150, deep=3000), suppress_health_check=list(HealthCheck))

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=True)
    | st.decimals()
    | st.text(st.characters(), max_size=30)
    | st.sampled_from(["0", "19", "01", "ZZ", "CO", "31", "800197268", "2026-05-10", "a@b.co", "O-13;O-15"])
)
field_names = st.sampled_from(sorted({part for path in paths(FULL) for part in path if not part.isdigit()}))
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(field_names | st.text(max_size=8), inner, max_size=6)
    ),
    max_leaves=12,
)
amounts = st.decimals(min_value=0, max_value=10**6, places=6) | st.decimals(
    allow_nan=False, allow_infinity=False
)


def refused_or_document(kind: Kind, body: Any) -> Document | None:
    try:
        return contract.document(kind, body)
    except CauceError as error:
        status, _, text = web.problem(error, "/", "r-1", BASE_URL)
        assert status == 422
        answered(text)
        return None


@light
@given(st.sampled_from(list(REQUESTS)), values)
def test_any_value_is_refused_or_a_document(kind, body):
    refused_or_document(kind, body)


@light
@given(st.sampled_from(list(REQUESTS)), st.data())
def test_an_honest_request_with_any_values_in_it_is_refused_or_a_document(kind, data):
    body = EXAMPLES[kind]()
    for path in data.draw(st.lists(st.sampled_from(list(paths(body))), min_size=1, max_size=4)):
        holder: Any = body
        try:
            for part in path[:-1]:
                holder = holder[int(part)] if isinstance(holder, list) else holder[part]
            holder[int(path[-1]) if isinstance(holder, list) else path[-1]] = data.draw(values)
        except (KeyError, IndexError, TypeError, ValueError):
            continue  # an earlier value took the place of what this path led to

    refused_or_document(kind, body)


@light
@given(amounts, amounts, amounts, st.booleans())
def test_no_amount_passes_that_the_domain_or_its_totals_would_refuse(quantity, price, discount, in_text):
    written = [str(f"{number:f}") if in_text else number for number in (quantity, price, discount)]
    body = an_invoice(
        lineas__0__cantidad=written[0],
        lineas__0__precio=written[1],
        lineas__0__descuento_valor=written[2],
        cargos=[{"descripcion": "Propina", "porcentaje": 100}],
    )

    found = refused_or_document(Kind.INVOICE, body)
    if found is not None:
        told = {each.field: Decimal(each.kept) for each in found.rounded}
        assert found.lines[0].quantity == told.get("lineas.0.cantidad", quantity)
        assert found.lines[0].price == told.get("lineas.0.precio", price)
        assert not (in_text and told)
        assert totals(found).payable > 0


@light
@given(st.text(max_size=200))
def test_any_text_is_refused_or_an_object(text):
    try:
        assert isinstance(read_json(text, False, None), dict)
    except CauceError as error:
        answered(web.problem(error, "/", "r-1", BASE_URL)[2])


@light
@given(st.dictionaries(st.sampled_from([*FILTERS, "per_page", "page", "cursor"]) | st.text(), st.text()))
def test_any_query_is_refused_or_a_listing(parameters):
    try:
        listing(parameters, "900123456")
    except CauceError as error:
        answered(web.problem(error, "/", "r-1", BASE_URL)[2])


@light
@given(st.decimals(min_value="0.000001", max_value=1000, places=6), st.integers(0, 4))
def test_equal_numbers_have_one_hash_however_they_are_written(price, zeros):
    def hashed(written: Any) -> str:
        return contract.content_hash(
            contract.document(Kind.SUPPORT_DOCUMENT, {**body, "lineas": [{**line, "precio": written}]})
        )

    body = EXAMPLES[Kind.SUPPORT_DOCUMENT]()
    line = {**body["lineas"][0], "cantidad": 10**7, "descuento_pct": 0}
    plain = f"{price:.6f}"

    assert (
        len({hashed(price), hashed(plain), hashed(plain + "0" * zeros), hashed(Decimal(plain + "0" * zeros))})
        == 1
    )


@light
@given(st.permutations(list(an_invoice())), st.booleans())
def test_the_order_of_fields_and_a_trip_through_json_leave_the_hash(order, ascii_only):
    body = an_invoice()
    text = json.dumps({key: body[key] for key in order}, ensure_ascii=ascii_only)

    there = contract.document(Kind.INVOICE, read_json(text, False, None))
    here = contract.document(Kind.INVOICE, body)
    assert contract.content_hash(there) == contract.content_hash(here)
    assert contract.content_hash(
        Document.model_validate_json(here.model_dump_json())
    ) == contract.content_hash(here)
