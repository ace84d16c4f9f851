"""The documentation's own examples, posted: every field of the answer, every amount to the cent."""

import copy
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.simulators.factus import Company, FactusSimulator, NumberingRange, default_ranges
from tests.simulators.factus_client import (
    client,
    differences,
    documented,
    support_page_examples,
    ticking,
    v1_bill,
    v1_credit_note,
    v1_item,
    v1_support_document,
    v2_bill,
    v2_item,
    v2_payment,
)

HALLTEC = Company(
    nit="900825759",
    dv="7",
    name="HALLTEC S.A.S.",
    registration_code="3FJ3253427",
    economic_activity="6311",
    phone="3165584659",
    address="cra 10 # 9 - 04",
)
SETP = default_ranges()[0]
PLACE = {f"data.establishment.municipality_id.{name}" for name in ("id", "code", "name")}
UNRELATED = {"url_logo", "cufe", "cude", "cuds", "qr", "qr_image", "public_url"}


def halltec() -> FactusSimulator:
    """As it was when the examples of a bill were made."""
    clock = ticking("2025-01-09T13:56:13", "2025-01-09T13:56:13", "2025-01-09T13:56:16")
    company = replace(HALLTEC, email="proveedor@example.com")
    return FactusSimulator(company=company, ranges=[replace(SETP, id=4)], clock=clock, first_id=820)


def assert_documented(expected: Any, actual: Any, *, apart_from: set[str] = frozenset()) -> None:
    """Equal, except for identifiers that nobody could reproduce and the differences that a test names."""
    found = differences(expected, actual)
    left = {path for path in found if path.rsplit(".", 1)[-1] not in UNRELATED} - apart_from
    assert not left, {path: found[path] for path in left}
    assert apart_from <= found.keys(), "a named difference is not there any more"


def test_the_support_documents_page_is_answered_to_the_letter():
    request, expected = support_page_examples()
    # The page at hand lost its e-mail addresses, though its table requires the supplier's.
    request["provider"]["email"] = "alan@example.com"
    expected["data"]["provider"]["email"] = "alan@example.com"
    expected["data"]["company"]["email"] = Company().email
    seds = next(each for each in default_ranges() if each.prefix == "SEDS")
    clock = ticking("2025-02-11T22:16:18", "2025-02-11T22:16:18", "2025-02-11T22:16:23")

    with FactusSimulator(ranges=[replace(seds, end=date(2025, 12, 31))], clock=clock, first_id=6) as factus:
        factus.accept_with_notices(expected["data"]["support_document"]["errors"])
        answer = client(factus).post("/v1/support-documents/validate", json=request)

    assert answer.status_code == 201
    assert_documented(expected, answer.json())


def test_the_v1_support_document_example_of_the_site_is_answered_too():
    request = documented("v1__documentos-soporte__crear-validar__1")
    expected = documented("v1__documentos-soporte__crear-validar__2")

    with FactusSimulator(company=Company(email="proveedor@example.com"), first_id=6) as factus:
        factus.accept_with_notices(expected["data"]["support_document"]["errors"])
        answer = client(factus).post("/v1/support-documents/validate", json=request)

    assert_documented(
        expected,
        answer.json(),
        apart_from={
            # This example lacks two fields that the page and the show example have.
            "data.support_document.discount_rate",
            "data.support_document.discount",
            "data.support_document.validated",
            "data.support_document.created_at",
            "data.numbering_range.end_date",
            "data.numbering_range.months",
        },
    )


def test_the_v1_bill_example_is_answered_field_by_field():
    request = documented("v1__facturas__crear-y-validar-factura__factura-avanzada__1")
    expected = documented("v1__facturas__crear-y-validar-factura__factura-avanzada__2")
    request["send_email"] = False  # the example's answer shows 0, and the default is 1

    with halltec() as factus:
        answer = client(factus).post("/v1/bills/validate", json=request)

    assert answer.status_code == 201
    assert_documented(
        expected,
        answer.json(),
        apart_from={
            *PLACE,  # the request names municipality 980, the printed answer 996
            # Printed on the first item only; the show example has it on both.
            "data.items.1.mandate",
        },
    )


def test_the_v1_bill_shown_again_keeps_its_odd_status_and_loses_the_mandate():
    request = documented("v1__facturas__crear-y-validar-factura__factura-avanzada__1")
    expected = documented("v1__facturas__ver__1")
    del request["allowance_charges"]  # the shown bill has none
    request["send_email"] = False

    with halltec() as factus:
        session = client(factus)
        session.post("/v1/bills/validate", json=request)
        answer = session.get("/v1/bills/show/SETP990000493")

    assert answer.status_code == 200
    assert_documented(expected, answer.json(), apart_from=PLACE)


