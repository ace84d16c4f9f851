"""Documents of thousands of lines: what their records are in the table, whose items hold 400 kB."""

import json
import random

from cauce.aws import items, keys
from cauce.contracts.v1 import lots
from cauce.domain.lot import LotLine
from cauce.domain.outcome import Message
from cauce.domain.record import Record
from cauce.intake import lines as intake_lines
from tests.documents import invoice

ITEM_BYTES = 400 * 1000


def _taken_in(call, gateway, issuer, body) -> Record:
    posted = call("POST", "/documentos", body, Prefer="respond-async")
    assert posted.status in (201, 202), posted.text
    return gateway.records.read(issuer.nit, posted.json["data"]["tracking_id"])


def _of_many_lines(many: int) -> dict:
    dice = random.Random(1)
    words = ["tornillo", "arandela", "tuerca", "perno", "lámina", "ángulo", "broca", "cinta"]
    (first, *_) = invoice()["lineas"]
    lines = [
        {
            **first,
            "descripcion": f"{dice.choice(words)} {dice.randrange(10**6)}",
            "precio": dice.randrange(1, 10**5),
        }
        for _ in range(many)
    ]
    return invoice(lineas=lines)


def _size(item: items.Item) -> int:
    data = item["data"]
    return len(data["B"]) if "B" in data else len(data["S"].encode())


def test_a_record_of_2000_lines_is_kept_with_room_for_fifty_long_notices(call, gateway, issuer):
    record = _taken_in(call, gateway, issuer, _of_many_lines(2000))
    dice = random.Random(2)
    notices = tuple(
        Message(rule=f"R{n}", text="".join(chr(dice.randrange(33, 127)) for _ in range(4000)))
        for n in range(50)
    )

    grown = gateway.records.save(record.model_copy(update={"notices": notices}))

    assert len(record.document.lines) == 2000
    assert gateway.records.read(issuer.nit, record.document_id) == grown
    assert len(grown.model_dump_json(exclude_defaults=True)) > ITEM_BYTES
    assert _size(items.head_item(grown)) + _size(items.content_item(grown)) < ITEM_BYTES


def test_a_record_that_was_written_whole_and_plain_is_read(call, gateway, issuer):
    record = _taken_in(call, gateway, issuer, _of_many_lines(200))
    plain = {"S": record.model_dump_json(exclude_defaults=True, exclude={"content_at"})}

    read = items.record(
        {**items.pack(dict(keys.record(issuer.nit, record.document_id))), "data": plain}, None
    )

    assert read == record.model_copy(update={"content_at": None})


def test_what_would_not_fit_its_item_is_a_413_before_a_number_is_taken(call, everything, factus, monkeypatch):
    call("GET", "/me")
    before = everything()
    monkeypatch.setattr(items, "MOST_TAKEN_IN_BYTES", 5_000)  # no body of 256 KiB reaches the real limit

    refused = call("POST", "/documentos", _of_many_lines(1400))

    assert (refused.status, refused.json["codigo"]) == (413, "documento_demasiado_grande")
    assert "divídalo" in refused.json["error"]
    assert everything() == before
    assert factus.documents_received == 0


def test_a_correction_that_would_not_fit_is_refused_and_what_stands_stays(
    call, drain, gateway, issuer, factus, monkeypatch
):
    factus.reject_next("FAK24", "Rechazo")
    posted = call("POST", "/documentos", {**invoice(), "referencia": "C-1"}, Prefer="respond-async")
    drain()
    rejected = gateway.records.read(issuer.nit, posted.json["data"]["tracking_id"])
    monkeypatch.setattr(items, "MOST_TAKEN_IN_BYTES", 5_000)

    refused = call("POST", "/documentos", {**_of_many_lines(1400), "referencia": "C-1"})

    assert (refused.status, refused.json["codigo"]) == (413, "documento_demasiado_grande")
    assert gateway.records.read(issuer.nit, rejected.document_id) == rejected


def test_a_line_of_a_lot_that_would_not_fit_is_refused_alone(call, gateway, issuer, monkeypatch):
    monkeypatch.setattr(items, "MOST_TAKEN_IN_BYTES", 5_000)
    big = {**_of_many_lines(1400), "referencia": "L-1", "tipo": "factura"}
    small = {**invoice(), "referencia": "L-2", "tipo": "factura"}

    for n, body in enumerate((big, small), start=1):
        line = LotLine(lot="00000000-0000-4000-8000-000000000001", place=f"{n:06d}")
        intake_lines.take_in(gateway, issuer, line, lots.asked(json.dumps(body).encode()), None)

    assert gateway.records.by_reference(issuer.nit, "L-1") is None
    assert gateway.records.by_reference(issuer.nit, "L-2") is not None


def test_the_worst_body_there_may_be_is_taken_in(call, gateway, issuer):
    """256 KiB of which nothing repeats: what it keeps leaves its item room for what will be told of it."""
    dice = random.Random(3)
    letters = [chr(n) for n in range(33, 127) if chr(n) not in '"\\\\']
    (first, *_) = invoice()["lineas"]
    lines = [{**first, "descripcion": "".join(dice.choices(letters, k=280))} for _ in range(700)]
    body = invoice(lineas=lines)
    assert 250 * 1024 < len(json.dumps(body)) < 256 * 1024

    record = _taken_in(call, gateway, issuer, body)

    assert _size(items.content_item(record)) < items.MOST_TAKEN_IN_BYTES < 0.9 * ITEM_BYTES
