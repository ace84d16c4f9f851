"""FacEPro's answers → outcomes: every documented state, status and shape, and the ones that say nothing."""

import json
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest

from cauce.domain.document import Kind
from cauce.domain.errors import NotSent, OutcomeUnknown
from cauce.domain.outcome import Accepted, Identity, Number, Pending, Rejected
from cauce.domain.time import BOGOTA
from cauce.providers.base import refs
from cauce.providers.facepro import answer
from cauce.providers.facepro.answer import MEANINGS, Estado, Meaning
from cauce.providers.facepro.calls import Session, until_next
from tests.unit.facepro.builders import CUFE, NOW, facepro, invoice, record

ID = "550e8400-e29b-41d4-a716-446655440000"


def shown(**changes: Any) -> dict[str, Any]:
    return {
        "tracking_id": ID,
        "numero_completo": "SETP990000011",
        "tipo_documento": "factura",
        "prefijo": "SETP",
        "consecutivo": 990000011,
        "fecha_emision": "2026-05-10T15:30:00-05:00",
        "adquirente": {"documento": "71234567", "razon_social": "JUAN PEREZ"},
        "totales": {"subtotal": 122500, "iva": 23275, "total": 145775},
        "cufe": CUFE,
        "zip_key": "abcdef1234",
        "estado": "aceptado",
        "estado_dian_codigo": "00",
        "estado_dian_mensaje": "Procesado correctamente",
        **changes,
    }


def raw(payload: Any) -> bytes:
    return json.dumps(payload).encode()


def created(**changes: Any) -> bytes:
    return raw({"ok": True, "data": shown(**changes)})


def test_an_accepted_document_with_everything_it_says():
    outcome = answer.outcome(created())

    assert outcome == Accepted(
        number=Number(prefix="SETP", consecutive=990000011),
        uuid=CUFE,
        issued_at=datetime(2026, 5, 10, 15, 30, tzinfo=BOGOTA),
        payable=Decimal(145775),
        status_code="00",
        status_message="Procesado correctamente",
        provider_ids={"tracking_id": ID, "zip_key": "abcdef1234"},
        about=Identity(
            number="SETP990000011",
            counterparty="71234567",
            payable=Decimal(145775),
            issued_on=date(2026, 5, 10),
            uuid=CUFE,
            kind=Kind.INVOICE,
            ids={"tracking_id": ID},
        ),
        raw=created(),
    )


@pytest.mark.parametrize(
    "estado, outcome",
    [("aceptado", Accepted), ("rechazado", Rejected), ("pendiente", Pending), ("fallido", Pending)],
)
def test_each_of_its_four_states_has_an_outcome(estado, outcome):
    assert {state.value for state in Estado} == {"aceptado", "rechazado", "pendiente", "fallido"}
    assert type(answer.outcome(created(estado=estado))) is outcome


@pytest.mark.parametrize("estado", ["fallido", "anulado"])
def test_a_state_that_decides_nothing_is_asked_again_and_told(estado):
    outcome = answer.outcome(created(estado=estado, ultimo_error="Sin conexión", estado_dian_mensaje=None))

    assert isinstance(outcome, Pending)
    assert outcome.status_message == f"FacEPro Cloud lo da por «{estado}»: Sin conexión"
    assert outcome.provider_ids["tracking_id"] == ID


@pytest.mark.parametrize("cufe", [None, "", "a1b2c3d4...96 chars hex..."])
def test_nothing_is_accepted_without_its_cufe(cufe):
    assert isinstance(answer.outcome(created(cufe=cufe)), Pending)


@pytest.mark.parametrize(
    "payload",
    [{"ok": True, "data": shown()}, shown(), {"ok": True, "documento": shown()}, {"ok": True, **shown()}],
    ids=["data", "root", "documento", "root with ok"],
)
def test_the_document_is_found_wherever_the_page_puts_it(payload):
    assert isinstance(answer.outcome(raw(payload)), Accepted)


