"""What Factus's answers mean: the published ones as they are, and every shape and status it documents."""

import json
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from cauce.domain.document import Kind
from cauce.domain.errors import Conflict, OutcomeUnknown
from cauce.domain.issuer import Environment
from cauce.domain.outcome import Accepted, Message, Number, Outcome, Pending, Rejected
from cauce.domain.time import BOGOTA
from cauce.providers.factus import answer, names, rows, values
from cauce.providers.factus.answer import MEANINGS, Meaning
from tests.content import CUFE
from tests.unit.factus.builders import published, published_raw

CUDS = "69f218c3601e279d9d47d091fe1c2d85e2b727a9576811d7a561d16313860799f26e8b0c8ae9f68db7a61a7234329f06"
QR = "https://catalogo-vpfe-hab.dian.gov.co/document/searchqr?documentkey="
REJECTION = "Regla: FAK24, Rechazo: No está informado el DV del NIT"
NOTICE = "Regla: FAJ43b, Notificación: Nombre informado No corresponde al registrado en el RUT"


def v1_answer(**changes: Any) -> dict[str, Any]:
    """v1's answer to a bill, as short as it can be."""
    bill = {
        "id": 820,
        "number": "SETP990000493",
        "reference_code": "fact0022025",
        "status": 1,
        "qr": f"{QR}{CUFE}",
        "cufe": CUFE,
        "total": "99000.00",
        "errors": [],
        "created_at": "09-01-2025 01:56:13 PM",
        **changes,
    }
    return {
        "status": "Created",
        "message": "Documento con el código de referencia fact0022025 registrado y validado con éxito",
        "data": {
            "customer": {"identification": "123456789"},
            "numbering_range": {"prefix": "SETP"},
            "bill": bill,
            "items": [{}, {}],
        },
    }


def v2_answer(**changes: Any) -> dict[str, Any]:
    return {
        "status": "Created",
        "message": "registrado",
        "data": {
            "reference_code": "R",
            "number": "SETP1",
            "is_validated": True,
            "errors": [],
            "created_at": "06-05-2026 11:44:11 AM",
            "customer": {"identification": "123456789"},
            "numbering_range": {"prefix": "SETP"},
            "totals": {"total": "83300.00"},
            "links": {"qr": f"{QR}{CUFE}"},
            "cufe": CUFE,
            "items": [{}],
            **changes,
        },
    }


def verdict(content: Any, kind: Kind = Kind.INVOICE, environment: Environment = Environment.TEST) -> Outcome:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return answer.outcome(answer.document(raw, kind), raw, environment)


def test_seed_001s_answer_is_accepted_with_its_notice() -> None:
    outcome = verdict(published_raw("v1__documentos-soporte__crear-validar__2.json"), Kind.SUPPORT_DOCUMENT)

    assert isinstance(outcome, Accepted)
    assert outcome.uuid == CUDS
    assert outcome.number == Number(prefix="SEDS", consecutive=984000021)
    assert outcome.issued_at == datetime(2025, 2, 11, 22, 16, 18, tzinfo=BOGOTA)
    assert outcome.payable == Decimal("90000.00")  # its withholding of 1400 lowers nothing
    assert [message.rule for message in outcome.notices] == ["DSAB19b"]
    assert outcome.provider_ids == {"id": "6"}


@pytest.mark.parametrize(
    ("name", "kind", "number", "payable", "rules"),
    [
        (
            "v1__facturas__crear-y-validar-factura__factura-avanzada__2.json",
            Kind.INVOICE,
            "SETP990000493",
            "99000.00",
            [],
        ),
        ("v1__facturas__ver__1.json", Kind.INVOICE, "SETP990000493", "90000.00", []),
        (
            "v1__notas-credito__crear-y-validar__2.json",
            Kind.CREDIT_NOTE,
            "NC76",
            "80000.00",
            ["CBF02", "CAK55"],
        ),
        ("v1__notas-credito__ver__1.json", Kind.CREDIT_NOTE, "NC72", "90000.00", ["CBF02"]),
        (
            "v1__documentos-soporte__ver__1.json",
            Kind.SUPPORT_DOCUMENT,
            "SEDS984000021",
            "90000.00",
            ["DSAB19b"],
        ),
        (
            "v1__notas-ajuste-documentos-soporte__crear-validar__2.json",
            Kind.ADJUSTMENT_NOTE,
            "NA1",
            "100000.00",
            ["NSAX04", "NSAJ44b", "NSAJ43b"],
        ),
        (
            "v2__notas-ajuste-documentos-soporte__ver__1.json",
            Kind.ADJUSTMENT_NOTE,
            "NA1",
            "100000.00",
            ["NSAX04", "NSAJ44b", "NSAJ43b"],
        ),
    ],
)
def test_every_published_document_is_accepted(
    name: str, kind: Kind, number: str, payable: str, rules: list[str]
) -> None:
    outcome = verdict(published_raw(name), kind)

    assert isinstance(outcome, Accepted)
    assert (str(outcome.number), str(outcome.payable)) == (number, payable)
    assert [message.rule for message in outcome.notices] == rules
    assert outcome.uuid
    assert outcome.issued_at


