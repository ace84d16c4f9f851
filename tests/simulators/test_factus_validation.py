"""What Factus documents as wrong is refused with field → messages, and nothing is stored."""

from collections.abc import Iterator

import httpx
import pytest

from tests.simulators.factus import FactusSimulator
from tests.simulators.factus_client import (
    but,
    client,
    v1_bill,
    v1_credit_note,
    v1_item,
    v1_support_document,
    v2_bill,
    v2_item,
    v2_note,
    v2_payment,
    v2_support,
)


@pytest.fixture(scope="module")
def factus() -> Iterator[FactusSimulator]:
    with FactusSimulator() as simulator:
        yield simulator


@pytest.fixture(scope="module")
def session(factus: FactusSimulator) -> httpx.Client:
    return client(factus)


def refused(session: httpx.Client, path: str, body: object) -> set[str]:
    """The fields that a 422 in the documented envelope refuses."""
    answer = session.post(path, json=body)
    assert answer.status_code == 422, answer.json()
    content = answer.json()
    assert (content["status"], content["message"]) == ("Validation error", "Error de validación")
    assert content["data"]["message"] == "Error de validación"
    assert all(isinstance(messages, list) and messages for messages in content["data"]["errors"].values())
    return set(content["data"]["errors"])


V1_BILL_REFUSALS = [
    ("reference_code", ...),
    ("reference_code", ""),
    ("reference_code", 17),
    ("document", "02"),
    ("operation_type", "SS-CUFE"),
    ("payment_form", "3"),
    ("payment_method_code", "99"),
    ("observation", "x" * 251),
    ("send_email", "yes"),
    ("numbering_range_id", 148),
    ("numbering_range_id", 999),
    ("numbering_range_id", "eight"),
    ("customer", ...),
    ("customer.identification", 1020304050),
    ("customer.identification", ...),
    ("customer.identification_document_id", 12),
    ("customer.legal_organization_id", 3),
    ("customer.tribute_id", 1),
    ("customer.municipality_id", 1123),
    ("customer.names", ...),
    ("customer.email", "no-arroba"),
    ("items", []),
    ("items", ...),
    ("items.0.quantity", 1.5),
    ("items.0.quantity", "1.50"),
    ("items.0.quantity", 0),
    ("items.0.price", 10.555),
    ("items.0.price", "mucho"),
    ("items.0.price", True),
    ("items.0.discount_rate", ...),
    ("items.0.discount_rate", 101),
    ("items.0.tax_rate", 19),
    ("items.0.tax_rate", ...),
    ("items.0.unit_measure_id", 1094),
    ("items.0.standard_code_id", 5),
    ("items.0.is_excluded", ...),
    ("items.0.is_excluded", 2),
    ("items.0.tribute_id", 18),
    ("items.0.code_reference", ...),
    ("items.0.name", ...),
]


@pytest.mark.parametrize(("path", "value"), V1_BILL_REFUSALS)
def test_a_v1_bill_is_refused_for_one_wrong_field(session, factus, path, value):
    before = factus.documents_received

    assert refused(session, "/v1/bills/validate", but(v1_bill(), path, value)) == {path}
    assert factus.documents_received == before


def test_the_documented_messages_are_spanish_sentences(session):
    answer = session.post(
        "/v1/support-documents/validate", json=but(v1_support_document(""), "provider.address")
    )

    assert answer.json()["data"]["errors"] == {
        "reference_code": ["El campo código de referencia es obligatorio."],
        "provider.address": ["El campo dirección es obligatorio."],
    }


def _withheld(**row: object) -> dict[str, object]:
    return {"items": [v1_item(withholding_taxes=[row])]}


