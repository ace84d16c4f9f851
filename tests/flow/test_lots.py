"""A lot and the refusals of its lines are one: a death, a race or a rule of a later day never mixes two lots."""

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

import botocore.client
import pytest

from cauce.domain.document import Kind
from cauce.domain.lot import Lot, LotLine, LotState, Refusal
from cauce.intake.lots import id_of
from tests.documents import item
from tests.flow.conftest import FACTUS_KINDS

KEY = "LOTE-1"
# What a POST writes of a lot; that its token was used is written beside it.
_WRITES = {"PutItem", "PutObject", "SendMessage"}


class Died(BaseException):
    """What a power cut is to a handler."""


WRONG = {**item("V-2"), "lineas": []}
FIRST = [item("V-1"), WRONG, item("V-3")]
MENDED = [item("V-1"), item("V-2"), item("V-3")]


@contextmanager
def at_each_write(does: Callable[[int, str], None]) -> Iterator[None]:
    """Call ``does(n, "before" | "after")`` around the n-th write of a lot."""
    call_aws = botocore.client.BaseClient._make_api_call
    writes = 0

    def watched(client: Any, operation: str, arguments: Any) -> Any:
        nonlocal writes
        if operation not in _WRITES:
            return call_aws(client, operation, arguments)
        writes += 1
        at = writes
        does(at, "before")
        answer = call_aws(client, operation, arguments)
        does(at, "after")
        return answer

    with patch.object(botocore.client.BaseClient, "_make_api_call", watched):
        yield


def killed(call: Any, lines: list[Any], write: int, when: str) -> bool:
    """Post a lot and die at its n-th write; whether there was such a write."""

    def die(at: int, moment: str) -> None:
        if (at, moment) == (write, when):
            raise Died

    with at_each_write(die):
        try:
            call("POST", "/lotes", lines, Idempotency_Key=KEY)
        except Died:
            return True
    return False


@pytest.fixture
def finish(deliver: Any, drain: Any, settle: Any, clock: Any) -> Callable[[], None]:
    """Let the schedule and the queues do whatever is left to do."""

    def run() -> None:
        for _ in range(2):
            clock.advance(minutes=3)
            settle()
            deliver()
            drain()

    return run


def references(factus: Any) -> list[str]:
    return sorted(bill.reference for bill in factus.documents["bills"])


def states(call: Any, lot_id: str) -> list[str]:
    rows = call("GET", f"/lotes/{lot_id}?per_page=100").json["documentos"]
    return [row["estado"] for row in sorted(rows, key=lambda row: row["posicion"])]


def each_death() -> list[tuple[int, str]]:
    """The lot's file, the lot, the refusal of its second line, the message that has it read."""
    return [(write, when) for write in (1, 2, 3, 4) for when in ("before", "after")]


def test_a_lot_of_three_lines_one_of_them_refused_is_four_writes(call: Any) -> None:
    assert killed(call, FIRST, 4, "after")
    assert not killed(call, [item("V-9"), WRONG, item("V-8")], 5, "before")


@pytest.mark.parametrize(("write", "when"), each_death())
def test_a_lot_whose_post_died_at_any_write_is_the_same_lot_when_it_is_posted_again(
    call: Any, finish: Any, factus: Any, write: int, when: str
) -> None:
    assert killed(call, FIRST, write, when)

    data = call("POST", "/lotes", FIRST, Idempotency_Key=KEY).json["data"]
    finish()

    assert (data["recibidos"], data["aceptados"], data["invalidos"]) == (3, 2, 1)
    assert [(each["posicion"], each["codigo"]) for each in data["errores"]] == [(2, "datos_invalidos")]
    assert states(call, data["lote_id"]) == ["aceptado", "invalido", "aceptado"]
    assert references(factus) == ["V-1", "V-3"]


@pytest.mark.parametrize(("write", "when"), each_death())
def test_a_lot_whose_post_died_at_any_write_and_comes_again_mended_is_taken_whole_or_refused_whole(
    call: Any, finish: Any, factus: Any, write: int, when: str
) -> None:
    assert killed(call, FIRST, write, when)

    again = call("POST", "/lotes", MENDED, Idempotency_Key=KEY)
    finish()

    if again.status == 202:
        assert again.json["data"]["aceptados"] == 3
        assert states(call, again.json["data"]["lote_id"]) == ["aceptado"] * 3
        assert references(factus) == ["V-1", "V-2", "V-3"]
    else:  # the lot was there: it goes on as it was posted
        assert (again.status, again.json["codigo"], write > 1) == (409, "referencia_en_uso", True)
        assert references(factus) == ["V-1", "V-3"]


