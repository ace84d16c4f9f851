"""Lots and straight messages: every good document is emitted once, and a bad one stops no other."""

import base64
import hashlib
import json
import uuid
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cauce import wiring
from cauce.aws.lot_files import key as file_key
from cauce.contracts.v1 import lots
from cauce.domain.access_token import read_bearer
from cauce.domain.errors import CredentialsRejected
from cauce.domain.issuer import Quota
from cauce.domain.lot import LotLine, LotState
from cauce.intake import control
from cauce.intake import lines as intake_lines
from cauce.reception import access
from tests import stack
from tests.documents import invoice, item, note, support_document
from tests.flow import queues
from tests.flow.conftest import ERP, as_record, context, enrol
from tests.flow.handlers import named


def items(count: int, prefix: str = "V") -> list[dict[str, Any]]:
    return [item(f"{prefix}-{n}") for n in range(1, count + 1)]


def ndjson(documents: list[Any]) -> str:
    return "\n".join(json.dumps(each) if not isinstance(each, str) else each for each in documents)


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits, and a few documents are several chunks."""
    monkeypatch.setattr(control, "CHUNK", 4)


def lines(call: Any, lot_id: str, query: str = "?per_page=100") -> list[dict[str, Any]]:
    answer = call("GET", f"/lotes/{lot_id}{query}")
    assert answer.status == 200, answer.text
    return answer.json["documentos"]


def status(call: Any, lot_id: str) -> dict[str, Any]:
    return call("GET", f"/lotes/{lot_id}").json["data"]


# ── In the request ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("form", ["list", "ndjson"])
def test_every_document_of_a_lot_is_emitted_once(call, deliver, drain, factus, form):
    documents = [*items(5), {"tipo": "documento_soporte", **support_document(referencia="C-1")}]
    if form == "list":
        posted = call("POST", "/lotes", documents)
    else:
        posted = call("POST", "/lotes", ndjson(documents), Content_Type="application/x-ndjson")

    assert posted.status == 202, posted.text
    data = posted.json["data"]
    assert (data["recibidos"], data["aceptados"], data["invalidos"]) == (6, 6, 0)
    assert not factus.documents_received
    deliver()
    drain()
    assert factus.documents_received == 6
    assert [row["posicion"] for row in lines(call, data["lote_id"])] == [1, 2, 3, 4, 5, 6]
    after = status(call, data["lote_id"])
    assert after["estado"] == "terminado"
    assert after["conteo"]["aceptado"] == after["terminados"] == after["documentos"] == 6
    assert (after["avance_pct"], after["segundos_restantes"]) == (100.0, 0)


def test_a_bad_document_is_named_by_its_place_and_fields_and_the_good_ones_go_on(
    call, deliver, drain, factus
):
    wrong = item("V-2")
    wrong["lineas"][0]["precio"] = "mucho"
    posted = call("POST", "/lotes", [item("V-1"), wrong, item("V-3")])

    (error,) = posted.json["data"]["errores"]
    assert (posted.status, posted.json["data"]["aceptados"]) == (202, 2)
    assert (error["posicion"], error["referencia"], error["codigo"]) == (2, "V-2", "datos_invalidos")
    assert list(error["errors"]) == ["lineas.0.precio"]
    deliver()
    drain()
    assert {bill.reference for bill in factus.documents["bills"]} == {"V-1", "V-3"}
    (kept,) = lines(call, posted.json["data"]["lote_id"], "?estado=invalido")
    assert kept == error


@pytest.mark.parametrize("good", [0, 1, 4])
def test_a_lot_that_ends_in_bad_documents_has_read_them_all(call, deliver, drain, good):
    posted = call("POST", "/lotes", [*items(good), 5, 6])
    deliver()
    drain()

    after = status(call, posted.json["data"]["lote_id"])
    assert (after["estado"], after["avance_pct"]) == ("terminado", 100.0)
    assert after["documentos"] == after["leidos"] == after["terminados"] == good + 2


WRONG = [
    (item("") | {"referencia": None}, "referencia"),
    ({**item("V-9"), "tipo": "evento"}, "tipo"),
    ({**item("V-9"), "tipo": 7}, "tipo"),
    (invoice(referencia="V-9"), "tipo"),
    ({**item("V-9"), "sobra": 1}, "sobra"),
    ({**item("V-9"), "lines": []}, "lines"),  # also a path of the domain
    (item("V-9", lineas=[]), "lineas"),
    ({"tipo": "nota_debito", **note("SETP1", "a" * 96, codigo="1"), "referencia": "V-9"}, None),
    (item("V-1"), "referencia"),  # twice in the lot
    (item("V-9", observaciones="x" * 300_000), None),
    (5, None),
    ("texto", None),
    ([], None),
    (None, None),
]


@pytest.mark.parametrize(("wrong", "field"), WRONG, ids=[str(n) for n in range(len(WRONG))])
def test_what_is_wrong_with_one_document_is_only_its_own(call, deliver, drain, factus, wrong, field):
    posted = call("POST", "/lotes", [item("V-1"), wrong, item("V-2")])

    (error,) = posted.json["data"]["errores"]
    assert posted.status == 202
    assert error["posicion"] == 2
    assert error["error"]
    if field:
        assert list(error["errors"]) == [field]
    deliver()
    drain()
    assert factus.documents_received == 2


def test_in_ndjson_a_line_that_is_no_json_is_only_its_own(call, deliver, drain, factus):
    body = "\n".join(
        [json.dumps(item("V-1")), '{"tipo": "factura"', '{"a": 1, "a": 2}', "", json.dumps(item("V-2"))]
    )
    posted = call("POST", "/lotes", body, Content_Type="application/x-ndjson; charset=utf-8")

    errors = posted.json["data"]["errores"]
    assert [(error["posicion"], error["codigo"]) for error in errors] == [
        (2, "json_invalido"),
        (3, "json_invalido"),
    ]
    deliver()
    drain()
    assert factus.documents_received == 2


def test_a_lot_may_say_once_what_all_its_documents_are(call, deliver, drain, factus):
    documents = [
        invoice(referencia="V-1"),
        {"tipo": "documento_soporte", **support_document(referencia="C-1")},
    ]
    posted = call("POST", "/lotes?tipo=factura", documents)

    assert posted.json["data"]["aceptados"] == 2
    deliver()
    drain()
    assert len(factus.documents["bills"]) == len(factus.documents["support-documents"]) == 1


def test_numbers_arrive_as_they_were_written(call, deliver, gateway, issuer):
    text = json.dumps(item("V-1")).replace('"precio": 50000', '"precio": 50000.010000')
    call("POST", "/lotes", f"[\n{text[:-1]}\n}}\n]")
    deliver()

    record = gateway.records.by_reference(issuer.nit, "V-1")
    assert str(record.document.lines[0].price) == "50000.01"


@pytest.mark.parametrize(
    ("body", "content_type", "expected"),
    [
        ("[]", "application/json", 400),
        ("", "application/x-ndjson", 400),
        ("\n\n", "application/x-ndjson", 400),
        ('[{"tipo": "factura"}', "application/json", 400),
        ('[{"tipo": "factura"},]', "application/json", 400),
        ('[{"tipo": "factura"}] x', "application/json", 400),
        ("[1 2]", "application/json", 400),
        ("[" * 40 + "]" * 40, "application/json", 400),
        ("null", "application/json", 400),
        ("{}", "application/json", 422),
        ("[]", "text/csv", 415),
        (json.dumps([1] * 501), "application/json", 413),
        ("[" + "1," * 2_200_000 + "1]", "application/json", 413),
    ],
    ids=lambda value: str(value)[:24],
)
def test_what_holds_no_document_at_all_is_refused_whole(call, everything, body, content_type, expected):
    before = everything()
    answer = call("POST", "/lotes", body, Content_Type=content_type)

    assert answer.status == expected, answer.text[:300]
    assert answer.json["ok"] is False
    assert everything() == before


def test_the_same_key_is_the_same_lot_and_with_other_content_a_conflict(call, deliver, drain, factus):
    first = call("POST", "/lotes", items(2), Idempotency_Key="LOTE-1")
    again = call("POST", "/lotes", items(2), Idempotency_Key="LOTE-1")
    other = call("POST", "/lotes", items(3), Idempotency_Key="LOTE-1")
    deliver()
    drain()

    assert again.json["data"]["lote_id"] == first.json["data"]["lote_id"]
    assert again.headers["Idempotency-Replayed"] == "true"
    assert (other.status, other.json["codigo"]) == (409, "referencia_en_uso")
    assert other.json["lote"] == {"lote_id": first.json["data"]["lote_id"], "estado": "en_proceso"}
    assert other.json["diferencias"] == ["documentos"]
    assert factus.documents_received == 2


def test_a_lot_s_key_with_another_kind_for_its_documents_is_a_conflict_that_says_so(call):
    call("POST", "/lotes", items(2), Idempotency_Key="LOTE-1")

    other = call("POST", "/lotes?tipo=nota_credito", items(2), Idempotency_Key="LOTE-1")

    assert (other.status, other.json["diferencias"]) == (409, ["tipo"])


def test_a_document_of_another_lot_is_not_emitted_again(call, deliver, drain, factus):
    for _ in range(2):
        lot_id = call("POST", "/lotes", items(3)).json["data"]["lote_id"]
        deliver()
        drain()

    rows = lines(call, lot_id)
    assert factus.documents_received == 3
    assert status(call, lot_id)["conteo"]["repetido"] == 3
    assert [(row["estado"], row["repetido"], row["posicion"]) for row in rows] == [
        ("aceptado", True, 1),
        ("aceptado", True, 2),
        ("aceptado", True, 3),
    ]


def test_a_rejected_document_is_corrected_by_a_later_lot_and_belongs_to_it(call, deliver, drain, factus):
    factus.reject_next("FAK24", "No está informado el DV del NIT")
    first = call("POST", "/lotes", [item("V-1")]).json["data"]["lote_id"]
    deliver()
    drain()
    (rejected,) = lines(call, first, "?estado=rechazado")

    second = call("POST", "/lotes", [item("V-1", observaciones="corregida")]).json["data"]["lote_id"]
    deliver()
    drain()
    (corrected,) = lines(call, second)
    assert corrected["tracking_id"] == rejected["tracking_id"]
    assert (corrected["estado"], corrected["repetido"]) == ("aceptado", False)
    (left,) = lines(call, first)
    assert (left["posicion"], left["estado"], left["repetido"]) == (1, "aceptado", True)
    assert left["tracking_id"] == corrected["tracking_id"]
    assert status(call, first)["conteo"]["repetido"] == status(call, first)["documentos"] == 1


def test_a_lot_that_is_said_to_be_finished_shows_every_line(
    call, deliver, drain, gateway, issuer, monkeypatch
):
    """Its last lines are taken between the two reads of an answer, or are not in the index of lines yet."""
    lot_id = call("POST", "/lotes", items(3)).json["data"]["lote_id"]
    read = gateway.lots.counts
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(type(gateway.lots), "counts", lambda _, nit, lot: [read(nit, lot), deliver()][0])
        early = status(call, lot_id)
    assert (early["estado"], early["leidos"], early["terminados"]) == ("en_proceso", 0, 0)
    assert gateway.lots.lot(issuer.nit, lot_id).state is LotState.READ

    drain()
    with monkeypatch.context() as late_index:
        late_index.setattr(type(gateway.lots), "counts", lambda *_: Counter(aceptado=2))
        late = status(call, lot_id)
    assert (late["estado"], late["conteo"]["aceptado"], late["conteo"]["pendiente"]) == ("en_proceso", 2, 1)
    assert status(call, lot_id)["estado"] == "terminado"


def test_blank_lines_of_a_file_are_no_documents_that_are_waited_for(call, deliver, drain, gateway, issuer):
    body = ("\n\n" + ndjson(items(2)) + "\n  \n").encode()
    lot_id = announce(call, body).json["data"]["lote_id"]
    put(gateway, issuer.nit, lot_id, body)
    deliver()
    drain()

    assert status(call, lot_id)["estado"] == "terminado"
    assert [row["posicion"] for row in lines(call, lot_id)] == [3, 4]
    found = status(call, lot_id)
    assert (found["documentos"], found["leidos"], found["avance_pct"]) == (2, 2, 100.0)


def test_a_line_that_was_refused_stays_refused_when_it_is_read_again(
    call, deliver, drain, factus, gateway, issuer
):
    """The worker died between refusing it and saying so; meanwhile the issuer has a larger quota."""
    gateway.issuers.save(issuer.model_copy(update={"quota": Quota(limit=1)}))
    lot_id = call("POST", "/lotes", items(2)).json["data"]["lote_id"]
    lot = gateway.lots.lot(issuer.nit, lot_id)
    deliver()
    gateway.issuers.save(issuer)
    text = [text for text, _ in gateway.lot_files.lines(lot, 0)][1]

    intake_lines.take_in(gateway, issuer, LotLine(lot=lot_id, place="000002"), lots.asked(text, None), None)
    drain()

    first, second = lines(call, lot_id)
    assert (first["estado"], second["estado"], second["codigo"]) == ("aceptado", "invalido", "quota_excedida")
    assert factus.documents_received == 1


@pytest.mark.parametrize("rejected_again", [False, True])
@pytest.mark.parametrize("corrected_by", ["a request", "another lot"])
def test_a_line_that_is_read_again_undoes_no_correction(
    call, deliver, drain, factus, gateway, issuer, corrected_by, rejected_again
):
    """Its message comes once more, or the worker that took it died before it said so."""
    factus.reject_next("FAK24", "No está informado el DV del NIT")
    lot_id = call("POST", "/lotes", [item("V-1")]).json["data"]["lote_id"]
    lot = gateway.lots.lot(issuer.nit, lot_id)
    deliver()
    drain()
    if rejected_again:
        factus.reject_next("FAK24", "Sigue sin estar informado")
    corrected = item("V-1", observaciones="corregida")
    if corrected_by == "another lot":
        call("POST", "/lotes", [corrected])
        deliver()
    else:
        call("POST", "/documentos", {name: value for name, value in corrected.items() if name != "tipo"})
    drain()
    before = gateway.records.by_reference(issuer.nit, "V-1")
    (text,) = (text for text, _ in gateway.lot_files.lines(lot, 0))

    intake_lines.take_in(gateway, issuer, LotLine(lot=lot_id, place="000001"), lots.asked(text, None), None)
    drain()

    after = gateway.records.by_reference(issuer.nit, "V-1")
    assert after.document.notes == before.document.notes == ("corregida",)
    assert (after.state, after.number) == (before.state, before.number)
    assert status(call, lot_id)["conteo"]["invalido"] == 0


# ── The lane ──────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(autouse=True)
def _a_wide_lane(monkeypatch: pytest.MonkeyPatch) -> None:
    """In which a test's whole lot fits: what waits for room is brought after seconds of real time."""
    monkeypatch.setattr(control, "IN_LANE_SECONDS", 120)