def test_consulting_brings_dians_own_words():
    said = ["Regla: FAK24, Rechazo: No está informado el DV", "Regla: FAJ43b, Notificación: Nombre"]
    dian = {"is_valid": False, "status_code": "99", "status_description": "Con errores", "errors": said}

    outcome = answer.outcome(raw({"ok": True, "documento": shown(estado="rechazado"), "dian": dian}))

    assert isinstance(outcome, Rejected)
    assert [message.rule for message in outcome.rejections] == ["FAK24"]
    assert [message.rule for message in outcome.notices] == ["FAJ43b"]
    assert (outcome.status_code, outcome.status_message) == ("99", "Con errores")


def test_notices_leave_a_document_accepted():
    dian = {"is_valid": True, "errors": ["Regla: FAJ43b, Notificación: Nombre"]}

    outcome = answer.outcome(raw({"ok": True, "documento": shown(), "dian": dian}))

    assert isinstance(outcome, Accepted)
    assert [message.rule for message in outcome.notices] == ["FAJ43b"]


def test_a_rejection_says_why_and_leaves_nothing_to_discard():
    outcome = answer.outcome(
        created(
            estado="rechazado", estado_dian_mensaje="Regla: FAD06, Rechazo: CUFE", ultimo_error="Vea DIAN"
        )
    )

    assert isinstance(outcome, Rejected)
    assert [(message.rule, message.text) for message in outcome.rejections] == [
        ("FAD06", "Regla: FAD06, Rechazo: CUFE"),
        (None, "Vea DIAN"),
    ]
    assert outcome.stored is False


def test_a_rejected_attempt_is_never_taken_for_its_correction():
    ids = answer.outcome(created(estado="rechazado")).provider_ids
    known = refs(record(invoice(), provider_ids=ids))

    assert answer.alive(known) is None
    assert known.refused == {ID}
    assert answer.alive(replace(known, provider_ids={**ids, "tracking_id": "another"})) == "another"


def test_a_422_names_the_domains_fields_and_stored_nothing():
    outcome = answer.invalid(
        raw(
            {
                "ok": False,
                "error": "Datos invalidos",
                "errors": {
                    "adquiriente.numero_documento": ["El número de documento es requerido."],
                    "lineas.0.iva_pct": ["El IVA % debe ser un número entre 0 y 100."],
                    "otro": "No.",
                },
            }
        )
    )

    assert [(message.field, message.text) for message in outcome.rejections] == [
        ("counterparty.identification", "El número de documento es requerido."),
        ("lines.0.taxes.0.percent", "El IVA % debe ser un número entre 0 y 100."),
        (None, "otro: No."),
    ]
    assert outcome.stored is False
    assert outcome.provider_ids == {}


@pytest.mark.parametrize(
    "body, text",
    [
        ({"ok": False, "error": "Datos invalidos"}, "Datos invalidos"),
        ({"ok": False, "errors": []}, "FacEPro Cloud rechazó los datos sin decir por qué."),
    ],
)
def test_a_422_without_fields_still_says_something(body, text):
    assert [message.text for message in answer.invalid(raw(body)).rejections] == [text]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html></html>",
        b"[]",
        b"null",
        created()[:90],
        raw({"ok": False, "error": "x"}),
        raw({"ok": True, "data": []}),
        created(tracking_id=None),
        created(estado=None),
        b"[" * 100_000,
    ],
)
def test_what_is_no_documented_answer_leaves_the_outcome_unknown(body):
    with pytest.raises(OutcomeUnknown) as doubt:
        answer.outcome(body)

    assert doubt.value.raw == body


@pytest.mark.parametrize("status", [200, 201, 401, 403, 404, 422, 429, 500])
def test_seed_002_status_has_a_meaning(status):
    assert status in MEANINGS
    assert len(MEANINGS) == 8
    assert (MEANINGS[status] is Meaning.ANSWER) is (status < 400)