def test_a_credit_notes_uuid_is_its_cude_and_not_the_cufe_of_its_bill() -> None:
    raw = published_raw("v1__notas-credito__crear-y-validar__2.json")
    note = published("v1__notas-credito__crear-y-validar__2.json")["data"]["credit_note"]

    assert verdict(raw, Kind.CREDIT_NOTE).uuid == note["cude"] != note["cufe"]


@pytest.mark.parametrize("shape", [v1_answer, v2_answer], ids=["v1", "v2"])
@pytest.mark.parametrize(
    ("validated", "errors", "expected"),
    [
        (True, [], Accepted),
        (True, [NOTICE], Accepted),
        (True, {"FAJ43b": NOTICE}, Accepted),
        (False, [REJECTION], Rejected),
        (False, {"FAK24": REJECTION}, Rejected),
        (False, [NOTICE, REJECTION], Rejected),
        (False, ["REGLA: FAK24, RECHAZÓ: x"], Rejected),
        (False, [], Pending),
        (False, {}, Pending),
        (False, None, Pending),
        (False, [NOTICE], Pending),
    ],
)
def test_the_truth_table(shape: Any, validated: bool, errors: Any, expected: type[Outcome]) -> None:
    flags = {"status": int(validated)} if shape is v1_answer else {"is_validated": validated}
    outcome = verdict(shape(errors=errors, **flags))

    assert type(outcome) is expected
    if isinstance(outcome, Rejected):
        assert outcome.stored
        assert all(answer.is_rejection(message.text) for message in outcome.rejections)
        assert not any(answer.is_rejection(message.text) for message in outcome.notices)


def test_nothing_is_accepted_without_its_uuid() -> None:
    assert isinstance(verdict(v1_answer(cufe="abc")), Pending)
    assert isinstance(verdict(v1_answer(cufe=None)), Pending)


def test_a_document_of_the_other_environment_is_a_conflict() -> None:
    with pytest.raises(Conflict, match="pruebas"):
        verdict(v1_answer(), environment=Environment.PRODUCTION)
    with pytest.raises(Conflict, match="producción"):
        verdict(v1_answer(qr=QR.replace("-hab", "") + CUFE))
    assert isinstance(verdict(v1_answer(qr=None)), Accepted)


@pytest.mark.parametrize(
    "raw",
    [
        b"<!DOCTYPE html><html></html>",
        b"",
        json.dumps(v1_answer()).encode()[:-40],
        b"[]",
        b"null",
        b'{"status": "OK"}',
        b'{"data": []}',
        b'{"data": {"bill": {"number": "SETP1"}}}',
        json.dumps(v1_answer(status="Created")).encode(),
        '{"data": {"bill": "ñ"}}'.encode("latin-1"),
    ],
)
def test_what_is_not_the_documented_shape_is_unknown_and_kept(raw: bytes) -> None:
    with pytest.raises(OutcomeUnknown) as doubt:
        verdict(raw)

    assert doubt.value.raw == raw


FIELD_ERRORS = {
    "status": "Validation error",
    "message": "Error de validación",
    "data": {
        "message": "Error de validación",
        "errors": {
            "reference_code": ["El campo código de referencia es obligatorio."],
            "provider.address": ["El campo dirección es obligatorio."],
        },
    },
}


def test_seed_001s_field_errors_store_nothing_and_name_our_fields() -> None:
    outcome = answer.invalid(json.dumps(FIELD_ERRORS).encode())

    assert not outcome.stored
    assert outcome.rejections == (
        Message(text="El campo código de referencia es obligatorio.", field="reference"),
        Message(text="El campo dirección es obligatorio.", field="counterparty.address"),
    )