@pytest.mark.parametrize(("first", "second"), [(FIRST, MENDED), (MENDED, FIRST)])
@pytest.mark.parametrize("overtaken", [(1, "before"), (1, "after"), (2, "after")])
def test_of_two_contents_that_race_on_one_key_one_lot_comes_into_being_as_it_was_posted(
    call: Any, finish: Any, factus: Any, first: Any, second: Any, overtaken: tuple[int, str]
) -> None:
    """The second is posted, from first to last, in the middle of the first."""
    answers: dict[str, Any] = {}

    def post_the_other(at: int, when: str) -> None:
        if (at, when) == overtaken and "second" not in answers:
            answers["second"] = None
            answers["second"] = call("POST", "/lotes", second, Idempotency_Key=KEY)

    with at_each_write(post_the_other):
        answers["first"] = call("POST", "/lotes", first, Idempotency_Key=KEY)
    finish()

    winner, loser = ("first", "second") if overtaken == (2, "after") else ("second", "first")
    content = first if winner == "first" else second
    assert (answers[winner].status, answers[loser].status) == (202, 409)
    assert answers[loser].json["codigo"] == "referencia_en_uso"
    data = answers[winner].json["data"]
    assert data["aceptados"] == (3 if content is MENDED else 2)
    assert states(call, data["lote_id"]) == [
        "aceptado",
        "aceptado" if content is MENDED else "invalido",
        "aceptado",
    ]
    assert references(factus) == (["V-1", "V-2", "V-3"] if content is MENDED else ["V-1", "V-3"])


@pytest.mark.parametrize("overtaken", [(1, "before"), (1, "after"), (2, "after")])
def test_of_one_content_judged_twice_at_once_the_lot_s_own_refusals_are_told_to_both(
    call: Any, finish: Any, gateway: Any, issuer: Any, factus: Any, overtaken: tuple[int, str]
) -> None:
    """A rule changed between the two: by the one, the second document is refused; by the other, the third."""
    answers: dict[str, Any] = {}
    lines = [item("V-1"), {"tipo": "nota_credito"}, WRONG]
    without = issuer.model_copy(update={"providers": {Kind.SUPPORT_DOCUMENT: "factus"}})

    def post_the_other(at: int, when: str) -> None:
        if (at, when) == overtaken and "second" not in answers:
            answers["second"] = None
            gateway.issuers.save(without)
            answers["second"] = call("POST", "/lotes", lines, Idempotency_Key=KEY)
            gateway.issuers.save(issuer)

    with at_each_write(post_the_other):
        answers["first"] = call("POST", "/lotes", lines, Idempotency_Key=KEY)
    finish()

    first, second = (answers[name].json["data"] for name in ("first", "second"))
    assert first["lote_id"] == second["lote_id"]
    assert first["errores"] == second["errores"]
    rows = call("GET", f"/lotes/{first['lote_id']}?estado=invalido").json["documentos"]
    assert rows == first["errores"]
    assert len(references(factus)) == first["aceptados"]


@pytest.mark.parametrize("before", [(), FACTUS_KINDS])
def test_a_repeated_lot_answers_what_it_was_answered_though_a_rule_has_changed_since(
    call: Any, finish: Any, gateway: Any, issuer: Any, before: tuple[Kind, ...]
) -> None:
    gateway.issuers.save(issuer.model_copy(update={"providers": dict.fromkeys(before, "factus")}))
    told = call("POST", "/lotes", FIRST, Idempotency_Key=KEY).json
    after = dict.fromkeys(() if before else FACTUS_KINDS, "factus")
    gateway.issuers.save(issuer.model_copy(update={"providers": after}))

    again = call("POST", "/lotes", FIRST, Idempotency_Key=KEY)
    finish()

    assert told["data"]["invalidos"] == (1 if before else 3)
    assert (again.status, again.headers["Idempotency-Replayed"]) == (202, "true")
    assert again.json == told
    assert (
        call("POST", "/lotes", FIRST, Idempotency_Key=KEY).json["data"]["errores"] == told["data"]["errores"]
    )


