"""A document's life at Factus: tokens, the blocked queue, repeated references, files, faults to order."""

import base64
import io
import threading
import time
import zipfile
from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest
from lxml import etree

from tests.simulators.factus import FactusSimulator, default_ranges
from tests.simulators.factus_client import (
    JSON_HEADERS,
    client,
    login,
    v1_bill,
    v1_credit_note,
    v1_customer,
    v1_support_document,
    v2_note,
    v2_support,
)

BILLS = "/v1/bills/validate"
PERSON = {
    "identification_document_code": "13", "identification": "1", "first_name": "Ana", "last_name": "Pérez",
}  # fmt: skip


@pytest.fixture
def factus() -> Iterator[FactusSimulator]:
    with FactusSimulator() as simulator:
        yield simulator


@pytest.fixture
def session(factus: FactusSimulator) -> httpx.Client:
    return client(factus)


# Tokens --------------------------------------------------------------------------------------------


def test_a_token_is_asked_with_a_form_of_either_kind(factus):
    known = factus.credentials
    fields = {
        "grant_type": "password",
        "client_id": known.client_id,
        "client_secret": known.client_secret,
        "username": known.username,
        "password": known.password,
    }
    url = f"{factus.base_url}/oauth/token"

    as_multipart = httpx.post(url, files={name: (None, value) for name, value in fields.items()})
    as_json = httpx.post(url, json=fields)

    assert login(factus).json()["expires_in"] == 600
    assert as_multipart.json()["token_type"] == "Bearer"
    assert (as_json.status_code, as_json.json()["error"]) == (400, "unsupported_grant_type")


@pytest.mark.parametrize(
    ("changed", "status", "error"),
    [
        ({"password": "wrong"}, 400, "invalid_grant"),
        ({"username": "other@example.com"}, 400, "invalid_grant"),
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_id": "wrong"}, 401, "invalid_client"),
        ({"username": ""}, 400, "invalid_request"),
        ({"grant_type": "client_credentials"}, 400, "unsupported_grant_type"),
    ],
)
def test_wrong_credentials_are_refused_in_passports_words(factus, changed, status, error):
    answer = login(factus, **changed)

    assert (answer.status_code, answer.json()["error"]) == (status, error)


def test_a_refresh_token_works_once_and_ends_the_old_access_token(factus):
    first = login(factus).json()
    again = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}

    second = login(factus, **again)
    third = login(factus, **again)
    with_old = httpx.get(
        f"{factus.base_url}/v1/company",
        headers={**JSON_HEADERS, "Authorization": f"Bearer {first['access_token']}"},
    )

    assert second.status_code == 200
    assert second.json()["refresh_token"] != first["refresh_token"]
    assert third.status_code == 401
    assert with_old.status_code == 401


def test_an_expired_or_revoked_token_is_unauthenticated_outside_the_envelope():
    with FactusSimulator(expires_in=0) as factus:
        expired = client(factus).get("/v1/company")
    with FactusSimulator() as factus:
        session = client(factus)
        factus.revoke_tokens()
        revoked = session.get("/v1/company")

    assert (expired.status_code, expired.json()) == (401, {"message": "Unauthenticated."})
    assert (revoked.status_code, revoked.json()) == (401, {"message": "Unauthenticated."})


def test_without_the_accept_header_an_error_is_a_web_page(session):
    answer = session.get("/v1/nothing", headers={"Accept": "*/*"})

    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")


# Order on create -----------------------------------------------------------------------------------


def test_fields_are_checked_before_the_queue(factus, session):
    factus.pend_next(5)
    session.post(BILLS, json=v1_bill("FIRST"))

    assert session.post(BILLS, json=v1_bill("SECOND", customer={})).status_code == 422
    assert session.post(BILLS, json=v1_bill("SECOND")).status_code == 409


def test_an_unvalidated_document_blocks_its_own_kind_only(factus, session):
    factus.pend_next(2, path="support-documents")
    session.post("/v1/support-documents/validate", json=v1_support_document("STUCK"))

    blocked = session.post("/v1/support-documents/validate", json=v1_support_document("NEXT"))
    bill = session.post(BILLS, json=v1_bill())

    assert blocked.status_code == 409
    assert blocked.json() == {
        "status": "Conflict",
        "message": "Se encontró un documento soporte por enviar a la DIAN",
    }
    assert bill.status_code == 201