@pytest.mark.parametrize(
    ("errors", "expected"),
    [
        ([], []),
        ({}, []),
        (None, []),
        ([REJECTION, REJECTION], [Message(text=REJECTION, rule="FAK24")]),
        ({"FAK24": "sin la palabra regla"}, [Message(text="sin la palabra regla", rule="FAK24")]),
        ({"items.0.price": ["a", "b"]}, [Message(text=t, field="lines.0.price") for t in ("a", "b")]),
        ({"items.0.price": "a"}, [Message(text="a", field="lines.0.price")]),
        ({"foo": ["a"]}, [Message(text="foo: a")]),
        ([{"code": 422, "message": "m", "detail": "d", "api_version": "1"}], [Message(text="m: d")]),
        ([{"FAK24": REJECTION}], [Message(text=REJECTION, rule="FAK24")]),
        ("una frase", [Message(text="una frase")]),
    ],
)
def test_errors_are_read_from_any_of_their_shapes(errors: Any, expected: list[Message]) -> None:
    assert list(answer.messages(errors)) == expected


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("customer.identification", "counterparty.identification"),
        ("provider.municipality_id", "counterparty.municipality"),
        ("customer", "counterparty"),
        ("customer.unknown", "counterparty"),
        ("items.3.tribute_id", "lines.3.taxes.0.code"),
        ("items.3.taxes.0.rate", "lines.3.taxes"),
        ("items.3.withholding_taxes.0.code", "lines.3.withholdings"),
        ("items.3.unknown", "lines.3"),
        ("items", "lines"),
        ("payment_details.0.due_date", "payment.due_date"),
        ("payment_details.0.amount", "payment"),
        ("payment_details", "payment"),
        ("allowance_charges.0.amount", "allowance_charges.0"),
        ("order_reference.reference_code", "order_reference.number"),
        ("bill_number", "billing_reference.number"),
        ("support_document_number", "billing_reference.number"),
        ("correction_concept_code", "reason.code"),
        ("numbering_range_id", "prefix"),
        ("unknown", None),
    ],
)
def test_factus_fields_are_named_as_the_domain_does(path: str, field: str | None) -> None:
    assert names.path_of(path) == field


DOCUMENTED_STATUSES = {200, 201, 204, 400, 401, 402, 403, 404, 409, 422, 429, 500, 503}


def test_every_documented_status_has_a_meaning() -> None:
    assert set(MEANINGS) >= DOCUMENTED_STATUSES
    assert set(MEANINGS.values()) == set(Meaning)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("11-02-2025 10:16:23 PM", datetime(2025, 2, 11, 22, 16, 23, tzinfo=BOGOTA)),
        ("09-01-2025 12:00:01 AM", datetime(2025, 1, 9, 0, 0, 1, tzinfo=BOGOTA)),
        ("09-01-2025 12:59:59 pm", datetime(2025, 1, 9, 12, 59, 59, tzinfo=BOGOTA)),
        ("09-01-2025 09:13:43 a.m.", datetime(2025, 1, 9, 9, 13, 43, tzinfo=BOGOTA)),
        ("31-02-2025 09:13:43 AM", None),
        ("2025-01-09 09:13:43", None),
        (None, None),
    ],
)
def test_moments_are_day_first_and_bogotas_in_any_locale(text: Any, expected: datetime | None) -> None:
    assert values.moment(text) == expected


@pytest.mark.parametrize(
    ("number", "prefix", "expected"),
    [
        ("SETP990000493", "SETP", ("SETP", 990000493)),
        ("FV21001", "FV2", ("FV2", 1001)),
        ("NC76", None, ("NC", 76)),
        ("76", None, ("", 76)),
        ("NC76", "SETP", ("NC", 76)),
        ("NC-007", None, ("NC-", 7)),
    ],
)
def test_numbers_are_split_by_the_prefix_of_their_range(
    number: str, prefix: str | None, expected: tuple[str, int]
) -> None:
    assert values.split(number, prefix) == Number(prefix=expected[0], consecutive=expected[1])


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "17", "x-ratelimit-reset": "40"}, 17),
        ({"x-ratelimit-reset": "40"}, 40),
        ({"x-ratelimit-reset": "1778445025"}, 25),
        ({"x-ratelimit-reset": "1778444000"}, 0),
        ({"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"}, 60),
        ({}, 60),
    ],
)
def test_a_wait_is_in_seconds_or_until_a_moment(headers: dict[str, str], seconds: float) -> None:
    assert values.wait_seconds(headers, 1778445000) == seconds


