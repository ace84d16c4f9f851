"""What is in the table was written by every Cauce there was: each form is still read into what it means.

``stored`` has an item of each form that was ever written, literally as it stood in DynamoDB; binary values are in
base64. Who and what they name is made up. All but those that bear ``schema`` are of the first form.
"""

import base64
import json
import logging
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import boto3
import pytest
from pydantic import SecretStr

from cauce import observability
from cauce.aws import items
from cauce.aws.failures import Outages
from cauce.aws.tokens import SharedToken
from cauce.domain import life, news
from cauce.domain.access_token import AccessToken, Scope
from cauce.domain.document import Document, Kind
from cauce.domain.errors import NotFound, WrittenByNewer
from cauce.domain.event import Event, EventCode, EventPerson
from cauce.domain.issuer import Environment, Issuer, Permission, Quota, RequestLimit
from cauce.domain.lot import Lot, LotLine, LotState, Refusal, Repetition
from cauce.domain.outage import Failure, Outage
from cauce.domain.outcome import Message, Number, Origin
from cauce.domain.ranges import NumberingRange
from cauce.domain.record import Contingency, Due, State, WaitsFor
from cauce.domain.time import BOGOTA
from cauce.gateway import Gateway
from cauce.settling import looks
from tests import content, documents, stack
from tests.flow.conftest import Clock
from tests.quick_boto3 import own
from tests.settling import handed_out

STORED = Path(__file__).parent / "stored"
NIT = "901724254"
AT = datetime(2026, 11, 21, 15, tzinfo=UTC)
KEY = SecretStr("0123456789abcdef0123456789abcdef01234567")
RANGE = NumberingRange(
    provider="dian",
    kind=Kind.INVOICE,
    prefix="SETP",
    resolution="18760000001",
    start=990000000,
    end=995000000,
    next=990000002,
    valid_from=date(2026, 1, 19),
    valid_to=date(2030, 1, 19),
)


def invoice(lines: int = 1) -> Document:
    """What every stored record of an invoice asks for."""
    named = ("Repuesto motocicleta" + (f" número {n}" if n > 1 else "") for n in range(1, lines + 1))
    return Document(
        kind=Kind.INVOICE,
        reference="F-1",
        prefix="SETP",
        counterparty=content.party(),
        lines=tuple(content.line(code=f"P{n}", description=name) for n, name in enumerate(named, 1)),
    )


EVENT = Event(
    code=EventCode.RECEIPT,
    invoice_uuid="027f4e33d7e9fdee0f5e64454605d6c7c0a3c17042a36abb5708c106151f214c4b336809c3bb668c4b2233202188cc22",
    person=EventPerson(identification_type="13", identification="71234567", names="JUAN", last_names="PEREZ"),
    reference="EV-1",
)