def test_a_pending_document_is_settled_by_the_nth_identical_request(factus, session):
    factus.pend_next(2)

    first = session.post(BILLS, json=v1_bill()).json()["data"]["bill"]
    other_content = session.post(BILLS, json=v1_bill(observation="otra"))
    second = session.post(BILLS, json=v1_bill()).json()["data"]["bill"]
    third = session.post(BILLS, json=v1_bill()).json()["data"]["bill"]

    assert (first["status"], first["errors"], first["validated"]) == (0, [], None)
    assert other_content.status_code == 409
    assert (second["status"], third["status"]) == (0, 1)
    assert third["number"] == first["number"]
    assert factus.documents_received == 1


def test_a_rejected_document_blocks_until_deleted_and_gives_way_to_its_correction(factus, session):
    factus.reject_next("FAK24", "No está informado el DV del NIT")

    rejected = session.post(BILLS, json=v1_bill())
    again = session.post(BILLS, json=v1_bill())
    pending = session.get("/v1/bills", params={"filter[status]": "0"}).json()["data"]["data"]
    deleted = session.delete("/v1/bills/destroy/reference/REF-1")
    corrected = session.post(BILLS, json=v1_bill())

    assert rejected.status_code == 201
    assert rejected.json()["data"]["bill"]["status"] == 0
    assert rejected.json()["data"]["bill"]["errors"] == [
        "Regla: FAK24, Rechazo: No está informado el DV del NIT"
    ]
    assert again.status_code == 409
    assert [row["reference_code"] for row in pending] == ["REF-1"]
    assert deleted.json() == {
        "status": "OK",
        "message": "Documento con código de referencia REF-1 eliminado con éxito",
    }
    assert corrected.status_code == 201


def test_a_wrong_check_digit_is_stored_takes_a_number_and_blocks(factus, session):
    customer = v1_customer(identification_document_id=6, identification="123456789", dv=3)

    answer = session.post(BILLS, json=v1_bill(customer=customer))
    next_one = session.post(BILLS, json=v1_bill("NEXT"))

    assert answer.status_code == 422
    assert answer.json()["data"]["errors"] == {
        "FAK24": "Regla: FAK24, Rechazo: No está informado el DV del NIT"
    }
    assert factus.documents["bills"][0].number == "SETP990000493"
    assert factus.ranges[8].next_number == 990000494
    assert next_one.status_code == 409


def test_a_missing_check_digit_is_computed(session):
    customer = v1_customer(identification_document_id=6, identification="123456789")

    answer = session.post(BILLS, json=v1_bill(customer=customer))

    assert answer.json()["data"]["customer"]["dv"] == "6"


def test_while_dian_thinks_others_of_the_kind_are_blocked():
    with FactusSimulator(dian_seconds=0.4) as factus:
        session = client(factus)
        slow = threading.Thread(target=lambda: session.post(BILLS, json=v1_bill("SLOW")))
        slow.start()
        while not factus.documents["bills"]:
            time.sleep(0.01)
        meanwhile = client(factus).post(BILLS, json=v1_bill("QUICK"))
        slow.join()
        afterwards = session.post(BILLS, json=v1_bill("QUICK"))

    assert (meanwhile.status_code, afterwards.status_code) == (409, 201)