@pytest.mark.parametrize(
    "moment, expected",
    [
        ("2026-05-10T15:30:00-05:00", NOW),
        ("2026-05-10T20:30:00.123Z", NOW),
        ("2026-05-10 15:30:00", NOW),
        ("2026-05-10", None),
        ("ayer a las 3:30", None),
        (None, None),
    ],
)
def test_moments(moment, expected):
    assert answer.facts(b"", shown(fecha_emision=moment)).issued_at == expected


@pytest.mark.parametrize(
    "period, now, expected",
    [
        ("mensual", datetime(2026, 5, 31, 23, 59, 59, tzinfo=BOGOTA), 1),
        ("mensual", datetime(2026, 12, 31, tzinfo=BOGOTA), 86_400),
        ("anual", datetime(2026, 12, 30, tzinfo=BOGOTA), 2 * 86_400),
        ("semanal", NOW, 86_400),
    ],
)
def test_a_quota_opens_again_with_the_next_period_in_bogota(period, now, expected):
    assert until_next(period, now.timestamp()) == expected


@pytest.mark.parametrize(
    "body",
    [
        b"<!DOCTYPE html><html><body><br></body></html>",
        b"<html xmlns='http://www.w3.org/1999/xhtml'/>",
        b"<Invoice xmlns='urn:x'><cbc:ID",
        b'{"ok": true}',
        b"",
    ],
)
def test_what_is_no_whole_ubl_is_no_xml(body):
    with pytest.raises(OutcomeUnknown):
        answer.signed_xml(body)


def test_the_xml_is_kept_byte_for_byte():
    xml = b"\n<?xml version='1.0'?><fe:CreditNote xmlns:fe='urn:x'/>"

    assert answer.signed_xml(xml) is xml


def refusal(status: int, headers: dict[str, str] | None = None, **body: Any) -> Any:
    response = httpx.Response(status, headers=headers, json=body)
    return Session(facepro().connection).trouble(response)


def test_a_quota_is_not_a_pause_whatever_its_header_says():
    spent = refusal(429, {"Retry-After": "60"}, codigo="quota_excedida", periodo="mensual", limite=100)

    assert isinstance(spent, NotSent)
    assert spent.retry_after == until_next("mensual", NOW.timestamp()) > 60


@pytest.mark.parametrize(
    "headers, wait", [({"Retry-After": "7"}, 7), ({}, 60), ({"Retry-After": "mañana"}, 60)]
)
def test_a_429_without_the_quotas_code_is_a_pause(headers, wait):
    encoded = {name: text.encode() for name, text in headers.items()}

    assert refusal(429, encoded, message="Too Many Attempts.").retry_after == wait


@pytest.mark.parametrize("encoding", ["utf-7", "no-such-encoding"])
def test_an_xml_in_an_encoding_that_nobody_reads_is_no_answer(encoding: str) -> None:
    with pytest.raises(OutcomeUnknown):
        answer.signed_xml(f'<?xml version="1.0" encoding="{encoding}"?><Invoice/>'.encode())


@pytest.mark.parametrize(
    "number",
    [
        {"prefijo": "SETP\r\nX: 1"},
        {"prefijo": "S" * 40},
        {"consecutivo": "9" * 40},
        {"consecutivo": "9" * 5_000},
        {"consecutivo": -1},
        {"consecutivo": "uno"},
        {"consecutivo": 1.5},
    ],
)
def test_an_answer_whose_number_is_none_is_no_answer(number: dict[str, Any]) -> None:
    with pytest.raises(OutcomeUnknown):
        answer.outcome(created(**number))


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+05:00", "9999-12-31T23:59:59-23:00"])
def test_a_moment_that_no_clock_of_ours_shows_is_none(moment: str) -> None:
    found = answer.outcome(created(fecha_emision=moment))

    assert found.issued_at is None