_WHOLE = {
    "waits_for": WaitsFor.ANSWER,
    "not_before": AT + timedelta(minutes=4),
    "unproved_sends": 2,
    "line": LotLine(lot="lote-2", place="000001"),
    "former_lines": (LotLine(lot="lote-1", place="000003"),),
    "findings": (Message(text="El plazo es corto.", origin=Origin.CAUCE),),
}
# Of each stored record: its id, what it asks for, where it stands, when it is looked at next, and what else its form
# said that other forms say otherwise.
RECORDS: dict[str, tuple[str, Document | Event, State, datetime | None, dict[str, Any]]] = {
    # Its document stood under «document», and its number among those of nobody's list.
    "record-with-document": (
        "de-antes-de-los-eventos",
        invoice(),
        State.UNKNOWN,
        AT + timedelta(minutes=3),
        {"last_error": "El proveedor no respondió.", "absences": 1, "provider_ids": {"bill_id": "17"}},
    ),
    # It was told as rejected, before rule 90 was read as a doubt.
    "record-rejected-by-rule-90": (
        "rechazado-por-la-90",
        invoice(),
        State.REJECTED,
        None,
        {
            "is_doubtful_rejection": True,
            "rejections": (Message(text="Documento procesado anteriormente.", rule="90"),),
        },
    ),
    "record-of-event": (
        "un-evento",
        EVENT,
        State.ACCEPTED,
        AT + timedelta(minutes=5),
        {
            "references": ("EV-1", EVENT.identity),
            "number": Number(prefix="EV", consecutive=12),
            "range": None,
        },
    ),
    "record-of-lot": (
        "de-un-lote",
        invoice(),
        State.RECEIVED,
        AT + timedelta(hours=1),
        {"line": LotLine(lot="lote-1", place="000001"), "former_lines": (), "attempt": 0},
    ),
    # Before the ordinary invoice's own attempt was kept.
    "record-in-contingency": (
        "en-contingencia",
        invoice(),
        State.UNKNOWN,
        AT + timedelta(minutes=3),
        {
            "failure": Failure.SILENCE,
            "sent_as": 1,
            "in_contingency": True,
            "contingency": Contingency(
                since=datetime(2026, 11, 21, 10, 5, tzinfo=BOGOTA),
                ordinary_uuid="d2dda71dafaa80e8dd7cf06a1e19ffff5a07fec9197251b70301b5b1028afc70667f7894d849e6be54f010bd476c1d56",
                ordinary_issued_at=datetime(2026, 11, 21, 10, tzinfo=BOGOTA),
                ordinary_in_doubt=True,
            ),
        },
    ),
    "record-compressed": ("de-muchas-lineas", invoice(60), State.PENDING, AT + timedelta(minutes=3), {}),
    # Its totals are kept; what it waits for is not.
    "record-before-waiting": (
        "de-antes-de-esperar",
        invoice(),
        State.RECEIVED,
        AT + timedelta(minutes=2),
        {"blocked": True, "already_processed": True, "attempt": 2, "tax": Decimal(19000), "waits_for": None},
    ),
    "unmarked-record": ("sin-marca", invoice(), State.UNKNOWN, AT + timedelta(minutes=4), _WHOLE),
    # The last form in which a record was one item.
    "record-whole": ("en-un-solo-item", invoice(), State.UNKNOWN, AT + timedelta(minutes=4), _WHOLE),
    # With «record-content». Whoever changes the text that heads are compressed with cannot read it any more.
    "record-head": ("en-dos-items", invoice(), State.UNKNOWN, AT + timedelta(minutes=4), _WHOLE),
}
OTHERS = {
    "record-content",
    *("number-unlisted", "range-in-clear", "unmarked-range", "issuer-without-events", "unmarked-issuer"),
    *("token-whole", "unmarked-token", "provider-token-in-clear", "sealed-provider-token", "outage"),
    *("lot-without-blank", "lot-that-expired", "unmarked-lot", "line-refused", "line-repeated"),
}


def stored(name: str) -> items.Item:
    """A stored item as DynamoDB gives it."""
    item: items.Item = json.loads((STORED / f"{name}.json").read_text())
    if "B" in item.get("data", {}):
        item["data"] = {"B": base64.b64decode(item["data"]["B"])}
    return item


def put(*names: str, **changes: Any) -> None:
    client = boto3.client("dynamodb", region_name=stack.REGION)
    for name in names:
        client.put_item(TableName="cauce", Item={**stored(name), **changes})


def as_it_stands(item: items.Item) -> Any:
    key = {"pk": item["pk"], "sk": item["sk"]}
    return boto3.client("dynamodb", region_name=stack.REGION).get_item(TableName="cauce", Key=key)["Item"]


def test_every_stored_form_is_read_by_a_test():
    assert {path.stem for path in STORED.glob("*.json")} == OTHERS | set(RECORDS)


@pytest.mark.parametrize("name", RECORDS)
def test_a_record_of_every_older_form_is_the_record_it_means_and_is_written_in_the_form_of_now(
    gateway: Gateway, name: str
) -> None:
    document_id, content, state, looked_at, facts = RECORDS[name]
    put(name, "record-content")

    record = gateway.records.read(NIT, document_id)

    assert (record.content, record.state, record.version) == (content, state, 3)
    assert life.next_look(record) == record.due_at == looked_at
    assert {fact: getattr(record, fact) for fact in facts} == facts
    assert [step.at for step in record.steps][:1] == [AT]
    lines = 0 if isinstance(content, Event) else len(content.lines)
    assert (record.amounts.payable, record.amounts.tax) == (119000 * lines, 19000 * lines)
    saved = gateway.records.save(record)
    assert gateway.records.read(NIT, document_id) == saved
    content_at = 0 if name == "record-head" else 4
    # What held of it before there was news is told now.
    told = {"told": news.situation(record), "told_at": saved.told_at}
    assert saved == record.model_copy(update={"version": 4, "content_at": content_at, **told})
    assert as_it_stands(stored(name))["schema"] == {"N": str(items.SCHEMA)}