def test_the_same_document_is_recognised_and_another_is_not() -> None:
    facts = answer.document(json.dumps(v1_answer()).encode(), Kind.INVOICE)
    ours = {"reference": "fact0022025", "counterparty": "123456789", "payable": Decimal(99000)}

    answer.check_same(facts, **ours)
    answer.check_same(facts, **{**ours, "payable": Decimal("99000.02")})  # two lines, a cent each
    for other in ({"reference": "X"}, {"counterparty": "1"}, {"payable": Decimal("99000.03")}):
        with pytest.raises(Conflict):
            answer.check_same(facts, **{**ours, **other})


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("v1__facturas__ver-y-filtrar__1.json", Kind.INVOICE),
        ("v1__notas-credito__ver-filtrar__1.json", Kind.CREDIT_NOTE),
        ("v1__documentos-soporte__ver-y-filtrar__1.json", Kind.SUPPORT_DOCUMENT),
        ("v1__notas-ajuste-documentos-soporte__ver-y-filtrar__1.json", Kind.ADJUSTMENT_NOTE),
        ("v2__notas-ajuste-documentos-soporte__ver-y-filtrar__1.json", Kind.ADJUSTMENT_NOTE),
    ],
)
def test_every_published_list_becomes_rows(name: str, kind: Kind) -> None:
    found = [rows.emitted(b"", kind, row) for row in published(name)["data"]["data"]]

    assert found
    for row in found:
        assert (row.number and row.counterparty and row.counterparty_name and row.total) is not None
        assert row.issued_at
        assert row.issued_at.endswith("-05:00")
        assert row.shown_state in ("aceptado", "rechazado", "pendiente")


def test_the_published_ranges() -> None:
    name = "v1__rangos-de-numeracion__obtener-rangos__1.json"
    found = [rows.numbering_range(b"", row) for row in published(name)["data"]["data"]]

    by_prefix = {r.prefix: r for r in found}
    assert {prefix: (r.kind, r.provider_type) for prefix, r in by_prefix.items()} == {
        "NC": (Kind.CREDIT_NOTE, "22"),
        "NCC": (Kind.CREDIT_NOTE, "22"),
        "ND": (Kind.DEBIT_NOTE, "23"),
        "NDD": (Kind.DEBIT_NOTE, "23"),
        "NDA": (Kind.ADJUSTMENT_NOTE, "25"),
        "NEF": (None, "26"),
        "NEN": (None, "28"),
        "SETP": (Kind.INVOICE, "21"),
        "FTP": (None, "30"),
        "SEDS": (Kind.SUPPORT_DOCUMENT, "24"),
    }
    assert by_prefix["SETP"].next == 990000875
    assert by_prefix["SETP"].technical_key is not None
    assert "fc8eac" not in repr(by_prefix["SETP"])
    assert by_prefix["NC"].resolution is None


RANGE = {
    "id": 4,
    "document": "21",
    "document_name": "Factura de Venta",
    "prefix": "SETP",
    "from": "990000000",
    "to": 995000000,
    "current": 990000295,
    "resolution_number": "18760000001",
    "start_date": "19-01-2019",
    "end_date": "2030-01-19",
    "technical_key": "",
    "is_active": True,
}


def test_a_range_comes_in_either_dress() -> None:
    found = rows.numbering_range(b"", RANGE)

    assert (found.kind, found.start, found.provider_id) == (Kind.INVOICE, 990000000, "4")
    assert (str(found.valid_from), str(found.valid_to)) == ("2019-01-19", "2030-01-19")
    assert found.technical_key is None
    assert found.active
    assert not rows.numbering_range(b"", {**RANGE, "is_active": 0}).active


def test_a_range_without_limits_is_not_understood() -> None:
    with pytest.raises(OutcomeUnknown):
        rows.numbering_range(b"", {**RANGE, "to": None})


@pytest.mark.parametrize(
    "number", ["SETP\r\nX: 1", "S" * 40 + "1", "SETP" + "9" * 40, "SETP" + "9" * 5_000, "SIN"]
)
@pytest.mark.parametrize("shape", [v1_answer, v2_answer], ids=["v1", "v2"])
def test_an_answer_whose_number_is_none_is_no_answer(shape: Any, number: str) -> None:
    with pytest.raises(OutcomeUnknown):
        verdict(shape(number=number))