def test_the_v1_credit_note_example_is_answered_field_by_field():
    request = documented("v1__notas-credito__crear-y-validar__1")
    expected = documented("v1__notas-credito__crear-y-validar__2")
    request["send_email"] = False
    company = replace(HALLTEC, email="proveedor@example.com")
    ranges = [replace(SETP, next_number=990000302), NumberingRange(5, "22", "NC", 1, 16000000, 76)]
    start = ["2024-09-20T09:13:42"] * 5

    with FactusSimulator(
        company=company, ranges=ranges, clock=ticking(*start, "2024-09-20T09:13:43"), first_id=514
    ) as factus:
        session = client(factus)
        session.post("/v1/bills/validate", json=v1_bill()).raise_for_status()
        factus.accept_with_notices(expected["data"]["credit_note"]["errors"])
        answer = session.post("/v1/credit-notes/validate", json=request)

    assert answer.status_code == 201
    assert_documented(
        expected,
        answer.json(),
        apart_from={
            *PLACE,
            "data.credit_note.id",
            "data.company.name",  # "HALLTEC" here, "HALLTEC S.A.S." in every other example
        },
    )


def test_the_adjustment_note_example_has_the_documented_shape_and_amounts():
    expected = documented("v1__notas-ajuste-documentos-soporte__crear-validar__2")
    request = documented("v1__notas-ajuste-documentos-soporte__crear-validar__1")
    # The printed answer is of another request: concept 5, one payment, no IVA.
    wanted = expected["data"]
    request |= {"reference_code": wanted["reference_code"], "correction_concept_code": "5"}
    request["payment_details"] = [
        {
            "payment_form": "1",
            "payment_method_code": "42",
            "reference_code": "pago-002",
            "amount": "100000.00",
        }
    ]
    request["items"][0]["taxes"] = [{"is_excluded": True}]
    ranges = [
        replace(default_ranges()[4], next_number=984000129),
        NumberingRange(9, "25", "NA", 1, 16000000, 1),
    ]
    clock = ticking(*["2026-05-06T11:44:11"] * 5, "2026-05-06T11:44:12")

    with FactusSimulator(ranges=ranges, clock=clock) as factus:
        session = client(factus)
        session.post("/v1/support-documents/validate", json=v1_support_document()).raise_for_status()
        factus.accept_with_notices(wanted["errors"])
        answer = session.post("/v1/adjustment-notes/validate", json=request)
        shown = session.get("/v1/adjustment-notes/NA1")
        listed = session.get("/v1/adjustment-notes")

    assert answer.status_code == 201
    ours = {path for path in differences(expected, answer.json()) if path.startswith("data.company")}
    theirs = {"data.support_document.reference_code", "data.support_document.number"}
    assert_documented(expected, answer.json(), apart_from=ours | theirs)
    assert shown.json()["data"] == answer.json()["data"]
    row_shape = documented("v1__notas-ajuste-documentos-soporte__ver-y-filtrar__1")["data"]
    assert_same_keys(row_shape["data"][0], listed.json()["data"]["data"][0])
    assert_same_keys(row_shape["pagination"], listed.json()["data"]["pagination"])


@pytest.mark.parametrize(
    ("path", "example"),
    [
        ("/v1/bills", "v1__facturas__ver-y-filtrar__1"),
        ("/v1/support-documents", "v1__documentos-soporte__ver-y-filtrar__1"),
        ("/v1/credit-notes", "v1__notas-credito__ver-filtrar__1"),
        ("/v1/numbering-ranges", "v1__rangos-de-numeracion__obtener-rangos__1"),
    ],
)
def test_a_row_of_a_v1_list_has_the_documented_fields(path, example):
    expected = documented(example)["data"]

    with FactusSimulator() as factus:
        session = client(factus)
        bill = session.post("/v1/bills/validate", json=v1_bill()).json()["data"]["bill"]
        session.post("/v1/support-documents/validate", json=v1_support_document()).raise_for_status()
        session.post("/v1/credit-notes/validate", json=v1_credit_note(bill["id"])).raise_for_status()
        listed = session.get(path).json()["data"]

    assert_same_keys(expected["data"][0], listed["data"][0])
    assert_same_keys(expected["pagination"], listed["pagination"])