@pytest.fixture
def short_lane(monkeypatch: pytest.MonkeyPatch) -> int:
    """A lot puts ten seconds' work in its lane: of Factus's 76 calls a minute, two a document, six documents."""
    monkeypatch.setattr(control, "IN_LANE_SECONDS", 10)
    return 6


def test_a_lot_holds_in_its_lane_what_a_while_emits_and_the_schedule_brings_the_rest(
    short_lane, call, deliver, drain, settle, factus, gateway
):
    lot_id = call("POST", "/lotes", items(20)).json["data"]["lote_id"]
    for _ in range(2):
        deliver()
        assert waiting() == status(call, lot_id)["leidos"] == short_lane
        settle()

    for _ in range(4):
        deliver()
        drain()
        settle()
    assert factus.documents_received == 20
    assert status(call, lot_id)["conteo"]["aceptado"] == 20


def test_a_lot_whose_lane_does_not_move_sends_itself_no_messages(
    short_lane, call, deliver, settle, gateway, monkeypatch
):
    delayed: list[int] = []
    go_on = type(gateway.control).go_on

    def counted(self: Any, lot: Any, *, in_seconds: int = 0) -> None:
        if in_seconds:
            delayed.append(lot.position)
        else:
            go_on(self, lot)

    monkeypatch.setattr(type(gateway.control), "go_on", counted)
    call("POST", "/lotes", items(20))
    deliver()
    for _ in range(3):
        settle()
        deliver()

    assert delayed == [short_lane]