@pytest.mark.parametrize(
    "content_hash",
    [
        "1f7998d7a71431071a8f86cb69d4bbb5dfaecf4c8264d102d1ae785b490cac0e",
        "2:c97d06e56ab8e8885e67f8b0b14dc40443c797e4c6f1165c297754bb3456e695",
    ],
    ids=["first form", "marked"],
)
def test_a_repeated_request_is_known_by_a_hash_of_every_form(call, gateway, issuer, content_hash):
    body = documents.invoice(referencia="F-1")
    taken = call("POST", "/documentos", body).json["data"]["tracking_id"]
    record = gateway.records.read(NIT, taken)
    gateway.records.save(record.model_copy(update={"content_hash": content_hash}))

    again = call("POST", "/documentos", body)
    other = call("POST", "/documentos", documents.invoice(referencia="F-1", observaciones="otra"))

    assert (again.status, again.json["data"]["tracking_id"]) == (201, taken)
    assert other.status == 409


def test_a_record_is_found_by_a_number_that_was_claimed_before_numbers_were_listed(gateway):
    put("record-with-document", "number-unlisted")

    found = gateway.records.by_number(NIT, Kind.INVOICE, "SETP990000001")

    assert found is not None
    assert found.document_id == "de-antes-de-los-eventos"


def test_a_range_whose_technical_key_stands_in_clear_or_sealed_is_read_and_its_next_number_kept(gateway):
    put("range-in-clear", "unmarked-range")

    clear, sealed = gateway.ranges.all_with_keys(NIT)

    assert clear == RANGE.model_copy(update={"technical_key": KEY})
    assert sealed == RANGE.model_copy(update={"technical_key": KEY, "prefix": "SETS"})
    gateway.ranges.save(NIT, clear.model_copy(update={"next": 990000001}))
    assert gateway.ranges.read(NIT, RANGE.key).next == 990000002
    assert as_it_stands(stored("range-in-clear"))["schema"] == {"N": str(items.SCHEMA)}


# What was not emitted yet when the issuer of ``stored`` was written.
_LATER = {Permission.EVENTS, Permission.EQUIVALENT_DOCUMENTS, Permission.EQUIVALENT_NOTES}


def test_an_issuer_of_before_may_do_what_it_might_then(gateway):
    put("issuer-without-events", "unmarked-issuer")

    first, second = sorted(gateway.issuers.all(), key=lambda issuer: issuer.number)

    assert first == Issuer(
        nit=NIT,
        check_digit="1",
        uuid="00000000-0000-4000-8000-000000000001",
        number=1,
        name="MI EMPRESA SAS",
        providers={Kind.INVOICE: "dian"},
        settings={"dian": {"software_id": "1"}},
        permissions=frozenset(Permission) - _LATER,
        quota=Quota(limit=100),
    )
    assert second.request_limit == RequestLimit(requests=300, seconds=10)
    assert (second.extra_rates, second.senders) == ({"01": (Decimal(7),)}, {"AROAEXAMPLEOFTHEERP00"})


def test_an_access_token_of_before_there_were_scopes_and_worlds_has_those_that_there_were(gateway):
    put("token-whole", "unmarked-token")

    first, second = gateway.access_tokens.all(NIT)

    assert first == AccessToken(
        id=7, issuer=NIT, name="ERP", email="erp@correo.example", secret_hash="ab" * 32, created_at=AT
    )
    assert first.scopes == frozenset(Scope) - {Scope.ACQUIRERS, Scope.NOTIFY}
    assert (second.world, second.scopes) == (Environment.TEST, {Scope.EMIT, Scope.READ})
    assert (second.expires_at, second.last_used_at) == (AT + timedelta(days=365), AT + timedelta(days=1))