def test_a_lot_from_before_its_file_held_its_refusals_answers_them_and_is_read_as_it_was(
    call: Any, finish: Any, gateway: Any, issuer: Any, factus: Any
) -> None:
    """Its refusals stand in the table alone, and in its file their places are empty."""
    posted = [json.dumps(each).encode() for each in FIRST]
    body = b"\n".join([b"", posted[0], b""])
    older = Lot(
        issuer=issuer.nit,
        lot_id=id_of(issuer, KEY),
        state=LotState.READING,
        size=len(body),
        sha256=hashlib.sha256(b"\n".join(posted)).hexdigest(),
        total=3,
        created_at=gateway.now(),
        due_at=gateway.now(),
    )
    gateway.lot_files.write(older, body)
    for place in ("000001", "000003"):
        line = LotLine(lot=older.lot_id, place=place)
        refusal = Refusal(line=line, reference=None, code="datos_invalidos", message=place, fields={})
        gateway.lots.refuse(issuer.nit, refusal)
    gateway.lots.create(older)

    again = call("POST", "/lotes", FIRST, Idempotency_Key=KEY).json["data"]
    finish()

    assert [(each["posicion"], each["error"]) for each in again["errores"]] == [(1, "000001"), (3, "000003")]
    assert states(call, older.lot_id) == ["invalido", "aceptado", "invalido"]
    assert references(factus) == ["V-1"]


def test_a_key_names_either_an_announced_file_or_documents_in_a_request(call: Any) -> None:
    body = "\n".join(json.dumps(each) for each in MENDED)
    announced = {
        "subir": True,
        "bytes": len(body),
        "sha256": hashlib.sha256(body.encode()).hexdigest(),
    }
    assert call("POST", "/lotes", announced, Idempotency_Key=KEY).status == 202

    inline = call("POST", "/lotes", body, Idempotency_Key=KEY, Content_Type="application/x-ndjson")
    shorter = call("POST", "/lotes", {**announced, "bytes": 7}, Idempotency_Key=KEY)

    assert [(each.status, each.json["codigo"]) for each in (inline, shorter)] == [
        (409, "referencia_en_uso")
    ] * 2
    assert [each.json["diferencias"] for each in (inline, shorter)] == [["subir"], ["bytes"]]
    assert {each.json["lote"]["estado"] for each in (inline, shorter)} == {"esperando_archivo"}


def test_a_refused_line_keeps_what_its_document_called_itself_whatever_that_is(
    call: Any, finish: Any
) -> None:
    strange = [{"referencia": "\ud800", "tipo": "factura"}, {"referencia": "!\n", "tipo": 1}]

    posted = call("POST", "/lotes", strange, Idempotency_Key=KEY)
    finish()
    again = call("POST", "/lotes", strange, Idempotency_Key=KEY)

    assert (posted.status, posted.json["data"]["invalidos"]) == (202, 2)
    assert again.json["data"]["errores"] == posted.json["data"]["errores"]


# The list of lots


def lot_of(issuer: Any, n: int, at: datetime, state: LotState, **facts: Any) -> Lot:
    return Lot(
        issuer=issuer.nit, lot_id=f"lote-{n}", state=state, size=9, sha256="a" * 64, created_at=at, **facts
    )


def test_the_lots_are_listed_those_being_read_and_then_the_latest_page_by_page(call, gateway, issuer) -> None:
    now = gateway.now()
    states = (LotState.READ, LotState.EXPIRED, LotState.READING, LotState.AWAITED)
    for n, state in enumerate(states):
        gateway.lots.create(
            lot_of(issuer, n, now + timedelta(minutes=n), state, total=5, position=3, blank=1)
        )

    first = call("GET", "/lotes?per_page=2").json
    rest = call("GET", f"/lotes?{urlsplit(first['links']['next']).query}").json

    assert [(row["lote_id"], row["estado"]) for row in first["data"]] == [
        ("lote-2", "en_proceso"),
        ("lote-3", "esperando_archivo"),
        ("lote-1", "vencido"),
    ]
    assert [(row["lote_id"], row["estado"], row["documentos"]) for row in rest["data"]] == [
        ("lote-0", "leido", 2)
    ]
    assert rest["links"]["next"] is None


def test_a_lot_that_was_read_goes_on_in_the_list(call, gateway, issuer) -> None:
    lot = gateway.lots.create(lot_of(issuer, 1, gateway.now(), LotState.READING))
    gateway.lots.change(lot, state=LotState.READ)

    (row,) = call("GET", "/lotes").json["data"]

    assert (row["lote_id"], row["estado"], gateway.lots.being_read(issuer.nit, 9)) == ("lote-1", "leido", 0)


@pytest.mark.parametrize("query", ["per_page=51", "cursor=nada", "estado=leido"])
def test_what_is_asked_wrongly_of_the_list_is_refused_by_name(call, query) -> None:
    answer = call("GET", f"/lotes?{query}")

    assert (answer.status, list(answer.json["errors"])) == (422, [query.partition("=")[0]])