@pytest.mark.parametrize(
    ("path", "example"),
    [
        ("/v1/company", "v1__empresas__ver__1"),
        ("/v1/numbering-ranges/8", "v1__rangos-de-numeracion__ver-rango__1"),
        ("/v1/numbering-ranges/dian", "v1__rangos-de-numeracion__rangos-asociados-al-software__1"),
        ("/v1/subscriptions", "v1__suscripciones__suscripciones__1"),
        ("/v1/subscriptions/current", "v1__suscripciones__suscripcion-actual__1"),
        (
            "/v1/dian/acquirer?identification_document_id=3&identification_number=1399995",
            "v1__informacion-adquirientes__obtener-datos-adquiriente__1",
        ),
        (
            "/v2/dian/acquirer?identification_document_code=13&identification_number=1399995",
            "v2__informacion-adquirientes__obtener-datos-adquiriente__1",
        ),
    ],
)
def test_the_account_answers_in_the_documented_shape(path, example):
    expected = documented(example)

    with FactusSimulator() as factus:
        answer = client(factus).get(path)

    assert answer.status_code == 200
    assert_same_keys(expected, answer.json())


@pytest.mark.parametrize(
    ("path", "example"),
    [
        ("/v1/municipalities", "v1__municipios__obtener-municipios__1"),
        ("/v1/countries", "v1__paises__obtener-paises__1"),
        ("/v1/tributes/products", "v1__tributos__tributos-de-productos__1"),
        ("/v1/measurement-units", "v1__unidades-de-medida__obtener-unidades__1"),
    ],
)
def test_a_v1_catalogue_holds_every_documented_row(path, example):
    expected = documented(example)

    with FactusSimulator() as factus:
        rows = client(factus).get(path).json()["data"]

    assert [row for row in expected["data"] if row not in rows] == []


V2_BILLS = {
    "v2__facturas__crear-y-validar__1": "83300.00",
    "v2__facturas__ejemplos__estandar-anticipo__1": "83300.00",
    "v2__facturas__ejemplos__estandar-autorrentenciones__1": "1190000.00",
    "v2__facturas__ejemplos__estandar-consumidor-final__1": "83300.00",
    "v2__facturas__ejemplos__estandar-credito__1": "83300.00",
    "v2__facturas__ejemplos__estandar-currency__1": "83300.00",
    "v2__facturas__ejemplos__estandar-establecimiento__1": "83300.00",
    "v2__facturas__ejemplos__estandar-impuesto-excluido__1": "83300.00",
    "v2__facturas__ejemplos__estandar-orden-servicio__1": "83300.00",
    "v2__facturas__ejemplos__estandar-propina__1": "85300.00",
    "v2__facturas__ejemplos__redondeo-medios-pago__1": "260564.81",
    "v2__facturas__tipos-de-factura__mandatos__1": "17850.00",
    "v2__facturas__tipos-de-factura__ss-cufe__1": "10000.00",
    "v2__facturas__tipos-de-factura__ss-recaudo__1": "10000.00",
    "v2__facturas__tipos-de-factura__ss-recaudo__2": "10000.00",
    "v2__facturas__tipos-de-factura__ss-reporte__1": "10000.00",
    "v2__facturas__tipos-de-factura__ss-sin-aporte__1": "10000.00",
    "v2__facturas__tipos-de-factura__transporte__1": "2400000.00",
}


@pytest.mark.parametrize("example", V2_BILLS)
def test_every_v2_bill_example_is_accepted_and_adds_up_to_its_payments(example):
    request = documented(example)

    with FactusSimulator(ranges=[replace(SETP, id=request["numbering_range_id"])]) as factus:
        answer = client(factus).post("/v2/bills/validate", json=request)

    assert answer.status_code == 201, answer.json()
    data = answer.json()["data"]
    paid = sum(Decimal(payment["amount"]) for payment in data["payment_details"])
    rounding = Decimal(request.get("cash_rounding_amount", "0"))
    assert data["totals"]["total"] == V2_BILLS[example]
    assert paid == Decimal(data["totals"]["total"]) + rounding
    assert factus.documents["bills"][0].unknown_fields == ()


def test_the_v2_credit_note_example_is_accepted():
    request = documented("v2__notas-credito__crear-y-validar__1")
    ranges = [replace(SETP, next_number=990002519), NumberingRange(1776, "22", "NC", 1, 16000000, 7)]

    with FactusSimulator(ranges=ranges) as factus:
        session = client(factus)
        session.post("/v2/bills/validate", json=v2_bill()).raise_for_status()
        answer = session.post("/v2/credit-notes/validate", json=request)

    assert answer.status_code == 201, answer.json()
    assert answer.json()["data"]["totals"]["total"] == "83300.00"
    assert answer.json()["data"]["related_bill"]["number"] == "SETP990002519"