@pytest.mark.parametrize(
    "provider, name", [("factus", "provider-token-in-clear"), ("facturatech", "sealed-provider-token")]
)
def test_a_provider_token_in_clear_or_sealed_saves_a_login(gateway, clock: Clock, provider, name):
    put(name)
    shared = SharedToken(stack.table(), gateway.ranges.seals, NIT, provider, clock.seconds, clock.sleep)

    token = shared.get(lambda _: pytest.fail("it logged in"))

    assert (token.access, token.refresh) == (SecretStr("acceso-inventado"), SecretStr("refresco-inventado"))


def test_an_outage_of_one_issuer_is_told(gateway):
    put("outage")

    known = Outages(stack.table()).read("dian", NIT)

    met = AT + timedelta(minutes=1)
    assert known == {NIT: Outage(version=1, since=AT, failed_at=met, errors=2, error_at=met)}


def test_a_lot_of_before_blank_lines_were_counted_goes_on_from_where_it_was(gateway):
    put("lot-without-blank", "lot-that-expired", "unmarked-lot")

    first, second, third = (gateway.lots.lot(NIT, f"lote-{n}") for n in (1, 2, 3))

    common = {"issuer": NIT, "size": 5000, "sha256": "cd" * 32, "created_at": AT}
    reading = {
        **common,
        "state": LotState.READING,
        "kind": Kind.INVOICE,
        "total": 3,
        "position": 2,
        "offset": 3000,
        "due_at": AT + timedelta(minutes=10),
    }
    assert first == Lot(**reading, lot_id="lote-1", blank=0)
    assert second == Lot(
        **common, lot_id="lote-2", state=LotState.EXPIRED, last_error="El archivo no llegó a tiempo."
    )
    assert third == Lot(**reading, lot_id="lote-3", blank=1, file_sha256="ef" * 32, by="token 7")
    assert {lot.lot_id for lot in gateway.lots.due(AT + timedelta(hours=1), 10)} == {"lote-1", "lote-3"}
    changed = gateway.lots.change(first, position=3, offset=5000, state=LotState.READ, due_at=None)
    assert gateway.lots.lot(NIT, "lote-1") == changed


def test_the_lines_of_a_lot_of_before_are_all_told(gateway):
    put("record-of-lot", "line-refused", "line-repeated")

    rows = gateway.lots.page(NIT, "lote-1", shown_state=None, limit=10, start=None).rows

    record = gateway.records.read(NIT, "de-un-lote")
    refusal = Refusal(
        line=LotLine(lot="lote-1", place="000002"),
        reference="F-2",
        code="datos_invalidos",
        message="Falta el adquiriente.",
        fields={"adquiriente": ["Falta."]},
    )
    repetition = Repetition(line=LotLine(lot="lote-1", place="000003"), document_id="de-un-lote")
    assert sorted(rows, key=str) == sorted([record, refusal, (repetition, record)], key=str)


# Of a newer Cauce


NEWER = {"schema": {"N": str(items.SCHEMA + 1)}}


def test_what_is_written_now_says_its_form(call, gateway, issuer, everything):
    call("POST", "/documentos", documents.invoice())
    call("POST", "/lotes", [{}])
    word = Repetition(line=LotLine(lot="lote-1", place="000003"), document_id="de-un-lote")
    gateway.lots.repeat(NIT, word)

    of_data = {sk.partition("#")[0]: item for (_, sk), item in everything().items() if "data" in item}

    assert set(of_data) == {"RECORD", "CONTENT", "PROFILE", "RANGE", "TOKEN", "LOT", "LINE"}
    assert {item["schema"]["N"] for item in of_data.values()} == {str(items.SCHEMA)}


def test_a_record_that_a_newer_cauce_wrote_is_a_503_by_name_and_a_line_of_the_log(
    call, gateway, issuer, caplog, monkeypatch
):
    put("unmarked-record", **NEWER)
    observability.logger()  # the first of a process takes our records from caplog: here before the test's own
    monkeypatch.setattr(logging.getLogger("cauce"), "propagate", True)

    answer = call("GET", "/documentos/sin-marca")

    assert (answer.status, answer.json["codigo"]) == (503, "version_posterior")
    assert "desplegar" in answer.json["error"]
    assert answer.headers["Retry-After"] == "60"
    lines = [each for each in caplog.records if each.message == "written by a newer Cauce"]
    assert {(line.levelname, line.item) for line in lines} == {("ERROR", f"RECORD#{NIT}#sin-marca RECORD")}