def test_the_lots_of_an_issuer_share_its_lane(short_lane, call, deliver, gateway):
    for prefix in ("A", "B", "C"):
        call("POST", "/lotes", items(6, prefix))
    deliver()

    assert waiting() == short_lane


def waiting() -> int:
    asked = {"QueueUrl": queues.url(queues.EMISSION), "AttributeNames": ["ApproximateNumberOfMessages"]}
    return int(stack.client("sqs").get_queue_attributes(**asked)["Attributes"]["ApproximateNumberOfMessages"])


def test_the_rest_of_a_lot_is_told_in_seconds_from_the_pace_of_its_lane(short_lane, call, deliver, drain):
    lot_id = call("POST", "/lotes?tipo=factura", items(12)).json["data"]["lote_id"]
    deliver()

    before = status(call, lot_id)
    assert before["segundos_restantes"] == pytest.approx(12 * 2 / (76 / 60), abs=1)
    assert (before["avance_pct"], before["terminados"]) == (0.0, 0)
    drain()
    after = status(call, lot_id)
    assert after["segundos_restantes"] == pytest.approx(6 * 2 / (76 / 60), abs=1)
    assert after["avance_pct"] == 50.0


def test_a_lot_s_pages_show_every_line_once_and_by_estado(call, deliver, drain):
    documents: list[Any] = [*items(10), 5, 6]
    lot_id = call("POST", "/lotes", documents).json["data"]["lote_id"]
    deliver()
    drain()

    seen: list[int] = []
    path = f"/lotes/{lot_id}?per_page=5"
    while path:
        page = call("GET", path).json
        seen += [row["posicion"] for row in page["documentos"]]
        path = (page["links"]["next"] or "").partition("/v1")[2]
    assert sorted(seen) == list(range(1, 13))
    assert [row["posicion"] for row in lines(call, lot_id, "?estado=invalido")] == [11, 12]
    assert lines(call, lot_id, "?estado=rechazado") == []