def _charged(**changed: object) -> dict[str, object]:
    row = {"concept_type": "03", "is_surcharge": True, "reason": "x", "base_amount": 1, "amount": 1}
    return {"allowance_charges": [{**row, **changed}]}


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"payment_form": "2"}, "payment_due_date"),
        ({"payment_form": "2", "payment_due_date": "31-12-2030"}, "payment_due_date"),
        ({"payment_form": "2", "payment_due_date": "2030-02-30"}, "payment_due_date"),
        ({"document": "03"}, "related_documents"),
        ({"items": [v1_item(is_excluded=1, tribute_id=4)]}, "items.0.is_excluded"),
        (_withheld(code="01", withholding_tax_rate=1), "items.0.withholding_taxes.0.code"),
        (_withheld(code="06", rate=1), "items.0.withholding_taxes.0.withholding_tax_rate"),
        ({"operation_type": "11"}, "items.0.scheme_id"),
        ({"operation_type": "11", "items": [v1_item(scheme_id="1")]}, "items.0.mandate"),
        (
            {"billing_period": {"start_date": "2025-01-01", "end_date": "2025-01-31"}},
            "billing_period.end_time",
        ),
        (_charged(concept_type="01"), "allowance_charges.0.concept_type"),
        (_charged(is_surcharge=False), "allowance_charges.0.is_surcharge"),
        ({"order_reference": {"issue_date": "2025-01-01"}}, "order_reference.reference_code"),
    ],
)
def test_a_v1_bill_is_refused_when_one_field_makes_another_necessary(session, changed, field):
    assert refused(session, "/v1/bills/validate", v1_bill(**changed)) == {field}


def test_a_legal_person_needs_its_company_name(session):
    body = but(v1_bill(), "customer.legal_organization_id", 1)

    assert refused(session, "/v1/bills/validate", body) == {"customer.company"}


@pytest.mark.parametrize("identity", [1, 2, 3, 11])
def test_a_supplier_cannot_be_identified_by_a_cedula_or_any_other_local_card(session, identity):
    body = but(v1_support_document(), "provider.identification_document_id", identity)

    field = "provider.identification_document_id"
    assert refused(session, "/v1/support-documents/validate", body) == {field}


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        ("provider.municipality_id", ..., "provider.municipality_id"),
        ("provider.country_code", "US", "provider.municipality_id"),
        ("provider.country_code", "Colombia", "provider.country_code"),
        ("provider.dv", ..., "provider.dv"),
        ("provider.email", ..., "provider.email"),
        ("provider.names", ..., "provider.names"),
        ("items.0.quantity", 2.5, "items.0.quantity"),
        ("items.0.discount_rate", ..., "items.0.discount_rate"),
    ],
)
def test_a_v1_support_document_is_refused_for_one_wrong_field(session, path, value, field):
    body = but(v1_support_document(), path, value)

    assert refused(session, "/v1/support-documents/validate", body) == {field}


def test_a_foreign_supplier_goes_without_municipality():
    body = but(v1_support_document(), "provider.municipality_id")
    body["provider"] |= {"country_code": "US", "identification_document_id": 7, "identification": "X123"}
    del body["provider"]["dv"]

    with FactusSimulator() as factus:
        answer = client(factus).post("/v1/support-documents/validate", json=body)

    assert answer.status_code == 201
    assert answer.json()["data"]["provider"]["country"]["code"] == "US"


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"bill_id": 999999}, "bill_id"),
        ({"bill_id": None}, "bill_id"),
        ({"correction_concept_code": 7}, "correction_concept_code"),
        ({"customization_id": 30}, "customization_id"),
        ({"payment_method_code": None}, "payment_method_code"),
    ],
)
def test_a_v1_credit_note_needs_an_existing_bill_and_known_codes(changed, field):
    with FactusSimulator() as factus:
        session = client(factus)
        bill = session.post("/v1/bills/validate", json=v1_bill()).json()["data"]["bill"]

        wrong = refused(session, "/v1/credit-notes/validate", v1_credit_note(bill["id"]) | changed)

    assert wrong == {field}