def test_due_records_that_a_newer_cauce_wrote_give_place_to_those_behind_them(gateway, issuer, monkeypatch):
    monkeypatch.setattr(looks, "MOST_OF_A_LINE", 1)
    due_at = gateway.now() - timedelta(minutes=5)
    for minute, (name, form) in enumerate([("unmarked-record", NEWER), ("record-compressed", {})]):
        place = items.due_place(items.instant(due_at + timedelta(minutes=minute)), "dian")
        put(name, **form, provider={"S": "dian"}, open_sk={"S": place})
    unreadable = as_it_stands(stored("unmarked-record"))

    def handed() -> list[Due]:
        looks.hand_out(gateway)
        return [gateway.looks.due(each["Body"]) for each in handed_out(gateway)]

    (first,) = handed()
    assert looks.take(gateway, first).seen is looks.Seen.FAILED
    (second,) = handed()

    assert (first.document_id, second.document_id) == (
        "sin-marca",
        stored("record-compressed")["pk"]["S"].split("#")[2],
    )
    put_off = as_it_stands(unreadable)
    assert {**put_off, "open_sk": unreadable["open_sk"]} == unreadable
    assert [each.document_id for each in gateway.records.due(gateway.now() + timedelta(minutes=15))] == [
        second.document_id, "sin-marca",
    ]  # fmt: skip


def test_a_due_record_that_was_written_since_it_was_handed_out_keeps_its_place(gateway):
    put("unmarked-record", **NEWER)
    item = as_it_stands(stored("unmarked-record"))

    gateway.records.put_off(
        items.due(item)._replace(at=items.instant(AT + timedelta(days=1))), AT + timedelta(days=2)
    )
    gateway.records.put_off(Due(NIT, "borrado", "dian", items.instant(AT)), AT)

    assert as_it_stands(item) == item
    with pytest.raises(NotFound):
        gateway.records.read(NIT, "borrado")


def test_what_a_newer_cauce_wrote_is_not_written_over_and_keeps_no_other_lot_waiting(gateway):
    put("lot-without-blank", "range-in-clear", "token-whole", "issuer-without-events", **NEWER)
    put("unmarked-lot")

    for read in (
        lambda: gateway.lots.lot(NIT, "lote-1"),
        lambda: gateway.ranges.all(NIT),
        lambda: gateway.access_tokens.read(7),
        lambda: gateway.issuers.read(NIT),
    ):
        with pytest.raises(WrittenByNewer):
            read()
    assert [lot.lot_id for lot in gateway.lots.due(AT + timedelta(hours=1), 10)] == ["lote-3"]


def test_without_a_reference_what_was_taken_in_is_told_though_a_newer_cauce_wrote_it_meanwhile(
    call, gateway, issuer, everything
):
    client = boto3.client("dynamodb", region_name=stack.REGION)

    def written_by_newer(**_: Any) -> None:
        (record,) = (item for (_, sk), item in everything().items() if sk == "RECORD")
        client.put_item(TableName="cauce", Item={**record, **NEWER})

    events = own("sqs").meta.events
    events.register_last("before-send", written_by_newer)
    try:
        taken = call("POST", "/documentos", documents.invoice())
    finally:
        events.unregister("before-send", written_by_newer)

    assert (taken.status, taken.json["data"]["estado"]) == (201, "pendiente")
    (record,) = (item for (_, sk), item in everything().items() if sk == "RECORD")
    assert record["schema"] == NEWER["schema"]


def test_a_head_alone_is_a_row_of_the_list(call, gateway, issuer):
    put("record-head")

    (row,) = call("GET", "/documentos").json["data"]

    assert (row["tracking_id"], row["referencia"], row["estado"]) == ("en-dos-items", "F-1", "pendiente")
    assert row["adquirente"]["documento"] == invoice().counterparty.identification


def test_a_record_that_a_newer_cauce_wrote_does_not_close_the_list_to_the_others(call, gateway, issuer):
    put("unmarked-record", **NEWER)
    put("record-of-lot")

    answer = call("GET", "/documentos")

    assert (answer.status, [each["tracking_id"] for each in answer.json["data"]]) == (200, ["de-un-lote"])