@pytest.mark.parametrize(
    "query", ["?estado=listo", "?per_page=101", "?cursor=x", "?page=2", "?cursor=YWNlcHRhZG8"]
)
def test_a_wrong_parameter_of_a_lot_is_named(call, query):
    lot_id = call("POST", "/lotes", items(1)).json["data"]["lote_id"]
    answer = call("GET", f"/lotes/{lot_id}{query}")

    assert answer.status == 422
    assert list(answer.json["errors"]) == [query[1:].partition("=")[0]]


# ── Uploaded ──────────────────────────────────────────────────────────────────────────────────────


def announce(call: Any, body: bytes, query: str = "") -> Any:
    announced = {"subir": True, "bytes": len(body), "sha256": hashlib.sha256(body).hexdigest()}
    return call("POST", f"/lotes{query}", announced)


def put(
    gateway: Any,
    nit: str,
    lot_id: str,
    body: bytes,
    *,
    told: bool = True,
    with_checksum: bool = False,
) -> None:
    """An upload, and S3's word of it."""
    found = file_key(gateway.lots.lot(nit, lot_id))
    checksum = base64.b64encode(hashlib.sha256(body).digest()).decode()
    kept = {"ChecksumSHA256": checksum} if with_checksum else {}
    stack.client("s3").put_object(Bucket="cauce", Key=found, Body=body, **kept)
    if told:
        queues.to_control(queues.uploaded(found))


