"""Documents of thousands of lines: what their records are in the table, whose items hold 400 kB."""

import random

from cauce.aws import items, keys
from cauce.domain.outcome import Message
from cauce.domain.record import Record
from tests.documents import invoice

ITEM_BYTES = 400 * 1000


def _taken_in(call, gateway, issuer, body) -> Record:
    posted = call("POST", "/documentos", body, Prefer="respond-async")
    assert posted.status in (201, 202), posted.text
    return gateway.store.record(issuer.nit, posted.json["data"]["tracking_id"])


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

    grown = gateway.store.save(record.model_copy(update={"notices": notices}))

    assert len(record.document.lines) == 2000
    assert gateway.store.record(issuer.nit, record.document_id) == grown
    assert len(grown.model_dump_json(exclude_defaults=True)) > ITEM_BYTES
    assert _size(items.record_item(grown)) < ITEM_BYTES


def test_a_record_that_was_written_plain_is_read(call, gateway, issuer):
    record = _taken_in(call, gateway, issuer, _of_many_lines(200))
    assert "B" in items.record_item(record)["data"]
    plain = {"S": record.model_dump_json(exclude_defaults=True)}

    read = items.value(
        {**items.pack(dict(keys.record(issuer.nit, record.document_id))), "data": plain}, Record
    )

    assert read == record