def test_the_v2_debit_note_example_pays_119000_for_83300_and_is_refused_until_it_adds_up():
    request = documented("v2__notas-debito__crear-y-validar__1")
    ranges = [replace(SETP, next_number=990001298), NumberingRange(6, "23", "ND", 1, 16000000, 59)]

    with FactusSimulator(ranges=ranges) as factus:
        session = client(factus)
        session.post("/v2/bills/validate", json=v2_bill()).raise_for_status()
        as_printed = session.post("/v2/debit-notes/validate", json=request)
        request["payment_details"][0]["amount"] = "64300"
        corrected = session.post("/v2/debit-notes/validate", json=request)

    assert as_printed.status_code == 422
    assert list(as_printed.json()["data"]["errors"]) == ["payment_details"]
    assert corrected.status_code == 201
    assert corrected.json()["data"]["number"] == "ND59"


def test_the_v2_support_examples_are_accepted_as_printed():
    support = documented("v2__documentos-soporte__crear-validar__1")
    note = documented("v2__notas-ajuste-documentos-soporte__crear-validar__1")
    ranges = [replace(default_ranges()[4], next_number=984000129), default_ranges()[5]]

    with FactusSimulator(ranges=ranges) as factus:
        session = client(factus)
        stored = session.post("/v2/support-documents/validate", json=support)
        adjusted = session.post("/v2/adjustment-notes/validate", json=note)

    assert stored.json()["data"]["totals"] == {"gross_amount": "80000.00", "total": "80000.00"}
    assert adjusted.status_code == 201, adjusted.json()
    assert adjusted.json()["data"]["totals"]["total"] == "119000.00"


# Our own golden values, for where the documentation is not at hand. ---------------------------------


def test_v1_prices_include_taxes_and_documents_add_rounded_lines():
    items = [
        v1_item(discount_rate=20, price=50000, withholding_taxes=_withheld(("06", 7.38), ("05", 15.12))),
        v1_item(price=50000, tax_rate="5.00"),
    ]

    with FactusSimulator() as factus:
        data = client(factus).post("/v1/bills/validate", json=v1_bill(items=items)).json()["data"]

    first = data["items"][0]
    assert [first[name] for name in ("discount", "gross_value", "tax_amount", "total")] == [
        "8403.36",
        "33613.45",
        "6386.55",
        40000,
    ]
    assert [(row["value"], row["rates"][0]["rate"]) for row in first["withholding_taxes"]] == [
        ("957.98", "15.00"),
        ("2352.94", "7.00"),
    ]
    assert (data["bill"]["gross_value"], data["bill"]["tax_amount"], data["bill"]["total"]) == (
        "81232.50",
        "8767.50",
        "90000.00",
    )


def test_v1_support_documents_have_no_taxes_and_ignore_withholdings_in_their_total():
    request = v1_support_document()
    items = [{**request["items"][0], "discount_rate": 20}, request["items"][0]]
    items[0]["withholding_taxes"] = [{"code": "06", "withhoding_tax_rate": "3.50"}]

    with FactusSimulator() as factus:
        request["items"] = items
        data = client(factus).post("/v1/support-documents/validate", json=request).json()["data"]

    document = data["support_document"]
    assert (document["gross_value"], document["tax_amount"], document["total"]) == (
        "90000.00",
        "0.00",
        "90000.00",
    )
    assert data["items"][0]["is_excluded"] == 1
    assert data["withholding_taxes"] == [{"tribute_code": "06", "name": "ReteRenta", "value": "1400.00"}]


def test_v2_prices_are_net_and_cash_rounding_bridges_the_payments():
    items = [
        v2_item(price="175925.93", taxes=[{"code": "04", "rate": "8.00"}]),
        v2_item(price="14814.81", quantity="2.00", taxes=[{"code": "04", "rate": "8.00"}]),
        v2_item(price="32407.41"),
    ]
    request = v2_bill(items=items, payment_details=[v2_payment("260550")], cash_rounding_amount="-14.81")

    with FactusSimulator() as factus:
        data = client(factus).post("/v2/bills/validate", json=request).json()["data"]

    assert data["totals"]["total"] == "260564.81"
    assert [row["tribute"]["code"] for row in data["taxes"]] == ["04", "01"]
    assert data["taxes"][0]["rates"] == [
        {"taxable_amount": "205555.55", "tax_amount": "16444.44", "rate": "8.00"}
    ]


def assert_same_keys(expected: Any, actual: Any, path: str = "") -> None:
    """The same names and JSON types at every level; values and the number of rows may differ."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        assert expected.keys() == actual.keys(), path
        for name in expected:
            assert_same_keys(expected[name], actual[name], f"{path}.{name}")
    elif isinstance(expected, list) and isinstance(actual, list):
        if expected and actual and path.rsplit(".", 1)[-1] != "links":
            assert_same_keys(expected[0], actual[0], f"{path}.0")
    elif expected is not None and actual is not None:
        assert type(expected) is type(actual), path


def _withheld(*rows: tuple[str, float]) -> list[dict[str, Any]]:
    return [{"code": code, "withholding_tax_rate": rate} for code, rate in copy.copy(rows)]