def test_an_announced_file_is_uploaded_where_the_answer_says_and_read_when_it_comes(
    call, deliver, drain, settle, factus, gateway, issuer
):
    body = ndjson([*items(9), "no es JSON"]).encode()
    posted = announce(call, body)

    assert posted.status == 202, posted.text
    lot, upload = posted.json["data"], posted.json["data"]["subida"]
    assert lot["estado"] == "esperando_archivo"
    assert upload["metodo"] == "PUT"
    checksum = base64.b64encode(hashlib.sha256(body).digest()).decode()
    assert upload["encabezados"] == {
        "Content-Type": "application/x-ndjson",
        "Content-Length": str(len(body)),
        "x-amz-checksum-sha256": checksum,
    }
    for signed in ("content-length", "content-type", "x-amz-checksum-sha256"):
        assert signed in upload["url"].partition("X-Amz-SignedHeaders=")[2].partition("&")[0]
    deliver()
    assert status(call, lot["lote_id"])["estado"] == "esperando_archivo"

    put(gateway, issuer.nit, lot["lote_id"], body)
    for _ in range(2):
        deliver()
        drain()
        settle()
    after = status(call, lot["lote_id"])
    assert (after["estado"], after["documentos"]) == ("terminado", 10)
    assert (after["conteo"]["aceptado"], after["conteo"]["invalido"]) == (9, 1)
    assert factus.documents_received == 9