def test_concurrent_creations_never_share_a_number(factus):
    def create(position: int) -> None:
        session = client(factus)
        while session.post(BILLS, json=v1_bill(f"REF-{position}")).status_code == 409:
            time.sleep(0.01)  # DIAN thinks about another one, as above

    threads = [threading.Thread(target=create, args=(position,)) for position in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    numbers = [row.number for row in factus.documents["bills"]]
    assert sorted(numbers) == [f"SETP{990000493 + position}" for position in range(12)]


def test_an_exhausted_range_gives_no_number_but_its_last_document_can_be_asked_again():
    last = replace(default_ranges()[0], next_number=995000000)

    with FactusSimulator(ranges=[last]) as factus:
        session = client(factus)
        first = session.post(BILLS, json=v1_bill())
        repeated = session.post(BILLS, json=v1_bill())
        beyond = session.post(BILLS, json=v1_bill("REF-2"))

    assert first.json()["data"]["bill"]["number"] == "SETP995000000"
    assert repeated.status_code == 200
    assert list(beyond.json()["data"]["errors"]) == ["numbering_range_id"]


def test_a_spent_plan_answers_402():
    with FactusSimulator(documents_quota=1) as factus:
        session = client(factus)
        session.post(BILLS, json=v1_bill())

        assert session.post(BILLS, json=v1_bill("REF-2")).status_code == 402
        assert session.get("/v1/bills").status_code == 200


# Reading back --------------------------------------------------------------------------------------


STYLES = [
    ("GET", "/v1/bills/show/{bill}", 200),
    ("GET", "/v1/bills/{bill}", 404),
    ("GET", "/v1/support-documents/show/{support}", 200),
    ("GET", "/v1/support-documents/{support}", 404),
    ("GET", "/v1/credit-notes/{credit}", 200),
    ("GET", "/v1/credit-notes/show/{credit}", 404),
    ("GET", "/v1/adjustment-notes/{adjustment}", 200),
    ("GET", "/v1/adjustment-notes/show/{adjustment}", 404),
    ("GET", "/v1/debit-notes", 404),
    ("GET", "/v2/debit-notes/{debit}", 200),
    ("GET", "/v2/bills/{bill}", 200),
    ("GET", "/v2/bills/show/{bill}", 404),
    ("GET", "/v2/bills/{bill}/download-pdf", 200),
    ("GET", "/v2/bills/download-pdf/{bill}", 404),
    ("GET", "/v1/bills/download-pdf/{bill}", 200),
    ("GET", "/v1/bills/{bill}/download-pdf", 404),
    ("DELETE", "/v1/bills/reference/REF-1", 404),
    ("DELETE", "/v1/bills/destroy/reference/REF-1", 409),
    ("DELETE", "/v1/support-documents/destroy/reference/DS-1", 404),
    ("DELETE", "/v1/support-documents/reference/DS-1", 409),
    ("DELETE", "/v1/credit-notes/reference/NC-1", 409),
    ("DELETE", "/v1/credit-notes/destroy/reference/NC-1", 404),
    ("DELETE", "/v1/adjustment-notes/reference/NA-1", 409),
    ("DELETE", "/v2/bills/destroy/reference/REF-1", 409),
    ("DELETE", "/v2/bills/reference/REF-1", 404),
    ("DELETE", "/v2/credit-notes/reference/NC-1", 409),
    ("DELETE", "/v2/adjustment-notes/destroy/reference/NA-1", 404),
    ("GET", "/v2/municipalities", 404),
    ("POST", "/v1/support-documents/send-email/{support}", 404),
]


@pytest.fixture(scope="module")
def furnished() -> Iterator[tuple[httpx.Client, dict[str, str]]]:
    """One validated document of every kind, and their numbers."""
    with FactusSimulator() as factus:
        session = client(factus)
        bill = session.post(BILLS, json=v1_bill()).json()["data"]["bill"]
        session.post("/v1/credit-notes/validate", json=v1_credit_note(bill["id"])).raise_for_status()
        debit = v2_note(bill["number"], "ND-1", correction_concept_code="1")
        session.post("/v2/debit-notes/validate", json=debit).raise_for_status()
        session.post("/v1/support-documents/validate", json=v1_support_document()).raise_for_status()
        adjustment = v2_support("NA-1", support_document_number="SEDS984000021", correction_concept_code="2")
        session.post("/v1/adjustment-notes/validate", json=adjustment).raise_for_status()
        names = ("bill", "credit", "debit", "support", "adjustment")
        numbers = [rows[0].number for rows in factus.documents.values()]
        yield session, dict(zip(names, numbers, strict=True))


@pytest.mark.parametrize(("method", "path", "status"), STYLES)
def test_every_family_has_its_own_url_style_and_the_wrong_one_is_404(furnished, method, path, status):
    session, numbers = furnished

    assert session.request(method, path.format(**numbers)).status_code == status


@pytest.mark.parametrize(
    ("resource", "name", "uuid"),
    [
        ("bills", "bill", "cufe"),
        ("credit-notes", "credit", "cude"),
        ("debit-notes", "debit", "cude"),
        ("support-documents", "support", "cuds"),
        ("adjustment-notes", "adjustment", "cuds"),
    ],
)
def test_the_xml_carries_number_uuid_and_total_by_number_and_by_uuid(furnished, resource, name, uuid):
    session, numbers = furnished
    shown = session.get(f"/v2/{resource}/{numbers[name]}").json()["data"]

    by_number = session.get(f"/v2/{resource}/{numbers[name]}/download-xml").json()["data"]
    by_uuid = session.get(f"/v2/documents/{shown[uuid]}/download-xml").json()["data"]

    root = etree.fromstring(base64.b64decode(by_number["xml_base_64_encoded"]))
    texts = {element.tag.rsplit("}")[-1]: element.text for element in root.iter()}
    assert by_uuid == by_number
    assert len(shown[uuid]) == 96
    assert (texts["UUID"], texts["PayableAmount"]) == (shown[uuid], shown["totals"]["total"])
    assert root.find("{*}ID").text == numbers[name]


def test_the_pdf_and_the_mailed_archive_are_real_files(furnished):
    session, numbers = furnished
    pdf = session.get(f"/v1/bills/download-pdf/{numbers['bill']}").json()["data"]
    content = session.get(f"/v1/bills/{numbers['bill']}/email-content").json()["data"]

    archive = zipfile.ZipFile(io.BytesIO(base64.b64decode(content["attached_document"])))
    assert base64.b64decode(pdf["pdf_base_64_encoded"]).startswith(b"%PDF-1.4")
    assert pdf["file_name"].startswith("fv0901724254000")
    assert content["subject"] == f"901724254;FACTUS S.A.S.;{numbers['bill']};01;FACTUS S.A.S."
    assert sorted(name.rsplit(".")[-1] for name in archive.namelist()) == ["pdf", "xml"]


def test_a_bill_knows_its_notes_and_a_support_document_its_adjustments(furnished):
    session, numbers = furnished

    v1 = session.get(f"/v1/bills/show/{numbers['bill']}").json()["data"]
    v2 = session.get(f"/v2/bills/{numbers['bill']}").json()["data"]
    support = session.get(f"/v1/support-documents/show/{numbers['support']}").json()["data"]

    assert [row["number"] for row in v1["credit_notes"]] == [numbers["credit"]]
    assert [row["number"] for row in v2["related_notes"]["debit_notes"]] == [numbers["debit"]]
    assert [row["number"] for row in support["adjustment_notes"]] == [numbers["adjustment"]]


def test_lists_come_in_pages_of_ten_newest_first_and_v2_may_size_them(factus, session):
    for position in range(12):
        session.post(BILLS, json=v1_bill(f"REF-{position:02}"))

    second = session.get("/v1/bills", params={"page": 2}).json()["data"]
    beyond = session.get("/v1/bills", params={"page": 9}).json()["data"]
    sized = session.get("/v2/bills", params={"filter[per_page]": 5}).json()["data"]

    assert [row["reference_code"] for row in second["data"]] == ["REF-01", "REF-00"]
    assert (second["pagination"]["total"], second["pagination"]["last_page"]) == (12, 2)
    assert (beyond["data"], beyond["pagination"]["from"]) == ([], None)
    assert (len(sized["data"]), sized["pagination"]["per_page"]) == (5, 5)
    assert sized["pagination"]["links"][2]["url"].startswith(
        f"{factus.base_url}/v2/bills?filter%5Bper_page%5D=5"
    )


def test_filters_match_parts_so_the_client_must_compare(session):
    for reference in ("REF-1", "REF-10", "OTHER"):
        session.post(BILLS, json=v1_bill(reference))

    found = session.get("/v1/bills", params={"filter[reference_code]": "REF-1"}).json()["data"]["data"]
    unknown = session.get("/v1/bills", params={"filter[colour]": "red"})

    assert {row["reference_code"] for row in found} == {"REF-1", "REF-10"}
    assert unknown.status_code == 400


# Ranges and RADIAN ---------------------------------------------------------------------------------


def test_dates_of_a_range_differ_between_list_and_show(session):
    listed = session.get("/v1/numbering-ranges", params={"filter[id]": "8"}).json()["data"]["data"][0]
    shown = session.get("/v1/numbering-ranges/8").json()["data"]

    assert (listed["document"], listed["start_date"]) == ("Factura de Venta", "2019-01-19")
    assert (shown["document"], shown["document_name"]) == ("21", "Factura de Venta")
    assert (shown["start_date"], shown["current"]) == ("19-01-2019", 990000493)


def test_the_next_number_can_be_moved_forward_only(session):
    session.post(BILLS, json=v1_bill())

    back = session.patch("/v1/numbering-ranges/8/current", json={"current": 990000493})
    outside = session.patch("/v1/numbering-ranges/8/current", json={"current": 995000001})
    forward = session.patch("/v1/numbering-ranges/8/current", json={"current": 990000600})
    next_bill = session.post(BILLS, json=v1_bill("REF-2")).json()["data"]["bill"]

    assert (back.status_code, outside.status_code, forward.status_code) == (422, 422, 200)
    assert next_bill["number"] == "SETP990000600"
    assert session.delete("/v1/numbering-ranges/8").status_code == 409
    assert session.delete("/v1/numbering-ranges/6").status_code == 200


def test_a_received_invoice_takes_its_events_in_dians_order(session):
    row = session.post("/v2/receptions/upload", json={"track_id": "ab" * 48}).json()["data"]
    events = f"/v2/receptions/bills/{row['id']}/radian/events"

    too_early = session.patch(f"{events}/032", json=PERSON)
    statuses = [
        session.patch(f"{events}/{code}", json=PERSON).status_code for code in ("030", "032", "034", "031")
    ]
    claimed = session.patch(f"{events}/031", json={**PERSON, "claim_concept_code": "02"})
    listed = session.get("/v2/receptions/bills", params={"filter[completed_events]": "1"}).json()["data"][
        "data"
    ]

    assert too_early.status_code == 400
    assert statuses == [200, 200, 404, 422]
    assert claimed.json()["data"]["has_claim"] is True
    assert [event["code"] for event in listed[0]["events"]] == ["030", "032", "031"]
    assert session.patch(f"{events}/033", json=PERSON).status_code == 400


@pytest.mark.parametrize(
    "path", ["/v1/bills/radian/events/update/{n}/034", "/v2/bills/{n}/radian/events/034"]
)
def test_tacit_acceptance_is_for_credit_bills(session, path):
    cash = session.post(BILLS, json=v1_bill("CASH")).json()["data"]["bill"]["number"]
    credit_bill = v1_bill("CREDIT", payment_form="2", payment_due_date="2030-01-31")
    credit = session.post(BILLS, json=credit_bill).json()["data"]["bill"]["number"]

    assert session.post(path.format(n=cash), json=PERSON).status_code == 400
    assert session.post(path.format(n=credit), json=PERSON).status_code == 200
    assert session.get(f"/v1/bills/{credit}/radian/events").json()["data"][0]["event_code"] == "034"


def test_mail_goes_out_unless_told_otherwise(factus, session):
    session.post(BILLS, json={**v1_bill("LOUD"), "send_email": True})
    session.post(BILLS, json=v1_bill("QUIET"))
    number = factus.documents["bills"][1].number
    sent = session.post(f"/v1/bills/send-email/{number}", json={"email": "otra@example.com"})

    assert factus.documents["bills"][0].send_email is True
    assert factus.emails == [("SETP990000493", "ana@example.com"), (number, "otra@example.com")]
    assert sent.json() == {"status": "OK", "message": "Factura enviada al cliente con éxito"}


def test_the_company_can_be_read_and_changed_in_v2(session):
    changed = {
        "legal_organization_code": "1",
        "company": "NUEVA S.A.S.",
        "economic_activity": "6920",
        "email": "nueva@example.com",
        "address": "calle 100",
        "phone": "1",
        "municipality_code": "68872",
        "tribute_code": "ZZ",
    }

    assert session.put("/v2/companies", json=changed).json()["data"]["company"] == "NUEVA S.A.S."
    assert session.get("/v2/companies").json()["data"]["municipality"]["name"] == "Villanueva"
    assert session.put("/v2/companies", json={}).status_code == 422


# Faults --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [401, 402, 403, 409, 422, 429, 500, 503])
def test_an_error_can_be_ordered_and_stores_nothing(factus, session, status):
    factus.answer_next(status)

    answer = session.post(BILLS, json=v1_bill())

    assert answer.status_code == status
    assert answer.headers.get("retry-after") == ("60" if status == 429 else None)
    assert factus.documents_received == 0
    assert session.post(BILLS, json=v1_bill()).status_code == 201


def test_a_422_with_rules_stores_the_document_and_one_with_fields_does_not(factus, session):
    factus.answer_next(422, errors={"items.0.tribute_id": ["El campo tributo es obligatorio."]})
    with_fields = session.post(BILLS, json=v1_bill())
    factus.answer_next(422, rules={"FAK24": "No está informado el DV del NIT"})
    with_rules = session.post(BILLS, json=v1_bill())

    assert with_fields.json()["data"]["errors"] == {
        "items.0.tribute_id": ["El campo tributo es obligatorio."]
    }
    assert with_rules.json()["message"] == "El documento contiene errores de validación"
    assert with_rules.json()["data"]["errors"] == {
        "FAK24": "Regla: FAK24, Rechazo: No está informado el DV del NIT"
    }
    assert factus.documents_received == 1
    assert session.post(BILLS, json=v1_bill("OTHER")).status_code == 409


def test_a_fault_waits_for_the_request_it_is_meant_for(factus, session):
    factus.answer_next(503, path="/v1/bills/show", method="GET")
    factus.lose_next_answer(path="/v1/company")

    created = session.post(BILLS, json=v1_bill())
    shown = session.get("/v1/bills/show/SETP990000493")

    assert (created.status_code, shown.status_code) == (201, 503)
    assert session.get("/v1/bills/show/SETP990000493").status_code == 200
    with pytest.raises(httpx.RemoteProtocolError):
        session.get("/v1/company")


def test_a_stalled_answer_outlives_an_impatient_client_and_is_stored(factus, session):
    factus.stall(0.4)

    with pytest.raises(httpx.ReadTimeout):
        session.post(BILLS, json=v1_bill(), timeout=0.1)
    while not factus.documents_received:
        time.sleep(0.01)

    assert session.post(BILLS, json=v1_bill()).status_code == 200


def test_the_budget_is_off_until_a_limit_is_set(factus, session):
    before = session.get("/v1/company")
    factus.throttle(2)
    answers = [session.get("/v1/company") for _ in range(3)]

    assert "x-ratelimit-limit" not in before.headers
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer.headers["x-ratelimit-remaining"] for answer in answers] == ["1", "0", "0"]
    assert "retry-after" not in answers[1].headers
    assert 1 <= int(answers[2].headers["retry-after"]) <= 60
    factus.throttle(None)
    assert session.get("/v1/company").status_code == 200


def test_the_log_keeps_bodies_but_no_secrets(factus, session):
    session.post(BILLS, json=v1_bill())

    token, bill = factus.requests
    assert (token.path, token.body["client_secret"], token.body["password"]) == (
        "/oauth/token",
        "[redacted]",
        "[redacted]",
    )
    assert (bill.method, bill.path, bill.status) == ("POST", BILLS, 201)
    assert bill.headers["authorization"] == "[redacted]"
    assert bill.body["reference_code"] == "REF-1"


def test_reset_makes_it_new_again(factus, session):
    factus.pend_next()
    session.post(BILLS, json=v1_bill())
    factus.reject_next("X", "y")

    httpx.post(f"{factus.base_url}/_simulator/reset")

    assert (factus.documents_received, factus.requests, factus.faults.waiting) == (0, [], [])
    assert session.get("/v1/company").status_code == 401
    assert client(factus).post(BILLS, json=v1_bill()).json()["data"]["bill"]["number"] == "SETP990000493"
