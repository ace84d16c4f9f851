"""Records read back in the contract's words: seed 002's answers, field by field."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from cauce.contracts.v1 import contract, render
from cauce.domain.access_token import AccessToken
from cauce.domain.document import Kind
from cauce.domain.issuer import Issuer
from cauce.domain.outcome import Message, Origin
from cauce.domain.record import Contingency, State, Step
from cauce.domain.time import BOGOTA
from cauce.domain.totals import amounts_of, totals

from .examples import BASE_URL, CUFE, EXAMPLES, a_record, an_invoice

INVOICE = contract.document(Kind.INVOICE, an_invoice(referencia="REF-1"))
OWN = f"{BASE_URL}/documentos/550e8400-e29b-41d4-a716-446655440000"


def test_the_answer_to_a_post_has_seed_002s_fields_and_values():
    answer = json.loads(render.dump(render.created(a_record(INVOICE), BASE_URL)))

    data = answer["data"]
    assert answer["ok"] is True
    published = {
        "tracking_id": "550e8400-e29b-41d4-a716-446655440000",
        "numero_completo": "SETP990000011",
        "tipo_documento": "factura",
        "prefijo": "SETP",
        "consecutivo": 990000011,
        "fecha_emision": "2026-05-10T15:30:00-05:00",
        "adquirente": {"documento": "52123987", "razon_social": "Lucía Ramírez"},
        "totales": {
            "subtotal": 122500,
            "iva": 23275,
            "total": 145775,
            "impuestos": 23275,
            "descuentos": 0,
            "cargos": 0,
        },
        "cufe": CUFE,
        "zip_key": None,
        "estado": "aceptado",
        "estado_dian_codigo": "00",
        "estado_dian_mensaje": "Procesado correctamente",
        "links": {
            "self": OWN,
            "consultar": f"{OWN}/consultar",
            "xml": f"{OWN}/xml",
            "pdf": f"{OWN}/pdf",
            "evidencia": f"{OWN}/evidencia",
            "paquete": f"{OWN}/paquete",
        },
    }
    assert list(data)[: len(published)] == list(published)
    assert {key: data[key] for key in published} == published
    added = {key: value for key, value in data.items() if key not in published}
    assert added == {
        "estado_detalle": "Validado por la DIAN.",
        "notificaciones": [],
        "rechazos": [],
        "ultimo_error": None,
        "referencia": "REF-1",
        "proveedor": "factus",
        "tipo_codigo": "CUFE",
        "moneda": "COP",
    }


def test_what_is_not_known_yet_is_null():
    record = a_record(
        INVOICE, state=State.RECEIVED, number=None, uuid=None, status_code=None, status_message=None
    )

    data = render.of_record(record, BASE_URL)
    unknown = {"numero_completo", "prefijo", "consecutivo", "cufe", "zip_key", "estado_dian_codigo"}
    assert all(data[key] is None for key in unknown)
    assert data["estado"] == "pendiente"


def test_time_is_bogotas():
    record = a_record(INVOICE, issued_at=datetime(2026, 5, 11, 2, 0, 0, 123, tzinfo=UTC))

    assert render.of_record(record, BASE_URL)["fecha_emision"] == "2026-05-10T21:00:00-05:00"


@pytest.mark.parametrize(
    ("kind", "tipo", "codigo"),
    [
        (Kind.INVOICE, "factura", "CUFE"),
        (Kind.CREDIT_NOTE, "nota_credito", "CUDE"),
        (Kind.DEBIT_NOTE, "nota_debito", "CUDE"),
        (Kind.SUPPORT_DOCUMENT, "documento_soporte", "CUDS"),
        (Kind.ADJUSTMENT_NOTE, "nota_ajuste", "CUDS"),
    ],
)
def test_each_kind_has_its_name_and_its_code(kind, tipo, codigo):
    data = render.of_record(a_record(contract.document(kind, EXAMPLES[kind]())), BASE_URL)

    assert (data["tipo_documento"], data["tipo_codigo"]) == (tipo, codigo)


@pytest.mark.parametrize(
    ("facts", "estado", "words"),
    [
        ({"state": State.RECEIVED}, "pendiente", "todavía no se ha enviado"),
        ({"state": State.RECEIVED, "blocked": True}, "pendiente", "otro documento"),
        ({"state": State.SENDING}, "pendiente", "Se está enviando"),
        ({"state": State.PENDING}, "pendiente", "la DIAN aún no"),
        ({"state": State.UNKNOWN}, "pendiente", "no se enviará otra vez"),
        ({"state": State.UNKNOWN, "needs_person": True}, "pendiente", "que una persona lo revise"),
        ({"state": State.ACCEPTED, "notices": (Message(text="n"),)}, "aceptado", "no le quitan validez"),
        ({"state": State.REJECTED}, "rechazado", "con la misma referencia"),
        ({"state": State.FAILED}, "fallido", "«ultimo_error»"),
    ],
)
def test_the_state_is_said_in_one_word_and_explained_in_a_sentence(facts, estado, words):
    data = render.of_record(a_record(INVOICE, **facts), BASE_URL)

    assert data["estado"] == estado
    assert words in data["estado_detalle"]


@pytest.mark.parametrize(
    ("facts", "said", "never"),
    [
        ({"state": State.RECEIVED, "last_error": "Factus respondió 503."}, "reintenta", "no se ha enviado"),
        (
            {
                "state": State.UNKNOWN,
                "already_processed": True,
                "last_error": "La DIAN ya lo procesó (regla 90).",
            },
            "ya procesó un documento con este número",
            "No se sabe si el proveedor lo recibió",
        ),
        (
            {"state": State.FAILED, "last_error": "una persona: venta anulada"},
            "ultimo_error",
            "No se entregó",
        ),
    ],
)
def test_what_a_state_means_is_never_against_its_last_error(facts, said, never):
    sentence = render.state_detail(a_record(INVOICE, **facts))

    assert said in sentence
    assert never not in sentence


def test_the_totals_of_an_answer_add_up_whatever_taxes_discounts_and_charges_it_has():
    line = {"codigo": "A", "descripcion": "a", "cantidad": 2, "precio": 1000}
    document = contract.document(
        Kind.INVOICE,
        an_invoice(
            lineas=[
                {**line, "iva_pct": 19},
                {**line, "iva_pct": 0, "impuestos": [{"codigo": "04", "porcentaje": 8}]},
            ],
            cargos=[{"descripcion": "Propina", "valor": 70}],
            descuentos=[{"descripcion": "Convenio", "valor": 30}],
        ),
    )

    kept_before, kept_now = a_record(document), a_record(document, **amounts_of(totals(document))._asdict())

    for record in (kept_before, kept_now):
        told = render.of_record(record, BASE_URL)["totales"]
        assert told == render.validation(document, totals(document))["data"]["totales"]
        assert (told["iva"], told["impuestos"], told["descuentos"], told["cargos"]) == (380, 540, 30, 70)
        assert told["subtotal"] + told["impuestos"] - told["descuentos"] + told["cargos"] == told["total"]


def test_every_state_and_kind_has_its_words():
    assert all(render.state_detail(a_record(INVOICE, state=state)) for state in State)
    assert set(render.TIPO_DOCUMENTO) == set(render.TIPO_CODIGO) == set(Kind)


def test_a_consultation_says_what_dian_said():
    rejected = a_record(
        INVOICE,
        state=State.REJECTED,
        status_code="99",
        status_message="Validación contiene errores",
        rejections=(Message(text="El NIT no está autorizado", rule="FAJ21", field="adquiriente.dv"),),
        notices=(Message(text="Regla: FAK24, Notificación: falta", rule="FAK24"),),
    )

    answer = render.consultation(rejected, BASE_URL)
    assert list(answer) == ["ok", "documento", "dian"]
    assert answer["dian"] == {
        "is_valid": False,
        "status_code": "99",
        "status_description": "Validación contiene errores",
        "errors": ["Regla: FAJ21, El NIT no está autorizado", "Regla: FAK24, Notificación: falta"],
    }
    assert answer["documento"]["rechazos"] == [
        {
            "regla": "FAJ21",
            "mensaje": "El NIT no está autorizado",
            "campo": "adquiriente.dv",
            "origen": "dian",
        }
    ]


def test_a_notice_says_who_says_it_and_only_what_others_said_is_an_error_of_dians():
    foreseen = Message(text="El código postal no existe (FAK73)", rule="FAK73", origin=Origin.CAUCE)
    drifted = Message(text="El proveedor calculó otro total", origin=Origin.CAUCE)
    relayed, dians = Message(text="Documento de prueba"), Message(text="falta", rule="FAK24")

    record = a_record(INVOICE, findings=(foreseen,), notices=(dians, relayed, drifted))
    answer = render.consultation(record, BASE_URL)

    said = [notice["origen"] for notice in answer["documento"]["notificaciones"]]
    assert said == ["cauce", "dian", "proveedor", "cauce"]
    assert answer["dian"]["errors"] == ["Regla: FAK24, falta", "Documento de prueba"]


def test_our_own_findings_are_not_told_as_what_came_with_the_validation():
    ours = Message(text="El código postal no existe (FAK73)", rule="FAK73", origin=Origin.CAUCE)

    record = a_record(INVOICE, state=State.ACCEPTED, findings=(ours,), notices=(ours,))
    assert render.state_detail(record) == "Validado por la DIAN."


def test_the_detail_has_the_documents_fields_at_its_root_and_what_happened_to_it():
    at = datetime(2026, 5, 10, 15, 30, tzinfo=BOGOTA)
    record = a_record(INVOICE, steps=(Step(at=at, what="no answer", detail="a los 60 s", by="token 7"),))

    answer = render.detail(record, BASE_URL)

    told = {
        "fecha": "2026-05-10T15:30:00-05:00",
        "hecho": "sin respuesta",
        "detalle": "a los 60 s",
        "por": "token 7",
    }
    assert answer == {"ok": True, **render.of_record(record, BASE_URL), "historia": [told]}


SOLD = {"pdf", "paquete"}
ISSUED = Contingency(
    since=datetime(2026, 5, 10, tzinfo=UTC), ordinary_issued_at=datetime(2026, 5, 10, tzinfo=UTC)
)


@pytest.mark.parametrize(
    ("kind", "facts", "more"),
    [
        (Kind.INVOICE, {"state": State.ACCEPTED}, SOLD),
        (Kind.INVOICE, {"state": State.ACCEPTED, "sent_as": 1}, {*SOLD, "contenedor"}),
        (Kind.ADJUSTMENT_NOTE, {"state": State.ACCEPTED, "sent_as": 1}, {"pdf", "contenedor"}),
        *(
            (Kind.INVOICE, {"state": state, "sent_as": 1}, set())
            for state in State
            if state is not State.ACCEPTED
        ),
        (Kind.INVOICE, {"state": State.UNKNOWN, "contingency": ISSUED}, set()),
        (
            Kind.INVOICE,
            {"state": State.UNKNOWN, "contingency": ISSUED, "signed_xml": "1/request-001", "sent_as": 1},
            {*SOLD, "contenedor"},
        ),
        (
            Kind.INVOICE,
            {"state": State.REJECTED, "contingency": ISSUED, "signed_xml": "1/request-001"},
            set(),
        ),
    ],
)
def test_a_document_has_links_to_the_files_that_there_are_by_now(kind, facts, more):
    document = INVOICE.model_copy(update={"kind": kind})

    found = set(render.of_record(a_record(document, **facts), BASE_URL)["links"])

    assert found == {"self", "consultar", "xml", "evidencia", *more}


def test_me_and_health_have_seed_002s_shapes():
    issuer = Issuer(nit="800197268", check_digit="4", uuid="6a2f", number=2, name="MI EMPRESA SAS")
    token = AccessToken(
        id=3,
        issuer="800197268",
        name="Luis",
        email="luis@example.com",
        secret_hash="",
        created_at=datetime(2026, 5, 10, tzinfo=UTC),
    )

    assert render.me(issuer, token, 7, datetime(2026, 5, 10, tzinfo=UTC)) == {
        "user": {"id": 3, "name": "Luis", "email": "luis@example.com"},
        "tenant": {
            "id": 2,
            "uuid": "6a2f",
            "nit": "800197268",
            "dv": "4",
            "razon_social": "MI EMPRESA SAS",
            "estado": "activo",
        },
        "ambiente": "habilitacion",
        "token": {
            "alcances": ["emitir", "consultar", "numerar", "decidir", "leer"],
            "ambiente": None,
            "vence": None,
        },
        "cuota": {
            "consumidos": 7,
            "limite": None,
            "periodo": "mensual",
            "termina": "2026-06-01T00:00:00-05:00",
        },
    }
    assert render.health(datetime(2026, 5, 10, 20, 30, tzinfo=UTC)) == {
        "status": "ok",
        "service": "Cauce",
        "version": "v1",
        "time": "2026-05-10T15:30:00-05:00",
    }


def test_a_validation_says_what_the_document_would_come_to():
    answer = render.validation(INVOICE, totals(INVOICE), uuid=CUFE)

    data = json.loads(render.dump(answer))["data"]
    assert data["valido"] is True
    assert data["cufe"] == CUFE
    assert data["totales"] == {
        "subtotal": 122500,
        "iva": 23275,
        "total": 145775,
        "impuestos": 23275,
        "descuentos": 0,
        "cargos": 0,
    }
    assert data["impuestos"] == [{"codigo": "01", "porcentaje": 19, "base": 122500, "valor": 23275}]


def test_decimals_are_written_as_numbers_without_noise():
    value = {
        "a": [Decimal("0.10"), Decimal("12345678901234567.89"), Decimal("1E+2")],
        "b": 'ñ"\n',
        "c": None,
        "d": (),
    }

    text = render.dump(value)
    assert text == '{"a":[0.1,12345678901234567.89,100],"b":"ñ\\"\\n","c":null,"d":[]}'
    assert json.loads(text, parse_float=Decimal)["a"][1] == Decimal("12345678901234567.89")


def test_what_was_kept_under_the_domains_path_and_under_the_contracts_name_is_told_alike():
    """Records of before have the contract's names in them."""
    ours = ("counterparty.check_digit", "lines.0.taxes.0.percent", "payment.due_date", None)
    before = ("adquiriente.dv", "lineas.0.iva_pct", "pago.vencimiento", None)

    told = [
        json.loads(
            render.dump(
                render.of_record(
                    a_record(
                        INVOICE,
                        state=State.REJECTED,
                        rejections=tuple(Message(text="x", field=each) for each in kept),
                        notices=tuple(Message(text="y", field=each) for each in kept),
                        findings=tuple(Message(text="z", field=each) for each in kept),
                    ),
                    BASE_URL,
                )
            )
        )
        for kept in (ours, before)
    ]

    assert told[0] == told[1]
    assert [each["campo"] for each in told[0]["rechazos"]] == list(before)
    assert [each["campo"] for each in told[0]["notificaciones"]] == list(before) * 2