def test_a_file_whose_notification_was_lost_is_found_by_the_schedule(
    call, deliver, drain, settle, clock, factus, gateway, issuer
):
    body = ndjson(items(2)).encode()
    lot_id = announce(call, body).json["data"]["lote_id"]
    put(gateway, issuer.nit, lot_id, body, told=False)
    clock.advance(minutes=31)

    settle()
    deliver()
    drain()
    assert factus.documents_received == 2


def test_a_file_that_never_comes_is_given_up_and_one_that_comes_late_is_read(
    call, deliver, drain, settle, clock, factus, gateway, issuer
):
    body = ndjson(items(2)).encode()
    lot_id = announce(call, body).json["data"]["lote_id"]
    clock.advance(minutes=31)
    settle()
    given_up = status(call, lot_id)
    assert (given_up["estado"], given_up["ultimo_error"]) == ("vencido", "El archivo no se subió a tiempo.")

    put(gateway, issuer.nit, lot_id, body)
    deliver()
    drain()
    assert factus.documents_received == 2


OTHER_FILES = {
    "other bytes": lambda body: body[:-1] + b" ",
    "fewer": lambda body: body[:-1],
    "more": lambda body: body + b"\n",
    "none": lambda body: b"",
}


@pytest.mark.parametrize("with_checksum", [False, True])
@pytest.mark.parametrize("other", OTHER_FILES)
def test_a_file_that_is_not_the_announced_one_is_not_read_and_the_lot_says_so_until_the_announced_one_comes(
    call, deliver, drain, factus, gateway, issuer, other, with_checksum
):
    body = ndjson(items(2)).encode()
    lot_id = announce(call, body).json["data"]["lote_id"]
    wrong = OTHER_FILES[other](body)

    put(gateway, issuer.nit, lot_id, wrong, with_checksum=with_checksum)
    deliver()
    drain()

    told = status(call, lot_id)
    assert (told["estado"], told["leidos"], factus.documents_received) == ("esperando_archivo", 0, 0)
    assert "no es el anunciado: su tamaño o su SHA-256 son otros" in told["ultimo_error"]

    put(gateway, issuer.nit, lot_id, body, with_checksum=with_checksum)
    deliver()
    drain()
    assert (status(call, lot_id)["estado"], status(call, lot_id)["ultimo_error"]) == ("terminado", None)
    assert factus.documents_received == 2


def test_when_its_time_is_over_a_lot_says_that_another_file_came_than_the_announced_one(
    call, deliver, settle, clock, gateway, issuer
):
    body = ndjson(items(2)).encode()
    lot_id = announce(call, body).json["data"]["lote_id"]
    put(gateway, issuer.nit, lot_id, body + b"\n", told=False)
    clock.advance(minutes=31)

    settle()

    told = status(call, lot_id)
    assert told["estado"] == "vencido"
    assert "no es el anunciado" in told["ultimo_error"]


def test_word_of_a_file_that_is_not_there_begins_nothing(call, deliver, gateway, issuer):
    lot_id = announce(call, ndjson(items(2)).encode()).json["data"]["lote_id"]
    before = gateway.lots.lot(issuer.nit, lot_id)
    queues.to_control(queues.uploaded(file_key(before)))

    assert deliver() == []

    assert gateway.lots.lot(issuer.nit, lot_id) == before