def test_a_credit_note_without_bill_needs_a_period_and_a_customer(session):
    body = v1_credit_note(1) | {"customization_id": 22, "bill_id": None}

    assert refused(session, "/v1/credit-notes/validate", body) == {"billing_period", "customer"}


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        ("payment_details", [], "payment_details"),
        ("payment_details.0.amount", "11899.99", "payment_details"),
        ("payment_details.0.payment_form", "2", "payment_details.0.due_date"),
        ("cash_rounding_amount", "500.01", "cash_rounding_amount"),
        ("customer.identification_document_code", "3", "customer.identification_document_code"),
        ("customer.municipality_code", "980", "customer.municipality_code"),
        ("customer.responsibilities", ["O-99"], "customer.responsibilities"),
        ("customer.legal_organization_code", ..., "customer.legal_organization_code"),
        ("items.0.quantity", "1.555", "items.0.quantity"),
        ("items.0.unit_measure_code", "XXXX", "items.0.unit_measure_code"),
        ("items.0.standard_code", "998", "items.0.standard_code"),
        ("items.0.taxes", ..., "items.0.taxes"),
        ("items.0.taxes.0.code", "03", "items.0.taxes.0.code"),
        ("items.0.discount_amount", "10000.01", "items.0.discount_amount"),
        ("operation_type", "13", "operation_type"),
    ],
)
def test_a_v2_bill_is_refused_for_one_wrong_field(session, path, value, field):
    assert refused(session, "/v2/bills/validate", but(v2_bill(), path, value)) == {field}


def test_a_v2_discount_goes_as_a_rate_or_as_an_amount(session):
    item = v2_item(discount_rate="10.00", discount_amount="1000.00")

    assert refused(session, "/v2/bills/validate", v2_bill(items=[item])) == {"items.0.discount_amount"}


@pytest.mark.parametrize("resource", ["credit-notes", "debit-notes"])
def test_a_v2_note_needs_an_existing_bill(session, resource):
    assert refused(session, f"/v2/{resource}/validate", v2_note("SETP1")) == {"bill_number"}


def test_a_v2_adjustment_note_needs_an_existing_support_document(session):
    body = v2_support(support_document_number="SEDS1", correction_concept_code="2")

    assert refused(session, "/v2/adjustment-notes/validate", body) == {"support_document_number"}


def test_health_operations_need_health_data(session):
    missing = refused(session, "/v2/bills/validate", v2_bill(operation_type="SS-CUFE"))

    assert missing == {"health"}


def test_a_range_is_needed_once_two_are_active():
    with FactusSimulator() as factus:
        session = client(factus)
        created = session.post("/v2/numbering-ranges", json={"document": "22", "prefix": "NCB", "current": 1})
        range_id = created.json()["data"]["id"]
        bill = session.post("/v1/bills/validate", json=v1_bill()).json()["data"]["bill"]
        with_one_active = session.post("/v1/credit-notes/validate", json=v1_credit_note(bill["id"], "A"))
        toggled = session.patch(f"/v2/numbering-ranges/{range_id}/toggle-status").json()

        with_two_active = refused(session, "/v1/credit-notes/validate", v1_credit_note(bill["id"], "B"))

    assert (created.status_code, created.json()["data"]["is_active"]) == (201, 0)
    assert with_one_active.status_code == 201
    assert toggled["data"]["is_active"] == 1
    assert with_two_active == {"numbering_range_id"}


def test_unknown_fields_are_ignored_but_remembered():
    body = v1_bill(issue_date="2025-01-01", items=[v1_item(colour="red")])

    with FactusSimulator() as factus:
        answer = client(factus).post("/v1/bills/validate", json=body)

        assert answer.status_code == 201
        assert set(factus.documents["bills"][0].unknown_fields) == {"issue_date", "items.0.colour"}


def test_a_body_that_is_not_json_is_a_bad_request(session):
    headers = {"Content-Type": "application/json"}

    assert session.post("/v1/bills/validate", content=b'{"a":', headers=headers).status_code == 400
    assert session.post("/v1/bills/validate", content=b'{"a": NaN}', headers=headers).status_code == 400


def test_a_form_is_no_document(session):
    answer = session.post("/v1/bills/validate", data={"reference_code": "REF-1"})

    assert answer.status_code == 422
    assert "reference_code" in answer.json()["data"]["errors"]


def test_several_payments_may_cover_a_v2_bill():
    payments = [v2_payment("10000"), v2_payment("1900.00", payment_form=2, due_date="2030-01-31")]

    with FactusSimulator() as factus:
        answer = client(factus).post("/v2/bills/validate", json=v2_bill(payment_details=payments))

    assert answer.status_code == 201
    assert answer.json()["data"]["payment_details"][1]["due_date"] == "31-01-2030"
