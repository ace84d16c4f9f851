"""Ranges as the providers tell them: what is new, changed or gone, and that ours never goes back."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import SecretStr

from cauce import wiring
from cauce.contracts.v1 import contract
from cauce.domain.document import Kind
from cauce.domain.errors import CredentialsRejected, NotSent, NumberingUnavailable, OutcomeUnknown
from cauce.domain.ranges import NumberingRange
from cauce.domain.time import bogota
from cauce.numbering.sync import SyncReport, sync_all, sync_ranges
from cauce.providers.base import NumberedBy, Verb
from tests.documents import invoice
from tests.flow.conftest import context, enrol, make_known
from tests.flow.handlers import named
from tests.quick_boto3 import own
from tests.records import noted
from tests.simulators.factus import FactusSimulator
from tests.unit.contracts.examples import a_record

KEY = "fc8eac422eba16e22ffd8c6f94b3f40a6e38162c"


def a_range(prefix: str = "SETP", **changes: Any) -> NumberingRange:
    facts = {
        "provider": "otro", "kind": Kind.INVOICE, "prefix": prefix, "resolution": "18760000777", "start": 1,
        "end": 1000, "valid_from": date(2026, 1, 1), "valid_to": date(2099, 1, 1),
    }  # fmt: skip
    return NumberingRange(**{**facts, **changes})


class Told:
    """A provider that tells whatever ranges a test puts in it, or fails."""

    def __init__(self, *found: NumberingRange, numbered_by: NumberedBy = NumberedBy.GATEWAY):
        self.found = list(found)
        self.trouble: Exception | None = None
        self.capabilities: Any = SimpleNamespace(verbs=frozenset({Verb.RANGES}), numbered_by=numbered_by)

    def ranges(self) -> list[NumberingRange]:
        if self.trouble:
            raise self.trouble
        return list(self.found)


@pytest.fixture
def told() -> Told:
    return Told(a_range())


@pytest.fixture
def both(gateway, issuer, told, monkeypatch) -> Any:
    """The issuer with a second provider, «otro», for its debit notes; its gateway."""
    ours = gateway.provider
    made = replace(gateway, provider=lambda who, name: told if name == "otro" else ours(who, name))
    make_known(monkeypatch, "otro", told)
    monkeypatch.setattr(wiring, "gateway", lambda: made)
    gateway.issuers.save(
        issuer.model_copy(update={"providers": {**issuer.providers, Kind.DEBIT_NOTE: "otro"}})
    )
    return made


def sync(both: Any, issuer: Any) -> SyncReport:
    return sync_ranges(both, issuer, "otro")


def kept(both: Any, issuer: Any) -> dict[str, NumberingRange]:
    return {r.prefix: r for r in both.ranges.all_with_keys(issuer.nit) if r.provider == "otro"}


def test_a_first_sync_finds_every_range_new_and_a_second_changes_nothing(both, issuer, told, everything):
    told.found = [a_range("A"), a_range("B", technical_key=SecretStr(KEY)), a_range("C", kind=None, next=7)]

    first = sync(both, issuer)
    after = everything()
    second = sync(both, issuer)

    assert [r.prefix for r in first.new] == ["A", "B", "C"]
    assert (second.new, second.changed, second.vanished) == ([], [], [])
    assert len(second.unchanged) == 3
    assert everything() == after


@pytest.mark.parametrize("prefix", ["SETP\r\nX-Evil: 1", "Ñ", "A" * 21, "../"])
def test_a_range_whose_prefix_no_number_can_begin_with_is_none_and_the_others_are_kept(
    both, issuer, told, prefix
):
    """A number is part of file names and headers."""
    told.found = [a_range(prefix), a_range("B")]

    report = sync(both, issuer)

    assert [r.prefix for r in report.new] == ["B"]
    assert list(kept(both, issuer)) == ["B"]


def test_a_range_we_number_starts_at_its_start_and_one_the_provider_numbers_is_its_own_count(
    both, issuer, told
):
    sync(both, issuer)
    assert kept(both, issuer)["SETP"].next == 1

    told.capabilities.numbered_by = NumberedBy.PROVIDER
    told.found = [a_range("B")]
    sync(both, issuer)
    assert kept(both, issuer)["B"].next is None


@pytest.mark.parametrize("theirs, expected", [(None, 50), (1, 50), (49, 50), (50, 50), (51, 51), (900, 900)])
def test_the_next_number_is_never_lowered(both, issuer, told, theirs, expected):
    told.found = [a_range(next=50)]
    sync(both, issuer)

    told.found = [a_range(next=theirs, end=2000)]
    sync(both, issuer)

    assert kept(both, issuer)["SETP"].next == expected
    assert kept(both, issuer)["SETP"].end == 2000


def test_a_number_taken_while_a_sync_is_under_way_is_not_given_again(both, issuer, told):
    sync(both, issuer)
    stale = kept(both, issuer)["SETP"]
    both.ranges.save(issuer.nit, stale.model_copy(update={"next": 10}))  # nine were taken meanwhile

    both.ranges.save(issuer.nit, stale.model_copy(update={"end": 5000}))  # what the sync had read

    assert (kept(both, issuer)["SETP"].next, kept(both, issuer)["SETP"].end) == (10, 5000)


class Died(BaseException):
    """The process was killed: nothing in it goes on."""


@contextmanager
def dying(both: Any, at: int, when: str) -> Iterator[list[str]]:
    """Meanwhile whoever writes to the table dies before its Nth write, or after it; the writes begun so far."""
    events, writes = own("dynamodb").meta.events, []

    def die(step: str) -> None:
        if step == when and len(writes) == at:
            raise Died

    def before(model: Any, **_: Any) -> None:
        if model.name == "UpdateItem":
            writes.append(model.name)
            die("before")

    def after(model: Any, **_: Any) -> None:
        if model.name == "UpdateItem":
            die("after")

    events.register_first("before-call.dynamodb", before)
    events.register_first("after-call.dynamodb", after)
    try:
        yield writes
    finally:
        events.unregister("before-call.dynamodb", before)
        events.unregister("after-call.dynamodb", after)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("at", [1, 2])
@pytest.mark.parametrize("stored", [None, 5, 700], ids=["new", "behind", "ahead"])
def test_whoever_dies_while_a_range_is_written_leaves_it_whole_as_it_was_or_as_it_is(
    both, issuer, stored, at, when
):
    """A range without its next number would say that it has none left, and stop the issuer."""
    written = a_range(end=2000, next=50, technical_key=SecretStr(KEY))
    before = stored and written.model_copy(update={"end": 1000, "next": stored, "technical_key": None})
    if before:
        both.ranges.save(issuer.nit, before)
    now = written.model_copy(update={"next": max(50, stored or 0)})

    with dying(both, at, when) as writes, suppress(Died):
        both.ranges.save(issuer.nit, written)

    found = kept(both, issuer).get("SETP")
    assert found in (before, now), (found, writes)
    both.ranges.save(issuer.nit, written)
    assert kept(both, issuer)["SETP"] == now


@pytest.mark.parametrize(
    "changes",
    [{"end": 2000}, {"active": False}, {"valid_to": date(2030, 1, 1)}, {"technical_key": SecretStr(KEY)},
     {"kind": Kind.DEBIT_NOTE, "provider_type": "invoice"}, {"provider_id": "9"}],
    ids=lambda changes: next(iter(changes)),
)  # fmt: skip
def test_whatever_else_changes_is_reported_once_and_kept(both, issuer, told, changes):
    told.found = [a_range(provider_type="invoice")]
    sync(both, issuer)

    told.found = [a_range(**{"provider_type": "invoice", **changes})]
    changed, again = sync(both, issuer), sync(both, issuer)

    assert [r.prefix for r in changed.changed] == ["SETP"]
    assert (again.changed, len(again.unchanged)) == ([], 1)
    assert kept(both, issuer)["SETP"] == told.found[0].model_copy(update={"next": 1})


def test_a_technical_key_that_is_no_longer_told_is_forgotten_and_reported_once(both, issuer, told):
    told.found = [a_range(technical_key=SecretStr(KEY))]
    sync(both, issuer)

    told.found = [a_range()]
    changed, again = sync(both, issuer), sync(both, issuer)

    assert len(changed.changed) == 1
    assert (again.changed, len(again.unchanged)) == ([], 1)
    assert kept(both, issuer)["SETP"].technical_key is None


def test_a_range_that_is_gone_is_marked_kept_and_comes_back_where_it_was(both, issuer, told):
    told.found = [a_range("A", next=5), a_range("B")]
    sync(both, issuer)

    told.found = [a_range("B")]
    gone, still = sync(both, issuer), sync(both, issuer)
    assert [r.prefix for r in gone.vanished] == ["A"]
    assert (still.vanished, len(still.unchanged)) == ([], 2)
    assert (kept(both, issuer)["A"].vanished, kept(both, issuer)["A"].next) == (True, 5)

    told.found = [a_range("A", next=1), a_range("B")]
    back = sync(both, issuer)
    assert [r.prefix for r in back.changed] == ["A"]
    assert (kept(both, issuer)["A"].vanished, kept(both, issuer)["A"].next) == (False, 5)


def test_one_providers_sync_leaves_the_others_ranges_alone(both, issuer, told):
    before = {r.key: r for r in both.ranges.all(issuer.nit) if r.provider == "factus"}
    told.found = []
    sync(both, issuer)

    assert {r.key: r for r in both.ranges.all(issuer.nit) if r.provider == "factus"} == before


def test_an_answer_that_never_came_changes_nothing(both, issuer, told, everything):
    sync(both, issuer)
    before = everything()
    for trouble in (NotSent("x"), OutcomeUnknown("x"), CredentialsRejected("x")):
        told.trouble = trouble
        with pytest.raises(type(trouble)):
            sync(both, issuer)

    assert everything() == before


# Over HTTP


def test_the_trouble_of_one_provider_is_told_beside_what_the_other_brought(call, both, told, factus):
    told.trouble = CredentialsRejected("El proveedor rechazó las credenciales.")
    next(iter(factus.ranges.values())).last += 1

    answer = call("POST", "/numeraciones/sincronizar")

    assert answer.status == 200
    assert answer.json["ok"] is False
    by_name = {report["proveedor"]: report for report in answer.json["data"]}
    assert by_name["otro"]["error"] == "El proveedor rechazó las credenciales."
    assert by_name["otro"]["iguales"] == 0
    assert by_name["factus"]["error"] is None
    assert [row["prefijo"] for row in by_name["factus"]["cambiados"]] == ["SETP"]


def test_a_sync_over_http_tells_new_changed_vanished_and_how_many_are_the_same(call, factus):
    rows = list(factus.ranges.values())
    rows[0].last += 1
    del factus.ranges[rows[1].id]
    factus.ranges[999] = replace(rows[0], id=999, prefix="NUEV", resolution="18760000009")

    report = call("POST", "/numeraciones/sincronizar").json["data"][0]

    assert [row["prefijo"] for row in report["nuevos"]] == ["NUEV"]
    assert [row["prefijo"] for row in report["cambiados"]] == [rows[0].prefix]
    assert [(row["prefijo"], row["estado"]) for row in report["ausentes"]] == [(rows[1].prefix, "ausente")]
    assert report["iguales"] == len(rows) - 2
    again = call("POST", "/numeraciones/sincronizar").json["data"][0]
    assert (again["nuevos"], again["cambiados"], again["ausentes"]) == ([], [], [])


def test_ranges_are_told_with_their_state_and_never_with_their_technical_key(call, factus):
    answer = call("GET", "/numeraciones")

    found = {(row["tipo_documento"], row["prefijo"]): row for row in answer.json["data"]}
    assert found["factura", "SETP"] == {
        "proveedor": "factus",
        "tipo_documento": "factura",
        "tipo_proveedor": "21",
        "prefijo": "SETP",
        "resolucion": "18760000001",
        "desde": 990000000,
        "hasta": 995000000,
        "siguiente": 990000493,
        "disponibles": 4999508,
        "vigente_desde": "2019-01-19",
        "vigente_hasta": "2030-01-19",
        "estado": "activo",
        "aviso": None,
    }
    assert found[None, "FTP"]["tipo_documento"] is None
    assert KEY not in answer.text
    assert KEY not in call("POST", "/numeraciones/sincronizar").text


@pytest.mark.reads_the_date
def test_a_sync_flags_what_ended_or_is_about_to_whether_it_changed_or_not(call, both, told):
    today = bogota(both.now()).date()
    told.found = [
        a_range("VENC", valid_to=today - timedelta(days=1)),
        a_range("PRONTO", valid_to=today + timedelta(days=5)),
        a_range("LLENO", end=100, next=101),
        a_range("CASI", end=100, next=95),
        a_range("BIEN"),
        a_range("INAC", active=False),
    ]
    expected = {
        "VENC": "El rango está vencido.",
        "PRONTO": "El rango vence en 5 días.",
        "LLENO": "El rango está agotado.",
        "CASI": "Quedan 6 números.",
    }

    for new in (6, 0):
        answer = call("POST", "/numeraciones/sincronizar?proveedor=otro").json

        (report,) = [each for each in answer["data"] if each["proveedor"] == "otro"]
        assert len(report["nuevos"]) == new
        assert {row["prefijo"]: row["aviso"] for row in report["por_renovar"]} == expected


def test_one_provider_alone_is_synced_where_it_is_named(call, both, told, factus):
    asked = len(factus.requests)

    answer = call("POST", "/numeraciones/sincronizar?proveedor=otro")
    stranger = call("POST", "/numeraciones/sincronizar?proveedor=nadie")
    misspelt = call("POST", "/numeraciones/sincronizar?provedor=otro")

    assert [report["proveedor"] for report in answer.json["data"]] == ["otro"]
    assert len(factus.requests) == asked
    assert (stranger.status, stranger.json["codigo"]) == (422, "no_soportado")
    assert list(misspelt.json["errors"]) == ["provedor"]


def test_a_body_with_a_sync_is_not_even_read(call):
    for body in ("", "{", "x" * 1000, None):
        assert call("POST", "/numeraciones/sincronizar", body).status == 200


def test_an_issuer_whose_providers_tell_no_ranges_is_told_so(call, both, issuer, told):
    told.capabilities.verbs = frozenset()
    both.issuers.save(issuer.model_copy(update={"providers": {Kind.INVOICE: "otro"}, "settings": {}}))

    answer = call("POST", "/numeraciones/sincronizar")

    assert (answer.status, answer.json["codigo"]) == (422, "no_soportado")


# A document and its range


def test_an_expired_absent_or_second_range_is_told_before_anything_is_stored(
    call, factus, everything, gateway
):
    before = everything()
    for prefix, said in (("NADA", "sincronice"), ("FTP", "sincronice")):
        refused = call("POST", "/documentos", invoice(prefijo=prefix))
        assert (refused.status, refused.json["codigo"]) == (422, "numeracion_no_disponible")
        assert said in refused.json["errors"]["prefijo"][0]
    assert everything() == before

    row = factus.ranges[8]
    factus.ranges[999] = replace(row, id=999, prefix="OTRO", resolution="18760000009")
    call("POST", "/numeraciones/sincronizar")
    undecided = call("POST", "/documentos", invoice())
    assert undecided.json["errors"]["prefijo"][0].endswith("OTRO, SETP.")
    assert call("POST", "/documentos", invoice(prefijo="OTRO")).status == 201

    row.is_active = False
    call("POST", "/numeraciones/sincronizar")
    assert "inactivo" in call("POST", "/documentos", invoice(prefijo="SETP")).json["error"]


def test_numbers_of_ours_are_taken_in_order_and_the_last_one_is_the_last(both, issuer, told):
    told.found = [a_range(start=7, end=9)]
    sync(both, issuer)
    numbering_range = kept(both, issuer)["SETP"]

    def take(n: int) -> str:
        record = noted(a_record(
            contract.document(Kind.INVOICE, invoice()),
            issuer=issuer.nit, document_id=f"d{n}", range=numbering_range, number=None, provider="otro",
        ), "received", both.now())  # fmt: skip
        return str(both.new_records.take_in(record, numbered=True, quota=None).number)

    assert [take(n) for n in range(3)] == ["SETP7", "SETP8", "SETP9"]
    with pytest.raises(NumberingUnavailable, match="se agotó"):
        take(3)
    assert kept(both, issuer)["SETP"].left == 0


# The schedule


def test_the_schedule_brings_every_active_issuer_up_to_date_and_stops_for_none(
    gateway, issuer, factus, both, told
):
    told.trouble = NotSent("no responde")
    with FactusSimulator() as second, FactusSimulator() as third:
        enrol(gateway, second, "800197268")
        suspended = enrol(gateway, third, "800197269")
        gateway.issuers.save(suspended.model_copy(update={"active": False}))
        for simulator in (factus, second, third):
            simulator.ranges[8].last += 1
        heard = len(third.requests)

        counts = named("sync_numbering").handler({"schedule": "numbering"}, context())

        assert len(third.requests) == heard
    assert counts == {
        "issuers": 2, "new": 0, "changed": 2, "vanished": 0, "to_renew": 0, "told": 0, "certificates": 0,
        "failed": 1, "left": 0,
    }  # fmt: skip


def test_the_schedule_tells_each_range_that_changed_and_each_that_has_to_be_renewed(
    gateway, issuer, both, told, caplog
):
    told.found = [
        a_range("VIEJ", valid_to=date(2021, 1, 1)),
        a_range("LLENO", end=10, next=10),
        a_range("BIEN"),
    ]
    run = {"schedule": "numbering"}
    first = named("sync_numbering").handler(run, context())
    caplog.clear()
    told.found = [a_range("VIEJ", valid_to=date(2021, 1, 1)), a_range("LLENO", end=10, next=10)]

    counts = named("sync_numbering").handler(run, context())

    assert (first["new"], first["to_renew"]) == (3, 2)
    assert (counts["new"], counts["vanished"], counts["to_renew"]) == (0, 1, 2)
    lines = {
        (line.getMessage(), line.prefix): (line.levelname, line.warning)
        for line in caplog.records
        if line.getMessage().startswith("range ")
    }
    assert lines == {
        ("range vanished", "BIEN"): ("WARNING", "El rango está ausente."),
        ("range to_renew", "VIEJ"): ("WARNING", "El rango está vencido."),
        ("range to_renew", "LLENO"): ("WARNING", "Queda un número."),
    }


def test_issuers_that_a_run_has_no_time_for_are_counted_and_nothing_is_asked_of_their_providers(
    gateway, issuer, factus
):
    asked = len(factus.requests)

    counts = named("sync_numbering").handler({"schedule": "numbering"}, context(seconds=30.0))

    assert (counts["issuers"], counts["left"]) == (0, 1)
    assert len(factus.requests) == asked


def test_no_issuer_is_always_the_last_one(gateway, issuer, monkeypatch):
    for nit in ("1", "2", "3"):
        gateway.issuers.save(issuer.model_copy(update={"nit": nit}))
    orders = set()
    for _ in range(30):
        seen: list[str] = []
        monkeypatch.setattr(
            "cauce.numbering.sync.sync_all", lambda _gateway, who, seen=seen: seen.append(who.nit) or []
        )
        named("sync_numbering").handler({"schedule": "numbering"}, context())
        orders.add(seen[-1])

    assert len(orders) > 1


def test_an_issuer_without_credentials_is_counted_and_the_others_go_on(gateway, issuer):
    gateway.issuers.save(issuer.model_copy(update={"nit": "1", "name": "SIN CREDENCIALES"}))

    counts = named("sync_numbering").handler({"schedule": "numbering"}, context())

    assert (counts["issuers"], counts["failed"]) == (2, 1)


def test_a_provider_that_does_not_exist_is_reported(gateway, issuer):
    lost = issuer.model_copy(update={"providers": {Kind.INVOICE: "nadie"}, "settings": {}})

    reports = sync_all(gateway, lost)

    assert [(report.provider, bool(report.error)) for report in reports] == [("nadie", True)]