def test_s3_may_tell_of_a_file_more_than_once(call, deliver, drain, factus, gateway, issuer):
    body = ndjson(items(9)).encode()
    lot_id = announce(call, body).json["data"]["lote_id"]
    for _ in range(3):
        put(gateway, issuer.nit, lot_id, body)
    deliver()
    put(gateway, issuer.nit, lot_id, body)
    deliver()
    drain()

    assert factus.documents_received == 9
    assert gateway.lots.lot(issuer.nit, lot_id).state is LotState.READ


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"bytes": 0}, "bytes"),
        ({"bytes": 64 * 2**20 + 1}, "bytes"),
        ({"bytes": "12"}, "bytes"),
        ({"sha256": "x"}, "sha256"),
        ({"sha256": None}, "sha256"),
        ({"subir": "si"}, "subir"),
        ({"sobra": 1}, "sobra"),
    ],
)
def test_a_file_is_announced_with_its_size_and_checksum(call, changes, field):
    announced = {"subir": True, "bytes": 10, "sha256": "a" * 64, **changes}

    assert list(call("POST", "/lotes", announced).json["errors"]) == [field]


def test_a_file_of_too_many_lines_is_read_as_far_as_a_lot_goes(
    call, deliver, drain, factus, gateway, issuer, monkeypatch
):
    monkeypatch.setattr(control, "MOST_LINES", 6)
    body = ndjson(items(9)).encode()
    lot_id = announce(call, body).json["data"]["lote_id"]
    put(gateway, issuer.nit, lot_id, body)
    deliver()
    drain()

    assert factus.documents_received == 6
    assert "primeras 6 líneas" in status(call, lot_id)["ultimo_error"]


# ── Any number of times ───────────────────────────────────────────────────────────────────────────


def test_the_same_lines_taken_by_two_workers_at_once_are_taken_once(
    call, deliver, drain, factus, gateway, issuer
):
    lot_id = call("POST", "/lotes", items(10)).json["data"]["lote_id"]
    message = {"lote": lot_id, "emisor": issuer.nit, "desde": 0}
    for _ in range(3):
        queues.to_control(message)
    deliver()
    queues.to_control(message)
    deliver()
    drain()

    assert factus.documents_received == 10
    assert status(call, lot_id)["conteo"]["repetido"] == 0


def test_a_lot_whose_message_was_lost_is_taken_up_again_by_the_schedule(
    call, deliver, drain, settle, clock, factus, gateway
):
    call("POST", "/lotes", items(3))
    queues.purge(queues.CONTROL)
    clock.advance(minutes=3)

    settle()
    deliver()
    drain()
    assert factus.documents_received == 3


def test_a_lot_waits_while_its_issuer_is_suspended(call, deliver, drain, settle, factus, gateway, issuer):
    call("POST", "/lotes", items(2))
    gateway.issuers.save(issuer.model_copy(update={"active": False}))
    deliver()
    settle()
    deliver()
    assert not factus.documents_received

    gateway.issuers.save(issuer)
    settle()
    deliver()
    drain()
    assert factus.documents_received == 2


def test_what_is_wrong_with_the_moment_is_told_on_the_lot_and_no_document_s_fault(
    call, deliver, drain, settle, clock, factus, gateway, monkeypatch
):
    lot_id = call("POST", "/lotes", items(3)).json["data"]["lote_id"]

    def without_credentials(*_: Any) -> Any:
        raise CredentialsRejected("No hay credenciales de factus para el emisor.")

    monkeypatch.setattr(wiring, "gateway", lambda: replace(gateway, provider=without_credentials))
    deliver()
    monkeypatch.setattr(wiring, "gateway", lambda: gateway)
    told = status(call, lot_id)
    assert (told["leidos"], told["ultimo_error"]) == (0, "No hay credenciales de factus para el emisor.")

    clock.advance(minutes=3)
    settle()
    deliver()
    drain()
    assert factus.documents_received == 3
    assert status(call, lot_id)["ultimo_error"] is None


# ── Straight from an ERP ──────────────────────────────────────────────────────────────────────────


def today() -> str:
    return f"cola-{(datetime.now(UTC) - timedelta(hours=5)).date()}"


@pytest.mark.reads_the_date
def test_a_document_sent_straight_is_emitted_and_listed_under_its_day(call, erp, deliver, drain, factus):
    erp(item("V-1"))
    assert deliver() == []
    drain()

    (row,) = lines(call, today())
    assert (row["estado"], row["referencia"], row["posicion"]) == ("aceptado", "V-1", None)
    assert uuid.UUID(row["mensaje"])
    assert factus.documents_received == 1
    data = status(call, today())
    assert (data["leidos"], data["terminados"], data["documentos"]) == (1, 1, None)


def test_the_trace_names_who_sent_a_document_straight_and_whose_token_posted_or_announced_its_lot(
    call, erp, deliver, gateway, issuer, token
):
    erp(item("V-1"))
    call("POST", "/lotes", [item("V-2")])
    uploaded = ndjson([item("V-3")]).encode()
    put(gateway, issuer.nit, announce(call, uploaded).json["data"]["lote_id"], uploaded)
    deliver()

    received = [gateway.records.by_reference(issuer.nit, f"V-{n}").steps[0] for n in (1, 2, 3)]
    assert [(step.what, step.by) for step in received] == [
        ("received", f"remitente {ERP.partition(':')[0]}"),
        ("received", f"token {read_bearer(token).id}"),
        ("received", f"token {read_bearer(token).id}"),
    ]


@pytest.mark.reads_the_date
def test_a_bad_document_sent_straight_is_kept_for_its_issuer_and_never_comes_back(
    call, erp, deliver, drain, factus
):
    for wrong in (
        {**item("V-2"), "lineas": []},
        "no es JSON",
        "[1]",
        {"lote": "x"},
        "\x7f",
        item("V-3", tipo="x"),
    ):
        erp(wrong)
    erp(item("V-1"))
    assert deliver() == []
    drain()

    refused = lines(call, today(), "?estado=invalido&per_page=100")
    assert len(refused) == 6
    assert {"V-2", None} <= {row["referencia"] for row in refused}
    assert all(row["error"] and row["mensaje"] for row in refused)
    assert factus.documents_received == 1


def test_a_message_of_nobody_s_fails_alone_and_stores_nothing(
    call, erp, deliver, drain, factus, everything, gateway, issuer
):
    before = everything()
    erp(item("V-1"), nit=None)
    erp(item("V-2"), nit="999999999")
    assert len(deliver()) == 2
    erp(item("V-3"))
    assert len(deliver("AROASOMEBODYELSE00000")) == 1
    assert everything() == before

    erp(item("V-4"))
    assert deliver() == []
    drain()
    assert [bill.reference for bill in factus.documents["bills"]] == ["V-4"]


@pytest.mark.reads_the_date
def test_a_message_delivered_twice_is_one_document(call, gateway, erp, drain, factus):
    erp(item("V-1"))
    (message,) = queues.received(queues.INTAKE)
    for _ in range(2):
        named("emit").handler({"Records": [as_record(message, ERP)]}, context())
        drain()

    assert factus.documents_received == 1
    assert status(call, today())["conteo"]["repetido"] == 0


@pytest.mark.reads_the_date
def test_the_same_document_sent_twice_is_one_document(call, erp, deliver, drain, factus):
    for _ in range(2):
        erp(item("V-1"))
    deliver()
    drain()

    assert factus.documents_received == 1
    assert status(call, today())["conteo"] == {
        "pendiente": 0,
        "aceptado": 1,
        "rechazado": 0,
        "fallido": 0,
        "invalido": 0,
        "repetido": 1,
    }


# ── Between issuers ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.reads_the_date
def test_anothers_lot_is_not_found_nor_moved(call, deliver, gateway, factus, issuer):
    other = enrol(gateway, factus, "800197268")
    bearer = access.grant(gateway, other.nit, name="Otro", email="")[1]
    lot_id = call("POST", "/lotes", items(2)).json["data"]["lote_id"]

    assert call("GET", f"/lotes/{lot_id}", bearer=bearer).status == 404
    assert call("GET", f"/lotes/{today()}", bearer=bearer).status == 404
    before = gateway.lots.lot(issuer.nit, lot_id)
    for forged in ({"emisor": other.nit, "desde": 0}, {"emisor": issuer.nit, "desde": 25}):
        control.obey(gateway, gateway.control.message(json.dumps({"lote": lot_id, **forged})), lots.asked)
    assert gateway.lots.lot(issuer.nit, lot_id) == before


def test_nobody_posts_or_reads_lots_without_a_token(call):
    assert call("POST", "/lotes", items(1), bearer=None).status == 401
    assert call("GET", f"/lotes/{uuid.uuid4()}", bearer=None).status == 401
